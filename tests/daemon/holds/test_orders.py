"""Orders in titles: what is one, what is none, and what only looks like one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.holds.orders import is_misspelt, read_order

WRITTEN = "Coffee with Jane Doe?"


@pytest.mark.parametrize("word", ["skip", "met", "never", "snooze"])
@pytest.mark.parametrize(
    "form",
    [
        "{}", "{}?", " {} ", "{}!", '"{}"', "`{}`", "“{}”", "Coffee with Jane Doe? {}", "Coffee with Jane Doe?{}",
        "coffee with  jane doe {}", "Coffee with Jane Doe? - {}.", "{}: Coffee with Jane Doe?",
        "{} Coffee with Jane Doe",
    ],
)  # fmt: skip
def test_an_order_stands_alone_or_beside_the_title(word: str, form: str) -> None:
    for spelt in (word, word.upper(), word.title()):
        order = read_order(form.format(spelt), WRITTEN)
        assert order is not None
        assert (order.word, order.text, order.duration) == (word, word, None)


@pytest.mark.parametrize(
    ("title", "duration"),
    [
        ("snooze 3 weeks", timedelta(weeks=3)),
        ("Snooze  for 2 Months?", timedelta(days=60)),
        ("snooze: 10 days!", timedelta(days=10)),
        ("snooze a week", timedelta(weeks=1)),
        ("Coffee with Jane Doe? snooze 1 year", timedelta(days=365)),
        ("snooze - 3 weeks", timedelta(weeks=3)),
        ("snooze 5 days Coffee with Jane Doe?", timedelta(days=5)),
    ],
)
def test_snooze_takes_a_duration(title: str, duration: timedelta) -> None:
    order = read_order(title, WRITTEN)
    assert order is not None
    assert (order.word, order.duration) == ("snooze", duration)


@pytest.mark.parametrize(
    "title",
    [
        "", "?", WRITTEN, "Coffee with Jane Doe", "Coffee with Jane Doe!", "Lunch with Jane Doe?",
        "Coffee with Jane Doeskip", "skipcoffee with Jane Doe",
        "Coffee with Jane Does? met her", "skipping", "metro", "never mind", "snooze 3 wekks", "snooze 0 days",
        "snooze 99999 years", "snooze until Friday", "snooze weekly", "Coffee with Jane Doe? maybe",
    ],
)  # fmt: skip
def test_everything_else_is_no_order(title: str) -> None:
    assert read_order(title, WRITTEN) is None


def test_a_name_that_is_an_order_is_none_until_the_user_adds_one() -> None:
    assert read_order("Skip?", "Skip?") is None
    assert read_order("Skip", "Skip?") is None
    order = read_order("Skip? never", "Skip?")
    assert order is not None
    assert order.word == "never"


def test_the_same_wish_has_the_same_text() -> None:
    texts = {
        order.text
        for title in ("snooze 3 weeks", "SNOOZE for 3 weeks!", "Coffee with Jane Doe? snooze: 3 weeks")
        if (order := read_order(title, WRITTEN))
    }
    assert texts == {"snooze 3 weeks"}


@pytest.mark.parametrize(
    "title", ["snooze 3 wekks", "Coffee with Jane Doe snooze until May", "skip this one", "never mind"]
)
def test_a_slip_of_the_pen_is_told_from_an_answer(title: str) -> None:
    assert is_misspelt(title, WRITTEN)


@pytest.mark.parametrize("title", ["Coffee with Jane Doe", "Lunch with Jane", "skip", "snooze 3 weeks", "", "🎉"])
def test_what_is_understood_is_not_misspelt(title: str) -> None:
    assert not is_misspelt(title, WRITTEN)


@given(st.text(), st.text())
def test_no_title_breaks_the_reading(title: str, written: str) -> None:
    order = read_order(title, written)
    assert order is None or not is_misspelt(title, written)
    assert read_order(written, written) is None
