"""`fikad init`, second half: who matters. Reads the history, shows whom you meet, and lets you
tick."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from connectors.mail_address import is_mail
from daemon.bad_value import BadValue
from daemon.cli.asking import Asker
from daemon.cli.console import print_table, tell, terminal_width
from daemon.cli.options import Paths, clock
from daemon.cli.people_table import gap
from daemon.cli.progress import reading_progress
from daemon.config.schema import Config
from daemon.config.values import folded, parse_email, parse_label
from daemon.cycle.cycle import PassOptions, run_pass
from daemon.discovery.addresses import guess_me
from daemon.discovery.everybody import (
    CalendarHistory,
    circles_of,
    everybody,
    history_in,
    nameable,
    perhaps_mine,
)
from daemon.discovery.found_person import FoundPerson
from daemon.discovery.languages import guess_languages, in_words
from daemon.durations import ago, duration_text
from daemon.ledger.ledger import open_ledger
from daemon.ledger.lock import locked
from daemon.opening import book_opener, opener
from daemon.overview.naming import contacts_in
from daemon.people.folding import fold
from daemon.setup.config_writer import (
    NewContact,
    read_text,
    replace_config,
    with_circles,
    with_contacts,
    with_languages,
    with_me,
)
from daemon.setup.picking import assigned, picked

_WIDE = 72
"""Columns from which the whole table fits."""
_MOST_SHOWN = 60
"""Nobody reads further; `fikad discover` shows all."""
_NEW_CIRCLE = timedelta(days=30)
"""The cadence of a circle that the user makes up here."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was said about people by options; empty is what was not."""

    contacts: str = ""
    """all, none, or names between commas."""
    circle: str = ""
    """The circle that they all are put into."""


def add_people(paths: Paths, wanted: Wanted, ask: Asker) -> bool:
    """Read the calendars and put the people who matter into the config; False when some of them
    were not found.

    Raises FikadError. What was read stays in the ledger; nothing is written to a calendar.
    """
    if wanted.contacts == "none":
        return True
    history = _read(paths, ask)
    if history is None:
        return True
    config = _with_spoken(paths, history, ask)
    if not any(map(is_mail, history.mine)):
        config, history = _who_am_i(paths, config, history, ask)
    for sentence in perhaps_mine(config, history).values():
        ask.say(sentence)
    now = clock()
    contacts = contacts_in(config, paths.state, now)
    people = [
        person for person in nameable(everybody(config, history, now), contacts) if not person.known
    ]
    if not people:
        ask.say(
            "Nobody that you met one-on-one was found: add contacts to the config, or run `fikad "
            "discover` later."
        )
        return True
    missing: list[str] = []
    if wanted.contacts and wanted.contacts != "all":
        chosen, missing = _by_name(people, wanted.contacts)
    else:
        chosen = _ticked(people, ask, config.zone, everybody=wanted.contacts == "all")
    circles = circles_of(config)
    new = _named(_in_circles(_unlike(chosen, config), wanted.circle, circles, ask), ask)
    _write(paths.config, new, circles)
    ask.say(f"{_people(len(new))} added to {paths.config}.")
    for name in missing:
        tell(f'fikad: nobody called "{name}" was found: `fikad discover` shows everybody', err=True)
    return not missing


def _read(paths: Paths, ask: Asker) -> CalendarHistory | None:
    """One pass that reads and settles, and proposes nothing; None when an account could not be
    read."""
    config = paths.load()
    ask.say("Reading your calendars …")
    with locked(paths.state), open_ledger(paths.state) as ledger, reading_progress() as progress:
        report = run_pass(
            config,
            ledger,
            opener(config, ledger),
            clock,
            PassOptions("none"),
            progress,
            book_opener=book_opener(config, ledger),
        )
        for reading in report.readings:
            if reading.state != "ok":
                tell(
                    f'fikad: account "{reading.account}" ({reading.state}): {reading.message}',
                    err=True,
                )
        if not report.complete:
            ask.say("People can be added once it can be read: `fikad discover`.")
            return None
        return history_in(ledger, config, clock())


