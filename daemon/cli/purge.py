"""`fikad purge`: take back every hold that you did not touch."""

from __future__ import annotations

from contextlib import ExitStack

import click

from daemon.cli.options import Places, clock, command, json_option, on_terminal, print_json
from daemon.cli.paper import tell


@command("purge", help="Remove every hold that you did not touch from your calendars. Asks first.")
@click.option("--yes", is_flag=True, help="Don't ask.")
@json_option
def purge_command(places: Places, yes: bool, as_json: bool) -> int:
    """Exit code 12 when an account could not be purged; 13 without --yes where nobody can be asked."""
    from connectors.base import RefusedError
    from daemon.accounts import opener
    from daemon.cli.progress import reading_progress
    from daemon.cycle.purging import Purge
    from daemon.ledger.ledger import open_ledger
    from daemon.ledger.lock import locked

    if not yes and not on_terminal():
        raise RefusedError("purge asks before it removes anything, and nobody is there to answer", "add --yes")
    config = places.load()
    with ExitStack() as stack:
        stack.enter_context(locked(places.state))
        ledger = stack.enter_context(open_ledger(places.state))
        progress = stack.enter_context(reading_progress())
        purge = stack.enter_context(Purge(config, ledger, opener(config, ledger), clock(), progress))
        found = purge.look()
        if not (as_json and yes):
            # With --json the answer alone goes to stdout.
            tell(_heading(len(found)), err=as_json)
            for one in found:
                event = one.found.event
                start = (
                    f"{event.start:%Y-%m-%d}"
                    if event.all_day
                    else f"{event.start.astimezone(config.zone):%Y-%m-%d %H:%M}"
                )
                tell(f"  {event.title}, {start}", err=as_json)
        if found and not yes:
            click.confirm("Remove them?", abort=True, err=as_json)
        gone = purge.remove(found)
    if as_json:
        facts = [{"uid": one.found.event.uid, "title": one.found.event.title} for one in gone]
        print_json({"removed": facts, "failed": purge.failures})
    elif found:
        tell(f"Removed {len(gone)}.")
    for account, message in purge.failures.items():
        tell(f'fikad: account "{account}": {message}', err=True)
    return 12 if purge.failures else 0


def _heading(count: int) -> str:
    if not count:
        return "There is no hold that nobody touched."
    return "1 hold that nobody touched:" if count == 1 else f"{count} holds that nobody touched:"
