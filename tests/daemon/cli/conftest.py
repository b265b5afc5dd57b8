"""Sam's calendars: the demo's two years of a life, on a Radicale of their own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from daemon.demo.life import CALENDARS, life
from daemon.demo.server import DemoServer, start


@pytest.fixture(scope="session")
def sam(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoServer]:
    """For looking only: tests that write holds have a server of their own (`own_sam`)."""
    server = _with_life(tmp_path_factory.mktemp("sam"))
    yield server
    server.stop()


@pytest.fixture
def own_sam(tmp_path: Path) -> Iterator[DemoServer]:
    """The same life, on a server for one test alone."""
    folder = tmp_path / "server"
    folder.mkdir()
    server = _with_life(folder)
    yield server
    server.stop()


def _with_life(folder: Path) -> DemoServer:
    server = start(folder)
    for name in CALENDARS:
        server.make_calendar(name)
    for entry in life(datetime.now(UTC)):
        server.put(entry.calendar, entry.uid, entry.text)
    return server
