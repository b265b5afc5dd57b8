"""Writing a hold so that a crash at any point loses nothing: the intent first, then the request,
then what came of it.

What could not be written is never forgotten silently. A write that certainly did not happen is
taken back in the ledger, so that the next pass decides anew; one whose answer was lost stays
recorded as an intent, and the next pass finds in the calendar what became of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from connectors.answering import without_lines
from connectors.base import Calendar, HoldEvent, Resource
from connectors.errors import AccountError, ChangedError, TakenError, UncertainError, WithdrawnError
from daemon.holds.edits import as_intended
from daemon.holds.transition import (
    Action,
    Complete,
    Create,
    Facts,
    Hold,
    Move,
    Withdraw,
    confirmed,
    transition,
)
from daemon.ledger.ledger import Ledger


class HoldWriter:
    """Where the holds of one pass are written. With `dry`, nothing reaches a calendar."""

    def __init__(self, ledger: Ledger, *, dry: bool = False) -> None:
        self._ledger = ledger
        self.dry = dry

    def version(self, calendar: Calendar | None) -> str | None:
        """The calendar's version just before a create: while it stays, the create never happened."""
        return calendar.current_version() if calendar and not self.dry else None

    def carry_out(
        self,
        before: Hold | None,
        hold: Hold,
        action: Action,
        calendar: Calendar | None,
        found: Resource | None,
        now: datetime,
    ) -> Hold | None:
        """Do what was decided: `hold` is the record with its intent, `before` the one to return to
        when nothing was written (None: a new hold). Returns the record as it now is, None when
        there is none.

        Raises AccountError when the calendar could not be written; the ledger is in order by then.
        """
        if isinstance(action, Create):
            hold = replace(hold, placed=self._ledger.count_placement())
        self._ledger.save_hold(hold)
        try:
            done = self._write(hold, action, calendar, found)
        except UncertainError:
            raise
        except TakenError as taken:
            done = self._taken(hold, calendar, taken, now)
        except AccountError as error:
            # A removal stays decided: its reason (an order, say) must not take effect twice.
            kept = hold if isinstance(action, Withdraw) else self._take_back(before, hold, action)
            if isinstance(error, ChangedError):
                return kept
            raise
        self._ledger.save_hold(done)
        return done

    def _write(
        self, hold: Hold, action: Action, calendar: Calendar | None, found: Resource | None
    ) -> Hold:
        if self.dry or calendar is None:
            return confirmed(hold, _as_written(hold, action))
        match action:
            case Create(draft):
                written: Resource | None = calendar.create(draft)
            case Move(draft) if found is not None:
                written = calendar.update(found, draft)
            case Complete(lines) if found is not None:
                written = calendar.complete(found, lines)
            case Withdraw() if found is not None:
                calendar.delete(found)
                written = None
            case _:
                raise ChangedError("the hold is gone", "somebody deleted it")
        return confirmed(hold, _event(written))

    def _take_back(self, before: Hold | None, hold: Hold, action: Action) -> Hold | None:
        if isinstance(action, Complete):
            # The yes stands, whether or not it could be completed.
            before = replace(hold, intent=None)
        if before is None:
            self._ledger.drop_hold(hold.uid)
        else:
            self._ledger.save_hold(before)
        return before

    def _taken(
        self, hold: Hold, calendar: Calendar | None, taken: TakenError, now: datetime
    ) -> Hold:
        """A hold of this name is or was there: another fikad's, our own from a lost response, or
        one deleted since."""
        if isinstance(taken, WithdrawnError):
            return replace(
                hold,
                state="withdrawn",
                reason="fikad took it back before.",
                decided_at=now,
                intent=None,
                intent_version=None,
            )
        unsure = replace(hold, intent_version=None)
        if calendar is not None and calendar.read(hold.uid) is not None:
            return unsure
        return transition(unsure, None, Facts(), now).hold


def _as_written(hold: Hold, action: Action) -> HoldEvent | None:
    """The event as the action would leave it."""
    match action:
        case Withdraw():
            return None
        case Complete(lines) if hold.seen is not None:
            told = without_lines(hold.seen.description, lines)
            return replace(hold.seen, status="confirmed", transparent=False, description=told)
    return as_intended(hold.draft)


def _event(resource: Resource | None) -> HoldEvent | None:
    from connectors.ical.hold_text import hold_event

    return None if resource is None else hold_event(resource.text)
