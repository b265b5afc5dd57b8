"""What a first config says of the week: what people are met for, and when it may be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from daemon.bad_value import BadValue, suggestion
from daemon.config.schema import BUILT_IN_OCCASIONS
from daemon.config.values import WEEKDAY_NAMES, TimeRange, as_written
from daemon.discovery.usual_week import UsualOccasion
from daemon.setup.typed_hours import Hours, joined, parse_hours

_WORKING_DAYS = (0, 1, 2, 3, 4)
_USUAL = "coffee"
_WORKING_HOURS: Hours = dict.fromkeys(_WORKING_DAYS, (TimeRange(9 * 60, 18 * 60),))
"""What the config's own defaults are."""
_FEW = 3
"""So many weekdays are named; with more of them it is hardly a matter of the weekday."""
_EVENING = 17 * 60
"""Minutes after midnight from which a span is apart from the day."""


@dataclass(frozen=True, slots=True)
class FirstWeek:
    """What people are met for, and when that may be."""

    occasions: tuple[UsualOccasion, ...]
    hours: Hours

    @property
    def is_default(self) -> bool:
        """Whether it is what a config says that says nothing."""
        return self.occasions == (_built_in(_USUAL),) and self.hours == _WORKING_HOURS


def proposed_occasions(usual: Sequence[UsualOccasion]) -> tuple[str, ...]:
    """The usual ones, else coffee."""
    return tuple(occasion.name for occasion in usual) or (_USUAL,)


def parse_occasions(text: str) -> tuple[str, ...]:
    """Names of built-in occasions between commas or blanks, each once. Raises BadValue."""
    words = text.lower().replace(",", " ").replace(" and ", " ").split()
    known = ", ".join(BUILT_IN_OCCASIONS)
    if not words:
        raise BadValue("is empty", f"write some of {known}")
    for word in words:
        if word not in BUILT_IN_OCCASIONS:
            hint = suggestion(word, BUILT_IN_OCCASIONS) or f"write some of {known}"
            raise BadValue(f'has "{word[:20]}" in it, which is not known', hint)
    return tuple(dict.fromkeys(words))


def offered(names: Sequence[str], usual: Sequence[UsualOccasion]) -> tuple[UsualOccasion, ...]:
    """The occasions of these names, at their usual hours where they have such."""
    known = {occasion.name: occasion for occasion in usual}
    return tuple(known.get(name) or _built_in(name) for name in names)


def proposed_hours(occasions: Sequence[UsualOccasion]) -> Hours:
    """On each weekday that is usual for some of them: from the first to the last of their hours,
    the evening apart."""
    if occasions == (_built_in(_USUAL),):
        return _WORKING_HOURS
    hours: dict[int, tuple[TimeRange, ...]] = {}
    for day in range(7):
        spans = [span for each in occasions if day in each.days for span in each.between]
        parts = defaultdict[bool, list[TimeRange]](list)
        for span in spans:
            parts[span.start_minute >= _EVENING].append(span)
        around = [
            TimeRange(
                min(span.start_minute for span in part), max(span.end_minute for span in part)
            )
            for part in parts.values()
        ]
        if around:
            hours[day] = joined(around)
    return hours


def parse_hours_for(text: str, occasions: Sequence[UsualOccasion]) -> Hours:
    """As `parse_hours`; each of the occasions must have room in them. Raises BadValue."""
    hours = parse_hours(text)
    for occasion in occasions:
        minutes = BUILT_IN_OCCASIONS[occasion.name].minutes
        if not any(
            min(span.end_minute, between.end_minute) - max(span.start_minute, between.start_minute)
            >= minutes
            for spans in hours.values()
            for span in spans
            for between in occasion.between
        ):
            between = " and ".join(str(as_written(span)) for span in occasion.between)
            raise BadValue(
                f"leaves no time for {occasion.name}",
                f"it takes {minutes} minutes between {between}",
            )
    return hours


def habit_in_words(usual: Sequence[UsualOccasion]) -> str:
    """What people are usually met for, at least one thing, as a sentence."""
    return f"You meet people mostly {', or '.join(map(_habit, usual))}."


def _built_in(name: str) -> UsualOccasion:
    occasion = BUILT_IN_OCCASIONS[name]
    begins = occasion.between[0].start_minute
    return UsualOccasion(name, _WORKING_DAYS, occasion.between, begins)


def _habit(occasion: UsualOccasion) -> str:
    """ "on Tuesday and Thursday at noon, for lunch"."""
    days = [WEEKDAY_NAMES[day].capitalize() for day in occasion.days]
    on_days = f"on {_and(days)} " if len(days) <= _FEW else ""
    return f"{on_days}{_time(occasion)}, {_purpose(occasion.name)}"


def _time(occasion: UsualOccasion) -> str:
    for name, before in (
        ("in the morning", 11 * 60 + 30),
        ("at noon", 13 * 60 + 15),
        ("in the afternoon", 17 * 60),
    ):
        if occasion.minute < before:
            return name
    return "in the evening"


def _purpose(name: str) -> str:
    return f"for a {name}" if name in ("walk", "call") else f"for {name}"


def _and(words: Sequence[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last
