"""Purging: taking back every hold, and weekly digest, that nobody touched, with or without a
ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime

from connectors.base import Calendar
from connectors.errors import AccountError, ChangedError
from connectors.ical.expansion import Expander
from daemon.config.schema import Config
from daemon.cycle.accounts import Opener
from daemon.cycle.hiding import forget_hiding, hidden_holds
from daemon.cycle.hold_calendar import hold_calendars
from daemon.cycle.inputs import best_views
from daemon.cycle.reading import Progress, Scope, failed, read_account
from daemon.cycle.writing import HoldWriter, Write
from daemon.holds import digest
from daemon.holds.edits import is_sealed
from daemon.holds.facts import Withdraw
from daemon.holds.record import Hold
from daemon.holds.sight import is_unedited
from daemon.ledger.ledger import Ledger
from daemon.ledger.readings import CalendarKey, FoundHold


@dataclass(frozen=True, slots=True)
class Leftover:
    """An untouched hold, or weekly digest, that stands in a calendar."""

    found: FoundHold
    calendar: Calendar
    record: Hold | None
    """What the ledger knows of it, if it does."""


class Purge:
    """Looks for untouched holds, then removes them. Accounts that fail are named in `failures`; the
    others go on."""

    def __init__(
        self, config: Config, ledger: Ledger, opener: Opener, now: datetime, progress: Progress
    ) -> None:
        self._config, self._ledger, self._opener, self._now, self._progress = (
            config,
            ledger,
            opener,
            now,
            progress,
        )
        self._stack = ExitStack()
        self.failures: dict[str, str] = {}

    def __enter__(self) -> Purge:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def find(self) -> list[Leftover]:
        """Read every account and return what may be removed, by start."""
        calendars = self._read()
        records = {hold.uid: hold for hold in self._ledger.holds()}
        listed = [
            Leftover(placed, calendars[placed.calendar_key], records.get(placed.event.uid))
            for placed in best_views(self._ledger.found_holds(), calendars)
            if placed.calendar_key in calendars
        ]
        forget_hiding(self._ledger)
        seen = {leftover.found.event.uid for leftover in listed}
        ahead = [hold for hold in records.values() if hold.uid not in seen and hold.end > self._now]
        hidden = [
            Leftover(placed, calendars[placed.calendar_key], records[placed.event.uid])
            for placed in hidden_holds(
                ahead, calendars, self._ledger, self._config.zone, self._now
            )[0]
        ]
        holds = [leftover for leftover in (*listed, *hidden) if _may_go(leftover)]
        return _by_start([*holds, *self._digests(calendars)])

    def _read(self) -> Mapping[CalendarKey, Calendar]:
        """Read every account; the calendars of those that could be read."""
        calendars: dict[CalendarKey, Calendar] = {}
        scope = Scope(
            self._now,
            self._config.zone,
            self._config.history,
            self._config.rhythm.horizon,
            self._progress,
        )
        with Expander() as expander:
            for name, wanted in self._config.accounts.items():
                try:
                    account = self._opener(name)
                except AccountError as error:
                    self.failures[name] = failed(name, error, self._ledger).message
                    continue
                self._stack.callback(account.close)
                read = read_account(
                    account,
                    wanted,
                    self._ledger,
                    expander,
                    scope,
                    hold_calendars=hold_calendars(self._config, self._ledger, name),
                )
                if read.reading.state == "ok":
                    calendars.update({(name, calendar.id): calendar for calendar in read.calendars})
                else:
                    self.failures[name] = read.reading.message
        return calendars

    def _digests(self, calendars: Mapping[CalendarKey, Calendar]) -> list[Leftover]:
        """The weekly digests that nobody touched."""
        digests = self._ledger.digests()
        return [
            Leftover(placed, calendars[placed.calendar_key], None)
            for placed in self._ledger.found_digests()
            if placed.calendar_key in calendars
            and digest.may_go(placed.event, digests.get(placed.event.uid))
        ]

    def remove(self, leftovers: Sequence[Leftover]) -> list[Leftover]:
        """Remove them, each only if it still is as it was found; returns those that are gone."""
        writer = HoldWriter(self._ledger, self._now)
        gone = []
        for leftover in leftovers:
            if leftover.found.account in self.failures:
                continue
            try:
                if self._remove(leftover, writer):
                    gone.append(leftover)
            except ChangedError:
                continue  # somebody touched it since it was found: it is theirs and stays
            except AccountError as error:
                self.failures[leftover.found.account] = str(error)
        return gone

    def _remove(self, leftover: Leftover, writer: HoldWriter) -> bool:
        if leftover.record is None:
            leftover.calendar.delete(leftover.found.resource)
            return True
        closed = replace(
            leftover.record,
            state="withdrawn",
            reason="You purged it.",
            decided_at=self._now,
            intent="delete",
        )
        kept = writer.write(
            Write(leftover.record, closed, Withdraw(), leftover.calendar, leftover.found.resource)
        )
        return kept is not None and kept.intent is None


def _by_start(leftovers: Iterable[Leftover]) -> list[Leftover]:
    """In order, each once: a calendar that is seen through two logins shows each of them twice."""
    ordered = sorted(
        leftovers, key=lambda leftover: (leftover.found.event.start, leftover.found.event.uid)
    )
    return list(
        {
            (leftover.found.event.uid, leftover.found.resource.text): leftover
            for leftover in reversed(ordered)
        }.values()
    )[::-1]


def _may_go(leftover: Leftover) -> bool:
    """Untouched as far as the ledger or, without one, its seal can tell. Once the user's, always
    the user's."""
    if leftover.found.event.status == "cancelled":
        return False
    if leftover.record is None:
        return is_sealed(leftover.found.event)
    return leftover.record.state not in ("accepted", "pinned") and is_unedited(
        leftover.record, leftover.found.event
    )
