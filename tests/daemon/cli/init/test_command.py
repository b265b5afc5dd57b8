"""`fikad init`: unattended from an empty home to a first hold, and asked in a real terminal."""

from __future__ import annotations

import os
import signal
import stat
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from connectors.google.auth import CONTACTS_SCOPE
from daemon.config.schema import load
from daemon.demo.server import DemoServer
from tests.connectors.google.server import GoogleServer
from tests.connectors.servers import make_calendar, put, radicale
from tests.daemon.cli.browsing import run_and_browse
from tests.daemon.cli.forking import run_command
from tests.daemon.cli.running import CHECKOUT, Ran, days_ago, event, with_guests
from tests.daemon.cli.terminal import Terminal

Init = Callable[..., Ran]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty home folder."""
    made = tmp_path / "home"
    made.mkdir()
    return made


def config_of(home: Path) -> Path:
    return home / ".config/fikad/config.toml"


@pytest.fixture
def run(home: Path) -> Init:
    """Runs fikad in that home with nobody there to answer."""

    def run(*arguments: str, stdin: str = "") -> Ran:
        folders = {
            "XDG_CONFIG_HOME": str(home / ".config"),
            "XDG_STATE_HOME": str(home / ".local/state"),
        }
        given = {"HOME": str(home), "PYTHONPATH": str(CHECKOUT)}
        done = run_command(arguments, home, {**os.environ, **folders, **given}, stdin)
        assert "Traceback" not in done.stdout + done.stderr, done.stderr
        return Ran(done.returncode, done.stdout, done.stderr)

    return run


def login(server: DemoServer, home: Path) -> list[str]:
    return [
        "--url",
        server.url,
        "--username",
        "sam",
        "--password-stdin",
        "--password-file",
        str(home / "pw"),
    ]


# --- unattended ---


def test_from_an_empty_home_to_a_first_hold(run: Init, home: Path, own_sam: DemoServer) -> None:
    said = (
        "--email",
        "sam@example.com",
        "--timezone",
        "Europe/Berlin",
        "--contacts",
        "all",
        "--no-service",
    )
    ran = run("init", *login(own_sam, home), *said, stdin=f"{own_sam.password}\n")
    assert (ran.code, ran.err) == (0, "")
    assert own_sam.password not in ran.out + config_of(home).read_text()
    assert stat.S_IMODE(config_of(home).stat().st_mode) == 0o600
    assert stat.S_IMODE((home / "pw").stat().st_mode) == 0o600
    assert "2 calendars: Personal, Work" in ran.out or "2 calendars: Work, Personal" in ran.out
    config = load(config_of(home))
    assert {contact.name for contact in config.people} >= {"Omar Haddad", "Klaus Weber", "Priya"}
    assert config.me == ("sam@example.com",)
    held = run("once", "--json").json["holds"]["proposed"]
    assert held
    assert "Coffee with" in own_sam.get("fikad", held[0]["uid"])


def test_writing_the_config_writes_to_no_calendar(run: Init, home: Path, sam: DemoServer) -> None:
    before = calendars_on(sam)
    said = (
        "--timezone",
        "Europe/Berlin",
        "--me",
        "sam@example.com",
        "--contacts",
        "Omar,Priya",
        "--circle",
        "inner",
    )
    assert run("init", *login(sam, home), *said, stdin=f"{sam.password}\n").code == 0
    assert calendars_on(sam) == before
    config = load(config_of(home))
    assert {(contact.name, contact.circle) for contact in config.people} == {
        ("Omar Haddad", "inner"),
        ("Priya", "inner"),
    }


def calendars_on(server: DemoServer) -> str:
    body = '<propfind xmlns="DAV:"><prop><sync-token/></prop></propfind>'
    return server.request("PROPFIND", "/sam/", body, {"Depth": "1"})[1]


def test_a_name_that_nobody_bears_is_said_and_the_others_are_added(
    run: Init, home: Path, sam: DemoServer
) -> None:
    said = ("--me", "sam@example.com", "--contacts", "Omar Haddad, Zaphod")
    ran = run("init", *login(sam, home), *said, stdin=f"{sam.password}\n")
    assert ran.code == 1
    assert '"Zaphod"' in ran.err
    assert [contact.name for contact in load(config_of(home)).people] == ["Omar Haddad"]
    assert "\n  friends (good friends, every 6 weeks): Omar Haddad\n" in ran.out


def test_a_config_that_exists_is_never_overwritten(run: Init, home: Path, sam: DemoServer) -> None:
    config_of(home).parent.mkdir(parents=True)
    config_of(home).write_text("# mine\n")
    ran = run("init", *login(sam, home), stdin=f"{sam.password}\n")
    assert ran.code == 13
    assert "--add-account" in ran.err
    assert config_of(home).read_text() == "# mine\n"


def test_another_account_is_added_and_every_comment_survives(
    run: Init, home: Path, sam: DemoServer
) -> None:
    calendars = home / "calendars"
    calendars.mkdir()
    (calendars / "a.ics").write_text(event("a", "Tea with Ann", days_ago(3)))
    assert (
        run("init", "--path", str(calendars), "--me", "sam@example.com", "--contacts", "none").code
        == 0
    )
    before = config_of(home).read_text() + "# the end\n"
    config_of(home).write_text(before)
    ran = run(
        "init", "--add-account", *login(sam, home), "--contacts", "none", stdin=f"{sam.password}\n"
    )
    assert ran.code == 0, ran.err
    after = config_of(home).read_text()
    assert [line for line in before.splitlines() if line not in after.splitlines()] == []
    config = load(config_of(home))
    assert list(config.accounts) == ["files", "home"]
    assert config.accounts["home"].url == sam.url  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("said", "option"),
    [
        ((), "--email, --url or --path"),
        (("--account-type", "google"), "--client-secrets"),
        (("--account-type", "files"), "--path"),
        (("--url", "http://127.0.0.1:1/"), "--username"),
        (("--url", "http://127.0.0.1:1/", "--username", "sam"), "--password-stdin"),
    ],
)
def test_with_nobody_to_ask_the_missing_option_is_named(
    run: Init, home: Path, said: tuple[str, ...], option: str
) -> None:
    ran = run("init", "--timezone", "UTC", *said)
    assert ran.code == 2
    assert option in ran.err
    assert not config_of(home).exists()


def test_a_wrong_password_writes_nothing_and_is_not_shown(
    run: Init, home: Path, sam: DemoServer
) -> None:
    ran = run("init", *login(sam, home), stdin="wr0ng-s3cret\n")
    assert ran.code == 11
    assert "wr0ng" not in ran.out + ran.err
    assert not config_of(home).exists()
    assert not (home / "pw").exists()


def test_a_server_that_is_down_writes_nothing(run: Init, home: Path) -> None:
    said = (
        "--url",
        "http://127.0.0.1:1/",
        "--username",
        "sam",
        "--password-stdin",
        "--password-file",
        "pw",
    )
    ran = run("init", *said, stdin="secret\n")
    assert ran.code == 12
    assert "refused the connection" in ran.err
    assert list(home.iterdir()) == []


def test_without_a_keyring_a_private_file_is_named_and_never_taken_unasked(
    run: Init, home: Path, sam: DemoServer
) -> None:
    ran = run(
        "init", "--url", sam.url, "--username", "sam", "--password-stdin", stdin=f"{sam.password}\n"
    )
    assert ran.code == 11
    assert "--password-file" in ran.err
    assert not config_of(home).exists()


def test_a_command_gives_the_password(run: Init, home: Path, sam: DemoServer) -> None:
    command = f"cat '{sam.password_file}'"
    said = (
        "--url",
        sam.url,
        "--username",
        "sam",
        "--password-command",
        command,
        "--me",
        "sam@example.com",
    )
    assert run("init", *said, "--contacts", "none").code == 0
    written = tomllib.loads(config_of(home).read_text())["accounts"]["home"]["password"]
    assert written == {"command": ["cat", str(sam.password_file)]}


@pytest.mark.parametrize("email", ["sam@outlook.com", "sam@proton.me"])
def test_a_provider_that_lets_no_program_in_is_named(run: Init, home: Path, email: str) -> None:
    ran = run("init", "--email", email, "--timezone", "UTC")
    assert ran.code == 1
    assert "no CalDAV" in ran.err
    assert not config_of(home).exists()


def test_google_is_set_up_through_the_browser(home: Path) -> None:
    with GoogleServer() as google:
        said = (
            "--timezone",
            "Europe/Berlin",
            "--endpoint",
            google.endpoint,
            "--token-file",
            str(home / "token.json"),
        )
        ran = run_and_browse(
            home,
            "init",
            "--client-secrets",
            str(google.write_client(home)),
            "--no-browser",
            *said,
            "--contacts",
            "none",
        )
    assert ran.code == 0, ran.err
    assert "sam@example.com" in ran.out
    config = load(config_of(home))
    assert config.accounts["google"].type == "google"
    assert stat.S_IMODE((home / "token.json").stat().st_mode) == 0o600


def test_google_contacts_are_asked_for_with_their_labels(home: Path) -> None:
    with GoogleServer() as google:
        fika = google.people.add_label("Fika")
        google.people.add_person("Jane Doe", (fika,))
        ran = run_and_browse(
            home,
            "init",
            "--client-secrets",
            str(google.write_client(home)),
            "--no-browser",
            "--endpoint",
            google.endpoint,
            "--token-file",
            str(home / "token.json"),
            *("--contacts", "none", "--labels", "Fika=monthly"),
        )
    assert ran.code == 0, ran.err
    assert "1 person of your address book is a contact now" in ran.out
    config = load(config_of(home))
    book = config.addressbooks["google"]
    assert (book.type, book.shared_account, book.circles) == ("google", "google", {"Fika": "Fika"})
    assert CONTACTS_SCOPE in (home / "token.json").read_text()


# --- in a terminal ---


def answer_the_week(terminal: Terminal) -> None:
    """Take what is proposed."""
    terminal.answer("What would you like to be suggested", "")
    terminal.answer("between which hours", "")


@contextmanager
def in_terminal(
    home: Path, server: DemoServer, columns: int, **environment: str
) -> Iterator[Terminal]:
    """`fikad init` up to the password."""
    with Terminal(("init",), home, columns, environment) as terminal:
        terminal.answer("Your time zone", "Europe/Berlin")
        terminal.answer("The language fikad writes in", "")
        terminal.answer("The country whose public holidays", "")
        terminal.answer("or a folder of .ics files", server.url)
        terminal.answer("User name", "sam")
        yield terminal


@pytest.mark.parametrize("columns", [140, 44])
def test_asked_in_a_terminal(home: Path, sam: DemoServer, columns: int) -> None:
    with in_terminal(home, sam, columns) as terminal:
        terminal.answer("Password of sam", "mistyped")
        terminal.answer("Password of sam", sam.password)
        terminal.answer("Keep the password in", "y")
        terminal.answer("A .vcf file with your contacts", "")
        terminal.answer("Your own e-mail addresses", "")
        terminal.answer("-2 for all but 2", "1-3")
        terminal.answer("such as 2=friends", "3=family")
        terminal.answer("Name of jane@example.org", "Jane Doe")
        answer_the_week(terminal)
        terminal.answer("Install the background service", "n")
        screen = terminal.end()
    assert screen.code == 0
    assert "That did not work" in screen.text
    assert sam.password not in screen.raw
    assert "mistyped" not in screen.raw
    assert screen.strange() == set()
    config = load(config_of(home))
    assert config.me == ("sam@example.com",)
    assert {contact.name: contact.circle for contact in config.people} == {
        "Priya": "close",
        "Jane Doe": "council",
        "Omar Haddad": "family",
    }
    table = [
        line
        for line in screen.text.splitlines()
        if "jane@example.org" in line and "council" in line
    ]
    assert table
    assert all(len(line) <= columns for line in table)
    told = " ".join(screen.text.split())
    meaning = "council: those whose counsel you value, every month"
    assert told.index("A circle is a group of people") < told.index(meaning)
    assert told.index(meaning) < told.index("2 jane@example.org"), "explained before it is proposed"
    assert "family (every month): Omar Haddad" in told


def test_no_color_is_respected(home: Path, sam: DemoServer) -> None:
    with in_terminal(home, sam, 100, NO_COLOR="1") as terminal:
        terminal.answer("Password of sam", sam.password)
        terminal.answer("Keep the password in", "y")
        terminal.answer("A .vcf file with your contacts", "")
        terminal.answer("Your own e-mail addresses", "")
        terminal.answer("-2 for all but 2", "none")
        answer_the_week(terminal)
        terminal.answer("Install the background service", "n")
        screen = terminal.end()
    assert screen.code == 0
    assert not screen.coloured


def test_what_makes_no_sense_is_asked_again(home: Path, sam: DemoServer) -> None:
    with Terminal(("init",), home) as terminal:
        terminal.answer("Your time zone", "Europe/Berln")
        terminal.answer("Your time zone", "berlin")
        terminal.answer("The language fikad writes in", "klingon")
        terminal.answer("The language fikad writes in", "Deutsch")
        terminal.answer("The country whose public holidays", "DE-XX")
        terminal.answer("The country whose public holidays", "-")
        terminal.answer("or a folder of .ics files", "http://dav.example.com/")
        terminal.answer("or a folder of .ics files", sam.url)
        terminal.answer("User name", "sam")
        terminal.answer("Password of sam", sam.password)
        terminal.answer("Keep the password in", "y")
        terminal.answer("A .vcf file with your contacts", "")
        terminal.answer("Your own e-mail addresses", "sam")
        terminal.answer("Your own e-mail addresses", "sam@example.com")
        terminal.answer("-2 for all but 2", "1-99")
        terminal.answer("-2 for all but 2", "")
        terminal.answer("-2 for all but 2", "none")
        answer_the_week(terminal)
        terminal.answer("Install the background service", "n")
        screen = terminal.end()
    assert screen.code == 0
    for told in (
        'did you mean "Europe/Berlin"?',
        "not a language",
        "no part of that",
        "plain http",
        "is not in the list",
    ):
        assert told in screen.text


def test_a_wrong_server_or_login_is_asked_for_again_and_nothing_else(
    home: Path, sam: DemoServer
) -> None:
    with in_terminal(home, sam, 100) as terminal:
        for _ in range(3):
            terminal.answer("Password of sam", "mistyped")
        terminal.answer("or a folder of .ics files", "http://127.0.0.1:1/")
        terminal.answer("User name", "sam")
        terminal.answer("Password of sam", sam.password)
        terminal.wait("refused the connection")
        terminal.answer("or a folder of .ics files", str(home / "nowhere"))
        terminal.answer("or a folder of .ics files", sam.url)
        terminal.answer("User name", "sam")
        terminal.answer("Password of sam", sam.password)
        terminal.answer("Keep the password in", "y")
        terminal.answer("A .vcf file with your contacts", "")
        terminal.answer("Your own e-mail addresses", "")
        terminal.answer("-2 for all but 2", "none")
        answer_the_week(terminal)
        terminal.answer("Install the background service", "n")
        screen = terminal.end()
    assert screen.code == 0
    assert screen.text.count("The language fikad writes in") == 1
    assert "mistyped" not in screen.raw
    config = load(config_of(home))
    assert config.zone.key == "Europe/Berlin"
    assert list(config.accounts) == ["home"]


@pytest.fixture(
    params=[signal.default_int_handler, signal.SIG_IGN],
    ids=["tests in the foreground", "tests in the background"],
)
def _on_ctrl_c(request: pytest.FixtureRequest) -> Iterator[None]:
    """What Ctrl-C does to the tests themselves: nothing where a script started them with `&`."""
    before = signal.signal(signal.SIGINT, request.param)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_on_ctrl_c")
def test_ctrl_c_leaves_nothing_behind(home: Path, sam: DemoServer) -> None:
    with in_terminal(home, sam, 100) as terminal:
        terminal.answer("Password of sam", "\x03")
        screen = terminal.end()
    assert screen.code == 130
    assert not config_of(home).exists()


def test_yes_asks_nothing_even_in_a_terminal(home: Path, sam: DemoServer) -> None:
    said = (
        "--url",
        sam.url,
        "--username",
        "sam",
        "--password-file",
        str(sam.password_file),
        "--me",
        "sam@example.com",
    )
    with Terminal(("init", "--yes", *said, "--contacts", "all"), home) as terminal:
        screen = terminal.end()
    assert screen.code == 0
    assert load(config_of(home)).people


# --- hostile ---


def test_what_strangers_wrote_is_inert_on_the_terminal_and_in_the_config(home: Path) -> None:
    evil = "Eve\u202e\u2066 \x1b]0;owned\x07\x1b[31mRed"
    lines = with_guests("eve@example.org")
    lines = (*lines[:-1], f'ATTENDEE;PARTSTAT=ACCEPTED;CN="{evil}":mailto:eve@example.org')
    with radicale(htpasswd=True) as server:
        server.add_user("sam", "secret")
        calendar = make_calendar(
            f"{server.home('sam')}personal/", "Per\u202esonal", auth=("sam", "secret")
        )
        for number in range(3):
            put(f"{calendar}eve-{number}.ics",
            event(f"e{number}", "Tea", days_ago(9 * number + 3), 60, *lines),
                auth=("sam", "secret"))  # fmt: skip
        (home / "pw").touch(0o600)
        (home / "pw").write_text("secret\n")
        said = (
            "--url",
            server.url,
            "--username",
            "sam",
            "--password-file",
            str(home / "pw"),
            "--me",
            "sam@example.com",
        )
        with Terminal(
            ("init", *said, "--timezone", "Europe/Berlin", "--no-service"), home
        ) as terminal:
            terminal.answer("The language fikad writes in", "")
            terminal.answer("The country whose public holidays", "")
            terminal.answer("A .vcf file with your contacts", "-")
            terminal.answer("-2 for all but 2", "1")
            terminal.answer("such as 2=friends", "")
            answer_the_week(terminal)
            screen = terminal.end()
    assert screen.code == 0
    assert "Eve" in screen.text
    assert screen.strange() == set()
    assert "owned" not in screen.raw.split("Eve")[0]
    [contact] = load(config_of(home)).people
    assert contact.name.isprintable()


def test_a_home_made_by_init_is_one_that_check_likes(
    run: Init, home: Path, sam: DemoServer
) -> None:
    said = ("--me", "sam@example.com", "--timezone", "Europe/Berlin", "--contacts", "all")
    assert run("init", *login(sam, home), *said, stdin=f"{sam.password}\n").code == 0
    ran = run("check", "--json")
    assert ran.code == 0
    rows = ran.json["rows"]
    assert [row["thing"] for row in rows if row["state"] != "ok"] == ["service"], rows
