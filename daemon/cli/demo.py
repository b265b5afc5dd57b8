"""`fikad demo`: the main job, on a calendar server of its own."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from daemon.cli.console import tell
from daemon.cli.options import Paths, clock, command

if TYPE_CHECKING:
    from daemon.cycle.report import Report
    from daemon.demo.server import DemoServer


@command(
    "demo",
    help="Start a calendar server of its own, fill it with two years of a life, and show fikad at work.",
)
@click.option("--keep", is_flag=True, help="Leave the server running and print how to reach it.")
def demo_command(paths: Paths, keep: bool) -> int:
    """Runs in a temporary folder; neither the user's config nor state is touched."""
    from daemon.demo.life import CALENDARS, config_text, life
    from daemon.demo.server import start

    folder = Path(tempfile.mkdtemp(prefix="fikad-demo-"))
    tell("Starting a calendar server (Radicale) on this machine …")
    server = start(folder)
    kept = False
    try:
        for name in CALENDARS:
            server.make_calendar(name)
        entries = list(life(clock()))
        for entry in entries:
            server.put(entry.calendar, entry.uid, entry.text)
        tell(f"Sam's calendars are on it: {len(entries)} entries from two years.\n")
        demo = Paths(folder / "config.toml", folder / "state")
        demo.config.write_text(config_text(server.url, str(server.password_file)))
        code = _story(demo, server)
        if keep:
            kept = True
            _explain(demo, server)
    finally:
        if not kept:
            server.stop()
            shutil.rmtree(folder, ignore_errors=True)
    return code


def _story(paths: Paths, server: DemoServer) -> int:
    """First pass, the user's answers, second pass."""
    from daemon.cli.once import exit_code
    from daemon.demo.life import meeting

    tell("fikad reads them and proposes:", bold=True)
    first = _pass(paths)
    _show_status(paths)
    answered = [hold for hold in first.holds.get("proposed", []) if hold.state == "proposed"]
    tell("Sam answers in the calendar:", bold=True)
    if len(answered) > 0:
        uid = answered[0].uid
        text = server.get("coffee", uid)
        server.put(
            "coffee",
            uid,
            text.replace(f"SUMMARY:{answered[0].title}", f"SUMMARY:{answered[0].title[:-1]}"),
        )
        tell(f'  takes the "?" from "{answered[0].title}": yes')
    if len(answered) > 1:
        server.delete("coffee", answered[1].uid)
        tell(f'  deletes "{answered[1].title}": not now')
    if len(answered) > 2:
        server.put("Work", "sudden", meeting(answered[2].start))
        tell(f'  gets a meeting at the time of "{answered[2].title}"')
    tell("\nfikad looks again:", bold=True)
    second = _pass(paths)
    _show_status(paths)
    return max(exit_code(first), exit_code(second))


def _pass(paths: Paths) -> Report:
    from daemon.cli.once import print_report
    from daemon.cli.progress import reading_progress
    from daemon.cycle.cycle import PassOptions, run_pass
    from daemon.ledger.ledger import open_ledger
    from daemon.opening import opener

    config = paths.load()
    with open_ledger(paths.state) as ledger, reading_progress() as progress:
        report = run_pass(config, ledger, opener(config, ledger), clock, PassOptions(), progress)
    print_report(report, config)
    tell()
    return report


def _show_status(paths: Paths) -> None:
    from daemon.cli.status import print_status
    from daemon.overview.status import status_without_daemon

    now = clock()
    config, facts = status_without_daemon(paths.config, paths.state, now)
    print_status(config, facts, now)


def _explain(paths: Paths, server: DemoServer) -> None:
    from daemon.demo.server import USER

    tell(
        "The server keeps running. Point a calendar app at it, answer a hold, and run fikad again:"
    )
    click.echo(f"  address   {server.url}")
    click.echo(f"  user      {USER}")
    click.echo(f"  password  {server.password}")
    # In one piece, to be copied.
    click.echo(f"  fikad --config {paths.config} --state {paths.state} once")
    tell(f"Stop it with: kill {server.process.pid}; its data are in {server.folder}")
