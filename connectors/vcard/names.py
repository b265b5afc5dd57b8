"""What a card calls somebody, and what else they are called."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from connectors.sanitize import sanitize
from connectors.vcard.lines import Line

MOST_NAME = 100
"""Characters of one name."""
_MOST_ALIASES = 30
_UNSPELLED = {"ipa", "script"}
"""Ways of writing a sound that nobody writes into a title (RFC 9554, PHONETIC)."""

Lines = Mapping[str, Sequence[Line]]


def full_name(lines: Lines) -> str:
    """FN, the preferred; else the names that N has. Empty where neither names anybody."""
    formatted = sorted(lines.get("FN", ()), key=lambda line: line.preference)
    return next((name for line in formatted if (name := _inert(line.text))), "") or next(
        _spelled(lines.get("N", ())), ""
    )


def first_name(lines: Lines) -> str:
    """The given name, as N parts it."""
    return next((given for line in lines.get("N", ()) if (given := _component(line, 1))), "")


def aliases(lines: Lines, name: str) -> tuple[str, ...]:
    """Nicknames, and every other spelling of the whole name: a second FN, N without titles, how it
    sounds, the name before a marriage."""
    nicknames = (nick for line in lines.get("NICKNAME", ()) for nick in line.parts(","))
    spellings = [
        *map(_inert, nicknames),
        *(_inert(line.text) for line in lines.get("FN", ())),
        *_spelled(lines.get("N", ())),
        _together(_only(lines, "X-PHONETIC-FIRST-NAME"), _only(lines, "X-PHONETIC-LAST-NAME")),
        *(_together(first_name(lines), maiden) for maiden in _maiden_names(lines)),
    ]
    return tuple(dict.fromkeys(each for each in spellings if each and each != name))[:_MOST_ALIASES]


def _maiden_names(lines: Lines) -> Iterator[str]:
    for name in ("X-MAIDENNAME", "X-MAIDEN-NAME"):
        if maiden := _only(lines, name):
            yield maiden


def _spelled(lines: Iterable[Line]) -> Iterator[str]:
    """ "Given Family" of each N that has any."""
    for line in lines:
        if not _UNSPELLED & set(line.params.get("PHONETIC", ())):
            name = _together(_component(line, 1), _component(line, 0))
            if name:
                yield name


def _component(line: Line, index: int) -> str:
    """One component of N: 0 the family, 1 the given name (RFC 6350 section 6.2.2)."""
    components = line.parts(";")
    return _inert(components[index]) if index < len(components) else ""


def _only(lines: Lines, name: str) -> str:
    return next((text for line in lines.get(name, ()) if (text := _inert(line.text))), "")


def _together(*names: str) -> str:
    return _inert(" ".join(filter(None, names)))


def _inert(text: str) -> str:
    return sanitize(text, MOST_NAME)
