"""The year: people by weeks, and what happened in each.

A *date* is a completed one-on-one, counted or entered by hand; it belongs to the week in which it
began. A hold belongs to the week of its own time. A week is *quiet* where all of it lay beyond the
person's cadence: that is what the year is looked at for. Weeks run from Monday to Sunday in the
user's zone. Nobody who is paused is in it."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, get_args

from daemon.holds.record import Hold, is_open
from daemon.judging.recency import Standing
from daemon.people.contacts import Contact
from daemon.planning.fit import monday
from daemon.practice.outcomes import got_a_yes
from daemon.situation.situation import Situation

Mark = Literal["date", "booked", "said_yes", "asked", "refused", "let_pass", "due", "quiet", ""]
"""What one looks for in a week, the most telling first; "": nothing."""
_WEEK = timedelta(weeks=1)
_Counted = Literal["dates", "booked", "said_yes", "asked", "refused", "let_pass"]
_COUNTED: tuple[_Counted, ...] = get_args(_Counted)


@dataclass(frozen=True, slots=True)
class PersonWeek:
    """One week with one person."""

    dates: int = 0
    """That took place."""
    booked: int = 0
    """That stand ahead: in a calendar, or by a hold that got a yes."""
    said_yes: int = 0
    """Holds that got a yes, whether or not the date took place."""
    asked: int = 0
    """Holds that stand unanswered."""
    refused: int = 0
    let_pass: int = 0
    """Holds whose time went by without an answer."""
    due: bool = False
    """They fall due in this week, or fell due in it and are since."""
    quiet: bool = False
    """For longer than their cadence they were not met, all week."""

    @property
    def mark(self) -> Mark:
        """The most telling of it."""
        if self.dates:
            return "date"
        if self.booked:
            return "booked"
        if self.said_yes:
            return "said_yes"
        if self.asked:
            return "asked"
        if self.refused:
            return "refused"
        if self.let_pass:
            return "let_pass"
        if self.due:
            return "due"
        return "quiet" if self.quiet else ""


@dataclass(frozen=True, slots=True)
class PersonYear:
    """The weeks with one person."""

    contact: Contact
    weeks: tuple[PersonWeek, ...]
    """One for each of `Year.mondays`."""

    @property
    def dates(self) -> int:
        return sum(week.dates for week in self.weeks)


@dataclass(frozen=True, slots=True)
class Year:
    """People by weeks."""

    mondays: tuple[date, ...]
    """The first day of each week, the oldest first."""
    this_week: int
    """The place of the week that is going on."""
    today: date
    """In the user's zone."""
    people: tuple[PersonYear, ...]
    """By circle in the order of the config, those without one last; the most pressing first."""


def year(situation: Situation, back: int = 51, ahead: int = 8) -> Year:
    """The weeks `back` before the one that is going on, that one, and `ahead` after it."""
    this_week = monday(situation.today)
    mondays = tuple(this_week + place * _WEEK for place in range(-back, ahead + 1))
    counts, met_on = Counter(_marks(situation)), _met_on(situation)

    def of(standing: Standing) -> PersonYear:
        key = standing.contact.key
        due = _week_of(standing.due, situation) if _is_within(standing.due, mondays) else None
        weeks = (
            PersonWeek(
                **{mark: counts[key, first, mark] for mark in _COUNTED},
                due=first == due,
                quiet=first <= this_week and _is_quiet(first, standing, met_on[key]),
            )
            for first in mondays
        )
        return PersonYear(standing.contact, tuple(weeks))

    return Year(mondays, back, situation.today, tuple(map(of, _named(situation))))


def _named(situation: Situation) -> list[Standing]:
    places = {circle: place for place, circle in enumerate(situation.config.circles)}
    return sorted(
        (each for each in situation.standings.values() if not each.contact.paused),
        key=lambda standing: places.get(standing.contact.circle, len(places)),
    )


def _marks(situation: Situation) -> Iterator[tuple[str, date, _Counted]]:
    """Whose, in which week, and what."""
    now = situation.now
    for key, start in {(met.contact_key, met.start) for met in situation.met if met.end <= now}:
        yield key, _week_of(start, situation), "dates"
    ahead = {(key, booked.start) for key, booked in situation.booked.items() if booked.end > now}
    for hold in situation.holds:
        if hold.uid in situation.undone:
            continue
        if mark := _mark_of(hold, now):
            yield hold.contact_key, _week_of(hold.start, situation), mark
        if hold.state == "accepted" and hold.end > now:
            ahead.add((hold.contact_key, hold.start))
    for key, start in ahead:
        yield key, _week_of(start, situation), "booked"


def _mark_of(hold: Hold, now: datetime) -> _Counted | None:
    """None: fikad took it back itself."""
    if got_a_yes(hold):
        return "said_yes"
    if is_open(hold, now):
        return "asked"
    if hold.state == "dismissed":
        return "refused"
    return "let_pass" if hold.state in ("lapsed", "pinned") else None


def _met_on(situation: Situation) -> dict[str, list[date]]:
    """The days on which meetings with each contact ended, in order."""
    days = defaultdict[str, list[date]](list)
    for met in sorted(situation.met, key=lambda met: met.end):
        days[met.contact_key].append(met.end.astimezone(situation.config.zone).date())
    return days


def _is_quiet(first: date, standing: Standing, met_on: Sequence[date]) -> bool:
    """Whether all of a week was beyond the cadence; of somebody never met, after they fell due."""
    before = bisect_left(met_on, first)
    if met_on[before:] and met_on[before] < first + _WEEK:
        return False
    if not before:
        return standing.last_met is None and standing.due.date() < first
    return first - met_on[before - 1] > standing.contact.cadence


def _week_of(moment: datetime, situation: Situation) -> date:
    return monday(moment.astimezone(situation.config.zone).date())


def _is_within(moment: datetime, mondays: Sequence[date]) -> bool:
    """Whether it may lie in these weeks: the end of time lies in nobody's zone."""
    return mondays[0] - _WEEK < moment.date() < mondays[-1] + 2 * _WEEK
