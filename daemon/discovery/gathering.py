"""Who in a calendar may be somebody: gathered generously from addresses, from the address book and
from titles.

Nothing is counted here. A *person* becomes a provisional contact, and only the judgement of the
whole calendar says whether there was ever a one-on-one with them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from connectors.base import Answer, Occurrence
from daemon.discovery.addresses import is_somebody, most_common, name_in_address, same_name
from daemon.discovery.name_finder import NameFinder
from daemon.judging.guests import AWAY, firmest, known_as, others
from daemon.judging.known_holds import is_hold
from daemon.judging.rules import (
    kind_failed,
    list_failed,
    part_failed,
    standing_failed,
    time_failed,
)
from daemon.languages.vocabulary import Vocabulary
from daemon.people.contacts import Contact, ContactIndex
from daemon.people.spellings import first_name

if TYPE_CHECKING:
    from connectors.address_book import Card
    from daemon.config.schema import Meetings

_SEEN_BEFORE = 2
"""On so many days must a name be seen that only may be one."""
_ANY = timedelta(days=30)
"""A provisional contact's cadence: never looked at."""
_NOBODY = ContactIndex((), vocabulary=Vocabulary())


@dataclass(slots=True)
class ProvisionalPerson:
    """Somebody who may turn out to be met one-on-one."""

    contact: Contact
    known: bool = False
    addresses: tuple[str, ...] = ()
    named: bool = True
    """False while an address has to do for a name."""
    from_book: bool = False
    """From the user's address book."""
    same_as: str = ""
    """Why several addresses are taken for one person's."""
    spellings: Counter[str] = field(default_factory=Counter)
    """The display names of their addresses."""


def by_address(
    names: Mapping[str, Counter[str]],
    known: Iterable[Contact],
    cards: Iterable[Card],
    mine: Set[str],
    finder: NameFinder,
) -> list[ProvisionalPerson]:
    """The contacts of the config, the cards of the address book, and addresses that bear the same
    full name."""
    grouped = [
        ProvisionalPerson(contact, known=True, addresses=tuple(sorted(contact.emails)))
        for contact in known
    ]
    taken = set(mine).union(*(person.contact.emails for person in grouped))
    configured = {same_name(person.contact.name) for person in grouped}
    for number, card in enumerate(cards):
        emails = tuple(email for email in card.emails if email not in taken)
        if same_name(card.name) in configured or not taken.isdisjoint(card.emails):
            continue
        taken.update(emails)
        contact = Contact(f" card {number}", card.name, _ANY, frozenset(emails), card.aliases)
        same_as = "Your address book has these addresses on one card." if len(emails) > 1 else ""
        grouped.append(
            ProvisionalPerson(contact, addresses=emails, from_book=True, same_as=same_as)
        )
    for person in grouped:
        person.spellings = _called(person.addresses, names, finder)
    by_name: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for email in names:
        full = same_name(most_common(names[email]))
        if email not in taken and len(full) > 1 and is_somebody(email):
            by_name[full].append(email)
    for emails_of_one in by_name.values():
        if len(emails_of_one) > 1:
            most_used = sorted(emails_of_one, key=lambda email: (-names[email].total(), email))
            person = person_of(tuple(most_used), names, finder)
            person.same_as = (
                "These addresses bear the same name: make sure that they are one person's."
            )
            grouped.append(person)
    return grouped


def person_of(
    emails: tuple[str, ...], names: Mapping[str, Counter[str]], finder: NameFinder
) -> ProvisionalPerson:
    """Somebody known by address only."""
    called = _called(emails, names, finder)
    name = most_common(called) or name_in_address(emails[0])
    contact = Contact(emails[0], name or emails[0], _ANY, frozenset(emails))
    return ProvisionalPerson(contact, addresses=emails, named=bool(name), spellings=called)


def _called(
    emails: Iterable[str], names: Mapping[str, Counter[str]], finder: NameFinder
) -> Counter[str]:
    """The display names of some addresses. Ordinary words ("Lunch") are none: every title would
    name that person."""
    called: Counter[str] = sum((names.get(email, Counter()) for email in emails), Counter())
    return Counter({name: times for name, times in called.items() if not finder.is_ordinary(name)})


