"""Whether fikad is healthy, what comes next, and how long it has been with whom: what `fikad
status` tells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from daemon.address_books.known import merged
from daemon.config.schema import Config, ConfigError, load
from daemon.config.source import read_text
from daemon.durations import iso_time
from daemon.languages.writing import writer
from daemon.ledger.ledger import Ledger, ledger_view
from daemon.ledger.polled import AccountState, AddressBookState
from daemon.overview.contact import contact_facts
from daemon.planning.balance import too_much
from daemon.practice.this_week import this_week
from daemon.service.daemon_state import DaemonState, copy_in_force, load_daemon_state, running
from daemon.service.job import of_book
from daemon.situation.assessing import situation_in
from daemon.situation.situation import Situation

STALE_POLLS = 4
"""An account that was not read for so many polls (one hour at the least) is stale."""


def status_of(config_path: Path, state: Path, now: datetime) -> tuple[Config, dict[str, Any]]:
    """The config in force and the status at `now`, read from what is on disk; nobody is asked.
    Raises ConfigError, LedgerError."""
    pid = running(state)
    daemon = RunningDaemon(pid, load_daemon_state(state) if pid else None)
    config, problems = _config_in_force(config_path, state, daemon)
    with ledger_view(state) as ledger:
        situation = situation_in(config, ledger, now)
        return config, status_facts(config, ledger, situation, now, daemon, problems)


def status_without_daemon(
    config_path: Path, state: Path, now: datetime
) -> tuple[Config, dict[str, Any]]:
    """The same where no daemon is at work and none is meant to be, as in the demo."""
    config = load(config_path)
    with ledger_view(state) as ledger:
        return config, status_facts(config, ledger, situation_in(config, ledger, now), now)


@dataclass(frozen=True, slots=True)
class RunningDaemon:
    """The daemon that serves the state folder, and what it says of itself."""

    pid: int | None = None
    """None: there is none."""
    daemon_state: DaemonState | None = None

    @property
    def reading(self) -> bool:
        return self.daemon_state is not None and self.daemon_state.reading


def _config_in_force(
    path: Path, state: Path, daemon: RunningDaemon
) -> tuple[Config, tuple[str, ...]]:
    """The config, and the mistakes for which the file is not it: then it is the copy that a daemon
    goes by."""
    try:
        return load(path), ()
    except ConfigError as error:
        copy = copy_in_force(state, path)
        if daemon.pid is None or not copy.exists():
            raise
        return load(path, read_text(copy)), tuple(map(str, error.problems))


def status_facts(
    config: Config,
    ledger: Ledger,
    situation: Situation,
    now: datetime,
    daemon: RunningDaemon | None = None,
    problems: Sequence[str] = (),
) -> dict[str, Any]:
    """The status as JSON; times with the offset of the user's zone.

    `daemon` is left out where nobody asks for one. `problems` are mistakes in the config file,
    while an older config is in force."""
    asked, daemon = daemon is not None, daemon or RunningDaemon()
    accounts = _accounts(config, ledger, now, daemon)
    people = merged(config, ledger).people
    books = [
        _address_book(name, people, config, ledger, now, daemon) for name in config.addressbooks
    ]
    troubles = _troubles(ledger, daemon)
    read_well = all(each["state"] == "ok" for each in (*accounts, *books))
    return {
        "healthy": read_well and not problems and not troubles,
        "accounts": accounts,
        "config_problems": list(problems),
        "troubles": troubles,
        "daemon": {"pid": daemon.pid, "reading": daemon.reading} if asked else None,
        "next": _upcoming(daemon, config.zone),
        "contacts": [
            contact_facts(key, config, situation, now)
            for key, standing in situation.standings.items()
            if not standing.contact.paused
        ],
        "addressbooks": books,
        "nearly_counted": [asdict(nearly) for nearly in situation.nearly_counted()],
        "free_busy": _free_busy(config, situation),
        "paused": sum(
            contact.paused and not contact.dead for contact in situation.contacts.values()
        ),
        "practice": _practice(
            config, situation, now, {each["name"] for each in accounts if each["state"] == "error"}
        ),
    }


def _troubles(ledger: Ledger, daemon: RunningDaemon) -> dict[str, str]:
    """What stands in the way, by what it concerns."""
    unwritable = ledger.get("not_writable") or ""
    told = daemon.daemon_state.troubles if daemon.daemon_state else {}
    return {"holds": unwritable, **told} if unwritable else {**told}


def _upcoming(daemon: RunningDaemon, zone: ZoneInfo) -> list[dict[str, Any]]:
    """What the daemon does next, and when."""
    upcoming = daemon.daemon_state.upcoming if daemon.daemon_state else ()
    return [{"job": task, "at": iso_time(at, zone)} for task, at in upcoming]


def _accounts(
    config: Config, ledger: Ledger, now: datetime, daemon: RunningDaemon
) -> list[dict[str, Any]]:
    """Each account as it was read last, and how many of its events were set aside."""
    known = ledger.accounts()
    aside = Counter(account for account, _, _ in ledger.problems())
    return [
        _account(name, known.get(name), config, now, daemon) | {"set_aside": aside[name]}
        for name in config.accounts
    ]


def _free_busy(config: Config, situation: Situation) -> dict[str, Any] | None:
    """When servers were asked who is busy, and what came of it; None where nobody wants that."""
    if not any(contact.free_busy for contact in situation.contacts.values()):
        return None
    known, contacts = situation.known_busy, situation.contacts
    return {
        "asked": iso_time(known.asked, config.zone),
        "unknown": sorted(contacts[key].name for key in known.unknown if not contacts[key].paused),
        "troubles": [
            {"account": account or None, "message": message}
            for account, message in known.troubles.items()
        ],
    }


def _address_book(
    name: str,
    people: Mapping[str, Set[str]],
    config: Config,
    ledger: Ledger,
    now: datetime,
    daemon: RunningDaemon,
) -> dict[str, Any]:
    """An address book as it was read last, and how many contacts have a label in it."""
    known = ledger.address_books().get(name)
    facts = _account(name, known, config, now, daemon, of_book(name))
    return facts | {
        "people": len(people.get(name, ())),
        "set_aside": sum(book == name for book, _, _ in ledger.broken_cards()),
    }


def _account(
    name: str,
    known: AccountState | AddressBookState | None,
    config: Config,
    now: datetime,
    daemon: RunningDaemon,
    called: str = "",
) -> dict[str, Any]:
    """`called`: its name among the accounts that the daemon tries again."""
    state, message = (
        (known.state, known.message) if known else ("stale", "never read: run `fikad once`")
    )
    last = known.last_success if known else None
    stale_after = max(STALE_POLLS * config.rhythm.poll, timedelta(hours=1))
    if state == "ok" and (last is None or now - last > stale_after):
        state, message = "stale", "not read for a while; is the daemon running?"
    if state == "stale" and daemon.reading:
        message = "being read now" if known else "being read for the first time"
    retry = (
        daemon.daemon_state.retries.get(called or name)
        if daemon.daemon_state and state not in ("ok", "stale")
        else None
    )
    return {
        "name": name,
        "state": state,
        "last_success": iso_time(last, config.zone),
        "message": message,
        "retry": iso_time(retry, config.zone),
    }


def _practice(
    config: Config, situation: Situation, now: datetime, unread: Set[str]
) -> dict[str, Any]:
    """How the practice is going: the week ahead, the streak, the mix of circles, what is too much.
    Of what stands in `unread` accounts nobody knows whether it still does."""

    holds = [hold for hold in situation.holds if hold.account not in unread]
    week = this_week(holds, situation.standings, config.zone, now)
    by = writer("en", config.country or "")
    mix = situation.balance.mix()
    return {
        "week": week.told(by) or None,
        "week_lines": list(week.lines(by)),
        "streak_weeks": situation.streak,
        "mix": [
            {"circle": name, "holds": mix.get(name, 0), "share": circle.share}
            for name, circle in config.circles.items()
        ],
        "too_much": too_much(situation.contacts.values(), config.circles, config.rhythm.per_week),
    }
