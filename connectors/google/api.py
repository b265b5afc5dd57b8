"""Which of Google's services is spoken to. The discovery documents come with the client library."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Api:
    """One of Google's services, in the words of its discovery document."""

    service: str
    version: str
    path: str
    """What stands between a server's root and the methods' paths; appended to an emulator's
    address."""
    title: str
    """As Google's console calls it."""


CALENDAR: Final = Api("calendar", "v3", "calendar/v3/", "Google Calendar API")
PEOPLE: Final = Api("people", "v1", "", "Google People API")
"""Its methods' paths begin with `v1/` themselves."""
