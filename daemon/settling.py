"""Settling: what becomes of every hold, given the calendars as they were just read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from connectors.base import AccountError, Calendar, HoldDraft, HoldEvent, Problem, Resource
from connectors.hold_text import hold_event
from daemon.busy import Busy, Span, overlaps
from daemon.config import Config
from daemon.contacts import Contact
from daemon.hold_draft import contact_tag, draft, tag_in
from daemon.hold_history import history
from daemon.hold_record import CLOSED
from daemon.hold_rest import rest_after
from daemon.hold_touch import is_sealed
from daemon.holds import (
    CountAsMet,
    Effect,
    Facts,
    Hold,
    NeverAgain,
    Snooze,
    Transition,
    adopt,
    is_untouched,
    news,
    transition,
)
from daemon.introductions import spoken_in
from daemon.judging import Picture, held
from daemon.ledger import FoundHold, Ledger
from daemon.planner import move_slot
from daemon.recency import Held
from daemon.slots import Slot, openings

Place = tuple[str, str]
"""An account's name and a `Calendar.id`."""


class Decision(NamedTuple):
    """What becomes of one hold, not yet carried out."""

    before: Hold
    after: Transition
    calendar: Calendar | None
    found: Resource | None
    news: str
    """The word a pass tells it under, "" when there is nothing to tell."""
    adopted: bool
    """The ledger did not know it."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What settling and proposing look at."""

    config: Config
    picture: Picture
    found: Sequence[FoundHold]
    """Every event of ours in the calendars."""
    unread: frozenset[str]
    """The UIDs of holds whose event is there and cannot be read."""
    calendars: Mapping[Place, Calendar]
    """The calendars that were read to their end in this pass."""
    gone: frozenset[str]
    """Accounts of which the user said that what they don't list is gone."""
    problems: Sequence[Problem]
    complete: bool
    """Every account was read well."""
    now: datetime


def hold_calendars(config: Config, ledger: Ledger, account: str) -> set[str]:
    """The calendars of an account, by name or id, that must be read for the holds in them: the one that holds are
    written to, and those in which some still stand since another one was configured."""
    configured = {config.holds.calendar} if config.holds.account in (None, account) else set()
    return configured | ledger.hold_calendars(account)


def find_holds(
    ledger: Ledger, holds: Iterable[Hold], config: Config, now: datetime
) -> tuple[list[FoundHold], frozenset[str]]:
    """Every event of ours in the calendars; and the UIDs of holds whose event is there and cannot be read.

    A hold that the user dragged far away, or that a program garbled, gives no occurrence. It is not gone, though.
    """
    found = ledger.found_holds()
    seen = {one.event.uid for one in found}
    unread = set()
    for hold in holds:
        if hold.uid in seen or _is_over(hold, now - config.history):
            continue
        for account, calendar, resource in ledger.mentioning(hold.uid):
            event = hold_event(resource.text, config.zone)
            if event is not None and event.uid == hold.uid:
                found.append(FoundHold(account, calendar, resource, event))
            elif f"UID:{hold.uid}" in resource.text:
                unread.add(hold.uid)
    return found, frozenset(unread)


def _is_over(hold: Hold, history_begins: datetime) -> bool:
    """Whether nothing more can become of a hold that is in no calendar read."""
    return hold.intent is None and (hold.state in CLOSED or hold.end < history_begins)


def settle(scene: Scene) -> Iterator[Decision]:
    """A decision for every hold that is open, found, or unfinished; nothing for those that are over and gone."""
    spans = [Span(one.event.start, one.event.end) for one in scene.found if is_sealed(one.event)]
    taken = scene.picture.busy(scene.problems, scene.config.rhythm, scene.config.zone, scene.now, spans)
    standing = list(held(scene.picture.holds, scene.now))
    by_uid: dict[str, list[FoundHold]] = {}
    for one in scene.found:
        by_uid.setdefault(one.event.uid, []).append(one)
    holds = [(hold, False) for hold in scene.picture.holds] + [(hold, True) for hold in _adopted(scene, by_uid)]
    for hold, adopted in holds:
        copies = by_uid.get(hold.uid, [])
        if not copies and _is_over(hold, scene.now - scene.config.history):
            continue
        own = next((one for one in copies if (one.account, one.calendar) == (hold.account, hold.calendar)), None)
        facts = _facts(scene, hold, own, copies, taken, standing)
        became = transition(hold, own.event if own else None, facts, scene.now)
        if became.hold != hold or became.action:
            standing = [one for one in standing if one.uid != hold.uid] + held([became.hold], scene.now)
        yield Decision(
            hold,
            became,
            scene.calendars.get((hold.account, hold.calendar)),
            own.resource if own else None,
            news(hold, became),
            adopted,
        )


def record_effect(effect: Effect | None, hold: Hold, ledger: Ledger, now: datetime) -> None:
    """Keep what an order in a title said about the contact."""
    match effect:
        case Snooze(until):
            ledger.snooze(hold.contact_key, until, now)
        case CountAsMet(at):
            ledger.add_met(hold.contact_key, at, now)
        case NeverAgain():
            ledger.never(hold.contact_key, now)


