"""The worker: one job in a process that can be ended at any time, and everything that can come
of it."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from datetime import time as wall_time
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.errors import SilentStoreError
from connectors.secrets import SecretSource, StoredToken
from daemon.ledger.ledger import open_ledger
from daemon.ledger.lock import locked
from daemon.planning.agenda import LastRuns, Timetable
from daemon.service import child as child_module
from daemon.service import worker
from daemon.service.child import Child
from daemon.service.job import LIMIT_SECONDS, AccountResult, Job, Result, job_from, result_from
from daemon.service.last_runs import load_last_runs, record_runs, recorded_runs
from tests.connectors.google.server import GoogleServer
from tests.daemon.cli.running import ALWAYS, CONTACTS, days_ago, event, with_guests
from tests.waiting import until

NOW = datetime(2026, 11, 22, 16, tzinfo=UTC)
TABLE = Timetable(timedelta(minutes=15), 6, wall_time(17), ZoneInfo("Europe/Berlin"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A config, and a folder of calendars with a meeting in it."""
    calendar = tmp_path / "calendars" / "Personal"
    calendar.mkdir(parents=True)
    met = event("a", "Lunch", days_ago(3, 12), 60, *with_guests("jane@example.org"))
    (calendar / "a.ics").write_text(met, newline="")
    text = f'{ALWAYS}\n[accounts.home]\ntype = "files"\npath = "calendars"\n{CONTACTS}'
    (tmp_path / "config.toml").write_text(text)
    return tmp_path


def job(folder: Path, kind: str, **more: object) -> Job:
    state = str(folder / "state")
    return Job(kind, str(folder / "config.toml"), state, due=NOW.isoformat(), **more)  # type: ignore[arg-type]


# --- its language ---


def test_jobs_and_results_arrive_as_they_were_sent():
    sent = Job(
        "pass",
        "/c",
        "/s",
        "/k",
        ("poll", "plan"),
        NOW.isoformat(),
        {"a": ("auth", "no")},
        {"a": {"token": "t"}},
    )
    assert job_from(json.loads(json.dumps(sent.as_json()))) == sent
    result = Result(
        timetable=TABLE,
        last_runs=LastRuns(NOW, NOW.date(), None),
        accounts=(AccountResult("a", "auth", "no", local=True),),
        planned=True,
        proposed=2,
        news=("met: Jane",),
        sessions={"a": {"token": "t"}},
    )
    assert result_from(json.loads(json.dumps(result.as_json()))) == result
    assert "'t'" not in repr(sent) + repr(result), "secrets stay out of what might be printed"


# --- jobs ---


def test_loading_puts_a_config_in_force_and_says_whether_it_is_a_new_one(folder):
    first = worker.run(job(folder, "load"))
    assert (first.failed, first.changed) == (None, True)
    assert first.timetable == Timetable(
        timedelta(minutes=15), 6, wall_time(17), ZoneInfo("Europe/Berlin")
    )
    assert first.last_runs is not None
    assert first.last_runs.polled is None
    assert not worker.run(job(folder, "load")).changed
    [copy] = (folder / "state").glob("config-*.toml")
    assert copy.read_text() == (folder / "config.toml").read_text()


def test_a_broken_config_leaves_the_one_in_force(folder):
    worker.run(job(folder, "load"))
    [copy] = (folder / "state").glob("config-*.toml")
    before = copy.read_text()
    (folder / "config.toml").write_text("per_week = 3")
    result = worker.run(job(folder, "load"))
    assert result.failed == "config"
    assert "config.toml:1:1" in result.problems[0]
    assert copy.read_text() == before
    kept = worker.run(job(folder, "pass", kept=str(copy), tasks=("poll",)))
    assert [account.state for account in kept.accounts] == ["ok"], (
        "relative paths still start at the config's own folder"
    )


def test_a_poll_reads_and_is_recorded_and_proposes_nothing(folder):
    result = worker.run(job(folder, "pass", tasks=("poll",)))
    assert (result.failed, result.planned) == (None, False)
    assert [line for line in result.news if line.startswith("met: Jane Doe")]
    assert not [line for line in result.news if line.startswith("hold")]
    assert result.last_runs is not None
    assert result.last_runs.polled == NOW


