"""Spans as people say them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from daemon.spoken import ago, spoken


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (7, "1 week"),
        (42, "6 weeks"),
        (30, "1 month"),
        (90, "3 months"),
        (91, "3 months"),
        (365, "1 year"),
        (10, "10 days"),
    ],
)
def test_a_cadence_is_said_as_it_was_written(days: int, words: str) -> None:
    assert spoken(timedelta(days=days)) == words


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (0.5, "today"),
        (1, "1 day ago"),
        (13, "13 days ago"),
        (49, "7 weeks ago"),
        (200, "6 months ago"),
        (800, "2 years ago"),
    ],
)
def test_time_passed_is_rounded_to_what_people_say(days: float, words: str) -> None:
    assert ago(timedelta(days=days)) == words
