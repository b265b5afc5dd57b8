"""Public holidays close the day."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from holidays.utils import list_supported_countries

from daemon.countries import countries
from daemon.holidays import NONE, Holidays
from daemon.languages.language import shipped


@pytest.mark.parametrize(
    ("country", "language", "day", "name"),
    [
        ("DE-BE", "de", date(2027, 3, 8), "Frauentag"),
        ("DE", "de", date(2027, 3, 8), ""),
        ("DE", "en", date(2026, 10, 3), "German Unity Day"),
        ("US", "en", date(2026, 7, 4), "Independence Day"),
        ("SE", "sv", date(2026, 6, 20), "Midsommardagen"),
        ("", "en", date(2026, 12, 25), ""),
    ],
)
def test_a_holiday_is_named_in_the_users_language(
    country: str, language: str, day: date, name: str
) -> None:
    assert Holidays(country, language).name(day) == name


@pytest.mark.parametrize("language", shipped())
def test_a_country_that_does_not_speak_the_language_names_its_holidays_all_the_same(
    language: str,
) -> None:
    assert Holidays("JP", language).name(date(2026, 1, 1))


def test_without_a_country_no_day_is_a_holiday() -> None:
    assert NONE.name(date(2026, 12, 25)) == ""


def test_the_countries_written_down_are_those_whose_holidays_are_known() -> None:
    known = list_supported_countries()
    assert countries() == {code: tuple(known[code]) for code in known if len(code) == 2}


def test_a_config_with_a_country_is_checked_without_the_holidays(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('country = "DE-BE"\ntimezone = "Europe/Berlin"\n')
    script = (
        "import pathlib, sys; from daemon.config.schema import load;"
        f"config = load(pathlib.Path({str(tmp_path / 'config.toml')!r}));"
        "print(config.holidays.country, 'holidays' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["DE-BE", "False"]
