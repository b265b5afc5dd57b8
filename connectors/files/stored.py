"""Files that other programs change at any moment, read and written with care.

A file is told from its next version by a *signature* made of what `stat` says. Programs that keep
size and mtime (`rsync -t`, `touch -r`) still change the ctime, so it belongs to the signature. Two
changes within one tick of the file system's clock share even that; so a file that changed a moment
ago is read only when the tick is over.

A write is complete or did not happen (see `atomic_file`); a new name never replaces a file that is
there, and a replaced or deleted file was looked at just before."""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from connectors.atomic_file import draft_of, flush_folder, link_nameless
from connectors.errors import (
    AccountError,
    ChangedError,
    FikadError,
    MissingError,
    ReadOnlyError,
    TakenError,
    UncertainError,
    UnreachableError,
)

SIZE_LIMIT_BYTES = 50 * 2**20
CHUNK_BYTES = 2**20
TICK_SECONDS = 0.02
"""Longer than the clock tick of ext4, xfs, btrfs and apfs (at most 10 ms)."""
COARSE_TICK_SECONDS = 2.0
"""FAT, and old network file systems: their times are whole seconds."""
ATTEMPTS = 5
BROKEN = "?"
"""Signature of a file that is listed and cannot be looked at: a link to nowhere, a disk error."""

_UNREACHABLE = {
    errno.EIO,
    errno.ESTALE,
    errno.ENOTCONN,
    errno.EHOSTDOWN,
    errno.ETIMEDOUT,
    errno.ENXIO,
}
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV}


class UnfitError(FikadError):
    """This file cannot be used. The other files of the folder can."""


def is_calendar_file(name: str) -> bool:
    """Whether a vdir's reader looks at a file of this name: not hidden, not temporary, not a copy
    that a sync tool set aside because two versions fought (an old state of an event that stands
    beside it)."""
    return is_kept_file(name, ".ics")


def is_kept_file(name: str, suffix: str) -> bool:
    """The same for a file with another `suffix`."""
    return (
        name.lower().endswith(suffix) and not name.startswith(".") and ".sync-conflict-" not in name
    )


def signature(status: os.stat_result) -> str:
    """Equal for two looks at a file: it was not written to in between."""
    return f"{status.st_mtime_ns:x}-{status.st_ctime_ns:x}-{status.st_size:x}-{status.st_ino:x}"


def scan(folder: Path, suffix: str = ".ics") -> dict[str, str]:
    """Name and signature of every file of a folder with this suffix, none of them opened. Links are
    followed; pipes, folders and other things with such a name are left out. Raises MissingError,
    UnreachableError."""
    listing: dict[str, str] = {}
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if is_kept_file(entry.name, suffix):
                    mark = signature_of(entry)
                    if mark is not None:
                        listing[entry.name] = mark
    except (FileNotFoundError, NotADirectoryError) as error:
        raise MissingError(
            f"the folder {folder} is not there",
            "is its disk mounted, is the path in the config right?",
        ) from error
    except OSError as error:
        raise UnreachableError(
            f"the folder {folder} cannot be listed: {error.strerror or error}"
        ) from error
    return listing


def signature_of(at: os.DirEntry[str] | Path) -> str | None:
    """The signature of one file, links followed; None when nothing is there, or something else than
    a file."""
    try:
        status = at.stat()
    except FileNotFoundError:
        return BROKEN if at.is_symlink() else None
    except OSError:
        return BROKEN
    return signature(status) if stat.S_ISREG(status.st_mode) else None


def read_stable(path: Path) -> tuple[bytes, str]:
    """Content and signature that belong together. Raises FileNotFoundError, UnfitError,
    UnreachableError."""
    try:
        return _read_stable(path)
    except FileNotFoundError:
        if path.is_symlink():
            raise UnfitError(
                f"{path.name} links to a file that is not there", "mend the link or remove it"
            ) from None
        raise
    except PermissionError:
        raise UnfitError(
            f"{path.name} may not be read", "allow it (chmod u+r) or move it away"
        ) from None
    except OSError as error:
        if error.errno in _UNREACHABLE:
            raise UnreachableError(f"{path} cannot be read: {error.strerror}") from error
        raise UnfitError(
            f"{path.name} cannot be read ({error.strerror or error})",
            "check its disk and its permissions",
        ) from error


def _read_stable(path: Path) -> tuple[bytes, str]:
    # without O_NONBLOCK a pipe that somebody named x.ics would be waited for
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        before = os.fstat(descriptor)
        for _ in range(ATTEMPTS):
            if not stat.S_ISREG(before.st_mode):
                raise UnfitError(f"{path.name} is no ordinary file", "move it away")
            if before.st_size > SIZE_LIMIT_BYTES:
                raise UnfitError(
                    f"{path.name} is larger than {SIZE_LIMIT_BYTES // 2**20} MB",
                    "split it or move it away",
                )
            _await_tick(before)
            content = _read_all(descriptor)
            after = os.fstat(descriptor)
            if signature(before) == signature(after):
                return content, signature(after)
            before = after
    finally:
        os.close(descriptor)
    raise UnfitError(
        f"{path.name} keeps changing while it is read", "it is read again at the next poll"
    )


