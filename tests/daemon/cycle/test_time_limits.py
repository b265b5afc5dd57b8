"""Reading is given up when it takes too long, in one step or in all, and writing never is.

No test waits: a server tells how long it was given, and a clock goes on as far as it is told to."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from types import SimpleNamespace
from typing import Any

import pytest

from connectors.base import Changes, KnownResources
from connectors.errors import UnreachableError
from daemon.cycle import time_limits
from daemon.cycle.time_limits import STEP_SECONDS, with_book_limits, with_time_limits
from tests.daemon.world import SUNDAY
from tests.memory import MemoryAccount

ENDLESS = 1000


@dataclass
class Server:
    """An account, its calendar, its source of free/busy, an address book, and its one book."""

    takes: float = 0.0
    """How many seconds each answer takes."""
    hangs: bool = False
    """The time that it was given comes to an end before it answers."""
    batches: int = 1
    name: str = "slow"
    knows_free_busy: bool = True
    passed: float = 0.0
    given: list[float] = field(default_factory=list)
    """How many seconds it had for each answer; 0 where nobody would have given it up."""
    asked: list[Any] = field(default_factory=list)

    def monotonic(self) -> float:
        return self.passed

    def _answer(self, *asked: Any) -> None:
        self.asked.append(asked)
        self.given.append(round(signal.getitimer(signal.ITIMER_REAL)[0], 1))
        self.passed += self.takes
        if self.hangs:
            signal.raise_signal(signal.SIGALRM)

    def calendars(self, now: Any) -> list[Server]:
        self._answer(now)
        return [self]

    books = calendars

    @property
    def free_busy(self) -> Server | None:
        return self if self.knows_free_busy else None

    def obstacle(self, now: Any) -> str:
        self._answer(now)
        return "log in anew"

    def busy_times(self, addresses: Any, start: Any, end: Any) -> dict[str, None]:
        self._answer(addresses, start, end)
        return dict.fromkeys(addresses)

    def changes(self, token: Any, known: Any, *, complete: bool = False) -> Iterator[Any]:
        for number in range(self.batches):
            self._answer(token, known, complete)
            yield Changes(token=str(number), last=number == self.batches - 1)

    def create(self, draft: Any) -> str:
        self._answer(draft)
        return "written"


@pytest.fixture
def limited(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """The server as an account, with limits; by its clock."""

    def opened(server: Server, *seconds: float, by: Any = with_time_limits) -> Any:
        clock = SimpleNamespace(monotonic=server.monotonic)
        monkeypatch.setattr(time_limits, "time", clock)
        opener = by({"slow": server}.__getitem__, *seconds)
        return opener("slow")

    return opened


def nobody_waits() -> bool:
    return signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def batches(reading: Iterator[Any]) -> list[str]:
    """The tokens of all of them; of an endless reading the first."""
    return [batch.token for batch in islice(reading, ENDLESS)]


def test_every_step_of_a_reading_has_its_time_and_afterwards_nothing_is_timed(
    limited: Callable[..., Any],
) -> None:
    before = signal.getsignal(signal.SIGALRM)
    server = Server(batches=2)
    account = limited(server, 10, 100)
    [calendar] = account.calendars(SUNDAY)
    assert batches(calendar.changes("t", KnownResources(), complete=True)) == ["0", "1"]
    source = account.free_busy
    assert source.obstacle(SUNDAY) == "log in anew"
    assert source.busy_times(["jane@example.com"], SUNDAY, SUNDAY) == {"jane@example.com": None}
    assert server.given == [10] * 5
    assert server.asked == [
        (SUNDAY,),
        ("t", KnownResources(), True),
        ("t", KnownResources(), True),
        (SUNDAY,),
        (["jane@example.com"], SUNDAY, SUNDAY),
    ]
    assert nobody_waits()
    assert signal.getsignal(signal.SIGALRM) is before


def test_address_books_are_read_with_the_same_limits(limited: Callable[..., Any]) -> None:
    server = Server(batches=3)
    [book] = limited(server, 10, 100, by=with_book_limits).books(SUNDAY)
    assert batches(book.changes("t", {"a": "1"}, complete=True)) == ["0", "1", "2"]
    assert server.given == [10] * 4
    assert server.asked == [(SUNDAY,), *[("t", {"a": "1"}, True)] * 3]


@pytest.mark.parametrize("by", [with_time_limits, with_book_limits])
def test_unless_told_otherwise_a_step_has_minutes_and_an_account_five_times_as_long(
    limited: Callable[..., Any], by: Any
) -> None:
    server = Server(takes=4.5 * STEP_SECONDS)
    account = limited(server, by=by)
    ask = account.calendars if by is with_time_limits else account.books
    ask(SUNDAY)
    ask(SUNDAY)
    assert server.given == [STEP_SECONDS, STEP_SECONDS / 2]


def test_what_takes_too_long_is_given_up_as_if_nobody_had_answered(
    limited: Callable[..., Any],
) -> None:
    before = signal.getsignal(signal.SIGALRM)
    server = Server(hangs=True)
    account = limited(server, 10, 100)
    with pytest.raises(UnreachableError, match="answers take too long: what came is kept"):
        account.calendars(SUNDAY)
    with pytest.raises(UnreachableError, match="take too long"):
        account.free_busy.obstacle(SUNDAY)
    assert nobody_waits()
    assert signal.getsignal(signal.SIGALRM) is before


def test_what_the_caller_does_between_two_batches_is_not_counted(
    limited: Callable[..., Any],
) -> None:
    server = Server(takes=3, batches=4)
    [calendar] = limited(server, 10, 20).calendars(SUNDAY)
    for _ in islice(calendar.changes(None, KnownResources()), ENDLESS):
        assert nobody_waits()
        server.passed += 1000
    assert server.given == [10, 10, 10, 10, 8]


def test_a_reading_without_end_is_given_up_too_and_what_came_is_kept(
    limited: Callable[..., Any],
) -> None:
    server = Server(takes=4, batches=ENDLESS)
    account = limited(server, 10, 18)
    [calendar] = account.calendars(SUNDAY)
    reading = calendar.changes(None, KnownResources())
    assert [next(reading).token for _ in range(4)] == ["0", "1", "2", "3"]
    assert server.given == [10, 10, 10, 6, 2]
    with pytest.raises(UnreachableError, match="answers take too long: what came is kept"):
        next(reading)
    with pytest.raises(UnreachableError, match="too long"):
        account.free_busy.obstacle(SUNDAY)
    assert len(server.given) == 5, "it is not even asked any more"


def test_the_last_moment_is_given_too(limited: Callable[..., Any]) -> None:
    server = Server(takes=9.5)
    account = limited(server, 10, 10)
    account.calendars(SUNDAY)
    account.calendars(SUNDAY)
    assert server.given == [10, 0.5]


def test_when_all_the_time_is_used_up_nobody_is_asked_any_more(limited: Callable[..., Any]) -> None:
    server = Server(takes=5)
    account = limited(server, 10, 10)
    account.calendars(SUNDAY)
    account.calendars(SUNDAY)
    with pytest.raises(UnreachableError, match="too long"):
        account.calendars(SUNDAY)
    assert server.given == [10, 5]


def test_the_time_is_measured_and_the_reading_really_ends() -> None:
    class Hanging(MemoryAccount):
        def calendars(self, now: Any) -> Any:
            time.sleep(5)
            raise AssertionError("nobody gave it up")

    with pytest.raises(UnreachableError, match="too long"):
        with_time_limits(Hanging, 0.01)("slow").calendars(SUNDAY)


def test_a_write_is_never_cut_short(limited: Callable[..., Any]) -> None:
    server = Server()
    [calendar] = limited(server, 10, 100).calendars(SUNDAY)
    assert calendar.create("a draft") == "written"
    assert server.given == [10, 0]


def test_an_account_that_cannot_tell_when_others_are_busy_stays_one(
    limited: Callable[..., Any],
) -> None:
    assert limited(Server(knows_free_busy=False)).free_busy is None
