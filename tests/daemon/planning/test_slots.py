"""What is open: the hard rules, each by itself, and all together against a plain minute-by-minute
reading of them."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.base import Attendee, HoldEvent, Occurrence, Problem
from daemon.config.schema import (
    BUILT_IN_OCCASIONS,
    WEEKDAY_NAMES,
    WEEKDAYS,
    Availability,
    Occasion,
    Rhythm,
)
from daemon.holidays import NONE, Holidays
from daemon.planning.busy import Taken, TimeSpan, busy, overlaps
from daemon.planning.slots import OpeningRules, Openings, lookahead, openings

BERLIN = ZoneInfo("Europe/Berlin")
SUNDAY = datetime(2026, 11, 8, 16, tzinfo=UTC)  # 17:00 in Berlin
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
ME = "sam@example.com"


def at(day: int, hour: int, minute: int = 0, zone: ZoneInfo = BERLIN) -> datetime:
    """A wall-clock time in November 2026, as an instant."""
    return datetime(2026, 11, day, hour, minute, tzinfo=zone).astimezone(UTC)


def event(start: datetime, end: datetime, **more: object) -> Occurrence:
    return Occurrence(uid="event", start=start, end=end, title="Something", **more)  # type: ignore[arg-type]


def all_day(first: int, after: int, **more: object) -> Occurrence:
    start, end = datetime(2026, 11, first, tzinfo=UTC), datetime(2026, 11, after, tzinfo=UTC)
    return event(start, end, all_day=True, **more)


def hold(start: datetime, end: datetime, uid: str = "fikad-1", **more: object) -> Occurrence:
    facts = HoldEvent(uid, "Coffee with Jane?", start, end, **more)  # type: ignore[arg-type]
    return Occurrence(uid=uid, start=start, end=end, transparent=True, hold=facts)


def occasion(between: list[str], minutes: int = 60, days: tuple[str, ...] = WEEKDAYS) -> Occasion:
    return Occasion.model_validate({"minutes": minutes, "between": between, "days": days})


def every_day(*spans: str, blackout: tuple[str, ...] = ()) -> Availability:
    return Availability.model_validate(
        {day: list(spans) for day in WEEKDAY_NAMES} | {"blackout": list(blackout)}
    )


def rhythm(**changes: object) -> Rhythm:
    return Rhythm.model_validate({"horizon": "1 week", "notice": "1 day"} | changes)


def look(
    *events: Occurrence,
    occasions: Mapping[str, Occasion] | None = None,
    problems: tuple[Problem, ...] = (),
    available: Availability | None = None,
    by: Rhythm | None = None,
    zone: ZoneInfo = BERLIN,
    now: datetime = SUNDAY,
    ignoring: frozenset[str] = frozenset(),
    holidays: Holidays = NONE,
) -> Openings:
    by = by or rhythm()
    taken = busy(events, problems, mine={ME}, zone=zone, within=lookahead(by, now))
    return openings(
        occasions or {"coffee": occasion(["09:00-18:00"])},
        taken,
        OpeningRules(available or every_day("09:00-18:00"), by, zone, holidays),
        now,
        ignoring=ignoring,
    )


def starts(open_slots: Openings, day: int, zone: ZoneInfo = BERLIN) -> list[str]:
    """The starts on a day of November, as the wall clock shows them."""
    local = [slot.start.astimezone(zone) for slot in open_slots.slots]
    return [f"{moment:%H:%M}" for moment in local if moment.day == day]


def rules(open_slots: Openings) -> dict[int, str]:
    return {closed.day.day: closed.rule for closed in open_slots.closed}


# --- busy time ---


def test_an_empty_calendar_is_open_at_every_quarter_hour_of_availability() -> None:
    times = starts(look(), 10)
    assert times[0] == "09:00"
    assert times[-1] == "17:00"
    assert len(times) == 33


def test_busy_time_and_its_buffer_are_closed() -> None:
    times = starts(look(event(at(10, 12), at(10, 13))), 10)
    assert "10:45" in times
    assert "11:00" not in times
    assert "13:00" not in times
    assert "13:15" in times


def test_the_buffer_is_hard_even_when_nothing_else_is_left() -> None:
    """A gap of 89 minutes does not bear an hour with a quarter on both sides; one of 90 minutes
    does."""
    morning = event(at(10, 8), at(10, 11))
    assert starts(look(morning, event(at(10, 12, 29), at(10, 19))), 10) == []
    assert starts(look(morning, event(at(10, 12, 30), at(10, 19))), 10) == ["11:15"]


def test_the_buffer_reaches_over_the_edge_of_availability() -> None:
    assert starts(look(event(at(10, 8), at(10, 9))), 10)[0] == "09:15"
    assert starts(look(event(at(10, 18, 5), at(10, 19))), 10)[-1] == "16:45"


def test_a_tight_gap_off_the_quarter_hours_is_found() -> None:
    left, right = event(at(10, 8), at(10, 9, 50)), event(at(10, 11, 20), at(10, 19))
    assert starts(look(left, right), 10) == ["10:05"]
    left, right = event(at(10, 8), at(10, 9, 52)), event(at(10, 11, 22), at(10, 19))
    assert starts(look(left, right), 10) == ["10:07"]


def test_overlapping_and_touching_events_are_one() -> None:
    events = [
        event(at(10, 9), at(10, 14)),
        event(at(10, 10), at(10, 11)),
        event(at(10, 14), at(10, 16)),
    ]
    assert starts(look(*events), 10) == ["16:15", "16:30", "16:45", "17:00"]


def test_a_declined_event_does_not_block() -> None:
    for answer in ("declined", "delegated"):
        mine = Attendee(ME, answer=answer)
        assert (
            len(
                starts(
                    look(event(at(10, 9), at(10, 18), attendees=(mine, Attendee("lee@x.org")))), 10
                )
            )
            == 33
        )


def test_an_event_declined_by_the_row_the_server_calls_mine_does_not_block() -> None:
    mine = Attendee("other@example.com", answer="declined", me=True)
    assert starts(look(event(at(10, 9), at(10, 18), attendees=(mine,))), 10) != []


def test_an_event_declined_at_one_address_and_accepted_at_another_blocks() -> None:
    rows = (Attendee(ME, answer="declined"), Attendee("work@x.org", answer="accepted", me=True))
    assert starts(look(event(at(10, 9), at(10, 18), attendees=rows)), 10) == []


@pytest.mark.parametrize("answer", ["accepted", "tentative", "needs-action"])
def test_an_invitation_not_declined_blocks(answer: str) -> None:
    mine = Attendee(ME, answer=answer)  # type: ignore[arg-type]
    assert starts(look(event(at(10, 9), at(10, 18), attendees=(mine,))), 10) == []


def test_somebody_else_declining_frees_nothing() -> None:
    rows = (Attendee("lee@example.com", answer="declined"),)
    assert starts(look(event(at(10, 9), at(10, 18), attendees=rows)), 10) == []


def test_tentative_and_focus_time_block_and_cancelled_and_free_do_not() -> None:
    whole = at(10, 9), at(10, 18)
    assert starts(look(event(*whole, status="tentative")), 10) == []
    assert starts(look(event(*whole, kind="focus")), 10) == []
    assert starts(look(event(*whole, status="cancelled")), 10) != []
    called_off = Occurrence(
        uid="event", start=whole[0], end=whole[1], title="Canceled: Board meeting"
    )
    assert starts(look(called_off), 10) != []
    assert starts(look(event(*whole, transparent=True)), 10) != []


def test_an_event_without_length_still_splits_the_time_around_it() -> None:
    events = event(at(10, 10), at(10, 10)), event(at(10, 11), at(10, 19))
    assert starts(look(*events, by=rhythm(buffer="0 minutes")), 10) == ["09:00", "10:00"]


def test_a_broken_event_whose_span_is_known_is_busy() -> None:
    known = Problem("broken", "a rule by the second", at(10, 9), at(10, 18))
    assert starts(look(problems=(known,)), 10) == []
    assert starts(look(problems=(Problem("broken", "no dates at all"),)), 10) != []


def test_our_own_holds_block_one_another_although_they_are_free() -> None:
    assert starts(look(hold(at(10, 9), at(10, 18))), 10) == []
    assert starts(look(hold(at(10, 9), at(10, 18), status="cancelled")), 10) != []
    assert starts(look(hold(at(10, 9), at(10, 18), withdrawn=True)), 10) != []


def test_a_hold_to_be_moved_does_not_stand_in_its_own_way() -> None:
    open_slots = look(hold(at(10, 9), at(10, 18), uid="fikad-2"), ignoring=frozenset({"fikad-2"}))
    assert len(starts(open_slots, 10)) == 33


def test_a_hold_that_was_just_written_is_busy_too() -> None:
    by = rhythm()
    written = Taken(at(10, 9), at(10, 18), "fikad-3")
    taken = busy((), mine=(), zone=BERLIN, within=lookahead(by, SUNDAY), also=[written])
    offered = {"coffee": occasion(["09:00-18:00"])}
    slots = openings(offered, taken, OpeningRules(every_day("09:00-18:00"), by, BERLIN), SUNDAY)
    assert starts(slots, 10) == []


# --- whole days ---


def test_an_all_day_event_closes_its_days_and_not_the_next() -> None:
    open_slots = look(all_day(10, 12))
    assert [starts(open_slots, day) != [] for day in (10, 11, 12)] == [False, False, True]
    assert rules(open_slots)[10] == rules(open_slots)[11] == "all-day"


@pytest.mark.parametrize(
    "zone", ["Pacific/Auckland", "Pacific/Kiritimati", "America/Los_Angeles", "Pacific/Pago_Pago"]
)
def test_an_all_day_event_is_a_date_wherever_one_lives(zone: str) -> None:
    there = ZoneInfo(zone)
    open_slots = look(all_day(10, 11), zone=there)
    assert [starts(open_slots, day, there) != [] for day in (10, 11, 12)] == [False, True, True]


def test_an_all_day_event_on_the_day_of_the_horizon_or_today_is_seen() -> None:
    there = ZoneInfo("Pacific/Kiritimati")
    now = datetime(2026, 11, 10, 0, tzinfo=there).astimezone(UTC)
    by = rhythm(notice="0 minutes", horizon="2 days")
    assert (
        starts(look(all_day(10, 11), all_day(11, 12), by=by, zone=there, now=now), 10, there) == []
    )
    assert (
        starts(look(all_day(10, 11), all_day(11, 12), by=by, zone=there, now=now), 11, there) == []
    )


def test_a_free_all_day_event_does_not_block() -> None:
    assert len(starts(look(all_day(10, 11, transparent=True)), 10)) == 33


def test_a_declined_all_day_event_does_not_block() -> None:
    assert starts(look(all_day(10, 11, attendees=(Attendee(ME, answer="declined"),))), 10) != []


@pytest.mark.parametrize("kind", ["birthday", "working-location"])
def test_birthdays_and_working_locations_never_block(kind: str) -> None:
    assert starts(look(all_day(10, 11, kind=kind)), 10) != []
    assert starts(look(event(at(10, 9), at(10, 18), kind=kind)), 10) != []


def test_out_of_office_closes_every_day_it_touches() -> None:
    open_slots = look(event(at(10, 22), at(12, 7), kind="out-of-office"))
    assert [starts(open_slots, day) != [] for day in (9, 10, 11, 12, 13)] == [
        True,
        False,
        False,
        False,
        True,
    ]
    assert rules(open_slots)[10] == "out-of-office"


def test_out_of_office_until_midnight_leaves_the_next_day_open() -> None:
    open_slots = look(event(at(10, 9), at(11, 0), kind="out-of-office"))
    assert starts(open_slots, 10) == []
    assert starts(open_slots, 11)[0] == "09:00"


def test_out_of_office_this_morning_closes_the_rest_of_today() -> None:
    absent = event(at(10, 6), at(10, 7), kind="out-of-office")
    assert starts(look(absent, now=at(10, 12), by=rhythm(notice="0 minutes")), 10) == []


def test_out_of_office_since_the_year_1_closes_what_there_is() -> None:
    for kind in ("out-of-office", "default"):
        for whole in (False, True):
            always = event(
                datetime.min.replace(tzinfo=UTC),
                datetime.max.replace(tzinfo=UTC),
                kind=kind,
                all_day=whole,
            )
            assert look(always).slots == ()


def test_public_holidays_are_closed_and_named() -> None:
    buss_und_bettag = datetime(2026, 11, 15, 12, tzinfo=UTC)
    closed = {
        closed_day.day.day: closed_day
        for closed_day in look(now=buss_und_bettag, holidays=Holidays("DE-SN", "de")).closed
    }
    assert (closed[18].rule, closed[18].reason) == ("holiday", "A public holiday: Buß- und Bettag.")
    assert 18 not in {
        closed_day.day.day
        for closed_day in look(now=buss_und_bettag, holidays=Holidays("DE-BE", "de")).closed
    }


def test_blackout_days_are_closed() -> None:
    open_slots = look(
        available=every_day("09:00-18:00", blackout=("2026-11-10..2026-11-11", "2026-11-13"))
    )
    assert {day for day, rule in rules(open_slots).items() if rule == "blackout"} == {10, 11, 13}


# --- availability, occasions, notice, horizon ---


def test_nothing_is_placed_at_6_am() -> None:
    """Availability is the user's wall clock, not the server's or UTC's."""
    for zone in ("Europe/Berlin", "America/Los_Angeles", "Asia/Kolkata", "Pacific/Auckland"):
        there = ZoneInfo(zone)
        open_slots = look(
            occasions=BUILT_IN_OCCASIONS, available=every_day("09:00-18:00"), zone=there
        )
        assert open_slots.slots
        for slot in open_slots.slots:
            assert _minute(slot.start, there) >= 9 * 60
            assert _minute(slot.end, there) <= 18 * 60


