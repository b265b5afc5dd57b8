"""`fikad report` from outside."""

from __future__ import annotations

import csv
import io
import re
import stat
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from daemon.cli.report import outcomes_in_words
from daemon.practice.outcomes import Outcomes
from tests.daemon.cli.running import ALWAYS, CONTACTS, Fikad, days_ago, event, with_guests
from tests.daemon.cli.terminal import Screen, Terminal


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


# --- the year ---


def shown_on(fikad: Fikad, columns: int, *arguments: str, **environment: str) -> Screen:
    paths = ("--config", str(fikad.config), "--state", str(fikad.state))
    command = ("report", *arguments, *paths)
    with Terminal(command, fikad.folder, columns, environment) as terminal:
        return terminal.end()


@pytest.mark.parametrize("columns", [50, 80, 160])
def test_the_year_is_a_line_for_everybody_with_months_and_a_legend(
    fikad: Fikad, columns: int
) -> None:
    screen = shown_on(fikad, columns)
    lines = screen.text.splitlines()
    assert max(map(len, lines)) <= columns
    [jane] = [line for line in lines if line.startswith("Jane Doe")]
    assert jane.endswith(" 3")
    assert "█" in jane
    at = lines.index("friends:") + 1
    assert jane in lines[at : at + 2]
    assert lines[at - 2].strip() == "▼"
    assert lines[at - 3].endswith("dates")
    assert re.search("Jan|Mar|May|Jul|Sep|Nov", lines[at - 3])
    legend = " ".join(lines[at:])
    assert "█ met" in legend
    assert "▼ this week" in legend
    assert "a block is " in legend
    assert "✓" not in legend, "what is nowhere is not explained"
    assert screen.coloured
    assert screen.strange() == set()


def test_without_colour_the_year_is_the_same(fikad: Fikad) -> None:
    plain = shown_on(fikad, 80, NO_COLOR="1")
    assert "\x1b" not in plain.raw
    assert plain.text == shown_on(fikad, 80).text
    piped = fikad("report").out
    assert [line.rstrip() for line in piped.splitlines() if "█" in line] == [
        line.rstrip() for line in plain.text.splitlines() if "█" in line
    ]
    assert "\x1b" not in piped


def test_more_weeks_than_columns_make_blocks_of_several(fikad: Fikad) -> None:
    out = fikad("report", "--weeks", "156", COLUMNS="80").out
    assert "a block is 3 weeks" in out
    assert max(map(len, out.splitlines())) <= 80
    assert "a block is 1 week\n" in fikad("report", COLUMNS="80").out


def test_a_spreadsheet_gets_a_row_for_each_contact_and_week(fikad: Fikad) -> None:
    fikad("met", "omar", "--on", f"{days_ago(50):%Y-%m-%d}")
    rows = list(csv.DictReader(io.StringIO(fikad("report", "--csv", "--weeks", "10").out)))
    assert {row["contact"] for row in rows} == {"Jane Doe", "Omar Haddad"}
    weeks = {row["week"] for row in rows}
    assert (len(rows), len(weeks)) == (2 * 14, 14)
    assert sum(int(row["dates"]) for row in rows if row["contact"] == "Jane Doe") == 3
    assert sum(int(row["dates"]) for row in rows if row["contact"] == "Omar Haddad") == 1
    marks = fikad("report", "--json", "--weeks", "10").json["year"]
    assert set(marks["mondays"]) == weeks
    [omar] = [each for each in marks["people"] if each["contact"] == "Omar Haddad"]
    assert omar["marks"].count("date") == 1


@pytest.mark.parametrize("other", [("--json",), ("--html", "page.html"), ("--open",)])
def test_a_spreadsheet_is_asked_for_alone(fikad: Fikad, other: tuple[str, ...]) -> None:
    ran = fikad("report", "--csv", *other)
    assert (ran.code, ran.out) == (2, "")
    assert "ask for one of them" in ran.err
    assert not (fikad.folder / "page.html").exists()


def test_the_page_is_written_for_the_user_alone_and_told_where(fikad: Fikad) -> None:
    page = fikad.folder / "fika.html"
    told = fikad("report", "--html", "fika.html")
    assert " ".join(told.out.split()) == f"The page is {page}"
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    assert "Jane Doe" in page.read_text()


def test_without_a_name_it_lies_in_the_state_folder_and_is_shown(fikad: Fikad) -> None:
    shown = fikad.folder / "shown"
    browser = f'sh -c "echo %s > {shown}"'
    told = fikad("report", "--open", BROWSER=browser)
    assert (told.code, told.err) == (0, "")
    assert shown.read_text().strip() == (fikad.state / "report.html").as_uri()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--html", "no/where.html"), 1, "make the folder, or name another one"),
        (("--html", "x.html", "--json"), 2, "ask for one of them"),
    ],
)
def test_a_page_that_cannot_be_had_is_one_clear_line(
    fikad: Fikad, arguments: tuple[str, ...], code: int, words: str
) -> None:
    ran = fikad("report", *arguments)
    assert ran.code == code
    assert words in " ".join(ran.err.split())


def test_once_keeps_the_page_that_the_config_wants(fikad: Fikad) -> None:
    fikad.configure(fikad.config.read_text() + '[report]\nwrite = "fika.html"\n')
    page = fikad.folder / "fika.html"
    fikad("once", "--dry-run")
    assert not page.exists()
    fikad("once", "--no-plan")
    assert "Jane Doe" in page.read_text()
    page.unlink()
    page.mkdir()
    ran = fikad("once")
    assert ran.code == 0
    assert "page:" in ran.err
    assert "is a folder" in " ".join(ran.err.split())
