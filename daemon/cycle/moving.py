"""Whether a hold can stay where it is, and where it goes when it cannot.

One that stands in the calendar stays until something busy lies on it: what was proposed is not
withdrawn because an event came close, or because the notice has run out meanwhile. One that was
decided and not written yet must be open by every rule, as if it were decided now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from connectors.base import HoldDraft
from daemon.cycle.drafting import Around, drafted, open_beside
from daemon.cycle.inputs import PassInputs
from daemon.cycle.renewing import without_introduction
from daemon.holds.moments import allows
from daemon.holds.orders import read_order
from daemon.holds.record import Hold
from daemon.holds.sight import is_unedited
from daemon.judging.recency import Held
from daemon.ledger.readings import FoundHold
from daemon.planning.busy import Busy, overlaps
from daemon.planning.slots import Slot
from daemon.practice.introductions import names_anybody_else
from daemon.reasons import in_words


class Displacement(NamedTuple):
    """Why a hold cannot stay, and where it goes."""

    reason: str
    draft: HoldDraft | None = None
    """The same hold in the next best slot; None when there is none, or none is known."""
    occasion: str = ""
    slot_reason: str = ""
    """Why there."""


def displacement(
    inputs: PassInputs, hold: Hold, own: FoundHold | None, taken: Busy, standing: Sequence[Held]
) -> Displacement | None:
    """What becomes of the place of a hold that is nobody's but fikad's; None when it stays, or
    cannot be moved. `own` is the hold as found, `taken` all that is busy, `standing` every hold
    that counts. One that stays is written anew where it is when its text names somebody who is to
    be named nowhere."""
    if own is None:
        return _unwritten(inputs, hold, taken, standing) if hold.state == "creating" else None
    if (
        hold.state not in ("creating", "proposed")
        or not is_unedited(hold, own.event)
        or own.event.end <= inputs.now
    ):
        return None
    # Of two suggestions on one another only the later-named one moves, so that two fikads don't
    # chase each other.
    ignoring = {
        hold.uid,
        *inputs.mirrors(hold, own.event),
        *(other.uid for other in standing if other.state == "proposed" and other.uid > hold.uid),
    }
    if overlaps(taken, own.event.start, own.event.end, ignoring=ignoring) is None:
        return _without_names(inputs, hold, own, taken)
    reason = "Something else is at its time now."
    return (
        _elsewhere(inputs, hold, _slots(inputs, hold, taken), standing, reason)
        if inputs.complete
        else Displacement(reason)
    )


def wish(
    inputs: PassInputs, hold: Hold, own: FoundHold | None, taken: Busy, standing: Sequence[Held]
) -> Displacement | None:
    """The hold in the best slot at the time that its title names (`another time`, `tuesday`); None
    when it names none, or nothing can be known now. Where it stands is not another time."""
    if own is None or not inputs.complete:
        return None
    order = read_order(own.event.title, hold.written.title, hold.contact_name)
    if order is None or order.word != "another time":
        return None
    zone, today = inputs.config.zone, inputs.now.astimezone(inputs.config.zone).date()
    there = [
        slot
        for slot in _slots(inputs, hold, taken)
        if slot.start != own.event.start
        and allows(order.when, slot.start.astimezone(zone).date(), today)
    ]
    return _elsewhere(inputs, hold, there, standing, "")


def _unwritten(
    inputs: PassInputs, hold: Hold, taken: Busy, standing: Sequence[Held]
) -> Displacement | None:
    if not inputs.complete:
        return Displacement("It was not written yet.")
    slots = _slots(inputs, hold, taken)
    if any((slot.start, slot.end) == (hold.draft.start, hold.draft.end) for slot in slots):
        return None
    return _elsewhere(
        inputs, hold, slots, standing, "Its time was not open any more when it could be written."
    )


def _without_names(
    inputs: PassInputs, hold: Hold, own: FoundHold, taken: Busy
) -> Displacement | None:
    introduced = inputs.situation.contacts.get(hold.introduces or "")
    if introduced is None or not introduced.paused:
        return None
    if not names_anybody_else(own.event.description):
        return None  # it was written anew already
    anew = without_introduction(inputs, hold, own, taken)
    return Displacement("Its text named somebody who is paused.", anew)


def _slots(inputs: PassInputs, hold: Hold, taken: Busy) -> Sequence[Slot]:
    return open_beside(inputs, _held(hold), taken)


def _held(hold: Hold) -> Held:
    return Held(hold.contact_key, hold.start, hold.end, "proposed", hold.occasion, hold.uid)


def _elsewhere(
    inputs: PassInputs, hold: Hold, slots: Sequence[Slot], standing: Sequence[Held], reason: str
) -> Displacement:
    """The hold in the next best slot."""
    free = inputs.situation.slot_for(_held(hold), standing, slots)
    if free is None:
        return Displacement(reason)
    slot, why_there = free
    introduced = inputs.situation.contacts.get(hold.introduces or "")
    there = replace(_held(hold), start=slot.start, end=slot.end, occasion=slot.occasion)
    moved = drafted(inputs, there, Around(slots, standing), introduced)
    return Displacement(reason, moved, slot.occasion, in_words(why_there))
