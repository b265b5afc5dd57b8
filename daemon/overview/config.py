"""What is wrong with a config, and what in it will not do what it seems to: what `fikad config
check` tells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from connectors.errors import FikadError
from daemon.config.chances import warnings
from daemon.config.schema import Config, ConfigError, ConfigProblem, load
from daemon.overview.naming import contacts_in
from daemon.people.contacts import Contact


@dataclass(frozen=True, slots=True)
class CheckedConfig:
    """A config file, as far as it can be used."""

    config: Config | None
    """None: it has mistakes."""
    problems: tuple[ConfigProblem, ...] = ()
    warnings: tuple[tuple[str, str], ...] = ()
    """What will not do what it seems to, and what to do about it."""


def checked_config(path: Path, state: Path, now: datetime) -> CheckedConfig:
    """The config at `path`; whom the ledger in `state` has paused is named nowhere."""
    try:
        config = load(path)
    except ConfigError as error:
        return CheckedConfig(None, error.problems)
    return CheckedConfig(config, (), tuple(warnings(config, _contacts(config, state, now))))


def _contacts(config: Config, state: Path, now: datetime) -> Sequence[Contact]:
    """As the config has them where no ledger can tell who is paused."""
    try:
        return contacts_in(config, state, now)
    except FikadError:
        return config.people


def config_facts(path: Path, checked: CheckedConfig) -> dict[str, Any]:
    """What was found as JSON."""
    return {
        "file": str(path),
        "problems": [
            {
                "file": str(problem.path),
                "line": problem.line,
                "column": problem.column,
                "message": problem.message,
                "hint": problem.hint,
            }
            for problem in checked.problems
        ],
        "warnings": [{"message": what, "hint": advice} for what, advice in checked.warnings],
    }
