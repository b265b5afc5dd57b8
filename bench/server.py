"""A Radicale in a process of its own, filled with events, that tells how many requests it was sent.

Its processor time and memory are nobody's: only clients are measured. It is filled past HTTP, by
writing the files that it would write itself, and then asked over HTTP how many events it sees."""

from __future__ import annotations

import base64
import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bench.calendars import events
from daemon.demo.server import USER, start

CALENDAR = "life"


@dataclass(frozen=True, slots=True)
class Server:
    """A running server with one calendar of one user."""

    port: int
    password: str
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    @property
    def calendar(self) -> str:
        """The calendar's path."""
        return f"/{USER}/{CALENDAR}/"

    def requests(self) -> int:
        """How many requests it was sent so far, by its own log."""
        with self.log.open("rb") as lines:
            return sum(b" request for " in line for line in lines)

    def count(self) -> int:
        """How many objects the calendar lists over HTTP."""
        login = base64.b64encode(f"{USER}:{self.password}".encode()).decode()
        asked = '<?xml version="1.0"?><propfind xmlns="DAV:"><prop><getetag/></prop></propfind>'
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        try:
            connection.request(
                "PROPFIND", self.calendar, asked, {"Authorization": f"Basic {login}", "Depth": "1"}
            )
            answer = connection.getresponse()
            count, rest = 0, b""
            # In pieces: whoever starts a process passes its own peak of memory on to it, so this
            # one stays small.
            while piece := answer.read(1 << 16):
                rest += piece
                count += rest.count(b".ics</href>")
                rest = rest[-10:]
            return count
        finally:
            connection.close()


@contextmanager
def serving(folder: Path, count: int, now: datetime) -> Iterator[Server]:
    """A server with a calendar of `count` events, in an empty folder. Raises DemoError when it does
    not come up."""
    _fill(folder / "collections" / "collection-root" / USER / CALENDAR, count, now)
    running = start(folder, log="info")
    server = Server(running.port, running.password, folder / "server.log")
    try:
        if (counted := server.count()) != count:
            raise RuntimeError(f"the server lists {counted} events instead of {count}")
        yield server
    finally:
        running.stop()


def _fill(collection: Path, count: int, now: datetime) -> None:
    collection.mkdir(parents=True)
    properties = {
        "tag": "VCALENDAR",
        "D:displayname": "Life",
        "C:supported-calendar-component-set": "VEVENT",
    }
    (collection / ".Radicale.props").write_text(json.dumps(properties))
    for uid, text in events(count, now):
        (collection / f"{uid.partition('@')[0]}.ics").write_text(text, newline="")
