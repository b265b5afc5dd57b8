"""What a pass decides, for `--verbose`: codes and the user's own contacts, never what others
wrote."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from connectors.trace import TRACE, tracing

if TYPE_CHECKING:
    from connectors.base import HoldEvent
    from daemon.cycle.account_reading import AccountReading
    from daemon.holds.facts import Facts, Transition
    from daemon.holds.record import Hold
    from daemon.people.contacts import Contact
    from daemon.planning.request import Plan


def trace_reading(reading: AccountReading) -> None:
    """How an account was read."""
    TRACE.debug(
        "account %s: %s, %d changed, %d requests",
        reading.account,
        reading.state,
        reading.changed,
        reading.requests,
    )


def trace_plan(plan: Plan, contacts: Mapping[str, Contact]) -> None:
    """Who is proposed and who waits; nobody who is to be named nowhere."""
    if not tracing():
        return
    for proposal in plan.proposals:
        codes = ", ".join(why.code for why in (*proposal.why, proposal.why_slot))
        TRACE.debug(
            "contact %s: proposed for %s (%s)",
            proposal.contact.name,
            proposal.slot.start.isoformat(timespec="minutes"),
            codes,
        )
    for waiting in plan.waiting:
        contact = contacts.get(waiting.contact_key)
        if contact is not None and not contact.paused:
            TRACE.debug("contact %s: waits (%s)", contact.name, waiting.code)


def trace_hold(
    hold: Hold, event: HoldEvent | None, facts: Facts, became: Transition, now: datetime
) -> None:
    """In which row of the table of transitions a hold was, what spoke against it, and what becomes
    of it."""
    if not tracing():
        return
    from daemon.holds.sight import row

    against = [name for name, speaks in _against(hold, facts, now).items() if speaks]
    TRACE.debug(
        "hold %s: %s -> %s%s (%s)",
        hold.uid,
        hold.state,
        became.hold.state,
        f", {type(became.action).__name__.lower()}" if became.action else "",
        ", ".join([row(hold, event, facts, now), *against]),
    )


def _against(hold: Hold, facts: Facts, now: datetime) -> dict[str, bool]:
    """The facts that may end or move a hold, by name."""
    return {
        "not-in-config": facts.removed,
        "paused": facts.paused,
        "met-since": facts.last_met is not None and facts.last_met > hold.created_at,
        "booked": facts.booked is not None,
        "snoozed": facts.snoozed_until is not None and facts.snoozed_until > now,
        "rivals": bool(facts.rivals),
        "displaced": bool(facts.displaced),
        "ended": hold.end <= now,
    }
