"""When people are met and for what, and when fikad suggests it: by weekday and hour of the user's
wall clock. Numbers only: nobody is named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from daemon.discovery.usual_week import named_occasion, occasion_words
from daemon.practice.outcomes import is_asked
from daemon.situation.situation import Situation

Place = tuple[int, int]
"""A weekday, Monday is 0, and an hour of the day."""


@dataclass(frozen=True, slots=True)
class Hours:
    """How often what begins when."""

    meetings: Mapping[Place, int]
    """The completed one-on-ones in calendars; what was entered by hand tells no hour."""
    holds: Mapping[Place, int]
    """What fikad suggested, where it stands or stood last."""
    occasions: tuple[tuple[str, int], ...]
    """What the meetings were for, the most frequent first: the built-in occasions, as far as titles
    name one, and "" for all others."""

    @property
    def most(self) -> int:
        """The largest number of meetings for one thing."""
        return max((count for _, count in self.occasions), default=0)

    @property
    def span(self) -> range:
        """The hours of the day within which all of it begins; empty where there is nothing."""
        hours = [hour for _, hour in (*self.meetings, *self.holds)]
        return range(min(hours), max(hours) + 1) if hours else range(0)


def hours(situation: Situation, span: timedelta) -> Hours:
    """Of what took place, or was suggested, in the last `span`."""
    config, since = situation.config, situation.now - span
    met = {
        (verdict.occurrence.start, verdict.occurrence.title)
        for verdict in situation.counted
        if verdict.occurrence.start >= since
    }
    words = occasion_words(config.languages or (config.language,))
    named = Counter(named_occasion(title, words) for _, title in met)
    return Hours(
        _counted(start.astimezone(config.zone) for start, _ in met),
        _counted(
            hold.start.astimezone(config.zone)
            for hold in situation.holds
            if is_asked(hold) and hold.created_at >= since
        ),
        tuple(sorted(named.items(), key=lambda pair: (pair[0] == "", -pair[1], pair[0]))),
    )


def _counted(moments: Iterable[datetime]) -> Mapping[Place, int]:
    return Counter((moment.weekday(), moment.hour) for moment in moments)
