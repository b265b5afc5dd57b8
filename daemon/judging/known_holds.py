"""Which events are holds of ours, and what the ledger knows of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from connectors.base import HOLD_UID_PREFIX, Occurrence

_GOOGLE_HOLD = re.compile(r"(fikad[0-9a-v]{8,})(@google\.com)?")


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
    return occurrence.hold is not None or bool(_bare_uid(occurrence.uid))


def hold_verdict(occurrence: Occurrence, holds: Mapping[str, HoldVerdict]) -> HoldVerdict | None:
    """What the ledger knows of the hold that an event is; None for one it does not know."""
    return holds.get(known_uid(occurrence, holds))


def known_uid(occurrence: Occurrence, holds: Mapping[str, HoldVerdict]) -> str:
    """The UID of a hold as the ledger knows it; "" for what it does not know."""
    uid = occurrence.hold.uid if occurrence.hold else occurrence.uid
    return next(
        (name for name in (uid, occurrence.uid, _bare_uid(occurrence.uid)) if name in holds), ""
    )


def _bare_uid(uid: str) -> str:
    """The UID of a hold as the ledger knows it (Google adds its domain to the id it was given);
    else nothing."""
    google = _GOOGLE_HOLD.fullmatch(uid)
    return google[1] if google else uid if uid.startswith(HOLD_UID_PREFIX) else ""
