"""Introductions: two of your contacts who might gain from knowing each other.

They share a tag, and no event in your calendars ever had both of them on it, as guests, as
organizer or by name. One such pair is spoken of in a hold's description, where you have the person
before you; the same pair at most once in a month. What was spoken of is read from the holds
themselves, so nothing else has to be remembered."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Set
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
        one for one in contacts if one.key != contact.key and not one.paused and tags & _tags(one)
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


def introduction(
    contact: Contact,
    contacts: Mapping[str, Contact],
    acquainted: Set[Pair],
    holds: Iterable[Hold],
    now: datetime,
    writer: Writer = ENGLISH,
) -> str:
    """One sentence for a hold with this contact, "" when there is nobody to introduce. `holds` are
    all ever decided.

    Whoever was not spoken of for longest comes first.
    """
    told = [
        (hold.created_at, introduced)
        for hold in holds
        if (introduced := _introduced(hold.draft.description))
    ]
    never = datetime.min.replace(tzinfo=UTC)
    found: list[tuple[datetime, str, str]] = []
    for other in tag_sharers(contact, contacts.values()):
        if frozenset((contact.key, other.key)) in acquainted:
            continue
        pair = {sanitize(contact.name), sanitize(other.name)}
        last = max(
            (when for when, words in told if pair == {words["name"], words["other"]}), default=never
        )
        if last == never or now - last >= _REST:
            found.append((last, other.key, _sentence(contact, other, writer)))
    return min(found)[2] if found else ""


def introduction_in(description: str, contacts: Iterable[Contact] = ()) -> str:
    """The introduction in a hold's description, for when it is written anew; "" when there is none,
    or when it names one of `contacts` who is paused by now. The description may be as written, or
    as found, with its lines joined."""
    introduced = _introduced(description)
    if introduced is None or any(
        one.paused and sanitize(one.name) == introduced["other"] for one in contacts
    ):
        return ""
    return introduced[0]


def names_paused(description: str, contacts: Iterable[Contact]) -> bool:
    """Whether the introduction in a hold's description names one of `contacts` who is paused by
    now."""
    paused = [one for one in contacts if one.paused]
    return bool(paused and introduction_in(description)) and not introduction_in(
        description, paused
    )


def _introduced(description: str) -> re.Match[str] | None:
    """The introduction in a description, in whatever language it was written; its groups are the
    values."""
    line = " ".join(description.split())
    return next(
        (found for sentence in finding("introduction") if (found := sentence.search(line))), None
    )


def _sentence(contact: Contact, other: Contact, writer: Writer) -> str:
    """The same tag is named from both sides."""
    tag = min(
        tag
        for tag in (*contact.tags, *other.tags)
        if tag.casefold() in _tags(contact) & _tags(other)
    )
    return writer.say(
        "introduction", name=sanitize(contact.name), other=sanitize(other.name), tag=sanitize(tag)
    )


def _tags(contact: Contact) -> set[str]:
    return {tag.casefold() for tag in contact.tags}
