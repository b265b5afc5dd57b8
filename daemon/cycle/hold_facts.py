"""What a transition is told of one hold: what its calendar says, what is known of the contact, and
whether it can stay where it is."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from connectors.base import Calendar, HoldEvent
from connectors.errors import AccountError
from daemon.cycle.inputs import PassInputs
from daemon.cycle.moving import displacement, wish
from daemon.cycle.renewing import renewal
from daemon.holds.cooldown import cooldown_after
from daemon.holds.draft import contact_tag, tag_in
from daemon.holds.edits import is_sealed
from daemon.holds.facts import Facts
from daemon.holds.record import CLOSED, Hold
from daemon.judging.recency import Held
from daemon.ledger.readings import FoundHold
from daemon.people.contacts import Contact
from daemon.planning.busy import Busy

_UNKNOWN = Facts(complete=False)


@dataclass(frozen=True, slots=True)
class HoldSighting:
    """A hold, and the events of its name in the calendars."""

    hold: Hold
    own: FoundHold | None
    """The one that stands where the record says."""
    copies: Sequence[FoundHold]
    """All of them."""
    adopted: bool = False
    """The ledger did not know it."""

    @classmethod
    def of(cls, hold: Hold, copies: Sequence[FoundHold], *, adopted: bool = False) -> HoldSighting:
        where = (hold.account, hold.calendar)
        own = next((copy for copy in copies if copy.calendar_key == where), None)
        return cls(hold, own, copies, adopted)

    @property
    def elsewhere(self) -> HoldEvent | None:
        """The event in another calendar, where none stands in its own."""
        return self.copies[0].event if self.copies and self.own is None else None


def facts_of(
    inputs: PassInputs,
    sighting: HoldSighting,
    taken: Busy,
    standing: Sequence[Held],
    undone: Container[str],
) -> Facts:
    """All that is known of a hold. `taken` is what is busy, `standing` every hold that counts,
    `undone` the UIDs of those that their guests undid."""
    hold = sighting.hold
    key = (hold.account, hold.calendar)
    calendar = inputs.calendars.get(key)
    if not _can_be_known(inputs, sighting, calendar):
        return _UNKNOWN
    try:
        marked = calendar is not None and _took_back(calendar, sighting)
        version = calendar.current_version() if calendar and hold.state == "creating" else None
    except AccountError:
        return _UNKNOWN
    facts = Facts(
        marked=marked,
        hides=key in inputs.hiding,
        elsewhere=sighting.elsewhere,
        rivals=_rivals(inputs, hold, undone),
        zone=inputs.config.zone,
        style=inputs.config.date_style,
    )
    contact = inputs.situation.contacts.get(hold.contact_key)
    if contact is None and not inputs.knows_everybody:
        return _UNKNOWN
    if contact is None:
        return replace(facts, removed=True)
    facts = _with_contact(replace(facts, calendar_version=version), inputs, hold, contact)
    return _with_another_place(facts, inputs, sighting, taken, standing)


def _can_be_known(inputs: PassInputs, sighting: HoldSighting, calendar: Calendar | None) -> bool:
    """Whether the calendar was read, or the user says that it is gone, and the event too."""
    hold, own = sighting.hold, sighting.own
    if not sighting.copies and hold.uid in inputs.unread:
        return False
    return calendar is not None or (hold.account in inputs.gone and own is None)


def _took_back(calendar: Calendar, sighting: HoldSighting) -> bool:
    """Whether fikad itself deleted a hold that is gone."""
    hold = sighting.hold
    return not sighting.copies and hold.state not in CLOSED and calendar.took_back(hold.uid)


def _with_contact(facts: Facts, inputs: PassInputs, hold: Hold, contact: Contact) -> Facts:
    """What is known of whom the hold is for, and how holds are kept now."""
    situation = inputs.situation
    person = situation.records.get(contact.key)
    ahead = situation.booked.get(contact.key)
    return replace(
        facts,
        called=contact.name,
        paused=contact.paused,
        last_met=situation.standings[contact.key].last_met,
        booked=ahead.start if ahead is not None and ahead.uid != hold.uid else None,
        snoozed_until=person.snoozed_until if person else None,
        cooldown=_next_cooldown(inputs, contact),
        shows_as_needed=inputs.config.holds.show_as == "auto",
        completes=inputs.config.holds.on_yes == "confirm",
        slots_known=inputs.complete,
    )


def _with_another_place(
    facts: Facts, inputs: PassInputs, sighting: HoldSighting, taken: Busy, standing: Sequence[Held]
) -> Facts:
    """Where the hold goes: as its title wishes, or because it cannot stay."""
    hold, own = sighting.hold, sighting.own
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
    dismissed = sum(
        hold.dismissed_at is not None for hold in inputs.situation.fruitless(contact.key)
    )
    return cooldown_after(dismissed + 1, contact.cadence, inputs.config.rhythm.rest)


def _rivals(inputs: PassInputs, hold: Hold, undone: Container[str]) -> tuple[HoldEvent, ...]:
    """The other holds for the same contact. One that its guests undid stands in nobody's way. One
    that was over, and written anew by a fikad that forgot, is going to be removed: no other one was
    taken back in its favour."""
    tag, tags = contact_tag(hold.contact_key), tags_of(inputs)
    over = {other.uid for other in inputs.situation.holds if other.state in CLOSED}
    return tuple(
        placed.event
        for placed in inputs.found
        if tags[placed.event.uid] == tag
        and placed.event.uid != hold.uid
        and placed.event.uid not in undone
        and not (placed.event.uid in over and is_sealed(placed.event))
    )


def tags_of(inputs: PassInputs) -> Mapping[str, str]:
    """Whose each hold is that was found, by UID: as recorded, since they may be called otherwise by
    now; else as its name tells."""
    keys = {hold.uid: hold.contact_key for hold in inputs.situation.holds}
    return {
        uid: contact_tag(keys[uid]) if uid in keys else tag_in(uid)
        for uid in (placed.event.uid for placed in inputs.found)
    }
