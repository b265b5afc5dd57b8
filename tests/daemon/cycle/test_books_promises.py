"""Whatever happens to an address book while holds are open: nobody is lost, no hold is doubled, and
nothing is asked of the dead or of those who said never.

The book is renamed in, relabelled, emptied, half read and brought back, in any order, with passes
in between. What should come of it is kept apart from the code under test: who was ever shown with a
label by a reading that could be believed, and did not leave in one."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from connectors.address_book import Card
from connectors.errors import UnreachableError
from daemon.config.schema import Config
from daemon.people.contacts import Contact
from tests.daemon.world import ROOMY, Clock, Fikad, calendars, config, met_long_ago, new_ledger
from tests.memory import MemoryAddressBooks, MemoryBook

LABELS = {"Fika": "council", "Old friends": "friends"}
FIRST = ("Jane Doe", "Tom Ray", "Ann Lee", "Bob Fox", "Mia Falk", "Ida Holm")
PEOPLE = st.integers(0, len(FIRST) - 1).map(lambda number: f"uid-{number}")


def configured() -> Config:
    return config(
        contacts=[{"name": "Jane Doe", "emails": ["jane@example.com"], "circle": "council"}],
        circles={"council": {"cadence": "4 weeks"}, "friends": {"cadence": "4 weeks"}},
        addressbooks={"home": {"type": "files", "path": "/nowhere", "circles": LABELS}},
        rhythm=ROOMY,
    )


@dataclass
class Book:
    """The user's address book as it is meant to be, and what is wrong with it now."""

    cards: dict[str, Card]
    left: set[str] = field(default_factory=set)
    """Those who lost every label on purpose."""
    trouble: str = ""


