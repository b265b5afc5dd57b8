"""One occurrence before the six rules: rules 1 to 4 speak of it and of me, so what they say is the
same for every contact and is found once; rules 5 and 6 tell contacts apart."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from connectors.base import Answer, Occurrence
from daemon.judging.guests import AWAY, known_as, others
from daemon.judging.known_holds import HoldVerdict, hold_verdict, is_hold
from daemon.judging.rules import (
    Failed,
    kind_failed,
    list_failed,
    part_failed,
    standing_failed,
    time_failed,
)
from daemon.judging.verdict import Rule, Verdict

if TYPE_CHECKING:
    from daemon.config.schema import Meetings
    from daemon.people.contacts import Contact, ContactIndex

_NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")


class Passed(NamedTuple):
    """The rule by which an occurrence counts, and why."""

    rule: Rule
    reason: str


class Case:
    """One occurrence before the rules; what is the same for every contact is found once."""

    __slots__ = ("_failed", "_holds", "_others", "_rules", "index", "mine", "occurrence")

    def __init__(
        self,
        occurrence: Occurrence,
        index: ContactIndex,
        mine: Set[str],
        rules: Meetings,
        now: datetime,
        holds: Mapping[str, HoldVerdict],
    ) -> None:
        self.occurrence, self.index, self.mine, self._holds = occurrence, index, mine, holds
        self._rules = rules
        self._failed = time_failed(occurrence, rules, now) or standing_failed(occurrence)
        self._others: dict[str, Answer] = {}
        if self._failed is None and not is_hold(occurrence):
            self._failed = kind_failed(occurrence) or self._guests_failed(occurrence)
            self._others = {} if self._failed else others(occurrence, mine, index, rules.not_people)

    def _guests_failed(self, occurrence: Occurrence) -> Failed | None:
        """Rules 3 and 4."""
        return part_failed(occurrence, self.mine, self._rules) or list_failed(occurrence, self.mine)

    def verdict(self, contact: Contact) -> Verdict:
        """The rest of the rules, for one contact."""
        if self._failed:
            outcome: Failed | Passed = self._failed
        elif is_hold(self.occurrence):
            outcome = self._hold(contact)
        elif self._others:
            outcome = self._by_guests(contact)
        else:
            outcome = self._by_title(contact)
        if isinstance(outcome, Failed):
            nearly = outcome.nearly or (
                outcome.code == "unanswered" and self._lacks_only_an_answer(contact)
            )
            return Verdict(
                contact.key, self.occurrence, False, "", outcome.code, outcome.reason, nearly
            )
        return Verdict(
            contact.key, self.occurrence, counted=True, rule=outcome.rule, reason=outcome.reason
        )

    def _hold(self, contact: Contact) -> Failed | Passed:
        known = hold_verdict(self.occurrence, self._holds)
        if known is None:
            return Failed(
                "hold",
                "It is a suggestion of fikad's that is no longer known, so it is not a meeting.",
            )
        if known.contact_key != contact.key:
            return Failed("hold", "It is a suggestion of fikad's for somebody else.")
        if known.missed:
            return Failed("hold", "You accepted this suggestion, and wrote that it did not happen.")
        if not known.accepted:
            return Failed("hold", "You never answered this suggestion, so it is not a meeting.")
        return self._accepted(contact)

    def _accepted(self, contact: Contact) -> Failed | Passed:
        """A hold that was accepted: with guests, rules 3 to 5. It was answered, however it is
        marked."""
        answer: Answer | None = None
        if self.occurrence.attendees:
            answered = replace(self.occurrence, status="confirmed")
            if failed := self._guests_failed(answered):
                return failed
            self._others = others(self.occurrence, self.mine, self.index, self._rules.not_people)
            answer = self._others.get(known_as(contact))
            held = self._by_guests(contact) if self._others else None
            if isinstance(held, Failed):
                return held
        if self._rules.count_holds == "confirmed" and answer != "accepted":
            return Failed(
                "hold", f"{contact.name} did not confirm it, and only confirmed suggestions count."
            )
        return Passed("hold", "You accepted this suggestion.")

    def _by_guests(self, contact: Contact) -> Failed | Passed:
        """Rule 5: exactly one other person, and that is the contact by address."""
        theirs = self._others.get(known_as(contact))
        if theirs == "declined":
            return Failed("declined-by-them", f"{contact.name} declined.")
        if theirs == "delegated":
            return Failed("declined-by-them", f"{contact.name} sent somebody else.")
        there = [person for person, answer in self._others.items() if answer not in AWAY]
        if not there:
            return Failed("not-one-to-one", "Everybody else declined.")
        if len(there) > 1:
            count = _NUMBERS[len(there)] if len(there) < len(_NUMBERS) else str(len(there))
            return Failed("not-one-to-one", f"{count} people besides you were on it.")
        if theirs is None:
            return Failed(
                "unknown-person",
                f"The other person's address is not one of {contact.name}'s in your config.",
            )
        return Passed("attendee", f"You and {contact.name} were the only two on it.")

    def _by_title(self, contact: Contact) -> Failed | Passed:
        """Rule 6: nobody else was ever listed, so the title must name the contact and nobody
        else."""
        named = self.index.named(self.occurrence.title)
        if not any(other.key == contact.key for other in named.contacts):
            return Failed(
                "nobody-named",
                f"Nobody else was invited, and the title does not name {contact.name}.",
            )
        if named.code:
            return Failed(named.code, named.reason, named.nearly)
        return Passed("title", named.reason)

    def _lacks_only_an_answer(self, contact: Contact) -> bool:
        """Whether an event would count if I had answered it: rules 4 to 6."""
        if is_hold(self.occurrence) or list_failed(self.occurrence, self.mine):
            return False
        self._others = others(self.occurrence, self.mine, self.index)
        outcome = self._by_guests(contact) if self._others else self._by_title(contact)
        return isinstance(outcome, Passed)
