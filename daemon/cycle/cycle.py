"""One pass: read, judge, settle, plan, write.

A pass remembers nothing but the ledger, so it can stop anywhere and the next one goes on from what
it finds. It only
writes when every calendar is as it was judged: before the first write the accounts are asked once
more, and if anything came in meanwhile, it is read and everything is decided anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from connectors.base import Account, Calendar, Problem
from connectors.errors import AccountError, CredentialsError, HiddenError, ReadOnlyError
from connectors.ical.expansion import Expander
from daemon.config.schema import Config
from daemon.cycle.converging import Converging
from daemon.cycle.digest_writing import tend_digests
from daemon.cycle.hiding import hidden_holds, hides, lists, mark_hiding, refusal, shows
from daemon.cycle.hold_calendar import (
    HoldCalendarError,
    create_hold_calendar,
    hold_calendar,
    remember_hold_calendar,
)
from daemon.cycle.inputs import (
    CalendarKey,
    PassInputs,
    appeared,
    best_views,
    find_holds,
    hold_calendars,
    is_over,
)
from daemon.cycle.proposing import introduce, new_hold
from daemon.cycle.reading import AccountReading, Progress, ReadAccount, Scope, failed, read_account
from daemon.cycle.settling import Decision, record_effect, settle
from daemon.cycle.writing import HoldWriter
from daemon.holds.transition import Complete, Create, Hold, Move, news
from daemon.judging.verdict import Verdict
from daemon.ledger.ledger import Ledger
from daemon.planning.planner import plan
from daemon.planning.request import Planner, Proposal, Waiting
from daemon.situation.situation import Situation, contacts_now, read_situation

Opener = Callable[[str], Account]
"""Opens an account by its name in the config; raises AccountError."""

_NAMES_TRIED = 50
"""How many names of holds that fikad took back (and has forgotten) are passed over to find a new
one."""
_TRIES = 4
"""How often a pass decides anew because something came in while it was deciding, or the hold
calendar was made or put in order."""


@dataclass(frozen=True, slots=True)
class Orders:
    """What this pass is asked to do."""

    propose: Literal["all", "lost", "none"] = "all"
    """New holds: as many as the rhythm allows, only in place of holds that were taken back, or
    none."""
    accept_empty: frozenset[str] = frozenset()
    """Accounts whose calendars may be empty all of a sudden."""
    dry: bool = False
    """Nothing reaches a calendar. The caller gives a ledger that may be thrown away."""
    planner: Planner = plan
    """Who gets which slot; another one only to compare it with."""


@dataclass(slots=True)
class Report:
    """What a pass saw and did."""

    readings: list[AccountReading] = field(default_factory=list)
    met: list[Verdict] = field(default_factory=list)
    """Meetings that this pass counted for the first time."""
    holds: dict[str, list[Hold]] = field(default_factory=dict)
    """What became of holds in this pass: proposed, moved, withdrawn, accepted, pinned, dismissed,
    lapsed, missed."""
    waiting: list[Waiting] = field(default_factory=list)
    problems: list[tuple[str, str, Problem]] = field(default_factory=list)
    """Events that were set aside: account, calendar, problem."""
    planned: bool = False
    """Whether new holds could be proposed at all: every account was read."""
    not_writable: str = ""
    """Why holds cannot be written, for the user."""
    silent: frozenset[str] = frozenset()
    """The keys of those who are to be named nowhere by now; their meetings are not told."""

    @property
    def complete(self) -> bool:
        """Whether every account could be read."""
        return all(reading.state == "ok" for reading in self.readings)

    def tell(self, word: str, hold: Hold) -> None:
        """Note what became of a hold; the last word about it in a pass is what counts."""
        for holds in self.holds.values():
            holds[:] = [one for one in holds if one.uid != hold.uid]
        self.holds.setdefault(word, []).append(hold)


def run_pass(
    config: Config,
    ledger: Ledger,
    opener: Opener,
    clock: Callable[[], datetime],
    orders: Orders,
    progress: Progress = lambda account, calendar, done, expected: None,
    expander: Expander | None = None,
) -> Report:
    """Read all accounts, settle every hold and propose new ones. `clock` gives the time, aware,
    UTC; an `expander` may be lent, for many passes in one process.

    Accounts that fail are named in the report; LedgerError is the only error raised.
    """
    ledger.keep_accounts(config.accounts)
    ledger.add_people((contact.key for contact in config.people), clock())
    report = Report()
    with ExitStack() as stack:
        expands = expander or stack.enter_context(Expander())
        accounts = _open(config, ledger, opener, report, stack)

        def read() -> list[ReadAccount]:
            scope = Scope(clock(), config.zone, config.history, config.rhythm.horizon, progress)
            return _read(config, ledger, accounts, expands, scope, orders, report)

        for _ in range(_TRIES):
            if _decide(config, ledger, read, orders, clock(), report):
                break
        for account in accounts:
            # What was created while writing must be known to the next pass, which may be another
            # process.
            ledger.save_memo(account.name, account.memo)
    if report.planned or report.not_writable:
        ledger.put("not_writable", report.not_writable)
    report.problems = ledger.problems()
    report.silent = frozenset(
        one.key for one in contacts_now(config, ledger.people(), clock()) if one.paused
    )
    report.met = [one for one in report.met if one.contact_key not in report.silent]
    return report


def _open(
    config: Config, ledger: Ledger, opener: Opener, report: Report, stack: ExitStack
) -> list[Account]:
    accounts = []
    for name in config.accounts:
        try:
            account = opener(name)
        except AccountError as error:
            report.readings.append(failed(name, error, ledger))
            continue
        stack.callback(account.close)
        accounts.append(account)
    return accounts


def _read(
    config: Config,
    ledger: Ledger,
    accounts: Sequence[Account],
    expander: Expander,
    scope: Scope,
    orders: Orders,
    report: Report,
) -> list[ReadAccount]:
    """Read every account that could be opened; merges with what an earlier round of this pass has
    read."""
    found = []
    for account in accounts:
        holds = hold_calendars(config, ledger, account.name)
        one = read_account(
            account,
            config.accounts[account.name],
            ledger,
            expander,
            scope,
            hold_calendars=holds,
            accept_empty=account.name in orders.accept_empty,
        )
        found.append(one)
        before = next(
            (reading for reading in report.readings if reading.account == account.name), None
        )
        if before is None:
            report.readings.append(one.reading)
        else:
            report.readings[report.readings.index(before)] = before.and_then(one.reading)
    order = list(config.accounts)
    report.readings.sort(key=lambda reading: order.index(reading.account))
    return found


def _decide(
    config: Config,
    ledger: Ledger,
    read: Callable[[], list[ReadAccount]],
    orders: Orders,
    now: datetime,
    report: Report,
) -> bool:
    """Settle and propose. False: something came in before the first write, so decide anew."""

    def quiet() -> bool:
        """Whether nothing came in since, asked just before the first write."""
        if orders.dry:
            return True
        again = read()
        return before == [_listed(one) for one in again] and not any(
            one.reading.changed for one in again
        )

    writer = HoldWriter(ledger, dry=orders.dry)
    accounts = read()
    before = [_listed(one) for one in accounts]
    inputs = _inputs(config, ledger, accounts, orders.accept_empty, now, report)
    target = _place(config, accounts, ledger, orders)
    if _converge(inputs, target, ledger, quiet, orders, report):
        return False
    decisions = list(settle(inputs))
    if any(one.after.action for one in decisions) and not quiet():
        return False
    changed = [one for one in decisions if _carry_out(one, writer, ledger, now, report)]
    if changed:
        inputs = _inputs(config, ledger, accounts, orders.accept_empty, now, report, before=inputs)
    if orders.propose == "none" or not config.accounts:
        return True
    if not report.complete:
        report.waiting = [
            _unread(key, report)
            for key, one in inputs.situation.standings.items()
            if not one.blocked
        ]
        return True
    if isinstance(target, HoldCalendarError):
        report.not_writable = str(target)
        return True
    if target[1] is not None and hides(inputs, (target[0].account.name, target[1].id), ledger):
        report.not_writable = str(refusal(target[1].name))
        return True
    if orders.propose == "lost" and not _lost(ledger):
        report.planned = True  # nothing to replace: the usual poll
        _tend_digests(inputs, target, ledger, orders, report)
        return True
    wanted = inputs.situation.plan_with(orders.planner)
    chosen = wanted.proposals if orders.propose == "all" else wanted.proposals[: _lost(ledger)]
    if chosen and not quiet():
        return False
    if chosen and target[1] is None and not orders.dry:
        return not _make_calendar(config, target[0], ledger, report)
    report.planned, report.waiting = True, list(wanted.waiting)
    _propose(inputs, chosen, target, writer, ledger, report)
    if not report.not_writable:
        _tend_digests(inputs, target, ledger, orders, report)
    return True


_HoldPlace = tuple[ReadAccount, Calendar | None]


def _listed(one: ReadAccount) -> tuple[str, frozenset[str]]:
    """What must be the same just before the first write as it was judged, beside the events: the
    account's state and its calendars."""
    return one.reading.state, frozenset(calendar.id for calendar in one.calendars)


