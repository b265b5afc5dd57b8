"""Asking the servers of the user's accounts when those are busy who would be planned.

One request per account and pass, for all at once, and only when somebody with `free_busy` would get
a hold; what is answered is kept until the next plan. What fails changes nothing but that nothing is
known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from connectors.base import Account
from connectors.errors import AccountError
from connectors.free_busy import BusySpan, BusyTimes
from daemon.people.contacts import Contact
from daemon.planning.busy import TimeSpan
from daemon.planning.known_busy import KnownBusy
from daemon.situation.situation import Situation

_BEYOND = timedelta(days=1)
"""A slot that starts at the horizon ends after it."""


def whom_to_ask_for(situation: Situation, *, anew: bool) -> tuple[Contact, ...]:
    """Everybody due with `free_busy`, if one of them would be planned: `anew` whatever was told
    before, else only where somebody was not asked for yet."""
    due = tuple(
        standing.contact
        for standing in situation.standings.values()
        if not standing.blocked and standing.contact.free_busy and standing.contact.emails
    )
    if not due:
        return ()
    known = KnownBusy() if anew else situation.known_busy
    keys = {contact.key for contact in due}
    plan = replace(situation, known_busy=known).plan
    planned = {proposal.contact.key for proposal in plan.proposals} & keys
    return due if planned - known.answered else ()


def ask_servers(
    contacts: Sequence[Contact], accounts: Iterable[Account], horizon: timedelta, now: datetime
) -> KnownBusy:
    """What the accounts say, in their order; each is asked for those of whom none before it knew
    anything. Raises nothing: what cannot be asked is among the troubles."""
    busy: dict[str, tuple[TimeSpan, ...]] = {}
    troubles: dict[str, str] = {}
    obstacles: dict[str, str] = {}
    asked = False
    for account in accounts:
        source = account.free_busy
        left = [contact for contact in contacts if contact.key not in busy]
        if source is None or not left:
            continue
        try:
            if obstacle := source.obstacle(now):
                obstacles[account.name] = obstacle
                continue
            asked = True
            wanted = sorted({address for contact in left for address in contact.emails})
            told = source.busy_times(wanted, now, now + horizon + _BEYOND)
        except AccountError as error:
            troubles[account.name] = str(error)
            continue
        busy |= {contact.key: spans for contact in left if (spans := _spans(contact, told))}
        busy |= {contact.key: () for contact in left if _is_free(contact, told)}
    if not asked and not troubles:
        none = {"": "none of your accounts has a server that can be asked when others are busy"}
        troubles = obstacles or none
    unknown = frozenset(contact.key for contact in contacts if contact.key not in busy)
    return KnownBusy(now, busy, unknown, troubles)


def news(before: KnownBusy, now: KnownBusy) -> tuple[tuple[str, str], ...]:
    """The troubles, by account, that were not told before."""
    return tuple(
        (account, trouble)
        for account, trouble in now.troubles.items()
        if before.troubles.get(account) != trouble
    )


def _spans(contact: Contact, told: BusyTimes) -> tuple[TimeSpan, ...]:
    """When somebody is busy by any of their addresses."""
    spans: set[BusySpan] = {span for address in contact.emails for span in told.get(address) or ()}
    return tuple(TimeSpan(span.start, span.end) for span in sorted(spans))


def _is_free(contact: Contact, told: BusyTimes) -> bool:
    """Whether an address of somebody is known, and none of them is busy at any time."""
    answers = [told.get(address) for address in contact.emails]
    return any(spans is not None for spans in answers) and not any(answers)
