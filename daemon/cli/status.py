"""`fikad status`: is it healthy, and how long has it been with whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from daemon.cli.console import stdout_console
from daemon.cli.options import Paths, clock, command, json_option, moment, print_json
from daemon.cli.standing import contact_facts

if TYPE_CHECKING:
    from pathlib import Path

    from daemon.config.schema import Config
    from daemon.ledger.calendars import AccountState
    from daemon.ledger.ledger import Ledger
    from daemon.service.daemon_state import DaemonState
    from daemon.situation.situation import Situation

STALE_POLLS = 4
"""An account that was not read for so many polls (one hour at the least) is stale."""


@command("status", help="Is fikad healthy, what comes next, and how long has it been with whom?")
@json_option
def status_command(paths: Paths, as_json: bool) -> int:
    """Exit code 1 when unhealthy, so that a monitor can use it."""
    from daemon.ledger.ledger import ledger_view
    from daemon.situation.situation import read_situation

    daemon = RunningDaemon(*_daemon(paths.state))
    config, problems = _config_in_force(paths, daemon)
    now = clock()
    with ledger_view(paths.state) as ledger:
        facts = as_facts(config, ledger, read_situation(config, ledger, now), now, daemon, problems)
    if as_json:
        print_json(facts)
    else:
        print_status(config, facts, now)
    return 0 if facts["healthy"] else 1


@dataclass(frozen=True, slots=True)
class RunningDaemon:
    """The daemon that serves the state folder, and what it says of itself."""

    pid: int | None = None
    """None: there is none."""
    daemon_state: DaemonState | None = None

    @property
    def reading(self) -> bool:
        return self.daemon_state is not None and self.daemon_state.reading


def _daemon(state: Path) -> tuple[int | None, DaemonState | None]:
    from daemon.service.daemon_state import load_daemon_state, running

    pid = running(state)
    return pid, load_daemon_state(state) if pid else None


def _config_in_force(paths: Paths, daemon: RunningDaemon) -> tuple[Config, tuple[str, ...]]:
    """The config, and the mistakes for which the file is not it: then it is the copy that a daemon
    goes by."""
    from daemon.config.schema import ConfigError, load
    from daemon.config.source import read_text
    from daemon.service.daemon_state import copy_in_force

    try:
        return paths.load(), ()
    except ConfigError as error:
        copy = copy_in_force(paths.state, paths.config)
        if daemon.pid is None or not copy.exists():
            raise
        return load(paths.config, read_text(copy)), tuple(
            str(problem) for problem in error.problems
        )


def as_facts(
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
    known = ledger.accounts()
    accounts = [_account(name, known.get(name), config, now, daemon) for name in config.accounts]
    aside = Counter(account for account, _, _ in ledger.problems())
    for account in accounts:
        account["set_aside"] = aside[account["name"]]
    unwritable = ledger.get("not_writable") or ""
    troubles = {"holds": unwritable} if unwritable else {}
    troubles |= daemon.daemon_state.troubles if daemon.daemon_state else {}
    return {
        "healthy": not problems
        and not troubles
        and all(account["state"] == "ok" for account in accounts),
        "accounts": accounts,
        "config_problems": list(problems),
        "troubles": troubles,
        "daemon": {"pid": daemon.pid, "reading": daemon.reading} if asked else None,
        "next": [
            {"job": task, "at": moment(at, config.zone)}
            for task, at in (daemon.daemon_state.upcoming if daemon.daemon_state else ())
        ],
        "contacts": [
            contact_facts(key, config, situation, now)
            for key, one in situation.standings.items()
            if not one.contact.paused
        ],
        "addressbooks": [],
        "nearly_counted": [asdict(one) for one in situation.nearly_counted()],
        "paused": sum(one.paused for one in situation.contacts.values()),
        "practice": _practice(
            config, situation, now, {one["name"] for one in accounts if one["state"] == "error"}
        ),
    }


def _account(
    name: str, known: AccountState | None, config: Config, now: datetime, daemon: RunningDaemon
) -> dict[str, Any]:
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
        daemon.daemon_state.retries.get(name)
        if daemon.daemon_state and state not in ("ok", "stale")
        else None
    )
    return {
        "name": name,
        "state": state,
        "last_success": moment(last, config.zone),
        "message": message,
        "retry": moment(retry, config.zone),
    }


def _practice(
    config: Config, situation: Situation, now: datetime, unread: Set[str]
) -> dict[str, Any]:
    """How the practice is going: the week ahead, the streak, the mix of circles, what is too much.
    Of what stands in `unread` accounts nobody knows whether it still does."""
    from daemon.languages.writing import writer
    from daemon.planning.balance import Balance, too_much
    from daemon.planning.pace import streak
    from daemon.practice.this_week import this_week

    standing = [one for one in situation.holds if one.account not in unread]
    mix = Balance(
        config.circles, situation.contacts, situation.holds, config.rhythm.reach_back, now
    ).mix()
    return {
        "week": (
            this_week(standing, situation.standings, config.zone, now).told(
                writer("en", config.country or "")
            )
            or None
        ),
        "streak_weeks": streak((one.end for one in situation.met), config.zone, now),
        "mix": [
            {"circle": name, "holds": mix.get(name, 0), "share": circle.share}
            for name, circle in config.circles.items()
        ],
        "too_much": too_much(situation.contacts.values(), config.circles, config.rhythm.per_week),
    }


def print_status(config: Config, facts: dict[str, Any], now: datetime) -> None:
    """The status for a person: health, accounts, what comes next, and the table of contacts."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from daemon.durations import ago, at_time, counted, on_day

    console = stdout_console()
    console.print("healthy" if facts["healthy"] else "not healthy")
    for problem in facts["config_problems"]:
        console.print(Text(f"config: {problem}"))
    if facts["config_problems"]:
        console.print(
            "config: the last version without mistakes stays in force until they are mended"
        )
    for title, message in facts["troubles"].items():
        console.print(Text(f"{title}: {message}"))
    for account in facts["accounts"]:
        last = account["last_success"]
        told = f"read {_read(datetime.fromisoformat(last), now, config)}" if last else "never read"
        line = (
            f'account "{account["name"]}": {account["state"]}, {told}. {account["message"]}'.rstrip(
                ". "
            )
        )
        if account["set_aside"]:
            line += f". {counted(account['set_aside'], 'event')} set aside: see `fikad check`"
        if account["retry"]:
            retry = datetime.fromisoformat(account["retry"])
            line += f" (tried again {at_time(retry, config.zone, config.date_style)})"
        console.print(Text(line))
    if facts["daemon"]:
        console.print(Text(_coming(facts, config)))
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for title in ("contact", "circle", "last met", "due", "next"):
        table.add_column(title, overflow="fold")
    for one in sorted(facts["contacts"], key=lambda one: datetime.fromisoformat(one["due"])):
        last = datetime.fromisoformat(one["last_met"]) if one["last_met"] else None
        due = datetime.fromisoformat(one["due"])
        table.add_row(
            Text(one["name"]),
            Text(one["circle"] or ""),
            ago(last, now, config.zone) if last else "never",
            Text(
                on_day(due.astimezone(config.zone).date(), config.date_style),
                style="bold" if due <= now else "",
            ),
            Text(_next(one, config, now)),
        )
    console.print()
    console.print(table)
    console.print()
    for one in facts["contacts"]:
        never = one["waiting"] if one["waiting_code"] == "never-open" else None
        for sentence in (never, one["off"], one["advice"]):
            if sentence:
                console.print(Text(f"{one['name']}: {sentence}"))
    for one in facts["nearly_counted"]:
        console.print(Text(f"{one['why']} {one['advice']}"))
    practice = facts["practice"]
    streak = practice["streak_weeks"]
    dated = f"You have met somebody every week for {streak} weeks in a row." if streak > 1 else ""
    for sentence in (practice["week"], dated, *practice["too_much"]):
        if sentence:
            console.print(Text(sentence))


