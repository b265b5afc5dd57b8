"""From an e-mail address to a server: RFC 6764, with DNS played by a function and a real server on
loopback."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from connectors.dav.probing import ProbeResult
from daemon.setup.locating import (
    Candidate,
    SrvRecord,
    candidates,
    follow,
    vouches_for,
)
from daemon.setup.providers import PROVIDERS, provider_of_address, provider_of_host
from daemon.setup.signing_in import sign_in, usernames_of
from tests.connectors.page import Page, serving_page
from tests.connectors.servers import RadicaleServer, make_calendar, radicale

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@dataclass
class Dns:
    """Records by name."""

    srv: dict[str, list[SrvRecord]] = field(default_factory=dict)
    txt: dict[str, list[str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def servers(self, name: str) -> Sequence[SrvRecord]:
        self.asked.append(name)
        return self.srv.get(name, [])

    def texts(self, name: str) -> Sequence[str]:
        return self.txt.get(name, [])


def urls(email: str, dns: Dns) -> list[tuple[str, bool]]:
    return [(candidate.url, candidate.vouched) for candidate in candidates(email, dns)]


# --- what DNS says ---


def test_a_known_provider_is_not_looked_up() -> None:
    dns = Dns()
    assert urls("sam@iCloud.com", dns) == [("https://caldav.icloud.com/", True)]
    assert dns.asked == []


def test_srv_records_come_by_priority_then_weight_with_the_path_of_the_txt_record() -> None:
    dns = Dns(
        {"_caldavs._tcp.example.org": [
            SrvRecord(10, 1, "third.example.org.", 443),
            SrvRecord(1, 1, "second.example.org.", 8443),
            SrvRecord(1, 9, "first.example.org.", 443),
        ]},
        {"_caldavs._tcp.example.org": ["v=other", "path=/dav/"]},
    )  # fmt: skip
    assert urls("sam@example.org", dns) == [
        ("https://first.example.org/dav/", True),
        ("https://second.example.org:8443/dav/", True),
        ("https://third.example.org/dav/", True),
        ("https://example.org/", True),
    ]


def test_a_server_of_another_domain_is_not_vouched_for() -> None:
    dns = Dns({"_caldavs._tcp.example.org": [SrvRecord(0, 0, "dav.evil.example", 443)]})
    assert urls("sam@example.org", dns)[0] == ("https://dav.evil.example/", False)
    assert not vouches_for("example.org", "https://notexample.org/")
    assert not vouches_for("example.org", "https://example.org.evil.example/")
    assert vouches_for("example.org", "https://caldav.fastmail.com/")


def test_no_service_and_plain_http_elsewhere_are_left_out() -> None:
    dns = Dns(
        {
            "_caldavs._tcp.example.org": [SrvRecord(0, 0, ".", 0)],
            "_caldav._tcp.example.org": [SrvRecord(0, 0, "dav.example.org", 80)],
        }
    )
    assert urls("sam@example.org", dns) == [("https://example.org/", True)]


@pytest.mark.parametrize(
    "path", ["path=//evil.example/", "path=/a b", "path=relative", "path=/\x1b"]
)
def test_a_path_that_is_none_never_leads_to_another_host(path: str) -> None:
    dns = Dns(
        {"_caldavs._tcp.example.org": [SrvRecord(0, 0, "dav.example.org", 443)]},
        {"_caldavs._tcp.example.org": [path]},
    )
    [(url, _), *_] = urls("sam@example.org", dns)
    assert urlsplit(url).hostname == "dav.example.org"


def test_every_provider_can_be_found_by_its_addresses_and_hosts() -> None:
    for provider in PROVIDERS:
        assert provider_of_address(f"sam@{provider.domains[0]}") == provider
        assert provider.hint
        if provider.url:
            assert provider_of_host(provider.url) == provider
            assert provider.url.startswith("https://")
    assert provider_of_host("https://p42-caldav.icloud.com/1/calendars/") == provider_of_address(
        "a@me.com"
    )
    assert provider_of_host("https://icloud.com.example.org/") is None


# --- knocking ---


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


def test_well_known_leads_on_without_a_password(server: RadicaleServer, page: Page) -> None:
    page.target = server.url
    followed = follow(Candidate(page.url, "the domain itself", vouched=True))
    assert isinstance(followed, Candidate)
    assert followed.url == server.url
    assert followed.vouched  # this machine vouches for itself
    assert page.contents
    assert set(page.contents) == {None}


def test_being_led_out_of_the_domain_is_marked(
    server: RadicaleServer, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.target = server.url
    monkeypatch.setattr("daemon.setup.locating.is_loopback", lambda url: False)
    monkeypatch.setattr("daemon.setup.locating._safe", lambda url: True)
    page.target = server.url.replace("127.0.0.1", "localhost")
    followed = follow(Candidate(page.url, "the domain itself", vouched=True))
    assert isinstance(followed, Candidate)
    assert not followed.vouched


def test_being_led_to_plain_http_or_in_circles_ends_there(page: Page) -> None:
    page.target = "http://dav.example.org/"
    followed = follow(Candidate(page.url, "", vouched=True))
    assert isinstance(followed, ProbeResult)
    assert (followed.kind, "without https" in followed.message) == ("nothing", True)
    with serving_page() as other:
        page.target, other.target = other.url, page.url
        followed = follow(Candidate(page.url, "", vouched=True))
        assert isinstance(followed, ProbeResult)
        assert "circles" in followed.message


def test_from_an_address_to_the_calendars(server: RadicaleServer) -> None:
    """The whole way: SRV and TXT of this machine, the server's answer, a login by the local
    part."""
    port = urlsplit(server.url).port or 0
    name = "_caldav._tcp.example.org"
    dns = Dns({name: [SrvRecord(0, 0, "127.0.0.1", port)]}, {name: ["path=/sam/"]})
    [first, *_] = candidates("sam@example.org", dns)
    followed = follow(first)
    assert isinstance(followed, Candidate)
    assert followed.vouched
    names = usernames_of("sam@example.org")
    signed = sign_in("home", followed.url, names, "secret", NOW, lambda url: False)
    assert (signed.username, signed.contents.calendars) == ("sam", (("Personal", True),))
