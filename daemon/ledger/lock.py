"""One pass at a time: a lock file in the state folder that names who holds it. It dies with its
process."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from connectors.errors import RefusedError


@contextmanager
def locked(state: Path, name: str = "lock") -> Iterator[None]:
    """Hold the lock `name` of a state folder, or raise RefusedError naming the process that holds
    it."""
    path = state / name
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        # Imported late: the daemon holds a lock for months and never opens the ledger itself.
        from daemon.ledger.store import LedgerError

        raise LedgerError(
            f"cannot use {path} ({error.strerror})", "check the state folder's permissions"
        ) from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.pread(handle, 32, 0).decode("ascii", "replace").strip() or "unknown"
            raise RefusedError(
                f"another fikad (process {holder}) is at work on {state}",
                "wait for it to finish, or stop it",
            ) from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(handle)
