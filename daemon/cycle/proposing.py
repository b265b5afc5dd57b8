"""Proposing: who is asked next, and the hold with which they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from connectors.base import Problem
from connectors.ical.hold_text import seal
from daemon.config.schema import Config
from daemon.cycle.inputs import Scene
from daemon.holds.draft import draft, hold_uid, next_attempt
from daemon.holds.transition import Hold, begin
from daemon.ledger.ledger import Ledger
from daemon.people.contacts import Contact
from daemon.planning.balance import Balance
from daemon.planning.planner import Plan, Proposal, plan
from daemon.planning.slots import Openings, openings
from daemon.practice.introductions import candidates, introduction, together
from daemon.practice.shared_history import history
from daemon.situation.situation import Picture, held
from daemon.situation.verdicts import current, judge_of

Planner = Callable[..., Plan]
"""`planner.plan`, or something with its arguments to compare it with."""


def proposals(
    config: Config, picture: Picture, problems: Iterable[Problem], now: datetime, planner: Planner = plan
) -> tuple[Plan, Openings]:
    """Who gets which slot now and why everybody else waits; and what is open at all. `problems` as for `busy`."""
    found = openings(
        config.offered,
        picture.busy(problems, config.rhythm, config.zone, now),
        availability=config.availability,
        holidays=config.holidays,
        rhythm=config.rhythm,
        zone=config.zone,
        now=now,
    )
    balance = Balance(config.circles, picture.contacts, picture.holds, config.rhythm.reach_back, now)
    chosen = planner(
        picture.standings.values(),
        found.slots,
        held=held(picture.holds, now, picture.undone),
        rhythm=config.rhythm,
        zone=config.zone,
        now=now,
        habits=picture.habits(config.zone),
        emphasis=balance.emphasis,
        challenges=config.challenges,
        remote=config.remote,
    )
    return chosen, found


def introduce(scene: Scene, contact: Contact, ledger: Ledger) -> str:
    """Whom the contact might gain from knowing, as one sentence for their hold; "" when there is nobody."""
    config, picture = scene.config, scene.picture
    if not candidates(contact, picture.contacts.values()):
        return ""
    judge = judge_of(config, ledger, tuple(picture.contacts.values()), picture.holds, scene.now)
    acquainted = together(current(ledger, scene.now - config.history, scene.now), judge.book)
    return introduction(contact, picture.contacts, acquainted, ledger.holds(), scene.now, config.writer)


def new_hold(
    scene: Scene, proposal: Proposal, account: str, calendar: str, known: Sequence[Hold], told: str = ""
) -> Hold:
    """The record of a hold about to be created in the calendar with the id `calendar`, its name computed from the
    decision; `known` are all holds ever decided, `told` may be whom to introduce to the contact."""
    contact = proposal.contact
    last_met = scene.picture.standings[contact.key].last_met
    taken = [hold.uid for hold in known if hold.contact_key == contact.key]
    attempt = next_attempt(contact.key, last_met, taken)
    intended = draft(
        _name(scene.config, account, contact, last_met, attempt),
        contact,
        scene.config.offered[proposal.occasion],
        proposal.slot.start,
        proposal.slot.end,
        zone=scene.config.zone,
        history=replace(history(scene.picture, contact.key, scene.config.writer), introduction=told),
        transparent=scene.config.holds.show_as == "free",
        writer=scene.config.writer,
    )
    return begin(
        replace(intended, seal=seal(intended)),
        contact,
        account=account,
        calendar=calendar,
        now=scene.now,
        occasion=proposal.occasion,
        attempt=attempt,
        last_met=last_met,
        reason=f"{proposal.reason} {proposal.slot_reason}",
        why=proposal.reason,
    )


def _name(config: Config, account: str, contact: Contact, last_met: datetime | None, attempt: int) -> str:
    """Google's ids have no dashes; what stands in the calendar is what is recorded."""
    uid = hold_uid(contact.key, last_met, attempt)
    return uid.replace("-", "") if config.accounts[account].type == "google" else uid