class AddressBooksWhileHoldsAreOpen(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.names = itertools.count(1)
        self.book = Book(
            {
                f"uid-{number}": Card(
                    f"uid-{number}",
                    name,
                    emails=(f"{name.split()[0].lower()}@example.com",),
                    labels=("Fika",) if number % 2 else ("Old friends",),
                )
                for number, name in enumerate(FIRST)
            }
        )
        self.account = MemoryAddressBooks()
        self.hidden = self.account.held
        self.calendars = calendars(*met_long_ago(FIRST))
        self.clock = Clock()
        self.fikad = Fikad(
            configured(), self.calendars.open, self.clock, new_ledger(), lambda name: self.account
        )
        self.asked_of: dict[str, str] = {}
        """Whose each hold is, by UID: as its title said when it was first seen."""
        self.known: dict[str, str] = {}
        """What everybody is called, as far as fikad can know, by the UID of their card."""
        self.silent: set[str] = set()
        self.show()
        self.look()
        for uid, key in self.keys().items():
            self.fikad.ledger.note(key, f"note on {uid}", self.clock.now)

    # --- what happens to the book

    @rule(uid=PEOPLE)
    def somebody_is_renamed(self, uid: str) -> None:
        self.change(uid, name=f"Nova {next(self.names)} {uid}")

    @rule(one=PEOPLE, other=PEOPLE)
    def two_change_names(self, one: str, other: str) -> None:
        names = self.book.cards[one].name, self.book.cards[other].name
        self.change(one, name=names[1])
        self.change(other, name=names[0])

    @rule(uid=PEOPLE)
    def somebody_gets_another_address(self, uid: str) -> None:
        self.change(uid, emails=(f"new-{next(self.names)}@example.org",))

    @rule(uid=PEOPLE, label=st.sampled_from(tuple(LABELS)))
    def somebody_is_given_another_label(self, uid: str, label: str) -> None:
        if uid not in self.book.left:
            self.change(uid, labels=(label,))

    @rule(uid=PEOPLE)
    @precondition(lambda self: not self.book.trouble)
    def somebody_leaves(self, uid: str) -> None:
        """Not the last one of a label, which would look like a loss."""
        (label, *_) = self.book.cards[uid].labels or ("",)
        others = [card for card in self.book.cards.values() if label in card.labels]
        if label and len(others) > 1:
            self.change(uid, labels=())
            self.book.left.add(uid)
            self.show()
            self.look()

    @rule(uid=PEOPLE)
    def somebody_dies(self, uid: str) -> None:
        self.change(uid, dead=True)

    @rule(uid=PEOPLE)
    def the_user_answers_never(self, uid: str) -> None:
        if uid in self.keys():
            self.fikad.ledger.never(self.keys()[uid], self.clock.now)
            self.silent.add(uid)

    @rule(trouble=st.sampled_from(["empty", "unlabelled", "half", "gone", "down"]))
    def the_book_goes_wrong(self, trouble: str) -> None:
        self.book.trouble = trouble
        self.show()

    @rule()
    @precondition(lambda self: self.book.trouble)
    def the_book_is_brought_back(self) -> None:
        self.book.trouble = ""
        self.show()

    # --- fikad

    @rule()
    def look(self) -> None:
        report = self.fikad.once()
        if not self.book.trouble:
            assert [book.state for book in report.books] == ["ok"], report.books
            self.known = {
                uid: card.name for uid, card in self.book.cards.items() if uid not in self.book.left
            }
            self.silent |= {uid for uid, card in self.book.cards.items() if card.dead}
        self.note_new_holds()

    @rule(hours=st.sampled_from([1, 24 * 5]))
    def time_passes(self, hours: int) -> None:
        self.clock.forward(hours=hours)

    # --- what must hold

    @invariant()
    def nobody_is_lost(self) -> None:
        keys = self.keys()
        assert set(self.known) <= set(keys)
        contacts = self.contacts()
        for uid in self.known:
            assert self.fikad.ledger.people()[keys[uid]].note == f"note on {uid}"
            assert contacts[keys[uid]].name == ("Jane Doe" if uid == "uid-0" else self.known[uid])

    @invariant()
    def no_hold_is_doubled(self) -> None:
        ahead = [
            self.asked_of[hold.uid]
            for hold in map(self.calendars.hold, self.uids())
            if hold is not None and hold.end > self.clock.now
        ]
        assert len(ahead) == len(set(ahead)), ahead

    # --- how it is done

    def contacts(self) -> dict[str, Contact]:
        return dict(self.fikad.situation().contacts)

    def keys(self) -> dict[str, str]:
        """The contact key of each card."""
        contacts = self.contacts()
        identities = self.fikad.ledger.identities()
        return {uid: key for uid, key in identities.items() if key in contacts}

    def uids(self) -> list[str]:
        return [href.removesuffix(".ics") for href in self.calendars.coffee.resources]

    def note_new_holds(self) -> None:
        called = {**self.known, "uid-0": "Jane Doe"}
        for uid in self.uids():
            hold = self.calendars.hold(uid)
            assert hold is not None
            if uid not in self.asked_of:
                bearing = [
                    who for who, name in called.items() if hold.title == f"Coffee with {name}?"
                ]
                if len(bearing) > 1:  # only the ledger can tell
                    key = self.fikad.holds()[uid].contact_key
                    bearing = [who for who in bearing if self.keys().get(who) == key]
                (self.asked_of[uid],) = bearing
                assert self.asked_of[uid] not in self.silent, hold.title
            if not self.book.trouble and hold.end > self.clock.now:
                assert self.asked_of[uid] not in self.silent, hold.title

    def change(self, uid: str, **values: Any) -> None:
        self.book.cards[uid] = replace(self.book.cards[uid], **values)
        self.show()

    def show(self) -> None:
        """Bring the server in line with the book and its trouble."""
        trouble, book = self.book.trouble, self.account.held[0] if self.account.held else None
        self.account.down = UnreachableError("no answer") if trouble == "down" else None
        if trouble == "gone":
            self.hidden = self.account.held or self.hidden
            self.account.held = []
            return
        if book is None:
            self.account.held = self.hidden
            book = self.account.held[0]
        assert isinstance(book, MemoryBook)
        book.down = UnreachableError("the line went dead") if trouble == "half" else None
        if trouble == "empty":
            book.clear()
            return
        for uid, card in self.book.cards.items():
            shown = replace(card, labels=()) if trouble == "unlabelled" else card
            stored = book.stored.get(f"{uid}.vcf")
            if stored is None or stored.card != shown:
                book.put(shown)


TestAddressBooksWhileHoldsAreOpen = AddressBooksWhileHoldsAreOpen.TestCase
TestAddressBooksWhileHoldsAreOpen.settings = settings(
    max_examples=20, stateful_step_count=25, deadline=None
)
