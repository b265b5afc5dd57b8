"""The README, followed literally in an empty home: every command in it is run, one after the other,
in a terminal.

A README that promises a command which is not there, fails or asks for what it did not announce
makes this fail."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from daemon.demo.life import life
from daemon.demo.server import DemoServer
from tests.daemon.cli.terminal import Screen, Terminal
from tests.daemon.sam import sams_server

ROOT = Path(__file__).parents[1]

INSTEAD = {
    # It would install into the machine's own home. Here it is what the checkout's .venv has.
    "pipx install .": "fikad --version",
    # A service manager looks after a real login, not after a test's folder: test_init.py installs
    # it under a real one. The first thing that the service does is a pass.
    "fikad service install": "fikad once",
}
"""What cannot be run here, with what is run in its place."""


def commands(text: str) -> Iterator[str]:
    """The command lines in the blocks of a console, comments and all."""
    for block in re.findall(r"^```console\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        yield from re.findall(r"^\$ (.+)$", block, re.MULTILINE)


def bare(command: str) -> str:
    return re.sub(r"\s+#.*", "", command)


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoServer]:
    """Somebody's calendars, as they were before they heard of fikad: the demo's life without its
    hold calendar."""
    with sams_server(tmp_path_factory) as server:
        yield server


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with nothing in it but the checkout, whose environment is set up, and an exported
    calendar."""
    checkout = tmp_path / "home" / "fikad"
    (checkout / ".venv").mkdir(parents=True)
    for name in ("Makefile", "pyproject.toml", "requirements.lock"):
        (checkout / name).symlink_to(ROOT / name)
    (checkout / ".venv/bin").symlink_to(Path(sys.executable).parent)
    (checkout / ".venv/ready").touch()
    exported = [entry.text for entry in life(datetime.now(UTC)) if entry.calendar == "Personal"]
    (checkout / "my-calendar.ics").write_text("".join(exported))
    return checkout.parent


@pytest.mark.skipif(shutil.which("make") is None, reason="the README says that make is needed")
def test_the_readme_followed_literally(home: Path, server: DemoServer) -> None:
    answers = {
        "fikad init": (
            ("Your time zone", "Europe/Berlin"),
            ("The language fikad writes in", ""),
            ("The country whose public holidays", ""),
            ("or a folder of .ics files", server.url),
            ("User name", "sam"),
            ("Password of sam", server.password),
            ("Keep the password in", "y"),
            ("A .vcf file with your contacts", ""),
            ("Your own e-mail addresses", ""),
            ("-2 for all but 2", "1-3"),
            ("such as 2=friends", ""),
            ("Name of jane@example.org", "Jane Doe"),
            ("What would you like to be suggested", ""),
            ("between which hours", ""),
            ("Install the background service", "n"),
        ),
        "fikad purge": (("Remove them?", "y"),),
    }
    done: dict[str, Screen] = {}
    before = holds_on(server)
    for command in commands((ROOT / "README.md").read_text()):
        name = bare(command)
        done[name] = run(home, INSTEAD.get(name, command), answers.get(name, ()))
        assert done[name].code == 0, f"$ {command}\n{done[name].text}"
        if name == "fikad once --dry-run":
            assert holds_on(server) == before == []
            assert re.search(r"would be proposed: (Coffee|Lunch) with", done[name].text)
        if name == "fikad service install":
            assert holds_on(server)
    assert INSTEAD.keys() <= done.keys(), "the README no longer has what is run otherwise here"
    assert answers.keys() <= done.keys()
    assert holds_on(server) == []
    promised = {
        "make demo": "fikad looks again",
        ".venv/bin/fikad try my-calendar.ics": "Gone quiet",
        "fikad init": "3 people added",
        "fikad status": "Jane Doe",
        "fikad why jane": "not counted",
    }
    for name, words in promised.items():
        assert words in done[name].text
    [page] = home.glob("fikad-demo-*/report.html")
    assert str(page) in done["make demo"].text


def run(home: Path, command: str, answers: tuple[tuple[str, str], ...]) -> Screen:
    """Type one line into a shell that finds the installed `fikad`, and answer what it asks."""
    path = f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"
    shell = ("/bin/sh", "-c", f"cd fikad && {command}")
    with Terminal((), home, 100, {"PATH": path, "TMPDIR": str(home)}, shell) as terminal:
        for question, answer in answers:
            terminal.answer(question, answer)
        return terminal.end()


def holds_on(server: DemoServer) -> list[str]:
    """The names of all holds on the server."""
    _, listed = server.request("PROPFIND", "/sam/", headers={"Depth": "1"})
    calendars = re.findall(r"<(?:\w+:)?href>(/sam/[^<]+/)</", listed)
    listings = [
        server.request("PROPFIND", calendar, headers={"Depth": "1"})[1] for calendar in calendars
    ]
    return re.findall(r"/(fikad-[0-9a-z-]+\.ics)<", "".join(listings))


def test_a_readme_that_lies_is_noticed(home: Path) -> None:
    text = (
        "```console\n$ fikad frobnicate   # does wonders\n$ fikad once --wet-run\n```\n"
        "`fikad inline`"
    )
    lies = list(commands(text))
    assert list(map(bare, lies)) == ["fikad frobnicate", "fikad once --wet-run"]
    assert [run(home, lie, ()).code for lie in lies] == [2, 2]


def test_the_day_in_the_readme_is_not_in_the_future() -> None:
    """`met --on` refuses such a day."""
    days = re.findall(r"--on (\d{4}-\d\d-\d\d)", (ROOT / "README.md").read_text())
    assert all(
        datetime.fromisoformat(day).replace(tzinfo=UTC) < datetime.now(UTC) + timedelta(days=1)
        for day in days
    )
