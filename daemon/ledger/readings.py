"""What stands in the calendars: texts as they were read, what they expand to, and which of it is
ours. All of it can be read again."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.base import HoldEvent, Resource
from daemon.holds.digest import is_digest
from daemon.ledger.bodies import Place, Times, first_of_each
from daemon.ledger.occurrences import Expanded, Occurrences
from daemon.ledger.store import ledger_errors
from daemon.ledger.texts import RESOURCE, Texts, resource_of

__all__ = ["CalendarKey", "Expanded", "FoundHold", "Readings"]

CalendarKey = tuple[str, str]
"""An account's name and a `Calendar.id`."""


@dataclass(frozen=True, slots=True)
class FoundHold:
    """An event of ours as last read."""

    account: str
    calendar: str
    """`Calendar.id`."""
    resource: Resource
    event: HoldEvent

    @property
    def calendar_key(self) -> CalendarKey:
        return self.account, self.calendar


class Readings(Texts, Occurrences):
    """Resources, occurrences and problems, by calendar (`StoredCalendar.id`)."""

    def found_holds(self) -> list[FoundHold]:
        """Every hold of ours that stands in a calendar, as last read; the first occurrence where it
        was repeated."""
        return [placed for placed in self._ours() if not is_digest(placed.event.uid)]

    def found_digests(self) -> list[FoundHold]:
        """Every weekly digest that stands in a calendar, as `found_holds` gives holds."""
        return [placed for placed in self._ours() if is_digest(placed.event.uid)]

    def _ours(self) -> list[FoundHold]:
        rows = self._all(
            f"SELECT account, ref, content, starts, ends, original, {RESOURCE}"  # noqa: S608 - ours
            " FROM bodies b JOIN occurrences o ON o.body = b.id JOIN groups g ON g.id = b.grp"
            " JOIN calendars c ON c.id = g.calendar"
            " JOIN resources r INDEXED BY resources_by_group"
            " ON r.calendar = g.calendar AND r.grp = g.grp"
            " WHERE b.uid GLOB 'fikad*' ORDER BY +starts DESC"
        )
        ours = {}
        nowhere = Place("", "", "")
        with ledger_errors(self._path):
            events = first_of_each(((row[2], Times(*row[3:6]), nowhere) for row in rows), {})
            for (account, ref, _, _, _, _, *rest), occurrence in zip(rows, events, strict=True):
                if (event := occurrence.hold) is not None:
                    ours[account, ref, event.uid] = FoundHold(
                        account, ref, resource_of(*rest), event
                    )
        return list(ours.values())
