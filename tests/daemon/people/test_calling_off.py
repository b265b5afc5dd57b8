"""Titles that say that their event was called off, and titles that only have the word."""

from __future__ import annotations

import pytest

from daemon.people.calling_off import _beside_a_meeting, says_cancelled


@pytest.mark.parametrize(
    "title",
    [
        "Canceled: Coffee with Jane Doe",
        "CANCELLED : Coffee",
        "Cancelled - Coffee",
        "Cancelled – coffee",
        "Coffee - CANCELED",
        "Coffee with Jane – cancelled",
        "[Cancelled] Coffee",
        "(cancelled) coffee",
        "Coffee (cancelled)",
        "Coffee [CANCELED]",
        "Coffee: cancelled",
        "Coffee — cancelled!",
        "Cancelled",
        "❌ Cancelled: coffee",
        "Abgesagt: Kaffee mit Jana",
        "Kaffee mit Jana (abgesagt)",
        "CANCELED Lunch with Jane",
        "Lunch with Jane CANCELLED",
        "Called off: lunch",
        "Cancelled- lunch",
        "**Cancelled** lunch",
        "Cancelled lunch with Jane",
        "Cancelled 1:1",
        "Canceled coffee",
        "Lunch with Jane cancelled",
        "Abgesagt Mittagessen mit Jana",
        "Mittagessen mit Jana abgesagt",
        "CANCELLED Dentist",
        "Dentist CANCELLED",
        "Board review CANCELLED",
        "ABGESAGT Board review",
        "CANCELLED Dentist at NHS",
    ],
)
def test_the_word_at_either_end_calls_it_off(title: str) -> None:
    assert says_cancelled(title)


@pytest.mark.parametrize(
    "title",
    [
        "Cancelled flight: call Jane",
        "Cancelled lunchbox order",
        "Orders that were cancelled",
        "Lunch in the cancelled train",
        "Talk about cancelled: plans",
        "Cancellation policy: review",
        "Coffee with Jane",
        "Cancelled-check review",
        "Review cancelled orders",
        "CANCELLED ORDERS REVIEW",
        "Uncancelled: coffee",
        "Discuss (cancelled) project with Jane",
        "",
        "-",
        "Coffee - cancelled orders",
        "Dentist cancelled",
        "Review CANCELLED Orders",
        "DENTIST Cancelled",
        "DENTIST for Jane",
    ],
)
def test_the_word_elsewhere_belongs_to_the_title(title: str) -> None:
    assert not says_cancelled(title)


def test_the_words_are_learned_by_the_first_title_that_needs_them() -> None:
    says_cancelled.cache_clear()
    _beside_a_meeting.cache_clear()
    assert says_cancelled("Cancelled lunch with Jane")
