"""`fikad backtest`: the past weeks once more, under the present config."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from daemon.cli.options import Paths, clock, command, json_option, moment, print_json

if TYPE_CHECKING:
    from daemon.config.schema import Config
    from daemon.practice.backtest import Backtest


@command("backtest", help="Replay the past half year under the present config. Writes nothing.")
@click.option(
    "--weeks", type=click.IntRange(1, 520), default=26, show_default=True, help="How far back."
)
@click.option(
    "--ignored",
    is_flag=True,
    help="As if you had ignored every suggestion, rather than kept them all.",
)
@json_option
def backtest_command(paths: Paths, weeks: int, ignored: bool, as_json: bool) -> None:
    from daemon.ledger.ledger import ledger_view
    from daemon.practice.backtest import read_past, replay

    config = paths.load()
    now = clock()
    start = now - min(timedelta(weeks=weeks), config.history)
    with ledger_view(paths.state) as ledger:
        if not any(ledger.calendars(name) for name in config.accounts):
            raise click.ClickException(
                "no calendar has been read yet: run `fikad once --no-plan` first"
            )
        past = read_past(config, ledger, now)
    found = replay(config, past, start, now, "ignored" if ignored else "kept")
    if as_json:
        print_json(as_facts(found, config))
    else:
        _print(found, config, ignored=ignored)


def as_facts(found: Backtest, config: Config) -> dict[str, Any]:
    """The replay as JSON; times with the offset of the user's zone."""
    zone = config.zone
    return {
        "from": moment(found.start, zone),
        "until": moment(found.end, zone),
        "suggestions_a_week": round(found.a_week, 2),
        "in_touch": {
            "real": round(found.in_touch(replayed=False), 3),
            "replayed": round(found.in_touch(replayed=True), 3),
        },
        "suggestions": [
            {
                "contact": one.hold.contact_name,
                "asked": moment(one.asked_at, zone),
                "start": moment(one.hold.start, zone),
                "end": moment(one.hold.end, zone),
                "title": one.hold.title,
                "became": one.became,
                "reason": one.hold.reason,
            }
            for one in found.suggestions
        ],
        "contacts": [
            {
                "name": one.contact.name,
                "cadence_days": one.contact.cadence.days,
                "asked": one.asked,
                "dates": {"real": one.dates_real, "replayed": one.dates_replayed},
                "in_touch": {
                    "real": round(one.in_touch_real, 3),
                    "replayed": round(one.in_touch_replayed, 3),
                },
            }
            for one in found.contacts
        ],
    }


def _print(found: Backtest, config: Config, *, ignored: bool) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from connectors.sanitize import sanitize
    from daemon.cli.console import stdout_console, tell
    from daemon.durations import at_time, on_day

    for one in found.suggestions:
        style = config.date_style
        asked = on_day(one.asked_at.astimezone(config.zone).date(), style)
        start = at_time(one.hold.start, config.zone, style)
        tell(
            f"{asked}: {sanitize(one.hold.title)}, {start} ({one.became})",
            hang=2,
        )
    table = Table(box=box.SIMPLE, pad_edge=False)
    for title in ("contact", "asked", "dates: real", "replayed", "in touch: real", "replayed"):
        table.add_column(title, overflow="fold", justify="left" if title == "contact" else "right")
    for each in found.contacts:
        table.add_row(
            Text(each.contact.name),
            str(each.asked),
            str(each.dates_real),
            str(each.dates_replayed),
            f"{each.in_touch_real:.0%}",
            f"{each.in_touch_replayed:.0%}",
        )
    stdout_console().print(table)
    told = "ignored every suggestion" if ignored else "kept every suggestion"
    tell(
        f"{found.a_week:.1f} suggestions a week. Had you {told}, you would have been in touch"
        f" {found.in_touch(replayed=True):.0%} of the time; in fact it was {found.in_touch(replayed=False):.0%}."
    )