def _place(
    config: Config, accounts: Sequence[ReadAccount], ledger: Ledger, orders: Orders
) -> _HoldPlace | HoldCalendarError:
    """Where holds are written, or why nowhere."""
    try:
        one, calendar = hold_calendar(config, accounts, ledger)
    except HoldCalendarError as error:
        return error
    if calendar is not None and one.reading.state == "ok" and not orders.dry:
        remember_hold_calendar(config, one.account.name, calendar, ledger)
    return one, calendar


def _make_calendar(config: Config, one: ReadAccount, ledger: Ledger, report: Report) -> bool:
    """Make the hold calendar; whether it is there now. It is read before anything is written to it:
    another fikad may have been quicker."""
    try:
        create_hold_calendar(config, one, ledger)
    except HoldCalendarError as error:
        report.not_writable = str(error)
    except AccountError as error:
        _blame(report, one.account.name, error)
    else:
        return True
    return False


def _converge(
    inputs: PassInputs,
    target: _HoldPlace | HoldCalendarError,
    ledger: Ledger,
    quiet: Callable[[], bool],
    orders: Orders,
    report: Report,
) -> bool:
    """Bring the holds of several calendars with the name of the hold calendar together. True:
    decide anew."""
    if isinstance(target, HoldCalendarError) or orders.dry or not inputs.complete:
        return False
    one, calendar = target
    if calendar is None:
        return False
    converging = Converging(inputs, (one, calendar), ledger)
    if converging.writes and not quiet():
        return True
    try:
        return converging.carry_out()
    except AccountError as error:
        _blame(report, one.account.name, error)
        return False


