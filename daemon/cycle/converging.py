"""Converging: several calendars with the name of the hold calendar become one again.

Two fikads that start at the same moment may each make one, where nobody can choose a calendar's id.
One of them is kept (see `daemon.cycle.hold_calendar`). Holds of one name are one: the copy that the
user touched speaks, else the one in the kept calendar, and what nobody touched in the others is
taken back, or brought over where it stands nowhere else. The other calendars themselves are never
deleted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from connectors.base import Calendar
from connectors.errors import ChangedError, TakenError
from connectors.ical.hold_text import hold_event
from daemon.cycle.hold_calendar import HoldTarget, doubles
from daemon.cycle.inputs import PassInputs
from daemon.cycle.reading import ReadAccount
from daemon.holds.edits import as_draft, as_intended, edited_fields, is_sealed
from daemon.holds.record import Hold, confirmed
from daemon.ledger.ledger import Ledger
from daemon.ledger.readings import FoundHold


@dataclass(frozen=True, slots=True)
class _Step:
    """What is to be done about one hold."""

    hold: Hold | None
    """What is recorded of it, if anything."""
    home: str
    """The id of the calendar in which it stands from now on."""
    brought: FoundHold | None = None
    """The copy that is brought over to the kept calendar first."""
    surplus: Sequence[FoundHold] = ()
    """The copies that are taken back."""


def converge(
    inputs: PassInputs, target: HoldTarget, ledger: Ledger, is_quiet: Callable[[], bool]
) -> bool:
    """Bring the holds of several calendars with the name of the hold calendar together, in a pass
    that read every account. `is_quiet` tells, just before the first write, whether nothing came in
    since. True: decide anew. Raises AccountError."""
    if target.calendar is None:
        return False
    converging = _Converging(inputs, target.read, target.calendar, ledger)
    if converging.writes and not is_quiet():
        return True
    return converging.carry_out()


class _Converging:
    """What is left to do until all holds stand in one calendar."""

    def __init__(
        self, inputs: PassInputs, read: ReadAccount, kept: Calendar, ledger: Ledger
    ) -> None:
        self._kept = kept
        self._account, self._ledger, self._inputs = read.account.name, ledger, inputs
        self._others = {
            other.id: other for other in doubles(inputs.config, read, kept) if other.writable
        }
        self._steps = list(self._decided())
        self._digests = self._spare_digests()

    @property
    def writes(self) -> bool:
        """Whether anything is to be written to a calendar."""
        return bool(self._digests) or any(step.surplus for step in self._steps)

    def carry_out(self) -> bool:
        """Do it all; whether anything changed. Raises AccountError at the first write that fails;
        what was done until then stays, and the next pass goes on from there."""
        changed = False
        for step in self._steps:
            if step.brought is not None and step.hold is not None:
                if not self._bring(step.hold, step.brought):
                    continue
            elif step.hold is not None and step.hold.calendar != step.home:
                self._ledger.save_hold(replace(step.hold, calendar=step.home))
            changed = True
            self._take_back(step.surplus)
        if self._digests:
            uids = {spare.event.uid for spare in self._digests}
            digests = self._ledger.digests()
            moved = {
                uid: replace(digest, calendar=self._kept.id)
                for uid, digest in digests.items()
                if uid in uids
            }
            self._ledger.save_digests(digests | moved)
            self._take_back(self._digests)
        return changed or bool(self._digests)

    def _take_back(self, copies: Sequence[FoundHold]) -> None:
        for copy in copies:
            # Touched just now, it is the user's, and the next pass sees that.
            with suppress(ChangedError):
                self._others.get(copy.calendar, self._kept).delete(copy.resource)

    def _decided(self) -> Iterator[_Step]:
        if not self._others:
            return
        records = {
            hold.uid: hold
            for hold in self._inputs.situation.holds
            if self._is_near(hold.account, hold.calendar)
        }
        copies: dict[str, list[FoundHold]] = {}
        for placed in self._inputs.found:
            if self._is_near(placed.account, placed.calendar):
                copies.setdefault(placed.event.uid, []).append(placed)
        for uid, standing in sorted(copies.items()):
            step = self._of_one(records.get(uid), standing)
            if step is not None and (
                step.surplus or (step.hold is not None and step.hold.calendar != step.home)
            ):
                yield step

    def _spare_digests(self) -> list[FoundHold]:
        """The untouched weekly digests that stand in the kept calendar as well."""
        near = [
            digest
            for digest in self._ledger.found_digests()
            if self._is_near(digest.account, digest.calendar)
        ]
        kept = {digest.event.uid for digest in near if digest.calendar == self._kept.id}
        return [
            digest
            for digest in near
            if digest.calendar != self._kept.id
            and digest.event.uid in kept
            and is_sealed(digest.event, all_day=True)
        ]

    def _is_near(self, account: str, calendar: str) -> bool:
        return account == self._account and (calendar == self._kept.id or calendar in self._others)

    def _of_one(self, hold: Hold | None, copies: Sequence[FoundHold]) -> _Step | None:
        """What is to be done about a hold with these copies, if anything is."""
        own = [copy for copy in copies if copy.calendar == self._kept.id]
        untouched = [copy for copy in copies if is_sealed(copy.event)]
        theirs = [copy for copy in copies if copy not in untouched]
        if theirs:
            speaks = next((copy for copy in theirs if copy in own), theirs[0])
            return _Step(hold, speaks.calendar, surplus=untouched)
        if own:
            return _Step(
                hold, self._kept.id, surplus=[copy for copy in untouched if copy not in own]
            )
        if hold is None:
            return None  # it is adopted first
        asks = hold.state in ("creating", "proposed")
        if not asks and hold.calendar != self._kept.id:
            return None  # it is settled where it stands
        return _Step(hold, self._kept.id, copies[0] if asks else None, copies)

    def _bring(self, hold: Hold, copy: FoundHold) -> bool:
        """Write the hold into the kept calendar as it stands in another one. Recorded there until
        it is written here: what stands in either calendar is never taken for the user's doing.
        False where its name is taken there: by another fikad just now, or for good."""
        intended = replace(
            hold,
            calendar=self._kept.id,
            state="creating",
            draft=as_draft(copy.event)
            if edited_fields(as_intended(hold.draft), copy.event)
            else hold.draft,
            intent="create",
        )
        try:
            written = self._kept.create(intended.draft)
        except TakenError:
            self._ledger.save_hold(replace(hold, calendar=copy.calendar))
            return False
        self._ledger.save_hold(confirmed(intended, hold_event(written.text)))
        return True
