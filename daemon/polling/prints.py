"""The text of a config, and a fingerprint of it and of what it leaves to the program and to the
system."""

from __future__ import annotations

import os
import zlib

from daemon import __version__

TYPE_CHECKING = False  # typing is more to load than all of this
if TYPE_CHECKING:
    from pathlib import Path

_LOCALTIME = ("/etc/localtime", "/etc/timezone")


def config_text(path: Path | str) -> str | None:
    """The text of a config file; None where it cannot be read, for whoever loads it to say why."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - pathlib is more to load
            return file.read().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return None


def config_print(path: Path | str, text: str) -> str:
    """The fingerprint of the config at `path`, which has this text."""
    place = os.path.abspath(path)  # noqa: PTH100 - as above
    parts = [__version__, place, str(len(text)), f"{zlib.crc32(text.encode()):08x}"]
    parts += [os.environ.get("TZ", ""), *map(_file_print, _LOCALTIME)]
    return " ".join(parts)


def _file_print(path: str) -> str:
    try:
        status = os.stat(path)  # noqa: PTH116 - as above
    except OSError:
        return "-"
    return f"{os.path.realpath(path)}:{status.st_mtime_ns}:{status.st_size}"
