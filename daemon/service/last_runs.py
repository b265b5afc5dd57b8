"""What was done last, kept in the ledger: each job under a name of its own, so that a pass and a backup that end at
the same moment do not undo each other's record."""

from __future__ import annotations

from datetime import datetime

from daemon.ledger.ledger import Ledger
from daemon.planning.agenda import Done, Job, Timetable, after, first_start

_NAMES = ("polled", "planned", "nightly")


def load_done(ledger: Ledger, table: Timetable, now: datetime) -> Done:
    """What was done last. In a new ledger, and where a record makes no sense, there is nothing to catch up."""
    with ledger.transaction():
        known, first = recorded(ledger), first_start(table, now)
        done = Done(known.polled, known.planned or first.planned, known.nightly or first.nightly)
        _keep(ledger, known, done)
    return done


def record_done(ledger: Ledger, table: Timetable, jobs: tuple[Job, ...], now: datetime) -> Done:
    """Record jobs that were due at `now` and succeeded; on disk when it returns."""
    with ledger.transaction():
        known = recorded(ledger)
        done = after(table, known, jobs, now)
        _keep(ledger, known, done)
    return done


def recorded(ledger: Ledger) -> Done:
    """What stands in the ledger, None for what never happened. Reads only."""
    polled, planned, nightly = (_read(ledger.get(f"done.{name}")) for name in _NAMES)
    aware = polled is not None and polled.tzinfo is not None
    return Done(polled if aware else None, planned and planned.date(), nightly and nightly.date())


def _keep(ledger: Ledger, before: Done, done: Done) -> None:
    for name in _NAMES:
        value = getattr(done, name)
        if value is not None and value != getattr(before, name):
            ledger.put(f"done.{name}", value.isoformat())


def _read(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
