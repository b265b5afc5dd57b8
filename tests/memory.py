"""Calendars and address books in memory that behave like a server: ETags, conditions, sync tokens.

For replaying and simulating: the real pass runs on them, years in seconds, and nothing leaves the
process. What another program does to them goes through `put` and `drop`, unconditionally, as such
programs do."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from connectors.address_book import Card, CardChanges, StoredCard
from connectors.base import Changes, HoldDraft, Problem, Resource, oldest_called
from connectors.errors import AccountError, ChangedError, ReadOnlyError, TakenError
from connectors.free_busy import FreeBusySource
from connectors.ical.completion import completed_text
from connectors.ical.hold_text import hold_text

_STAMP = datetime(2000, 1, 1, tzinfo=UTC)
"""DTSTAMP of holds written here: nobody reads it, and a fixed one makes runs repeatable."""


@dataclass(slots=True)
class MemoryCalendar:
    """One calendar (`connectors.base.Calendar`)."""

    id: str
    name: str = ""
    writable: bool = True
    also_called: tuple[str, ...] = ()
    owner: str = ""
    keeps_history: bool = True
    resources: dict[str, Resource] = field(default_factory=dict)
    """By href."""
    _log: list[str] = field(default_factory=list)
    """The hrefs in the order in which they changed or went; a sync token is a place in it."""

    def __post_init__(self) -> None:
        self.name = self.name or self.id

    # --- another program

    def put(self, href: str, text: str) -> Resource:
        """Store a text, whatever is there."""
        self._log.append(href)
        self.resources[href] = Resource(href, f'"{len(self._log)}"', text)
        return self.resources[href]

    def drop(self, href: str) -> None:
        """Delete a text."""
        del self.resources[href]
        self._log.append(href)

    # --- fikad

    @property
    def version(self) -> str | None:
        return str(len(self._log))

    def current_version(self) -> str | None:
        return self.version

    def changes(
        self, token: str | None, known: Mapping[str, str | None], *, complete: bool = False
    ) -> Iterator[Changes]:
        """One batch; hrefs that changed since the token, or all of them."""
        touched = (
            {*known, *self.resources} if token is None or complete else {*self._log[int(token) :]}
        )
        resources = [self.resources[href] for href in sorted(touched & self.resources.keys())]
        changed = tuple(
            resource for resource in resources if known.get(resource.href) != resource.etag
        )
        gone = tuple(sorted((touched - self.resources.keys()) & known.keys()))
        yield Changes(changed, gone, self.version, last=True, expected=len(changed))

    def read(self, uid: str) -> Resource | None:
        return self.resources.get(f"{uid}.ics")

    def took_back(self, uid: str) -> bool:
        """Never known: nothing is kept of what is deleted."""
        return False

    def create(self, draft: HoldDraft) -> Resource:
        """Raises TakenError, ReadOnlyError."""
        self._demand_writable()
        href = f"{draft.uid}.ics"
        if href in self.resources:
            raise TakenError(
                "a hold of this name is in the calendar", "read it before deciding anything"
            )
        return self.put(href, hold_text(draft, _STAMP))

    def update(self, stored: Resource, draft: HoldDraft) -> Resource:
        """Raises ChangedError, ReadOnlyError."""
        self._demand_unchanged(stored)
        return self.put(stored.href, hold_text(draft, _STAMP))

    def complete(self, stored: Resource, lines: Collection[str]) -> Resource:
        """Raises ChangedError, ReadOnlyError."""
        self._demand_unchanged(stored)
        return self.put(stored.href, completed_text(stored.text, lines))

    def delete(self, stored: Resource) -> None:
        """Raises ChangedError, ReadOnlyError."""
        self._demand_unchanged(stored)
        self.drop(stored.href)

    def _demand_unchanged(self, stored: Resource) -> None:
        self._demand_writable()
        now = self.resources.get(stored.href)
        if now is None or (now.etag, now.text) != (stored.etag, stored.text):
            raise ChangedError("the hold was changed since it was read", "nothing was written")

    def _demand_writable(self) -> None:
        if not self.writable:
            raise ReadOnlyError(
                f'the calendar "{self.name}" cannot be written', "name another one for holds"
            )


@dataclass(slots=True)
class MemoryAccount:
    """One account (`connectors.base.Account`)."""

    name: str
    held: list[MemoryCalendar] = field(default_factory=list)
    owner: frozenset[str] = frozenset()
    memo: dict[str, Any] = field(default_factory=dict)
    requests: int = 0
    can_create: bool = True
    trusted: bool = False
    remark: str = ""
    unusable: Mapping[str, str] = field(default_factory=dict)
    free_busy: FreeBusySource | None = None

    def calendars(self, now: datetime) -> Sequence[MemoryCalendar]:
        return tuple(self.held)

    def addresses(self) -> frozenset[str]:
        return self.owner

    def create_calendar(self, name: str) -> MemoryCalendar:
        standing = oldest_called(name, self.held)
        if standing is not None:
            return standing
        made = MemoryCalendar(name)
        self.held.append(made)
        return made

    def close(self) -> None:
        """Nothing is open."""


@dataclass(slots=True)
class MemoryBook:
    """One address book (`connectors.address_book.AddressBook`)."""

    id: str = "contacts"
    name: str = "Contacts"
    automatic: bool = False
    stored: dict[str, StoredCard] = field(default_factory=dict)
    """By href."""
    problems: list[Problem] = field(default_factory=list)
    """Cards that cannot be read; told at every reading that looks at all."""
    down: AccountError | None = None
    """What reading ends with, halfway."""
    asked: int = 0
    """How often it was asked what changed."""
    _log: list[str] = field(default_factory=list)

    def put(self, card: Card, href: str = "") -> None:
        """Another program stores a card under its UID, unless told otherwise."""
        href = href or f"{card.uid}.vcf"
        self._log.append(href)
        self.stored[href] = StoredCard(href, f'"{len(self._log)}"', card)

    def drop(self, uid: str) -> None:
        del self.stored[f"{uid}.vcf"]
        self._log.append(f"{uid}.vcf")

    def clear(self) -> None:
        for href in list(self.stored):
            del self.stored[href]
            self._log.append(href)

    @property
    def version(self) -> str | None:
        return str(len(self._log))

    def changes(
        self, token: str | None, known: Mapping[str, str | None], *, complete: bool = False
    ) -> Iterator[CardChanges]:
        self.asked += 1
        touched = (
            {*known, *self.stored} if token is None or complete else {*self._log[int(token) :]}
        )
        standing = [self.stored[href] for href in sorted(touched & self.stored.keys())]
        changed = tuple(card for card in standing if known.get(card.href) != card.etag)
        half = len(changed) // 2
        yield CardChanges(changed[:half])
        if self.down is not None:
            raise self.down
        gone = tuple(sorted((touched - self.stored.keys()) & known.keys()))
        yield CardChanges(
            changed[half:], gone, self.version, last=True, problems=tuple(self.problems)
        )


@dataclass(slots=True)
class MemoryAddressBooks:
    """One login that holds address books (`connectors.address_book.AddressBookAccount`)."""

    name: str = "home"
    held: list[MemoryBook] = field(default_factory=lambda: [MemoryBook()])
    memo: dict[str, Any] = field(default_factory=dict)
    requests: int = 0
    down: AccountError | None = None

    def books(self, now: datetime) -> Sequence[MemoryBook]:
        self.requests += 1
        if self.down is not None:
            raise self.down
        return tuple(self.held)

    def close(self) -> None:
        """Nothing is open."""