def _minute(moment: datetime, zone: ZoneInfo) -> int:
    local = moment.astimezone(zone)
    return local.hour * 60 + local.minute


def test_a_day_without_availability_is_closed() -> None:
    open_slots = look(available=Availability())
    assert rules(open_slots) == {8: "availability", 14: "availability", 15: "availability"}


def test_an_occasion_stays_within_its_times_and_weekdays() -> None:
    open_slots = look(occasions={"lunch": occasion(["12:00-14:00"], 60, ("tue", "thu"))})
    assert starts(open_slots, 10) == ["12:00", "12:15", "12:30", "12:45", "13:00"]
    assert starts(open_slots, 11) == []
    assert rules(open_slots)[11] == "days"


def test_a_slot_lies_in_one_span_and_not_across_two() -> None:
    open_slots = look(available=every_day("09:00-10:00", "10:00-11:00"))
    assert starts(open_slots, 10) == ["09:00", "10:00"]


def test_availability_may_end_at_midnight() -> None:
    open_slots = look(
        occasions={"drinks": occasion(["18:00-24:00"], 120)}, available=every_day("18:00-24:00")
    )
    assert starts(open_slots, 10)[-1] == "22:00"


def test_availability_off_the_grid_still_has_its_slot() -> None:
    assert starts(look(available=every_day("12:10-13:10")), 10) == ["12:10"]


