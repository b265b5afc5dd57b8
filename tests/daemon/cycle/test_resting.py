"""After a pass that found nothing, when the next one may find something: whatever is unfinished or
came in makes it the next poll, and else the clock tells."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.base import HoldDraft, Problem
from daemon.address_books.book_reading import BookReading
from daemon.cycle.account_reading import AccountReading
from daemon.cycle.accounts import AccountsRead
from daemon.cycle.inputs import PassInputs, gather
from daemon.cycle.reading import SLACK
from daemon.cycle.report import CalendarMade, DigestBecame, Report
from daemon.cycle.resting import quiet_time
from daemon.holds.digest import Digest
from daemon.holds.record import Hold
from daemon.ledger.ledger import Ledger
from tests.daemon.world import (
    BERLIN,
    Clock,
    Fikad,
    calendars,
    config,
    event,
    new_ledger,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
"""A Tuesday, 13:00 in Berlin."""
MIDNIGHT = datetime(2026, 11, 24, 23, tzinfo=UTC)
ANYTHING: Any = object()
HOUR = timedelta(hours=1)
DRAFT = HoldDraft("fikad-1", "Coffee with Jane Doe?", NOW - 2 * HOUR, NOW - HOUR, "")
HOLD = Hold("fikad-1", "jane doe", "Jane Doe", "home", "Coffee", "lapsed", NOW, DRAFT)
WELL = AccountReading("home", "ok", "", ("Personal",), 0, 3)
BOOK = BookReading("cards", "ok", "", ("Contacts",), 0, 3)
FOREVER = NOW + timedelta(weeks=500)


def a_ledger() -> Ledger:
    ledger = new_ledger()
    ledger.keep_accounts({"home": None})
    return ledger


def looked_at(ledger: Ledger, now: datetime = NOW, **tables: Any) -> PassInputs:
    """What a pass looks at that found nobody due."""
    ledger.add_people(["jane doe"], FOREVER)
    made = config(**tables)
    inputs = gather(made, ledger, AccountsRead([], ()), now, complete=True)
    [(key, standing)] = inputs.situation.standings.items()
    return with_situation(inputs, standings={key: replace(standing, due=FOREVER)})


def with_situation(inputs: PassInputs, **fields: Any) -> PassInputs:
    return replace(inputs, situation=replace(inputs.situation, **fields))


def with_standing(inputs: PassInputs, **fields: Any) -> PassInputs:
    [(key, standing)] = inputs.situation.standings.items()
    return with_situation(inputs, standings={key: replace(standing, **fields)})


def until(inputs: PassInputs, ledger: Ledger, **report: Any) -> datetime | None:
    """Until when nothing is to be done."""
    told = Report([WELL], [BOOK], **report)
    quiet = quiet_time(inputs, ledger, told, ledger.decided())
    if quiet is None:
        return None
    assert quiet[0] == inputs.now
    return quiet[1]


# --- what is not done yet, or came in ---


def test_a_pass_that_found_nothing_leaves_the_next_polls_quiet() -> None:
    ledger = a_ledger()
    assert until(looked_at(ledger), ledger) == MIDNIGHT
    told = Report([WELL, WELL], [BOOK, BOOK], holds={"accepted": []}, planned=True)
    assert quiet_time(looked_at(ledger), ledger, told, ledger.decided()) == (NOW, MIDNIGHT)


REPORTS: list[dict[str, Any]] = [
    {"readings": [WELL, replace(WELL, state="error")]},
    {"readings": [WELL, replace(WELL, changed=1)]},
    {"books": [BOOK, replace(BOOK, state="auth")]},
    {"books": [BOOK, replace(BOOK, changed=1)]},
    {"met": [ANYTHING]},
    {"holds": {"moved": [], "accepted": [HOLD]}},
    {"renewed": [HOLD]},
    {"digests": [DigestBecame("removed", "Your week", date(2026, 11, 22))]},
    {"made": CalendarMade("home", "Coffee")},
    {"not_writable": "the calendar cannot be written"},
    {"unasked": (("home", "the server is down"),)},
]


@pytest.mark.parametrize("said", REPORTS, ids=lambda said: "-".join(said))
def test_whatever_came_in_or_was_done_makes_the_next_poll_a_pass(said: dict[str, Any]) -> None:
    ledger = a_ledger()
    inputs = looked_at(ledger)
    assert quiet_time(inputs, ledger, Report(**said), ledger.decided()) is None


@pytest.mark.parametrize(
    "found",
    [
        {"hidden": [ANYTHING]},
        {"unread": frozenset({"fikad-1"})},
        {"hiding": frozenset({("home", "Coffee")})},
    ],
    ids=lambda found: "-".join(found),
)
def test_while_events_of_ours_are_not_to_be_seen_every_poll_is_a_pass(
    found: dict[str, Any],
) -> None:
    ledger = a_ledger()
    assert until(replace(looked_at(ledger), **found), ledger) is None


def test_while_a_write_is_not_confirmed_every_poll_is_a_pass() -> None:
    ledger = a_ledger()
    inputs = looked_at(ledger)
    assert until(with_situation(inputs, holds=[HOLD, HOLD]), ledger) == MIDNIGHT
    for unfinished in (
        replace(HOLD, intent="delete"),
        replace(HOLD, state="creating", intent="create"),
    ):
        assert until(with_situation(inputs, holds=[HOLD, unfinished]), ledger) is None


def test_while_a_digest_is_not_confirmed_every_poll_is_a_pass() -> None:
    ledger = a_ledger()
    digests = {
        uid: Digest(uid, "home", "Coffee", "standing", replace(DRAFT, uid=uid), "")
        for uid in ("fikad-week-1", "fikad-week-2")
    }
    ledger.save_digests(digests)
    assert until(looked_at(ledger), ledger) == MIDNIGHT
    ledger.save_digests({"fikad-week-2": replace(digests["fikad-week-2"], state="creating")})
    assert until(looked_at(ledger), ledger) is None


def test_a_hold_to_be_replaced_is_looked_for_until_a_plan_found_nothing_for_it() -> None:
    ledger = a_ledger()
    ledger.count_lost_hold()
    inputs = looked_at(ledger)
    assert until(inputs, ledger) is None
    assert until(inputs, ledger, planned=True) == MIDNIGHT


def test_what_was_decided_meanwhile_makes_the_next_poll_a_pass() -> None:
    ledger = a_ledger()
    inputs = looked_at(ledger)
    before = ledger.decided()
    ledger.snooze("jane doe", FOREVER, NOW)
    told = Report([WELL])
    assert quiet_time(inputs, ledger, told, before) is None
    assert quiet_time(inputs, ledger, told, ledger.decided()) is not None


# --- what the clock brings about ---


def test_the_next_day_of_the_users_zone_is_the_last_that_is_waited_for() -> None:
    ledger = a_ledger()
    assert until(looked_at(ledger, timezone="Asia/Tokyo"), ledger) == NOW + 3 * HOUR
    assert until(looked_at(ledger, NOW - HOUR), ledger) == MIDNIGHT
    past_midnight = MIDNIGHT + timedelta(minutes=30)
    assert until(looked_at(ledger, past_midnight), ledger) == MIDNIGHT + timedelta(days=1)


def test_not_even_on_a_day_of_twenty_five_hours_a_longer_time_is_waited_for() -> None:
    ledger = a_ledger()
    morning = datetime(2026, 10, 25, 0, 30, tzinfo=BERLIN).astimezone(UTC)
    inputs = looked_at(ledger, morning, rhythm={"plan": "monday 08:00"})
    assert until(inputs, ledger) == morning + timedelta(days=1)


def test_the_time_to_plan_is_waited_for() -> None:
    ledger = a_ledger()
    sunday = datetime(2026, 11, 22, 12, tzinfo=UTC)
    five = datetime(2026, 11, 22, 16, tzinfo=UTC)
    assert until(looked_at(ledger, sunday), ledger) == five
    assert until(looked_at(ledger, five), ledger) == five + 7 * HOUR
    zone = ZoneInfo("America/New_York")
    rhythm = {"plan": "tuesday 08:00"}
    made = looked_at(ledger, timezone=zone.key, rhythm=rhythm)
    assert until(made, ledger) == NOW + HOUR


def test_whatever_begins_or_ends_is_waited_for() -> None:
    ledger = a_ledger()
    inputs = looked_at(ledger)
    minutes = count(30, -1)

    def soon() -> datetime:
        return NOW + timedelta(minutes=next(minutes))

    beginning, ending = soon(), soon()
    ahead = replace(HOLD, draft=replace(DRAFT, start=beginning, end=FOREVER))
    under_way = replace(HOLD, draft=replace(DRAFT, end=ending))
    inputs = with_situation(inputs, holds=[HOLD, ahead])
    assert until(inputs, ledger) == beginning
    inputs = with_situation(inputs, holds=[HOLD, ahead, under_way])
    assert until(inputs, ledger) == ending
    problems = [Problem("a", "garbled"), Problem("b", "garbled", soon(), FOREVER)]
    inputs = with_situation(inputs, problems=problems)
    assert until(inputs, ledger) == problems[1].start
    problems.append(Problem("c", "garbled", NOW - HOUR, soon()))
    assert until(inputs, ledger) == problems[2].end


def test_what_begins_at_this_very_moment_is_no_reason_to_look_again_at_once() -> None:
    ledger = a_ledger()
    now = replace(HOLD, draft=replace(DRAFT, start=NOW, end=FOREVER))
    assert until(with_situation(looked_at(ledger), holds=[now]), ledger) == MIDNIGHT


def test_when_somebody_falls_due_or_may_be_asked_again_is_waited_for() -> None:
    ledger = a_ledger()
    inputs = looked_at(ledger)
    for number, name in enumerate(("due", "next_booked", "snoozed_until", "cooldown_until")):
        moment = NOW + timedelta(minutes=9 - number)
        inputs = with_standing(inputs, **{name: moment})
        assert until(inputs, ledger) == moment, name


def test_who_is_due_earlier_for_a_birthday_is_waited_for_then() -> None:
    ledger = a_ledger()
    due = NOW + timedelta(weeks=2) + HOUR
    inputs = with_standing(looked_at(ledger), due=due)
    assert until(inputs, ledger) == MIDNIGHT
    assert until(with_standing(inputs, birthday=date(2026, 12, 1)), ledger) == NOW + HOUR


def test_an_event_that_was_read_is_waited_for() -> None:
    home = calendars(event("soon", "Budget", NOW + HOUR), event("late", "Budget", NOW + 3 * HOUR))
    fikad = Fikad(config(), home.open, Clock(NOW))
    fikad.ledger.add_people(["jane doe"], NOW)
    fikad.once("none")
    inputs = looked_at(fikad.ledger)
    assert until(inputs, fikad.ledger) == NOW + HOUR


def test_when_series_must_be_expanded_further_is_waited_for() -> None:
    ledger = a_ledger()
    inputs = looked_at(ledger)
    first = ledger.add_calendar("home", "a", "A", "")
    second = ledger.add_calendar("home", "b", "B", "")
    assert until(inputs, ledger) == MIDNIGHT
    enough = NOW + inputs.config.rhythm.horizon + SLACK
    ledger.save_window(first.id, NOW, enough + 3 * HOUR, "Europe/Berlin")
    assert until(inputs, ledger) == NOW + 3 * HOUR
    ledger.save_window(second.id, NOW, enough + 2 * HOUR, "Europe/Berlin")
    assert until(inputs, ledger) == NOW + 2 * HOUR
