"""Every command in a real terminal, wide and narrow, with colours and without, and in a pipe.

The calendars are the demo's, on Radicale, and beside them those of somebody who means no good:
titles, names, calendar and file names full of what a terminal acts on."""

from __future__ import annotations

import shlex
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from rich.cells import cell_len

from connectors.message_link import is_message_link
from daemon.cli import COMMANDS
from daemon.demo.life import config_text
from daemon.demo.server import DemoServer
from tests.connectors.servers import make_calendar, put
from tests.daemon.cli.running import Fikad, days_ago, event, with_guests
from tests.daemon.cli.terminal import Screen, Terminal
from tests.daemon.sam import sams_server

EVIL = "\x1b[35;5m\x1b]0;owned\x07 \u202eevil\u2066 \u200f\x9b2J"
"""A colour that fikad never uses, a window title, marks that turn the direction of text, and a C1
control."""
TURNED = "\u202eevil\u2066 \u200f"
"""What a name may hold without making the list of guests unreadable."""


@dataclass(frozen=True, slots=True)
class Case:
    """One command line, and what to answer if it asks."""

    line: str
    """`{…}` is filled in from `House.places`."""
    code: int = 0
    answers: tuple[tuple[str, str], ...] = ()
    says: str = ""
    """Words of its output: white space is folded."""
    long: bool = True
    """Whether it says something that does not fit a line of the narrow terminal."""
    data: bool = False
    """For programs to read: nothing is broken to fit a terminal."""
    slow: bool = False
    """Looked at in one terminal only, narrow and without colours."""

    @property
    def command(self) -> str:
        return self.line.split()[0]


SETUP = (
    "init --yes --path {calendars} --me sam@example.com --timezone Europe/Berlin --contacts all "
    "--no-service "
    "--config {new}/c.toml --state {new}/s"
)
CASES = [
    Case(SETUP, says="1 person added"),
    Case("auth home", answers=(("Password of sam", "{password}"),), says='Logged in to "home"'),
    Case(
        "auth nobody",
        2,
        says='there is no account "nobody" in your config; it has "home", "folder"',
    ),
    Case("check", says="server of home: plain http on this machine, clock in step"),
    Case("check --offline", says="account home: last read"),
    Case("try {file} --me sam@example.com", says="Taken for you: sam@example.com."),
    Case("demo", says="fikad looks again:", slow=True),
    Case("once --dry-run", says="set aside in"),
    Case("once"),
    Case("status", says="Jane Doe"),
    Case("why jane", says="not counted"),
    Case("why eve", says="evil"),
    Case("why Zaphod", 1, says='nobody in your config is called "Zaphod"'),
    Case("discover", says="steady"),
    Case("discover --lapsed", says="trend"),
    Case("met jane --on {yesterday}", says="Noted: you met Jane Doe on"),
    Case("snooze klaus 3 weeks", says="Klaus Weber is left alone until"),
    Case("note priya garden", says="Noted for Priya Nair.", long=False),
    Case("undo maximiliane", says="Taken back: the note on Maximiliane"),
    Case("ask jane", says="How about"),
    Case("ask jane --when soon", 2, says="names no time to come"),
    Case("contacts", says="address"),
    Case("contacts list --all", says="address"),
    Case("contacts add 'Zoe Ray' --circle freinds", 1, says="there is no circle"),
    Case("contacts edit jane --no-phone", 1, says="gives Jane Doe no phone"),
    Case("contacts remove jane", answers=(("Remove Jane Doe?", "n"),), says="Nobody was removed."),
    Case("backtest --weeks 8", says="suggestions a week. Had you kept every suggestion"),
    Case("report", says="of the last 26 weeks you met somebody"),
    Case("purge", answers=(("Remove them?", "n"),), says="Nothing was removed."),
    Case("service status", 1, says="not installed"),
    Case("config check", says="11 contacts, 2 accounts"),
    Case("config check --config {wrong}", 10, says='did you mean "rhythm"?'),
    Case("config schema", says='"title": "fikad\'s config"', data=True),
    Case("status --json", says='"healthy": true', data=True),
    Case("--help", says="Keeps you in touch"),
    Case("init --help", says="--password-stdin"),
    Case("frobnicate", 2, says="No such command"),
]
IDS = [" ".join(case.line.split()[:2]).replace("--yes", "").strip() for case in CASES]


