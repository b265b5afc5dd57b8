"""A .zip of exports: every file in it is a calendar, and none of them is ever written."""

from __future__ import annotations

import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.base import KnownResources
from connectors.errors import ReadOnlyError, UnreadableError
from connectors.files.account import FilesAccount
from tests.connectors.files.folder import calendar, event

NOW = datetime(2026, 11, 22, 16, tzinfo=UTC)


def zipped(path: Path, **files: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(f"Takeout/{name}.ics", text)
        archive.writestr("Takeout/readme.txt", "hello")
    return path


def test_each_file_is_a_calendar_that_is_read(tmp_path: Path) -> None:
    path = zipped(
        tmp_path / "a.zip",
        home=calendar(event("a", "Tea")),
        work=calendar(event("b", "B"), event("c", "C")),
    )
    home, work = FilesAccount("export", path, {}).calendars(NOW)
    assert (home.name, home.writable, work.name) == ("home", False, "work")
    [batch] = home.changes(None, KnownResources())
    assert "SUMMARY:Tea" in batch.changed[0].text
    [batch] = work.changes(None, KnownResources())
    assert len(batch.changed) == 2
    known = KnownResources.of(batch.changed)
    [again] = work.changes(batch.token, known)
    assert (again.changed, again.removed, again.token) == ((), (), batch.token)


def test_a_newer_export_tells_what_is_gone(tmp_path: Path) -> None:
    path = zipped(
        tmp_path / "a.zip", work=calendar(event("b", "B"), event("c", "C"), event("d", "D"))
    )
    [work] = FilesAccount("export", path, {}).calendars(NOW)
    [before] = work.changes(None, KnownResources())
    zipped(path, work=calendar(event("b", "B"), event("c", "C")))
    [work] = FilesAccount("export", path, {}).calendars(NOW)
    [after] = work.changes(before.token, KnownResources.of(before.changed))
    assert len(after.removed) == 1


@pytest.mark.parametrize("content", [b"PK\x03\x04 not really", b""])
def test_a_damaged_one_is_said(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(UnreadableError, match=r"damaged \.zip"):
        FilesAccount("export", tmp_path / "a.zip", {}).calendars(NOW)


def test_one_without_a_calendar_is_said(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match=r"holds no \.ics file"):
        FilesAccount("export", zipped(tmp_path / "a.zip"), {}).calendars(NOW)


def test_no_calendar_is_made_in_it(tmp_path: Path) -> None:
    with pytest.raises(ReadOnlyError):
        FilesAccount("export", zipped(tmp_path / "a.zip", a=calendar()), {}).create_calendar(
            "Fikad"
        )