class Company:
    """With whom the user was in completed events, noted while the events go by and before anybody
    knows which addresses are one person's."""

    def __init__(self, mine: Set[str], rules: Meetings, now: datetime) -> None:
        """`mine` are the user's addresses, lower case; `now` is aware."""
        self._mine, self._rules, self._now = mine, rules, now
        self._there: set[tuple[tuple[str, Answer], ...]] = set()
        """Who else was there, by address, and what they answered; each such list once."""
        self.titles: dict[str, set[date]] = defaultdict(set)
        """The titles of those that list nobody else, with their dates in UTC."""

    def note(self, occurrence: Occurrence) -> None:
        """One more event; it counts if rules 1 to 4 say so."""
        if (
            time_failed(occurrence, self._rules, self._now)
            or standing_failed(occurrence)
            or kind_failed(occurrence)
            or part_failed(occurrence, self._mine, self._rules)
            or list_failed(occurrence, self._mine)
            or is_hold(occurrence)
        ):
            return
        present = others(occurrence, self._mine, _NOBODY, self._rules.not_people)
        if present:
            self._there.add(tuple(sorted(present.items())))
        else:
            self.titles[occurrence.title].add(occurrence.start.date())

    def alone_with(self, grouped: Sequence[ProvisionalPerson]) -> set[str]:
        """Whom I met with nobody else there: keys of `grouped`, else addresses. Rule 5."""
        index = ContactIndex([person.contact for person in grouped], vocabulary=Vocabulary())
        identities = {known_as(person.contact): person.contact.key for person in grouped}
        alone: set[str] = set()
        for answers in self._there:
            present: dict[str, Answer] = {}
            for address, answer in answers:
                contact = index.by_email(address)
                person = known_as(contact) if contact else address
                present[person] = firmest(present.get(person, answer), answer)
            there = [person for person, answer in present.items() if answer not in AWAY]
            if len(there) == 1:
                person = identities.get(there[0], there[0])
                if there[0] in identities or is_somebody(person):
                    alone.add(person)
        return alone


def by_title(
    titles: Mapping[str, Set[date]], finder: NameFinder, people: Iterable[ProvisionalPerson]
) -> list[ProvisionalPerson]:
    """Whom titles name: those of `people` who are meant by full name, alias or an only first name,
    and people of whom nothing but a name is known. A first name alone is nobody new where just one
    person found bears it."""
    spelled, credible = _credible_names(titles, finder)
    people = tuple(people)
    by_full = {
        same_name(name): person
        for person in people
        for name in (person.contact.name, *person.contact.aliases)
    }
    bearers: dict[tuple[str, ...], list[ProvisionalPerson | None]] = defaultdict(list)
    for person in people:
        bearers[first_name(person.contact.name)].append(person)
    new = [full for full in credible if full not in by_full]
    for full in new:
        first = first_name(most_common(spelled[full]))
        if first != full:
            bearers[first].append(None)
    named = [by_full[full] for full in credible if full in by_full]
    for full in new:
        meant = bearers[full]
        if len(meant) != 1:
            named.append(
                ProvisionalPerson(
                    Contact(f" title {' '.join(full)}", most_common(spelled[full]), _ANY)
                )
            )
        elif meant[0] is not None:
            named.append(meant[0])
    return named


def _credible_names(
    titles: Mapping[str, Set[date]], finder: NameFinder
) -> tuple[Mapping[tuple[str, ...], Counter[str]], list[tuple[str, ...]]]:
    """How each name in the titles is spelled, and which of them are believed to be names, in a
    fixed order.

    What only may be a name must be seen on several days; a single word must not be seen without its
    capital."""
    spelled: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    seen: dict[tuple[str, ...], set[date]] = defaultdict(set)
    sure: set[tuple[str, ...]] = set()
    ordinary = {word for title in titles for word in title.split() if word.islower()}
    for title, days in titles.items():
        for name, certain in finder.find(title):
            full = same_name(name)
            spelled[full][name] += len(days)
            seen[full] |= days
            if certain:
                sure.add(full)
    believed = [
        full
        for full, days in sorted(seen.items())
        if full in sure
        or (len(days) >= _SEEN_BEFORE and not (len(full) == 1 and full[0] in ordinary))
    ]
    return spelled, believed
