"""A pass with address books: who is in them is read before anything is judged, and keeps what is
theirs whatever becomes of their card."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from connectors.address_book import Card
from connectors.errors import CredentialsError, UnreachableError
from daemon.config.schema import Config
from daemon.cycle.books import read_address_books
from daemon.overview.status import status_facts
from tests.daemon.world import (
    SUNDAY,
    Calendars,
    Clock,
    Fikad,
    address,
    calendars,
    config,
    event,
    met_long_ago,
    new_ledger,
    person,
)
from tests.memory import MemoryAddressBooks, MemoryBook

LABELS = {"Fika": "council", "Old friends": "friends"}


def card(name: str, uid: str = "", *labels: str, **more: Any) -> Card:
    """Somebody with a label that makes a circle, unless told otherwise."""
    more.setdefault("emails", (address(name),))
    return Card(uid or f"uid-{name.split()[0].lower()}", name, labels=labels or ("Fika",), **more)


def configured(*contacts: dict[str, Any]) -> Config:
    """A config with the address book `home`."""
    return config(
        contacts=list(contacts),
        circles={"council": {"cadence": "4 weeks"}, "friends": {"cadence": "4 weeks"}},
        addressbooks={"home": {"type": "files", "path": "/nowhere", "circles": LABELS}},
    )


class House:
    """One fikad with one address book, and calendars in which everybody was met long ago."""

    def __init__(self, *cards: Card, contacts: tuple[dict[str, Any], ...] = ()) -> None:
        self.books = MemoryAddressBooks()
        for each in cards:
            self.book.put(each)
        names = [each.name for each in cards if not each.is_group]
        self.calendars: Calendars = calendars(*met_long_ago(names))
        self.clock = Clock()
        self.fikad = Fikad(
            configured(*contacts),
            self.calendars.open,
            self.clock,
            new_ledger(),
            lambda name: self.books,
        )

    @property
    def book(self) -> MemoryBook:
        return self.books.held[0]

    def names(self) -> set[str]:
        return {contact.name for contact in self.fikad.situation().contacts.values()}

    def asked(self) -> dict[str, str]:
        """The titles of the holds in the calendar, by UID."""
        texts = self.calendars.coffee.resources.values()
        holds = (self.calendars.hold(resource.href.removesuffix(".ics")) for resource in texts)
        return {hold.uid: hold.title for hold in holds if hold is not None}

    def status(self) -> dict[str, Any]:
        situation = self.fikad.situation()
        return status_facts(self.fikad.config, self.fikad.ledger, situation, self.clock.now)


def test_people_of_a_book_are_asked_like_those_of_the_config():
    house = House(card("Jane Doe"), contacts=(person("Bob Ray"),))
    report = house.fikad.once()
    assert [(book.name, book.state) for book in report.books] == [("home", "ok")]
    assert set(house.asked().values()) == {"Coffee with Jane Doe?", "Coffee with Bob Ray?"}
    contacts = {each["name"]: each for each in house.status()["contacts"]}
    assert {name: each["source"] for name, each in contacts.items()} == {
        "Jane Doe": "home",
        "Bob Ray": "config",
    }
    assert contacts["Jane Doe"]["circle"] == "council"
    assert contacts["Jane Doe"]["last_met"]


def test_status_tells_of_each_book():
    house = House(card("Jane Doe"), Card("x", "Tom Ray"))
    (told,) = house.status()["addressbooks"]
    assert (told["state"], told["last_success"], told["people"]) == ("stale", None, 0)
    house.fikad.once()
    (told,) = house.status()["addressbooks"]
    assert told["name"] == "home"
    assert (told["state"], told["message"], told["people"]) == ("ok", "", 1)
    assert house.status()["healthy"]
    house.books.down = UnreachableError("no answer", "trying again later")
    house.fikad.once()
    (told,) = house.status()["addressbooks"]
    assert (told["state"], told["people"]) == ("error", 1)
    assert not house.status()["healthy"]


def test_a_quiet_pass_asks_the_book_once():
    house = House(card("Jane Doe"))
    house.fikad.once()
    sent = house.books.requests
    assert house.fikad.once().books[0].requests == 1
    assert house.books.requests == sent + 1


@pytest.mark.parametrize("error", [UnreachableError("down"), CredentialsError("wrong password")])
def test_a_book_that_cannot_be_read_keeps_nobody_from_being_asked(error):
    house = House(card("Jane Doe"))
    house.fikad.once("none")
    house.books.down = error
    report = house.fikad.once()
    assert report.books[0].state in ("error", "auth")
    assert report.complete
    assert list(house.asked().values()) == ["Coffee with Jane Doe?"]


def test_a_book_that_cannot_be_opened_takes_nobody_away():
    house = House(card("Jane Doe"))
    house.fikad.once()

    def refuse(name: str) -> Any:
        raise CredentialsError("the keyring is locked")

    house.fikad.book_opener = refuse
    assert house.fikad.once().books[0].state == "auth"
    assert list(house.asked().values()) == ["Coffee with Jane Doe?"]


def test_somebody_renamed_keeps_hold_note_and_snooze_and_is_not_asked_twice():
    house = House(card("Jane Doe"))
    house.fikad.once()
    ledger = house.fikad.ledger
    ledger.note("jane doe", "likes tea", SUNDAY)
    before = house.asked()
    house.book.put(card("Jane Smith", "uid-jane", emails=("new@example.com",)))
    report = house.fikad.once()
    assert house.asked() == before
    assert report.holds == {}
    assert report.met == []
    (told,) = house.status()["contacts"]
    assert (told["name"], told["note"]) == ("Jane Smith", "likes tea")
    assert told["hold"]["contact"] == "Jane Smith"
    assert told["hold"]["uid"] in before


def test_the_title_of_an_untouched_hold_follows_when_it_is_moved():
    house = House(card("Jane Doe"))
    house.fikad.once()
    ((uid, title),) = house.asked().items()
    house.book.put(card("Jane Smith", "uid-jane"))
    house.fikad.once()
    assert house.asked() == {uid: title}
    hold = house.calendars.hold(uid)
    assert hold is not None
    house.calendars.put(event("dentist", "Dentist", hold.start))
    report = house.fikad.once()
    assert [moved.uid for moved in report.holds["moved"]] == [uid]
    assert house.asked() == {uid: "Coffee with Jane Smith?"}


def test_a_hold_that_was_deleted_stays_an_answer_under_the_new_name():
    house = House(card("Jane Doe"))
    house.fikad.once()
    ((uid, _),) = house.asked().items()
    house.calendars.delete(uid)
    house.book.put(card("Jane Smith", "uid-jane"))
    report = house.fikad.once()
    assert [hold.uid for hold in report.holds["dismissed"]] == [uid]
    assert house.asked() == {}
    assert house.status()["contacts"][0]["waiting_code"] == "resting"


def test_never_holds_under_the_new_name():
    house = House(card("Jane Doe"))
    house.fikad.once("none")
    house.fikad.ledger.never("jane doe", SUNDAY)
    house.book.put(card("Jane Smith", "uid-jane"))
    house.fikad.once()
    assert house.asked() == {}
    assert house.status()["contacts"] == []


def test_who_moves_to_another_label_keeps_their_hold():
    house = House(card("Jane Doe"), card("Bob Ray"))
    house.fikad.once()
    before = house.asked()
    house.book.put(card("Jane Doe", "", "Old friends"))
    house.fikad.once()
    assert house.asked() == before
    circles = {each["name"]: each["circle"] for each in house.status()["contacts"]}
    assert circles == {"Jane Doe": "friends", "Bob Ray": "council"}


def test_who_loses_their_label_while_others_keep_theirs_is_a_contact_no_more():
    house = House(card("Jane Doe"), card("Bob Ray"))
    house.fikad.once()
    house.book.put(card("Jane Doe", "", "Work"))
    report = house.fikad.once()
    assert [hold.reason for hold in report.holds["withdrawn"]] == [
        "Jane Doe is not among your contacts any more."
    ]
    assert list(house.asked().values()) == ["Coffee with Bob Ray?"]


def test_who_died_is_asked_nothing_and_named_nowhere():
    house = House(card("Jane Doe"), card("Bob Ray"))
    house.fikad.once()
    house.book.put(card("Jane Doe", dead=True))
    report = house.fikad.once()
    assert list(house.asked().values()) == ["Coffee with Bob Ray?"]
    assert "jane doe" in report.silent
    assert "Jane" not in repr(house.status())
    assert house.status()["paused"] == 0
    house.clock.forward(weeks=3)
    house.fikad.once()
    assert "Jane" not in " ".join(house.asked().values())


def test_a_first_name_that_the_dead_bore_too_still_is_ambiguous():
    house = House(card("Jane Doe", dead=True), card("Jane Roe", "uid-roe"))
    house.fikad.once()
    named = house.fikad.situation().judge.index.named("Coffee with Jane")
    assert named.code == "ambiguous-name"
    assert "Doe" not in named.reason


def test_holds_of_people_whom_no_reading_has_shown_yet_are_left_alone():
    """As when the people of the config have just been moved into an address book."""
    house = House(card("Jane Doe"))
    house.fikad.once()
    before = house.asked()
    fresh = Fikad(
        house.fikad.config, house.calendars.open, house.clock, new_ledger(), house.fikad.book_opener
    )
    house.books.down = UnreachableError("down")
    moved = fresh.config
    fresh.config = config("Jane Doe")
    fresh.once("none")
    assert len(fresh.holds()) == 1
    fresh.config = moved
    fresh.once()
    assert house.asked() == before
    house.books.down = None
    house.clock.now += timedelta(minutes=15)
    fresh.once()
    assert house.asked() == before


def test_an_entry_of_the_config_for_somebody_in_the_book_keeps_their_hold():
    house = House(card("Jane Doe"))
    house.fikad.once()
    before = house.asked()
    entry = {"name": "Jane Q. Doe", "emails": [address("Jane Doe")], "circle": "friends"}
    house.fikad.config = configured(entry)
    house.fikad.once()
    assert house.asked() == before
    assert [each["name"] for each in house.status()["contacts"]] == ["Jane Q. Doe"]


# --- several books ---


class Shelf:
    """Address books of a config, of which some cannot be opened."""

    def __init__(self, *names: str) -> None:
        self.books = {name: MemoryAddressBooks(name, [MemoryBook(name)]) for name in names}
        self.locked: set[str] = set()
        self.ledger = new_ledger()

    def open(self, name: str) -> MemoryAddressBooks:
        if name in self.locked:
            raise CredentialsError("the keyring is locked")
        return self.books[name]

    def read(self, *accept_empty: str, names: tuple[str, ...] = ()) -> list[tuple[str, str]]:
        """How each was read: those of the config, or some."""
        tables = {
            name: {"type": "files", "path": "/nowhere", "circles": LABELS}
            for name in names or self.books
        }
        made = config(circles={"council": {"cadence": "4 weeks"}}, addressbooks=tables)
        told = read_address_books(made, self.ledger, self.open, SUNDAY, accept_empty)
        return [(each.name, each.state) for each in told]


def test_each_book_is_opened_by_its_name_and_one_that_fails_stops_none_after_it():
    shelf = Shelf("home", "work", "club")
    assert shelf.read() == [("home", "ok"), ("work", "ok"), ("club", "ok")]
    shelf.locked.add("home")
    assert shelf.read() == [("home", "auth"), ("work", "ok"), ("club", "ok")]
    assert [shelf.ledger.books(name).keys() for name in ("work", "club")] == [{"work"}, {"club"}]


def test_a_book_that_is_configured_no_more_is_forgotten():
    shelf = Shelf("home", "work")
    for name, each in shelf.books.items():
        each.held[0].put(card("Jane Doe", name))
    shelf.read()
    shelf.read(names=("work",))
    assert shelf.ledger.address_books().keys() == {"work"}
    assert shelf.ledger.cards("home") == []
    assert len(shelf.ledger.cards("work")) == 1


def test_a_book_that_is_empty_all_of_a_sudden_is_believed_where_the_user_says_so():
    shelf = Shelf("home", "work")
    for each in shelf.books.values():
        for number in range(9):
            each.held[0].put(card(f"Jane {number}", f"uid-{number}"))
    shelf.read()
    for each in shelf.books.values():
        each.held[0].clear()
    assert shelf.read() == [("home", "suspect"), ("work", "suspect")]
    assert shelf.read("work") == [("home", "suspect"), ("work", "ok")]


def test_a_card_that_is_gone_for_a_while_comes_back_as_who_they_are_called_by_now():
    """Of two cards of one person one goes, and the other gets a new name meanwhile."""
    both = (card("Jane Doe", "uid-1"), card("Jane Doe", "uid-2"))
    house = House(*both)
    house.fikad.once("none")
    assert house.fikad.ledger.identities() == {"uid-1": "jane doe", "uid-2": "jane doe"}
    house.book.drop("uid-1")
    house.fikad.once("none")
    house.book.put(card("Jane Smith", "uid-2"))
    house.fikad.once("none")
    assert house.fikad.ledger.identities()["uid-2"] == "jane smith"
    assert house.fikad.ledger.identities()["uid-1"] == "jane smith"
