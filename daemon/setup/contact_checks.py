"""What a change of a contact must not do: give somebody a name or an address that is another's, or
take away what the config does not say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import replace
from typing import Any

from connectors.errors import FikadError
from daemon.bad_value import BadValue
from daemon.config.values import folded, parse_email
from daemon.people.contacts import CONFIG, Contact
from daemon.setup.contact_editing import ContactChange


class ContactChangeError(FikadError):
    """The config was left as it is: the change would break it, or says nothing about anybody."""


def refuse_double(name: str, contacts: Iterable[Contact]) -> None:
    """Raises ContactChangeError for a name by which one of the contacts goes already."""
    for contact in contacts:
        if folded(name) in map(folded, (contact.name, *contact.aliases)):
            raise ContactChangeError(
                f'nothing was changed, since "{name}" is a contact already{_origin(contact)}',
                f'change them with `fikad contacts edit "{name}"`',
            )


def refuse_taken(change: ContactChange, others: Iterable[Contact], mine: Set[str]) -> None:
    """Raises ContactChangeError for an address or another name that is somebody else's, or an
    address of the user's own (`mine`, lower case)."""
    for email in change.added.get("emails", ()):
        if email in mine:
            raise ContactChangeError(
                f'nothing was changed, since "{email}" is your own', "leave it out"
            )
    for contact in others:
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


def with_addresses(change: ContactChange) -> ContactChange:
    """The change with its addresses as the config has them. Raises ContactChangeError."""
    parsed = []
    for email in change.added.get("emails", ()):
        try:
            parsed.append(parse_email(email))
        except BadValue as error:
            what = f'nothing was changed: "{email}" {error}'
            raise ContactChangeError(what, error.hint) from None
    return replace(change, added={**change.added, "emails": tuple(parsed)})


def refuse_untakeable(contact: Contact, table: Mapping[str, Any], change: ContactChange) -> None:
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
