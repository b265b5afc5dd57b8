"""From a ledger to a situation: what it knows is judged by the config, and from that follows how
things stand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Literal

from daemon.address_books.known import contacts_of
from daemon.config.chances import never_suggested
from daemon.config.schema import Config
from daemon.holds.cooldown import cooldown_until, fruitless_in_a_row
from daemon.holds.record import Hold, is_open
from daemon.judging.recency import Held, Met, RecencyInputs, Standing, standings
from daemon.ledger.decisions import ContactRecord
from daemon.ledger.ledger import Ledger
from daemon.people.birthdays import with_birthdays
from daemon.people.contacts import Contact
from daemon.planning.known_busy import FACT, from_text
from daemon.reasons import Reason
from daemon.situation.known import Known
from daemon.situation.situation import Situation
from daemon.situation.verdicts import current, judge_of


def held(holds: Sequence[Hold], now: datetime, undone: Container[str] = ()) -> list[Held]:
    """The holds that count for caps and standings: open ones, and accepted ones whenever they are;
    not those `undone`, by UID."""
    standing: list[Held] = []
    for hold in holds:
        if hold.uid in undone:
            continue
        if hold.state == "accepted":
            standing.append(
                Held(hold.contact_key, hold.start, hold.end, "accepted", hold.occasion, hold.uid)
            )
        elif is_open(hold, now) or (hold.state == "pinned"):
            state: Literal["pinned", "proposed"] = (
                "pinned" if hold.state == "pinned" else "proposed"
            )
            standing.append(
                Held(hold.contact_key, hold.start, hold.end, state, hold.occasion, hold.uid)
            )
    return standing


def read_situation(config: Config, ledger: Ledger, now: datetime) -> Situation:
    """Judge everything in the ledger as of `now`. Reads, never writes."""
    return assess(config, known_in(config, ledger, now), now)


def known_in(config: Config, ledger: Ledger, now: datetime) -> Known:
    """What the ledger knows at `now`, judged by the config."""
    records = ledger.people()
    contacts = {contact.key: contact for contact in contacts_now(config, ledger, now)}
    holds = ledger.holds()
    judge = judge_of(config, ledger, tuple(contacts.values()), holds, now)
    judged = judge.judged(ledger)
    occurrences = current(ledger, judged.recent, now)
    judgements = judge.counted(ledger, judged, occurrences)
    contacts = with_birthdays(contacts, occurrences, ledger.identities())
    counted = [verdict for verdict in judgements if verdict.counted]
    return Known(
        contacts=contacts,
        judge=judge,
        judged=judged,
        occurrences=occurrences,
        problems=[problem for _, _, problem in ledger.problems()],
        counted=counted,
        nearly=[verdict for verdict in judgements if verdict.nearly],
        completed=[
            Met(verdict.contact_key, verdict.occurrence.start, verdict.occurrence.end, verdict.rule)
            for verdict in counted
        ],
        booked={
            key: Met(key, occurrence.start, occurrence.end, uid=occurrence.uid)
            for key, occurrence in judge.booked(occurrences).items()
        },
        undone=judge.undone(occurrences),
        records=records,
        holds=holds,
        known_busy=from_text(ledger.get(FACT))
        .at(now)
        .among({contact.key for contact in contacts.values() if contact.free_busy}),
    )


def assess(config: Config, known: Known, now: datetime) -> Situation:
    """What follows at `now` from what is known. Pure."""
    by_hand = (
        Met(key, when, when, "manual")
        for key, record in known.records.items()
        if key in known.contacts
        for when in record.met
    )
    met = (*known.completed, *by_hand)
    holding = held(known.holds, now, known.undone)
    records = known.records
    standing = standings(
        known.contacts.values(),
        RecencyInputs(
            now=now,
            zone=config.zone,
            style=config.date_style,
            meetings=met,
            booked=known.booked.values(),
            held=holding,
            added={key: record.added for key, record in records.items()},
            snoozed={
                key: record.snoozed_until for key, record in records.items() if record.snoozed_until
            },
            cooldowns=_cooldowns(config, known, met, now),
        ),
    )
    return Situation(
        contacts=known.contacts,
        judge=known.judge,
        judged=known.judged,
        occurrences=known.occurrences,
        problems=known.problems,
        counted=known.counted,
        nearly=known.nearly,
        completed=known.completed,
        booked=known.booked,
        undone=known.undone,
        records=records,
        holds=known.holds,
        known_busy=known.known_busy,
        config=config,
        now=now,
        met=met,
        held=holding,
        standings={
            standing_now.contact.key: _with_reason(standing_now, records, config)
            for standing_now in standing
        },
    )


def _cooldowns(
    config: Config, known: Known, met: Iterable[Met], now: datetime
) -> dict[str, datetime]:
    """Until when each contact is left alone after suggestions that came to nothing."""
    last = _last(met, now)
    by_contact = defaultdict(list)
    for hold in known.holds:
        by_contact[hold.contact_key].append(hold)
    until = {
        key: cooldown_until(
            fruitless_in_a_row(by_contact[key], last.get(key)), contact.cadence, config.rhythm.rest
        )
        for key, contact in known.contacts.items()
    }
    return {key: moment for key, moment in until.items() if moment is not None}


def contacts_now(config: Config, ledger: Ledger, now: datetime) -> list[Contact]:
    """The contacts of the config and the address books, with those paused whose pause lasts, or
    whom the user answered with `never`: who is paused here is named nowhere."""
    today = now.astimezone(config.zone).date()
    never = {key for key, person in ledger.people().items() if person.never}
    return [
        replace(contact, paused=contact.key in never or contact.is_paused_on(today))
        for contact in contacts_of(config, ledger)
    ]


def _with_reason(
    standing: Standing, people: Mapping[str, ContactRecord], config: Config
) -> Standing:
    """A standing whose reason says who paused it, and whether anything can ever be suggested at
    all."""
    key = standing.contact.key
    if standing.contact.dead:
        return replace(standing, blocked=Reason("paused", variant="dead"))
    if standing.blocked is None or standing.blocked.code == "not-due":
        never = never_suggested(config, standing.contact)
        if never is None:
            return standing
        what = f"{never[0][0].upper()}{never[0][1:]}"
        reason = Reason("never-open", {"what": what, "advice": never[1]})
        return replace(standing, blocked=reason)
    if (
        standing.blocked is None
        or standing.blocked.code != "paused"
        or not (key in people and people[key].never)
    ):
        return standing
    named = {"name": standing.contact.name}
    return replace(standing, blocked=Reason("paused", named, variant="answered-never"))


def _last(met: Iterable[Met], now: datetime) -> dict[str, datetime]:
    last: dict[str, datetime] = {}
    for meeting in met:
        if meeting.end <= now:
            last[meeting.contact_key] = max(meeting.end, last.get(meeting.contact_key, meeting.end))
    return last
