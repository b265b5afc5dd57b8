"""`fikad why NAME`: what was counted, what was not and by which rule, and what the plan says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from daemon.cli.options import Places, clock, command, json_option, moment, print_json

if TYPE_CHECKING:
    from datetime import datetime

    from daemon.config.schema import Config
    from daemon.judging.picture import Picture
    from daemon.ledger.ledger import Ledger
    from daemon.people.contacts import Contact


@command("why", help="Why somebody was counted or not, and why they are, or are not, suggested.")
@click.argument("name")
@json_option
def why_command(places: Places, name: str, as_json: bool) -> None:
    from daemon.cli.naming import the_contact
    from daemon.judging.picture import look
    from daemon.ledger.ledger import ledger_view

    config = places.load()
    contact = the_contact(config.people, name)
    now = clock()
    with ledger_view(places.state) as ledger:
        facts = as_facts(contact, config, ledger, look(config, ledger, now), now)
    if as_json:
        print_json(facts)
    else:
        _print(facts)


def as_facts(contact: Contact, config: Config, ledger: Ledger, picture: Picture, now: datetime) -> dict[str, Any]:
    """Everything known about one contact as JSON; times with the offset of the user's zone."""
    from daemon.judging.meetings import one_per_event
    from daemon.judging.verdicts import every_verdict

    zone = config.zone
    events = one_per_event(one for one in every_verdict(config, ledger, now) if one.contact_key == contact.key)
    ahead = [one for one in events if one.code == "not-ended"][:1]
    rejected = [one for one in events if not one.counted and one.code != "not-ended"] + ahead
    manual = [
        {"start": moment(when, zone), "end": moment(when, zone), "title": "", "calendar": "", "rule": "manual"}
        for when in (picture.people[contact.key].met if contact.key in picture.people else ())
    ]
    counted = [
        {
            "start": moment(one.occurrence.start, zone),
            "end": moment(one.occurrence.end, zone),
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
        "counted": sorted([*counted, *manual], key=lambda one: str(one["start"])),
        "rejected": [
            {
                "start": moment(one.occurrence.start, zone),
                "title": one.occurrence.title,
                "calendar": one.occurrence.calendar,
                "code": one.code,
                "reason": one.reason,
            }
            for one in rejected
        ],
        "due": moment(picture.standings[contact.key].due, zone),
        "plan": _plan(contact, config, ledger, picture, now),
    }


def _plan(contact: Contact, config: Config, ledger: Ledger, picture: Picture, now: datetime) -> dict[str, Any]:
    """Whether they would be suggested now, with the reason; for want of a slot, what closed each day."""
    from daemon.cycle.proposing import proposals
    from daemon.holds.transition import as_json, is_open
    from daemon.practice.advice import advise

    facts: dict[str, Any]
    hold = next((one for one in picture.holds if one.contact_key == contact.key and is_open(one, now)), None)
    if hold is not None:
        return {"chosen": True, "reason": hold.reason, "hold": as_json(hold, config.zone)}
    problems = [problem for _, _, problem in ledger.problems()]
    plan, found = proposals(config, picture, problems, now)
    chosen = next((one for one in plan.proposals if one.contact.key == contact.key), None)
    if chosen is not None:
        start = moment(chosen.slot.start, config.zone)
        facts = {"chosen": True, "reason": f"{chosen.reason} {chosen.slot_reason}", "start": start}
    else:
        blocked = picture.standings[contact.key].blocked
        waiting = next((one for one in plan.waiting if one.contact_key == contact.key), blocked)
        facts = {"chosen": False, "code": waiting.code, "reason": waiting.reason} if waiting else {"chosen": False}
        if facts.get("code") in ("no-slot", "taken", "day", "week"):
            facts["closed"] = [
                {"day": one.day.isoformat(), "rule": one.rule, "reason": one.reason} for one in found.closed
            ]
    if advice := advise(picture.rows(contact.key), picture.ends(contact.key), contact.cadence):
        facts["advice"] = advice
    return facts


def _print(facts: dict[str, Any]) -> None:
    click.echo(f"{facts['contact']}, due {facts['due'][:10]}")
    plan = facts["plan"]
    click.echo(f"{'suggested' if plan['chosen'] else 'not suggested'}: {plan['reason']}")
    for day in plan.get("closed", []):
        click.echo(f"  {day['day']}: {day['reason']}")
    if advice := plan.get("advice"):
        click.echo(advice)
    click.echo(f"\ncounted ({len(facts['counted'])}):")
    for one in reversed(facts["counted"]):
        click.echo(f"  {one['start'][:16].replace('T', ' ')}  {one['title'] or 'entered by hand'}  [{one['rule']}]")
    click.echo(f"\nnot counted ({len(facts['rejected'])}):")
    for one in reversed(facts["rejected"]):
        click.echo(f"  {one['start'][:16].replace('T', ' ')}  {one['title']}  [{one['code']}] {one['reason']}")