def _inputs(
    config: Config,
    ledger: Ledger,
    read: Sequence[ReadAccount],
    accept_empty: frozenset[str],
    now: datetime,
    report: Report,
    before: PassInputs | None = None,
) -> PassInputs:
    """All that a decision looks at. `before` is the scene before something was written: what no
    listing showed then is not looked for again, since what was written meanwhile is in no reading
    yet."""
    well = [one for one in read if one.reading.state == "ok"]
    calendars: dict[CalendarKey, Calendar] = {
        (one.account.name, calendar.id): calendar for one in well for calendar in one.calendars
    }
    situation = read_situation(config, ledger, now)
    report.met += _newly_met(situation, ledger)
    found, unread = find_holds(ledger, situation.holds, config, now)
    answer = unread.union(one.event.uid for one in found)
    over = now - config.history
    missing = [
        hold for hold in situation.holds if hold.uid not in answer and not is_over(hold, over)
    ]
    hidden, unknown = (
        hidden_holds(missing, calendars, ledger, now)
        if before is None
        else (before.hidden, before.unread)
    )
    return PassInputs(
        config,
        situation,
        [*best_views(found, calendars), *hidden],
        hidden,
        unread | unknown,
        calendars,
        frozenset(one.account.name for one in well if one.account.name in accept_empty),
        [problem for _, _, problem in ledger.problems()],
        appeared(found, situation.occurrences, ledger),
        report.complete,
        now,
    )


