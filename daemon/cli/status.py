"""`fikad status`: is it healthy, and how long has it been with whom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from daemon.cli.console import print_table, tell
from daemon.cli.options import Paths, clock, command, json_option, print_json
from daemon.durations import ago, at_hour, at_time, counted, on_day
from daemon.service.summary import WORDS

if TYPE_CHECKING:
    from daemon.config.schema import Config


_MOST_ADVISED = 5
"""So many people are told about whose cadence does not fit."""


@command("status", help="Is fikad healthy, what comes next, and how long has it been with whom?")
@json_option
def status_command(paths: Paths, as_json: bool) -> int:
    """Exit code 1 when unhealthy, so that a monitor can use it."""
    from daemon.overview.status import status_of

    now = clock()
    config, facts = status_of(paths.config, paths.state, now)
    if as_json:
        print_json(facts)
    else:
        print_status(config, facts, now)
    return 0 if facts["healthy"] else 1


def print_status(config: Config, facts: dict[str, Any], now: datetime) -> None:
    """The status for a person: health, accounts, what comes next, and the table of contacts."""
    tell("healthy" if facts["healthy"] else "not healthy")
    for problem in facts["config_problems"]:
        tell(f"config: {problem}")
    if facts["config_problems"]:
        tell("config: the last version without mistakes stays in force until they are mended")
    for title, message in facts["troubles"].items():
        tell(f"{title}: {message}")
    for account in facts["accounts"]:
        tell(_account(account, now, config))
    for trouble in (facts["free_busy"] or {}).get("troubles", ()):
        whose = f' of "{trouble["account"]}"' if trouble["account"] else ""
        tell(f"free/busy{whose}: {trouble['message']}")
    if facts["daemon"]:
        tell(_coming(facts, config))
    tell()
    print_table(
        ("contact", "circle", "last met", "due", "next"),
        [_row(contact, config, now) for contact in sorted(facts["contacts"], key=_due)],
        rule=True,
        spare=(1, 2),
    )
    tell()
    _print_remarks(facts["contacts"])
    for near in facts["nearly_counted"]:
        tell(f"{near['why']} {near['advice']}", hang=2)
    practice = facts["practice"]
    streak = practice["streak_weeks"]
    dated = f"You have met somebody every week for {streak} weeks in a row." if streak > 1 else ""
    if practice["week_lines"]:
        tell("The week ahead:")
    for line in practice["week_lines"]:
        tell(f"  {line}", hang=2)
    for sentence in (dated, *practice["too_much"]):
        if sentence:
            tell(sentence, hang=2)


def _print_remarks(contacts: Sequence[dict[str, Any]]) -> None:
    """What is wrong with anybody, and of what might fit better no more than a screen holds."""
    for contact in contacts:
        never = contact["waiting"] if contact["waiting_code"] == "never-open" else None
        for sentence in (never, contact["off"]):
            if sentence:
                tell(f"{contact['name']}: {sentence}", hang=2)
    advised = [contact for contact in contacts if contact["advice"]]
    for contact in advised[:_MOST_ADVISED]:
        tell(f"{contact['name']}: {contact['advice']}", hang=2)
    if rest := advised[_MOST_ADVISED:]:
        tell(f"The cadence of {counted(len(rest), 'other')} fits no better: see `fikad why NAME`.")


def _account(account: dict[str, Any], now: datetime, config: Config) -> str:
    """How an account is, when it was read, and what to do about it."""
    last = account["last_success"]
    told = list(filter(None, [account["message"].rstrip(". ")]))
    if last:
        told.insert(0, f"read {_read(datetime.fromisoformat(last), now, config)}")
    elif account["state"] != "stale":  # else the message says so
        told.insert(0, "never read")
    if account["set_aside"]:
        told.append(f"{counted(account['set_aside'], 'event')} set aside: see `fikad check`")
    line = f'account "{account["name"]}": {account["state"]}, {". ".join(told)}'
    if account["retry"]:
        retry = datetime.fromisoformat(account["retry"])
        line += f" (tried again {at_time(retry, config.zone, config.date_style)})"
    return line


def _due(contact: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(contact["due"])


def _row(
    contact: dict[str, Any], config: Config, now: datetime
) -> tuple[str | tuple[str, str], ...]:
    last = datetime.fromisoformat(contact["last_met"]) if contact["last_met"] else None
    due = _due(contact)
    return (
        contact["name"],
        contact["circle"] or "",
        ago(last, now, config.zone) if last else "never",
        (
            on_day(due.astimezone(config.zone).date(), config.date_style),
            "bold" if due <= now else "",
        ),
        _next(contact, config, now),
    )


def _coming(facts: dict[str, Any], config: Config) -> str:
    """What the daemon does next, and when."""
    if facts["daemon"]["pid"] is None:
        return (
            "no daemon is running: `fikad service install` starts one; `fikad once` does its "
            "work once"
        )
    coming = [
        f"{WORDS[task['job']]} "
        f"{at_time(datetime.fromisoformat(task['at']), config.zone, config.date_style)}"
        for task in facts["next"]
    ]
    return f"running as process {facts['daemon']['pid']}: {', '.join(coming) or 'starting'}"


def _next(contact: dict[str, Any], config: Config, now: datetime) -> str:
    """What comes next with a contact, in a few words; `fikad why` has the whole sentence."""

    def until(instant: str) -> str:
        day = datetime.fromisoformat(instant).astimezone(config.zone).date()
        return f"until {on_day(day, config.date_style)}"

    def near(instant: str) -> str:
        return at_time(datetime.fromisoformat(instant), config.zone, config.date_style)

    if contact["next_booked"]:
        return f"meet {near(contact['next_booked'])}"
    if contact["hold"]:
        return f"hold {near(contact['hold']['start'])}"
    if contact["snoozed_until"] and datetime.fromisoformat(contact["snoozed_until"]) > now:
        return f"snoozed {until(contact['snoozed_until'])}"
    if contact["resting_until"] and datetime.fromisoformat(contact["resting_until"]) > now:
        return f"rests {until(contact['resting_until'])}"
    if contact["waiting_code"] == "never-open":
        return "never, see below"
    return "" if contact["waiting"] else "to be suggested"


def _read(last: datetime, now: datetime, config: Config) -> str:
    """When an account was read: the time today, else the day."""
    told = ago(last, now, config.zone)
    return f"today at {at_hour(last, config.zone, config.date_style)}" if told == "today" else told
