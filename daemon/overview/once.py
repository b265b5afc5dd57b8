"""One pass, now, and what came of it: what `fikad once` does and tells."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from daemon.config.schema import Config
from daemon.cycle.cycle import PassOptions, run_pass
from daemon.cycle.reading import Progress
from daemon.cycle.report import OUTCOMES, Report
from daemon.durations import iso_time
from daemon.holds.record import as_json
from daemon.ledger.ledger import open_ledger, scratch_copy
from daemon.ledger.lock import locked
from daemon.opening import book_opener, opener


@dataclass(frozen=True, slots=True)
class Once:
    """One pass over the accounts of a config, and what it is asked to do."""

    config: Config
    state: Path
    """The folder of the ledger, which is locked meanwhile."""
    plan: bool = True
    """Whether new holds are proposed."""
    dry_run: bool = False
    """Nothing is written anywhere, the ledger included."""
    accept_empty: Collection[str] = ()
    """Accounts, and address books, of which it is believed that what they list no more is gone."""

    def run(self, clock: Callable[[], datetime], progress: Progress) -> Report:
        """`clock` gives the time, aware. Raises LedgerError, RefusedError when another fikad is at
        work."""
        options = PassOptions(
            "all" if self.plan else "none", frozenset(self.accept_empty), self.dry_run
        )
        with ExitStack() as stack:
            if not self.dry_run:
                stack.enter_context(locked(self.state))
            ledger = stack.enter_context(
                scratch_copy(self.state) if self.dry_run else open_ledger(self.state)
            )
            accounts = opener(self.config, ledger)
            books = book_opener(self.config, ledger)
            return run_pass(
                self.config, ledger, accounts, clock, options, progress, book_opener=books
            )


def once_facts(report: Report, config: Config) -> dict[str, Any]:
    """The report as JSON; times with the offset of the user's zone."""
    names = report.names
    zone = config.zone
    return {
        "accounts": [
            {
                "name": reading.account,
                "state": reading.state,
                "message": reading.message,
                "calendars": list(reading.calendars),
                "changed": reading.changed,
                "requests": reading.requests,
            }
            for reading in report.readings
        ],
        "met": [
            {
                "contact": names[verdict.contact_key],
                "start": iso_time(verdict.occurrence.start, zone),
                "end": iso_time(verdict.occurrence.end, zone),
                "rule": verdict.rule,
                "title": verdict.occurrence.title,
            }
            for verdict in report.met
        ],
        "holds": {
            word: [
                as_json(hold, zone, names.get(hold.contact_key, ""))
                for hold in report.holds.get(word, [])
            ]
            for word in OUTCOMES
        },
        "renewed": [
            as_json(hold, zone, names.get(hold.contact_key, "")) for hold in report.renewed
        ],
        "digests": [
            {"state": digest.word, "title": digest.title, "day": digest.day.isoformat()}
            for digest in report.digests
        ],
        "made": (
            {"account": report.made.account, "calendar": report.made.name} if report.made else None
        ),
        "waiting": [
            {"contact": names[waiting.contact_key], "code": waiting.code, "reason": waiting.reason}
            for waiting in report.waiting
        ],
        "addressbooks": [
            {
                "name": reading.name,
                "state": reading.state,
                "message": reading.message,
                "books": list(reading.books),
                "changed": reading.changed,
                "requests": reading.requests,
            }
            for reading in report.books
        ],
        "problems": [
            {"account": account, "calendar": calendar, "uid": problem.uid, "reason": problem.reason}
            for account, calendar, problem in report.problems
        ],
        "free_busy": [
            {"account": account or None, "message": message} for account, message in report.unasked
        ],
        "message": report.not_writable,
    }
