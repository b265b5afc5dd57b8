"""What becomes of a hold that the user did something with: an order is followed, and all else makes
it theirs."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from connectors.answering import asks
from connectors.base import HoldEvent
from connectors.ical.completion import may_be_completed
from connectors.sanitize import sanitize
from daemon.holds.draft import answering_lines
from daemon.holds.edits import edited_fields, fields_in_words, says_yes
from daemon.holds.facts import (
    Complete,
    CountAsMet,
    Effect,
    Facts,
    Move,
    NeverAgain,
    Snooze,
    Transition,
    Withdraw,
)
from daemon.holds.moments import met_at, until
from daemon.holds.next_record import close, redrafted, why_moved
from daemon.holds.order_grammar import Order
from daemon.holds.orders import says
from daemon.holds.record import CLOSED, Hold, Intent, State
from daemon.holds.sight import order_on
from daemon.holds.unanswered import why_unwanted


def follow(
    hold: Hold, event: HoldEvent, facts: Facts, now: datetime, *, removable: bool
) -> Transition:
    """An order: its effect once, and the removal of the hold as long as it is there."""
    order = order_on(hold, event)
    if order is None:
        raise ValueError(f"there is no order in the title of {hold.uid}")
    # A server may tell the guests when an event with guests is deleted.
    invited = "ATTENDEE" in event.extras
    action = Withdraw() if removable and not invited else None
    if hold.order == order.text and hold.state in CLOSED:
        intent: Intent | None = "delete" if action else None
        return Transition(replace(hold, intent=intent), action, hold.reason)
    state: State = "dismissed" if order.word in ("skip", "never") else "withdrawn"
    left = " Somebody is invited, so deleting it is left to you." if invited else ""
    reason = f'You wrote "{_quoted(event.title)}".{left}'
    followed = close(hold, state, reason, now, action)
    return replace(
        followed,
        hold=replace(followed.hold, order=order.text),
        effect=_effect(order, event, facts, now),
    )


def _effect(order: Order, event: HoldEvent, facts: Facts, now: datetime) -> Effect | None:
    match order.word:
        case "snooze":
            return Snooze(
                now + facts.cooldown if order.when is None else until(order.when, now, facts.zone)
            )
        case "met":
            at = min(event.end, now)
            return CountAsMet(at if order.when is None else met_at(order.when, now, facts.zone))
        case "never":
            return NeverAgain()
    return None


def missed(hold: Hold, event: HoldEvent, now: datetime) -> Transition:
    """What was accepted did not happen: the event stays, and counts for nothing."""
    record = replace(hold, state="missed", intent=None, intent_version=None)
    if hold.state == "missed":
        return Transition(record)
    reason = f'You wrote "{_quoted(event.title)}": it did not happen.'
    return Transition(replace(record, reason=reason, decided_at=min(now, event.end)), reason=reason)


def moved_as_told(hold: Hold, event: HoldEvent, facts: Facts, now: datetime) -> Transition:
    """The user named another time: the one case in which an event whose title they changed is
    written, since they said so. Whoever changed more than the title made it theirs."""
    order = order_on(hold, event)
    if order is None or hold.state not in ("creating", "proposed", "pinned", "accepted"):
        return theirs(hold, event, now)
    if hold.state == "pinned" and hold.order == order.text:
        return theirs(hold, event, now, hold.reason)
    wrote = f'You wrote "{_quoted(event.title)}".'
    known = hold.baseline is not None or hold.state == "creating"
    if not known or edited_fields(hold.written, event) != ("title",) or event.end <= now:
        return _left(
            hold,
            order,
            event,
            now,
            f"{wrote} You changed more than its title, so moving it is left to you.",
        )
    if unwanted := why_unwanted(hold, facts, now):
        return close(hold, "withdrawn", unwanted, now, Withdraw())
    if facts.wished_draft is None and not facts.slots_known:
        return Transition(hold, reason=f"{wrote} It moves when all calendars can be read.")
    if facts.wished_draft is None:
        return _left(
            hold, order, event, now, f"{wrote} No slot is open then, so it stays where it is."
        )
    moved = redrafted(hold, facts, facts.wished_draft, facts.wished_occasion)
    told = why_moved(hold, event, facts, wrote)
    moved = replace(
        moved, state="proposed", intent="update", intent_version=None, reason=told, order=order.text
    )
    return Transition(
        replace(moved, decided_at=None, moved_from=event.start, renewed_at=now),
        Move(moved.draft),
        wrote,
    )


def _left(hold: Hold, order: Order, event: HoldEvent, now: datetime, reason: str) -> Transition:
    became = theirs(hold, event, now, reason)
    return replace(became, hold=replace(became.hold, order=order.text))


def theirs(hold: Hold, event: HoldEvent, now: datetime, reason: str = "") -> Transition:
    """The user touched it: never written again. Accepted as long as it says yes, else pinned."""
    yes, changed = (
        says_yes(hold.written, event, hold.completed, hold.contact_name),
        # What the completing write set is no change of the user's.
        edited_fields(hold.completed or hold.written, event),
    )
    state: State = "accepted" if yes else "pinned"
    completing = hold.completed is not None or hold.intent == "complete"
    if yes and completing and hold.state == state:
        reason = hold.reason  # what the completing write set is no new answer
    elif yes:
        reason = f"{yes[0].upper()}{yes[1:]}."
    elif says(event.title, hold.written.title, hold.contact_name) == "slip":
        reason = 'Its title is not understood: write for example "snooze 3 weeks".'
    elif not reason:
        reason = f"You changed it: {fields_in_words(changed)}." if changed else hold.reason
    decided_at = hold.decided_at if state == hold.state else min(now, event.end)
    return Transition(
        replace(
            hold,
            state=state,
            reason=reason,
            decided_at=decided_at,
            intent=None,
            intent_version=None,
        ),
        reason=reason if state != hold.state else "",
    )


def completed(became: Transition, event: HoldEvent, facts: Facts, now: datetime) -> Transition:
    """An accepted hold with the one write that completes it, unless it had that.

    The answering lines are the mark: they are gone once it was written, and nobody but fikad puts
    them there. So it is known from the event alone, also to another fikad and to one that lost its
    ledger, that nothing is to be written."""
    hold, lines = became.hold, answering_lines()
    if hold.state != "accepted" or hold.completed is not None:
        return became
    if not asks(event.description, lines):
        done = (
            event.status == "confirmed"
            and not event.transparent
            and asks(hold.written.description, lines)
        )
        return replace(became, hold=replace(hold, completed=event)) if done else became
    if not facts.completes or event.end <= now or not may_be_completed(event):
        return became
    return replace(became, hold=replace(hold, intent="complete"), action=Complete(lines))


def _quoted(title: str) -> str:
    return sanitize(title, 60).replace('"', "'")
