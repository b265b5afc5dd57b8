"""The year in as many blocks as there is room for."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from daemon.people.contacts import Contact
from daemon.practice.year import PersonWeek, PersonYear, Year
from daemon.practice.year_grid import grid

THIS_MONDAY = date(2026, 11, 23)
JANE = Contact(key="jane", name="Jane", cadence=timedelta(weeks=4))


def seen(back: int, ahead: int, **marked: PersonWeek) -> Year:
    """A year of one person; `marked` are weeks by "w" and their place."""
    weeks = tuple(marked.get(f"w{place}", PersonWeek()) for place in range(back + 1 + ahead))
    mondays = tuple(THIS_MONDAY + timedelta(weeks=place - back) for place in range(len(weeks)))
    return Year(mondays, back, THIS_MONDAY, (PersonYear(JANE, weeks),))


def test_a_week_is_a_block_where_there_is_room() -> None:
    made = grid(seen(25, 4, w3=PersonWeek(dates=2), w25=PersonWeek(due=True)), 30)
    assert (made.weeks, len(made.mondays), made.this) == (1, 30, 25)
    [row] = made.rows
    assert (row.marks[3], row.marks[25], row.dates) == ("date", "due", 2)
    assert made.dates[3] == 2
    assert sum(made.dates) == 2


def test_several_weeks_are_a_block_where_there_is_none_and_the_most_telling_is_shown() -> None:
    weeks = {"w24": PersonWeek(quiet=True), "w25": PersonWeek(dates=1, quiet=True)}
    made = grid(seen(25, 4, **weeks), 29)
    assert made.weeks == 2
    [row] = made.rows
    assert row.marks[made.this] == "date"
    assert made.dates[made.this] == 1


@pytest.mark.parametrize("back", [0, 1, 25, 51, 103, 519])
@pytest.mark.parametrize("room", [2, 17, 60])
def test_the_blocks_fit_cover_every_week_once_and_part_at_today(back: int, room: int) -> None:
    year = seen(back, 4, **{f"w{place}": PersonWeek(dates=1) for place in range(back + 1)})
    made = grid(year, room)
    assert len(made.mondays) == len(made.dates) == len(made.rows[0].marks) <= room
    assert sum(made.dates) == back + 1
    assert made.mondays[0] == year.mondays[0]
    after = made.mondays[made.this + 1]
    assert made.mondays[made.this] <= THIS_MONDAY < after == THIS_MONDAY + timedelta(weeks=1)
    assert not any(made.dates[made.this + 1 :])


def test_the_axis_has_the_months_where_they_begin_and_over_a_year_the_years() -> None:
    short = grid(seen(8, 4), 40)
    assert {label: short.mondays[place] for place, label in short.labels} == {
        "Oct": date(2026, 9, 28),
        "Nov": date(2026, 10, 26),
        "Dec": date(2026, 11, 30),
    }
    assert {label for _, label in grid(seen(103, 4), 200).labels} >= {"2025", "2026", "Feb"}
    assert "Jan" in {label for _, label in grid(seen(51, 4), 200).labels}
