"""What the user says by hand: `met`, `snooze`, `note`."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

import click

from daemon.cli.completion import contact_names
from daemon.cli.console import tell
from daemon.cli.options import Paths, clock, command, json_option
from daemon.cli.standing import print_standing
from daemon.durations import at_moment, on_day

if TYPE_CHECKING:
    from datetime import date
    from zoneinfo import ZoneInfo


_DAY = timedelta(days=1)


@command(
    "met", help="Record that you met NAME, today or on another day, when it is in no calendar."
)
@click.argument("name", shell_complete=contact_names)
@click.option(
    "--on", "day", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="The day, as 2026-11-22."
)
@json_option
def met_command(paths: Paths, name: str, day: datetime | None, as_json: bool) -> None:
    from daemon.ledger.ledger import open_ledger
    from daemon.overview.naming import the_contact

    config = paths.load()
    now = clock()
    contact = the_contact(paths.contacts(config, now), name)
    when = now if day is None else min(now, _noon(day.date(), config.zone))
    if day is not None and day.date() > now.astimezone(config.zone).date():
        raise click.UsageError("--on is in the future: `met` is for meetings that took place")
    with open_ledger(paths.state) as ledger:
        ledger.add_met(contact.key, when, now)
        if as_json:
            print_standing(contact.key, config, ledger, now)
            return
    tell(
        f"Noted: you met {contact.name} on {on_day(when.astimezone(config.zone).date(), config.date_style)}."
    )


@command(
    "snooze",
    help='Leave NAME alone FOR a while ("3 weeks"); without FOR, for as long as they rest anyway.'
    ' It also ends a "never".',
)
@click.argument("name", shell_complete=contact_names)
@click.argument("duration", metavar="[FOR]", nargs=-1)
@json_option
def snooze_command(paths: Paths, name: str, duration: tuple[str, ...], as_json: bool) -> None:
    from daemon.durations import parse_duration
    from daemon.holds.cooldown import cooldown_after
    from daemon.holds.orders import LONGEST_SNOOZE
    from daemon.ledger.ledger import open_ledger
    from daemon.overview.naming import the_contact

    config = paths.load()
    now = clock()
    contact = the_contact(paths.contacts(config, now), name)
    span = cooldown_after(1, contact.cadence, config.rhythm.rest)
    if duration:
        try:
            span = parse_duration(" ".join(duration))
        except ValueError as error:
            raise click.UsageError(f'"{" ".join(duration)}" {error}') from None
    until = now + min(span, LONGEST_SNOOZE)
    with open_ledger(paths.state) as ledger:
        ledger.snooze(contact.key, until, now)
        if as_json:
            print_standing(contact.key, config, ledger, now)
            return
    local = until.astimezone(config.zone)
    style = config.date_style
    told = on_day(local.date(), style) if span >= _DAY else at_moment(until, config.zone, style)
    tell(f"{contact.name} is left alone until {told}.")


@command(
    "note", help="Write yourself a note on NAME; the next hold shows it. An empty TEXT removes it."
)
@click.argument("name", shell_complete=contact_names)
@click.argument("text")
@json_option
def note_command(paths: Paths, name: str, text: str, as_json: bool) -> None:
    from daemon.ledger.ledger import open_ledger
    from daemon.overview.naming import the_contact

    config = paths.load()
    now = clock()
    contact = the_contact(paths.contacts(config, now), name)
    with open_ledger(paths.state) as ledger:
        ledger.note(contact.key, " ".join(text.split()), now)
        if as_json:
            print_standing(contact.key, config, ledger, now)
            return
    tell(f"Noted for {contact.name}." if text.strip() else f"The note on {contact.name} is gone.")


def _noon(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(12), zone)
