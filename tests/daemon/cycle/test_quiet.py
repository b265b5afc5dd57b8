"""What a poll tells in which nobody had news: everybody as a pass would have told of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from daemon.address_books.book_reading import BookReading
from daemon.cycle.account_reading import AccountReading
from daemon.cycle.quiet import quiet_report
from daemon.ledger.ledger import Ledger
from tests.daemon.world import SUNDAY, Fikad, calendars, config, event, new_ledger
from tests.memory import MemoryAccount, MemoryAddressBooks, MemoryBook, MemoryCalendar
from tests.traced import lines, traced


@dataclass
class Asked:
    """Everybody was asked and listed what they listed before (`daemon.polling.asking.Asking`)."""

    ledger: Ledger | None = field(default_factory=new_ledger)
    accounts: dict[str, Any] = field(default_factory=dict)
    books: dict[str, Any] = field(default_factory=dict)
    recorded: list[datetime] = field(default_factory=list)

    def record(self, now: datetime) -> None:
        self.recorded.append(now)


def reported(asked: Any) -> Any:
    return quiet_report(asked, SUNDAY)


def test_everybody_is_told_as_read_well_with_the_calendars_that_are_read() -> None:
    home = MemoryAccount("home", [MemoryCalendar("a", "Personal"), MemoryCalendar("b", "Left out")])
    club = MemoryAccount("club", [MemoryCalendar("a", "Club")], requests=3)
    asked = Asked(accounts={"home": home, "club": club})
    assert asked.ledger is not None
    asked.ledger.keep_accounts(["home", "club"])
    asked.ledger.add_calendar("home", "a", "Personal", "")
    asked.ledger.add_calendar("club", "b", "Former", "")
    report = reported(asked)
    assert report.readings == [
        AccountReading("home", "ok", "", ("Personal",), 0, 0),
        AccountReading("club", "ok", "", (), 0, 3),
    ]
    assert asked.recorded == [SUNDAY]
    assert report.complete
    assert not report.changed_something


def test_address_books_are_told_with_the_books_that_are_read() -> None:
    cards = MemoryAddressBooks(
        "cards", [MemoryBook("a", "Friends"), MemoryBook("b", "Recently contacted")]
    )
    asked = Asked(books={"cards": cards, "club": MemoryAddressBooks("club", [MemoryBook("a")])})
    assert asked.ledger is not None
    asked.ledger.keep_address_books(["cards", "club"])
    asked.ledger.add_book("cards", "a", "Friends")
    assert reported(asked).books == [
        BookReading("cards", "ok", "", ("Friends",), 0, 1),
        BookReading("club", "ok", "", (), 0, 1),
    ]


def test_events_that_were_set_aside_are_told_again() -> None:
    home = calendars(event("a", "Lunch", SUNDAY).replace("DTSTART:2026", "DTSTART:at noon"))
    fikad = Fikad(config(), home.open)
    told = fikad.once("none").problems
    assert [uid.uid for _, _, uid in told] == ["a"]
    assert reported(Asked(fikad.ledger, {"home": home.account})).problems == told


def test_how_accounts_were_asked_is_shown_to_who_listens() -> None:
    with traced() as shown:
        reported(Asked(accounts={"home": MemoryAccount("home", requests=1)}))
    assert lines(shown) == ["account home: ok, 0 changed, 1 requests"]
