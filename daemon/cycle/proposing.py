"""Proposing: who is asked next, and the hold with which they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from connectors.base import Calendar
from connectors.errors import AccountError, HiddenError
from daemon.cycle.drafting import Around, drafted
from daemon.cycle.hiding import lists
from daemon.cycle.hold_calendar import HoldTarget
from daemon.cycle.inputs import PassInputs
from daemon.cycle.report import Became, Hiding, Outcome, Unwritten
from daemon.cycle.writing import HoldWriter, Write
from daemon.holds.draft import hold_uid, next_attempt
from daemon.holds.facts import Create
from daemon.holds.record import Grounds, Hold, begin
from daemon.judging.recency import Held
from daemon.ledger.ledger import Ledger
from daemon.people.contacts import Contact
from daemon.planning.request import Proposal
from daemon.practice.introductions import tag_sharers, together, whom_to_introduce
from daemon.situation.verdicts import current

_NAMES_TRIED = 50
"""How many names of holds that fikad took back (and has forgotten) are passed over to find a new
one."""


class Proposer:
    """Writes the new holds of one pass into the hold calendar."""

    def __init__(
        self, inputs: PassInputs, target: HoldTarget, writer: HoldWriter, ledger: Ledger
    ) -> None:
        self._inputs, self._target, self._writer, self._ledger = inputs, target, writer, ledger
        self._chosen: tuple[Proposal, ...] = ()
        key = target.calendar_key
        proven = writer.dry or key is None or inputs.shows(key)
        self._unproven = None if proven else target.calendar
        """The calendar, until it was seen to list what is written into it."""

    def write(self, chosen: Iterable[Proposal]) -> Iterator[Outcome]:
        """Write a hold for each, and tell what came of it. The first that fails ends it."""
        self._chosen = tuple(chosen)
        try:
            for proposal in self._chosen:
                hold = self._create(proposal)
                if hold is None:
                    continue
                stands = hold.state in ("creating", "proposed")
                yield Became("proposed" if stands else hold.state, hold)
                if stands and self._unproven is not None:
                    if not lists(self._unproven, self._target.account, hold.uid, self._ledger):
                        yield self._hiding(self._unproven)
                        return
                    self._unproven = None
        except AccountError as error:
            calendar = self._target.calendar
            if isinstance(error, HiddenError) and calendar is not None:
                yield self._hiding(calendar)
            else:
                yield Unwritten(self._target.account, error)

    def _hiding(self, calendar: Calendar) -> Hiding:
        return Hiding((self._target.account, calendar.id), calendar.name)

    def _create(self, proposal: Proposal) -> Hold | None:
        """A hold under the first name that fikad never took back. Raises AccountError."""
        calendar, hold = self._target.calendar, None
        introduced = self._whom_to_introduce(proposal.contact)
        for _ in range(_NAMES_TRIED):
            intended = replace(
                self._new_hold(proposal, introduced), intent_version=self._writer.version(calendar)
            )
            hold = self._writer.write(Write(None, intended, Create(intended.draft), calendar))
            if hold is None or hold.state != "withdrawn":
                break
        return hold

    def _whom_to_introduce(self, contact: Contact) -> Contact | None:
        """Whom the contact might gain from knowing, if there is anybody."""
        config, situation, now = self._inputs.config, self._inputs.situation, self._inputs.now
        if not tag_sharers(contact, situation.contacts.values()):
            return None
        events = current(self._ledger, now - config.history)
        acquainted = together(events, situation.judge.index)
        return whom_to_introduce(contact, situation.contacts, acquainted, self._ledger.holds(), now)

    def _others(self, contact: Contact) -> Iterator[Held]:
        """What is proposed to others in this pass."""
        for chosen in self._chosen:
            if chosen.contact.key != contact.key:
                start, end = chosen.slot.start, chosen.slot.end
                yield Held(chosen.contact.key, start, end, "proposed", chosen.occasion)

    def _new_hold(self, proposal: Proposal, introduced: Contact | None) -> Hold:
        """The record of a hold about to be created, its name computed from the decision."""
        config, situation, contact = self._inputs.config, self._inputs.situation, proposal.contact
        last_met = situation.standings[contact.key].last_met
        taken = [hold.uid for hold in self._ledger.holds()]
        attempt = next_attempt(contact.key, last_met, taken)
        uid = hold_uid(contact.key, last_met, attempt)
        if config.accounts[self._target.account].type == "google":
            uid = uid.replace("-", "")  # Google's ids have no dashes; what stands there is recorded
        slot = proposal.slot
        place = Held(contact.key, slot.start, slot.end, "proposed", proposal.occasion, uid)
        around = Around(
            situation.open(contact.key).slots, [*situation.held, *self._others(contact)]
        )
        intended = drafted(self._inputs, place, around, introduced)
        calendar = self._target.calendar
        return begin(
            intended,
            contact,
            account=self._target.account,
            calendar=calendar.id if calendar else config.holds.calendar,
            now=self._inputs.now,
            grounds=Grounds(
                occasion=proposal.occasion,
                attempt=attempt,
                last_met=last_met,
                reason=f"{proposal.reason} {proposal.slot_reason}",
                why=proposal.reason,
                introduces=introduced.key if introduced else "",
            ),
        )
