"""The accounts of a pass: opened once, read as often as needed, closed at its end; and what one
reading of them all says."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest

from connectors.errors import AccountError, CredentialsError, UnreachableError
from connectors.trace import TRACE
from daemon.config.schema import Config
from daemon.cycle.account_reading import AccountReading
from daemon.cycle.accounts import AccountsRead, PassAccounts
from daemon.cycle.reading import SLACK, ReadAccount
from daemon.ledger.ledger import Ledger
from tests.daemon.world import SUNDAY, Inline, config, event, new_ledger
from tests.memory import MemoryAccount, MemoryCalendar

NAMES = ("home", "work", "club")


class Closing(MemoryAccount):
    """An account that tells when it is closed."""

    closed: bool = False

    def close(self) -> None:
        self.closed = True


def three(**fields: Mapping[str, Any]) -> Config:
    """A config of three accounts; `fields` are further keys of some."""
    entry = {"type": "files", "path": "/nowhere"}
    return config(accounts={name: {**entry, **fields.get(name, {})} for name in NAMES})


@dataclass
class House:
    """Three accounts, of which some may fail to open; each has one calendar of one event."""

    config: Config = field(default_factory=three)
    failing: dict[str, AccountError] = field(default_factory=dict)
    ledger: Ledger = field(default_factory=new_ledger)
    noted: list[AccountReading] = field(default_factory=list)
    progress: list[tuple[str, str, int, int | None]] = field(default_factory=list)
    accounts: dict[str, Closing] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ledger.keep_accounts(self.config.accounts)
        for name in NAMES:
            calendar = MemoryCalendar(f"{name}-calendar", name.title())
            calendar.put("a.ics", event(f"{name}-a", "Lunch", SUNDAY + timedelta(days=1)))
            self.accounts[name] = Closing(name, [calendar])

    def open(self, name: str) -> Closing:
        if name in self.failing:
            raise self.failing[name]
        return self.accounts[name]

    def opened(self, accept_empty: Collection[str] = (), expander: Any = None) -> PassAccounts:
        lent: Any = expander or Inline()
        made = PassAccounts(
            self.config,
            self.ledger,
            expander=lent,
            progress=lambda *told: self.progress.append(told),
            accept_empty=accept_empty,
            note=self.noted.append,
        )
        made.open(self.open)
        return made


def test_each_account_is_read_and_noted_and_all_are_closed_at_the_end() -> None:
    house = House()
    with house.opened() as accounts:
        assert [account.name for account in accounts.opened] == list(NAMES)
        read = accounts.read(SUNDAY)
        assert not any(account.closed for account in house.accounts.values())
    assert all(account.closed for account in house.accounts.values())
    assert [each.account for each in read.accounts] == list(house.accounts.values())
    assert house.noted == [AccountReading(name, "ok", "", (name.title(),), 1, 0) for name in NAMES]
    assert [each.reading for each in read.accounts] == house.noted
    assert ("club", "Club", 1, 1) in house.progress
    assert {each.uid for each in house.ledger.occurrences(SUNDAY, SUNDAY + timedelta(days=2))} == {
        f"{name}-a" for name in NAMES
    }


def test_how_each_account_was_read_is_shown_to_who_listens(
    caplog: pytest.LogCaptureFixture,
) -> None:
    house = House(failing={"home": CredentialsError("the password is wrong")})
    with caplog.at_level("DEBUG", TRACE.name), house.opened() as accounts:
        accounts.read(SUNDAY)
    assert caplog.messages == [
        "account home: auth, 0 changed, 0 requests",
        "account work: ok, 1 changed, 0 requests",
        "account club: ok, 1 changed, 0 requests",
    ]


def test_an_account_that_cannot_be_opened_is_noted_in_its_place_and_the_others_are_read() -> None:
    house = House(failing={"home": CredentialsError("the password is wrong")})
    with house.opened() as accounts:
        assert [account.name for account in accounts.opened] == ["work", "club"]
        for _ in range(2):
            read = accounts.read(SUNDAY)
            assert [each.account.name for each in read.accounts] == ["work", "club"]
    assert [(one.account, one.state, one.changed) for one in house.noted] == [
        ("home", "auth", 0),
        ("work", "ok", 1),
        ("club", "ok", 1),
        ("home", "auth", 0),
        ("work", "ok", 0),
        ("club", "ok", 0),
    ]
    assert house.noted[0].message == "the password is wrong"
    known = house.ledger.accounts()
    assert (known["home"].state, known["home"].message) == ("auth", "the password is wrong")
    assert house.accounts["work"].closed


def test_an_account_is_read_as_its_entry_says_and_where_holds_stand() -> None:
    house = House(three(work={"ignore": ["Work"]}, home={"calendars": ["Elsewhere"]}))
    house.accounts["home"].held += [MemoryCalendar("Elsewhere"), MemoryCalendar("Coffee")]
    with house.opened() as accounts:
        accounts.read(SUNDAY)
    assert [one.calendars for one in house.noted] == [("Elsewhere", "Coffee"), (), ("Club",)]


def test_a_series_is_expanded_as_far_as_the_config_looks() -> None:
    house = House()
    with house.opened() as accounts:
        accounts.read(SUNDAY)
    [stored] = house.ledger.calendars("club").values()
    assert stored.expanded_to is not None
    assert stored.expanded_to >= SUNDAY + house.config.rhythm.horizon + SLACK
    far = House(
        config(
            accounts={name: {"type": "files", "path": "/nowhere"} for name in NAMES},
            rhythm={"horizon": "25 weeks"},
        )
    )
    with far.opened() as accounts:
        accounts.read(SUNDAY)
    [stored] = far.ledger.calendars("club").values()
    assert stored.expanded_to is not None
    assert stored.expanded_to >= SUNDAY + timedelta(weeks=25) + SLACK


@pytest.mark.parametrize("accept_empty", [(), ("home",), ("work",)])
def test_a_calendar_that_is_empty_all_of_a_sudden_is_believed_where_the_user_says_so(
    accept_empty: Collection[str],
) -> None:
    house = House()
    [calendar] = house.accounts["home"].held
    for number in range(5):
        calendar.put(f"{number}.ics", event(f"{number}", "Lunch", SUNDAY))
    with house.opened() as accounts:
        accounts.read(SUNDAY)
    for href in list(calendar.resources):
        calendar.drop(href)
    with house.opened(accept_empty) as accounts:
        read = accounts.read(SUNDAY)
    believed = "home" in accept_empty
    assert read.accounts[0].reading.state == ("ok" if believed else "suspect")
    assert read.gone == frozenset(accept_empty)


def test_what_an_account_remembers_after_a_write_is_kept() -> None:
    house = House(failing={"work": UnreachableError("down")})
    with house.opened() as accounts:
        accounts.read(SUNDAY)
        house.accounts["home"].memo["made"] = "Coffee"
        house.accounts["club"].memo["seen"] = 7
        accounts.save_memos()
    kept = {name: state.memo for name, state in house.ledger.accounts().items()}
    assert kept == {"home": {"made": "Coffee"}, "work": {}, "club": {"seen": 7}}


def test_where_no_expander_is_lent_one_is_started_and_ended_with_the_pass() -> None:
    steps = []

    class Started(Inline):
        def __enter__(self) -> Started:
            steps.append("started")
            return self

        def __exit__(self, *_: object) -> None:
            steps.append("ended")

    house = House()
    with patch("daemon.cycle.accounts.Expander", Started):
        with house.opened(expander=Inline()) as accounts:
            accounts.read(SUNDAY)
        assert steps == []
        with PassAccounts(
            house.config,
            new_ledger(),
            expander=None,
            progress=lambda *told: None,
            accept_empty=(),
            note=house.noted.append,
        ) as accounts:
            accounts.open(house.open)
            accounts.read(SUNDAY)
            assert steps == ["started"]
    assert steps == ["started", "ended"]
    assert house.noted[-1] == AccountReading("club", "ok", "", ("Club",), 1, 0)


# --- what one reading of all says ---

HOME = ReadAccount(
    MemoryAccount("home"), AccountReading("home", "ok"), (MemoryCalendar("a"), MemoryCalendar("b"))
)
WORK = ReadAccount(MemoryAccount("work"), AccountReading("work", "ok"), (MemoryCalendar("c"),))


def failing(read: ReadAccount) -> ReadAccount:
    return replace(read, reading=replace(read.reading, state="error"))


def changed(read: ReadAccount) -> ReadAccount:
    return replace(read, reading=replace(read.reading, changed=1))


def test_only_calendars_of_accounts_that_were_read_to_their_end_count_as_read() -> None:
    read = AccountsRead([HOME, WORK], ("work", "club"))
    assert read.well == [HOME, WORK]
    assert read.calendars == {
        ("home", "a"): HOME.calendars[0],
        ("home", "b"): HOME.calendars[1],
        ("work", "c"): WORK.calendars[0],
    }
    assert read.gone == {"work"}
    half = AccountsRead([HOME, failing(WORK)], ("work", "club"))
    assert half.well == [HOME]
    assert set(half.calendars) == {("home", "a"), ("home", "b")}
    assert half.gone == frozenset()


def test_whatever_came_in_between_two_readings_is_noticed() -> None:
    before = AccountsRead([changed(HOME), WORK], ())

    def is_quiet(*accounts: ReadAccount) -> bool:
        return before.is_followed_quietly(AccountsRead(accounts, ()))

    assert is_quiet(HOME, WORK)
    assert not is_quiet(HOME, changed(WORK))
    assert not is_quiet(changed(HOME), changed(WORK))
    assert not is_quiet(HOME, failing(WORK))
    assert not is_quiet(replace(HOME, calendars=HOME.calendars[:1]), WORK)
    assert not is_quiet(HOME, replace(WORK, calendars=(MemoryCalendar("other"),)))
    again = (MemoryCalendar("b"), MemoryCalendar("a"))
    assert is_quiet(replace(HOME, calendars=again), WORK), "in another order, they are the same"
