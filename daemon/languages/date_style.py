"""How dates and times of day are written in a country, whatever the language of the words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DateStyle:
    """The order of a date and the hours of a day. Never changes."""

    month_first: bool = False
    """ "Dec 1", not "1 Dec"."""
    twelve_hours: bool = False
    """ "2:30 PM", not "14:30"."""


PLAIN = DateStyle()
"""Of those who tell neither country nor language: "1 Dec 14:30"."""
