"""The names of holds: how they begin, and the forms in which calendars give them back.

A hold is written as `fikad-…`, letters of base32hex with dashes. Google's ids know no dash, so
there the same letters stand without, and in its exports with `@google.com` behind them. What
follows the prefix is the daemon's business."""

from __future__ import annotations

import re
from typing import Final

from connectors.errors import ReadOnlyError
from connectors.sanitize import sanitize

PREFIX: Final = "fikad-"

_WRITTEN = re.compile(re.escape(PREFIX) + r"[0-9a-z-]+")
_READ = re.compile(r"fikad[0-9a-z-]+")
_GOOGLE_ID = re.compile(r"fikad[0-9a-v]{1,1000}")
_GOOGLE_UID = re.compile(r"(fikad[0-9a-v]{8,})(@google\.com)?")


def is_hold_uid(uid: str) -> bool:
    """Whether a UID has the form of a hold's, with dashes or without."""
    return _READ.fullmatch(uid) is not None


def without_domain(uid: str) -> str:
    """The name by which a hold is known, of what an export calls it; empty for another event's."""
    google = _GOOGLE_UID.fullmatch(uid)
    return google[1] if google else uid if uid.startswith(PREFIX) else ""


def is_google_id(event_id: str) -> bool:
    """Whether an id at Google has the form of a hold's."""
    return _GOOGLE_ID.fullmatch(event_id) is not None


def google_id(uid: str) -> str:
    """The id at Google of the hold with this UID; empty when it is no hold's."""
    letters = uid.replace("-", "")
    return letters if is_google_id(letters) else ""


def demand_hold(uids: set[str], uid: str) -> None:
    """Raises ReadOnlyError unless the events at an address, by their UIDs, are the one hold that is
    to be written there."""
    if uids != {uid} or not _WRITTEN.fullmatch(uid):
        shown = sanitize(", ".join(sorted(uids)) or "nothing", 80)
        raise ReadOnlyError(
            f"refused to touch an event that is not this hold of ours ({shown})",
            "nothing was written",
        )
