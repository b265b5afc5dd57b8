"""The page that a pass keeps true: `[report] write` of the config.

It is written after a pass that changed something, and where something else did since: the config,
what was entered by hand, or the day, since time alone moves people outward. A page that cannot be
written stops nothing."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from connectors.errors import FikadError
from daemon.config.schema import Config
from daemon.cycle.report import Report
from daemon.ledger.ledger import Ledger
from daemon.page.file import write_page

_OWED = "page_owed"
"""In the ledger: what stands when the page could not be written, until it is."""


def keep_page(
    config: Config, ledger: Ledger, report: Report, now: datetime, config_file: Path
) -> None:
    """At the end of a pass at `now` (aware): renew the page, and note in the report what stood in
    the way; as long as something does, the next poll is a pass again. Raises LedgerError."""
    changed = report.changed_something
    trouble = renew_page(config, ledger, now, changed=changed, config_file=config_file)
    if trouble:
        report.page_trouble, report.quiet = trouble, None


def renew_page(
    config: Config, ledger: Ledger, now: datetime, *, changed: bool, config_file: Path | None = None
) -> str:
    """Write the page that the config wants, if what stands on it may not be true any more;
    `changed`: the pass that ends at `now` (aware) changed something. What stood in the way, as a
    sentence; "": nothing did."""
    path = config.report.write
    if path is None or not (changed or _is_old(path, config, ledger, now, config_file)):
        return ""
    trouble = _trouble(path, config, ledger, now)
    if bool(trouble) != bool(ledger.get(_OWED)):
        ledger.put(_OWED, "yes" if trouble else "")
    return trouble


def _trouble(path: Path, config: Config, ledger: Ledger, now: datetime) -> str:
    """Write the page; what stood in the way."""
    try:
        write_page(path, config, ledger, now)
    except FikadError as error:
        return str(error)
    except Exception as error:
        if os.environ.get("FIKAD_DEBUG"):
            raise
        name = type(error).__name__
        return f"unexpected {name}: run `fikad report --open` with FIKAD_DEBUG=1 and report it"
    return ""


def _is_old(
    path: Path, config: Config, ledger: Ledger, now: datetime, config_file: Path | None
) -> bool:
    """Whether there is none, or something that is on it has changed since it was written."""
    if ledger.get(_OWED) or not path.is_file():
        return True
    try:
        written = _written(path)
        configured = _written(config_file) if config_file else written
    except OSError:
        return True
    day = written.astimezone(config.zone).date()
    # The ledger keeps whole seconds.
    since = written.replace(microsecond=0)
    return (
        day != now.astimezone(config.zone).date()
        or configured > written
        or any(entry.at >= since for entry in ledger.entries())
    )


def _written(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)
