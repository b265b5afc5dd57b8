"""An account at the strict server, with a clock that only moves when somebody sleeps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from connectors.base import Changes, HoldDraft
from connectors.google.account import GoogleAccount, GoogleCalendar
from connectors.google.calls import Patience as Waiting
from tests.connectors.google.server import LEAST_SCOPES, GoogleServer, Kept
from tests.connectors.stored import Stored

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@dataclass
class Patience:
    """A monotonic clock in seconds, and what was waited."""

    seconds: float = 0.0
    waits: list[float] = field(default_factory=list)

    def clock(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.seconds += seconds


@dataclass
class Login:
    """An account, and what stands around it."""

    server: GoogleServer
    account: GoogleAccount
    patience: Patience
    tokens: Kept

    def calendar(self, name: str = "sam@example.com", now: datetime = NOW) -> GoogleCalendar:
        return next(calendar for calendar in self.account.calendars(now) if calendar.name == name)


@contextmanager
def logged_in(
    server: GoogleServer,
    scopes: Iterable[str] = LEAST_SCOPES,
    *,
    tokens: Kept | None = None,
    memo: dict[str, Any] | None = None,
    **options: Any,
) -> Iterator[Login]:
    patience = Patience()
    kept = tokens or Kept(server.grant(scopes))
    account = GoogleAccount(
        "work",
        Path("client_secret.json"),
        kept,
        server.endpoint,
        {} if memo is None else memo,
        Waiting(patience.clock, patience.sleep, **options),
    )
    try:
        yield Login(server, account, patience, kept)
    finally:
        account.close()


@dataclass
class Reader(Stored):
    """What a caller keeps of a calendar: texts, ETags and the token."""

    calendar: GoogleCalendar

    def read(self, *, complete: bool = False) -> list[Changes]:
        """Take in what changed, and give the batches back."""
        batches = list(self.calendar.changes(self.token, self.known, complete=complete))
        for batch in batches:
            self.store(batch.changed)
            self.drop(batch.removed)
        assert [batch.last for batch in batches] == [False] * (len(batches) - 1) + [True]
        self.token = batches[-1].token
        return batches

    def titles(self) -> list[str]:
        lines = [line for text in self.texts.values() for line in text.splitlines()]
        return sorted(
            line.removeprefix("SUMMARY:") for line in lines if line.startswith("SUMMARY:")
        )


def at(hour: int, day: int = 25, *, zone: str | None = None) -> dict[str, str]:
    """A time in November 2026 as Google writes it."""
    moment = {"dateTime": f"2026-11-{day:02}T{hour:02}:00:00+01:00"}
    return moment | ({"timeZone": zone} if zone else {})


def meeting(hour: int = 10, day: int = 25) -> dict[str, Any]:
    return {"start": at(hour, day), "end": at(hour + 1, day)}


def draft(title: str = "Coffee with Jane?", uid: str = "fikad-jane-1", hour: int = 10) -> HoldDraft:
    start = datetime(2026, 11, 25, hour, tzinfo=UTC)
    return HoldDraft(
        uid,
        title,
        start,
        start + timedelta(minutes=45),
        "Why: it has been 7 weeks.\nDelete it to say no.",
    )
