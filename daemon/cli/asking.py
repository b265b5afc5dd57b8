"""Asking the user: every question also has an option, and nobody is asked where nobody can answer."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import click

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks in a terminal. With nobody there (or who said --yes) defaults hold, and a question without one is an
    error that names its option."""

    someone: bool
    """Whether somebody is there to answer."""

    def say(self, text: str = "") -> None:
        """Tell the user something; on stdout, since it is what the command is run for."""
        click.echo(text)

    def ask(
        self, question: str, option: str, understand: Callable[[str], Answer], default: str | None = None
    ) -> Answer:
        """An answer that `understand` takes; its ValueError is shown, and the question asked again. Raises
        click.UsageError where nobody can be asked and there is no default."""
        if not self.someone:
            if default is None:
                raise click.UsageError(f"{question}: nobody is there to ask, so add {option}")
            return understand(default)

        def check(text: str) -> Answer:
            try:
                return understand(text.strip())
            except ValueError as error:
                raise click.UsageError(sentence(error)) from None

        found: Answer = click.prompt(question, default=default, show_default=bool(default), value_proc=check)
        return found

    def confirm(self, question: str, default: bool) -> bool:
        """Yes or no; the default where nobody is there."""
        return click.confirm(question, default=default) if self.someone else default

    def secret(self, question: str, option: str) -> str:
        """Something typed without being shown. Raises click.UsageError where nobody can be asked."""
        if not self.someone:
            raise click.UsageError(f"{question}: nobody is there to ask, so add {option}")
        return str(click.prompt(question, hide_input=True, prompt_suffix=" (not shown): "))


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
