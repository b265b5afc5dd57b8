"""Weekdays and hours as people type them."""

from __future__ import annotations

import pytest

from daemon.bad_value import BadValue
from daemon.setup.typed_hours import hours_text, parse_hours


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("mon-fri 9-18, sat 10-14", "Mon-Fri 09:00-18:00; Sat 10:00-14:00"),
        ("Tue, Thu 12:00-14:00; Fri 18:00-22:00", "Tue, Thu 12:00-14:00; Fri 18:00-22:00"),
        ("weekdays 6pm-9pm", "Mon-Fri 18:00-21:00"),
        ("Tuesdays from 6-9pm", "Tue 18:00-21:00"),
        ("every day 11am-1pm", "Mon-Sun 11:00-13:00"),
        ("sat and sun 10-12 and 14-16", "Sat, Sun 10:00-12:00 and 14:00-16:00"),
        ("mon 9-12, tue 14-16, mon 12-13", "Mon 09:00-13:00; Tue 14:00-16:00"),
        ("fri to mon 18-24", "Mon, Fri-Sun 18:00-24:00"),
        ("9-17", "Mon-Fri 09:00-17:00"),
        ("Dienstag 12-14", "Tue 12:00-14:00"),
    ],
)
def test_hours_are_understood_and_shown_so_that_they_are_again(typed: str, meant: str) -> None:
    hours = parse_hours(typed)
    assert hours_text(hours) == meant
    assert parse_hours(meant) == hours


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "no hours"),
        ("mon-fri", "no hours"),
        ("mon 9-18, tue", "no hours"),
        ("mon 25-27", "no span"),
        ("mon 18-9", "no span"),
        ("mon 9:70-18", "minute"),
        ("moonday 9-18", "no weekday"),
        ("mon 9-18 !", "cannot be read"),
    ],
)
def test_what_says_no_hours_is_refused_with_the_reason(typed: str, why: str) -> None:
    with pytest.raises(BadValue, match=why):
        parse_hours(typed)
