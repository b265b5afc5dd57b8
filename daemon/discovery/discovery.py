"""Everybody you meet one-on-one, found in the calendar alone.

First every address and every name in a title that may be somebody is gathered, by the rules of
`daemon.judging.meetings`; then all of them are taken for contacts and the calendar is judged as if
they stood in the config. So what is shown here is what fikad would count once they are added.
Several addresses are shown as one person where the user's own address book says so, or where they
bear the same full name; which is always said, since a display name proves nothing. Weaker likeness
is only mentioned: *perhaps also*."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from connectors.base import Occurrence
from connectors.mail_address import is_mail
from daemon.discovery.addresses import display_names, most_common, perhaps_own
from daemon.discovery.found_person import FoundPerson
from daemon.discovery.gathering import ProvisionalPerson, by_address, by_title, met_alone, person_of
from daemon.discovery.likeness import Likeness
from daemon.discovery.name_finder import NameFinder
from daemon.discovery.rhythm import DEFAULT_CIRCLES, advise, trend, usual_gap
from daemon.judging.copies import meetings
from daemon.judging.known_holds import HoldVerdict
from daemon.judging.meetings import booked, judge_all
from daemon.judging.recency import Met
from daemon.judging.verdict import Verdict
from daemon.languages.vocabulary import Vocabulary
from daemon.people.contacts import Contact, ContactIndex
from daemon.people.spellings import first_name, name_words
from daemon.planning.fit import habits

if TYPE_CHECKING:
    from connectors.address_book import Card
    from daemon.config.schema import Meetings


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoveryInputs:
    """What people are discovered in, and by what."""

    occurrences: Sequence[Occurrence]
    mine: Set[str]
    """The user's addresses, lower case."""
    rules: Meetings
    now: datetime
    """Aware."""
    zone: ZoneInfo
    """The user's."""
    vocabulary: Vocabulary
    """The words by which titles are read."""
    known: Sequence[Contact] = ()
    """The contacts there are."""
    cards: Sequence[Card] = ()
    """From the user's own address book."""
    holds: Mapping[str, HoldVerdict] = field(default_factory=dict)
    """As for `meetings.judge_all`."""
    circles: Mapping[str, timedelta] = field(default_factory=lambda: DEFAULT_CIRCLES)
    """Cadences by name."""


@dataclass(frozen=True, slots=True)
class _Gathered:
    """Whoever may turn out to be somebody."""

    people: Mapping[str, ProvisionalPerson]
    """By contact key."""
    in_book: Sequence[ProvisionalPerson]
    """Those of the address book who are in no event by their address."""


def discover(inputs: DiscoveryInputs) -> tuple[FoundPerson, ...]:
    """Everybody met one-on-one up to `now`, the most often met first."""
    names = display_names(inputs.occurrences)
    own = _own_names(inputs.mine, names)
    finder = NameFinder(inputs.vocabulary, own)
    gathered = _gather(inputs, names, finder)
    index = ContactIndex(
        [person.contact for person in gathered.people.values()],
        vocabulary=inputs.vocabulary,
        mine=[*filter(is_mail, inputs.mine), *own],
    )
    met = _met(inputs, gathered.people, index, finder)
    elsewhere = {
        email: most_common(called) for email, called in names.items() if email not in inputs.mine
    }
    in_book = [person.contact for person in gathered.in_book]
    return Likeness(met, inputs.known, in_book, elsewhere).mentioned()


def _own_names(mine: Set[str], names: Mapping[str, Iterable[str]]) -> set[str]:
    """What the user is called: by display names, and before the @ of their addresses."""
    return {name for email in mine for name in names.get(email, ())} | {
        email.partition("@")[0] for email in filter(is_mail, mine)
    }


def _gather(
    inputs: DiscoveryInputs, names: Mapping[str, Counter[str]], finder: NameFinder
) -> _Gathered:
    """Everybody in the events by address, then by the names in titles."""
    grouped = by_address(names, inputs.known, inputs.cards, inputs.mine, finder)
    alone, titles = met_alone(inputs.occurrences, grouped, inputs.mine, inputs.rules, inputs.now)
    people = {
        person.contact.key: person
        for person in grouped
        if person.known or person.contact.key in alone
    }
    for email in alone - {person.contact.key for person in grouped}:
        people[email] = person_of((email,), names, finder)
    in_book = [
        person for person in grouped if person.from_book and person.contact.key not in people
    ]
    for person in by_title(titles, finder, [*people.values(), *in_book]):
        people.setdefault(person.contact.key, person)
    return _Gathered(people, in_book)


