"""A text of vCards as its cards, and a card as its lines: vCard 2.1 to 4.0 (RFC 6350 section 3).

Any text may come, so nothing here is refused and everything is bounded: only lines that somebody
asks for are put together, so that a picture of 10 MB is passed over; a line too long to mean a
person is cut. A card is worked through line by line, each for itself: one that makes no sense costs
itself."""

from __future__ import annotations

import quopri
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

_MOST_VALUE = 2_000
"""Characters of one value that are looked at."""
_MOST_LINE = 8_000
"""Characters of one line that are, parameters and quoted-printable included."""
_MOST_PARAMETERS = 50
_MOST_LINES = 20_000
"""Lines of one card that are kept; a group has one for each member."""
_EDGE = re.compile(r"\s*(BEGIN|END)\s*:\s*VCARD\s*", re.IGNORECASE)
_MOST_HEAD = 500
_HEAD = re.compile(r"\s*(?:([\w-]{1,60})\.)?([\w-]{1,60})\s*([;:])", re.ASCII)
_PARAMETER = re.compile(r'([^=;:",]*)(=(?:"[^"]*"|[^";:])*)?([;:])')
_ESCAPES = {"n": "\n", "N": "\n"}


@dataclass(frozen=True, slots=True)
class Line:
    """One content line."""

    name: str
    """Upper case, without the group."""
    raw: str
    """The value as written: unfolded, quoted-printable taken off, escapes still in it."""
    group: str = ""
    """What stands before the dot of `item1.EMAIL`, lower case: lines of one group belong
    together."""
    params: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By name in upper case; values in lower case. A word alone (vCard 2.1) is a TYPE."""

    @property
    def text(self) -> str:
        """The value as one text, escapes taken off."""
        return _pieces(self.raw, "")[0]

    def parts(self, separator: str) -> list[str]:
        """The value taken apart at a separator that is not escaped."""
        return _pieces(self.raw, separator)

    def is_a(self, kind: str) -> bool:
        """Whether TYPE names this kind, in lower case."""
        return kind in self.params.get("TYPE", ())

    @property
    def preference(self) -> int:
        """How much this line is preferred among its like: 1 most (PREF of vCard 4, `pref`
        before)."""
        said = next(iter(self.params.get("PREF", ())), "")
        if said.isascii() and said.isdigit():
            return max(1, min(int(said[:4]), 100))
        return 1 if self.is_a("pref") or "PREF" in self.params else 101


def bodies(text: str) -> Iterator[list[str] | None]:
    """The physical lines of each card between its BEGIN and its END; None for one that never
    ended."""
    lines: list[str] | None = None
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        edge = _EDGE.fullmatch(line) if len(line) < _MOST_HEAD else None
        if edge is None:
            if lines is not None:
                lines.append(line)
        elif edge[1].upper() == "BEGIN":
            if lines is not None:
                yield None
            lines = []
        elif lines is not None:
            yield lines
            lines = None
    if lines is not None:
        yield None


def lines_of(body: Iterable[str], wanted: frozenset[str]) -> Iterator[Line]:
    """The content lines of a card that have one of the wanted names, in upper case."""
    return islice(filter(None, map(_line, _unfolded(body, wanted))), _MOST_LINES)


def _unfolded(body: Iterable[str], wanted: frozenset[str]) -> Iterator[str]:
    """The wanted lines, each whole. One in quoted-printable goes on where it ends with `=`,
    whatever the next begins with."""
    current: list[str] = []
    length, quoted, soft = 0, False, False
    for line in body:
        if soft or line[:1] in (" ", "\t"):
            if current and length < _MOST_LINE:
                current[-1] = current[-1][:-1] if soft else current[-1]
                current.append(line if soft else line[1:])
                length += len(line)
        else:
            if current:
                yield "".join(current)
            start = line[:_MOST_HEAD]
            head = _HEAD.match(start)
            current = [line[:_MOST_LINE]] if head is not None and head[2].upper() in wanted else []
            length = len(line)
            quoted = "QUOTED-PRINTABLE" in start.partition(":")[0].upper()
        soft = quoted and line.endswith("=")
    if current:
        yield "".join(current)


def _line(whole: str) -> Line | None:
    """One line taken apart; None where it makes no sense, or holds no text."""
    head = _HEAD.match(whole)
    if head is None:
        return None
    params = dict[str, tuple[str, ...]]()
    at, end = head.end(), head[3]
    for _ in range(_MOST_PARAMETERS):
        if end == ":":
            break
        parameter = _PARAMETER.match(whole, at, at + _MOST_HEAD)
        if parameter is None:
            return None
        _add(params, parameter[1], parameter[2] or "")
        at, end = parameter.end(), parameter[3]
    raw = whole[at:_MOST_LINE]
    encoding = {*params.get("ENCODING", ()), *params.get("TYPE", ())}
    if encoding & {"b", "base64"}:
        return None
    if "quoted-printable" in encoding:
        raw = _unquoted(raw, next(iter(params.get("CHARSET", ())), "utf-8"))
    return Line(head[2].upper(), raw[:_MOST_VALUE], (head[1] or "").lower(), params)


def _add(params: dict[str, tuple[str, ...]], name: str, values: str) -> None:
    key = name.strip().upper()
    if not values:  # vCard 2.1: a word alone
        params["TYPE"] = (*params.get("TYPE", ()), key.lower())
        return
    given = (value.strip().lower() for value in values[1:].replace('"', "").split(","))
    params[key] = (*params.get(key, ()), *filter(None, given))


def _unquoted(raw: str, charset: str) -> str:
    octets = quopri.decodestring(raw.encode("utf-8", "replace"))
    try:
        return octets.decode(charset, "replace")
    except (LookupError, ValueError):
        return octets.decode("utf-8", "replace")


def _pieces(raw: str, separator: str) -> list[str]:
    pieces: list[list[str]] = [[]]
    escaped = False
    for letter in raw:
        if escaped:
            pieces[-1].append(_ESCAPES.get(letter, letter))
            escaped = False
        elif letter == "\\":
            escaped = True
        elif letter == separator:
            pieces.append([])
        else:
            pieces[-1].append(letter)
    return ["".join(piece) for piece in pieces]