def test_the_page_that_the_config_wants_is_made_at_the_first_pass_and_then_when_something_changed(
    folder: Path,
) -> None:
    config, page = folder / "config.toml", folder / "fika.html"
    config.write_text(config.read_text() + '[report]\nwrite = "fika.html"\n')
    assert worker.run(job(folder, "pass", tasks=("poll",))).page_trouble == ""
    made = page.read_text()
    assert "Jane Doe" in made
    page.write_text("as it was left")
    worker.run(job(folder, "pass", tasks=("poll",)))
    assert page.read_text() == "as it was left"
    met = event("b", "Lunch", days_ago(2, 12), 60, *with_guests("jane@example.org"))
    (folder / "calendars" / "Personal" / "b.ics").write_text(met, newline="")
    worker.run(job(folder, "pass", tasks=("poll",)))
    assert "Jane Doe" in page.read_text()


def test_a_page_that_cannot_be_written_does_not_fail_the_pass(folder: Path) -> None:
    config = folder / "config.toml"
    config.write_text(config.read_text() + '[report]\nwrite = "nowhere/fika.html"\n')
    result = worker.run(job(folder, "pass", tasks=("poll",)))
    assert result.failed is None
    assert result.last_runs is not None
    assert "there is no folder" in result.page_trouble


def test_a_plan_proposes_and_is_recorded_with_its_poll(folder):
    result = worker.run(job(folder, "pass", tasks=("plan",)))
    assert (result.planned, result.proposed) == (True, 1)
    assert [line for line in result.news if line.startswith("hold proposed: Omar Haddad")]
    assert result.last_runs is not None
    assert (result.last_runs.polled, result.last_runs.planned) == (NOW, NOW.date())


def test_a_plan_that_could_not_happen_is_not_recorded_and_happens_when_it_can(folder):
    config = (folder / "config.toml").read_text()
    down = '[accounts.down]\ntype = "files"\npath = "nowhere"\n'
    (folder / "config.toml").write_text(config.replace("[accounts.home]", f"{down}[accounts.home]"))
    worker.run(job(folder, "load"))
    with open_ledger(folder / "state") as ledger:
        ledger.put("done.planned", "2026-11-15")
    result = worker.run(job(folder, "pass", tasks=("plan", "poll")))
    assert not result.planned
    assert result.last_runs is not None
    assert str(result.last_runs.planned) == "2026-11-15"
    (folder / "nowhere").mkdir()
    result = worker.run(job(folder, "pass", tasks=("plan", "poll")))
    assert result.planned
    assert [line for line in result.news if line.startswith("hold proposed")]


def test_an_account_that_is_left_alone_is_not_asked_and_keeps_its_state(folder):
    result = worker.run(
        job(folder, "pass", tasks=("plan",), left_alone={"home": ("auth", "wrong password")})
    )
    assert [(account.state, account.message) for account in result.accounts] == [
        ("auth", "wrong password")
    ]
    assert not result.planned
    assert result.news == ()


def test_a_secret_that_cannot_be_had_is_no_servers_fault(folder):
    account = '[accounts.work]\ntype = "caldav"\nurl = "http://127.0.0.1:1/"\nusername = "sam"\n'
    account += 'password = { file = "nowhere" }\n'
    config = (folder / "config.toml").read_text()
    (folder / "config.toml").write_text(
        config.replace("[accounts.home]", f"{account}[accounts.home]")
    )
    accounts = {
        result.name: result for result in worker.run(job(folder, "pass", tasks=("poll",))).accounts
    }
    assert (accounts["work"].state, accounts["work"].local) == ("auth", True)
    assert (accounts["home"].state, accounts["home"].local) == ("ok", False)


def test_a_token_that_cannot_be_had_is_no_servers_fault_and_a_revoked_one_no_secret_stores(
    folder,
):
    with GoogleServer() as server:
        client, token = server.write_client(folder), folder / "token.json"
        account = (
            f'[accounts.work]\ntype = "google"\nclient_secrets = "{client}"\n'
            f'endpoint = "{server.endpoint}"\n'
        )
        account += 'token = { file = "token.json" }\n'
        (folder / "config.toml").write_text(ALWAYS + account + CONTACTS)

        def state() -> tuple[str, bool]:
            [account] = worker.run(job(folder, "pass", tasks=("poll",))).accounts
            return account.state, account.local

        token.write_text(json.dumps(server.grant()))
        token.chmod(0o644)
        assert state() == ("auth", True)
        token.chmod(0o600)
        assert state() == ("ok", False)
        server.revoke()
        assert state() == ("auth", False)


