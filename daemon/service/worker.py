"""The process that does one job of the daemon and ends (see `job`).

One line of JSON comes in on stdin, one goes out on stdout. Its stdin stays open as long as the
daemon lives: when it closes, this process ends, too, so that a daemon that was killed leaves nobody
behind at work. Whatever kills it, the ledger is in order: passes are made to stop anywhere.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import IO

from connectors.errors import FikadError, RefusedError
from connectors.trace import start_tracing
from daemon.config.errors import ConfigError
from daemon.ledger.store import LedgerError
from daemon.service.job import Job, Kind, Result, job_from
from daemon.service.logs import Human, formatter_for, zone_at_a_glance


def main() -> None:
    """Do the job on stdin and exit."""
    answers = _private_stdout()
    job = job_from(json.loads(sys.stdin.readline()))
    if job.trace is not None:
        _show_work(job.trace, Path(job.config))
    _end_with_the_daemon()
    answers.write(json.dumps(run(job).as_json()).encode() + b"\n")
    answers.close()


JOBS: dict[Kind, tuple[str, str]] = {
    "load": ("daemon.service.jobs.load_job", "load"),
    "pass": ("daemon.service.jobs.pass_job", "do_pass"),
    "backup": ("daemon.service.jobs.backup_job", "back_up"),
}
"""Where each job is done; a worker loads its own alone."""


def run(job: Job) -> Result:
    """Do a job. Never raises: what goes wrong is in the result."""
    try:
        module, name = JOBS[job.kind]
        work: Callable[[Job], Result] = getattr(import_module(module), name)
        return work(job)
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


# --- the process ---


def _show_work(descriptor: int, config: Path) -> None:
    """Show requests and decisions as the daemon shows what it tells."""
    stream = os.fdopen(descriptor, "w")
    formatter = formatter_for(stream)
    if isinstance(formatter, Human):
        formatter.zone = zone_at_a_glance(config)
    start_tracing(stream, formatter)


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
