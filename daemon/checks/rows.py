"""What `fikad check` finds: one row for each thing, with what to do next.

Each function looks at one thing and judges it. What has to be asked over the network is in
`daemon.checks.account_rows`, what is known of people in `daemon.checks.people_rows`. A row is
*failed* when fikad cannot do its work, a *warning* when it works and somebody should know."""

from __future__ import annotations

import os
import shutil
import stat
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from connectors.base import Problem
from connectors.errors import AccountError, CredentialsError, FikadError
from connectors.sanitize import sanitize
from daemon.config.chances import warnings
from daemon.config.schema import Config, ConfigError
from daemon.durations import counted
from daemon.people.contacts import Contact, joined

if TYPE_CHECKING:
    from daemon.situation.situation import Situation

State = Literal["ok", "warning", "failed"]

CONFIG, CREDENTIALS, ACCOUNT = (
    error.exit_code for error in (ConfigError, CredentialsError, AccountError)
)
"""The exit codes that a failed row may stand for, the gravest first."""

_LEAST_FREE_BYTES = 200 * 1024 * 1024
_LOOKED_AHEAD = timedelta(weeks=2)


@dataclass(frozen=True, slots=True)
class Row:
    """One thing, how it is, and what to do about it."""

    thing: str
    state: State
    message: str
    next: str = ""
    """What to do; empty when nothing has to be done."""
    code: int = 0
    """The exit code that a failure stands for."""


def config_rows(path: Path, load: Callable[[], Config]) -> tuple[Config | None, list[Row]]:
    """The config, if it can be used, and what is to be said of it."""
    try:
        config = load()
    except ConfigError as error:
        if not path.exists():
            return None, [
                Row(
                    "config",
                    "failed",
                    f"there is none at {path}",
                    "run `fikad init`, which writes it",
                    CONFIG,
                )
            ]
        return None, [
            Row("config", "failed", str(problem), "see `fikad config check`", CONFIG)
            for problem in error.problems
        ] or [Row("config", "failed", str(error), code=CONFIG)]
    people, accounts = len(config.contacts), len(config.accounts)
    told = (
        f"{counted(people, 'contact')}, {counted(accounts, 'account')}, time zone {config.zone.key}"
    )
    rows = [Row("config", "ok", f"{path}: {told}")]
    if not accounts:
        rows.append(
            Row("config", "failed", "it names no account", "run `fikad init --add-account`", CONFIG)
        )
    if not people:
        rows.append(
            Row("config", "warning", "it names no contact", "run `fikad discover`, then add people")
        )
    return config, rows


def chance_rows(config: Config, contacts: Iterable[Contact]) -> Iterator[Row]:
    """Contacts for whom nothing can ever be suggested."""
    yield from (
        Row("config", "warning", what, advice) for what, advice in warnings(config, contacts)
    )


# --- this machine ---


def state_rows(state: Path, open_ledger: Callable[[], None]) -> Iterator[Row]:
    """The state folder and the ledger in it; `open_ledger` opens the ledger for
    reading or raises FikadError."""
    if not state.exists():
        above = next((folder for folder in state.absolute().parents if folder.exists()), Path("/"))
        if os.access(above, os.W_OK):
            yield Row("state folder", "ok", f"{state} will be made at the first run")
        else:
            yield Row(
                "state folder",
                "failed",
                f"{state} cannot be made",
                f"allow writing to {above}, or give --state",
            )
        return
    if not state.is_dir() or not os.access(state, os.R_OK | os.W_OK | os.X_OK):
        yield Row(
            "state folder",
            "failed",
            f"{state} cannot be written",
            "check its owner and permissions",
        )
        return
    try:
        open_ledger()
    except FikadError as error:
        yield Row("state folder", "failed", error.what, error.advice)
        return
    mode = stat.S_IMODE(state.stat().st_mode)
    free = shutil.disk_usage(state).free
    if os.name == "posix" and mode & 0o077:
        yield Row(
            "state folder",
            "warning",
            f"{state} can be seen by others (mode {mode:04o})",
            f"run `chmod 700 {state}`",
        )
    elif free < _LEAST_FREE_BYTES:
        yield Row(
            "state folder",
            "warning",
            f"only {free >> 20} MB are free at {state}",
            "free some space",
        )
    else:
        yield Row("state folder", "ok", f"{state}")


