"""Real calendar files from other projects' bug reports, many of them broken on purpose.

Every file is read in bounded time without an exception, and what is well-formed agrees with
recurring-ical-events used directly. The few files in which fikad reads something else on purpose
are listed with the reason."""

from __future__ import annotations

import time
import warnings
from collections import Counter
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events

from connectors.ical.expansion import Expander
from connectors.ical.expansion_job import Expansion, ExpansionJob

FOLDER = Path(__file__).parents[3].parent / "shared" / "calendars"
FILES = {str(path.relative_to(FOLDER)): path for path in sorted(FOLDER.rglob("*.ics"))}
WINDOW = (datetime(1990, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC))
SECONDS_PER_FILE = 30

UNKNOWN_ZONE = "an unknown zone without a definition is set aside, not made floating"
ENDS_FIRST = "an event that ends before it starts is set aside, not turned round"
ONE_DAY = "an all-day event lasts at least a day"
ON_PURPOSE = {
    "recurring-ical-events/issue_117_until_before_dtstart.ics": "a series that ends before it "
    "begins takes place once",
    "icalendar/example.ics": "two different events that share a UID both take place",
    "icalendar/issue_526_calendar_with_different_events.ics": UNKNOWN_ZONE,
    "icalendar/issue_526_calendar_with_event_subset.ics": UNKNOWN_ZONE,
    "icalendar/issue_526_calendar_with_events.ics": UNKNOWN_ZONE,
    "icalendar/issue_526_calendar_with_shuffeled_events.ics": UNKNOWN_ZONE,
    "icalendar/issue_722_missing_VTIMEZONE_custom.ics": UNKNOWN_ZONE,
    "icalendar/src_icalendar_tests_calendars_example.ics": ONE_DAY,
    "recurring-ical-events/Germany_Holidays.ics": ONE_DAY,
    "recurring-ical-events/end_before_start_event.ics": ENDS_FIRST,
    "recurring-ical-events/issue_132_swapped_start_and_end.ics": ENDS_FIRST,
    "recurring-ical-events/issue_201_test_matrix.ics": "an event that starts on a date is "
    "all-day, whatever its end",
    "recurring-ical-events/issue_75_range_parameter.ics": "a series UNTIL a date includes that day",
}

pytestmark = pytest.mark.skipif(not FILES, reason="the folder of real calendars is not here")


@cache
def expansions() -> dict[str, tuple[Expansion, float]]:
    """Every file's expansion and how long it took."""
    result = {}
    with Expander() as expander:
        for name, path in FILES.items():
            begun = time.monotonic()
            job = ExpansionJob(
                name, (path.read_bytes().decode("utf-8", "replace"),), *WINDOW, ZoneInfo("UTC")
            )
            ((_, expansion),) = expander.expand([job])
            result[name] = expansion, time.monotonic() - begun
    return result


@cache
def directly(path: Path) -> Counter[tuple[datetime, datetime]] | None:
    """Starts and ends according to recurring-ical-events; None when it or icalendar refuses the
    file."""
    result: Counter[tuple[datetime, datetime]] = Counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            for component in icalendar.Calendar.from_ical(path.read_bytes(), multiple=True):
                calendar = component
                if component.name != "VCALENDAR":
                    calendar = icalendar.Calendar()
                    calendar.add_component(component)
                for event in recurring_ical_events.of(calendar).between(*WINDOW):
                    result[_instant(event["DTSTART"].dt), _instant(event["DTEND"].dt)] += 1
        except Exception:  # noqa: BLE001 - which error a broken file provokes there is not our matter
            return None
    return result


def _instant(value: date) -> datetime:
    if not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)


@pytest.mark.parametrize("name", FILES)
def test_a_real_file_is_read_in_bounded_time_and_what_was_set_aside_is_told(name: str) -> None:
    expansion, seconds = expansions()[name]
    assert seconds < SECONDS_PER_FILE
    for problem in expansion.problems:
        assert problem.reason
        assert problem.reason.isprintable()
        assert "takes too long" not in problem.reason
        print(f"{name}: {problem.uid}: {problem.reason}")
    for occurrence in expansion.occurrences:
        assert occurrence.start.tzinfo is UTC
        assert occurrence.start <= occurrence.end
        assert occurrence.title.isprintable()


@pytest.mark.parametrize("name", FILES)
def test_well_formed_files_agree_with_recurring_ical_events_used_directly(name: str) -> None:
    expected = directly(FILES[name])
    if expected is None:
        return
    spans = Counter(
        (o.start, o.end) for o in expansions()[name][0].occurrences if o.kind != "unplaced"
    )
    if name in ON_PURPOSE:
        assert spans != expected, f"no longer different: {ON_PURPOSE[name]}"
    else:
        assert spans == expected


def test_most_files_are_well_formed_enough_to_be_compared() -> None:
    assert sum(directly(path) is not None for path in list(FILES.values())[::10]) > len(FILES) // 20


def test_every_file_with_a_broken_event_has_something_set_aside_or_read() -> None:
    """Nothing vanishes without a word: a file with events gives occurrences or problems in its
    time."""
    silent = [
        name
        for name, (expansion, _) in expansions().items()
        if not expansion.occurrences
        and not expansion.problems
        and "BEGIN:VEVENT" in FILES[name].read_text("utf-8", "replace")
    ]
    for name in silent:
        expected = directly(FILES[name])
        assert not expected, name
