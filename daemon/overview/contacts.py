"""Who the contacts are, and changing that in the config: what `fikad contacts` does and tells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from daemon.config.schema import Config, ConfigError, load
from daemon.config.values import folded
from daemon.ledger.ledger import Ledger, ledger_view, open_ledger
from daemon.ledger.lock import locked
from daemon.overview.naming import the_contact
from daemon.people.contacts import Contact
from daemon.setup.config_writer import data_of, read_text, replace_config, with_contact
from daemon.setup.contact_checks import (
    ContactChangeError,
    refuse_double,
    refuse_taken,
    refuse_untakeable,
    with_addresses,
)
from daemon.setup.contact_editing import ContactChange, with_changed_contact, without_contact
from daemon.situation.assessing import contacts_now

__all__ = ["Changed", "ContactChange", "ContactChangeError", "ContactEntries", "KnownContacts"]


@dataclass(frozen=True, slots=True)
class KnownContacts:
    """The contacts of the config and the address books."""

    named: tuple[Contact, ...]
    """Those who may be named unasked."""
    paused: tuple[Contact, ...]
    mine: frozenset[str] = frozenset()
    """The user's own addresses, lower case."""

    @property
    def all(self) -> tuple[Contact, ...]:
        return (*self.named, *self.paused)

    def facts(self) -> dict[str, Any]:
        """All of them as JSON."""
        return facts_of(self.all)


@dataclass(frozen=True, slots=True)
class Changed:
    """Whose entry was changed."""

    contact: Contact | None
    """As they are known now; None: they are no contact any more."""
    is_changed: bool = True
    """Whether the config was: False where it said all that before."""
    remarks: tuple[str, ...] = ()
    """Sentences on what that does not do, or does besides."""

    def facts(self) -> dict[str, Any]:
        """What is known of them now, as JSON."""
        return facts_of([self.contact] if self.contact else [])


@dataclass(frozen=True, slots=True)
class ContactEntries:
    """The `[[contacts]]` of the config file at `path`; the ledger in `state` knows the people of
    address books."""

    config: Config
    path: Path
    state: Path

    def known(self, now: datetime) -> KnownContacts:
        """Everybody but the dead, in the order of the config. Raises LedgerError."""
        with ledger_view(self.state) as ledger:
            return _known(self.config, ledger, now)

    def the_contact(self, name: str, now: datetime) -> Contact:
        """Whom a name, an address or the beginning of a name means. Raises UnknownNameError."""
        return the_contact(self.known(now).all, name)

    def add(self, name: str, change: ContactChange, now: datetime) -> Changed:
        """Somebody new. Raises ContactChangeError, ConfigWriteError."""
        known = self.known(now)
        name = " ".join(name.split())
        change = with_addresses(change)
        refuse_double(name, known.all)
        refuse_taken(change, known.all, known.mine)
        before = read_text(self.path)
        table = change.applied({"name": name})
        self._write(before, with_contact(before, table))
        return self._since(name, now)

    def edit(self, name: str, change: ContactChange, now: datetime) -> Changed:
        """What an entry says of somebody; of a person of an address book who has none, a new one of
        the same name. Raises UnknownNameError, ContactChangeError, ConfigWriteError."""
        known = self.known(now)
        contact = the_contact(known.all, name)
        change = with_addresses(change)
        others = [each for each in known.all if each.key != contact.key]
        refuse_taken(change, others, known.mine)
        before = read_text(self.path)
        index = self._index(contact)
        if index is None:
            return self._edit_person_of_book(contact, change, before, now)
        table = data_of(before)["contacts"][index]
        refuse_untakeable(contact, table, change)
        new_name = str(change.values.get("name", table["name"]))
        after = with_changed_contact(before, index, change.applied(table))
        if folded(new_name) == contact.key:
            self._write(before, after)
        else:
            refuse_double(new_name, others)
            self._rename(contact.key, folded(new_name), before, after)
        changed = self._since(new_name, now, is_changed=after != before)
        return replace(changed, remarks=(*_remarks(contact, change, changed),))

    def remove(self, contact: Contact, now: datetime) -> Changed:
        """Their entry. Whoever has a label in an address book stays a contact. Raises
        ContactChangeError, ConfigWriteError."""
        self.demand_removable(contact)
        index = self._index(contact)
        if index is not None:
            before = read_text(self.path)
            self._write(before, without_contact(before, index))
        removed = self._since(contact.name, now)
        return replace(removed, remarks=(*_stays(removed),))

    def demand_removable(self, contact: Contact) -> None:
        """Raises ContactChangeError for somebody whom only an address book makes a contact."""
        if self._index(contact) is None:
            raise ContactChangeError(
                f"{contact.name} is no entry of your config, but has a label in the address book"
                f' "{contact.source}", which fikad only reads',
                f"{_instead(contact)}",
            )

    def _index(self, contact: Contact) -> int | None:
        names = [folded(entry.name) for entry in self.config.contacts]
        return names.index(contact.key) if contact.key in names else None

    # --- writing ---

    def _write(self, before: str, after: str) -> None:
        try:
            load(self.path, after)
        except ConfigError as error:
            first = error.problems[0]
            raise ContactChangeError(f"nothing was changed: {first.message}", first.hint) from None
        replace_config(self.path, before, after)

    def _edit_person_of_book(
        self, contact: Contact, change: ContactChange, before: str, now: datetime
    ) -> Changed:
        if "name" in change.values:
            raise ContactChangeError(
                f"nothing was changed: {contact.name} is called so in the address book"
                f' "{contact.source}"',
                "change the name there; what is recorded for them goes with it",
            )
        refuse_untakeable(contact, {}, change)
        bare = {"name": contact.name}
        table = change.applied(bare)
        if table != bare:
            self._write(before, with_contact(before, table))
        return self._since(contact.name, now, is_changed=table != bare)

    def _rename(self, old: str, new: str, before: str, after: str) -> None:
        """Both or neither: the entry's name, and under which everything is recorded. No pass is at
        work meanwhile. Raises RefusedError while one is."""
        with (
            locked(self.state),
            open_ledger(self.state) as ledger,
            ledger.transaction(),
        ):
            ledger.carry_over({old: new})
            known = ledger.identities()
            ledger.save_identities({uid: new for uid, key in known.items() if key == old})
            self._write(before, after)

    def _since(self, name: str, now: datetime, *, is_changed: bool = True) -> Changed:
        with ledger_view(self.state) as ledger:
            known = _known(load(self.path), ledger, now).all
        contact = next((each for each in known if each.key == folded(name)), None)
        return Changed(contact, is_changed)


