"""Several fikads at once, on one account, each a process of its own.

One of them is stopped at each of its steps. There it waits until another one has polled to its end,
and goes on; or it is killed there. Or all begin at the same moment, and go as they like. However it
was: after a few more polls of each nobody writes any more, there is one hold for each contact, and
the holds stand in one calendar.

A part of it belongs to the usual tests; `make interrupt` does it all (`EVERY_STEP=1`; with 5 every
fifth step)."""

from __future__ import annotations

import gc
import os
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.daemon.cycle import month
from tests.daemon.cycle.conftest import STEPS
from tests.daemon.cycle.living import Moment, conclusions, poll, try_to_poll
from tests.daemon.cycle.odd_places import ODD_PLACES
from tests.daemon.cycle.places import PLACES, Place, xandikos
from tests.daemon.cycle.tried import try_steps
from tests.daemon.steps import Pause, Steps, begun, in_child

_EACH = int(os.environ.get("EVERY_STEP", 0))
"""One step in so many is tried."""
EVERY = bool(_EACH)
_USUAL = PLACES | {"xandikos": xandikos}
_ALL = _USUAL | ODD_PLACES
_TIMES = 10
"""So often they begin together."""
_ROUNDS = 4
"""After so many polls of each nobody may write any more."""
PEOPLE = ("Ada Quill", "Ben Reed", "Cleo Park")
SUNDAY, PLAN, MONDAY = (
    datetime.fromisoformat(f"2026-11-{at}:30+01:00") for at in ("22T13:00", "22T17:00", "23T10:00")
)
CONFIG = """\
timezone = "Europe/Berlin"
me = ["sam@example.com"]
{account}
[holds]
account = "home"
{calendar}
[rhythm]
per_week = 6
per_day = 2
open = 6
horizon = "1 week"
weekly_digest = true
{people}"""


@dataclass
class Several:
    """Fikads that share a place, each with a config and a ledger of its own."""

    place: Place
    folders: list[Path]
    kept_in: Path
    now: datetime = SUNDAY
    kept: list[Moment] = field(default_factory=list)

    def begin(self) -> None:
        for number, name in enumerate(PEOPLE):
            start = datetime.fromisoformat(f"2026-09-{21 + number}T11:00+02:00")
            self.place.put(f"past-{number}", "Catching up", start, 60, month.address(name))
        people = "".join(
            f'[[contacts]]\nname = "{name}"\nemails = ["{month.address(name)}"]\n'
            'cadence = "4 weeks"\n'
            for name in PEOPLE
        )
        calendar = 'calendar = "Work"' if self.place.contents()["calendars"] == ["Work"] else ""
        for folder in self.folders:
            folder.mkdir()
            account, _, _ = self.place.tables(folder).partition("[addressbooks")
            config = CONFIG.format(account=account, calendar=calendar, people=people)
            (folder / "config.toml").write_text(config)

    def keep(self) -> None:
        """From here on it is tried."""
        place = self.place.keep()
        for folder in self.folders:
            shutil.copytree(folder, self.kept_in / folder.name)
        self.kept = [Moment(place, self.kept_in / folder.name) for folder in self.folders]

    def put_back(self) -> None:
        self.place.put_back(self.kept[0].place)
        for folder, moment in zip(self.folders, self.kept, strict=True):
            shutil.rmtree(folder)
            shutil.copytree(moment.folder, folder)

    def warm_up(self) -> None:
        """Let this process, whose children poll, load and build all that a poll needs."""
        for _ in range(2):
            try_to_poll(self.folders[0], self.now)
        self.put_back()
        gc.collect()
        gc.freeze()

    def poll(self, folder: Path) -> list[str]:
        """A poll in peace; what it wrote."""
        steps = Steps()

        def work() -> list[str]:
            poll(folder, self.now)
            return steps.passed

        return [step for step in in_child(work, steps) or [] if self.place.is_write(step)]

    def steps(self) -> int:
        """How many steps the first one's poll has by itself."""
        steps = Steps()

        def work() -> int:
            try_to_poll(self.folders[0], self.now)
            return len(steps.passed)

        return in_child(work, steps) or 0

    def killed(self, at: int) -> None:
        """The first is killed at a step, and the others poll."""
        in_child(partial(self._try, self.folders[0]), Steps(at))
        for folder in self.folders[1:]:
            in_child(partial(self._try, folder), Steps())

    def paused(self, at: int) -> None:
        """The first waits at a step until the others have polled."""
        pause = Pause(at)
        first = begun(partial(self._try, self.folders[0]), pause)
        pause.wait(first)
        for folder in self.folders[1:]:
            in_child(partial(self._try, folder), Steps())
        pause.go_on()
        first.ended()
        pause.close()

    def together(self) -> None:
        running = [begun(partial(self._try, folder), Steps()) for folder in self.folders]
        for each in running:
            each.ended()

    def _try(self, folder: Path) -> bool:
        return try_to_poll(folder, self.now).failed is None

    def faults(self) -> Iterator[str]:
        """What is wrong once they have been left in peace."""
        for _ in range(_ROUNDS):
            wrote = [step for folder in self.folders for step in self.poll(folder)]
            if not wrote:
                break
        else:
            yield f"they do not rest: {wrote}"
        known = [
            in_child(partial(conclusions, folder, self.now), Steps()) or {}
            for folder in self.folders
        ]
        contents = self.place.contents()
        holds = list(standing(contents))
        people = {
            uid: hold["contact_name"] for each in known for uid, hold in each["holds"].items()
        }
        for who, count in Counter(people.get(uid, uid) for _, uid in set(holds)).items():
            if count > 1:
                yield f"{count} holds for {who}"
        if len({calendar for calendar, _ in holds}) > 1:
            yield f"holds in several calendars: {holds}"
        for uid in {uid for each in known for uid in each["holds"]}:
            states = [each["holds"][uid]["state"] for each in known if uid in each["holds"]]
            if any(each["holds"][uid]["intent"] for each in known if uid in each["holds"]):
                yield f"{uid} is not settled"
            if any(uid == there for _, there in holds) and len(set(states)) > 1:
                yield f"{uid} stands and is {states}"
            if "dismissed" in states and people[uid] in self.expected:
                yield f"{uid}, which nobody refused, is {states}"
        asked = {people.get(uid) for _, uid in holds}
        if self.expected - asked:
            yield f"nobody asks {sorted(self.expected - asked)}"

    expected: frozenset[str] = frozenset(PEOPLE)
    """Who is asked, or was and said yes, when all is done."""


