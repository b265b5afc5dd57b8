"""How the practice is going: what `fikad report` tells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from daemon.config.schema import Config
from daemon.ledger.ledger import ledger_view
from daemon.page.file import write_page
from daemon.practice.outcomes import outcomes
from daemon.practice.reporting import Practice, practice
from daemon.situation.assessing import read_situation

PAGE = "report.html"
"""What the page is called in the state folder, where nobody says where else it is to be."""
ANSWERS = ("accepted", "pinned", "dismissed", "lapsed")


def report(config: Config, state: Path, weeks: int, now: datetime) -> tuple[Practice, Counter[str]]:
    """The practice of the last `weeks`, and how many of the holds made in them are in which state.
    Raises LedgerError."""
    with ledger_view(state) as ledger:
        situation = read_situation(config, ledger, now)
    since = now - timedelta(weeks=weeks)
    answers = Counter[str](hold.state for hold in situation.holds if hold.created_at >= since)
    standings = list(situation.standings.values())
    went = practice(situation.met, standings, now, config.zone, weeks)
    became = outcomes(situation.holds, situation.counted, since, now)
    return replace(went, outcomes=became), answers


def report_page(config: Config, state: Path, file: Path | None, now: datetime) -> Path:
    """Write the page to `file`, by default into the state folder, and tell where it is. Raises
    PageFileError, LedgerError."""
    path = (file or state / PAGE).absolute()
    with ledger_view(state) as ledger:
        write_page(path, config, ledger, now)
    return path


def report_facts(practice: Practice, answers: Mapping[str, int]) -> dict[str, Any]:
    """The report as JSON."""
    return {
        "weeks": [
            {"monday": week.monday.isoformat(), "dates": week.dates} for week in practice.weeks
        ],
        "weeks_with_a_date": practice.weeks_with_a_date,
        "dates": practice.dates,
        "streak_weeks": practice.streak,
        "longest_streak_weeks": practice.longest,
        "circles": [
            {
                "circle": circle.circle or None,
                "people": circle.people,
                "within_cadence": circle.within,
                "overdue": circle.overdue,
            }
            for circle in practice.circles
        ],
        "birthdays": [
            {"contact": name, "day": day.isoformat()} for day, name in practice.birthdays
        ],
        "holds": {
            **{answer: answers.get(answer, 0) for answer in ANSWERS},
            **asdict(practice.outcomes),
        },
    }
