"""Signing in for the first time: by which name, and on which host."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from connectors.dav.failures import StrayError
from connectors.errors import CredentialsError
from daemon.setup.signing_in import sign_in
from tests.connectors.page import Page, serving_page
from tests.connectors.servers import RadicaleServer, make_calendar, radicale

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


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


def test_a_refused_login_says_so_once_all_names_were_tried(server: RadicaleServer) -> None:
    with pytest.raises(CredentialsError) as refused:
        sign_in("home", server.url, ("sam@example.org", "sam"), "wrong", NOW, lambda url: True)
    assert "fikad init" in refused.value.advice
    assert "fikad auth" not in refused.value.advice


def test_the_password_follows_to_another_host_only_if_it_may(
    server: RadicaleServer, page: Page
) -> None:
    page.target = server.url
    asked: list[str] = []

    def no(url: str) -> bool:
        asked.append(url)
        return False

    with pytest.raises(StrayError):
        sign_in("home", page.url, ("sam",), "secret", NOW, no)
    assert asked == [server.url]
    signed = sign_in("home", page.url, ("sam",), "secret", NOW, lambda url: True)
    assert signed.url == server.url
