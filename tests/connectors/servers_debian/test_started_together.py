"""Several fikads on one account, on servers from Debian's packages as on all others."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.connectors.servers_debian.backend import DebianBackend
from tests.connectors.servers_debian.debian import CyrusServer
from tests.daemon.cli import test_started_together
from tests.daemon.cli.test_started_together import World

globals().update(
    {
        name: test
        for name, test in vars(test_started_together).items()
        if name.startswith("test_") and name != "test_started_together"
    }
)


@pytest.fixture
def world(backend: DebianBackend, tmp_path: Path) -> World:
    backend.put(backend.add_calendar("Personal"), "one", "Lunch")
    return World(backend, tmp_path, isinstance(backend.server, CyrusServer))
