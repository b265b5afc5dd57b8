"""A server with the certificate of a private authority, and whom fikad trusts."""

from __future__ import annotations

import os
import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from connectors.caldav.account import CalDAVAccount
from connectors.errors import UnreachableError
from daemon.checks.account_rows import ask_without_login
from tests.connectors.authority import make_authority, server_context
from tests.connectors.caldav.an_account import NOW
from tests.connectors.caldav.hostile_server import CALENDAR, Hostile, hostile


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A private authority's certificate; beside it a server's, signed by it, and its key."""
    return make_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def secure(authority: Path) -> ssl.SSLContext:
    return server_context(authority)


@pytest.fixture
def server(secure: ssl.SSLContext) -> Iterator[Hostile]:
    with hostile(secure) as server:
        yield server


def account(url: str, ca: Path | None = None) -> CalDAVAccount:
    return CalDAVAccount("home", url, "", None, {}, timeout_seconds=10, ca=ca)


def test_a_private_authority_is_trusted_by_everything_once_the_account_names_it(
    server: Hostile, authority: Path
) -> None:
    with pytest.raises(UnreachableError, match="name that authority's certificate") as refused:
        account(server.url).calendars(NOW)
    assert "`ca`" in refused.value.advice
    stranger = ask_without_login(server.url)
    assert stranger is not None
    assert stranger.untrusted
    assert [calendar.id for calendar in account(server.url, authority).calendars(NOW)] == [CALENDAR]
    known = ask_without_login(server.url, authority)
    assert known is not None
    assert not known.untrusted


def test_the_file_that_the_environment_names_is_trusted_by_everything(
    server: Hostile, authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "SSL_CERT_FILE", str(authority))
    assert [calendar.id for calendar in account(server.url).calendars(NOW)] == [CALENDAR]
    known = ask_without_login(server.url)
    assert known is not None
    assert not known.untrusted


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_an_authority_that_cannot_be_read_is_named(
    server: Hostile, tmp_path: Path, content: str | None
) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content)
    with pytest.raises(UnreachableError, match="holds no certificate"):
        account(server.url, file).calendars(NOW)
    assert not server.asked


def test_plain_http_to_a_port_that_speaks_tls_is_named(server: Hostile) -> None:
    with pytest.raises(UnreachableError, match="speaks TLS at this port"):
        account(server.url.replace("https://localhost", "http://127.0.0.1")).calendars(NOW)


def test_plain_http_that_a_tls_port_answers_with_400_is_named_as_well(
    secure: ssl.SSLContext,
) -> None:
    """As nginx does, which sees by the first byte whether it is TLS."""

    class Either(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            if self.request.recv(1, socket.MSG_PEEK) == b"\x16":
                with suppress(OSError):
                    secure.wrap_socket(self.request, server_side=True).close()
                return
            self.request.recv(65536)
            self.request.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Either) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        with pytest.raises(UnreachableError, match="speaks TLS at this port"):
            account(f"http://127.0.0.1:{listening.server_address[1]}/sam/").calendars(NOW)
        listening.shutdown()
