"""Living through a month: the user's acts, and fikad's polls, which may be killed at any step and
taken up again."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from daemon.config.schema import load as load_config
from daemon.cycle import accounts
from daemon.holds.record import Hold
from daemon.ledger.ledger import ledger_view, open_ledger
from daemon.planning.agenda import due
from daemon.service.daemon_state import copy_in_force
from daemon.service.job import Job, Result
from daemon.service.jobs import backup_job, load_job, pass_job, whole_pass
from daemon.situation.assessing import read_situation
from tests.daemon.cycle import month
from tests.daemon.cycle.month import Act, Scene
from tests.daemon.cycle.places import Place
from tests.daemon.steps import Steps, in_child
from tests.daemon.world import Inline


class _Here(Inline):
    """Expands in this process, as a context manager (`connectors.ical.expansion.Expander`)."""

    def __enter__(self) -> _Here:
        return self

    def __exit__(self, *_: object) -> None: ...


@contextmanager
def standing_still(now: datetime) -> Iterator[None]:
    """The daemon's jobs see this time, and expand calendar texts in this process, which is
    quicker."""

    class Stopped(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return now.astimezone(tz)

    with pytest.MonkeyPatch.context() as patch:
        for module in (load_job, pass_job, whole_pass):
            patch.setattr(module, "datetime", Stopped)
        patch.setattr(accounts, "Expander", _Here)
        yield


def poll(folder: Path, now: datetime) -> None:
    """What the daemon does at `now`: it takes in a new config, and does what is due; a poll in any
    case."""
    result = try_to_poll(folder, now)
    assert all(account.state == "ok" for account in result.accounts), result
    assert not result.not_writable, result
    assert not result.page_trouble, result


def try_to_poll(folder: Path, now: datetime) -> Result:
    """The same, whatever comes of it."""
    with standing_still(now):
        return _polled(folder, now)


def _polled(folder: Path, now: datetime) -> Result:
    path, state = folder / "config.toml", folder / "state"
    loaded = load_job.load(Job("load", str(path), str(state)))
    assert loaded.timetable is not None
    assert loaded.last_runs is not None, loaded
    kept = str(copy_in_force(state, path))
    tasks = due(loaded.timetable, loaded.last_runs, now)
    at = now.isoformat()
    if "nightly" in tasks:
        backup_job.back_up(Job("backup", str(path), str(state), kept, ("nightly",), at))
    reading = tuple(task for task in tasks if task != "nightly") or ("poll",)
    return pass_job.do_pass(Job("pass", str(path), str(state), kept, reading, at))


def conclusions(folder: Path, now: datetime) -> dict[str, Any]:
    """What a ledger holds decided, and what follows from it."""
    config = load_config(folder / "config.toml")
    with ledger_view(folder / "state") as ledger:
        situation = read_situation(config, ledger, now)
        return {
            "holds": {hold.uid: _told(hold) for hold in ledger.holds()},
            "digests": {uid: each for uid, each in ledger.digests().items() if each.is_open},
            "people": ledger.people(),
            "entries": [(entry.contact, entry.word, entry.at) for entry in ledger.entries()],
            "lost": ledger.lost_holds(),
            "standings": situation.standings,
            "accounts": {name: each.state for name, each in ledger.accounts().items()},
            "problems": ledger.problems(),
            "counted": sorted(
                map(repr, ledger._all("SELECT contact, uid, starts, ends, rule FROM counted"))
            ),
        }


def _told(hold: Hold) -> dict[str, Any]:
    """A record without the count of placements, a clock that goes on whatever happens, and without
    whether fikad's own mark of withdrawal was seen on a hold that is gone."""
    told = asdict(hold)
    del told["placed"]
    if told["seen"]:
        del told["seen"]["withdrawn"]
    return told


@dataclass(frozen=True, slots=True)
class Moment:
    """All there is, to be put back."""

    place: Any
    folder: Path


@dataclass(frozen=True, slots=True)
class Polled:
    """Where a poll ended."""

    contents: dict[str, Any]
    """All events, as another program finds them."""
    concluded: dict[str, Any]
    steps: list[str] = field(compare=False)


