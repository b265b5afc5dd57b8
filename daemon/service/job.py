"""What the daemon and the processes it starts say to each other.

The daemon itself reads no calendar. It sends a *worker* to do a *job*: a process of its own that
can be given a time limit, killed, and that takes its memory with it when it ends. The job goes in
as one line of JSON, what came of it comes back as another. This module is all that both sides
share, and imports nothing large."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal

from daemon.planning.agenda import LastRuns, Task, Timetable
from daemon.polling.timetables import timetable_from, timetable_json

if TYPE_CHECKING:
    from daemon.ledger.reading_state import ReadingState

Kind = Literal["load", "pass", "backup"]
"""Load the config and what was done; read, settle and propose; back up the ledger."""

LIMIT_SECONDS: Mapping[Kind, float] = {"load": 60.0, "pass": 30 * 60.0, "backup": 10 * 60.0}
"""How long each job may take before it is ended. A first reading that is ended keeps what it had
and goes on from there."""

Cause = Literal["config", "busy", "ledger", "unexpected", "ended"]
"""Why a job failed: mistakes in the config, another fikad is at work on the state folder, the
ledger cannot be used, an error nobody thought of, or the worker died or was ended."""


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker is to do."""

    kind: Kind
    config: str
    """The config file: names the mistakes' place, and relative paths start at its folder."""
    state: str
    kept: str = ""
    """The copy of the config that is in force. Empty: what stands in the file now, which then is
    copied there."""
    tasks: tuple[Task, ...] = ()
    due: str = ""
    """When the tasks were found due, ISO 8601."""
    left_alone: Mapping[str, tuple[ReadingState, str]] = field(default_factory=dict)
    """Accounts and address books (`of_book`) that are not tried this time, with the state and
    message that they keep."""
    sessions: Mapping[str, dict[str, Any]] = field(default_factory=dict, repr=False)
    """What accounts want remembered until their next pass and kept off the disk (short-lived access
    tokens)."""

    trace: int | None = None
    """The descriptor on which the worker shows its requests and decisions; None: it shows none."""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


_BOOK = "addressbooks."


def of_book(name: str) -> str:
    """What an address book is called among the accounts; as its table in the config is."""
    return _BOOK + name


def titled(name: str) -> str:
    """An account, or an address book by its name among them, in a sentence."""
    if name.startswith(_BOOK):
        return f'address book "{name.removeprefix(_BOOK)}"'
    return f'account "{name}"'


@dataclass(frozen=True, slots=True)
class AccountResult:
    """How one account, or address book (`of_book`), fared."""

    name: str
    state: ReadingState
    message: str = ""
    local: bool = False
    """It failed before any server was asked: its secret could not be had."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a job. Without `failed`, the config in force has been read, and `timetable` is
    its own."""

    failed: Cause | None = None
    message: str = ""
    problems: tuple[str, ...] = ()
    """Mistakes in the config, one line each."""
    changed: bool = False
    """The config is another one than the copy that was in force."""
    timetable: Timetable | None = None
    last_runs: LastRuns | None = None
    """What was done last, as the ledger has it now. None: the ledger could not be asked; `message`
    says why."""
    accounts: tuple[AccountResult, ...] = ()
    planned: bool = False
    proposed: int = 0
    """How many holds were proposed."""
    news: tuple[str, ...] = ()
    """What happened, one line each, in the user's words: what became of holds, who was met."""
    not_writable: str = ""
    """Why holds cannot be written."""
    page_trouble: str = ""
    """Why the page could not be written."""
    set_aside: int = 0
    """How many events are set aside as broken."""
    sessions: Mapping[str, dict[str, Any]] = field(default_factory=dict, repr=False)

    def as_json(self) -> dict[str, Any]:
        facts = asdict(self) | {"sessions": dict(self.sessions)}
        facts["timetable"] = self.timetable and timetable_json(self.timetable)
        facts["last_runs"] = self.last_runs and _last_runs_json(self.last_runs)
        return facts


def job_from(facts: Mapping[str, Any]) -> Job:
    """The job as sent. Raises KeyError, TypeError or ValueError for anything else."""
    return Job(
        **{
            **facts,
            "tasks": tuple(facts["tasks"]),
            "left_alone": {
                name: (state, message) for name, (state, message) in facts["left_alone"].items()
            },
        }
    )


def result_from(facts: Mapping[str, Any]) -> Result:
    """The result as sent. Raises KeyError, TypeError or ValueError for anything else."""
    table, last_runs = facts["timetable"], facts["last_runs"]
    return Result(
        **{
            **facts,
            "problems": tuple(facts["problems"]),
            "news": tuple(facts["news"]),
            "accounts": tuple(AccountResult(**result) for result in facts["accounts"]),
            "timetable": table and timetable_from(table),
            "last_runs": last_runs and _last_runs_from(last_runs),
        }
    )


def _last_runs_json(last_runs: LastRuns) -> dict[str, str | None]:
    moments = {
        "polled": last_runs.polled,
        "planned": last_runs.planned,
        "nightly": last_runs.nightly,
    }
    return {
        name: None if moment is None else moment.isoformat() for name, moment in moments.items()
    }


def _last_runs_from(facts: Mapping[str, str | None]) -> LastRuns:
    return LastRuns(
        datetime.fromisoformat(facts["polled"]) if facts["polled"] else None,
        date.fromisoformat(facts["planned"]) if facts["planned"] else None,
        date.fromisoformat(facts["nightly"]) if facts["nightly"] else None,
    )
