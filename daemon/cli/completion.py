"""Names for the shell to complete, from the config. A config with mistakes completes nothing and
says nothing."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

import click

from daemon.cli.options import clock, given
from daemon.paths import locate, state_dir


def login_names(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """The accounts and address books that begin with what was typed."""
    from daemon.overview.naming import known_logins

    return _starting(incomplete, known_logins(locate(given(context, "config_path"))))


def contact_names(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """The contacts whose name begins with what was typed; nobody who is paused."""
    from daemon.overview.naming import known_contacts

    config = locate(given(context, "config_path"))
    state = state_dir(given(context, "state_path"))
    return _starting(incomplete, known_contacts(config, state, clock()))


def circle_names(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """The circles that begin with what was typed."""
    from daemon.overview.naming import known_circles

    return _starting(incomplete, known_circles(locate(given(context, "config_path"))))


def occasion_names(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[str]:
    """The occasions that begin with what was typed, those included that need no table."""
    from daemon.overview.naming import known_occasions

    return _starting(incomplete, known_occasions(locate(given(context, "config_path"))))


def _starting(incomplete: str, names: Iterable[str]) -> list[str]:
    matches = [name for name in names if name.casefold().startswith(incomplete.casefold())]
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
