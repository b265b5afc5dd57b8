"""`fikad init` takes language and country from the system, guesses the languages of titles, and
writes all of it down."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from daemon.config.schema import load
from tests.daemon.cli.init.test_command import config_of
from tests.daemon.cli.running import days_ago, event
from tests.daemon.cli.terminal import Screen, Terminal

TITLES = (
    "Mittagessen mit Tom",
    "Geburtstag Oma",
    "Abendessen mit Lena",
    "Spaziergang mit Tom",
    "Coffee with Astrid",
    "Lunch with Sam",
    "Dinner with Astrid",
    "Call with Priya",
    "Astrid's birthday",
)
SYSTEM = {"LC_ALL": "", "LC_MESSAGES": "", "LC_TIME": "", "LANG": "de_DE.UTF-8"}

Begin = Callable[..., Screen]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home folder with a calendar in German and English."""
    folder = tmp_path / "home/calendars"
    folder.mkdir(parents=True)
    for number, title in enumerate(TITLES):
        (folder / f"{number}.ics").write_text(event(f"e{number}", title, days_ago(9 * number + 3)))
    return folder.parent


def unattended(home: Path, *said: str, **environment: str) -> Screen:
    """`fikad init` with nobody to ask, in a German terminal unless said otherwise."""
    arguments = ("init", "--yes", "--path", str(home / "calendars"), "--me", "sam@example.com")
    with Terminal((*arguments, *said), home, 100, SYSTEM | environment) as terminal:
        return terminal.end()


def test_language_and_country_are_the_systems_and_are_written_down(home: Path) -> None:
    screen = unattended(home, "--timezone", "Europe/Berlin", "--contacts", "all")
    assert "Language: Deutsch" in screen.text
    assert "Country: DE" in screen.text
    assert "Your titles look German and English." in screen.text.replace(
        "English and German", "German and English"
    )
    config = load(config_of(home))
    assert (config.language, config.languages, config.country) == ("de", ("de",), "DE")
    assert {"Tom", "Astrid"} <= {person.name for person in config.people}


def test_titles_in_another_language_than_the_systems_are_read_too(home: Path) -> None:
    unattended(home, "--timezone", "Asia/Tokyo", "--contacts", "all", LANG="en_US.UTF-8")
    config = load(config_of(home))
    assert (config.language, config.languages, config.country) == ("en", ("de",), "JP")
    assert "Tom" in {person.name for person in config.people}


def test_a_system_that_says_nothing_leaves_english_and_no_country(home: Path) -> None:
    screen = unattended(home, "--timezone", "UTC", "--contacts", "none", LANG="C.UTF-8")
    assert "no public holidays" in " ".join(screen.text.split())
    config = load(config_of(home))
    assert (config.language, config.languages, config.country) == ("en", None, None)


def test_options_stand_above_the_system(home: Path) -> None:
    said = ("--timezone", "Europe/Berlin", "--language", "sv", "--country", "-")
    unattended(home, *said, "--contacts", "none")
    config = load(config_of(home))
    assert (config.language, config.country) == ("sv", None)
    (home / ".config/fikad/config.toml").unlink()
    screen = unattended(home, "--language", "tlh")
    assert screen.code == 2
    assert "not a language fikad speaks" in " ".join(screen.text.split())


@pytest.mark.parametrize("columns", [120, 44])
def test_in_a_terminal_both_are_asked_for_and_proposed(home: Path, columns: int) -> None:
    said = ("--timezone", "Europe/Berlin", "--path", str(home / "calendars"), "--contacts", "none")
    with Terminal(("init", *said, "--no-service"), home, columns, SYSTEM) as terminal:
        terminal.answer("The language fikad writes in", "")
        terminal.answer("The country whose public holidays", "DE-BE")
        screen = terminal.end()
    assert screen.code == 0
    assert "[de]" in screen.text
    assert "[DE]" in screen.text
    config = load(config_of(home))
    assert (config.language, config.country) == ("de", "DE-BE")


def test_another_account_may_bring_another_language(home: Path) -> None:
    unattended(home, "--timezone", "Europe/Berlin", "--contacts", "none")
    french = home / "french"
    french.mkdir()
    titles = ("Déjeuner avec Zoé", "Café avec Zoé", "Dîner avec Paul", "Anniversaire de Zoé")
    for number, title in enumerate(titles):
        (french / f"{number}.ics").write_text(event(f"f{number}", title, days_ago(number + 2)))
    added = ("init", "--yes", "--add-account", "--path", str(french), "--contacts", "all")
    with Terminal(added, home, 100, SYSTEM) as terminal:
        assert terminal.end().code == 0
    languages = load(config_of(home)).languages or ()
    assert languages[0] == "de"
    assert "fr" in languages
