"""`fikad purge`: take back every hold that you did not touch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from connectors.errors import RefusedError
from daemon.cli.console import tell
from daemon.cli.options import Paths, clock, command, json_option, on_terminal, print_json
from daemon.cli.progress import reading_progress
from daemon.durations import at_time, on_day

if TYPE_CHECKING:
    from daemon.config.schema import Config
    from daemon.cycle.purging import Leftover, Purge


@command("purge", help="Remove every hold that you did not touch from your calendars. Asks first.")
@click.option("--yes", is_flag=True, help="Don't ask.")
@json_option
def purge_command(paths: Paths, yes: bool, as_json: bool) -> int:
    """Exit code 12 when an account could not be purged; 13 without --yes where nobody can be
    asked."""
    if not yes and not on_terminal():
        raise RefusedError(
            "purge asks before it removes anything, and there is nobody to answer", "add --yes"
        )
    config = paths.load()
    wanted: set[str] | None = None
    if not yes:
        # Nobody waits for the user: while they think, the lock is free and the daemon goes on.
        with _purge(paths, config) as purge:
            leftovers = purge.find()
        _show(leftovers, config, err=as_json)
        if leftovers and not click.confirm("Remove them?", err=as_json):
            tell("Nothing was removed.", err=as_json)
            leftovers = []
        if not leftovers:
            return _end([], purge.failures, as_json=as_json)
        wanted = {leftover.found.event.uid for leftover in leftovers}
    with _purge(paths, config) as purge:
        leftovers = [
            leftover
            for leftover in purge.find()
            if wanted is None or leftover.found.event.uid in wanted
        ]
        if yes and not as_json:
            _show(leftovers, config, err=False)
        gone = purge.remove(leftovers)
    if leftovers and not as_json:
        tell(f"Removed {len(gone)}.")
    return _end(gone, purge.failures, as_json=as_json)


@contextmanager
def _purge(paths: Paths, config: Config) -> Iterator[Purge]:
    """A look at every account, with the lock held and the progress shown meanwhile."""
    from daemon.overview.purge import purging

    with reading_progress() as progress, purging(config, paths.state, clock(), progress) as purge:
        yield purge


def _show(leftovers: Sequence[Leftover], config: Config, *, err: bool) -> None:
    """What would go; with --json on stderr, since the answer alone goes to stdout."""
    tell(_heading(len(leftovers)), err=err)
    for leftover in leftovers:
        event = leftover.found.event
        style = config.date_style
        start = (
            on_day(event.start.date(), style)
            if event.all_day
            else at_time(event.start, config.zone, style)
        )
        tell(f"  {event.title}, {start}", err=err)


def _heading(count: int) -> str:
    if not count:
        return "There is no untouched hold."
    return "1 untouched hold:" if count == 1 else f"{count} untouched holds:"


def _end(gone: Sequence[Leftover], failures: dict[str, str], *, as_json: bool) -> int:
    """Say what is gone as JSON, and which accounts failed; the exit code."""
    if as_json:
        facts = [
            {"uid": leftover.found.event.uid, "title": leftover.found.event.title}
            for leftover in gone
        ]
        print_json({"removed": facts, "failed": failures})
    for account, message in failures.items():
        tell(f'fikad: account "{account}": {message}', err=True)
    return 12 if failures else 0