def test_the_grid_is_that_of_the_wall_clock() -> None:
    """Liberia was 44 minutes and 30 seconds behind UTC until 1972."""
    monrovia = ZoneInfo("Africa/Monrovia")
    open_slots = look(zone=monrovia, now=datetime(1971, 11, 8, 16, tzinfo=UTC))
    assert starts(open_slots, 10, monrovia)[:3] == ["09:00", "09:15", "09:30"]
    assert all(slot.start.astimezone(monrovia).second == 0 for slot in open_slots.slots)


def test_a_day_too_short_for_the_occasion_says_so() -> None:
    assert set(rules(look(available=every_day("09:00-09:45"))).values()) == {"between"}


def test_nothing_starts_sooner_than_the_notice() -> None:
    open_slots = look()
    assert rules(open_slots)[8] == "notice"
    assert starts(open_slots, 9) == ["17:00"]


def test_nothing_starts_beyond_the_horizon() -> None:
    open_slots = look(by=rhythm(horizon="2 days"))
    assert starts(open_slots, 10)[-1] == "17:00"
    assert starts(open_slots, 11) == []
    early = look(by=rhythm(horizon="36 hours"))
    assert rules(early)[10] == "horizon"


def test_every_day_has_slots_or_the_rule_that_closed_it() -> None:
    open_slots = look(event(at(11, 9), at(11, 18)), all_day(12, 13), available=Availability())
    open_days = {slot.start.astimezone(BERLIN).day for slot in open_slots.slots}
    assert open_days == {9, 10, 13}
    assert rules(open_slots) == {
        8: "availability", 11: "busy", 12: "all-day", 14: "availability", 15: "availability",
    }  # fmt: skip
    assert {closed.day.day: closed.reason for closed in open_slots.closed}[
        12
    ] == "Taken all day: Something."


