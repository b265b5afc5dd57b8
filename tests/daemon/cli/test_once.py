"""`fikad once` from outside: the main job on a real Radicale, and everything that must be
survived."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.connectors import servers
from tests.daemon.cli.running import ALWAYS, CONTACTS, Fikad, days_ago, event, with_guests


@pytest.fixture(scope="module")
def radicale() -> Iterator[servers.RadicaleServer]:
    with servers.radicale(htpasswd=True) as server:
        yield server


@pytest.fixture
def fikad(tmp_path: Path) -> Fikad:
    return Fikad(tmp_path)


class Sam:
    """A user of the server with one calendar, `Personal`, that another program writes to."""

    def __init__(self, server: servers.RadicaleServer, name: str) -> None:
        self.server, self.name = server, name
        self.home = server.add_user(name, "secret")
        self.calendar = servers.make_calendar(f"{self.home}personal/", "Personal", self.auth)

    @property
    def auth(self) -> servers.Credentials:
        return self.server.auth(self.name)

    def put(self, uid: str, text: str) -> None:
        servers.put(f"{self.calendar}{uid}.ics", text, self.auth)

    def account(self, url: str | None = None, password: str = "secret") -> str:
        return (
            f'[accounts.home]\ntype = "caldav"\nurl = "{url or self.server.url}"\n'
            f'username = "{self.name}"\n'
            f'password = {{ command = ["echo", "{password}"] }}\n'
        )

    def hold(self, uid: str, path: str = "fikad") -> servers.Reply:
        return servers.get(f"{self.home}{path}/{uid}.ics", self.auth)


@pytest.fixture
def sam(radicale: servers.RadicaleServer, request: pytest.FixtureRequest) -> Sam:
    name = "".join(letter for letter in request.node.name if letter.isalnum())[:60]
    return Sam(radicale, name.lower())


@pytest.fixture
def set_up(sam: Sam, fikad: Fikad) -> Sam:
    """Jane was met 40 days ago, Omar yesterday; a config for it."""
    sam.put("jane", event("jane", "Coffee", days_ago(40), 60, *with_guests("jane@example.org")))
    sam.put("omar", event("omar", "Lunch with Omar Haddad", days_ago(1)))
    fikad.configure(ALWAYS + sam.account() + CONTACTS)
    return sam


def test_reads_judges_and_writes_a_tentative_hold(set_up: Sam, fikad: Fikad) -> None:
    ran = fikad("once", "--json")
    assert (ran.code, ran.err) == (0, "")
    facts = ran.json
    assert [
        (account["name"], account["state"], account["calendars"]) for account in facts["accounts"]
    ] == [("home", "ok", ["Personal"])]
    assert {(meeting["contact"], meeting["rule"]) for meeting in facts["met"]} == {
        ("Jane Doe", "attendee"),
        ("Omar Haddad", "title"),
    }
    [hold] = facts["holds"]["proposed"]
    assert (hold["contact"], hold["title"], hold["state"]) == (
        "Jane Doe",
        "Coffee with Jane Doe?",
        "proposed",
    )
    written = set_up.hold(hold["uid"]).text
    for line in (
        "STATUS:TENTATIVE",
        "TRANSP:TRANSPARENT",
        "CLASS:PRIVATE",
        "SUMMARY:Coffee with Jane Doe?",
    ):
        assert line in written
    for word in ("ATTENDEE", "ORGANIZER", "VALARM"):
        assert word not in written


def test_a_second_pass_asks_once_and_writes_nothing(set_up: Sam, fikad: Fikad) -> None:
    with servers.wire(set_up.server.url) as wire:
        fikad.configure(ALWAYS + set_up.account(wire.url) + CONTACTS)
        first = fikad("once", "--json").json
        fikad("once", "--json")
        wire.clear()
        again = fikad("once", "--json").json
        assert [exchange.method for exchange in wire.exchanges] == ["PROPFIND"]
    assert again["accounts"][0]["requests"] == 1
    assert again["accounts"][0]["changed"] == 0
    assert not any(again["holds"].values())
    assert again["met"] == []
    assert len(first["holds"]["proposed"]) == 1


def test_a_dry_run_leaves_no_trace(set_up: Sam, fikad: Fikad) -> None:
    with servers.wire(set_up.server.url) as wire:
        fikad.configure(ALWAYS + set_up.account(wire.url) + CONTACTS)
        ran = fikad("once", "--dry-run", "--json")
        assert not wire.writes()
        assert not [exchange for exchange in wire.exchanges if exchange.method == "MKCALENDAR"]
    assert [hold["contact"] for hold in ran.json["holds"]["proposed"]] == ["Jane Doe"]
    assert not fikad.state.exists()


def test_no_plan_settles_and_proposes_nothing(set_up: Sam, fikad: Fikad) -> None:
    facts = fikad("once", "--no-plan", "--json").json
    assert len(facts["met"]) == 2
    assert facts["holds"]["proposed"] == []


def test_options_are_taken_before_and_after_the_command(
    set_up: Sam, fikad: Fikad, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    before = fikad("--state", str(elsewhere), "--config", str(fikad.config), "once", "--json")
    after = fikad("once", "--json", "--state", str(elsewhere), FIKAD_STATE="/nonexistent")
    assert (before.code, after.code) == (0, 0)
    assert (elsewhere / "ledger.db").exists()
    assert not fikad.state.exists()


def test_the_ledger_is_private_and_durable(set_up: Sam, fikad: Fikad) -> None:
    fikad("once")
    ledger = fikad.state / "ledger.db"
    assert stat.S_IMODE(fikad.state.stat().st_mode) == 0o700
    assert stat.S_IMODE(ledger.stat().st_mode) == 0o600
    with sqlite3.connect(ledger) as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_second_pass_at_the_same_time_is_refused_and_names_the_first(
    set_up: Sam, fikad: Fikad
) -> None:
    fikad.state.mkdir(mode=0o700)
    script = (
        "import sys; from pathlib import Path; from daemon.ledger.lock import locked\n"
        "with locked(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    )
    root = Path(__file__).parents[3]
    holder = subprocess.Popen(
        [sys.executable, "-c", script, str(fikad.state)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=root,
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        ran = fikad("once")
        assert ran.code == 13
        assert str(holder.pid) in ran.err
    finally:
        holder.communicate(timeout=60)
    assert fikad("once").code == 0


def test_a_wrong_password_is_said_and_exits_11(set_up: Sam, fikad: Fikad) -> None:
    fikad("once")
    fikad.configure(ALWAYS + set_up.account(password="wrong-Password") + CONTACTS)
    ran = fikad("once", "--json")
    assert ran.code == 11
    assert ran.json["accounts"][0]["state"] == "auth"
    assert "wrong-Password" not in ran.out + ran.err
    why = fikad("why", "jane", "--json").json
    assert [meeting["rule"] for meeting in why["counted"]] == ["attendee"]


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("http://127.0.0.1:9/", "127.0.0.1"),
        ("https://127.0.0.1:9/", "127.0.0.1"),
        ("{elsewhere}", "calendar"),
    ],
)
def test_a_url_that_leads_nowhere_is_said_and_exits_12(
    set_up: Sam, fikad: Fikad, url: str, word: str
) -> None:
    with servers.wire(set_up.server.url) as elsewhere:
        elsewhere.before = lambda exchange: servers.Reply(404, {}, b"no such page")
        fikad.configure(ALWAYS + set_up.account(url.format(elsewhere=elsewhere.url)) + CONTACTS)
        ran = fikad("once", "--json")
    assert ran.code == 12
    [account] = ran.json["accounts"]
    assert account["state"] == "error"
    assert word in account["message"]
    assert ran.json["holds"]["proposed"] == []
    assert {contact["code"] for contact in ran.json["waiting"]} == {"unread"}


def test_tls_failure_is_named(set_up: Sam, fikad: Fikad) -> None:
    plain = set_up.server.url.replace("http://", "https://")
    fikad.configure(ALWAYS + set_up.account(plain) + CONTACTS)
    ran = fikad("once", "--json")
    assert ran.code == 12
    assert "TLS" in ran.json["accounts"][0]["message"]


@pytest.mark.parametrize(
    "reply",
    [
        servers.Reply(500, {}, b"oops"),
        servers.Reply(
            200,
            {"content-type": "text/html"},
            b"<html><body>Log in to the hotel's network</body></html>",
        ),
        servers.Reply(
            207,
            {"content-type": "application/xml"},
            b'<?xml version="1.0"?><multistatus xmlns="DAV:"><respo',
        ),
        servers.Reply(207, {"content-type": "application/xml"}, b""),
    ],
    ids=["500", "html", "cut-xml", "empty"],
)
def test_a_server_that_talks_nonsense_changes_nothing(
    set_up: Sam, fikad: Fikad, reply: servers.Reply
) -> None:
    with servers.wire(set_up.server.url) as wire:
        fikad.configure(ALWAYS + set_up.account(wire.url) + CONTACTS)
        first = fikad("once", "--json").json
        wire.clear()
        wire.before = lambda exchange: reply
        ran = fikad("once", "--json")
        assert ran.code == 12
        assert ran.json["accounts"][0]["state"] == "error"
        assert not any(ran.json["holds"].values())
        assert not wire.writes()
        why = fikad("why", "Jane Doe", "--json").json
        assert len(why["counted"]) == 1
        wire.clear()
        healed = fikad("once", "--json")
    assert (healed.code, healed.json["met"]) == (0, [])
    [hold] = first["holds"]["proposed"]
    assert set_up.hold(hold["uid"]).status == 200


def test_a_calendar_that_is_suddenly_empty_is_suspect(sam: Sam, fikad: Fikad) -> None:
    for number in range(6):
        sam.put(f"e{number}", event(f"e{number}", "Coffee with Jane Doe", days_ago(40 + number)))
    fikad.configure(ALWAYS + sam.account() + CONTACTS)
    assert len(fikad("once", "--no-plan", "--json").json["met"]) == 6
    for number in range(6):
        servers.delete(f"{sam.calendar}e{number}.ics", sam.auth)
    ran = fikad("once", "--json")
    assert (ran.code, ran.json["accounts"][0]["state"]) == (12, "suspect")
    assert not any(ran.json["holds"].values())
    assert "--accept-empty home" in ran.json["accounts"][0]["message"]
    status = fikad("status", "--json")
    assert (status.code, status.json["healthy"]) == (1, False)
    assert next(contact for contact in status.json["contacts"] if contact["name"] == "Jane Doe")[
        "last_met"
    ]
    accepted = fikad("once", "--json", "--accept-empty", "home")
    assert accepted.code == 0
    assert (
        next(
            contact
            for contact in fikad("status", "--json").json["contacts"]
            if contact["name"] == "Jane Doe"
        )["last_met"]
        is None
    )


def test_one_unreadable_account_stops_new_holds_and_not_the_reading_of_others(
    set_up: Sam, fikad: Fikad
) -> None:
    other = '[accounts.down]\ntype = "caldav"\nurl = "http://127.0.0.1:9/"\n'
    fikad.configure(ALWAYS + other + set_up.account() + CONTACTS)
    ran = fikad("once", "--json")
    assert ran.code == 12
    assert [(account["name"], account["state"]) for account in ran.json["accounts"]] == [
        ("down", "error"),
        ("home", "ok"),
    ]
    assert len(ran.json["met"]) == 2
    assert ran.json["holds"]["proposed"] == []


def test_a_read_only_hold_calendar_exits_10_and_loses_nothing(set_up: Sam, fikad: Fikad) -> None:
    set_up.server.make_read_only_calendar(
        set_up.name, "Look only", {"kept.ics": event("kept", "Kept", days_ago(3))}
    )
    fikad.configure(
        ALWAYS + set_up.account() + '[holds]\naccount = "home"\ncalendar = "Look only"\n' + CONTACTS
    )
    ran = fikad("once", "--json")
    assert ran.code == 10
    assert "Look only" in ran.json["message"]
    assert len(ran.json["met"]) == 2
    assert servers.get(f"{set_up.home}readonly/kept.ics", set_up.auth).status == 200


def test_a_broken_event_among_good_ones_is_set_aside(set_up: Sam, fikad: Fikad) -> None:
    bomb = event("bad", "Bad", days_ago(2), 60, "RRULE:FREQ=SECONDLY")
    set_up.server.fill(set_up.calendar, {"bad.ics": bomb})
    ran = fikad("once", "--json")
    assert (ran.code, ran.json["accounts"][0]["state"]) == (0, "ok")
    assert [(problem["account"], problem["uid"]) for problem in ran.json["problems"]] == [
        ("home", "bad")
    ]
    assert len(ran.json["met"]) == 2


def test_a_state_folder_that_cannot_be_made_is_one_clear_line(
    set_up: Sam, fikad: Fikad, tmp_path: Path
) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a folder should be")
    ran = fikad("once", "--state", str(blocked / "state"))
    assert ran.code == 1
    assert len(ran.err.strip().splitlines()) == 1
    assert "state folder" in ran.err


def test_a_full_disk_is_one_clear_line_and_loses_nothing(set_up: Sam, fikad: Fikad) -> None:
    fikad.state.mkdir(mode=0o700)
    limited = subprocess.run(
        ["sh", "-c", 'ulimit -f 40; trap "" XFSZ; exec "$0" -m daemon once', sys.executable],
        capture_output=True,
        text=True,
        cwd=fikad.folder,
        env={
            **os.environ,
            "FIKAD_CONFIG": str(fikad.config),
            "FIKAD_STATE": str(fikad.state),
            "PYTHONPATH": str(Path(__file__).parents[3]),
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        timeout=60,
    )
    assert limited.returncode == 1
    assert "Traceback" not in limited.stderr
    assert len(limited.stderr.strip().splitlines()) == 1
    ran = fikad("once", "--json")
    assert (ran.code, len(ran.json["holds"]["proposed"])) == (0, 1)


def test_every_mistake_in_the_config_is_shown_with_its_place(fikad: Fikad) -> None:
    fikad.configure(
        '[rhythm]\nper_wek = 2\nplan = "Someday"\n[[contacts]]\nname = "Jane"\ncircle = "friends"\n'
    )
    ran = fikad("once")
    assert ran.code == 10
    assert ":2:1: " in ran.err
    assert 'did you mean "per_week"?' in ran.err
    assert ":3:8: " in ran.err
    assert "friends" in ran.err


def test_a_missing_config_says_what_to_do(fikad: Fikad) -> None:
    ran = fikad("once")
    assert ran.code == 10
    assert "fikad init" in ran.err


def test_an_unknown_option_is_a_usage_error(fikad: Fikad) -> None:
    assert fikad("once", "--frobnicate").code == 2


def test_calendar_text_is_inert_in_the_terminal_and_in_json(set_up: Sam, fikad: Fikad) -> None:
    nasty = "Coffee with Jane Doe \x1b]0;owned\x07\u202e\u2066"
    set_up.server.fill(set_up.calendar, {"nasty.ics": event("nasty", nasty, days_ago(45))})
    shown = fikad("once", "--json").out + fikad("why", "jane").out + fikad("status").out
    assert not [letter for letter in shown if not letter.isprintable() and letter != "\n"]


def test_holds_are_found_again_when_the_ledger_is_lost(set_up: Sam, fikad: Fikad) -> None:
    [hold] = fikad("once", "--json").json["holds"]["proposed"]
    shutil.rmtree(fikad.state)
    again = fikad("once", "--json").json
    assert again["holds"]["proposed"] == []
    [jane] = [
        contact
        for contact in fikad("status", "--json").json["contacts"]
        if contact["name"] == "Jane Doe"
    ]
    assert jane["hold"]["uid"] == hold["uid"]


def test_nothing_foreign_is_touched_and_every_write_is_conditional(
    set_up: Sam, fikad: Fikad
) -> None:
    before = {
        name: servers.get(f"{set_up.calendar}{name}.ics", set_up.auth).body
        for name in ("jane", "omar")
    }
    with servers.wire(set_up.server.url) as wire:
        fikad.configure(ALWAYS + set_up.account(wire.url) + CONTACTS)
        fikad("once")
        fikad("purge", "--yes")
        writes = wire.writes()
        assert len(writes) == 2
        assert all(exchange.conditional for exchange in writes)
    assert before == {
        name: servers.get(f"{set_up.calendar}{name}.ics", set_up.auth).body
        for name in ("jane", "omar")
    }


def test_a_hold_calendar_that_vanished_is_an_error_and_no_dismissal(
    set_up: Sam, fikad: Fikad
) -> None:
    [hold] = fikad("once", "--json").json["holds"]["proposed"]
    fikad("once")
    servers.delete(f"{set_up.home}fikad/", set_up.auth)
    ran = fikad("once", "--json")
    assert ran.code == 12
    assert "Fikad" in ran.json["accounts"][0]["message"]
    assert not any(ran.json["holds"].values())
    accepted = fikad("once", "--json", "--accept-empty", "home").json["holds"]
    assert [dismissed["uid"] for dismissed in accepted["dismissed"]] == [hold["uid"]]


def test_one_account_being_down_does_not_keep_holds_of_another_from_being_settled(
    set_up: Sam, fikad: Fikad
) -> None:
    [hold] = fikad("once", "--json").json["holds"]["proposed"]
    other = '[accounts.down]\ntype = "caldav"\nurl = "http://127.0.0.1:9/"\n'
    fikad.configure(ALWAYS + other + set_up.account() + '[holds]\naccount = "home"\n' + CONTACTS)
    fikad("met", "Jane Doe")
    ran = fikad("once", "--json")
    assert ran.code == 12
    assert [withdrawn["uid"] for withdrawn in ran.json["holds"]["withdrawn"]] == [hold["uid"]]
    assert set_up.hold(hold["uid"]).status == 404


def test_a_look_at_the_week_stands_beside_the_holds_and_is_the_users_once_they_touch_it(
    set_up: Sam, fikad: Fikad
) -> None:
    planned = days_ago(1)
    wanting = ALWAYS.replace(
        "[rhythm]", f'[rhythm]\nweekly_digest = true\nplan = "{planned:%A} 17:00"'
    )
    fikad.configure(wanting + set_up.account() + CONTACTS)
    ran = fikad("once", "--json").json
    [hold], [digest] = ran["holds"]["proposed"], ran["digests"]
    uid = f"fikad-look-{planned:%Y%m%d}"
    look = set_up.hold(uid).text
    for line in ("TRANSP:TRANSPARENT", "CLASS:PRIVATE", f"DTSTART;VALUE=DATE:{days_ago(0):%Y%m%d}"):
        assert line in look
    assert "SUMMARY:The week ahead: Jane Doe\r\n" in look
    assert "DESCRIPTION:Coffee with Jane Doe? (" in look
    assert (digest["state"], digest["title"]) == ("written", "The week ahead: Jane Doe")
    fikad("once", "--json")
    assert set_up.hold(uid).text == look
    assert "The week ahead" not in fikad("why", "Jane", "--json").out
    mine = look.replace("SUMMARY:The week ahead", "SUMMARY:My week")
    servers.put(f"{set_up.home}fikad/{uid}.ics", mine, set_up.auth)
    fikad("once", "--json")
    assert [removed["uid"] for removed in fikad("purge", "--yes", "--json").json["removed"]] == [
        hold["uid"]
    ]
    assert "SUMMARY:My week" in set_up.hold(uid).text
