"""`fikad init`: which labels of the address book say whom the user wants to stay in touch with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import click

from connectors.address_book import Card
from daemon.bad_value import BadValue, suggestion
from daemon.cli.asking import Asker
from daemon.cli.console import print_table
from daemon.cli.init.answers import KnownBook
from daemon.cli.init.history import ReadHistory
from daemon.cli.options import Paths
from daemon.config.schema import Config
from daemon.config.values import folded, parse_label
from daemon.discovery.rhythm import DEFAULT_CIRCLES
from daemon.durations import counted, duration_text, every, parse_duration
from daemon.setup.config_writer import (
    read_text,
    replace_config,
    with_address_book,
    with_circles,
)
from daemon.setup.kept_people import (
    CIRCLE_NOTES,
    FIRST_LABEL,
    LabelledPeople,
    by_label,
    proposed,
)
from daemon.setup.picking import assigned, picked

_MOST_SHOWN = 40


@dataclass(frozen=True, slots=True)
class _Mapped:
    """A label, and what becomes of its people."""

    people: LabelledPeople
    circle: str
    cadence: timedelta


def choose_labels(
    paths: Paths, book: KnownBook, known: ReadHistory | None, wanted: str, ask: Asker
) -> tuple[Card, ...]:
    """Put the address book into the config with the labels that count; returns whom they make
    contacts. Raises click.UsageError, ConfigWriteError."""
    labelled = by_label(book.contents, known.people if known else ())
    count = counted(len(book.contents.people), "person", "people")
    if not labelled:
        _wait_for_first(paths, book, count, ask)
        return ()
    if wanted:
        chosen = _said(labelled, wanted, paths.load())
    elif ask.someone:
        ask.say(f"Your address book has {count}. These are its labels (groups, categories):")
        chosen = _ticked(labelled, paths.load(), ask)
    else:
        names = ", ".join(f'"{each.label}"' for each in labelled)
        ask.say(f"Your address book has {count} and the labels {names}: choose with --labels.")
        return ()
    if not chosen:
        return ()
    _write(paths, book, chosen)
    cards = {card.uid: card for mapped in chosen for card in mapped.people.people}
    people = counted(len(cards), "person", "people")
    ask.say(
        f"{people} of your address book {'is a contact' if len(cards) == 1 else 'are contacts'} "
        "now. Whoever gets one of these labels there becomes one, too."
    )
    _tell_pace(chosen, paths.load(), ask)
    return tuple(cards.values())


def _wait_for_first(paths: Paths, book: KnownBook, count: str, ask: Asker) -> None:
    """Nobody has a label yet: the first one to come is agreed on."""
    cadence = DEFAULT_CIRCLES["friends"]
    note = f'those with the label "{FIRST_LABEL}"'
    before = read_text(paths.config)
    after = with_address_book(
        before, book.name, book.values | {"circles": {FIRST_LABEL: "friends"}}
    )
    circles = {"friends": duration_text(cadence)}
    replace_config(paths.config, before, with_circles(after, circles, {"friends": note}))
    ask.say(
        f'Your address book has {count} and no labels. Give the label "{FIRST_LABEL}" there to '
        "those you want to stay in touch with (it may be called group, list or category): they "
        f"become contacts by themselves, to be met {every(cadence)}."
    )


def _ticked(labelled: Sequence[LabelledPeople], config: Config, ask: Asker) -> list[_Mapped]:
    shown = labelled[:_MOST_SHOWN]
    rows = [
        (str(number), each.label, str(len(each.people)), str(len(each.met)))
        for number, each in enumerate(shown, 1)
    ]
    print_table(("", "label", "people", "met"), rows, numbers=(0, 2, 3))
    numbers = ask.ask(
        'Which of them are people to stay in touch with? Numbers such as 1,3-5, "all" or "none"',
        "--labels",
        lambda text: picked(text, len(shown)),
        default=",".join(map(str, proposed(shown))) or "none",
    )
    chosen = [_mapped(shown[number - 1], "", config) for number in numbers]
    if not chosen:
        return []
    ask.say("Each becomes a circle: people whom you want to meet about equally often.")
    for number, mapped in enumerate(chosen, 1):
        people = counted(len(mapped.people.people), "person", "people")
        ask.say(f"  {number} {mapped.circle}: {people}, {every(mapped.cadence)}")

    def understand(text: str) -> list[_Mapped]:
        said = assigned(text, len(chosen))
        return [
            _mapped(each.people, said.get(number, ""), config)
            for number, each in enumerate(chosen, 1)
        ]

    return ask.ask(
        "Press Enter if that is right; else say how often, such as 1=monthly, 2=6 weeks, or put "
        "them into another circle, such as 2=friends",
        "--labels",
        understand,
        default="",
    )


def _said(labelled: Sequence[LabelledPeople], wanted: str, config: Config) -> list[_Mapped]:
    """What an option says: "all", "none", or "Fika, Old friends=6 weeks, Work=council"."""
    if wanted == "none":
        return []
    if wanted == "all":
        return [_mapped(each, "", config) for each in labelled]
    known = {folded(each.label): each for each in labelled}
    chosen = []
    for part in filter(str.strip, wanted.split(",")):
        label, _, said = (text.strip() for text in part.partition("="))
        if folded(label) not in known:
            hint = suggestion(label, [each.label for each in labelled])
            names = hint or f"there are {', '.join(each.label for each in labelled)}"
            raise click.UsageError(f'--labels: nobody in your address book has "{label}": {names}')
        try:
            chosen.append(_mapped(known[folded(label)], said, config))
        except BadValue as error:
            raise click.UsageError(f'--labels: "{said}" {error}: {error.hint}') from None
    return chosen


def _mapped(people: LabelledPeople, said: str, config: Config) -> _Mapped:
    """What was said is a cadence or a circle; without it a label makes a circle of its own. Raises
    BadValue."""
    own = parse_label(people.label)
    try:
        return _Mapped(people, own, parse_duration(said) if said else people.cadence)
    except BadValue:
        if any(character.isdigit() for character in said):
            raise
    circle = parse_label(said)
    if circle in config.circles:
        return _Mapped(people, circle, config.circles[circle].cadence)
    return _Mapped(people, circle, DEFAULT_CIRCLES.get(circle, people.cadence))


def _write(paths: Paths, book: KnownBook, chosen: Sequence[_Mapped]) -> None:
    circles = {mapped.people.label: mapped.circle for mapped in chosen}
    cadences: dict[str, str] = {}
    for mapped in chosen:
        cadences.setdefault(mapped.circle, duration_text(mapped.cadence))
    before = read_text(paths.config)
    after = with_address_book(before, book.name, book.values | {"circles": circles})
    replace_config(paths.config, before, with_circles(after, cadences, _notes(chosen)))


def _notes(chosen: Sequence[_Mapped]) -> Mapping[str, str]:
    """Who is in each circle, for the config."""
    labels: dict[str, list[str]] = {}
    for mapped in chosen:
        labels.setdefault(mapped.circle, []).append(f'"{mapped.people.label}"')
    return {
        circle: CIRCLE_NOTES.get(circle) or f"those with the label {' or '.join(names)}"
        for circle, names in labels.items()
    }


def _tell_pace(chosen: Sequence[_Mapped], config: Config, ask: Asker) -> None:
    """Say so where it would be more meetings than are suggested."""
    week = timedelta(weeks=1)
    weekly = sum(len(mapped.people.people) * (week / mapped.cadence) for mapped in chosen)
    if weekly > config.rhythm.per_week * 1.5:
        ask.say(
            f"That would be about {weekly:.0f} meetings a week. fikad suggests "
            f"{config.rhythm.per_week} a week at most, the most overdue first (`per_week` in the "
            "config)."
        )
