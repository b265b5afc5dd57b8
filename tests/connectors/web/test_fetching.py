"""One GET to a host that nobody vouches for."""

from __future__ import annotations

import gzip
import re
import socket
import threading
import time
import zlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import AccountError, UnreachableError, UnreadableError
from connectors.web.fetching import Fetcher, Limits, WebAnswer
from connectors.web.location import location_of
from tests.connectors.authority import make_authority, server_context
from tests.connectors.web.feed_server import PATH, QUERY, SECRET, Publisher, Reply, publisher


@pytest.fixture
def feed() -> Iterator[Publisher]:
    with publisher() as one:
        yield one


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def secure(authority: Path) -> Iterator[Publisher]:
    with publisher(server_context(authority)) as one:
        yield one


def get(url: str, limits: Limits | None = None) -> WebAnswer:
    return Fetcher(location_of(url), limits or Limits(10, 20)).get({})


def refusal(url: str, limits: Limits | None = None) -> AccountError:
    with pytest.raises(AccountError) as refused:
        get(url, limits)
    error = refused.value
    told = f"{error} {error.advice} {error!r} {error.__cause__!r}"
    assert SECRET not in told
    assert QUERY not in told
    assert error.__cause__ is None
    return error


def test_the_whole_address_is_asked_and_nothing_told_of_the_user(feed: Publisher) -> None:
    answer = get(feed.url)
    assert (answer.status, answer.body) == (200, feed.text().encode())
    [asked] = feed.asked
    assert asked[":path"] == f"{PATH}?{QUERY}"
    assert asked["host"] in feed.base
    assert asked["user-agent"] == "fikad"
    assert not {"authorization", "cookie", "referer"} & asked.keys()


def test_a_packed_answer_is_unpacked(feed: Publisher) -> None:
    feed.packed = True
    assert get(feed.url).body == feed.text().encode()


