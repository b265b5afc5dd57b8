"""What became of holds: how many asked, how many you said yes to, and how many of those dates took
place.

A date took place when the accepted hold counts as a meeting (`judging.meetings`): after its end,
unless the user retitled it as missed, a guest declined, or `count_holds` wants more than their
yes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from daemon.holds.record import Hold
from daemon.judging.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Of some holds."""

    asked: int = 0
    """Those that the user could answer: what fikad took back itself is none."""
    said_yes: int = 0
    kept: int = 0
    """The user said yes, and the date took place."""
    ahead: int = 0
    """The user said yes, and it has not ended yet."""


NONE = Outcomes()
"""Of no holds."""


def outcomes(
    holds: Iterable[Hold], counted: Iterable[Verdict], since: datetime, now: datetime
) -> Outcomes:
    """Of the holds made since then (aware); `counted` are the completed one-on-ones."""
    took_place = {
        verdict.occurrence.hold.uid for verdict in kept_dates(counted) if verdict.occurrence.hold
    }
    asked = [hold for hold in holds if hold.created_at >= since and is_asked(hold)]
    accepted = [hold for hold in asked if hold.state == "accepted"]
    said_yes = list(filter(got_a_yes, asked))
    return Outcomes(
        asked=len(asked),
        said_yes=len(said_yes),
        kept=sum(hold.uid in took_place for hold in accepted),
        ahead=sum(hold.end > now for hold in accepted),
    )


def is_asked(hold: Hold) -> bool:
    """Whether the user could answer it: what fikad took back itself is no suggestion."""
    return hold.state not in ("creating", "withdrawn")


def got_a_yes(hold: Hold) -> bool:
    """Whether the user ever said yes to it, whatever became of the date. One that was deleted after
    the yes is told by the write that completed it."""
    return hold.state in ("accepted", "missed") or hold.completed is not None


def kept_dates(counted: Iterable[Verdict]) -> Sequence[Verdict]:
    """The dates that came of a hold and took place, by start where `counted` are."""
    return [verdict for verdict in counted if verdict.counted and verdict.rule == "hold"]
