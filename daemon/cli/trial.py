"""`fikad try FILE.ics`: who was taken for you, whom you meet, who has gone quiet, what would be
suggested."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.text import Text

from connectors.base import Problem
from connectors.sanitize import sanitize
from daemon.cli.console import stdout_console, tell
from daemon.cli.options import Paths, clock, command, json_option, print_json
from daemon.cli.people_table import print_people
from daemon.config.schema import built_in_occasions
from daemon.durations import ago, at_time, counted, iso_time
from daemon.languages.language import shipped
from daemon.overview.people import person_facts as person

if TYPE_CHECKING:
    from rich.console import Console

    from daemon.discovery.addresses import Guess
    from daemon.practice.trial import Trial

_LARGE_BYTES = 5_000_000
"""Taking such a file apart takes a while in which there is no progress to show."""
_MOST_PEOPLE = 30
_MOST_PROBLEMS = 5


@command(
    "try",
    help="Look at an export (.ics, or a .zip of them): whom you meet, who has gone quiet, what "
    "fikad would suggest.",
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--me", multiple=True, metavar="ADDRESS", help="Your own address; may be given several times."
)
@click.option(
    "--language",
    "languages",
    multiple=True,
    metavar="CODE",
    help='A language of the titles, as "de"; may be given several times. [default: as they look]',
)
@click.option(
    "--weeks",
    type=click.IntRange(1, 52),
    default=2,
    show_default=True,
    help="How far ahead to suggest.",
)
@json_option
def try_command(
    paths: Paths,
    file: Path,
    me: tuple[str, ...],
    languages: tuple[str, ...],
    weeks: int,
    as_json: bool,
) -> None:
    """Writes nothing anywhere. Exit code 12 when the file cannot be read."""
    from daemon.cli.progress import reading_progress
    from daemon.practice.trial import read_export, try_out

    now = clock()
    addresses = tuple(_address(one) for one in me)
    codes = tuple(map(_language, languages))
    if sys.stderr.isatty() and file.is_file() and file.stat().st_size > _LARGE_BYTES:
        tell(f"Reading {file.name} …", err=True)
    with reading_progress() as progress:
        export = read_export(file, now, timedelta(weeks=weeks), progress)
    trial = try_out(export, addresses, weeks, now, codes)
    if as_json:
        print_json({"file": str(file), **as_facts(trial)})
    else:
        print_trial(file, trial)


def _address(written: str) -> str:
    from daemon.bad_value import BadValue
    from daemon.config.values import parse_email

    try:
        return parse_email(written)
    except BadValue as error:
        raise click.UsageError(f'--me "{written}" {error}: {error.hint}') from None


def _language(written: str) -> str:
    from daemon.bad_value import BadValue
    from daemon.config.values import parse_language

    try:
        return parse_language(written)
    except BadValue as error:
        raise click.UsageError(f'--language "{written}" {error}: {error.hint}') from None


def as_facts(trial: Trial) -> dict[str, Any]:
    """What was found as JSON; times with the offset of the calendar's zone."""
    zone = trial.export.zone
    return {
        "calendar": trial.export.name,
        "timezone": zone.key,
        "events": trial.export.events,
        "me": {
            "addresses": list(trial.me.addresses),
            "reason": trial.me.reason,
            "unsure": trial.me.unsure,
        },
        "languages": list(trial.languages),
        "people": [person(one, zone) for one in trial.people],
        "gone_quiet": [one.name for one in trial.people if one.trend == "gone quiet"],
        "holds": [
            {
                "contact": one.contact.name,
                "start": iso_time(one.slot.start, zone),
                "end": iso_time(one.slot.end, zone),
                "title": _title(one.occasion, one.contact.name, trial.language),
                "reason": f"{one.reason} {one.slot_reason}",
            }
            for one in trial.plan.proposals
        ],
        "waiting": [
            {"contact": trial.names[one.contact_key], "code": one.code, "reason": one.reason}
            for one in trial.plan.waiting
        ],
        "nearly_counted": [asdict(one) for one in trial.nearly],
        "problems": [{"uid": one.uid, "reason": one.reason} for one in trial.export.problems],
    }


def _title(occasion: str, name: str, language: str) -> str:
    return built_in_occasions(language)[occasion].title.replace("{name}", name)


