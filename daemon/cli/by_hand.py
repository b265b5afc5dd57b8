"""What the user says by hand: `met`, `snooze`, `note`."""

from __future__ import annotations

from datetime import datetime, timedelta

import click

from daemon.cli.completion import contact_names
from daemon.cli.console import tell
from daemon.cli.options import Paths, clock, command, json_option, print_json
from daemon.durations import at_moment, on_day, parse_duration

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
    from daemon.overview.by_hand import ByHand

    config = paths.load()
    now = clock()
    if day is not None and day.date() > now.astimezone(config.zone).date():
        raise click.UsageError("--on is in the future: `met` is for meetings that took place")
    by_hand = ByHand(config, paths.state)
    entered = by_hand.met(name, day.date() if day else None, now)
    if as_json:
        print_json(by_hand.facts(entered.contact, now))
        return
    told = on_day(entered.when.astimezone(config.zone).date(), config.date_style)
    tell(f"Noted: you met {entered.contact.name} on {told}.")


@command(
    "snooze",
    help='Leave NAME alone FOR a while ("3 weeks"); without FOR, for as long as they rest anyway.'
    ' It also ends a "never".',
)
@click.argument("name", shell_complete=contact_names)
@click.argument("duration", metavar="[FOR]", nargs=-1)
@json_option
def snooze_command(paths: Paths, name: str, duration: tuple[str, ...], as_json: bool) -> None:
    from daemon.overview.by_hand import ByHand

    config = paths.load()
    span = None
    if duration:
        try:
            span = parse_duration(" ".join(duration))
        except ValueError as error:
            raise click.UsageError(f'"{" ".join(duration)}" {error}') from None
    now = clock()
    by_hand = ByHand(config, paths.state)
    entered = by_hand.snooze(name, span, now)
    if as_json:
        print_json(by_hand.facts(entered.contact, now))
        return
    until, style = entered.when, config.date_style
    told = (
        on_day(until.astimezone(config.zone).date(), style)
        if until - now >= _DAY
        else at_moment(until, config.zone, style)
    )
    tell(f"{entered.contact.name} is left alone until {told}.")


@command(
    "note", help="Write yourself a note on NAME; the next hold shows it. An empty TEXT removes it."
)
@click.argument("name", shell_complete=contact_names)
@click.argument("text")
@json_option
def note_command(paths: Paths, name: str, text: str, as_json: bool) -> None:
    from daemon.overview.by_hand import ByHand

    now = clock()
    by_hand = ByHand(paths.load(), paths.state)
    contact = by_hand.note(name, text, now).contact
    if as_json:
        print_json(by_hand.facts(contact, now))
        return
    tell(f"Noted for {contact.name}." if text.strip() else f"The note on {contact.name} is gone.")
