"""The year for a spreadsheet."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

import pytest

from daemon.people.contacts import Contact
from daemon.practice.year import PersonWeek, PersonYear, Year
from daemon.practice.year_csv import HEAD, year_csv

MONDAYS = (date(2026, 11, 16), date(2026, 11, 23))


def rows(name: str, circle: str = "friends") -> list[dict[str, str]]:
    contact = Contact(key="k", name=name, cadence=timedelta(weeks=4), circle=circle)
    weeks = (PersonWeek(dates=2, refused=1), PersonWeek(asked=1, due=True, quiet=True))
    year = Year(MONDAYS, 1, MONDAYS[1], (PersonYear(contact, weeks),))
    return list(csv.DictReader(io.StringIO(year_csv(year))))


def test_it_has_a_row_for_each_contact_and_week_with_numbers() -> None:
    first, second = rows("Jane Doe")
    assert tuple(first) == HEAD
    assert (first["contact"], first["circle"], first["week"]) == (
        "Jane Doe",
        "friends",
        "2026-11-16",
    )
    assert {key: int(first[key]) for key in HEAD[3:] if first[key] != "0"} == {
        "dates": 2,
        "refused": 1,
    }
    assert {key: int(second[key]) for key in HEAD[3:] if second[key] != "0"} == {
        "asked": 1,
        "due": 1,
        "quiet": 1,
    }


@pytest.mark.parametrize(
    "evil", ["=1+2", "+1", "-1", "@SUM(A1)", "＝1", "\t=1", " =1", '=HYPERLINK("http://x")']
)
def test_no_cell_is_a_formula(evil: str) -> None:
    for row in rows(evil, evil):
        assert row["contact"].startswith("'")
        assert row["circle"] == row["contact"]


def test_a_name_may_have_commas_and_quotes_and_no_line_ends() -> None:
    [row, _] = rows('Doe, "Jane"\nEvil')
    assert row["contact"] == 'Doe, "Jane" Evil'
