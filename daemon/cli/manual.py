"""The manual page, made of what the commands say of themselves.

python -m daemon.cli.manual > docs/fikad.1
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import click

from daemon.cli import fikad

_EXITS = (
    ("0", "Everything went well."),
    ("1", "Something failed."),
    ("2", "The command line could not be understood."),
    ("10", "The config has a mistake, or holds cannot be written where it says."),
    ("11", "A login was refused."),
    ("12", "An account could not be read; the others were still handled."),
    ("13", "Refused for safety: another fikad is at work, or nobody was there to confirm."),
)
_VARIABLES = (
    ("FIKAD_CONFIG", "The config file, unless --config names one."),
    ("FIKAD_STATE", "The folder of the ledger, unless --state names one."),
    ("FIKAD_DEBUG", "Show the traceback of an unexpected error."),
    ("NO_COLOR", "Print plain text: no colours, no progress bar."),
)
_FILES = (
    (
        "~/.config/fikad/config.toml",
        "The config; elsewhere on macOS and Windows, as $XDG_CONFIG_HOME says on Linux.",
    ),
    (
        "~/.local/state/fikad/ledger.db",
        "What was read and decided; as $XDG_STATE_HOME says on Linux.",
    ),
)


_EVERYWHERE = ("config_path", "state_path", "verbose")
"""Options that every command has: told once."""


def manual() -> str:
    """The manual page of `fikad` in roff (man(7)). It names no date and no version, so it changes
    with the commands only."""
    context = click.Context(fikad, info_name="fikad", **fikad.context_settings)
    return "\n".join(_lines(context)) + "\n"


def _lines(context: click.Context) -> Iterator[str]:
    yield '.TH FIKAD 1 "" "" "User Commands"'
    yield ".SH NAME"
    yield r"fikad \- keeps you in touch: pencils time with people into your calendar"
    yield ".SH SYNOPSIS"
    yield r".B fikad"
    yield r"[\-\-config FILE] [\-\-state DIR] COMMAND [ARGS]..."
    yield ".SH DESCRIPTION"
    yield _plain(fikad.help or "")
    yield ".SH OPTIONS"
    yield from _options(fikad, context)
    yield ".TP"
    yield r"\fB\-h, \-\-help\fR"
    yield "Say how to use fikad, or the command before it."
    yield ".SH COMMANDS"
    yield from _commands(fikad, context, "")
    yield from _list("EXIT STATUS", _EXITS)
    yield from _list("ENVIRONMENT", _VARIABLES)
    yield from _list("FILES", _FILES)


def _commands(group: click.Group, context: click.Context, before: str) -> Iterator[str]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None or command.hidden:
            continue
        inner = click.Context(command, info_name=name, parent=context)
        if isinstance(command, click.Group):
            yield from _commands(command, inner, f"{before}{name} ")
            continue
        usage = " ".join(part for part in command.collect_usage_pieces(inner) if part)
        yield f'.SS "{_plain(f"{before}{name} {usage}".strip())}"'
        yield _plain(command.help or command.get_short_help_str(500))
        yield from _options(command, inner)


def _options(command: click.Command, context: click.Context) -> Iterator[str]:
    for parameter in command.params:
        record = parameter.get_help_record(context)
        if record is not None and (command is fikad or parameter.name not in _EVERYWHERE):
            yield ".TP"
            yield f"\\fB{_plain(record[0])}\\fR"
            yield _plain(record[1]) or r"\&"


def _list(title: str, entries: tuple[tuple[str, str], ...]) -> Iterator[str]:
    yield f'.SH "{title}"'
    for name, meaning in entries:
        yield ".TP"
        yield f"\\fB{_plain(name)}\\fR"
        yield _plain(meaning)


def _plain(text: str) -> str:
    """Text that roff shows as it is."""
    text = (
        re.sub(r"\s+", " ", text)
        .strip()
        .replace("\\", r"\e")
        .replace("-", r"\-")
        .replace('"', r"\(dq")
    )
    return rf"\&{text}" if text[:1] in (".", "'") else text


if __name__ == "__main__":
    click.echo(manual(), nl=False)
