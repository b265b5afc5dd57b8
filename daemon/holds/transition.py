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
    that forgot; else its contact rests all the same, until the user touches it

The columns are the states of `record`; the rows are told by `sight`. What becomes of a hold that
nobody touched is in `unanswered`, of one that the user did something with in `answered`, and both
make the `next_record`.

An order is the one case in which an event that the user changed is removed or moved: they said so.
One that was `missed` stays so: the event is left as it is, whether it goes or not.

Before a write goes out, the new record is kept with its `intent`; `settled` gives the record after
it was done. A state that stands for a removal is recorded with the intent, so that nobody has to
remember why it was removed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from connectors.base import HoldEvent
from connectors.ical.hold_text import seal
from daemon.holds.answered import completed, follow, missed, moved_as_told, theirs
from daemon.holds.edits import as_draft, as_intended, edited_fields, is_sealed
from daemon.holds.facts import Facts, Move, Transition, Withdraw
from daemon.holds.next_record import close, noted
from daemon.holds.record import CLOSED, Hold
from daemon.holds.sight import order_on, sight
from daemon.holds.unanswered import keep, stands, try_again


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
    seen_as = sight(hold, event, now)
    if seen_as not in ("as written", "marked"):
        hold = replace(hold, refused_at=None)
    if facts.shows_as_needed and (seen_as != "as written" or hold.state in ("accepted", "pinned")):
        hold = _as_shown(hold, event)
    match hold.state, seen_as:
        case _, "order":
            return follow(hold, event, facts, now, removable=event.status != "cancelled")
        case (("missed" | "dismissed" | "withdrawn" | "lapsed"), ("marked" | "cancelled")):
            return Transition(replace(hold, intent=None))
        case _, "marked":
            return _marked(hold, now)
        case _, "cancelled":
            return close(hold, "dismissed", "You cancelled it.", now)
        case _, "missed":
            return missed(hold, event, now)
        case _, "another time":
            return moved_as_told(hold, event, facts, now)
        case (("withdrawn" | "lapsed"), "as written"):
            return _remove_again(hold)
        case (("creating" | "proposed"), "as written"):
            return keep(_recognised(hold, event, now), event, facts, now)
        case "dismissed", "as written" if hold.order or (
            is_sealed(event) and edited_fields(hold.written, event)
        ):
            return _remove_again(hold)
        case "dismissed", "as written":
            back = replace(hold, refused_at=hold.decided_at)
            return theirs(back, event, now, "It is back in the calendar: yours.")
        case _:
            return completed(theirs(hold, event, now), event, facts, now)


def news(before: Hold, became: Transition) -> str:
    """Under which word a pass tells of a transition: `moved`, or the new state; "" when there is
    nothing to tell."""
    if isinstance(became.action, Move):
        return "moved"
    return "" if became.hold.state == before.state else became.hold.state


def _as_shown(hold: Hold, event: HoldEvent) -> Hold:
    """A hold that the user touched, with whether it showed as free when fikad wrote it last, as far
    as that can be told: what another fikad may have shown as busy is no answer.

    The seal tells who wrote it last: this fikad, or another one, whose writing is known where
    nothing else was changed since. Without one it may have been either."""
    written = hold.written
    if event.seal == written.seal and (event.seal or hold.state not in ("creating", "proposed")):
        return hold
    if event.seal and event.seal == hold.draft.seal:
        transparent = hold.draft.transparent
    else:
        transparent = _fits(event, transparent=True) or (
            event.transparent and not _fits(event, transparent=False)
        )
    return replace(hold, baseline=replace(written, transparent=transparent, seal=event.seal))


def _fits(event: HoldEvent, *, transparent: bool) -> bool:
    """Whether its seal proves that a hold was written as free (or as busy)."""
    return bool(event.seal) and seal(replace(event, transparent=transparent)) == event.seal


def _gone(hold: Hold, facts: Facts, now: datetime) -> Transition:
    """The row "gone": the user's dismissal, unless somebody else can have done it or it never was
    there."""
    if hold.state in CLOSED or hold.state == "missed":
        return Transition(replace(hold, intent=None))
    if facts.marked:
        return _marked(hold, now)
    if any(stands(rival, now) for rival in facts.rivals):
        return close(
            hold,
            "withdrawn",
            "Another hold stands for the same person: another fikad took this back.",
            now,
        )
    if hold.state != "creating":
        return close(hold, "dismissed", "You deleted it.", now)
    if facts.hides:
        return close(hold, "withdrawn", "Its calendar hides it, so nobody saw it there.", now)
    if hold.intent_version is None or hold.intent_version != facts.calendar_version:
        # It may have been written and deleted since. Asking once too little is better than bringing
        # it back.
        return close(
            hold, "dismissed", "It may have been written, and is not there: taken as deleted.", now
        )
    return try_again(hold, facts, now)


def _remove_again(hold: Hold) -> Transition:
    """Another fikad, which does not know the end of this hold, wrote it anew."""
    return Transition(replace(hold, intent="delete"), Withdraw(), hold.reason)


def _marked(hold: Hold, now: datetime) -> Transition:
    lapsed = hold.state in ("creating", "proposed") and hold.end <= now
    hold = replace(hold, by_another=not lapsed)
    return close(hold, "lapsed" if lapsed else "withdrawn", "Another fikad took it back.", now)


def _elsewhere(hold: Hold, event: HoldEvent, facts: Facts, now: datetime) -> Transition:
    """The user moved it to another of their calendars, where fikad writes nothing."""
    hold = replace(hold, seen=event, refused_at=None)
    order = order_on(hold, event)
    if order is not None and order.word == "missed" and event.end <= now:
        return missed(hold, event, now)
    if order is not None and order.word not in ("yes", "another time", "missed"):
        return follow(hold, event, facts, now, removable=False)
    if event.status == "cancelled":
        return _gone(hold, facts, now)
    return theirs(hold, event, now, "You moved it to another calendar.")


def _recognised(hold: Hold, event: HoldEvent, now: datetime) -> Hold:
    """An unanswered hold as it stands: written by this fikad, or moved by another."""
    as_meant = not edited_fields(as_intended(hold.draft), event)
    draft = hold.draft if as_meant else as_draft(event)
    if hold.intent == "update" and draft.start != hold.draft.start:
        # The move never happened, and is decided anew.
        hold = replace(
            hold,
            moves=hold.moves[:-1],
            moved_from=None,
            reason=hold.why or "It stays where it was.",
        )
    elif hold.intent == "update" and not as_meant:
        hold = replace(hold, renewed_at=None)  # neither was it written anew where it is
    elif hold.state == "proposed" and draft.start != hold.draft.start:
        hold = noted(hold, hold.draft.start, now)
    if edited_fields(hold.written, event) and not (hold.intent and as_meant):
        hold = replace(hold, renewed_at=now)  # by another fikad
    return replace(
        hold, state="proposed", baseline=event, draft=draft, intent=None, intent_version=None
    )
