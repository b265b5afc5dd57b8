"""How many holds a week: the rhythm, and the challenges that raise it for a while. And how long it
has been kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from daemon.config.schema import Challenge, Rhythm
from daemon.planning.fit import monday

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Pace:
    """The caps as they are in each week."""

    rhythm: Rhythm
    challenges: Sequence[Challenge] = ()

    def per_week(self, week: date, circle: str | None = None) -> int:
        """The most holds in the week that begins on this Monday; with `circle` given, those for its
        people."""
        raised = (
            challenge.per_week
            for challenge in self.challenges
            if _touches(challenge, week) and challenge.circle in (None, circle)
        )
        return max([self.rhythm.per_week, *raised])

    def open(self, today: date) -> int:
        """The most unanswered holds at a time: no fewer than a challenge of this week or the next
        wants in a week."""
        week = monday(today)
        near = (
            challenge.per_week
            for challenge in self.challenges
            if _touches(challenge, week) or _touches(challenge, week + 7 * _DAY)
        )
        return max([self.rhythm.open, *near]) if self.rhythm.open else 0

    def circles(self) -> tuple[str, ...]:
        """The circles that have challenges of their own."""
        return tuple(
            dict.fromkeys(
                challenge.circle for challenge in self.challenges if challenge.circle is not None
            )
        )


def streak(ends: Iterable[datetime], zone: ZoneInfo, now: datetime) -> int:
    """For how many weeks (Monday to Sunday in `zone`) in a row there was at least one date. `ends`
    are those of the meetings; the present week counts once it has one, and does not end a streak
    before it is over."""
    weeks = {monday(end.astimezone(zone).date()) for end in ends if end <= now}
    this_week = monday(now.astimezone(zone).date())
    week = this_week if this_week in weeks else this_week - 7 * _DAY
    length = 0
    while week in weeks:
        length += 1
        week -= 7 * _DAY
    return length


def _touches(challenge: Challenge, week: date) -> bool:
    return challenge.from_ < week + 7 * _DAY and challenge.until >= week