def _known(config: Config, ledger: Ledger, now: datetime) -> KnownContacts:
    living = [contact for contact in contacts_now(config, ledger, now) if not contact.dead]
    own = (account.addresses for account in ledger.accounts().values())
    return KnownContacts(
        tuple(contact for contact in living if not contact.paused),
        tuple(contact for contact in living if contact.paused),
        frozenset(config.me).union(*own),
    )


def _remarks(before: Contact, change: ContactChange, changed: Changed) -> Iterator[str]:
    """What is to be said after an edit."""
    contact = changed.contact
    if contact is None:
        return
    if folded(before.name) not in map(folded, (contact.name, *contact.aliases)):
        yield (
            f'Titles that say "{before.name}" speak of nobody now. If they are to count still, run'
            f' `fikad contacts edit "{contact.name}" --alias "{before.name}"`.'
        )
    if "paused" in change.dropped and contact.paused:
        yield 'They are paused still, since you answered "never": `fikad snooze` ends that.'


def _stays(removed: Changed) -> Iterator[str]:
    """What is to be said of somebody who was removed and still is a contact."""
    contact = removed.contact
    if contact is not None:
        yield (
            f'{contact.name} stays a contact by a label in the address book "{contact.source}":'
            f" {_instead(contact)}."
        )


def _instead(contact: Contact) -> str:
    return (
        "take the label away there, or keep them from being suggested with"
        f' `fikad contacts edit "{contact.name}" --paused`'
    )


def facts_of(contacts: Sequence[Contact]) -> dict[str, Any]:
    """Contacts as JSON: `fikad contacts --json`."""
    return {"contacts": [_facts(contact) for contact in contacts]}


def _facts(contact: Contact) -> dict[str, Any]:
    birthday = contact.birthday
    day = f"{birthday.month:02}-{birthday.day:02}" if birthday else None
    return {
        "name": contact.name,
        "emails": emails_of(contact),
        "aliases": list(contact.aliases),
        "circle": contact.circle or None,
        "cadence_days": contact.cadence.days,
        "occasions": list(contact.occasions),
        "tags": list(contact.tags),
        "new": contact.new,
        "kin": contact.kin,
        "paused": contact.paused,
        "until": contact.until.isoformat() if contact.until and contact.paused else None,
        "birthday": f"{birthday.year:04}-{day}" if birthday and birthday.year else day,
        "phone": contact.phone or None,
        "timezone": contact.timezone.key if contact.timezone else None,
        "source": contact.source,
    }


def emails_of(contact: Contact) -> list[str]:
    """Their addresses, the one they are written to first."""
    return sorted(contact.emails, key=lambda email: (email != contact.address, email))
