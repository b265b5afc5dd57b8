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
from dataclasses import dataclass
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

_NO_HOLDS: Mapping[str, HoldVerdict] = {}


def discover(
    occurrences: Sequence[Occurrence],
    mine: Set[str],
    rules: Meetings,
    now: datetime,
    zone: ZoneInfo,
    known: Iterable[Contact] = (),
    *,
    vocabulary: Vocabulary,
    cards: Iterable[Card] = (),
    holds: Mapping[str, HoldVerdict] = _NO_HOLDS,
    circles: Mapping[str, timedelta] = DEFAULT_CIRCLES,
) -> tuple[FoundPerson, ...]:
    """Everybody met one-on-one up to `now` (aware), the most often met first.

    `mine` are the user's addresses in lower case; `zone` is the user's; `vocabulary` are the words
    by which titles are read; `known` are the contacts of the config; `cards` come from the user's
    own address book; `holds` as for `meetings.judge_all`; `circles` map names to cadences."""
    names = display_names(occurrences)
    own = {name for email in mine for name in names.get(email, ())} | {
        email.partition("@")[0] for email in filter(is_mail, mine)
    }
    finder = NameFinder(vocabulary, own)
    known = tuple(known)
    grouped = by_address(names, known, cards, mine, finder)
    alone, titles = met_alone(occurrences, grouped, mine, rules, now)
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
    index = ContactIndex(
        [person.contact for person in people.values()],
        vocabulary=vocabulary,
        mine=[*filter(is_mail, mine), *own],
    )
    counted: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in meetings(judge_all(occurrences, index, mine, rules, now, holds)):
        counted[verdict.contact_key].append(verdict)
    ahead = booked(occurrences, index, mine, rules, now, holds)
    began = min((occurrence.start for occurrence in occurrences), default=now).date()
    view = _View(zone, now.astimezone(zone).date(), began, circles, finder)
    perhaps_mine = perhaps_own(
        occurrences, mine, [email for contact in known for email in contact.emails]
    )
    met = [
        view.found(people[key], verdicts, ahead.get(key))
        for key, verdicts in counted.items()
        if not people[key].addresses or not perhaps_mine.keys() >= {*people[key].addresses}
    ]
    elsewhere = {email: most_common(called) for email, called in names.items() if email not in mine}
    return Likeness(met, known, [person.contact for person in in_book], elsewhere).mentioned()


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
