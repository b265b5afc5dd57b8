"""What every command shares: where the config and the ledger are, the clock, and how facts are
printed."""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from daemon.paths import locate, state_dir

if TYPE_CHECKING:
    from daemon.config.schema import Config

CONSENT_SECONDS = 300.0
"""How long the answer of Google's consent is waited for, unless told otherwise."""


@dataclass(frozen=True, slots=True)
class Paths:
    """Where this run's config and state are."""

    config: Path
    state: Path

    def load(self) -> Config:
        """The config. Raises ConfigError."""
        from daemon.config.schema import load

        return load(self.config)


def clock() -> datetime:
    """Now, aware, UTC. The only place where a command asks for the time."""
    return datetime.now(UTC)


def _be_verbose(context: click.Context, parameter: click.Parameter, wanted: bool) -> None:
    if wanted:
        from connectors.trace import start_tracing

        start_tracing(sys.stderr)


verbose_option = click.option(
    "--verbose",
    is_flag=True,
    expose_value=False,
    callback=_be_verbose,
    help="Show each request and each decision on stderr.",
)


def given(context: click.Context, option: str) -> Any:
    """What an option says that may also stand before the command's name."""
    value, around = context.params.get(option), context.parent
    return value if value or around is None else given(around, option)


def command(name: str, **settings: Any) -> Callable[[Callable[..., Any]], click.Command]:
    """A click command that takes --config, --state and --verbose (also given before its name) and
    receives `paths`."""

    def wrap(function: Callable[..., Any]) -> click.Command:
        @click.option("--config", "config_path", metavar="FILE", help="The config file.")
        @click.option("--state", "state_path", metavar="DIR", help="The folder of fikad's ledger.")
        @verbose_option
        @functools.wraps(function)
        def run(config_path: str | None, state_path: str | None, **values: Any) -> Any:
            context = click.get_current_context()
            paths = Paths(
                locate(given(context, "config_path")), state_dir(given(context, "state_path"))
            )
            return function(paths, **values)

        make: Callable[[Callable[..., Any]], click.Command] = click.command(name, **settings)
        return make(run)

    return wrap


def group(name: str, **settings: Any) -> Callable[[Callable[..., Any]], click.Group]:
    """The same for a command that does something by itself and has others below it."""
    make: Any = command(name, cls=click.Group, invoke_without_command=True, **settings)
    return lambda function: cast(click.Group, make(function))


json_option = click.option("--json", "as_json", is_flag=True, help="Print the facts as JSON.")


def print_json(facts: object) -> None:
    """Facts on stdout, one JSON document. Control and direction characters leave as escapes."""
    click.echo(json.dumps(facts, indent=2, ensure_ascii=True))


def on_terminal() -> bool:
    """Whether a person is at both ends."""
    return sys.stdin.isatty() and sys.stdout.isatty()
