"""What the tests of Google share: a strict server, and a login to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.connectors.google.an_account import Login, logged_in
from tests.connectors.google.server import GoogleServer


@pytest.fixture
def server() -> Iterator[GoogleServer]:
    with GoogleServer() as running:
        yield running


@pytest.fixture
def login(server: GoogleServer) -> Iterator[Login]:
    with logged_in(server) as opened:
        yield opened
