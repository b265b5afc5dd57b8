"""A language: the words that titles and orders are read by, and the sentences that fikad writes.

Each language is one TOML file beside this module, named by its code (BCP 47), so that adding one
touches no code. A
file is read when its language is first asked for, and each of its tables when that is: reading TOML
is slow."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

_HOME = Path(__file__).parent
_HEADER = re.compile(r"^(\[(\w+)(?:\.\w+)?\])$", re.MULTILINE)
_CALLED = {"with": "joining", "and": "adding", "at": "placing", "in": "within"}
"""Keys of the files that are words of Python, and what they are called here."""

_Table = TypeVar("_Table", "Everywhere", "Titles", "Orders")


@dataclass(frozen=True, slots=True, kw_only=True)
class Everywhere:
    """What is read in titles in every language at once: nobody chooses in which one others write.
    A small table of its own, since every start reads it of each language."""

    cancelled: tuple[str, ...]
    """Say at either end of a title that the event was called off."""
    possessive: tuple[str, ...] = ()
    """Endings of a name to which something belongs: "'s"."""
    forms_of_address: tuple[str, ...] = ()
    """Stand before a name and are no part of it: "Dr", "Mrs"; without dots."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Titles:
    """What the titles of events say, by words and phrases; case, accents and kinds of hyphen make
    no difference."""

    meeting: tuple[str, ...]
    """Speak of meeting somebody, right beside their name: "coffee", "catch up", "☕"."""
    for_two: tuple[str, ...]
    """Speak of two and nobody else: "1:1"."""
    activities: tuple[str, ...]
    """A meeting only where they are joined to the name by "with": "cinema with Jane", not "Jane
    swimming"."""
    joining: tuple[str, ...]
    """Words for "with"."""
    between: tuple[str, ...]
    """Stand between the two who meet: "Jane <> Sam"."""
    adding: tuple[str, ...]
    """Join two people: "and", "or"."""
    me: tuple[str, ...]
    """What one calls oneself: "me", "I"."""
    not_meeting: tuple[str, ...]
    """A title with one of them is no meeting: "birthday"."""
    other_verbs: tuple[str, ...]
    """Before a name, also with a meeting word between: nobody is met, at least not now: "email",
    "pick up", "schedule", "missed"."""
    about: tuple[str, ...]
    """Before a name: it is for or about them, not with them."""
    groups: tuple[str, ...]
    """More people than one: "team", "family"."""
    placing: tuple[str, ...]
    """Begin a place: "at"."""
    circumstance: tuple[str, ...]
    """Begin another place or a time: "in", "before"."""
    places: tuple[str, ...]
    """Places to meet: "café"."""
    lengths: tuple[str, ...]
    """Units of a length: "min"."""
    ordinary: tuple[str, ...]
    """Often stand beside a name, perhaps with a capital, and change nothing: "weekly", "again",
    "my"."""
    dates: tuple[str, ...]
    """Weekdays, months, seasons and feasts: likewise, though somebody may be called May."""
    not_names: tuple[str, ...]
    """Stand where a name could and are nobody's name: "dentist"."""
    given_names: tuple[str, ...]
    """Common first names: they tell "Jane, Tom" from "Jane, Soho"."""
    hosts: tuple[str, ...] = ()
    """Those words of `placing` that mean somebody's home before a person: "bei", "chez"."""
    honorifics: tuple[str, ...] = ()
    """Stand right behind a name and belong to it: "さん"."""
    name_endings: tuple[str, ...] = ()
    """How names inflect, as "ending>other ending": "a>ą", or ">em" for one that is put on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """What a user writes into the title of a hold, in lower case."""

    skip: tuple[str, ...]
    never: tuple[str, ...]
    met: tuple[str, ...]
    missed: tuple[str, ...]
    """In the title of an accepted hold after its end: it did not take place."""
    snooze: tuple[str, ...]
    another_time: tuple[str, ...]
    until: tuple[str, ...]
    within: tuple[str, ...]
    """Before a span of time: "in 2 weeks"."""
    next: tuple[str, ...]
    last: tuple[str, ...]
    on: tuple[str, ...]
    ago: tuple[str, ...]
    """Beside a span of time that lies back: "2 days ago"."""
    one: tuple[str, ...]
    """Stand for the number: "a week"."""
    today: tuple[str, ...]
    yesterday: tuple[str, ...]
    tomorrow: tuple[str, ...]
    yes: tuple[str, ...] = ()
    filler: tuple[str, ...] = ()
    """Words that change nothing about an order: "please"."""
    doubt: tuple[str, ...] = ()
    """Beside the title of a hold they keep it from being a yes: "maybe", "not"."""
    units: Mapping[str, tuple[str, ...]]
    """Words for `day`, `week`, `month` and `year`."""


@dataclass(frozen=True, kw_only=True)
class Language:
    """One language. Never changes; each table is read when it is first asked for."""

    code: str
    name: str
    """What its speakers call it."""
    locale: str
    """Whose dates and times are written where no country is told: a locale of the CLDR."""
    tables: Mapping[str, str] = field(repr=False)
    """What the file holds, by table, as text."""

    @cached_property
    def everywhere(self) -> Everywhere:
        return _filled(Everywhere, self._table("everywhere"))

    @cached_property
    def titles(self) -> Titles:
        return _filled(Titles, self._table("titles"))

    @cached_property
    def orders(self) -> Orders:
        return _filled(Orders, self._table("orders"))

    @cached_property
    def occasions(self) -> Mapping[str, str]:
        """Titles of the built-in occasions by their name in the config, with `{name}`; `other` is
        for one of the user's own, and has `{occasion}`, too."""
        return MappingProxyType(self._table("occasions"))

    @cached_property
    def text(self) -> Mapping[str, str]:
        """Sentences as Fluent patterns, by key."""
        return MappingProxyType(self._table("text"))

    def _table(self, name: str) -> dict[str, Any]:
        table: dict[str, Any] = tomllib.loads(self.tables.get(name, "")).get(name, {})
        return table


@cache
def shipped() -> tuple[str, ...]:
    """The codes of all languages, sorted."""
    return tuple(sorted(path.stem for path in _HOME.glob("*.toml")))


@cache
def language(code: str) -> Language:
    """The language of a code such as "en". Raises LookupError when it is not shipped."""
    if code not in shipped():
        raise LookupError(f"no language {code!r} is shipped; there are {', '.join(shipped())}")
    head, *pieces = _HEADER.split((_HOME / f"{code}.toml").read_text(encoding="utf-8"))
    tables: dict[str, str] = {}
    for header, table, body in zip(pieces[::3], pieces[1::3], pieces[2::3], strict=True):
        tables[table] = tables.get(table, "") + header + body
    said = tomllib.loads(head)
    return Language(
        code=code,
        name=said["name"],
        locale=said.get("locale", code),
        tables=MappingProxyType(tables),
    )


def every() -> Iterator[Language]:
    """All languages, by code."""
    return map(language, shipped())


def _filled(kind: type[_Table], table: Mapping[str, Any]) -> _Table:
    """A table of the file as a value. Raises TypeError for a key that is missing or unknown."""
    return kind(**{_CALLED.get(key, key): _frozen(value) for key, value in table.items()})


def _frozen(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, dict):
        return MappingProxyType({key: _frozen(inner) for key, inner in value.items()})
    return value