def _read_all(descriptor: int) -> bytes:
    """From the beginning, to the end or beyond the limit: it may grow meanwhile."""
    os.lseek(descriptor, 0, os.SEEK_SET)
    chunks: list[bytes] = []
    while sum(map(len, chunks)) <= SIZE_LIMIT_BYTES and (chunk := os.read(descriptor, CHUNK_BYTES)):
        chunks.append(chunk)
    return b"".join(chunks)


def _await_tick(status: os.stat_result) -> None:
    """Wait until a further change to the file would show in its ctime. A ctime in the future
    (another machine's clock) is not waited for."""
    tick = COARSE_TICK_SECONDS if status.st_ctime_ns % 1_000_000_000 == 0 else TICK_SECONDS
    age = time.time() - status.st_ctime_ns / 1e9
    if 0 <= age < tick:
        time.sleep(tick - age)


# --- writing ---


def write_new(path: Path, content: bytes, like: os.stat_result | None) -> None:
    """Write a file under a name that nothing has yet; mode (and, for root, owner) as `like`. Raises
    TakenError."""
    with _refusals(path):
        try:
            mode, owner = _like(path, like)
            if not link_nameless(path, content, mode=mode, owner=owner):
                _link_draft(path, content, like)
        except FileExistsError:
            raise TakenError(
                f"{path.name} is there already", "read it before deciding anything"
            ) from None
    _flush(path.parent)


def _link_draft(path: Path, content: bytes, like: os.stat_result | None) -> None:
    """Where a file cannot be without a name."""
    with _draft(path, content, like) as temporary:
        try:
            os.link(temporary, path)
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            _name_without_link(temporary, path)


def write_over(path: Path, content: bytes, expected: str) -> None:
    """Replace a file if its signature still is `expected`, keeping its mode. Raises
    ChangedError."""
    with _refusals(path), _draft(path, content, _still(path, expected)) as temporary:
        _still(path, expected)
        temporary.replace(path)
    _flush(path.parent)


def remove(path: Path, expected: str) -> None:
    """Delete a file if its signature still is `expected`. Raises ChangedError."""
    with _refusals(path):
        _still(path, expected)
        path.unlink()
    _flush(path.parent)


def make_folder(folder: Path) -> None:
    """Make a folder with the mode (and, for root, owner) of the one that it is in. Raises
    TakenError."""
    with _refusals(folder):
        like = folder.parent.stat()
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            raise TakenError(f"{folder} is there already") from None
        folder.chmod(like.st_mode & 0o777 | 0o700)
        if os.geteuid() == 0:
            os.chown(folder, like.st_uid, like.st_gid)
    _flush(folder.parent)


def _flush(folder: Path) -> None:
    """As `flush_folder`. Raises UncertainError."""
    try:
        flush_folder(folder)
    except OSError as error:
        # EINVAL: a file system that has no such promise to give
        if error.errno not in {errno.EINVAL, errno.ENOTSUP}:
            raise UncertainError(
                f"wrote to {folder}, which may not have kept it: {error.strerror}"
            ) from error


def _still(path: Path, expected: str) -> os.stat_result:
    try:
        status = path.lstat()
    except FileNotFoundError:
        raise ChangedError(f"{path.name} is gone", "nothing was written") from None
    if not stat.S_ISREG(status.st_mode) or signature(status) != expected:
        raise ChangedError(f"{path.name} was changed by somebody else", "nothing was written")
    return status


def _draft(path: Path, content: bytes, like: os.stat_result | None) -> AbstractContextManager[Path]:
    mode, owner = _like(path, like)
    return draft_of(path, content, mode=mode, owner=owner)


def _like(path: Path, like: os.stat_result | None) -> tuple[int, tuple[int, int] | None]:
    """The mode and, for root, the owner of a file that is written."""
    # who I meet is private, unless the folder's files are for others to read
    mode = (like.st_mode & 0o666 | 0o600) if like is not None else 0o600
    owner = None
    if os.geteuid() == 0:
        folder_or_file = like or path.parent.stat()
        owner = folder_or_file.st_uid, folder_or_file.st_gid
    return mode, owner


def _name_without_link(temporary: Path, path: Path) -> None:
    """For file systems without hard links (FAT, some network folders): reserve the name, then fill
    it at once."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        temporary.replace(path)
    except OSError:
        path.unlink(missing_ok=True)
        raise


@contextmanager
def _refusals(path: Path) -> Iterator[None]:
    """The operating system's words in ours. When an OSError reaches this, nothing was written."""
    try:
        yield
    except FileNotFoundError as error:
        raise MissingError(f"the folder {path.parent} is gone", "is its disk mounted?") from error
    except OSError as error:
        if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
            raise ReadOnlyError(
                f"{path.parent} may not be written ({error.strerror})",
                "allow it, or choose another calendar for holds",
            ) from error
        if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
            raise AccountError(
                f"no space left for {path}: make room, fikad tries again at the next poll; "
                "nothing was written"
            ) from error
        raise UnreachableError(
            f"{path} cannot be written: {error.strerror or error}; nothing was written"
        ) from error