def print_trial(file: Path, trial: Trial) -> None:
    """What was found, for a person. Texts from the calendar are inert."""
    from daemon.discovery.languages import in_words

    to = stdout_console()
    to.print(
        Text(
            f"{sanitize(file.name)}: {counted(trial.export.events, 'event')}, times in "
            f"{trial.export.zone.key}."
        )
    )
    to.print(Text(_whose(trial.me)))
    if trial.guessed and (looks := in_words(trial.languages)):
        to.print(Text(looks))
    if trial.people:
        to.print()
        to.print(
            Text(
                f"People you met one-on-one in the last three years ({len(trial.people)}):",
                style="bold",
            )
        )
        print_people(trial.people, trial.now, trial.export.zone, most=_MOST_PEOPLE)
        _print_quiet(to, trial)
        _print_plan(to, trial)
    else:
        to.print(Text(_nobody(trial)))
    for nearly in trial.nearly:
        to.print()
        to.print(Text(f"{nearly.why} {nearly.advice}"))
    _print_problems(to, trial.export.problems)
    to.print()
    to.print(Text("Nothing was written anywhere. To set fikad up, run `fikad init`."))


def _whose(me: Guess) -> str:
    if not me.addresses:
        return f"{me.reason} If an address of yours is in it, give it with --me ADDRESS."
    advice = ""
    if not me.reason.startswith("You said so"):
        advice = " Somebody else takes part as often: if this is" if me.unsure else " If this is"
        advice += " not you, run again with --me ADDRESS."
    return f"Taken for you: {', '.join(me.addresses)}. {me.reason}{advice}"


def _nobody(trial: Trial) -> str:
    if not trial.export.occurrences:
        return (
            "There is no event in the last three years or ahead:"
            " is this the right file, and a recent export?"
        )
    nobody = "No completed one-on-one was found in the last three years."
    if advice := _unread(trial):
        return f"{nobody} {advice}"
    if trial.me.addresses:
        return f"{nobody} Is the address above yours? If not, run again with --me ADDRESS."
    return (
        f"{nobody} Where nobody is invited, the title has to name one person beside a word for a"
        ' meeting, such as "Coffee with Jane". Are your titles in another language? Give it with'
        f" --language: {', '.join(shipped())}."
    )


def _unread(trial: Trial) -> str:
    """What to do when the titles look to be in languages that were not read; "" when they don't."""
    from daemon.discovery.languages import guess_languages, in_words

    guessed = guess_languages(one.title for one in trial.export.occurrences)
    if {"en", *trial.languages}.issuperset(guessed):
        return ""
    options = " ".join(f"--language {code}" for code in guessed)
    return f"{in_words(guessed)} Run again with {options}."


def _print_quiet(to: Console, trial: Trial) -> None:
    quiet = [one for one in trial.people if one.trend == "gone quiet"]
    to.print()
    if not quiet:
        to.print(Text("Nobody has gone quiet."))
        return
    to.print(Text("Gone quiet:", style="bold"))
    for one in quiet[:_MOST_PEOPLE]:
        to.print(
            Text(
                f"  {one.name}, last met {ago(one.last_met, trial.now, trial.export.zone)}. "
                f"{one.why}"
            )
        )


def _print_plan(to: Console, trial: Trial) -> None:
    weeks = "week" if trial.weeks == 1 else f"{trial.weeks} weeks"
    to.print()
    if not trial.plan.proposals:
        to.print(Text(f"In the next {weeks} fikad would suggest nothing:", style="bold"))
        for reason in dict.fromkeys(one.reason for one in trial.plan.waiting[:3]):
            to.print(Text(f"  {reason}"))
        return
    to.print(
        Text(
            f"In the next {weeks} fikad would pencil in (one a week, Monday to Friday):",
            style="bold",
        )
    )
    for one in sorted(trial.plan.proposals, key=lambda proposal: proposal.slot.start):
        title = _title(one.occasion, one.contact.name, trial.language)
        to.print(Text(f"  {at_time(one.slot.start, trial.export.zone)}  {title}  {one.reason}"))


def _print_problems(to: Console, problems: Sequence[Problem]) -> None:
    if not problems:
        return
    to.print()
    to.print(Text(f"Set aside ({len(problems)}):", style="bold"))
    reasons = Counter(sanitize(one.reason, 200) for one in problems).most_common()
    for reason, times in reasons[:_MOST_PROBLEMS]:
        to.print(Text(f"  {f'{times} times: ' if times > 1 else ''}{reason}"))
    if len(reasons) > _MOST_PROBLEMS:
        to.print(
            Text(f"  … and {len(reasons) - _MOST_PROBLEMS} other reasons; --json lists them all.")
        )
