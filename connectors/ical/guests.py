"""Who is on an event: an ORGANIZER or ATTENDEE line as a value.

The same people stand in event after event with the same line, so a line is parsed once and
remembered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from connectors.base import Answer, Attendee, AttendeeKind
from connectors.calendar_address import calendar_address
from connectors.ical import private_names
from connectors.ical.content_line import parts
from connectors.mail_address import PATTERN
from connectors.sanitize import sanitize

_GOOGLES_EXTRA_GUESTS = "X-NUM-GUESTS"
"""The same in Google's exports."""
_PLAIN_END = re.compile(rf":mailto:({PATTERN})\s*$", re.IGNORECASE)
_PLAIN_PARAMETER = re.compile(
    r";(PARTSTAT|CUTYPE|ROLE|X-NUM-GUESTS)=([A-Za-z0-9-]+)(?=[;:])", re.IGNORECASE
)
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
    """The person, group, room or resource that a content line names (RFC 5545 sections 3.2 and
    3.8.4).

    An unknown PARTSTAT means no answer yet. `trusted` believes private_names.SELF. Raises
    ValueError for a line that cannot be parsed or is empty; where no more than a parameter is
    garbled, what is certain stands."""
    try:
        _, params, value = parts(line)
    except Exception:  # noqa: BLE001 - icalendar raises many kinds of errors for broken lines
        params, value = _certain(line)
    email = calendar_address(_one(params.get("EMAIL"))) or calendar_address(value)
    name = sanitize(_one(params.get("CN")), _MAX_NAME)
    if not email and not name and not value.strip():
        raise ValueError("it names nobody")
    kind = _KINDS.get(_one(params.get("CUTYPE")).upper(), "person")
    if _CALENDAR_ADDRESS.search(email):
        kind = "resource"
    extra = _one(params.get(private_names.EXTRA_GUESTS)) or _one(params.get(_GOOGLES_EXTRA_GUESTS))
    return Attendee(
        email=email,
        name=name,
        kind=kind,
        answer=_ANSWERS.get(_one(params.get("PARTSTAT")).upper(), "needs-action"),
        takes_part=_one(params.get("ROLE")).upper() != "NON-PARTICIPANT",
        me=trusted and _one(params.get(private_names.SELF)).upper() == "TRUE",
        extra_guests=int(extra) if extra.isascii() and extra.isdigit() and len(extra) < 6 else 0,
    )


def _one(value: object) -> str:
    """A parameter as one text: a comma that should have been quoted makes icalendar see several."""
    if value is None:
        return ""
    if isinstance(value, (list, tuple)):
        return ", ".join(str(part) for part in value).strip()
    return str(value).strip()


def _certain(line: str) -> tuple[Mapping[str, object], str]:
    """What there is no doubt about in a line that cannot be parsed: the address it ends in, and the
    parameters that stand in it only once, since a name may look like anything. Raises ValueError
    where it ends in none."""
    end = _PLAIN_END.search(line)
    if end is None:
        raise ValueError("it is garbled")
    by_name: dict[str, list[str]] = {}
    for name, value in _PLAIN_PARAMETER.findall(line[: end.start() + 1]):
        by_name.setdefault(name.upper(), []).append(value)
    return {
        name: values[0] for name, values in by_name.items() if len(values) == 1
    }, f"mailto:{end[1]}"