def test_slots_come_in_order_of_start_and_then_of_the_occasions() -> None:
    open_slots = look(
        occasions={"walk": occasion(["09:00-11:00"]), "coffee": occasion(["09:00-11:00"])}
    )
    assert [slot.occasion for slot in open_slots.slots[:4]] == ["walk", "coffee", "walk", "coffee"]


def test_looking_where_busy_time_is_not_known_is_refused() -> None:
    taken = busy((), mine=(), zone=BERLIN, within=lookahead(rhythm(), SUNDAY))
    with pytest.raises(ValueError, match="known from"):
        openings(
            {},
            taken,
            OpeningRules(Availability(), rhythm(), BERLIN),
            SUNDAY + 30 * DAY,
        )
    with pytest.raises(ValueError, match="known from"):
        overlaps(taken, SUNDAY + 30 * DAY, SUNDAY + 31 * DAY)


@pytest.mark.parametrize("buffer", ["0 minutes", "2 hours"])
def test_what_is_known_is_enough_for_two_days_before_and_after_and_for_no_more(buffer: str) -> None:
    by = rhythm(buffer=buffer)
    taken = busy((), mine=(), zone=BERLIN, within=lookahead(by, SUNDAY))
    rules = OpeningRules(every_day("09:00-18:00"), by, BERLIN)
    for days in (-2, 2):
        assert openings({}, taken, rules, SUNDAY + days * DAY).slots == ()
        beyond = SUNDAY + days * DAY + days * MINUTE
        with pytest.raises(ValueError, match="known from"):
            openings({}, taken, rules, beyond)


