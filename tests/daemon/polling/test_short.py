"""A short poll says what a quiet one says, without loading what a quiet one loads; whatever is
otherwise than it was, or than nearly everybody has it, takes the whole way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from daemon.entry import plain_poll
from daemon.ledger.ledger import Ledger
from daemon.overview.once import once_facts
from daemon.polling.short import said_again
from tests.connectors.caldav.hostile_server import Asked, Hostile, Said, hostile
from tests.daemon.cli.running import ALWAYS, CONTACTS, days_ago, event, with_guests
from tests.daemon.polling.home import Home

CHECKOUT = Path(__file__).parents[3]


@dataclass(kw_only=True)
class Plain(Home):
    """One CalDAV account, its password in a file."""

    server: Hostile

    def settled(self) -> dict[str, Any]:
        """Poll until a quiet poll has allowed short ones; what that one said."""
        said = once_facts(self.settle(), UTC)
        self.server.asked.clear()
        return said

    def short(self) -> dict[str, Any] | None:
        self.server.asked.clear()
        return said_again(str(self.config), str(self.state), self.now)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Plain]:
    (tmp_path / "password").write_text("hunter2\n")
    (tmp_path / "password").chmod(0o600)
    with hostile() as server:
        account = (
            f'[accounts.home]\ntype = "caldav"\nurl = "{server.url}"\nusername = "sam"\n'
            'password = { file = "password" }\n[holds]\naccount = "home"\ncalendar = "cal"\n'
        )
        (tmp_path / "config.toml").write_text(f"{ALWAYS}\n{account}{CONTACTS}")
        met = event("met", "Lunch", days_ago(3, 12), 60, *with_guests("jane@example.org"))
        server.store("met.ics", met)
        yield Plain(folder=tmp_path, server=server)


def test_a_short_poll_says_what_the_quiet_poll_said_after_one_request(home: Plain) -> None:
    said = home.settled()
    [before] = _requests_of(home)
    home.now += timedelta(minutes=15)
    assert home.short() == said
    [asked] = home.server.asked
    assert (asked.method, asked.path, asked.body) == (before.method, before.path, before.body)
    for header in ("authorization", "depth", "content-type"):
        assert asked.headers[header] == before.headers[header]
    with home.ledger() as ledger:
        assert ledger.accounts()["home"].last_success == home.now


def _requests_of(home: Plain) -> list[Asked]:
    """Those of a quiet poll."""
    home.server.asked.clear()
    assert not home.poll()[0]
    return list(home.server.asked)


def _ledger(act: Callable[[Ledger, datetime], object]) -> Callable[[Plain], None]:
    def change(home: Plain) -> None:
        with home.ledger() as ledger:
            act(ledger, home.now)

    return change


def _spoil(change: Callable[[Said], Said]) -> Callable[[Plain], None]:
    """Let the server answer the next PROPFIND otherwise."""

    def spoil(home: Plain) -> None:
        def after(asked: Asked) -> Said:
            home.server.after = None
            said = home.server.answer(asked)
            home.server.after = after
            return change(said)

        home.server.after = after

    return spoil


def _mark(change: Callable[[dict[str, Any]], object]) -> Callable[[Plain], None]:
    def garble(home: Plain) -> None:
        with home.ledger() as ledger:
            mark = json.loads(ledger.get("quiet") or "")
            change(mark)
            ledger.put("quiet", json.dumps(mark))

    return garble


def _wait(**time: int) -> Callable[[Plain], None]:
    return lambda home: setattr(home, "now", home.now + timedelta(**time))


OTHERWISE: dict[str, Callable[[Plain], object]] = {
    "an event comes": lambda home: home.server.store("n.ics", event("n", "Lunch", days_ago(-1))),
    "an event goes": lambda home: home.server.drop("met.ics"),
    "the config changes": lambda home: home.config.write_text(home.config.read_text() + "#\n"),
    "the config is gone": lambda home: home.config.unlink(),
    "the ledger is gone": lambda home: (home.state / "ledger.db").unlink(),
    "somebody is snoozed": _ledger(
        lambda ledger, now: ledger.snooze("jane doe", now + timedelta(days=9), now)
    ),
    "the account was not read well": _ledger(
        lambda ledger, now: ledger.save_account(replace(ledger.accounts()["home"], state="error"))
    ),
    "the next day begins": _wait(hours=15),
    "the clock is set back": _wait(hours=-1),
    "all must be compared again": _mark(lambda mark: mark["short"].update(until=mark["since"])),
    "the server fails": lambda home: setattr(home.server, "before", lambda _: Said(503)),
    "the password is another one": lambda home: setattr(home.server, "before", lambda _: Said(401)),
    "the file of the password is gone": lambda home: (home.folder / "password").unlink(),
    "the file of the password is empty": lambda home: (home.folder / "password").write_text(""),
    "others may read the password": lambda home: (home.folder / "password").chmod(0o644),
    "the server is gone": lambda home: _mark(
        lambda mark: mark["short"]["asked"]["accounts"]["home"].update(at=["http", "127.0.0.1", 1])
    )(home),
    "the answer is cut off": _spoil(lambda said: replace(said, body=said.body[:-20])),
    "the answer goes on": _spoil(lambda said: replace(said, body=said.body + "<!-- -->")),
    "the answer has another status": _spoil(lambda said: replace(said, status=200)),
    "another password is wanted": _spoil(
        lambda _: Said(401, headers={"WWW-Authenticate": 'Basic realm="sam"'})
    ),
    "the mark is garbled": _ledger(lambda ledger, now: ledger.put("quiet", "{")),
    "what short polls go by is garbled": _mark(lambda mark: mark.update(short={"until": 5})),
    "the question is garbled": _mark(
        lambda mark: mark["short"]["asked"]["accounts"].update(home=None)
    ),
    "the mark is of a pass that proposed": _mark(lambda mark: mark.update(propose="all")),
}


@pytest.mark.parametrize("otherwise", OTHERWISE.values(), ids=OTHERWISE.keys())
def test_whatever_is_otherwise_takes_the_whole_way(
    home: Plain, otherwise: Callable[[Plain], object]
) -> None:
    home.settled()
    otherwise(home)
    assert home.short() is None


def test_another_version_and_another_zone_of_the_system_take_the_whole_way(
    home: Plain, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.settled()
    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    assert home.short() is None
    monkeypatch.delenv("TZ")
    monkeypatch.setattr("daemon.polling.prints.__version__", "99")
    assert home.short() is None


def test_another_answer_without_news_is_asked_for_shortly_no_more_under_this_mark(
    home: Plain,
) -> None:
    """A server whose answers differ each time is asked twice once, not at each poll."""
    home.settled()
    _spoil(lambda said: replace(said, body=said.body + "<!-- another -->"))(home)
    assert home.short() is None
    assert len(home.server.asked) == 1
    passed, _ = home.poll()
    assert not passed
    assert home.short() is None
    assert not home.server.asked


@pytest.mark.parametrize(
    "kept",
    [
        'password = { command = ["echo", "hunter2"] }',
        'password = { credential = "home" }',
    ],
)
def test_a_password_elsewhere_than_in_a_file_is_not_asked_for_shortly(
    home: Plain, kept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(home.folder))
    (home.folder / "home").write_text("hunter2")
    text = home.config.read_text().replace('password = { file = "password" }', kept)
    home.config.write_text(text)
    home.settled()
    assert home.short() is None
    assert not home.server.asked


def test_digest_credentials_are_not_given_shortly(home: Plain) -> None:
    home.server.digest = ("sam", "hunter2")
    home.settled()
    assert home.short() is None
    assert not home.server.asked


def test_a_poll_of_more_than_caldav_is_not_short(home: Plain) -> None:
    (home.folder / "calendars" / "More").mkdir(parents=True)
    more = '\n[accounts.folder]\ntype = "files"\npath = "calendars"\n'
    home.config.write_text(home.config.read_text() + more)
    home.settled()
    assert home.short() is None
    assert not home.server.asked


def test_no_secret_is_in_what_it_goes_by(home: Plain) -> None:
    home.settled()
    assert home.short() is not None
    with home.ledger() as ledger:
        assert "hunter2" not in (ledger.get("quiet") or "")


@pytest.mark.parametrize("as_json", [False, True])
def test_the_command_says_the_same_by_both_ways(home: Plain, as_json: bool) -> None:
    home.now = datetime.now(UTC)
    home.settled()
    words = ["--config", str(home.config), "--state", str(home.state), "once", "--no-plan"]
    words += ["--json"] if as_json else []
    short, loaded = _run("daemon.entry", words)
    whole, all_loaded = _run("daemon.cli", words)
    assert short == whole
    assert "click" in all_loaded
    assert not {"click", "lxml", "email", "http", "pathlib", "dataclasses", "typing"} & loaded


def _run(module: str, words: list[str]) -> tuple[str, set[str]]:
    """What a process says, and what it had loaded that a bare one has not."""
    script = (
        f"import sys; before = set(sys.modules); sys.argv[1:] = {words!r}\n"
        f"import atexit; from {module} import main\n"
        "atexit.register(lambda: print('\\n' + ' '.join({*sys.modules} - before), file=sys.stderr))"
        "\nmain()"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", script],
        capture_output=True,
        text=True,
        cwd=CHECKOUT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, [CHECKOUT, *sys.path[1:]]))},
        check=True,
    )
    return done.stdout, set(done.stderr.splitlines()[-1].split())


PLACES = ["--config", "/c.toml", "--state", "/s"]


@pytest.mark.parametrize(
    ("words", "as_json"),
    [
        ([*PLACES, "once", "--no-plan"], False),
        (["once", "--no-plan", *PLACES, "--json"], True),
        (["--state", "/s", "once", "--json", "--config", "/c.toml", "--no-plan"], True),
    ],
)
def test_a_poll_that_is_asked_for_plainly_is_known(words: list[str], as_json: bool) -> None:
    assert plain_poll(words) == ("/c.toml", "/s", as_json)


def test_where_no_places_are_given_the_usual_ones_are_meant(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FIKAD_CONFIG", "/usual/c.toml")
    monkeypatch.setenv("FIKAD_STATE", "/usual/s")
    assert plain_poll(["once", "--no-plan"]) == ("/usual/c.toml", "/usual/s", False)


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["once"],
        ["--help"],
        ["--no-plan", "once"],
        [*PLACES, "once"],
        [*PLACES, "once", "--no-plan", "--no-plan"],
        [*PLACES, "once", "--no-plan", "--verbose"],
        ["--verbose", *PLACES, "once", "--no-plan"],
        [*PLACES, "once", "--no-plan", "--dry-run"],
        [*PLACES, "once", "--no-plan", "--accept-empty", "home"],
        [*PLACES, "once", "--no-plan", "more"],
        [*PLACES, "once", "--no-plan", "--"],
        [*PLACES, "status", "--json"],
        [*PLACES, *PLACES, "once", "--no-plan"],
        ["--config=/c.toml", "--state", "/s", "once", "--no-plan"],
        ["--config", "c.toml", "--state", "/s", "once", "--no-plan"],
        ["--config", "~/c.toml", "--state", "/s", "once", "--no-plan"],
        ["--config", "/a/../c.toml", "--state", "/s", "once", "--no-plan"],
        ["--state", "/s", "once", "--no-plan", "--config"],
        ["--config", "", "--state", "/s", "once", "--no-plan"],
    ],
)
def test_whatever_else_is_asked_for_is_left_to_the_command_line(words: list[str]) -> None:
    assert plain_poll(words) is None
