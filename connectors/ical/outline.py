"""The outline of an iCalendar text: its lines, and in which component each of them stands.

Nothing is parsed here (RFC 5545 sections 3.1, 3.4 and 3.6 are all that is known), and no text is
too odd. Whoever looks at texts as lines asks this module, so that one text never holds one event
for the reader and another for the writer. Where a text does not say clearly:

* lines end with CRLF or LF; with CR only in a text that has neither. Nothing else ends a line;
* what stands directly below a VCALENDAR and nowhere else (an event, a task, a time zone) begins
  anew wherever it begins: what was open there was cut off;
* an END that ends nothing means nothing, and one that ends an outer component ends the inner ones;
* events may stand outside of any VCALENDAR, and after its END."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, Literal

Level = Literal["calendar", "component", "inner"]

_FOLD = re.compile(r"(?<!\n)\n+[ \t]")
"""Anchored at the first of several line ends: a text of nothing but line ends is not searched again
and again."""
NAME: Final = re.compile(r"\s*([A-Za-z0-9-]+)\s*[;:]")
"""How a content line with a property begins."""
_EDGE = re.compile(r"\s*(BEGIN|END)\s*:\s*([A-Za-z0-9-]+)\s*$", re.IGNORECASE)
_BELOW_CALENDAR = frozenset(
    {"VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VTIMEZONE", "VAVAILABILITY"}
)


def unfolded(text: str) -> list[str]:
    """The content lines of a text, whatever its line ends (RFC 5545 section 3.1)."""
    return unfolded_text(text).split("\n")


def unfolded_text(text: str) -> str:
    """The same lines, each but the last with a line feed after it."""
    text = _with_plain_ends(text)
    if "\n\n" in text:
        return _FOLD.sub("", text)
    return text.replace("\n ", "").replace("\n\t", "")


def folded(text: str) -> Iterator[tuple[list[str], str]]:
    """The same lines, empty ones left out, each with the physical ones (without their ends) that it
    was folded into."""
    physical: list[str] = []
    for line in _with_plain_ends(text).split("\n"):
        if line[:1] in (" ", "\t") and physical:
            physical.append(line)
            continue
        if line:
            if physical:
                yield physical, _joined(physical)
            physical = [line]
    if physical:
        yield physical, _joined(physical)


def name_of(line: str) -> str:
    """The property name of a content line, in upper case; empty when it has none."""
    match = NAME.match(line)
    return match[1].upper() if match else ""


def value_of(line: str) -> str:
    """What stands behind the first colon of a content line, blanks around it aside."""
    return line.partition(":")[2].strip()


def edge_of(line: str) -> tuple[bool, str] | None:
    """Whether a line begins (True) or ends a component, and which, in upper case; None for any
    other line."""
    match = _EDGE.match(line)
    return (match[1].upper() == "BEGIN", match[2].upper()) if match else None


class Nesting:
    """Where one is in a text that is gone through line by line."""

    def __init__(self) -> None:
        self.calendar = False
        """Whether a VCALENDAR is open."""
        self.component = ""
        """What is open directly below it, empty when nothing is."""
        self.inner: list[str] = []
        """What is open inside of that, the outermost first."""

    def step(self, begins: bool, name: str) -> Level:
        """Go over an edge. Tells at which level something began or ended; `inner` also for an END
        that ends nothing."""
        return self._begin(name) if begins else self._end(name)

    def _begin(self, name: str) -> Level:
        if name == "VCALENDAR":
            self.calendar, self.component, self.inner = True, "", []
            return "calendar"
        if name in _BELOW_CALENDAR or not self.component:
            self.component, self.inner = name, []
            return "component"
        self.inner.append(name)
        return "inner"

    def _end(self, name: str) -> Level:
        if name == "VCALENDAR":
            self.calendar, self.component, self.inner = False, "", []
            return "calendar"
        if name in self.inner:
            while self.inner.pop() != name:
                continue
            return "inner"
        if name and name == self.component:
            self.component, self.inner = "", []
            return "component"
        return "inner"


def uids(text: str) -> set[str]:
    """The UIDs of the components below the calendar, time zones aside; an empty one stands for a
    component without a UID, or one that was cut off."""
    nesting, uid, named = Nesting(), "", set[str]()
    open_component = ""
    for line in unfolded(text):
        edge = edge_of(line)
        if edge is None:
            if open_component and not nesting.inner and name_of(line) == "UID":
                uid = uid or value_of(line)
            continue
        if nesting.step(*edge) == "inner":
            continue
        if open_component:
            was_cut_off = edge != (False, open_component)
            named |= {uid, ""} if was_cut_off else {uid}
        uid, open_component = "", nesting.component.replace("VTIMEZONE", "")
    return named | {uid, ""} if open_component else named


def _with_plain_ends(text: str) -> str:
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    return text if "\n" in text else text.replace("\r", "\n")


def _joined(physical: list[str]) -> str:
    return "".join([physical[0], *(part[1:] for part in physical[1:])])