def _met(
    inputs: DiscoveryInputs,
    people: Mapping[str, ProvisionalPerson],
    index: ContactIndex,
    finder: NameFinder,
) -> list[FoundPerson]:
    """Those whose meetings count, but for whoever may be the user."""
    judged = inputs.occurrences, index, inputs.mine, inputs.rules, inputs.now, inputs.holds
    counted: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in meetings(judge_all(*judged)):
        counted[verdict.contact_key].append(verdict)
    ahead = booked(*judged)
    began = min((occurrence.start for occurrence in inputs.occurrences), default=inputs.now).date()
    today = inputs.now.astimezone(inputs.zone).date()
    view = _View(inputs.zone, today, began, inputs.circles, finder)
    perhaps_mine = perhaps_own(
        inputs.occurrences,
        inputs.mine,
        [email for contact in inputs.known for email in contact.emails],
    )
    return [
        view.found(people[key], verdicts, ahead.get(key))
        for key, verdicts in counted.items()
        if not people[key].addresses or not perhaps_mine.keys() >= {*people[key].addresses}
    ]


# --- what is known of them ---


@dataclass(frozen=True, slots=True)
class _View:
    """What the meetings of one person are looked at with."""

    zone: ZoneInfo
    today: date
    began: date
    circles: Mapping[str, timedelta]
    finder: NameFinder

    def found(
        self, person: ProvisionalPerson, verdicts: Sequence[Verdict], ahead: Occurrence | None
    ) -> FoundPerson:
        contact = person.contact
        met = tuple(
            Met(contact.key, verdict.occurrence.start, verdict.occurrence.end, verdict.rule)
            for verdict in sorted(
                verdicts, key=lambda verdict: (verdict.occurrence.start, verdict.occurrence.end)
            )
        )
        days = sorted({meeting.start.astimezone(self.zone).date() for meeting in met})
        how = trend(days, self.today, self.began, booked=ahead is not None)
        advice = advise(days, how, self.circles)
        habit = habits(met, self.zone).get(contact.key)
        name, spellings = self._spelled(person, verdicts)
        return FoundPerson(
            key=contact.key,
            name=name,
            addresses=person.addresses,
            spellings=tuple(spellings),
            evidence=tuple(sorted({meeting.rule for meeting in met})),
            met=met,
            gap_days=usual_gap(days),
            weekday=habit.weekday if habit else None,
            minute=habit.minute if habit else None,
            trend=how,
            next_booked=ahead.start if ahead else None,
            circle=advice.circle,
            cadence=advice.cadence,
            why=advice.why,
            known=contact.name if person.known else "",
            same_as="" if person.known else person.same_as or _joined(name, spellings, met),
        )

    def _spelled(
        self, person: ProvisionalPerson, verdicts: Iterable[Verdict]
    ) -> tuple[str, list[str]]:
        """The name, and how else it is written: by display names, and in the titles that count.
        Somebody without a name takes the one that titles of their meetings and their address agree
        on."""
        titles = Counter(
            verdict.occurrence.title
            for verdict in verdicts
            if verdict.rule == "title" or not person.named
        )
        in_titles = Counter[str]()
        for title, times in titles.items():
            for name, _ in self.finder.find(title):
                in_titles[name] += times
        if not person.named:
            parts = set(name_words(person.addresses[0].partition("@")[0]))
            fitting = {
                name: times
                for name, times in in_titles.items()
                if first_name(name)[:1] and parts.issuperset(first_name(name))
            }
            if fitting:
                name = most_common(fitting)
                return name, sorted(set(fitting) - {name})
        name = person.contact.name
        words = set(name_words(name))
        by_title = [written for written in in_titles if not words.isdisjoint(name_words(written))]
        return name, sorted({*person.spellings, *by_title} - {name})


def _joined(name: str, spellings: Iterable[str], met: Iterable[Met]) -> str:
    """Why titles with a shorter name were taken for this person."""
    short = [
        spelling for spelling in spellings if set(name_words(spelling)) < set(name_words(name))
    ]
    if not short or not any(meeting.rule == "title" for meeting in met):
        return ""
    return (
        f"Titles that say only {' or '.join(short)} are taken to mean {name}, since nobody "
        "else found is called so."
    )
