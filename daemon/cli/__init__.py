"""The `fikad` command. Every command lives in a small module of its own, imported when it is
used."""

from __future__ import annotations

import importlib
import io
import os
import sys
from typing import Any

import click

from connectors.errors import FikadError
from daemon import __version__
from daemon.cli.options import verbose_option

COMMANDS: dict[str, str] = {
    "init": "init.command",
    "auth": "auth",
    "check": "check",
    "try": "trial",
    "demo": "demo",
    "once": "once",
    "run": "run",
    "status": "status",
    "why": "why",
    "discover": "discover",
    "met": "by_hand",
    "snooze": "by_hand",
    "note": "by_hand",
    "undo": "by_hand",
    "ask": "ask",
    "contacts": "contacts",
    "backtest": "backtest",
    "report": "report",
    "purge": "purge",
    "service": "service",
    "config": "config",
}
"""Command name to the module of this package that holds it."""


class LazyGroup(click.Group):
    """Imports a command's module only when it is asked for, so that `--help` stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module = importlib.import_module(f"daemon.cli.{COMMANDS[name]}")
        command: click.Command = getattr(module, f"{name}_command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, SUMMARIES[name]) for name in COMMANDS])


SUMMARIES: dict[str, str] = {
    "init": "Set up fikad: account, people, config.",
    "auth": "Log in to an account, the first time or again.",
    "check": "Look for anything that keeps fikad from working.",
    "try": "Look at an export (.ics or .zip); needs no set-up, writes nothing.",
    "demo": "Watch fikad at work on a calendar server of its own.",
    "once": "Read, settle and propose once.",
    "run": "Keep running, and do each thing when it is due (the daemon).",
    "status": "Is it healthy, and how long has it been with whom?",
    "why": "Why somebody was counted, chosen, or not.",
    "discover": "Find the people you meet one-on-one.",
    "met": "Record that you met somebody.",
    "snooze": "Leave somebody alone for a while.",
    "note": "Write yourself a note on somebody, or read it.",
    "undo": "Take back what you said last.",
    "ask": "Print a message that asks somebody to meet, with open times.",
    "contacts": "List your contacts; add, edit or remove them.",
    "backtest": "Replay the past half year under the present config.",
    "report": "How the practice is going.",
    "purge": "Remove every hold that you did not touch.",
    "service": "Install, remove or look at the background service.",
    "config": "Check the config file; print its schema.",
}


@click.command(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="fikad")
@click.option("--config", "config_path", metavar="FILE", help="The config file.")
@click.option("--state", "state_path", metavar="DIR", help="The folder of fikad's ledger.")
@verbose_option
def fikad(config_path: str | None, state_path: str | None) -> None:
    """Keeps you in touch: reads your calendars and pencils in coffee with people you have not met
    for a while."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit: 0 ok, 1 failed, 2 usage, 10 config, 11 credentials, 12
    unreadable account, 13 refused for safety."""
    sys.exit(_run(arguments))


def _run(arguments: list[str] | None) -> int:
    try:
        result: Any = fikad.main(args=arguments, prog_name="fikad", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        said = io.StringIO()
        error.show(said)
        _complain(said.getvalue().rstrip("\n"))
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        _complain("fikad: stopped")
        return 130
    except BrokenPipeError:
        # Whoever read our output has closed it; there is nobody left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001 - the last line of defence: the user never sees a traceback
        return _report(error)
    return result if isinstance(result, int) else 0


def _report(error: Exception) -> int:
    if os.environ.get("FIKAD_DEBUG"):
        raise error
    if not isinstance(error, FikadError):
        name = type(error).__name__
        _complain(
            f"fikad: unexpected {name}: run again with FIKAD_DEBUG=1 and report what it prints"
        )
        return 1
    _complain(f"fikad: {error}")
    return error.exit_code


def _complain(text: str) -> None:
    from daemon.cli.console import tell

    tell(text, err=True)
