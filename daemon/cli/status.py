"""`fikad status`: is it healthy, and how long has it been with whom."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from daemon.cli.options import Places, clock, command, json_option, moment, print_json

if TYPE_CHECKING:
    from daemon.config import Config
    from daemon.judging import Picture
    from daemon.ledger import AccountState, Ledger

STALE_POLLS = 4
"""An account that was not read for so many polls (one hour at the least) is stale."""


@command("status", help="Is fikad healthy, and how long has it been with whom?")
@json_option
def status_command(places: Places, as_json: bool) -> int:
    """Exit code 1 when unhealthy, so that a monitor can use it."""
    from daemon.judging import look
    from daemon.ledger import ledger_view

    config = places.load()
    now = clock()
    with ledger_view(places.state) as ledger:
        picture = look(config, ledger, now)
        facts = as_facts(config, ledger, picture, now)
        if as_json:
            print_json(facts)
        else:
            print_status(config, ledger, picture, now)
    return 0 if facts["healthy"] else 1


def as_facts(config: Config, ledger: Ledger, picture: Picture, now: datetime) -> dict[str, Any]:
    """The status as JSON; times with the offset of the user's zone."""
    known = ledger.accounts()
    accounts = [_account(name, known.get(name), config, now) for name in config.accounts]
    return {
        "healthy": all(account["state"] == "ok" for account in accounts),
        "accounts": accounts,
        "contacts": [_contact(key, config, picture, now) for key in picture.standings],
    }


def _account(name: str, known: AccountState | None, config: Config, now: datetime) -> dict[str, Any]:
    state, message = (known.state, known.message) if known else ("stale", "never read: run `fikad once`")
    last = known.last_success if known else None
    patience = max(STALE_POLLS * config.rhythm.poll, timedelta(hours=1))
    if state == "ok" and (last is None or now - last > patience):
        state, message = "stale", "not read for a while: is the daemon running?"
    return {"name": name, "state": state, "last_success": moment(last, config.zone), "message": message}


def _contact(key: str, config: Config, picture: Picture, now: datetime) -> dict[str, Any]:
    from daemon.hold_rest import loosening
    from daemon.holds import as_json, is_open

    standing = picture.standings[key]
    contact = standing.contact
    zone = config.zone
    hold = next((one for one in picture.holds if one.contact_key == key and is_open(one, now)), None)
    return {
        "name": contact.name,
        "circle": contact.circle or None,
        "cadence_days": contact.cadence.days,
        "last_met": moment(standing.last_met, zone),
        "rule": standing.rule or None,
        "due": moment(standing.due, zone),
        "urgency": round(standing.urgency, 3),
        "next_booked": moment(standing.next_booked, zone),
        "snoozed_until": moment(standing.snoozed_until, zone),
        "hold": as_json(hold, zone) if hold else None,
        "waiting": standing.blocked.reason if standing.blocked else None,
        "advice": loosening(picture.rows(key), contact.cadence) or None,
    }


def print_status(config: Config, ledger: Ledger, picture: Picture, now: datetime) -> None:
    """The status for a person: health, accounts, and the table of contacts."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from daemon.recency import ago

    facts = as_facts(config, ledger, picture, now)
    console = Console(highlight=False)
    console.print("healthy" if facts["healthy"] else "not healthy")
    for account in facts["accounts"]:
        last = account["last_success"]
        told = f"read {ago(now - datetime.fromisoformat(last))}" if last else "never read"
        console.print(
            Text(f'account "{account["name"]}": {account["state"]}, {told}. {account["message"]}'.rstrip(". "))
        )
    table = Table(box=box.SIMPLE, pad_edge=False)
    for title in ("contact", "circle", "last met", "due", "next"):
        table.add_column(title, overflow="fold")
    for one in facts["contacts"]:
        last = datetime.fromisoformat(one["last_met"]) if one["last_met"] else None
        due = datetime.fromisoformat(one["due"]).astimezone(config.zone)
        table.add_row(
            Text(one["name"]),
            Text(one["circle"] or ""),
            ago(now - last) if last else "never",
            Text(f"{due:%d %b %Y}", style="bold" if due <= now else ""),
            Text(_next(one, config)),
        )
    console.print(table)
    for one in facts["contacts"]:
        if one["advice"]:
            console.print(Text(f"{one['name']}: {one['advice']}"))


def _next(one: dict[str, Any], config: Config) -> str:
    if one["hold"]:
        start = datetime.fromisoformat(one["hold"]["start"]).astimezone(config.zone)
        return f"{one['hold']['title']} {start:%a %d %b %H:%M}"
    return one["waiting"] or "to be suggested"
