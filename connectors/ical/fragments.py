"""A calendar text cut into its events, before anything is parsed.

A parser that reads a whole text refuses it for the sake of one bad line. So the text is only
unfolded and cut here (RFC 5545 sections 3.1 and 3.4): each event becomes a fragment of its own,
with the few lines that say what it is about, so that a broken event cannot hurt its neighbours, and
alarms, attachments and essays are never parsed at all. Time zone definitions are kept aside until
an event names one that has no better definition. What the lines mean is not decided here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from connectors.ical import private_names

_FOLD = re.compile(r"(?<!\n)\n+[ \t]")
"""Anchored at the first of several line ends: a text of nothing but line ends is not searched again
and again."""
_NAME = re.compile(r"\s*([A-Za-z0-9-]+)\s*[;:]")
_EDGE = re.compile(r"\s*(BEGIN|END)\s*:\s*([A-Za-z0-9-]+)\s*$", re.IGNORECASE)

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
    }
)
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
    """What the calendar around an event says: its default zone, and the time zones defined in it."""

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


def unfolded(text: str) -> list[str]:
    """The content lines of a text, whatever its line ends (RFC 5545 section 3.1)."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    if "\n" not in text:
        text = text.replace("\r", "\n")
    if "\n " in text or "\n\t" in text:
        text = _FOLD.sub("", text)
    return text.split("\n")


def name_of(line: str) -> str:
    """The property name of a content line, in upper case; empty when it has none."""
    match = _NAME.match(line)
    return match[1].upper() if match else ""


def cut(text: str) -> Cut:
    """Cut a text into its events. Never raises: what cannot be understood is left out or marked
    incomplete."""
    return _Cutter().cut(unfolded(text))


class _Cutter:
    """One pass over the lines. `event` and `zone` are what is being collected; `nested` what is
    open inside it."""

    def __init__(self) -> None:
        self.result = Cut()
        self.around = Surroundings()
        self.calendar_open = False
        self.event: Fragment | None = None
        self.zone: list[str] | None = None
        self.nested: list[str] = []

    def cut(self, lines: Sequence[str]) -> Cut:
        for line in lines:
            match = _NAME.match(line)
            if match is None:
                if self.event is not None and line:
                    self.event.whole.append(line)
                continue
            name = match[1].upper()
            if (name in ("BEGIN", "END")) and (edge := _EDGE.match(line)):
                (self._begin if name == "BEGIN" else self._end)(edge[2].upper(), line)
            elif self.event is not None:
                self.event.whole.append(line)
                if name in _KEPT and not self.nested:
                    self.event.lines.setdefault(name, []).append(line)
            elif self.zone is not None:
                self.zone.append(line)
            elif self.calendar_open and not self.nested:
                self._describe(name, line)
        if self.calendar_open or self.event is not None:
            self.result.complete = False
        return self.result

    def _begin(self, name: str, line: str) -> None:
        if name in _ROOTS:
            self.result.calendar = True
        if name == "VCALENDAR":
            self.around, self.calendar_open, self.event, self.zone = (
                Surroundings(),
                True,
                None,
                None,
            )
            self.nested = []
        elif name == "VEVENT":
            self.event, self.zone, self.nested = Fragment(self.around), None, []
            self.result.fragments.append(self.event)
        elif self.event is not None:
            self.event.whole.append(line)
            self.nested.append(name)
        elif name == "VTIMEZONE":
            self.zone = [line]
            self.nested = []
        elif self.zone is not None:
            self.zone.append(line)
        else:
            self.nested.append(name)

    def _end(self, name: str, line: str) -> None:
        if name == "VCALENDAR":
            self.calendar_open, self.event, self.zone, self.nested = False, None, None, []
        elif name == "VEVENT":
            if self.event is not None:
                self.event.complete = True
            self.event, self.nested = None, []
        elif self.zone is not None:
            self.zone.append(line)
            if name == "VTIMEZONE":
                self._define(self.zone)
                self.zone = None
        else:
            if self.event is not None:
                self.event.whole.append(line)
            if name in self.nested:
                while self.nested.pop() != name:
                    continue

    def _describe(self, name: str, line: str) -> None:
        value = line.partition(":")[2].strip()
        if name == "X-WR-TIMEZONE":
            self.around.zone = value
        elif name == "CALSCALE":
            self.around.scale = value.upper()
        elif name == "METHOD":
            self.around.method = value.upper()

    def _define(self, lines: list[str]) -> None:
        for line in lines:
            if name_of(line) == "TZID":
                tzid = (
                    line.partition(":")[2]
                    .strip()
                    .strip('"')
                    .replace("\\,", ",")
                    .replace("\\;", ";")
                )
                self.around.definitions.setdefault(tzid, lines)
                return
