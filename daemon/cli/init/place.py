"""`fikad init`: where the user is, and in which language they are written to: as the system has it,
unless they say otherwise.

All of it is written into the config, since a service runs without the locale of a terminal."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

import click

from daemon.bad_value import BadValue
from daemon.cli.asking import Asker
from daemon.config.schema import system_zone
from daemon.config.values import parse_country, parse_language
from daemon.languages.language import language
from daemon.setup.system_locale import system_country, system_language
from daemon.setup.typed_zone import parse_typed_zone


@dataclass(frozen=True, slots=True)
class Place:
    """Where the user is; as given by options, where empty is what was not."""

    timezone: str = ""
    """An IANA name."""
    language: str = ""
    """Of what fikad writes: a code."""
    country: str = ""
    """By ISO 3166, perhaps with a part; "" in the end: none."""


def find_place(given: Place, ask: Asker) -> Place:
    """The place, asked for where somebody is there. Raises click.UsageError for an option that
    makes no sense."""
    zone = _zone(given.timezone, ask)
    return Place(zone, _language(given.language, ask), _country(given.country, zone, ask))


def _zone(given: str, ask: Asker) -> str:
    """The time zone: the one given, else the system's; where that is only UTC, the user is
    asked."""
    if given:
        return _understood("--timezone", given, parse_typed_zone)
    try:
        zone = system_zone().key
    except (LookupError, ValueError, OSError):
        zone = "UTC"
    if zone in ("UTC", "Etc/UTC", "GMT") and ask.someone:
        # Servers and containers run in UTC, people hardly do.
        question = "Your time zone, or a large city in it"
        return ask.ask(question, "--timezone", parse_typed_zone, default=zone)
    ask.say(f"Time zone: {zone}")
    return zone


def _language(given: str, ask: Asker) -> str:
    if given:
        return _understood("--language", given, parse_language)
    usual = system_language(os.environ)
    if ask.someone:
        question = "The language fikad writes in, in your calendar"
        return ask.ask(question, "--language", parse_language, default=usual)
    ask.say(f"Language: {language(usual).name} (in your calendar; --language takes another one)")
    return usual


def _country(given: str, zone: str, ask: Asker) -> str:
    if given:
        return _understood("--country", given, _country_or_none)
    usual = system_country(os.environ, zone)
    if ask.someone:
        question = "The country whose public holidays are kept free, as DE or DE-BE (- for none)"
        return ask.ask(question, "--country", _country_or_none, default=usual or "-")
    if usual:
        ask.say(f"Country: {usual}, so its public holidays are kept free (--country - for none)")
    else:
        ask.say("Country: not known, so no public holidays are kept free (--country names it)")
    return usual


def _country_or_none(text: str) -> str:
    return "" if text == "-" else parse_country(text)


def _understood(option: str, given: str, understand: Callable[[str], str]) -> str:
    try:
        return understand(given)
    except BadValue as error:
        raise click.UsageError(f"{option} {error}: {error.hint}") from None
