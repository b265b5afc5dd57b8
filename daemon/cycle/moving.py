"""Whether a hold can stay where it is, and where it goes when it cannot.

One that stands in the calendar stays until something busy lies on it: what was proposed is not withdrawn because an
event came close, or because the notice has run out meanwhile. One that was decided and not written yet must be open by
every rule, as if it were decided now.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from connectors.base import HoldDraft
from connectors.ical.hold_text import seal
from daemon.cycle.inputs import Scene
from daemon.holds.draft import description, draft
from daemon.holds.edits import as_draft
from daemon.holds.moments import allows
from daemon.holds.orders import read_order
from daemon.holds.transition import Hold, is_untouched
from daemon.judging.recency import Held
from daemon.ledger.readings import FoundHold
from daemon.planning.busy import Busy, overlaps
from daemon.planning.planner import move
from daemon.planning.slots import Slot, openings
from daemon.practice.introductions import names_paused, spoken_in
from daemon.practice.shared_history import history


class Displacement(NamedTuple):
    """Why a hold cannot stay, and where it goes."""

    reason: str
    draft: HoldDraft | None = None
    """The same hold in the next best slot; None when there is none, or none is known."""
    occasion: str = ""
    slot_reason: str = ""
    """Why there."""


def displacement(
    scene: Scene, hold: Hold, own: FoundHold | None, taken: Busy, standing: Sequence[Held]
) -> Displacement | None:
    """What becomes of the place of a hold that is nobody's but fikad's; None when it stays, or cannot be moved. `own`
    is the hold as found, `taken` all that is busy, `standing` every hold that counts. One that stays is written anew
    where it is when its text names somebody who is to be named nowhere."""
    if own is None:
        return _unwritten(scene, hold, taken, standing) if hold.state == "creating" else None
    if hold.state not in ("creating", "proposed") or not is_untouched(hold, own.event) or own.event.end <= scene.now:
        return None
    # Of two suggestions on one another only the later-named one moves, so that two fikads don't chase each other.
    ignoring = {
        hold.uid,
        *scene.mirrors(hold, own.event),
        *(one.uid for one in standing if one.state == "proposed" and one.uid > hold.uid),
    }
    if overlaps(taken, own.event.start, own.event.end, ignoring=ignoring) is None:
        return _without_names(scene, hold, own)
    reason = "Something else is at its time now."
    return (
        _elsewhere(scene, hold, _slots(scene, hold, taken), standing, reason)
        if scene.complete
        else Displacement(reason)
    )


def wish(scene: Scene, hold: Hold, own: FoundHold | None, taken: Busy, standing: Sequence[Held]) -> Displacement | None:
    """The hold in the best slot at the time that its title names (`another time`, `tuesday`); None when it names none,
    or nothing can be known now. Where it stands is not another time."""
    order = read_order(own.event.title, hold.written.title, hold.contact_name) if own is not None else None
    if own is None or order is None or order.word != "another time" or not scene.complete:
        return None
    zone, today = scene.config.zone, scene.now.astimezone(scene.config.zone).date()
    there = [
        slot
        for slot in _slots(scene, hold, taken)
        if slot.start != own.event.start and allows(order.when, slot.start.astimezone(zone).date(), today)
    ]
    return _elsewhere(scene, hold, there, standing, "")


def _unwritten(scene: Scene, hold: Hold, taken: Busy, standing: Sequence[Held]) -> Displacement | None:
    if not scene.complete:
        return Displacement("It was not written yet.")
    slots = _slots(scene, hold, taken)
    if any((slot.start, slot.end) == (hold.draft.start, hold.draft.end) for slot in slots):
        return None
    return _elsewhere(scene, hold, slots, standing, "Its time was not open any more when it could be written.")


def _without_names(scene: Scene, hold: Hold, own: FoundHold) -> Displacement | None:
    contacts = scene.picture.contacts
    if hold.contact_key not in contacts or not names_paused(own.event.description, contacts.values()):
        return None
    found = as_draft(own.event)
    contact, writer = contacts[hold.contact_key], scene.config.writer
    told = description(contact, found.start, history(scene.picture, contact.key, writer), scene.config.zone, writer)
    anew = replace(found, description=told)
    return Displacement("Its text named somebody who is paused.", replace(anew, seal=seal(anew)), hold.occasion)


def _slots(scene: Scene, hold: Hold, taken: Busy) -> Sequence[Slot]:
    """What is open for this contact, this hold aside."""
    config = scene.config
    names = dict.fromkeys((hold.occasion, *scene.picture.contacts[hold.contact_key].occasions))
    found = openings(
        {name: config.offered[name] for name in names if name in config.offered},
        taken,
        availability=config.availability,
        holidays=config.holidays,
        rhythm=config.rhythm,
        zone=config.zone,
        now=scene.now,
        ignoring={hold.uid},
    )
    return found.slots


def _elsewhere(scene: Scene, hold: Hold, slots: Sequence[Slot], standing: Sequence[Held], reason: str) -> Displacement:
    """The hold in the next best slot."""
    config = scene.config
    contact = scene.picture.contacts[hold.contact_key]
    found = move(
        contact,
        Held(contact.key, hold.start, hold.end, "proposed", hold.occasion, hold.uid),
        slots,
        held=standing,
        rhythm=config.rhythm,
        zone=config.zone,
        now=scene.now,
        habits=scene.picture.habits(config.zone),
        challenges=config.challenges,
        remote=config.remote,
    )
    if found is None:
        return Displacement(reason)
    slot, slot_reason = found
    introduction = spoken_in(hold.draft.description, scene.picture.contacts.values())
    moved = draft(
        hold.uid,
        contact,
        config.offered[slot.occasion],
        slot.start,
        slot.end,
        zone=config.zone,
        history=replace(history(scene.picture, contact.key, config.writer), introduction=introduction),
        transparent=config.holds.show_as == "free",
        writer=config.writer,
    )
    return Displacement(reason, moved, slot.occasion, slot_reason)
