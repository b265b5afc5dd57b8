"""Who was on the list: me, rooms, copies for information, and the other people.

A person is told from another by the contact their address belongs to, else by the address. Display
names tell nothing."""

from __future__ import annotations

from collections.abc import Collection, Set
from typing import TYPE_CHECKING

from connectors.base import Answer, Attendee, Occurrence
from daemon.judging.note_takers import is_among

if TYPE_CHECKING:
    from daemon.people.contacts import Contact, ContactIndex

AWAY: frozenset[Answer] = frozenset({"declined", "delegated"})
"""Answers of those who don't come."""
_FIRMNESS: tuple[Answer, ...] = (
    "needs-action",
    "unknown",
    "tentative",
    "delegated",
    "declined",
    "accepted",
)
_ROOMS = ("@resource.calendar.google.com", ".resource.calendar.google.com")
_CALENDARS = ("@group.calendar.google.com", ".group.calendar.google.com")
"""A shared calendar organizes what is created in it; it is nobody one could meet."""


def others(
    occurrence: Occurrence, mine: Set[str], index: ContactIndex, not_people: Collection[str] = ()
) -> dict[str, Answer]:
    """Everybody but me who was ever listed, with their answer; a contact's several addresses are
    one person.

    Of somebody listed twice the firmest answer is believed, as with several rows of mine. An
    organizer who is not listed is one of them only if I am listed and nobody else ever was: a
    secretary's meeting is not a meeting with the secretary. `not_people` are addresses and domains
    in lower case that are nobody's, besides the note-takers."""
    answers: dict[str, Answer] = {}
    listed = False
    for number, row in enumerate(occurrence.attendees):
        if is_me(row, mine):
            listed = True
        elif is_person(row, not_people):
            person = identity(row, index, number)
            answers[person] = firmest(answers.get(person, row.answer), row.answer)
    organizer = occurrence.organizer
    if (
        listed
        and not answers
        and organizer is not None
        and not is_me(organizer, mine)
        and is_person(organizer, not_people)
        and not organizer.email.endswith(_CALENDARS)
        and all(row.email != organizer.email or not row.email for row in occurrence.attendees)
    ):
        answers[identity(organizer, index, -1)] = "accepted"
    return answers


def firmest(first: Answer, second: Answer) -> Answer:
    """Which of two answers of one person is believed."""
    return max(first, second, key=_FIRMNESS.index)


def identity(row: Attendee, index: ContactIndex, number: int) -> str:
    """What tells one person on the list from another: the contact, the address, or without one the
    row itself."""
    contact = index.by_email(row.email)
    return known_as(contact) if contact else row.email or f" {number}"


def known_as(contact: Contact) -> str:
    """A contact's identity in a guest list; the leading blank keeps it apart from addresses."""
    return f"  {contact.key}"


def is_me(row: Attendee, mine: Set[str]) -> bool:
    """Whether a row is the user's: by one of their addresses, or because the server says so."""
    return row.me or row.email in mine


def is_person(row: Attendee, not_people: Collection[str] = ()) -> bool:
    """Whether a row is somebody who could have come: no room, no resource, no program that takes
    notes, nobody who was only sent a copy."""
    return (
        row.kind == "person"
        and row.takes_part
        and not row.email.endswith(_ROOMS)
        and not is_among(row.email, not_people)
    )


def is_nobody(organizer: Attendee) -> bool:
    """Whether an organizer names nobody: it has no address ("invalid:nomail", a bare word)."""
    return not organizer.email and not organizer.me
