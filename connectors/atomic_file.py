"""A file is written whole or not at all.

The text goes to a hidden file in the same folder, to the disk, and only then gets its name: whoever
looks, also after a power cut, finds the old file or the new one."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

_NO_NAMELESS = {errno.EOPNOTSUPP, errno.ENOTSUP, errno.EISDIR, errno.EINVAL, errno.ENOENT}
"""What a file system or a kernel says that knows no files without a name."""
LEFT_BEHIND_SECONDS = 3600.0
"""No write takes this long: a hidden file older than this is nobody's."""


def replace_file(path: Path, content: bytes, *, mode: int = 0o600, durably: bool = True) -> None:
    """Replace the file, or make it; `durably`: it is on the disk when this returns. Raises OSError,
    and then the file is as it was."""
    with draft_of(path, content, mode=mode, durably=durably) as draft:
        draft.replace(path)
    if durably:
        flush_folder(path.parent)


@contextmanager
def draft_of(
    path: Path,
    content: bytes = b"",
    *,
    mode: int = 0o600,
    owner: tuple[int, int] | None = None,
    durably: bool = True,
) -> Iterator[Path]:
    """A hidden file beside `path` with the content, to be given its name. It is gone afterwards,
    whatever happened. Nobody but the user could ever read it, unless `mode` lets them; `owner` is a
    user and a group, by number. Raises OSError."""
    _sweep(path)
    # Not the module `secrets`: it brings OpenSSL, three megabytes that the daemon would carry.
    draft = path.parent / f".{path.name}.{os.urandom(4).hex()}.tmp"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    descriptor = os.open(draft, flags, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            _fill(file, content, mode, owner, durably=durably)
        yield draft
    finally:
        with suppress(OSError):
            draft.unlink()


def link_nameless(
    path: Path, content: bytes, *, mode: int = 0o600, owner: tuple[int, int] | None = None
) -> bool:
    """Write a file that has no name before it is whole, and give it `path`, which nothing may have
    yet: until then nothing in the folder tells of it, not even the folder's time. False where that
    cannot be done, and then nothing was. Raises FileExistsError, OSError."""
    nameless = getattr(os, "O_TMPFILE", 0)
    if not nameless:
        return False
    _sweep(path)
    try:
        descriptor = os.open(path.parent, os.O_WRONLY | nameless, 0o600)
    except OSError as error:
        if error.errno in _NO_NAMELESS:
            return False
        raise
    with os.fdopen(descriptor, "wb") as file:
        _fill(file, content, mode, owner, durably=True)
        try:
            # A descriptor is given along for its effect alone: links are followed then (linkat).
            os.link(f"/proc/self/fd/{descriptor}", path, src_dir_fd=descriptor)
        except FileExistsError:
            raise
        except OSError:
            return False
    return True


def _fill(
    file: BinaryIO, content: bytes, mode: int, owner: tuple[int, int] | None, *, durably: bool
) -> None:
    file.write(content)
    file.flush()
    if os.name == "posix":
        os.fchmod(file.fileno(), mode)
        if owner is not None:
            os.fchown(file.fileno(), *owner)
    if durably:
        os.fsync(file.fileno())


def flush_folder(folder: Path) -> None:
    """See that names given and taken in a folder survive a power cut, where folders can be opened.
    Raises OSError."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sweep(path: Path) -> None:
    """Remove what a power cut left of an earlier attempt to write this file."""
    before, after = f".{path.name}.", ".tmp"
    with suppress(OSError), os.scandir(path.parent) as entries:
        for entry in entries:
            if entry.name.startswith(before) and entry.name.endswith(after):
                age_seconds = time.time() - entry.stat(follow_symlinks=False).st_mtime
                if age_seconds > LEFT_BEHIND_SECONDS:
                    Path(entry.path).unlink()
