"""What a hold may tell of the past with somebody: when and where you last met, who usually invites
whom, your own note.

Everything here is fikad's wording around facts: dates, counts, names from the config, and what the
user wrote in events of their own. Nothing that somebody else wrote into an invitation is passed on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from connectors.base import Attendee, Occurrence
from daemon.holds.draft import SharedHistory
from daemon.judging.guests import is_nobody
from daemon.judging.verdict import Verdict
from daemon.languages.writing import ENGLISH, Writer
from daemon.people.birthdays import next_birthday
from daemon.people.contacts import Contact
from daemon.situation.situation import Situation

_SOME = 4
"""From so many invitations on there is a habit to speak of."""


def history(situation: Situation, key: str, writer: Writer = ENGLISH) -> SharedHistory:
    """The past with one contact, as far as a hold may tell of it; `writer` writes the sentences in
    it."""
    counted = situation.counted_with(key)
    last_met = situation.standings[key].last_met
    last = next(
        (verdict.occurrence for verdict in reversed(counted) if verdict.occurrence.end == last_met),
        None,
    )
    where = last.location if last is not None and _is_own(last.organizer, situation.mine) else ""
    person = situation.records.get(key)
    inviter = who_invites(counted, situation.contacts[key], situation.mine, writer)
    return SharedHistory(
        last_met,
        where=where,
        inviter=inviter,
        note=person.note if person else "",
        birthday=next_birthday(situation.contacts[key], situation.today),
    )


def who_invites(
    counted: Iterable[Verdict], contact: Contact, mine: Collection[str], writer: Writer = ENGLISH
) -> str:
    """Who of the two usually invites, as one sentence; "" when it is not known. `counted` are
    meetings with the contact by start, `mine` the user's addresses. A series is one invitation, and
    one that a third sent is nobody's. Where a calendar does not tell who invited, or nobody's
    answer, no row of invitations reaches past that meeting."""
    sides = _senders(counted, contact, mine)
    newest, *before = reversed(sides) if sides else (None,)
    if newest is None:
        return ""
    row = 1 + next((place for place, own in enumerate(before) if own is not newest), len(before))
    name = contact.name
    known = [own for own in sides if own is not None]
    if row > 1 or len(known) < _SOME:
        return writer.say("you-invited" if newest else "they-invited", name=name, count=row)
    share = sum(known) / len(known)
    if share >= 2 / 3:
        return writer.say("you-usually", name=name)
    return writer.say("they-usually", name=name) if share <= 1 / 3 else writer.say("in-turns")


def _senders(
    counted: Iterable[Verdict], contact: Contact, mine: Collection[str]
) -> list[bool | None]:
    """Whether the user sent it, for each invitation that one of the two did, by start; None where
    nobody can tell."""
    sides: dict[str, bool | None] = {}
    for verdict in counted:
        if verdict.rule != "attendee":
            continue
        organizer, uid = verdict.occurrence.organizer, verdict.occurrence.uid
        if organizer is None or is_nobody(organizer) or _hides_answers(verdict.occurrence):
            sides[uid] = None
        elif (own := _is_own(organizer, mine)) or organizer.email in contact.emails:
            sides[uid] = own
    return [*sides.values()]


def _hides_answers(occurrence: Occurrence) -> bool:
    return any(row.answer == "unknown" for row in occurrence.attendees)


def _is_own(organizer: Attendee | None, mine: Collection[str]) -> bool:
    return organizer is None or organizer.me or organizer.email in mine
