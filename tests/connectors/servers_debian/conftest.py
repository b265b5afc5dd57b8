"""Tests on servers from Debian's packages run by `make test-servers` alone: they need what `make
test` cannot bring along."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from tests.connectors.servers_debian import debian

collect_ignore_glob = [] if os.environ.get("DEBIAN_SERVERS") else ["test_*.py"]

SERVERS: dict[str, Callable[[], AbstractContextManager[debian.DebianServer]]] = {
    "cyrus": debian.cyrus,
    "davical": debian.davical,
}


@contextmanager
def started(kind: str) -> Iterator[debian.DebianServer]:
    """One kind of server; skips the test where its packages are missing."""
    try:
        with SERVERS[kind]() as running:
            yield running
    except debian.NotInstalledError as missing:
        pytest.skip(f"{kind} is not installed: {missing}")


@pytest.fixture(scope="session", params=SERVERS)
def server(request: pytest.FixtureRequest) -> Iterator[debian.DebianServer]:
    """Each kind of server, started once."""
    with started(request.param) as running:
        yield running


@pytest.fixture(scope="session")
def users() -> Iterator[str]:
    """Names that no test had before."""
    return (f"sam{number}" for number in itertools.count(1))