@dataclass
class Life:
    """Somebody with an account and a fikad."""

    place: Place
    folder: Path
    """Of fikad: its config and its state."""
    kept_in: Path
    now: datetime = datetime(2026, 11, 22, tzinfo=UTC)
    _kept: int = field(default=0)

    def begin(self) -> None:
        """The past, the people, and the config."""
        self.folder.mkdir()
        tables = self.place.tables(self.folder)
        (self.folder / "config.toml").write_text(month.config(tables))
        began = datetime.fromisoformat("2026-09-21T11:00+02:00")
        for number, name in enumerate((*month.IN_CONFIG, *month.IN_BOOK)):
            start = began + timedelta(days=number)
            self.place.put(f"past-{number}", "Catching up", start, 60, month.address(name))
        for name in month.IN_BOOK:
            self.place.put_card(month.card(name, "Fika"))
        self.place.put_card(month.card("Tora Lund"))

    # --- the user ---

    def play(self, scene: Scene) -> None:
        """Everything that is done before fikad polls."""
        self.now = scene.now
        for act in scene.acts:
            self._act(act)

    def hold(self, who: str) -> Hold:
        """The latest hold for somebody."""
        with ledger_view(self.folder / "state") as ledger:
            return [hold for hold in ledger.holds() if hold.contact_name == who][-1]

    def _act(self, act: Act) -> None:
        match act.what:
            case "delete":
                self.place.hands().delete(self.hold(act.who).uid)
            case "event":
                key, *guests = act.who.split(",")
                start, minutes = act.value.split()
                addresses = [month.address(guest) for guest in guests]
                at = datetime.fromisoformat(start)
                self.place.put(key, act.until, at, int(minutes), *addresses)
            case "over":
                self.place.put(act.value, "Budget, urgent", self.hold(act.who).start, 60)
            case "erase":
                self.place.erase(act.who)
            case "config":
                path = self.folder / "config.toml"
                text = path.read_text()
                assert text.count(act.value) == 1, act
                path.write_text(text.replace(act.value, act.until))
            case "card":
                email, *labels = act.until.split("|")
                self.place.put_card(month.card(act.value, *labels, key=act.who, email=email))
            case "uncard":
                self.place.erase_card(act.who)
            case "rename":
                self.place.rename_holds(act.value)
            case _ if act.what.startswith("says "):
                self._say(act)
            case _:
                self.place.hands().change(self.hold(act.who).uid, act.what, act.value)

    def _say(self, act: Act) -> None:
        key = act.who.lower()
        with open_ledger(self.folder / "state") as ledger:
            match act.what.removeprefix("says "):
                case "met":
                    ledger.add_met(key, self.now - timedelta(hours=int(act.value)), self.now)
                case "snooze":
                    ledger.snooze(key, self.now + timedelta(days=int(act.value)), self.now)
                case "undo":
                    [*_, last] = [each for each in ledger.entries() if each.contact == key]
                    ledger.take_back(last)

    # --- fikad ---

    def poll(self, at: int | None = None) -> Polled | None:
        """One poll, and how things stand after it; None where it was killed at step `at`."""
        steps = Steps(at)

        def work() -> tuple[dict[str, Any], list[str]]:
            poll(self.folder, self.now)
            taken = list(steps.passed)
            return conclusions(self.folder, self.now), taken

        done = in_child(work, steps)
        return None if done is None else Polled(self.place.contents(), *done)

    def warm_up(self, moment: Moment) -> None:
        """Let this process, whose children poll, load and build all that a poll from this moment
        needs, and put the moment back."""
        self.put_back(moment)
        poll(self.folder, self.now)
        conclusions(self.folder, self.now)
        self.put_back(moment)
        gc.collect()
        gc.freeze()

    # --- keeping ---

    def keep(self) -> Moment:
        self._kept += 1
        kept = self.kept_in / f"fikad-{self._kept}"
        shutil.copytree(self.folder, kept)
        return Moment(self.place.keep(), kept)

    def put_back(self, moment: Moment) -> None:
        self.place.put_back(moment.place)
        shutil.rmtree(self.folder)
        shutil.copytree(moment.folder, self.folder)


@contextmanager
def living(place: Place, folder: Path) -> Iterator[Life]:
    """A life that begins."""
    life = Life(place, folder / "fikad", folder / "kept-fikad")
    life.kept_in.mkdir()
    life.begin()
    yield life
