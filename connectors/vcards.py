"""The user's own address book: names and addresses from a vCard file.

Unlike a display name in a guest list, a card was written by the user, so its addresses belong
together. The file may hold anything; each card is read by itself, and one that cannot be read is
counted and left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from connectors.errors import FikadError
from connectors.mail_address import mail_address
from connectors.sanitize import sanitize

_MOST_BYTES = 64 * 2**20
_MOST_CARD = 10_000
"""Characters of the lines of one card that matter; no person has more, and vobject takes the square
of the time."""
_EDGE = re.compile(r"(BEGIN|END):VCARD[ \t]*", re.IGNORECASE)
_WANTED = re.compile(
    r"(?:[\w-]+\.)?(VERSION|FN|N|EMAIL|NICKNAME|KIND|X-ADDRESSBOOKSERVER-KIND)[;:]", re.IGNORECASE
)
_MOST_NAME = 100


class VCardError(FikadError):
    """The file is no vCard file, or cannot be read at all."""


@dataclass(frozen=True, slots=True)
class Card:
    """One person. Texts are inert."""

    name: str
    emails: tuple[str, ...] = ()
    """Lower case."""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cards:
    """What a file holds."""

    cards: tuple[Card, ...]
    broken: int
    """How many cards could not be read."""


def read_cards(path: Path) -> Cards:
    """The people in a vCard file (2.1 to 4.0). Raises VCardError when there is none that could be
    read."""
    try:
        if not path.is_file():
            raise VCardError(
                f"{path} is not a file", "export your contacts as vCard (.vcf) and name that file"
            )
        if path.stat().st_size > _MOST_BYTES:
            raise VCardError(
                f"{path} is larger than {_MOST_BYTES // 2**20} MB", "export it without pictures"
            )
        text = path.read_bytes().decode("utf-8-sig", "replace")
    except OSError as error:
        raise VCardError(
            f"{path} cannot be read ({error.strerror or error})", "check its permissions"
        ) from None
    cards = parse_cards(text)
    if not cards.cards and not cards.broken:
        raise VCardError(
            f"{path} holds no vCard", "export your contacts as vCard (.vcf) and name that file"
        )
    return cards


def parse_cards(text: str) -> Cards:
    """The people in a text of vCards. Groups, and cards named by an address, are left out; broken
    ones are counted."""
    cards, broken = list[Card](), 0
    for lines in _pieces(text.replace("\r\n", "\n").replace("\r", "\n")):
        try:
            card = _card(lines)
        except Exception:  # noqa: BLE001 - vobject raises whatever it stumbles over; the other cards go on
            broken += 1
            continue
        if card:
            cards.append(card)
    return Cards(tuple(cards), broken)


def _pieces(text: str) -> Iterator[list[str] | None]:
    """The lines of each card between its BEGIN and its END; None for one that never ended."""
    lines: list[str] | None = None
    for line in text.split("\n"):
        edge = _EDGE.fullmatch(line)
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


def _card(body: list[str] | None) -> Card | None:
    import vobject

    if body is None:
        raise ValueError("it was cut off")
    lines = "".join(_wanted(body))
    if len(lines) > _MOST_CARD:
        raise ValueError("nobody has so many names")
    card = vobject.readOne(f"BEGIN:VCARD\n{lines}END:VCARD\n", ignoreUnreadable=True)
    contents: dict[str, list[object]] = card.contents
    kinds = _values(contents, "kind") + _values(contents, "x-addressbookserver-kind")
    if any(kind.lower() == "group" for kind in kinds):
        return None
    name = next(iter(_values(contents, "fn")), "") or _structured(contents)
    if not name:
        raise ValueError("it names nobody")  # every version of vCard demands a name
    if "@" in name:
        return None
    nicknames = {
        sanitize(part, _MOST_NAME)
        for value in _values(contents, "nickname")
        for part in value.split(",")
    }
    return Card(
        name, tuple(dict.fromkeys(_emails(contents))), tuple(sorted(nicknames - {"", name}))
    )


def _wanted(body: list[str]) -> Iterator[str]:
    """The lines that say who somebody is, with their continuations (RFC 6350 section 3.2); pictures
    and the like are never looked at."""
    keep = False
    for line in body:
        if line[:1] not in (" ", "\t"):
            keep = _WANTED.match(line) is not None
        if keep and line.strip():
            yield f"{line}\n"


def _values(contents: dict[str, list[object]], name: str) -> list[str]:
    values = []
    for line in contents.get(name, []):
        value = getattr(line, "value", "")
        text = ",".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
        if sanitize(text):
            values.append(sanitize(text, 1000 if name == "nickname" else _MOST_NAME))
    return values


def _structured(contents: dict[str, list[object]]) -> str:
    """First and last name of N, for cards that lack FN."""
    for line in contents.get("n", []):
        value = getattr(line, "value", None)
        return sanitize(f"{getattr(value, 'given', '')} {getattr(value, 'family', '')}", _MOST_NAME)
    return ""


def _emails(contents: dict[str, list[object]]) -> Iterator[str]:
    return filter(None, map(mail_address, _values(contents, "email")))
