"""Whoever is renamed keeps what is recorded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from daemon.ledger.ledger import Ledger, open_ledger
from tests.daemon.world import SUNDAY, Fikad, calendars, config, met_long_ago, new_ledger

WEEK = timedelta(weeks=1)


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with new_ledger() as ledger:
        yield ledger


def test_snoozes_notes_answers_and_what_was_entered_by_hand_go_along(ledger):
    ledger.note("jane doe", "likes tea", SUNDAY)
    ledger.snooze("jane doe", SUNDAY + WEEK, SUNDAY)
    ledger.add_met("jane doe", SUNDAY - WEEK, SUNDAY)
    ledger.never("tom", SUNDAY)
    ledger.carry_over({"jane doe": "jane smith"})
    people = ledger.people()
    assert set(people) == {"jane smith", "tom"}
    jane = people["jane smith"]
    assert (jane.note, jane.snoozed_until, jane.met) == (
        "likes tea",
        SUNDAY + WEEK,
        (SUNDAY - WEEK,),
    )


def test_two_who_change_places_do_so_at_once(ledger):
    ledger.note("ann", "A", SUNDAY)
    ledger.note("bob", "B", SUNDAY)
    ledger.add_met("ann", SUNDAY, SUNDAY)
    ledger.carry_over({"ann": "bob", "bob": "ann"})
    people = ledger.people()
    assert (people["ann"].note, people["bob"].note) == ("B", "A")
    assert (people["ann"].met, people["bob"].met) == ((), (SUNDAY,))


def test_what_was_recorded_under_both_names_is_joined(ledger):
    ledger.note("jane", "old", SUNDAY - WEEK)
    ledger.never("jane", SUNDAY)
    ledger.add_met("jane", SUNDAY - WEEK, SUNDAY)
    ledger.note("janet", "new", SUNDAY)
    ledger.snooze("janet", SUNDAY + WEEK, SUNDAY)
    ledger.add_met("janet", SUNDAY - WEEK, SUNDAY)
    ledger.carry_over({"jane": "janet"})
    (janet,) = ledger.people().values()
    assert (janet.added, janet.note, janet.never) == (SUNDAY - WEEK, "new; old", True)
    assert (janet.snoozed_until, janet.met) == (SUNDAY + WEEK, (SUNDAY - WEEK,))


def test_holds_and_what_they_introduce_go_along():
    cards = calendars(*met_long_ago(["Jane Doe", "Tom Ray"]))
    fikad = Fikad(config("Jane Doe", "Tom Ray"), cards.open)
    fikad.once()
    with fikad.ledger as ledger:
        hold = fikad.hold("Tom Ray")
        ledger.save_hold(replace(hold, introduces="jane doe"))
        before = {verdict.contact_key for verdict in ledger.counted(SUNDAY - 60 * WEEK, SUNDAY)}
        ledger.carry_over({"jane doe": "jane smith"})
        assert {hold.contact_key for hold in ledger.holds()} == {"jane smith", "tom ray"}
        assert fikad.hold("Tom Ray").introduces == "jane smith"
        assert before == {"jane doe", "tom ray"}
        counted = ledger.counted(SUNDAY - 60 * WEEK, SUNDAY)
        assert {verdict.contact_key for verdict in counted} == {"jane smith", "tom ray"}


def test_who_is_who_is_kept_on_disk(tmp_path):
    with open_ledger(tmp_path) as ledger:
        ledger.save_identities({"u1": "jane", "u2": "tom"})
        ledger.save_identities({"u1": "janet"})
    with open_ledger(tmp_path) as ledger:
        assert ledger.identities() == {"u1": "janet", "u2": "tom"}
