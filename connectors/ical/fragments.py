"""A calendar text cut into its events, before anything is parsed.

A parser that reads a whole text refuses it for the sake of one bad line. So the text is only
unfolded and cut here (RFC 5545 sections 3.1 and 3.4): each event becomes a fragment of its own,
with the few lines that say what it is about, so that a broken event cannot hurt its neighbours, and
alarms, attachments and essays are never parsed at all. Time zone definitions are kept aside until
an event names one that has no better definition. What the lines mean is not decided here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from connectors.ical import private_names
from connectors.ical.outline import (
    Level,
    Nesting,
    edge_of,
    name_of,
    unfolded_text,
    value_of,
)

_KEPT = frozenset(
    {
        *(
            "UID",
            "DTSTART",
            "DTEND",
            "DURATION",
            "RRULE",
            "RDATE",
            "EXDATE",
            "EXRULE",
            "RECURRENCE-ID",
            "SEQUENCE",
        ),
        *(
            "SUMMARY",
            "LOCATION",
            "STATUS",
            "TRANSP",
            "ORGANIZER",
            "ATTENDEE",
            "LAST-MODIFIED",
            "DTSTAMP",
        ),
        *("X-MICROSOFT-CDO-BUSYSTATUS", "X-MICROSOFT-CDO-ALLDAYEVENT", "X-APPLE-TRAVEL-DURATION"),
        *(private_names.EVENT_KIND, private_names.GUESTS_HIDDEN, private_names.GUESTS_OMITTED),
        *(private_names.BIRTHDAY_OF, private_names.ANNIVERSARY_OF),
    }
)
_SPELLED = {
    name: name
    for name in (
        *_KEPT,
        *("BEGIN", "END", "CREATED", "DESCRIPTION", "CLASS", "URL", "PRIORITY", "CATEGORIES"),
        *("ACTION", "TRIGGER"),
    )
}
"""Names as they nearly always stand; any other spelling is looked at more closely."""
_ROOTS = frozenset(
    {
        "VCALENDAR",
        "VEVENT",
        "VTODO",
        "VJOURNAL",
        "VFREEBUSY",
        "VTIMEZONE",
        "VALARM",
        "VAVAILABILITY",
    }
)


@dataclass(slots=True)
class Surroundings:
    """What the calendar around an event says: its default zone, and the time zones defined in
    it."""

    zone: str = ""
    """X-WR-TIMEZONE, as written."""
    scale: str = ""
    """CALSCALE, in upper case; empty means the Gregorian calendar."""
    method: str = ""
    """METHOD, in upper case: what the text, sent as a message, wants done (RFC 5546)."""
    definitions: dict[str, list[str]] = field(default_factory=dict)
    """Lines of each VTIMEZONE by its TZID."""


@dataclass(slots=True)
class Fragment:
    """One VEVENT."""

    around: Surroundings
    lines: dict[str, list[str]] = field(default_factory=dict)
    """Unfolded content lines that matter, by property name in upper case; the order within a name
    is kept."""
    whole: list[str] = field(default_factory=list)
    """All its unfolded lines, BEGIN and END left out, nested components included."""
    complete: bool = False
    """Whether its END was found."""


@dataclass(slots=True)
class Cut:
    """A text, cut up."""

    fragments: list[Fragment] = field(default_factory=list)
    calendar: bool = False
    """Whether it is an iCalendar text at all."""
    complete: bool = True
    """False when a calendar was begun and not ended: the rest of it is missing."""


def cut(text: str) -> Cut:
    """Cut a text into its events. Never raises: what cannot be understood is left out or marked
    incomplete."""
    cutter = _Cutter()
    text = unfolded_text(text)
    read_to = 0
    while (begin := text.find(_ZONE_BEGINS, read_to)) >= 0:
        end = text.find(_ZONE_ENDS, begin + 1) + len(_ZONE_ENDS)
        if end < len(_ZONE_ENDS):
            break
        definition = _definition(text[begin + 1 : end - 1]) if end - begin < _LONG_ZONE else None
        if definition is None:
            cutter.read(text[read_to:end].split("\n"))
        else:
            cutter.read(text[read_to:begin].split("\n"))
            cutter.take(definition)
        read_to = end - 1
    cutter.read(text[read_to:].split("\n"))
    return cutter.finish()


_ZONE_BEGINS, _ZONE_ENDS = "\nBEGIN:VTIMEZONE\n", "\nEND:VTIMEZONE\n"
_LONG_ZONE = 20_000
"""Characters: a longer definition is not remembered."""


@lru_cache(maxsize=64)
def _definition(text: str) -> dict[str, list[str]] | None:
    """What the lines from BEGIN:VTIMEZONE to the first END:VTIMEZONE define, by TZID: the same
    lines stand in event after event. None where anything but its own parts begins or ends in
    between, since then what they mean depends on what is around them."""
    lines = text.split("\n")
    edges = [edge for line in lines if (edge := edge_of(line))]
    if any(name not in ("STANDARD", "DAYLIGHT") for _, name in edges[1:-1]):
        return None
    cutter = _Cutter()
    cutter.read(lines)
    return cutter.around.definitions


class _Cutter:
    """One pass over the lines. `event` and `zone` are what is being collected."""

    def __init__(self) -> None:
        self.result = Cut()
        self.around = Surroundings()
        self.nesting = Nesting()
        self.event: Fragment | None = None
        self.zone: list[str] | None = None

    def read(self, lines: Sequence[str]) -> None:
        """Go over these lines."""
        for line in lines:
            head = line.partition(":")[0].partition(";")[0]
            name = "" if len(head) == len(line) else _SPELLED.get(head) or name_of(line)
            if not name:
                if self.event is not None and line:
                    self.event.whole.append(line)
                continue
            if name in ("BEGIN", "END") and (edge := edge_of(line)):
                self._cross(edge, line)
            elif self.event is not None:
                self.event.whole.append(line)
                if name in _KEPT and not self.nesting.inner:
                    self.event.lines.setdefault(name, []).append(line)
            elif self.zone is not None:
                self.zone.append(line)
            elif self.nesting.calendar and not self.nesting.component:
                self._describe(name, line)

    def take(self, definitions: dict[str, list[str]]) -> None:
        """Go over a whole VTIMEZONE whose definition is known, as `read` would."""
        self._cross((True, "VTIMEZONE"), "")
        self._cross((False, "VTIMEZONE"), "")
        for tzid, lines in definitions.items():
            self.around.definitions.setdefault(tzid, lines)

    def finish(self) -> Cut:
        """What came of it, once all lines were read."""
        if self.nesting.calendar or self.event is not None:
            self.result.complete = False
        return self.result

    def _cross(self, edge: tuple[bool, str], line: str) -> None:
        begins, name = edge
        level = self.nesting.step(begins, name)
        if begins and name in _ROOTS:
            self.result.calendar = True
        if level == "inner":
            if self.event is not None:
                self.event.whole.append(line)
            elif self.zone is not None:
                self.zone.append(line)
        elif begins:
            self._begin(level, name, line)
        else:
            if level == "component" and self.event is not None:
                self.event.complete = True
            elif level == "component" and self.zone is not None:
                self._define([*self.zone, line])
            self.event = self.zone = None

    def _begin(self, level: Level, name: str, line: str) -> None:
        self.event = self.zone = None
        if level == "calendar":
            self.around = Surroundings()
        elif name == "VEVENT":
            self.event = Fragment(self.around)
            self.result.fragments.append(self.event)
        elif name == "VTIMEZONE":
            self.zone = [line]

    def _describe(self, name: str, line: str) -> None:
        value = value_of(line)
        if name == "X-WR-TIMEZONE":
            self.around.zone = value
        elif name == "CALSCALE":
            self.around.scale = value.upper()
        elif name == "METHOD":
            self.around.method = value.upper()

    def _define(self, lines: list[str]) -> None:
        for line in lines:
            if name_of(line) == "TZID":
                tzid = value_of(line).strip('"').replace("\\,", ",").replace("\\;", ";")
                self.around.definitions.setdefault(tzid, lines)
                return
