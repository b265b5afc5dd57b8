"""A reason is data until it is shown; every one has words."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from daemon.languages.date_style import DateStyle
from daemon.reasons import WORDS, Reason, due, in_words

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DUE = due(NOW - timedelta(weeks=7), timedelta(weeks=6), NOW, UTC).values
VALUES = {
    **DUE,
    "accounts": ("home", "work"),
    "advice": "widen [availability]",
    "count": 1,
    "day": date(2026, 12, 1),
    "most": 3,
    "name": "Jane",
    "occasion": "coffee",
    "occasions": ("coffee", "lunch"),
    "setting": "open",
    "title": "Offsite {x}",
    "until": date(2026, 12, 1),
    "week": "next",
    "weekday": 2,
    "weekdays": (5, 6),
    "what": "You are never available",
}


@pytest.mark.parametrize("words", WORDS)
def test_every_reason_makes_a_whole_sentence(words: str) -> None:
    told = in_words(Reason("any", VALUES, variant=words))
    assert told[0].isupper() or told[0].isdigit()
    assert told.endswith(".")
    assert "{x}" not in told or "Offsite {x}." in told


def test_values_are_said_as_people_say_them() -> None:
    assert in_words(Reason("snoozed", VALUES)) == "Snoozed until Tue 1 Dec 2026."
    assert in_words(Reason("days", VALUES)) == "Not a day for coffee, lunch."
    assert in_words(Reason("usual-day", VALUES)) == "Wednesday is when you usually meet."
    weekend = "You are not available on Saturdays and Sundays."
    assert in_words(Reason("availability", VALUES)) == weekend
    assert in_words(Reason("week", VALUES)) == "Next week already has 1 suggestion."
    assert in_words(Reason("open", VALUES)) == (
        "1 suggestion is open already, and you want at most 3 at a time."
    )
    assert in_words(Reason("not-due", VALUES)) == (
        "Due on Tue 1 Dec 2026: you last met 7 weeks ago and aim to meet every 6 weeks."
    )
    assert in_words(Reason("not-due", {**VALUES, "day": None})) == (
        "You last met 7 weeks ago and aim to meet every 6 weeks."
    )


def test_dates_are_written_as_in_the_user_s_country() -> None:
    dated = {**VALUES, "style": DateStyle(month_first=True)}
    assert in_words(Reason("snoozed", dated)) == "Snoozed until Tue Dec 1, 2026."
    assert in_words(Reason("not-due", dated)).startswith("Due on Tue Dec 1, 2026: ")


def test_a_variant_changes_the_words_and_not_the_code() -> None:
    answered = Reason("paused", {"name": "Jane"}, variant="answered-never")
    assert answered.code == "paused"
    assert in_words(answered) == 'You answered "never"; `fikad snooze "Jane"` ends that.'


def test_a_reason_without_words_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        in_words(Reason("unheard of"))
