"""Asking a home once more, over TLS: whom this trusts is never more than whom everything trusts."""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.caldav.account import CalDAVAccount
from connectors.dav.question import MOST_BYTES, answered_the_same, question
from tests.connectors.authority import make_authority, server_context
from tests.connectors.caldav.an_account import NOW
from tests.connectors.caldav.hostile_server import Hostile, Said, hostile


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def server(authority: Path) -> Iterator[Hostile]:
    with hostile(server_context(authority)) as server:
        yield server


@pytest.fixture
def asked(server: Hostile, authority: Path) -> dict[str, Any]:
    """What the account asked, and was answered."""
    account = CalDAVAccount("home", server.url, "", None, {}, timeout_seconds=10, ca=authority)
    account.calendars(NOW)
    remembered: dict[str, Any] = account.memo["question"]
    return remembered


def test_an_authority_that_the_account_names_is_trusted(
    asked: dict[str, Any], server: Hostile, authority: Path
) -> None:
    assert answered_the_same(asked, "", None, authority)
    server.store("new.ics", "BEGIN:VCALENDAR")
    assert not answered_the_same(asked, "", None, authority)


def test_an_authority_that_nobody_names_is_not_trusted(asked: dict[str, Any]) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        answered_the_same(asked, "", None, None)


def test_an_authority_in_the_system_s_folder_is_trusted(
    asked: dict[str, Any], authority: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ["openssl", "x509", "-noout", "-hash", "-in", str(authority)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    (tmp_path / f"{done.stdout.strip()}.0").write_bytes(authority.read_bytes())
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    assert answered_the_same(asked, "", None, None)


def test_the_file_that_the_environment_names_goes_before_the_folder(
    asked: dict[str, Any], authority: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    assert answered_the_same(asked, "", None, None)


def test_a_head_without_end_is_no_answer(
    asked: dict[str, Any], server: Hostile, authority: Path
) -> None:
    server.after = lambda _: Said(207, asked["answer"], {"X-More": "x" * (64 << 10)})
    assert not answered_the_same(asked, "", None, authority)


@pytest.mark.parametrize(
    ("origin", "target", "answer"),
    [
        (("http", "::1", 80), "/", b"x"),
        (("http", "bücher.example", 80), "/", b"x"),
        (("ftp", "example.com", 21), "/", b"x"),
        (("https", "example.com", 443), "/ü", b"x"),
        (("https", "example.com", 443), "/", b"x" * (MOST_BYTES + 1)),
    ],
)
def test_what_is_not_plain_is_not_asked_again_so(
    origin: tuple[str, str, int], target: str, answer: bytes
) -> None:
    assert question(origin, target, 1, b"<propfind/>", answer) is None
    assert question(("https", "example.com", 443), "/", 1, b"", b"x") is not None


def test_several_homes_are_no_single_question() -> None:
    with hostile() as server:
        account = CalDAVAccount("home", server.url, "", None, {}, timeout_seconds=10)
        account.calendars(NOW)
        assert account.memo["question"]
        account.memo["homes"] *= 2
        account.calendars(NOW)
        assert account.memo["question"] is None
