"""What a pass saw and did. What happens on its way is told to it as data, and means the same
wherever it happened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Literal

from connectors.errors import AccountError, CredentialsError, FikadError, ReadOnlyError

if TYPE_CHECKING:
    from connectors.base import Problem
    from daemon.address_books.book_reading import BookReading
    from daemon.cycle.account_reading import AccountReading
    from daemon.holds.record import Hold
    from daemon.judging.verdict import Verdict
    from daemon.ledger.reading_state import ReadingState
    from daemon.ledger.readings import CalendarKey
    from daemon.planning.request import Waiting
    from daemon.polling.mark import Listing


@dataclass(frozen=True, slots=True)
class Became:
    """What became of a hold, in one word (`daemon.holds.transition.news`)."""

    word: str
    hold: Hold


@dataclass(frozen=True, slots=True)
class Renewed:
    """An unanswered hold that was written anew where it is."""

    hold: Hold


DigestWord = Literal["written", "rewritten", "removed"]


@dataclass(frozen=True, slots=True)
class DigestBecame:
    """What became of a weekly digest."""

    word: DigestWord
    title: str
    day: date


@dataclass(frozen=True, slots=True)
class CalendarMade:
    """The calendar of holds was made."""

    account: str
    name: str


@dataclass(frozen=True, slots=True)
class Unwritten:
    """An account that was read and could not be written."""

    account: str
    error: FikadError


@dataclass(frozen=True, slots=True)
class Hiding:
    """A calendar that took an event of ours and does not give it back, with its name."""

    calendar: CalendarKey
    name: str


OUTCOMES = ("proposed", "moved", "withdrawn", "accepted", "pinned", "dismissed", "lapsed", "missed")
"""What can become of a hold in a pass, in the order in which it is told."""

Outcome = Became | Renewed | DigestBecame | CalendarMade | Unwritten | Hiding
"""What came of something that was carried out."""


@dataclass(slots=True)
class Report:
    """What a pass saw and did."""

    readings: list[AccountReading] = field(default_factory=list)
    """One for each account, in the order of the config."""
    books: list[BookReading] = field(default_factory=list)
    """One for each address book, likewise."""
    names: Mapping[str, str] = field(default_factory=dict)
    """What everybody is called by now, by contact key."""
    met: list[Verdict] = field(default_factory=list)
    """Meetings that this pass counted for the first time."""
    holds: dict[str, list[Hold]] = field(default_factory=dict)
    """What became of holds in this pass, by the words of `OUTCOMES`."""
    renewed: list[Hold] = field(default_factory=list)
    """Unanswered holds that were written anew where they are."""
    digests: list[DigestBecame] = field(default_factory=list)
    made: CalendarMade | None = None
    waiting: list[Waiting] = field(default_factory=list)
    problems: list[tuple[str, str, Problem]] = field(default_factory=list)
    """Events that were set aside: account, calendar, problem."""
    planned: bool = False
    """Whether new holds could be proposed at all: every account was read."""
    not_writable: str = ""
    """Why holds cannot be written, for the user."""
    page_trouble: str = ""
    """Why the page could not be written, where one is wanted."""
    unasked: tuple[tuple[str, str], ...] = ()
    """Accounts (by name, the empty one for all) that could not be asked when others are busy, and
    why; what was told before is not told again."""
    listings: Mapping[str, Listing] = field(default_factory=dict)
    """What every account listed last."""
    quiet: tuple[datetime, datetime] | None = None
    """From when and until when a poll without news would find nothing to do, after a pass that
    found nothing either. None: the next poll is a pass in any case."""
    silent: frozenset[str] = frozenset()
    """The keys of those who are to be named nowhere by now; their meetings are not told."""

    @property
    def complete(self) -> bool:
        """Whether every account could be read."""
        return all(reading.state == "ok" for reading in self.readings)

    @property
    def changed_something(self) -> bool:
        """Whether anything came in, was decided or was counted."""
        came_in = sum(each.changed for each in self.readings) + sum(
            each.changed for each in self.books
        )
        written = self.renewed or self.digests or self.made
        return came_in > 0 or bool(self.met or written) or any(self.holds.values())

    @property
    def outcomes(self) -> Iterator[tuple[str, Hold]]:
        """What became of which hold, in the order in which it is told."""
        return ((word, hold) for word in OUTCOMES for hold in self.holds.get(word, ()))

    @property
    def unread(self) -> list[str]:
        """The accounts that could not be read or written."""
        return [reading.account for reading in self.readings if reading.state != "ok"]

    def note_reading(self, reading: AccountReading) -> None:
        """An account was read, perhaps once more in this pass."""
        for index, before in enumerate(self.readings):
            if before.account == reading.account:
                self.readings[index] = before.and_then(reading)
                return
        self.readings.append(reading)

    def note_unwritten(self, unwritten: Unwritten) -> None:
        """An account failed at a write. Where only its calendar cannot be written, the account is
        well."""
        account, error = unwritten.account, unwritten.error
        if isinstance(error, ReadOnlyError) or not isinstance(error, AccountError):
            self.not_writable = str(error)
            return
        state: ReadingState = "auth" if isinstance(error, CredentialsError) else "error"
        self.readings = [
            replace(reading, state=state, message=str(error))
            if reading.account == account
            else reading
            for reading in self.readings
        ]

    def note_hold(self, became: Became) -> None:
        """The last word about a hold in a pass is what counts."""
        for holds in self.holds.values():
            holds[:] = [hold for hold in holds if hold.uid != became.hold.uid]
        self.holds.setdefault(became.word, []).append(became.hold)
