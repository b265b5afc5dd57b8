"""Everybody you meet one-on-one, found in the calendar alone.

First every address and every name in a title that may be somebody is gathered, by the rules of
`daemon.judging.meetings`; then all of them are taken for contacts and the calendar is judged as if
they stood in the config. So what is shown here is what fikad would count once they are added.
Several addresses are shown as one person where the user's own address book says so, or where they
bear the same full name; which is always said, since a display name proves nothing. Weaker likeness
is only mentioned: *perhaps also*."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from connectors.base import Occurrence
from connectors.mail_address import is_mail
from daemon.discovery.addresses import GuestLists, most_common, perhaps_own
from daemon.discovery.found_person import FoundPerson
from daemon.discovery.gathering import (
    Company,
    ProvisionalPerson,
    by_address,
    by_title,
    person_of,
)
from daemon.discovery.likeness import Likeness
from daemon.discovery.name_finder import NameFinder
from daemon.discovery.rhythm import DEFAULT_CIRCLES, advise, trend, usual_gap
from daemon.judging.copies import meetings, together
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

    occurrences: Iterable[Occurrence]
    """By start. They are gone through twice, and only a few are in memory at a time if whoever
    gives them does so."""
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


@dataclass(frozen=True, slots=True)
class Discovery:
    """What was found."""

    people: tuple[FoundPerson, ...]
    """Everybody met one-on-one up to `now`, the most often met first."""
    perhaps_own: Mapping[str, str]
    """Addresses that may be the user's as well, with why as a clause."""
    titles: Collection[str]
    """Those of all events, each once."""


def discover(inputs: DiscoveryInputs) -> Discovery:
    """Go through all events, and again with everybody who may be somebody. Raises ValueError when
    they do not come by start."""
    noted = _Noted(inputs)
    names = noted.lists.names
    own = _own_names(inputs.mine, names)
    finder = NameFinder(inputs.vocabulary, own)
    gathered = _gather(inputs, noted, finder)
    index = ContactIndex(
        [person.contact for person in gathered.people.values()],
        vocabulary=inputs.vocabulary,
        mine=[*filter(is_mail, inputs.mine), *own],
    )
    perhaps_mine = perhaps_own(
        noted.lists, inputs.mine, [email for contact in inputs.known for email in contact.emails]
    )
    today = inputs.now.astimezone(inputs.zone).date()
    view = _View(inputs.zone, today, noted.began, inputs.circles, finder)
    met = [
        view.found(gathered.people[key], met)
        for key, met in _met(inputs, index).items()
        if not (addresses := gathered.people[key].addresses)
        or not perhaps_mine.keys() >= {*addresses}
    ]
    elsewhere = {
        email: most_common(called) for email, called in names.items() if email not in inputs.mine
    }
    in_book = [person.contact for person in gathered.in_book]
    return Discovery(
        Likeness(met, inputs.known, in_book, elsewhere).mentioned(), perhaps_mine, noted.titles
    )


class _Noted:
    """What all events tell before anybody is taken for somebody."""

    def __init__(self, inputs: DiscoveryInputs) -> None:
        self.lists = GuestLists()
        self.company = Company(inputs.mine, inputs.rules, inputs.now)
        self.titles: dict[str, None] = {}
        self.began = inputs.now.date()
        """The day of the first of them."""
        for number, occurrence in enumerate(inputs.occurrences):
            if number == 0:
                self.began = occurrence.start.date()
            self.lists.note(occurrence)
            self.company.note(occurrence)
            self.titles[occurrence.title] = None


def _own_names(mine: Set[str], names: Mapping[str, Iterable[str]]) -> set[str]:
    """What the user is called: by display names, and before the @ of their addresses."""
    return {name for email in mine for name in names.get(email, ())} | {
        email.partition("@")[0] for email in filter(is_mail, mine)
    }


def _gather(inputs: DiscoveryInputs, noted: _Noted, finder: NameFinder) -> _Gathered:
    """Everybody in the events by address, then by the names in titles."""
    names = noted.lists.names
    grouped = by_address(names, inputs.known, inputs.cards, inputs.mine, finder)
    alone = noted.company.alone_with(grouped)
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
    for person in by_title(noted.company.titles, finder, [*people.values(), *in_book]):
        people.setdefault(person.contact.key, person)
    return _Gathered(people, in_book)


@dataclass(slots=True)
class _Meetings:
    """What is kept of somebody's meetings: years of events are not in memory."""

    met: list[Met] = field(default_factory=list)
    """Those that count, by start."""
    titles: Counter[str] = field(default_factory=Counter)
    by_title: Counter[str] = field(default_factory=Counter)
    """The titles of those that count by their title."""
    ahead: datetime | None = None
    """When the next begins."""

    def note(self, verdict: Verdict) -> None:
        occurrence = verdict.occurrence
        self.met.append(Met(verdict.contact_key, occurrence.start, occurrence.end, verdict.rule))
        self.titles[occurrence.title] += 1
        if verdict.rule == "title":
            self.by_title[occurrence.title] += 1


def _met(inputs: DiscoveryInputs, index: ContactIndex) -> Mapping[str, _Meetings]:
    """The meetings that count, by contact key, of everybody who has any."""
    by = index, inputs.mine, inputs.rules, inputs.now, inputs.holds
    counted: dict[str, _Meetings] = defaultdict(_Meetings)
    ahead: dict[str, datetime] = {}
    for some in together(inputs.occurrences):
        for verdict in meetings(judge_all(some, *by)):
            counted[verdict.contact_key].note(verdict)
        for key, occurrence in booked(some, *by).items():
            ahead.setdefault(key, occurrence.start)
    for key, theirs in counted.items():
        theirs.ahead = ahead.get(key)
    return counted


# --- what is known of them ---


@dataclass(frozen=True, slots=True)
class _View:
    """What the meetings of one person are looked at with."""

    zone: ZoneInfo
    today: date
    began: date
    circles: Mapping[str, timedelta]
    finder: NameFinder

    def found(self, person: ProvisionalPerson, theirs: _Meetings) -> FoundPerson:
        contact = person.contact
        met, ahead = tuple(theirs.met), theirs.ahead
        days = sorted({meeting.start.astimezone(self.zone).date() for meeting in met})
        how = trend(days, self.today, self.began, booked=ahead is not None)
        advice = advise(days, how, self.circles)
        habit = habits(met, self.zone).get(contact.key)
        name, spellings = self._spelled(person, theirs)
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
            next_booked=ahead,
            circle=advice.circle,
            cadence=advice.cadence,
            why=advice.why,
            known=contact.name if person.known else "",
            same_as="" if person.known else person.same_as or _joined(name, spellings, met),
        )

    def _spelled(self, person: ProvisionalPerson, theirs: _Meetings) -> tuple[str, list[str]]:
        """The name, and how else it is written: by display names, and in the titles that count.
        Somebody without a name takes the one that titles of their meetings and their address agree
        on."""
        titles = theirs.by_title if person.named else theirs.titles
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
