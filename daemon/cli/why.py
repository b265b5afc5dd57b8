"""`fikad why NAME`: what was counted, what was not and by which rule, and what the plan says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any

import click

from daemon.cli.completion import contact_names
from daemon.cli.options import Paths, clock, command, json_option, moment, print_json
from daemon.durations import at_moment, at_time, on_day
from daemon.languages.date_style import DateStyle

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from connectors.base import Occurrence
    from daemon.config.schema import Config
    from daemon.ledger.ledger import Ledger
    from daemon.people.contacts import Contact
    from daemon.situation.situation import Situation


@command("why", help="Why somebody was counted or not, and why they are, or are not, suggested.")
@click.argument("name", shell_complete=contact_names)
@json_option
def why_command(candidates: Paths, name: str, as_json: bool) -> None:
    from daemon.cli.naming import the_contact
    from daemon.ledger.ledger import ledger_view
    from daemon.situation.situation import contacts_now, read_situation

    config = candidates.load()
    now = clock()
    with ledger_view(candidates.state) as ledger:
        contact = the_contact(contacts_now(config, ledger.people(), now), name)
        facts = as_facts(contact, config, ledger, read_situation(config, ledger, now), now)
    if as_json:
        print_json(facts)
    else:
        _print(facts, config.date_style)


def as_facts(
    contact: Contact, config: Config, ledger: Ledger, situation: Situation, now: datetime
) -> dict[str, Any]:
    """Everything known about one contact as JSON; times with the offset of the user's zone."""
    from daemon.judging.copies import one_per_event
    from daemon.practice.shared_history import history
    from daemon.situation.verdicts import every_verdict

    zone = config.zone
    events = one_per_event(
        one for one in every_verdict(config, ledger, now) if one.contact_key == contact.key
    )
    ahead = [one for one in events if one.code == "not-ended"][:1]
    rejected = [one for one in events if not one.counted and one.code != "not-ended"] + ahead
    manual = [
        {
            "start": moment(when, zone),
            "end": moment(when, zone),
            "all_day": True,
            "title": "",
            "calendar": "",
            "rule": "manual",
        }
        for when in (situation.records[contact.key].met if contact.key in situation.records else ())
    ]
    counted = [
        {
            "start": moment(one.occurrence.start, zone),
            "end": moment(one.occurrence.end, zone),
            "all_day": False,
            "title": one.occurrence.title,
            "calendar": one.occurrence.calendar,
            "rule": one.rule,
            "reason": one.reason,
        }
        for one in events
        if one.counted
    ]
    return {
        "contact": contact.name,
        "counted": sorted(
            [*counted, *manual], key=lambda one: datetime.fromisoformat(str(one["start"]))
        ),
        "rejected": [
            {
                "start": moment(_begin(one.occurrence, zone), zone),
                "all_day": one.occurrence.all_day,
                "title": one.occurrence.title,
                "calendar": one.occurrence.calendar,
                "code": one.code,
                "reason": one.reason,
            }
            for one in rejected
        ],
        "due": moment(situation.standings[contact.key].due, zone),
        "invites": history(situation, contact.key).inviter or None,
        "plan": _plan(contact, config, situation, now),
    }


def _begin(occurrence: Occurrence, zone: ZoneInfo) -> datetime:
    """When an occurrence begins; a whole day at the user's midnight, wherever that is."""
    start = occurrence.start
    return datetime.combine(start.date(), time(), zone) if occurrence.all_day else start


def _plan(contact: Contact, config: Config, situation: Situation, now: datetime) -> dict[str, Any]:
    """Whether they would be suggested now, with the reason; for want of a slot, what closed each
    day."""
    from daemon.holds.transition import as_json, is_open
    from daemon.practice.advice import advise

    facts: dict[str, Any]
    hold = next(
        (one for one in situation.holds if one.contact_key == contact.key and is_open(one, now)),
        None,
    )
    if hold is not None:
        return {"chosen": True, "reason": hold.reason, "hold": as_json(hold, config.zone)}
    chosen = situation.proposal(contact.key)
    if chosen is not None:
        start = moment(chosen.slot.start, config.zone)
        facts = {"chosen": True, "reason": f"{chosen.reason} {chosen.slot_reason}", "start": start}
    else:
        waiting = situation.waiting(contact.key)
        facts = (
            {"chosen": False, "code": waiting.code, "reason": waiting.reason}
            if waiting
            else {"chosen": False}
        )
        if facts.get("code") in ("no-slot", "never-open", "taken", "day", "week"):
            facts["closed"] = [
                {"day": one.day.isoformat(), "rule": one.rule, "reason": one.reason}
                for one in situation.closed_days(contact.key)
            ]
    if advice := advise(
        situation.fruitless(contact.key), situation.ends(contact.key), contact.cadence
    ):
        facts["advice"] = advice
    return facts


# --- showing ---

_WIDEST = datetime(2026, 9, 30, 22, tzinfo=UTC)
"""No date and time is written longer than this one."""


def _print(facts: dict[str, Any], style: DateStyle) -> None:
    from daemon.cli.console import tell

    tell(f"{facts['contact']}, due {_day(facts['due'], style)}")
    plan = facts["plan"]
    start = plan.get("start") or plan.get("hold", {}).get("start")
    told = f"suggested for {_near(start, style)}" if start else "not suggested"
    tell(f"{told}: {plan['reason']}")
    for day in plan.get("closed", []):
        tell(
            f"  {on_day(date.fromisoformat(day['day']), style)}: {day['reason']}  [{day['rule']}]",
            hang=2,
        )
    for sentence in (facts["invites"], plan.get("advice")):
        if sentence:
            tell(sentence)
    tell(f"\ncounted ({len(facts['counted'])}):")
    for one in reversed(facts["counted"]):
        tell(f"  {_when(one, style)}  {one['title'] or 'entered by hand'}  [{one['rule']}]", hang=2)
    tell(f"\nnot counted ({len(facts['rejected'])}):")
    for one, times in _alike(facts["rejected"]):
        often = f" ({times} times, first on {_day(one['first'], style)})" if times > 1 else ""
        tell(
            f"  {_when(one, style)}  {one['title']}  [{one['code']}] {one['reason']}{often}", hang=2
        )


def _day(instant: str, style: DateStyle) -> str:
    return on_day(datetime.fromisoformat(instant).date(), style)


def _near(instant: str, style: DateStyle) -> str:
    start = datetime.fromisoformat(instant)
    return at_time(start, start.tzinfo or UTC, style)


def _when(one: dict[str, Any], style: DateStyle) -> str:
    """The beginning in the user's zone, as wide as the widest; of a whole day, and of one entered
    by hand, the day."""
    start = datetime.fromisoformat(one["start"])
    zone = start.tzinfo or UTC
    told = _day(one["start"], style) if one["all_day"] else at_moment(start, zone, style)
    return told.ljust(len(at_moment(_WIDEST, UTC, style)))


def _alike(rejected: Sequence[dict[str, Any]]) -> list[tuple[dict[str, Any], int]]:
    """The rejected, the latest first; those with one title and one reason (a daily stand-up) once,
    with how often."""
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for one in reversed(rejected):
        groups.setdefault((one["title"], one["reason"]), []).append(one)
    return [({**same[0], "first": same[-1]["start"]}, len(same)) for same in groups.values()]
