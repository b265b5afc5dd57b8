"""The table of a digest's life, row by row."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from connectors.base import HoldEvent
from connectors.ical.hold_text import seal
from daemon.holds.digest import (
    Digest,
    State,
    WeekFacts,
    adopt,
    begin,
    digest_draft,
    is_digest,
    is_unedited,
    may_go,
    plan_of,
    settle,
    step,
    written,
)
from daemon.holds.edits import as_intended
from daemon.holds.facts import Move, Withdraw

SUNDAY = date(2026, 11, 22)
MONDAY = date(2026, 11, 23)
UID = "fikad-look-20261122"
FACTS = WeekFacts(
    plan=SUNDAY,
    today=SUNDAY,
    wanted=True,
    title="The week ahead: Jane Doe",
    lines=("Coffee with Jane Doe? (Tue 24 Nov 10:00)", "Gone quiet: Bob Ray."),
    content="jane bob",
)
NEWS = replace(FACTS, title="The week ahead: Ann Lee", lines=("Gone quiet: Ann Lee.",), content="a")
DRAFT = digest_draft(FACTS, SUNDAY)
FOUND = as_intended(DRAFT)
BARE = replace(FOUND, seal="")
"""As a server that drops seals has it."""
CREATING = begin(DRAFT, FACTS.content, "home", "Fikad", "v1")
STANDING = written(CREATING, FOUND)
STATES: tuple[State, ...] = ("creating", "standing", "theirs", "dismissed", "withdrawn")
EVERY = {state: replace(STANDING, state=state) for state in STATES} | {"creating": CREATING}
TOUCHED = replace(FOUND, location="Home")


def every() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("digest", EVERY.values(), ids=EVERY)


# --- its name


def test_the_name_is_the_date_of_the_plan_with_or_without_dashes() -> None:
    assert DRAFT.uid == UID
    assert digest_draft(FACTS, SUNDAY, dashes=False).uid == "fikadlook20261122"
    for uid in (UID, "fikadlook20261122"):
        assert is_digest(uid)
        assert plan_of(uid) == "20261122"


@pytest.mark.parametrize("uid", ["fikad-look-2026112", f"{UID}0", f"x{UID}", "fikad-a1", ""])
def test_what_is_called_otherwise_is_no_digest(uid: str) -> None:
    assert not is_digest(uid)
    with pytest.raises(ValueError, match="not the UID of a digest"):
        plan_of(uid)


# --- what is written


def test_it_says_its_lines_and_below_what_it_is_on_one_whole_day() -> None:
    first, second, between, told = DRAFT.description.split("\n")
    assert (first, second, between) == (*FACTS.lines, "")
    assert "weekly_digest" in told
    assert DRAFT.title == FACTS.title
    assert DRAFT.start == datetime(2026, 11, 22, tzinfo=UTC)
    assert DRAFT.end == datetime(2026, 11, 23, tzinfo=UTC)
    assert (DRAFT.all_day, DRAFT.transparent) == (True, True)
    assert DRAFT.seal == seal(DRAFT)
    assert digest_draft(FACTS, MONDAY).start == datetime(2026, 11, 23, tzinfo=UTC)


def test_what_it_says_of_others_is_made_inert() -> None:
    hostile = replace(FACTS, title="A\x1b[2J\nB", lines=("C\u202e\nD",))
    draft = digest_draft(hostile, SUNDAY)
    assert "\x1b" not in draft.title
    assert "\n" not in draft.title
    assert "\u202e" not in draft.description
    assert draft.description.count("\n") == 2


def test_the_intent_is_on_record_before_the_write_with_the_version_of_its_calendar() -> None:
    begun = begin(DRAFT, "jane bob", "home", "Fikad", "v1")
    assert (begun.uid, begun.account, begun.calendar) == (UID, "home", "Fikad")
    assert (begun.state, begun.writing, begun.version) == ("creating", True, "v1")
    assert (begun.draft, begun.said, begun.baseline) == (DRAFT, "jane bob", None)


def test_something_of_fikads_may_stand_as_long_as_it_stands_or_is_being_written() -> None:
    still = {state: replace(STANDING, state=state).is_open for state in STATES}
    assert still == dict.fromkeys(STATES, False) | {"creating": True, "standing": True}
    assert all(replace(STANDING, state=state, writing=True).is_open for state in STATES)


# --- whose it is


@pytest.mark.parametrize(
    ("digest", "event", "unedited"),
    [
        (STANDING, FOUND, True),
        (STANDING, BARE, True),
        (STANDING, TOUCHED, False),
        (replace(STANDING, baseline=None), FOUND, True),
        (replace(STANDING, baseline=None), BARE, False),
        (replace(STANDING, baseline=None, writing=True), BARE, True),
        (replace(STANDING, baseline=TOUCHED), BARE, False),
        (replace(STANDING, baseline=TOUCHED, writing=True), BARE, True),
        (replace(STANDING, baseline=TOUCHED, writing=True), replace(BARE, title="x"), False),
        (STANDING, replace(FOUND, status="cancelled"), False),
    ],
)
def test_it_is_as_written_by_its_seal_or_as_it_was_read_or_as_it_is_being_written(
    digest: Digest, event: HoldEvent, unedited: bool
) -> None:
    assert is_unedited(digest, event) == unedited


def test_a_timed_event_with_a_seal_is_no_digest_as_written() -> None:
    timed = replace(FOUND, all_day=False)
    assert not is_unedited(STANDING, replace(timed, seal=seal(timed)))


def test_one_that_the_ledger_does_not_know_is_fikads_by_its_seal_alone() -> None:
    ours = adopt(FOUND, "home", "Fikad", FACTS)
    assert ours == replace(STANDING, said=FACTS.content)
    theirs = adopt(BARE, "home", "Fikad", FACTS)
    assert (theirs.state, theirs.baseline, theirs.draft.title) == ("theirs", None, FACTS.title)
    assert adopt(TOUCHED, "home", "Fikad", FACTS).state == "theirs"


def test_what_may_go_is_nobodys_but_fikads() -> None:
    assert may_go(FOUND, None)
    assert may_go(FOUND, STANDING)
    assert may_go(BARE, STANDING)
    assert not may_go(BARE, None)
    assert not may_go(FOUND, EVERY["theirs"])
    assert not may_go(TOUCHED, STANDING)
    for known in (None, STANDING):
        assert not may_go(replace(FOUND, status="cancelled"), known)
    cancelled = replace(FOUND, status="cancelled")
    assert not may_go(cancelled, replace(STANDING, baseline=cancelled))


# --- the table


@pytest.mark.parametrize(
    ("event", "became"),
    [
        (None, ("dismissed", "dismissed", "dismissed", "dismissed", "withdrawn")),
        (replace(FOUND, status="cancelled"), ("dismissed",) * 5),
        (FOUND, ("standing", "standing", "theirs", "theirs", "standing")),
        (TOUCHED, ("theirs",) * 5),
    ],
    ids=["gone", "cancelled", "as written", "touched"],
)
def test_what_is_found_gives_the_next_state(event: HoldEvent, became: tuple[State, ...]) -> None:
    settled = [settle(digest, event, "v2") for digest in EVERY.values()]
    assert tuple(digest.state for digest in settled) == became
    assert {(digest.writing, digest.version) for digest in settled} == {(False, None)}


def test_a_create_is_tried_again_only_where_nothing_certainly_changed() -> None:
    assert settle(CREATING, None, "v1") is CREATING
    assert settle(CREATING, None, "v2").state == "dismissed"
    assert settle(CREATING, None, None).state == "dismissed"
    assert settle(replace(CREATING, version=None), None, None).state == "dismissed"
    assert settle(replace(STANDING, version="v1"), None, "v1").state == "dismissed"


def test_what_is_found_as_written_is_what_later_changes_are_told_by() -> None:
    rewritten = replace(FOUND, description=f" {FOUND.description} ")
    settled = settle(STANDING, rewritten)
    assert (settled.baseline, settled.draft) == (rewritten, DRAFT)
    another = as_intended(digest_draft(NEWS, SUNDAY))
    settled = settle(STANDING, another)
    assert (settled.state, settled.draft.title) == ("standing", NEWS.title)
    assert (settled.baseline, settled.said) == (another, FACTS.content)


def test_what_was_about_to_be_said_and_is_not_there_is_said_then() -> None:
    wanted = step(settle(STANDING, FOUND), NEWS)
    assert wanted is not None
    about, _ = wanted
    lost = settle(about, FOUND)
    assert (lost.state, lost.draft, lost.baseline) == ("standing", DRAFT, FOUND)
    assert step(lost, NEWS) == wanted
    assert step(lost, FACTS) is None, "it says that already"
    arrived = settle(about, as_intended(digest_draft(NEWS, SUNDAY)))
    assert step(arrived, NEWS) is None


# --- the next write


def test_nothing_is_written_as_long_as_there_is_nothing_new() -> None:
    assert step(STANDING, FACTS) is None
    assert step(STANDING, replace(NEWS, content=FACTS.content)) is None, "another language"
    assert step(STANDING, replace(FACTS, content="other")) is None, "it would look the same"


@every()
def test_only_one_that_stands_is_written(digest: Digest) -> None:
    for facts in (NEWS, replace(FACTS, wanted=False)):
        assert (step(digest, facts) is None) == (digest.state != "standing")


def test_news_of_its_day_is_written_under_its_name() -> None:
    digest = replace(
        STANDING, uid="fikadlook20261122", draft=replace(DRAFT, uid="fikadlook20261122")
    )
    done = step(digest, NEWS)
    assert done is not None
    record, action = done
    draft = replace(digest_draft(NEWS, SUNDAY), uid="fikadlook20261122")
    assert action == Move(draft)
    assert record == replace(digest, draft=draft, said=NEWS.content, writing=True)


def test_on_a_later_day_only_a_name_that_is_to_be_named_nowhere_is_taken_out() -> None:
    later = replace(NEWS, today=MONDAY)
    assert step(STANDING, later) is None
    for named in ("Jane Doe", "bob ray"):
        done = step(STANDING, replace(later, silent=["Zoe", named]))
        assert done is not None
        assert done[1] == Move(digest_draft(NEWS, SUNDAY))
    for other in ("Jane Do", "ane Doe", "Ann Lee", "J.ne Doe"):
        assert step(STANDING, replace(later, silent=[other])) is None


@pytest.mark.parametrize(
    "facts",
    [
        replace(FACTS, wanted=False),
        replace(FACTS, plan=date(2026, 11, 29)),
        replace(FACTS, lines=(), content=""),
    ],
    ids=["not wanted", "the next has come", "nothing to say"],
)
def test_it_is_removed_when_its_time_is_over_or_it_says_nothing(facts: WeekFacts) -> None:
    assert step(STANDING, facts) == (
        replace(STANDING, state="withdrawn", writing=True),
        Withdraw(),
    )


def test_a_removal_that_another_fikad_began_is_finished() -> None:
    begun = replace(STANDING, baseline=replace(FOUND, withdrawn=True))
    done = step(begun, FACTS)
    assert done is not None
    assert (done[0].state, done[1]) == ("withdrawn", Withdraw())


# --- after the write


def test_what_was_written_is_recorded_as_it_was_read_again() -> None:
    done = written(CREATING, FOUND)
    assert (done.state, done.baseline) == ("standing", FOUND)
    assert (done.writing, done.version) == (False, None)
    rewritten = replace(BARE, description="Other", private=False)
    assert written(CREATING, rewritten).baseline == rewritten, "a server's doing"
    removing = replace(STANDING, state="withdrawn", writing=True)
    assert written(removing, None) == replace(STANDING, state="withdrawn")


@pytest.mark.parametrize(
    "change",
    [
        {"title": "My week"},
        {"start": datetime(2026, 11, 21, tzinfo=UTC)},
        {"end": datetime(2026, 11, 24, tzinfo=UTC)},
        {"all_day": False},
        {"extras": ("VALARM",)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_no_server_does_was_the_user_who_was_quicker(change: dict[str, Any]) -> None:
    """What was meant is compared with, so that the change is found."""
    changed = replace(FOUND, **change)
    done = written(CREATING, changed)
    assert done.baseline == FOUND
    assert settle(done, changed).state == "theirs"