def test_a_keyring_that_answers_nobody_is_asked_once_in_a_pass(folder, monkeypatch):
    with GoogleServer() as server:
        dav = (
            'type = "caldav"\nurl = "http://127.0.0.1:1/"\nusername = "sam"\n'
            "password = { keyring = true }\n"
        )
        client = (
            f'client_secrets = "{server.write_client(folder)}"\nendpoint = "{server.endpoint}"\n'
        )
        google = f'type = "google"\n{client}token = {{ keyring = true }}\n'
        more = f"[accounts.one]\n{dav}[accounts.two]\n{google}[accounts.three]\n{dav}"
        config = (folder / "config.toml").read_text()
        (folder / "config.toml").write_text(
            config.replace("[accounts.home]", f"{more}[accounts.home]")
        )
        asked = []

        def silent(account, **more):
            asked.append(account)
            raise SilentStoreError("the keyring did not answer")

        monkeypatch.setattr("connectors.secrets._ask_keyring", silent)
        accounts = {
            account.name: account
            for account in worker.run(job(folder, "pass", tasks=("poll",))).accounts
        }
        assert asked == ["one"]
        assert {accounts[name].message for name in ("one", "two", "three")} == {
            "the keyring did not answer"
        }
        assert all(accounts[name].local for name in ("one", "two", "three"))
        assert accounts["home"].state == "ok"


def test_another_fikad_at_work_is_told_apart_from_trouble(folder):
    with locked(folder / "state"):
        assert worker.run(job(folder, "pass", tasks=("poll",))).failed == "busy"


def test_a_ledger_that_cannot_be_used_is_told_apart_too(folder):
    worker.run(job(folder, "load"))
    (folder / "state" / "ledger.db").write_bytes(b"not a ledger" * 1000)
    result = worker.run(job(folder, "pass", tasks=("poll",)))
    assert result.failed == "ledger"
    assert "damaged" in result.message
    look = worker.run(job(folder, "load"))
    assert (look.failed, look.last_runs) == (None, None)
    assert "damaged" in look.message


def test_the_nightly_job_backs_up_and_is_recorded_on_its_own(folder):
    worker.run(job(folder, "pass", tasks=("poll",)))
    result = worker.run(job(folder, "backup", tasks=("nightly",)))
    assert (folder / "state" / "backups" / "ledger-2026-11-22.db").exists()
    assert result.last_runs is not None
    assert (result.last_runs.nightly, result.last_runs.polled) == (NOW.date(), NOW)


def test_an_error_nobody_thought_of_is_told_by_its_kind_alone(folder, monkeypatch):
    def fails(_job: Job) -> Result:
        raise ValueError("a stranger's words")

    monkeypatch.setattr("daemon.service.jobs.pass_job.do_pass", fails)
    result = worker.run(job(folder, "pass"))
    assert result.failed == "unexpected"
    assert "ValueError" in result.message
    assert "stranger" not in result.message


# --- what was done ---


def test_jobs_that_end_at_the_same_moment_do_not_undo_each_others_record(tmp_path):
    with open_ledger(tmp_path) as ledger, open_ledger(tmp_path) as other:
        load_last_runs(ledger, TABLE, NOW - timedelta(days=8))
        record_runs(ledger, TABLE, ("poll", "plan"), NOW)
        record_runs(other, TABLE, ("nightly",), NOW)
        assert recorded_runs(ledger) == LastRuns(NOW, NOW.date(), NOW.date())


def test_a_record_that_makes_no_sense_is_as_if_it_were_not_there(tmp_path):
    with open_ledger(tmp_path) as ledger:
        ledger.put("done.polled", "yesterday")
        ledger.put("done.planned", "2026-11-99")
        assert recorded_runs(ledger) == LastRuns()


# --- the process ---


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def finish(child: Child) -> Result:
    """Wait as the daemon does."""

    def ended() -> bool:
        child.read()
        child.enforce(time.monotonic())
        return child.ended()

    until(ended, what=lambda: "the worker to end")
    return child.result()


