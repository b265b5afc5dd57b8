"""What is wrong with a config, in plain words and with its place in the file.

A *mistake* names a value by its path in the data (`("rhythm", "poll")`); a *problem* is a mistake
found in the text: file, line, column. A problem shows the line it stands on, unless the line might
hold a secret."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from connectors.errors import FikadError
from daemon.config.positions import KeyPath, Positions, positions

_SECRETIVE = re.compile(r"pass|pwd|secret|token|credential|auth|apikey|api_key", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something wrong with one value, before it is looked up in the text."""

    path: KeyPath
    message: str
    hint: str = ""
    at_key: bool = False
    """The key itself is wrong (unknown), not its value."""
    missing: str = ""
    """The key of this table whose absence is the mistake."""
    other: KeyPath | None = None
    """Another value that it clashes with; its line is named."""


@dataclass(frozen=True, slots=True)
class ConfigProblem:
    """One mistake with its place. `line` and `column` count from 1 in characters; 0 means the file
    as a whole."""

    path: Path
    line: int
    column: int
    message: str
    hint: str = ""
    """How to put it right."""
    source_line: str | None = None
    """The line it stands on, None or cut after the key where it might hold a secret."""

    def __str__(self) -> str:
        position = f"{self.path}:{self.line}:{self.column}" if self.line else f"{self.path}"
        return f"{position}: {self.message}" + (f" ({self.hint})" if self.hint else "")


class ConfigError(FikadError):
    """The config can't be used. `problems` holds every mistake that was found; the text lists them,
    one a line."""

    exit_code = 10

    def __init__(self, problems: tuple[ConfigProblem, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


def quoted(text: object) -> str:
    """A word of the config in a message: printable, in quotes, cut when long."""
    word = printable(str(text))
    return f'"{word if len(word) <= 60 else word[:59] + "…"}"'


def printable(text: str) -> str:
    """Each character that a terminal might act on replaced by one blank, so columns stay right."""
    return "".join(character if character.isprintable() else " " for character in text)


def shown_line(line: str, *, private: bool) -> str | None:
    """A line of the config as it may be shown: as it is, or what stands before its value, or not at
    all.

    `private` says that the line belongs to a place where secrets may stand, or is not understood.
    """
    if len(line) > 300:
        return None
    if not private and not _SECRETIVE.search(line):
        return printable(line)
    if header := re.match(r"\s*\[{1,2}[\w\s.\"'-]*\]{1,2}", line):
        return printable(header[0])
    if key := re.match(
        r"""\s*(?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*\s*=""", line
    ):
        return printable(key[0]) + " …"
    return None


def find_problems(mistakes: list[Mistake], path: Path, text: str) -> list[ConfigProblem]:
    """Mistakes as problems, looked up in the text."""
    places = positions(text)
    return [_find_problem(mistake, path, text.split("\n"), places) for mistake in mistakes]


def _find_problem(
    mistake: Mistake, path: Path, lines: list[str], places: Positions
) -> ConfigProblem:
    line, column = (
        places.key(mistake.path)
        if mistake.at_key or mistake.missing
        else places.value(mistake.path)
    )
    # A key that nobody knows may be a misspelt password, wherever it stands.
    private = mistake.at_key or mistake.path[:1] in (("accounts",), ("addressbooks",))
    message = mistake.message
    if mistake.other is not None:
        message += f" on line {places.value(mistake.other)[0]}"
    source_line = (
        shown_line(lines[line - 1].rstrip("\r"), private=private) if line <= len(lines) else None
    )
    return ConfigProblem(path, line, column, message, mistake.hint, source_line)
