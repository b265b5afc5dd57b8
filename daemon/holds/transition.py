"""The life of a hold, as one table.

A hold is *recorded* in the ledger, *found* in the calendar (or gone), and other *facts* are known.
`transition` takes the three and `now`, and gives the hold's new record, at most one write, and the
reason. It is asked for every hold in every pass and knows nothing of the pass before but the
record, so a crash at any point is settled by asking again.

What is recorded and what is found together pick a row:

    found           creating     proposed     accepted     pinned       dismissed    over
    --------------  -----------  -----------  -----------  -----------  -----------  ------------
    gone            try again *  dismissed +  dismissed +  dismissed +  -            -
    marked          withdrawn    withdrawn    withdrawn    withdrawn    -            -
    cancelled       dismissed    dismissed    dismissed    dismissed    -            -
    an order        followed     followed     followed     followed     followed **  followed **
    another time    moved ^      moved ^      theirs       moved ^      theirs       theirs
    missed, ended   missed       missed       missed       missed       missed       missed
    touched         theirs       theirs       theirs       theirs       theirs       theirs
    as written      kept ***     kept ***     theirs       theirs       theirs ****  removed again
    elsewhere       theirs       theirs       theirs       theirs       theirs       theirs

    over: withdrawn or lapsed
    marked: fikad's own mark of withdrawal was found; an unanswered hold that has ended lapsed
    theirs: accepted if it says yes, else pinned; never written again, except that a yes is
    completed once
    ^ if nothing but its title was changed, and a slot is open then; else theirs
    * only if the calendar certainly has not changed since before the create, else dismissed
    + withdrawn, if another hold of fikad stands for the same contact: two fikads, and the other one
    removed it
    ** removed if it is still there; its effect comes only once
    *** or moved, written anew where it is, withdrawn, lapsed, as the facts say
    **** removed again, if it was an order, or if some fikad wrote it otherwise than it was: one
    that forgot

An order is the one case in which an event that the user changed is removed or moved: they said so.
One that was `missed` stays so: the event is left as it is, whether it goes or not.

Before a write goes out, the new record is kept with its `intent`; `settled` gives the record after
it was done. A state that stands for a removal is recorded with the intent, so that nobody has to
remember why it was removed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Literal

from connectors.answering import asks
from connectors.base import HoldDraft, HoldEvent
from connectors.ical.completion import may_be_completed
from connectors.sanitize import sanitize
from daemon.durations import at_time
from daemon.holds.draft import answering_lines
from daemon.holds.edits import (
    as_draft,
    as_intended,
    breaks_its_seal,
    edited_fields,
    fields_in_words,
    is_sealed,
    says_yes,
)
from daemon.holds.facts import (
    Action,
    Complete,
    CountAsMet,
    Create,
    Effect,
    Facts,
    Move,
    NeverAgain,
    Rewrite,
    Snooze,
    Transition,
    Withdraw,
)
from daemon.holds.moments import met_at, until
from daemon.holds.order_grammar import Order
from daemon.holds.orders import read_order, says
from daemon.holds.record import (
    CLOSED,
    Hold,
    Intent,
    State,
    adopt,
    as_json,
    begin,
    confirmed,
    is_open,
    may_be_renewed,
)

__all__ = [
    "Action",
    "Complete",
    "CountAsMet",
    "Create",
    "Effect",
    "Facts",
    "Hold",
    "Move",
    "NeverAgain",
    "Rewrite",
    "Snooze",
    "Transition",
    "Withdraw",
    "adopt",
    "as_json",
    "begin",
    "confirmed",
    "is_open",
    "is_unedited",
    "news",
    "row",
    "transition",
]

Sight = Literal["marked", "cancelled", "order", "another time", "missed", "touched", "as written"]


def transition(hold: Hold, event: HoldEvent | None, facts: Facts, now: datetime) -> Transition:
    """What becomes of a hold. `event` is the event as its calendar has it now, None when it is not
    there."""
    if not facts.complete:
        return Transition(
            hold, reason="Nothing is concluded: its calendar could not be read to the end."
        )
    if event is None:
        return (
            _gone(hold, facts, now)
            if facts.elsewhere is None
            else _elsewhere(hold, facts.elsewhere, facts, now)
        )
    hold = replace(hold, seen=event)
    match hold.state, _sight(hold, event, now):
        case _, "order":
            return _follow(hold, event, facts, now, removable=event.status != "cancelled")
        case (("missed" | "dismissed" | "withdrawn" | "lapsed"), ("marked" | "cancelled")):
            return Transition(replace(hold, intent=None))
        case _, "marked":
            return _marked(hold, now)
        case _, "cancelled":
            return _close(hold, "dismissed", "You cancelled it.", now)
        case _, "missed":
            return _missed(hold, event, now)
        case _, "another time":
            return _moved_as_told(hold, event, facts, now)
        case (("withdrawn" | "lapsed"), "as written"):
            return _remove_again(hold)
        case (("creating" | "proposed"), "as written"):
            return _keep(_recognised(hold, event, now), event, facts, now)
        case "dismissed", "as written" if hold.order or (
            is_sealed(event) and edited_fields(hold.written, event)
        ):
            return _remove_again(hold)
        case "dismissed", "as written":
            return _theirs(hold, event, now, "It is back in the calendar: yours.")
        case _:
            return _completed(_theirs(hold, event, now), event, facts, now)


def news(before: Hold, became: Transition) -> str:
    """Under which word a pass tells of a transition: `moved`, or the new state; "" when there is
    nothing to tell."""
    if isinstance(became.action, Move):
        return "moved"
    return "" if became.hold.state in ("creating", before.state) else became.hold.state


def is_unedited(hold: Hold, event: HoldEvent) -> bool:
    """Whether a hold is as fikad wrote it, whichever fikad. Not whether it is still fikad's: once
    the user touched it, undoing the change does not give it back."""
    if is_sealed(event) or (hold.baseline is not None and not edited_fields(hold.baseline, event)):
        return True
    # A write whose answer got lost, on a server that drops seals.
    return hold.intent in ("create", "update") and not edited_fields(as_intended(hold.draft), event)


def row(hold: Hold, event: HoldEvent | None, facts: Facts, now: datetime) -> str:
    """The row of the table that a hold is in, by what was found of it; "unread" where its calendar
    could not be read to the end."""
    if not facts.complete:
        return "unread"
    if event is None:
        return "gone" if facts.elsewhere is None else "elsewhere"
    return _sight(hold, event, now)


def _sight(hold: Hold, event: HoldEvent, now: datetime) -> Sight:
    """What the hold as found is, seen from what is recorded: the first column of the table."""
    if is_unedited(hold, event):
        return "as written"
    order = _order(hold, event)
    if order is not None and order.word not in ("yes", "another time", "missed"):
        return "order"
    if event.status == "cancelled":
        return "marked" if event.withdrawn else "cancelled"
    if order is not None and order.word == "another time":
        return "another time"
    return (
        "missed" if order is not None and order.word == "missed" and event.end <= now else "touched"
    )


def _order(hold: Hold, event: HoldEvent) -> Order | None:
    return read_order(event.title, hold.written.title, hold.contact_name)


def _gone(hold: Hold, facts: Facts, now: datetime) -> Transition:
    """The row "gone": the user's dismissal, unless somebody else can have done it or it never was
    there."""
    if hold.state in CLOSED or hold.state == "missed":
        return Transition(replace(hold, intent=None))
    if facts.marked:
        return _marked(hold, now)
    if any(_stands(rival, now) for rival in facts.rivals):
        return _close(
            hold,
            "withdrawn",
            "Another hold stands for the same person: another fikad took this back.",
            now,
        )
    if hold.state != "creating":
        return _close(hold, "dismissed", "You deleted it.", now)
    if facts.hides:
        return _close(hold, "withdrawn", "Its calendar hides it, so nobody saw it there.", now)
    if hold.intent_version is None or hold.intent_version != facts.calendar_version:
        # It may have been written and deleted since. Asking once too little is better than bringing
        # it back.
        return _close(
            hold, "dismissed", "It may have been written, and is not there: taken as deleted.", now
        )
    return _try_again(hold, facts, now)


def _remove_again(hold: Hold) -> Transition:
    """Another fikad, which does not know the end of this hold, wrote it anew."""
    return Transition(replace(hold, intent="delete"), Withdraw(), hold.reason)


def _marked(hold: Hold, now: datetime) -> Transition:
    lapsed = hold.state in ("creating", "proposed") and hold.end <= now
    return _close(hold, "lapsed" if lapsed else "withdrawn", "Another fikad took it back.", now)


def _try_again(hold: Hold, facts: Facts, now: datetime) -> Transition:
    """A create that certainly never happened is done now, if it still makes sense."""
    if unwanted := _unwanted(hold, facts, now):
        return _close(hold, "withdrawn", unwanted, now)
    if hold.start <= now:
        return _close(hold, "withdrawn", "Its time came before it was written.", now)
    if not facts.displaced:
        return Transition(hold, Create(hold.draft), "It was not written yet.")
    if facts.next_draft is not None:
        moved = _redrafted(hold, facts, facts.next_draft, facts.next_occasion)
        return Transition(moved, Create(moved.draft), facts.displaced)
    if not facts.slots_known:
        return Transition(
            hold,
            reason=f"{facts.displaced} Another slot is looked for when all calendars can be read.",
        )
    return _close(hold, "withdrawn", f"{facts.displaced} No other slot is open.", now)


def _keep(hold: Hold, event: HoldEvent, facts: Facts, now: datetime) -> Transition:
    """An unanswered hold that nobody touched: it stays, unless the facts are against it."""
    if event.withdrawn:
        return _close(hold, "withdrawn", "Another fikad began to take it back.", now, Withdraw())
    if unwanted := _unwanted(hold, facts, now):
        return _close(hold, "withdrawn", unwanted, now, Withdraw())
    if event.end <= now:
        return _close(hold, "lapsed", "Its time passed without an answer.", now, Withdraw())
    if any(_rank(rival) < _rank(event) for rival in facts.rivals if _stands(rival, now)):
        return _close(
            hold, "withdrawn", "Another hold stands for the same person.", now, Withdraw()
        )
    if not facts.displaced:
        return _renewed(hold, facts, now)
    if facts.next_draft is not None:
        return _move(hold, event, facts, now)
    if not facts.slots_known:
        return Transition(
            hold, reason=f"{facts.displaced} It moves when all calendars can be read."
        )
    return _close(hold, "withdrawn", f"{facts.displaced} No other slot is open.", now, Withdraw())


def _renewed(hold: Hold, facts: Facts, now: datetime) -> Transition:
    """Where it is, with a text that is true again. Nobody is told: nothing happened to it."""
    if facts.renewed_draft is None or not may_be_renewed(hold, now):
        return Transition(hold)
    anew = replace(
        _redrafted(hold, facts, facts.renewed_draft, ""), intent="update", renewed_at=now
    )
    return Transition(anew, Rewrite(anew.draft))


_MOVES_A_DAY = 2


def _move(hold: Hold, event: HoldEvent, facts: Facts, now: datetime) -> Transition:
    """To the next best slot, at most twice a day: what chases a hold must not be chased."""
    draft = facts.next_draft
    if draft is None or draft.start == event.start:  # its text alone is written anew
        anew = _redrafted(hold, facts, draft, "") if draft else hold
        anew = replace(anew, intent="update", renewed_at=now)
        return Transition(anew, Move(anew.draft), facts.displaced)
    today = now.astimezone(facts.zone).date()
    if sum(moment.astimezone(facts.zone).date() == today for moment in hold.moves) >= _MOVES_A_DAY:
        return Transition(
            hold, reason=f"{facts.displaced} It was moved twice today, so it stays until tomorrow."
        )
    moved = _redrafted(hold, facts, draft, facts.next_occasion)
    moved = replace(moved, intent="update", reason=_why_moved(hold, event, facts, facts.displaced))
    return Transition(_noted(moved, event.start, now), Move(moved.draft), facts.displaced)


def _noted(hold: Hold, start: datetime, now: datetime) -> Hold:
    """A hold with a move in its record."""
    moves = (*hold.moves, now)[-_MOVES_A_DAY:]
    return replace(hold, moves=moves, moved_from=start, renewed_at=now)


def _why_moved(hold: Hold, event: HoldEvent, facts: Facts, cause: str) -> str:
    """The reasons for the person and the new slot, and from when it was moved and why."""
    moved = (
        f"Moved from {at_time(event.start, facts.zone, facts.style)}: "
        f"{cause[:1].lower()}{cause[1:]}"
    )
    return " ".join(part for part in (hold.why, facts.next_reason, moved) if part)


def _unwanted(hold: Hold, facts: Facts, now: datetime) -> str:
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


def _stands(rival: HoldEvent, now: datetime) -> bool:
    return rival.end > now and rival.status != "cancelled" and not rival.withdrawn


def _rank(event: HoldEvent) -> tuple[bool, str]:
    """Which of two holds for one contact stays: the one that the user touched, else the first by
    name.

    It depends on nothing but the events and on no time of day, so any two fikads agree, also while
    one moves them."""
    return not breaks_its_seal(event), event.uid.replace("-", "")


def _follow(
    hold: Hold, event: HoldEvent, facts: Facts, now: datetime, *, removable: bool
) -> Transition:
    """An order: its effect once, and the removal of the hold as long as it is there."""
    order = _order(hold, event)
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
    followed = _close(hold, state, reason, now, action)
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


def _quoted(title: str) -> str:
    return sanitize(title, 60).replace('"', "'")


def _missed(hold: Hold, event: HoldEvent, now: datetime) -> Transition:
    """What was accepted did not happen: the event stays, and counts for nothing."""
    missed = replace(hold, state="missed", intent=None, intent_version=None)
    if hold.state == "missed":
        return Transition(missed)
    reason = f'You wrote "{_quoted(event.title)}": it did not happen.'
    return Transition(replace(missed, reason=reason, decided_at=min(now, event.end)), reason=reason)


def _moved_as_told(hold: Hold, event: HoldEvent, facts: Facts, now: datetime) -> Transition:
    """The user named another time: the one case in which an event whose title they changed is
    written, since they said so. Whoever changed more than the title made it theirs."""
    order = _order(hold, event)
    if order is None or hold.state not in ("creating", "proposed", "pinned", "accepted"):
        return _theirs(hold, event, now)
    if hold.state == "pinned" and hold.order == order.text:
        return _theirs(hold, event, now, hold.reason)
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
    if unwanted := _unwanted(hold, facts, now):
        return _close(hold, "withdrawn", unwanted, now, Withdraw())
    if facts.wished_draft is None and not facts.slots_known:
        return Transition(hold, reason=f"{wrote} It moves when all calendars can be read.")
    if facts.wished_draft is None:
        return _left(
            hold, order, event, now, f"{wrote} No slot is open then, so it stays where it is."
        )
    moved = _redrafted(hold, facts, facts.wished_draft, facts.wished_occasion)
    told = _why_moved(hold, event, facts, wrote)
    moved = replace(
        moved, state="proposed", intent="update", intent_version=None, reason=told, order=order.text
    )
    return Transition(
        replace(moved, decided_at=None, moved_from=event.start, renewed_at=now),
        Move(moved.draft),
        wrote,
    )


def _left(hold: Hold, order: Order, event: HoldEvent, now: datetime, reason: str) -> Transition:
    became = _theirs(hold, event, now, reason)
    return replace(became, hold=replace(became.hold, order=order.text))


def _elsewhere(hold: Hold, event: HoldEvent, facts: Facts, now: datetime) -> Transition:
    """The user moved it to another of their calendars, where fikad writes nothing."""
    hold = replace(hold, seen=event)
    order = _order(hold, event)
    if order is not None and order.word == "missed" and event.end <= now:
        return _missed(hold, event, now)
    if order is not None and order.word not in ("yes", "another time", "missed"):
        return _follow(hold, event, facts, now, removable=False)
    if event.status == "cancelled":
        return _gone(hold, facts, now)
    return _theirs(hold, event, now, "You moved it to another calendar.")


def _theirs(hold: Hold, event: HoldEvent, now: datetime, reason: str = "") -> Transition:
    """The user touched it: never written again. Accepted as long as it says yes, else pinned."""
    yes, changed = (
        says_yes(hold.written, event, hold.completed, hold.contact_name),
        # What the completing write set is no change of the user's.
        edited_fields(hold.completed or hold.written, event),
    )
    state: State = "accepted" if yes else "pinned"
    if yes and hold.completed is not None and hold.state == state:
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


def _completed(became: Transition, event: HoldEvent, facts: Facts, now: datetime) -> Transition:
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


def _recognised(hold: Hold, event: HoldEvent, now: datetime) -> Hold:
    """An unanswered hold as it stands: written by this fikad, or moved by another."""
    draft = as_draft(event) if edited_fields(as_intended(hold.draft), event) else hold.draft
    if hold.intent == "update" and draft.start != hold.draft.start:
        # The move never happened, and is decided anew.
        hold = replace(
            hold,
            moves=hold.moves[:-1],
            moved_from=None,
            reason=hold.why or "It stays where it was.",
        )
    elif hold.state == "proposed" and draft.start != hold.draft.start:
        hold = _noted(hold, hold.draft.start, now)
    if hold.intent is None and edited_fields(hold.written, event):
        hold = replace(hold, renewed_at=now)  # by another fikad
    return replace(
        hold, state="proposed", baseline=event, draft=draft, intent=None, intent_version=None
    )


def _redrafted(hold: Hold, facts: Facts, draft: HoldDraft, occasion: str) -> Hold:
    """A hold to be written anew. Where its title changes, it names the contact as they are called
    by now."""
    anew = replace(hold, draft=replace(draft, uid=hold.uid), occasion=occasion or hold.occasion)
    if facts.called and draft.title != hold.draft.title:
        anew = replace(anew, contact_name=facts.called)
    return anew


def _close(
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
