"""The year in the terminal: a line a person, a block a week (or several), months above and what the
blocks mean below. Every kind of block has a sign of its own, so that it needs no colour."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import TYPE_CHECKING

from connectors.sanitize import sanitize
from daemon.cli.console import stdout_console, terminal_width
from daemon.durations import counted

if TYPE_CHECKING:
    from rich.text import Text

    from daemon.practice.year import Mark, Year
    from daemon.practice.year_grid import Grid, Row

_SIGNS: Mapping[Mark, tuple[str, str, str]] = {
    "date": ("█", "green", "met"),
    "booked": ("□", "cyan", "date ahead"),
    "said_yes": ("✓", "green", "yes, but no date came of it"),
    "asked": ("?", "yellow", "pencilled in"),
    "refused": ("x", "red", "not now"),
    "let_pass": ("-", "red", "unanswered"),
    "due": ("!", "magenta", "due"),
    "quiet": ("░", "bright_black", "quiet for too long"),
    "": (" ", "", ""),
}
"""The sign of each mark, its style, and what it means."""
_FILLING = frozenset({"date", "quiet"})
"""Marks that fill their block however wide it is."""
_BARS = " ▁▂▃▄▅▆▇█"
_PIPED = 80
_LEAST, _LONGEST_NAME, _WIDEST_BLOCK = 24, 22, 3
_TOTAL = len("  dates")


def print_year(year: Year) -> None:
    """The year on stdout, as wide as the terminal, in a pipe 80 columns. Nothing without
    contacts."""
    if year.people:
        width = max(terminal_width(sys.stdout) or _PIPED, _LEAST)
        to = stdout_console()
        for line in _lines(year, width):
            line.rstrip()
            to.print(line, soft_wrap=True)


def _lines(year: Year, width: int) -> Iterator[Text]:
    from rich.cells import cell_len
    from rich.text import Text

    from daemon.practice.year_grid import grid

    longest = max(cell_len(person.contact.name) for person in year.people)
    names = min(longest, _LONGEST_NAME, width // 3)
    room = width - names - 1 - _TOTAL
    seen = grid(year, room)
    block = max(1, min(room // len(seen.mondays), _WIDEST_BLOCK))
    margin = " " * (names + 1)
    yield Text(f"{margin}{_axis(seen, block)}{'dates':>{_TOTAL}}", "bold")
    yield Text(f"{margin}{' ' * (seen.this * block)}▼")
    circles = groupby(seen.rows, key=lambda row: row.contact.circle)
    for circle, rows in circles:
        yield Text(f"{sanitize(circle) or 'no circle'}:", "bold")
        for row in rows:
            yield _row(row, names, block)
    bars = "".join(bar * block for bar in _bars(seen))
    yield Text(f"{'all':<{names}} {bars}{sum(seen.dates):>{_TOTAL}}")
    yield Text()
    yield from _legend(seen, width)


def _axis(seen: Grid, block: int) -> str:
    """Years and months above the blocks in which they begin, as far as there is room."""
    axis = [" "] * (len(seen.mondays) * block)
    years_first = sorted(seen.labels, key=lambda label: not label[1].isdecimal())
    for place, label in years_first:
        first = place * block
        around = axis[max(first - 1, 0) : first + len(label) + 1]
        if first + len(label) <= len(axis) and set(around) == {" "}:
            axis[first : first + len(label)] = label
    return "".join(axis)


def _row(row: Row, names: int, block: int) -> Text:
    from rich.text import Text

    line = Text(f"{_fitted(row.contact.name, names)} ")
    for mark in row.marks:
        sign, style, _ = _SIGNS[mark]
        line.append(sign * block if mark in _FILLING else sign.ljust(block), style)
    return line.append(f"{row.dates:>{_TOTAL}}")


def _fitted(name: str, width: int) -> str:
    """A name in so many columns; one that is longer is cut."""
    from rich.cells import cell_len, set_cell_size

    name = sanitize(name)
    if cell_len(name) <= width:
        return set_cell_size(name, width)
    return f"{set_cell_size(name, width - 1).rstrip()}…".ljust(width)


def _bars(seen: Grid) -> Iterator[str]:
    most = max(seen.dates, default=0) or 1
    for dates in seen.dates:
        yield _BARS[-(-dates * (len(_BARS) - 1) // most)]


def _legend(seen: Grid, width: int) -> Iterator[Text]:
    """What the signs that are there mean, and what a block is."""
    from rich.text import Text

    there = {mark for row in seen.rows for mark in row.marks if mark}
    keys = [
        Text(f"{sign} ", style).append(meaning, "default")
        for mark, (sign, style, meaning) in _SIGNS.items()
        if mark in there
    ]
    keys += [Text("▼ this week"), Text(f"a block is {counted(seen.weeks, 'week')}")]
    line = Text()
    for key in keys:
        if line and line.cell_len + 3 + key.cell_len > width:
            yield line
            line = Text()
        line = line.append("   " if line else "").append(key)
    yield line
