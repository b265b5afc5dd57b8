"""`fikad once`: one pass, now."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import click

from daemon.cli.options import Paths, clock, command, json_option, print_json
from daemon.durations import iso_time

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daemon.config.schema import Config
    from daemon.cycle.report import Report

WORDS = ("proposed", "moved", "withdrawn", "accepted", "pinned", "dismissed", "lapsed", "missed")
"""What can become of a hold in a pass, in the order in which it is told."""
_MOST_WAITING = 5


@command(
    "once", help="Read the calendars, settle what became of holds, and propose new ones, once."
)
@click.option("--dry-run", is_flag=True, help="Write nothing anywhere; show what would be done.")
@click.option("--no-plan", is_flag=True, help="Read and settle, but propose nothing new.")
@click.option(
    "--accept-empty",
    metavar="ACCOUNT",
    multiple=True,
    help="Believe that this account's calendars really are empty.",
)
@json_option
def once_command(
    paths: Paths, dry_run: bool, no_plan: bool, accept_empty: tuple[str, ...], as_json: bool
) -> int:
    """Exit code: 10 when holds cannot be written, 11 when a login failed, 12 when an account could
    not be read."""
    from daemon.cli.progress import reading_progress
    from daemon.cycle.cycle import PassOptions, run_pass
    from daemon.ledger.ledger import open_ledger, scratch_copy
    from daemon.ledger.lock import locked
    from daemon.opening import opener

    config = paths.load()
    for name in accept_empty:
        if name not in config.accounts:
            raise click.UsageError(
                f'--accept-empty names an account of your config; there is no "{name}"'
            )
    options = PassOptions("none" if no_plan else "all", frozenset(accept_empty), dry_run)
    with ExitStack() as stack:
        if not dry_run:
            stack.enter_context(locked(paths.state))
        ledger = stack.enter_context(
            scratch_copy(paths.state) if dry_run else open_ledger(paths.state)
        )
        progress = stack.enter_context(reading_progress())
        report = run_pass(config, ledger, opener(config, ledger), clock, options, progress)
    if as_json:
        print_json(as_facts(report, config))
    else:
        print_report(report, config, dry_run=dry_run, asked=not no_plan)
    return exit_code(report)


def exit_code(report: Report) -> int:
    """10, 11 or 12 when something is wrong with the hold calendar, a login or another account; else
    0."""
    states = {reading.state for reading in report.readings} - {"ok"}
    if report.not_writable:
        return 10
    return 11 if states == {"auth"} else 12 if states else 0


def as_facts(report: Report, config: Config) -> dict[str, Any]:
    """The report as JSON; times with the offset of the user's zone."""
    from daemon.holds.transition import as_json as hold_as_json

    names = {contact.key: contact.name for contact in config.people}
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
            word: [hold_as_json(hold, zone) for hold in report.holds.get(word, [])]
            for word in WORDS
        },
        "waiting": [
            {"contact": names[waiting.contact_key], "code": waiting.code, "reason": waiting.reason}
            for waiting in report.waiting
        ],
        "problems": [
            {"account": account, "calendar": calendar, "uid": problem.uid, "reason": problem.reason}
            for account, calendar, problem in report.problems
        ],
        "message": report.not_writable,
    }


def print_report(
    report: Report, config: Config, *, dry_run: bool = False, asked: bool = True
) -> None:
    """The report for a person: failures on stderr, facts on stdout. `asked`: new holds were to be
    proposed."""
    from daemon.cli.console import tell
    from daemon.durations import at_time, counted
    from daemon.people.contacts import joined

    names = {contact.key: contact.name for contact in config.people}
    for reading in report.readings:
        if reading.state != "ok":
            tell(
                f'fikad: account "{reading.account}" ({reading.state}): {reading.message}', err=True
            )
    if report.not_writable:
        tell(f"fikad: {report.not_writable}", err=True)
    for word in WORDS:
        for hold in report.holds.get(word, []):
            told = f"would be {word}" if dry_run else word
            tell(
                f"{told}: {hold.title}, {at_time(hold.start, config.zone, config.date_style)}. {hold.reason}",
                hang=2,
            )
    if report.met:
        last = {verdict.contact_key: verdict for verdict in report.met}
        people = joined(sorted(names[key] for key in last))
        tell(f"counted {counted(len(report.met), 'new meeting')}, with {people}", hang=2)
    for account, calendar, problem in report.problems:
        tell(f'set aside in "{calendar}" of "{account}": {problem.reason}', hang=2)
    if not any(report.holds.values()) and not report.met:
        tell("nothing new")
    if asked and not report.holds.get("proposed"):
        _print_waiting(report, names, "would be" if dry_run else "was")


def _print_waiting(report: Report, names: Mapping[str, str], was: str) -> None:
    """Why nobody was proposed: those who could be, and what keeps each of them waiting."""
    from daemon.cli.console import tell

    if not report.complete:
        tell(f"nobody {was} suggested: this waits until every account can be read")
    elif report.not_writable:
        tell(f"nobody {was} suggested: holds cannot be written")
    elif not names:
        tell(
            f"nobody {was} suggested: your config names no contacts; `fikad discover` shows whom you meet"
        )
    else:
        tell(f"nobody {was} suggested:")
        for waiting in report.waiting[:_MOST_WAITING]:
            tell(f"  {names[waiting.contact_key]}: {waiting.reason}", hang=2)
        if len(report.waiting) > _MOST_WAITING:
            tell(
                f"  … and {len(report.waiting) - _MOST_WAITING} more; `fikad why NAME` tells why for anybody"
            )
