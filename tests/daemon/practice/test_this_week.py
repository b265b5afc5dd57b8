"""The weekly digest, and advice on cadences."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from connectors.address_book import YearlyDay
from connectors.base import Occurrence
from daemon.config.schema import BUILT_IN_OCCASIONS
from daemon.holds.draft import HoldPlan, Wording, draft, hold_uid
from daemon.holds.orders import read_order
from daemon.holds.record import Hold, begin
from daemon.judging.recency import Met, RecencyInputs, Standing, standings
from daemon.judging.verdict import Rule, Verdict
from daemon.languages.language import language, shipped
from daemon.languages.writing import writer
from daemon.people.contacts import Contact
from daemon.practice.advice import advise, tightening
from daemon.practice.this_week import Date, Week, kept_last_week, this_week

BERLIN = ZoneInfo("Europe/Berlin")
SUNDAY = datetime(2026, 11, 22, 16, tzinfo=UTC)
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)


def person(name: str, **more: object) -> Contact:
    return Contact(key=name.lower(), name=name, cadence=4 * WEEK, **more)  # type: ignore[arg-type]


def hold(contact: Contact, days: float, occasion: str = "coffee", state: str = "proposed") -> Hold:
    start = SUNDAY + days * DAY
    written = draft(
        HoldPlan(
            hold_uid(contact.key, None, 0),
            contact,
            BUILT_IN_OCCASIONS[occasion],
            start,
            start + DAY / 24,
        ),
        Wording(zone=BERLIN),
    )
    begun = begin(written, contact, account="home", calendar="Fikad", now=SUNDAY)
    return replace(begun, state=state, intent=None)  # type: ignore[arg-type]


def stand(*people: Contact, weeks: float = 9) -> dict[str, Standing]:
    met = [
        Met(contact.key, SUNDAY - weeks * WEEK - DAY / 24, SUNDAY - weeks * WEEK)
        for contact in people
    ]
    return {
        standing.contact.key: standing
        for standing in standings(people, RecencyInputs(now=SUNDAY, zone=BERLIN, meetings=met))
    }


JANE, OMAR, LEE = person("Jane"), person("Omar"), person("Lee")


def test_the_week_says_what_is_pencilled_in_and_who_has_gone_quiet() -> None:
    holds = [hold(OMAR, 3.8, "lunch"), hold(JANE, 1.7, state="accepted")]
    told = this_week(holds, stand(LEE), BERLIN, SUNDAY).told()
    assert (
        told == "The week ahead: Coffee with Jane (Tue 24 Nov 09:48), Lunch with Omar? (Thu 26 Nov "
        "12:12). Gone quiet: Lee."
    )


def test_its_title_names_two_and_counts_the_rest_and_its_text_has_a_line_for_each() -> None:
    ann = person("Ann")
    holds = [hold(JANE, 1), hold(OMAR, 2), hold(ann, 3), hold(JANE, 4)]
    week = this_week(holds, stand(JANE, OMAR, ann, LEE), BERLIN, SUNDAY)
    assert week.title() == "The week ahead: Jane, Omar +1"
    assert week.title(writer("de")) == "Die kommende Woche: Jane, Omar +1"
    *dates, quiet = week.lines()
    assert dates[0] == "Coffee with Jane? (Mon 23 Nov 17:00)"
    assert len(dates) == 4
    assert quiet.startswith("Gone quiet: ")
    assert Week(quiet=("Lee",)).title() == "The week ahead"
    assert Week().lines() == ()


@pytest.mark.parametrize("code", shipped())
def test_every_language_has_a_short_title(code: str) -> None:
    by = writer(code)
    dates = tuple(Date(SUNDAY, "Coffee", name) for name in ("Jane Doe", "Omar Haddad", "Lee Chen"))
    title, alone = Week(dates).title(by), Week(quiet=("Lee",)).title(by)
    assert title.startswith(alone)
    assert title.endswith("Jane Doe, Omar Haddad +1")
    assert len(title) <= 50
    english = writer("en")
    assert code == "en" or alone != Week(quiet=("Lee",)).title(english)


def test_what_is_over_or_later_or_came_to_nothing_is_not_of_this_week() -> None:
    holds = [
        hold(JANE, -1),
        hold(JANE, 8),
        hold(JANE, 2, state="dismissed"),
        hold(JANE, 2, state="withdrawn"),
    ]
    assert this_week(holds, stand(LEE, weeks=5), BERLIN, SUNDAY).told() == ""


def test_a_date_that_is_booked_otherwise_is_told_by_the_name_alone_and_once() -> None:
    booked = [
        Met("omar", SUNDAY + 3 * DAY, SUNDAY + 3 * DAY + DAY / 24),
        Met("lee", SUNDAY + 9 * DAY, SUNDAY + 10 * DAY),
    ]
    met = [Met(contact.key, SUNDAY - 9 * WEEK, SUNDAY - 9 * WEEK) for contact in (OMAR, LEE)]
    by_contact = {
        standing.contact.key: standing
        for standing in standings(
            (OMAR, LEE), RecencyInputs(now=SUNDAY, zone=BERLIN, meetings=met, booked=booked)
        )
    }
    assert (
        this_week([], by_contact, BERLIN, SUNDAY).told()
        == "The week ahead: Omar (Wed 25 Nov 17:00)."
    )
    assert (
        this_week([hold(OMAR, 3, state="accepted")], by_contact, BERLIN, SUNDAY).told()
        == "The week ahead: Coffee with Omar (Wed 25 Nov 17:00)."
    )


def test_nobody_who_is_paused_is_named() -> None:
    paused = person("Lee", paused=True)
    assert this_week([hold(paused, 2)], stand(paused), BERLIN, SUNDAY).told() == ""
    booked = [Met("lee", SUNDAY + 3 * DAY, SUNDAY + 3 * DAY + DAY / 24)]
    by_contact = {
        standing.contact.key: standing
        for standing in standings((paused,), RecencyInputs(now=SUNDAY, zone=BERLIN, booked=booked))
    }
    assert this_week([], by_contact, BERLIN, SUNDAY).told() == ""


def test_meeting_much_sooner_again_and_again_is_a_reason_to_tighten() -> None:
    weekly = [SUNDAY - n * WEEK for n in range(5, 0, -1)]
    assert tightening(weekly, 4 * WEEK) == (
        "Lately you have met about every week; a cadence of 1 week would fit better than 4 weeks."
    )
    assert tightening(weekly[1:], 4 * WEEK) == ""
    assert tightening(weekly, 10 * DAY) == ""
    assert tightening([*weekly, SUNDAY + 3 * WEEK], 4 * WEEK) == ""


def test_a_row_of_refusals_is_a_reason_to_loosen_and_goes_first() -> None:
    row = (hold(JANE, -3, state="dismissed"),) * 3
    weekly = [SUNDAY - n * WEEK for n in range(5, 0, -1)]
    assert advise(row, weekly, 4 * WEEK).startswith(
        "3 suggestions in a row came to nothing: a longer cadence"
    )
    assert advise((), weekly, 4 * WEEK).startswith("Lately you have met")


def test_the_birthdays_of_the_week_are_named_the_next_first() -> None:
    people = (
        person("Jane", birthday=YearlyDay(11, 29)),
        person("Omar", birthday=YearlyDay(11, 24, 1980)),
        person("Lee", birthday=YearlyDay(11, 30)),
        person("Priya", birthday=YearlyDay(11, 25), paused=True),
    )
    week = this_week((), stand(*people, weeks=2), BERLIN, SUNDAY)
    assert week.told() == "Birthdays: Omar (Tue 24 Nov), Jane (Sun 29 Nov)."
    assert week.told(writer("de")) == "Geburtstage: Omar (Di., 24. Nov.), Jane (So., 29. Nov.)."
    assert week.content == "2026-11-24 Omar; 2026-11-29 Jane"


def test_a_birthday_makes_nobody_gone_quiet() -> None:
    jane = person("Jane", birthday=YearlyDay(12, 1))
    assert this_week((), stand(jane, weeks=7), BERLIN, SUNDAY).quiet == ()
    assert this_week((), stand(jane, weeks=8), BERLIN, SUNDAY).quiet == ("Jane",)


@pytest.mark.parametrize("code", shipped())
def test_every_language_asks_whether_dates_took_place_with_a_word_that_it_understands(
    code: str,
) -> None:
    by, days = writer(code), (date(2026, 11, 17), date(2026, 11, 19))
    told = Week(kept=((days[0], "Jane Doe"), (days[1], "Omar Haddad"))).told(by)
    assert all(piece in told for piece in ("Jane Doe", "Omar Haddad", *map(by.day, days)))
    missed = language(code).orders.missed[0]
    assert missed in told
    order = read_order(missed, "Coffee with Jane Doe?", "Jane Doe")
    assert order is not None
    assert order.word == "missed"


def test_a_date_belongs_to_the_one_plan_after_its_end() -> None:
    plan = SUNDAY

    def named(end: datetime, rule: Rule = "hold") -> bool:
        event = Occurrence("a", end - DAY / 24, end)
        verdict = Verdict("jane", event, counted=True, rule=rule)
        return bool(kept_last_week([verdict], stand(JANE), plan, BERLIN))

    assert named(plan)
    assert named(plan - WEEK + DAY / 24)
    assert not named(plan - WEEK)
    assert not named(plan + DAY / 24)
    assert not named(plan - DAY, rule="attendee")
