"""One pass, now, and what came of it: what `fikad once` does and tells. Where nothing is to be
planned, everybody is asked first, and what a pass needs is loaded only if there is one."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any

from daemon.cycle.quiet import quiet_report
from daemon.cycle.report import OUTCOMES, Report
from daemon.ledger.lock import locked
from daemon.ledger.store import ledger_path
from daemon.polling.asking import Asking
from daemon.polling.prints import config_text
from daemon.polling.shortening import allow_short

if TYPE_CHECKING:
    from daemon.config.schema import Config
    from daemon.cycle.reading import Progress
    from daemon.holds.record import Hold


@dataclass(slots=True)
class Once:
    """One pass over the accounts of a config, and what it is asked to do."""

    path: Path
    """The config file."""
    state: Path
    """The folder of the ledger, which is locked meanwhile."""
    plan: bool = True
    """Whether new holds are proposed."""
    dry_run: bool = False
    """Nothing is written anywhere, the ledger included."""
    accept_empty: Collection[str] = ()
    """Accounts, and address books, of which it is believed that what they list no more is gone."""
    config: Config | None = None
    """Where it was loaded already. After `run` None only where no pass was needed."""

    def run(self, clock: Callable[[], datetime], progress: Progress) -> Report:
        """`clock` gives the time, aware. Raises ConfigError, LedgerError, RefusedError when another
        fikad is at work."""
        with ExitStack() as stack:
            asking = None
            if self._may_be_quiet():
                stack.enter_context(locked(self.state))
                asking = Asking(self.path, self.path, self.state)
                stack.callback(asking.close)
                now = clock()
                if asking.finds_nothing("none", now):
                    report = quiet_report(asking, now)
                    allow_short(asking, once_facts(report, UTC))
                    return report
            return self._pass(stack, asking, clock, progress)

    def _may_be_quiet(self) -> bool:
        """Whether there is a ledger, and nothing is asked for that only a pass can do."""
        special = self.plan or self.dry_run or self.accept_empty
        return not special and ledger_path(self.state).exists()

    def _pass(
        self,
        stack: ExitStack,
        asking: Asking | None,
        clock: Callable[[], datetime],
        progress: Progress,
    ) -> Report:
        from daemon.config.schema import load
        from daemon.cycle.cycle import PassOptions, run_pass
        from daemon.ledger.ledger import open_ledger, scratch_copy
        from daemon.marking import leave_mark
        from daemon.opening import book_opener, opener
        from daemon.page.renewing import keep_page

        text = config_text(self.path)
        self.config = config = self.config or load(self.path)
        options = PassOptions(
            "all" if self.plan else "none", frozenset(self.accept_empty), self.dry_run
        )
        if asking is None and not self.dry_run:
            stack.enter_context(locked(self.state))
        ledger = stack.enter_context(
            scratch_copy(self.state) if self.dry_run else open_ledger(self.state)
        )
        accounts, books = opener(config, ledger), book_opener(config, ledger)
        if asking is not None:
            accounts, books = asking.opener(accounts), asking.book_opener(books)
        report = run_pass(config, ledger, accounts, clock, options, progress, book_opener=books)
        if not self.dry_run:
            keep_page(config, ledger, report, clock(), self.path)
        leave_mark(ledger, config, report, options.propose, self.path, text)
        return report


def once_facts(report: Report, zone: tzinfo) -> dict[str, Any]:
    """The report as JSON; times with the offset of the user's `zone`, of which there are none after
    a quiet poll."""
    from daemon.durations import iso_time

    names = report.names
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
        "holds": _hold_facts(report, zone),
        "renewed": [_hold_fact(report, hold, zone) for hold in report.renewed],
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


def _hold_facts(report: Report, zone: tzinfo) -> dict[str, list[dict[str, Any]]]:
    facts: dict[str, list[dict[str, Any]]] = {word: [] for word in OUTCOMES}
    for word, hold in report.outcomes:
        facts[word].append(_hold_fact(report, hold, zone))
    return facts


def _hold_fact(report: Report, hold: Hold, zone: tzinfo) -> dict[str, Any]:
    from daemon.holds.record import as_json

    return as_json(hold, zone, report.names.get(hold.contact_key, ""))
