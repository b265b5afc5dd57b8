"""How long it has been: the standing of every contact, worked out anew from what is known now.

Nothing here is accumulated. Meetings that have ended, manual entries, what is booked and what was
answered go in; out comes, per contact, when you last met, when they are due, how urgent that is,
and the first reason why nothing should be suggested now. All comparisons are between instants; a
zone is only used to say a date in words.

Urgency is time since the last meeting in cadences: 1.0 on the day somebody falls due, 2.0 a whole
cadence later; with kin, who bear gaps better, two cadences later. What it counts for in a plan
(`growth`) rises ever more slowly, so that nobody who was silent for years goes before everybody
else for ever.

A birthday within two weeks counts as half a cadence more, so somebody whom you have not met for as
long falls due before it; nobody gets a hold for a birthday a few days after you met.

Somebody you never met has no last meeting to count from. They fall due between the day they were
added and one
cadence later: of the n strangers added on one day, the i-th (from 0) falls due i/n of their cadence
after it. So a single new contact is due at once, three are due now, after a third and after two
thirds of the cadence, and twenty never fall due together. The order within a day is that of adding,
then of a hash of the key, so it is the same on every machine and a later addition only ever brings
the earlier ones forward. Somebody met since then keeps their place, so that meeting one stranger
does not make the next one due."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from daemon.languages.date_style import PLAIN, DateStyle
from daemon.people.birthdays import nearby_birthday
from daemon.people.contacts import Contact
from daemon.reasons import Reason, due

_DAY = timedelta(days=1)
_NEVER = datetime.max.replace(tzinfo=UTC)
_BIRTHDAY = 0.5
"""What a nearby birthday adds, in cadences."""
_STRENGTH = {"attendee": 3, "title": 2, "hold": 1}
"""Which evidence is named when two kinds end at one instant; manual entries are the weakest."""


def standings(contacts: Iterable[Contact], known: RecencyInputs) -> tuple[Standing, ...]:
    """Where every contact stands at `known.now`, the most pressing (growth of urgency × weight)
    first, ties by key."""
    now, zone = known.now, known.zone
    people = tuple(contacts)
    keys = {person.key for person in people}
    met = [
        meeting for meeting in known.meetings if meeting.contact_key in keys and meeting.end <= now
    ]
    holds = [hold for hold in known.held if hold.contact_key in keys and hold.end > now]
    since = {key: min(known.added.get(key, now), now) for key in keys}
    last = _last(met)
    ahead = _earliest(
        [(meeting.contact_key, meeting.start) for meeting in known.booked if meeting.end > now]
        + [(hold.contact_key, hold.start) for hold in holds if hold.state == "accepted"]
    )
    today = now.astimezone(zone).date()
    open_holds = {
        hold.contact_key: hold
        for hold in sorted(holds, key=lambda hold: (hold.start, hold.uid), reverse=True)
        if hold.state != "accepted"
    }
    share = _spread(people, met, since)

    def stand(person: Contact) -> Standing:
        key = person.key
        meeting = last.get(key)
        start = meeting.end.astimezone(UTC) if meeting else None
        due_at = (
            _after(start, person.cadence)
            if start
            else _after(since[key], person.cadence * share.get(key, 0.0))
        )
        birthday = nearby_birthday(person, today)
        cadences = (now - due_at) / max(person.cadence, _DAY) + (_BIRTHDAY if birthday else 0)
        standing = Standing(
            contact=person,
            last_met=start,
            rule=meeting.rule if meeting else "",
            due=due_at,
            urgency=1 + cadences / (2 if person.kin else 1),
            birthday=birthday,
            next_booked=ahead.get(key),
            snoozed_until=_ahead(known.snoozed, key, now),
            cooldown_until=_ahead(known.cooldowns, key, now),
            open_hold=open_holds.get(key),
        )
        return replace(standing, blocked=_block(standing, now, zone, known.style))

    return tuple(
        sorted(map(stand, people), key=lambda standing: (-standing.value, standing.contact.key))
    )


def growth(urgency: float) -> float:
    """What an urgency counts for: 1 when somebody falls due, 1.6 a cadence later, never more than
    4."""
    return 4 * urgency / (urgency + 3) if urgency > 0 else urgency


def why_due(standing: Standing, now: datetime, zone: ZoneInfo) -> Reason:
    """Why this person: "You last met 7 weeks ago and aim to meet every 6 weeks.\""""
    return due(standing.last_met, standing.contact.cadence, now, zone)


def without_birthday(standing: Standing, now: datetime) -> Standing | None:
    """The same as if no birthday were near; None if they would not be due then."""
    if standing.due > now:
        return None
    return replace(standing, urgency=standing.urgency_of_time, birthday=None)


def _last(met: Iterable[Met]) -> dict[str, Met]:
    """Each contact's latest meeting; of several that end together the one with the best
    evidence."""
    last: dict[str, Met] = {}
    for meeting in met:
        best = last.get(meeting.contact_key)
        if best is None or _rank(meeting) > _rank(best):
            last[meeting.contact_key] = meeting
    return last


def _rank(meeting: Met) -> tuple[datetime, int, datetime]:
    return meeting.end, _STRENGTH.get(meeting.rule, 0), meeting.start


def _earliest(moments: Iterable[tuple[str, datetime]]) -> dict[str, datetime]:
    return {key: moment.astimezone(UTC) for key, moment in sorted(moments, reverse=True)}


