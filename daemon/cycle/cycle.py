"""One pass: read, judge, settle, plan, write.

A pass remembers nothing but the ledger, so it can stop anywhere and the next one goes on from what
it finds. It only writes when every calendar is as it was judged: before the first write the
accounts are asked once more, and if anything came in meanwhile, it is read and everything is
decided anew."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from connectors.errors import AccountError
from connectors.ical.expansion import Expander
from daemon.address_books.known import contacts_of
from daemon.config.schema import Config
from daemon.cycle.accounts import AccountsRead, Opener, PassAccounts
from daemon.cycle.asking_servers import ask_servers, news, whom_to_ask_for
from daemon.cycle.books import BookOpener, follow_renames, read_address_books
from daemon.cycle.converging import converge
from daemon.cycle.digest_writing import tend_digests, wanted_digests
from daemon.cycle.hiding import hides, mark_hiding, refusal
from daemon.cycle.hold_calendar import (
    HoldCalendarError,
    HoldTarget,
    create_hold_calendar,
    hold_target,
)
from daemon.cycle.inputs import PassInputs, gather
from daemon.cycle.proposing import Proposer
from daemon.cycle.reading import Progress
from daemon.cycle.report import (
    Became,
    CalendarMade,
    DigestBecame,
    Hiding,
    Outcome,
    Renewed,
    Report,
    Unwritten,
)
from daemon.cycle.resting import quiet_time
from daemon.cycle.settling import settle
from daemon.cycle.tracing import trace_plan
from daemon.cycle.writing import HoldWriter
from daemon.ledger.ledger import Ledger
from daemon.planning.known_busy import FACT, as_text
from daemon.planning.planner import plan
from daemon.planning.request import Planner, Proposal, Waiting
from daemon.polling.mark import Listing, Propose, listing_of_calendars
from daemon.practice.introductions import with_introduction
from daemon.reasons import Reason
from daemon.situation.assessing import contacts_now

_TRIES = 4
"""How often a pass decides anew because something came in while it was deciding, or the hold
calendar was made or put in order."""


@dataclass(frozen=True, slots=True)
class PassOptions:
    """What this pass is asked to do."""

    propose: Propose = "all"
    """New holds: as many as the rhythm allows, only in place of holds that were taken back, or
    none."""
    accept_empty: frozenset[str] = frozenset()
    """Accounts whose calendars, and address books whose cards, may be gone all of a sudden."""
    dry: bool = False
    """Nothing reaches a calendar. The caller gives a ledger that may be thrown away."""
    planner: Planner = plan
    """Who gets which slot; another one only to compare it with."""


def run_pass(
    config: Config,
    ledger: Ledger,
    opener: Opener,
    clock: Callable[[], datetime],
    options: PassOptions,
    progress: Progress = lambda account, calendar, done, expected: None,
    expander: Expander | None = None,
    book_opener: BookOpener | None = None,
) -> Report:
    """Read all accounts and address books, settle every hold and propose new ones. `clock` gives
    the time, aware, UTC; an `expander` may be lent, for many passes in one process. Without a
    `book_opener` the address books are as they were read last.

    Accounts that fail are named in the report; LedgerError is the only error raised.
    """
    decided = ledger.decided()
    ledger.keep_accounts(config.accounts)
    report = Report()
    if book_opener is not None:
        report.books = read_address_books(
            config, ledger, book_opener, clock(), options.accept_empty
        )
    follow_renames(config, ledger)
    people = contacts_of(config, ledger)
    ledger.add_people((contact.key for contact in people), clock())
    for hold in ledger.holds_without_introduction():
        ledger.save_hold(with_introduction(hold, people))
    with PassAccounts(
        config,
        ledger,
        expander=expander,
        progress=progress,
        accept_empty=options.accept_empty,
        note=report.note_reading,
    ) as accounts:
        accounts.open(opener)
        this = Pass(config, ledger, accounts, clock, options, report)
        for _ in range(_TRIES):
            if this.decide():
                break
        accounts.save_memos()
        report.listings = this.listings
    if report.planned or report.not_writable:
        ledger.put("not_writable", report.not_writable)
    report.problems = ledger.problems()
    if this.inputs is not None:
        report.quiet = quiet_time(this.inputs, ledger, report, decided)
    contacts = contacts_now(config, ledger, clock())
    report.names = {contact.key: contact.name for contact in contacts}
    report.silent = frozenset(contact.key for contact in contacts if contact.paused)
    report.met = [met for met in report.met if met.contact_key not in report.silent]
    return report


class Pass:
    """One pass, from what was read to what came of it.

    What its steps find out goes into the report as outcomes, by `_apply` alone."""

    def __init__(
        self,
        config: Config,
        ledger: Ledger,
        accounts: PassAccounts,
        clock: Callable[[], datetime],
        options: PassOptions,
        report: Report,
    ) -> None:
        self._config, self._ledger, self._accounts = config, ledger, accounts
        self._clock, self._options, self._report = clock, options, report
        self._servers_asked = False
        self.inputs: PassInputs | None = None
        """What was looked at last."""
        self.listings: Mapping[str, Listing] = {}
        """What each account listed last."""

    def decide(self) -> bool:
        """Read, settle and propose. False: something came in before the first write, so decide
        anew."""
        now = self._clock()
        writer = HoldWriter(self._ledger, now, dry=self._options.dry)
        read = self._read()
        self.listings = {
            each.account.name: listing_of_calendars(each.calendars) for each in read.accounts
        }
        inputs = self._gather(read, now)
        target = hold_target(
            self._config, read.accounts, self._ledger, remember=not self._options.dry
        )
        if self._converge(inputs, target, read):
            return False
        decisions = list(settle(inputs))
        if any(each.after.action for each in decisions) and not self._is_quiet(read):
            return False
        changes = [each for each in decisions if each.changes_anything]
        for decision in changes:
            self._apply(writer.carry_out(decision))
        if self._report.complete and any(each.after.effect for each in changes):
            return False  # what an order says of a contact may be against another hold for them
        if changes:
            inputs = self._gather(read, now, before=inputs)
        return self._propose(inputs, target, read, writer)

    def _read(self) -> AccountsRead:
        return self._accounts.read(self._clock())

    def _is_quiet(self, read: AccountsRead) -> bool:
        """Whether nothing came in since, asked just before the first write."""
        return self._options.dry or read.is_followed_quietly(self._read())

    def _gather(
        self, read: AccountsRead, now: datetime, before: PassInputs | None = None
    ) -> PassInputs:
        """What the decisions look at. Meetings that no earlier pass counted count from now on."""
        inputs = gather(
            self._config,
            self._ledger,
            read,
            now,
            complete=self._report.complete,
            planning=self._options.propose == "all",
            before=before,
        )
        situation, judged = inputs.situation, inputs.situation.judged
        if situation.judged_now is not None:
            self._report.met += self._ledger.record_counted(
                judged.key, situation.judged_now, judged.since, judged.until, now
            )
        if situation.dates_ahead is not None:
            self._ledger.record_dates_ahead(judged.key, situation.dates_ahead, now)
        self.inputs = inputs
        return inputs

    def _converge(
        self, inputs: PassInputs, target: HoldTarget | HoldCalendarError, read: AccountsRead
    ) -> bool:
        """Bring the holds of several hold calendars together. True: decide anew."""
        if isinstance(target, HoldCalendarError) or self._options.dry or not inputs.complete:
            return False
        try:
            return converge(inputs, target, self._ledger, lambda: self._is_quiet(read))
        except AccountError as error:
            self._apply([Unwritten(target.account, error)])
            return False

    def _propose(
        self,
        inputs: PassInputs,
        target: HoldTarget | HoldCalendarError,
        read: AccountsRead,
        writer: HoldWriter,
    ) -> bool:
        """Propose new holds, as far as that is wanted and possible. False: decide anew."""
        report = self._report
        if self._options.propose == "none" or not self._config.accounts:
            return True
        if not report.complete:
            report.waiting = _waiting_for_accounts(inputs, report.unread)
            return True
        refused = self._refusal(inputs, target)
        if refused or isinstance(target, HoldCalendarError):
            report.not_writable = refused
            return True
        lost = self._ledger.lost_holds()
        if self._options.propose == "lost" and not lost:
            report.planned = True  # nothing to replace: the usual poll
            self._tend_digests(inputs, target)
            return True
        inputs = self._with_known_busy(inputs)
        wanted = inputs.situation.plan_with(self._options.planner)
        trace_plan(wanted, inputs.situation.contacts)
        chosen: Sequence[Proposal] = wanted.proposals
        if self._options.propose == "lost":
            chosen = chosen[:lost]
        if chosen and not self._is_quiet(read):
            return False
        if chosen and target.calendar is None and not self._options.dry:
            return not self._make_calendar(target)
        report.planned, report.waiting = True, list(wanted.waiting)
        self._apply(Proposer(inputs, target, writer, self._ledger).write(chosen))
        if not report.not_writable:
            if report.complete and self._options.propose == "all":
                self._ledger.forget_lost_holds()
            self._tend_digests(inputs, target)
        return True

    def _with_known_busy(self, inputs: PassInputs) -> PassInputs:
        """The inputs with what servers tell of those who would be planned; they are asked once a
        pass."""
        before, anew = inputs.situation.known_busy, self._options.propose == "all"
        if self._servers_asked or not self._config.asks_free_busy:
            return inputs
        people = whom_to_ask_for(inputs.situation, anew=anew)
        if not people:
            return inputs
        self._servers_asked = True
        horizon, now = self._config.rhythm.horizon, inputs.now
        told = ask_servers(people, self._accounts.opened, horizon, now)
        self._report.unasked = news(before, told)
        self._ledger.put(FACT, as_text(told))
        return replace(inputs, situation=replace(inputs.situation, known_busy=told))

    def _refusal(self, inputs: PassInputs, target: HoldTarget | HoldCalendarError) -> str:
        """Why holds cannot be written, "" when they can."""
        if isinstance(target, HoldCalendarError):
            return str(target)
        if target.calendar is None:
            return ""
        key = (target.account, target.calendar.id)
        hidden = hides(self._ledger, key, shows=inputs.shows(key), hidden=inputs.hides(key))
        return str(refusal(target.calendar.name)) if hidden else ""

    def _make_calendar(self, target: HoldTarget) -> bool:
        """Make the hold calendar; whether it is there now. It is read before anything is written to
        it: another fikad may have been quicker."""
        try:
            create_hold_calendar(self._config, target.read, self._ledger)
        except (HoldCalendarError, AccountError) as error:
            self._apply([Unwritten(target.account, error)])
            return False
        self._apply([CalendarMade(target.account, self._config.holds.calendar)])
        return True

    def _tend_digests(self, inputs: PassInputs, target: HoldTarget) -> None:
        if not self._report.complete:
            return
        new = self._options.propose == "all"
        if self._options.dry:
            self._apply(wanted_digests(inputs, self._ledger) if new else ())
        else:
            self._apply(tend_digests(inputs, target, self._ledger, new=new))

    def _apply(self, outcomes: Iterable[Outcome]) -> None:
        """Note what came of something that was carried out."""
        for outcome in outcomes:
            match outcome:
                case Became():
                    self._report.note_hold(outcome)
                case Renewed(hold):
                    self._report.renewed.append(hold)
                case DigestBecame():
                    self._report.digests.append(outcome)
                case CalendarMade():
                    self._report.made = outcome
                case Unwritten():
                    self._report.note_unwritten(outcome)
                case Hiding(calendar, name):
                    mark_hiding(self._ledger, calendar)
                    self._report.not_writable = str(refusal(name))


def _waiting_for_accounts(inputs: PassInputs, unread: Iterable[str]) -> list[Waiting]:
    """Everybody who might have been proposed, if those accounts could be read."""
    why = Reason("unread", {"accounts": tuple(unread)})
    return [
        Waiting(key, why)
        for key, standing in inputs.situation.standings.items()
        if not standing.blocked
    ]
