"""Asking the user: every question also has an option, and nobody is asked where nobody can
answer."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import click

from daemon.cli.console import fitted, tell, terminal_width

Answer = TypeVar("Answer")

_HIDDEN = " (not shown): "


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks in a terminal. With nobody there (or who said --yes) defaults hold, and a question
    without one is an error that names its option."""

    someone: bool
    """Whether somebody is there to answer."""

    def say(self, text: str = "") -> None:
        """Tell the user something; on stdout, since it is what the command is run for."""
        tell(text)

    def ask(
        self,
        question: str,
        option: str,
        understand: Callable[[str], Answer],
        default: str | None = None,
    ) -> Answer:
        """An answer that `understand` takes; its ValueError is shown, and the question asked again.
        Raises click.UsageError where nobody can be asked and there is no default."""
        if not self.someone:
            if default is None:
                raise click.UsageError(f"{question}: there is nobody to ask, so add {option}")
            return understand(default)

        shown = f"{question} [{default}]" if default else question
        while True:
            text: str = click.prompt(_last_line(shown), default=default, show_default=False)
            try:
                return understand(text.strip())
            except ValueError as error:
                tell(f"Error: {sentence(error)}")

    def confirm(self, question: str, default: bool) -> bool:
        """Yes or no; the default where nobody is there."""
        if not self.someone:
            return default
        return click.confirm(_last_line(question, " [Y/n]: "), default=default)

    def secret(self, question: str, option: str) -> str:
        """Something typed without being shown. Raises click.UsageError where nobody can be
        asked."""
        if not self.someone:
            raise click.UsageError(f"{question}: there is nobody to ask, so add {option}")
        return str(
            click.prompt(_last_line(question, _HIDDEN), hide_input=True, prompt_suffix=_HIDDEN)
        )


def _last_line(question: str, suffix: str = ": ") -> str:
    """Show a question up to the line on which it is answered, and return that."""
    width = terminal_width(sys.stdout)
    *before, last = fitted(question, None if width is None else width - len(suffix))
    for line in before:
        tell(line)
    return last


def secret_from_stdin() -> str:
    """The first line of stdin. Raises click.UsageError when there is none."""
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise click.UsageError("--password-stdin was given, and nothing came in")
    return line


def sentence(error: ValueError) -> str:
    """A ValueError of ours with its hint, if it has one."""
    hint = getattr(error, "hint", "")
    return f"that {error}" + (f": {hint}" if hint else "") if hint else str(error)