def test_what_is_asked_for_holds_reaches_as_far_around_them() -> None:
    by = rhythm(buffer="1 hour")
    before, after = TimeSpan(at(1, 9), at(1, 10)), TimeSpan(at(29, 9), at(29, 10))
    around = 4 * DAY + 60 * MINUTE
    assert lookahead(by, SUNDAY, [before, after]) == TimeSpan(
        before.start - around, after.end + around
    )


def test_days_are_told_from_today_to_the_horizon_by_the_users_clock() -> None:
    """Half past eleven at night in London is the next day in Berlin."""
    late = datetime(2026, 11, 8, 23, 30, tzinfo=UTC)
    away = every_day("09:00-18:00", blackout=("2026-11-01..2026-11-30",))
    told = [
        one.day.day for one in look(available=away, now=late, by=rhythm(horizon="2 days")).closed
    ]
    assert told == [9, 10, 11]


def test_a_closed_day_names_the_occasions_that_were_looked_for() -> None:
    lunch = {"lunch": occasion(["12:00-14:00"], 60, ("tue",))}
    told = {one.day.day: one.reason for one in look(occasions=lunch).closed}
    assert told[11] == "Not a day for lunch."
    short = look(occasions=lunch, available=every_day("12:00-12:30")).closed
    assert {one.reason for one in short if one.day.day == 10} == {
        "You are not available for long enough at the times of day for lunch."
    }


def test_a_day_partly_too_soon_and_partly_too_far_ahead_is_too_soon() -> None:
    by = rhythm(notice="1 day", horizon="1 day")  # Monday at 17:00
    either = ["09:00-12:00", "18:00-20:00"]
    told = look(available=every_day(*either), occasions={"coffee": occasion(either)}, by=by)
    assert rules(told)[9] == "notice"
    by = rhythm(notice="2 days", horizon="1 day")
    at_the_horizon = look(available=every_day("17:00-18:00"), by=by)
    assert rules(at_the_horizon)[9] == "notice"


def test_what_is_ignored_closes_no_whole_day() -> None:
    assert starts(look(all_day(10, 11), ignoring=frozenset({"event"})), 10) != []
    absent = event(at(10, 12), at(10, 13), kind="out-of-office")
    assert starts(look(absent, ignoring=frozenset({"event"})), 10) != []
    assert starts(look(absent), 10) == []


def test_a_gap_between_two_minutes_has_no_slot() -> None:
    second = timedelta(seconds=1)
    before = event(at(10, 0), at(10, 10) + 10 * second)
    after = event(at(10, 11) + 50 * second, at(10, 23))
    assert starts(look(before, after, by=rhythm(buffer="0 minutes")), 10) == []
    wider = event(at(10, 11) + 60 * second, at(10, 23))
    assert starts(look(before, wider, by=rhythm(buffer="0 minutes")), 10) == ["10:01"]


def test_starts_are_whole_minutes_whatever_the_moment() -> None:
    odd = SUNDAY + timedelta(seconds=59, microseconds=5)
    always = "00:00-24:00"
    open_slots = look(
        now=odd,
        occasions={"call": occasion([always])},
        available=every_day(always),
        by=rhythm(notice="1 hour"),
    )
    assert open_slots.slots[0].start == at(8, 18, 15)
    assert all(not (slot.start.second or slot.start.microsecond) for slot in open_slots.slots)


# --- one slot or hold asked again ---


def known(*events: Occurrence, holds: tuple[TimeSpan, ...] = ()) -> object:
    return busy(events, mine={ME}, zone=BERLIN, within=lookahead(rhythm(), SUNDAY, holds))


