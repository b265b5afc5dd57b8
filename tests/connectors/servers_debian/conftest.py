"""Tests on servers from Debian's packages run by `make test-servers` alone: they need what `make
test` cannot bring along."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.connectors import servers
from tests.connectors.servers_debian import debian, sabre, sogo
from tests.connectors.servers_debian.backend import DebianBackend

collect_ignore_glob = [] if os.environ.get("DEBIAN_SERVERS") else ["test_*.py"]

SERVERS: dict[str, Callable[[], AbstractContextManager[debian.DebianServer]]] = {
    "cyrus": debian.cyrus,
    "davical": debian.davical,
    "sabre": sabre.sabre,
    "sogo": sogo.sogo,
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


@pytest.fixture
def backend(server: debian.DebianServer, users: Iterator[str]) -> Iterator[DebianBackend]:
    user = next(users)
    server.add_user(user)
    with servers.wire(server.url) as wire:
        yield DebianBackend(server, wire, user)


_AS_FREE = (
    "SOGo answers for who refuses as for who is free, and names them otherwise than RFC 6638 has it"
)
NOT_HELD = {
    ("sogo", "test_the_version_changes_with_every_change"): "SOGo's versions are whole seconds, "
    "and while the second lasts fikad takes none, and reads anew",
    ("sogo", "test_the_calendar_of_another_says_so"): "SOGo says itself whose a calendar is, where "
    "the test puts words into a server's mouth",
    ("sogo", "test_two_that_grew_apart_come_together"): "SOGo lets no two calendars of a user have "
    "one name",
    ("sogo", "test_who_shares_is_busy_who_refuses_and_who_is_nobody_are_unknown"): _AS_FREE,
    ("sogo", "test_asking_leaves_nothing_with_anybody"): _AS_FREE,
}
"""What a server does not do, by the name of the test."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each test of the contract once a server, though elsewhere some run on more kinds of calendar
    than others."""
    here = Path(__file__).parent
    ours = [item for item in items if item.path.is_relative_to(here)]
    seen: set[tuple[str, str]] = set()
    for item in ours:
        assert isinstance(item, pytest.Function)
        params = dict(item.callspec.params) if hasattr(item, "callspec") else {}
        params.pop("backend", None)
        what = (item.nodeid.partition("[")[0], repr(sorted(params.items(), key=str)))
        if what in seen:
            items.remove(item)
        seen.add(what)
        reason = NOT_HELD.get((str(params.get("server")), item.originalname))
        if reason is not None:
            item.add_marker(pytest.mark.skip(reason=reason))
