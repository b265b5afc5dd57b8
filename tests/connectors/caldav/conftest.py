"""What the tests of CalDAV share: a server that says what it is told to, and real ones."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.caldav.calendar import CalDAVCalendar
from tests.connectors.caldav.an_account import Real, account, only, real_server
from tests.connectors.caldav.hostile_server import Hostile, hostile


@pytest.fixture
def server() -> Iterator[Hostile]:
    with hostile() as server:
        yield server


@pytest.fixture
def calendar(server: Hostile) -> CalDAVCalendar:
    return only(account(server.url))


@pytest.fixture(scope="module", params=["radicale", "xandikos"])
def real(request: pytest.FixtureRequest) -> Iterator[Real]:
    with real_server(request.param) as real:
        yield real
