"""Single files among those of other programs: read whole, written only under what was seen."""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.errors import (
    AccountError,
    ChangedError,
    MissingError,
    ReadOnlyError,
    TakenError,
    UncertainError,
    UnreachableError,
)
from connectors.files import stored
from connectors.files.stored import (
    BROKEN,
    COARSE_TICK_SECONDS,
    TICK_SECONDS,
    UnfitError,
    make_folder,
    read_stable,
    remove,
    scan,
    signature_of,
    write_new,
    write_over,
)
from tests.connectors.files.folder import NOBODY, without_privileges, write

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")


def raising(error: OSError) -> Callable[..., None]:
    def refusing(*args: object, **kwargs: object) -> None:
        raise error

    return refusing


def failing(code: int) -> Callable[..., None]:
    return raising(OSError(code, os.strerror(code)))


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def mark_of(path: Path) -> str:
    mark = signature_of(path)
    assert mark is not None
    return mark


# --- looking and reading ---


def test_a_folder_that_cannot_be_listed_is_named_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match=f"the folder {tmp_path}/no is not there"):
        scan(tmp_path / "no")
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)
    with without_privileges(closed), pytest.raises(UnreachableError) as refused:
        scan(closed)
    assert refused.value.what == f"the folder {closed} cannot be listed: Permission denied"


def test_what_cannot_be_looked_at_is_listed_and_what_is_no_file_is_not(tmp_path: Path) -> None:
    loop, nowhere, pipe = (tmp_path / f"{name}.ics" for name in ("loop", "nowhere", "pipe"))
    loop.symlink_to(loop)
    nowhere.symlink_to(tmp_path / "no")
    os.mkfifo(pipe)
    assert scan(tmp_path) == {"loop.ics": BROKEN, "nowhere.ics": BROKEN}
    assert signature_of(tmp_path / "no") is None


def test_a_file_that_cannot_be_read_is_named_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "a.ics", "text")
    path.chmod(0)
    with (
        without_privileges(path.parent),
        pytest.raises(UnfitError, match=r"a\.ics may not be read"),
    ):
        read_stable(path)
    os.mkfifo(tmp_path / "pipe.ics")
    with pytest.raises(UnfitError, match=r"pipe\.ics is no ordinary file: move it away"):
        read_stable(tmp_path / "pipe.ics")
    monkeypatch.setattr(os, "open", failing(errno.EIO))
    with pytest.raises(UnreachableError, match=f"{path} cannot be read: Input/output error"):
        read_stable(path)
    monkeypatch.setattr(os, "open", failing(errno.ELOOP))
    with pytest.raises(UnfitError) as refused:
        read_stable(path)
    assert refused.value.what == f"a.ics cannot be read ({os.strerror(errno.ELOOP)})"
    monkeypatch.setattr(os, "open", raising(OSError("the library's own words")))
    with pytest.raises(UnfitError, match=r"a.ics cannot be read \(the library's own words\)"):
        read_stable(path)


def test_a_file_that_was_read_is_not_kept_open(tmp_path: Path) -> None:
    def next_descriptor() -> int:
        descriptor = os.open(tmp_path, os.O_RDONLY)
        os.close(descriptor)
        return descriptor

    before = next_descriptor()
    read_stable(write(tmp_path / "a.ics", "text"))
    os.mkfifo(tmp_path / "pipe.ics")
    with pytest.raises(UnfitError):
        read_stable(tmp_path / "pipe.ics")
    assert next_descriptor() == before


def test_a_file_is_read_up_to_the_limit_and_no_further(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored, "SIZE_LIMIT_BYTES", 100)
    monkeypatch.setattr(stored, "CHUNK_BYTES", 30)
    content = bytes(range(100))
    assert read_stable(write(tmp_path / "a.ics", content))[0] == content
    with pytest.raises(UnfitError, match="larger than"):
        read_stable(write(tmp_path / "a.ics", content + b"x"))


def test_a_file_that_grows_faster_than_it_is_read_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored, "SIZE_LIMIT_BYTES", 1000)
    path = write(tmp_path / "a.ics", "text")
    real, read = os.read, 0

    def growing(descriptor: int, count: int) -> bytes:
        nonlocal read
        read += 1
        with path.open("ab") as file:
            file.write(b"x" * 100)
        return real(descriptor, count)

    monkeypatch.setattr(os, "read", growing)
    with pytest.raises(UnfitError, match=r"a\.ics (keeps changing|is larger)"):
        read_stable(path)
    assert read <= 20


