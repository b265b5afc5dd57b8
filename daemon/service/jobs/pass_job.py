"""A poll: everybody is asked first; a whole pass only where there is news, or something is due."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from daemon.cycle.quiet import quiet_report
from daemon.cycle.time_limits import with_book_limits, with_time_limits
from daemon.ledger.lock import locked
from daemon.polling.asking import Asking
from daemon.polling.timetables import timetable_from
from daemon.service.job import AccountResult, Job, Result, of_book
from daemon.service.jobs.sharing import share_seconds
from daemon.service.last_runs import record_runs


def do_pass(job: Job) -> Result:
    """Raises ConfigError, LedgerError, RefusedError."""
    config, state = Path(job.config), Path(job.state)
    sessions = {name: dict(session) for name, session in job.sessions.items()}
    job = replace(job, sessions=sessions)
    kept = Path(job.kept or job.config)
    with locked(state), closing(Asking(config, kept, state, sessions)) as asking:
        quiet = _quietly(job, asking)
        if quiet is not None:
            return quiet
        from daemon.service.jobs.whole_pass import do_whole_pass

        return do_whole_pass(job, asking)


def _quietly(job: Job, asking: Asking) -> Result | None:
    """What came of the poll, if nobody had news and nothing is due."""
    mark = asking.mark
    if mark is None or asking.ledger is None or "plan" in job.tasks or job.left_alone:
        return None
    share = share_seconds(len(mark.accounts) + len(mark.books))
    now = datetime.now(UTC)
    limited = partial(with_time_limits, all_seconds=share)
    if not asking.finds_nothing("lost", now, limited, partial(with_book_limits, all_seconds=share)):
        return None
    report, table = quiet_report(asking, now), timetable_from(mark.timetable)
    names = [*mark.accounts, *map(of_book, mark.books)]
    return Result(
        timetable=table,
        last_runs=record_runs(asking.ledger, table, ("poll",), datetime.fromisoformat(job.due)),
        accounts=tuple(AccountResult(name, "ok") for name in names),
        set_aside=len(report.problems),
        sessions=job.sessions,
    )
