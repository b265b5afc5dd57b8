"""From what the ledger holds to where everybody stands: the judgements, applied to one moment.

`once`, `status` and `why` all look through this one window, so they cannot disagree.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from connectors.base import Occurrence, Problem
from daemon.config.chances import never_suggested
from daemon.config.schema import Config, Rhythm
from daemon.durations import on_day
from daemon.holds.cooldown import cooldown_until, fruitless_in_a_row
from daemon.holds.transition import Hold, is_open
from daemon.judging.meetings import Verdict
from daemon.judging.nearly import NearlyCounted, nearly_counted
from daemon.judging.recency import Blocked, Held, Met, Standing, standings
from daemon.ledger.decisions import ContactRecord
from daemon.ledger.ledger import Ledger
from daemon.people.contacts import Contact
from daemon.planning.busy import Busy, TimeSpan, busy
from daemon.planning.fit import Habit, habits
from daemon.planning.slots import lookahead
from daemon.situation.verdicts import Judge, Judged, current, judge_of


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything judged at one moment."""

    contacts: Mapping[str, Contact]
    mine: frozenset[str]
    """The user's own addresses, lower case."""
    occurrences: Sequence[Occurrence]
    """What took place in the last days, takes place now or lies ahead."""
    counted: Sequence[Verdict]
    """The completed one-on-ones, each event once per contact, by start."""
    nearly: Sequence[Verdict]
    """What was nearly counted, likewise."""
    booked: Mapping[str, Occurrence]
    """The next one-on-one ahead by contact key."""
    standings: Mapping[str, Standing]
    """By contact key, the most pressing first."""
    holds: Sequence[Hold]
    """Every hold ever decided, oldest first."""
    people: Mapping[str, ContactRecord]
    undone: Mapping[str, str]
    """The accepted holds ahead, by UID, that are no date any more because of their guests, and why.
    """
    judge: Judge
    """What judged all this."""
    judged: Judged
    """How much of `counted` the ledger had, and what it may keep."""

    def fruitless(self, contact: str) -> tuple[Hold, ...]:
        """The contact's latest suggestions that came to nothing."""
        return fruitless_in_a_row(
            (hold for hold in self.holds if hold.contact_key == contact),
            self.standings[contact].last_met,
        )

    def ends(self, contact: str) -> list[datetime]:
        """When the meetings with a contact ended, manual entries included, in order."""
        person = self.people.get(contact)
        read = [one.occurrence.end for one in self.counted if one.contact_key == contact]
        return sorted([*read, *(person.met if person else ())])

    def off(self, contact: str, zone: ZoneInfo) -> str:
        """Why an accepted date with a contact is none any more, as a sentence; "" when all stand."""
        hold = next(
            (one for one in self.holds if one.contact_key == contact and one.uid in self.undone),
            None,
        )
        if hold is None:
            return ""
        day = on_day(hold.start.astimezone(zone).date())
        return (
            f"{day} is no date with {hold.contact_name} any more:"
            f" {_inside(self.undone[hold.uid], hold.contact_name)}"
        )

    def hold_ahead(self, contact: str, now: datetime) -> Hold | None:
        """The contact's next hold that is not over: proposed, pinned or accepted."""
        ahead = (one for one in self.holds if one.contact_key == contact and one.end > now)
        wanted = (
            one
            for one in ahead
            if is_open(one, now) or (one.state == "accepted" and one.uid not in self.undone)
        )
        return min(wanted, key=lambda one: (one.start, one.uid), default=None)

    @property
    def met(self) -> list[Met]:
        """Every meeting with one of the contacts, entered by hand or counted."""
        by_hand = [
            Met(key, when, when, "manual")
            for key, person in self.people.items()
            if key in self.contacts
            for when in person.met
        ]
        counted = (
            Met(one.contact_key, one.occurrence.start, one.occurrence.end, one.rule)
            for one in self.counted
        )
        return [*counted, *by_hand]

    def nearly_counted(self) -> tuple[NearlyCounted, ...]:
        """What was nearly counted in the whole history, and what would mend it."""
        return nearly_counted(self.nearly, self.contacts)

    def habits(self, zone: ZoneInfo) -> dict[str, Habit]:
        """When the user, in their `zone`, usually meets each contact."""
        return habits(
            (
                Met(one.contact_key, one.occurrence.start, one.occurrence.end, one.rule)
                for one in self.counted
            ),
            zone,
        )

    def busy(
        self,
        problems: Iterable[Problem],
        rhythm: Rhythm,
        zone: ZoneInfo,
        now: datetime,
        found: Iterable[TimeSpan] = (),
    ) -> Busy:
        """What takes the user's time, wide enough for new slots, for every hold that stands, and
        for those `found` elsewhere than recorded."""
        spans = [TimeSpan(hold.start, hold.end) for hold in self.holds if hold.end > now]
        spans += (span for span in found if span.end > now)
        return busy(
            self.occurrences,
            problems,
            mine=self.mine,
            zone=zone,
            within=lookahead(rhythm, now, spans),
        )


