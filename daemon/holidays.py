"""Public holidays, by country, from the `holidays` package; it is loaded only for those who tell
theirs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from holidays import HolidayBase


@dataclass(frozen=True)
class Holidays:
    """The public holidays of one country. Never changes."""

    country: str = ""
    """ISO 3166, perhaps with a part: "DE-BE"; "" has none."""
    language: str = "en"
    """In which they are named, where the package can: a code of BCP 47."""

    def name(self, day: date) -> str:
        """What is celebrated on a day; "" on any other one."""
        return self._days.get(day) or "" if self.country else ""

    @cached_property
    def _days(self) -> HolidayBase:
        from holidays import country_holidays

        country, _, part = self.country.partition("-")
        known = country_holidays(country, subdiv=part or None)
        named = (
            code for code in known.supported_languages if code.partition("_")[0] == self.language
        )
        return country_holidays(
            country, subdiv=part or None, language=next(named, known.default_language)
        )


NONE = Holidays()
"""For those who tell no country."""
