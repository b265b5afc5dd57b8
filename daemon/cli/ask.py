"""`fikad ask NAME`: the message that invites somebody, with open times. It sends nothing."""

from __future__ import annotations

import click

from daemon.cli.completion import contact_names
from daemon.cli.console import tell
from daemon.cli.options import Paths, clock, command, json_option, print_json


@command(
    "ask",
    help="Print a message that asks NAME to meet, with open times and a link that opens it, ready"
    " to send. fikad sends nothing.",
)
@click.argument("name", shell_complete=contact_names)
@click.option("--when", metavar="TEXT", default="", help='As "next week" or "on tuesday".')
@click.option("--copy", is_flag=True, help="Put the message on the clipboard, too.")
@json_option
def ask_command(paths: Paths, name: str, when: str, copy: bool, as_json: bool) -> None:
    from daemon.overview.ask import ask

    config = paths.load()
    asked = ask(config, paths.state, name, when, clock())
    if as_json:
        print_json(asked.as_json(config))
    else:
        for line in asked.message.text.split("\n"):
            tell(line)
        if asked.message.link:
            click.echo(f"\n{asked.message.link}")
    if copy:
        _copy(asked.message.text)


def _copy(text: str) -> None:
    from daemon.cli.clipboard import put_on_clipboard

    put_on_clipboard(text)
    tell("The message is on the clipboard.", err=True)
