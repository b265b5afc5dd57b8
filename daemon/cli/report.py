"""`fikad report`: how the practice is going."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

import click

from daemon.cli.console import tell
from daemon.cli.options import Paths, clock, command, json_option, print_json
from daemon.cli.year_table import print_year
from daemon.durations import counted, on_day
from daemon.people.contacts import joined

if TYPE_CHECKING:
    from daemon.config.schema import Config
    from daemon.languages.date_style import DateStyle
    from daemon.overview.report import Going
    from daemon.practice.outcomes import Outcomes

_ANSWERS = ("accepted", "pinned", "dismissed", "lapsed")
_MOST_NAMES = 5
_NOBODY = "You met none of your contacts in this time."


@command(
    "report",
    help="How the practice is going: weeks with a meeting, the streak,"
    " whom you keep in touch with.",
)
@click.option(
    "--weeks",
    type=click.IntRange(1, 520),
    default=26,
    show_default=True,
    help="How far back to look.",
)
@click.option(
    "--html",
    "page",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write it as a page to look at: one HTML file that needs nothing else.",
)
@click.option("--open", "shown", is_flag=True, help="Show the page in your browser.")
@click.option("--csv", "as_csv", is_flag=True, help="One row a contact and week, for spreadsheets.")
@json_option
def report_command(
    paths: Paths, weeks: int, page: Path | None, shown: bool, as_csv: bool, as_json: bool
) -> None:
    from daemon.overview.report import report, report_facts
    from daemon.practice.year_csv import year_csv

    if as_csv and (as_json or page or shown):
        raise click.UsageError(
            "--csv prints rows for a spreadsheet, --json facts, and --html and --open make a page:"
            " ask for one of them"
        )
    config = paths.load()
    if page or shown:
        _write_page(config, paths, page, shown=shown, as_json=as_json)
        return
    going = report(config, paths.state, weeks, clock())
    if as_csv:
        click.echo(year_csv(going.year), nl=False)
    elif as_json:
        print_json(report_facts(going))
    else:
        _print(going, config.date_style)


def _write_page(
    config: Config, paths: Paths, file: Path | None, *, shown: bool, as_json: bool
) -> None:
    from daemon.overview.report import report_page

    if as_json:
        raise click.UsageError("--json prints facts and --html writes a page: ask for one of them")
    written = report_page(config, paths.state, file, clock())
    tell(f"The page is {written}")
    if shown and not webbrowser.open(written.as_uri()):
        tell("No browser could be started: open that file in one.")


def _print(going: Going, style: DateStyle) -> None:
    practice, answers = going.practice, going.answers
    weeks = len(practice.weeks)
    span = (
        "This week" if weeks == 1 else f"In {practice.weeks_with_a_date} of the last {weeks} weeks"
    )
    meetings = counted(practice.dates, "meeting")
    tell(f"{span} you met somebody; {meetings} in all." if practice.dates else _NOBODY)
    longest = counted(practice.longest, "week")
    longer = (
        f"; the longest in this time was {longest}" if practice.longest > practice.streak else ""
    )
    tell(f"Streak: {counted(practice.streak, 'week')}{longer}.")
    if going.year.people:
        tell()
        print_year(going.year)
        tell()
    for kept in practice.circles:
        late = list(kept.overdue[:_MOST_NAMES])
        if len(kept.overdue) > _MOST_NAMES:
            late.append(f"{len(kept.overdue) - _MOST_NAMES} more")
        told = f"; overdue: {joined(late)}" if late else ""
        circle = kept.circle or "no circle"
        tell(f"{circle}: {kept.within} of {kept.people} met within their cadence{told}")
    if practice.birthdays:
        days = (f"{name} ({on_day(day, style)})" for day, name in practice.birthdays)
        tell(f"Birthdays: {', '.join(days)}", hang=2)
    if practice.outcomes.asked:
        tell(outcomes_in_words(practice.outcomes), hang=2)
    given = [f"{answers[answer]} {answer}" for answer in _ANSWERS if answers.get(answer)]
    if given:
        tell(f"Suggestions: {', '.join(given)}")


def outcomes_in_words(became: Outcomes) -> str:
    """How many holds asked, how many of them the user said yes to, and what came of those."""
    told = f"You said yes to {became.said_yes} of {counted(became.asked, 'suggestion')}"
    if not became.said_yes:
        return f"{told}."
    dates = "date" if became.kept == 1 else "dates"
    ahead = f", {became.ahead} {'lies' if became.ahead == 1 else 'lie'} ahead"
    return f"{told}: {became.kept} {dates} took place{ahead if became.ahead else ''}."
