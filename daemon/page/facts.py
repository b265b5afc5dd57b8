"""What the page shows, as facts: gathered from a situation, in no language yet.

Everything is asked of the situation and of `daemon.practice`; nothing is judged here. Nobody who is
paused is in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from daemon.config.schema import Config
from daemon.holds.ask import Message, message
from daemon.judging.recency import Standing
from daemon.judging.verdict import Verdict
from daemon.ledger.ledger import Ledger
from daemon.planning.request import Waiting
from daemon.practice.ahead import Entry, ahead, gone_quiet, old_ties, waiting
from daemon.practice.asking import NOTHING, invitation, of_open_slots
from daemon.practice.hours import Hours, hours
from daemon.practice.outcomes import outcomes
from daemon.practice.reporting import Practice, practice
from daemon.practice.shared_history import who_invites
from daemon.practice.year import Year, year
from daemon.situation.assessing import read_situation
from daemon.situation.situation import Situation

WEEKS = 52
AHEAD = timedelta(weeks=4)
"""So far ahead dates, suggestions and birthdays are shown."""
_MOST_MESSAGES = 5
"""So many people of a kind are told of with a message; the others are counted."""


@dataclass(frozen=True, slots=True)
class Worth:
    """Somebody to whom a message would be worth something."""

    standing: Standing
    message: Message


@dataclass(frozen=True, slots=True)
class Silent:
    """People of one kind of silence."""

    worth: tuple[Worth, ...]
    """The most pressing of them."""
    more: int
    """How many there are beside them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFacts:
    """What the page shows."""

    config: Config
    now: datetime
    unread: tuple[str, ...]
    """Accounts and address books that could not be read at last, by name."""
    standings: tuple[Standing, ...]
    """Everybody who may be named, the most pressing first."""
    year: Year
    ahead: tuple[Entry, ...]
    waiting: tuple[Waiting, ...]
    hours: Hours
    practice: Practice
    mix: Mapping[str, int]
    """How many holds of the past quarter went to each circle ("": to nobody's)."""
    inviting: tuple[str, ...]
    """Who usually invites whom, as sentences, by those who are met most."""
    quiet: Silent
    old: Silent


def page_facts(config: Config, ledger: Ledger, now: datetime) -> PageFacts:
    """What the page shows at `now` (aware). Reads, never writes. Raises LedgerError."""
    accounts, books = ledger.accounts(), ledger.address_books()
    unread = [
        *(name for name in config.accounts if name not in accounts or accounts[name].state != "ok"),
        *(name for name in config.addressbooks if name not in books or books[name].state != "ok"),
    ]
    return facts_of(read_situation(config, ledger, now), tuple(dict.fromkeys(unread)))


def facts_of(situation: Situation, unread: tuple[str, ...] = ()) -> PageFacts:
    """The same of a situation that is known. Pure."""
    config, now = situation.config, situation.now
    standings = tuple(
        standing for standing in situation.standings.values() if not standing.contact.paused
    )
    went = practice(situation.met, standings, now, config.zone, WEEKS)
    became = outcomes(situation.holds, situation.counted, now - timedelta(weeks=WEEKS), now)
    return PageFacts(
        config=config,
        now=now,
        unread=unread,
        standings=standings,
        year=year(situation, back=WEEKS - 1),
        ahead=ahead(situation, AHEAD),
        waiting=waiting(situation),
        hours=hours(situation, timedelta(weeks=WEEKS)),
        practice=replace(went, outcomes=became),
        mix=situation.balance.mix(),
        inviting=_inviting(situation),
        quiet=_silent(situation, gone_quiet(situation), unread),
        old=_silent(situation, old_ties(situation), unread),
    )


def _inviting(situation: Situation) -> tuple[str, ...]:
    counted: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in situation.counted:
        counted[verdict.contact_key].append(verdict)
    often = sorted(counted, key=lambda key: (-len(counted[key]), key))
    told = (
        who_invites(counted[key], contact, situation.mine, situation.config.writer)
        for key in often
        if (contact := situation.contacts.get(key)) and not contact.paused
    )
    return tuple(filter(None, told))


def _silent(
    situation: Situation, standings: tuple[Standing, ...], unread: tuple[str, ...]
) -> Silent:
    """Open times are offered where all calendars could be read, and told by nobody else."""
    config = situation.config
    worth = []
    for standing in standings[:_MOST_MESSAGES]:
        contact = standing.contact
        offer = (
            NOTHING
            if unread
            else of_open_slots(situation, contact, situation.open(contact.key).slots)
        )
        invited = invitation(situation, contact, offer)
        worth.append(Worth(standing, message(invited, config.ask, config.zone, config.writer)))
    return Silent(tuple(worth), len(standings) - len(worth))
