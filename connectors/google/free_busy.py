"""Asking Google when people are busy (`freebusy.query`): a question to Google about calendars that
somebody's address names. It tells nobody, and writes nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from connectors.errors import CredentialsError, UnreadableError
from connectors.free_busy import BusySpan, BusyTimes, merged
from connectors.google.auth import FREE_BUSY_SCOPE, missing_scopes
from connectors.google.calls import SCOPE_REASONS, Calls, Refused

_MOST: Final = 50
"""Calendars in one call (Google's `calendarExpansionMax`)."""


class GoogleFreeBusy:
    """What one Google login may ask (`connectors.free_busy.FreeBusySource`)."""

    def __init__(self, account: str, calls: Calls) -> None:
        self._account, self._calls = account, calls

    def obstacle(self, now: datetime) -> str:
        """See `FreeBusySource.obstacle`: the user did not grant it. Nothing is asked for that."""
        if missing_scopes(self._calls.scopes, (FREE_BUSY_SCOPE,)):
            return f"Google is not allowed to say when others are busy: {self._advice}"
        return ""

    def busy_times(self, addresses: Collection[str], start: datetime, end: datetime) -> BusyTimes:
        """See `FreeBusySource.busy_times`: one call for fifty. Raises CredentialsError,
        UnreachableError, UnreadableError."""
        told: dict[str, tuple[BusySpan, ...] | None] = {}
        wanted = list(dict.fromkeys(addresses))
        for first in range(0, len(wanted), _MOST):
            some = wanted[first : first + _MOST]
            answered = self._ask(some, start, end)
            for address in some:
                spans = _told(answered.get(address))
                told[address] = None if spans is None else merged(spans, start, end)
        return told

    @property
    def _advice(self) -> str:
        return f"run `fikad auth {self._account}` and allow it"

    def _ask(
        self, addresses: Collection[str], start: datetime, end: datetime
    ) -> Mapping[str, object]:
        """The calendars of Google's answer, by their ids in lower case."""
        question = {
            "timeMin": _written(start),
            "timeMax": _written(end),
            "items": [{"id": address} for address in addresses],
        }
        try:
            answer = self._calls.execute(self._calls.collection("freebusy").query(body=question))
        except Refused as refused:
            if refused.reason in SCOPE_REASONS:
                raise CredentialsError(
                    "Google is not allowed to say when others are busy", self._advice
                ) from None
            raise UnreadableError(
                f"Google does not say when others are busy ({refused})",
                "nobody counts as free or busy for it",
            ) from None
        calendars = answer.get("calendars") if isinstance(answer, Mapping) else None
        if not isinstance(calendars, Mapping):
            raise UnreadableError(
                "Google gave an answer about free/busy that makes no sense",
                "nobody counts as free or busy for it",
            )
        return {str(id).lower(): calendar for id, calendar in calendars.items()}


def _told(calendar: Any) -> tuple[BusySpan, ...] | None:
    """When a calendar is busy; None where Google names an error (`notFound`: there is none, or it
    is not shared), or says what cannot be read."""
    if not isinstance(calendar, Mapping) or calendar.get("errors"):
        return None
    try:
        return tuple(_spans(calendar["busy"]))
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _spans(busy: Any) -> Iterator[BusySpan]:
    for span in busy:
        start, end = (datetime.fromisoformat(span[edge]) for edge in ("start", "end"))
        if start.tzinfo is None or end.tzinfo is None:
            raise ValueError("a time without a zone")
        yield BusySpan(start.astimezone(UTC), end.astimezone(UTC))


def _written(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
