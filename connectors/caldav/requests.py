"""What is asked of a CalDAV server alone, as XML."""

from __future__ import annotations

from connectors.dav.multistatus import CALDAV, DAV
from connectors.dav.requests import document, escaped, prop


def uid_query_body(uid: str) -> bytes:
    """The event with this UID, whatever it is stored as (RFC 4791 section 7.8.6)."""
    match = f'<C:prop-filter name="UID"><C:text-match>{escaped(uid)}</C:text-match></C:prop-filter>'
    event = (
        '<C:comp-filter name="VCALENDAR">'
        f'<C:comp-filter name="VEVENT">{match}</C:comp-filter></C:comp-filter>'
    )
    wanted = prop([f"{DAV}getetag", f"{CALDAV}calendar-data"])
    return document("C:calendar-query", f"{wanted}<C:filter>{event}</C:filter>")


def mkcalendar_body(name: str) -> bytes:
    """A new calendar for events alone (RFC 4791 section 5.3.1)."""
    events = (
        "<C:supported-calendar-component-set>"
        '<C:comp name="VEVENT"/></C:supported-calendar-component-set>'
    )
    title = f"<D:displayname>{escaped(name)}</D:displayname>"
    return document("C:mkcalendar", f"<D:set><D:prop>{title}{events}</D:prop></D:set>")
