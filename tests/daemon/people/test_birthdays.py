"""When a birthday comes next, whose a calendar tells, and who is left out."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from connectors.address_book import YearlyDay
from connectors.base import Occurrence
from daemon.people.birthdays import nearby_birthday, next_birthday, with_birthdays
from daemon.people.contacts import Contact

APRIL = YearlyDay(4, 12)


def person(birthday: YearlyDay | None = APRIL, **more: object) -> Contact:
    return Contact("jane", "Jane", timedelta(weeks=4), birthday=birthday, **more)  # type: ignore[arg-type]


def told_by_calendar(day: date, uid: str = "people/c7", title: str = "") -> Occurrence:
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return Occurrence(
        "b", start, start + timedelta(days=1), title, True, kind="birthday", birthday_of=uid
    )


@pytest.mark.parametrize(
    ("birthday", "today", "day"),
    [
        (APRIL, date(2026, 4, 11), date(2026, 4, 12)),
        (APRIL, date(2026, 4, 12), date(2026, 4, 12)),
        (APRIL, date(2026, 4, 13), date(2027, 4, 12)),
        (YearlyDay(1, 3, 1980), date(2026, 12, 28), date(2027, 1, 3)),
        (YearlyDay(2, 29, 1980), date(2027, 2, 1), date(2027, 2, 28)),
        (YearlyDay(2, 29, 1980), date(2028, 2, 28), date(2028, 2, 29)),
        (YearlyDay(2, 29, 1980), date(2027, 3, 1), date(2028, 2, 29)),
    ],
)
def test_the_next_one_is_today_or_the_first_that_comes(
    birthday: YearlyDay, today: date, day: date
) -> None:
    assert next_birthday(person(birthday), today) == day


def test_it_is_near_for_two_weeks_before_and_over_the_turn_of_the_year() -> None:
    assert nearby_birthday(person(), date(2026, 3, 28)) is None
    assert nearby_birthday(person(), date(2026, 3, 29)) == date(2026, 4, 12)
    assert nearby_birthday(person(), date(2026, 4, 13)) is None
    january = person(YearlyDay(1, 3))
    assert nearby_birthday(january, date(2026, 12, 20)) == date(2027, 1, 3)


def test_near_is_counted_from_a_later_day_where_one_is_given_and_never_from_an_earlier() -> None:
    assert nearby_birthday(person(), date(2026, 3, 1), date(2026, 3, 28)) is None
    assert nearby_birthday(person(), date(2026, 3, 1), date(2026, 3, 29)) == date(2026, 4, 12)
    assert nearby_birthday(person(), date(2026, 3, 29), date(2026, 3, 1)) == date(2026, 4, 12)


def test_only_an_all_day_event_tells_a_birthday_whatever_stands_before_it() -> None:
    whole = told_by_calendar(date(2027, 4, 12))
    timed, other = replace(whole, all_day=False), replace(whole, birthday_of="", uid="lunch")
    nameless = {"people/c7": "jane", "": "jane"}
    known = {"jane": person(None)}
    assert with_birthdays(known, [timed, other], nameless)["jane"].birthday is None
    assert with_birthdays(known, [timed, other, whole], nameless)["jane"].birthday == APRIL


def test_who_is_paused_or_dead_has_none() -> None:
    assert next_birthday(person(paused=True), date(2026, 4, 11)) is None
    assert next_birthday(person(dead=True), date(2026, 4, 11)) is None
    assert next_birthday(person(None), date(2026, 4, 11)) is None


def test_a_calendar_tells_whose_birthday_it_is_by_their_card_and_never_by_a_title() -> None:
    known = {"jane": person(None), "omar": replace(person(None), key="omar", name="Omar")}
    occurrences = [
        told_by_calendar(date(2027, 4, 12), title="Omar's birthday"),
        told_by_calendar(date(2027, 5, 1), uid="", title="Omar's birthday"),
        told_by_calendar(date(2027, 5, 1), uid="people/c9", title="Omar's birthday"),
    ]
    told = with_birthdays(known, occurrences, {"people/c7": "jane"})
    assert told["jane"].birthday == APRIL
    assert told["omar"].birthday is None


def test_what_the_config_or_a_card_says_stands_before_what_a_calendar_says() -> None:
    known = {"jane": person(YearlyDay(4, 12, 1980))}
    told = with_birthdays(known, [told_by_calendar(date(2027, 5, 1))], {"people/c7": "jane"})
    assert told == known
