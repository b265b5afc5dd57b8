"""A new user with an address book: from 300 people, 14 of them labelled, to the first hold, without
an editor."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from daemon.config.schema import Config, load
from tests.connectors import servers
from tests.daemon.cli.init.test_command import config_of
from tests.daemon.cli.running import BERLIN, event, with_guests
from tests.daemon.cli.terminal import Screen, Terminal
from tests.daemon.cli.test_address_books import vcard

FIKA = (
    *("Tom Berg", "Lena Roth", "Ada Lind", "Omar Haddad", "Mia Falk"),
    *("Jo Ek", "Ivo Bek", "Pia Ott", "Sven Ahl"),
)
OLD = ("Rosa Vega", "Kim Park", "Ned Low", "Uma Rao", "Gil Sol")
WORK = 40
EVERYBODY = 300


def cards(*, labels: bool) -> Iterator[tuple[str, str]]:
    """Every card of the book by its UID."""
    known = dict.fromkeys(FIKA, "Fika") | dict.fromkeys(OLD, "Old friends")
    people = [
        *known,
        *(f"Person {chr(97 + number % 26)}{number}" for number in range(14, EVERYBODY)),
    ]
    for number, name in enumerate(people):
        label = known.get(name) or ("Work" if number < 14 + WORK else "")
        lines = [f"EMAIL:p{number}@example.org"]
        lines += [f"CATEGORIES:{label}"] if label and labels else []
        yield f"u{number}", vcard(f"u{number}", name, *lines)


def history() -> Iterator[tuple[str, str]]:
    """A year of lunches on Tuesdays and Thursdays, with five of those whom "Fika" names, by
    turns."""
    today = datetime.now(BERLIN).replace(hour=12, minute=30, second=0, microsecond=0)
    days = [today - timedelta(days=ago) for ago in range(3, 365)]
    lunches = [day for day in days if day.weekday() in (1, 3)][::3]
    for number, day in enumerate(lunches):
        guest = f"p{number % 5}@example.org"
        yield f"e{number}", event(f"e{number}", "Lunch", day, 60, *with_guests(guest))


@pytest.fixture(scope="module")
def server() -> Iterator[servers.RadicaleServer]:
    """With labels in sam's book; kim's has none, and ann has no book."""
    with servers.radicale(htpasswd=True) as radicale:
        for user, labels in (("sam", True), ("kim", False), ("ann", None)):
            home = radicale.add_user(user, "secret")
            calendar = servers.make_calendar(f"{home}personal/", "Personal", radicale.auth(user))
            radicale.fill(calendar, {f"{uid}.ics": text for uid, text in history()})
            if labels is not None:
                book = servers.make_address_book(
                    f"{home}contacts/", "Contacts", radicale.auth(user)
                )
                radicale.fill(book, {f"{uid}.vcf": text for uid, text in cards(labels=labels)})
        yield radicale


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = tmp_path / "home"
    made.mkdir()
    return made


class NewUser:
    """In front of `fikad init`; counts what is asked."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal, self.questions = terminal, 0

    def answer(self, question: str, text: str = "") -> None:
        self.terminal.answer(question, text)
        self.questions += 1

    def log_in(self, url: str, user: str) -> None:
        self.answer("large city in it", "berlin")
        self.answer("The language fikad writes in")
        self.answer("The country whose public holidays")
        self.answer("or a folder of .ics files", url)
        self.answer("User name", user)
        self.answer("Password of", "secret")
        self.answer("Keep the password in")

    def choose_the_week(self) -> None:
        self.answer("What would you like to be suggested")
        self.answer("between which hours")
        self.answer("Install the background service", "n")


def once(home: Path) -> Screen:
    with Terminal(("once",), home) as terminal:
        return terminal.end()


def settings(home: Path) -> Config:
    return load(config_of(home))


def said(screen: Screen) -> str:
    return " ".join(screen.text.split())


