"""Who among those found may be the same person, although nothing proves it.

Likeness is mentioned in words and never acted on: two people of one name are more common than one
thinks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from daemon.discovery.addresses import is_somebody, name_in_address, same_name
from daemon.people.folding import fold
from daemon.people.spellings import first_name

if TYPE_CHECKING:
    from daemon.discovery.found_person import FoundPerson
    from daemon.people.contacts import Contact

_TELLING = 5
"""A local part of so many letters that two domains share is worth a mention; "jane" is not."""
_MOST = 5


class Likeness:
    """The people found, looked at together, and beside others of whom something is known."""

    def __init__(
        self,
        people: Iterable[FoundPerson],
        known: Iterable[Contact],
        in_book: Iterable[Contact] = (),
        elsewhere: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """`known` are the contacts of the config, `in_book` cards of people never met, `elsewhere`
        the display names of
        all addresses ever invited: somebody known by titles alone may have been a guest among
        others."""
        self._found = sorted(
            people, key=lambda person: (-person.count, person.name.casefold(), person.key)
        )
        self._traits: dict[tuple[str, ...], list[str]] = defaultdict(list)
        self._labels: dict[str, str] = {}
        for person in self._found:
            self._labels[person.key] = _label(person)
            for trait in _traits(person):
                self._traits[trait].append(person.key)
        for contact, where in [
            *((contact, "config") for contact in known),
            *((contact, "address book") for contact in in_book),
        ]:
            self._labels.setdefault(contact.key, f"{contact.name} (in your {where})")
            for name in (contact.name, *contact.aliases):
                self._add(("name", *same_name(name)), contact.key)
                self._add(("called", *first_name(name)), contact.key)
        met = {email for person in self._found for email in person.addresses}
        for email, name in elsewhere.items():
            full = same_name(name)
            if email not in met and len(full) > 1 and is_somebody(email):
                self._labels[email] = f"{name} ({email})"
                self._add(("only invited", *full), email)

    def mentioned(self) -> tuple[FoundPerson, ...]:
        """Everybody found, the most often met first, each with those who may be the same person."""
        return tuple(replace(person, perhaps_also=self._like(person)) for person in self._found)

    def _add(self, trait: tuple[str, ...], key: str) -> None:
        if key not in self._traits[trait]:
            self._traits[trait].append(key)

    def _like(self, person: FoundPerson) -> tuple[str, ...]:
        keys = dict.fromkeys(
            key
            for trait in _sought(person)
            for key in self._traits.get(trait, ())
            if key != person.key
        )
        return tuple(self._labels[key] for key in keys)[:_MOST]


def _label(person: FoundPerson) -> str:
    return (
        f"{person.name} ({person.addresses[0]})"
        if person.addresses and person.addresses[0] != person.name
        else person.name
    )


def _traits(person: FoundPerson) -> Iterator[tuple[str, ...]]:
    """What others may have in common with somebody."""
    yield from dict.fromkeys([*_full(person), *_local(person)])
    bare = _bare(person)
    if bare:
        yield ("bare by title" if not person.addresses else "bare by address", *bare)
    else:
        yield ("called", *first_name(person.name))


def _sought(person: FoundPerson) -> Iterator[tuple[str, ...]]:
    """The traits by which others may be this person: a bare "Jane" may be any Jane Doe, and the
    `jane@…` who has no other name."""
    yield from _full(person)
    yield from _local(person)
    if not person.addresses:
        yield from (("only invited", *trait[1:]) for trait in _full(person))
    bare = _bare(person)
    if not bare:
        bare = first_name(person.name)
        yield ("bare by title", *bare)
        yield ("bare by address", *bare)
    else:
        yield ("called", *bare)
        yield ("bare by address" if not person.addresses else "bare by title", *bare)


def _full(person: FoundPerson) -> Sequence[tuple[str, ...]]:
    names = [
        person.name,
        *person.spellings,
        *(name_in_address(email) for email in person.addresses),
    ]
    return [("name", *same_name(name)) for name in names if len(same_name(name)) > 1]


def _local(person: FoundPerson) -> Sequence[tuple[str, ...]]:
    parts = {fold(email.partition("@")[0]) for email in person.addresses}
    return [("local", part) for part in sorted(parts) if len(part) >= _TELLING]


def _bare(person: FoundPerson) -> tuple[str, ...]:
    """The one word that somebody without a full name goes by: a first name, or a local part of
    letters."""
    if "@" in person.name:
        local = person.name.partition("@")[0]
        return (fold(local),) if local.isalpha() else ()
    words = same_name(person.name)
    return words if len(words) == 1 else ()
