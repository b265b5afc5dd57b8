"""What every address book does, whatever it speaks. Each test runs on each kind (see
`book_backends`)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.address_book import (
    AddressBook,
    Card,
    CardChanges,
    StoredCard,
    YearlyDay,
    labels_by_uid,
)
from tests.connectors.book_backends import BOOK_BACKENDS, BookBackend, Person

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
JANE = Person("jane", "Jane Doe", ["jane@x.org"], ["Friends"], "1990-04-12", "Janie")
BOB = Person("bob", "Bob Roe", ["bob@x.org"])
ODD_KEYS = ("a b", "100%", "珈琲", "a&b<c>", "plus+minus", "4000000@example.com:ABPerson")


@pytest.fixture(params=BOOK_BACKENDS)
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BookBackend]:
    with BOOK_BACKENDS[request.param](tmp_path) as backend:
        yield backend


@pytest.fixture
def place(backend: BookBackend) -> str:
    return backend.add_book("People & more")


@dataclass
class Reader:
    """Whoever keeps what is read of one book."""

    backend: BookBackend
    cards: dict[str, StoredCard] = field(default_factory=dict)
    token: str | None = None
    problems: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    """UIDs that the last reading brought."""

    def book(self) -> AddressBook:
        [book] = self.backend.account().books(NOW)
        return book

    def read(self, *, complete: bool = False) -> Reader:
        known = {href: stored.etag for href, stored in self.cards.items()}
        self.changed, self.problems = [], []
        *before, last = self.book().changes(self.token, known, complete=complete)
        assert not any(batch.last or batch.token or batch.removed for batch in before)
        assert last.last
        for batch in (*before, last):
            self._keep(batch)
        self.token = last.token
        return self

    def _keep(self, batch: CardChanges) -> None:
        for stored in batch.changed:
            self.cards[stored.href] = stored
            self.changed.append(stored.card.uid)
        for href in batch.removed:
            del self.cards[href]
        self.problems += [f"{problem.uid} {problem.reason}" for problem in batch.problems]

    @property
    def people(self) -> dict[str, Card]:
        return {s.card.name: s.card for s in self.cards.values() if not s.card.is_group}

    @property
    def labels(self) -> dict[str, frozenset[str]]:
        by_uid = labels_by_uid(stored.card for stored in self.cards.values())
        return {name: by_uid[card.uid] for name, card in self.people.items()}


def test_everybody_is_read_with_everything_that_is_theirs(backend: BookBackend, place: str) -> None:
    backend.put(place, JANE)
    backend.put(place, BOB)
    reader = Reader(backend).read()
    assert reader.labels == {"Jane Doe": {"Friends"}, "Bob Roe": set()}
    jane = reader.people["Jane Doe"]
    assert (jane.first_name, jane.emails, jane.aliases) == ("Jane", ("jane@x.org",), ("Janie",))
    assert jane.birthday == YearlyDay(4, 12, 1990)
    assert not jane.dead
    assert reader.problems == []


def test_a_book_is_called_what_its_user_calls_it(backend: BookBackend, place: str) -> None:
    del place
    book = Reader(backend).book()
    assert book.name == ("Contacts" if backend.one_book else "People & more")
    assert not book.automatic
    assert Reader(backend).book().id == book.id


def test_several_books_are_read_apart(backend: BookBackend, place: str) -> None:
    if backend.one_book:
        pytest.skip("there is only one")
    backend.put(place, JANE)
    backend.put(backend.add_book("Work"), BOB)
    people = {
        book.name: [s.card.name for batch in book.changes(None, {}) for s in batch.changed]
        for book in backend.account().books(NOW)
    }
    assert people == {"People & more": ["Jane Doe"], "Work": ["Bob Roe"]}


def test_an_empty_book_holds_nobody(backend: BookBackend, place: str) -> None:
    del place
    assert Reader(backend).read().people == {}


def test_only_what_changed_comes_again(backend: BookBackend, place: str) -> None:
    backend.put(place, JANE)
    backend.put(place, BOB)
    reader = Reader(backend).read()
    assert reader.read().changed == []
    backend.put(place, Person("bob", "Bob Roe", ["bob@home.org"]))
    assert len(reader.read().changed) == 1
    assert reader.people["Bob Roe"].emails == ("bob@home.org",)


def test_what_is_known_by_its_etag_does_not_come_again(backend: BookBackend, place: str) -> None:
    for number in range(5):
        backend.put(place, Person(f"p{number}", f"Person {number}"))
    reader = Reader(backend).read()
    reader.token = None
    assert reader.read().changed == []
    assert reader.read(complete=True).changed == []
    assert len(reader.people) == 5


def test_who_is_gone_is_told_whatever_is_asked(backend: BookBackend, place: str) -> None:
    for person in (JANE, BOB, Person("kim", "Kim Poe")):
        backend.put(place, person)
    reader = Reader(backend).read()
    backend.erase(place, "bob")
    assert reader.read().people.keys() == {"Jane Doe", "Kim Poe"}
    backend.erase(place, "kim")
    assert reader.read(complete=True).people.keys() == {"Jane Doe"}


def test_who_is_renamed_or_labelled_anew_stays_the_same(backend: BookBackend, place: str) -> None:
    backend.put(place, JANE)
    reader = Reader(backend).read()
    before = reader.people["Jane Doe"].uid
    backend.put(place, Person("jane", "Jane Roe", ["jane@roe.org"], ["Choir"]))
    reader.read()
    assert reader.labels == {"Jane Roe": {"Choir"}}
    assert reader.people["Jane Roe"].uid == before
    assert len(reader.cards) == 1 or backend.one_book


def test_a_group_labels_its_people(backend: BookBackend, place: str) -> None:
    backend.put(place, BOB)
    backend.put(place, Person("kim", "Kim Poe"))
    backend.put_group(place, "choir", "Choir", ["bob"])
    reader = Reader(backend).read()
    assert reader.labels == {"Bob Roe": {"Choir"}, "Kim Poe": set()}
    backend.put_group(place, "choir", "Choir", ["kim"])
    assert reader.read(complete=True).labels == {"Bob Roe": set(), "Kim Poe": {"Choir"}}
    backend.erase(place, "choir")
    assert reader.read(complete=True).labels == {"Bob Roe": set(), "Kim Poe": set()}


def test_a_broken_card_is_told_of_and_stops_nobody(backend: BookBackend, place: str) -> None:
    if not backend.broken:
        pytest.skip("no card of this kind can be broken")
    backend.put(place, JANE)
    backend.put_broken(place, "odd")
    backend.put(place, BOB)
    reader = Reader(backend).read()
    assert reader.people.keys() == {"Jane Doe", "Bob Roe"}
    [problem] = reader.problems
    assert "odd" in problem
    assert "name" in problem


def test_a_card_that_breaks_takes_nobody_away(backend: BookBackend, place: str) -> None:
    if not backend.broken:
        pytest.skip("no card of this kind can be broken")
    backend.put(place, JANE)
    reader = Reader(backend).read()
    backend.put_broken(place, "jane")
    reader.read()
    assert reader.people.keys() == {"Jane Doe"}
    assert len(reader.problems) == 1
    assert reader.read(complete=True).people.keys() == {"Jane Doe"}
    backend.put(place, JANE)
    assert reader.read().problems == []
    backend.erase(place, "jane")
    assert reader.read().people == {}


def test_odd_keys_and_many_people_are_no_trouble(backend: BookBackend, place: str) -> None:
    keys = [*ODD_KEYS, *(f"n{number}" for number in range(90))]
    for key in keys:
        backend.put(place, Person(key, f"Person {key}"))
    reader = Reader(backend).read()
    assert len(reader.people) == len(keys)
    assert reader.read().changed == []
    backend.erase(place, ODD_KEYS[0])
    assert len(reader.read().people) == len(keys) - 1


def test_an_unchanged_book_need_not_be_asked(backend: BookBackend, place: str) -> None:
    backend.put(place, JANE)
    reader = Reader(backend)
    book = reader.book()
    reader.read()
    assert book.version is None or reader.book().version == book.version
    backend.put(place, BOB)
    assert book.version is None or reader.book().version != book.version


def test_a_poll_costs_at_most_one_request(backend: BookBackend, place: str) -> None:
    backend.put(place, JANE)
    reader = Reader(backend).read()
    account = backend.account()
    [book] = account.books(NOW)
    if book.version is None:
        list(book.changes(reader.token, {h: s.etag for h, s in reader.cards.items()}))
    assert account.requests <= 1
