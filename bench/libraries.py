"""A first read as one would write it with the libraries that there are: caldav fetches, icalendar
parses, recurring-ical-events expands, SQLite keeps a row for each occurrence. Run by `bench.peers`.

    python -m bench.libraries URL USER PASSWORD DATABASE FROM TO
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import caldav
import icalendar
import recurring_ical_events

_DAY = timedelta(days=1)


def main() -> None:
    url, user, password, database, *window = sys.argv[1:]
    since, until = (datetime.fromtimestamp(int(each), UTC) for each in window)
    with caldav.DAVClient(url=url, username=user, password=password) as client:
        objects = client.calendar(url=url).search(event=True, expand=False)
        kept = sqlite3.connect(database)
        with kept:
            kept.execute("PRAGMA journal_mode=WAL")
            kept.execute("CREATE TABLE rows (uid TEXT, starts INTEGER, ends INTEGER, title TEXT)")
            for each in objects:
                rows = list(_rows(each.data, since, until))
                kept.executemany("INSERT INTO rows VALUES (?, ?, ?, ?)", rows)
        kept.close()


def _rows(text: str, since: datetime, until: datetime) -> Iterator[tuple[str, int, int, str]]:
    """What starts in the window, of one object."""
    calendar = icalendar.Calendar.from_ical(text)
    for event in recurring_ical_events.of(calendar).between(since - _DAY, until + _DAY):
        start, end = event.start, event.end
        if since <= start < until:
            title = str(event.get("SUMMARY", ""))
            yield str(event["UID"]), int(start.timestamp()), int(end.timestamp()), title


if __name__ == "__main__":
    main()
