"""Trying calendars that were exported or are published: reading them, and showing what is there."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import click
from rich.console import Console
from rich.text import Text

from connectors.base import Problem
from connectors.sanitize import sanitize
from daemon.bad_value import BadValue
from daemon.cli.console import stdout_console, tell
from daemon.cli.options import clock, print_json
from daemon.cli.people_table import print_people
from daemon.cli.progress import reading_progress
from daemon.config.values import parse_email, parse_language
from daemon.discovery.addresses import Guess
from daemon.discovery.languages import guess_languages, in_words
from daemon.durations import ago, at_time, counted
from daemon.languages.language import shipped
from daemon.overview.trial import hold_title, trial_facts
from daemon.practice.exports import ExportSource, read_exports, source_of
from daemon.practice.trial import Trial, try_out

_LARGE_BYTES = 5_000_000
"""Taking such a file apart takes a while in which there is no progress to show."""
_MOST_PEOPLE = 30
_MOST_PROBLEMS = 5


@dataclass(frozen=True, slots=True)
class TrialRequest:
    """What the command was given."""

    sources: tuple[str, ...]
    me: tuple[str, ...]
    languages: tuple[str, ...]
    weeks: int


def try_sources(wanted: TrialRequest, *, as_json: bool) -> None:
    """Read everything, and show what fikad would make of it. Raises click.UsageError,
    AccountError."""
    now = clock()
    addresses = tuple(_address(written) for written in wanted.me)
    codes = tuple(_language(written) for written in wanted.languages)
    sources = [_source(written) for written in wanted.sources]
    if sys.stderr.isatty():
        for source in sources:
            if source.size_bytes > _LARGE_BYTES:
                tell(f"Reading {source.shown} …", err=True)
    with reading_progress() as progress:
        export = read_exports(sources, now, timedelta(weeks=wanted.weeks), progress)
    trial = try_out(export, addresses, wanted.weeks, now, codes)
    if as_json:
        files = [source.whole for source in sources]
        print_json({"file": ", ".join(files), "files": files, **trial_facts(trial)})
    else:
        print_trial(", ".join(source.shown for source in sources), trial)


def _source(written: str) -> ExportSource:
    try:
        return source_of(written)
    except BadValue as error:
        raise click.UsageError(f"what was given to try {error}: {error.hint}") from None


def _address(written: str) -> str:
    try:
        return parse_email(written)
    except BadValue as error:
        raise click.UsageError(f'--me "{written}" {error}: {error.hint}') from None


def _language(written: str) -> str:
    try:
        return parse_language(written)
    except BadValue as error:
        raise click.UsageError(f'--language "{written}" {error}: {error.hint}') from None


def print_trial(tried: str, trial: Trial) -> None:
    """What was found, for a person. Texts from the calendar are inert."""
    to = stdout_console()
    to.print(
        Text(
            f"{sanitize(tried)}: {counted(trial.export.events, 'event')}, times in"
            f" {trial.export.zone.key}."
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
    guessed = guess_languages(occurrence.title for occurrence in trial.export.occurrences)
    if {"en", *trial.languages}.issuperset(guessed):
        return ""
    options = " ".join(f"--language {code}" for code in guessed)
    return f"{in_words(guessed)} Run again with {options}."


def _print_quiet(to: Console, trial: Trial) -> None:
    quiet = [person for person in trial.people if person.trend == "gone quiet"]
    to.print()
    if not quiet:
        to.print(Text("Nobody has gone quiet."))
        return
    to.print(Text("Gone quiet:", style="bold"))
    for person in quiet[:_MOST_PEOPLE]:
        to.print(
            Text(
                f"  {person.name}, last met {ago(person.last_met, trial.now, trial.export.zone)}."
                f" {person.why}"
            )
        )


def _print_plan(to: Console, trial: Trial) -> None:
    weeks = "week" if trial.weeks == 1 else f"{trial.weeks} weeks"
    to.print()
    if not trial.plan.proposals:
        to.print(Text(f"In the next {weeks} fikad would suggest nothing:", style="bold"))
        for reason in dict.fromkeys(waiting.reason for waiting in trial.plan.waiting[:3]):
            to.print(Text(f"  {reason}"))
        return
    to.print(
        Text(
            f"In the next {weeks} fikad would pencil in (one a week, Monday to Friday):",
            style="bold",
        )
    )
    for proposal in sorted(trial.plan.proposals, key=lambda each: each.slot.start):
        title = hold_title(proposal.occasion, proposal.contact.name, trial.language)
        to.print(
            Text(f"  {at_time(proposal.slot.start, trial.export.zone)}  {title}  {proposal.reason}")
        )


def _print_problems(to: Console, problems: Sequence[Problem]) -> None:
    if not problems:
        return
    to.print()
    to.print(Text(f"Set aside ({len(problems)}):", style="bold"))
    reasons = Counter(sanitize(problem.reason, 200) for problem in problems).most_common()
    for reason, times in reasons[:_MOST_PROBLEMS]:
        to.print(Text(f"  {f'{times} times: ' if times > 1 else ''}{reason}"))
    if len(reasons) > _MOST_PROBLEMS:
        to.print(
            Text(f"  … and {len(reasons) - _MOST_PROBLEMS} other reasons; --json lists them all.")
        )
