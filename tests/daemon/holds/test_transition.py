"""The table of a hold's life, row by row."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.answering import without_lines
from connectors.base import HoldDraft, HoldEvent
from connectors.ical.hold_text import seal
from daemon.config.schema import BUILT_IN_OCCASIONS
from daemon.holds.draft import answering_lines, hold_uid
from daemon.holds.edits import as_intended
from daemon.holds.facts import (
    Complete,
    CountAsMet,
    Create,
    Facts,
    Move,
    NeverAgain,
    Rewrite,
    Snooze,
    Transition,
    Withdraw,
)
from daemon.holds.record import Adoption, Grounds, Hold, adopt, begin, confirmed
from daemon.holds.transition import news, transition
from daemon.people.contacts import Contact

NOW = datetime(2026, 4, 19, 15, 0, tzinfo=UTC)
START = datetime(2026, 4, 21, 8, 0, tzinfo=UTC)
END = START + timedelta(minutes=45)
LATER = END + timedelta(hours=1)
MET = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
JANE = Contact("jane doe", "Jane Doe", timedelta(weeks=6))
TITLE = "Coffee with Jane Doe?"
QUIET = Facts(last_met=MET)


def sealed(draft: HoldDraft) -> HoldDraft:
    return replace(draft, seal=seal(draft))


def resealed(event: HoldEvent) -> HoldEvent:
    """As another fikad would have written it."""
    return replace(event, seal=seal(event))


DRAFT = sealed(HoldDraft(hold_uid("jane doe", MET, 0), TITLE, START, END, "Why\n\nHow"))
MOVED_DRAFT = sealed(replace(DRAFT, start=START + timedelta(days=1), end=END + timedelta(days=1)))
FOUND = as_intended(DRAFT)
CREATING = replace(
    begin(DRAFT, JANE, account="home", calendar="Fikad", now=NOW, grounds=Grounds(last_met=MET)),
    intent_version="v1",
)
PROPOSED = confirmed(CREATING, FOUND)
DRAGGED = replace(FOUND, start=START + timedelta(hours=2), end=END + timedelta(hours=2))
ACCEPTED_AS = replace(FOUND, title="Coffee with Jane Doe")
PINNED = transition(PROPOSED, DRAGGED, QUIET, NOW).hold
ACCEPTED = transition(PROPOSED, ACCEPTED_AS, QUIET, NOW).hold
DISMISSED = transition(PROPOSED, None, QUIET, NOW).hold
WITHDRAWN = replace(
    transition(PROPOSED, FOUND, replace(QUIET, booked=LATER), NOW).hold, intent=None
)
LAPSED = replace(transition(PROPOSED, FOUND, QUIET, END).hold, intent=None)
OPEN = {"creating": CREATING, "proposed": PROPOSED, "accepted": ACCEPTED, "pinned": PINNED}
CLOSED = {"dismissed": DISMISSED, "withdrawn": WITHDRAWN, "lapsed": LAPSED}
EVERY = {**OPEN, **CLOSED}

BUSY = replace(QUIET, displaced="Something lies on it.")
RIVAL = resealed(replace(FOUND, uid=hold_uid("jane doe", None, 0)))


def completed(event: HoldEvent) -> HoldEvent:
    """As the completing write leaves it."""
    told = without_lines(event.description, answering_lines())
    return replace(event, status="confirmed", transparent=False, description=told)


def every(holds: dict[str, Hold]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("hold", holds.values(), ids=holds)


def became(
    hold: Hold, event: HoldEvent | None, facts: Facts = QUIET, now: datetime = NOW
) -> Transition:
    """The transition, which must come to rest: asked again with the calendar as it then is, nothing
    more is done."""
    result = transition(hold, event, facts, now)
    if result.action is None:
        assert result.hold.intent in (None, "create")
        again = transition(result.hold, event, facts, now)
        assert (again.hold, again.action, again.effect) == (result.hold, None, None)
    else:
        match result.action:
            case Withdraw():
                written = None
            case Complete():
                assert event is not None
                written = completed(event)
            case Create(draft) | Move(draft) | Rewrite(draft):
                written = as_intended(draft)
        still = Facts(last_met=facts.last_met) if written else facts
        again = transition(confirmed(result.hold, written), written, still, now)
        asks = isinstance(result.action, Create | Move | Rewrite)
        state = "proposed" if asks else result.hold.state
        assert (again.hold.state, again.hold.intent) == (state, None)
        assert (again.action, again.effect) == (None, None)
    return result


def test_the_examples_are_what_they_are_called() -> None:
    assert {name: hold.state for name, hold in EVERY.items()} == {name: name for name in EVERY}


# --- nothing is concluded from missing data


@every(EVERY)
@pytest.mark.parametrize("event", [None, FOUND, DRAGGED], ids=["gone", "as written", "touched"])
def test_an_unread_calendar_changes_nothing(hold: Hold, event: HoldEvent | None) -> None:
    against = Facts(complete=False, removed=True, displaced="Busy.", last_met=NOW)
    result = became(hold, event, against, LATER)
    assert (result.hold, result.action, result.effect) == (hold, None, None)
    assert result.reason


def test_what_was_found_is_remembered() -> None:
    assert became(PROPOSED, DRAGGED).hold.seen == DRAGGED
    assert became(PROPOSED, None, replace(QUIET, elsewhere=DRAGGED)).hold.seen == DRAGGED


# --- gone


@every({name: OPEN[name] for name in ("proposed", "accepted", "pinned")})
def test_a_deleted_hold_is_dismissed(hold: Hold) -> None:
    result = became(hold, None)
    assert (result.hold.state, result.action, result.hold.decided_at) == ("dismissed", None, NOW)
    assert news(hold, result) == "dismissed"


@every({name: OPEN[name] for name in ("proposed", "accepted", "pinned")})
def test_tidying_up_long_after_is_no_fresh_refusal(hold: Hold) -> None:
    assert became(hold, None, QUIET, hold.end + timedelta(days=90)).hold.decided_at == hold.end


@every(CLOSED)
def test_a_closed_hold_that_is_gone_stays_closed(hold: Hold) -> None:
    result = became(replace(hold, intent="delete"), None)
    assert (result.hold, result.action) == (hold, None)
    assert news(hold, result) == ""


@every(OPEN)
def test_gone_while_another_hold_stands_was_another_fikad(hold: Hold) -> None:
    assert became(hold, None, replace(QUIET, rivals=(RIVAL,))).hold.state == "withdrawn"


@every({name: OPEN[name] for name in ("proposed", "accepted", "pinned")})
@pytest.mark.parametrize("change", [{"status": "cancelled"}, {"withdrawn": True}, {"end": NOW}])
def test_a_rival_that_does_not_stand_explains_nothing(hold: Hold, change: dict[str, Any]) -> None:
    assert (
        became(hold, None, replace(QUIET, rivals=(replace(RIVAL, **change),))).hold.state
        == "dismissed"
    )


def ended_state(hold: Hold) -> str:
    """Only what was unanswered can lapse."""
    return "lapsed" if hold.state in ("creating", "proposed") else "withdrawn"


@every(OPEN)
def test_gone_with_fikads_mark_was_another_fikad(hold: Hold) -> None:
    marked = replace(QUIET, marked=True)
    withdrawn = became(hold, None, marked).hold
    assert (withdrawn.state, withdrawn.by_another) == ("withdrawn", True)
    assert became(hold, None, marked, hold.end).hold.state == ended_state(hold)


@every(OPEN)
def test_marked_and_cancelled_was_another_fikad(hold: Hold) -> None:
    left = replace(FOUND, status="cancelled", withdrawn=True)
    assert became(hold, left).hold.state == "withdrawn"
    assert became(hold, left).action is None
    assert became(hold, left, QUIET, END).hold.state == ended_state(hold)


@every(OPEN)
def test_a_cancelled_hold_is_dismissed_and_left_alone(hold: Hold) -> None:
    result = became(hold, replace(FOUND, status="cancelled"))
    assert (result.hold.state, result.action) == ("dismissed", None)


@every(CLOSED)
def test_a_closed_hold_that_is_cancelled_stays_closed(hold: Hold) -> None:
    for withdrawn in (True, False):
        left = replace(FOUND, status="cancelled", withdrawn=withdrawn)
        result = became(replace(hold, intent="delete"), left)
        assert (result.hold.state, result.hold.intent, result.action) == (hold.state, None, None)


# --- creating


def test_a_create_that_never_happened_is_done_now() -> None:
    result = became(CREATING, None, replace(QUIET, calendar_version="v1"))
    assert result.action == Create(DRAFT)
    assert result.hold == CREATING


@pytest.mark.parametrize(("before", "now"), [("v1", "v2"), ("v1", None), (None, None)])
def test_a_create_that_may_have_happened_is_not_repeated(
    before: str | None, now: str | None
) -> None:
    result = became(
        replace(CREATING, intent_version=before), None, replace(QUIET, calendar_version=now)
    )
    assert (result.hold.state, result.action) == ("dismissed", None)


def test_a_create_that_its_calendar_hides_was_seen_by_nobody() -> None:
    hidden = became(CREATING, None, replace(QUIET, hides=True, calendar_version="v2"))
    assert (hidden.hold.state, hidden.hold.decided_at) == ("withdrawn", NOW)
    assert "hides it" in hidden.reason


def test_a_hold_that_was_seen_and_is_gone_was_deleted_also_in_a_calendar_that_hides_some() -> None:
    deleted = became(PROPOSED, None, replace(QUIET, hides=True))
    assert (deleted.hold.state, deleted.reason) == ("dismissed", "You deleted it.")


def test_a_create_goes_to_another_slot_when_its_own_is_taken() -> None:
    facts = replace(BUSY, calendar_version="v1", next_draft=MOVED_DRAFT, next_occasion="walk")
    result = became(CREATING, None, facts)
    assert result.action == Create(MOVED_DRAFT)
    assert (result.hold.state, result.hold.draft, result.hold.occasion) == (
        "creating",
        MOVED_DRAFT,
        "walk",
    )


@pytest.mark.parametrize(
    "facts",
    [replace(BUSY), replace(QUIET, booked=LATER), replace(QUIET, removed=True)],
    ids=["taken", "booked", "removed"],
)
def test_a_create_that_makes_no_sense_any_more_is_dropped(facts: Facts) -> None:
    result = became(CREATING, None, replace(facts, calendar_version="v1"))
    assert (result.hold.state, result.action) == ("withdrawn", None)


def test_a_create_is_not_made_up_for_in_the_past() -> None:
    result = became(CREATING, None, replace(QUIET, calendar_version="v1"), START)
    assert (result.hold.state, result.action) == ("withdrawn", None)


def test_a_create_waits_while_slots_cannot_be_known() -> None:
    result = became(CREATING, None, replace(BUSY, calendar_version="v1", slots_known=False))
    assert (result.hold, result.action) == (CREATING, None)


@pytest.mark.parametrize("event", [FOUND, replace(FOUND, seal="")], ids=["sealed", "seal dropped"])
def test_a_create_whose_answer_was_lost_is_recognised(event: HoldEvent) -> None:
    result = became(CREATING, event)
    assert (result.hold.state, result.hold.baseline, result.action) == ("proposed", event, None)
    assert (result.hold.intent, result.hold.intent_version) == (None, None)
    assert news(CREATING, result) == "proposed"


def test_a_create_that_is_found_at_another_time_was_never_moved_by_this_fikad() -> None:
    hold = became(CREATING, resealed(DRAGGED)).hold
    assert (hold.state, hold.moves, hold.moved_from) == ("proposed", (), None)


def test_what_cannot_be_recognised_as_ours_is_the_users() -> None:
    assert became(CREATING, replace(FOUND, seal="", description="rewritten")).hold.state == "pinned"
    assert became(CREATING, ACCEPTED_AS).hold.state == "accepted"


# --- as written: kept, moved, withdrawn, lapsed


def test_an_unanswered_hold_stays() -> None:
    result = became(PROPOSED, FOUND)
    assert (result.hold, result.action, result.reason) == (PROPOSED, None, "")


REWRITTEN = replace(FOUND, description="Why How <br>", private=False, extras=("CATEGORIES",))


def test_a_servers_own_rewriting_is_not_the_user() -> None:
    proposed = confirmed(CREATING, REWRITTEN)
    assert became(proposed, REWRITTEN).hold.state == "proposed"
    assert (
        became(proposed, replace(REWRITTEN, title=f" {TITLE} ", seal="")).hold.state == "proposed"
    )
    assert became(proposed, replace(REWRITTEN, location="Rosa")).hold.state == "pinned"


def test_a_displaced_hold_moves_and_keeps_its_name() -> None:
    other_name = replace(MOVED_DRAFT, uid="fikad-other")
    result = became(PROPOSED, FOUND, replace(BUSY, next_draft=other_name, next_occasion="walk"))
    assert result.action == Move(MOVED_DRAFT)
    assert (result.hold.state, result.hold.intent, result.hold.baseline) == (
        "proposed",
        "update",
        FOUND,
    )
    assert (result.hold.draft, result.hold.occasion) == (MOVED_DRAFT, "walk")
    assert news(PROPOSED, result) == "moved"


def test_a_displaced_hold_without_a_slot_is_withdrawn_and_says_why() -> None:
    result = became(PROPOSED, FOUND, BUSY)
    assert (result.hold.state, result.hold.intent, result.action) == (
        "withdrawn",
        "delete",
        Withdraw(),
    )
    assert result.hold.reason == "Something lies on it. No other slot is open."


def test_a_displaced_hold_waits_while_slots_cannot_be_known() -> None:
    result = became(PROPOSED, FOUND, replace(BUSY, slots_known=False))
    assert (result.hold, result.action) == (PROPOSED, None)
    assert result.reason


@pytest.mark.parametrize(
    "facts",
    [
        replace(QUIET, last_met=MET + timedelta(days=1)),
        replace(QUIET, booked=LATER),
        replace(QUIET, snoozed_until=NOW + timedelta(days=1)),
        replace(QUIET, paused=True),
        replace(QUIET, removed=True),
    ],
    ids=["met", "booked", "snoozed", "paused", "removed"],
)
def test_a_hold_that_is_not_wanted_any_more_is_withdrawn(facts: Facts) -> None:
    result = became(PROPOSED, FOUND, facts)
    assert (result.hold.state, result.hold.intent, result.action) == (
        "withdrawn",
        "delete",
        Withdraw(),
    )
    assert news(PROPOSED, result) == "withdrawn"


@pytest.mark.parametrize(
    "facts", [QUIET, Facts(), Facts(last_met=MET - timedelta(days=9)),
    replace(QUIET, snoozed_until=NOW)],
    ids=["same meeting", "meeting uncounted", "older meeting", "snooze over"],
)  # fmt: skip
def test_a_hold_that_is_still_wanted_stays(facts: Facts) -> None:
    assert became(PROPOSED, FOUND, facts).action is None


def test_a_first_meeting_withdraws_the_hold() -> None:
    assert became(replace(PROPOSED, last_met=None), FOUND).hold.state == "withdrawn"


def test_an_unanswered_hold_lapses_at_its_end() -> None:
    assert became(PROPOSED, FOUND, QUIET, END - timedelta(seconds=1)).hold.state == "proposed"
    result = became(PROPOSED, FOUND, QUIET, END)
    assert (result.hold.state, result.hold.intent, result.action) == (
        "lapsed",
        "delete",
        Withdraw(),
    )
    assert became(PROPOSED, FOUND, QUIET, END + timedelta(days=9)).hold.decided_at == END


def test_a_hold_of_someone_met_meanwhile_did_not_lapse() -> None:
    assert became(PROPOSED, FOUND, replace(QUIET, last_met=END), END).hold.state == "withdrawn"


def test_a_move_by_another_fikad_is_not_the_user() -> None:
    theirs = resealed(DRAGGED)
    result = became(PROPOSED, theirs)
    assert (result.hold.state, result.hold.baseline, result.action) == ("proposed", theirs, None)
    assert result.hold.draft.start == DRAGGED.start
    assert (result.hold.moves, result.hold.moved_from, result.hold.renewed_at) == (
        (NOW,),
        START,
        NOW,
    )
    assert became(PROPOSED, theirs, QUIET, DRAGGED.end).hold.state == "lapsed"


def test_a_removal_that_another_fikad_began_is_finished() -> None:
    result = became(PROPOSED, replace(FOUND, withdrawn=True))
    assert (result.hold.state, result.action) == ("withdrawn", Withdraw())


def test_of_two_holds_for_one_contact_the_same_one_stays_for_everybody() -> None:
    first, second = sorted((FOUND, RIVAL), key=lambda event: event.uid)
    mine = {
        event.uid: replace(PROPOSED, uid=event.uid, baseline=event, seen=event)
        for event in (first, second)
    }
    assert became(mine[first.uid], first, replace(QUIET, rivals=(second,))).action is None
    assert became(mine[second.uid], second, replace(QUIET, rivals=(first,))).action == Withdraw()


def test_of_two_holds_the_one_that_the_user_touched_stays() -> None:
    first, second = sorted((FOUND, RIVAL), key=lambda event: event.uid)
    proposed = replace(PROPOSED, uid=first.uid, baseline=first, seen=first)
    touched = replace(second, location="Café Rosa")
    assert became(proposed, first, replace(QUIET, rivals=(touched,))).action == Withdraw()
    assert (
        became(proposed, first, replace(QUIET, rivals=(replace(touched, end=NOW),))).action is None
    )


# --- a move of ours that was interrupted

MOVING = transition(PROPOSED, FOUND, replace(BUSY, next_draft=MOVED_DRAFT), NOW).hold


@pytest.mark.parametrize("dropped", [False, True], ids=["sealed", "seal dropped"])
def test_a_move_whose_answer_was_lost_is_recognised(dropped: bool) -> None:
    arrived = as_intended(replace(MOVED_DRAFT, seal="") if dropped else MOVED_DRAFT)
    result = became(MOVING, arrived)
    assert (result.hold.state, result.hold.baseline, result.hold.intent) == (
        "proposed",
        arrived,
        None,
    )


def test_a_move_that_never_happened_is_decided_anew() -> None:
    assert became(MOVING, FOUND).hold == replace(PROPOSED, reason="It stays where it was.")
    assert became(MOVING, FOUND, replace(BUSY, next_draft=MOVED_DRAFT)).action == Move(MOVED_DRAFT)
    assert became(MOVING, FOUND, replace(QUIET, booked=LATER)).action == Withdraw()


def test_only_the_move_that_never_happened_is_forgotten() -> None:
    earlier = NOW - timedelta(hours=3)
    assert became(replace(MOVING, moves=(earlier, NOW)), FOUND).hold.moves == (earlier,)
    text = sealed(replace(DRAFT, description="Why\n\nOther times"))
    rewriting = replace(PROPOSED, draft=text, intent="update", moves=(earlier,), moved_from=START)
    written = became(rewriting, as_intended(text)).hold
    assert (written.moves, written.moved_from) == ((earlier,), START)


def test_what_was_meant_is_kept_though_its_lines_come_back_as_one() -> None:
    assert became(CREATING, replace(FOUND, description="Why How")).hold.draft == DRAFT


def test_a_user_who_was_quicker_than_the_move_is_heard() -> None:
    assert became(MOVING, DRAGGED).hold.state == "pinned"
    assert became(MOVING, None).hold.state == "dismissed"


# --- touched: theirs

YES: dict[str, dict[str, Any]] = {
    "question removed": {"title": "Coffee with Jane Doe"},
    "invited": {"extras": ("ATTENDEE",)},
    "confirmed": {"status": "confirmed"},
    "busy": {"transparent": False},
    "dragged and confirmed": {"status": "confirmed", "start": START - timedelta(days=1)},
}
OTHER: dict[str, dict[str, Any]] = {
    "dragged": {"start": START + timedelta(hours=1), "end": END + timedelta(hours=1)},
    "note": {"description": "bring the book"},
    "place": {"location": "Café Rosa"},
    "alarm": {"extras": ("VALARM",)},
    "repeated": {"extras": ("RRULE",)},
    "all day": {"all_day": True},
    "public": {"private": False},
    "retitled": {"title": "Lunch with Jane?"},
    "slip": {"title": "snooze 3 wekks from mnday"},
    "another event": {"title": "Dentist", "status": "confirmed", "transparent": False},
}
AGAINST = Facts(
    removed=True,
    paused=True,
    last_met=NOW,
    booked=LATER,
    displaced="Busy.",
    next_draft=MOVED_DRAFT,
    rivals=(RIVAL,),
)


@every(EVERY)
@pytest.mark.parametrize("change", YES.values(), ids=YES)
def test_a_yes_is_accepted_and_never_touched_again(hold: Hold, change: dict[str, Any]) -> None:
    for now in (NOW, LATER, LATER + timedelta(days=999)):
        result = became(hold, replace(FOUND, **change), AGAINST, now)
        assert (result.hold.state, result.action, result.effect) == ("accepted", None, None)


@every(EVERY)
@pytest.mark.parametrize("change", OTHER.values(), ids=OTHER)
def test_any_other_change_pins_and_is_never_touched_again(
    hold: Hold, change: dict[str, Any]
) -> None:
    for now in (NOW, LATER, LATER + timedelta(days=999)):
        result = became(hold, replace(FOUND, **change), AGAINST, now)
        assert (result.hold.state, result.action, result.effect) == ("pinned", None, None)


@every({"accepted": ACCEPTED, "pinned": PINNED})
def test_undoing_a_change_does_not_give_the_hold_back(hold: Hold) -> None:
    result = became(hold, FOUND, AGAINST, LATER)
    assert (result.hold.state, result.action) == ("pinned", None)


def test_answers_can_be_changed() -> None:
    assert became(PINNED, ACCEPTED_AS).hold.state == "accepted"
    assert became(ACCEPTED, DRAGGED).hold.state == "pinned"
    assert became(ACCEPTED, None).hold.state == "dismissed"


def test_the_reason_names_what_the_user_did() -> None:
    assert ACCEPTED.reason == 'You removed the "?".'
    assert PINNED.reason == "You changed it: start, end."
    assert "not understood" in became(PROPOSED, replace(FOUND, title="snooze weekly")).hold.reason


@every(CLOSED)
def test_a_dismissed_hold_that_is_back_is_the_users_and_others_go_again(hold: Hold) -> None:
    result = became(hold, FOUND)
    if hold is DISMISSED:
        assert (result.hold.state, result.action) == ("pinned", None)
        assert result.hold.reason == "It is back in the calendar: yours."
    else:
        assert (result.hold.state, result.action) == (hold.state, Withdraw())
        assert (result.hold.intent, result.reason) == ("delete", hold.reason)
        assert result.hold.decided_at == hold.decided_at
        assert news(hold, result) == ""


def test_one_that_is_back_lets_its_contact_rest_until_it_is_touched() -> None:
    back = became(DISMISSED, FOUND, now=LATER).hold
    assert back.dismissed_at == DISMISSED.decided_at
    elsewhere = resealed(DRAGGED)
    for found in (FOUND, elsewhere, replace(elsewhere, status="cancelled", withdrawn=True)):
        assert became(back, found, now=LATER).hold.dismissed_at == DISMISSED.decided_at
    assert became(back, None, now=LATER).hold.dismissed_at == END, "deleted again"
    for touched in (ACCEPTED_AS, DRAGGED, replace(FOUND, title="met")):
        assert became(back, touched, now=LATER).hold.dismissed_at is None
    assert became(back, None, replace(QUIET, elsewhere=FOUND), LATER).hold.dismissed_at is None
    assert PINNED.dismissed_at is None


def test_a_hold_that_an_order_removed_is_removed_again_when_another_fikad_writes_it_anew() -> None:
    skipped = confirmed(became(PROPOSED, replace(FOUND, title="skip")).hold, None)
    again = became(skipped, FOUND)
    assert (again.hold.state, again.hold.intent, again.action) == (
        "dismissed",
        "delete",
        Withdraw(),
    )
    assert again.reason == 'You wrote "skip".'


def test_a_deleted_hold_that_a_fikad_which_forgot_writes_elsewhere_is_removed_again() -> None:
    assert became(DISMISSED, resealed(DRAGGED)).action == Withdraw()


@every(EVERY)
def test_a_hold_in_another_calendar_was_put_there_by_the_user(hold: Hold) -> None:
    assert became(hold, None, replace(AGAINST, elsewhere=FOUND)).hold.state == "pinned"
    assert became(hold, None, replace(AGAINST, elsewhere=ACCEPTED_AS)).hold.state == "accepted"


@pytest.mark.parametrize(
    ("title", "now", "state"),
    [
        ("yes", NOW, "accepted"),
        ("missed", NOW, "pinned"),
        ("missed", END, "missed"),
        ("tuesday", NOW, "pinned"),
    ],
)
def test_an_answer_in_another_calendar_is_heard(title: str, now: datetime, state: str) -> None:
    result = became(PROPOSED, None, replace(WISHED, elsewhere=replace(FOUND, title=title)), now)
    assert (result.hold.state, result.action) == (state, None)


def test_a_cancelled_copy_in_another_calendar_is_none() -> None:
    elsewhere = replace(QUIET, elsewhere=replace(FOUND, status="cancelled"))
    assert became(PROPOSED, None, elsewhere).hold.state == "dismissed"


# --- a yes is completed, once

ASKING = sealed(replace(DRAFT, description="\n".join(("Why", "", *answering_lines()))))
ASKED = as_intended(ASKING)
ASKS = confirmed(replace(CREATING, draft=ASKING), ASKED)
CONFIRMS = replace(QUIET, completes=True)


@pytest.mark.parametrize("change", [YES[name] for name in YES if name != "invited"])
def test_a_yes_is_completed_once(change: dict[str, Any]) -> None:
    said = replace(ASKED, **change)
    result = became(ASKS, said, CONFIRMS)
    assert (result.hold.state, result.hold.intent, result.action) == (
        "accepted", "complete", Complete(answering_lines()),
    )  # fmt: skip
    assert news(ASKS, result) == "accepted"
    done = confirmed(result.hold, completed(said))
    for later in (
        completed(said),
        said,
        replace(said, location="Rosa"),
        replace(completed(said), status="tentative"),
    ):
        assert transition(done, later, CONFIRMS, NOW).action is None


def test_a_completing_write_that_never_happened_is_made_and_one_that_did_is_not_repeated() -> None:
    said = replace(ASKED, **YES["question removed"])
    crashed = transition(ASKS, said, CONFIRMS, NOW).hold
    assert became(crashed, said, CONFIRMS).action == Complete(answering_lines())
    arrived = became(crashed, completed(said), CONFIRMS)
    assert (arrived.hold.state, arrived.hold.intent, arrived.action) == ("accepted", None, None)
    assert arrived.hold.completed == completed(said)


def test_a_yes_keeps_its_reason_also_where_its_completion_was_not_recorded() -> None:
    """The completing write confirms the hold, which looks like another answer."""
    said = replace(as_intended(ASKS.draft), transparent=False)
    crashed = became(ASKS, said, CONFIRMS).hold
    assert (crashed.intent, crashed.reason) == ("complete", "You set it to busy.")
    assert became(crashed, completed(said), CONFIRMS).hold.reason == "You set it to busy."


def test_another_fikad_sees_that_a_yes_was_completed() -> None:
    said = replace(ASKED, **YES["question removed"])
    seen = became(ASKS, completed(said), CONFIRMS)
    assert (seen.hold.state, seen.hold.completed, seen.action) == (
        "accepted",
        completed(said),
        None,
    )
    reverted = replace(completed(said), status="tentative", transparent=True)
    assert became(ASKS, reverted, CONFIRMS).action is None


@pytest.mark.parametrize(
    ("change", "facts", "now"),
    [
        ({"extras": ("ATTENDEE",)}, CONFIRMS, NOW),
        ({"title": "Coffee with Jane Doe", "extras": ("ATTENDEE",)}, CONFIRMS, NOW),
        ({"title": "Coffee with Jane Doe", "extras": ("RRULE",)}, CONFIRMS, NOW),
        ({"title": "Coffee with Jane Doe"}, QUIET, NOW),
        ({"title": "Coffee with Jane Doe"}, CONFIRMS, END),
        ({"title": "Coffee with Jane Doe", "description": "mine"}, CONFIRMS, NOW),
        ({"location": "Rosa"}, CONFIRMS, NOW),
    ],
    ids=[
        "guests",
        "yes and guests",
        "a series",
        "not wanted",
        "over",
        "another description",
        "pinned",
    ],
)
def test_what_is_not_completed(change: dict[str, Any], facts: Facts, now: datetime) -> None:
    assert became(ASKS, replace(ASKED, **change), facts, now).action is None


def test_a_yes_in_another_calendar_is_not_completed() -> None:
    said = replace(ASKED, **YES["question removed"])
    assert became(ASKS, None, replace(CONFIRMS, elsewhere=said)).action is None


def test_a_title_that_asks_again_takes_the_yes_back() -> None:
    said = replace(ASKED, **YES["question removed"])
    done = confirmed(transition(ASKS, said, CONFIRMS, NOW).hold, completed(said))
    assert became(done, replace(completed(said), title=TITLE)).hold.state == "pinned"
    busy = replace(ASKED, **YES["busy"])
    done = confirmed(transition(ASKS, busy, CONFIRMS, NOW).hold, completed(busy))
    assert became(done, completed(busy)).hold.state == "accepted"


def test_what_the_completing_write_set_is_not_called_a_change_of_the_users() -> None:
    said = replace(ASKED, **YES["question removed"])
    done = confirmed(transition(ASKS, said, CONFIRMS, NOW).hold, completed(said))
    hold = became(done, replace(completed(said), title="Dentist")).hold
    assert (hold.state, hold.reason) == ("pinned", "You changed it: title.")


# --- orders

WEEKS3 = Snooze(NOW + timedelta(weeks=3))
ORDERS = [
    ("skip", "dismissed", None),
    ("Snooze 3 weeks", "withdrawn", WEEKS3),
    (f"{TITLE} snooze 3 weeks", "withdrawn", WEEKS3),
    ("snooze", "withdrawn", Snooze(NOW + timedelta(weeks=2))),
    ("MET!", "withdrawn", CountAsMet(NOW)),
    ("never", "dismissed", NeverAgain()),
]


@every(EVERY)
@pytest.mark.parametrize(("title", "state", "effect"), ORDERS, ids=[order[0] for order in ORDERS])
def test_an_order_is_followed_once_and_the_hold_removed(
    hold: Hold, title: str, state: str, effect: object
) -> None:
    facts = replace(QUIET, cooldown=timedelta(weeks=2))
    event = replace(FOUND, title=title)
    result = became(hold, event, facts)
    assert (result.hold.state, result.hold.intent, result.action, result.effect) == (
        state,
        "delete",
        Withdraw(),
        effect,
    )
    interrupted = transition(result.hold, event, facts, NOW + timedelta(hours=1))
    assert (interrupted.hold, interrupted.action, interrupted.effect) == (
        result.hold,
        Withdraw(),
        None,
    )


def test_met_counts_at_the_holds_end_when_that_is_over() -> None:
    assert became(PINNED, replace(FOUND, title="met"), QUIET, LATER).effect == CountAsMet(END)


@pytest.mark.parametrize(
    ("title", "effect"),
    [
        ("not now", None),
        ("until May", Snooze(datetime(2026, 5, 1, tzinfo=UTC))),
        ("next month", Snooze(datetime(2026, 5, 1, tzinfo=UTC))),
        ("snooze until Monday", Snooze(datetime(2026, 4, 20, tzinfo=UTC))),
        ("met yesterday", CountAsMet(NOW.replace(hour=12) - timedelta(days=1))),
        ("met on 12 March", CountAsMet(datetime(2026, 3, 12, 12, tzinfo=UTC))),
        ("met on 12 May", CountAsMet(datetime(2025, 5, 12, 12, tzinfo=UTC))),
        ("met last Friday", CountAsMet(datetime(2026, 4, 17, 12, tzinfo=UTC))),
    ],
)
def test_times_in_orders_are_those_of_the_users_calendar(title: str, effect: object) -> None:
    assert became(PROPOSED, replace(FOUND, title=title)).effect == effect


def test_an_order_is_quoted_as_it_was_written() -> None:
    assert (
        became(PROPOSED, replace(FOUND, title="Nicht jetzt")).hold.reason
        == 'You wrote "Nicht jetzt".'
    )


# --- another time

WISHED = replace(QUIET, wished_draft=MOVED_DRAFT, wished_occasion="walk")


@every(OPEN)
@pytest.mark.parametrize("title", ["tuesday", "another time", f"{TITLE} next week"])
def test_a_hold_moves_when_its_title_names_another_time(hold: Hold, title: str) -> None:
    hold = replace(hold, baseline=FOUND) if hold.state in ("accepted", "pinned") else hold
    result = became(hold, replace(FOUND, title=title), WISHED)
    assert result.action == Move(MOVED_DRAFT)
    assert (result.hold.state, result.hold.intent, result.hold.draft, result.hold.occasion) == (
        "proposed", "update", MOVED_DRAFT, "walk",
    )  # fmt: skip
    assert news(hold, result) == "moved"


def test_without_a_slot_then_it_stays_and_is_the_users() -> None:
    event = replace(FOUND, title="tuesday")
    result = became(PROPOSED, event)
    assert (result.hold.state, result.action) == ("pinned", None)
    assert "No slot is open then" in result.hold.reason
    assert became(result.hold, event, WISHED).action is None, "it is the user's by now"
    assert became(result.hold, replace(FOUND, title="next week"), WISHED).action == Move(
        MOVED_DRAFT
    )


def test_nothing_is_said_of_another_time_while_slots_cannot_be_known() -> None:
    result = became(PROPOSED, replace(FOUND, title="tuesday"), replace(QUIET, slots_known=False))
    assert (result.hold.state, result.action) == ("proposed", None)


@pytest.mark.parametrize(
    "change",
    [
        {"location": "Rosa"},
        {"extras": ("ATTENDEE",)},
        {"status": "confirmed"},
        {"start": START - timedelta(1)},
    ],
)
def test_what_the_user_changed_beside_the_title_is_not_written_over(change: dict[str, Any]) -> None:
    result = became(PROPOSED, replace(FOUND, title="tuesday", **change), WISHED)
    assert (result.hold.state in ("pinned", "accepted"), result.action) == (True, None)


def test_a_hold_won_back_moves_only_if_its_seal_proves_that_nothing_else_was_changed() -> None:
    occasions = list(BUILT_IN_OCCASIONS.values())

    def won_back(event: HoldEvent) -> Hold:
        hold = adopt(
            event, "home", "Fikad", Adoption([JANE], NOW, {"jane doe": MET}, occasions=occasions)
        )
        assert hold is not None
        return hold

    retitled = replace(FOUND, title="tuesday")
    assert became(won_back(retitled), retitled, WISHED).action == Move(MOVED_DRAFT)
    placed = replace(retitled, location="Rosa")
    assert became(won_back(placed), placed, WISHED).action is None


# --- missed


@every({"accepted": ACCEPTED, "pinned": PINNED, "proposed": PROPOSED})
def test_what_did_not_happen_stays_and_counts_for_nothing(hold: Hold) -> None:
    for title in ("missed", "Coffee with Jane Doe - didn't happen"):
        result = became(hold, replace(ACCEPTED_AS, title=title), CONFIRMS, LATER)
        assert (result.hold.state, result.action, result.effect) == ("missed", None, None)
        assert news(hold, result) == "missed"
        assert became(result.hold, None, QUIET, LATER).hold.state == "missed"
        assert became(result.hold, ACCEPTED_AS, QUIET, LATER).hold.state == "accepted"


def test_what_was_missed_stays_missed_when_it_is_cancelled_afterwards() -> None:
    missed = became(ACCEPTED, replace(ACCEPTED_AS, title="missed"), QUIET, LATER).hold
    for withdrawn in (True, False):
        tidied = replace(ACCEPTED_AS, status="cancelled", withdrawn=withdrawn)
        assert became(missed, tidied, QUIET, LATER).hold.state == "missed"


def test_before_its_end_nothing_can_have_been_missed() -> None:
    assert became(ACCEPTED, replace(ACCEPTED_AS, title="missed"), QUIET, NOW).hold.state == "pinned"


def test_another_order_on_a_closed_hold_is_followed_too() -> None:
    skipped = became(PROPOSED, replace(FOUND, title="skip")).hold
    assert became(skipped, replace(FOUND, title="snooze 3 weeks")).effect == WEEKS3


def test_an_order_taken_back_and_given_again_is_followed_again() -> None:
    snoozed = became(PROPOSED, replace(FOUND, title="snooze 3 weeks")).hold
    taken_back = became(snoozed, DRAGGED).hold
    assert taken_back.state == "pinned"
    assert became(taken_back, replace(FOUND, title="snooze 3 weeks")).effect == WEEKS3


def test_an_order_is_followed_without_writing_where_nothing_may_be_written() -> None:
    invited = became(PROPOSED, replace(FOUND, title="skip", extras=("ATTENDEE",)))
    assert (invited.hold.state, invited.action) == ("dismissed", None)
    assert "left to you" in invited.hold.reason
    cancelled = became(PROPOSED, replace(FOUND, title="never", status="cancelled"))
    assert (cancelled.hold.state, cancelled.action, cancelled.effect) == (
        "dismissed",
        None,
        NeverAgain(),
    )
    elsewhere = became(
        PROPOSED, None, replace(QUIET, elsewhere=replace(FOUND, title="snooze 3 weeks"))
    )
    assert (elsewhere.hold.state, elsewhere.action, elsewhere.effect) == ("withdrawn", None, WEEKS3)


def test_a_contact_called_skip_gives_no_orders() -> None:
    draft = sealed(replace(DRAFT, title="Skip?"))
    event = as_intended(draft)
    hold = confirmed(replace(CREATING, draft=draft), event)
    assert became(hold, event).hold.state == "proposed"
    assert became(hold, replace(event, title="Skip")).hold.state == "accepted"
    assert (
        became(hold, resealed(replace(event, start=START - timedelta(hours=1)))).hold.state
        == "proposed"
    )


# --- shown as free or busy by fikad itself


AS_NEEDED = replace(QUIET, shows_as_needed=True)
OPAQUE = replace(FOUND, transparent=False)
ANOTHERS = resealed(replace(OPAQUE, description="Why\n\nOther times"))
"""As another fikad wrote it anew: busy, with a text of its own."""


@pytest.mark.parametrize("text", ["Why\n\nHow", "Why\n\nOther times"])
def test_what_another_fikad_may_have_shown_as_busy_is_no_yes_where_no_seal_tells(text: str) -> None:
    """On a server that drops seals, with holds that fikad itself shows as busy when few slots are
    left. It may as well be the user's doing: nothing is written to it."""
    shown = replace(OPAQUE, description=text, seal="")
    proposed = replace(PROPOSED, baseline=replace(FOUND, seal=""))
    assert became(proposed, shown).hold.state == "accepted"
    for facts in (AS_NEEDED, replace(AS_NEEDED, renewed_draft=DRAFT)):
        as_needed = became(proposed, shown, facts, NOW + timedelta(days=1))
        assert (as_needed.hold.state, as_needed.action) == ("pinned", None)


