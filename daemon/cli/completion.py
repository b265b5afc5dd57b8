"""Names for the shell to complete, from the config. A config with mistakes completes nothing and says nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from daemon.config.schema import Config


def account_names(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """The accounts that begin with what was typed."""
    return _starting(context, incomplete, lambda config: config.accounts)


def contact_names(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """The contacts whose name begins with what was typed."""
    return _starting(context, incomplete, lambda config: (contact.name for contact in config.contacts))


def _starting(context: click.Context, incomplete: str, names: Callable[[Config], Iterable[str]]) -> list[str]:
    from daemon.config.schema import ConfigError, load
    from daemon.places import locate

    root = context.find_root()
    given = context.params.get("config_path") or root.params.get("config_path")
    try:
        config = load(locate(given))
    except ConfigError:
        return []
    return [name for name in names(config) if name.casefold().startswith(incomplete.casefold())]
