"""Reading accounts into the ledger: what changed, expanded, stored together with its token.

Nothing is concluded from absence here. An account whose reading failed, or a calendar that suddenly
is empty or no longer listed, keeps what was read before and says so in its state; the others go on.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from connectors.base import Account, Calendar, Changes, Problem
from connectors.errors import AccountError, CredentialsError, MissingError, UnreachableError
from connectors.ical.expansion import Expander
from connectors.ical.expansion_job import ExpansionJob
from daemon.config.schema import AccountEntryBase
from daemon.cycle.account_reading import AccountReading
from daemon.ledger.ledger import Ledger
from daemon.ledger.polled import AccountState, StoredCalendar
from daemon.ledger.reading_state import ReadingState, SuspectError, state_of
from daemon.ledger.readings import Expanded
from daemon.polling.news import has_no_news, must_reconcile

SUSPECT_FROM = 5
"""A calendar that had this many events of other origin and now has none is not believed."""

AHEAD = timedelta(days=120)
"""How far ahead series are expanded: far enough to see what is booked, beyond any horizon by at
least SLACK."""

SLACK = timedelta(days=30)
"""Series are extended once less than this is left beyond the horizon, not at every pass."""

_TOGETHER = 600
"""So many resources are stored in one transaction: what several of them touch in the file is
written once for all."""

Progress = Callable[[str, str, int, int | None], None]
"""Called with account, calendar, resources read so far, resources expected (None: unknown)."""


@dataclass(frozen=True, slots=True)
class ReadAccount:
    """An account that was read, and its calendars as they were then."""

    account: Account
    reading: AccountReading
    calendars: tuple[Calendar, ...] = ()
    """Every calendar the account listed, chosen or not."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What every reading of one pass shares."""

    now: datetime
    zone: ZoneInfo
    """The user's zone: floating times are read in it."""
    history: timedelta
    horizon: timedelta
    progress: Progress = lambda account, calendar, done, expected: None

    def wanted(self) -> tuple[datetime, datetime]:
        """The window that must be expanded now."""
        return self.now - self.history, self.now + self.horizon + SLACK

    def window(self) -> tuple[datetime, datetime]:
        """The window a new expansion gets, so that it holds for a while."""
        return self.now - self.history - SLACK, self.now + max(AHEAD, self.horizon + 2 * SLACK)


def names_of(calendar: Calendar) -> set[str]:
    """Everything the config may call a calendar."""
    return {calendar.id, calendar.name, *calendar.also_called}


def choose(
    offered: Sequence[Calendar], wanted: AccountEntryBase, also: Collection[str] = ()
) -> list[Calendar]:
    """The calendars that the config means, by name or id; `also` names those with holds. Raises
    MissingError."""
    for name in wanted.calendars or ():
        if not any(name in names_of(calendar) for calendar in offered):
            known = ", ".join(sorted(calendar.name for calendar in offered)) or "none"
            raise MissingError(
                f'there is no calendar "{name}"; this account has {known}',
                "correct `calendars` in the config",
            )

    def chosen(calendar: Calendar) -> bool:
        names = names_of(calendar)
        if names.intersection(also):
            return True
        return not names.intersection(wanted.ignore) and (
            wanted.calendars is None or bool(names.intersection(wanted.calendars))
        )

    return [calendar for calendar in offered if chosen(calendar)]


