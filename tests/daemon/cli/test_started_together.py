"""Several fikads on one account, each a process of its own: started at the same moment, stopped at
the worst, or grown apart long ago. In the end there is one calendar with holds in it, and one hold
for each contact."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.base import HoldEvent, KnownResources
from connectors.ical.hold_text import hold_event
from daemon.config.schema import load
from daemon.cycle.cycle import PassOptions, run_pass
from daemon.cycle.report import Report
from daemon.ledger.ledger import open_ledger
from daemon.opening import opener
from tests.connectors import servers
from tests.connectors.backends import BACKENDS, NOW, CalDAVBackend, FilesBackend, GoogleBackend
from tests.connectors.google.server import LEAST_SCOPES, SCOPE
from tests.daemon.cli.forking import begin_command
from tests.daemon.cli.running import ALWAYS, CHECKOUT, CONTACTS, Fikad, days_ago
from tests.daemon.world import Inline
from tests.waiting import SECONDS

AnyBackend = CalDAVBackend | FilesBackend | GoogleBackend
NAMES = ["Jane Doe", "Omar Haddad"]


@dataclasses.dataclass
class World:
    """One account of the user's, and the fikads that share it."""

    backend: AnyBackend
    folder: Path
    has_a_uid_once: bool = False
    """Whether an event of one UID stands in one calendar of a user alone: who writes it into
    another one takes it along."""

    def fikad(self, name: str) -> Fikad:
        """An installation of its own; the same name is the same installation."""
        folder = self.folder / name
        if not folder.exists():
            folder.mkdir()
            Fikad(folder).configure(
                ALWAYS + self._account(folder) + 'ignore = ["Elsewhere"]\n' + CONTACTS
            )
            with open_ledger(Fikad(folder).state) as ledger:
                for person in NAMES:
                    ledger.add_met(person.lower(), days_ago(40), days_ago(0))
        return Fikad(folder)

    def _account(self, folder: Path) -> str:
        match self.backend:
            case FilesBackend(root=root):
                return f'[accounts.home]\ntype = "files"\npath = "{root}"\n'
            case CalDAVBackend(url=url):
                name, word = self.backend.server.auth(self.backend.user) or ("sam", "any")
                login = f'username = "{name}"\npassword = {{ command = ["echo", "{word}"] }}\n'
                return f'[accounts.home]\ntype = "caldav"\nurl = "{url}"\n{login}'
            case GoogleBackend(server=server):
                client, token = server.write_client(folder), folder / "token.json"
                token.touch(mode=0o600)
                token.write_text(json.dumps(server.grant([*LEAST_SCOPES, f"{SCOPE}.events"])))
                return (
                    f'[accounts.home]\ntype = "google"\nclient_secrets = "{client}"\n'
                    f'endpoint = "{server.address}"\ntoken = {{ file = "{token}" }}\n'
                )

    def together(self, *fikads: Fikad) -> None:
        """One pass each, begun at the same moment."""
        for each in [Started(each) for each in fikads]:
            each.end()

    def settled(self, *fikads: Fikad) -> None:
        """Passes until nothing more is to be done; the last says nothing new."""
        for _ in range(3):
            for each in fikads:
                report = one_pass(each)
        for each in fikads:
            report = one_pass(each)
            assert (report.complete, report.not_writable) == (True, ""), report
            assert not any(report.holds.values())

    def held(self) -> dict[str, list[HoldEvent]]:
        """The holds in every calendar called Fikad, as another program finds them, by the
        calendar's id."""
        listed = [each for each in self.fresh().calendars(NOW) if each.name == "Fikad"]
        by_contact: dict[str, list[HoldEvent]] = {}
        for calendar in listed:
            texts = [
                resource.text
                for batch in calendar.changes(None, KnownResources(), complete=True)
                for resource in batch.changed
            ]
            by_contact[calendar.id] = [
                event for text in texts if (event := hold_event(text)) is not None
            ]
        return by_contact

    def fresh(self) -> Any:
        self.backend.memo = {}
        return self.backend.account()

    def assert_one(self, *, calendars: int | None = 1) -> None:
        held = self.held()
        assert calendars is None or len(held) == calendars
        filled = {name: events for name, events in held.items() if events}
        assert len(filled) == 1, held
        [events] = filled.values()
        assert sorted(event.title for event in events) == [f"Coffee with {name}?" for name in NAMES]


