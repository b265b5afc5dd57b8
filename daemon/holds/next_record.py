"""The next record of a hold: closed, or to be written anew somewhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from connectors.base import HoldDraft, HoldEvent
from daemon.durations import at_time
from daemon.holds.facts import Action, Facts, Transition
from daemon.holds.record import Hold, State

MOVES_A_DAY = 2
"""What chases a hold must not be chased: so often it moves within a day, by the user's clock."""


def close(
    hold: Hold, state: State, reason: str, now: datetime, action: Action | None = None
) -> Transition:
    """The end of a hold, with the removal that it takes, if any."""
    closed = replace(
        hold,
        state=state,
        reason=reason,
        decided_at=min(now, hold.end),
        intent="delete" if action else None,
        intent_version=None,
    )
    return Transition(closed, action, reason)


def redrafted(hold: Hold, facts: Facts, draft: HoldDraft, occasion: str) -> Hold:
    """A hold to be written anew. Where its title changes, it names the contact as they are called
    by now."""
    anew = replace(hold, draft=replace(draft, uid=hold.uid), occasion=occasion or hold.occasion)
    if facts.called and draft.title != hold.draft.title:
        anew = replace(anew, contact_name=facts.called)
    return anew


def noted(hold: Hold, start: datetime, now: datetime) -> Hold:
    """A hold with a move in its record."""
    moves = (*hold.moves, now)[-MOVES_A_DAY:]
    return replace(hold, moves=moves, moved_from=start, renewed_at=now)


def why_moved(hold: Hold, event: HoldEvent, facts: Facts, cause: str) -> str:
    """The reasons for the person and the new slot, and from when it was moved and why."""
    moved = (
        f"Moved from {at_time(event.start, facts.zone, facts.style)}: "
        f"{cause[:1].lower()}{cause[1:]}"
    )
    return " ".join(part for part in (hold.why, facts.next_reason, moved) if part)