def read_account(
    account: Account,
    wanted: AccountEntryBase,
    ledger: Ledger,
    expander: Expander,
    scope: Scope,
    *,
    hold_calendars: Collection[str] = (),
    accept_empty: bool = False,
) -> ReadAccount:
    """Bring the ledger up to date with one account. Never raises AccountError: the reading's state
    says it.

    `hold_calendars` (names or ids) are read besides the chosen ones; `accept_empty` believes
    calendars that are suddenly empty."""
    before = ledger.accounts().get(account.name, AccountState(account.name))
    requests = account.requests
    names: list[str] = []
    changed = 0
    failure: AccountError | None = None
    listed: Sequence[Calendar] = ()
    try:
        listed = account.calendars(scope.now)
        calendars = choose(listed, wanted, hold_calendars)
        _forget_others(ledger, account.name, listed, calendars, wanted, accept_empty)
        for calendar in calendars:
            names.append(calendar.name)
            try:
                stored = ledger.add_calendar(
                    account.name, calendar.id, calendar.name, calendar.owner
                )
                expand = partial(_expand, expander, scope.zone, account.trusted)
                window = _window(ledger, stored, expand, scope)
                changed += _read_calendar(
                    calendar, stored, ledger, partial(expand, *window), scope, accept_empty
                )
            except (CredentialsError, UnreachableError):
                raise
            except AccountError as error:
                failure = failure or error
    except AccountError as error:
        failure = error
    state: ReadingState = "ok" if failure is None else state_of(failure)
    ledger.save_account(
        AccountState(
            account.name,
            state,
            str(failure or account.remark),
            scope.now if failure is None else before.last_success,
            account.memo,
            account.addresses() or before.addresses,
        )
    )
    sent = account.requests - requests
    reading = AccountReading(account.name, state, str(failure or ""), tuple(names), changed, sent)
    return ReadAccount(account, reading, tuple(listed))


def failed(name: str, error: AccountError, ledger: Ledger) -> AccountReading:
    """The reading of an account that could not even be opened (no password, bad settings)."""
    before = ledger.accounts().get(name, AccountState(name))
    ledger.save_account(replace(before, state=state_of(error), message=str(error)))
    return AccountReading(name, state_of(error), str(error))


def _forget_others(
    ledger: Ledger,
    account: str,
    listed: Iterable[Calendar],
    chosen: Iterable[Calendar],
    wanted: AccountEntryBase,
    accept_empty: bool,
) -> None:
    """Drop what the config deselected. A calendar that vanished by itself is kept and reported, and
    so is one in which holds stand."""
    there = {calendar.id for calendar in listed}
    if not accept_empty and (gone := vanished(ledger, account, there, wanted)) is not None:
        raise gone
    read = {calendar.id for calendar in chosen}
    for ref, stored in ledger.calendars(account).items():
        if ref not in read:
            ledger.forget_calendar(stored.id)


def vanished(
    ledger: Ledger, account: str, listed: Collection[str], wanted: AccountEntryBase
) -> MissingError | None:
    """What is to be said of a calendar that was read and is not among the `listed` ones (ids) any
    more, though nobody deselected it or holds stand in it; None when there is none."""
    with_holds = ledger.hold_calendars(account)
    for ref, stored in ledger.calendars(account).items():
        if ref in listed:
            continue
        names = {ref, stored.name}
        deselected = bool(names.intersection(wanted.ignore)) or (
            wanted.calendars is not None and not names.intersection(wanted.calendars)
        )
        if ref in with_holds or (not deselected and ledger.known(stored.id)):
            ignoring = "" if ref in with_holds else ", or put it under `ignore`"
            return MissingError(
                f'the calendar "{stored.name}" is not listed any more',
                f"if you removed it, run `fikad once --accept-empty {account}`{ignoring}",
            )
    return None


_Groups = Mapping[str, tuple[str, ...]]
"""Texts, by the group that they are expanded in."""
_ExpandIn = Callable[[datetime, datetime, _Groups], Iterable[Expanded]]
"""Expands groups of texts in a window."""


