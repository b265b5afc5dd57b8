"""Files that hold a secret: ours, readable by nobody else, written as a whole or not at all."""

from __future__ import annotations

import os
import stat

from connectors.errors import SecretError

TYPE_CHECKING = False  # typing and pathlib are more to load than reading a file needs
if TYPE_CHECKING:
    from pathlib import Path

MOST_BYTES = 64 * 1024
"""Longer than any secret."""


def read_private(path: Path | str) -> str | None:
    """A file's text, if it is ours and private; None if there is none. Raises SecretError.

    A symbolic link is followed (tools that manage secrets make them): what counts is the file that
    was opened."""
    try:
        # A pipe without a writer would wait for ever.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SecretError(
            f"{path} cannot be read ({error.strerror})", "check its owner and permissions"
        ) from None
    try:
        _require_private(path, os.fstat(handle))
        with os.fdopen(os.dup(handle), "rb") as file:
            return decoded(file.read(MOST_BYTES), str(path))
    finally:
        os.close(handle)


def _require_private(path: Path | str, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise SecretError(f"{path} is not a file", "name the file that holds the secret")
    if hasattr(os, "geteuid") and status.st_uid != os.geteuid():
        raise SecretError(
            f"{path} belongs to somebody else", "a secret is read from your own file only"
        )
    mode = stat.S_IMODE(status.st_mode)
    if os.name == "posix" and mode not in (0o600, 0o400):
        raise SecretError(
            f"{path} can be used by others (mode {mode:04o})", f"run `chmod 600 {path}`"
        )


def first_line(text: str) -> str:
    """The secret that a text is kept with, which mostly ends a line."""
    return text.split("\n", 1)[0].rstrip("\r")


def decoded(data: bytes, location: str) -> str:
    """A secret's bytes as text; `location` says in messages where they are from. Raises
    SecretError."""
    if len(data) >= MOST_BYTES:
        raise SecretError(f"{location} is too long for a secret", "check that it is the right one")
    try:
        return data.decode()
    except UnicodeDecodeError:
        # Not the decoder's message: that one quotes the bytes.
        raise SecretError(
            f"{location} is not UTF-8 text", "check that it is the right one"
        ) from None


def write_private(path: Path, secret: str) -> bool:
    """Replace the file with the secret, mode 0600, never half-written; False if it holds it
    already.

    Raises SecretError."""
    from connectors.atomic_file import replace_file

    target = path.resolve()
    try:
        if read_private(target) == secret:
            return False
    except SecretError:
        if not target.is_file():
            raise
        # It is replaced by a private one.
    try:
        replace_file(target, secret.encode())
    except OSError as error:
        raise SecretError(
            f"{path} cannot be written ({error.strerror})", "check its folder"
        ) from None
    return True
