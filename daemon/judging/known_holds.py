"""Which events are holds of ours, and what the ledger knows of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connectors.base import Occurrence
from connectors.hold_uid import without_domain


@dataclass(frozen=True, slots=True)
class HoldVerdict:
    """What the ledger knows of a hold."""

    contact_key: str
    accepted: bool
    missed: bool = False
    """Accepted, and it did not happen."""


NO_HOLDS: Mapping[str, HoldVerdict] = {}


def is_hold(occurrence: Occurrence) -> bool:
    """Whether an event is one of ours, judging by its UID."""
    return occurrence.hold is not None or bool(without_domain(occurrence.uid))


def hold_verdict(occurrence: Occurrence, holds: Mapping[str, HoldVerdict]) -> HoldVerdict | None:
    """What the ledger knows of the hold that an event is; None for one it does not know."""
    return holds.get(known_uid(occurrence, holds))


def known_uid(occurrence: Occurrence, holds: Mapping[str, HoldVerdict]) -> str:
    """The UID of a hold as the ledger knows it; "" for what it does not know."""
    uid = occurrence.hold.uid if occurrence.hold else occurrence.uid
    return next(
        (name for name in (uid, occurrence.uid, without_domain(occurrence.uid)) if name in holds),
        "",
    )