def test_a_hold_is_displaced_by_what_lies_on_it_and_not_by_what_lies_beside_it() -> None:
    span = at(10, 10), at(10, 11)
    beside = known(event(at(10, 9), at(10, 10)), event(at(10, 11), at(10, 12)), hold(*span))
    assert overlaps(beside, *span, ignoring={"fikad-1"}) is None  # type: ignore[arg-type]
    on_it = overlaps(known(event(at(10, 10, 59), at(10, 12))), *span)  # type: ignore[arg-type]
    assert isinstance(on_it, Taken)
    assert on_it.title == "Something"


def test_a_hold_is_displaced_by_an_absence_on_its_day() -> None:
    span = at(10, 10), at(10, 11)
    assert overlaps(known(all_day(9, 12)), *span) is not None  # type: ignore[arg-type]
    assert overlaps(known(event(at(10, 20), at(10, 21), kind="out-of-office")), *span) is not None  # type: ignore[arg-type]
    assert overlaps(known(all_day(11, 12), all_day(9, 10)), *span) is None  # type: ignore[arg-type]


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_an_absence_on_the_day_of_a_hold_is_seen_though_no_more_than_the_hold_was_asked_for(
    zone: str,
) -> None:
    there = ZoneInfo(zone)
    span = [datetime(2026, 11, 10, hour, tzinfo=there).astimezone(UTC) for hour in (1, 23)]
    for first, last in (span[0], span[0] + 60 * MINUTE), (span[1] - 60 * MINUTE, span[1]):
        taken = busy([all_day(10, 11)], mine=(), zone=there, within=TimeSpan(first, last))
        assert overlaps(taken, first, last) is not None


def test_a_hold_far_beyond_the_horizon_can_be_asked_about() -> None:
    far = TimeSpan(SUNDAY + 90 * DAY, SUNDAY + 90 * DAY + 60 * MINUTE)
    taken = known(event(far.start, far.end), holds=(far,))
    assert overlaps(taken, far.start, far.end) is not None  # type: ignore[arg-type]


# --- the clock is changed ---


def night(zone: str, day: date, span: str, minutes: int, second: int = 0) -> list[tuple[str, str]]:
    """The slots within a span of the wall clock on a night, start and end as the clock shows
    them."""
    there = ZoneInfo(zone)
    before = datetime(day.year, day.month, day.day, 12, tzinfo=there).astimezone(UTC) - DAY
    before += timedelta(seconds=second, microseconds=7)
    open_slots = look(
        occasions={"call": occasion(["00:00-24:00"], minutes)},
        available=every_day(span),
        by=rhythm(notice="0 minutes", horizon="1 day"),
        zone=there,
        now=before,
    )
    shown = [
        (slot.start.astimezone(there), slot.end.astimezone(there)) for slot in open_slots.slots
    ]
    assert all(slot.end - slot.start == minutes * MINUTE for slot in open_slots.slots)
    return [(f"{start:%H:%M}", f"{end:%H:%M}") for start, end in shown if start.date() == day]


def test_the_hour_lost_in_spring_is_in_no_slot() -> None:
    shown = night("Europe/Berlin", date(2027, 3, 28), "01:30-04:00", 60)
    assert shown == [("01:30", "03:30"), ("01:45", "03:45"), ("03:00", "04:00")]
    for second in range(4):
        assert night("Europe/Berlin", date(2027, 3, 28), "02:30-03:30", 30, second) == [
            ("03:00", "03:30")
        ]
        assert night("Europe/Berlin", date(2027, 3, 28), "01:30-02:30", 30, second) == [
            ("01:30", "03:00")
        ]


def test_the_hour_is_lost_at_its_second_whenever_one_looks() -> None:
    open_slots = look(
        occasions={"call": occasion(["02:30-03:30"], 30)},
        available=every_day("02:30-03:30"),
        by=rhythm(notice="0 minutes", horizon="2 days"),
        now=datetime(2027, 3, 27, 0, 59, 59, tzinfo=UTC),
    )
    on_the_day = [slot.start for slot in open_slots.slots if slot.start.day == 28]
    assert on_the_day == [datetime(2027, 3, 28, 1, tzinfo=UTC)]


def test_a_span_that_does_not_exist_that_night_has_no_slot() -> None:
    assert night("America/New_York", date(2027, 3, 14), "02:00-03:00", 30) == []
    assert night("Australia/Lord_Howe", date(2026, 10, 4), "02:00-02:30", 30) == []


