"""Sam's life: believable, and written as calendar programs write."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar

from daemon.demo.events import ZONE
from daemon.demo.life import WEEKS, life

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


@pytest.mark.parametrize("calendar", ["Personal", "Work"])
def test_the_life_is_believable(calendar: str) -> None:
    events = [event for event in life(NOW) if event.calendar == calendar]
    assert len({event.uid for event in events}) == len(events)
    assert len(events) >= 25


def test_every_event_brings_its_time_zone_which_says_what_the_zone_says() -> None:
    """Without it a server has to work it out for each event: that took nine seconds of ten."""
    events = list(life(NOW))
    zones = [Calendar.from_ical(event.text).timezones for event in events]
    assert all([zone.tz_name for zone in found] == [ZONE.key] for found in zones)
    written = zones[0][0].to_tz(lookup_tzid=False)
    for week in range(-WEEKS, 60):
        noon = (NOW + timedelta(weeks=week)).replace(tzinfo=None)
        assert noon.replace(tzinfo=written).utcoffset() == noon.replace(tzinfo=ZONE).utcoffset()