def _ahead(moments: Mapping[str, datetime], key: str, now: datetime) -> datetime | None:
    moment = moments.get(key)
    return moment.astimezone(UTC) if moment is not None and moment > now else None


def _after(start: datetime, duration: timedelta) -> datetime:
    try:
        return start.astimezone(UTC) + duration
    except OverflowError:  # "99999 years" is a cadence that a config may hold
        return _NEVER


def _spread(
    people: Iterable[Contact], met: Iterable[Met], since: Mapping[str, datetime]
) -> dict[str, float]:
    """For every contact who was a stranger when added: after which share of their cadence they
    first fall due.

    Paused people take no place, or nobody might be due at once.
    """
    acquainted = {
        meeting.contact_key for meeting in met if meeting.end <= since[meeting.contact_key]
    }
    batches: dict[date, list[str]] = defaultdict(list)
    for person in people:
        if not person.paused and person.key not in acquainted:
            batches[since[person.key].astimezone(UTC).date()].append(person.key)
    share: dict[str, float] = {}
    for keys in batches.values():
        keys.sort(key=lambda key: (since[key], _hash(key)))
        share |= {key: rank / len(keys) for rank, key in enumerate(keys)}
    return share


def _hash(key: str) -> bytes:
    """The same on every machine and in every process, unlike `hash`."""
    return hashlib.blake2b(key.encode(), digest_size=8).digest()


def _block(standing: Standing, now: datetime, zone: ZoneInfo, style: DateStyle) -> Reason | None:
    """The first reason why nothing is suggested for this contact now, or None."""

    def dated(code: str, name: str, moment: datetime) -> Reason:
        return Reason(code, {name: moment.astimezone(zone).date(), "style": style})

    if standing.contact.paused:
        return Reason("paused")
    if standing.snoozed_until:
        return dated("snoozed", "until", standing.snoozed_until)
    if standing.next_booked:
        return dated("booked", "day", standing.next_booked)
    if standing.open_hold:
        return dated("hold", "day", standing.open_hold.start)
    if standing.cooldown_until:
        return dated("resting", "until", standing.cooldown_until)
    if standing.due - now > standing.brought_forward:
        on = None if standing.due == _NEVER else standing.due.astimezone(zone).date()
        values = why_due(standing, now, zone).values
        return Reason("not-due", {**values, "day": on, "style": style})
    return None


@dataclass(frozen=True, slots=True)
class Met:
    """A one-on-one with a contact: completed, or booked when it lies ahead."""

    contact_key: str
    start: datetime
    end: datetime
    rule: str = ""
    """The evidence: `attendee`, `title`, `hold` or `manual`."""
    uid: str = ""
    """Of the event, where it is asked for."""


@dataclass(frozen=True, slots=True)
class Held:
    """A hold that stands in the calendar and was not dismissed, withdrawn or removed."""

    contact_key: str
    start: datetime
    end: datetime
    state: Literal["proposed", "pinned", "accepted"] = "proposed"
    occasion: str = ""
    uid: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecencyInputs:
    """Everything that standings are worked out from. Mappings are by contact key."""

    now: datetime
    zone: ZoneInfo
    """The user's, for dates in reasons."""
    meetings: Iterable[Met] = ()
    """Completed one-on-ones and manual entries; what ends after `now` is not yet a meeting and is
    left out."""
    booked: Iterable[Met] = ()
    """One-on-ones that stand in a calendar; those that have ended are left out, one that is going
    on still counts."""
    held: Iterable[Held] = ()
    """The holds that stand; an accepted one ahead is booked, too."""
    added: Mapping[str, datetime] = field(default_factory=dict)
    """When somebody became a contact; without that they are taken as added now."""
    snoozed: Mapping[str, datetime] = field(default_factory=dict)
    cooldowns: Mapping[str, datetime] = field(default_factory=dict)
    """Until when somebody is left alone."""
    style: DateStyle = PLAIN
    """How dates are written in reasons."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a contact stands at one instant. All instants are UTC."""

    contact: Contact
    last_met: datetime | None
    """The end of the last completed one-on-one; never in the future."""
    rule: str
    """The evidence for it; empty when you never met."""
    due: datetime
    urgency: float
    """Time since the last meeting in cadences; 1.0 at `due`, for people never met too; half a
    cadence more while a birthday is near."""
    next_booked: datetime | None = None
    """The start of the next (or present) one-on-one that stands in a calendar."""
    snoozed_until: datetime | None = None
    cooldown_until: datetime | None = None
    open_hold: Held | None = None
    """The earliest proposed or pinned hold for them that has not ended."""
    blocked: Reason | None = None
    """Why they are not considered now: `paused`, `snoozed`, `booked`, `hold`, `resting`, `not-due`
    or `never-open`; None means a suggestion is wanted."""
    birthday: date | None = None
    """The next one, in the user's zone, if it is near."""

    @property
    def brought_forward(self) -> timedelta:
        """How much earlier than `due` they may be asked."""
        return self.contact.cadence * _BIRTHDAY if self.birthday else timedelta()

    @property
    def urgency_of_time(self) -> float:
        """The urgency without what a birthday adds."""
        added = _BIRTHDAY / (2 if self.contact.kin else 1) if self.birthday else 0
        return self.urgency - added

    @property
    def value(self) -> float:
        """Growth of urgency × the circle's weight: what people are ordered by."""
        return growth(self.urgency) * self.contact.weight
