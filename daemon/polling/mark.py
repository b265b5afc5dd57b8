"""What a pass that found nothing to do leaves for the next polls: whom to ask, what they said, and
until when nothing is due by the clock.

A mark holds as long as all that the pass went by is the same: the program, the config, the system's
time zone where the config names none, and what was decided (`Polled.decided`). What may itself be a
secret is not in it (see `Access.as_json`)."""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from daemon import __version__
from daemon.ledger.store import Store
from daemon.polling.access import Access, access_from

if TYPE_CHECKING:
    from connectors.address_book import AddressBook
    from connectors.base import Calendar

_FACT = "quiet"
_LOCALTIME = (Path("/etc/localtime"), Path("/etc/timezone"))

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


def config_text(path: Path) -> str | None:
    """The text of a config file; None where it cannot be read, for whoever loads it to say why."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return None


def config_print(path: Path, text: str) -> str:
    """A fingerprint of the config and of what it leaves to the program and to the system."""
    parts = [__version__, str(path.absolute()), str(len(text)), f"{zlib.crc32(text.encode()):08x}"]
    parts += [os.environ.get("TZ", ""), *map(_file_print, _LOCALTIME)]
    return " ".join(parts)


def _file_print(path: Path) -> str:
    try:
        status = path.stat()
    except OSError:
        return "-"
    return f"{path.resolve()}:{status.st_mtime_ns}:{status.st_size}"


def save_mark(ledger: Store, mark: QuietMark | None, path: Path, text: str) -> None:
    """Keep it in the ledger; None: the next poll is a pass."""
    if mark is None:
        if ledger.get(_FACT):
            ledger.put(_FACT, "")
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
    ledger.put(_FACT, json.dumps(facts))


def load_mark(ledger: Store, path: Path, text: str) -> QuietMark | None:
    """The mark that holds for this config; None where there is none."""
    kept = ledger.get(_FACT)
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
