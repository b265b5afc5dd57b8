"""Purging: everything that nobody touched goes, with or without a ledger; what the user touched
never does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from click.testing import CliRunner

from connectors.base import Account, Changes, Resource
from connectors.errors import AccountError, ReadOnlyError, UnreachableError
from connectors.ical.hold_text import hold_event, seal
from daemon.cli import fikad as command
from daemon.cycle.hiding import hiding_calendars, mark_hiding
from daemon.cycle.purging import Leftover, Purge
from daemon.holds.digest import is_digest
from tests.daemon.world import (
    HOLDS,
    ROOMY,
    SUNDAY,
    Calendars,
    Clock,
    Fikad,
    Inline,
    Open,
    address,
    calendars,
    config,
    event,
    met_long_ago,
    new_ledger,
    rewritten,
)
from tests.memory import MemoryAccount, MemoryCalendar

NAMES = ("Jane Doe", "Bob Ray", "Ann Lee")


class Purging(Inline):
    """An expander that can be used as a context manager."""

    def __enter__(self) -> Purging:
        return self

    def __exit__(self, *raised: object) -> None:
        """Nothing is open."""


@contextmanager
def purging(fikad: Fikad) -> Iterator[Purge]:
    with (
        patch("daemon.cycle.purging.Expander", Purging),
        Purge(fikad.config, fikad.ledger, fikad.opener, fikad.clock(), lambda *_: None) as purge,
    ):
        yield purge


def purged(fikad: Fikad) -> list[str]:
    """Whose holds a purge removes."""
    with purging(fikad) as purge:
        gone = purge.remove(purge.find())
        assert purge.failures == {}
    return who(gone)


def who(leftovers: list[Leftover]) -> list[str]:
    return sorted(
        leftover.found.event.title.removeprefix("Coffee with ").rstrip("?")
        for leftover in leftovers
    )


@pytest.fixture
def home() -> Calendars:
    return calendars(*met_long_ago(NAMES))


@pytest.fixture
def fikad(home: Calendars) -> Fikad:
    """A fikad that has asked all three."""
    made = Fikad(config(*NAMES), home.open)
    assert len(made.once().holds["proposed"]) == 3
    return made


def uid_of(home: Calendars, name: str) -> str:
    [href] = [href for href, resource in home.coffee.resources.items() if name in resource.text]
    return href.removesuffix(".ics")


def test_everything_untouched_goes_and_is_recorded_as_withdrawn(
    fikad: Fikad, home: Calendars
) -> None:
    before = home.personal.resources.copy()
    assert purged(fikad) == sorted(NAMES)
    assert not home.coffee.resources
    assert home.personal.resources == before
    assert {(hold.state, hold.intent, hold.reason) for hold in fikad.holds().values()} == {
        ("withdrawn", None, "You purged it.")
    }


def test_without_a_ledger_all_the_same(fikad: Fikad, home: Calendars) -> None:
    fikad.ledger = new_ledger()
    assert purged(fikad) == sorted(NAMES)
    assert not home.coffee.resources


CHANGES: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "accepted": ((), {"SUMMARY": "Coffee with Jane Doe"}),
    "with a note": ((), {"DESCRIPTION": "Bring the book"}),
    "with a place": ((), {"LOCATION": "Café Rosa"}),
    "confirmed": ((), {"STATUS": "CONFIRMED"}),
    "cancelled": ((), {"STATUS": "CANCELLED"}),
    "busy": ((), {"TRANSP": "OPAQUE"}),
    "with a guest": ((f"ATTENDEE:mailto:{address('Jane Doe')}",), {}),
    "with an alarm": (
        ("BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-PT5M", "DESCRIPTION:x", "END:VALARM"),
        {},
    ),
    "made a series": (("RRULE:FREQ=WEEKLY;COUNT=3",), {}),
}


@pytest.mark.parametrize("how", CHANGES)
@pytest.mark.parametrize("memory", ["knows", "has not seen it", "is lost"])
def test_what_the_user_touched_stays(fikad: Fikad, home: Calendars, how: str, memory: str) -> None:
    uid = uid_of(home, "Jane Doe")
    more, values = CHANGES[how]
    home.edit(uid, *more, **values)
    if memory == "knows":
        fikad.once("none")
    if memory == "is lost":
        fikad.ledger = new_ledger()
    before = home.coffee.resources[f"{uid}.ics"]
    assert purged(fikad) == ["Ann Lee", "Bob Ray"]
    assert home.coffee.resources == {f"{uid}.ics": before}


def test_what_was_dragged_there_and_back_is_still_the_users(fikad: Fikad, home: Calendars) -> None:
    uid = uid_of(home, "Jane Doe")
    written = home.coffee.resources[f"{uid}.ics"]
    home.drag(uid, hours=3)
    fikad.once("none")
    home.coffee.put(written.href, written.text)
    assert purged(fikad) == ["Ann Lee", "Bob Ray"]


def test_what_another_program_saved_without_a_change_goes(fikad: Fikad, home: Calendars) -> None:
    uid = uid_of(home, "Jane Doe")
    home.coffee.put(f"{uid}.ics", rewritten(home.coffee.resources[f"{uid}.ics"].text))
    assert purged(fikad) == sorted(NAMES)


def test_an_event_of_somebody_elses_with_such_a_name_stays(fikad: Fikad, home: Calendars) -> None:
    """Anybody may send an invitation whose UID looks like one of ours."""
    home.put(event("fikad-000000000000-000000000000", "Coffee with Jane Doe?", fikad.clock()))
    assert purged(fikad) == sorted(NAMES)
    assert "fikad-000000000000-000000000000.ics" in home.personal.resources


def test_a_forged_seal_on_an_invitation_is_not_believed(fikad: Fikad, home: Calendars) -> None:
    """To delete an invitation may tell its sender that one declines."""
    read_back = hold_event(home.coffee.resources[f"{uid_of(home, 'Jane Doe')}.ics"].text)
    assert read_back is not None
    other = "fikad-000000000000-000000000000"
    forged = replace(read_back, uid=other, extras=("ATTENDEE",))
    lines = (
        "CLASS:PRIVATE",
        "TRANSP:TRANSPARENT",
        "STATUS:TENTATIVE",
        f"X-FIKAD-SEAL:{seal(forged)}",
    )
    text = event(
        other,
        read_back.title,
        read_back.start,
        "ATTENDEE:mailto:sam@example.com",
        *lines,
        minutes=45,
    )
    text = rewritten(text, DESCRIPTION=read_back.description)
    seen = hold_event(text)
    assert seen is not None
    assert seen.seal == seal(seen)
    home.put(text)
    assert purged(fikad) == sorted(NAMES)
    assert f"{other}.ics" in home.personal.resources


def test_what_was_a_yes_once_is_the_users_whatever_it_says_by_now(
    fikad: Fikad, home: Calendars
) -> None:
    uid = uid_of(home, "Jane Doe")
    written = home.coffee.resources[f"{uid}.ics"]
    home.edit(uid, SUMMARY="Coffee with Jane Doe")
    fikad.once("none")
    home.coffee.put(written.href, written.text)
    assert purged(fikad) == ["Ann Lee", "Bob Ray"]


def test_what_was_cancelled_before_it_was_read_back_stays(fikad: Fikad, home: Calendars) -> None:
    """Then it is what the ledger knows as written."""
    uid = uid_of(home, "Jane Doe")
    home.edit(uid, STATUS="CANCELLED")
    fikad.ledger.save_hold(replace(fikad.hold("Jane Doe"), baseline=home.hold(uid)))
    assert purged(fikad) == ["Ann Lee", "Bob Ray"]


def test_what_is_purged_is_recorded_with_its_time_and_replaces_nothing(fikad: Fikad) -> None:
    fikad.ledger.count_lost_hold()
    fikad.clock.forward(hours=1)
    purged(fikad)
    assert {hold.decided_at for hold in fikad.holds().values()} == {fikad.clock()}
    assert fikad.ledger.lost_holds() == 1, "one that was taken back is still to be replaced"


def test_a_second_purge_finds_nothing(fikad: Fikad) -> None:
    purged(fikad)
    assert purged(fikad) == []


def test_what_changes_between_looking_and_removing_stays_and_is_not_called_removed(
    fikad: Fikad, home: Calendars
) -> None:
    uid = uid_of(home, "Jane Doe")
    with purging(fikad) as purge:
        leftovers = purge.find()
        home.edit(uid, SUMMARY="Coffee with Jane Doe")
        home.delete(uid_of(home, "Bob Ray"))
        assert who(purge.remove(leftovers)) == ["Ann Lee"]
    assert list(home.coffee.resources) == [f"{uid}.ics"]
    assert [hold.contact_name for hold in fikad.once("none").holds["accepted"]] == ["Jane Doe"]


def test_without_a_ledger_what_changes_meanwhile_stays_and_the_others_go(
    fikad: Fikad, home: Calendars
) -> None:
    fikad.ledger = new_ledger()
    with purging(fikad) as purge:
        leftovers = purge.find()
        home.edit(leftovers[0].found.event.uid, SUMMARY="Coffee with somebody")
        assert purge.remove(leftovers) == leftovers[1:]
        assert purge.failures == {}
    assert len(home.coffee.resources) == 1


# --- where it looks ---


def test_holds_are_reached_where_the_config_leaves_their_calendar_out(home: Calendars) -> None:
    """Also in a former calendar of theirs, which only the ledger knows."""
    accounts = {"home": {"type": "files", "path": "/nowhere", "calendars": ["Personal"]}}
    fikad = Fikad(config(*NAMES, accounts=accounts), home.open)
    fikad.once()
    holds = {"account": "home", "calendar": "Tea"}
    fikad.config = config(*NAMES, accounts=accounts, holds=holds)
    assert purged(fikad) == sorted(NAMES)


class Unlisted(MemoryCalendar):
    """A calendar that shows what stands in it only to those who ask for its address."""

    looked_for: list[str]

    def changes(self, token: Any, known: Any, *, complete: bool = False) -> Iterator[Changes]:
        yield Changes(token="t", last=True)

    def read(self, uid: str) -> Resource | None:
        self.looked_for.append(uid)
        return super().read(uid)


def hidden(home: Calendars, *names: str) -> Unlisted:
    """The holds for some people are listed no more; another program wrote them by the user's
    clock, without a zone."""
    made = Unlisted("Hidden")
    made.looked_for = []
    for name in names:
        resource = home.coffee.resources[f"{uid_of(home, name)}.ics"]
        made.put(resource.href, rewritten(resource.text).replace(";TZID=Europe/Berlin:", ":"))
        home.coffee.drop(resource.href)
    home.account.held.append(made)
    return made


def test_what_no_calendar_lists_is_looked_for_by_its_address_and_removed(
    fikad: Fikad, home: Calendars
) -> None:
    """As long as it is ahead; what is listed is not looked for."""
    for name in ("Jane Doe", "Bob Ray"):
        fikad.ledger.save_hold(replace(fikad.hold(name), calendar="Hidden"))
    calendar = hidden(home, "Jane Doe", "Bob Ray")
    calendar.looked_for = []
    mark_hiding(fikad.ledger, ("home", "Hidden"))
    bob = fikad.hold("Bob Ray")
    fikad.clock.now = bob.end
    assert bob.end < fikad.hold("Jane Doe").end
    with purging(fikad) as purge:
        leftovers = purge.find()
        assert calendar.looked_for == [fikad.hold("Jane Doe").uid]
        assert "Jane Doe" in who(purge.remove(leftovers))
    assert list(calendar.resources) == [f"{bob.uid}.ics"]
    assert fikad.hold("Jane Doe").state == "withdrawn"
    assert hiding_calendars(fikad.ledger) == frozenset(), "and every calendar is believed again"


def test_every_account_is_closed_in_the_end() -> None:
    class Closing(MemoryAccount):
        closed: bool = False

        def close(self) -> None:
            self.closed = True

    account = Closing("home", [MemoryCalendar("Personal")])
    with purging(Fikad(config(), lambda name: account)) as purge:
        purge.find()
        assert not account.closed
    assert account.closed


# --- weekly digests ---


@pytest.fixture
def with_digest(home: Calendars) -> Fikad:
    """A fikad that has written a digest."""
    rhythm = {**ROOMY, "weekly_digest": True}
    made = Fikad(config(*NAMES, rhythm=rhythm), home.open, Clock(SUNDAY + timedelta(hours=5)))
    made.once()
    assert len(digests_in(home)) == 1
    return made


def digests_in(home: Calendars) -> list[str]:
    return [href for href in home.coffee.resources if is_digest(href.removesuffix(".ics"))]


@pytest.mark.parametrize("memory", ["kept", "lost"])
def test_a_digest_goes_too_and_one_that_was_touched_stays(
    with_digest: Fikad, home: Calendars, memory: str
) -> None:
    [href] = digests_in(home)
    written = home.coffee.resources[href]
    home.edit(href.removesuffix(".ics"), SUMMARY="My week")
    if memory == "lost":
        with_digest.ledger = new_ledger()
    purged(with_digest)
    assert list(home.coffee.resources) == [href]
    home.coffee.put(href, written.text)
    with_digest.ledger = new_ledger()
    with purging(with_digest) as purge:
        [gone] = purge.remove(purge.find())
    assert gone.found.resource.href == href
    assert not home.coffee.resources


def test_a_digest_that_was_changed_and_changed_back_is_the_users(
    with_digest: Fikad, home: Calendars
) -> None:
    [href] = digests_in(home)
    written = home.coffee.resources[href]
    home.edit(href.removesuffix(".ics"), SUMMARY="My week")
    with_digest.once()
    home.coffee.put(href, written.text)
    purged(with_digest)
    assert digests_in(home) == [href]


def test_a_digest_in_an_account_that_fails_stays(with_digest: Fikad, home: Calendars) -> None:
    with_digest.once("none")
    home.down = UnreachableError("the server is down")
    with purging(with_digest) as purge:
        assert purge.find() == []
        assert purge.failures == {"home": "the server is down"}


# --- accounts that fail ---


class Two:
    """Holds in two accounts, from before and after the config named another one."""

    def __init__(self) -> None:
        self.home = calendars(*met_long_ago(NAMES))
        self.work = MemoryAccount("work", [Open("Work"), Open(HOLDS)])
        self.trouble: AccountError | None = None
        accounts = {name: {"type": "files", "path": "/nowhere"} for name in ("home", "work")}
        self.fikad = Fikad(config(*NAMES, accounts=accounts), self.open)
        self.fikad.once()
        [moved] = [
            resource
            for resource in self.home.coffee.resources.values()
            if "Jane Doe" in resource.text
        ]
        self.home.coffee.drop(moved.href)
        self.work.held[1].put(moved.href, moved.text)

    def open(self, name: str) -> Account:
        if name == "home":
            return self.home.open(name)
        if self.trouble is not None:
            raise self.trouble
        return self.work

    def forget(self) -> None:
        """The ledger is lost, and everything was read anew."""
        self.fikad.ledger = new_ledger()
        with purging(self.fikad) as purge:
            assert who(purge.find()) == sorted(NAMES)


@pytest.mark.parametrize("memory", ["kept", "lost"])
def test_while_an_account_is_down_the_others_are_purged(memory: str) -> None:
    both = Two()
    both.fikad.once("none")
    if memory == "lost":
        both.forget()
    both.trouble = UnreachableError("the server is down")
    with purging(both.fikad) as purge:
        assert who(purge.remove(purge.find())) == ["Ann Lee", "Bob Ray"]
        assert purge.failures == {"work": "the server is down"}
    assert len(both.work.held[1].resources) == 1


def test_an_account_that_is_down_does_not_keep_those_after_it_from_being_read() -> None:
    both = Two()
    both.forget()
    both.home.down = UnreachableError("the server is down")
    with purging(both.fikad) as purge:
        assert who(purge.remove(purge.find())) == ["Jane Doe"]
        assert purge.failures == {"home": "the server is down"}


def test_an_account_that_can_only_be_read_in_part_keeps_all_that_stands_in_it() -> None:
    both = Two()
    both.forget()

    def changes(*asked: Any, **how: Any) -> Iterator[Changes]:
        raise UnreachableError("time-out")
        yield

    both.home.personal.changes = changes  # type: ignore[method-assign]
    both.home.put(event("other", "Other", both.fikad.clock()))
    with purging(both.fikad) as purge:
        assert who(purge.find()) == ["Jane Doe"]
        assert purge.failures == {"home": "time-out"}


def test_an_account_that_refuses_is_named_and_the_others_go_on() -> None:
    both = Two()
    both.fikad.ledger = new_ledger()
    refused = []

    def refuse(stored: Resource) -> None:
        refused.append(stored)
        raise ReadOnlyError("not yours to write")

    both.home.coffee.delete = refuse  # type: ignore[method-assign]
    with purging(both.fikad) as purge:
        assert who(purge.remove(purge.find())) == ["Jane Doe"]
        assert purge.failures == {"home": "not yours to write"}
    assert len(refused) == 1, "it is not asked again"
    assert len(both.home.coffee.resources) == 2


# --- the command ---


@pytest.fixture
def installed(tmp_path: Path) -> list[str]:
    """The options of a fikad with a folder of files, which has asked one."""
    place = tmp_path / "calendars"
    (place / HOLDS).mkdir(parents=True)
    (place / HOLDS / "displayname").write_text(HOLDS)
    path = tmp_path / "config.toml"
    path.write_text(
        f'timezone = "UTC"\n[accounts.home]\ntype = "files"\npath = "{place}"\n[holds]\n'
        f'calendar = "{HOLDS}"\n'
        '[[contacts]]\nname = "Jane Doe"\ncadence = "4 weeks"\n'
    )
    options = ["--config", str(path), "--state", str(tmp_path / "state")]
    assert run("once", *options).exit_code == 0
    assert len(standing(tmp_path)) == 1
    return options


def run(*arguments: str, keys: str = "", at_a_terminal: bool = False) -> Any:
    with patch("daemon.cli.purge.on_terminal", lambda: at_a_terminal):
        return CliRunner().invoke(command, arguments, input=keys)


def standing(folder: Path) -> list[Path]:
    return list((folder / "calendars" / HOLDS).glob("*.ics"))


def test_it_shows_what_it_would_remove_and_asks(installed: list[str], tmp_path: Path) -> None:
    done = run("purge", *installed, keys="n\n", at_a_terminal=True)
    assert "1 untouched hold:" in done.stdout
    assert "Coffee with Jane Doe?" in done.stdout
    assert "Remove them?" in done.stdout
    assert len(standing(tmp_path)) == 1
    done = run("purge", *installed, keys="y\n", at_a_terminal=True)
    assert "Removed 1." in done.stdout
    assert standing(tmp_path) == []


def test_where_nobody_can_be_asked_it_refuses(installed: list[str], tmp_path: Path) -> None:
    done = run("purge", *installed)
    assert type(done.exception).__name__ == "RefusedError"
    assert "add --yes" in str(done.exception)
    assert len(standing(tmp_path)) == 1


@pytest.mark.parametrize("lost", [False, True])
def test_scripts_say_yes_and_read_json(installed: list[str], tmp_path: Path, lost: bool) -> None:
    if lost:
        (tmp_path / "state" / "ledger.db").unlink()
    [path] = standing(tmp_path)
    done = run("purge", *installed, "--yes", "--json")
    facts = json.loads(done.stdout)
    assert facts["failed"] == {}
    assert [(hold["uid"], hold["title"]) for hold in facts["removed"]] == [
        (path.stem, "Coffee with Jane Doe?")
    ]
    assert standing(tmp_path) == []


def test_json_stays_json_when_it_asks(installed: list[str], tmp_path: Path) -> None:
    done = run("purge", *installed, "--json", keys="y\n", at_a_terminal=True)
    assert len(json.loads(done.stdout)["removed"]) == 1
    assert "Coffee with Jane Doe?" in done.stderr
    assert standing(tmp_path) == []


def test_a_calendar_seen_through_two_logins_lists_each_hold_once() -> None:
    theirs = calendars(*met_long_ago(NAMES))
    other = MemoryAccount("other", [theirs.coffee])
    accounts = {name: {"type": "files", "path": "/nowhere"} for name in ("home", "other")}
    fikad = Fikad(
        config(*NAMES, accounts=accounts), lambda name: other if name == "other" else theirs.account
    )
    fikad.once()
    assert len(theirs.coffee.resources) == len(NAMES)
    with purging(fikad) as purge:
        assert len(purge.find()) == len(NAMES)
        assert len(purge.remove(purge.find())) == len(NAMES)
    assert not theirs.coffee.resources