def _carry_out(
    decision: Decision, writer: HoldWriter, ledger: Ledger, now: datetime, report: Report
) -> bool:
    """Carry out what becomes of one hold; whether anything changed."""
    before, became = decision.before, decision.after
    if became.hold == before and became.action is None and not decision.adopted:
        return False
    with ledger.transaction():
        record_effect(became.effect, became.hold, ledger, now)
        ledger.save_hold(became.hold)
    kept: Hold | None = became.hold
    if became.action is not None and decision.calendar is not None:
        try:
            kept = writer.carry_out(
                before, became.hold, became.action, decision.calendar, decision.found, now
            )
        except AccountError as error:
            if isinstance(error, ReadOnlyError):
                report.not_writable = str(error)
            else:
                _blame(report, before.account, error)
            if not isinstance(became.action, Complete):
                return True
            kept = replace(became.hold, intent=None)  # the yes is one, completed or not
        if kept is not None and kept.intent is not None:
            # It changed just now, so nothing was written: the next pass sees what became of it.
            return True
    if kept is not None and kept != before:
        word = (
            "moved"
            if isinstance(became.action, Move)
            else decision.news or news(before, replace(became, hold=kept))
        )
        if word:
            report.tell(word, kept)
        if word == "withdrawn":
            ledger.put("lost", str(_lost(ledger) + 1))
    return True


def _propose(
    inputs: PassInputs,
    chosen: Sequence[Proposal],
    target: _HoldPlace,
    writer: HoldWriter,
    ledger: Ledger,
    report: Report,
) -> None:
    """Write the new holds in the hold calendar."""
    one, calendar = target
    proven = calendar is None or shows(inputs, (one.account.name, calendar.id))
    try:
        for proposal in chosen:
            reference = calendar.id if calendar else inputs.config.holds.calendar
            answer = introduce(inputs, proposal.contact, ledger)
            for _ in range(_NAMES_TRIED):
                hold = new_hold(
                    inputs, proposal, one.account.name, reference, ledger.holds(), answer
                )
                hold = replace(hold, intent_version=writer.version(calendar))
                kept = writer.carry_out(None, hold, Create(hold.draft), calendar, None, inputs.now)
                if kept is None or kept.state != "withdrawn":
                    break
            if kept is not None:
                report.tell(
                    "proposed" if kept.state in ("creating", "proposed") else kept.state, kept
                )
            if calendar is not None and not (proven or writer.dry or kept is None):
                if not lists(calendar, one.account.name, kept.uid, ledger):
                    raise refusal(calendar.name)
                proven = True
        ledger.put("lost", "0")
    except HiddenError:
        if calendar is not None:
            mark_hiding(ledger, (one.account.name, calendar.id))
            error = refusal(calendar.name)
        report.not_writable = str(error)
    except ReadOnlyError as error:
        report.not_writable = str(error)
    except AccountError as error:
        _blame(report, one.account.name, error)


def _tend_digests(
    inputs: PassInputs, target: _HoldPlace, ledger: Ledger, orders: Orders, report: Report
) -> None:
    if orders.dry or not report.complete:
        return
    for account, error in tend_digests(inputs, target, ledger, new=orders.propose == "all"):
        if isinstance(error, AccountError) and not isinstance(error, ReadOnlyError):
            _blame(report, account, error)
        else:
            report.not_writable = str(error)


def _blame(report: Report, account: str, error: AccountError) -> None:
    """An account that was read and could not be written."""
    state = "auth" if isinstance(error, CredentialsError) else "error"
    report.readings = [
        replace(reading, state=state, message=str(error)) if reading.account == account else reading
        for reading in report.readings
    ]


def _newly_met(situation: Situation, ledger: Ledger) -> list[Verdict]:
    """The meetings that no earlier pass had counted; from now on they are."""
    judged = situation.judged
    judgements = [*situation.counted, *situation.nearly]
    return ledger.record_counted(judged.key, judgements, judged.since, judged.until)


def _lost(ledger: Ledger) -> int:
    """How many holds were taken back and not replaced since holds were last proposed."""
    return int(ledger.get("lost") or 0)


def _unread(contact: str, report: Report) -> Waiting:
    names = " and ".join(f'"{one.account}"' for one in report.readings if one.state != "ok")
    return Waiting(contact, "unread", f"Nothing is proposed while {names} cannot be read.")
