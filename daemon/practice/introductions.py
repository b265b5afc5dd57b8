"""Introductions: two of your contacts who might gain from knowing each other.

They share a tag, and no event in your calendars ever had both of them on it, as guests, as
organizer or by name. One such pair is spoken of in a hold's description, where you have the person
before you; the same pair at most once in a month. Whom a hold speaks of is in its record, so
nothing else has to be remembered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations

from connectors.base import Occurrence
from connectors.sanitize import sanitize
from daemon.holds.record import Hold
from daemon.languages.writing import ENGLISH, Writer, finding
from daemon.people.contacts import Contact, ContactIndex

_REST = timedelta(days=30)

Pair = frozenset[str]
"""Two contact keys."""


def tag_sharers(contact: Contact, contacts: Iterable[Contact]) -> list[Contact]:
    """Everybody who shares a tag with somebody; nobody who is paused."""
    if contact.paused:
        return []
    tags = _tags(contact)
    return [
        other
        for other in contacts
        if other.key != contact.key and not other.paused and tags & _tags(other)
    ]


def together(occurrences: Iterable[Occurrence], index: ContactIndex) -> set[Pair]:
    """The contacts who were ever on one event, whatever became of it."""
    pairs: set[Pair] = set()
    for occurrence in occurrences:
        rows = (*occurrence.attendees, *([occurrence.organizer] if occurrence.organizer else ()))
        keys = {contact.key for row in rows if (contact := index.by_email(row.email))}
        keys.update(contact.key for contact in index.named(occurrence.title).contacts)
        if len(keys) > 1:
            pairs.update(frozenset(pair) for pair in combinations(sorted(keys), 2))
    return pairs


def whom_to_introduce(
    contact: Contact,
    contacts: Mapping[str, Contact],
    acquainted: Set[Pair],
    holds: Iterable[Hold],
    now: datetime,
) -> Contact | None:
    """Whom the contact might gain from knowing; None when there is nobody to introduce. `holds` are
    all ever decided.

    Whoever was not spoken of for longest comes first.
    """
    never = datetime.min.replace(tzinfo=UTC)
    spoken_of: dict[Pair, datetime] = {}
    for hold in holds:
        if hold.introduces:
            pair = frozenset((hold.contact_key, hold.introduces))
            spoken_of[pair] = max(hold.created_at, spoken_of.get(pair, never))
    candidates: list[tuple[datetime, str]] = []
    for other in tag_sharers(contact, contacts.values()):
        pair = frozenset((contact.key, other.key))
        last = spoken_of.get(pair, never)
        if pair not in acquainted and (last == never or now - last >= _REST):
            candidates.append((last, other.key))
    return contacts[min(candidates)[1]] if candidates else None


def introduction(contact: Contact, other: Contact | None, writer: Writer = ENGLISH) -> str:
    """The sentence for a hold with `contact`; "" when there is nobody, or when they are paused or
    share no tag any more. The same tag is named from both sides."""
    if other is None or other not in tag_sharers(contact, [other]):
        return ""
    tag = min(
        tag
        for tag in (*contact.tags, *other.tags)
        if tag.casefold() in _tags(contact) & _tags(other)
    )
    return writer.say(
        "introduction", name=sanitize(contact.name), other=sanitize(other.name), tag=sanitize(tag)
    )


def names_anybody_else(description: str) -> bool:
    """Whether a hold's text introduces somebody, in whatever language it was written."""
    line = " ".join(description.split())
    return any(pattern.search(line) for pattern in finding("introduction"))


def with_introduction(hold: Hold, contacts: Iterable[Contact]) -> Hold:
    """A record that does not tell whom its hold introduces, since it is of an older version or was
    won back from the calendar: read once from the text, and from then on a field of the record."""
    line = " ".join(hold.draft.description.split())
    name = next(
        (match["other"] for pattern in finding("introduction") if (match := pattern.search(line))),
        None,
    )
    keys = (other.key for other in contacts if sanitize(other.name) == name)
    return replace(hold, introduces=next(keys, ""))


def _tags(contact: Contact) -> set[str]:
    return {tag.casefold() for tag in contact.tags}
