"""Where everything for people is printed: it fits the terminal, and nothing in it acts on the
terminal.

On a terminal lines are broken between words to its width; in a pipe or a file they stay whole,
whatever terminal the user sits at. With NO_COLOR not a single escape sequence is printed."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Literal, TextIO

import click

from connectors.sanitize import sanitize

if TYPE_CHECKING:
    from rich.console import Console

_PIPED_WIDTH = 10_000
"""Columns where no terminal tells its width: tables are as wide as what stands in them."""
_LEAST_WIDTH = 20
"""A terminal narrower than this breaks the lines itself."""


def plain() -> bool:
    """Whether the user wants no escape sequences (https://no-color.org)."""
    return bool(os.environ.get("NO_COLOR"))


def terminal_width(stream: TextIO) -> int | None:
    """Columns of the terminal that a stream goes to, or as $COLUMNS says; None for a pipe or a
    file."""
    said = os.environ.get("COLUMNS", "")
    if said.isdecimal() and int(said):
        return int(said)
    try:
        return (os.get_terminal_size(stream.fileno()).columns or None) if stream.isatty() else None
    except (OSError, ValueError):
        return None


def stdout_console() -> Console:
    """Where tables and styled text go: stdout."""
    return _console(sys.stdout)


def stderr_console() -> Console:
    """Where a progress bar goes: stderr."""
    return _console(sys.stderr)


def _console(stream: TextIO) -> Console:
    from rich.console import Console

    return Console(
        file=stream,
        width=terminal_width(stream) or _PIPED_WIDTH,
        color_system=None if plain() else "auto",
        highlight=False,
        markup=False,
        emoji=False,
    )


_Cell = str | tuple[str, str]

_NAME_WIDTH = 16
"""Columns that names keep as long as another column can be left out."""


def print_table(
    titles: Sequence[str],
    rows: Iterable[Sequence[_Cell]],
    *,
    numbers: Collection[int] = (),
    rule: bool = False,
    names: int = 0,
    spare: Sequence[int] = (),
) -> frozenset[int]:
    """A table on stdout, its cells folded to the terminal. A cell is a text, or a text and its
    style; the columns at the places `numbers` are set to the right; `rule`: a line under the titles
    and none around. Those at the places `spare` are left out, the first first, as long as the table
    is too wide with no word broken in the column `names`; returns the places that were."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    to, rows = stdout_console(), list(rows)
    left_out = _left_out(
        titles, rows, names, spare, to.width if rule else to.width - len(titles) - 1
    )
    kept = [place for place in range(len(titles)) if place not in left_out]
    table = Table(
        box=box.SIMPLE_HEAD if rule else box.SIMPLE,
        show_edge=not rule,
        pad_edge=False,
        padding=(0, 1, 0, 0) if rule else (0, 1),
    )
    for place in kept:
        justify: Literal["right", "left"] = "right" if place in numbers else "left"
        table.add_column(titles[place], overflow="fold", justify=justify)
    for row in rows:
        cells = ((cell, "") if isinstance(cell, str) else cell for cell in (row[n] for n in kept))
        table.add_row(*(Text(text, style=style) for text, style in cells))
    to.print(table)
    return left_out


def _left_out(
    titles: Sequence[str],
    rows: Sequence[Sequence[_Cell]],
    names: int,
    spare: Sequence[int],
    width: int,
) -> frozenset[int]:
    """The places of the columns that there is no room for."""
    from rich.cells import cell_len

    def texts(place: int) -> list[str]:
        cells = (row[place] for row in rows)
        return [titles[place], *(cell if isinstance(cell, str) else cell[0] for cell in cells)]

    widths = [max(map(cell_len, texts(place))) for place in range(len(titles))]
    words = (word for text in texts(names) for word in text.split())
    widths[names] = max(min(widths[names], _NAME_WIDTH), *map(cell_len, words))
    left_out: list[int] = []
    for place in spare:
        kept = [wide for number, wide in enumerate(widths) if number not in left_out]
        if sum(kept) + len(_GAP) * (len(kept) - 1) <= width:
            break
        left_out.append(place)
    return frozenset(left_out)


_GAP = "  "
"""What parts two columns."""


def tell(text: str = "", *, err: bool = False, bold: bool = False, hang: int = 0) -> None:
    """Say something, one line or several, on stdout or stderr. A line that is broken goes on `hang`
    columns to the right of where it began. Control characters and marks that turn the direction of
    text are left out."""
    width = terminal_width(sys.stderr if err else sys.stdout)
    for line in text.split("\n"):
        for part in fitted(line, width, hang):
            click.echo(
                click.style(part, bold=True) if bold and part and not plain() else part, err=err
            )


_STATE_WIDTH = len("warning ")


def print_finding(state: str, style: str, thing: str, message: str, then: str) -> None:
    """One finding on stdout, folded to the terminal beside its state: the thing and what is to be
    said of it, then what to do next, if anything, on lines of its own."""
    from rich.text import Text

    to = stdout_console()
    width = max(to.width - _STATE_WIDTH, 1)
    told = Text.assemble((f"{sanitize(thing)}:", "bold"), f" {sanitize(message)}").wrap(to, width)
    what_next = Text(f"→ {sanitize(then)}").wrap(to, width) if then else ()
    for number, line in enumerate((*told, *what_next)):
        line.rstrip()
        margin = Text(state, style=style) if number == 0 else Text()
        margin.pad_right(_STATE_WIDTH - len(margin))
        to.print(margin + line)


def fitted(line: str, width: int | None, hang: int = 0) -> Iterator[str]:
    """A line as those that it takes up in so many columns (None: any number), without what a
    terminal acts on. What follows the first goes on `hang` columns to the right of it."""
    line = _sanitized(line)
    if width is None or width < _LEAST_WIDTH or (line.isascii() and len(line) <= width):
        yield line
        return
    from rich.console import Console
    from rich.text import Text

    body = line.lstrip(" ")
    first = min(len(line) - len(body), width // 2)
    later = min(first + hang, width // 2)
    for number, part in enumerate(Text(body).wrap(Console(width=width), width - later)):
        yield f"{' ' * (later if number else first)}{part.plain.rstrip()}"


def _sanitized(line: str) -> str:
    return (
        line
        if line.isprintable()
        else "".join(c for c in line.replace("\t", " ") if c.isprintable())
    )
