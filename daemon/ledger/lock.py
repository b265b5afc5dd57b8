"""One pass at a time: a lock file in the state folder that names who holds it. It dies with its
process."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager

from connectors.errors import RefusedError

TYPE_CHECKING = False  # typing is more to load than all of this
if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def locked(state: Path | str, name: str = "lock") -> Iterator[None]:
    """Hold the lock `name` of a state folder, or raise RefusedError naming the process that holds
    it."""
    path = os.path.join(state, name)  # noqa: PTH118 - pathlib is more to load than all of this
    try:
        os.makedirs(state, mode=0o700, exist_ok=True)  # noqa: PTH103 - as above
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
