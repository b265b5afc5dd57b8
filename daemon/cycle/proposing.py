"""Proposing: who is asked next, and the hold with which they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from connectors.ical.hold_text import seal
from daemon.config.schema import Config
from daemon.cycle.inputs import PassInputs
from daemon.holds.draft import draft, hold_uid, next_attempt
from daemon.holds.transition import Hold, begin
from daemon.ledger.ledger import Ledger
from daemon.people.contacts import Contact
from daemon.planning.request import Proposal
from daemon.practice.introductions import introduction, tag_sharers, together
from daemon.practice.shared_history import history
from daemon.situation.verdicts import current, judge_of


def introduce(inputs: PassInputs, contact: Contact, ledger: Ledger) -> str:
    """Whom the contact might gain from knowing, as one sentence for their hold; "" when there is
    nobody."""
    config, situation = inputs.config, inputs.situation
    if not tag_sharers(contact, situation.contacts.values()):
        return ""
    judge = judge_of(
        config, ledger, tuple(situation.contacts.values()), situation.holds, inputs.now
    )
    acquainted = together(current(ledger, inputs.now - config.history, inputs.now), judge.index)
    return introduction(
        contact, situation.contacts, acquainted, ledger.holds(), inputs.now, config.writer
    )


def new_hold(
    inputs: PassInputs,
    proposal: Proposal,
    account: str,
    calendar: str,
    known: Sequence[Hold],
    told: str = "",
) -> Hold:
    """The record of a hold about to be created in the calendar with the id `calendar`, its name
    computed from the decision; `known` are all holds ever decided, `told` may be whom to introduce
    to the contact."""
    contact = proposal.contact
    last_met = inputs.situation.standings[contact.key].last_met
    taken = [hold.uid for hold in known if hold.contact_key == contact.key]
    attempt = next_attempt(contact.key, last_met, taken)
    intended = draft(
        _name(inputs.config, account, contact, last_met, attempt),
        contact,
        inputs.config.offered[proposal.occasion],
        proposal.slot.start,
        proposal.slot.end,
        zone=inputs.config.zone,
        history=replace(
            history(inputs.situation, contact.key, inputs.config.writer), introduction=told
        ),
        transparent=inputs.config.holds.show_as == "free",
        writer=inputs.config.writer,
    )
    return begin(
        replace(intended, seal=seal(intended)),
        contact,
        account=account,
        calendar=calendar,
        now=inputs.now,
        occasion=proposal.occasion,
        attempt=attempt,
        last_met=last_met,
        reason=f"{proposal.reason} {proposal.slot_reason}",
        why=proposal.reason,
    )


def _name(
    config: Config, account: str, contact: Contact, last_met: datetime | None, attempt: int
) -> str:
    """Google's ids have no dashes; what stands in the calendar is what is recorded."""
    uid = hold_uid(contact.key, last_met, attempt)
    return uid.replace("-", "") if config.accounts[account].type == "google" else uid
