"""The past once more, as if fikad had been at work under the present config: whom it would have
suggested, and when.

Week by week, at the time of planning, the same judgements look at what was known then and choose. A
calendar does not say when an event was entered, so it is assumed that you knew of a date with a
contact a week ahead (`KNOWN_AHEAD`), and of everything else when the plan was made. Nobody can say
how you would have answered: every suggestion is taken as kept (or, on request, as ignored), except
where you met that person before its time, for then it would have been taken back. So this tells
what a config asks of you and how far it could carry, not what you would have done.

Nothing is written: the holds of the replay are values that nobody keeps.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from connectors.base import Occurrence
from daemon.config.schema import Config
from daemon.holds.cooldown import cooldown_until, fruitless_in_a_row
from daemon.holds.draft import draft, hold_uid, next_attempt
from daemon.holds.transition import Hold, begin
from daemon.judging.recency import Met, standings
from daemon.people.contacts import Contact
from daemon.planning.balance import Balance
from daemon.planning.busy import TimeSpan, busy
from daemon.planning.fit import habits
from daemon.planning.planner import plan
from daemon.planning.request import PlanRequest, Proposal
from daemon.planning.slots import lookahead, openings
from daemon.situation.situation import held

KNOWN_AHEAD = timedelta(weeks=1)
"""How long before it a date with a contact is known."""
_DAY = timedelta(days=1)

Answers = Literal["kept", "ignored"]


@dataclass(frozen=True, slots=True)
class Past:
    """What really happened."""

    contacts: Sequence[Contact]
    """Those who may be suggested."""
    met: Sequence[Met]
    """Every completed one-on-one, manual entries included."""
    occurrences: Sequence[Occurrence]
    """Everything in the calendars but fikad's own holds."""
    mine: frozenset[str]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One hold of the replay."""

    asked_at: datetime
    hold: Hold
    became: Literal["kept", "taken back", "lapsed", "open"]


@dataclass(frozen=True, slots=True)
class Compared:
    """One contact over the whole time: as it was, and as it would have been."""

    contact: Contact
    dates_real: int
    dates_replayed: int
    in_touch_real: float
    """The part of the time in which the last date was no longer ago than the cadence."""
    in_touch_replayed: float
    asked: int


@dataclass(frozen=True, slots=True)
class Backtest:
    """The replay of some weeks."""

    start: datetime
    end: datetime
    suggestions: Sequence[Suggestion]
    contacts: Sequence[Compared]
    """The most changed first."""

    @property
    def a_week(self) -> float:
        """Suggestions a week."""
        return len(self.suggestions) / max((self.end - self.start) / timedelta(weeks=1), 1)

    def in_touch(self, *, replayed: bool) -> float:
        """The mean over all contacts."""
        values = [one.in_touch_replayed if replayed else one.in_touch_real for one in self.contacts]
        return sum(values) / len(values) if values else 0.0


def replay(
    config: Config, past: Past, start: datetime, end: datetime, answers: Answers = "kept"
) -> Backtest:
    """The time from `start` to `end` (aware) once more."""
    holds: list[Hold] = []
    asked: list[tuple[datetime, str]] = []
    for now in _plan_times(config, start, end):
        holds = [_answered(hold, past.met, now, answers) for hold in holds]
        for proposal in _proposals(config, past, holds, start, now):
            hold = _hold(config, proposal, past, holds, now)
            holds.append(hold)
            asked.append((now, hold.uid))
    holds = [_answered(hold, past.met, end, answers) for hold in holds]
    by_uid = {hold.uid: hold for hold in holds}
    suggestions = [Suggestion(when, by_uid[uid], _became(by_uid[uid], end)) for when, uid in asked]
    compared = [_compared(contact, past.met, suggestions, start, end) for contact in past.contacts]
    compared.sort(key=lambda one: (one.in_touch_real - one.in_touch_replayed, one.contact.name))
    return Backtest(start, end, suggestions, compared)


def in_touch(ends: Iterable[datetime], cadence: timedelta, start: datetime, end: datetime) -> float:
    """The part of [start, end) in which the last of the meetings that ended at `ends` was no longer
    ago than `cadence`."""
    covered = timedelta()
    until = start
    for met in sorted(ends):
        first, last = max(met, until), min(met + cadence, end)
        if first < last:
            covered += last - first
            until = last
    return covered / (end - start)


def _plan_times(config: Config, start: datetime, end: datetime) -> Iterator[datetime]:
    """The time of planning in each week."""
    plan_time = config.rhythm.plan
    day = start.astimezone(config.zone).date()
    day += _DAY * ((plan_time.weekday - day.weekday()) % 7)
    while True:
        moment = datetime.combine(day, plan_time.at, config.zone)
        if moment >= end:
            return
        if moment >= start:
            yield moment
        day += 7 * _DAY


def _proposals(
    config: Config, past: Past, holds: Sequence[Hold], start: datetime, now: datetime
) -> tuple[Proposal, ...]:
    """What the plan at `now` would have been."""
    zone, rhythm = config.zone, config.rhythm
    real = [one for one in past.met if one.end <= now]
    kept = [_as_met(hold) for hold in holds if hold.state == "accepted" and hold.end <= now]
    met = sorted([*real, *kept], key=lambda one: one.end)
    contacts = {contact.key: contact for contact in past.contacts}
    standing = standings(
        past.contacts,
        now=now,
        zone=zone,
        meetings=met,
        booked=[one for one in past.met if one.end > now and one.start <= now + KNOWN_AHEAD],
        held=held(holds, now),
        added=dict.fromkeys(contacts, start),
        cooldowns=_resting(config, contacts, holds, met),
    )
    spans = [TimeSpan(hold.start, hold.end) for hold in holds if hold.end > now]
    window = lookahead(rhythm, now, spans)
    unknown = {(one.start, one.end) for one in past.met if one.start > now + KNOWN_AHEAD}
    known = [one for one in past.occurrences if (one.start, one.end) not in unknown]
    found = openings(
        config.offered,
        busy(known, mine=past.mine, zone=zone, within=window),
        availability=config.availability,
        holidays=config.holidays,
        rhythm=rhythm,
        zone=zone,
        now=now,
    )
    request = PlanRequest(
        standings=standing,
        slots=found.slots,
        held=held(holds, now),
        rhythm=rhythm,
        zone=zone,
        now=now,
        habits=habits(met, zone),
        emphasis=Balance(config.circles, contacts, holds, rhythm.reach_back, now).emphasis,
        challenges=config.challenges,
        remote=config.remote,
    )
    return plan(request).proposals


def _resting(
    config: Config, contacts: Mapping[str, Contact], holds: Sequence[Hold], met: Sequence[Met]
) -> dict[str, datetime]:
    last = {one.contact_key: one.end for one in met}
    found = {}
    for key, contact in contacts.items():
        own = fruitless_in_a_row((hold for hold in holds if hold.contact_key == key), last.get(key))
        until = cooldown_until(own, contact.cadence, config.rhythm.rest)
        if until is not None:
            found[key] = until
    return found


def _hold(
    config: Config, proposal: Proposal, past: Past, holds: Sequence[Hold], now: datetime
) -> Hold:
    contact = proposal.contact
    last = max(
        (one.end for one in past.met if one.contact_key == contact.key and one.end <= now),
        default=None,
    )
    replayed = [hold for hold in holds if hold.contact_key == contact.key]
    ends = [hold.end for hold in replayed if hold.state == "accepted" and hold.end <= now]
    last = max([*ends, *([last] if last else [])], default=None)
    attempt = next_attempt(contact.key, last, [hold.uid for hold in replayed])
    written = draft(
        hold_uid(contact.key, last, attempt),
        contact,
        config.offered[proposal.occasion],
        proposal.slot.start,
        proposal.slot.end,
        zone=config.zone,
    )
    begun = begin(
        written,
        contact,
        account="",
        calendar="",
        now=now,
        occasion=proposal.occasion,
        last_met=last,
        reason=f"{proposal.reason} {proposal.slot_reason}",
    )
    return replace(begun, state="proposed", intent=None)


def _answered(hold: Hold, met: Sequence[Met], now: datetime, answers: Answers) -> Hold:
    """A hold as it is at `now`."""
    if hold.state != "proposed":
        return hold
    own = [
        one
        for one in met
        if one.contact_key == hold.contact_key and hold.created_at < one.end <= hold.start
    ]
    if any(one.start - KNOWN_AHEAD <= now for one in own):
        return replace(hold, state="withdrawn", decided_at=now)
    if hold.start <= now and answers == "kept":
        return replace(hold, state="accepted", decided_at=hold.start)
    if hold.end <= now:
        return replace(hold, state="lapsed", decided_at=hold.end)
    return hold


def _became(hold: Hold, end: datetime) -> Literal["kept", "taken back", "lapsed", "open"]:
    match hold.state:
        case "accepted":
            return "kept"
        case "withdrawn":
            return "taken back"
        case "lapsed":
            return "lapsed"
    return "open"


def _compared(
    contact: Contact,
    met: Sequence[Met],
    suggestions: Sequence[Suggestion],
    start: datetime,
    end: datetime,
) -> Compared:
    real = [one.end for one in met if one.contact_key == contact.key and one.end <= end]
    own = [one for one in suggestions if one.hold.contact_key == contact.key]
    kept = [one.hold.end for one in own if one.became == "kept" and one.hold.end <= end]
    return Compared(
        contact,
        sum(one >= start for one in real),
        sum(one >= start for one in real) + len(kept),
        in_touch(real, contact.cadence, start, end),
        in_touch([*real, *kept], contact.cadence, start, end),
        len(own),
    )


def _as_met(hold: Hold) -> Met:
    return Met(hold.contact_key, hold.start, hold.end, "hold")
