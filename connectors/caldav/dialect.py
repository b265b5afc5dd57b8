"""Calendars, among what is kept on WebDAV servers (RFC 4791)."""

from __future__ import annotations

from typing import Final

from connectors.dav.dialect import Dialect
from connectors.dav.multistatus import CALDAV, DAV, Part

ADDRESS_SET: Final = f"{CALDAV}calendar-user-address-set"
"""The owner's addresses (RFC 6638 section 2.4.1)."""


def is_calendar(part: Part) -> bool:
    """Whether a part is a calendar that can hold events: not in a bin, not for tasks alone.

    An inbox or outbox is none, unless it is a calendar as well: SOGo's calendars are outboxes too.
    """
    kind = part.props.get(f"{DAV}resourcetype")
    if kind is None or f"{CALDAV}calendar" not in kind.tags or part.status >= 300:
        return False
    if any(tag.endswith("}deleted-calendar") for tag in kind.tags):
        return False
    components = part.props.get(f"{CALDAV}supported-calendar-component-set")
    return components is None or not components.names or "VEVENT" in components.names


CALENDARS: Final = Dialect(
    protocol="CalDAV",
    collection="calendar",
    content="calendar data",
    program="calendar app",
    well_known="/.well-known/caldav",
    home_set=f"{CALDAV}calendar-home-set",
    asked_of_owner=(ADDRESS_SET,),
    is_collection=is_calendar,
    multiget=f"{CALDAV}calendar-multiget",
    data=f"{CALDAV}calendar-data",
    media_type="text/calendar",
    first_line="BEGIN:VCALENDAR",
    suffix=".ics",
)
