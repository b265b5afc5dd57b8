"""A config and a state folder, and polls of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from daemon.cycle.report import Report
from daemon.ledger.ledger import Ledger, open_ledger
from daemon.overview.once import Once
from tests.daemon.cli.running import days_ago

NOW = days_ago(0, 10).astimezone(UTC)


@dataclass(kw_only=True)
class Home:
    """Where one user's config and state lie."""

    folder: Path
    now: datetime = NOW

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"

    @property
    def state(self) -> Path:
        return self.folder / "state"

    def poll(self, *, plan: bool = False) -> tuple[bool, Report]:
        """A poll as `fikad once` does it: whether it started a pass, and what it reports."""
        once = Once(self.config, self.state, plan)
        report = once.run(lambda: self.now, lambda *_: None)
        return once.config is not None, report

    def settle(self) -> Report:
        """Poll until nothing is to be done; what the last poll reports."""
        for _ in range(5):
            passed, report = self.poll()
            if not passed:
                return report
        raise AssertionError("it never comes to rest")

    def ledger(self) -> Ledger:
        return open_ledger(self.state)
