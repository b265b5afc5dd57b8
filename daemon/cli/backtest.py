"""`fikad backtest`: the past weeks once more, under the present config."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from daemon.cli.console import print_table, tell
from daemon.cli.options import Paths, clock, command, json_option, print_json
from daemon.cli.report import outcomes_in_words
from daemon.durations import at_time, on_day

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
    from daemon.overview.backtest import backtest, backtest_facts

    config = paths.load()
    replayed = backtest(config, paths.state, weeks, clock(), "ignored" if ignored else "kept")
    if as_json:
        print_json(backtest_facts(replayed, config))
    else:
        _print(replayed, config, ignored=ignored)


def _print(replayed: Backtest, config: Config, *, ignored: bool) -> None:
    style = config.date_style
    for suggestion in replayed.suggestions:
        hold = suggestion.hold
        asked = on_day(suggestion.asked_at.astimezone(config.zone).date(), style)
        start = at_time(hold.start, config.zone, style)
        tell(f"{asked}: {hold.title}, {start} ({suggestion.became})", hang=2)
    print_table(
        ("contact", "asked", "dates: real", "replayed", "in touch: real", "replayed"),
        [
            (
                compared.contact.name,
                str(compared.asked),
                str(compared.dates_real),
                str(compared.dates_replayed),
                f"{compared.in_touch_real:.0%}",
                f"{compared.in_touch_replayed:.0%}",
            )
            for compared in replayed.contacts
        ],
        numbers=range(1, 6),
    )
    told = "ignored every suggestion" if ignored else "kept every suggestion"
    tell(
        f"{replayed.a_week:.1f} suggestions a week. Had you {told}, you would have been in touch"
        f" {replayed.in_touch(replayed=True):.0%} of the time; in fact it was "
        f"{replayed.in_touch(replayed=False):.0%}."
    )
    if replayed.outcomes.asked:
        tell(f"In fact: {_inside(outcomes_in_words(replayed.outcomes))}")


def _inside(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