@dataclass(frozen=True, slots=True)
class House:
    """An installation that was used for a while."""

    fikad: Fikad
    server: DemoServer

    def words(self, case: Case, new: Path) -> list[str]:
        words = shlex.split(self.filled(case.line, new))
        given = ["--config", str(self.fikad.config), "--state", str(self.fikad.state)]
        return words if "--config" in words and "--state" in words else [*given, *words]

    def filled(self, text: str, new: Path) -> str:
        folder = self.fikad.folder
        return text.format(
            calendars=shlex.quote(str(folder / "calendars")),
            file=shlex.quote(str(next((folder / "calendars").rglob("*.ics")))),
            new=new,
            password=self.server.password,
            wrong=folder / "wrong.toml",
            yesterday=f"{days_ago(1):%Y-%m-%d}",
        )


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with sams_server(tmp_path_factory) as server:
        login = ("sam", server.password)
        strange = make_calendar(
            f"{server.url}sam/strange/", "Str\u202eange \u2066calendar", auth=login
        )
        for number, text in enumerate(strange_events()):
            put(f"{strange}{number}.ics", text, auth=login)
        yield House(_installed(tmp_path_factory.mktemp("house"), server), server)


def _installed(folder: Path, server: DemoServer) -> Fikad:
    fikad = Fikad(folder)
    hobby = folder / "calendars" / f"Hob\u202eby {EVIL}"
    hobby.mkdir(parents=True)
    for number, text in enumerate(strange_events()):
        (hobby / f"\u202e{number}.ics").write_text(text.replace("UID:", "UID:file-"))
    (hobby / "broken.ics").write_text(event(f"broken {EVIL}", f"Broken {EVIL}", days_ago(3), -60))
    folders = f'[accounts.folder]\ntype = "files"\npath = "{folder}/calendars"\n'
    contacts = """
[[contacts]]
name = "Eve Moneypenny"
emails = ["eve@example.org"]
cadence = "1 year"
[[contacts]]
name = "Maximiliane Featherstonehaugh-Cholmondeley"
"""
    text = config_text(server.url, str(server.password_file)).replace(
        "[holds]", f"{folders}[holds]"
    )
    fikad.configure(text + contacts)
    (folder / "wrong.toml").write_text(
        f'[rythm]\n[rhythm]\nplan = "{"Sunday of every week " * 9}\u202e"\n'
    )
    # A note for each time that `undo` is looked at.
    notes = [("note", "maximiliane", f"note {number}") for number in range(3)]
    for arguments in (("once", "--no-plan"), ("once",), *notes):
        ran = fikad(*arguments)
        assert ran.code == 0, ran.err
    return fikad


def strange_events() -> Iterator[str]:
    """What Eve and a stranger send."""
    for number, name in enumerate((TURNED, TURNED, EVIL)):
        *lines, _ = with_guests("eve@example.org")
        invited = f'ATTENDEE;PARTSTAT=ACCEPTED;CN="Eve {name}":mailto:eve@example.org'
        yield event(f"eve-{number}", f"Tea {EVIL}", days_ago(9 * number + 30), 60, *lines, invited)
    yield event("busy", f"Away {EVIL}", days_ago(-5), 600)
    yield event(
        "declined", f"No {EVIL} tea with Eve Moneypenny", days_ago(4), 60, "STATUS:CANCELLED"
    )


def refuse_strange(case: Case, screen: Screen) -> None:
    assert screen.code == case.code, screen.text
    assert " ".join(case.says.split()) in " ".join(screen.text.split())
    refuse_hostile(screen)


def refuse_hostile(screen: Screen) -> None:
    assert screen.strange() == set()
    assert "\x1b]" not in screen.raw
    assert "\x1b[35;5m" not in screen.raw


# --- in a terminal ---


def test_no_command_is_left_out() -> None:
    elsewhere = {"run"}  # it stays until it is stopped: see test_run.py
    assert {case.command for case in CASES} >= COMMANDS.keys() - elsewhere


