"""Putting people who were found in the calendars into the config, by name."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path

from connectors.errors import FikadError
from daemon.config.schema import Config
from daemon.config.values import folded
from daemon.discovery.found_person import FoundPerson
from daemon.durations import duration_text
from daemon.people.folding import fold
from daemon.setup.config_writer import NewContact, read_text, replace_config, with_contacts

_MOST_HINTS = 3


class NobodyFoundError(FikadError):
    """Nobody in the calendars, or more than one, goes by the name to be added."""


class DuplicateError(FikadError):
    """Somebody to be added is in the config already."""


def add_found(
    path: Path,
    config: Config,
    people: Sequence[FoundPerson],
    shown: Sequence[FoundPerson],
    names: Sequence[str],
) -> list[NewContact]:
    """Put everybody named into the config file, or nobody: they may be any of `people`, and only
    those `shown` are named to the user. Raises NobodyFoundError, DuplicateError,
    ConfigWriteError."""
    before = read_text(path) or ""
    wanted = {name: _the_one(people, shown, name) for name in names}
    contacts = [_contact(person, name, config) for name, person in wanted.items()]
    _refuse_duplicates(config, contacts)
    replace_config(path, before, with_contacts(before, contacts))
    return contacts


def _contact(person: FoundPerson, name: str, config: Config) -> NewContact:
    """The contact to be written for somebody found, with no more than the circle does not say
    anyway; of several addresses only one, when that alone was named."""
    address = name.strip().lower()
    circle = config.circles.get(person.circle)
    return NewContact(
        " ".join(person.name.split()),
        (address,) if address in person.addresses else person.addresses,
        circle=person.circle if circle else "",
        cadence=""
        if circle and circle.cadence == person.cadence
        else duration_text(person.cadence),
    )


def _refuse_duplicates(config: Config, contacts: Sequence[NewContact]) -> None:
    names = {
        folded(name): entry.name
        for entry in config.contacts
        for name in (entry.name, *entry.aliases)
    }
    owners = {email: entry.name for entry in config.contacts for email in entry.emails}
    for contact in contacts:
        known = names.get(folded(contact.name)) or next(
            (owners[email] for email in contact.emails if email in owners), ""
        )
        if known:
            new = [email for email in contact.emails if email not in owners]
            advice = (
                f"add {' and '.join(new)} to their `emails` there, if that is whom you mean"
                if new
                else ""
            )
            raise DuplicateError(
                f'nothing was added, since "{known}" is in your config already', advice
            )
        names[folded(contact.name)] = contact.name
        owners |= dict.fromkeys(contact.emails, contact.name)


def _the_one(people: Sequence[FoundPerson], shown: Sequence[FoundPerson], name: str) -> FoundPerson:
    """The person meant by a name, another spelling, an address or the beginning of a name. Raises
    NobodyFoundError, which names none but those `shown`."""
    wanted = fold(name)
    exact = [
        person
        for person in people
        if wanted == fold(person.name) or name.strip().lower() in person.addresses
    ]
    matches = exact or [person for person in shown if wanted in map(fold, person.spellings)]
    matches = matches or [
        person for person in shown if wanted and fold(person.name).startswith(wanted)
    ]
    if len(matches) == 1:
        return matches[0]
    if matches:
        raise NobodyFoundError(
            f'"{name}" could be {_list(matches)}', "write the full name or an address"
        )
    close = difflib.get_close_matches(
        wanted, [fold(person.name) for person in shown], n=_MOST_HINTS, cutoff=0.5
    )
    hints = [person for person in shown if fold(person.name) in close]
    advice = (
        f"did you mean {_list(hints)}?" if hints else "see `fikad discover` for everybody found"
    )
    raise NobodyFoundError(f'nobody called "{name}" was found in your calendars', advice)


def _list(people: Sequence[FoundPerson]) -> str:
    shown = [
        f'"{person.name}" ({person.addresses[0]})'
        if person.addresses and person.addresses[0] != person.name
        else f'"{person.name}"'
        for person in people
    ]
    return " or ".join(shown[:5])
