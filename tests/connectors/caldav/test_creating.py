"""A new calendar for holds: what is asked of the server, and what becomes of every answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from connectors.errors import AccountError, ReadOnlyError, TakenError, UncertainError
from tests.connectors.caldav.an_account import account
from tests.connectors.caldav.hostile_server import (
    HOME,
    Asked,
    Hostile,
    Said,
    cut,
    multistatus,
    part,
)

FIKAD = f"{HOME}fikad/"
UNNAMED = ""


@dataclass
class Home:
    """A home in which calendars are made and called something."""

    calendars: dict[str, str] = field(default_factory=dict)
    """Path to name."""
    folders: list[str] = field(default_factory=list)
    made: Callable[[Asked], Said | None] = lambda asked: Said(201)
    """What is said of a new calendar in place of making it; None makes one, and says so."""
    keeps_names: bool = True
    """Whether a new calendar is called as was asked."""
    asked: list[Asked] = field(default_factory=list)

    def __call__(self, asked: Asked) -> Said | None:
        self.asked.append(asked)
        if asked.method in {"MKCALENDAR", "PROPPATCH"}:
            assert asked.headers["content-type"].startswith("application/xml")
            [name] = re.findall("<D:displayname>(.*?)</D:displayname>", asked.body)
            if asked.method == "PROPPATCH":
                self.calendars[asked.path] = name
                return multistatus()
            assert '<C:comp name="VEVENT"/>' in asked.body
            if (said := self.made(asked)) is None or said.status in {200, 201, 204, 207}:
                self.calendars[asked.path] = name if self.keeps_names else UNNAMED
            return said or Said(201)
        if (asked.path, asked.headers.get("depth")) != (HOME, "1"):
            return None
        return multistatus(
            _listed(HOME, ""),
            *(_listed(path, "") for path in self.folders),
            *(_listed(path, "<C:calendar/>", name) for path, name in self.calendars.items()),
        )

    def methods(self) -> list[str]:
        """What was asked since the first listing."""
        methods = [asked.method for asked in self.asked]
        first = next(n for n, asked in enumerate(self.asked) if asked.headers.get("depth") == "1")
        return methods[first + 1 :]


def _listed(path: str, kind: str, name: str = "") -> str:
    called = f"<D:displayname>{name}</D:displayname>" if name else ""
    return part(path, f"{called}<D:resourcetype><D:collection/>{kind}</D:resourcetype>")


@pytest.fixture
def home(server: Hostile) -> Home:
    server.before = home = Home()
    return home


def create(server: Hostile, name: str = "Fikad") -> tuple[str, str]:
    """The path and the name of the calendar that is made, or found."""
    calendar = account(server.url).create_calendar(name)
    return calendar.id, calendar.name


@pytest.mark.parametrize("status", [200, 201, 204, 207])
def test_a_calendar_is_made_and_then_looked_at(server: Hostile, home: Home, status: int) -> None:
    home.made = lambda asked: Said(status)
    assert create(server, "Kaffe & <Kuchen>") == (f"{HOME}kaffe-kuchen/", "Kaffe & <Kuchen>")
    assert home.methods() == ["MKCALENDAR", "PROPFIND"]


@pytest.mark.parametrize("status", [200, 201, 204, 207])
def test_where_a_server_drops_the_name_it_is_given_once_more(
    server: Hostile, home: Home, status: int
) -> None:
    home.made, home.keeps_names = lambda asked: Said(status), False
    assert create(server, "Kaffe & Kuchen") == (f"{HOME}kaffe-kuchen/", "Kaffe & Kuchen")
    assert home.methods() == ["MKCALENDAR", "PROPFIND", "PROPPATCH", "PROPFIND"]


def test_a_calendar_that_goes_while_it_is_named_is_the_one_that_was_made(
    server: Hostile, home: Home
) -> None:
    home.keeps_names = False

    def before(asked: Asked) -> Said | None:
        said = home(asked)
        if asked.method == "PROPPATCH":
            home.calendars.clear()
        return said

    server.before = before
    assert create(server) == (FIKAD, "fikad")


def test_a_path_that_is_taken_is_left_alone(server: Hostile, home: Home) -> None:
    taken = [f"{HOME}fikad/", *(f"{HOME}fikad-{number}/" for number in range(2, 9))]
    home.calendars = dict.fromkeys(taken[1:], "Mine")
    home.folders = taken[:1]
    assert create(server) == (f"{HOME}fikad-9/", "Fikad")
    assert {home.calendars[path] for path in taken[1:]} == {"Mine"}


def test_where_all_paths_are_taken_nothing_is_made(server: Hostile, home: Home) -> None:
    home.calendars = {f"{HOME}fikad-{number}/": "Mine" for number in range(2, 10)}
    home.folders = [FIKAD]
    with pytest.raises(TakenError, match=f"127.0.0.1.* has calendars at {HOME} under all names"):
        create(server)
    assert home.methods() == []


def test_a_calendar_without_a_name_at_the_path_is_taken_over(server: Hostile, home: Home) -> None:
    """Some servers drop the name: then it is the one that was made before."""
    home.calendars = {FIKAD: UNNAMED}
    assert create(server) == (FIKAD, "fikad")
    assert home.methods() == []


def failed(asked: Asked) -> Said:
    del asked
    return Said(500)


QUICKER = [Said(405), Said(409), Said(403), Said(415)]
"""What a server says where another fikad was quicker."""


@pytest.mark.parametrize("says", [cut, failed, *(lambda _, said=said: said for said in QUICKER)])
def test_what_stands_there_after_all_is_believed_as_it_is_called(
    server: Hostile, home: Home, says: Callable[[Asked], Said]
) -> None:
    """Nobody knows who made it, so nothing is changed about it."""
    shown = "Fikad"

    def made(asked: Asked) -> Said:
        home.calendars[asked.path] = shown
        return says(asked)

    home.made = made
    assert create(server) == (FIKAD, "Fikad")
    home.calendars.clear()
    shown = UNNAMED
    assert create(server) == (FIKAD, "fikad")
    home.calendars.clear()
    shown = "Mine"
    with pytest.raises(TakenError, match=f"127.0.0.1.* has another calendar at {FIKAD}"):
        create(server)
    assert "PROPPATCH" not in home.methods()


@pytest.mark.parametrize("shown", ["nothing", "a folder"])
@pytest.mark.parametrize(
    ("says", "kind", "message"),
    [
        (lambda _: Said(403), ReadOnlyError, f"refuses changes to {FIKAD}"),
        (lambda _: Said(202), ReadOnlyError, f"refuses changes to {FIKAD}"),
        (lambda _: Said(507), AccountError, "no room left"),
        (lambda _: Said(405), UncertainError, "does not show the new calendar Fikad"),
        (lambda _: Said(409), UncertainError, "does not show the new calendar Fikad"),
        (cut, UncertainError, "does not show the new calendar Fikad"),
        (failed, UncertainError, "does not show the new calendar Fikad"),
    ],
)
def test_a_calendar_that_does_not_show_is_none(
    server: Hostile,
    home: Home,
    shown: str,
    says: Callable[[Asked], Said],
    kind: type[AccountError],
    message: str,
) -> None:
    def made(asked: Asked) -> Said:
        if shown == "a folder":
            home.folders.append(asked.path)
        return says(asked)

    home.made = made
    with pytest.raises(kind, match=message):
        create(server)
