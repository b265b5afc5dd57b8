"""Whether there is anything to read: the one place where that is decided, for a pass as for the
poll that only looks whether one is needed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

RECONCILE_EVERY = timedelta(days=1)
"""Some servers answer an invalid token as if nothing had changed, so a full listing is compared now
and then."""


class Listed(Protocol):
    """A calendar, or a book of an address book, as it was just listed."""

    @property
    def id(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str | None: ...


class Stored(Protocol):
    """What the ledger remembers of it."""

    @property
    def version(self) -> str | None: ...

    @property
    def reconciled(self) -> datetime | None: ...

    @property
    def complete(self) -> bool: ...


def must_reconcile(stored: Stored, now: datetime) -> bool:
    """Whether it is time to compare all of it."""
    return stored.reconciled is None or now - stored.reconciled >= RECONCILE_EVERY


def has_no_news(listed: Listed, stored: Stored, now: datetime) -> bool:
    """Whether it was read to its end, says that nothing changed since, and is not to be compared as
    a whole yet."""
    return (
        stored.complete
        and not must_reconcile(stored, now)
        and listed.version is not None
        and listed.version == stored.version
    )
