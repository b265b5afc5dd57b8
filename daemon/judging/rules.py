"""Rules 1 to 4: whether an occurrence can be a one-on-one at all, whoever it was with.

Each rule looks at one occurrence and gives the first thing that speaks against it, or nothing.
"""

from __future__ import annotations

from collections.abc import Set
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from connectors.base import HoldEvent, Occurrence
from daemon.judging.guests import AWAY, is_me, is_nobody
from daemon.people.calling_off import says_cancelled

if TYPE_CHECKING:
    from daemon.config.schema import Meetings

_KINDS = {
    "focus": "It is focus time, not a meeting.",
    "out-of-office": "It says that you are out of office.",
    "birthday": "It is a birthday, not a meeting.",
    "working-location": "It says where you work.",
    "unplaced": "Nobody knows its time zone, so nobody can tell when it took place.",
}


_YES = frozenset({"accepted", "unknown"})
"""My answers that mean that I came."""


class Failed(NamedTuple):
    """The rule that failed, as its code and as a sentence."""

    code: str
    reason: str
    nearly: bool = False
    """Only a word of the title stood in the way."""


def time_failed(
    occurrence: Occurrence | HoldEvent, rules: Meetings, now: datetime
) -> Failed | None:
    """Rule 1: timed, over, neither too short nor too long. Lengths are elapsed time, whatever the
    clocks did."""
    if occurrence.all_day:
        return Failed("all-day", "It lasts all day.")
    if occurrence.end > now:
        return Failed("not-ended", "It has not ended yet.")
    length = occurrence.end - occurrence.start
    if length < timedelta(minutes=rules.min_minutes):
        return Failed("too-short", f"It is shorter than {_count(rules.min_minutes, 'minute')}.")
    if length > timedelta(hours=rules.max_hours):
        return Failed("too-long", f"It is longer than {_count(rules.max_hours, 'hour')}.")
    return None


def standing_failed(occurrence: Occurrence | HoldEvent) -> Failed | None:
    """Rule 2, first half: not cancelled."""
    if occurrence.status == "cancelled":
        return Failed("cancelled", "It was cancelled.")
    if says_cancelled(occurrence.title):
        return Failed("cancelled", "Its title says that it was cancelled.")
    return None


def kind_failed(occurrence: Occurrence) -> Failed | None:
    """Rule 2, second half: an ordinary event."""
    if occurrence.kind == "default":
        return None
    return Failed("event-type", _KINDS.get(occurrence.kind, "It is not an ordinary event."))


def part_failed(occurrence: Occurrence, mine: Set[str], rules: Meetings) -> Failed | None:
    """Rule 3: I take part.

    An event is my own when I organize it, or when I am not listed, it has no organizer or no guests
    at all, and the calendar is not known to be somebody else's. Where a calendar tells nobody's
    answer, mine was yes."""
    part = _my_part(occurrence, mine)
    if part.answers.isdisjoint(_YES):
        failed = _said_no(part) or (None if part.own else _not_on_it(part, occurrence, mine, rules))
        if failed:
            return failed
    if part.own and occurrence.status == "tentative" and not rules.count_unanswered:
        return Failed("unanswered", "You marked it as tentative.")
    return None


class _MyPart(NamedTuple):
    """What an occurrence says of my part in it."""

    answers: set[str]
    own: bool
    """It is my own event."""
    alone: bool
    """I am not listed, and nobody else stands behind it."""


def _my_part(occurrence: Occurrence, mine: Set[str]) -> _MyPart:
    organizer, rows = occurrence.organizer, occurrence.attendees
    answers: set[str] = {row.answer for row in rows if row.takes_part and is_me(row, mine)}
    alone = not answers and (organizer is None or is_nobody(organizer) or not rows)
    foreign = bool(occurrence.owner) and occurrence.owner not in mine
    organize = organizer is not None and is_me(organizer, mine)
    return _MyPart(answers, organize or (alone and not foreign), alone)


def _said_no(part: _MyPart) -> Failed | None:
    if "declined" in part.answers:
        return Failed("declined", "You declined.")
    if "delegated" in part.answers and not part.own:
        return Failed("declined", "You sent somebody else.")
    return None


def _not_on_it(
    part: _MyPart, occurrence: Occurrence, mine: Set[str], rules: Meetings
) -> Failed | None:
    """Somebody else's event, to which I did not say yes."""
    if part.answers:
        if rules.count_unanswered:
            return None
        maybe = "tentative" in part.answers
        return Failed(
            "unanswered", "You only said maybe." if maybe else "You did not answer the invitation."
        )
    if any(is_me(row, mine) for row in occurrence.attendees):
        return Failed("not-mine", "You were only sent a copy.")
    return Failed(
        "not-mine",
        "It stands in somebody else's calendar." if part.alone else "You are not on it.",
    )


def list_failed(occurrence: Occurrence, mine: Set[str]) -> Failed | None:
    """Rule 4: the guest list can be known."""
    organizer = occurrence.organizer
    if occurrence.guests_hidden and not (organizer is not None and is_me(organizer, mine)):
        return Failed("guests-unknown", "Its guest list is hidden.")
    if occurrence.guests_omitted:
        return Failed("guests-unknown", "The calendar left guests out of the list.")
    if any(row.extra_guests > 0 and row.answer not in AWAY for row in occurrence.attendees):
        return Failed("guests-unknown", "A guest brings others along.")
    if any(
        row.kind == "group" and row.takes_part and not is_me(row, mine)
        for row in occurrence.attendees
    ):
        return Failed(
            "guests-unknown", "A group or mailing list was invited, so nobody can tell who came."
        )
    return None


def _count(number: float, unit: str) -> str:
    return f"{number:g} {unit}" if number == 1 else f"{number:g} {unit}s"
