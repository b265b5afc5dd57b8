"""The look at the week: what is pencilled in, and who has gone quiet. One sentence or two, for Sunday evening."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from connectors.inert import clean
from daemon.holds.draft import is_question
from daemon.holds.transition import Hold, is_open
from daemon.judging.recency import Standing
from daemon.people.contacts import joined

_WEEK = timedelta(weeks=1)
_QUIET = 2.0
"""The urgency from which on somebody has gone quiet."""
_MOST = 3
"""So many quiet people are named at the most."""


def this_week(holds: Iterable[Hold], standings: Mapping[str, Standing], zone: ZoneInfo, now: datetime) -> str:
    """ "This week: Coffee with Jane (Tue 10:00), Lunch with Omar? (Thu 12:00). Gone quiet: Lee and Priya." Empty when
    there is nothing to say. Nobody who is paused is named."""
    told = [*_dates(holds, standings, zone, now)]
    quiet = [one.contact.name for one in standings.values() if _is_quiet(one)]
    parts = [f"This week: {', '.join(told)}."] if told else []
    if quiet:
        shown = joined([clean(name) for name in quiet[:_MOST]])
        parts.append(f"Gone quiet: {shown}.")
    return " ".join(parts)


def _dates(holds: Iterable[Hold], standings: Mapping[str, Standing], zone: ZoneInfo, now: datetime) -> Sequence[str]:
    wanted = [
        hold
        for hold in holds
        if now < hold.end <= now + _WEEK and (is_open(hold, now) or hold.state == "accepted") and _may(hold, standings)
    ]
    return [
        f"{clean(hold.title).rstrip('?') if _is_sure(hold) else clean(hold.title)}"
        f" ({hold.start.astimezone(zone):%a %H:%M})"
        for hold in sorted(wanted, key=lambda hold: (hold.start, hold.uid))
    ]


def _is_sure(hold: Hold) -> bool:
    return hold.state == "accepted" and is_question(hold.title)


def _may(hold: Hold, standings: Mapping[str, Standing]) -> bool:
    standing = standings.get(hold.contact_key)
    return standing is None or not standing.contact.paused


def _is_quiet(standing: Standing) -> bool:
    """Long overdue, with nothing ahead and no reason to leave them alone."""
    return (
        standing.last_met is not None
        and standing.urgency >= _QUIET
        and (standing.blocked is None or standing.blocked.code == "resting")
    )
