"""An account at a CalDAV server of the tests, and what a reader keeps of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.base import Changes, HoldDraft
from connectors.caldav.account import CalDAVAccount
from connectors.caldav.calendar import CalDAVCalendar
from connectors.ical.hold_text import seal
from tests.connectors import servers

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
SECRET = "corréct horse"
UID = "fikad-jane-1"
REAL_NAME = "Arbeit & Fika"


def event(uid: str, title: str = "Lunch") -> str:
    return "\r\n".join(
        (
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//another program//EN",
            "BEGIN:VEVENT",
            f"UID:{uid}",
            "DTSTAMP:20261101T000000Z",
            "DTSTART:20261103T120000Z",
            "DTEND:20261103T130000Z",
            f"SUMMARY:{title}",
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        )
    )


def draft(title: str = "Coffee with Jane?", uid: str = UID) -> HoldDraft:
    start = datetime(2026, 11, 5, 9, tzinfo=UTC)
    plain = HoldDraft(
        uid, title, start, start + timedelta(minutes=45), "Last met in May.\nDelete this to skip."
    )
    return dataclasses.replace(plain, seal=seal(plain))


def account(
    url: str,
    memo: dict[str, Any] | None = None,
    *,
    username: str = "sam",
    password: str | None = SECRET,
    timeout_seconds: float = 10.0,
) -> CalDAVAccount:
    return CalDAVAccount(
        "home",
        url,
        username,
        password,
        {} if memo is None else memo,
        timeout_seconds=timeout_seconds,
    )


def only(reader: CalDAVAccount) -> CalDAVCalendar:
    (calendar,) = reader.calendars(NOW)
    return calendar


def etags(*readings: list[Changes]) -> dict[str, str | None]:
    """What a reader knows after these readings."""
    known: dict[str, str | None] = {}
    for batch in (batch for reading in readings for batch in reading):
        known.update({resource.href: resource.etag for resource in batch.changed})
        for href in batch.removed:
            del known[href]
    return known


def names(reading: list[Changes]) -> set[str]:
    return {resource.href.rpartition("/")[2] for batch in reading for resource in batch.changed}


@dataclasses.dataclass(frozen=True, slots=True)
class Real:
    """A real server with a calendar of four events, `e0` to `e3`."""

    server: servers.Server
    password: str | None

    @property
    def home(self) -> str:
        return self.server.home("sam")

    @property
    def auth(self) -> servers.Credentials:
        return self.server.auth("sam")

    def account(self, url: str | None = None, memo: dict[str, Any] | None = None) -> CalDAVAccount:
        return account(url or self.server.url, memo, password=self.password)

    def calendar(self) -> CalDAVCalendar:
        return next(
            calendar for calendar in self.account().calendars(NOW) if calendar.name == REAL_NAME
        )


@contextmanager
def real_server(kind: str) -> Iterator[Real]:
    """A `radicale` or a `xandikos`."""
    with servers.radicale() if kind == "radicale" else servers.xandikos() as server:
        server.add_user("sam")
        auth = server.auth("sam")
        servers.make_calendar(f"{server.home('sam')}work/", REAL_NAME, auth)
        for number in range(4):
            servers.put(f"{server.home('sam')}work/e{number}.ics", event(f"e{number}"), auth)
        yield Real(server, SECRET if auth else None)
