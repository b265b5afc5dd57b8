"""The past once more: what is known when, what is asked, and what it is compared with."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from connectors.base import Occurrence
from daemon.config.schema import Config
from daemon.judging.recency import Met
from daemon.practice.backtest import Backtest, Past, in_touch, replay
from tests.daemon.situations import judge

END = datetime(2026, 11, 22, 16, tzinfo=UTC)
WEEK, DAY, HOUR = timedelta(weeks=1), timedelta(days=1), timedelta(hours=1)
START = END - 12 * WEEK


def config(**more: object) -> Config:
    given = {
        "timezone": "Europe/Berlin",
        "contacts": [
            {"name": "Jane", "cadence": "4 weeks"},
            {"name": "Omar", "cadence": "4 weeks"},
        ],
    }
    return Config.model_validate(given | more)


def met(key: str, when: datetime) -> Met:
    return Met(key, when, when + HOUR, "attendee")


def run(
    *real: Met, by: Config | None = None, answers: str = "kept", busy: tuple[Occurrence, ...] = ()
) -> Backtest:
    chosen = by or config()
    events = [
        Occurrence(f"real {number}", meeting.start, meeting.end)
        for number, meeting in enumerate(real)
    ]
    past = Past(
        chosen.people,
        sorted(real, key=lambda meeting: meeting.end),
        [*events, *busy],
        judge(chosen, END),
    )
    return replay(chosen, past, START, END, answers)  # type: ignore[arg-type]


LAST = START - 5 * WEEK


def test_everybody_overdue_is_asked_and_would_have_stayed_in_touch() -> None:
    backtest = run(met("jane", LAST), met("omar", LAST))
    asked = {compared.contact.key: compared.asked for compared in backtest.contacts}
    assert asked == {"jane": 3, "omar": 2}
    assert backtest.a_week == pytest.approx(5 / 12)
    assert backtest.in_touch(replayed=False) == 0
    assert backtest.in_touch(replayed=True) > 0.6


def test_the_plan_is_made_at_its_time_and_keeps_the_rules() -> None:
    backtest = run(met("jane", LAST))
    first = backtest.suggestions[0]
    assert first.asked_at.isoformat() == "2026-09-06T17:00:00+02:00"
    assert timedelta(days=1) <= first.hold.start - first.asked_at <= 2 * WEEK
    assert first.became == "kept"


def test_nothing_is_known_of_a_date_until_a_week_before_it() -> None:
    """Jane was met on a Thursday; on the Sunday eleven days before nobody knew, on the one four
    days before you did."""
    thursday = START + 32 * DAY
    asked = [
        suggestion.asked_at
        for suggestion in run(met("jane", LAST), met("jane", thursday)).suggestions
    ]
    assert asked[0] < thursday - WEEK
    known = run(met("jane", LAST), met("jane", START + 5 * DAY), met("omar", LAST))
    assert all(
        suggestion.asked_at > START + 20 * DAY
        for suggestion in known.suggestions
        if suggestion.hold.contact_key == "jane"
    )


def test_a_suggestion_is_taken_back_when_you_met_before_its_time() -> None:
    busy = tuple(
        Occurrence(
            f"busy {day}",
            START + day * DAY,
            START + (day + 1) * DAY,
            transparent=False,
            all_day=False,
        )
        for day in range(17)
    )
    backtest = run(met("jane", LAST), met("jane", START + 15 * DAY), busy=busy)
    assert backtest.suggestions[0].became == "taken back"
    assert {compared.contact.key: compared.dates_real for compared in backtest.contacts} == {
        "jane": 1,
        "omar": 0,
    }


def test_ignored_suggestions_come_less_and_less_often() -> None:
    kept = run(met("jane", LAST), met("omar", LAST), answers="ignored")
    assert {suggestion.became for suggestion in kept.suggestions} <= {"lapsed", "open"}
    times = [
        suggestion.asked_at
        for suggestion in kept.suggestions
        if suggestion.hold.contact_key == "jane"
    ]
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert gaps == sorted(gaps)
    assert kept.in_touch(replayed=True) == 0


@pytest.mark.parametrize(
    ("ends", "part"),
    [
        ([], 0.0),
        ([0], 0.5),
        ([-4], 0.1),
        ([-9], 0.0),
        ([0, 5], 1.0),
        ([0, 3], 0.8),
        ([9], 0.1),
        ([2, 2], 0.5),
    ],
)
def test_in_touch_is_the_part_of_the_time_within_the_cadence(ends: list[int], part: float) -> None:
    assert in_touch(
        [START + day * DAY for day in ends], 5 * DAY, START, START + 10 * DAY
    ) == pytest.approx(part)
