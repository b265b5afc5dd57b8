"""`fikad demo`: the main job, on a calendar server of its own."""

from __future__ import annotations

import click

from daemon.cli.options import Paths, command


@command(
    "demo",
    help="Start a calendar server of its own, fill it with two years of a life, show fikad at "
    "work, and leave a page of how it went.",
)
@click.option("--keep", is_flag=True, help="Leave the server running and print how to reach it.")
def demo_command(paths: Paths, keep: bool) -> int:
    """Runs in a temporary folder; neither the user's config nor state is touched."""
    from daemon.cli.demonstration import demonstrate

    return demonstrate(keep=keep)
