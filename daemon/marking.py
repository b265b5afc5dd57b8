"""The mark that a pass leaves for quiet polls, from its report and the config."""

from __future__ import annotations

from pathlib import Path

from daemon.config.schema import Config
from daemon.cycle.report import Report
from daemon.ledger.ledger import Ledger
from daemon.opening import access_of, book_access_of
from daemon.planning.agenda import timetable
from daemon.polling.access import Access, access_from
from daemon.polling.mark import Asked, Propose, QuietMark, listing_of_books, save_mark
from daemon.polling.timetables import timetable_json


def leave_mark(
    ledger: Ledger, config: Config, report: Report, propose: Propose, path: Path, text: str | None
) -> None:
    """After a pass that found nothing to do, let the next polls ask first; after any other, let
    them be passes. `text` is that of the config at `path`, as it was before it was loaded. Raises
    LedgerError."""
    mark = None if text is None else _mark(ledger, config, report, propose, text)
    save_mark(ledger, mark, path, text or "")


def _mark(
    ledger: Ledger, config: Config, report: Report, propose: Propose, text: str
) -> QuietMark | None:
    if report.quiet is None:
        return None
    accounts, books = dict[str, Asked](), dict[str, Asked]()
    for name, entry in config.accounts.items():
        accounts[name] = Asked(access_of(name, entry), report.listings[name])
    listed = {reading.name: reading.listed for reading in report.books}
    for name in config.addressbooks:
        if name not in listed:
            return None
        books[name] = Asked(book_access_of(config, name), listing_of_books(listed[name]))
    asked = (*accounts.values(), *books.values())
    if not all(_is_found_again(each.access, text) for each in asked):
        return None
    table = timetable_json(timetable(config.rhythm, config.zone))
    return QuietMark(*report.quiet, propose, ledger.decided(), accounts, books, table)


def _is_found_again(access: Access, text: str) -> bool:
    try:
        return access_from(access.as_json(), text) == access
    except (KeyError, TypeError, ValueError):
        return False
