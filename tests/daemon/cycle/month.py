"""A month of somebody's life with fikad, as data: what they and time do, scene by scene. After each
scene fikad polls once, as its daemon would at that moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tests.connectors.book_backends import Person

IN_CONFIG = (
    *("Ada Quill", "Ben Reed", "Cleo Park", "Dora Finch", "Emil Stone", "Finn Moss", "Greta Hall"),
    *("Hugo Lind", "Ines Wolf", "Jonas Beck", "Klara Voss", "Mats Holm", "Nora Weiss"),
)
IN_BOOK = ("Paul Ernst", "Rita Sand")
"""Contacts by their label in the address book."""


def address(name: str) -> str:
    return f"{name.split()[0].lower()}@example.com"


def card(name: str, *labels: str, key: str = "", email: str = "") -> Person:
    """Somebody in the address book; the key and the address are made of the name."""
    return Person(key or name.split()[0].lower(), name, [email or address(name)], labels)


CONFIG = """\
timezone = "Europe/Berlin"
me = ["sam@example.com"]
{tables}circles = {{ Fika = "friends" }}
[holds]
account = "home"
[rhythm]
per_week = 6
per_day = 2
open = 8
horizon = "1 week"
weekly_digest = true
[circles.friends]
cadence = "4 weeks"
{people}"""


def config(tables: str) -> str:
    """The config that the life begins with; `tables` are its account and, last, its address
    book."""
    people = (
        f'[[contacts]]\nname = "{name}"\nemails = ["{address(name)}"]\ncadence = "4 weeks"\n'
        for name in IN_CONFIG
    )
    return CONFIG.format(tables=tables, people="".join(people))


@dataclass(frozen=True)
class Act:
    """One thing that somebody does."""

    what: str
    who: str = ""
    value: str = ""
    until: str = ""


# --- with holds, in a calendar app ---


def retitles(who: str, title: str) -> Act:
    return Act("title", who, title)


def deletes(who: str) -> Act:
    return Act("delete", who)


def edits(who: str, what: str, value: str = "") -> Act:
    """One of the changes that `user_edits` knows."""
    return Act(what, who, value)


# --- with everything else ---


def puts(key: str, title: str, start: str, minutes: int, *guests: str) -> Act:
    """An event in their own calendar; a start is a time in Berlin in ISO 8601."""
    return Act("event", ",".join((key, *guests)), f"{start}+01:00 {minutes}", title)


def puts_over(who: str, key: str) -> Act:
    """A meeting comes in over a hold."""
    return Act("over", who, key)


def erases(key: str) -> Act:
    return Act("erase", key)


def rewrites(before: str, after: str) -> Act:
    """The config says something else from now on."""
    return Act("config", value=before, until=after)


def keeps(person: Person) -> Act:
    """Somebody in the address book is new, or changed."""
    return Act("card", person.key, person.name, "|".join((*person.emails, *person.labels)))


def strikes(key: str) -> Act:
    return Act("uncard", key)


def renames_holds(name: str) -> Act:
    return Act("rename", value=name)


def says(who: str, word: str, value: str = "") -> Act:
    """A command: `met`, `snooze`, `note` or `undo`."""
    return Act(f"says {word}", who, value)


@dataclass(frozen=True)
class Scene:
    """What is done, and when fikad polls then (a time in Berlin)."""

    name: str
    at: str
    acts: tuple[Act, ...] = ()

    @property
    def now(self) -> datetime:
        return datetime.fromisoformat(f"{self.at}:30+01:00")


def without(name: str) -> Act:
    """Somebody leaves the config."""
    entry = f'[[contacts]]\nname = "{name}"\nemails = ["{address(name)}"]\ncadence = "4 weeks"\n'
    return rewrites(entry, "")


PAGE = '[report]\nwrite = "page.html"\n'
MONTH = (
    Scene("fikad is installed", "2026-11-22T13:00"),
    Scene("the first plan", "2026-11-22T17:00"),
    Scene(
        "after a night a meeting comes in over a hold",
        "2026-11-23T08:00",
        (puts_over("Ada Quill", "budget"),),
    ),
    Scene(
        "four are answered by their titles, one is deleted",
        "2026-11-23T10:00",
        (
            retitles("Ben Reed", "Coffee with Ben Reed"),
            retitles("Cleo Park", "not now"),
            retitles("Dora Finch", "snooze 3 weeks"),
            retitles("Emil Stone", "next week"),
            deletes("Finn Moss"),
        ),
    ),
    Scene(
        "somebody is met by chance, one hold is dragged",
        "2026-11-24T12:00",
        (says("Ada Quill", "met", "2"), edits("Greta Hall", "drag", "2")),
    ),
    Scene(
        "one is shown as busy; people in the address book come, go and marry",
        "2026-11-24T16:00",
        (
            edits("Hugo Lind", "busy"),
            keeps(card("Paul Ernst-Wild", "Fika", key="paul", email="paul@example.com")),
            keeps(card("Tora Lund", "Fika")),
            strikes("rita"),
        ),
    ),
    Scene(
        "one was missed; holds are to block; their calendar is called otherwise; a page is wanted",
        "2026-11-28T10:00",
        (
            retitles("Ben Reed", "missed"),
            rewrites('account = "home"\n[rhythm]', 'account = "home"\nshow_as = "busy"\n[rhythm]'),
            rewrites("[circles.friends]", f"{PAGE}[circles.friends]"),
            renames_holds("Kaffee"),
        ),
    ),
    Scene("the second plan", "2026-11-29T17:00"),
    Scene(
        "five are answered, each in another way; a date is made without fikad",
        "2026-11-30T08:00",
        (
            rewrites(PAGE, ""),
            edits("Emil Stone", "alarm", "15"),
            retitles("Klara Voss", "met yesterday"),
            retitles("Greta Hall", "never"),
            edits("Ines Wolf", "status", "CONFIRMED"),
            edits("Jonas Beck", "guest", address("Jonas Beck")),
            puts("lunch", "Lunch", "2026-12-03T12:30", 60, "Ben Reed"),
        ),
    ),
    Scene("the date is cancelled; the third plan", "2026-12-06T17:00", (erases("lunch"),)),
    Scene(
        "two are made their own, one is saved as it is, one becomes something else; two are not to"
        " be asked any more",
        "2026-12-07T09:00",
        (
            edits("Ben Reed", "note", "Bring the book"),
            edits("Emil Stone", "place", "Café Rosa"),
            edits("Finn Moss", "save"),
            retitles("Cleo Park", "Dentist"),
            keeps(card("Tora Lund")),
            says("Paul Ernst-Wild", "snooze", "9"),
        ),
    ),
    Scene(
        "that is taken back; the fourth plan",
        "2026-12-13T17:00",
        (says("Paul Ernst-Wild", "undo"),),
    ),
    Scene(
        "a week is full of something else; one is paused, one leaves the config",
        "2026-12-14T09:00",
        (
            puts("away", "Away", "2026-12-15T12:00", 7 * 24 * 60),
            rewrites('name = "Nora Weiss"', 'name = "Nora Weiss"\npaused = true'),
            without("Mats Holm"),
        ),
    ),
    Scene(
        "that is off; digests are not wanted any more",
        "2026-12-15T09:00",
        (erases("away"), rewrites("weekly_digest = true\n", "")),
    ),
)