def test_the_hour_shown_twice_in_autumn_counts_twice() -> None:
    shown = night("America/New_York", date(2026, 11, 1), "01:00-02:00", 60)
    assert [start for start, _ in shown] == ["01:00", "01:15", "01:30", "01:45", "01:00"]


def test_a_span_that_the_clock_leaves_and_enters_again_is_two() -> None:
    """From 01:30 to 02:00 comes twice, half an hour apart: no hour fits, although both halves make
    one."""
    assert night("America/New_York", date(2026, 11, 1), "01:30-02:00", 60) == []
    assert night("America/New_York", date(2026, 11, 1), "01:30-02:00", 30) == [
        ("01:30", "01:00"),
        ("01:30", "02:00"),
    ]


def test_the_half_hour_of_lord_howe_is_kept() -> None:
    shown = night("Australia/Lord_Howe", date(2027, 4, 4), "01:00-02:00", 75)
    assert shown == [("01:00", "01:45"), ("01:15", "02:00")]


def test_a_day_whose_midnight_does_not_exist_begins_at_one() -> None:
    shown = night("Asia/Beirut", date(2027, 3, 28), "00:00-02:00", 60)
    assert shown == [("01:00", "02:00")]


# --- all rules together ---

CHANGES = {
    "Europe/Berlin": [date(2026, 10, 25), date(2027, 3, 28)],
    "America/New_York": [date(2026, 11, 1), date(2027, 3, 14)],
    "Australia/Sydney": [date(2026, 10, 4), date(2027, 4, 4)],
    "Australia/Lord_Howe": [date(2026, 10, 4), date(2027, 4, 4)],
    "Asia/Kolkata": [date(2026, 10, 25), date(2027, 3, 28)],
}