def test_from_an_address_book_of_300_to_the_first_hold(
    home: Path, server: servers.RadicaleServer
) -> None:
    with Terminal(("init",), home) as terminal:
        user = NewUser(terminal)
        user.log_in(server.url, "sam")
        user.answer("Your own e-mail addresses")
        user.answer('"all" or "none"', "1-2")
        user.answer("Press Enter if that is right", "2=twice a year")
        user.choose_the_week()
        screen = terminal.end()
    assert screen.code == 0
    assert user.questions == 13
    assert '"all" or "none" [1]' in said(screen)
    assert "Your address book has 300 people" in said(screen)
    assert "14 people of your address book are contacts now" in said(screen)
    assert "You meet people mostly on Tuesday and Thursday at noon, for lunch." in said(screen)
    config = settings(home)
    assert config.addressbooks["home"].circles == {"Fika": "Fika", "Old friends": "Old friends"}
    assert config.circles["Old friends"].cadence == timedelta(days=182)
    assert list(config.occasions) == ["lunch"]
    assert [bool(config.availability.on(day)) for day in range(7)] == [
        day in (1, 3) for day in range(7)
    ]
    assert '# those with the label "Fika"' in config_of(home).read_text()
    held = once(home)
    assert held.code == 0
    assert "Lunch with" in held.text


def test_where_nobody_has_a_label_the_first_one_is_agreed_on(
    home: Path, server: servers.RadicaleServer
) -> None:
    with Terminal(("init",), home) as terminal:
        user = NewUser(terminal)
        user.log_in(server.url, "kim")
        user.answer("Your own e-mail addresses")
        user.answer("-2 for all but 2", "1")
        user.answer("such as 2=friends")
        user.choose_the_week()
        screen = terminal.end()
    assert screen.code == 0
    assert 'Give the label "Fika" there' in said(screen)
    assert len(settings(home).contacts) == 1
    auth = server.auth("kim")
    card = vcard("u20", "Person u20", "EMAIL:p20@example.org", "CATEGORIES:Fika")
    servers.put(f"{server.home('kim')}contacts/u20.vcf", card, auth)
    assert once(home).code == 0
    with Terminal(("status",), home) as terminal:
        assert "Person u20" in terminal.end().text


def test_without_an_address_book_a_file_is_asked_for(
    home: Path, server: servers.RadicaleServer
) -> None:
    exported = home / "contacts.vcf"
    exported.write_text("".join(text for _, text in cards(labels=True)))
    with Terminal(("init",), home) as terminal:
        user = NewUser(terminal)
        user.log_in(server.url, "ann")
        user.answer("A .vcf file with your contacts", str(home / "nowhere.vcf"))
        user.answer("A .vcf file with your contacts", str(exported))
        user.answer("Your own e-mail addresses")
        user.answer('"all" or "none"')
        user.answer("Press Enter if that is right", "1=friends")
        user.choose_the_week()
        screen = terminal.end()
    assert screen.code == 0
    assert "There is nobody in an address book beside your calendars." in said(screen)
    assert "is no file and no folder" in said(screen)
    book = settings(home).addressbooks["contacts"]
    assert (book.type, book.circles) == ("files", {"Fika": "friends"})
    assert "Lunch with" in once(home).text


def test_labels_are_given_by_an_option_where_nobody_is_there(
    home: Path, server: servers.RadicaleServer
) -> None:
    password = home / "pw"
    password.touch(0o600)
    password.write_text("secret\n")
    login = ("--url", server.url, "--username", "sam", "--password-file", str(password))
    told = ("--timezone", "Berlin", "--me", "sam@example.com", "--yes", "--contacts", "none")
    with Terminal(
        ("init", *login, *told, "--labels", "fika=6 weeks, Old friends=wider"), home
    ) as run:
        screen = run.end()
    assert screen.code == 0, screen.text
    config = settings(home)
    assert config.addressbooks["home"].circles == {"Fika": "Fika", "Old friends": "wider"}
    assert {name: circle.cadence.days for name, circle in config.circles.items()} == {
        "Fika": 42,
        "wider": 90,
    }
    config_of(home).unlink()
    with Terminal(("init", *login, *told, "--labels", "Fikka"), home) as run:
        screen = run.end()
    assert screen.code == 2
    assert 'did you mean "Fika"?' in said(screen)
