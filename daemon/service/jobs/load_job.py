"""Loading: what the config says, and what the ledger says was done."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from daemon.ledger.ledger import open_ledger
from daemon.ledger.store import LedgerError
from daemon.planning.agenda import timetable
from daemon.service.job import AccountResult, Job, Result, of_book
from daemon.service.jobs.config_in_force import adopt_config, config_of
from daemon.service.last_runs import load_last_runs


def load(job: Job) -> Result:
    """A config without mistakes is in force from now on. Raises ConfigError, LedgerError."""
    config, changed = (config_of(job), False) if job.kept else adopt_config(job)
    table = timetable(config.rhythm, config.zone)
    loaded = Result(changed=changed, timetable=table)
    try:
        with open_ledger(Path(job.state)) as ledger:
            known, books = ledger.accounts(), ledger.address_books()
            last_runs = load_last_runs(ledger, table, datetime.now(UTC))
    except LedgerError as error:
        return replace(loaded, message=str(error))
    states = [(name, known[name]) for name in config.accounts if name in known]
    fared = [AccountResult(name, each.state, each.message) for name, each in states]
    of_books = [(of_book(name), books[name]) for name in config.addressbooks if name in books]
    fared += (AccountResult(name, each.state, each.message) for name, each in of_books)
    return replace(
        loaded,
        last_runs=last_runs,
        accounts=tuple(fared),
    )
