"""The address books of one pass: each is opened, read once and closed; then everybody who is called
otherwise by now keeps what is recorded for them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import closing
from datetime import datetime

from connectors.address_book import AddressBookAccount
from connectors.errors import AccountError
from daemon.address_books.book_reading import BookReading
from daemon.address_books.known import merged
from daemon.address_books.merging import renamed
from daemon.address_books.reading import failed, read_books
from daemon.config.schema import Config
from daemon.ledger.ledger import Ledger

BookOpener = Callable[[str], AddressBookAccount]
"""Opens an address book by its name in the config; raises AccountError."""


def read_address_books(
    config: Config,
    ledger: Ledger,
    opener: BookOpener,
    now: datetime,
    accept_empty: Collection[str] = (),
) -> list[BookReading]:
    """Read every address book of the config; one that fails does not stop the others."""
    ledger.keep_address_books(config.addressbooks)
    readings = []
    for name, entry in config.addressbooks.items():
        try:
            account = opener(name)
        except AccountError as error:
            readings.append(failed(name, error, ledger))
            continue
        with closing(account):
            accepted = name in accept_empty
            readings.append(read_books(account, entry, ledger, now, accept_empty=accepted))
    return readings


def follow_renames(config: Config, ledger: Ledger) -> None:
    """Carry over what is recorded for somebody whose card has another name by now, and remember
    whose card is whose."""
    if not config.addressbooks:
        return
    before, now = ledger.identities(), merged(config, ledger)
    changed = renamed(before, now)
    known = {uid: changed.get(key, key) for uid, key in before.items()} | dict(now.identities)
    with ledger.transaction():
        ledger.carry_over(changed)
        ledger.save_identities({uid: key for uid, key in known.items() if before.get(uid) != key})
