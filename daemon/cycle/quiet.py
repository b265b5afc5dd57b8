"""A poll that found nothing: what it reports, as a pass would have."""

from __future__ import annotations

from datetime import datetime

from daemon.address_books.book_reading import BookReading
from daemon.cycle.account_reading import AccountReading
from daemon.cycle.report import Report
from daemon.cycle.tracing import trace_reading
from daemon.polling.asking import Asking


def quiet_report(asking: Asking, now: datetime) -> Report:
    """What to tell of a poll in which everybody was asked and nobody had news; recorded as read
    well at `now`. Raises LedgerError."""
    asking.record(now)
    report, ledger = Report(), asking.ledger
    for name, account in asking.accounts.items():
        stored = {} if ledger is None else ledger.calendars(name)
        listed = account.calendars(now)  # as it was asked
        names = tuple(calendar.name for calendar in listed if calendar.id in stored)
        reading = AccountReading(name, "ok", "", names, 0, account.requests)
        trace_reading(reading)
        report.note_reading(reading)
    for name, address_book in asking.books.items():
        known = {} if ledger is None else ledger.books(name)
        books = address_book.books(now)
        names = tuple(book.name for book in books if book.id in known)
        report.books.append(BookReading(name, "ok", "", names, 0, address_book.requests))
    report.problems = [] if ledger is None else ledger.problems()
    return report
