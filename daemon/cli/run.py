"""`fikad run`: the daemon itself."""

from __future__ import annotations

from datetime import timedelta

import click

from daemon.cli.options import Paths, command

MOST_SPREAD_MINUTES = 60
"""Nobody is to wait longer for what was promised for a time of day."""


@command("run", help="Keep running; read, settle and propose when it is due (the daemon).")
@click.option(
    "--spread",
    "spread_minutes",
    metavar="MINUTES",
    type=click.IntRange(0, MOST_SPREAD_MINUTES),
    default=0,
    help="One of many on a host: be up to so much later, each by its own part, always the same.",
)
def run_command(paths: Paths, spread_minutes: int) -> int:
    """Exit code: 0 when told to end, 10 when the config has mistakes, 13 when another daemon serves
    this state."""
    from daemon.service.loop import serve

    return serve(paths.config, paths.state, timedelta(minutes=spread_minutes))
