"""What was done last, kept in the ledger: each job under a name of its own, so that a pass and a
backup that end at the same moment do not undo each other's record."""

from __future__ import annotations

from datetime import datetime

from daemon.ledger.store import Store
from daemon.planning.agenda import LastRuns, Task, Timetable, after, first_start

_NAMES = ("polled", "planned", "nightly")


def load_last_runs(ledger: Store, table: Timetable, now: datetime) -> LastRuns:
    """What was done last. In a new ledger, and where a record makes no sense, there is nothing to
    catch up."""
    with ledger.transaction():
        known, first = recorded_runs(ledger), first_start(table, now)
        last_runs = LastRuns(
            known.polled, known.planned or first.planned, known.nightly or first.nightly
        )
        _keep(ledger, known, last_runs)
    return last_runs


def record_runs(
    ledger: Store, table: Timetable, tasks: tuple[Task, ...], now: datetime
) -> LastRuns:
    """Record jobs that were due at `now` and succeeded; on disk when it returns."""
    with ledger.transaction():
        known = recorded_runs(ledger)
        last_runs = after(table, known, tasks, now)
        _keep(ledger, known, last_runs)
    return last_runs


def recorded_runs(ledger: Store) -> LastRuns:
    """What stands in the ledger, None for what never happened. Reads only."""
    polled, planned, nightly = (_read(ledger.get(f"done.{name}")) for name in _NAMES)
    aware = polled is not None and polled.tzinfo is not None
    return LastRuns(
        polled if aware else None, planned and planned.date(), nightly and nightly.date()
    )


def _keep(ledger: Store, before: LastRuns, last_runs: LastRuns) -> None:
    for name in _NAMES:
        value = getattr(last_runs, name)
        if value is not None and value != getattr(before, name):
            ledger.put(f"done.{name}", value.isoformat())


def _read(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
