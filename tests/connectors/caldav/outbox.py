"""A scheduling outbox as RFC 6638 section 5 has it, that takes questions about free/busy and calls
everything else a fault: an event posted to a real one is sent out as an invitation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from xml.sax.saxutils import escape

from icalendar import Calendar, FreeBusy
from icalendar.cal import Component

OUTBOX = "/sam/outbox/"
REFUSES = "3.8;No authority"
UNKNOWN = "3.7;Invalid calendar user"

Times = list[tuple[datetime, datetime]]


@dataclass(slots=True)
class Outbox:
    """What the server knows of its users, and what it was sent against the rules."""

    users: dict[str, Times | str] = field(default_factory=dict)
    """By address: when they are busy, or with which status asking for them ends."""
    owner: str = "sam@example.com"
    violations: list[str] = field(default_factory=list)
    told: str | None = None
    """Answered instead of the truth."""

    def post(self, path: str, headers: Mapping[str, str], body: str) -> tuple[int, str]:
        """The status and body with which a POST is answered."""
        faults = faults_of(path, headers, body, self.owner)
        self.violations += faults
        if faults:
            return 403, ""
        if self.told is not None:
            return 200, self.told
        [asked] = Calendar.from_ical(body).walk("VFREEBUSY")
        said = "".join(self._said(address, asked) for address in attendees(asked))
        return 200, (
            '<?xml version="1.0" encoding="utf-8"?><C:schedule-response xmlns:D="DAV:"'
            f' xmlns:C="urn:ietf:params:xml:ns:caldav">{said}</C:schedule-response>'
        )

    def _said(self, address: str, asked: Component) -> str:
        known = self.users.get(address.removeprefix("mailto:"), UNKNOWN)
        status = known if isinstance(known, str) else "2.0;Success"
        # Who is refused an answer gets one without times: nothing but its status tells.
        data = _reply(address, asked, [] if isinstance(known, str) else known)
        return (
            f"<C:response><C:recipient><D:href>{escape(address)}</D:href></C:recipient>"
            f"<C:request-status>{status}</C:request-status>{data}</C:response>"
        )


def _reply(address: str, asked: Component, times: Times) -> str:
    reply = FreeBusy()
    for name in ("UID", "DTSTAMP", "DTSTART", "DTEND", "ORGANIZER"):
        reply[name] = asked[name]
    reply["ATTENDEE"] = address
    for start, end in times:
        reply.add("freebusy", (start, end))
    calendar = Calendar()
    calendar.add("prodid", "-//a server//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "REPLY")
    calendar.add_component(reply)
    text = calendar.to_ical().decode()
    return f"<C:calendar-data>{escape(text)}</C:calendar-data>"


def attendees(component: Component) -> list[str]:
    """Whom a VFREEBUSY asks for."""
    told = component.get("ATTENDEE", [])
    return [str(address) for address in (told if isinstance(told, list) else [told])]


def faults_of(path: str, headers: Mapping[str, str], body: str, owner: str) -> list[str]:
    """What is wrong with a POST, if it is anything but a question about free/busy."""
    if path != OUTBOX:
        return [f"a POST to {path}"]
    calendar = Calendar.from_ical(body)
    parts = [part.name for part in calendar.subcomponents]
    faults = []
    if not headers.get("content-type", "").startswith("text/calendar"):
        faults.append("no calendar")
    if calendar.get("METHOD") != "REQUEST":
        faults.append(f"METHOD:{calendar.get('METHOD')}")
    if parts != ["VFREEBUSY"]:
        return [*faults, f"it holds {parts}"]
    [asked] = calendar.subcomponents
    names = set(asked.keys())
    if names != {"UID", "DTSTAMP", "DTSTART", "DTEND", "ORGANIZER", "ATTENDEE"}:
        faults.append(f"its properties are {sorted(names)}")
    if str(asked.get("ORGANIZER")) != f"mailto:{owner}":
        faults.append("somebody else asks")
    for name in ("DTSTART", "DTEND", "DTSTAMP"):
        if not re.search(rf"^{name}:\d{{8}}T\d{{6}}Z\r?$", body, re.MULTILINE):
            faults.append(f"{name} is not in UTC")
    return faults
