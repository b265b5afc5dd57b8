"""Files written whole or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

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