def one_pass(fikad: Fikad, *accept_empty: str) -> Report:
    """What `fikad once` does, in this process, which is quicker."""
    config = load(fikad.config)
    expander: Any = Inline()
    with open_ledger(fikad.state) as ledger:
        options = PassOptions(accept_empty=frozenset(accept_empty))
        return run_pass(
            config,
            ledger,
            opener(config, ledger),
            lambda: datetime.now(UTC),
            options,
            expander=expander,
        )


@dataclasses.dataclass
class Started:
    """A pass in a process of its own."""

    fikad: Fikad

    def __post_init__(self) -> None:
        self.shown = self.fikad.folder / "shown"
        environment = {
            **os.environ,
            "FIKAD_CONFIG": str(self.fikad.config),
            "FIKAD_STATE": str(self.fikad.state),
            "PYTHONPATH": str(CHECKOUT),
        }
        with Path(os.devnull).open() as nothing, self.shown.open("wb") as shown:
            files = [nothing.fileno(), shown.fileno(), shown.fileno()]
            words = ("once", "--json")
            self._command = begin_command(words, self.fikad.folder, environment, files)

    def kill(self) -> None:
        os.kill(self._command.pid, signal.SIGKILL)

    def end(self) -> int:
        """How it ended; it said nothing that it should not."""
        with self._command:
            code = self._command.wait()
        assert "Traceback" not in self.shown.read_text(), self.shown.read_text()
        return code


@pytest.fixture(params=BACKENDS)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    with BACKENDS[request.param](tmp_path) as backend:
        place = backend.add_calendar("Personal")
        backend.put(place, "one", "Lunch")
        yield World(backend, tmp_path)  # type: ignore[arg-type]


def states(*fikads: Fikad) -> Counter[str]:
    outcomes: Counter[str] = Counter()
    for each in fikads:
        with open_ledger(each.state) as ledger:
            outcomes.update(hold.state for hold in ledger.holds())
    return outcomes


def test_started_together_they_share_one_calendar_and_its_holds(world: World) -> None:
    fikads = [world.fikad(str(number)) for number in range(3)]
    world.together(*fikads)
    world.settled(*fikads)
    # Nobody can choose the id of a calendar at Google; an empty one may be left over.
    world.assert_one(calendars=None if isinstance(world.backend, GoogleBackend) else 1)
    assert states(*fikads) == {"proposed": 6}


def test_two_that_grew_apart_come_together(world: World) -> None:
    if isinstance(world.backend, FilesBackend):
        pytest.skip("a folder's name is its id: there is no second one")
    first, second = world.fikad("one"), world.fikad("two")
    one_pass(first)
    place = place_of(world)
    world.backend.rename_calendar(place, "Elsewhere")
    one_pass(second)
    world.backend.rename_calendar(place, "Fikad")
    first_keeps = 0 if world.has_a_uid_once else 2
    assert sorted(len(events) for events in world.held().values()) == [first_keeps, 2]
    expire_the_list(first)
    expire_the_list(second)
    world.settled(first, second)
    world.assert_one(calendars=2)
    assert states(first, second) == {"proposed": 4}


def test_killed_between_the_new_calendar_and_the_ledger_it_finds_the_calendar(world: World) -> None:
    fikad = world.fikad("one")
    fikad("once", "--no-plan")  # the list of calendars is known from now on
    kill_at_creation(world, fikad)
    assert [len(events) for events in world.held().values()] == [0]
    world.settled(fikad)
    world.assert_one()