@pytest.fixture
def instead(monkeypatch):
    """Puts a program of one's own in the worker's place."""

    def instead(code: str) -> None:
        monkeypatch.setattr(child_module, "_BOOTSTRAP", code)

    return instead


def test_a_job_is_done_in_a_process_of_its_own(folder):
    result = finish(Child(job(folder, "load"), None, time.monotonic()))
    assert (result.failed, result.timetable) == (None, worker.run(job(folder, "load")).timetable)


def test_the_worker_is_in_the_time_zone_that_the_daemon_was_started_in(folder, monkeypatch):
    monkeypatch.setenv("TZ", "UTC")
    config = (folder / "config.toml").read_text().replace('timezone = "Europe/Berlin"\n', "")
    (folder / "config.toml").write_text(config)
    result = finish(Child(job(folder, "load"), "Asia/Kathmandu", time.monotonic()))
    assert result.timetable is not None
    assert result.timetable.zone.key == "Asia/Kathmandu"


def test_a_worker_that_takes_too_long_is_ended_with_all_it_started(folder, instead, monkeypatch):
    pids, unfinished = folder / "pids", folder / "unfinished"
    instead(f"""
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
open({str(unfinished)!r}, "w").write(f"{{os.getpid()}} {{other.pid}}")
os.rename({str(unfinished)!r}, {str(pids)!r})
time.sleep(600)
""")
    child = Child(job(folder, "pass"), None, 0.0)
    until(pids.exists)
    child.enforce(child.deadline() - 1)
    assert child.deadline() == LIMIT_SECONDS["pass"], "it has not been told to end yet"
    child.enforce(child.deadline())
    child.enforce(child.deadline() - 1)
    assert not child.ended(), "it may take a moment to end what it started"
    child.enforce(child.deadline())
    until(child.ended)
    result = child.result()
    assert result.failed == "ended"
    assert "longer than" in result.message
    for pid in map(int, pids.read_text().split()):
        until(partial(is_gone, pid))


def test_what_a_worker_left_behind_ends_with_it(folder, instead):
    pid = folder / "pid"
    instead(f"""
import subprocess, sys
other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
open({str(pid)!r}, "w").write(str(other.pid))
""")
    finish(Child(job(folder, "pass"), None, time.monotonic()))
    until(partial(is_gone, int(pid.read_text())))


@pytest.mark.parametrize(
    "code", ["print('hello')", "import sys; sys.exit(3)", "print('{}')", "print('[1]')"]
)
def test_an_answer_that_makes_no_sense_is_a_failure(folder, instead, code):
    instead(code)
    assert finish(Child(job(folder, "pass"), None, time.monotonic())).failed == "ended"


def test_a_worker_that_talks_without_end_fills_nobodys_memory(folder, instead, monkeypatch):
    monkeypatch.setattr(child_module, "LIMIT_SECONDS", {"pass": 1.0})
    monkeypatch.setattr(child_module, "_MOST_BYTES", 1 << 20)
    instead("while True: print('x' * 100000)")
    child = Child(job(folder, "pass"), None, time.monotonic())
    assert finish(child).failed == "ended"
    assert len(child._answer) <= (1 << 20) + (1 << 16)


HANGING = (
    "import sys; sys.path.append(sys.argv.pop()); from daemon.service import worker; import time; "
    + ("worker.run = lambda job: time.sleep(60); worker.main()")
)
DAEMON = f"""
import daemon.service.child, time
from daemon.service.job import Job
daemon.service.child._BOOTSTRAP = {HANGING!r}
child = daemon.service.child.Child(Job("load", "/nowhere", "/nowhere"), None, 0.0)
print(child._process.pid, flush=True)
time.sleep(60)
"""


def test_a_worker_ends_when_the_daemon_is_gone():
    words = [sys.executable, "-c", DAEMON]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    daemon = subprocess.Popen(words, stdout=subprocess.PIPE, env=environment)
    assert daemon.stdout is not None
    pid = int(daemon.stdout.readline())
    time.sleep(0.5)
    os.kill(pid, 0)
    daemon.kill()
    daemon.wait()
    until(partial(is_gone, pid))


# --- patience ---