def _coming(facts: dict[str, Any], config: Config) -> str:
    """What the daemon does next, and when."""
    from daemon.durations import at_time
    from daemon.service.summary import WORDS

    if facts["daemon"]["pid"] is None:
        return "no daemon is running: `fikad service install` starts one; `fikad once` does its work once"
    coming = [
        f"{WORDS[one['job']]} {at_time(datetime.fromisoformat(one['at']), config.zone, config.date_style)}"
        for one in facts["next"]
    ]
    return f"running as process {facts['daemon']['pid']}: {', '.join(coming) or 'starting'}"


def _next(one: dict[str, Any], config: Config, now: datetime) -> str:
    """What comes next with a contact, in a few words; `fikad why` has the whole sentence."""
    from daemon.durations import at_time, on_day

    def until(instant: str) -> str:
        day = datetime.fromisoformat(instant).astimezone(config.zone).date()
        return f"until {on_day(day, config.date_style)}"

    def near(instant: str) -> str:
        return at_time(datetime.fromisoformat(instant), config.zone, config.date_style)

    if one["next_booked"]:
        return f"meet {near(one['next_booked'])}"
    if one["hold"]:
        return f"hold {near(one['hold']['start'])}"
    if one["snoozed_until"] and datetime.fromisoformat(one["snoozed_until"]) > now:
        return f"snoozed {until(one['snoozed_until'])}"
    if one["resting_until"] and datetime.fromisoformat(one["resting_until"]) > now:
        return f"rests {until(one['resting_until'])}"
    if one["waiting_code"] == "never-open":
        return "never, see below"
    return "" if one["waiting"] else "to be suggested"


def _read(last: datetime, now: datetime, config: Config) -> str:
    """When an account was read: the time today, else the day."""
    from daemon.durations import ago, at_hour

    told = ago(last, now, config.zone)
    return f"today at {at_hour(last, config.zone, config.date_style)}" if told == "today" else told
