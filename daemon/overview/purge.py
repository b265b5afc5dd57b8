"""A look at what fikad left in every calendar: what `fikad purge` shows and takes back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from daemon.config.schema import Config
from daemon.cycle.purging import Purge
from daemon.cycle.reading import Progress
from daemon.ledger.ledger import open_ledger
from daemon.ledger.lock import locked
from daemon.opening import opener


@contextmanager
def purging(config: Config, state: Path, now: datetime, progress: Progress) -> Iterator[Purge]:
    """Every account of the config, with the state folder locked meanwhile. Raises LedgerError,
    RefusedError when another fikad is at work."""
    with (
        locked(state),
        open_ledger(state) as ledger,
        Purge(config, ledger, opener(config, ledger), now, progress) as purge,
    ):
        yield purge
