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

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from connectors.base import Occurrence
from daemon.judging.case import Case
from daemon.judging.copies import meetings, one_per_event
from daemon.judging.known_holds import NO_HOLDS, HoldVerdict, hold_verdict, is_hold, known_uid
from daemon.judging.verdict import Verdict

if TYPE_CHECKING:
    from daemon.config.schema import Meetings
    from daemon.people.contacts import Contact, ContactIndex


def judge(
    occurrence: Occurrence,
    contact: Contact,
    index: ContactIndex,
    mine: Set[str],
    rules: Meetings,
    now: datetime,
    holds: Mapping[str, HoldVerdict] = NO_HOLDS,
) -> Verdict:
    """Whether an occurrence was a completed one-on-one with a contact, and why or why not.

    `mine` are the user's own addresses, lower case. `holds` says of every hold in the ledger, by
    UID, whose it is and whether it was accepted; an event of ours that is not in it never counts.
    `now` is aware."""
    return Case(occurrence, index, mine, rules, now, holds).verdict(contact)


def judge_all(
    occurrences: Iterable[Occurrence],
    index: ContactIndex,
    mine: Set[str],
    rules: Meetings,
    now: datetime,
    holds: Mapping[str, HoldVerdict] = NO_HOLDS,
) -> Iterator[Verdict]:
    """A verdict for every occurrence and every contact it involves, in the order given and of the
    config.

    A contact is involved as guest or organizer by address, by name in the title (also where the
    title might mean somebody else), or as the one a hold is for. What has not ended is judged too,
    as `not-ended`."""
    for occurrence in occurrences:
        involved = involved_in(occurrence, index, holds)
        if involved:
            case = Case(occurrence, index, mine, rules, now, holds)
            yield from map(case.verdict, involved)


def booked(
    occurrences: Iterable[Occurrence],
    index: ContactIndex,
    mine: Set[str],
    rules: Meetings,
    now: datetime,
    holds: Mapping[str, HoldVerdict] = NO_HOLDS,
) -> dict[str, Occurrence]:
    """The next one-on-one ahead, or going on, by contact key.

    That is what would count once it has ended, and invitations that only lack my answer: somebody
    who asked to meet needs no suggestion. An unanswered hold is not booked, nor is a title that
    still asks ("Lunch with Jane?")."""
    next_booked: dict[str, Occurrence] = {}
    for verdict in dates_ahead(occurrences, index, mine, rules, now, holds).dates:
        next_booked.setdefault(verdict.contact_key, verdict.occurrence)
    return next_booked


@dataclass(frozen=True, slots=True)
class DatesAhead:
    """Every one-on-one ahead, or going on."""

    dates: Sequence[Verdict]
    """By start, one for each contact and start."""
    until: datetime | None
    """Until then nothing is added by time alone: each goes at its end, and the others stay. From
    then on a copy of an event may be over whose other copies are not, and they are to be judged
    anew. None: never."""


def dates_ahead(
    occurrences: Iterable[Occurrence],
    index: ContactIndex,
    mine: Set[str],
    rules: Meetings,
    now: datetime,
    holds: Mapping[str, HoldVerdict] = NO_HOLDS,
) -> DatesAhead:
    """All of what `booked` tells the next one of."""
    ahead = [occurrence for occurrence in occurrences if occurrence.end > now]
    if not ahead:
        return DatesAhead((), None)
    willing = rules.model_copy(update={"count_unanswered": True, "count_holds": "accepted"})
    afterwards = max(occurrence.end for occurrence in ahead)
    verdicts = list(judge_all(ahead, index, mine, willing, afterwards, holds))
    return DatesAhead(meetings(verdicts), _first_end_among_copies(verdicts))


def _first_end_among_copies(verdicts: Iterable[Verdict]) -> datetime | None:
    """When the first of those ends that begin together with a date and end at another time."""
    ends: dict[tuple[str, datetime], set[datetime]] = defaultdict(set)
    dates = set()
    for verdict in verdicts:
        together = verdict.contact_key, verdict.occurrence.start
        ends[together].add(verdict.occurrence.end)
        if verdict.counted:
            dates.add(together)
    return min((min(ends[date]) for date in dates if len(ends[date]) > 1), default=None)


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
    ahead = [
        occurrence
        for occurrence in occurrences
        if occurrence.end > now and occurrence.attendees and is_hold(occurrence)
    ]
    if not ahead:
        return {}
    afterwards = max(occurrence.end for occurrence in ahead)
    return {
        uid: verdict.reason
        for verdict in one_per_event(judge_all(ahead, index, mine, rules, afterwards, holds))
        if verdict.code in ("declined", "declined-by-them", "not-one-to-one")
        and (uid := known_uid(verdict.occurrence, holds))
        and holds[uid].accepted
        and holds[uid].contact_key == verdict.contact_key
    }


def involved_in(
    occurrence: Occurrence, index: ContactIndex, holds: Mapping[str, HoldVerdict]
) -> Sequence[Contact]:
    """The contacts an occurrence may have to do with, whenever it is; in the order of the
    config."""
    involved = {contact.key: contact for contact in index.named(occurrence.title).contacts}
    rows = (
        (*occurrence.attendees, occurrence.organizer)
        if occurrence.organizer
        else occurrence.attendees
    )
    for row in rows:
        contact = index.by_email(row.email)
        if contact:
            involved[contact.key] = contact
    known = hold_verdict(occurrence, holds) if is_hold(occurrence) else None
    owner = index.by_key(known.contact_key) if known else None
    if owner:
        involved[owner.key] = owner
    return index.in_order(involved.values())
