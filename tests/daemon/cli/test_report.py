"""`fikad report` from outside."""

from __future__ import annotations

from pathlib import Path

import pytest

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
    assert facts["holds"] == {"accepted": 0, "pinned": 0, "dismissed": 0, "lapsed": 0}


@pytest.mark.parametrize("columns", [120, 30])
def test_it_fits_the_terminal(fikad: Fikad, columns: int) -> None:
    paths = ("--config", str(fikad.config), "--state", str(fikad.state))
    with Terminal(("report", *paths), fikad.folder, columns) as terminal:
        screen = terminal.end()
    assert screen.code == 0
    assert "Omar Haddad" in " ".join(screen.text.split())
    assert max(map(len, screen.text.splitlines())) <= columns
    assert screen.strange() == set()
