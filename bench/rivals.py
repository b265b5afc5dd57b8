"""What somebody would use instead: `vdirsyncer sync` brings the calendar into a folder, `khal list`
reads that folder.

Both run in a home folder of their own with the shortest config that works. Setting up (`vdirsyncer
discover`) is not counted."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

from bench.measured import Cost, run
from bench.server import Server
from daemon.demo.server import USER

_VDIRSYNCER = """\
[general]
status_path = "{home}/status/"
[pair life]
a = "local"
b = "remote"
collections = null
[storage local]
type = "filesystem"
path = "{home}/calendar/"
fileext = ".ics"
[storage remote]
type = "caldav"
url = "{url}"
username = "{user}"
password = "{password}"
"""
_KHAL = """\
[calendars]
[[life]]
path = {home}/calendar/
[locale]
local_timezone = Europe/Berlin
default_timezone = Europe/Berlin
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
[sqlite]
path = {home}/khal.db
"""


class Rivals:
    """The two, set up for one server in an empty folder."""

    def __init__(self, home: Path, server: Server) -> None:
        self._home = home
        self._server = server
        self._environment = {"HOME": str(home), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
        for name, text in (("vdirsyncer", _VDIRSYNCER), ("khal", _KHAL)):
            folder = home / ".config" / name
            folder.mkdir(parents=True)
            url = server.url.rstrip("/") + server.calendar
            (folder / "config").write_text(
                text.format(home=home, url=url, user=USER, password=server.password)
            )
        (home / "calendar").mkdir()
        self._run("vdirsyncer", "discover", answer="y\n" * 4)

    def pass_once(self) -> tuple[Cost, Cost]:
        """`vdirsyncer sync`, then `khal list`: the cost of each."""
        before = self._server.requests()
        sync = self._run("vdirsyncer", "sync")
        return replace(sync, requests=self._server.requests() - before), self._run("khal", "list")

    def brought(self) -> int:
        """How many events arrived in the folder."""
        return sum(1 for _ in (self._home / "calendar").glob("*.ics"))

    def _run(self, program: str, *arguments: str, answer: str = "") -> Cost:
        return run(
            [sys.executable, "-m", program, *arguments],
            self._environment,
            self._home,
            answer=answer,
        )


def names() -> str:
    """The two and their versions."""
    return f"vdirsyncer {version('vdirsyncer')} + khal {version('khal')}"
