"""Changing and removing contacts in the user's config: only the lines that are theirs, and in them
only what is meant."""

from __future__ import annotations

import contextlib
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Array

from daemon.config.contact_entries import ContactEntry
from daemon.config.values import folded
from daemon.setup.config_writer import ConfigWriteError, data_of, rendered
from daemon.setup.contact_block import contact_block


@dataclass(frozen=True, slots=True)
class ContactChange:
    """What is to be different in the entry of a contact, by keys of the config."""

    values: Mapping[str, str | bool] = field(default_factory=dict)
    """What a key says from now on."""
    dropped: frozenset[str] = frozenset()
    """Keys that say nothing any more."""
    added: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What lists have besides."""
    taken: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What lists have no more; nothing: all of it goes."""

    def __bool__(self) -> bool:
        return bool(self.values or self.dropped or self.added or self.taken)

    def applied(self, table: Mapping[str, Any]) -> dict[str, Any]:
        """The keys of an entry with the change. A list that has nothing more is left out."""
        after = {key: value for key, value in table.items() if key not in self.dropped}
        after |= self.values
        for key in {**self.taken, **self.added}:
            texts = self._list(key, table.get(key, ()))
            after = {other: value for other, value in after.items() if other != key}
            after |= {key: texts} if texts else {}
        return dict(sorted(after.items(), key=lambda item: _place(item[0], table)))

    def _list(self, key: str, before: Iterable[str]) -> list[str]:
        """What a list has with the change."""
        lost = {folded(text) for text in self.taken.get(key, ())}
        emptied = key in self.taken and not lost
        kept = [] if emptied else [text for text in before if folded(text) not in lost]
        there = {folded(text) for text in kept}
        return kept + [text for text in self.added.get(key, ()) if folded(text) not in there]


def _place(key: str, table: Mapping[str, Any]) -> int:
    """Where a key stands: new ones after those that are there, in the order of the reference."""
    return [*table, *ContactEntry.model_fields].index(key)


def with_changed_contact(text: str, index: int, values: Mapping[str, Any]) -> str:
    """The config whose contact of that index, from 0, has these keys and no others. Raises
    ConfigWriteError."""
    wanted = data_of(text)
    if wanted["contacts"][index] == dict(values):
        return text
    wanted["contacts"][index] = dict(values)

    def changed(renew: bool) -> str:
        block = contact_block(text, index)
        document = tomlkit.parse(text if block is None else block.own)
        people: Any = document["contacts"]
        _change(people[index if block is None else 0], values, renew=renew)
        after = tomlkit.dumps(document)
        return after if block is None else block.replaced(after)

    by_hand = f"change it by hand:\n[[contacts]]\n{rendered(values).strip()}"
    return _meaning(wanted, [lambda: changed(renew=False), lambda: changed(renew=True)], by_hand)


def without_contact(text: str, index: int) -> str:
    """The config without the contact of that index, from 0. Raises ConfigWriteError."""
    wanted = data_of(text)
    name = wanted["contacts"].pop(index)["name"]

    def removed() -> str:
        block = contact_block(text, index)
        if block is not None:
            return block.removed()
        document = tomlkit.parse(text)
        people: Any = document["contacts"]
        del people[index]
        return tomlkit.dumps(document)

    if not wanted["contacts"] and contact_block(text, index) is not None:
        del wanted["contacts"]
    return _meaning(wanted, [removed], f'take "{name}" out by hand')


def _change(entry: Any, values: Mapping[str, Any], *, renew: bool) -> None:
    """Make a table of tomlkit say these keys; lists keep their layout, unless to `renew` them."""
    for key in [key for key in entry if key not in values]:
        del entry[key]
    for key, value in values.items():
        if key not in entry:
            entry[key] = value
        elif entry[key] != value:
            if isinstance(entry[key], Array) and not renew:
                _change_list(entry[key], value)
            else:
                entry[key] = value


def _change_list(array: Array, values: list[str]) -> None:
    for place in reversed(range(len(array))):
        if array[place] not in values:
            del array[place]
    for value in values:
        if value not in array:
            array.append(value)


def _meaning(wanted: Mapping[str, Any], ways: list[Callable[[], str]], by_hand: str) -> str:
    """The first text that means what is wanted."""
    for way in ways:
        # tomlkit may stumble over an unusual layout in any way; the comparison is what counts.
        with contextlib.suppress(TOMLKitError, LookupError, ValueError, TypeError):
            after = way()
            if tomllib.loads(after) == wanted:
                return after
    raise ConfigWriteError("this config is laid out in a way that cannot be changed", by_hand)
