"""Where the password may go: within one provider, within one domain, and elsewhere only when
somebody says so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.errors import RefusedError
from daemon.cli.asking import Asker
from daemon.cli.init.account import _follower, _trusted
from daemon.cli.init.answers import Setting
from daemon.setup.dns import SystemResolver
from daemon.setup.locating import Candidate


@pytest.fixture
def may_follow(tmp_path: Path) -> Callable[[str, str], bool]:
    """Whether a password for one address may go to another, with nobody there to ask."""
    setting = Setting(Asker(False), tmp_path, (), SystemResolver(), lambda: datetime.now(UTC))
    return lambda home, url: _follower(Candidate(home, "", vouched=True), setting)(url)


def test_icloud_may_send_on_to_the_host_with_the_calendars(
    may_follow: Callable[[str, str], bool],
) -> None:
    assert may_follow(
        "https://caldav.icloud.com/", "https://p42-caldav.icloud.com:443/17/calendars/"
    )


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/",
        "https://icloud.com.evil.example/",
        "https://evilicloud.com/",
        "https://dav.mailbox.org/",
    ],
)
def test_nobody_may_send_on_to_strangers(may_follow: Callable[[str, str], bool], url: str) -> None:
    assert not may_follow("https://caldav.icloud.com/", url)
    assert not may_follow("https://dav.example.org/", url)


def test_a_server_may_send_on_within_its_own_domain(may_follow: Callable[[str, str], bool]) -> None:
    assert may_follow("https://example.org/", "https://dav.example.org/calendars/")
    assert not may_follow("https://dav.example.org/", "https://example.org/")


def test_with_nobody_there_a_server_of_another_domain_is_refused_and_named() -> None:
    candidate = Candidate(
        "https://dav.other.example/", "DNS says so for example.org", vouched=False
    )
    with pytest.raises(RefusedError, match=r"--url https://dav\.other\.example/"):
        _trusted(candidate, "sam@example.org", Asker(False))