def _inside(sentence: str, name: str) -> str:
    """A sentence as it stands after a colon."""
    return sentence if sentence.startswith(name) else sentence[:1].lower() + sentence[1:]


def held(holds: Sequence[Hold], now: datetime, undone: Container[str] = ()) -> list[Held]:
    """The holds that count for caps and standings: open ones, and accepted ones whenever they are;
    not those `undone`, by UID."""
    found: list[Held] = []
    for hold in holds:
        if hold.uid in undone:
            continue
        if hold.state == "accepted":
            found.append(
                Held(hold.contact_key, hold.start, hold.end, "accepted", hold.occasion, hold.uid)
            )
        elif is_open(hold, now) or (hold.state == "pinned"):
            state: Literal["pinned", "proposed"] = (
                "pinned" if hold.state == "pinned" else "proposed"
            )
            found.append(
                Held(hold.contact_key, hold.start, hold.end, state, hold.occasion, hold.uid)
            )
    return found


def read_situation(config: Config, ledger: Ledger, now: datetime) -> Situation:
    """Judge everything in the ledger as of `now`. Reads, never writes."""
    zone = config.zone
    people = ledger.people()
    contacts = {one.key: one for one in contacts_now(config, people, now)}
    holds = ledger.holds()
    judge = judge_of(config, ledger, tuple(contacts.values()), holds, now)
    judged = judge.judged(ledger)
    occurrences = current(ledger, judged.recent, now)
    judgements = judge.counted(ledger, judged, occurrences)
    counted = [one for one in judgements if one.counted]
    ahead, undone = judge.booked(occurrences), judge.undone(occurrences)
    met = [
        Met(one.contact_key, one.occurrence.start, one.occurrence.end, one.rule) for one in counted
    ]
    met += (Met(key, when, when, "manual") for key, person in people.items() for when in person.met)
    last = _last(met, now)
    by_contact = defaultdict(list)
    for hold in holds:
        by_contact[hold.contact_key].append(hold)
    resting = {}
    for key, contact in contacts.items():
        until = cooldown_until(
            fruitless_in_a_row(by_contact[key], last.get(key)), contact.cadence, config.rhythm.rest
        )
        if until is not None:
            resting[key] = until
    found = standings(
        contacts.values(),
        now=now,
        zone=zone,
        meetings=met,
        booked=[Met(key, one.start, one.end) for key, one in ahead.items()],
        held=held(holds, now, undone),
        added={key: person.added for key, person in people.items()},
        snoozed={
            key: person.snoozed_until for key, person in people.items() if person.snoozed_until
        },
        cooldowns=resting,
    )
    return Situation(
        contacts,
        judge.mine,
        occurrences,
        counted,
        [one for one in judgements if one.nearly],
        ahead,
        {one.contact.key: _with_reason(one, people, config) for one in found},
        holds,
        people,
        undone,
        judge,
        judged,
    )


def contacts_now(
    config: Config, people: Mapping[str, ContactRecord], now: datetime
) -> list[Contact]:
    """The config's contacts, with those paused whose pause lasts, or whom the user answered with
    `never`: who is paused here is named nowhere. `people` are what the ledger knows of them."""
    today = now.astimezone(config.zone).date()
    never = {key for key, person in people.items() if person.never}
    return [
        replace(one, paused=one.key in never or one.is_paused_on(today)) for one in config.people
    ]


def _with_reason(
    standing: Standing, people: Mapping[str, ContactRecord], config: Config
) -> Standing:
    """A standing whose reason says who paused it, and whether anything can ever be suggested at
    all."""
    key = standing.contact.key
    if standing.blocked is None or standing.blocked.code == "not-due":
        never = never_suggested(config, standing.contact)
        if never is None:
            return standing
        reason = f"{never[0][0].upper()}{never[0][1:]}: {never[1]}."
        return replace(standing, blocked=Blocked("never-open", reason))
    if (
        standing.blocked is None
        or standing.blocked.code != "paused"
        or not (key in people and people[key].never)
    ):
        return standing
    reason = f'You answered "never"; `fikad snooze "{standing.contact.name}"` ends that.'
    return replace(standing, blocked=Blocked("paused", reason))


def _last(met: Sequence[Met], now: datetime) -> dict[str, datetime]:
    last: dict[str, datetime] = {}
    for one in met:
        if one.end <= now:
            last[one.contact_key] = max(one.end, last.get(one.contact_key, one.end))
    return last
