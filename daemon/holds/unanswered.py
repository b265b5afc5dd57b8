"""What becomes of a hold that nobody answered or touched: it stays, is written anew, moves, or
goes, as the facts say."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from connectors.base import HoldDraft, HoldEvent
from daemon.durations import at_time
from daemon.holds.edits import breaks_its_seal
from daemon.holds.facts import Create, Facts, Move, Rewrite, Transition, Withdraw
from daemon.holds.next_record import MOVES_A_DAY, close, noted, redrafted, why_moved
from daemon.holds.record import Hold, may_be_renewed


def try_again(hold: Hold, facts: Facts, now: datetime) -> Transition:
    """A create that certainly never happened is done now, if it still makes sense."""
    if unwanted := why_unwanted(hold, facts, now):
        return close(hold, "withdrawn", unwanted, now)
    if hold.start <= now:
        return close(hold, "withdrawn", "Its time came before it was written.", now)
    if not facts.displaced:
        # Written now, and not when it was decided: it is looked at again a day from now.
        return Transition(
            replace(hold, renewed_at=now), Create(hold.draft), "It was not written yet."
        )
    if facts.next_draft is not None:
        moved = redrafted(hold, facts, facts.next_draft, facts.next_occasion)
        moved = replace(moved, renewed_at=now)
        return Transition(moved, Create(moved.draft), facts.displaced)
    if not facts.slots_known:
        return Transition(
            hold,
            reason=f"{facts.displaced} Another slot is looked for when all calendars can be read.",
        )
    return close(hold, "withdrawn", f"{facts.displaced} No other slot is open.", now)


def keep(hold: Hold, event: HoldEvent, facts: Facts, now: datetime) -> Transition:
    """An unanswered hold that nobody touched: it stays, unless the facts are against it."""
    if event.withdrawn:
        begun = replace(hold, by_another=True)
        return close(begun, "withdrawn", "Another fikad began to take it back.", now, Withdraw())
    if unwanted := why_unwanted(hold, facts, now):
        return close(hold, "withdrawn", unwanted, now, Withdraw())
    if event.end <= now:
        return close(hold, "lapsed", "Its time passed without an answer.", now, Withdraw())
    if any(_rank(rival) < _rank(event) for rival in facts.rivals if stands(rival, now)):
        return close(hold, "withdrawn", "Another hold stands for the same person.", now, Withdraw())
    if not facts.displaced:
        return _renewed(hold, facts, now)
    if facts.next_draft is not None:
        return _move(hold, event, facts.next_draft, facts, now)
    if not facts.slots_known:
        return Transition(
            hold, reason=f"{facts.displaced} It moves when all calendars can be read."
        )
    return close(hold, "withdrawn", f"{facts.displaced} No other slot is open.", now, Withdraw())


def _renewed(hold: Hold, facts: Facts, now: datetime) -> Transition:
    """Where it is, with a text that is true again. Nobody is told: nothing happened to it."""
    if facts.renewed_draft is None or not may_be_renewed(hold, now):
        return Transition(hold)
    anew = replace(redrafted(hold, facts, facts.renewed_draft, ""), intent="update", renewed_at=now)
    return Transition(anew, Rewrite(anew.draft))


def _move(
    hold: Hold, event: HoldEvent, draft: HoldDraft, facts: Facts, now: datetime
) -> Transition:
    """To the next best slot, at most twice a day: what chases a hold must not be chased."""
    if draft.start == event.start:  # its text alone is written anew
        anew = replace(redrafted(hold, facts, draft, ""), intent="update", renewed_at=now)
        return Transition(anew, Move(anew.draft), facts.displaced)
    today = now.astimezone(facts.zone).date()
    if sum(moment.astimezone(facts.zone).date() == today for moment in hold.moves) >= MOVES_A_DAY:
        return Transition(
            hold, reason=f"{facts.displaced} It was moved twice today, so it stays until tomorrow."
        )
    moved = redrafted(hold, facts, draft, facts.next_occasion)
    moved = replace(moved, intent="update", reason=why_moved(hold, event, facts, facts.displaced))
    return Transition(noted(moved, event.start, now), Move(moved.draft), facts.displaced)


def why_unwanted(hold: Hold, facts: Facts, now: datetime) -> str:
    """Why the contact is not to be asked any more, "" when they are."""
    if facts.removed:
        return f"{hold.contact_name} is not among your contacts any more."
    if facts.paused:
        return f"{hold.contact_name} is paused."
    if facts.last_met is not None and (hold.last_met is None or facts.last_met > hold.last_met):
        return f"You have met {hold.contact_name}."
    if facts.booked is not None:
        return (
            f"You already meet {hold.contact_name} on "
            f"{at_time(facts.booked, facts.zone, facts.style)}."
        )
    if facts.snoozed_until is not None and facts.snoozed_until > now:
        return f"{hold.contact_name} is snoozed."
    return ""


def stands(rival: HoldEvent, now: datetime) -> bool:
    return rival.end > now and rival.status != "cancelled" and not rival.withdrawn


def _rank(event: HoldEvent) -> tuple[bool, str]:
    """Which of two holds for one contact stays: the one that the user touched, else the first by
    name.

    It depends on nothing but the events and on no time of day, so any two fikads agree, also while
    one moves them."""
    return not breaks_its_seal(event), event.uid.replace("-", "")
