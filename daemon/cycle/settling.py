"""Settling: what becomes of every hold, given the calendars as they were just read."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from connectors.base import Calendar, HoldEvent, Resource
from connectors.errors import AccountError
from daemon.cycle.inputs import PassInputs, is_over
from daemon.cycle.moving import displacement, wish
from daemon.cycle.renewing import renewal
from daemon.cycle.tracing import trace_hold
from daemon.holds.cooldown import cooldown_after
from daemon.holds.draft import contact_tag, tag_in
from daemon.holds.edits import as_intended, is_sealed
from daemon.holds.record import CLOSED
from daemon.holds.transition import (
    CountAsMet,
    Create,
    Effect,
    Facts,
    Hold,
    Move,
    NeverAgain,
    Snooze,
    Transition,
    adopt,
    news,
    transition,
)
from daemon.judging.recency import Held
from daemon.judging.suitability import standing_failed, time_failed
from daemon.ledger.ledger import Ledger
from daemon.ledger.readings import FoundHold
from daemon.people.contacts import Contact
from daemon.planning.busy import Busy, TimeSpan
from daemon.practice.introductions import with_introduction
from daemon.situation.situation import held


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
    spans = [
        TimeSpan(placed.event.start, placed.event.end)
        for placed in inputs.found
        if is_sealed(placed.event)
    ]
    taken = inputs.situation.busy(spans)
    by_uid: dict[str, list[FoundHold]] = {}
    for placed in inputs.found:
        by_uid.setdefault(placed.event.uid, []).append(placed)
    holds = [(hold, False) for hold in inputs.situation.holds] + [
        (hold, True) for hold in _adopted(inputs, by_uid)
    ]
    standing = held([hold for hold, _ in holds], inputs.now)
    undone = _undone(inputs)
    met: dict[str, datetime] = {}
    # What is over comes first: accepted only now, it is a meeting that makes an open hold
    # pointless.
    for hold, adopted in sorted(holds, key=lambda pair: pair[0].end > inputs.now):
        copies = by_uid.get(hold.uid, [])
        if not copies and is_over(hold, inputs.now - inputs.config.history):
            continue
        own = next(
            (
                copy
                for copy in copies
                if (copy.account, copy.calendar) == (hold.account, hold.calendar)
            ),
            None,
        )
        if (
            not adopted
            and hold.state == "pinned"
            and hold.intent is None
            and own
            and own.event == hold.seen
        ):
            continue  # nothing happened to what is the user's
        facts = _facts(inputs, hold, own, copies, taken, standing, undone)
        if last := max(filter(None, (facts.last_met, met.get(hold.contact_key))), default=None):
            facts = replace(facts, last_met=last)
        event = own.event if own else None
        became = transition(hold, event, facts, inputs.now)
        trace_hold(hold, event, facts, became, inputs.now)
        if (adopted or hold.state != "accepted") and _was_meeting(inputs, became.hold):
            met[hold.contact_key] = max(became.hold.end, met.get(hold.contact_key, became.hold.end))
        if became.hold != hold or became.action:
            there = became.hold
            if isinstance(became.action, Create | Move):
                there = replace(there, seen=as_intended(became.action.draft))
            standing = [other for other in standing if other.uid != hold.uid] + held(
                [there], inputs.now
            )
        yield Decision(
            hold,
            became,
            inputs.calendars.get((hold.account, hold.calendar)),
            own.resource if own else None,
            news(hold, became),
            adopted,
        )


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
        hold = adopt(
            copy.event,
            inputs.situation.contacts.values(),
            copy.account,
            copy.calendar,
            inputs.now,
            last_met=last,
            transparent=inputs.config.holds.show_as == "free",
            occasions=inputs.config.offered.values(),
        )
        if hold is None:
            continue
        hold = with_introduction(hold, inputs.situation.contacts.values())
        if _was_meeting(inputs, hold):
            last[hold.contact_key] = max(hold.end, last.get(hold.contact_key, hold.end))
        yield hold


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
        return any(inputs.situation.judge.counts(occurrence, contact) for occurrence in own)
    return not (
        time_failed(hold.seen, inputs.config.meetings, inputs.now) or standing_failed(hold.seen)
    )


def _facts(
    inputs: PassInputs,
    hold: Hold,
    own: FoundHold | None,
    copies: Sequence[FoundHold],
    taken: Busy,
    standing: Sequence[Held],
    undone: Container[str],
) -> Facts:
    key = (hold.account, hold.calendar)
    calendar = inputs.calendars.get(key)
    if own is None and not copies and hold.uid in inputs.unread:
        return Facts(complete=False)
    if calendar is None and not (hold.account in inputs.gone and own is None):
        return Facts(complete=False)
    situation = inputs.situation
    contact = situation.contacts.get(hold.contact_key)
    try:
        marked = (
            calendar is not None
            and not copies
            and hold.state not in CLOSED
            and calendar.took_back(hold.uid)
        )
        version = (
            calendar.current_version()
            if calendar is not None and hold.state == "creating"
            else None
        )
    except AccountError:
        return Facts(complete=False)
    if contact is None and not inputs.knows_everybody:
        return Facts(complete=False)
    if contact is None:
        return Facts(
            marked=marked,
            hides=key in inputs.hiding,
            removed=True,
            zone=inputs.config.zone,
            style=inputs.config.date_style,
            rivals=_rivals(inputs, hold, undone),
            elsewhere=_elsewhere(copies, own),
        )
    person = situation.records.get(contact.key)
    ahead = situation.booked.get(contact.key)
    facts = Facts(
        calendar_version=version,
        called=contact.name,
        marked=marked,
        hides=key in inputs.hiding,
        elsewhere=_elsewhere(copies, own),
        rivals=_rivals(inputs, hold, undone),
        paused=contact.paused,
        last_met=situation.standings[contact.key].last_met,
        booked=ahead.start if ahead is not None and ahead.uid != hold.uid else None,
        snoozed_until=person.snoozed_until if person else None,
        cooldown=_next_cooldown(inputs, contact),
        zone=inputs.config.zone,
        style=inputs.config.date_style,
        completes=inputs.config.holds.on_yes == "confirm",
        slots_known=inputs.complete,
    )
    wished = wish(inputs, hold, own, taken, standing)
    if wished is not None:
        return replace(
            facts,
            wished_draft=wished.draft,
            wished_occasion=wished.occasion,
            next_reason=wished.slot_reason,
        )
    displaced = displacement(inputs, hold, own, taken, standing)
    if displaced is None:
        return replace(facts, renewed_draft=renewal(inputs, hold, own, taken, standing))
    return replace(
        facts,
        displaced=displaced.reason,
        next_draft=displaced.draft,
        next_occasion=displaced.occasion,
        next_reason=displaced.slot_reason,
    )


def _next_cooldown(inputs: PassInputs, contact: Contact) -> timedelta:
    """For how long the contact would rest after one more dismissal."""
    dismissed = sum(hold.state == "dismissed" for hold in inputs.situation.fruitless(contact.key))
    return cooldown_after(dismissed + 1, contact.cadence, inputs.config.rhythm.rest)


def _undone(inputs: PassInputs) -> Container[str]:
    """The holds that are no date any more because of their guests, those included that are only
    found accepted now."""
    contacts = {contact_tag(key): key for key in inputs.situation.contacts}
    tags = _tags(inputs)
    invited = {
        placed.event.uid: contacts[tag]
        for placed in inputs.found
        if "ATTENDEE" in placed.event.extras and (tag := tags[placed.event.uid]) in contacts
    }
    return inputs.situation.judge.undone(inputs.situation.occurrences, invited)


def _rivals(inputs: PassInputs, hold: Hold, undone: Container[str]) -> tuple[HoldEvent, ...]:
    """The other holds for the same contact. One that its guests undid stands in nobody's way. One
    that was over, and
    written anew by a fikad that forgot, is going to be removed: no other one was taken back in its
    favour."""
    tag, tags = contact_tag(hold.contact_key), _tags(inputs)
    over = {other.uid for other in inputs.situation.holds if other.state in CLOSED}
    return tuple(
        placed.event
        for placed in inputs.found
        if tags[placed.event.uid] == tag
        and placed.event.uid != hold.uid
        and placed.event.uid not in undone
        and not (placed.event.uid in over and is_sealed(placed.event))
    )


def _tags(inputs: PassInputs) -> Mapping[str, str]:
    """Whose each hold is that was found, by UID: as recorded, since they may be called otherwise by
    now; else as its name tells."""
    keys = {hold.uid: hold.contact_key for hold in inputs.situation.holds}
    return {
        uid: contact_tag(keys[uid]) if uid in keys else tag_in(uid)
        for uid in (found.event.uid for found in inputs.found)
    }


def _elsewhere(copies: Sequence[FoundHold], own: FoundHold | None) -> HoldEvent | None:
    return copies[0].event if copies and own is None else None
