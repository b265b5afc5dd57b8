"""What a hold as found in its calendar is, seen from what is recorded: the row of the table in
`daemon.holds.transition` that it is in."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from connectors.base import HoldEvent
from daemon.holds.edits import as_intended, edited_fields, is_sealed
from daemon.holds.facts import Facts
from daemon.holds.order_grammar import Order
from daemon.holds.orders import read_order
from daemon.holds.record import Hold

Sight = Literal["marked", "cancelled", "order", "another time", "missed", "touched", "as written"]


def row(hold: Hold, event: HoldEvent | None, facts: Facts, now: datetime) -> str:
    """The row of the table that a hold is in, by what was found of it; "unread" where its calendar
    could not be read to the end."""
    if not facts.complete:
        return "unread"
    if event is None:
        return "gone" if facts.elsewhere is None else "elsewhere"
    return sight(hold, event, now)


def sight(hold: Hold, event: HoldEvent, now: datetime) -> Sight:
    """What the hold as found is, seen from what is recorded: the first column of the table."""
    if is_unedited(hold, event):
        return "as written"
    order = order_on(hold, event)
    if order is not None and order.word not in ("yes", "another time", "missed"):
        return "order"
    if event.status == "cancelled":
        return "marked" if event.withdrawn else "cancelled"
    if order is not None and order.word == "another time":
        return "another time"
    return (
        "missed" if order is not None and order.word == "missed" and event.end <= now else "touched"
    )


def is_unedited(hold: Hold, event: HoldEvent) -> bool:
    """Whether a hold is as fikad wrote it, whichever fikad. Not whether it is still fikad's: once
    the user touched it, undoing the change does not give it back."""
    if is_sealed(event):
        return True
    versions = [hold.baseline] if hold.baseline is not None else []
    if hold.intent in ("create", "update"):
        # A write whose answer got lost, on a server that drops seals.
        versions.append(as_intended(hold.draft))
    # A seal of its own is another fikad's: what the user made of that one's writing may look like
    # this one's.
    return any(
        event.seal in ("", version.seal) and not edited_fields(version, event)
        for version in versions
    )


def order_on(hold: Hold, event: HoldEvent) -> Order | None:
    return read_order(event.title, hold.written.title, hold.contact_name)
