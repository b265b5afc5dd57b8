"""Why, as data, and the one place where that becomes a sentence.

A reason is made where something is decided and carried as it is, so that whoever asks can go by its
code and its values. The sentence comes last, where it is shown or written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from daemon.durations import ago, counted, every, on_day
from daemon.languages.date_style import PLAIN, DateStyle

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is so."""

    code: str
    """What others may go by; it is in the JSON."""
    values: Values = field(default_factory=dict, hash=False)
    """What the sentence tells: dates in the user's zone and their `style`, numbers, names, lengths
    of time."""
    variant: str = ""
    """Which of the sentences of a code that has several; else empty."""


def in_words(reason: Reason) -> str:
    """A reason as a sentence. Raises KeyError for one that has no words."""
    words = WORDS[reason.variant or reason.code]
    if callable(words):
        return words(reason.values)
    style = _style(reason.values)
    return words.format(**{name: _shown(value, style) for name, value in reason.values.items()})


def due(last_met: datetime | None, cadence: timedelta, now: datetime, zone: tzinfo) -> Reason:
    """Why somebody is due: how long it has been, and how long it should be."""
    return Reason("due", {"last_met": last_met, "cadence": cadence, "now": now, "zone": zone})


def _style(values: Values) -> DateStyle:
    style: DateStyle = values.get("style", PLAIN)
    return style


def _shown(value: object, style: DateStyle) -> object:
    if isinstance(value, date):
        return on_day(value, style)
    return ", ".join(map(str, value)) if isinstance(value, tuple) else value


def _due(values: Values) -> str:
    aim = f"aim to meet {every(values['cadence'])}"
    if values["last_met"] is None:
        return f"You have not met yet and {aim}."
    return f"You last met {ago(values['last_met'], values['now'], values['zone'])} and {aim}."


def _not_due(values: Values) -> str:
    why = _due(values)
    if values["day"] is None:
        return why
    return f"Due on {on_day(values['day'], _style(values))}: {why[0].lower()}{why[1:]}"


def _open(values: Values) -> str:
    are = f"{counted(values['count'], 'suggestion')} {'is' if values['count'] == 1 else 'are'} open"
    return f"{are} already, and you want at most {values['most']} at a time."


def _week(values: Values) -> str:
    return f"{_WEEKS[values['week']]} already has {counted(values['count'], 'suggestion')}."


def _unavailable(values: Values) -> str:
    days = [f"{_DAYS[weekday]}s" for weekday in values["weekdays"]]
    before = f"{', '.join(days[:-1])} and " if days[:-1] else ""
    return f"You are not available on {before}{days[-1]}."


def _taken_days(what: str) -> Callable[[Values], str]:
    return lambda values: f"{what}: {values['title']}." if values["title"] else f"{what}."


def _unread(values: Values) -> str:
    names = " and ".join(f'"{name}"' for name in values["accounts"])
    return f"Nothing is proposed while {names} cannot be read."


_WEEKS = {
    "this": "This week",
    "next": "Next week",
    "every": "Every week with an open slot",
}
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

WORDS: Mapping[str, str | Callable[[Values], str]] = {
    # why somebody is asked
    "due": _due,
    "birthday": "{name}'s birthday is on {day}.",
    "call-first": "{name} lives in another time zone and you have not met for over a year, so a"
    " call comes before anything that needs a journey.",
    "reach-back": "One suggestion in {count} goes to somebody you have not met for over a year.",
    "reach-forward": "One suggestion in {count} goes to somebody you want to get to know.",
    # why nobody asks them
    "paused": "Paused in the config.",
    "dead": "Their card in your address book has a date of death.",
    "answered-never": 'You answered "never"; `fikad snooze "{name}"` ends that.',
    "snoozed": "Snoozed until {until}.",
    "booked": "You already meet on {day}.",
    "hold": "A suggestion for {day} is open.",
    "resting": "Rests until {until}, since the last suggestion was not taken.",
    "not-due": _not_due,
    "never-open": "{what}: {advice}.",
    # why somebody who is due waits
    "no-slot": "No slot for {occasions} is open before the horizon.",
    "asleep": "{name} is asleep at every open slot for {occasions}.",
    "rhythm-off": "The config wants no suggestions ({setting} = 0).",
    "open": _open,
    "week": _week,
    "day": "Every week or day with an open slot for {occasions} has enough suggestions already.",
    "taken": "Other suggestions took the open slots for {occasions}.",
    "others-first": "Others come first; what they left for {occasions} does not go with their"
    " suggestions.",
    "they-are-busy": "{name} is busy at every slot for {occasions} that is open to you.",
    "unread": _unread,
    # why a day is closed
    "blackout": "A blackout day in the config.",
    "holiday": "A public holiday: {name}.",
    "availability": _unavailable,
    "all-day": _taken_days("Taken all day"),
    "out-of-office": _taken_days("Out of office"),
    "days": "Not a day for {occasions}.",
    "between": "You are not available for long enough at the times of day for {occasions}.",
    "notice": "Sooner than the notice you want.",
    "horizon": "Further ahead than holds are placed.",
    "busy": "Too busy for {occasions}.",
    "week-full": "Open, but the week has enough suggestions.",
    "day-full": "Open, but the day has enough suggestions.",
    "day-taken": "Open, but other suggestions are at that time.",
    "day-busy": "Open, but they are busy at those times.",
    # why this slot
    "usual-day": lambda values: f"{_DAYS[values['weekday']]} is when you usually meet.",
    "first": "It is the first slot for {occasion} that is open and within your rhythm.",
    "first-awake": "It is the first open slot for {occasion} at which {name} is awake.",
    "first-both-free": "It is the first open slot for {occasion} at which {name} is not known to be"
    " busy.",
    "first-left": "It is the first slot for {occasion} that your other suggestions leave open.",
    "usual-time": "It is the open slot for {occasion} closest to when you usually meet.",
    "apart": "It is the first good slot for {occasion} at a distance from your other suggestions.",
    "together": "Of the open slots for {occasion} it goes best with your other suggestions.",
}
"""By variant, else by code."""
