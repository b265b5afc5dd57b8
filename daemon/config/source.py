"""From the file to TOML data, with every slip of syntax that can be told apart.

A forgotten pair of quotes should not hide the other mistakes of a file: a line `key = …` that can't
be read is reported and left out, and reading goes on. Anything less plain (a broken header, a list
over many lines) ends it."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from daemon.config.errors import ConfigError, ConfigProblem, shown_line

_PLAIN_PAIR = re.compile(r"""\s*([A-Za-z0-9_-]+)\s*=(?!.*(?:\"{3}|'{3}))[^\[{]*$""")
_MOST_SLIPS = 50

_WORDING = {
    "Expected newline or end of document after a statement": (
        "there is something after the value",
        'text needs quotes, as in cadence = "6 weeks"',
    ),
    "Invalid value": (
        "there is no value that can be read",
        'text needs quotes, as in cadence = "6 weeks"',
    ),
    "Expected '=' after a key in a key/value pair": ('a "=" is missing after the key', ""),
    "Expected ']' at the end of a table declaration": ('the heading lacks its "]"', ""),
    "Expected ']]' at the end of an array declaration": ('the heading lacks its "]]"', ""),
    "Cannot overwrite a value": ("this is given twice", "keep one of them"),
    "Illegal character '\\n'": ("the text lacks its closing quote", ""),
    "Unterminated string": ("a text lacks its closing quotes", ""),
    "Unclosed array": ('a list lacks its "]"', ""),
    "Unclosed inline table": ('a table lacks its "}" on the same line', ""),
    "Invalid statement": (
        "this is neither a key nor a heading",
        'keys with other letters than a-z need "quotes"',
    ),
}


@dataclass(frozen=True, slots=True)
class Source:
    """A config file as read."""

    text: str
    """What was understood: lines that are no TOML are empty."""
    data: dict[str, Any]
    slips: tuple[ConfigProblem, ...] = ()
    """Lines that are no TOML; the data lacks them."""
    skipped: frozenset[str] = frozenset()
    """The keys of those lines: their absence is no further mistake."""


def read_source(path: Path, text: str | None = None) -> Source:
    """The file's text (or `text` in its place) and data. Raises ConfigError when it can't be read
    at all."""
    whole = read_text(path) if text is None else text
    lines, slips, skipped = whole.split("\n"), list[ConfigProblem](), set[str]()
    while True:
        text = "\n".join(lines)
        try:
            return Source(text, tomllib.loads(text), tuple(slips), frozenset(skipped))
        except tomllib.TOMLDecodeError as error:
            line, column, message, hint = _explain(str(error), lines)
        except RecursionError:
            line, column, message, hint = 1, 1, "lists or tables are nested too deeply", ""
        slips.append(ConfigProblem(path, line, column, message, hint, _shown(lines, line)))
        plain = _PLAIN_PAIR.match(lines[line - 1])
        if not plain or len(slips) >= _MOST_SLIPS:
            raise ConfigError(tuple(slips))
        skipped.add(plain[1])
        lines[line - 1] = ""


def read_text(path: Path) -> str:
    """The file as text. Raises ConfigError."""
    try:
        # Editors on Windows put a byte-order mark in front, which TOML does not know.
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        message, hint = "there is no config file", "`fikad init` writes one; --config names another"
    except UnicodeDecodeError as error:
        message, hint = f"is not UTF-8 text (byte {error.start + 1})", "save it as UTF-8"
    except OSError as error:
        message, hint = (
            f"cannot be read: {error.strerror or type(error).__name__}",
            "check its path and permissions",
        )
    raise ConfigError((ConfigProblem(path, 0, 0, message, hint),))


def _explain(error: str, lines: list[str]) -> tuple[int, int, str, str]:
    """Line, column, message and hint of one of tomllib's errors, whose text ends in "(at line 1,
    column 2)"."""
    text, _, position = error.rpartition(" (at ")
    numbers = re.search(r"line (\d+), column (\d+)", position)
    line, column = (
        (int(numbers[1]), int(numbers[2])) if numbers else (len(lines), len(lines[-1]) + 1)
    )
    line = min(max(line, 1), len(lines))
    if text.startswith("Cannot declare"):
        text = "Cannot overwrite a value"
    message, hint = _WORDING.get(text, (text[:1].lower() + text[1:], ""))
    if text == "Cannot overwrite a value":
        column = len(lines[line - 1]) - len(lines[line - 1].lstrip()) + 1
    return line, column, message, hint


def _shown(lines: list[str], line: int) -> str | None:
    """A line that is no TOML as it may be shown: under an account it might hold a secret."""
    header = next((text for text in reversed(lines[:line]) if text.lstrip().startswith("[")), "")
    return shown_line(lines[line - 1].rstrip("\r"), private=not header or "account" in header)
