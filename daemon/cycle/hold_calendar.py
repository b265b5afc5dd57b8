"""The calendar that holds are written to: which one it is, and how it comes to be made once.

It is looked for by its name only until it was found or made. From then on it is known by its id, so
that the user may call it something else; and once it is gone, it is not made again before the
config asks for another one. The name means the id's calendar again when the account leads somewhere
else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from connectors.base import Calendar
from connectors.errors import FikadError, MissingError, ReadOnlyError
from daemon.config.schema import AccountEntry, Config
from daemon.cycle.reading import ReadAccount, names_of
from daemon.holds.edits import is_sealed
from daemon.ledger.decisions import KnownHoldCalendar
from daemon.ledger.ledger import Ledger
from daemon.ledger.readings import CalendarKey, FoundHold


class HoldCalendarError(FikadError):
    """Holds cannot be written where the config says."""


class _NotHereError(HoldCalendarError):
    """Not in this account; another one may do."""


class HoldTarget(NamedTuple):
    """Where holds are written."""

    read: ReadAccount
    calendar: Calendar | None
    """None: it is yet to be made."""

    @property
    def account(self) -> str:
        """The account's name."""
        return self.read.account.name

    @property
    def calendar_key(self) -> CalendarKey | None:
        return (self.account, self.calendar.id) if self.calendar else None


def hold_target(
    config: Config, read: Iterable[ReadAccount], ledger: Ledger, *, remember: bool
) -> HoldTarget | HoldCalendarError:
    """Where holds are written in this pass, or why nowhere. `remember`: what was found in an
    account that was read well is known by its id from now on."""
    try:
        target = hold_calendar(config, read, ledger)
    except HoldCalendarError as error:
        return error
    if remember and target.calendar is not None and target.read.reading.state == "ok":
        remember_hold_calendar(config, target.account, target.calendar, ledger)
    return target


def hold_calendar(config: Config, read: Iterable[ReadAccount], ledger: Ledger) -> HoldTarget:
    """The account that holds are written to, and the calendar in it.

    Without an account in the config it is the first that can be written. Raises HoldCalendarError.
    """
    named = config.holds.account
    refusal: HoldCalendarError | None = None
    for account in read:
        if named in (None, account.account.name):
            try:
                return HoldTarget(account, _within(account, config, ledger))
            except _NotHereError as error:
                refusal = error
    raise refusal or HoldCalendarError(
        "no account can be written", "add one, or name one under [holds]"
    )


def create_hold_calendar(config: Config, read: ReadAccount, ledger: Ledger) -> Calendar:
    """Make the hold calendar, which `hold_calendar` did not find, or take the one that was made
    since.

    The intent is kept first, and then the id: what was made and is gone, even before the next poll,
    was deleted, and is not made again. Raises AccountError, HoldCalendarError."""
    name, account = config.holds.calendar, read.account.name
    where = _where(config.accounts[account])
    ledger.save_known_hold_calendar(account, name, KnownHoldCalendar(where, None, made=True))
    try:
        calendar = read.account.create_calendar(name)
    except (ReadOnlyError, MissingError) as error:
        ledger.drop_known_hold_calendar(account, name)
        raise HoldCalendarError(
            f'the calendar "{name}" could not be created in "{account}" ({error})',
            "create it yourself, or name another one under [holds]",
        ) from error
    with ledger.transaction():
        # An account that remembers what it listed knows of it from now on, or it would seem gone.
        ledger.save_memo(account, read.account.memo)
        known = KnownHoldCalendar(where, calendar.id, made=True)
        ledger.save_known_hold_calendar(account, name, known)
    return calendar


def remember_hold_calendar(
    config: Config, account: str, calendar: Calendar, ledger: Ledger
) -> None:
    """From now on the calendar is known by its id."""
    known = known_hold_calendar(config, account, ledger)
    place = KnownHoldCalendar(
        _where(config.accounts[account]), calendar.id, made=known is not None and known.made
    )
    if place != known:
        ledger.save_known_hold_calendar(account, config.holds.calendar, place)


def known_hold_calendar(config: Config, account: str, ledger: Ledger) -> KnownHoldCalendar | None:
    """What is remembered of the hold calendar in an account; nothing once the account leads
    somewhere else."""
    known = ledger.known_hold_calendar(account, config.holds.calendar)
    return known if known is not None and known.where == _where(config.accounts[account]) else None


