"""The contacts at the strict server, and what a caller keeps of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from connectors.address_book import Card, CardChanges, labels_by_uid
from connectors.google.auth import OAuthLogin
from connectors.google.calls import Patience as Waiting
from connectors.google.contacts import GoogleContacts
from tests.connectors.google.an_account import NOW, Patience
from tests.connectors.google.server import CONTACTS_SCOPE, GoogleServer, Kept


@dataclass
class BookReader:
    """A caller with the contacts open: cards, ETags and the token are kept, as its memo is."""

    server: GoogleServer
    contacts: GoogleContacts
    patience: Patience
    tokens: Kept
    now: datetime = NOW
    cards: dict[str, Card] = field(default_factory=dict)
    etags: dict[str, str | None] = field(default_factory=dict)
    token: str | None = None

    def read(self, *, complete: bool = False) -> list[CardChanges]:
        """One poll; time goes on by 15 minutes. A reading that fails keeps what it has brought."""
        self.now += timedelta(minutes=15)
        (book,) = self.contacts.books(self.now)
        batches = list[CardChanges]()
        for batch in book.changes(self.token, dict(self.etags), complete=complete):
            batches.append(batch)
            for stored in batch.changed:
                self.cards[stored.href] = stored.card
                self.etags[stored.href] = stored.etag
            for href in batch.removed:
                del self.cards[href], self.etags[href]
        assert [batch.last for batch in batches] == [False] * (len(batches) - 1) + [True]
        self.token = batches[-1].token
        return batches

    def requests_of(self, **options: bool) -> int:
        before = self.contacts.requests
        self.read(**options)
        return self.contacts.requests - before

    @property
    def people(self) -> dict[str, Card]:
        """Everybody by name."""
        return {card.name: card for card in self.cards.values() if not card.is_group}

    def labels(self) -> dict[str, set[str]]:
        """The labels of everybody, by name."""
        named = labels_by_uid(self.cards.values())
        return {name: set(named[card.uid]) for name, card in self.people.items()}


@contextmanager
def contacts_at(
    server: GoogleServer,
    scopes: Iterable[str] = (CONTACTS_SCOPE,),
    *,
    tokens: Kept | None = None,
    memo: dict[str, Any] | None = None,
) -> Iterator[BookReader]:
    patience = Patience()
    kept = tokens or Kept(server.grant(scopes))
    contacts = GoogleContacts(
        "friends",
        OAuthLogin("work", Path("client_secret.json"), kept),
        server.endpoint,
        {} if memo is None else memo,
        Waiting(patience.clock, patience.sleep),
    )
    try:
        yield BookReader(server, contacts, patience, kept)
    finally:
        contacts.close()