@pytest.mark.parametrize("mine", [PROPOSED, CREATING], ids=["proposed", "creating"])
def test_what_another_fikad_showed_as_busy_is_no_yes_once_the_user_added_a_place(
    mine: Hold,
) -> None:
    touched = replace(ANOTHERS, location="Café Rosa")
    result = became(mine, touched, AS_NEEDED)
    assert (result.hold.state, result.action) == ("pinned", None)
    again = became(result.hold, replace(touched, location="At home"), AS_NEEDED)
    assert again.hold.state == "pinned"


def test_what_this_fikad_showed_as_busy_is_no_yes_though_the_answer_was_lost() -> None:
    draft = sealed(replace(DRAFT, transparent=False))
    unanswered = replace(PROPOSED, draft=draft, intent="update")
    assert became(unanswered, as_intended(draft), AS_NEEDED).hold.state == "proposed"
    touched = replace(as_intended(draft), location="Café Rosa")
    assert became(unanswered, touched, AS_NEEDED).hold.state == "pinned"
    free = sealed(replace(DRAFT, description="Why\n\nOther times"))
    unanswered = replace(PROPOSED, draft=free, intent="update")
    accepted = replace(as_intended(free), transparent=False, location="Café Rosa")
    assert became(unanswered, accepted, AS_NEEDED).hold.state == "accepted"