def hold_calendars(config: Config, ledger: Ledger, account: str) -> set[str]:
    """The calendars of an account, by name or id, that must be read for the holds in them: the one
    that holds are written to, and those in which some still stand since another one was configured.
    """
    configured = {config.holds.calendar} if config.holds.account in (None, account) else set()
    known = known_hold_calendar(config, account, ledger) if configured else None
    digests = {
        digest.calendar
        for digest in ledger.digests().values()
        if digest.account == account and digest.is_open
    }
    return (
        configured
        | {known.ref for known in (known,) if known and known.ref}
        | ledger.hold_calendars(account)
        | digests
    )


def doubles(config: Config, read: ReadAccount, kept: Calendar) -> list[Calendar]:
    """Further calendars with the name of the hold calendar: made by another fikad at the same
    moment, or before."""
    return [
        each
        for each in read.calendars
        if each.id != kept.id and config.holds.calendar in names_of(each)
    ]


def _within(read: ReadAccount, config: Config, ledger: Ledger) -> Calendar | None:
    """The hold calendar in an account; None where one is to be made. Raises HoldCalendarError."""
    name, account = config.holds.calendar, read.account.name
    known = known_hold_calendar(config, account, ledger)
    by_id, called = _known_and_called(read, name, known)
    candidates = [by_id, *called] if by_id else called
    writable = [each for each in candidates if each.writable]
    if writable:
        holds = [hold for hold in ledger.found_holds() if hold.account == account]
        return _kept(writable, by_id if by_id in writable else None, holds)
    if candidates:
        raise _NotHereError(
            f'the calendar "{candidates[0].name}" of "{account}" cannot be written',
            "name another one under [holds], or ask its owner for write access",
        )
    if known is not None and known.ref is not None:
        raise HoldCalendarError(
            f'the calendar "{name}" of "{account}", where holds were written, is gone,'
            " so none are written",
            "make a calendar of that name yourself, or name another one under [holds]",
        )
    if read.account.can_create:
        return None
    single = _only_calendar(read, config)
    if single is None:
        raise _nowhere(read, name)
    return single


def _known_and_called(
    read: ReadAccount, name: str, known: KnownHoldCalendar | None
) -> tuple[Calendar | None, list[Calendar]]:
    """The calendar where holds were written so far, and those that go by the name of the config.

    A calendar that fikad did not make is the user's own: it goes by its name as long as any
    does."""
    called = [each for each in read.calendars if name in names_of(each)]
    if known is None:
        return None, called
    by_id = next((each for each in read.calendars if each.id == known.ref), None)
    renamed = bool(called) and by_id not in called and not known.made
    return None if renamed else by_id, called


def _nowhere(read: ReadAccount, name: str) -> HoldCalendarError:
    """Why an account has no hold calendar and will not get one."""
    account = read.account.name
    if not any(each.writable for each in read.calendars):
        return _NotHereError(
            f'holds cannot be written to "{account}", which can only be read',
            "add an account that can be written with `fikad init --add-account`",
        )
    return _NotHereError(
        f'"{account}" has no calendar "{name}" and none can be created there',
        "name one that exists under [holds]",
    )


def _kept(
    candidates: Sequence[Calendar], by_id: Calendar | None, holds: Sequence[FoundHold]
) -> Calendar:
    """Which of several calendars is the hold calendar. Any two fikads agree on it once both have
    read all of them.

    The one that is known stays, unless untouched holds stand in another as well; then it is the
    older: the one with the earliest of our holds, since no server tells a calendar's age."""
    ours = {each.id: [hold for hold in holds if hold.calendar == each.id] for each in candidates}
    rivals = [
        each
        for each in candidates
        if each is not by_id and any(is_sealed(hold.event) for hold in ours[each.id])
    ]
    if by_id is not None and not rivals:
        return by_id
    never = datetime.max.replace(tzinfo=UTC)

    def age(calendar: Calendar) -> tuple[datetime, int, str]:
        earliest = min((hold.event.start for hold in ours[calendar.id]), default=never)
        return earliest, len(calendar.id), calendar.id

    return min(candidates, key=age)


def _only_calendar(read: ReadAccount, config: Config) -> Calendar | None:
    """The calendar of an account whose address is that of one calendar, where the config names no
    other."""
    if (
        "calendar" in config.holds.model_fields_set
        or config.accounts[read.account.name].type != "caldav"
    ):
        return None
    return next((each for each in read.calendars if each.writable), None)


def _where(account: AccountEntry) -> str:
    """What tells that an account of the same name leads somewhere else now."""
    return " ".join(
        str(getattr(account, key, "")) for key in ("type", "url", "username", "path", "endpoint")
    )
