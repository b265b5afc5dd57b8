"""What a pass that found nothing to do leaves for the next polls: whom to ask, what they said, and
until when nothing is due by the clock.

A mark holds as long as all that the pass went by is the same: the program, the config, the system's
time zone where the config names none, and what was decided (`Polled.decided`). What may itself be a
secret is not in it (see `Access.as_json`)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from daemon.ledger.decided import QUIET
from daemon.ledger.polled import Polled
from daemon.ledger.store import Store
from daemon.polling.access import Access, access_from
from daemon.polling.prints import config_print

if TYPE_CHECKING:
    from connectors.address_book import AddressBook
    from connectors.base import Calendar


Propose = Literal["none", "lost", "all"]
_MORE_AND_MORE: tuple[Propose, ...] = ("none", "lost", "all")

Listing = tuple[str, ...]
"""What was listed beside its versions, one calendar or book a line."""


def listing_of_calendars(calendars: Iterable[Calendar]) -> Listing:
    """Of an account."""
    return tuple(
        json.dumps([each.id, each.name, each.owner, each.writable, list(each.also_called)])
        for each in calendars
    )


def listing_of_books(books: Iterable[AddressBook]) -> Listing:
    """Of an address book of the config."""
    return tuple(json.dumps([each.id, each.name, each.automatic]) for each in books)


@dataclass(frozen=True, slots=True)
class Asked:
    """An account, or an address book, that is asked."""

    access: Access
    listing: Listing


@dataclass(frozen=True, slots=True)
class QuietMark:
    """See above."""

    since: datetime
    """When it was left: a clock that was set back before it makes the next poll a pass."""
    until: datetime
    propose: Propose
    """What the pass would have proposed: a poll that would propose more is no quiet one."""
    decided: str
    accounts: Mapping[str, Asked]
    """By name, in the order of the config."""
    books: Mapping[str, Asked]
    timetable: Mapping[str, Any]
    """What the config says of the daemon's times (`daemon.service.job`)."""

    def covers(self, propose: Propose, now: datetime) -> bool:
        """Whether a poll at `now` that may propose so much has nothing to do without news."""
        wanted, done = map(_MORE_AND_MORE.index, (propose, self.propose))
        return wanted <= done and propose != "all" and self.since <= now < self.until


def save_mark(ledger: Polled, mark: QuietMark | None, path: Path, text: str) -> None:
    """Keep it in the ledger; None: the next poll is a pass."""
    if mark is None:
        ledger.drop_quiet_mark()
        return
    facts = {
        "print": config_print(path, text),
        "since": mark.since.isoformat(),
        "until": mark.until.isoformat(),
        "propose": mark.propose,
        "decided": mark.decided,
        "accounts": _asked_json(mark.accounts),
        "books": _asked_json(mark.books),
        "timetable": mark.timetable,
    }
    ledger.put(QUIET, json.dumps(facts))


def load_mark(ledger: Store, path: Path, text: str) -> QuietMark | None:
    """The mark that holds for this config; None where there is none."""
    kept = ledger.get(QUIET)
    if not kept:
        return None
    try:
        facts = json.loads(kept)
        if facts["print"] != config_print(path, text):
            return None
        return QuietMark(
            datetime.fromisoformat(facts["since"]),
            datetime.fromisoformat(facts["until"]),
            facts["propose"],
            facts["decided"],
            _asked_from(facts["accounts"], text),
            _asked_from(facts["books"], text),
            facts["timetable"],
        )
    except (ValueError, KeyError, TypeError):
        return None


def _asked_json(asked: Mapping[str, Asked]) -> dict[str, Any]:
    return {name: [each.access.as_json(), each.listing] for name, each in asked.items()}


def _asked_from(facts: Mapping[str, Any], text: str) -> dict[str, Asked]:
    return {
        name: Asked(access_from(access, text), tuple(listing))
        for name, (access, listing) in facts.items()
    }
