"""`fikad report`: how the practice is going."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from daemon.cli.options import Paths, clock, command, json_option, print_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daemon.practice.reporting import Practice

_ANSWERS = ("accepted", "pinned", "dismissed", "lapsed")
_BARS = " ▁▂▃▄▅▆▇█"
_MOST_NAMES = 5
_NOBODY = "You met none of your contacts in this time."


@command(
    "report",
    help="How the practice is going: weeks with a meeting, the streak, whom you keep in touch with.",
)
@click.option(
    "--weeks",
    type=click.IntRange(1, 520),
    default=26,
    show_default=True,
    help="How far back to look.",
)
@json_option
def report_command(paths: Paths, weeks: int, as_json: bool) -> None:
    from daemon.ledger.ledger import ledger_view
    from daemon.practice.reporting import practice
    from daemon.situation.situation import read_situation

    config = paths.load()
    now = clock()
    with ledger_view(paths.state) as ledger:
        situation = read_situation(config, ledger, now)
    found = practice(situation.met, list(situation.standings.values()), now, config.zone, weeks)
    since = now - timedelta(weeks=weeks)
    answers = Counter[str](hold.state for hold in situation.holds if hold.created_at >= since)
    if as_json:
        print_json(as_facts(found, answers))
    else:
        _print(found, answers)


def as_facts(found: Practice, answers: Mapping[str, int]) -> dict[str, Any]:
    """The report as JSON."""
    return {
        "weeks": [{"monday": week.monday.isoformat(), "dates": week.dates} for week in found.weeks],
        "weeks_with_a_date": found.weeks_with_a_date,
        "dates": found.dates,
        "streak_weeks": found.streak,
        "longest_streak_weeks": found.longest,
        "circles": [
            {
                "circle": one.circle or None,
                "people": one.people,
                "within_cadence": one.within,
                "overdue": one.overdue,
            }
            for one in found.circles
        ],
        "holds": {answer: answers.get(answer, 0) for answer in _ANSWERS},
    }


def _print(found: Practice, answers: Mapping[str, int]) -> None:
    from rich.text import Text

    from daemon.cli.console import stdout_console
    from daemon.durations import counted
    from daemon.people.contacts import joined

    to = stdout_console()
    weeks = len(found.weeks)
    span = "This week" if weeks == 1 else f"In {found.weeks_with_a_date} of the last {weeks} weeks"
    to.print(
        Text(
            f"{span} you met somebody; {counted(found.dates, 'meeting')} in all."
            if found.dates
            else _NOBODY
        )
    )
    longest = counted(found.longest, "week")
    longer = f"; the longest in this time was {longest}" if found.longest > found.streak else ""
    to.print(Text(f"Streak: {counted(found.streak, 'week')}{longer}."))
    to.print(Text(_chart(found)[-to.width :]))
    for one in found.circles:
        circle = one.circle or "no circle"
        late = list(one.overdue[:_MOST_NAMES])
        if len(one.overdue) > _MOST_NAMES:
            late.append(f"{len(one.overdue) - _MOST_NAMES} more")
        told = f"; overdue: {joined(late)}" if late else ""
        to.print(Text(f"{circle}: {one.within} of {one.people} met within their cadence{told}"))
    if any(answers.get(answer) for answer in _ANSWERS):
        to.print(
            Text(
                "Suggestions: "
                + ", ".join(f"{answers[one]} {one}" for one in _ANSWERS if answers.get(one))
            )
        )


def _chart(found: Practice) -> str:
    """One character a week, this week last."""
    most = max((week.dates for week in found.weeks), default=0) or 1
    return "".join(_BARS[-(-week.dates * (len(_BARS) - 1) // most)] for week in found.weeks)
