"""`fikad report` from outside."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from daemon.cli.report import outcomes_in_words
from daemon.practice.outcomes import Outcomes
from tests.daemon.cli.running import ALWAYS, CONTACTS, Fikad, days_ago, event, with_guests
from tests.daemon.cli.terminal import Terminal


@pytest.fixture
def fikad(tmp_path: Path) -> Fikad:
    folder = tmp_path / "calendars" / "Personal"
    folder.mkdir(parents=True)
    for weeks in (1, 2, 9):
        text = event(
            f"jane{weeks}", "Coffee", days_ago(7 * weeks), 60, *with_guests("jane@example.org")
        )
        (folder / f"jane{weeks}.ics").write_text(text)
    made = Fikad(tmp_path)
    made.configure(ALWAYS + '[accounts.home]\ntype = "files"\npath = "calendars"\n' + CONTACTS)
    made("once", "--no-plan")
    return made


def test_weeks_streak_and_circles_as_json(fikad: Fikad) -> None:
    fikad("met", "omar", "--on", f"{days_ago(50):%Y-%m-%d}")
    facts = fikad("report", "--json", "--weeks", "4").json
    assert (len(facts["weeks"]), facts["weeks_with_a_date"], facts["streak_weeks"]) == (4, 2, 2)
    assert facts["circles"] == [
        {"circle": "friends", "people": 2, "within_cadence": 1, "overdue": ["Omar Haddad"]}
    ]
    assert fikad("report", "--json").json["dates"] == 4
    assert facts["birthdays"] == []
    assert facts["holds"] == {
        "accepted": 0,
        "pinned": 0,
        "dismissed": 0,
        "lapsed": 0,
        "asked": 0,
        "said_yes": 0,
        "kept": 0,
        "ahead": 0,
    }


def test_it_tells_how_many_suggestions_got_a_yes_and_how_many_of_those_dates_took_place() -> None:
    assert outcomes_in_words(Outcomes(asked=1)) == "You said yes to 0 of 1 suggestion."
    assert outcomes_in_words(Outcomes(asked=12, said_yes=5, kept=4)) == (
        "You said yes to 5 of 12 suggestions: 4 dates took place."
    )
    assert outcomes_in_words(Outcomes(asked=3, said_yes=2, kept=1, ahead=1)) == (
        "You said yes to 2 of 3 suggestions: 1 date took place, 1 lies ahead."
    )


def test_the_suggestions_and_the_birthdays_ahead_are_told(fikad: Fikad) -> None:
    born = datetime.now(ZoneInfo("Europe/Berlin")).date() + timedelta(days=3)
    text = fikad.config.read_text().replace(
        'name = "Omar Haddad"', f'name = "Omar Haddad"\nbirthday = "{born:%m-%d}"'
    )
    fikad.configure(text)
    asked = len(fikad("once", "--json").json["holds"]["proposed"])
    facts = fikad("report", "--json").json
    assert asked > 0
    assert facts["holds"]["asked"] == asked
    assert facts["birthdays"] == [{"contact": "Omar Haddad", "day": born.isoformat()}]
    told = fikad("report").out
    assert f"You said yes to 0 of {asked} suggestion" in told
    assert "Birthdays: Omar Haddad (" in told


@pytest.mark.parametrize("columns", [120, 30])
def test_it_fits_the_terminal(fikad: Fikad, columns: int) -> None:
    paths = ("--config", str(fikad.config), "--state", str(fikad.state))
    with Terminal(("report", *paths), fikad.folder, columns) as terminal:
        screen = terminal.end()
    assert screen.code == 0
    assert "Omar Haddad" in " ".join(screen.text.split())
    assert max(map(len, screen.text.splitlines())) <= columns
    assert screen.strange() == set()
