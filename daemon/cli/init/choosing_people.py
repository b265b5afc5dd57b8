"""`fikad init`: who matters among those whom the calendars show. Shows whom you meet, and lets you
tick."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from connectors.address_book import Card
from daemon.bad_value import BadValue
from daemon.cli.asking import Asker
from daemon.cli.console import print_table, tell
from daemon.cli.init.circles import explain_circles, in_circles, in_words
from daemon.cli.init.history import ReadHistory
from daemon.cli.options import Paths, clock
from daemon.cli.people_table import gap
from daemon.config.schema import Config
from daemon.config.values import folded, parse_label
from daemon.discovery.everybody import (
    circles_of,
    nameable,
    perhaps_mine,
)
from daemon.discovery.found_person import FoundPerson
from daemon.durations import ago, duration_text, every, parse_duration
from daemon.overview.naming import contacts_in
from daemon.people.folding import fold
from daemon.setup.config_writer import (
    NewContact,
    read_text,
    replace_config,
    with_circles,
    with_contacts,
)
from daemon.setup.kept_people import CIRCLE_NOTES, found_among
from daemon.setup.picking import picked

_MOST_SHOWN = 60
"""Nobody reads further; `fikad discover` shows all."""
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was said about people by options; empty is what was not."""

    contacts: str = ""
    """all, none, or names between commas."""
    circle: str = ""
    """The circle that they all are put into."""


def add_people(
    paths: Paths, wanted: Wanted, known: ReadHistory, kept: Sequence[Card], ask: Asker
) -> bool:
    """Put the people who matter into the config; False when some of them were not found. `kept` are
    those who are contacts by their label in an address book. Raises FikadError."""
    config = paths.load()
    for sentence in perhaps_mine(known.found).values():
        ask.say(sentence)
    contacts = contacts_in(config, paths.state, clock())
    labelled = {person.key for person in found_among(kept, known.people)}
    people = [
        person
        for person in nameable(known.people, contacts)
        if not person.known and person.key not in labelled
    ]
    if kept and not wanted.contacts:
        _tell_others(people, ask)
        return True
    if not people:
        ask.say(
            "Nobody that you met one-on-one was found: add contacts to the config, or run `fikad "
            "discover` later."
        )
        return True
    missing: list[str] = []
    circles = circles_of(config)
    if ask.someone and not wanted.circle:
        explain_circles(circles, ask)
    if wanted.contacts and wanted.contacts != "all":
        chosen, missing = _by_name(people, wanted.contacts)
    else:
        chosen = _ticked(people, ask, config.zone, everybody=wanted.contacts == "all")
    new = _named(in_circles(_unlike(chosen, config), wanted.circle, circles, ask), ask)
    _write(paths.config, new, circles)
    ask.say(f"{_people(len(new))} added to {paths.config}{':' if new else '.'}")
    for circle, names in _by_circle(new).items():
        told = f"{circle} ({in_words(circle, circles[circle])})" if circle else "in no circle"
        ask.say(f"  {told}: {', '.join(names)}")
    for name in missing:
        tell(f'fikad: nobody called "{name}" was found: `fikad discover` shows everybody', err=True)
    return not missing


def _tell_others(people: Sequence[FoundPerson], ask: Asker) -> None:
    """Somebody keeps people by label: nobody is asked for who has none."""
    if people:
        names = ", ".join(person.name for person in people[:_MOST_NAMED])
        more = f" and {len(people) - _MOST_NAMED} more" if len(people) > _MOST_NAMED else ""
        ask.say(
            f"You also meet {names}{more} one-on-one, who have no such label: give them one, or "
            "see `fikad discover`."
        )


# --- choosing ---


def _by_name(people: Sequence[FoundPerson], names: str) -> tuple[list[FoundPerson], list[str]]:
    """Those meant by names or addresses between commas, and the names that nobody bears."""
    chosen: list[FoundPerson] = []
    missing: list[str] = []
    for name in filter(None, (name.strip() for name in names.split(","))):
        exact = [
            person
            for person in people
            if name.lower() in person.addresses or fold(name) == fold(person.name)
        ]
        close = exact or [
            person for person in people if f"{fold(person.name)} ".startswith(f"{fold(name)} ")
        ]
        if len(close) == 1:
            chosen += close
        else:
            missing.append(name)
    return list({person.key: person for person in chosen}.values()), missing


