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
        found: Iterable[FoundPerson],
        known: Iterable[Contact],
        in_book: Iterable[Contact] = (),
        elsewhere: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """`known` are the contacts of the config, `in_book` cards of people never met, `elsewhere`
        the display names of
        all addresses ever invited: somebody known by titles alone may have been a guest among
        others."""
        self._found = sorted(found, key=lambda one: (-one.count, one.name.casefold(), one.key))
        self._traits: dict[tuple[str, ...], list[str]] = defaultdict(list)
        self._labels: dict[str, str] = {}
        for one in self._found:
            self._labels[one.key] = _label(one)
            for trait in _traits(one):
                self._traits[trait].append(one.key)
        for contact, where in [
            *((one, "config") for one in known),
            *((one, "address book") for one in in_book),
        ]:
            self._labels.setdefault(contact.key, f"{contact.name} (in your {where})")
            for name in (contact.name, *contact.aliases):
                self._add(("name", *same_name(name)), contact.key)
                self._add(("called", *first_name(name)), contact.key)
        met = {email for one in self._found for email in one.addresses}
        for email, name in elsewhere.items():
            full = same_name(name)
            if email not in met and len(full) > 1 and is_somebody(email):
                self._labels[email] = f"{name} ({email})"
                self._add(("only invited", *full), email)

    def mentioned(self) -> tuple[FoundPerson, ...]:
        """Everybody found, the most often met first, each with those who may be the same person."""
        return tuple(replace(one, perhaps_also=self._like(one)) for one in self._found)

    def _add(self, trait: tuple[str, ...], key: str) -> None:
        if key not in self._traits[trait]:
            self._traits[trait].append(key)

    def _like(self, one: FoundPerson) -> tuple[str, ...]:
        keys = dict.fromkeys(
            key for trait in _sought(one) for key in self._traits.get(trait, ()) if key != one.key
        )
        return tuple(self._labels[key] for key in keys)[:_MOST]


def _label(one: FoundPerson) -> str:
    return (
        f"{one.name} ({one.addresses[0]})"
        if one.addresses and one.addresses[0] != one.name
        else one.name
    )


def _traits(one: FoundPerson) -> Iterator[tuple[str, ...]]:
    """What others may have in common with somebody."""
    yield from dict.fromkeys([*_full(one), *_local(one)])
    bare = _bare(one)
    if bare:
        yield ("bare by title" if not one.addresses else "bare by address", *bare)
    else:
        yield ("called", *first_name(one.name))


def _sought(one: FoundPerson) -> Iterator[tuple[str, ...]]:
    """The traits by which others may be this person: a bare "Jane" may be any Jane Doe, and the
    `jane@…` who has no other name."""
    yield from _full(one)
    yield from _local(one)
    if not one.addresses:
        yield from (("only invited", *trait[1:]) for trait in _full(one))
    bare = _bare(one)
    if not bare:
        bare = first_name(one.name)
        yield ("bare by title", *bare)
        yield ("bare by address", *bare)
    else:
        yield ("called", *bare)
        yield ("bare by address" if not one.addresses else "bare by title", *bare)


def _full(one: FoundPerson) -> Sequence[tuple[str, ...]]:
    names = [one.name, *one.spellings, *(name_in_address(email) for email in one.addresses)]
    return [("name", *same_name(name)) for name in names if len(same_name(name)) > 1]


def _local(one: FoundPerson) -> Sequence[tuple[str, ...]]:
    parts = {fold(email.partition("@")[0]) for email in one.addresses}
    return [("local", part) for part in sorted(parts) if len(part) >= _TELLING]


def _bare(one: FoundPerson) -> tuple[str, ...]:
    """The one word that somebody without a full name goes by: a first name, or a local part of
    letters."""
    if "@" in one.name:
        local = one.name.partition("@")[0]
        return (fold(local),) if local.isalpha() else ()
    words = same_name(one.name)
    return words if len(words) == 1 else ()
