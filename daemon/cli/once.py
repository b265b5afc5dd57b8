"""`fikad once`: one pass, now."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

import click

from daemon.cli.console import tell
from daemon.cli.options import Paths, clock, command, json_option, print_json
from daemon.cli.progress import reading_progress
from daemon.durations import at_time, counted, on_day
from daemon.polling.short import NOTHING_NEW

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daemon.config.schema import Config
    from daemon.cycle.report import Report

_MOST_WAITING = 5


@command(
    "once", help="Read the calendars, settle what became of holds, and propose new ones, once."
)
@click.option("--dry-run", is_flag=True, help="Write nothing anywhere; show what would be done.")
@click.option("--no-plan", is_flag=True, help="Read and settle, but propose nothing new.")
@click.option(
    "--accept-empty",
    metavar="NAME",
    multiple=True,
    help="Believe that what this account or address book lists no more really is gone.",
)
@json_option
def once_command(
    paths: Paths, dry_run: bool, no_plan: bool, accept_empty: tuple[str, ...], as_json: bool
) -> int:
    """Exit code: 10 when holds cannot be written, 11 when a login failed, 12 when an account or
    an address book could not be read."""
    from daemon.overview.once import Once, once_facts

    config = paths.load() if accept_empty else None
    for name in accept_empty:
        if config is not None and name not in config.accounts and name not in config.addressbooks:
            raise click.UsageError(
                "--accept-empty names an account or an address book of your config; there is no"
                f' "{name}"'
            )
    once = Once(paths.config, paths.state, not no_plan, dry_run, accept_empty, config)
    with reading_progress() as progress:
        report = once.run(clock, progress)
    if as_json:
        print_json(once_facts(report, once.config.zone if once.config else UTC))
    else:
        print_report(report, once.config, dry_run=dry_run, asked=not no_plan)
    return exit_code(report)


def exit_code(report: Report) -> int:
    """10, 11 or 12 when something is wrong with the hold calendar, a login, or another account or
    address book; else 0."""
    states = {account.state for account in report.readings}
    states = states.union(book.state for book in report.books) - {"ok"}
    if report.not_writable:
        return 10
    return 11 if states == {"auth"} else 12 if states else 0


def print_report(
    report: Report, config: Config | None, *, dry_run: bool = False, asked: bool = True
) -> None:
    """The report for a person: failures on stderr, facts on stdout. `asked`: new holds were to be
    proposed. `config` is None after a quiet poll, which has no dates to tell."""
    names = report.names
    for reading in report.readings:
        if reading.state != "ok":
            tell(
                f'fikad: account "{reading.account}" ({reading.state}): {reading.message}', err=True
            )
    for book in report.books:
        if book.state != "ok":
            tell(f'fikad: address book "{book.name}" ({book.state}): {book.message}', err=True)
    if report.not_writable:
        tell(f"fikad: {report.not_writable}", err=True)
    for account, message in report.unasked:
        whose = f' of account "{account}"' if account else ""
        tell(f"fikad: free/busy{whose}: {message}", err=True)
    if report.page_trouble:
        tell(f"fikad: page: {report.page_trouble}", err=True)
    written = config is not None and _print_written(report, config, dry_run=dry_run)
    if report.met:
        from daemon.people.contacts import joined

        last = {verdict.contact_key: verdict for verdict in report.met}
        people = joined(sorted(names[key] for key in last))
        tell(f"counted {counted(len(report.met), 'new meeting')}, with {people}", hang=2)
    for account, calendar, problem in report.problems:
        tell(f'set aside in "{calendar}" of "{account}": {problem.reason}', hang=2)
    if not written and not report.met:
        tell(NOTHING_NEW)
    if asked and not report.holds.get("proposed"):
        _print_waiting(report, names, "would be" if dry_run else "was")


def _print_written(report: Report, config: Config, *, dry_run: bool) -> bool:
    """What became of holds and of the digest, and what else was written; whether there was
    anything."""

    def was(word: str) -> str:
        return f"would be {word}" if dry_run else word

    if report.made:
        tell(f'made the calendar "{report.made.name}" in account "{report.made.account}"')
    for word, hold in report.outcomes:
        start = at_time(hold.start, config.zone, config.date_style)
        tell(f"{was(word)}: {hold.title}, {start}. {hold.reason}", hang=2)
    for hold in report.renewed:
        start = at_time(hold.start, config.zone, config.date_style)
        tell(f"{was('brought up to date')}: {hold.title}, {start}", hang=2)
    for digest in report.digests:
        day = on_day(digest.day, config.date_style)
        tell(f"digest {was(digest.word)}: {digest.title}, on {day}", hang=2)
    return bool(any(report.holds.values()) or report.renewed or report.digests or report.made)


def _print_waiting(report: Report, names: Mapping[str, str], was: str) -> None:
    """Why nobody was proposed: those who could be, and what keeps each of them waiting."""
    if not report.complete:
        tell(f"nobody {was} suggested: this waits until every account can be read")
    elif report.not_writable:
        tell(f"nobody {was} suggested: holds cannot be written")
    elif not names:
        tell(
            f"nobody {was} suggested: your config names no contacts; `fikad discover` shows whom "
            "you meet"
        )
    else:
        tell(f"nobody {was} suggested:")
        for waiting in report.waiting[:_MOST_WAITING]:
            tell(f"  {names[waiting.contact_key]}: {waiting.reason}", hang=2)
        if len(report.waiting) > _MOST_WAITING:
            tell(
                f"  … and {len(report.waiting) - _MOST_WAITING} more; `fikad why NAME` tells why "
                "for anybody"
            )
