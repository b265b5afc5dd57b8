"""Writing a hold so that a crash at any point loses nothing: the intent first, then the request,
then what came of it.

What could not be written is never forgotten silently. A write that certainly did not happen is
taken back in the ledger, so that the next pass decides anew; one whose answer was lost stays
recorded as an intent, and the next pass finds in the calendar what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from connectors.answering import without_lines
from connectors.base import Calendar, HoldEvent, Resource
from connectors.errors import AccountError, ChangedError, TakenError, UncertainError, WithdrawnError
from connectors.ical.hold_text import hold_event
from daemon.cycle.report import Became, Outcome, Renewed, Unwritten
from daemon.cycle.settling import Decision, record_effect
from daemon.holds.edits import as_intended
from daemon.holds.facts import Action, Complete, Create, Facts, Move, Rewrite, Withdraw
from daemon.holds.record import Hold, confirmed
from daemon.holds.transition import news, transition
from daemon.ledger.ledger import Ledger


class Write(NamedTuple):
    """One write that was decided."""

    before: Hold | None
    """The record to return to when nothing was written; None: a new hold."""
    hold: Hold
    """The record with its intent."""
    action: Action
    calendar: Calendar | None
    found: Resource | None = None
    """The event as it was read last."""


class HoldWriter:
    """Where the holds of one pass are written. With `dry`, nothing reaches a calendar."""

    def __init__(self, ledger: Ledger, now: datetime, *, dry: bool = False) -> None:
        self._ledger, self._now, self.dry = ledger, now, dry

    def version(self, calendar: Calendar | None) -> str | None:
        """The calendar's version just before a create: while it stays, the create never
        happened."""
        return calendar.current_version() if calendar and not self.dry else None

    def carry_out(self, decision: Decision) -> Iterator[Outcome]:
        """Keep what was decided of one hold, do what is to be written, and tell what came of it."""
        before, became = decision.before, decision.after
        with self._ledger.transaction():
            record_effect(became.effect, became.hold, self._ledger, self._now)
            self._ledger.save_hold(became.hold)
            if decision.news == "withdrawn":
                # With the record: a crash leaves no slot empty, and fills none twice.
                self._ledger.count_lost_hold()
        kept: Hold | None = became.hold
        if became.action is not None and decision.calendar is not None:
            intended = Write(before, became.hold, became.action, decision.calendar, decision.found)
            try:
                kept = self.write(intended)
            except AccountError as error:
                yield Unwritten(before.account, error)
                if not isinstance(became.action, Complete):
                    return
                kept = replace(became.hold, intent=None)  # the yes is one, completed or not
            if kept is not None and kept.intent is not None:
                # It changed just now, so nothing was written: the next pass sees what became of it.
                if decision.news == "withdrawn":
                    self._ledger.count_replaced_hold()
                return
        if kept is None or kept == before:
            return
        moved = isinstance(became.action, Move)
        told = "moved" if moved else decision.news or news(before, replace(became, hold=kept))
        if told:
            yield Became(told, kept)
        elif isinstance(became.action, Rewrite):
            yield Renewed(kept)

    def write(self, write: Write) -> Hold | None:
        """Do what was decided. Returns the record as it now is, None when there is none.

        Raises AccountError when the calendar could not be written; the ledger is in order by then.
        """
        with self._ledger.transaction():
            if isinstance(write.action, Create):
                placed = self._ledger.count_placement()
                write = write._replace(hold=replace(write.hold, placed=placed))
            replaces = write.before is None and self._ledger.count_replaced_hold()
            self._ledger.save_hold(write.hold)
        try:
            written = self._send(write)
        except UncertainError:
            raise
        except TakenError as taken:
            written = self._taken(write, taken)
        except AccountError as error:
            # A removal stays decided: its reason (an order, say) must not take effect twice.
            kept = (
                write.hold
                if isinstance(write.action, Withdraw)
                else self._take_back(write, replaces=replaces)
            )
            if isinstance(error, ChangedError):
                return kept
            raise
        with self._ledger.transaction():
            self._ledger.save_hold(written)
            was_taken_back = isinstance(write.action, Create) and written.state == "withdrawn"
            if was_taken_back and (replaces or write.before is not None):
                self._ledger.count_lost_hold()
        return written

    def _send(self, write: Write) -> Hold:
        calendar, stored = write.calendar, write.found
        if self.dry or calendar is None:
            return confirmed(write.hold, _as_written(write.hold, write.action))
        match write.action:
            case Create(draft):
                written: Resource | None = calendar.create(draft)
            case Move(draft) | Rewrite(draft) if stored is not None:
                written = calendar.update(stored, draft)
            case Complete(lines) if stored is not None:
                written = calendar.complete(stored, lines)
            case Withdraw() if stored is not None:
                calendar.delete(stored)
                written = None
            case _:
                raise ChangedError("the hold is gone", "somebody deleted it")
        return confirmed(write.hold, None if written is None else hold_event(written.text))

    def _take_back(self, write: Write, *, replaces: bool) -> Hold | None:
        """As if it had not been decided; a new hold that was to replace a lost one does so no
        more."""
        before = write.before
        if isinstance(write.action, Complete):
            # The yes stands, whether or not it could be completed.
            before = replace(write.hold, intent=None)
        with self._ledger.transaction():
            if before is not None:
                self._ledger.save_hold(before)
                return before
            self._ledger.drop_hold(write.hold.uid)
            if replaces:
                self._ledger.count_lost_hold()
        return None

    def _taken(self, write: Write, taken: TakenError) -> Hold:
        """A hold of this name is or was there: another fikad's, our own from a lost response, or
        one deleted since."""
        if isinstance(taken, WithdrawnError):
            return replace(
                write.hold,
                state="withdrawn",
                reason="fikad took it back before.",
                decided_at=self._now,
                intent=None,
                intent_version=None,
            )
        unsure = replace(write.hold, intent_version=None)
        if write.calendar is not None and write.calendar.read(write.hold.uid) is not None:
            return unsure
        return transition(unsure, None, Facts(), self._now).hold


def _as_written(hold: Hold, action: Action) -> HoldEvent | None:
    """The event as the action would leave it."""
    match action:
        case Withdraw():
            return None
        case Complete(lines) if hold.seen is not None:
            told = without_lines(hold.seen.description, lines)
            return replace(hold.seen, status="confirmed", transparent=False, description=told)
    return as_intended(hold.draft)
