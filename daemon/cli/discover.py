"""`fikad discover`: everybody you meet one-on-one, from the calendars alone; and into the config
with them."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from connectors.errors import FikadError
from daemon.cli.options import Paths, clock, command, json_option, print_json

if TYPE_CHECKING:
    from connectors.vcards import Cards
    from daemon.config.schema import Config
    from daemon.discovery.found_person import FoundPerson
    from daemon.setup.config_writer import NewContact

_MOST_HINTS = 3


class NobodyFoundError(FikadError):
    """Nobody in the calendars, or more than one, goes by the name to be added."""


class DuplicateError(FikadError):
    """Somebody to be added is in the config already."""


@command("discover", help="Find the people you meet one-on-one, and add them to the config.")
@click.option("--lapsed", is_flag=True, help="Only people who have gone quiet.")
@click.option(
    "--add",
    multiple=True,
    metavar="NAME...",
    help="Add these people to the config (name or address).",
)
@click.option(
    "--vcard",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Take names and addresses from a vCard file.",
)
@click.argument("more", metavar="", nargs=-1)
@json_option
def discover_command(
    paths: Paths,
    lapsed: bool,
    add: tuple[str, ...],
    vcard: Path | None,
    more: tuple[str, ...],
    as_json: bool,
) -> None:
    """Reads the ledger; only --add writes, and only the config file."""
    from connectors.vcards import Cards, read_cards
    from daemon.cli.console import stdout_console
    from daemon.discovery.everybody import nameable

    if more and not add:
        raise click.UsageError(f'"{more[0]}": to add people to the config, write --add {more[0]}')
    config = paths.load()
    cards = read_cards(vcard) if vcard else Cards((), 0)
    now = clock()
    people, own, unread = _people(paths, config, cards, now)
    shown = nameable(people, paths.contacts(config, now))
    if add:
        added = _add(paths, config, people, shown, (*add, *more))
        if as_json:
            print_json(
                {"config": str(paths.config), "added": [contact.table() for contact in added]}
            )
        else:
            _tell_added(paths, added, people)
        return
    if lapsed:
        shown = tuple(person for person in shown if person.trend == "gone quiet")
    if as_json:
        _print_json(shown, config, cards, own)
    else:
        _print(shown, config, cards, now, lapsed=lapsed)
        for sentence in (*own.values(), *([unread] if unread else ())):
            stdout_console().print(sentence, markup=False, highlight=False)


def _people(
    paths: Paths, config: Config, cards: Cards, now: datetime
) -> tuple[tuple[FoundPerson, ...], dict[str, str], str]:
    """Everybody found in the ledger's occurrences, what is said of addresses that may be the
    user's, and of titles in a language that is not read."""
    from daemon.discovery.everybody import everybody, history_in, perhaps_mine
    from daemon.discovery.languages import unread
    from daemon.ledger.ledger import ledger_view

    with ledger_view(paths.state) as ledger:
        history = history_in(ledger, config, now)
        read = any(account.last_success for account in ledger.accounts().values())
    if not read:
        raise NobodyFoundError("no calendar has been read yet", "run `fikad once --no-plan` first")
    titles = (occurrence.title for occurrence in history.occurrences)
    read_in = (config.language,) if config.languages is None else config.languages
    people = everybody(config, history, now, cards.cards)
    return people, perhaps_mine(config, history), unread(titles, read_in)


# --- showing ---


def _print_json(
    people: Sequence[FoundPerson], config: Config, cards: Cards, own: Mapping[str, str]
) -> None:
    from daemon.cli.people_table import as_facts

    facts = [as_facts(person, config.zone) for person in people]
    print_json(
        {
            "people": facts,
            "cards": {"read": len(cards.cards), "skipped": cards.broken},
            "me": list(own),
        }
    )


def _print(
    people: Sequence[FoundPerson], config: Config, cards: Cards, now: datetime, *, lapsed: bool
) -> None:
    from rich.text import Text

    from daemon.cli.console import stdout_console
    from daemon.cli.people_table import print_people

    to = stdout_console()
    if cards.cards or cards.broken:
        to.print(
            Text(
                f"Cards in your address book: {len(cards.cards)} read, {cards.broken} broken and skipped."
            )
        )
    if not people:
        told = (
            "Nobody has gone quiet."
            if lapsed
            else "No completed one-on-one was found in your calendars."
        )
        to.print(
            Text(
                told
                if lapsed or config.me
                else f"{told} Are your addresses under `me` in the config?"
            )
        )
        return
    print_people(to, people, now, config.zone)
    new = [person for person in people if not person.known]
    if new:
        to.print()
        to.print(
            Text(
                f'Add people with `fikad discover --add "{new[0].name}"`; --json tells everything about each of them.'
            )
        )


# --- adding ---


def _add(
    paths: Paths,
    config: Config,
    people: Sequence[FoundPerson],
    shown: Sequence[FoundPerson],
    names: Sequence[str],
) -> list[NewContact]:
    """Put everybody named into the config, or nobody. Raises NobodyFoundError, DuplicateError,
    ConfigWriteError."""
    from daemon.setup.config_writer import read_text, replace_config, with_contacts

    before = read_text(paths.config) or ""
    wanted = {name: _the_one(people, shown, name) for name in names}
    contacts = [_contact(person, name, config) for name, person in wanted.items()]
    _refuse_duplicates(config, contacts)
    replace_config(paths.config, before, with_contacts(before, contacts))
    return contacts


def _contact(person: FoundPerson, name: str, config: Config) -> NewContact:
    """The contact to be written for somebody found, with no more than the circle does not say
    anyway; of several addresses only one, when that alone was named."""
    from daemon.durations import duration_text
    from daemon.setup.config_writer import NewContact

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
    from daemon.config.values import folded

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
    from daemon.people.folding import fold

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


def _tell_added(paths: Paths, added: Sequence[NewContact], people: Sequence[FoundPerson]) -> None:
    from rich.text import Text

    from daemon.cli.console import stdout_console
    from daemon.durations import every, parse_duration

    to = stdout_console()
    joined = {person.addresses: person.same_as for person in people if len(person.addresses) > 1}
    for contact in added:
        emails = (
            f" ({', '.join(contact.emails)})"
            if contact.emails
            else " (no address known: counted by titles)"
        )
        circle = f"circle {contact.circle}" if contact.circle else ""
        often = every(parse_duration(contact.cadence)) if contact.cadence else ""
        to.print(Text(f"Added {contact.name}{emails}, {', '.join(filter(None, (circle, often)))}."))
        if contact.emails in joined:
            to.print(Text(f"  {joined[contact.emails]}"))
    to.print(Text(f"They are in {paths.config}: change there what you like."))
