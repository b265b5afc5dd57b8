"""An .ics text taken apart without being parsed.

A calendar exported as one file may hold thousands of events. Taken apart by UID, each event (a
series with its exceptions) becomes a small text of its own that carries the calendar's header and
the time zones it names, so that a change in the file re-parses only what changed. Only lines are
looked at (see `outline`): what a property means is said elsewhere. Lines are held for one event at
a time: those of a whole export would take several times its size."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from connectors.ical.outline import Nesting, edge_of, folded, name_of, value_of

TZID = re.compile(r';TZID=("[^"]*"|[^:;,]*)', re.IGNORECASE)
OUTER = re.compile(
    r"(?:^|\r)[ \t]*(BEGIN|END)[ \t]*:[ \t]*(VCALENDAR|VEVENT)[ \t\r]*$",
    re.IGNORECASE | re.MULTILINE,
)
_PIECE = 1 << 20
"""Characters that are taken into lines at a time, at the least."""
EVENT = re.compile(r"^BEGIN:VEVENT[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)


@dataclass(slots=True)
class _Component:
    """One component directly below a VCALENDAR."""

    name: str
    lines: list[str] = field(default_factory=list)
    """As long as it is open, without their ends."""
    text: str = ""
    """Once it is closed: the same lines, CRLF between them."""
    uid: str = ""
    zones: set[str] = field(default_factory=set)
    """TZIDs it names (of a VTIMEZONE: defines)."""

    def close(self) -> None:
        """Nothing more belongs to it."""
        self.text = "\r\n".join(self.lines)
        self.lines = []


@dataclass(slots=True)
class _Container:
    """One VCALENDAR: its own properties, and what is in it."""

    header: list[str] = field(default_factory=list)
    components: list[_Component] = field(default_factory=list)

    def close(self) -> None:
        """Close the last component."""
        if self.components:
            self.components[-1].close()


def is_whole(text: str) -> bool:
    """Whether this is iCalendar, and what was begun was ended: a text cut off on the way is not
    whole."""
    edges = OUTER.findall(text)
    if not any(name.upper() == "VCALENDAR" for _, name in edges):
        return bool(edges) and edges[-1][0].upper() == "END"
    last = next(edge for edge, name in reversed(edges) if name.upper() == "VCALENDAR")
    return bool(last.upper() == "END")


def split(text: str) -> dict[str, str]:
    """The events of an iCalendar stream by UID, each a stream of its own (CRLF) with header and the
    zones it names.

    An event without a UID stands alone under `no-uid-` and a digest of its lines; what is no event
    (tasks, journals) is left out. A text may hold several VCALENDARs one after the other (RFC 5545
    3.4)."""
    by_uid: dict[str, list[str]] = {}
    containers = _containers(text)
    while containers:
        container = containers.pop(0)
        zones = {name: c for c in container.components if c.name == "VTIMEZONE" for name in c.zones}
        gathered: dict[str, list[_Component]] = {}
        for component in container.components:
            if component.name == "VEVENT":
                gathered.setdefault(component.uid or _no_uid(component.text), []).append(component)
        for uid, events in gathered.items():
            named = dict.fromkeys(zone for event in events for zone in sorted(event.zones))
            lines = ["BEGIN:VCALENDAR", *container.header]
            lines += (zones[zone].text for zone in named if zone in zones)
            lines += (event.text for event in events)
            by_uid.setdefault(uid, []).extend([*lines, "END:VCALENDAR", ""])
    return {uid: "\r\n".join(by_uid.pop(uid)) for uid in tuple(by_uid)}


def event_count(text: str) -> int:
    """How many VEVENTs the text holds, exceptions included: at most one means that there is nothing
    to split."""
    return len(EVENT.findall(text))


def calendar_name(text: str) -> str:
    """What an export calls itself (X-WR-CALNAME, backslashes undone); empty where it does not
    say."""
    return re.sub(r"\\(.)", r"\1", header_value(text, "X-WR-CALNAME"))


def calendar_zone(text: str) -> str:
    """The time zone that an export names as its own (X-WR-TIMEZONE), as written; empty where it
    does not say."""
    return header_value(text, "X-WR-TIMEZONE")


def header_value(text: str, wanted: str) -> str:
    """A property of the calendar itself, as far as it stands before the first event."""
    for _, line in folded(text):
        if name_of(line) == wanted:
            return value_of(line)
        if edge_of(line) == (True, "VEVENT"):
            break
    return ""


def _no_uid(text: str) -> str:
    lines = text.replace("\r\n", "\n")
    return "no-uid-" + hashlib.sha256(lines.encode("utf-8", "surrogatepass")).hexdigest()[:20]


def _containers(text: str) -> list[_Container]:
    """Every VCALENDAR of the text. Events outside of any, and those after the last END, have a
    container as well."""
    containers = [_Container(header=["VERSION:2.0"])]
    nesting = Nesting()
    for physical, line in _content_lines(text):
        container = containers[-1]
        open_component = nesting.component
        edge = edge_of(line)
        level = nesting.step(*edge) if edge else None
        if level == "calendar":
            if nesting.calendar:
                container.close()
                containers.append(_Container())
        elif level == "component" and nesting.component:
            # the one before may never have ended: it stays as it is, for the parser to complain
            # about
            container.close()
            container.components.append(_Component(nesting.component, list(physical)))
        elif open_component:
            component = container.components[-1]
            component.lines += physical
            if edge is None:
                _note(component, line, outermost=not nesting.inner)
        elif edge is None and not container.components:
            container.header += physical
    containers[-1].close()
    return containers


def _content_lines(text: str) -> Iterator[tuple[list[str], str]]:
    """What `folded` gives for the whole text, a piece of it at a time. A piece ends where a line
    ends and the next begins something, which is no folded one; and what is left has line ends of
    its own, so that every piece tells how lines end in it as the whole does."""
    start = 0
    while (cut := text.find("\nBEGIN:", start + _PIECE) + 1) and text.find("\n", cut) >= 0:
        yield from folded(text[start:cut])
        start = cut
    yield from folded(text[start:])


def _note(component: _Component, line: str, *, outermost: bool) -> None:
    name = name_of(line)
    if name == "UID" and outermost:
        component.uid = component.uid or value_of(line)
    elif component.name == "VTIMEZONE":
        if name == "TZID" and outermost:
            component.zones.add(value_of(line))
    elif ";" in line:
        parameters = line.partition(":")[0]
        component.zones.update(zone.strip('"').strip() for zone in TZID.findall(parameters))