def test_a_hold_on_the_move_that_the_user_shows_as_busy_where_it_is_is_a_yes() -> None:
    touched = replace(OPAQUE, location="Café Rosa")
    assert became(MOVING, touched, AS_NEEDED).hold.state == "accepted"


@pytest.mark.parametrize("intent", [None, "update"])
def test_what_another_fikad_wrote_anew_is_not_written_anew_within_a_day(intent: Any) -> None:
    """Also where this one had meant to, and died before it did."""
    meant = sealed(replace(DRAFT, description="Why\n\nMine"))
    mine = replace(PROPOSED, draft=meant if intent else DRAFT, intent=intent)
    yesterday = NOW - timedelta(days=1)
    mine = replace(mine, created_at=yesterday, renewed_at=yesterday)
    facts = replace(AS_NEEDED, renewed_draft=meant)
    seen = transition(mine, ANOTHERS, facts, NOW)
    assert (seen.hold.state, seen.action) == ("proposed", None)
    assert transition(seen.hold, ANOTHERS, facts, NOW + timedelta(hours=23)).action is None
    day = transition(seen.hold, ANOTHERS, facts, NOW + timedelta(days=1))
    assert day.action == Rewrite(meant)
    if intent:
        done = transition(mine, as_intended(meant), replace(facts, renewed_draft=DRAFT), NOW)
        assert done.action == Rewrite(DRAFT), "its own writing is as old as it is"


