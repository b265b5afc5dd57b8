"""The year: people by weeks, and what happened in each."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from daemon.practice.year import PersonWeek, PersonYear, Year, year
from tests.daemon.world import (
    SUNDAY,
    Calendars,
    Clock,
    Fikad,
    calendars,
    config,
    meeting,
    met_long_ago,
    person,
)

NAMES = ("Jane Doe", "Bob Ray", "Ann Lee")
WEEK = timedelta(weeks=1)
THIS_MONDAY = date(2026, 11, 16)


def world(*texts: str, **tables: Any) -> tuple[Fikad, Calendars]:
    mine = calendars(*texts)
    fikad = Fikad(config(*NAMES, **tables), mine.open, Clock())
    fikad.once()
    return fikad, mine


def weeks_of(seen: Year, name: str) -> PersonYear:
    return next(each for each in seen.people if each.contact.name == name)


def marks(seen: Year, name: str) -> dict[int, str]:
    """What is marked for somebody, by weeks from the one that is going on."""
    return {
        place - seen.this_week: week.mark
        for place, week in enumerate(weeks_of(seen, name).weeks)
        if week.mark
    }


def test_a_date_stands_in_its_week_and_the_weeks_beyond_the_cadence_are_quiet() -> None:
    fikad, _ = world(meeting("Jane Doe", SUNDAY - 8 * WEEK), meeting("Jane Doe", SUNDAY - 2 * WEEK))
    seen = year(fikad.situation(), back=12, ahead=3)
    assert seen.mondays[seen.this_week] == THIS_MONDAY
    assert (len(seen.mondays), seen.today) == (16, SUNDAY.date())
    # Wanted every four weeks: met on a Sunday, the fifth week after it was beyond that.
    assert marks(seen, "Jane Doe") == {-8: "date", -3: "quiet", -2: "date", 2: "due"}
    assert weeks_of(seen, "Jane Doe").dates == 2


def test_a_date_before_the_year_tells_how_long_it_has_been_quiet() -> None:
    fikad, _ = world(meeting("Jane Doe", SUNDAY - 30 * WEEK), rhythm={"per_week": 0})
    seen = year(fikad.situation(), back=3, ahead=1)
    assert marks(seen, "Jane Doe") == dict.fromkeys(range(-3, 1), "quiet")


def test_a_week_is_the_user_s_own() -> None:
    late_on_sunday_in_utc = datetime(2026, 11, 15, 20, tzinfo=UTC)
    texts = [meeting("Jane Doe", late_on_sunday_in_utc)]
    here, _ = world(*texts)
    there, _ = world(*texts, timezone="Pacific/Auckland")
    assert marks(year(here.situation()), "Jane Doe")[-1] == "date"
    # There it was Monday already, and now is Monday, too.
    assert marks(year(there.situation()), "Jane Doe")[-1] == "date"
    assert year(there.situation()).today == date(2026, 11, 23)


def test_what_became_of_holds_stands_in_the_week_for_which_they_asked() -> None:
    fikad, mine = world(*met_long_ago(NAMES))
    yes, no, passed = (fikad.hold(name) for name in NAMES)
    mine.edit(yes.uid, SUMMARY=yes.title.removesuffix("?"))
    mine.delete(no.uid)
    fikad.once("none")
    ahead = year(fikad.situation())
    weeks = {name: (hold.start.date() - THIS_MONDAY).days // 7 for name, hold in
             zip(NAMES, (yes, no, passed), strict=True)}  # fmt: skip
    assert marks(ahead, "Jane Doe")[weeks["Jane Doe"]] == "booked"
    assert marks(ahead, "Bob Ray")[weeks["Bob Ray"]] == "refused"
    assert marks(ahead, "Ann Lee")[weeks["Ann Lee"]] == "asked"

    fikad.clock.now += 4 * WEEK
    fikad.once("none")
    later = year(fikad.situation())
    week = weeks_of(later, "Jane Doe").weeks[later.this_week - 4 + weeks["Jane Doe"]]
    assert week == PersonWeek(dates=1, said_yes=1)
    assert marks(later, "Ann Lee")[weeks["Ann Lee"] - 4] == "let_pass"


def test_a_yes_whose_date_did_not_take_place_is_no_date() -> None:
    fikad, mine = world(*met_long_ago(NAMES))
    hold = fikad.hold("Jane Doe")
    mine.edit(hold.uid, SUMMARY="Coffee with Jane Doe")
    fikad.once("none")
    fikad.clock.now += 3 * WEEK
    mine.edit(hold.uid, SUMMARY="missed")
    fikad.once("none")
    seen = year(fikad.situation())
    place = (hold.start.date() - seen.mondays[seen.this_week]).days // 7
    week = weeks_of(seen, "Jane Doe").weeks[seen.this_week + place]
    assert (week.mark, week.dates, week.said_yes) == ("said_yes", 0, 1)


def test_what_fikad_took_back_itself_is_no_mark() -> None:
    fikad, mine = world(*met_long_ago(NAMES))
    hold = fikad.hold("Jane Doe")
    mine.put(meeting("Jane Doe", SUNDAY + timedelta(days=20)))
    fikad.once("none")
    assert fikad.hold("Jane Doe").state == "withdrawn"
    week = (hold.start.date() - THIS_MONDAY).days // 7
    seen = year(fikad.situation())
    assert not weeks_of(seen, "Jane Doe").weeks[seen.this_week + week].asked
    assert marks(seen, "Jane Doe")[3] == "booked"


def test_people_stand_by_circle_in_the_order_of_the_config_and_the_paused_nowhere() -> None:
    fikad, _ = world(
        circles={"friends": {"cadence": "4 weeks"}, "council": {"cadence": "4 weeks"}},
        contacts=[
            person("Jane Doe"),
            person("Bob Ray", circle="council"),
            person("Ann Lee", circle="friends", paused=True),
            person("Zoe Kay", circle="friends"),
        ],
    )
    seen = year(fikad.situation())
    assert [each.contact.name for each in seen.people] == ["Zoe Kay", "Bob Ray", "Jane Doe"]


@pytest.mark.parametrize("cadence", ["1 day", "100 years"])
def test_no_cadence_is_too_short_or_too_long_for_it(cadence: str) -> None:
    fikad, _ = world(
        meeting("Jane Doe", SUNDAY - 3 * WEEK), contacts=[person("Jane Doe", cadence=cadence)]
    )
    seen = marks(year(fikad.situation(), back=3, ahead=2), "Jane Doe")
    assert seen[-3] == "date"
    assert ("quiet" in seen.values()) is (cadence == "1 day")
