"""Files written whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from connectors.atomic_file import LEFT_BEHIND_SECONDS, draft_of, link_nameless, replace_file


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_replaced_as_a_whole_and_private(tmp_path: Path) -> None:
    path = tmp_path / "note"
    path.write_text("before")
    path.chmod(0o644)
    replace_file(path, b"after")
    assert path.read_bytes() == b"after"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    replace_file(path, b"for all", mode=0o644, durably=False)
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert names(tmp_path) == ["note"]


def test_a_draft_that_gets_no_name_leaves_the_file_as_it_was_and_nothing_beside_it(
    tmp_path: Path,
) -> None:
    path = tmp_path / "note"
    path.write_text("before")
    with draft_of(path, b"after") as draft:
        assert (draft.read_bytes(), draft.name.startswith(".note.")) == (b"after", True)
    assert (path.read_text(), names(tmp_path)) == ("before", ["note"])


def test_what_a_power_cut_left_is_swept_and_nothing_else(tmp_path: Path) -> None:
    ours, young, others = (tmp_path / name for name in (".n[1].a.tmp", ".n[1].b.tmp", ".n.c.tmp"))
    for left in (ours, young, others):
        left.touch()
    long_ago = young.stat().st_mtime - 2 * LEFT_BEHIND_SECONDS
    for left in (ours, others):
        os.utime(left, (long_ago, long_ago))
    replace_file(tmp_path / "n[1]", b"")
    assert names(tmp_path) == [".n.c.tmp", ".n[1].b.tmp", "n[1]"]


def test_a_folder_that_is_not_there_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        replace_file(tmp_path / "gone" / "note", b"")


@pytest.mark.skipif(not hasattr(os, "O_TMPFILE"), reason="Linux knows files without a name")
def test_until_a_new_file_is_whole_its_folder_does_not_tell_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, flush = tmp_path.stat().st_mtime_ns, os.fsync

    def look(descriptor: int) -> None:
        flush(descriptor)
        assert (names(tmp_path), tmp_path.stat().st_mtime_ns) == ([], before)

    monkeypatch.setattr(os, "fsync", look)
    if not link_nameless(tmp_path / "note", b"whole", mode=0o640):
        pytest.skip("not on this file system")
    assert (names(tmp_path), (tmp_path / "note").read_bytes()) == (["note"], b"whole")
    assert stat.S_IMODE((tmp_path / "note").stat().st_mode) == 0o640
    monkeypatch.undo()
    with pytest.raises(FileExistsError):
        link_nameless(tmp_path / "note", b"other")
    assert (tmp_path / "note").read_bytes() == b"whole"


def test_where_files_cannot_be_without_a_name_nothing_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "O_TMPFILE", 0, raising=False)
    assert not link_nameless(tmp_path / "note", b"whole")
    assert names(tmp_path) == []


# --- on the disk


@pytest.fixture
def flushed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """What is sent to the disk, in order: its name and how long it is by then."""
    told: list[tuple[str, int]] = []
    fsync = os.fsync

    def recording(descriptor: int) -> None:
        name = Path(f"/proc/self/fd/{descriptor}").readlink().name
        told.append((name, os.fstat(descriptor).st_size if "tmp" in name else 0))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", recording)
    return told


def test_a_file_is_on_the_disk_before_it_gets_its_name_and_its_name_when_that_is_done(
    tmp_path: Path, flushed: list[tuple[str, int]]
) -> None:
    replace_file(tmp_path / "note", b"after")
    [(draft, length), (folder, _)] = flushed
    assert (draft[:6], length) == (".note.", 5)
    assert folder == tmp_path.name


def test_what_need_not_be_durable_is_not_waited_for(
    tmp_path: Path, flushed: list[tuple[str, int]]
) -> None:
    replace_file(tmp_path / "note", b"after", durably=False)
    assert flushed == []


def test_a_draft_is_nobody_elses_to_read_from_the_first_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modes: list[int] = []
    opened = os.open

    def recording(path: Any, flags: int, mode: int = 0, **more: Any) -> int:
        modes.append(mode)
        return opened(path, flags, mode, **more)

    monkeypatch.setattr(os, "open", recording)
    replace_file(tmp_path / "note", b"", mode=0o644, durably=False)
    link_nameless(tmp_path / "other", b"", mode=0o644)
    assert {*modes} == {0o600}


def test_a_file_is_given_to_its_owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[tuple[int, int]] = []

    def giving(file: int, *owner: int) -> None:
        assert os.fstat(file).st_size == 5, "it is whole by then"
        given.append((owner[0], owner[1]))

    monkeypatch.setattr(os, "fchown", giving)
    with draft_of(tmp_path / "note", b"whole", owner=(12, 34)):
        assert given == [(12, 34)]
    link_nameless(tmp_path / "other", b"whole", owner=(56, 78))
    assert given == [(12, 34), (56, 78)]


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    def opened() -> int:
        return len(names(Path("/proc/self/fd")))

    before = opened()
    replace_file(tmp_path / "note", b"after")
    link_nameless(tmp_path / "other", b"after")
    assert opened() == before


def test_a_link_that_was_made_lately_is_not_as_old_as_what_it_leads_to(tmp_path: Path) -> None:
    old, link = tmp_path / "old", tmp_path / ".note.a.tmp"
    old.touch()
    os.utime(old, (0, 0))
    link.symlink_to(old)
    replace_file(tmp_path / "note", b"")
    assert link.is_symlink()


# --- without a name until it is whole


@pytest.mark.parametrize("number", [errno.EOPNOTSUPP, errno.EISDIR])
def test_where_files_without_a_name_are_not_known_nothing_is_done(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusing(*_: Any, **__: Any) -> int:
        raise OSError(number, "no")

    monkeypatch.setattr(os, "open", refusing)
    assert not link_nameless(tmp_path / "note", b"whole")
    assert names(tmp_path) == []


def test_a_system_without_them_or_without_links_to_them_does_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusing(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOENT, "no /proc")

    with monkeypatch.context() as patched:
        patched.setattr(os, "link", refusing)
        assert not link_nameless(tmp_path / "note", b"whole")
    monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    assert not link_nameless(tmp_path / "note", b"whole")
    assert names(tmp_path) == []


def test_another_failure_to_make_a_file_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusing(*_: Any, **__: Any) -> int:
        raise PermissionError(errno.EACCES, "no")

    monkeypatch.setattr(os, "open", refusing)
    with pytest.raises(PermissionError):
        link_nameless(tmp_path / "note", b"")


def test_what_a_power_cut_left_is_swept_before_a_new_file_too(
    tmp_path: Path, flushed: list[tuple[str, int]]
) -> None:
    try:
        os.close(os.open(tmp_path, os.O_WRONLY | os.O_TMPFILE))
    except (AttributeError, OSError):
        pytest.skip("files without a name are not known here")
    left = tmp_path / ".note.a.tmp"
    left.touch()
    os.utime(left, (0, 0))
    assert link_nameless(tmp_path / "note", b"")
    assert names(tmp_path) == ["note"]
    assert len(flushed) == 1, "it is on the disk before it gets its name"
