"""The nightly backup of the ledger."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from daemon.ledger.backup import backup_ledger
from daemon.ledger.ledger import open_ledger
from daemon.planning.agenda import timetable
from daemon.service.job import Job, Result
from daemon.service.jobs.config_in_force import config_of
from daemon.service.last_runs import record_runs


def back_up(job: Job) -> Result:
    """Raises ConfigError, LedgerError."""
    state, due = Path(job.state), datetime.fromisoformat(job.due)
    config = config_of(job)
    table = timetable(config.rhythm, config.zone)
    backup_ledger(state, due.astimezone(table.zone).date())
    with open_ledger(state) as ledger:
        return Result(timetable=table, last_runs=record_runs(ledger, table, ("nightly",), due))
