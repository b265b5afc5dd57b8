"""`fikad config`: check the config file; print its schema or reference."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from daemon.cli.console import tell, terminal_width
from daemon.cli.options import Paths, clock, command, json_option, print_json, verbose_option
from daemon.durations import counted

if TYPE_CHECKING:
    from daemon.config.schema import ConfigProblem

_LEAST_WIDTH = 30
_PIPED_WIDTH = 200
"""Columns where no terminal tells its width."""


@click.group("config", help="Check the config file; print its schema.")
@verbose_option
def config_command() -> None:
    pass


@command(
    "check",
    help="Print every mistake in the config and where it is, and whatever will not do what it "
    "seems to.",
)
@json_option
def check(paths: Paths, as_json: bool) -> int:
    """Mistakes go to stderr, each with the line it stands on; exit code 10."""
    from daemon.overview.config import checked_config, config_facts

    checked = checked_config(paths.config, paths.state, clock())
    if as_json:
        print_json(config_facts(paths.config, checked))
    elif checked.config is None:
        problems = checked.problems
        width = terminal_width(sys.stderr) or _PIPED_WIDTH
        tell("\n\n".join("\n".join(shown(problem, width)) for problem in problems), err=True)
        tell(f"\nfikad: {counted(len(problems), 'mistake')} in {paths.config}", err=True)
    else:
        config = checked.config
        people = counted(len(config.contacts), "contact")
        accounts = counted(len(config.accounts), "account")
        can_be_used = "can be used" if checked.warnings else "is fine"
        tell(f"{paths.config} {can_be_used}: {people}, {accounts}, time zone {config.zone.key}.")
        for what, advice in checked.warnings:
            tell(f"warning: {what}. To change that: {advice}.", hang=2)
    return 0 if checked.config else 10


def shown(problem: ConfigProblem, width: int) -> list[str]:
    """One mistake as lines: place and message, the line itself with a caret below its column, how
    to put it right."""
    position = (
        f"{problem.path}:{problem.line}:{problem.column}" if problem.line else f"{problem.path}"
    )
    lines = [f"{position}: {problem.message}"]
    if problem.source_line:
        margin = f"{problem.line:>5} | "
        text, column = _window(
            problem.source_line, problem.column - 1, max(width, _LEAST_WIDTH) - len(margin) - 1
        )
        lines.append(margin + text)
        if column is not None:
            lines.append(" " * 5 + " | " + " " * column + "^")
    if problem.hint:
        lines.append(f"        {problem.hint}")
    return lines


def _window(line: str, column: int, width: int) -> tuple[str, int | None]:
    """As much of a line as fits around a column (from 0, in characters), and where that column is
    in cells of the terminal; None where the line was cut before it, since what comes then might be
    a secret."""
    from rich.cells import cell_len

    line = line.replace("\t", " ")
    if column >= len(line) or (line.endswith("…") and column >= len(line) - 1):
        return line[:width], None
    start = max(0, column - width // 2) if cell_len(line) > width else 0
    cut = line[start:]
    while cell_len(cut) > width:
        cut = cut[:-1]
    return cut, cell_len(line[start:column])


@click.command("schema", help="Print a JSON Schema of the config, for editors.")
@click.option("--markdown", is_flag=True, help="Print the reference of every key instead.")
@verbose_option
def schema(markdown: bool) -> None:
    from daemon.config.reference import json_schema, reference

    click.echo(reference() if markdown else json.dumps(json_schema(), indent=2), nl=not markdown)


config_command.add_command(check)
config_command.add_command(schema)
