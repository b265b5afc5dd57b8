"""The life of a hold, on real servers, with real programs in the user's hands.

Every gesture is made in one calendar, each on somebody else's hold, and two passes follow. The
first understands it; the second finds nothing to write."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from connectors.answering import without_lines
from connectors.ical.completion import is_completed
from connectors.sanitize import sanitize
from daemon.cycle.report import Report
from daemon.holds.draft import answering_lines
from daemon.holds.record import Hold
from daemon.judging.recency import Standing
from tests.connectors.backends import NOW, Backend
from tests.daemon.cycle.test_writing import on
from tests.daemon.cycle.user_edits import HANDS, opened
from tests.daemon.world import HOLDS, Clock, Fikad, address


@dataclass(frozen=True)
class Gesture:
    """What the user does to the hold for one contact, and the state in which the hold is then."""

    who: str
    what: str
    value: str
    state: str

    @property
    def asked(self) -> str:
        """The title that fikad wrote."""
        return f"Coffee with {self.who}?"


GESTURES = {
    "removes the question mark": Gesture("Ada Quill", "title", "Coffee with Ada Quill", "accepted"),
    "invites somebody": Gesture("Ben Reed", "guest", address("Ben Reed"), "accepted"),
    "confirms it": Gesture("Cleo Park", "status", "CONFIRMED", "accepted"),
    "shows it as busy": Gesture("Dora Finch", "busy", "", "accepted"),
    "drags it": Gesture("Emil Stone", "drag", "3", "pinned"),
    "drags it far away": Gesture("Finn Moss", "drag", "4800", "pinned"),
    "writes a note": Gesture("Greta Hall", "note", "Bring the book", "pinned"),
    "names a place": Gesture("Hugo Lind", "place", "Café Rosa, Käthe-Platz 3", "pinned"),
    "sets an alarm": Gesture("Ines Wolf", "alarm", "15", "pinned"),
    "deletes it": Gesture("Jonas Beck", "delete", "", "dismissed"),
    "writes skip": Gesture("Klara Voss", "title", "Skip!", "dismissed"),
    "writes snooze": Gesture("Lena Fuchs", "title", "snooze 3 weeks", "withdrawn"),
    "writes snooze behind it": Gesture(
        "Mats Holm", "title", "Coffee with Mats Holm? snooze 2 weeks", "withdrawn"
    ),
    "writes met": Gesture("Nora Weiss", "title", "met", "withdrawn"),
    "writes never": Gesture("Olga Kern", "title", "never", "dismissed"),
    "writes not now": Gesture("Rita Sand", "title", "not now", "dismissed"),
    "says that they cannot": Gesture("Sven Dahl", "title", "Sven can't", "dismissed"),
    "writes until January": Gesture("Tora Lund", "title", "until January", "withdrawn"),
    "misspells snooze": Gesture("Ulla Berg", "title", "snoze 3 weeks", "withdrawn"),
    "writes something else": Gesture("Vera Holt", "title", "Dentist", "pinned"),
    "saves it unchanged": Gesture("Paul Ernst", "save", "", "proposed"),
    "does nothing": Gesture("Quinn Abel", "", "", "proposed"),
}
STANDING = ("accepted", "pinned", "proposed")


@dataclass
class Story:
    """What happened in one calendar."""

    fikad: Fikad
    backend: Backend
    place: str
    can: frozenset[str]
    left: dict[str, bytes]
    """The calendar as the user left it."""
    first: Report
    after_first: dict[str, bytes]
    after_second: dict[str, bytes]
    second: Report
    known: tuple[dict[str, Hold], dict[str, Hold]]
    """All holds as recorded after the first and after the second pass."""
    asked: dict[str, Hold]
    """By contact, as they were proposed."""

    def gesture(self, name: str) -> Gesture:
        gesture = GESTURES[name]
        if gesture.what not in self.can | {""}:
            pytest.skip("this program cannot do that")
        return gesture

    def standing(self, gesture: Gesture) -> Standing:
        return self.fikad.situation().standings[gesture.who.lower()]


@pytest.fixture(scope="module", params=HANDS)
def story(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Story]:
    with opened(request.param, tmp_path_factory.mktemp(request.param), HOLDS) as (
        backend,
        place,
        hands,
    ):
        wanted = [gesture.who for gesture in GESTURES.values() if gesture.what in hands.can | {""}]
        fikad = Fikad(on(backend, *wanted), lambda name: backend.account(), Clock(NOW))
        for who in wanted:
            fikad.ledger.add_met(who.lower(), NOW - timedelta(weeks=8), NOW)
        asked = {hold.contact_name: hold for hold in fikad.once().holds["proposed"]}
        assert len(asked) == len(wanted)
        hands.begin()
        for gesture in GESTURES.values():
            if gesture.who in asked:
                play(hands, gesture, asked[gesture.who])
        hands.finish()
        left = backend.contents(place)
        first = fikad.once()
        after_one = fikad.holds()
        after_first = backend.contents(place)
        second = fikad.once()
        known = after_one, fikad.holds()
        yield Story(
            fikad,
            backend,
            place,
            hands.can,
            left,
            first,
            after_first,
            backend.contents(place),
            second,
            known,
            asked,
        )


def play(hands: Any, gesture: Gesture, hold: Hold) -> None:
    if gesture.what == "delete":
        hands.delete(hold.uid)
    elif gesture.what:
        hands.change(hold.uid, gesture.what, gesture.value)


def named(texts: dict[str, bytes], uid: str) -> list[bytes]:
    return [text for name, text in texts.items() if uid in name]


@pytest.mark.parametrize("name", GESTURES)
def test_a_gesture_is_understood(story: Story, name: str) -> None:
    gesture = story.gesture(name)
    told = {
        word: [hold.contact_name for hold in holds] for word, holds in story.first.holds.items()
    }
    assert story.known[0][story.asked[gesture.who].uid].state == gesture.state
    assert (gesture.who in told.get(gesture.state, [])) == (gesture.state != "proposed")
    assert sum(gesture.who in names for names in told.values()) == (gesture.state != "proposed")


@pytest.mark.parametrize("name", GESTURES)
def test_what_is_the_users_stays_as_they_left_it_and_what_they_sent_away_goes(
    story: Story, name: str
) -> None:
    gesture = story.gesture(name)
    uid = story.asked[gesture.who].uid
    if gesture.state == "accepted" and gesture.what != "guest":
        assert named(story.after_first, uid) != named(story.left, uid) != []
    elif gesture.state in STANDING:
        assert named(story.after_first, uid) == named(story.left, uid) != []
    else:
        assert named(story.after_first, uid) == []


@pytest.mark.parametrize(
    "name", [name for name, gesture in GESTURES.items() if gesture.state == "accepted"]
)
def test_a_yes_is_completed_where_nobody_is_invited(story: Story, name: str) -> None:
    gesture = story.gesture(name)
    asked = story.asked[gesture.who]
    seen = story.known[0][asked.uid].seen
    assert seen is not None
    assert seen.title == (gesture.value if gesture.what == "title" else asked.title)
    assert (seen.start, seen.end) == (asked.start, asked.end)
    if gesture.what == "guest":
        assert not is_completed(seen, answering_lines())
    else:
        assert is_completed(seen, answering_lines())
        told = without_lines(asked.draft.description, answering_lines())
        assert seen.description == sanitize(told)
        assert "mailto:" in seen.description, "the message stays: it may still be sent"


def test_the_second_pass_writes_nothing_and_has_nothing_to_tell(story: Story) -> None:
    assert story.after_second == story.after_first
    assert not any(story.second.holds.values())
    assert story.known[1] == story.known[0]
    assert all(hold.intent is None for hold in story.known[1].values())


def test_nobody_is_asked_anew_at_once(story: Story) -> None:
    assert not story.first.holds.get("proposed")
    assert len(story.known[1]) == len(story.asked)


def test_every_write_was_on_a_condition(story: Story) -> None:
    count, careless = story.backend.careless_writes()
    assert careless == []
    assert count or "files" in type(story.backend).__name__.lower()


def test_an_order_has_its_effect(story: Story) -> None:
    now = story.fikad.clock()
    assert story.standing(story.gesture("writes snooze")).snoozed_until == now + timedelta(weeks=3)
    assert story.standing(
        story.gesture("writes snooze behind it")
    ).snoozed_until == now + timedelta(weeks=2)
    met = story.standing(story.gesture("writes met"))
    assert (met.last_met, met.rule) == (now, "manual")
    never = story.standing(story.gesture("writes never"))
    assert never.blocked is not None
    assert never.blocked.code == "paused"
    rests = story.standing(story.gesture("deletes it")).cooldown_until
    assert rests == now + timedelta(weeks=1)


def test_what_was_said_is_known_again_to_a_fikad_that_lost_its_ledger(story: Story) -> None:
    """As far as it stands in the calendar: yes, and hands off."""
    reborn = Fikad(story.fikad.config, lambda name: story.backend.account(), Clock(NOW))
    for who in story.asked:
        reborn.ledger.add_met(who.lower(), NOW - timedelta(weeks=8), NOW)
    reborn.once(propose="none")
    reborn.once(propose="none")
    assert story.backend.contents(story.place) == story.after_second
    states = {hold.contact_name: hold.state for hold in reborn.holds().values()}
    assert states == {
        gesture.who: gesture.state
        for gesture in GESTURES.values()
        if gesture.who in story.asked and gesture.state in STANDING
    }


def test_when_all_is_over_only_what_was_accepted_was_a_meeting(story: Story) -> None:
    """Last of all: the clock moves on."""
    clock = story.fikad.clock
    assert isinstance(clock, Clock)
    clock.now = NOW + timedelta(weeks=4)
    try:
        report = story.fikad.once(propose="none")
        counted = {verdict.contact_key: verdict.rule for verdict in story.fikad.situation().counted}
        lapsed = {hold.contact_name for hold in report.holds["lapsed"]}
        remaining = story.backend.contents(story.place)
    finally:
        clock.now = NOW
    accepted = {gesture.who.lower() for gesture in GESTURES.values() if gesture.state == "accepted"}
    assert counted == dict.fromkeys(accepted & {who.lower() for who in story.asked}, "hold")
    assert lapsed == {"Paul Ernst", "Quinn Abel"}
    gone = [story.asked[who].uid for who in lapsed]
    kept = {
        name: text
        for name, text in story.after_second.items()
        if not any(uid in name for uid in gone)
    }
    assert remaining == kept
