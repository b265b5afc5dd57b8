"""How one address book of the config was read, for the report of a pass."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.address_book import AddressBook
    from daemon.ledger.reading_state import ReadingState


@dataclass(frozen=True, slots=True)
class BookReading:
    """How one address book of the config was read."""

    name: str
    state: ReadingState
    message: str = ""
    books: tuple[str, ...] = ()
    """Names of the books read."""
    changed: int = 0
    """Cards that changed or went."""
    requests: int = 0
    listed: tuple[AddressBook, ...] = field(default=(), compare=False)
    """Every book that was listed, chosen or not."""
