"""A calendar or an account that does what another one does: for those that change one thing of
it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from connectors.base import Account, Calendar, Changes, HoldDraft, KnownResources, Resource
from connectors.free_busy import FreeBusySource


class ForwardedCalendar:
    """A `Calendar` that forwards everything."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar

    @property
    def id(self) -> str:
        return self._calendar.id

    @property
    def name(self) -> str:
        return self._calendar.name

    @property
    def also_called(self) -> tuple[str, ...]:
        return self._calendar.also_called

    @property
    def writable(self) -> bool:
        return self._calendar.writable

    @property
    def owner(self) -> str:
        return self._calendar.owner

    @property
    def version(self) -> str | None:
        return self._calendar.version

    @property
    def keeps_history(self) -> bool:
        return self._calendar.keeps_history

    def changes(
        self, token: str | None, known: KnownResources, *, complete: bool = False
    ) -> Iterator[Changes]:
        return self._calendar.changes(token, known, complete=complete)

    def current_version(self) -> str | None:
        return self._calendar.current_version()

    def read(self, uid: str) -> Resource | None:
        return self._calendar.read(uid)

    def took_back(self, uid: str) -> bool:
        return self._calendar.took_back(uid)

    def create(self, draft: HoldDraft) -> Resource:
        return self._calendar.create(draft)

    def update(self, stored: Resource, draft: HoldDraft) -> Resource:
        return self._calendar.update(stored, draft)

    def complete(self, stored: Resource, lines: Collection[str]) -> Resource:
        return self._calendar.complete(stored, lines)

    def delete(self, stored: Resource) -> None:
        self._calendar.delete(stored)


class ForwardedAccount:
    """An `Account` that forwards everything."""

    def __init__(self, account: Account) -> None:
        self._account = account

    @property
    def name(self) -> str:
        return self._account.name

    @property
    def requests(self) -> int:
        return self._account.requests

    @property
    def memo(self) -> dict[str, Any]:
        return self._account.memo

    @property
    def can_create(self) -> bool:
        return self._account.can_create

    @property
    def remark(self) -> str:
        return self._account.remark

    @property
    def trusted(self) -> bool:
        return self._account.trusted

    @property
    def unusable(self) -> Mapping[str, str]:
        return self._account.unusable

    @property
    def free_busy(self) -> FreeBusySource | None:
        return self._account.free_busy

    def calendars(self, now: datetime) -> Sequence[Calendar]:
        return self._account.calendars(now)

    def addresses(self) -> frozenset[str]:
        return self._account.addresses()

    def create_calendar(self, name: str) -> Calendar:
        return self._account.create_calendar(name)

    def close(self) -> None:
        self._account.close()