def test_a_certificate_is_demanded(
    secure: Publisher, authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = refusal(secure.url)
    assert isinstance(error, UnreachableError)
    assert "certificate" in error.what
    assert not secure.asked
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    assert get(secure.url).body == secure.text().encode()
    assert get(secure.url.replace("https", "webcal")).status == 200
    other_name = secure.url.replace("localhost", "127.0.0.1")
    assert "certificate" in refusal(other_name).what


def test_a_tls_connection_that_ends_early_is_no_whole_answer(
    secure: Publisher, authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    secure.extra["Connection"] = "close"
    secure.hook = lambda: Reply(200, b"BEGIN:VCALENDAR", {"Connection": "close"}, length=1000)
    assert "broke" in refusal(secure.url).what


# --- where it goes ---


def leads_to(monkeypatch: pytest.MonkeyPatch, name: str, *numbers: str) -> list[str]:
    """What DNS says of a name; the numbers that are connected to all the same."""
    called: list[str] = []
    look_up = socket.getaddrinfo

    def answered(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        if host != name:
            return look_up(host, port, *args, **kwargs)
        return [
            (
                socket.AF_INET6 if ":" in number else socket.AF_INET,
                socket.SOCK_STREAM,
                6,
                "",
                (number, port, 0, 0) if ":" in number else (number, port),
            )
            for number in numbers
        ]

    class Watched(socket.socket):
        def connect(self, address: Any) -> None:
            called.append(address[0])
            raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", answered)
    monkeypatch.setattr("connectors.web.fetching.socket.socket", Watched)
    return called


@pytest.mark.parametrize(
    "number",
    [
        "127.0.0.1",
        "::1",
        "::ffff:127.0.0.1",
        "10.1.2.3",
        "169.254.169.254",
        "100.64.1.1",
        "fd00::1",
    ],
)
def test_a_name_that_leads_into_a_private_network_is_not_called(
    number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    called = leads_to(monkeypatch, "cal.example.com", number)
    error = refusal(f"https://cal.example.com{PATH}")
    assert "private network" in error.what
    assert called == []


def test_of_several_numbers_only_those_of_the_world_are_called(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    called = leads_to(monkeypatch, "cal.example.com", "127.0.0.1", "8.8.4.4", "10.0.0.1", "8.8.8.8")
    assert "refused the connection" in refusal(f"https://cal.example.com{PATH}").what
    assert called == ["8.8.4.4", "8.8.8.8"]


@pytest.mark.parametrize(
    ("host", "number", "wanted"),
    [
        ("localhost", "8.8.8.8", False),
        ("localhost", "192.168.1.1", False),
        ("nas.local", "192.168.1.5", True),
        ("nas.local", "127.0.0.1", False),
        ("nas.local", "::ffff:127.0.0.1", False),
    ],
)
def test_a_private_name_is_called_where_it_says_that_it_is(
    host: str, number: str, wanted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    called = leads_to(monkeypatch, host, number)
    refusal(f"https://{host}{PATH}")
    assert called == [number] * wanted


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_within_the_host_is_followed(feed: Publisher, status: int) -> None:
    replies = [Reply(status, b"", {"Location": f"/elsewhere-{SECRET}.ics"})]
    feed.hook = lambda: replies.pop() if replies else None
    assert get(feed.url).status == 200
    assert [one[":path"] for one in feed.asked] == [f"{PATH}?{QUERY}", f"/elsewhere-{SECRET}.ics"]


@pytest.mark.parametrize(
    "target",
    [
        "http://localhost:{port}/x",
        "http://127.0.0.1:1/x",
        "https://127.0.0.1:{port}/x",
        "https://login.example.com/?next=" + SECRET,
        "http://169.254.169.254/latest",
        "//10.0.0.1/x",
        "file:///etc/passwd",
        "http://sam:pw@127.0.0.1:{port}/x",
        "https://[broken",
        "",
    ],
)
def test_a_redirect_to_anywhere_else_is_not(feed: Publisher, target: str) -> None:
    port = feed.base.rpartition(":")[2]
    sends = {"Location": target.format(port=port)} if target else {}
    feed.hook = lambda: Reply(302, b"", sends)
    with publisher() as other:
        error = refusal(feed.url)
        assert not other.asked
    assert isinstance(error, UnreachableError)
    assert "points to" in error.what or "circles" in error.what


def test_redirects_in_circles_end(feed: Publisher) -> None:
    feed.hook = lambda: Reply(302, b"", {"Location": PATH})
    assert "circles" in refusal(feed.url).what
    assert len(feed.asked) < 10


# --- how much, and for how long ---


def test_an_answer_without_end_is_given_up(feed: Publisher) -> None:
    feed.hook = lambda: Reply(200, b"x" * 300_000)
    error = refusal(feed.url, Limits(10, 20, most_bytes=200_000))
    assert isinstance(error, UnreadableError)
    assert "more than" in error.what
    assert len(get(feed.url, Limits(10, 20, most_bytes=300_000)).body) == 300_000


def test_a_bomb_is_not_unpacked(feed: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = gzip.compress(bytes(50_000_000))
    assert len(bomb) < 100_000
    unpacked: list[int] = []
    begin = zlib.decompressobj

    class Counting:
        def __init__(self, *args: Any) -> None:
            self._inner = begin(*args)

        def decompress(self, *args: Any) -> bytes:
            content = self._inner.decompress(*args)
            unpacked.append(len(content))
            return content

        eof = False

    monkeypatch.setattr("connectors.web.fetching.zlib.decompressobj", Counting)
    feed.hook = lambda: Reply(200, bomb, {"Content-Encoding": "gzip"})
    assert "more than" in refusal(feed.url, Limits(10, 20, most_bytes=100_000)).what
    assert sum(unpacked) <= 100_001


@pytest.mark.parametrize("packing", ["gzip, gzip", "br", "deflate"])
def test_a_packing_that_nobody_asked_for_is_refused(feed: Publisher, packing: str) -> None:
    feed.hook = lambda: Reply(200, b"x", {"Content-Encoding": packing})
    assert isinstance(refusal(feed.url), UnreadableError)


def test_a_damaged_or_cut_packing_is_no_answer(feed: Publisher) -> None:
    packed = gzip.compress(b"BEGIN:VCALENDAR" * 1000)
    for body in (packed[:-20], b"no gzip", b""):
        feed.hook = partial(Reply, 200, body, {"Content-Encoding": "gzip"})
        assert isinstance(refusal(feed.url), UnreachableError)


def test_an_answer_that_ends_early_is_none(feed: Publisher) -> None:
    feed.hook = lambda: Reply(200, b"x" * 10, {"Connection": "close"}, length=20)
    assert isinstance(refusal(feed.url), UnreachableError)


def test_drop_by_drop_is_too_slow_however_steady(feed: Publisher) -> None:
    feed.hook = lambda: Reply(200, b"x" * 10_000, drip_seconds=0.01)
    began = time.monotonic()
    assert "in time" in refusal(feed.url, Limits(5, 0.5)).what
    assert time.monotonic() - began < 20


def test_headers_drop_by_drop_are_too_slow_as_well() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        stopped = threading.Event()

        def drip() -> None:
            connected, _ = server.accept()
            with connected:
                try:
                    connected.sendall(b"HTTP/1.1 200 OK\r\n")
                    while not stopped.wait(0.01):
                        connected.sendall(b"X")
                except OSError:
                    return

        thread = threading.Thread(target=drip)
        thread.start()
        try:
            url = f"http://127.0.0.1:{server.getsockname()[1]}{PATH}"
            assert "in time" in refusal(url, Limits(5, 0.5)).what
        finally:
            stopped.set()
            thread.join()


def test_silence_is_waited_for_a_step_long() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}{PATH}"
        assert "in time" in refusal(url, Limits(0.3, 60)).what


def test_whoever_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert "refused" in refusal(f"http://127.0.0.1:{port}{PATH}").what

    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert "DNS" in refusal(f"https://cal.example.com{PATH}").what


def test_what_speaks_no_http_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def talk() -> None:
            connected, _ = server.accept()
            with connected:
                connected.recv(1000)
                connected.sendall(b"220 mail ESMTP\r\n")

        thread = threading.Thread(target=talk)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}{PATH}"
        assert "broke" in refusal(url).what
        tls = url.replace("http:", "https:")
        thread.join()
        thread = threading.Thread(target=talk)
        thread.start()
        assert isinstance(refusal(tls), UnreachableError)
        thread.join()


def test_neither_proxies_nor_a_netrc_are_asked(
    feed: Publisher, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login sam password x\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert get(feed.url).status == 200
    assert "authorization" not in feed.asked[0]


# --- what `--verbose` shows ---


def test_of_a_request_only_the_host_is_shown(
    feed: Publisher, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("DEBUG", "fikad.trace"):
        get(feed.url)
    [line] = caplog.messages
    assert re.fullmatch(r"request: GET 127\.0\.0\.1(:\d+)?: 200, \d+ bytes, \d+ ms", line)
    for secret in (SECRET, PATH, QUERY):
        assert secret not in line
