"""From the lines of a vCard to a person or a group."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from zoneinfo import ZoneInfo

from connectors.address_book import Card
from connectors.mail_address import mail_address
from connectors.sanitize import sanitize
from connectors.vcard.days import anniversary, birthday
from connectors.vcard.lines import Line, bodies, lines_of
from connectors.vcard.names import MOST_NAME, Lines, aliases, first_name, full_name

_WANTED = frozenset(
    {
        "UID",
        "FN",
        "N",
        "NICKNAME",
        "X-PHONETIC-FIRST-NAME",
        "X-PHONETIC-LAST-NAME",
        "X-MAIDENNAME",
        "X-MAIDEN-NAME",
        "ORG",
        "EMAIL",
        "TEL",
        "CATEGORIES",
        "KIND",
        "X-ADDRESSBOOKSERVER-KIND",
        "X-ABSHOWAS",
        "MEMBER",
        "X-ADDRESSBOOKSERVER-MEMBER",
        "TZ",
        "BDAY",
        "ANNIVERSARY",
        "X-ANNIVERSARY",
        "X-EVOLUTION-ANNIVERSARY",
        "X-ABDATE",
        "X-ABLABEL",
        "DEATHDATE",
        "DEATHPLACE",
        "X-DEATHDATE",
        "X-DEATHPLACE",
    }
)
"""Everything that is looked at. NOTE is not among it: what a user noted about somebody is
theirs."""
_DEATH = ("DEATHDATE", "DEATHPLACE", "X-DEATHDATE", "X-DEATHPLACE")
_MOST_UID = 200
_MOST_EACH = 50
"""Addresses, phone numbers or labels of one person."""
_MOST_PHONE = 40
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_AREA = re.compile(r"(?!Etc/)[A-Za-z_]+(?:/[A-Za-z0-9_+-]+){1,2}")
_ADVICE = "open and save it once in your address book"


class UnfitCardError(ValueError):
    """One card that cannot be read, with what is wrong with it."""


def only_card(text: str, fallback_uid: str) -> Card:
    """The card of a text that holds one; of several, the first. Raises UnfitCardError."""
    body = next(bodies(text), None)
    if body is None:
        raise UnfitCardError(f"it is cut off or holds no card: {_ADVICE}")
    return card_of(body, fallback_uid)


def card_of(body: Iterable[str], fallback_uid: str) -> Card:
    """The person or the group that the lines between BEGIN and END speak of; `fallback_uid` names
    it where it has no UID. What is neither, a company, is a group that nobody is in.

    Raises UnfitCardError where nobody is named."""
    lines: dict[str, list[Line]] = {}
    for line in lines_of(body, _WANTED):
        lines.setdefault(line.name, []).append(line)
    uid = _identifier(_first_text(lines, "UID")) or _identifier(fallback_uid)
    name = full_name(lines)
    organisation = sanitize(" ".join(_parts(lines, "ORG", ";")), MOST_NAME)
    if not name and not organisation:
        raise UnfitCardError("it names nobody: give it a name in your address book")
    if _is_group(lines):
        return Card(uid, name or organisation, is_group=True, members=_members(lines))
    if not name or _is_no_person(lines, name == organisation):
        return Card(uid, name or organisation, is_group=True)
    return _person(uid, name, lines)


def _person(uid: str, name: str, lines: Lines) -> Card:
    return Card(
        uid,
        name,
        first_name=first_name(lines),
        aliases=aliases(lines, name),
        emails=_each(map(mail_address, _preferred(lines, "EMAIL"))),
        phones=_phones(lines),
        labels=_each(sanitize(label, MOST_NAME) for label in _parts(lines, "CATEGORIES", ",")),
        timezone=_timezone(lines),
        birthday=birthday(lines),
        anniversary=anniversary(lines),
        dead=any(_first_text(lines, told) for told in _DEATH),
    )


def _is_group(lines: Lines) -> bool:
    return any(
        line.text.strip().lower() == "group"
        for name in ("KIND", "X-ADDRESSBOOKSERVER-KIND")
        for line in lines.get(name, ())
    )


def _is_no_person(lines: Lines, is_called_like_a_company: bool) -> bool:
    """A company, a place, a thing: by KIND (RFC 6350 section 6.1.4), as Apple says it, or by having
    a company's name and none of a person."""
    kind = _first_text(lines, "KIND").lower()
    parted = any(line.raw.strip("; ") for line in lines.get("N", ()))
    return (
        kind not in {"", "individual"}
        or _first_text(lines, "X-ABSHOWAS").upper() == "COMPANY"
        or (is_called_like_a_company and not parted)
    )


def _members(lines: Lines) -> tuple[str, ...]:
    names = ("MEMBER", "X-ADDRESSBOOKSERVER-MEMBER")
    uids = (_identifier(line.text) for name in names for line in lines.get(name, ()))
    return tuple(dict.fromkeys(filter(None, uids)))


def _identifier(written: str) -> str:
    """A UID in the one spelling in which a card and the groups it is in name it; one that is too
    long by its hash."""
    uid = sanitize(written)
    if uid[:9].lower() == "urn:uuid:":
        uid = uid[9:]
    if len(uid) > _MOST_UID:
        return hashlib.sha256(uid.encode()).hexdigest()
    return uid.lower() if _UUID.fullmatch(uid) else uid


def _phones(lines: Lines) -> tuple[str, ...]:
    """As written, the preferred first, then mobile ones; no fax machines."""
    spoken = [line for line in lines.get("TEL", ()) if not line.is_a("fax")]
    spoken.sort(key=lambda line: (line.preference, not (line.is_a("cell") or line.is_a("mobile"))))
    return _each(map(_phone, spoken))


def _phone(line: Line) -> str:
    text = line.text.strip()
    if text[:4].lower() == "tel:":  # RFC 3966
        text = text[4:].partition(";")[0]
    return sanitize(text, _MOST_PHONE)


def _timezone(lines: Lines) -> str:
    """A place's zone. An offset says nothing of the summer."""
    for line in lines.get("TZ", ()):
        area = line.text.strip()
        if _AREA.fullmatch(area):
            try:
                return ZoneInfo(area).key
            except (KeyError, OSError, ValueError):
                continue
    return ""


def _preferred(lines: Lines, name: str) -> Iterator[str]:
    return (line.text for line in sorted(lines.get(name, ()), key=lambda line: line.preference))


def _parts(lines: Lines, name: str, separator: str) -> Iterator[str]:
    return (part for line in lines.get(name, ()) for part in line.parts(separator))


def _first_text(lines: Lines, name: str) -> str:
    return next((line.text.strip() for line in lines.get(name, ())), "")


def _each(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, values)))[:_MOST_EACH]
