"""Who is paused, paused until a day, or answered with "never" is named nowhere: not by a command,
in a hold, or in the log. Only who asks for them by name is answered, and the pass that takes their
hold back says so, once."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from daemon.cli import COMMANDS, _run
from daemon.cli.completion import contact_names
from daemon.config.schema import load
from daemon.cycle.cycle import PassOptions, run_pass
from daemon.discovery.everybody import everybody, history_in, nameable
from daemon.ledger.ledger import open_ledger
from daemon.opening import opener
from daemon.people.contacts import ContactIndex
from daemon.service.jobs.whole_pass import news_of
from daemon.situation.assessing import contacts_now
from tests.daemon.cli.running import ALWAYS, days_ago, event, with_guests

SILENT = {
    "Leopold Quist": "paused = true",
    "Petra Quist": f'until = "{datetime.now(UTC).date() + timedelta(days=60)}"',
    "Nils Brandt": "",  # answered with "never"
}
NAMED = re.compile("leopold|petra|nils|brandt", re.IGNORECASE)
HERE = ("Jane Quist", "Omar Haddad", "Nina Hall")


def contact(name: str, more: str = "") -> str:
    email = f"{name.split()[0].lower()}@example.org"
    table = (
        f'[[contacts]]\nname = "{name}"\nemails = ["{email}"]\ncircle = "friends"\ntags ='
        f' ["climate"]\n{more}\n'
    )
    return table + ('aliases = ["Leo"]\n' if name in ("Leopold Quist", "Omar Haddad") else "")


def a_meeting(uid: str, name: str, ago: int, email: str = "") -> str:
    email = email or f"{name.split()[0].lower()}@example.org"
    lines = [
        line.replace(f":mailto:{email}", f';CN="{name}":mailto:{email}')
        for line in with_guests(email)
    ]
    return event(uid, "Catching up", days_ago(ago), 60, *lines)


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """Everybody was met twice, long ago, and got a hold; then three of them fell silent, and two
    passes went by."""
    calendars = tmp_path / "calendars"
    texts: dict[str, dict[str, str]] = {"Personal": {}, "Fikad": {}}
    for name in (*SILENT, *HERE):
        for ago in (400, 370, 340) if name in ("Nils Brandt", "Jane Quist") else (120, 60):
            texts["Personal"][f"{name}-{ago}".replace(" ", "-")] = a_meeting(
                f"{name}-{ago}", name, ago
            )
    # an address of Leopold's that is in no config, and titles that may mean one of several people
    for ago in (30, 50):
        texts["Personal"][f"private-{ago}"] = a_meeting(
            f"p{ago}", "Leopold Quist", ago, "lq@elsewhere.org"
        )
        texts["Personal"][f"quist-{ago}"] = event(f"q{ago}", "Coffee with Quist", days_ago(ago))
        texts["Personal"][f"leo-{ago}"] = event(f"l{ago}", "Coffee with Leo", days_ago(ago))
    for folder, files in texts.items():
        (calendars / folder).mkdir(parents=True)
        for name, text in files.items():
            (calendars / folder / f"{name}.ics").write_text(text, newline="")
    account = (
        f'[accounts.home]\ntype = "files"\npath = "{calendars}"\n[circles.friends]\ncadence = "1'
        ' month"\nsize = 1\n'
    )
    head = (
        ALWAYS.replace("[rhythm]", "[rhythm]\nweekly_digest = true\nopen = 20\nreach_back = 0")
        + account
    )
    config = tmp_path / "config.toml"
    config.write_text(head + "".join(contact(name) for name in (*SILENT, *HERE)))
    assert run(tmp_path, "once") == 0
    assert len(holds(tmp_path)) == 6
    assert any(
        "You could introduce" in text and NAMED.search(introduced(text)) for text in holds(tmp_path)
    )
    config.write_text(
        head + "".join(contact(name, SILENT.get(name, "")) for name in (*SILENT, *HERE))
    )
    with open_ledger(tmp_path / "state") as ledger:
        ledger.never("nils brandt", datetime.now(UTC))
    for ago in (-2, 5):  # booked, and met and not read yet
        (calendars / "Personal" / f"later{ago}.ics").write_text(
            a_meeting(f"later{ago}", "Petra Quist", ago), newline=""
        )
    run(tmp_path, "once")
    return tmp_path


def run(house: Path, *arguments: str) -> int:
    return _run(
        ["--config", str(house / "config.toml"), "--state", str(house / "state"), *arguments]
    )


def holds(house: Path) -> list[str]:
    holds = (house / "calendars" / "Fikad").glob("fikad-*.ics")
    return [
        path.read_text().replace("\r\n ", "").replace("\n ", "")
        for path in holds
        if "look" not in path.name
    ]


def introduced(text: str) -> str:
    return text.partition("You could introduce")[2].partition(" to ")[2].partition(":")[0]


LINES = [
    "once",
    "once --json",
    "once --dry-run --json",
    "status",
    "status --json",
    "why Jane",
    "why Jane --json",
    "why Omar --json",
    "why Qui",
    "why Leo",
    "why 'Leop Quis'",
    "why 'Pet Quist'",
    "ask Jane",
    "ask Jane --json",
    "ask Qui",
    "ask Omar --when 'next week'",
    "check --offline",
    "check --offline --json",
    "discover",
    "discover --json",
    "discover --lapsed",
    "discover --add Leopoldine",
    "backtest",
    "backtest --json",
    "report",
    "report --json",
    "met Jane",
    "note Jane garden",
    "contacts",
    "contacts list",
    "contacts add Zoe --email leopold@example.org",
    "snooze Omar 1 week",
    "undo",
    "config check",
    "config schema",
    "service status",
    "purge --yes --json",
    "once --json",
]
ELSEWHERE = {"init", "auth", "run", "demo", "try"}
"""They know no contact (`run` does what `once` does, and logs; see below)."""


def test_no_command_names_them(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert {line.split()[0] for line in LINES} | ELSEWHERE >= {*COMMANDS} - {"manual", "completion"}
    capsys.readouterr()
    for line in LINES:
        (house / "calendars" / "Personal" / "new.ics").unlink(missing_ok=True)
        if line == LINES[-1]:
            (house / "calendars" / "Personal" / "new.ics").write_text(
                a_meeting("new", "Petra Quist", 3), newline=""
            )
        typed = shlex.split(line)
        run(house, *typed)
        said = "\n".join(capsys.readouterr())
        assert said.strip()
        assert not NAMED.search(said.replace(f'"{typed[-1]}"', "")), line


def test_no_hold_and_no_look_names_them(house: Path) -> None:
    written = [path.read_text() for path in (house / "calendars" / "Fikad").glob("fikad-*.ics")]
    assert len(written) == 4  # three holds and the look
    assert not NAMED.search("".join(written).replace("\r\n ", ""))


def test_the_log_names_them_never(house: Path) -> None:
    config = load(house / "config.toml")
    now = datetime.now(UTC)
    with open_ledger(house / "state") as ledger:
        ledger.snooze("nils brandt", None, now)
        run_pass(config, ledger, opener(config, ledger), lambda: now, PassOptions())
        ledger.never("nils brandt", now)
        report = run_pass(config, ledger, opener(config, ledger), lambda: now, PassOptions())
    assert [hold.contact_name for hold in report.holds["withdrawn"]] == ["Nils Brandt"]
    told = [*news_of(report, config)]
    assert [line for line in told if line.startswith("hold withdrawn: somebody,")]
    assert not NAMED.search("\n".join(told))


def test_the_shell_completes_nobody_who_is_silent(house: Path) -> None:
    from daemon.cli import fikad

    given = ["--config", str(house / "config.toml"), "--state", str(house / "state")]
    with fikad.make_context("fikad", [*given, "status"]) as context:
        assert contact_names(context, context.command.params[0], "") == [*HERE]


def test_who_asks_by_name_is_answered(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, says in (
        ("Leopold", "Paused"),
        ("Petra", "Paused"),
        ("Nils", 'You answered "never"'),
    ):
        capsys.readouterr()
        assert run(house, "why", name) == 0
        assert says in capsys.readouterr().out
    run(house, "why", "Ni")
    assert capsys.readouterr().out.startswith("Nina Hall")
    assert run(house, "snooze", "Nils", "1", "day") == 0
    capsys.readouterr()
    run(house, "status")
    assert "Nils Brandt" in capsys.readouterr().out


def test_nobody_found_is_said_to_be_them_perhaps(house: Path) -> None:
    config, now = load(house / "config.toml"), datetime.now(UTC)
    with open_ledger(house / "state") as ledger:
        people = everybody(config, history_in(ledger, config, now), now).people
        contacts = contacts_now(config, ledger, now)
    [jane] = [person for person in people if person.name == "Jane Quist"]
    like = replace(
        jane, perhaps_also=("Petra Quist (in your config)", "lq (leopold@example.org)", "Ann Lee")
    )
    assert nameable([like], contacts)[0].perhaps_also == ("Ann Lee",)


def test_a_reason_that_would_name_them_speaks_of_somebody(house: Path) -> None:
    config = load(house / "config.toml")
    index = ContactIndex(config.people, vocabulary=config.vocabulary)
    assert "somebody who is paused" in index.named("Coffee with Leo").reason