def test_a_hold_calendar_deleted_before_the_next_poll_is_said_and_not_made_again(
    world: World,
) -> None:
    fikad = world.fikad("one")
    assert len(one_pass(fikad).holds["proposed"]) == 2
    world.backend.remove_calendar(place_of(world))
    for _ in range(2):
        report = one_pass(fikad)
        assert [reading.state for reading in report.readings] == ["error"]
        assert not any(report.holds.values())
    assert "--accept-empty home" in report.readings[0].message
    assert len(one_pass(fikad, "home").holds["dismissed"]) == 2
    assert "is gone" in one_pass(fikad).not_writable
    assert world.held() == {}


def test_a_hold_calendar_that_is_gone_is_said_by_every_command(tmp_path: Path) -> None:
    with BACKENDS["files"](tmp_path) as backend:
        backend.put(backend.add_calendar("Personal"), "one", "Lunch")
        world = World(backend, tmp_path)  # type: ignore[arg-type]
        fikad = world.fikad("one")
        one_pass(fikad)
        world.backend.remove_calendar(place_of(world))
        status = fikad("status", "--json").json
        ran = fikad("once", "--json", "--accept-empty", "home")
        assert (ran.code, "is gone" in ran.json["message"]) == (10, True)
        status = fikad("status", "--json").json
        assert (status["healthy"], "is gone" in status["troubles"]["holds"]) == (False, True)
        assert fikad("check", "--json").code == 10


def test_a_renamed_hold_calendar_goes_on_being_used(world: World) -> None:
    fikad = world.fikad("one")
    one_pass(fikad)
    world.backend.rename_calendar(place_of(world), "Kaffee")
    expire_the_list(fikad)
    assert not any(one_pass(fikad).holds.values())
    with open_ledger(fikad.state) as ledger:
        ledger.snooze("jane doe", days_ago(-14), days_ago(0))
    assert [hold.contact_name for hold in one_pass(fikad).holds["withdrawn"]] == ["Jane Doe"]
    names = [calendar.name for calendar in world.fresh().calendars(NOW)]
    assert ("Fikad" in names, "Kaffee" in names) == (False, True)


def place_of(world: World) -> str:
    """The calendar called Fikad, as another program calls it."""
    [(id, _)] = world.held().items()
    match world.backend:
        case FilesBackend(root=root):
            return str(root / id)
        case CalDAVBackend(server=server):
            return f"{server.url.rstrip('/')}{id}"
        case _:
            return id


def expire_the_list(fikad: Fikad) -> None:
    """As if an hour had passed since Google was asked for its list of calendars."""
    with sqlite3.connect(fikad.state / "ledger.db") as db:
        [(memo,)] = db.execute("SELECT memo FROM accounts").fetchall()
        kept = json.loads(memo)
        if "calendars" in kept:
            kept["calendars"]["at"] = "2000-01-01T00:00:00+00:00"
            db.execute("UPDATE accounts SET memo = ?", (json.dumps(kept),))


def kill_at_creation(world: World, fikad: Fikad) -> None:
    """A pass that is killed the moment the server has made the calendar."""
    match world.backend:
        case CalDAVBackend(wire=wire):
            running: list[Started] = []

            def kill(exchange: servers.Exchange) -> None:
                if exchange.method == "MKCALENDAR":
                    running[0].kill()

            wire.after = kill
            running.append(Started(fikad))
            assert running[0].end() == -signal.SIGKILL
            wire.after = None
        case GoogleBackend(server=server):
            running = []
            killed = threading.Event()
            add: Callable[..., str] = server.store.add_calendar

            def add_and_kill(*given: Any, **more: Any) -> str:
                made = add(*given, **more)
                running[0].kill()
                killed.wait(SECONDS)
                return made

            server.store.add_calendar = add_and_kill  # type: ignore[method-assign]
            running.append(Started(fikad))
            assert running[0].end() == -signal.SIGKILL
            killed.set()
            del server.store.add_calendar
        case _:
            # Files have no other side that could tell the moment: the folder is made, and nothing
            # is known of it.
            world.backend.add_calendar("Fikad")