def test_a_file_that_keeps_changing_is_left_for_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "a.ics", "text")
    real, marks = os.read, iter(range(1, 100))

    def changing(descriptor: int, count: int) -> bytes:
        os.utime(path, (0, next(marks)))
        return real(descriptor, count)

    monkeypatch.setattr(os, "read", changing)
    with pytest.raises(UnfitError, match=r"a\.ics keeps changing while it is read"):
        read_stable(path)


@pytest.mark.parametrize(
    ("age", "whole_seconds", "waits"),
    [
        (0.0, False, TICK_SECONDS),
        (TICK_SECONDS / 2, False, TICK_SECONDS / 2),
        (TICK_SECONDS * 1.5, False, 0),
        (COARSE_TICK_SECONDS / 2, False, 0),
        (0.0, True, COARSE_TICK_SECONDS),
        (COARSE_TICK_SECONDS / 2, True, COARSE_TICK_SECONDS / 2),
        (COARSE_TICK_SECONDS * 1.5, True, 0),
        (-1.0, False, 0),
        (-1.0, True, 0),
    ],
)
def test_a_file_that_just_changed_is_read_when_a_further_change_would_show(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    age: float,
    whole_seconds: bool,
    waits: float,
) -> None:
    """The file system's clock tells no two moments within one tick apart."""
    path = write(tmp_path / "a.ics", "text")
    changed_at = 1_790_000_000 if whole_seconds else 1_790_000_000.25
    real = os.fstat

    def dated(descriptor: int) -> os.stat_result:
        times = {"st_mtime_ns": 0, "st_ctime_ns": int(changed_at * 1e9)}
        return os.stat_result(tuple(real(descriptor)), times)

    slept: list[float] = []
    monkeypatch.setattr(os, "fstat", dated)
    monkeypatch.setattr(time, "time", lambda: changed_at + age)
    monkeypatch.setattr(time, "sleep", slept.append)
    assert read_stable(path)[0] == b"text"
    assert sum(slept) == pytest.approx(waits, abs=1e-6)


# --- writing ---