def service_row(process: int | None, problems: Sequence[str], troubles: Sequence[str]) -> Row:
    """Whether the daemon runs, by its process id, and what it says about itself."""
    if process is None:
        return Row(
            "service",
            "warning",
            "the daemon is not running",
            "run `fikad service install`, or `fikad run`",
        )
    said = [*problems, *troubles]
    if said:
        return Row(
            "service", "warning", f"running (process {process}): {said[0]}", "see `fikad status`"
        )
    return Row("service", "ok", f"running (process {process})")


def set_aside_rows(problems: Sequence[tuple[str, str, Problem]]) -> Iterator[Row]:
    """How many events were set aside, and why the first one: account, calendar and problem, as in a
    pass."""
    if problems:
        account, calendar, first = problems[0]
        example = f'{sanitize(first.uid, 60) or "one"} in "{sanitize(calendar, 60)}" of "{account}"'
        yield Row(
            "events",
            "warning",
            f"{counted(len(problems), 'event')} could not be read and "
            f"{'is' if len(problems) == 1 else 'are'} set"
            f" aside, as {example}: {sanitize(first.reason, 300)}",
            "see `fikad once --json` for all of them",
        )


# --- slots ---


def slot_row(situation: Situation) -> Row:
    """Whether any slot is open in the next two weeks; if not, which rules close the days."""
    config = situation.config
    rhythm = config.rhythm.model_copy(update={"horizon": _LOOKED_AHEAD})
    off = [name for name in ("per_week", "per_day", "open") if getattr(rhythm, name) == 0]
    if off:
        return Row(
            "slots",
            "warning",
            f"the config wants no suggestions ({off[0]} = 0)",
            f"raise {off[0]} in [rhythm]",
        )
    near = replace(situation, config=config.model_copy(update={"rhythm": rhythm}))
    openings = near.open()
    if openings.slots:
        days = len({slot.start.astimezone(config.zone).date() for slot in openings.slots})
        return Row("slots", "ok", f"there are open ones on {days} of the next 14 days")
    rules = Counter(closed.rule for closed in openings.closed)
    told = ", ".join(
        f"{_RULES[rule]} ({counted(count, 'day')})" for rule, count in rules.most_common()
    )
    return Row(
        "slots",
        "warning",
        f"no slot is open in the next two weeks: {told}",
        _ADVICE.get(
            rules.most_common(1)[0][0] if rules else "", "see `fikad why NAME` for each day"
        ),
    )


_RULES: dict[str, str] = {
    "blackout": "blackout days",
    "holiday": "public holidays",
    "availability": "you are not available on that weekday",
    "all-day": "taken all day",
    "out-of-office": "out of office",
    "days": "not a day for any occasion",
    "between": "you are not available at an occasion's times of day",
    "notice": "sooner than the notice",
    "horizon": "beyond the horizon",
    "busy": "too busy",
}
_ADVICE: dict[str, str] = {
    "availability": "widen [availability]",
    "blackout": "shorten blackout in [availability]",
    "days": "widen `days` of an occasion",
    "between": "widen [availability], or `between` of an occasion",
    "notice": "shorten notice in [rhythm]",
    "busy": "widen `between` of an occasion, offer a shorter one, or shorten buffer in [rhythm]",
}


def unread_row(accounts: Collection[str]) -> Row:
    """Nothing was read yet, so nothing can be said about people and slots."""
    return Row(
        "calendars",
        "warning",
        f"not read yet: {joined(sorted(accounts))}",
        "run `fikad once --no-plan`",
    )
