"""What `fikad demo` shows: a first pass, the user's answers, and a second pass."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import click

from daemon.cli.console import tell
from daemon.cli.once import exit_code, print_report
from daemon.cli.options import Paths, clock
from daemon.cli.progress import counting, reading_progress
from daemon.cli.status import print_status
from daemon.cycle.report import Report
from daemon.demo.events import meeting
from daemon.demo.life import CALENDARS, config_text, life
from daemon.demo.server import USER, DemoServer, start
from daemon.overview.once import Once
from daemon.overview.status import status_without_daemon


def demonstrate(*, keep: bool) -> int:
    """Start a calendar server in a temporary folder and show fikad at work on it; the exit code of
    its passes. `keep`: it is left running, and how to reach it is told."""
    folder = Path(tempfile.mkdtemp(prefix="fikad-demo-"))
    tell("Starting a calendar server (Radicale) on this machine …")
    server = start(folder)
    kept = False
    try:
        _fill(server)
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


def _fill(server: DemoServer) -> None:
    """Sam's two years, put on the server as any calendar program would."""
    for name in CALENDARS:
        server.make_calendar(name)
    events = list(life(clock()))
    tell(f"Putting two years of Sam's life on it: {len(events)} events …")
    with counting("filling Sam's calendars", len(events)) as show:
        for done, event in enumerate(events):
            show(done)
            server.put(event.calendar, event.uid, event.text)
    tell()


def _story(paths: Paths, server: DemoServer) -> int:
    """First pass, the user's answers, second pass."""
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
    config = paths.load()
    with reading_progress() as progress:
        report = Once(config, paths.state).run(clock, progress)
    print_report(report, config)
    tell()
    return report


def _show_status(paths: Paths) -> None:
    now = clock()
    config, facts = status_without_daemon(paths.config, paths.state, now)
    print_status(config, facts, now)


def _explain(paths: Paths, server: DemoServer) -> None:
    tell(
        "The server keeps running. Point a calendar app at it, answer a hold, and run fikad again:"
    )
    click.echo(f"  address   {server.url}")
    click.echo(f"  user      {USER}")
    click.echo(f"  password  {server.password}")
    # In one piece, to be copied.
    click.echo(f"  fikad --config {paths.config} --state {paths.state} once")
    tell(f"Stop it with: kill {server.process.pid}; its data are in {server.folder}")
