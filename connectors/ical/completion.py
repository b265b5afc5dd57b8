"""A hold that was answered with yes, completed: confirmed, busy, and no longer asking.

The event is the user's by then, so its text is not written anew: three properties are set where
they stand, and every other byte stays, whatever programs made of it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from connectors.answering import asks, without_lines
from connectors.base import HoldEvent

_NAME = re.compile(r"[A-Za-z0-9-]+")
_NEVER_COMPLETED = frozenset({"ATTENDEE", "RECURRENCE-ID", "RRULE", "RDATE"})
_WIDTH = 74
"""Octets of a content line before it is folded (RFC 5545 section 3.1 allows 75)."""


def may_be_completed(found: HoldEvent) -> bool:
    """Whether the completing write concerns nobody but the user, and one event: a server might tell
    guests of a change, and of a series there is more than one event."""
    return _NEVER_COMPLETED.isdisjoint(found.extras)


def is_completed(found: HoldEvent, lines: Collection[str]) -> bool:
    """Whether an event is as the completing write leaves it."""
    return (
        found.status == "confirmed" and not found.transparent and not asks(found.description, lines)
    )


def completed_text(text: str, lines: Collection[str]) -> str:
    """The text of a calendar with one event, that event confirmed and busy, `lines` gone from its
    description."""
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    end = "\r\n" if "\r\n" in text else "\n"
    given = {"STATUS": "STATUS:CONFIRMED", "TRANSP": "TRANSP:OPAQUE"}
    written: list[str] = []
    depth, event, missing = 0, False, dict(given)
    for content in _contents(text.removeprefix(mark)):
        line = re.sub(r"\r?\n[ \t]", "", content).rstrip("\r\n")
        name = _name(line)
        if name == "END":
            if depth == 2 and event:
                written += (value + end for value in missing.values())
            depth -= 1
        elif name == "BEGIN":
            depth += 1
            if depth == 2:
                event, missing = line.upper().rstrip() == "BEGIN:VEVENT", dict(given)
        elif depth == 2 and event and name in given:
            if missing.pop(name, None) is not None:
                written.append(given[name] + end)
            continue
        elif depth == 2 and event and name == "DESCRIPTION":
            written.append(
                _folded(_described(line, lines), end) if asks(_value(line), lines) else content
            )
            continue
        written.append(content)
    return mark + "".join(written)


def _contents(text: str) -> Iterator[str]:
    """Content lines as they stand, folds and line ends included."""
    return (found[0] for found in re.finditer(r"[^\n]*\n(?:[ \t][^\n]*\n?)*|[^\n]+\Z", text))


def _name(line: str) -> str:
    found = _NAME.match(line)
    return found[0].upper() if found else ""


def _value(line: str) -> str:
    """The text of a property line (RFC 5545 section 3.3.11)."""
    value = line[_colon(line) + 1 :]
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], value)


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