@pytest.mark.parametrize(
    "facts", [QUIET, replace(BUSY, next_draft=MOVED_DRAFT)], ids=["as decided", "elsewhere"]
)
def test_what_is_written_late_is_written_anew_a_day_after_that(facts: Facts) -> None:
    """The create was decided a day ago and never happened."""
    late = NOW + timedelta(days=1)
    decided = transition(CREATING, None, replace(facts, calendar_version="v1"), late)
    assert isinstance(decided.action, Create)
    written = as_intended(decided.action.draft)
    anew = replace(decided.action.draft, description="Why\n\nOther times")
    asked = replace(QUIET, renewed_draft=sealed(anew))
    there = confirmed(decided.hold, written)
    assert transition(there, written, asked, late).action is None


def test_what_the_user_shows_as_busy_is_a_yes_also_of_another_fikads_text() -> None:
    freely = resealed(replace(FOUND, description="Why\n\nOther times"))
    result = became(PROPOSED, replace(freely, transparent=False), AS_NEEDED)
    assert (result.hold.state, result.hold.reason) == ("accepted", "You set it to busy.")
    further = replace(freely, transparent=False, location="Café Rosa")
    assert became(result.hold, further, AS_NEEDED).hold.state == "accepted", "it stays one"


def test_what_the_user_shows_as_free_again_after_another_fikad_is_theirs() -> None:
    """It looks as this fikad wrote it, and is not as that one did."""
    freed = replace(resealed(OPAQUE), transparent=True)
    assert freed.seal != FOUND.seal
    facts = replace(AS_NEEDED, renewed_draft=DRAFT)
    result = became(PROPOSED, freed, facts, NOW + timedelta(days=1))
    assert (result.hold.state, result.action) == ("pinned", None)


