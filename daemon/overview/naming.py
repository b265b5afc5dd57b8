"""From what the user typed to the contact they mean."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from connectors.errors import FikadError
from daemon.config.schema import BUILT_IN_OCCASIONS, Config, ConfigError, load
from daemon.ledger.ledger import ledger_view
from daemon.people.contacts import Contact
from daemon.people.folding import fold
from daemon.situation.assessing import contacts_now


class UnknownNameError(FikadError):
    """Nobody in the config, or more than one contact, goes by that name."""


def contacts_in(config: Config, state: Path, now: datetime) -> list[Contact]:
    """The contacts, with those paused who are to be named nowhere by the ledger in `state`. Raises
    LedgerError."""
    with ledger_view(state) as ledger:
        return contacts_now(config, ledger, now)


def known_logins(config: Path) -> list[str]:
    """The accounts and address books that the config names; none where it has mistakes."""
    try:
        known = load(config)
    except ConfigError:
        return []
    return [*known.accounts, *(name for name in known.addressbooks if name not in known.accounts)]


def known_circles(config: Path) -> list[str]:
    """The circles of the config; none where it has mistakes."""
    try:
        return [*load(config).circles]
    except ConfigError:
        return []


def known_occasions(config: Path) -> list[str]:
    """The occasions that a contact may name; none where the config has mistakes."""
    try:
        occasions = load(config).occasions
    except ConfigError:
        return []
    return [*occasions, *(name for name in BUILT_IN_OCCASIONS if name not in occasions)]


def known_contacts(config: Path, state: Path, now: datetime) -> list[str]:
    """The contacts by name, nobody who is paused; none where the config has mistakes or the ledger
    cannot be read."""
    try:
        contacts = contacts_in(load(config), state, now)
    except FikadError:
        return []
    return [contact.name for contact in contacts if not contact.paused]


def the_contact(contacts: Sequence[Contact], name: str) -> Contact:
    """The one contact meant by a full name, an alias, an address, or the beginning of a name.
    Raises UnknownNameError, naming those who come close; nobody who is paused is named there, or
    meant by a beginning that somebody else's name has, too."""
    wanted = fold(name)
    exact = [
        contact
        for contact in contacts
        if wanted in {fold(contact.name), *map(fold, contact.aliases)}
        or name.strip().lower() in contact.emails
    ]
    matches = exact or _beginning(contacts, f"{wanted} ") or _beginning(contacts, wanted)
    if len(matches) == 1:
        return matches[0]
    named = [contact for contact in contacts if not contact.paused]
    if matches:
        could = [contact for contact in matches if not contact.paused]
        told = (
            f"could be {_list(could)}"
            if len(could) > 1
            else "could be more than one of your contacts"
        )
        raise UnknownNameError(f'"{name}" {told}', "write the full name")
    close = difflib.get_close_matches(
        wanted, [fold(contact.name) for contact in named], n=3, cutoff=0.5
    )
    hint = [contact for contact in named if fold(contact.name) in close]
    advice = (
        f"did you mean {_list(hint)}?"
        if hint
        else "see `fikad status` for everybody in your config"
    )
    raise UnknownNameError(f'nobody in your config is called "{name}"', advice)


def _beginning(contacts: Sequence[Contact], wanted: str) -> list[Contact]:
    """Those whose name begins so; of them the paused only when there is nobody else."""
    beginning = [
        contact
        for contact in contacts
        if wanted.strip() and f"{fold(contact.name)} ".startswith(wanted)
    ]
    return [contact for contact in beginning if not contact.paused] or beginning


def _list(contacts: Sequence[Contact]) -> str:
    return " or ".join(f'"{contact.name}"' for contact in contacts[:5])
