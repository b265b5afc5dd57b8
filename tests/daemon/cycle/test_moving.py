"""Holds that are written anew where they stand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.daemon.world import Calendars, Clock, Fikad, calendars, config, met_long_ago, person

NAMES = ("Jane Doe", "Omar Haddad")


def installed(mine: Calendars, paused: str = "") -> Fikad:
    """A fikad without a memory; two contacts share a tag, and the one of that key is paused."""
    people = [person(name, tags=["climate"], paused=name.casefold() == paused) for name in NAMES]
    return Fikad(config(contacts=people), mine.open, Clock())


def remembered(first: Fikad, second: Fikad) -> None:
    for hold in first.ledger.holds():
        second.ledger.save_hold(hold)


def of_an_older_version(first: Fikad, second: Fikad) -> None:
    for hold in first.ledger.holds():
        second.ledger.save_hold(replace(hold, introduces=None))


def forgotten(first: Fikad, second: Fikad) -> None:
    """The ledger was lost."""


@pytest.mark.parametrize("memory", [remembered, of_an_older_version, forgotten])
def test_a_hold_that_names_somebody_who_is_paused_by_now_is_written_anew_once(memory: Any) -> None:
    mine = calendars(*met_long_ago(NAMES))
    first = installed(mine)
    first.once()
    [told] = [hold for hold in first.ledger.holds() if hold.introduces]
    second = installed(mine, paused=told.introduces or "")
    memory(first, second)
    second.once("none")
    name = next(name for name in NAMES if name.casefold() == told.introduces)
    assert name in told.draft.description
    standing = mine.hold(told.uid)
    assert standing is not None
    assert name not in standing.description
    written = dict(mine.coffee.resources)
    second.once("none")
    assert mine.coffee.resources == written