@pytest.mark.parametrize("place", ["", "Café Rosa"])
def test_what_the_user_shows_as_free_and_again_as_another_fikad_did_is_no_yes(place: str) -> None:
    busy = resealed(OPAQUE)
    freed = became(PROPOSED, replace(busy, transparent=True), AS_NEEDED).hold
    assert became(freed, replace(busy, location=place), AS_NEEDED).hold.state == "pinned"


@every({"pinned": PINNED, "accepted": ACCEPTED})
def test_what_another_fikad_moved_and_showed_as_busy_says_no_yes(hold: Hold) -> None:
    moved = resealed(replace(as_intended(MOVED_DRAFT), transparent=False))
    assert became(hold, moved, AS_NEEDED).hold.state == "pinned"


def test_a_sealed_hold_that_the_user_shows_as_busy_is_a_yes_however_fikad_shows_them() -> None:
    assert became(PROPOSED, OPAQUE, AS_NEEDED).hold.state == "accepted"


def test_a_hold_that_was_to_be_written_anew_and_was_not_is_written_anew_now() -> None:
    later = NOW + timedelta(days=1)
    anew = sealed(replace(DRAFT, description="Why\n\nOther times"))
    facts = replace(QUIET, renewed_draft=anew)
    crashed = became(PROPOSED, FOUND, facts, later).hold
    assert (crashed.intent, crashed.renewed_at) == ("update", later)
    assert became(crashed, FOUND, facts, later).action == Rewrite(anew)
    assert became(crashed, as_intended(anew), facts, later).action is None
