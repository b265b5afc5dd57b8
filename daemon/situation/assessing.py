"""From a ledger to a situation: what it knows is judged by the config, and from that follows how
things stand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from connectors.base import Occurrence
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
from daemon.planning.busy import TimeSpan
from daemon.planning.known_busy import FACT, from_text
from daemon.planning.slots import lookahead
from daemon.reasons import Reason
from daemon.situation.known import Known
from daemon.situation.past import JudgedMeetings, ToldMeetings
from daemon.situation.situation import Situation
from daemon.situation.verdicts import EVER, current, first_dates, judge_of
from daemon.situation.when_asked import WhenAsked

_WIDER = timedelta(days=1, seconds=1)


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
    """Judge everything in the ledger as of `now`. Reads, never writes; the ledger may be closed
    then."""
    situation = situation_in(config, ledger, now)
    past = situation.past
    return replace(
        situation,
        past=ToldMeetings(past.completed(), past.verdicts()),
        occurrences=tuple(situation.occurrences),
    )


def situation_in(
    config: Config, ledger: Ledger, now: datetime, also: Iterable[TimeSpan] = ()
) -> Situation:
    """The same for as long as the ledger is open and no calendar is read: what is asked of years
    gone by, and what takes place when, is read when it is asked for. `also` are spans in which
    holds stand elsewhere than the ledger knows."""
    return assess(config, known_in(config, ledger, now, also), now)


def known_in(config: Config, ledger: Ledger, now: datetime, also: Iterable[TimeSpan] = ()) -> Known:
    """What the ledger knows at `now`, judged by the config."""
    records = ledger.people()
    contacts = {contact.key: contact for contact in contacts_now(config, ledger, now)}
    holds = ledger.holds()
    judge = judge_of(config, ledger, tuple(contacts.values()), holds, now)
    judged = judge.judged(ledger)
    end = _looked_at(config, ledger, holds, also, now)
    booked, dates_ahead = ledger.booked(judged.key, now), None
    occurrences: Sequence[Occurrence]
    if booked is not None:
        occurrences = WhenAsked(lambda: ledger.occurrences(judged.recent, end))
    else:
        everything = current(ledger, judged.recent)
        dates_ahead = judge.dates_ahead(everything)
        booked = first_dates(dates_ahead)
        occurrences = [occurrence for occurrence in everything if occurrence.start < end]
    judged_now = judge.counted(ledger, judged, occurrences)
    birthdays = ledger.birthdays(judged.recent)
    contacts = with_birthdays(contacts, birthdays, ledger.identities())
    return Known(
        contacts=contacts,
        judge=judge,
        judged=judged,
        occurrences=occurrences,
        problems=[problem for _, _, problem in ledger.problems()],
        judged_now=judged_now,
        past=JudgedMeetings(
            ledger,
            now - config.history,
            EVER if judged_now is None else judged.since,
            judged_now or (),
        ),
        booked=booked,
        dates_ahead=dates_ahead,
        undone=judge.undone(ledger.ours(now)),
        records=records,
        holds=holds,
        known_busy=from_text(ledger.get(FACT))
        .at(now)
        .among({contact.key for contact in contacts.values() if contact.free_busy}),
    )


def _looked_at(
    config: Config, ledger: Ledger, holds: Iterable[Hold], also: Iterable[TimeSpan], now: datetime
) -> datetime:
    """Until when occurrences are looked at: as far as anything is planned, and over all holds,
    wherever they are found. What lies beyond can only be a date with somebody (`booked`)."""
    spans = [TimeSpan(hold.start, hold.end) for hold in holds if hold.end > now]
    spans += also
    if (last := ledger.last_of_ours()) is not None and last > now:
        spans.append(TimeSpan(now, last))
    # A day more: so much earlier may somebody set out, and dates begin in other zones.
    return (lookahead(config.rhythm, now, spans).end + _WIDER).replace(microsecond=0)


def assess(config: Config, known: Known, now: datetime) -> Situation:
    """What follows at `now` from what is known. Pure."""
    by_hand = [
        Met(key, when, when, "manual")
        for key, record in known.records.items()
        if key in known.contacts
        for when in record.met
    ]
    met = (*known.past.landmarks(), *by_hand)
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
        judged_now=known.judged_now,
        past=known.past,
        booked=known.booked,
        dates_ahead=known.dates_ahead,
        undone=known.undone,
        records=records,
        holds=known.holds,
        known_busy=known.known_busy,
        config=config,
        now=now,
        by_hand=by_hand,
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
