"""A whole pass: read, settle, and propose what is due."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from connectors.address_book import AddressBookAccount
from connectors.base import Account
from connectors.errors import CredentialsError, UnreachableError
from daemon.config.schema import Config
from daemon.cycle.books import BookOpener
from daemon.cycle.cycle import PassOptions, run_pass
from daemon.cycle.report import Report
from daemon.cycle.time_limits import with_book_limits, with_time_limits
from daemon.durations import at_time
from daemon.ledger.ledger import open_ledger
from daemon.marking import leave_mark
from daemon.opening import book_opener, opener
from daemon.page.renewing import keep_page
from daemon.planning.agenda import timetable
from daemon.polling.asking import Asking
from daemon.polling.prints import config_text
from daemon.service.job import AccountResult, Job, Result, of_book
from daemon.service.jobs.config_in_force import config_of
from daemon.service.jobs.sharing import share_seconds
from daemon.service.last_runs import record_runs
from daemon.service.secret_stores import SecretStores

_NEWS_SINCE = timedelta(weeks=2)
"""Meetings are told when they are no older: after a first reading there are years of them."""


def do_whole_pass(job: Job, asking: Asking) -> Result:
    """Propose all that the rhythm allows when planning is due, else in place of lost holds only.
    What was asked already is not asked again; the state folder is locked. Raises ConfigError,
    LedgerError."""
    text = config_text(Path(job.kept)) if job.kept else None
    config, state, due = config_of(job), Path(job.state), datetime.fromisoformat(job.due)
    table = timetable(config.rhythm, config.zone)
    # Not copied: whoever was asked already writes to the very same.
    sessions = {
        name: session
        for name, session in job.sessions.items()
        if name in config.accounts or name in config.addressbooks
    }
    planning = "plan" in job.tasks
    stores = SecretStores(config)
    everybody = {*config.accounts, *map(of_book, config.addressbooks)}
    share = share_seconds(len(everybody - job.left_alone.keys()))
    options = PassOptions("all" if planning else "lost")
    with open_ledger(state) as ledger:
        limited = with_time_limits(opener(config, ledger, sessions), all_seconds=share)
        opened = _without(job, stores.watching(asking.opener(limited)))
        limited_books = with_book_limits(book_opener(config, ledger, sessions), all_seconds=share)
        books = asking.book_opener(limited_books)
        report = run_pass(
            config,
            ledger,
            opened,
            _now,
            options,
            book_opener=_without_books(job, config, stores.watching_books(books)),
        )
        keep_page(config, ledger, report, _now(), Path(job.kept or job.config))
        leave_mark(ledger, config, report, options.propose, Path(job.config), text)
        planned = planning and _has_planned(report, config)
        last_runs = record_runs(ledger, table, ("poll", "plan") if planned else ("poll",), due)
    return Result(
        timetable=table,
        last_runs=last_runs,
        accounts=tuple(_results(report, stores)),
        planned=planned,
        proposed=len(report.holds.get("proposed", ())),
        news=tuple(news_of(report, config)),
        not_writable=report.not_writable,
        page_trouble=report.page_trouble,
        set_aside=len(report.problems),
        sessions=sessions,
    )


def _results(report: Report, stores: SecretStores) -> Iterator[AccountResult]:
    """How every account and every address book fared."""
    for reading in report.readings:
        name = reading.account
        yield AccountResult(name, reading.state, reading.message, name in stores.failed)
    for book in report.books:
        name = of_book(book.name)
        yield AccountResult(name, book.state, book.message, name in stores.failed)


def _has_planned(report: Report, config: Config) -> bool:
    """Whether this was the plan that was due. One that could not happen, or not to its end, stays
    due."""
    return not config.accounts or (report.planned and report.complete and not report.not_writable)


def _without(job: Job, opener: Callable[[str], Account]) -> Callable[[str], Account]:
    """Accounts that failed lately and are left alone fail again as before, without being asked."""

    def open_named(name: str) -> Account:
        _demand_wanted(job, name)
        return opener(name)

    return open_named


def _without_books(job: Job, config: Config, opener: BookOpener) -> BookOpener:
    """The same for address books. One that shares the login of such an account is left alone with
    it."""

    def open_named(name: str) -> AddressBookAccount:
        _demand_wanted(job, of_book(name))
        _demand_wanted(job, config.addressbooks[name].shared_account or "")
        return opener(name)

    return open_named


def _demand_wanted(job: Job, name: str) -> None:
    if name in job.left_alone:
        state, message = job.left_alone[name]
        raise (CredentialsError if state == "auth" else UnreachableError)(message)


def news_of(report: Report, config: Config) -> Iterator[str]:
    """What happened, in words of the config: titles may be strangers' or the user's own, and stay
    out of logs."""
    names = {key: name for key, name in report.names.items() if key not in report.silent}
    for word, holds in report.holds.items():
        for hold in holds:
            name = names.get(hold.contact_key, "somebody")
            start = at_time(hold.start, config.zone, config.date_style)
            yield f"hold {word}: {name}, {start}"
    for account, message in report.unasked:
        yield f"free/busy{f' of {account}' if account else ''}: {message}"
    since = _now() - _NEWS_SINCE
    for met in report.met:
        if met.occurrence.end >= since:
            start = at_time(met.occurrence.start, config.zone, config.date_style)
            yield f"met: {names[met.contact_key]}, {start}"


def _now() -> datetime:
    return datetime.now(UTC)