def _read_calendar(
    calendar: Calendar,
    stored: StoredCalendar,
    ledger: Ledger,
    expand: Callable[[_Groups], Iterable[Expanded]],
    scope: Scope,
    accept_empty: bool,
) -> int:
    """Bring the ledger up to date with one calendar, as far as it changed; how many of its
    resources did."""
    reconcile = must_reconcile(stored, scope.now)
    if not accept_empty and has_no_news(calendar, stored, scope.now):
        return 0
    foreign = ledger.foreign_count(stored.id)
    again = ledger.texts(stored.id, ledger.unfinished(stored.id)) if reconcile else {}
    changed, problems, touched = 0, list[Problem](), set[str]()
    for batch in _gathered(
        calendar.changes(stored.token, ledger.known(stored.id), complete=reconcile)
    ):
        removed = batch.removed + (batch.aged if accept_empty else ())
        groups = ledger.group_texts(stored.id, batch.changed, removed)
        expanded = list(expand(groups))
        problems += batch.problems
        touched.update(removed, (resource.href for resource in batch.changed))
        with ledger.transaction():
            ledger.store_texts(stored.id, batch.changed, removed)
            ledger.store_expanded(stored.id, groups, expanded)
            if batch.last:
                if not accept_empty:
                    _demand_credible(stored, batch, foreign, ledger.foreign_count(stored.id))
                whole = reconcile or stored.token is None
                ledger.note_unread(stored.id, problems, None if whole else touched)
                reconciled = scope.now if reconcile else None
                ledger.finish_reading(stored.id, calendar.version, batch.token, reconciled)
        changed += len(batch.changed) + len(removed)
        again = {group: texts for group, texts in again.items() if group not in groups}
        scope.progress(stored.account, stored.name, changed, batch.expected)
    expanded = list(expand(again))
    with ledger.transaction():
        ledger.store_expanded(stored.id, again, expanded)
    return changed


def _demand_credible(stored: StoredCalendar, batch: Changes, before: int, now: int) -> None:
    """Raises SuspectError where what is missing is not to be taken for gone; `before` and `now`:
    events of other origin."""
    emptied = before >= SUSPECT_FROM and not now
    if doubt := batch.doubt or (f"listed {before} events and now lists none" if emptied else ""):
        raise SuspectError(
            f'the calendar "{stored.name}" {doubt}',
            "nothing was changed; if that is right, run `fikad once --accept-empty "
            f"{stored.account}`",
        )


def _gathered(batches: Iterator[Changes]) -> Iterator[Changes]:
    """The batches, as many together as are stored at a time."""
    waiting: list[Changes] = []
    try:
        for batch in batches:
            waiting.append(batch)
            if batch.last or sum(len(earlier.changed) for earlier in waiting) >= _TOGETHER:
                yield _as_one(waiting)
                waiting = []
    except AccountError:
        # what did come is kept, so that a calendar that fails halfway each time is read in the end
        if waiting:
            yield _as_one(waiting)
        raise


def _as_one(batches: Sequence[Changes]) -> Changes:
    return replace(
        batches[-1],
        changed=tuple(
            {resource.href: resource for batch in batches for resource in batch.changed}.values()
        ),
        problems=tuple(problem for batch in batches for problem in batch.problems),
    )


def _window(
    ledger: Ledger, stored: StoredCalendar, expand: _ExpandIn, scope: Scope
) -> tuple[datetime, datetime]:
    """The calendar's window of expansion, fixed at its first reading. What it no longer covers is
    expanded again in a new one: series as the horizon moves, everything when the history was
    lengthened or the zone changed."""
    start, end = scope.window()
    everything = True
    if stored.expanded_from is not None and stored.expanded_to is not None:
        first, last = scope.wanted()
        everything = stored.zone != scope.zone.key or first < stored.expanded_from
        if not everything and last <= stored.expanded_to:
            return stored.expanded_from, stored.expanded_to
    groups = ledger.texts(stored.id, ledger.groups(stored.id, recurring_only=not everything))
    expanded = list(expand(start, end, groups))
    with ledger.transaction():
        ledger.store_expanded(stored.id, groups, expanded)
        ledger.save_window(stored.id, start, end, scope.zone.key)
    return start, end


def _expand(
    expander: Expander,
    zone: ZoneInfo,
    trusted: bool,
    start: datetime,
    end: datetime,
    groups: _Groups,
) -> Iterable[Expanded]:
    jobs = (
        ExpansionJob(group, texts, start, end, zone, trusted)
        for group, texts in groups.items()
        if texts
    )
    for group, expansion in expander.expand(jobs):
        yield Expanded(
            group,
            expansion.occurrences,
            expansion.problems,
            expansion.recurring,
            expansion.unfinished,
        )
