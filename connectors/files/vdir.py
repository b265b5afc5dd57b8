"""Which folders are calendars.

A *vdir*, as vdirsyncer and khal share it, is a folder of .ics files, one event each; a file
`displayname` in it says what the calendar is called. Below an account's folder every folder is a
calendar, unless it only holds folders that are (vdirsyncer keeps `~/.calendars/account/calendar`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from connectors.files.stored import UnfitError, is_kept_file, read_stable
from connectors.sanitize import sanitize

_METADATA = ("displayname", "color")
"""Files that make a folder a vdir even when it holds no event yet (vdir specification, "Metadata").
"""
LABEL_LENGTH = 200
"""Characters of a calendar's name that are shown."""
_DEPTH = 3
"""How far below the account's folder calendars are looked for."""


def calendar_folders(root: Path, suffix: str = ".ics") -> list[Path]:
    """The calendars (or what else has files of this suffix) below a folder, each once, whatever
    links lead to it. Raises OSError."""
    status = root.stat()
    return list(_below(root, suffix, _DEPTH, {(status.st_dev, status.st_ino)}))


def is_vdir(folder: Path, suffix: str = ".ics") -> bool:
    """Whether a folder holds files of this suffix, or says of itself that it is a calendar. Raises
    OSError."""
    try:
        with os.scandir(folder) as entries:
            return any(is_kept_file(e.name, suffix) or e.name in _METADATA for e in entries)
    except PermissionError:
        # it is listed as a calendar, and reading it says what is wrong
        return True


def label(folder: Path) -> str:
    """What the user calls the calendar in a folder: its `displayname`, else the folder's name."""
    try:
        content, _ = read_stable(folder / "displayname")
    except (FileNotFoundError, UnfitError):
        return sanitize(folder.name)
    return sanitize(content[:4096].decode("utf-8", "replace"), LABEL_LENGTH) or sanitize(
        folder.name
    )


def _below(folder: Path, suffix: str, depth: int, seen: set[tuple[int, int]]) -> Iterator[Path]:
    """`seen` holds device and inode of the folders already met."""
    for child in _sub_folders(folder, suffix):
        status = child.stat()
        if (status.st_dev, status.st_ino) in seen:
            continue
        seen.add((status.st_dev, status.st_ino))
        deeper = depth > 1 and not is_vdir(child, suffix)
        below = list(_below(child, suffix, depth - 1, seen)) if deeper else []
        yield from below or [child]


def _sub_folders(folder: Path, suffix: str) -> list[Path]:
    """Links last, so that a calendar goes by its own name where it has one here."""
    try:
        with os.scandir(folder) as entries:
            folders = [
                (entry.is_symlink(), entry.name)
                for entry in entries
                if entry.is_dir()
                and not entry.name.startswith(".")
                and not is_kept_file(entry.name, suffix)
            ]
    except PermissionError:
        return []
    return [folder / name for _, name in sorted(folders)]
