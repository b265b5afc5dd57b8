"""Tending the weekly digest: writing it when holds are planned, keeping it true, removing it when
the next comes.

What becomes of a digest is decided in `daemon.holds.digest`; here is what a pass knows for that,
and the writes. A record is kept before and after each request, so that a crash in between is
settled by the next pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from connectors.base import Calendar, Resource
from connectors.errors import AccountError, ChangedError, HiddenError, TakenError, UncertainError
from connectors.ical.hold_text import hold_event
from daemon.cycle.hiding import lists, refusal
from daemon.cycle.hold_calendar import HoldCalendarError, HoldTarget, create_hold_calendar
from daemon.cycle.inputs import PassInputs
from daemon.cycle.report import (
    CalendarMade,
    DigestBecame,
    DigestWord,
    Hiding,
    Outcome,
    Unwritten,
)
from daemon.holds.digest import (
    Digest,
    WeekFacts,
    adopt,
    begin,
    digest_draft,
    plan_of,
    settle,
    step,
    written,
)
from daemon.holds.facts import Move, Withdraw
from daemon.ledger.ledger import Ledger
from daemon.ledger.readings import FoundHold
from daemon.planning.agenda import last_plan, plan_moment, timetable
from daemon.practice.this_week import Week, kept_last_week, this_week
from daemon.situation.assessing import read_situation


def tend_digests(
    inputs: PassInputs, target: HoldTarget, ledger: Ledger, *, new: bool
) -> Sequence[Outcome]:
    """Settle every digest, in a pass that read every account, and write this week's where it is
    missing and `new` ones are wanted now. Returns what was written, what could not be, and where it
    is not shown."""
    digests = ledger.digests()
    if not inputs.config.rhythm.weekly_digest and not digests:
        return []
    keeper = _DigestKeeper(inputs, ledger, digests)
    unwritten = keeper.settle_all()
    if keeper.missing and (new or unwritten):
        try:
            calendar = target.calendar
            if calendar is None:
                calendar = create_hold_calendar(inputs.config, target.read, ledger)
                keeper.outcomes.append(CalendarMade(target.account, calendar.name))
            keeper.write(calendar, target.account)
        except (AccountError, HoldCalendarError) as error:
            keeper.outcomes.append(Unwritten(target.account, error))
    return keeper.outcomes


def wanted_digests(inputs: PassInputs, ledger: Ledger) -> Sequence[Outcome]:
    """The digest that a pass which may not write would have written, if any."""
    if not inputs.config.rhythm.weekly_digest:
        return []
    return _DigestKeeper(inputs, ledger, ledger.digests()).wanted()


class _DigestKeeper:
    """The digests of one pass."""

    def __init__(self, inputs: PassInputs, ledger: Ledger, digests: dict[str, Digest]) -> None:
        self._inputs, self._ledger, self._digests = inputs, ledger, digests
        self._facts = _facts(inputs, ledger)
        self._found: dict[str, list[FoundHold]] = {}
        self.outcomes: list[Outcome] = []
        for placed in ledger.found_digests():
            self._found.setdefault(placed.event.uid, []).append(placed)

    @property
    def missing(self) -> bool:
        """Whether the week's digest was never written, and there is something to say."""
        known = {plan_of(uid) for uid in (*self._digests, *self._found)}
        return (
            self._facts.wanted
            and bool(self._facts.lines)
            and f"{self._facts.plan:%Y%m%d}" not in known
        )

    def wanted(self) -> list[Outcome]:
        """The week's digest, where it is `missing`."""
        facts = self._facts
        return [DigestBecame("written", facts.title, facts.today)] if self.missing else []

    def settle_all(self) -> bool:
        """Settle every digest that is known or found, with at most one write each. True: one whose
        writing was begun before was certainly not written."""
        unwritten = False
        for uid in sorted({*self._digests, *(self._found if self._facts.wanted else ())}):
            try:
                unwritten |= self._settle(uid)
            except AccountError as error:
                self.outcomes.append(Unwritten(self._digests[uid].account, error))
        for uid, digest in list(self._digests.items()):
            if (
                plan_of(uid) < f"{self._facts.plan:%Y%m%d}"
                and not digest.is_open
                and uid not in self._found
            ):
                self._keep(uid, None)
        return unwritten

    def write(self, calendar: Calendar, account: str) -> None:
        """Write the week's digest, which is `missing`. A calendar that hides it is noted, and does
        not keep it where it can be taken back: nobody would see it there. Raises AccountError."""
        dashes = self._inputs.config.accounts[account].type != "google"
        facts = self._facts
        draft = digest_draft(facts, facts.today, dashes=dashes)
        version = calendar.current_version()
        digest = begin(draft, facts.content, account, calendar.id, version)
        self._keep(digest.uid, digest)
        try:
            self._create(digest, calendar)
        except HiddenError:
            self.outcomes.append(Hiding((account, calendar.id), calendar.name))

    def _settle(self, uid: str) -> bool:
        copies = self._found.get(uid, [])
        digest = self._digests.get(uid)
        if digest is None:
            digest = adopt(copies[0].event, copies[0].account, copies[0].calendar, self._facts)
        calendar = self._inputs.calendars.get((digest.account, digest.calendar))
        if calendar is None:
            return False
        own = next(
            (
                copy
                for copy in copies
                if (copy.account, copy.calendar) == (digest.account, digest.calendar)
            ),
            None,
        )
        version = calendar.current_version() if own is None and digest.state == "creating" else None
        settled = settle(digest, own.event if own else None, version)
        if settled.state == "creating":
            self._keep(uid, None)
            return True
        self._keep(uid, settled)
        if (wanted := step(settled, self._facts)) and own is not None:
            self._write(settled, *wanted, calendar, own.resource)
        return False

    def _write(
        self,
        before: Digest,
        intended: Digest,
        action: Move | Withdraw,
        calendar: Calendar,
        stored: Resource,
    ) -> None:
        self._keep(before.uid, intended)
        try:
            if isinstance(action, Move):
                became = hold_event(calendar.update(stored, action.draft).text)
            else:
                calendar.delete(stored)
                became = None
        except UncertainError:
            raise
        except AccountError as error:
            self._keep(before.uid, before)
            if not isinstance(error, ChangedError):  # it changed just now: the next pass sees how
                raise
        else:
            self._keep(before.uid, written(intended, became))
            self._tell("removed" if became is None else "rewritten", intended)

    def _create(self, digest: Digest, calendar: Calendar) -> None:
        try:
            made = calendar.create(digest.draft)
        except UncertainError:
            raise
        except TakenError:
            # Another fikad's, or one that was deleted where names are never given out again.
            there = calendar.read(digest.uid) is not None
            state = digest.state if there else "dismissed"
            self._keep(digest.uid, replace(digest, state=state, writing=there, version=None))
        except AccountError:
            self._keep(digest.uid, None)
            raise
        else:
            self._keep(digest.uid, written(digest, hold_event(made.text)))
            self._prove(digest.uid, made, calendar)
            self._tell("written", digest)

    def _prove(self, uid: str, made: Resource, calendar: Calendar) -> None:
        """Take back what the calendar does not list, unless it listed a hold of ours. Raises
        HiddenError then, and AccountError."""
        account = self._digests[uid].account
        if self._inputs.shows((account, calendar.id)):
            return
        if not lists(calendar, account, uid, self._ledger):
            calendar.delete(made)
            self._keep(uid, None)
            raise refusal(calendar.name)

    def _tell(self, word: DigestWord, digest: Digest) -> None:
        day = digest.draft.start.date()
        self.outcomes.append(DigestBecame(word, digest.draft.title, day))

    def _keep(self, uid: str, digest: Digest | None) -> None:
        if self._digests.get(uid) == digest:
            return
        if digest is None:
            del self._digests[uid]
        else:
            self._digests[uid] = digest
        self._ledger.save_digests(self._digests)


def _facts(inputs: PassInputs, ledger: Ledger) -> WeekFacts:
    config, now = inputs.config, inputs.now
    rhythm, zone = config.rhythm, config.zone
    table, week = timetable(rhythm, zone), Week()
    plan = last_plan(table, now)
    if rhythm.weekly_digest:
        proposed = ledger.holds() != inputs.situation.holds
        situation = read_situation(config, ledger, now) if proposed else inputs.situation
        week = this_week(situation.holds, situation.standings, zone, now)
        kept = kept_last_week(
            situation.counted, situation.standings, plan_moment(table, plan), zone
        )
        week = replace(week, kept=kept)
    return WeekFacts(
        plan,
        now.astimezone(zone).date(),
        rhythm.weekly_digest,
        week.title(config.writer),
        week.lines(config.writer),
        week.content,
        [contact.name for contact in inputs.situation.contacts.values() if contact.paused],
        config.writer,
    )
