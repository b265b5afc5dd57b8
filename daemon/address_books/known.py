"""Who the contacts are, as the config and the address books in the ledger say."""

from __future__ import annotations

from connectors.address_book import Card
from daemon.address_books.merging import Merged, merge
from daemon.config.schema import Config
from daemon.ledger.ledger import Ledger
from daemon.people.contacts import Contact


def contacts_of(config: Config, ledger: Ledger) -> tuple[Contact, ...]:
    """The contacts of the config and of the address books as they were read last."""
    return config.people if not config.addressbooks else merged(config, ledger).contacts


def unlabelled(config: Config, ledger: Ledger) -> list[tuple[str, Card]]:
    """The cards of people who are no contacts, each with its address book's name in the config."""
    contacts = merged(config, ledger).identities
    return [
        (name, card)
        for name in config.addressbooks
        for cards in ledger.cards(name)
        for card in cards
        if not (card.is_group or card.dead) and card.uid not in contacts
    ]


def merged(config: Config, ledger: Ledger) -> Merged:
    """The same, with who stands on which card and what is doubtful."""
    accounts = ledger.accounts().values()
    return merge(
        config,
        {name: ledger.cards(name) for name in config.addressbooks},
        ledger.identities(),
        frozenset[str]().union(*(account.addresses for account in accounts)),
    )
