"""A hold as it would be written now: its text, the message in it with other open times, and whether
it shows as free.

Every hold is drafted here: a new one, one that moves, and one that is looked at again where it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from connectors.base import HoldDraft
from daemon.cycle.inputs import PassInputs
from daemon.holds.ask import Invitation, Message, message
from daemon.holds.draft import HoldPlan, Wording, draft
from daemon.judging.recency import Held
from daemon.people.contacts import Contact
from daemon.planning.alternatives import slots_left
from daemon.planning.busy import Busy
from daemon.planning.slots import Slot
from daemon.practice.introductions import introduction
from daemon.practice.shared_history import history

_PLENTY = 3
"""With so many other slots left a hold shows as free (`show_as = "auto"`)."""


@dataclass(frozen=True, slots=True)
class Around:
    """What is known around the place of a hold."""

    slots: Sequence[Slot]
    """What is open for its contact, the hold aside."""
    standing: Sequence[Held] = ()
    """Every hold that counts, and what is about to be proposed; may contain the hold."""


def open_beside(inputs: PassInputs, hold: Held, taken: Busy) -> Sequence[Slot]:
    """What is open for the contact of a hold, the hold aside."""
    return inputs.situation.open_for_move(hold, taken).slots


def drafted(
    inputs: PassInputs, hold: Held, around: Around, introduced: Contact | None
) -> HoldDraft:
    """The hold `hold.uid` for its contact at its time, with the introduction of somebody if there
    is to be one."""
    config, situation = inputs.config, inputs.situation
    contact = situation.contacts[hold.contact_key]
    shared = history(situation, contact.key, config.writer)
    return draft(
        HoldPlan(hold.uid, contact, config.offered[hold.occasion], hold.start, hold.end),
        Wording(
            config.zone,
            replace(shared, introduction=introduction(contact, introduced, config.writer)),
            config.writer,
            asking(inputs, hold, around),
        ),
        transparent=shows_free(inputs, hold, around),
    )


def asking(
    inputs: PassInputs,
    hold: Held,
    around: Around,
    offered: Callable[[Slot], bool] = lambda slot: False,
) -> Message:
    """The message that asks the contact of a hold; times that were `offered` before stay, where
    they are open."""
    config, situation = inputs.config, inputs.situation
    others = situation.other_times(hold, around.standing, around.slots, offered)
    invitation = Invitation(
        situation.contacts[hold.contact_key],
        hold.occasion,
        hold.start,
        tuple(slot.start for slot in others),
        config.offered[hold.occasion].place or "",
        config.offered[hold.occasion].remote,
    )
    return message(invitation, config.ask, config.zone, config.writer)


def shows_free(inputs: PassInputs, hold: Held, around: Around) -> bool:
    """Whether a hold leaves the user's time free (`show_as`)."""
    show_as = inputs.config.holds.show_as
    if show_as == "auto":
        return slots_left(hold, around.slots, around.standing) >= _PLENTY
    return show_as == "free"
