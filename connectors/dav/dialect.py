"""What CalDAV and CardDAV differ in where a server is asked the same questions in both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from connectors.dav.multistatus import Part


@dataclass(frozen=True, slots=True)
class Dialect:
    """One of the two, by its own words."""

    protocol: str
    """As messages call it: CalDAV."""
    collection: str
    """What a user calls one of its collections: a calendar."""
    content: str
    """What an object of it holds: calendar data."""
    program: str
    """In what its users look at it: a calendar app."""
    well_known: str
    """Where a server leads on from (RFC 6764 section 5)."""
    home_set: str
    """The property of a principal that names the homes."""
    asked_of_owner: tuple[str, ...]
    """Further properties asked for on the way to the homes."""
    is_collection: Callable[[Part], bool]
    """Whether a part is one of its collections, and one to read."""
    multiget: str
    """The report that brings texts."""
    data: str
    """The property in which it brings them."""
    media_type: str
    first_line: str
    """How every text begins, in upper case."""
    suffix: str
    """How the name of an object mostly ends."""

    def holds(self, text: str) -> bool:
        """Whether a text is one of its objects rather than a web page."""
        return text.lstrip()[: len(self.first_line)].upper() == self.first_line
