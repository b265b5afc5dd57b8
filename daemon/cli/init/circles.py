"""`fikad init`: the circles that people are put into, what their names mean, and how to move people
between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from daemon.cli.asking import Asker
from daemon.discovery.found_person import FoundPerson
from daemon.durations import duration_text, every
from daemon.setup.config_writer import NewContact
from daemon.setup.kept_people import CIRCLE_NOTES
from daemon.setup.picking import assigned

_NEW_CIRCLE = timedelta(days=30)
"""The cadence of a circle that the user makes up here."""


def explain_circles(circles: Mapping[str, timedelta], ask: Asker) -> None:
    """What a circle is, and whom those mean that people may be put into."""
    ask.say(
        "\nA circle is a group of people whom you want to meet about equally often. By how often"
        " you met, fikad proposes one for each, and a cadence: the longest you want to go without"
        " them. The names are yours to change."
    )
    for name, cadence in circles.items():
        ask.say(f"  {name}: {in_words(name, cadence)}")


def in_words(name: str, cadence: timedelta) -> str:
    """Whom a circle means, where its name is one that fikad chose, and how often."""
    return ", ".join(filter(None, (CIRCLE_NOTES.get(name), every(cadence))))


def in_circles(
    chosen: Sequence[FoundPerson], circle: str, circles: dict[str, timedelta], ask: Asker
) -> list[NewContact]:
    """The chosen people in their circles; a circle nobody knew is added to `circles`."""
    circle_of = {number: circle or person.circle for number, person in enumerate(chosen, 1)}
    if chosen and not circle and ask.someone:
        ask.say("Who would be in which circle:")
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
