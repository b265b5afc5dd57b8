"""`fikad run` from outside: a process, its signals, what it tells its service manager and `fikad
status`."""

from __future__ import annotations

import json
import signal
import socket
import stat
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from daemon.service import loop
from tests.daemon.cli.daemon_process import daemon
from tests.daemon.cli.running import ALWAYS, CONTACTS, Fikad, days_ago, event, with_guests
from tests.waiting import AT_ONCE, SECONDS, until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes by /proc")
SECRET = "hunter2"


@pytest.fixture
def fikad(tmp_path: Path) -> Fikad:
    """An installation with a folder of calendars that has one meeting in it."""
    fikad = Fikad(tmp_path)
    calendar = tmp_path / "calendars" / "Personal"
    calendar.mkdir(parents=True)
    met = event("a", "Lunch", days_ago(3, 12), 60, *with_guests("jane@example.org"))
    (calendar / "a.ics").write_text(met, newline="")
    fikad.configure(f'{ALWAYS}\n[accounts.home]\ntype = "files"\npath = "calendars"\n{CONTACTS}')
    return fikad


def last_met(fikad: Fikad, name: str) -> str | None:
    contacts = fikad("status", "--json").json["contacts"]
    [contact] = [contact for contact in contacts if contact["name"] == name]
    moment: str | None = contact["last_met"]
    return moment


def account_of(fikad: Fikad, name: str) -> dict[str, Any]:
    """What `fikad status` tells of an account."""
    accounts: list[dict[str, Any]] = fikad("status", "--json").json["accounts"]
    return next(account for account in accounts if account["name"] == name)


