"""The year as rows for a spreadsheet: one a contact and week, with the numbers of that week.

Spreadsheets take a cell that begins like a formula for one, and a name may come from somebody
else's card: such a cell gets an apostrophe before it, which makes it a text there."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from connectors.sanitize import sanitize
from daemon.practice.year import PersonWeek, Year

HEAD = (
    "contact", "circle", "week", "dates", "booked", "said_yes", "asked", "refused", "let_pass",
    "due", "quiet",
)  # fmt: skip
"""`week` is its Monday; `due` and `quiet` are 0 or 1, the others say how many."""
_FORMULAS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def year_csv(year: Year) -> str:
    """The year as CSV (RFC 4180, with plain line ends), its head first."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(HEAD)
    rows.writerows(_rows(year))
    return out.getvalue()


def _rows(year: Year) -> Iterator[tuple[str | int, ...]]:
    for person in year.people:
        who = _inert(person.contact.name), _inert(person.contact.circle)
        for monday, week in zip(year.mondays, person.weeks, strict=True):
            yield (*who, monday.isoformat(), *_numbers(week))


def _numbers(week: PersonWeek) -> tuple[int, ...]:
    return (
        week.dates,
        week.booked,
        week.said_yes,
        week.asked,
        week.refused,
        week.let_pass,
        int(week.due),
        int(week.quiet),
    )


def _inert(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    text = sanitize(text)
    return f"'{text}" if text.startswith(_FORMULAS) else text
