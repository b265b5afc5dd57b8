"""Sam's calendars: the demo's two years of a life, on a Radicale."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from daemon.demo.life import CALENDARS, life
from daemon.demo.server import DemoServer, start
from tests.made_once import made_once

STORED = "collections"
"""Where the server keeps what was put into it."""


@contextmanager
def sams_server(factory: pytest.TempPathFactory) -> Iterator[DemoServer]:
    """A server for one test or one process. What it holds was put into another one, once in this
    run, and is copied from there."""
    filled = made_once(factory, "life", _fill)
    folder = factory.mktemp("sam")
    shutil.copytree(filled / STORED, folder / STORED)
    server = start(folder)
    try:
        yield server
    finally:
        server.stop()


def _fill(folder: Path) -> None:
    server = start(folder)
    try:
        for name in CALENDARS:
            server.make_calendar(name)
        for entry in life(datetime.now(UTC)):
            server.put(entry.calendar, entry.uid, entry.text)
    finally:
        server.stop()
