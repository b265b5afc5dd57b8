"""The language and the country that a system seems to be used in: by its locale and its time zone.

A locale is named as POSIX has it, "de_DE.UTF-8"; of several variables the first that is set
counts."""

from __future__ import annotations

from collections.abc import Mapping

from daemon.countries import countries
from daemon.languages.language import shipped

_SPOKEN = ("LC_ALL", "LC_MESSAGES", "LANG")
_CUSTOMS = ("LC_ALL", "LC_TIME", "LANG")
_WRITTEN_AS = {"no": "nb", "nn": "nb"}
"""Norwegian by the code of all of it, and the form that its readers read as well."""


def system_language(environment: Mapping[str, str]) -> str:
    """The code of the language of messages; English where it is not shipped, or there is none."""
    code = _locale(environment, _SPOKEN)[0]
    code = _WRITTEN_AS.get(code, code)
    return code if code in shipped() else "en"


def system_country(environment: Mapping[str, str], zone: str) -> str:
    """The country by ISO 3166-1: the one that a time zone (IANA) is in, since that tells where
    somebody lives ("en_US" does not); else that of the locale. "": neither tells one whose public
    holidays are known."""
    from babel.core import get_global

    zone = get_global("zone_aliases").get(zone, zone)
    there = get_global("zone_territories").get(zone, "")
    return next(
        (code for code in (there, _locale(environment, _CUSTOMS)[1]) if code in countries()), ""
    )


def _locale(environment: Mapping[str, str], variables: tuple[str, ...]) -> tuple[str, str]:
    """Language and territory; of "C" and "POSIX", "c" and ""."""
    name = next((environment[name] for name in variables if environment.get(name)), "")
    language, _, territory = name.partition(".")[0].partition("@")[0].partition("_")
    return language.lower(), territory.upper()
