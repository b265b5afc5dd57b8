"""How the practice is going: what `fikad report` tells."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from daemon.config.schema import Config
from daemon.ledger.ledger import ledger_view
from daemon.page.file import write_page
from daemon.practice.outcomes import outcomes
from daemon.practice.reporting import Practice, practice
from daemon.practice.year import Year, year
from daemon.situation.assessing import read_situation

PAGE = "report.html"
"""What the page is called in the state folder, where nobody says where else it is to be."""
_AHEAD = 4
"""So many weeks ahead stand beside those that were."""
ANSWERS = ("accepted", "pinned", "dismissed", "lapsed")


@dataclass(frozen=True, slots=True)
class Going:
    """How it is going."""

    practice: Practice
    answers: Counter[str]
    """How many of the holds made in this time are in which state."""
    year: Year
    """The same weeks and those just ahead, person by person."""


def report(config: Config, state: Path, weeks: int, now: datetime) -> Going:
    """How the last `weeks` went, this one included. Raises LedgerError."""
    with ledger_view(state) as ledger:
        situation = read_situation(config, ledger, now)
    since = now - timedelta(weeks=weeks)
    answers = Counter[str](hold.state for hold in situation.holds if hold.created_at >= since)
    standings = list(situation.standings.values())
    went = practice(situation.met, standings, now, config.zone, weeks)
    became = outcomes(situation.holds, situation.counted, since, now)
    return Going(replace(went, outcomes=became), answers, year(situation, weeks - 1, _AHEAD))


def report_page(config: Config, state: Path, file: Path | None, now: datetime) -> Path:
    """Write the page to `file`, by default into the state folder, and tell where it is. Raises
    PageFileError, LedgerError."""
    path = (file or state / PAGE).absolute()
    with ledger_view(state) as ledger:
        write_page(path, config, ledger, now)
    return path


def report_facts(going: Going) -> dict[str, Any]:
    """The report as JSON."""
    practice, answers = going.practice, going.answers
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
        "year": {
            "mondays": [monday.isoformat() for monday in going.year.mondays],
            "people": [
                {
                    "contact": person.contact.name,
                    "circle": person.contact.circle or None,
                    "marks": [week.mark or None for week in person.weeks],
                }
                for person in going.year.people
            ],
        },
    }
