"""Sam's calendars, for the commands."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from daemon.demo.server import DemoServer
from tests.daemon.sam import sams_server


@pytest.fixture(scope="session")
def sam(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoServer]:
    """For looking only: tests that write holds have a server of their own (`own_sam`)."""
    with sams_server(tmp_path_factory) as server:
        yield server


@pytest.fixture
def own_sam(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoServer]:
    """The same life, on a server for one test alone."""
    with sams_server(tmp_path_factory) as server:
        yield server
