"""Which times an ask may offer somebody: those of the hold ahead, or what is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from daemon.holds.ask import Invitation
from daemon.judging.recency import Held
from daemon.people.contacts import Contact
from daemon.planning.slots import Slot
from daemon.situation.situation import Situation

Offer = tuple[str, tuple[Slot, ...]]
"""An occasion and its slots, the one that is asked for first; "" and none where nothing is open."""
NOTHING: Offer = ("", ())


def for_the_hold(situation: Situation, contact: Contact) -> Offer:
    """The time of the hold ahead, and others."""
    hold = situation.hold_ahead(contact.key)
    if hold is None or hold.occasion not in situation.config.offered:
        return NOTHING
    held = Held(contact.key, hold.start, hold.end, "proposed", hold.occasion, hold.uid)
    slots = situation.open_for_move(held, situation.busy()).slots
    others = situation.other_times(held, situation.held, slots)
    return hold.occasion, (Slot(hold.occasion, hold.start, hold.end), *others)


def of_open_slots(situation: Situation, contact: Contact, slots: Sequence[Slot]) -> Offer:
    """Those of `slots` that suit best, for the first of the contact's occasions that has any."""
    config, now = situation.config, situation.now
    one_more = config.ask.model_copy(update={"other_times": config.ask.other_times + 1})
    there = replace(situation, config=config.model_copy(update={"ask": one_more}))
    for occasion in contact.occasions:
        placeless = Held(contact.key, now, now, "proposed", occasion)
        best = there.other_times(placeless, there.held, slots)
        if best:
            return occasion, best
    return NOTHING


def invitation(situation: Situation, contact: Contact, offer: Offer) -> Invitation:
    """What somebody is asked to; without a time where nothing is offered."""
    occasion, slots = offer
    occasion = occasion or contact.occasions[0]
    offered = situation.config.offered[occasion]
    starts = tuple(slot.start for slot in slots)
    return Invitation(
        contact,
        occasion,
        starts[0] if starts else None,
        starts[1:],
        offered.place or "",
        offered.remote,
    )