@st.composite
def spans_of_a_day(draw: st.DrawFn) -> str:
    step = draw(st.sampled_from([1, 15, 60]))
    start = draw(st.integers(0, 1439 // step)) * step
    end = min(start + draw(st.integers(1, 600 // step)) * step, 1440)
    return f"{start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02}"


@st.composite
def weeks(draw: st.DrawFn) -> Availability:
    spans = st.lists(spans_of_a_day(), max_size=2)
    return Availability.model_validate({day: draw(spans) for day in WEEKDAY_NAMES})


@st.composite
def calendars(draw: st.DrawFn, around: datetime) -> list[Occurrence]:
    occurrences = []
    for _ in range(draw(st.integers(0, 8))):
        start = around + draw(st.integers(-1440, 2 * 1440)) * MINUTE
        kind = draw(
            st.sampled_from(
                ["timed", "timed", "timed", "all-day", "out-of-office", "hold", "free", "declined"]
            )
        )
        end = start + draw(st.integers(0, 400)) * MINUTE
        if kind == "all-day":
            day = start.replace(hour=0, minute=0)
            occurrences.append(event(day, day + DAY, all_day=True))
        elif kind == "hold":
            occurrences.append(hold(start, end))
        elif kind == "declined":
            occurrences.append(event(start, end, attendees=(Attendee(ME, answer="declined"),)))
        else:
            more = {"kind": kind} if kind == "out-of-office" else {"transparent": kind == "free"}
            occurrences.append(event(start, end, **more))
    return occurrences


@st.composite
def worlds(draw: st.DrawFn, zone: str) -> dict[str, object]:
    change = draw(st.sampled_from(CHANGES[zone]))
    midnight = datetime(change.year, change.month, change.day, tzinfo=ZoneInfo(zone)).astimezone(
        UTC
    )
    occasions = {}
    for name, days in (("coffee", WEEKDAYS), ("walk", ("sat", "sun", "mon"))):
        between = draw(st.lists(spans_of_a_day(), min_size=1, max_size=2))
        minutes = draw(st.integers(10, 150))
        occasions[name] = occasion([*between, "01:00-04:00"], minutes, days)
    return {
        "now": midnight - draw(st.integers(0, 2 * 1440)) * MINUTE,
        "events": draw(calendars(midnight)),
        "occasions": occasions,
        "available": draw(weeks()),
        "by": rhythm(
            notice=f"{draw(st.integers(0, 1440))} minutes",
            horizon=f"{draw(st.integers(1440, 3 * 1440))} minutes",
            buffer=f"{draw(st.sampled_from([0, 5, 15, 60]))} minutes",
        ),
    }


def minutes_of(world: dict, zone: ZoneInfo) -> tuple[list[Any], list[Any], list[bool]]:  # type: ignore[type-arg]
    """Every minute that is looked at, its weekday and minute of the day on the wall, and whether
    nothing of the user's is in its way."""
    now, by = world["now"], world["by"]
    first = now.replace(second=0)
    minutes = [first + count * MINUTE for count in range(int((by.horizon + 2 * DAY) / MINUTE))]
    walls = [moment.astimezone(zone) for moment in minutes]
    days = [wall.date() for wall in walls]
    shut_days = {
        day for day in set(days) if any(_shuts(event, day, zone) for event in world["events"])
    }
    free = [
        day not in shut_days
        and not any(_in_the_way(event, moment, by.buffer) for event in world["events"])
        for moment, day in zip(minutes, days, strict=True)
    ]
    return minutes, [(wall.weekday(), wall.hour * 60 + wall.minute) for wall in walls], free


def open_minutes(world: dict, name: str) -> set[datetime]:  # type: ignore[type-arg]
    """Every full minute at which the occasion may start, by asking each minute of it whether it may
    be used."""
    now, by, occasion = world["now"], world["by"], world["occasions"][name]
    minutes, walls, free = world["minutes"]
    expected = set()
    for between in occasion.between:
        for weekday in map(WEEKDAYS.index, occasion.days):
            for available in world["available"].on(weekday):
                run = 0
                for place in range(len(minutes) - 1, -1, -1):
                    day, minute = walls[place]
                    usable = (
                        free[place]
                        and day == weekday
                        and available.start_minute <= minute < available.end_minute
                        and between.start_minute <= minute < between.end_minute
                    )
                    run = run + 1 if usable else 0
                    if (
                        run >= occasion.minutes
                        and now + by.notice <= minutes[place] <= now + by.horizon
                    ):
                        expected.add(minutes[place])
    empty = [
        event
        for event in world["events"]
        if event.start == event.end and _counts(event) and not by.buffer
    ]
    return {
        s
        for s in expected
        if not any(s < event.start < s + occasion.minutes * MINUTE for event in empty)
    }


def _counts(event: Occurrence) -> bool:
    return not event.all_day and (
        event.hold is not None or not (event.transparent or event.attendees)
    )


def _in_the_way(event: Occurrence, moment: datetime, buffer: timedelta) -> bool:
    return _counts(event) and event.start - buffer < moment + MINUTE and moment < event.end + buffer


def _shuts(event: Occurrence, day: date, zone: ZoneInfo) -> bool:
    if event.all_day:
        return event.start.date() == day
    last = max(event.start, event.end - MINUTE)
    touched = event.start.astimezone(zone).date() <= day <= last.astimezone(zone).date()
    return event.kind == "out-of-office" and touched


@pytest.mark.parametrize("zone", CHANGES)
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(data=st.data())
def test_slots_are_exactly_what_the_rules_leave_open_across_clock_changes(
    zone: str, data: st.DataObject
) -> None:
    """Every slot is allowed, every allowed quarter hour is a slot, and a day said to be closed has
    no minute left."""
    there = ZoneInfo(zone)
    world = data.draw(worlds(zone))
    now, by, occasions = world["now"], world["by"], world["occasions"]
    open_slots = look(
        *world["events"],  # type: ignore[misc]
        occasions=occasions,  # type: ignore[arg-type]
        available=world["available"],  # type: ignore[arg-type]
        by=by,  # type: ignore[arg-type]
        zone=there,
        now=now,  # type: ignore[arg-type]
    )
    closed = {closed_day.day for closed_day in open_slots.closed}
    world["minutes"] = minutes_of(world, there)
    for name, occasion in occasions.items():  # type: ignore[attr-defined]
        slots = {slot.start for slot in open_slots.slots if slot.occasion == name}
        allowed = open_minutes(world, name)
        assert slots <= allowed
        assert {start for start in allowed if _minute(start, there) % 15 == 0} <= slots
        assert {start.astimezone(there).date() for start in allowed} == {
            s.astimezone(there).date() for s in slots
        }
        assert closed.isdisjoint(start.astimezone(there).date() for start in allowed)
        assert all(
            slot.end - slot.start == occasion.minutes * MINUTE
            for slot in open_slots.slots
            if slot.occasion == name
        )
    days = {slot.start.astimezone(there).date() for slot in open_slots.slots} | closed
    last = (now + by.horizon).astimezone(there).date()  # type: ignore[attr-defined]
    assert len(days) == (last - now.astimezone(there).date()).days + 1  # type: ignore[attr-defined]
