"""A fikad is killed at every single step of a month, and taken up again.

A life is lived through once without interruption. Then every poll of it is repeated from where it
began, once for each of its steps, and killed there. The next poll must end where the uninterrupted
one ended, in the calendars and in what the ledger concludes; the one after that writes nothing.

A part of the month, and every so-many-th step, belongs to the usual tests; `make interrupt` takes
them all (`EVERY_STEP=1`; with 5 it takes every fifth), and goes on where it was ended."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.daemon.cycle.conftest import STEPS
from tests.daemon.cycle.living import Life, Moment, Polled, living
from tests.daemon.cycle.month import MONTH, Scene
from tests.daemon.cycle.places import PLACES
from tests.daemon.cycle.tried import try_steps

EACH = int(os.environ.get("EVERY_STEP", 0))
"""One step in so many is tried, all through the month; 0: a part of it."""
_SCENES, _EACH = 4, 45
"""The part: the first scenes, and one step in so many."""


@dataclass(frozen=True)
class Lived:
    """One scene as it was lived through without interruption."""

    scene: Scene
    before: Moment
    polled: Polled


@dataclass
class Month:
    """A life that can be taken up again at every scene."""

    place: str
    life: Life
    lived: list[Lived] = field(default_factory=list)

    def live(self, scene: Scene) -> None:
        """Go on. What fikad finds is as it was put back, now as at every repetition."""
        self.life.play(scene)
        before = self.life.keep()
        self.life.warm_up(before)
        polled = self.life.poll()
        assert polled is not None
        self.lived.append(Lived(scene, before, polled))

    def faults(self, lived: Lived, at: int) -> list[str]:
        """What is otherwise when that poll is killed at that step."""
        life = self.life
        life.now = lived.scene.now
        life.put_back(lived.before)
        assert life.poll(at) is None, "it was not killed"
        try:
            found = list(self._after(lived))
        except AssertionError as error:
            found = [str(error)]
        where = f"{lived.scene.name}, step {at} ({lived.polled.steps[at]})"
        return [f"{where}: {each}" for each in found]

    def _after(self, lived: Lived) -> Iterator[str]:
        first = self.life.poll()
        assert first is not None
        for each in differences(lived.polled, first, self.life.now):
            yield f"ended otherwise: {each}"
        second = self.life.poll()
        assert second is not None
        for each in _differences("", _all(first), _all(second)):
            yield f"does not rest: {each}"
        for step in filter(self.life.place.is_write, second.steps):
            yield f"writes again: {step}"


def _all(polled: Polled) -> dict[str, Any]:
    return {**polled.contents, **polled.concluded}


def differences(wanted: Polled, got: Polled, now: datetime) -> Iterator[str]:
    """Where two ends differ. What is left of a plan that was cut in two is planned anew, around
    what stands already: the same people, perhaps at other times."""
    new = _proposed(wanted, now)
    if len(new) > 1:
        yield from _differences("plan", _dealt(wanted, new), _dealt(got, new))
        wanted, got = _without(wanted, new), _without(got, new)
    yield from _differences("", _all(wanted), _all(got))


def _proposed(polled: Polled, now: datetime) -> set[str]:
    """The UIDs of the holds that a poll decided on."""
    holds = polled.concluded["holds"]
    return {uid for uid, hold in holds.items() if hold["created_at"] == now}


def _dealt(polled: Polled, uids: set[str]) -> dict[str, Any]:
    """Who was asked, and what came of it."""
    holds = [hold for uid, hold in polled.concluded["holds"].items() if uid in uids]
    return {
        "people": sorted(
            (hold["contact_name"], hold["state"], str(hold["intent"])) for hold in holds
        ),
        "standing": sorted(name for name in polled.contents if any(uid in name for uid in uids)),
    }


def _without(polled: Polled, uids: set[str]) -> Polled:
    """Without these holds, and what tells of them."""
    holds = polled.concluded["holds"]
    people = {hold["contact_key"] for uid, hold in holds.items() if uid in uids}
    concluded = {
        **polled.concluded,
        "holds": {uid: hold for uid, hold in holds.items() if uid not in uids},
        "standings": {k: v for k, v in polled.concluded["standings"].items() if k not in people},
        "digests": {uid: each.state for uid, each in polled.concluded["digests"].items()},
    }
    told = (*uids, *concluded["digests"])
    contents = {
        name: text for name, text in polled.contents.items() if not any(u in name for u in told)
    }
    return Polled(contents, concluded, polled.steps)


def _differences(where: str, wanted: Any, got: Any) -> Iterator[str]:
    if isinstance(wanted, dict) and isinstance(got, dict):
        for key in sorted({*wanted, *got}, key=str):
            yield from _differences(f"{where}/{key}", wanted.get(key), got.get(key))
    elif wanted != got:
        yield f"{where}: {wanted!r} became {got!r}"[:600]


@contextmanager
def month(place: str, folder: Path, scenes: int) -> Iterator[Month]:
    with PLACES[place](folder) as here, living(here, folder) as life:
        lived = Month(place, life)
        for scene in MONTH[:scenes]:
            lived.live(scene)
        yield lived


@pytest.fixture(scope="module")
def whole(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Month]:
    with month(request.param, tmp_path_factory.mktemp(request.param), len(MONTH)) as lived:
        yield lived


@pytest.mark.parametrize("number", range(len(MONTH)) if EACH else ())
@pytest.mark.parametrize("whole", PLACES, indirect=True)
def test_killed_at_any_step_of_a_month_fikad_goes_on_as_if_nothing_had_been(
    whole: Month, number: int, record_property: Any
) -> None:
    lived = whole.lived[number]
    steps, faults = len(lived.polled.steps), partial(whole.faults, lived)
    done = try_steps(f"{whole.place}-{number:02}", steps, EACH, faults)
    record_property(STEPS, done.count)
    assert not done.faults, "\n".join(done.faults)


@pytest.mark.skipif(bool(EACH), reason="a part of the other")
@pytest.mark.parametrize("place", PLACES)
def test_killed_at_some_steps_of_a_week_fikad_goes_on_as_if_nothing_had_been(
    place: str, tmp_path: Path
) -> None:
    with month(place, tmp_path, _SCENES) as lived:
        steps = [(each, at) for each in lived.lived for at in range(len(each.polled.steps))]
        faults = [
            fault for each, at in steps[_EACH - 1 :: _EACH] for fault in lived.faults(each, at)
        ]
    assert not faults, "\n".join(faults)


def test_killed_once_the_calendar_of_holds_is_made_fikad_goes_on_with_it(tmp_path: Path) -> None:
    """Google's list of calendars is remembered for an hour."""
    with month("google", tmp_path, 2) as lived:
        plan = lived.lived[1]
        known = [at for at, step in enumerate(plan.polled.steps) if "hold_calendars" in step]
        assert lived.faults(plan, known[-1]) == []