def _with_spoken(paths: Paths, history: CalendarHistory, ask: Asker) -> Config:
    """The config, with the languages that the titles look to be in beside those that it names."""
    config = paths.load()
    guessed = guess_languages(occurrence.title for occurrence in history.occurrences)
    if not guessed:
        return config
    ask.say(in_words(guessed))
    known = (config.language,) if config.languages is None else config.languages
    spoken = tuple(code for code in dict.fromkeys((*known, *guessed)) if code != "en")
    if spoken and spoken != config.languages:
        before = read_text(paths.config)
        replace_config(paths.config, before, with_languages(before, spoken))
    return paths.load()


def _who_am_i(
    paths: Paths, config: Config, history: CalendarHistory, ask: Asker
) -> tuple[Config, CalendarHistory]:
    """Nobody said which addresses are the user's: those that the calendars seem to belong to are
    proposed."""
    proposed = ", ".join(guess_me(history.occurrences).addresses)
    if not ask.someone:
        if proposed:
            ask.say(
                f"Your own addresses are not known. These may be yours: {proposed}. Give them "
                "with --me."
            )
        return config, history
    question = (
        "Your own e-mail addresses, as they are in guest lists (separate several with "
        "commas; - for none)"
    )
    me = ask.ask(question, "--me", _addresses, default=proposed or "-")
    if not me:
        return config, history
    before = read_text(paths.config)
    replace_config(paths.config, before, with_me(before, me))
    return paths.load(), replace(history, mine=history.mine.union(me))


def _addresses(text: str) -> tuple[str, ...]:
    return tuple(
        parse_email(address) for address in text.replace(",", " ").split() if address != "-"
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
    """The numbered table, dates in `zone`: as much as the terminal is wide, one line less where it
    is narrow."""
    wide = (terminal_width(sys.stdout) or _WIDE) >= _WIDE
    now = clock()
    rows = []
    for number, person in enumerate(people, 1):
        more = (ago(person.last_met, now, zone), gap(person)) if wide else ()
        proposed = f"{person.circle or 'no circle'}, {duration_text(person.cadence)}"
        rows.append((str(number), person.name, str(person.count), *more, proposed))
    titles = ("", "name", "met", *(("last", "about every") if wide else ()), "proposed")
    print_table(titles, rows, numbers=(0, 2))
    for number, person in enumerate(people, 1):
        if person.same_as or person.perhaps_also:
            also = (
                f" Perhaps also {' or '.join(person.perhaps_also)}." if person.perhaps_also else ""
            )
            tell(f"{number}: {person.same_as}{also}")


# --- circles ---


def _in_circles(
    chosen: Sequence[FoundPerson], circle: str, circles: dict[str, timedelta], ask: Asker
) -> list[NewContact]:
    """The chosen people in their circles; a circle nobody knew is added to `circles`."""
    circle_of = {number: circle or person.circle for number, person in enumerate(chosen, 1)}
    if chosen and not circle and ask.someone:
        ask.say(
            "Circles: "
            + ", ".join(f"{name} ({duration_text(cadence)})" for name, cadence in circles.items())
        )
        for number, person in enumerate(chosen, 1):
            ask.say(f"  {number} {person.name}: {person.circle or duration_text(person.cadence)}")
        circle_of |= ask.ask(
            "Press Enter if that is right, or move people, such as 2=friends, 3-5=close",
            "--circle",
            lambda text: assigned(text, len(chosen)),
            default="",
        )
    for name in circle_of.values():
        if name:
            circles.setdefault(name, _NEW_CIRCLE)
    return [_contact(person, circle_of[number], circles) for number, person in enumerate(chosen, 1)]


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


def _contact(person: FoundPerson, circle: str, circles: Mapping[str, timedelta]) -> NewContact:
    """With a cadence of their own where no circle says it: theirs is proposed for the circle
    proposed with it."""
    options = bool(circle) and (circle != person.circle or circles[circle] == person.cadence)
    return NewContact(
        person.name,
        person.addresses,
        circle=circle,
        cadence="" if options else duration_text(person.cadence),
    )


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
        before, {name: duration_text(cadence) for name, cadence in circles.items() if name in used}
    )
    replace_config(config, before, with_contacts(after, contacts))


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count} people"
