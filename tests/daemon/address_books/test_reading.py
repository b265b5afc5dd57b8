"""Reading address books into the ledger: only what changed, whole or not at all, and nobody is
taken away by what looks like a loss."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from connectors.address_book import Card
from connectors.base import Problem
from connectors.errors import CredentialsError, UnreachableError
from daemon.address_books.book_reading import BookReading
from daemon.address_books.reading import read_books
from daemon.config.schema import AddressBookEntry, Config
from daemon.ledger.ledger import Ledger
from tests.daemon.world import SUNDAY, new_ledger
from tests.memory import MemoryAddressBooks, MemoryBook


def entry(**more: Any) -> AddressBookEntry:
    table = {"type": "files", "path": "/nowhere", "circles": {"Fika": "council"}, **more}
    config = Config.model_validate(
        {"circles": {"council": {"cadence": "1 month"}}, "addressbooks": {"home": table}}
    )
    return config.addressbooks["home"]


def fika(uid: str, **more: Any) -> Card:
    return Card(uid, f"Person {uid}", labels=("Fika",), **more)


class House:
    """One address book of the config, and the ledger it is read into."""

    def __init__(self, ledger: Ledger, *cards: Card) -> None:
        self.ledger, self.now = ledger, SUNDAY
        self.account = MemoryAddressBooks()
        for card in cards:
            self.book.put(card)

    @property
    def book(self) -> MemoryBook:
        return self.account.held[0]

    def read(self, *, accept: bool = False, **more: Any) -> BookReading:
        return read_books(self.account, entry(**more), self.ledger, self.now, accept_empty=accept)

    def uids(self) -> set[str]:
        return {card.uid for cards in self.ledger.cards("home") for card in cards}


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with new_ledger() as ledger:
        yield ledger


def test_a_quiet_poll_asks_once_and_reads_nothing(ledger):
    house = House(ledger, fika("1"), fika("2"))
    assert house.read() == BookReading("home", "ok", "", ("Contacts",), 2, 1)
    assert house.read() == BookReading("home", "ok", "", ("Contacts",), 0, 1)
    assert house.book.asked == 1


def test_cards_come_back_as_they_were_read(ledger):
    card = fika("1", emails=("a@x.y",), phones=("+49",), members=("9",), dead=True)
    house = House(ledger, card)
    house.read()
    assert ledger.cards("home") == [[card]]
    (stored,) = ledger.books("home").values()
    assert ledger.stored_cards(stored.id) == house.book.stored


def test_what_changed_is_read_and_what_went_goes(ledger):
    house = House(ledger, fika("1"), fika("2"))
    house.read()
    house.book.put(fika("1", aliases=("One",)))
    house.book.put(fika("3"))
    house.book.drop("2")
    assert house.read().changed == 3
    assert house.uids() == {"1", "3"}


def test_once_a_day_everything_is_compared(ledger):
    house = House(ledger, fika("1"))
    house.read()
    house.now += timedelta(hours=25)
    house.read()
    assert house.book.asked == 2
    house.read()
    assert house.book.asked == 2


def test_a_reading_that_ends_halfway_changes_nothing(ledger):
    house = House(ledger, fika("1"), fika("2"))
    house.read()
    house.book.put(fika("3"))
    house.book.put(fika("4"))
    house.book.drop("1")
    house.book.down = UnreachableError("the line went dead", "trying again later")
    reading = house.read()
    assert (reading.state, reading.message) == ("error", "the line went dead: trying again later")
    assert house.uids() == {"1", "2"}
    house.book.down = None
    assert house.read().state == "ok"
    assert house.uids() == {"2", "3", "4"}


def test_a_login_that_fails_is_told_and_everybody_stands(ledger):
    house = House(ledger, fika("1"))
    house.read()
    house.account.down = CredentialsError("wrong password", "run `fikad auth home`")
    assert house.read().state == "auth"
    assert house.uids() == {"1"}
    known = ledger.address_books()["home"]
    assert (known.state, known.last_success) == ("auth", SUNDAY)


def test_a_book_that_is_suddenly_empty_is_not_believed_until_somebody_is_back(ledger):
    house = House(ledger, *(Card(str(number), f"Person {number}") for number in range(5)))
    house.read()
    house.book.clear()
    reading = house.read()
    assert reading.state == "suspect"
    assert reading.message == (
        'the address book "Contacts" had 5 people and now has none: they stay; if that is right,'
        " run `fikad once --accept-empty home`"
    )
    assert len(house.uids()) == 5
    house.book.put(Card("9", "Person 9"))
    assert house.read().state == "ok"
    assert house.uids() == {"9"}


def test_a_label_that_is_gone_takes_nobody_away_until_it_is_back(ledger):
    house = House(ledger, fika("1"), fika("2"), Card("3", "Person 3"))
    house.read()
    house.book.put(Card("1", "Person 1"))
    house.book.put(Card("2", "Person 2"))
    reading = house.read()
    assert reading.state == "suspect"
    assert reading.message == (
        'the label "Fika" of 2 people is gone from the address book "Contacts": they stay; if that'
        " is right, run `fikad once --accept-empty home`"
    )
    assert [card.labels for [*cards] in ledger.cards("home") for card in cards] == [
        ("Fika",),
        ("Fika",),
        (),
    ]
    house.book.put(fika("2"))
    assert house.read().state == "ok"
    assert {card.uid for [*cards] in ledger.cards("home") for card in cards if card.labels} == {"2"}


def test_the_user_can_say_that_it_is_right(ledger):
    house = House(ledger, fika("1"))
    house.read()
    house.book.clear()
    assert house.read().state == "suspect"
    assert house.read(accept=True).state == "ok"
    assert house.uids() == set()
    assert house.read().state == "ok"


def test_one_of_several_with_a_label_may_go_at_once(ledger):
    house = House(ledger, fika("1"), fika("2"))
    house.read()
    house.book.drop("1")
    assert house.read().state == "ok"
    assert house.uids() == {"2"}


def test_a_label_that_all_its_people_gave_up_for_another_takes_nobody_away_and_is_believed(ledger):
    circles = {"Fika": "council", "Freunde": "council"}
    house = House(ledger, fika("1"))
    house.read(circles=circles)
    house.book.put(Card("1", "Person 1", labels=("freunde",)))
    assert house.read(circles=circles).state == "ok"


def test_a_label_that_the_config_does_not_name_may_come_and_go(ledger):
    house = House(ledger, fika("1"), Card("2", "Bob", labels=("Work",)))
    house.read()
    house.book.put(Card("2", "Bob"))
    assert house.read().state == "ok"


def test_people_who_move_to_another_book_of_the_login_are_not_missed(ledger):
    house = House(ledger, fika("1"))
    other = MemoryBook("other", "Other")
    house.account.held.append(other)
    house.read()
    house.book.clear()
    other.put(fika("1"))
    house.read()
    assert house.read().state == "ok"
    assert house.uids() == {"1"}


def test_a_book_filled_by_a_machine_is_left_out_unless_it_is_named(ledger):
    house = House(ledger, fika("1"))
    recent = MemoryBook("recent", "Recently contacted", automatic=True)
    recent.put(fika("2"))
    house.account.held.append(recent)
    assert house.read().books == ("Contacts",)
    assert house.read(books=["Recently contacted"]).books == ("Recently contacted",)
    assert house.uids() == {"2"}


def test_a_book_that_is_not_there_is_told_with_those_that_are(ledger):
    house = House(ledger, fika("1"))
    reading = house.read(books=["Friends"])
    assert reading.state == "error"
    assert reading.message == (
        'there is no address book "Friends"; there is Contacts: correct `books` in the config'
    )


def test_a_book_that_is_not_listed_any_more_keeps_its_people(ledger):
    house = House(ledger, fika("1"))
    house.read()
    house.account.held = [MemoryBook("new", "New")]
    reading = house.read()
    assert reading.state == "error"
    assert "is not listed any more: its people stay" in reading.message
    assert house.uids() == {"1"}
    assert house.read(accept=True).state == "ok"
    assert house.uids() == set()


def test_one_book_that_cannot_be_read_does_not_stop_the_other(ledger):
    house = House(ledger, fika("1"))
    house.account.held.append(MemoryBook("other", "Other"))
    house.account.held[1].put(fika("2"))
    house.read()
    house.book.clear()  # suspect
    house.account.held[1].put(fika("3"))
    assert house.read().state == "suspect"
    assert house.uids() == {"1", "2", "3"}


def test_a_broken_card_is_kept_in_mind_until_it_is_read_or_goes(ledger):
    house = House(ledger, fika("1"))
    house.book.problems = [Problem("2", "The card has no name.")]
    assert house.read().state == "ok"
    assert ledger.broken_cards() == [("home", "Contacts", Problem("2", "The card has no name."))]
    house.book.problems = []
    house.book.put(fika("3"))
    house.read()
    assert len(ledger.broken_cards()) == 1
    house.book.put(fika("2"))
    house.read()
    assert ledger.broken_cards() == []


def test_what_left_the_config_is_forgotten(ledger):
    house = House(ledger, fika("1"))
    house.read()
    ledger.keep_address_books(["work"])
    assert house.uids() == set()
    assert ledger.address_books() == {}
