"""Which occurrences were completed one-on-ones, with whom, and why the others were not.

An occurrence is held against six rules in order, for one contact at a time: timed and over; an
ordinary event that stands; I took part; the guest list can be known; exactly one other person, and
that is the contact by address; or, where nobody else was ever listed, the title names exactly one
contact. The first rule that fails gives the reason.

Rules 1 to 4 speak of the occurrence and of me, so they are the same for everybody. A hold of ours
is judged apart: by rule 1, by not being cancelled, and by the user having accepted it; if somebody
is invited to it, by rules 3 to 5 too.

Reasons are sentences made of the config and of counted facts. They never quote the calendar: what
others wrote there is shown beside them, as text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from connectors.base import HOLD_UID_PREFIX, Answer, Occurrence
from daemon.judging.guests import AWAY, known_as, others
from daemon.judging.suitability import (
    Failed,
    kind_failed,
    list_failed,
    part_failed,
    standing_failed,
    time_failed,
)

if TYPE_CHECKING:
    from daemon.config.schema import Meetings
    from daemon.people.contacts import Contact, ContactIndex

Rule: TypeAlias = Literal["", "attendee", "title", "hold"]

_NO_HOLDS: Mapping[str, HoldVerdict] = {}
_GOOGLE_HOLD = re.compile(r"(fikad[0-9a-v]{8,})(@google\.com)?")
_NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")


def judge(
    occurrence: Occurrence,
    contact: Contact,
    index: ContactIndex,
    mine: Set[str],
    rules: Meetings,
    now: datetime,
    holds: Mapping[str, HoldVerdict] = _NO_HOLDS,
) -> Verdict:
    """Whether an occurrence was a completed one-on-one with a contact, and why or why not.

    `mine` are the user's own addresses, lower case. `holds` says of every hold in the ledger, by
    UID, whose it is and whether it was accepted; an event of ours that is not in it never counts.
    `now` is aware."""
    return _Case(occurrence, index, mine, rules, now, holds).verdict(contact)


def judge_all(
    occurrences: Iterable[Occurrence],
    index: ContactIndex,
    mine: Set[str],
    rules: Meetings,
    now: datetime,
    holds: Mapping[str, HoldVerdict] = _NO_HOLDS,
) -> Iterator[Verdict]:
    """A verdict for every occurrence and every contact it involves, in the order given and of the
    config.

    A contact is involved as guest or organizer by address, by name in the title (also where the
    title might mean somebody else), or as the one a hold is for. What has not ended is judged too,
    as `not-ended`."""
    for occurrence in occurrences:
        involved = _involved(occurrence, index, holds)
        if involved:
            case = _Case(occurrence, index, mine, rules, now, holds)
            yield from map(case.verdict, involved)


def one_per_event(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """One verdict per contact and event, where calendars hold copies of it (same UID and start);
    sorted by start.

    A copy may know less than another, or speak only of one of my addresses: so an event counts when
    any copy counts, by the better evidence, unless another copy shows that it was not a one-on-one:
    cancelled, declined by them, or with other guests. An unknown guest only stands against a copy
    that rests on its title. When no copy counts, the one that came furthest through the rules gives
    the reason."""
    events: dict[tuple[str, str, datetime], Verdict] = {}
    for verdict in verdicts:
        occurrence = verdict.occurrence
        event = (verdict.contact_key, occurrence.uid or f" {occurrence.title}", occurrence.start)
        known = events.get(event)
        if known is None or _weight(verdict) > _weight(known):
            events[event] = verdict
    return sorted(
        _once(events.values()), key=lambda verdict: (verdict.occurrence.start, verdict.contact_key)
    )


def _once(verdicts: Iterable[Verdict]) -> Iterator[Verdict]:
    """What counts, once per contact and start, by the better evidence: programs that copy events
    between calendars give the copy a UID of its own. What does not count stays as it is."""
    best: dict[tuple[str, datetime], Verdict] = {}
    for verdict in verdicts:
        if not verdict.counted:
            yield verdict
            continue
        moment = verdict.contact_key, verdict.occurrence.start
        known = best.get(moment)
        if known is None or _weight(verdict) > _weight(known):
            best[moment] = verdict
    yield from best.values()


def telling(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """The completed one-on-ones and what was nearly counted, each event once per contact, sorted by
    start."""
    return [verdict for verdict in one_per_event(verdicts) if verdict.counted or verdict.nearly]


def meetings(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """The completed one-on-ones, each event once per contact, sorted by start."""
    return [verdict for verdict in one_per_event(verdicts) if verdict.counted]


def booked(
    occurrences: Iterable[Occurrence],
    index: ContactIndex,
    mine: Set[str],
    rules: Meetings,
    now: datetime,
    holds: Mapping[str, HoldVerdict] = _NO_HOLDS,
) -> dict[str, Occurrence]:
    """The next one-on-one ahead, or going on, by contact key.

    That is what would count once it has ended, and invitations that only lack my answer: somebody
    who asked to meet needs no suggestion. An unanswered hold is not booked, nor is a title that
    still asks ("Lunch with Jane?")."""
    ahead = [occurrence for occurrence in occurrences if occurrence.end > now]
    if not ahead:
        return {}
    willing = rules.model_copy(update={"count_unanswered": True, "count_holds": "accepted"})
    afterwards = max(occurrence.end for occurrence in ahead)
    found: dict[str, Occurrence] = {}
    for verdict in meetings(judge_all(ahead, index, mine, willing, afterwards, holds)):
        found.setdefault(verdict.contact_key, verdict.occurrence)
    return found


def undone(
    occurrences: Iterable[Occurrence],
    index: ContactIndex,
    mine: Set[str],
    rules: Meetings,
    now: datetime,
    holds: Mapping[str, HoldVerdict],
) -> dict[str, str]:
    """The accepted holds ahead, by UID, that will be no meeting because of their guests, and why:
    the contact declined, or it is not one-to-one any more. A guest whose address nobody knows may
    well be the contact."""
    ahead = [one for one in occurrences if one.end > now and one.attendees and is_hold(one)]
    if not ahead:
        return {}
    afterwards = max(one.end for one in ahead)
    willing = rules.model_copy(update={"count_holds": "accepted"})
    return {
        uid: verdict.reason
        for verdict in one_per_event(judge_all(ahead, index, mine, willing, afterwards, holds))
        if verdict.code in ("declined", "declined-by-them", "not-one-to-one")
        and (uid := _known_uid(verdict.occurrence, holds))
        and holds[uid].accepted
        and holds[uid].contact_key == verdict.contact_key
    }


def is_hold(occurrence: Occurrence) -> bool:
    """Whether an event is one of ours, judging by its UID."""
    return occurrence.hold is not None or bool(_bare_uid(occurrence.uid))


# --- values ---


@dataclass(frozen=True, slots=True)
class Verdict:
    """An occurrence judged for one contact."""

    contact_key: str
    occurrence: Occurrence
    counted: bool
    rule: Rule = ""
    """The evidence of a meeting that counts; empty otherwise."""
    code: str = ""
    """The rule that failed (`all-day`, `declined`, …); empty for a meeting that counts."""
    reason: str = ""
    """Why it counts or not, as a sentence."""
    nearly: bool = False
    """It does not count for want of a word in its title or of my answer alone."""


@dataclass(frozen=True, slots=True)
class HoldVerdict:
    """What the ledger knows of a hold."""

    contact_key: str
    accepted: bool
    missed: bool = False
    """Accepted, and it did not happen."""


_WEIGHTS: dict[str, int] = {
    code: weight
    for weight, code in enumerate(
        (
            *(
                "all-day",
                "not-ended",
                "too-short",
                "too-long",
                "event-type",
                "not-mine",
                "declined",
                "unanswered",
            ),
            *(
                "guests-unknown",
                "nobody-named",
                "several-named",
                "ambiguous-name",
                "no-meeting-word",
            ),
            *(
                "not-a-meeting-title",
                "hold",
                "title",
                "unknown-person",
                "attendee",
                "not-one-to-one",
            ),
            *("declined-by-them", "cancelled"),
        )
    )
}
"""Which of several copies of an event is believed: codes of what failed and, where it counts,
rules. What is only true of a copy is weaker than a copy that counts; what is true of the event
itself is stronger."""


def _weight(verdict: Verdict) -> int:
    return _WEIGHTS["attendee" if verdict.rule == "hold" else verdict.rule or verdict.code]


# --- the rules ---


class _Case:
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
            found: Failed | _Passed = self._failed
        elif is_hold(self.occurrence):
            found = self._hold(contact)
        elif self._others:
            found = self._by_guests(contact)
        else:
            found = self._by_title(contact)
        if isinstance(found, Failed):
            nearly = found.nearly or (
                found.code == "unanswered" and self._lacks_only_an_answer(contact)
            )
            return Verdict(
                contact.key, self.occurrence, False, "", found.code, found.reason, nearly
            )
        return Verdict(
            contact.key, self.occurrence, counted=True, rule=found.rule, reason=found.reason
        )

    def _hold(self, contact: Contact) -> Failed | _Passed:
        known = _ledger_entry(self.occurrence, self._holds)
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

    def _accepted(self, contact: Contact) -> Failed | _Passed:
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
        return _Passed("hold", "You accepted this suggestion.")

    def _by_guests(self, contact: Contact) -> Failed | _Passed:
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
        return _Passed("attendee", f"You and {contact.name} were the only two on it.")

    def _by_title(self, contact: Contact) -> Failed | _Passed:
        """Rule 6: nobody else was ever listed, so the title must name the contact and nobody else."""
        named = self.index.named(self.occurrence.title)
        if not any(one.key == contact.key for one in named.contacts):
            return Failed(
                "nobody-named",
                f"Nobody else was invited, and the title does not name {contact.name}.",
            )
        if named.code:
            return Failed(named.code, named.reason, named.nearly)
        return _Passed("title", named.reason)

    def _lacks_only_an_answer(self, contact: Contact) -> bool:
        """Whether an event would count if I had answered it: rules 4 to 6."""
        if is_hold(self.occurrence) or list_failed(self.occurrence, self.mine):
            return False
        self._others = others(self.occurrence, self.mine, self.index)
        found = self._by_guests(contact) if self._others else self._by_title(contact)
        return isinstance(found, _Passed)


class _Passed(NamedTuple):
    rule: Rule
    reason: str


def _involved(
    occurrence: Occurrence, index: ContactIndex, holds: Mapping[str, HoldVerdict]
) -> Sequence[Contact]:
    """The contacts an occurrence may have to do with, in the order of the config."""
    found = {contact.key: contact for contact in index.named(occurrence.title).contacts}
    rows = (
        (*occurrence.attendees, occurrence.organizer)
        if occurrence.organizer
        else occurrence.attendees
    )
    for row in rows:
        contact = index.by_email(row.email)
        if contact:
            found[contact.key] = contact
    known = _ledger_entry(occurrence, holds) if is_hold(occurrence) else None
    owner = index.by_key(known.contact_key) if known else None
    if owner:
        found[owner.key] = owner
    return index.in_order(found.values())


# --- holds ---


def _ledger_entry(occurrence: Occurrence, holds: Mapping[str, HoldVerdict]) -> HoldVerdict | None:
    return holds.get(_known_uid(occurrence, holds))


def _known_uid(occurrence: Occurrence, holds: Mapping[str, HoldVerdict]) -> str:
    """The UID of a hold as the ledger knows it; "" for what it does not know."""
    uid = occurrence.hold.uid if occurrence.hold else occurrence.uid
    return next(
        (one for one in (uid, occurrence.uid, _bare_uid(occurrence.uid)) if one in holds), ""
    )


def _bare_uid(uid: str) -> str:
    """The UID of a hold as the ledger knows it (Google adds its domain to the id it was given);
    else nothing."""
    google = _GOOGLE_HOLD.fullmatch(uid)
    return google[1] if google else uid if uid.startswith(HOLD_UID_PREFIX) else ""