@contextmanager
def silent_server() -> Iterator[tuple[int, list[socket.socket]]]:
    """Takes connections and never says a word: its port, and the connections."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken: list[socket.socket] = []

        def take() -> None:
            while True:
                try:
                    taken.append(server.accept()[0])
                except OSError:
                    return

        threading.Thread(target=take, daemon=True).start()
        yield server.getsockname()[1], taken
        for connection in taken:
            connection.close()


def with_server(fikad: Fikad, port: int) -> None:
    """Beside the folder, an account on a server."""
    (fikad.folder / "secret").write_text(SECRET)
    (fikad.folder / "secret").chmod(0o600)
    account = (
        f'[accounts.slow]\ntype = "caldav"\nurl = "http://127.0.0.1:{port}/"\nusername = "sam"\n'
    )
    account += 'password = { file = "secret" }\n'
    fikad.configure(
        fikad.config.read_text().replace("[accounts.home]", f"{account}[accounts.home]")
    )


# --- its life ---


def test_it_is_ready_at_once_reads_by_itself_and_says_what_comes_next(fikad):
    with daemon(fikad) as running:
        running.ready()
        until(lambda: "reads " in running.manager.status)
        assert "suggests " in running.manager.status
        status = fikad("status", "--json")
        assert status.code == 0
        assert status.json["daemon"] == {"pid": running.process.pid, "reading": False}
        assert {job["job"] for job in status.json["next"]} == {"poll", "plan", "nightly"}
        assert last_met(fikad, "Jane Doe")
        assert "reads " in fikad("status").out


JUST_BOOTED = """
import time
from datetime import timedelta
from functools import cache
from daemon.service import loop
up_for = 0
boot = cache(lambda: time.monotonic() - up_for)
loop._awake = lambda: -boot() + time.monotonic()
loop.lateness = lambda spread, instance: spread / 10
"""
"""The machine is up for so many seconds when the daemon first asks, however long that took."""


def test_among_many_it_begins_in_its_turn_after_a_boot_and_at_once_when_asked(fikad):
    with daemon(fikad, impatient=JUST_BOOTED, arguments=("--spread", "60")) as running:
        running.ready()
        until(lambda: running.manager.status.startswith("reads "))
        begins = datetime.fromisoformat(fikad("status", "--json").json["next"][0]["at"])
        assert timedelta(minutes=5) < begins - datetime.now(UTC) < timedelta(minutes=6)
        assert not running.children(), "nobody is at work"
        until(lambda: "WATCHDOG=1" in running.manager.listen())
        running.signal(signal.SIGUSR1)
        until(lambda: last_met(fikad, "Jane Doe"))


def test_among_many_its_turn_comes_by_itself_and_right_away_on_a_machine_that_is_up(fikad):
    two_seconds_late = JUST_BOOTED.replace("spread / 10", "timedelta(seconds=2)")
    for impatient in (two_seconds_late, two_seconds_late + "up_for = 3"):
        (fikad.state / "ledger.db").unlink(missing_ok=True)
        with daemon(fikad, impatient=impatient) as running:
            until(lambda: "suggests " in running.manager.status)
            waited = "STATUS=reads " in running.manager.heard[1]
            assert waited == (impatient is two_seconds_late), running.manager.heard


def test_while_it_waits_for_its_turn_it_ends_when_told_to(fikad):
    with daemon(fikad, impatient=JUST_BOOTED, arguments=("--spread", "60")) as running:
        running.ready()
        running.signal(signal.SIGTERM)
        assert running.process.wait(SECONDS) == 0


def test_ready_does_not_wait_for_a_first_reading_that_takes_long(fikad):
    with silent_server() as (port, taken):
        with_server(fikad, port)
        with daemon(fikad) as running:
            running.ready()
            until(lambda: taken)
            assert "reading now" in running.manager.status


def test_the_watchdog_is_fed_by_ticks_also_while_a_reading_hangs(fikad):
    with silent_server() as (port, taken):
        with_server(fikad, port)
        with daemon(fikad, tick_seconds=1) as running:
            running.ready()
            until(lambda: taken, what=lambda: "the server to be asked")
            until(lambda: running.manager.listen().count("WATCHDOG=1") >= 3)
            assert "reading now" in running.manager.status


def test_a_stalled_loop_feeds_no_watchdog(fikad):
    with daemon(fikad, tick_seconds=1) as running:
        until(lambda: "WATCHDOG=1" in running.manager.listen())
        running.signal(signal.SIGSTOP)
        time.sleep(0.2)
        running.manager.listen()
        before = running.manager.heard.count("WATCHDOG=1")
        time.sleep(2.5)
        assert running.manager.listen().count("WATCHDOG=1") == before
        running.signal(signal.SIGCONT)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_at_once_in_the_middle_of_a_reading_and_leaves_nobody_behind(fikad, number):
    assert loop._END_SECONDS < 5, "service managers lose patience soon"
    with silent_server() as (port, taken):
        with_server(fikad, port)
        with daemon(fikad) as running:
            until(lambda: taken, what=lambda: f"the server to be asked: {running.said}")
            workers = running.children()
            assert workers
            before = time.monotonic()
            running.signal(number)
            assert running.process.wait(SECONDS) == 0
            assert time.monotonic() - before < AT_ONCE
            assert not any(Path(f"/proc/{pid}").exists() for pid in workers)
            assert "STOPPING=1" in running.manager.listen()
            assert fikad("status", "--json").json["daemon"]["pid"] is None


def test_killed_in_the_middle_of_a_reading_its_worker_ends_too_and_the_next_one_goes_on(fikad):
    with silent_server() as (port, taken):
        with_server(fikad, port)
        with daemon(fikad) as running:
            until(lambda: taken)
            workers = running.children()
            running.process.kill()
            running.process.wait()
            until(
                lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers),
                what=lambda: "the worker to end",
            )
    fikad.configure(fikad.config.read_text().replace(f":{port}/", ":1/"))
    with daemon(fikad) as running:
        running.ready()
        until(lambda: last_met(fikad, "Jane Doe"))


def test_a_reading_that_hangs_is_ended_when_its_time_is_up_and_nothing_of_it_is_left(fikad):
    before = fikad.config.read_text()
    with silent_server() as (port, taken):
        with_server(fikad, port)
        over = fikad.folder / "over"
        soon = (
            "from pathlib import Path\nfrom daemon.service import child\n"
            "class Limits(dict):\n    def __missing__(self, kind):\n"
            f"        return 1.0 if Path({str(over)!r}).exists() else 900.0\n"
            "child.LIMIT_SECONDS = Limits()"
        )
        with daemon(fikad, tick_seconds=1, impatient=soon) as running:
            until(lambda: taken, what=lambda: f"the server to be asked: {running.said}")
            workers = running.children()
            over.touch()  # however long it took to get there
            until(lambda: "took longer" in running.said)
            until(
                lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers),
                what=lambda: "the worker to end",
            )
            status = fikad("status", "--json")
            assert (status.code, "reading" in status.json["troubles"]) == (1, True)

            over.unlink()
            fikad.configure(before)
            until(lambda: fikad("status").code == 0, what=lambda: running.said)
            assert last_met(fikad, "Jane Doe")


def test_a_second_one_is_refused_and_told_of_the_first(fikad):
    with daemon(fikad) as running:
        running.ready()
        second = fikad("run")
        assert second.code == 13
        assert f"process {running.process.pid}" in second.err


def test_once_works_beside_it(fikad):
    with daemon(fikad) as running:
        running.ready()
        until(lambda: "reads " in running.manager.status)
        assert fikad("once", "--json").code == 0
        assert running.process.poll() is None


# --- signals ---


def test_usr1_reads_now(fikad):
    with daemon(fikad) as running:
        running.ready()
        until(lambda: last_met(fikad, "Jane Doe"))
        met = event("b", "Lunch", days_ago(2, 12), 60, *with_guests("omar@example.org"))
        (fikad.folder / "calendars" / "Personal" / "b.ics").write_text(met, newline="")
        running.signal(signal.SIGUSR1)
        until(lambda: last_met(fikad, "Omar Haddad"))


def test_hup_swaps_in_a_config_that_is_in_order(fikad):
    with daemon(fikad) as running:
        running.ready()
        fikad.configure(fikad.config.read_text() + '\n[[contacts]]\nname = "Ada Example"\n')
        running.signal(signal.SIGHUP)
        until(lambda: any(line.startswith("RELOADING=1") for line in running.manager.listen()))
        until(lambda: running.manager.listen().count("READY=1") == 2)
        assert "the new one is in force" in running.said


def test_a_broken_config_is_told_with_its_place_while_the_old_one_stays_in_force(fikad):
    before = fikad.config.read_text()
    with daemon(fikad) as running:
        running.ready()
        until(lambda: last_met(fikad, "Jane Doe"))
        fikad.configure(before + '\n[rhythm.oops]\nper_wek = "3"\n')
        running.signal(signal.SIGHUP)
        until(lambda: running.manager.listen().count("READY=1") == 2)
        assert "config.toml:" in running.said
        status = fikad("status", "--json")
        assert (status.code, status.json["healthy"]) == (1, False)
        assert "config.toml:" in status.json["config_problems"][0]
        assert last_met(fikad, "Jane Doe"), "the status itself goes by the old one, too"
        assert "stays in force" in fikad("status").out
        assert "mistakes" in running.manager.status

        fikad.configure(before)
        running.signal(signal.SIGHUP)
        until(lambda: fikad("status").code == 0)


def test_a_changed_file_is_noticed_without_a_signal(fikad):
    with daemon(fikad, tick_seconds=1) as running:
        running.ready()
        draft = fikad.folder / "draft"
        draft.write_text(fikad.config.read_text() + '\n[[contacts]]\nname = "Ada Example"\n')
        draft.replace(fikad.config)
        until(lambda: "the new one is in force" in running.said)


def test_a_config_broken_from_the_start_is_an_error_for_its_author(fikad):
    fikad.configure("per_week = 3")
    ran = fikad("run")
    assert ran.code == 10
    assert "config.toml:1:1" in ran.err


def test_over_a_restart_the_last_config_without_mistakes_stays_in_force(fikad):
    with daemon(fikad) as running:
        running.ready()
        until(lambda: last_met(fikad, "Jane Doe"))
        running.signal(signal.SIGTERM)
        running.process.wait(SECONDS)
    fikad.configure("per_week = 3")
    with daemon(fikad) as running:
        running.ready()
        assert fikad("status").code == 1
        assert last_met(fikad, "Jane Doe")


# --- secrets, and what reaches the log ---


def test_an_account_whose_keyring_is_missing_is_told_and_the_others_are_read(
    fikad,
):
    account = '[accounts.work]\ntype = "caldav"\nurl = "http://127.0.0.1:1/"\nusername = "sam"\n'
    account += "password = { keyring = true }\n"
    fikad.configure(
        fikad.config.read_text().replace("[accounts.home]", f"{account}[accounts.home]")
    )
    with daemon(fikad) as running:
        until(lambda: account_of(fikad, "work")["state"] == "auth")
        until(lambda: last_met(fikad, "Jane Doe"))
        # The pass records the failure, and the daemon a moment later when it will try again.
        until(lambda: account_of(fikad, "work")["retry"])
        assert fikad("status").code == 1
        assert "keyring" in account_of(fikad, "work")["message"]
        assert running.said.count("keyring") == 1


def test_neither_secrets_nor_titles_nor_control_characters_reach_the_log(fikad):
    hostile = event("c", "Lunch with \x1b[31mJane Doe\x07 and a secret", days_ago(1, 12), 60)
    (fikad.folder / "calendars" / "Personal" / "c.ics").write_text(hostile, newline="")
    (fikad.folder / "calendars" / "Personal" / "d.ics").write_text(
        "BEGIN:VCALENDAR\nnonsense \x1b[2J\n"
    )
    with silent_server() as (port, taken):
        with_server(fikad, port)
        for connection in taken:
            connection.close()
        with daemon(fikad) as running:
            running.ready()
            until(lambda: taken)
            for connection in taken:
                connection.close()
            until(lambda: "slow" in running.said)
            running.signal(signal.SIGTERM)
            running.process.wait(SECONDS)
            assert SECRET not in running.said
            assert "Lunch" not in running.said
            assert "\x1b" not in running.said


def test_in_the_journal_lines_begin_with_their_priority_and_elsewhere_with_the_time(fikad):
    with daemon(fikad, JOURNAL_STREAM="1:2") as running:
        running.ready()
        assert running.said.startswith("20")
    log = fikad.folder / "daemon.log"
    log.write_text("")
    stat = log.stat()
    with daemon(fikad, JOURNAL_STREAM=f"{stat.st_dev}:{stat.st_ino}") as running:
        running.ready()
        assert running.said.startswith("<6>fikad ")


def test_what_it_keeps_is_private(fikad):
    with daemon(fikad) as running:
        running.ready()
        until(lambda: last_met(fikad, "Jane Doe"))
        modes = {
            path.name: stat.S_IMODE(path.stat().st_mode)
            for path in fikad.state.iterdir()
            if path.is_file()
        }
        assert "daemon.json" in modes
        assert set(modes.values()) == {0o600}
        assert SECRET not in json.dumps(
            [path.read_bytes().decode("latin-1") for path in fikad.state.iterdir()]
        )


def test_at_rest_it_is_small_and_has_none_of_the_large_libraries(fikad):
    with daemon(fikad) as running:
        running.ready()
        until(lambda: not running.children() and last_met(fikad, "Jane Doe"))
        status = Path(f"/proc/{running.process.pid}/status").read_text()
        resident = next(
            int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")
        )
        assert resident < 32 * 1024, "kilobytes"
        maps = Path(f"/proc/{running.process.pid}/maps").read_text()
        assert not [name for name in ("pydantic_core", "lxml", "_sqlite3") if name in maps]
        assert len([*Path(f"/proc/{running.process.pid}/fd").iterdir()]) < 12
