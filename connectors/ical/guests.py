"""Who is on an event: an ORGANIZER or ATTENDEE line as a value.

The same people stand in event after event with the same line, so a line is parsed once and remembered.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import unquote

from connectors.base import Answer, Attendee, AttendeeKind
from connectors.ical.content_line import parts
from connectors.inert import clean

SELF_PARAMETER = "X-FIKAD-SELF"
"""`=TRUE` on ATTENDEE or ORGANIZER: the server itself says that this row is the account's owner. Believed only in
texts that a connector of ours wrote."""
EXTRA_GUESTS_PARAMETER = "X-FIKAD-EXTRA-GUESTS"
"""`=2`: unnamed people this guest brings."""

_ADDRESS = re.compile(r"[^\s@<>,;:\"]+@[^\s@<>,;:\"]+")
_CALENDAR_ADDRESS = re.compile(r"@(?:[a-z0-9.-]+\.)?calendar\.google\.com$")
"""Rooms (`resource.`) and calendars (`group.`), which Google lists as guests and organizers."""
_KINDS: dict[str, AttendeeKind] = {"GROUP": "group", "ROOM": "room", "RESOURCE": "resource"}
_ANSWERS: dict[str, Answer] = {
    "ACCEPTED": "accepted",
    "DECLINED": "declined",
    "TENTATIVE": "tentative",
    "DELEGATED": "delegated",
}
_MAX_NAME = 200


@lru_cache(maxsize=8192)
def guest(line: str, trusted: bool) -> Attendee:
    """The person, group, room or resource that a content line names (RFC 5545 sections 3.2 and 3.8.4).

    An unknown PARTSTAT means no answer yet. `trusted` believes SELF_PARAMETER. Raises ValueError for a line that
    cannot be parsed or is empty.
    """
    _, params, value = parts(line)
    email = _address(_one(params.get("EMAIL"))) or _address(value)
    name = clean(_one(params.get("CN")), _MAX_NAME)
    if not email and not name and not value.strip():
        raise ValueError("it names nobody")
    kind = _KINDS.get(_one(params.get("CUTYPE")).upper(), "person")
    if _CALENDAR_ADDRESS.search(email):
        kind = "resource"
    extra = _one(params.get(EXTRA_GUESTS_PARAMETER))
    return Attendee(
        email=email,
        name=name,
        kind=kind,
        answer=_ANSWERS.get(_one(params.get("PARTSTAT")).upper(), "needs-action"),
        takes_part=_one(params.get("ROLE")).upper() != "NON-PARTICIPANT",
        me=trusted and _one(params.get(SELF_PARAMETER)).upper() == "TRUE",
        extra_guests=int(extra) if extra.isascii() and extra.isdigit() and len(extra) < 6 else 0,
    )


def _one(value: object) -> str:
    """A parameter as one text: a comma that should have been quoted makes icalendar see several."""
    if value is None:
        return ""
    if isinstance(value, (list, tuple)):
        return ", ".join(str(part) for part in value).strip()
    return str(value).strip()


def _address(value: str) -> str:
    """The e-mail address of a calendar address in lower case; empty when it is of another kind (urn:, http:)."""
    value = value.strip().strip('"')
    if value[:7].lower() == "mailto:":
        value = unquote(value[7:].partition("?")[0]).strip()
    value = value.removeprefix("<").removesuffix(">").strip().lower()
    return value if _ADDRESS.fullmatch(value) and value.isprintable() else ""
