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

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from connectors.base import Occurrence
from daemon.config.schema import Config
from daemon.holds.draft import HoldPlan, Wording, draft, hold_uid, next_attempt
from daemon.holds.record import Grounds, Hold, begin
from daemon.judging.recency import Met
from daemon.ledger.decisions import ContactRecord
from daemon.ledger.ledger import Ledger
from daemon.people.contacts import Contact
from daemon.planning.busy import blocks
from daemon.planning.request import Proposal
from daemon.planning.slots import lookahead
from daemon.practice.outcomes import NONE, Outcomes, outcomes
from daemon.situation.assessing import assess, read_situation
from daemon.situation.known import Known
from daemon.situation.past import ToldMeetings
from daemon.situation.situation import Situation
from daemon.situation.verdicts import Judge, Judged

KNOWN_AHEAD = timedelta(weeks=1)
"""How long before it a date with a contact is known."""
_DAY = timedelta(days=1)
_WIDER = _DAY
"""So much later than looked at a date may end in another zone."""

Answers = Literal["kept", "ignored"]


@dataclass(frozen=True, slots=True)
class Past:
    """What really happened."""

    contacts: Sequence[Contact]
    """Those who may be suggested."""
    met: Sequence[Met]
    """Every completed one-on-one, manual entries included."""
    occurrences: Sequence[Occurrence]
    """All that takes time, but fikad's own holds."""
    judge: Judge
    outcomes: Callable[[datetime], Outcomes] = lambda since: NONE
    """What really became of the holds made since then."""


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
    outcomes: Outcomes = NONE
    """What really became of the holds that fikad made in this time."""

    @property
    def replayed_outcomes(self) -> Outcomes:
        """What would have become of those of the replay."""
        kept = [each for each in self.suggestions if each.became == "kept"]
        ahead = sum(each.hold.end > self.end for each in kept)
        asked = sum(each.became != "taken back" for each in self.suggestions)
        return Outcomes(asked, len(kept), len(kept) - ahead, ahead)

    @property
    def a_week(self) -> float:
        """Suggestions a week."""
        return len(self.suggestions) / max((self.end - self.start) / timedelta(weeks=1), 1)

    def in_touch(self, *, replayed: bool) -> float:
        """The mean over all contacts."""
        values = [
            contact.in_touch_replayed if replayed else contact.in_touch_real
            for contact in self.contacts
        ]
        return sum(values) / len(values) if values else 0.0


def read_past(config: Config, ledger: Ledger, start: datetime, now: datetime) -> Past:
    """What the ledger knows of the past from `start` on, and of all meetings; paused people are
    left out."""
    situation = read_situation(config, ledger, now)
    mine, counted = situation.mine, situation.counted
    occurrences = ledger.occurrences(
        lookahead(config.rhythm, start).start - _WIDER,
        now + config.rhythm.horizon + timedelta(days=30),
        lambda occurrence: occurrence.hold is None and blocks(occurrence, mine),
    )
    return Past(
        [contact for contact in situation.contacts.values() if not contact.paused],
        sorted((met for met in situation.met if met.end <= now), key=lambda met: met.end),
        occurrences,
        situation.judge,
        lambda since: outcomes(situation.holds, counted, since, now),
    )


def replay(
    config: Config, past: Past, start: datetime, end: datetime, answers: Answers = "kept"
) -> Backtest:
    """The time from `start` to `end` (aware) once more."""
    holds: list[Hold] = []
    asked: list[tuple[datetime, str]] = []
    for now in _plan_times(config, start, end):
        holds = [_answered(hold, past.met, now, answers) for hold in holds]
        situation = assess(config, _known(past, holds, start, now), now)
        for proposal in situation.plan.proposals:
            hold = _hold(situation, proposal, holds)
            holds.append(hold)
            asked.append((now, hold.uid))
    holds = [_answered(hold, past.met, end, answers) for hold in holds]
    by_uid = {hold.uid: hold for hold in holds}
    suggestions = [Suggestion(when, by_uid[uid], _became(by_uid[uid], end)) for when, uid in asked]
    compared = [_compared(contact, past.met, suggestions, start, end) for contact in past.contacts]
    compared.sort(
        key=lambda person: (person.in_touch_real - person.in_touch_replayed, person.contact.name)
    )
    return Backtest(start, end, suggestions, compared, past.outcomes(start))


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


def _known(past: Past, holds: Sequence[Hold], start: datetime, now: datetime) -> Known:
    """What would have been known at `now`, the holds of the replay included."""
    horizon = now + KNOWN_AHEAD
    kept = [_as_met(hold) for hold in holds if hold.state == "accepted" and hold.end <= now]
    ahead = [met for met in past.met if met.end > now and met.start <= horizon]
    unknown = {(met.start, met.end) for met in past.met if met.start > horizon}
    return Known(
        contacts={contact.key: contact for contact in past.contacts},
        judge=replace(past.judge, now=now),
        judged=Judged("", None, now),
        occurrences=[
            occurrence
            for occurrence in past.occurrences
            if (occurrence.start, occurrence.end) not in unknown
        ],
        past=ToldMeetings([*(met for met in past.met if met.end <= now), *kept]),
        booked={
            met.contact_key: met for met in sorted(ahead, key=lambda met: met.start, reverse=True)
        },
        records={contact.key: ContactRecord(added=start) for contact in past.contacts},
        holds=holds,
    )


def _hold(situation: Situation, proposal: Proposal, holds: Sequence[Hold]) -> Hold:
    """The record of a hold as if it had been written; `holds` are all those of the replay so
    far."""
    contact, config = proposal.contact, situation.config
    last = situation.standings[contact.key].last_met
    taken = [hold.uid for hold in holds if hold.contact_key == contact.key]
    written = draft(
        HoldPlan(
            hold_uid(contact.key, last, next_attempt(contact.key, last, taken)),
            contact,
            config.offered[proposal.occasion],
            proposal.slot.start,
            proposal.slot.end,
        ),
        Wording(zone=config.zone),
    )
    begun = begin(
        written,
        contact,
        account="",
        calendar="",
        now=situation.now,
        grounds=Grounds(
            occasion=proposal.occasion,
            last_met=last,
            reason=f"{proposal.reason} {proposal.slot_reason}",
        ),
    )
    return replace(begun, state="proposed", intent=None)


def _answered(hold: Hold, met: Sequence[Met], now: datetime, answers: Answers) -> Hold:
    """A hold as it is at `now`."""
    if hold.state != "proposed":
        return hold
    own = [
        meeting
        for meeting in met
        if meeting.contact_key == hold.contact_key and hold.created_at < meeting.end <= hold.start
    ]
    if any(meeting.start - KNOWN_AHEAD <= now for meeting in own):
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
    real = [
        meeting.end for meeting in met if meeting.contact_key == contact.key and meeting.end <= end
    ]
    own = [suggestion for suggestion in suggestions if suggestion.hold.contact_key == contact.key]
    kept = [
        suggestion.hold.end
        for suggestion in own
        if suggestion.became == "kept" and suggestion.hold.end <= end
    ]
    return Compared(
        contact,
        sum(ended >= start for ended in real),
        sum(ended >= start for ended in real) + len(kept),
        in_touch(real, contact.cadence, start, end),
        in_touch([*real, *kept], contact.cadence, start, end),
        len(own),
    )


def _as_met(hold: Hold) -> Met:
    return Met(hold.contact_key, hold.start, hold.end, "hold")
