"""Whether an occasion can ever take place, given when the user is available: who could never be
suggested."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from daemon.config.values import WEEKDAYS

if TYPE_CHECKING:
    from daemon.config.schema import Availability, Config, Occasion
    from daemon.people.contacts import Contact


def fits(occasion: Occasion, availability: Availability) -> bool:
    """Whether the occasion fits into the availability of any weekday, by the wall clock."""
    return any(
        min(open_.end_minute, between.end_minute) - max(open_.start_minute, between.start_minute)
        >= occasion.minutes
        for weekday, day in enumerate(WEEKDAYS)
        if day in occasion.days
        for open_ in availability.on(weekday)
        for between in occasion.between
    )


def never_suggested(config: Config, contact: Contact) -> tuple[str, str] | None:
    """Why nothing can ever be suggested for a contact, and what to do about it; None when something
    can."""
    if any(fits(config.offered[name], config.availability) for name in contact.occasions):
        return None
    names = " or ".join(contact.occasions)
    return (
        f"you are never available at the times for {names}",
        "widen [availability], or name another occasion",
    )


def warnings(config: Config, contacts: Iterable[Contact]) -> Iterator[tuple[str, str]]:
    """What in a config without mistakes will not do what it seems to: what is so, and what to do.
    Who is paused among the `contacts` is named nowhere."""
    for contact in contacts:
        never = None if contact.paused else never_suggested(config, contact)
        if never is not None:
            yield f"{contact.name} can never be suggested: {never[0]}", never[1]
