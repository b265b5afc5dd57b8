"""What an address turns out to be, asked without a password."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.caldav.dialect import CALENDARS
from connectors.dav.probing import probe
from tests.connectors.page import Page, serving_page
from tests.connectors.servers import RadicaleServer, make_calendar, radicale


@pytest.fixture(scope="module")
def server() -> Iterator[RadicaleServer]:
    with radicale(htpasswd=True) as running:
        running.add_user("sam", "secret")
        make_calendar(f"{running.home('sam')}personal/", "Personal", auth=("sam", "secret"))
        yield running


@pytest.fixture
def page() -> Iterator[Page]:
    with serving_page() as page:
        yield page


def test_a_calendar_server_is_known_without_a_password(server: RadicaleServer) -> None:
    assert probe(server.url, CALENDARS).kind == "there"


def test_a_web_page_and_a_dead_port_are_nothing(page: Page) -> None:
    assert probe(page.url, CALENDARS).kind == "nothing"
    probed = probe("http://127.0.0.1:1/", CALENDARS)
    assert (probed.kind, "refused the connection" in probed.message) == ("nothing", True)