def standing(contents: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The holds in a place: calendar and UID."""
    for name, event in contents.items():
        text = event if isinstance(event, str) else ""
        if isinstance(event, dict) and event.get("status") != "cancelled":
            text = f"UID:{event['id']}"
        found = re.search(r"^UID:(fikad(?!-?look)[0-9a-z-]+)", text, re.MULTILINE)
        if found is not None:
            yield name.rpartition("/")[0], found[1]


# --- how it begins ---


def nothing(several: Several) -> None:
    """Everybody is installed."""
    _installed(several)
    several.now = PLAN


def a_calendar(several: Several) -> None:
    """The hold calendar is there already."""
    several.place.make_holds()
    nothing(several)


def holds(several: Several) -> None:
    """There are holds, known to everybody; one must move, one is a yes, one is put off."""
    nothing(several)
    for folder in (*several.folders, several.folders[0]):
        several.poll(folder)
    several.now = MONDAY
    known = in_child(partial(conclusions, several.folders[0], several.now), Steps())
    assert known is not None
    by_name = {hold["contact_name"]: hold for hold in known["holds"].values()}
    start = by_name["Ada Quill"]["draft"]["start"]
    several.place.put("budget", "Budget, urgent", start, 60)
    hands = several.place.hands()
    hands.change(by_name["Ben Reed"]["uid"], "title", "Coffee with Ben Reed")
    hands.change(by_name["Cleo Park"]["uid"], "title", "snooze 3 weeks")
    several.expected = frozenset({"Ada Quill", "Ben Reed"})


def _installed(several: Several) -> None:
    for folder in several.folders:
        several.poll(folder)


_BEGUN = [(place, each) for place in _ALL for each in (nothing, holds)]
_BEGUN += [(place, a_calendar) for place in _USUAL]  # elsewhere it is always there


@contextmanager
def several_at(place: str, folder: Path, beginning: Any, count: int = 2) -> Iterator[Several]:
    with _ALL[place](folder) as here:
        fikads = [folder / f"fikad-{number}" for number in range(count)]
        several = Several(here, fikads, folder / "kept-fikads")
        several.kept_in.mkdir()
        several.begin()
        beginning(several)
        several.keep()
        several.warm_up()
        yield several


def tried(several: Several, what: str, *given: int) -> list[str]:
    getattr(several, what)(*given)
    return [f"{what} {given}: {fault}" for fault in several.faults()]


@pytest.mark.parametrize(("place", "beginning"), _BEGUN if EVERY else ())
def test_stopped_at_any_step_while_another_polls_they_come_to_one(
    place: str, beginning: Any, tmp_path: Path, record_property: Any
) -> None:
    with several_at(place, tmp_path, beginning) as several:
        steps = several.steps()

        def at(step: int) -> list[str]:
            faults = []
            for what in ("paused", "killed"):
                several.put_back()
                faults += tried(several, what, step)
            return faults

        name = re.sub(r"[^a-z0-9]+", "-", f"two at {place} {beginning.__name__}")
        done = try_steps(name, steps, _EACH, at)
        record_property(STEPS, 2 * done.count)
    assert not done.faults, "\n".join(done.faults)


@pytest.mark.skipif(EVERY, reason="a part of the other")
@pytest.mark.parametrize("place", ["files", "radicale", "xandikos", "google", "overwrites (204)"])
def test_stopped_half_way_while_another_polls_they_come_to_one(place: str, tmp_path: Path) -> None:
    with several_at(place, tmp_path, nothing) as several:
        steps = several.steps()
        several.put_back()
        assert tried(several, "paused", steps // 2) == []


def test_what_was_said_to_one_fikad_the_other_does_not_write_against(tmp_path: Path) -> None:
    """An order in a title is read by whoever comes first, and nobody else sees more than that the
    hold was taken back."""
    with several_at("google", tmp_path, holds) as several:
        assert tried(several, "killed", 0) == []


@pytest.mark.skipif(not EVERY, reason="takes long: `make interrupt`")
@pytest.mark.parametrize("place", _ALL)
def test_begun_at_the_same_moment_three_come_to_one(place: str, tmp_path: Path) -> None:
    with several_at(place, tmp_path, nothing, 3) as several:
        faults = []
        for _ in range(_TIMES):
            several.put_back()
            faults += tried(several, "together")
    assert not faults, "\n".join(faults)