@pytest.mark.parametrize(
    ("accounts", "left_alone", "minutes"), [(1, 0, 25), (4, 0, 6.25), (4, 2, 12.5), (30, 0, 5)]
)
def test_accounts_share_the_time_of_a_pass(folder, monkeypatch, accounts, left_alone, minutes):
    text = (folder / "config.toml").read_text()
    more = "".join(
        f'[accounts.n{number}]\ntype = "files"\npath = "calendars"\n'
        for number in range(1, accounts)
    )
    (folder / "config.toml").write_text(text.replace("[accounts.home]", f"{more}[accounts.home]"))
    given = []

    def remembered(opener: Any, *, all_seconds: float) -> Any:
        given.append(all_seconds)
        return opener

    monkeypatch.setattr("daemon.service.jobs.whole_pass.with_time_limits", remembered)
    alone = {f"n{number}": ("error", "down") for number in range(1, 1 + left_alone)}
    assert worker.run(job(folder, "pass", tasks=("poll",), left_alone=alone)).failed is None
    assert given == [minutes * 60]


# --- access tokens ---


def test_an_access_token_lives_in_memory_from_pass_to_pass_and_its_refresh_token_where_it_was(
    monkeypatch,
):
    kept = {"work": "refresh"}
    writes = []

    def ask(account, *, prompt, secret=None):
        if secret is not None:
            writes.append(secret)
            kept[account] = secret
        return {"secret": kept[account], "stored": True}

    monkeypatch.setattr("connectors.secrets._ask_keyring", ask)
    session: dict[str, object] = {}
    keyring = SecretSource("keyring")
    store = StoredToken(keyring, "work", session=session)
    assert store.keeps_access_token
    assert store.load() == {"refresh_token": "refresh"}
    store.save({"refresh_token": "refresh", "token": "access", "expiry": "2026-11-22T17:00:00Z"})
    assert writes == []
    later = StoredToken(keyring, "work", session=dict(session))
    assert later.load() == {
        "refresh_token": "refresh",
        "token": "access",
        "expiry": "2026-11-22T17:00:00Z",
    }
    assert "access" not in repr(later)

    kept["work"] = "another login"
    assert StoredToken(keyring, "work", session=dict(session)).load() == {
        "refresh_token": "another login"
    }
    store.save({"refresh_token": "rotated", "token": "access 2", "expiry": "2026-11-22T18:00:00Z"})
    assert writes == ["rotated"]


def test_with_the_token_in_a_keyring_google_is_asked_for_access_once_an_hour_and_not_once_a_pass(
    folder, monkeypatch
):
    with GoogleServer() as server:
        refresh = server.grant()["refresh_token"]
        monkeypatch.setattr(
            "connectors.secrets._ask_keyring", lambda account, **more: {"secret": refresh}
        )
        client = server.write_client(folder)
        account = (
            f'[accounts.work]\ntype = "google"\nclient_secrets = "{client}"\n'
            f'endpoint = "{server.endpoint}"\n'
        )
        (folder / "config.toml").write_text(
            ALWAYS + account + "token = { keyring = true }\n" + CONTACTS
        )
        sessions: dict[str, dict[str, object]] = {}
        for _ in range(3):
            result = worker.run(job(folder, "pass", tasks=("poll",), sessions=sessions))
            assert [(told.state, told.message) for told in result.accounts] == [("ok", "")]
            sessions = dict(json.loads(json.dumps(result.as_json()))["sessions"])
        assert server.counts["token"] == 1
        server.expire_access_tokens()
        worker.run(job(folder, "pass", tasks=("poll",), sessions=sessions))
        assert server.counts["token"] == 2
        access = str(sessions["work"]["token"]).encode()
        assert not [
            path
            for path in (folder / "state").rglob("*")
            if path.is_file() and access in path.read_bytes()
        ]


def test_no_secret_of_a_session_reaches_the_disk(folder):
    worker.run(job(folder, "pass", tasks=("poll",), sessions={"home": {"token": "hunter2"}}))
    for path in (folder / "state").rglob("*"):
        assert b"hunter2" not in path.read_bytes() if path.is_file() else True
    rows = (
        sqlite3.connect(folder / "state" / "ledger.db")
        .execute("SELECT memo FROM accounts")
        .fetchall()
    )
    assert "hunter2" not in str(rows)
