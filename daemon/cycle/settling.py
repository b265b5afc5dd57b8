"""Settling: what becomes of every hold, given the calendars as they were just read."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from connectors.base import Calendar, Resource
from daemon.cycle.hold_facts import HoldSighting, facts_of, tags_of
from daemon.cycle.inputs import PassInputs, is_over
from daemon.cycle.tracing import trace_hold
from daemon.holds.draft import contact_tag
from daemon.holds.edits import as_intended
from daemon.holds.facts import CountAsMet, Create, Effect, Move, NeverAgain, Snooze, Transition
from daemon.holds.record import Adoption, Hold, adopt, named
from daemon.holds.transition import news, transition
from daemon.judging.recency import Held
from daemon.judging.rules import standing_failed, time_failed
from daemon.ledger.ledger import Ledger
from daemon.ledger.readings import FoundHold
from daemon.planning.busy import TimeSpan
from daemon.practice.introductions import with_introduction
from daemon.situation.assessing import held


class Decision(NamedTuple):
    """What becomes of one hold, not yet carried out."""

    before: Hold
    after: Transition
    calendar: Calendar | None
    found: Resource | None
    news: str
    """The word a pass tells it under, "" when there is nothing to tell."""
    adopted: bool
    """The ledger did not know it."""

    @property
    def changes_anything(self) -> bool:
        """Whether there is anything to record or to write."""
        return self.after.hold != self.before or self.after.action is not None or self.adopted


def settle(inputs: PassInputs) -> Iterator[Decision]:
    """A decision for every hold that is open, found, or unfinished; nothing for those that are over
    and gone."""
    by_uid: dict[str, list[FoundHold]] = {}
    for placed in inputs.found:
        by_uid.setdefault(placed.event.uid, []).append(placed)
    sightings = _sightings(inputs, by_uid)
    unsettled = [sighting for sighting in sightings if not _is_settled(sighting, inputs)]
    if not unsettled:
        return  # most polls: what is busy need not be known
    found = (placed.event for placed in inputs.found)
    taken = inputs.situation.busy(TimeSpan(event.start, event.end) for event in found)
    standing = held([sighting.hold for sighting in sightings], inputs.now)
    undone = _undone(inputs)
    met: dict[str, datetime] = {}
    # What is over comes first: accepted only now, it is a meeting that makes an open hold
    # pointless.
    for sighting in sorted(unsettled, key=lambda sighting: sighting.hold.end > inputs.now):
        hold, own = sighting.hold, sighting.own
        facts = facts_of(inputs, sighting, taken, standing, undone)
        facts = replace(facts, last_met=_later(facts.last_met, met.get(hold.contact_key)))
        event = own.event if own else None
        became = transition(hold, event, facts, inputs.now)
        trace_hold(hold, event, facts, became, inputs.now)
        if (sighting.adopted or hold.state != "accepted") and _was_meeting(inputs, became.hold):
            met[hold.contact_key] = max(became.hold.end, met.get(hold.contact_key, became.hold.end))
        standing = _standing_after(standing, hold, became, inputs.now)
        yield Decision(
            hold,
            became,
            inputs.calendars.get((hold.account, hold.calendar)),
            own.resource if own else None,
            news(hold, became),
            sighting.adopted,
        )


def _sightings(
    inputs: PassInputs, by_uid: Mapping[str, Sequence[FoundHold]]
) -> Sequence[HoldSighting]:
    """Every hold with where it stands: those of the ledger, then those that it did not know."""
    by = _adoption(inputs, {})
    known = []
    for hold in inputs.situation.holds:
        copies = by_uid.get(hold.uid, ())
        known.append(HoldSighting.of(named(hold, copies[0].event, by) if copies else hold, copies))
    return known + [
        HoldSighting.of(hold, by_uid[hold.uid], adopted=True) for hold in _adopted(inputs, by_uid)
    ]


def _is_settled(sighting: HoldSighting, inputs: PassInputs) -> bool:
    """Whether nothing is left to decide: over and gone, or the user's, to which nothing
    happened."""
    hold = sighting.hold
    if not sighting.copies:
        return is_over(hold, inputs.now - inputs.config.history)
    return (
        not sighting.adopted
        and hold.state == "pinned"
        and hold.intent is None
        and sighting.own is not None
        and sighting.own.event == hold.seen
    )


def _later(first: datetime | None, second: datetime | None) -> datetime | None:
    return max(filter(None, (first, second)), default=None)


def _standing_after(
    standing: list[Held], hold: Hold, became: Transition, now: datetime
) -> list[Held]:
    """The holds that count, once this one is as it became."""
    if became.hold == hold and not became.action:
        return standing
    there = became.hold
    if isinstance(became.action, Create | Move):
        there = replace(there, seen=as_intended(became.action.draft))
    return [other for other in standing if other.uid != hold.uid] + held([there], now)


def record_effect(effect: Effect | None, hold: Hold, ledger: Ledger, now: datetime) -> None:
    """Keep what an order in a title said about the contact."""
    match effect:
        case Snooze(until):
            ledger.snooze(hold.contact_key, until, now)
        case CountAsMet(at):
            ledger.add_met(hold.contact_key, at, now)
        case NeverAgain():
            ledger.never(hold.contact_key, now)


def _adopted(inputs: PassInputs, by_uid: Mapping[str, Sequence[FoundHold]]) -> Iterator[Hold]:
    """Holds in the calendars that the ledger does not know: another fikad's, or ours from a ledger
    that was lost.

    In the order of their times, since one that was accepted is the meeting on which a later one was
    decided."""
    known = {hold.uid for hold in inputs.situation.holds}
    last = {
        key: standing.last_met
        for key, standing in inputs.situation.standings.items()
        if standing.last_met
    }
    for uid, copies in sorted(by_uid.items(), key=lambda item: (item[1][0].event.end, item[0])):
        copy = copies[0]
        calendar = inputs.calendars.get((copy.account, copy.calendar))
        if uid in known or calendar is None or not (calendar.writable or inputs.complete):
            continue  # where it can only be seen, it may be another login's, who is not read yet
        hold = adopt(copy.event, copy.account, copy.calendar, _adoption(inputs, last))
        if hold is None:
            continue
        hold = with_introduction(hold, inputs.situation.contacts.values())
        if _was_meeting(inputs, hold):
            last[hold.contact_key] = max(hold.end, last.get(hold.contact_key, hold.end))
        yield hold


def _adoption(inputs: PassInputs, last_met: Mapping[str, datetime]) -> Adoption:
    return Adoption(
        contacts=inputs.situation.contacts.values(),
        now=inputs.now,
        last_met=last_met,
        transparent=inputs.config.holds.show_as == "free",
        occasions=inputs.config.offered.values(),
    )


def _was_meeting(inputs: PassInputs, hold: Hold) -> bool:
    """Whether a hold, which no judgement knows as accepted yet, will be judged a meeting."""
    contact = inputs.situation.contacts.get(hold.contact_key)
    if hold.state != "accepted" or hold.seen is None or contact is None:
        return False
    if "ATTENDEE" in hold.seen.extras or inputs.config.meetings.count_holds == "confirmed":
        own = (
            occurrence
            for occurrence in inputs.situation.occurrences
            if occurrence.hold is not None and occurrence.hold.uid == hold.uid
        )
        return inputs.situation.judge.counts(hold.uid, own, contact)
    return not (
        time_failed(hold.seen, inputs.config.meetings, inputs.now) or standing_failed(hold.seen)
    )


def _undone(inputs: PassInputs) -> Container[str]:
    """The holds that are no date any more because of their guests, those included that are only
    found accepted now."""
    contacts = {contact_tag(key): key for key in inputs.situation.contacts}
    tags = tags_of(inputs)
    invited = {
        placed.event.uid: contacts[tag]
        for placed in inputs.found
        if "ATTENDEE" in placed.event.extras and (tag := tags[placed.event.uid]) in contacts
    }
    return inputs.situation.judge.undone(inputs.situation.occurrences, invited)
