"""What `fikad demo` shows: a pass, the user's answers, another pass, and a page of it all."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import ExitStack, suppress
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
from daemon.overview.report import PAGE, report_page
from daemon.overview.status import status_without_daemon


def demonstrate(*, keep: bool) -> int:
    """Start a calendar server in a temporary folder, show fikad at work on it, and leave there a
    page of how it went; the exit code of its passes. `keep`: the server is left running, too, and
    how to reach it is told."""
    folder = Path(tempfile.mkdtemp(prefix="fikad-demo-"))
    with ExitStack() as leaving:
        leaving.callback(_remove_if_empty, folder)
        served = folder / "server"
        served.mkdir()
        leaving.callback(shutil.rmtree, served, ignore_errors=True)
        tell("Starting a calendar server (Radicale) on this machine …")
        server = start(served)
        leaving.callback(server.stop)
        _fill(server)
        demo = Paths(served / "config.toml", served / "state")
        demo.config.write_text(config_text(server.url, str(server.password_file)))
        code = _story(demo, server)
        _write_page(demo, folder / PAGE)
        if keep:
            _explain(demo, server)
            leaving.pop_all()
    return code


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()


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
    once = Once(paths.config, paths.state)
    with reading_progress() as progress:
        report = once.run(clock, progress)
    print_report(report, once.config)
    tell()
    return report


def _show_status(paths: Paths) -> None:
    now = clock()
    config, facts = status_without_daemon(paths.config, paths.state, now)
    print_status(config, facts, now)


def _write_page(paths: Paths, file: Path) -> None:
    page = report_page(paths.load(), paths.state, file, clock())
    tell("How Sam's fika is going, as a page to look at:", bold=True)
    # Each in one piece, to be copied or clicked.
    click.echo(f"  {page}\n  {page.as_uri()}")


def _explain(paths: Paths, server: DemoServer) -> None:
    tell()
    tell(
        "The server keeps running. Point a calendar app at it, answer a hold, and run fikad again:"
    )
    click.echo(f"  address   {server.url}")
    click.echo(f"  user      {USER}")
    click.echo(f"  password  {server.password}")
    # In one piece, to be copied.
    click.echo(f"  fikad --config {paths.config} --state {paths.state} once")
    tell(f"Stop it with: kill {server.process.pid}; its data are in {server.folder}")
