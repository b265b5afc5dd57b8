"""The process that does one job of the daemon and ends (see `job`).

One line of JSON comes in on stdin, one goes out on stdout. Its stdin stays open as long as the
daemon lives: when it closes, this process ends, too, so that a daemon that was killed leaves nobody
behind at work. Whatever kills it, the
ledger is in order: passes are made to stop anywhere.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING

from connectors.base import Account
from connectors.errors import CredentialsError, FikadError, RefusedError, UnreachableError
from daemon.durations import at_time
from daemon.planning.agenda import timetable
from daemon.service.job import LIMIT_SECONDS, AccountResult, Job, Result, job_from

if TYPE_CHECKING:
    from daemon.config.schema import Config
    from daemon.cycle.cycle import Report

_NOT_READING_SECONDS = 5 * 60
"""How much of a pass is left for everything but waiting for servers."""


def main() -> None:
    """Do the job on stdin and exit."""
    answers = _private_stdout()
    job = job_from(json.loads(sys.stdin.readline()))
    _end_with_the_daemon()
    answers.write(json.dumps(run(job).as_json()).encode() + b"\n")
    answers.close()


def run(job: Job) -> Result:
    """Do an job. Never raises: what goes wrong is in the result."""
    from daemon.config.schema import ConfigError
    from daemon.ledger.store import LedgerError

    try:
        return {"load": _load, "pass": _pass, "backup": _backup}[job.kind](job)
    except ConfigError as error:
        return Result("config", problems=tuple(str(problem) for problem in error.problems))
    except RefusedError as error:
        return Result("busy", str(error))
    except LedgerError as error:
        return Result("ledger", str(error))
    except FikadError as error:
        return Result("unexpected", str(error))
    except Exception as error:
        if os.environ.get("FIKAD_DEBUG"):
            raise
        return Result(
            "unexpected",
            f"unexpected {type(error).__name__}: run `fikad once` with FIKAD_DEBUG=1 and report it",
        )


# --- the jobs ---


def _config(job: Job) -> Config:
    """The config in force."""
    from daemon.config.schema import load
    from daemon.config.source import read_text

    return load(Path(job.config), read_text(Path(job.kept)) if job.kept else None)


def _load(job: Job) -> Result:
    """What the config says, and what the ledger says was done. A config without mistakes is in
    force from now on."""
    from daemon.ledger.ledger import open_ledger
    from daemon.ledger.store import LedgerError
    from daemon.service.last_runs import load_last_runs

    config, changed = (_config(job), False) if job.kept else _adopt(job)
    found = Result(changed=changed, timetable=timetable(config.rhythm, config.zone))
    try:
        with open_ledger(Path(job.state)) as ledger:
            known = ledger.accounts()
            last_runs = load_last_runs(ledger, timetable(config.rhythm, config.zone), _now())
    except LedgerError as error:
        return replace(found, message=str(error))
    accounts = (known[name] for name in config.accounts if name in known)
    return replace(
        found,
        last_runs=last_runs,
        accounts=tuple(AccountResult(a.name, a.state, a.message) for a in accounts),
    )


def _adopt(job: Job) -> tuple[Config, bool]:
    """The config in the file, and whether it differs from the copy in force, which it replaces."""
    from daemon.config.schema import load
    from daemon.config.source import read_text
    from daemon.ledger.store import LedgerError
    from daemon.service.daemon_state import copy_in_force, replace_text

    path = Path(job.config)
    text = read_text(path)
    config = load(path, text)
    copy = copy_in_force(Path(job.state), path)
    if copy.exists() and read_text(copy) == text:
        return config, False
    try:
        replace_text(copy, text, durably=True)
    except OSError as error:
        raise LedgerError(
            f"cannot write {copy} ({error.strerror})", "check the folder's space and rights"
        ) from error
    return config, True


def _pass(job: Job) -> Result:
    """Read, settle, and propose: all that the rhythm allows when planning is due, else in place of
    lost holds only."""
    from daemon.cycle.cycle import Orders, run_pass
    from daemon.cycle.time_limits import STEP_SECONDS, with_time_limits
    from daemon.ledger.ledger import open_ledger
    from daemon.ledger.lock import locked
    from daemon.opening import opener
    from daemon.service.last_runs import record_runs
    from daemon.service.secret_stores import SecretStores

    config, state, due = _config(job), Path(job.state), datetime.fromisoformat(job.due)
    table = timetable(config.rhythm, config.zone)
    sessions = {
        name: dict(session) for name, session in job.sessions.items() if name in config.accounts
    }
    planning = "plan" in job.tasks
    stores = SecretStores(config)
    # Slow accounts share the time there is: one that takes it all would take it again the next
    # time.
    asked = len(config.accounts.keys() - job.left_alone.keys()) or 1
    share = max(STEP_SECONDS, (LIMIT_SECONDS["pass"] - _NOT_READING_SECONDS) / asked)
    with locked(state), open_ledger(state) as ledger:
        patient = opener(config, ledger, sessions)
        opened = _without(job, stores.watching(with_time_limits(patient, all_seconds=share)))
        report = run_pass(config, ledger, opened, _now, Orders("all" if planning else "lost"))
        planned = planning and _has_planned(report, config)
        last_runs = record_runs(ledger, table, ("poll", "plan") if planned else ("poll",), due)
    return Result(
        timetable=table,
        last_runs=last_runs,
        accounts=tuple(
            AccountResult(r.account, r.state, r.message, r.account in stores.failed)
            for r in report.readings
        ),
        planned=planned,
        news=tuple(_news(report, config)),
        not_writable=report.not_writable,
        set_aside=len(report.problems),
        sessions=sessions,
    )


def _backup(job: Job) -> Result:
    from daemon.ledger.backup import backup_ledger
    from daemon.ledger.ledger import open_ledger
    from daemon.service.last_runs import record_runs

    state, due = Path(job.state), datetime.fromisoformat(job.due)
    config = _config(job)
    table = timetable(config.rhythm, config.zone)
    backup_ledger(state, due.astimezone(table.zone).date())
    with open_ledger(state) as ledger:
        return Result(timetable=table, last_runs=record_runs(ledger, table, ("nightly",), due))


def _has_planned(report: Report, config: Config) -> bool:
    """Whether this was the plan that was due. One that could not happen, or not to its end, stays
    due."""
    return not config.accounts or (report.planned and report.complete and not report.not_writable)


def _without(job: Job, opener: Callable[[str], Account]) -> Callable[[str], Account]:
    """Accounts that failed lately and are left alone fail again as before, without being asked."""

    def open_named(name: str) -> Account:
        if name in job.left_alone:
            state, message = job.left_alone[name]
            raise (CredentialsError if state == "auth" else UnreachableError)(message)
        return opener(name)

    return open_named


def _news(report: Report, config: Config) -> Iterator[str]:
    """What happened, in words of the config: titles may be strangers' or the user's own, and stay
    out of logs."""
    names = {
        contact.key: contact.name for contact in config.people if contact.key not in report.silent
    }
    for word, holds in report.holds.items():
        for hold in holds:
            name = names.get(hold.contact_key, "somebody")
            yield f"hold {word}: {name}, {at_time(hold.start, config.zone)}"
    # After a first reading there are years of them.
    lately = _now() - timedelta(weeks=2)
    for met in report.met:
        if met.occurrence.end >= lately:
            yield f"met: {names[met.contact_key]}, {at_time(met.occurrence.start, config.zone)}"


# --- the process ---


def _now() -> datetime:
    return datetime.now(UTC)


def _private_stdout() -> IO[bytes]:
    """Where the result goes; whatever else is printed goes to stderr."""
    sys.stdout.flush()
    kept = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return kept


def _end_with_the_daemon() -> None:
    """End when told to, by unwinding, so that whatever was started ends, too; and when the daemon
    is gone."""

    def end(*_: object) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        sys.exit(143)

    signal.signal(signal.SIGTERM, end)

    def watch() -> None:
        while os.read(0, 1):
            continue
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    main()
