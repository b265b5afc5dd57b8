"""`fikad discover`: everybody you meet one-on-one, from the calendars alone; and into the config
with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from daemon.cli.console import tell
from daemon.cli.options import Paths, clock, command, json_option, print_json
from daemon.cli.people_table import print_people
from daemon.durations import every, parse_duration
from daemon.people.contacts import joined

if TYPE_CHECKING:
    from connectors.vcard.exported import Cards
    from daemon.config.schema import Config
    from daemon.discovery.found_person import FoundPerson
    from daemon.setup.config_writer import NewContact


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
    help="Take names and addresses from a vCard file; with --add also people you never met.",
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
    from daemon.overview.people import discovered, discovered_facts

    if more and not add:
        raise click.UsageError(f'"{more[0]}": to add people to the config, write --add {more[0]}')
    config = paths.load()
    now = clock()
    everyone = discovered(config, paths.state, vcard, now)
    if add:
        added = everyone.add(config, paths.config, (*add, *more))
        if as_json:
            contacts = [contact.table() for contact in added]
            print_json({"config": str(paths.config), "added": contacts})
        else:
            _tell_added(paths, added, everyone.people)
        return
    shown = everyone.shown
    if lapsed:
        shown = tuple(person for person in shown if person.trend == "gone quiet")
    if as_json:
        print_json(discovered_facts(shown, everyone, config.zone))
    else:
        _print(shown, config, everyone.cards, now, lapsed=lapsed)
        _tell_books(shown, everyone.in_books, config)
        for sentence in filter(None, (*everyone.perhaps_mine.values(), everyone.unread)):
            tell(sentence)


def _print(
    people: Sequence[FoundPerson], config: Config, cards: Cards, now: datetime, *, lapsed: bool
) -> None:
    if cards.cards or cards.broken:
        tell(
            f"Cards in your address book: {len(cards.cards)} read, {cards.broken} broken and "
            "skipped."
        )
    if not people:
        nobody = "No completed one-on-one was found in your calendars."
        if lapsed:
            tell("Nobody has gone quiet.")
        elif config.me:
            tell(nobody)
        else:
            tell(f"{nobody} Are your addresses under `me` in the config?")
        return
    print_people(people, now, config.zone)
    new = [person for person in people if not person.known]
    if new:
        tell()
        tell(
            f'Add people with `fikad discover --add "{new[0].name}"`; --json tells everything about'
            " each of them."
        )


def _tell_books(people: Sequence[FoundPerson], in_books: Mapping[str, str], config: Config) -> None:
    """Who only lacks a label in an address book."""
    for book in dict.fromkeys(in_books.values()):
        names = [person.name for person in people if in_books.get(person.key) == book]
        if not names:
            continue
        labels = joined([f'"{label}"' for label in config.addressbooks[book].circles], "or")
        give = f"give them the label {labels} there" if labels else "give them a label there"
        are = "is" if len(names) == 1 else "are"
        tell(
            f'{joined(names)} {are} in your address book "{book}": {give}, or use'
            f' `fikad contacts add "{names[0]}"`.'
        )


def _tell_added(paths: Paths, added: Sequence[NewContact], people: Sequence[FoundPerson]) -> None:
    joined = {person.addresses: person.same_as for person in people if len(person.addresses) > 1}
    for contact in added:
        emails = (
            f" ({', '.join(contact.emails)})"
            if contact.emails
            else " (no address known: counted by titles)"
        )
        circle = f"circle {contact.circle}" if contact.circle else ""
        often = every(parse_duration(contact.cadence)) if contact.cadence else ""
        tell(f"Added {', '.join(filter(None, (f'{contact.name}{emails}', circle, often)))}.")
        if contact.emails in joined:
            tell(f"  {joined[contact.emails]}")
    tell(f"They are in {paths.config}: change there what you like.")
