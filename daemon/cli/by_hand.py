"""What the user says by hand: `met`, `snooze`, `note`, and `undo` of it."""

from __future__ import annotations

from datetime import datetime, timedelta

import click

from daemon.cli.completion import contact_names
from daemon.cli.console import tell
from daemon.cli.options import Paths, clock, command, json_option, print_json
from daemon.config.schema import Config
from daemon.durations import at_moment, on_day

_DAY = timedelta(days=1)


@command(
    "met", help="Record that you met NAME, today or on another day, when it is in no calendar."
)
@click.argument("name", shell_complete=contact_names)
@click.option(
    "--on", "day", default="", metavar="DATE", help='The day: 2026-11-22, "12 May" or yesterday.'
)
@json_option
def met_command(paths: Paths, name: str, day: str, as_json: bool) -> None:
    from daemon.overview.by_hand import ByHand

    config = paths.load()
    now = clock()
    by_hand = ByHand(config, paths.state)
    entered = by_hand.met(name, day, now)
    if as_json:
        print_json(by_hand.facts(entered.contact, now))
        return
    tell(f"Noted: you met {entered.contact.name} on {_day(entered.when, config)}.")


@command(
    "snooze",
    help='Leave NAME alone FOR a while ("3 weeks", "3w") or until then ("until 12 Jan"); without'
    ' FOR, for as long as they rest anyway. It also ends a "never".',
)
@click.argument("name", shell_complete=contact_names)
@click.argument("how_long", metavar="[FOR]", nargs=-1)
@json_option
def snooze_command(paths: Paths, name: str, how_long: tuple[str, ...], as_json: bool) -> None:
    from daemon.overview.by_hand import ByHand

    config = paths.load()
    now = clock()
    by_hand = ByHand(config, paths.state)
    entered = by_hand.snooze(name, " ".join(how_long), now)
    if as_json:
        print_json(by_hand.facts(entered.contact, now))
        return
    until = entered.when
    told = (
        _day(until, config)
        if until - now >= _DAY
        else at_moment(until, config.zone, config.date_style)
    )
    tell(f"{entered.contact.name} is left alone until {told}.")


@command(
    "note",
    help="Write yourself a note on NAME; the next hold shows it. Without TEXT the note is shown, an"
    " empty TEXT removes it.",
)
@click.argument("name", shell_complete=contact_names)
@click.argument("text", required=False)
@json_option
def note_command(paths: Paths, name: str, text: str | None, as_json: bool) -> None:
    from daemon.overview.by_hand import ByHand

    now = clock()
    by_hand = ByHand(paths.load(), paths.state)
    contact, note = by_hand.note_on(name, now)
    if text is not None:
        by_hand.note(name, text, now)
    if as_json:
        print_json(by_hand.facts(contact, now))
    elif text is None:
        tell(note or f"There is no note on {contact.name}.")
    elif text.strip():
        tell(f"Noted for {contact.name}.")
    else:
        tell(f"The note on {contact.name} is gone.")


@command(
    "undo",
    help="Take back your last met, snooze, note or never, or the rest after a hold you dismissed;"
    " with NAME the last of that person. No hold comes back.",
)
@click.argument("name", required=False, shell_complete=contact_names)
@json_option
def undo_command(paths: Paths, name: str | None, as_json: bool) -> None:
    from daemon.overview import undoing

    config = paths.load()
    now = clock()
    taken = undoing.undo(config, paths.state, name or "", now)
    if as_json:
        print_json(undoing.facts(config, paths.state, taken, now))
        return
    who, day = taken.contact.name, _day(taken.when, config)
    match taken.word:
        case "met":
            told = f"that you met {who} on {day}"
        case "snooze":
            told = f"that {who} is to be left alone for a while, as you said on {day}"
        case "never":
            told = f"that {who} is never to be suggested, as you said on {day}"
        case "note":
            told = f"the note on {who} of {day}"
        case "rest":
            told = f"the rest of {who} after the hold you dismissed on {day}"
    tell(f"Taken back: {told}.")
    if taken.note:
        tell(f"The note before it stands again: {taken.note}")


def _day(when: datetime, config: Config) -> str:
    return on_day(when.astimezone(config.zone).date(), config.date_style)
