"""The config that is in force: a copy of the last one without mistakes."""

from __future__ import annotations

from pathlib import Path

from daemon.config.schema import Config, load
from daemon.config.source import read_text
from daemon.ledger.store import LedgerError
from daemon.service.daemon_state import copy_in_force, replace_text
from daemon.service.job import Job


def config_of(job: Job) -> Config:
    """The config that a job works with. Raises ConfigError."""
    return load(Path(job.config), read_text(Path(job.kept)) if job.kept else None)


def adopt_config(job: Job) -> tuple[Config, bool]:
    """The config in the file, and whether it differs from the copy in force, which it replaces.
    Raises ConfigError, or LedgerError when the copy cannot be written."""
    path = Path(job.config)
    text = read_text(path)
    config = load(path, text)
    copy = copy_in_force(Path(job.state), path)
    if copy.exists() and read_text(copy) == text:
        return config, False
    try:
        replace_text(copy, text, durably=True)
    except OSError as error:
        raise LedgerError(
            f"cannot write {copy} ({error.strerror})", "check the folder's space and rights"
        ) from error
    return config, True