def _adopted(scene: Scene, by_uid: Mapping[str, Sequence[FoundHold]]) -> Iterator[Hold]:
    """Holds in the calendars that the ledger does not know: another fikad's, or ours from a ledger that was lost."""
    known = {hold.uid for hold in scene.picture.holds}
    for uid, copies in by_uid.items():
        one = copies[0]
        if uid in known or (one.account, one.calendar) not in scene.calendars:
            continue
        last = {key: standing.last_met for key, standing in scene.picture.standings.items() if standing.last_met}
        hold = adopt(
            one.event,
            scene.picture.contacts.values(),
            one.account,
            one.calendar,
            scene.now,
            last_met=last,
            transparent=scene.config.holds.show_as == "free",
        )
        if hold is not None:
            yield hold


def _facts(
    scene: Scene,
    hold: Hold,
    own: FoundHold | None,
    copies: Sequence[FoundHold],
    taken: Busy,
    standing: Sequence[Held],
) -> Facts:
    place = (hold.account, hold.calendar)
    calendar = scene.calendars.get(place)
    if own is None and not copies and hold.uid in scene.unread:
        return Facts(complete=False)
    if calendar is None and not (hold.account in scene.gone and own is None):
        return Facts(complete=False)
    picture = scene.picture
    contact = picture.contacts.get(hold.contact_key)
    try:
        marked = calendar is not None and not copies and hold.state not in CLOSED and calendar.took_back(hold.uid)
        version = calendar.current_version() if calendar is not None and hold.state == "creating" else None
    except AccountError:
        return Facts(complete=False)
    if contact is None:
        return Facts(marked=marked, removed=True, rivals=_rivals(scene, hold), elsewhere=_elsewhere(copies, own))
    person = picture.people.get(contact.key)
    ahead = picture.booked.get(contact.key)
    facts = Facts(
        calendar_version=version,
        marked=marked,
        elsewhere=_elsewhere(copies, own),
        rivals=_rivals(scene, hold),
        paused=contact.paused,
        last_met=picture.standings[contact.key].last_met,
        booked=ahead.start if ahead is not None and ahead.uid != hold.uid else None,
        snoozed_until=person.snoozed_until if person else None,
        rest=_next_rest(scene, contact),
        slots_known=scene.complete,
    )
    if not _may_move(hold, own):
        return facts
    start, end = (own.event.start, own.event.end) if own else (hold.draft.start, hold.draft.end)
    if end <= scene.now:
        return facts
    # Of two suggestions on one another only the later-named one moves, so that two fikads don't chase each other.
    ignoring = {hold.uid, *(one.uid for one in standing if one.state == "proposed" and one.uid > hold.uid)}
    if overlaps(taken, start, end, ignoring=ignoring) is None:
        return facts
    moved = _next(scene, hold, taken, standing) if scene.complete else None
    return replace(
        facts,
        displaced="Something else is at its time now.",
        next_draft=moved[1] if moved else None,
        next_occasion=moved[0].occasion if moved else "",
    )


def _next_rest(scene: Scene, contact: Contact) -> timedelta:
    """For how long the contact would rest after one more dismissal."""
    dismissed = sum(hold.state == "dismissed" for hold in scene.picture.rows(contact.key))
    return rest_after(dismissed + 1, contact.cadence, scene.config.rhythm.rest)


def _may_move(hold: Hold, own: FoundHold | None) -> bool:
    if own is None:
        return hold.state == "creating"
    return hold.state in ("creating", "proposed") and is_untouched(hold, own.event)


def _next(scene: Scene, hold: Hold, taken: Busy, standing: Sequence[Held]) -> tuple[Slot, HoldDraft] | None:
    """The next best slot for a displaced hold, and the hold in it."""
    config, now = scene.config, scene.now
    contact = scene.picture.contacts[hold.contact_key]
    names = dict.fromkeys((hold.occasion, *contact.occasions))
    occasions = {name: config.offered[name] for name in names if name in config.offered}
    found = openings(
        occasions,
        taken,
        availability=config.availability,
        rhythm=config.rhythm,
        zone=config.zone,
        now=now,
        ignoring={hold.uid},
    )
    slot = move_slot(
        contact,
        Held(contact.key, hold.start, hold.end, "proposed", hold.occasion, hold.uid),
        found.slots,
        held=standing,
        rhythm=config.rhythm,
        zone=config.zone,
        now=now,
        habits=scene.picture.habits(config.zone),
        challenges=config.challenges,
        remote=config.remote,
    )
    if slot is None:
        return None
    return slot, draft(
        hold.uid,
        contact,
        config.offered[slot.occasion],
        slot.start,
        slot.end,
        zone=config.zone,
        history=replace(
            history(scene.picture, contact.key),
            introduction=spoken_in(hold.draft.description, scene.picture.contacts.values()),
        ),
        transparent=config.holds.show_as == "free",
    )


def _rivals(scene: Scene, hold: Hold) -> tuple[HoldEvent, ...]:
    tag = contact_tag(hold.contact_key)
    return tuple(one.event for one in scene.found if one.event.uid != hold.uid and tag_in(one.event.uid) == tag)


def _elsewhere(copies: Sequence[FoundHold], own: FoundHold | None) -> HoldEvent | None:
    return copies[0].event if copies and own is None else None
