"""Names for the shell to complete, from the config. A config with mistakes completes nothing and
says nothing."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from daemon.config.schema import Config


def account_names(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """The accounts that begin with what was typed."""
    return _starting(context, incomplete, lambda config: config.accounts)


def contact_names(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """The contacts whose name begins with what was typed; nobody who is paused."""
    from connectors.errors import FikadError
    from daemon.cli.options import Paths, clock
    from daemon.paths import locate, state_dir

    def names(config: Config) -> list[str]:
        paths = Paths(
            locate(_given(context, "config_path")), state_dir(_given(context, "state_path"))
        )
        try:
            return [
                contact.name for contact in paths.contacts(config, clock()) if not contact.paused
            ]
        except FikadError:
            return []

    return _starting(context, incomplete, names)


def _starting(
    context: click.Context, incomplete: str, names: Callable[[Config], Iterable[str]]
) -> list[str]:
    from daemon.config.schema import ConfigError, load
    from daemon.paths import locate

    try:
        config = load(locate(_given(context, "config_path")))
    except ConfigError:
        return []
    matches = [name for name in names(config) if name.casefold().startswith(incomplete.casefold())]
    return [_for_bash(name) for name in matches] if _unquoted_in_bash() else matches


def _unquoted_in_bash() -> bool:
    """Whether bash is asking, which alone of the shells puts what it gets into the line as it is,
    and the user opened no quote before the name."""
    if not os.environ.get("_FIKAD_COMPLETE", "").startswith("bash"):
        return False
    words, place = (
        os.environ.get("COMP_WORDS", "").split("\n"),
        int(os.environ.get("COMP_CWORD") or 0),
    )
    return not (place < len(words) and words[place].startswith(("'", '"')))


def _for_bash(name: str) -> str:
    """A name as one word of a shell; with two backslashes each, since click's script reads one of
    them away."""
    return re.sub(r"([^\w@%+=:,./-])", r"\\\\\1", name)


def _given(context: click.Context, option: str) -> Any:
    return context.params.get(option) or context.find_root().params.get(option)
