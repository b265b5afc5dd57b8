"""What a request may show of itself, and that nothing is shown while nobody listens."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pytest

from connectors.trace import tracing
from connectors.traced_request import Traced, shown_address
from tests.traced import traced


@pytest.fixture
def shown() -> Iterator[io.StringIO]:
    with traced() as stream:
        yield stream


def _timeless(lines: str) -> str:
    return re.sub(r"\d+ ms", "N ms", lines)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://dav.example.org/sam/personal/", "dav.example.org/sam/personal/"),
        ("https://dav.example.org:8443/", "dav.example.org:8443/"),
        ("https://sam:hunter2@dav.example.org/sam/", "dav.example.org/sam/"),
        ("https://dav.example.org/sam/Coffee%20with%20Zoe.ics", "dav.example.org/sam/…"),
        ("https://dav.example.org/sam/?token=hunter2#hunter2", "dav.example.org/sam/"),
        ("https://dav.example.org", "dav.example.org/"),
        ("https://dav.example.org:many/", "?"),
    ],
)
def test_an_address_shows_neither_user_nor_query_nor_the_name_of_an_event(
    url: str, address: str
) -> None:
    assert shown_address(url) == address


def test_of_an_address_that_is_a_secret_only_the_host_is_shown() -> None:
    assert shown_address("https://cal.example.org/private-hunter2/", secret=True) == (
        "cal.example.org"
    )


def test_a_request_is_one_line(shown: io.StringIO) -> None:
    with Traced("PROPFIND", "dav.example.org/\x1b[31m\n") as traced:
        traced.answered(207, 1234)
    with Traced("google", "calendar.events.list", 3) as traced:
        traced.answered()
    first, second = _timeless(shown.getvalue()).splitlines()
    assert first.startswith("fikad: request: PROPFIND dav.example.org/")
    assert ": 207, 1234 bytes, N ms" in first
    assert "\x1b" not in first
    assert second == "fikad: request: google calendar.events.list: answered, N ms, attempt 3"


def test_of_a_failure_only_its_kind_is_shown(shown: io.StringIO) -> None:
    with pytest.raises(TimeoutError), Traced("GET", "dav.example.org/"):
        raise TimeoutError("with the password hunter2")
    told = "fikad: request: GET dav.example.org/: no answer (TimeoutError), N ms\n"
    assert _timeless(shown.getvalue()) == told


def test_nobody_listens_unless_asked_to() -> None:
    assert not tracing()
    with Traced("GET", "dav.example.org/") as traced:
        traced.answered(200, 1)
