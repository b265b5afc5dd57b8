"""`fikad init`: what you meet for and when, proposed from your own history."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import click

from daemon.bad_value import BadValue
from daemon.cli.asking import Asker
from daemon.cli.init.history import ReadHistory
from daemon.cli.options import Paths, clock
from daemon.config.schema import BUILT_IN_OCCASIONS
from daemon.discovery.usual_week import UsualOccasion, usual_week
from daemon.setup.config_writer import read_text, replace_config
from daemon.setup.first_week import (
    FirstWeek,
    habit_in_words,
    offered,
    parse_hours_for,
    parse_occasions,
    proposed_hours,
    proposed_occasions,
)
from daemon.setup.new_config import with_week
from daemon.setup.typed_hours import Hours, hours_text

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class WantedWeek:
    """What was said by options; empty is what was not."""

    occasions: str = ""
    hours: str = ""


def choose_week(paths: Paths, wanted: WantedWeek, known: ReadHistory | None, ask: Asker) -> None:
    """Ask for occasions and hours, and write them into the config that was just made. Where nobody
    is there, what was not said stays as the config has it. Raises click.UsageError,
    ConfigWriteError."""
    usual = _usual(known) if known else ()
    if usual:
        ask.say(habit_in_words(usual))
    if not (ask.someone or wanted.occasions or wanted.hours):
        if usual:
            _tell_options(usual, ask)
        return
    week = _chosen(wanted, usual if ask.someone else (), ask)
    before = read_text(paths.config)
    replace_config(paths.config, before, with_week(before, week))


def _usual(known: ReadHistory) -> tuple[UsualOccasion, ...]:
    config = known.config
    languages = (config.language,) if config.languages is None else config.languages
    return usual_week(known.meetings, config.zone, clock(), languages)


def _tell_options(usual: tuple[UsualOccasion, ...], ask: Asker) -> None:
    names = proposed_occasions(usual)
    hours = hours_text(proposed_hours(offered(names, usual)))
    ask.say(
        "Suggested is coffee, Mon-Fri 09:00-18:00. What you are used to would be --occasions "
        f'"{", ".join(names)}" --hours "{hours}".'
    )


def _chosen(wanted: WantedWeek, usual: tuple[UsualOccasion, ...], ask: Asker) -> FirstWeek:
    known = ", ".join(BUILT_IN_OCCASIONS)
    names = _said("--occasions", wanted.occasions, parse_occasions)
    if names is None:
        question = f"What would you like to be suggested? Any of {known}"
        usually = ", ".join(proposed_occasions(usual))
        names = ask.ask(question, "--occasions", parse_occasions, default=usually)
    occasions = offered(names, usual)

    def understand(text: str) -> Hours:
        return parse_hours_for(text, occasions)

    hours = _said("--hours", wanted.hours, understand)
    if hours is None:
        question = (
            "On which days and between which hours? What is in your calendar is kept free anyway"
        )
        usually = hours_text(proposed_hours(occasions))
        hours = ask.ask(question, "--hours", understand, default=usually)
    return FirstWeek(occasions, hours)


def _said(option: str, given: str, understand: Callable[[str], Answer]) -> Answer | None:
    """What an option says; None where it was not given."""
    if not given:
        return None
    try:
        return understand(given)
    except BadValue as error:
        raise click.UsageError(f"{option} {error}: {error.hint}") from None