@pytest.fixture(params=["nameless", "links", "no links"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """How a file gets its name: at once, by a second one, or over an empty one (FAT)."""
    if request.param != "nameless":
        monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    if request.param == "no links":
        monkeypatch.setattr(os, "link", failing(errno.EPERM))
    way: str = request.param
    return way


@pytest.mark.parametrize(("like", "mode"), [(0o755, 0o644), (0o640, 0o640), (0o040, 0o640)])
def test_a_new_file_is_whole_and_as_open_as_its_neighbour(
    tmp_path: Path, way: str, like: int, mode: int
) -> None:
    neighbour = write(tmp_path / "neighbour", "")
    neighbour.chmod(like)
    write_new(tmp_path / "a.ics", b"text", neighbour.stat())
    assert (tmp_path / "a.ics").read_bytes() == b"text"
    assert mode_of(tmp_path / "a.ics") == mode
    write_new(tmp_path / "b.ics", b"text", None)
    assert mode_of(tmp_path / "b.ics") == 0o600
    with pytest.raises(TakenError, match=r"a\.ics is there already"):
        write_new(tmp_path / "a.ics", b"other", None)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.ics", "b.ics", "neighbour"]


@AS_ROOT
def test_what_root_writes_belongs_to_whom_the_place_belongs(tmp_path: Path, way: str) -> None:
    neighbour = write(tmp_path / "neighbour", "")
    os.chown(neighbour, 1234, 1235)
    os.chown(tmp_path, 2234, 2235)
    write_new(tmp_path / "a.ics", b"text", neighbour.stat())
    write_new(tmp_path / "b.ics", b"text", None)
    make_folder(tmp_path / "folder")
    owners = [(s.st_uid, s.st_gid) for s in map(os.stat, sorted(tmp_path.iterdir()))]
    assert owners == [(1234, 1235), (2234, 2235), (2234, 2235), (1234, 1235)]


@AS_ROOT
def test_who_is_not_root_gives_nothing_away(tmp_path: Path, way: str) -> None:
    folder = tmp_path / "shared"
    neighbour = write(folder / "neighbour", "")
    folder.chmod(0o777)
    (tmp_path / "own").mkdir()
    with without_privileges(tmp_path / "own"):
        write_new(folder / "a.ics", b"text", neighbour.stat())
        make_folder(folder / "made")
    assert {(folder / name).stat().st_uid for name in ("a.ics", "made")} == {NOBODY}


def test_a_new_folder_is_nobody_elses_before_it_is_as_open_as_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path.chmod(0o2755)
    real, seen = Path.chmod, []

    def watched(path: Path, mode: int) -> None:
        seen.append(mode_of(path))
        real(path, mode)

    monkeypatch.setattr(Path, "chmod", watched)
    make_folder(tmp_path / "folder")
    assert [mode & 0o777 for mode in seen] == [0o700]
    assert mode_of(tmp_path / "folder") & 0o777 == 0o755
    with pytest.raises(TakenError, match=f"{tmp_path}/folder is there already"):
        make_folder(tmp_path / "folder")


def test_a_file_is_replaced_and_deleted_only_as_it_was_seen(tmp_path: Path) -> None:
    path = write(tmp_path / "a.ics", "text")
    seen = mark_of(path)
    write_over(path, b"other", seen)
    assert path.read_bytes() == b"other"
    for act in (lambda: write_over(path, b"third", seen), lambda: remove(path, seen)):
        with pytest.raises(ChangedError, match=r"a\.ics was changed by somebody else"):
            act()
    assert path.read_bytes() == b"other"
    seen = mark_of(path)
    remove(path, seen)
    for act in (lambda: write_over(path, b"third", seen), lambda: remove(path, seen)):
        with pytest.raises(ChangedError, match=r"a\.ics is gone"):
            act()
    assert list(tmp_path.iterdir()) == []


WRITES: dict[str, Callable[[Path], None]] = {
    "new": lambda path: write_new(path.with_name("b.ics"), b"text", None),
    "over": lambda path: write_over(path, b"other", mark_of(path)),
    "remove": lambda path: remove(path, mark_of(path)),
    "folder": lambda path: make_folder(path.with_name("folder")),
}


@pytest.mark.parametrize("write_it", WRITES.values(), ids=WRITES)
def test_a_write_counts_once_the_folder_is_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write_it: Callable[[Path], None]
) -> None:
    path = write(tmp_path / "a.ics", "text")
    real, code = os.fsync, errno.EIO

    def only_files(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(code, os.strerror(code))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", only_files)
    with pytest.raises(UncertainError, match=f"wrote to {tmp_path}, .*: Input/output error"):
        write_it(path)
    for code in (errno.EINVAL, errno.ENOTSUP):  # a file system without such a promise
        write_it(write(tmp_path / "next" / f"{code}" / "a.ics", "text"))


@pytest.mark.parametrize(
    ("code", "kind", "message"),
    [
        (errno.EIO, UnreachableError, "a.ics cannot be written: Input/output error; nothing was"),
        (errno.EROFS, ReadOnlyError, "{folder} may not be written .Read-only file system."),
        (errno.ENOSPC, AccountError, "no space left for {folder}/a.ics"),
        (errno.EFBIG, AccountError, "no space left for {folder}/a.ics"),
    ],
)
def test_what_the_system_refuses_is_told_in_our_words(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    code: int,
    kind: type[AccountError],
    message: str,
) -> None:
    monkeypatch.setattr(os, "fsync", failing(code))
    with pytest.raises(kind, match=message.format(folder=tmp_path)) as refused:
        write_new(tmp_path / "a.ics", b"text", None)
    assert (type(refused.value) is kind, list(tmp_path.iterdir())) == (True, [])


def test_a_folder_that_went_before_the_write_is_missing(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match=f"the folder {tmp_path}/no is gone"):
        write_new(tmp_path / "no" / "a.ics", b"text", None)


def test_where_a_second_name_is_refused_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    monkeypatch.setattr(os, "link", failing(errno.ENOSPC))
    with pytest.raises(AccountError, match="no space left"):
        write_new(tmp_path / "a.ics", b"text", None)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("takes", ["nothing", "the name"])
def test_a_name_that_was_reserved_in_vain_is_given_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, takes: str
) -> None:
    monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    monkeypatch.setattr(os, "link", failing(errno.EPERM))

    def full(draft: Path, path: Path) -> None:
        if takes == "the name":
            path.unlink()
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(AccountError, match="no space left"):
        write_new(tmp_path / "a.ics", b"text", None)
    assert list(tmp_path.iterdir()) == []