def _ticked(
    people: Sequence[FoundPerson], ask: Asker, zone: ZoneInfo, *, everybody: bool
) -> list[FoundPerson]:
    if everybody:
        return list(people)
    if not ask.someone:
        ask.say(
            f"{_people(len(people))} met one-on-one: add them with --contacts, or with `fikad "
            "discover`."
        )
        return []
    shown = people[:_MOST_SHOWN]
    _show(shown, zone)
    if len(people) > len(shown):
        ask.say(f"… and {len(people) - len(shown)} more: `fikad discover` shows them.")
    numbers = ask.ask(
        'Whom do you want to stay in touch with? Numbers such as 1,3-5, "all", "none", or -2 for '
        "all but 2",
        "--contacts",
        lambda text: picked(_not_empty(text), len(shown)),
    )
    return [shown[number - 1] for number in numbers]


def _not_empty(text: str) -> str:
    if not text:
        raise BadValue("is empty", 'write numbers, "all" or "none"')
    return text


def _show(people: Sequence[FoundPerson], zone: ZoneInfo) -> None:
    """The numbered table, dates in `zone`: as much as the terminal is wide."""
    now = clock()
    rows = [
        (
            str(number),
            person.name,
            str(person.count),
            ago(person.last_met, now, zone),
            gap(person),
            f"{person.circle or 'no circle'}, {duration_text(person.cadence)}",
        )
        for number, person in enumerate(people, 1)
    ]
    titles = ("", "name", "met", "last", "about every", "proposed")
    print_table(titles, rows, numbers=(0, 2), names=1, spare=(4, 3))
    for number, person in enumerate(people, 1):
        if person.same_as or person.perhaps_also:
            also = (
                f" Perhaps also {' or '.join(person.perhaps_also)}." if person.perhaps_also else ""
            )
            tell(f"{number}: {person.same_as}{also}")


# --- names ---


def _named(contacts: Sequence[NewContact], ask: Asker) -> list[NewContact]:
    """Those whom the calendars know by address only get a name, where somebody is there to tell
    it."""
    return [
        replace(
            contact,
            name=ask.ask(
                f"Name of {contact.name}", "--contacts", parse_label, default=contact.name
            ),
        )
        if "@" in contact.name
        else contact
        for contact in contacts
    ]


def _unlike(chosen: Sequence[FoundPerson], config: Config) -> list[FoundPerson]:
    """Those whose name nobody in the config bears: of the others only the user knows whether they
    are the same."""
    taken = {
        folded(name): entry.name
        for entry in config.contacts
        for name in (entry.name, *entry.aliases)
    }
    for person in chosen:
        if folded(person.name) in taken:
            tell(
                f'fikad: "{taken[folded(person.name)]}" is in your config already: add '
                f"{' and '.join(person.addresses)} to their emails if that is who they are",
                err=True,
            )
    return [person for person in chosen if folded(person.name) not in taken]


def _write(config: Path, contacts: Sequence[NewContact], circles: Mapping[str, timedelta]) -> None:
    before = read_text(config)
    used = {contact.circle for contact in contacts}
    after = with_circles(
        before,
        {name: duration_text(cadence) for name, cadence in circles.items() if name in used},
        CIRCLE_NOTES,
    )
    replace_config(config, before, with_contacts(after, contacts))


def _by_circle(contacts: Sequence[NewContact]) -> dict[str, list[str]]:
    """Who is in each circle, with a cadence where it is their own."""
    names: dict[str, list[str]] = {}
    for contact in contacts:
        own = f" ({every(parse_duration(contact.cadence))})" if contact.cadence else ""
        names.setdefault(contact.circle, []).append(f"{contact.name}{own}")
    return names


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count} people"
