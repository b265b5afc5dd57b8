"""Holds that are looked at again where they stand: whether the times they offer are still open,
whether they show as free as they should, and whether a birthday came near or is over.

That is done when new holds are planned, to a hold that nobody touched, and at most once a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from connectors.base import HoldDraft, HoldEvent
from connectors.ical.hold_text import seal
from connectors.sanitize import sanitize
from daemon.cycle.drafting import Around, asking, open_beside, shows_free
from daemon.cycle.inputs import PassInputs
from daemon.holds.ask import Message
from daemon.holds.draft import birthday_line, description, tells_birthday, title
from daemon.holds.edits import as_draft
from daemon.holds.record import Hold, may_be_renewed
from daemon.holds.sight import is_unedited
from daemon.judging.recency import Held
from daemon.ledger.readings import FoundHold
from daemon.people.contacts import Contact
from daemon.planning.busy import Busy
from daemon.planning.slots import Slot
from daemon.practice.introductions import introduction
from daemon.practice.shared_history import history


def renewal(
    inputs: PassInputs, hold: Hold, own: FoundHold | None, taken: Busy, standing: Sequence[Held]
) -> HoldDraft | None:
    """An untouched hold as it should be written anew where it is; None when it can stay, or is not
    to be looked at now. Times that it offers and that still are open stay."""
    if own is None or not _is_looked_at(inputs, hold, own.event):
        return None
    held = held_at(inputs, hold, own.event)
    if not held.occasion:
        return None
    around = Around(open_beside(inputs, held, taken), [*standing, *inputs.to_be_held])
    message, free = _message(inputs, held, own.event, around), shows_free(inputs, held, around)
    if (
        sanitize(message.text) in own.event.description
        and free == own.event.transparent
        and _tells_birthday_rightly(inputs, held, own.event)
    ):
        return None
    introduced = inputs.situation.contacts.get(hold.introduces or "")
    return _written(inputs, own.event, held, message, introduced, free)


def _is_looked_at(inputs: PassInputs, hold: Hold, found: HoldEvent) -> bool:
    """Whether a hold is untouched and ahead, and it is time to look at it."""
    return (
        inputs.planning
        and inputs.complete
        and hold.state in ("creating", "proposed")
        and found.start > inputs.now
        and may_be_renewed(hold, inputs.now)
        and is_unedited(hold, found)
    )


def without_introduction(inputs: PassInputs, hold: Hold, own: FoundHold, taken: Busy) -> HoldDraft:
    """A hold as it should be written anew where it is, since its text names somebody who is to be
    named nowhere."""
    held = held_at(inputs, hold, own.event)
    around = Around(open_beside(inputs, held, taken), inputs.situation.held)
    message = _message(inputs, held, own.event, around) if held.occasion else None
    return _written(inputs, own.event, held, message, None, own.event.transparent)


def held_at(inputs: PassInputs, hold: Hold, event: HoldEvent) -> Held:
    """A hold where it is found; of one that was won back from the calendar the title tells the
    occasion, if it is that of one."""
    offered, contact = inputs.config.offered, inputs.situation.contacts[hold.contact_key]
    named = (
        name
        for name, occasion_named in offered.items()
        if title(contact, occasion_named) == event.title
    )
    occasion = hold.occasion if hold.occasion in offered else next(named, "")
    return Held(contact.key, event.start, event.end, "proposed", occasion, hold.uid)


def _message(inputs: PassInputs, held: Held, event: HoldEvent, around: Around) -> Message:
    zone, writer = inputs.config.zone, inputs.config.writer

    def offered(slot: Slot) -> bool:
        return writer.appointment(slot.start.astimezone(zone)) in event.description

    return asking(inputs, held, around, offered)


def _tells_birthday_rightly(inputs: PassInputs, held: Held, found: HoldEvent) -> bool:
    """Whether a hold tells of a birthday that is near by now, and of none that is over."""
    zone, writer = inputs.config.zone, inputs.config.writer
    contact = inputs.situation.contacts[held.contact_key]
    past = history(inputs.situation, contact.key)
    line = birthday_line(contact, found.start, past, zone, writer)
    if line:
        return line in found.description
    return not tells_birthday(found.description, contact, past.note, writer)


def _written(
    inputs: PassInputs,
    event: HoldEvent,
    held: Held,
    message: Message | None,
    introduced: Contact | None,
    free: bool,
) -> HoldDraft:
    config, contact = inputs.config, inputs.situation.contacts[held.contact_key]
    shared = replace(
        history(inputs.situation, contact.key, config.writer),
        introduction=introduction(contact, introduced, config.writer),
    )
    told = description(contact, event.start, shared, config.zone, config.writer, message)
    anew = replace(as_draft(event), description=told, transparent=free)
    return replace(anew, seal=seal(anew))
