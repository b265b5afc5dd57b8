"""Which cards and which entries of the config are one person.

Within one book two cards are one person if they bear one name and share an address, or if both
have a label that makes a circle: two such cards of one name are far more often a slip than two
people, and nobody could tell them apart in a title. Between books, and with the entries of the
config, the address decides, else whose a card was until now, else the name. An
address that several have decides nothing; nor does a name where nobody can tell whose it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from connectors.address_book import Card
from daemon.config.schema import ContactEntry
from daemon.config.values import folded


@dataclass(frozen=True, slots=True)
class LabelledCard:
    """A person's card, and what its labels make of it."""

    card: Card
    address_book: str
    """Its name in the config."""
    circle: str = ""
    """Empty: no label of it is mapped."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something that nobody can tell from the books, for the user to settle."""

    kind: Literal["one-name", "unclear-name", "name-taken", "shared-address"]
    """`one-name`: several cards of one name were taken for one person. `unclear-name`: which of
    several cards of one name is meant is unknown, so none was taken. `name-taken`: somebody else
    bears the name of a contact, so a title that names them means nobody. `shared-address`: an
    address stands for nobody, since several contacts have it."""
    address_book: str
    """Its name in the config."""
    about: str
    """The name, or the address."""


@dataclass(slots=True)
class Person:
    """An entry of the config, cards of address books, or both."""

    entry: ContactEntry | None = None
    cards: list[LabelledCard] = field(default_factory=list)

    @property
    def is_contact(self) -> bool:
        """Whether the config names them, or a label of theirs makes a circle."""
        return self.entry is not None or any(card.circle for card in self.cards)

    @property
    def is_dead(self) -> bool:
        """Whether any card of theirs says so."""
        return any(card.card.dead for card in self.cards)

    @property
    def name(self) -> str:
        """What the config calls them, else the first card whose label counts."""
        if self.entry is not None:
            return self.entry.name
        return min(self.cards, key=lambda card: not card.circle).card.name

    @property
    def names(self) -> set[str]:
        """Every full name, folded."""
        entry = {folded(self.entry.name)} if self.entry else set()
        return entry | {folded(card.card.name) for card in self.cards}

    @property
    def emails(self) -> set[str]:
        entry = set(self.entry.emails) if self.entry else set()
        return entry.union(*(card.card.emails for card in self.cards))


def match(
    entries: Iterable[ContactEntry],
    books: Iterable[Sequence[LabelledCard]],
    identities: Mapping[str, str],
) -> tuple[list[Person], list[Doubt]]:
    """Everybody in the config and in the books, one by one in that order, and what is doubtful.
    `identities` gives the contact key that a card (by UID) stood for until now."""
    people, doubts = [Person(entry) for entry in entries], list[Doubt]()
    for book in books:
        groups = _groups(book, doubts)
        owners = _Owners(people, groups, identities, doubts).found()
        for number, group in enumerate(groups):
            if number in owners:
                owners[number].cards += group.cards
            else:
                people.append(group)
    return people, doubts


def _groups(cards: Iterable[LabelledCard], doubts: list[Doubt]) -> list[Person]:
    """The people of one book."""
    by_name = defaultdict[str, list[Person]](list)
    for card in sorted(cards, key=lambda card: (folded(card.card.name), card.card.uid)):
        known = by_name[folded(card.card.name)]
        addresses = set(card.card.emails)
        group = next((each for each in known if addresses & each.emails), None)
        if group is None and card.circle:
            group = next((each for each in known if each.is_contact), None)
            if group is not None:
                doubts.append(Doubt("one-name", card.address_book, card.card.name))
        if group is None:
            known.append(Person(cards=[card]))
        else:
            group.cards.append(card)
    return [group for groups in by_name.values() for group in groups]


class _Owners:
    """Who, of those who are known, are the people of one more book."""

    def __init__(
        self,
        people: Sequence[Person],
        groups: Sequence[Person],
        identities: Mapping[str, str],
        doubts: list[Doubt],
    ) -> None:
        self._people, self._groups, self._doubts = people, groups, doubts
        self._identities = identities
        self._owners: dict[int, Person] = {}
        self._by_email = defaultdict[str, list[Person]](list)
        self._by_name = defaultdict[str, list[Person]](list)
        self._by_uid: dict[str, Person] = {}
        for person in people:
            for email in person.emails:
                self._by_email[email].append(person)
            for name in person.names:
                self._by_name[name].append(person)
            for card in person.cards:
                self._by_uid[card.card.uid] = person

    def found(self) -> dict[int, Person]:
        """The known person by the number of the group."""
        self._match_addresses()
        self._match_uids()
        self._match_former_names()
        self._match_names()
        return self._owners

    def _match_addresses(self) -> None:
        having = defaultdict[str, int](int)
        for group in self._groups:
            for email in group.emails:
                having[email] += 1
        for number, group in enumerate(self._groups):
            shared = sorted(group.emails & self._by_email.keys())
            sharing = [person for email in shared for person in self._by_email[email]]
            alone = [
                self._by_email[email][0]
                for email in shared
                if having[email] == 1 and len(self._by_email[email]) == 1
            ]
            namesakes = [person for person in sharing if person.names & group.names]
            if namesakes or alone:
                self._owners[number] = (namesakes or alone)[0]

    def _match_uids(self) -> None:
        for number, group in self._left():
            known = (self._by_uid.get(card.card.uid) for card in group.cards)
            owner = next((person for person in known if person is not None), None)
            if owner is not None:
                self._owners[number] = owner

    def _match_names(self) -> None:
        by_name = defaultdict[str, list[int]](list)
        for number, group in self._left():
            by_name[folded(group.name)].append(number)
        for name, numbers in by_name.items():
            known = [person for person in self._by_name[name] if not self._is_matched(person)]
            if not known:
                continue
            labelled = [number for number in numbers if self._groups[number].is_contact]
            meant = numbers if len(numbers) == 1 else labelled
            if len(known) == 1 and len(meant) == 1:
                self._owners[meant[0]] = known[0]
            elif any(person.is_contact for person in known):
                group = self._groups[numbers[0]]
                self._doubts.append(Doubt("unclear-name", group.cards[0].address_book, group.name))

    def _match_former_names(self) -> None:
        """Somebody whom the config names, and whose card was renamed."""
        entries = {
            folded(person.entry.name): person
            for person in self._people
            if person.entry is not None and not self._is_matched(person)
        }
        for number, group in self._left():
            former = (self._identities.get(card.card.uid, "") for card in group.cards)
            owner = next((entries[key] for key in former if key in entries), None)
            if owner is not None:
                self._owners[number] = owner

    def _left(self) -> list[tuple[int, Person]]:
        return [
            (number, group)
            for number, group in enumerate(self._groups)
            if number not in self._owners
        ]

    def _is_matched(self, person: Person) -> bool:
        return any(person is owner for owner in self._owners.values())
