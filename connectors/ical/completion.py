"""A hold that was answered with yes, completed: confirmed, busy, and no longer asking.

The event is the user's by then, so its text is not written anew: three properties are set where
they stand, and every other byte stays, whatever programs made of it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from connectors.answering import asks, without_lines
from connectors.base import HoldEvent
from connectors.ical.outline import Nesting, edge_of, name_of

_NEVER_COMPLETED = frozenset({"ATTENDEE", "RECURRENCE-ID", "RRULE", "RDATE"})
_WIDTH = 74
"""Octets of a content line before it is folded (RFC 5545 section 3.1 allows 75)."""


def may_be_completed(event: HoldEvent) -> bool:
    """Whether the completing write concerns nobody but the user, and one event: a server might tell
    guests of a change, and of a series there is more than one event."""
    return _NEVER_COMPLETED.isdisjoint(event.extras)


def is_completed(event: HoldEvent, lines: Collection[str]) -> bool:
    """Whether an event is as the completing write leaves it."""
    return (
        event.status == "confirmed" and not event.transparent and not asks(event.description, lines)
    )


def completed_text(text: str, lines: Collection[str]) -> str:
    """The text of a calendar with one event, that event confirmed and busy, `lines` gone from its
    description."""
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    end = "\r\n" if "\r\n" in text else "\n"
    given = {"STATUS": "STATUS:CONFIRMED", "TRANSP": "TRANSP:OPAQUE"}
    written: list[str] = []
    nesting, missing = Nesting(), dict(given)
    for content in _contents(text.removeprefix(mark)):
        line = re.sub(r"\r?\n[ \t]", "", content).rstrip("\r\n")
        edge = edge_of(line)
        if edge is not None:
            was_event = nesting.component == "VEVENT"
            if nesting.step(*edge) == "component":
                written += (value + end for value in missing.values() if was_event)
                missing = dict(given)
        elif nesting.component == "VEVENT" and not nesting.inner:
            name = name_of(line)
            if name in given:
                if missing.pop(name, None) is not None:
                    written.append(given[name] + end)
                continue
            if name == "DESCRIPTION" and asks(_value(line), lines):
                content = _folded(_described(line, lines), end)
        written.append(content)
    return mark + "".join(written)


def _contents(text: str) -> Iterator[str]:
    """Content lines as they stand, folds and line ends included."""
    return (line[0] for line in re.finditer(r"[^\n]*\n(?:[ \t][^\n]*\n?)*|[^\n]+\Z", text))


def _value(line: str) -> str:
    """The text of a property line (RFC 5545 section 3.3.11)."""
    value = line[_colon(line) + 1 :]
    return re.sub(r"\\(.)", lambda escape: "\n" if escape[1] in "nN" else escape[1], value)


def _described(line: str, lines: Collection[str]) -> str:
    """A DESCRIPTION without these lines. An alternative representation of it says the same and goes
    with them."""
    left = without_lines(_value(line), lines)
    escaped = (
        left.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")
    )
    return f"{_without_altrep(line[: _colon(line)])}:{escaped}"


def _without_altrep(name: str) -> str:
    return re.sub(r';ALTREP=(?:"[^"]*"|[^;:]*)', "", name, flags=re.IGNORECASE)


def _colon(line: str) -> int:
    """Where the value begins: the first colon outside of quotes."""
    quoted = False
    for place, letter in enumerate(line):
        if letter == '"':
            quoted = not quoted
        elif letter == ":" and not quoted:
            return place
    return len(line)


def _folded(line: str, end: str) -> str:
    parts, part = [], ""
    for letter in line:
        if len((part + letter).encode()) > _WIDTH:
            parts.append(part)
            part = ""
        part += letter
    return f"{end} ".join([*parts, part]) + end
