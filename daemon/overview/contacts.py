"""Who the contacts are, and changing that in the config: what `fikad contacts` does and tells."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from connectors.errors import FikadError
from daemon.bad_value import BadValue
from daemon.config.schema import Config, ConfigError, load
from daemon.config.values import folded, parse_email
from daemon.ledger.ledger import Ledger, ledger_view, open_ledger
from daemon.ledger.lock import locked
from daemon.overview.naming import the_contact
from daemon.people.contacts import CONFIG, Contact
from daemon.setup.config_writer import data_of, read_text, replace_config, with_contact
from daemon.setup.contact_editing import ContactChange, with_changed_contact, without_contact
from daemon.situation.assessing import contacts_now

__all__ = ["Changed", "ContactChange", "ContactChangeError", "ContactEntries", "KnownContacts"]


class ContactChangeError(FikadError):
    """The config was left as it is: the change would break it, or says nothing about anybody."""


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
    name: str
    """What they were called until now."""
    is_changed: bool = True
    """Whether the config was: False where it said all that before."""

    @property
    def stays(self) -> str:
        """What is to be said of somebody who was removed and still is a contact; else empty."""
        if self.contact is None:
            return ""
        return (
            f"{self.contact.name} stays a contact by a label in the address book"
            f' "{self.contact.source}": {_instead(self.contact)}.'
        )

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
        change = _with_addresses(change)
        self._refuse_double(name, known.all)
        self._refuse_taken(change, known, but="")
        before = read_text(self.path)
        table = change.applied({"name": name})
        self._write(before, with_contact(before, table))
        return self._since(name, now)

    def edit(self, name: str, change: ContactChange, now: datetime) -> Changed:
        """What an entry says of somebody; of a person of an address book who has none, a new one of
        the same name. Raises UnknownNameError, ContactChangeError, ConfigWriteError."""
        known = self.known(now)
        contact = the_contact(known.all, name)
        change = _with_addresses(change)
        self._refuse_taken(change, known, but=contact.key)
        before = read_text(self.path)
        index = self._index(contact)
        if index is None:
            return self._edit_person_of_book(contact, change, before, now)
        table = data_of(before)["contacts"][index]
        _refuse_untakeable(contact, table, change)
        new_name = str(change.values.get("name", table["name"]))
        after = with_changed_contact(before, index, change.applied(table))
        if folded(new_name) == contact.key:
            self._write(before, after)
        else:
            self._refuse_double(new_name, known.all)
            self._rename(contact.key, folded(new_name), before, after)
        return self._since(new_name, now, contact.name, is_changed=after != before)

    def remove(self, contact: Contact, now: datetime) -> Changed:
        """Their entry. Whoever has a label in an address book stays a contact. Raises
        ContactChangeError, ConfigWriteError."""
        self.demand_removable(contact)
        index = self._index(contact)
        if index is not None:
            before = read_text(self.path)
            self._write(before, without_contact(before, index))
        return self._since(contact.name, now)

    def demand_removable(self, contact: Contact) -> None:
        """Raises ContactChangeError for somebody whom only an address book makes a contact."""
        if self._index(contact) is None:
            raise ContactChangeError(
                f"{contact.name} is no entry of your config, but has a label in the address book"
                f' "{contact.source}", which fikad only reads',
                f"{_instead(contact)}",
            )

    # --- checking ---

    def _index(self, contact: Contact) -> int | None:
        names = [folded(entry.name) for entry in self.config.contacts]
        return names.index(contact.key) if contact.key in names else None

    def _refuse_double(self, name: str, contacts: Collection[Contact]) -> None:
        for contact in contacts:
            if folded(name) in map(folded, (contact.name, *contact.aliases)):
                raise ContactChangeError(
                    f'nothing was changed, since "{name}" is a contact already{_origin(contact)}',
                    f'change them with `fikad contacts edit "{name}"`',
                )

    def _refuse_taken(self, change: ContactChange, known: KnownContacts, *, but: str) -> None:
        """Raises ContactChangeError for an address or another name that is somebody else's."""
        for email in change.added.get("emails", ()):
            if email in known.mine:
                raise ContactChangeError(
                    f'nothing was changed, since "{email}" is your own', "leave it out"
                )
        for contact in known.all:
            if contact.key == but:
                continue
            whose = "another contact" if contact.paused else f'"{contact.name}"'
            names = {folded(name) for name in (contact.name, *contact.aliases)}
            for email in change.added.get("emails", ()):
                if email in contact.emails:
                    raise ContactChangeError(
                        f'nothing was changed, since "{email}" belongs to {whose} already',
                        "take it off them first, if that is wrong",
                    )
            for alias in change.added.get("aliases", ()):
                if folded(alias) in names:
                    raise ContactChangeError(
                        f'nothing was changed, since {whose} is called "{alias}" already',
                        "give another alias",
                    )

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
        _refuse_untakeable(contact, {}, change)
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

    def _since(
        self, name: str, now: datetime, before: str = "", *, is_changed: bool = True
    ) -> Changed:
        with ledger_view(self.state) as ledger:
            known = _known(load(self.path), ledger, now).all
        contact = next((each for each in known if each.key == folded(name)), None)
        return Changed(contact, before or name, is_changed)


def _known(config: Config, ledger: Ledger, now: datetime) -> KnownContacts:
    living = [contact for contact in contacts_now(config, ledger, now) if not contact.dead]
    own = (account.addresses for account in ledger.accounts().values())
    return KnownContacts(
        tuple(contact for contact in living if not contact.paused),
        tuple(contact for contact in living if contact.paused),
        frozenset(config.me).union(*own),
    )


def _with_addresses(change: ContactChange) -> ContactChange:
    """The change with its addresses as the config has them. Raises ContactChangeError."""
    parsed = []
    for email in change.added.get("emails", ()):
        try:
            parsed.append(parse_email(email))
        except BadValue as error:
            what = f'nothing was changed: "{email}" {error}'
            raise ContactChangeError(what, error.hint) from None
    return replace(change, added={**change.added, "emails": tuple(parsed)})


def _refuse_untakeable(contact: Contact, table: dict[str, Any], change: ContactChange) -> None:
    """Raises ContactChangeError where something is to be taken away that the entry does not say."""
    book = f"the address book {contact.source}" if contact.source != CONFIG else "an address book"
    for key, values in change.taken.items():
        there = {folded(text) for text in table.get(key, ())}
        for text in values:
            if folded(text) not in there:
                raise ContactChangeError(
                    f'nothing was changed: "{text}" is not among the {key} of {contact.name} in'
                    " your config",
                    f"there is {_listed(table[key])}"
                    if table.get(key)
                    else f"if {book} says so, change it there",
                )
    emptied = {key for key, values in change.taken.items() if not values}
    dropped = change.dropped - {"new", "kin", "paused", "until"}
    for key in sorted((dropped | emptied) - table.keys()):
        raise ContactChangeError(
            f"nothing was changed: your config gives {contact.name} no {key}",
            f"if {book} does, change it there",
        )


def _listed(texts: Sequence[str]) -> str:
    return ", ".join(f'"{text}"' for text in texts)


def _origin(contact: Contact) -> str:
    return "" if contact.source == CONFIG else f', from the address book "{contact.source}"'


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
