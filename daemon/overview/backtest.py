"""The past weeks once more, under the present config: what `fikad backtest` tells."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from connectors.errors import FikadError
from daemon.config.schema import Config
from daemon.durations import iso_time
from daemon.ledger.ledger import ledger_view
from daemon.practice.backtest import Answers, Backtest, read_past, replay


def backtest(config: Config, state: Path, weeks: int, now: datetime, answers: Answers) -> Backtest:
    """The last `weeks` replayed, as far back as the ledger in `state` reaches. Raises FikadError
    when nothing was read yet, LedgerError."""
    start = now - min(timedelta(weeks=weeks), config.history)
    with ledger_view(state) as ledger:
        if not any(ledger.calendars(name) for name in config.accounts):
            raise FikadError("no calendar has been read yet", "run `fikad once --no-plan` first")
        past = read_past(config, ledger, start, now)
    return replay(config, past, start, now, answers)


def backtest_facts(backtest: Backtest, config: Config) -> dict[str, Any]:
    """The replay as JSON; times with the offset of the user's zone."""
    zone = config.zone
    return {
        "from": iso_time(backtest.start, zone),
        "until": iso_time(backtest.end, zone),
        "suggestions_a_week": round(backtest.a_week, 2),
        "in_touch": {
            "real": round(backtest.in_touch(replayed=False), 3),
            "replayed": round(backtest.in_touch(replayed=True), 3),
        },
        "holds": {
            "real": asdict(backtest.outcomes),
            "replayed": asdict(backtest.replayed_outcomes),
        },
        "suggestions": [
            {
                "contact": suggestion.hold.contact_name,
                "asked": iso_time(suggestion.asked_at, zone),
                "start": iso_time(suggestion.hold.start, zone),
                "end": iso_time(suggestion.hold.end, zone),
                "title": suggestion.hold.title,
                "became": suggestion.became,
                "reason": suggestion.hold.reason,
            }
            for suggestion in backtest.suggestions
        ],
        "contacts": [
            {
                "name": compared.contact.name,
                "cadence_days": compared.contact.cadence.days,
                "asked": compared.asked,
                "dates": {"real": compared.dates_real, "replayed": compared.dates_replayed},
                "in_touch": {
                    "real": round(compared.in_touch_real, 3),
                    "replayed": round(compared.in_touch_replayed, 3),
                },
            }
            for compared in backtest.contacts
        ],
    }