NO_COLOUR = {"NO_COLOR": "1"}
SCREENS = [
    pytest.param(
        case, columns, environment, id=f"{name}-{columns}{'-no-colour' if environment else ''}"
    )
    for name, case in zip(IDS, CASES, strict=True)
    for columns, environment in ([(50, NO_COLOUR)] if case.slow else [(50, {}), (160, NO_COLOUR)])
]


@pytest.mark.parametrize(("case", "columns", "environment"), SCREENS)
def test_it_fits_the_terminal_and_nothing_acts_on_it(
    case: Case, columns: int, environment: dict[str, str], house: House, tmp_path: Path
) -> None:
    words, around = tuple(house.words(case, tmp_path)), {**environment, "TMPDIR": str(tmp_path)}
    with Terminal(words, tmp_path, columns, around) as terminal:
        for question, answer in case.answers:
            terminal.answer(question, house.filled(answer, tmp_path))
        screen = terminal.end()
    refuse_strange(case, screen)
    if not case.data:
        lines = [line for line in screen.text.splitlines() if not to_be_copied(line)]
        assert [line for line in lines if cell_len(line) > columns] == []
    if "NO_COLOR" in environment:
        assert "\x1b" not in screen.raw


def to_be_copied(line: str) -> bool:
    """What stays in one piece however long it is: a link to send a message, the demo's page."""
    return is_message_link(line) or line.endswith("/report.html")


# --- in a pipe ---


PIPED = [
    pytest.param(case, id=f"{name}-pipe")
    for name, case in zip(IDS, CASES, strict=True)
    if not case.answers and not case.slow
]


@pytest.mark.parametrize("case", PIPED)
def test_in_a_pipe_it_is_plain_and_whole_however_narrow_the_terminal(
    case: Case, house: House, tmp_path: Path
) -> None:
    """Somebody at a narrow terminal sends the output elsewhere."""
    out, err = tmp_path / "out", tmp_path / "err"
    words = tuple(house.words(case, tmp_path))
    with Terminal(words, tmp_path, 30, into=(out, err)) as terminal:
        screen = terminal.end()
    assert (screen.code, screen.raw) == (case.code, "")
    text = out.read_text() + err.read_text()
    refuse_strange(case, Screen(screen.code, text))
    assert "\x1b" not in text
    if case.long:
        assert max(map(cell_len, text.splitlines())) > 30, "it was broken to fit the terminal"


# --- a server that means no good ---


class Rude(socketserver.StreamRequestHandler):
    """Answers whatever is asked with an error, in words that a terminal acts on."""

    def handle(self) -> None:
        if self.rfile.readline():
            while self.rfile.readline().strip():
                continue
            body = f"Broken {EVIL}".encode()
            head = (
                f"HTTP/1.1 500 Bad {EVIL}\r\nServer: SOGo {EVIL}\r\nContent-Length: {len(body)}\r\n"
            )
            self.wfile.write(f"{head}Connection: close\r\n\r\n".encode() + body)


@pytest.mark.parametrize(
    ("line", "code"),
    [("once", 12), ("status", 1), ("check", 12), ("auth rude", 12), ("init --yes {url}", 12)],
)
def test_what_a_server_says_is_inert(tmp_path: Path, line: str, code: int) -> None:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Rude) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}/"
        fikad = Fikad(tmp_path)
        (tmp_path / "pw").touch(0o600)
        (tmp_path / "pw").write_text("secret\n")
        fikad.configure(
            f'[accounts.rude]\ntype = "caldav"\nurl = "{url}"\nusername = "sam"\n'
            f'password = {{ file = "pw" }}\n'
        )
        if line == "status":
            fikad("once")
        new = (
            f"--url {url} --username sam --password-file {tmp_path}/pw --config {tmp_path}/new.toml"
        )
        words = shlex.split(line.format(url=new))
        paths = ("--config", str(fikad.config), "--state", str(fikad.state))
        with Terminal((*(() if "--config" in words else paths), *words), tmp_path, 60) as terminal:
            if line.startswith("auth"):
                terminal.answer("Password of sam", "secret")
            screen = terminal.end()
        server.shutdown()
    assert screen.code == code, screen.text
    assert "500" in screen.text
    refuse_hostile(screen)
