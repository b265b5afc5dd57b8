"""How long a contact is left alone after suggestions that came to nothing.

A *row* is the run of a contact's latest suggestions that were dismissed or lapsed, since they were
last met or the user last made a suggestion theirs. One that only stands again as it was counts as
dismissed as before. Each dismissal in the row doubles the rest; each lapse doubles the wait, which
is shorter, since an overlooked suggestion is not a no. Withdrawals are fikad's own doing and
neither add to a row nor end it; those by another fikad count as lapses, since its reason (a snooze,
say) is not known here, and it would take back the next one, too."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from daemon.durations import duration_in_words
from daemon.holds.record import Hold

LONG_ROW = 3
"""So many in a row are a sign that the cadence is too short."""
_FIRST = datetime.min.replace(tzinfo=UTC)


def cooldown_after(dismissals_in_a_row: int, cadence: timedelta, least: timedelta) -> timedelta:
    """The rest after the n-th dismissal in a row: a quarter of the cadence, at least `least`,
    doubling each time up to two cadences; zero when nothing was dismissed."""
    first = max(least, cadence / 4)
    return _doubled(first, dismissals_in_a_row, most=max(first, 2 * cadence))


def wait_after(lapses_in_a_row: int, cadence: timedelta, least: timedelta) -> timedelta:
    """The wait after the n-th lapse in a row: `least`, doubling each time up to one cadence; zero
    when nothing lapsed."""
    return _doubled(least, lapses_in_a_row, most=max(least, cadence))


def _doubled(first: timedelta, times: int, most: timedelta) -> timedelta:
    if times < 1:
        return timedelta(0)
    span = first
    for _ in range(times - 1):
        span = min(2 * span, most)
    return span


def fruitless_in_a_row(holds: Iterable[Hold], last_met: datetime | None) -> tuple[Hold, ...]:
    """One contact's latest suggestions that came to nothing, oldest first. `holds` are all that
    were ever decided for the contact; `last_met` is the end of the last meeting, which begins a new
    row."""
    fruitless: list[Hold] = []
    decided = [
        hold
        for hold in holds
        if hold.decided_at is not None
        and (hold.state != "withdrawn" or hold.by_another or hold.refused_at)
        and not hold.rest_taken_back
    ]
    for hold in sorted(decided, key=_latest, reverse=True):
        if _taken_up(hold) or _since(hold) <= (last_met or _FIRST):
            break
        fruitless.append(hold)
    return tuple(reversed(fruitless))


def _latest(hold: Hold) -> tuple[datetime, bool, str]:
    # Of what was found in one pass, a refusal is taken for the later word.
    return _since(hold), not _taken_up(hold), hold.uid


def _taken_up(hold: Hold) -> bool:
    return hold.state in ("accepted", "missed", "pinned") and hold.dismissed_at is None


def _since(hold: Hold) -> datetime:
    return hold.dismissed_at or hold.decided_at or _FIRST


def cooldown_until(
    in_a_row: tuple[Hold, ...], cadence: timedelta, least: timedelta
) -> datetime | None:
    """Until when a contact with this row is left alone; None when nothing stands in it."""
    ends: list[datetime] = []
    refused = [_since(hold) for hold in in_a_row if hold.dismissed_at]
    passed = [_since(hold) for hold in in_a_row if not hold.dismissed_at]
    for decided, rest in ((refused, cooldown_after), (passed, wait_after)):
        if decided:
            ends.append(_later(max(decided), rest(len(decided), cadence, least)))
    return max(ends, default=None)


def _later(start: datetime, span: timedelta) -> datetime:
    try:
        return start.astimezone(UTC) + span
    except OverflowError:  # a hold may stand in the calendar's last year
        return datetime.max.replace(tzinfo=UTC)


def loosening(in_a_row: tuple[Hold, ...], cadence: timedelta) -> str:
    """A suggestion to loosen the cadence after a long row, as one sentence; "" as long as there is
    no reason to. What another fikad took back says nothing about what the user wants."""
    came_to_nothing = sum(hold.state != "withdrawn" for hold in in_a_row)
    if came_to_nothing < LONG_ROW:
        return ""
    return (
        f"{came_to_nothing} suggestions in a row came to nothing: a longer cadence than "
        f"{duration_in_words(cadence)}"
        " would ask less often."
    )
