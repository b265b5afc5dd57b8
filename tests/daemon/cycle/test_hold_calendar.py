"""Which calendar holds are written to, and how several of its name become one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from connectors.base import oldest_called
from connectors.errors import MissingError, ReadOnlyError, UnreachableError
from connectors.ical.hold_text import hold_event
from daemon.checks.account_rows import Opened, hold_row
from daemon.config.schema import Config
from daemon.cycle.account_reading import AccountReading
from daemon.cycle.hold_calendar import (
    HoldCalendarError,
    HoldTarget,
    create_hold_calendar,
    doubles,
    hold_calendar,
    hold_calendars,
    hold_target,
    known_hold_calendar,
)
from daemon.cycle.reading import ReadAccount
from daemon.holds.digest import Digest
from daemon.holds.edits import as_draft
from daemon.ledger.decisions import KnownHoldCalendar
from daemon.ledger.ledger import Ledger
from daemon.ledger.polled import AccountState
from tests.daemon.cycle.gathered import gathered
from tests.daemon.world import (
    HOLDS,
    ME,
    Calendars,
    Clock,
    Crash,
    Fikad,
    Open,
    Points,
    calendars,
    config,
    edit,
    event_of,
    fragile,
    met_long_ago,
    new_ledger,
    rewritten,
)
from tests.memory import MemoryAccount, MemoryCalendar

NAMES = ("Jane Doe", "Bob Ray", "Ann Lee")


def a_fikad(home: Calendars, *names: str, **tables: Any) -> Fikad:
    return Fikad(config(*(names or NAMES), **tables), home.open)


class Numbered(MemoryAccount):
    """An account that gives calendars ids of its own choosing, as Google does."""

    def create_calendar(self, name: str) -> MemoryCalendar:
        standing = oldest_called(name, self.held)
        if standing is None:
            standing = Open(f"id-{len(self.held)}", name)
            self.held.append(standing)
        return standing


def without_hold_calendar() -> Calendars:
    home = calendars(*met_long_ago(NAMES))
    home.account = Numbered("home", home.account.held[:1], frozenset({ME}))
    return home


def names(home: Calendars) -> list[str]:
    return [calendar.name for calendar in home.account.held]


def written(*held: MemoryCalendar) -> list[str]:
    """The titles of all holds in these calendars."""
    events = [hold_event(resource.text) for each in held for resource in each.resources.values()]
    return sorted(event.title for event in events if event is not None)


ALL = sorted(f"Coffee with {name}?" for name in NAMES)


# --- gone, renamed ---


def test_a_hold_calendar_deleted_before_the_next_poll_is_missed_and_not_made_again() -> None:
    home = without_hold_calendar()
    fikad = a_fikad(home)
    assert len(fikad.once().holds["proposed"]) == 3
    home.account.held.pop()
    missed = fikad.once()
    assert (missed.readings[0].state, missed.complete) == ("error", False)
    assert "--accept-empty home" in missed.readings[0].message
    accepted = fikad.once(accept_empty=["home"])
    assert len(accepted.holds["dismissed"]) == 3
    fikad.clock.forward(weeks=20)
    later = fikad.once()
    assert later.complete
    assert "name another one under [holds]" in later.not_writable
    assert names(home) == ["Personal"]
    assert {hold.state for hold in fikad.holds().values()} == {"dismissed"}


def test_a_hold_calendar_deleted_after_a_pass_that_stopped_right_after_writing_is_missed() -> None:
    home = without_hold_calendar()
    fikad = a_fikad(home)
    with fragile(fikad, Points("after create")), pytest.raises(Crash):
        fikad.once()
    assert len(home.account.held.pop().resources) == 1
    missed = fikad.once()
    assert (missed.readings[0].state, missed.complete) == ("error", False)
    assert {hold.state for hold in fikad.holds().values()} == {"creating"}


def test_a_hold_calendar_deleted_while_no_hold_stands_in_it_is_not_made_again() -> None:
    home = without_hold_calendar()
    fikad = a_fikad(home)
    fikad.once()
    for href in list(home.coffee.resources):
        home.coffee.drop(href)
    fikad.once()
    home.account.held.pop()
    fikad.clock.forward(weeks=20)
    assert "is gone" in fikad.once().not_writable
    assert names(home) == ["Personal"]
    row = hold_row(fikad.config, [Opened(home.account, home.account.held)], fikad.ledger)
    assert (row.state, row.code) == ("failed", 10)
    assert "is gone" in row.message


def test_a_calendar_of_the_name_made_by_the_user_takes_the_place_of_one_that_is_gone() -> None:
    home = without_hold_calendar()
    fikad = a_fikad(home)
    fikad.once()
    home.account.held[1] = Open("another id", HOLDS)
    assert fikad.once(accept_empty=["home"]).not_writable == ""
    fikad.clock.forward(weeks=20)
    assert len(fikad.once().holds["proposed"]) == 3
    assert len(home.coffee.resources) == 3


def test_another_name_in_the_config_asks_for_another_calendar() -> None:
    home = without_hold_calendar()
    fikad = a_fikad(home)
    fikad.once()
    home.account.held.pop()
    fikad.once(accept_empty=["home"])
    fikad.clock.forward(weeks=20)
    fikad.config = config(*NAMES, holds={"account": "home", "calendar": "Tea"})
    assert len(fikad.once().holds["proposed"]) == 3
    assert names(home) == ["Personal", "Tea"]


def test_an_account_that_leads_somewhere_else_gets_a_calendar_of_its_own() -> None:
    home = without_hold_calendar()
    fikad = a_fikad(home)
    fikad.once()
    home.account.held.pop()
    fikad.once(accept_empty=["home"])
    fikad.config = config(*NAMES, accounts={"home": {"type": "files", "path": "/elsewhere"}})
    fikad.clock.forward(weeks=20)
    assert len(fikad.once().holds["proposed"]) == 3


@pytest.mark.parametrize("found_by_name", [False, True])
def test_a_renamed_hold_calendar_is_known_by_its_id(found_by_name: bool) -> None:
    home = without_hold_calendar()
    if found_by_name:
        home.account.held.append(Open("any id", HOLDS))
    fikad = a_fikad(
        home, accounts={"home": {"type": "files", "path": "/nowhere", "calendars": ["Personal"]}}
    )
    fikad.once()
    home.coffee.name = "Kaffee"
    for href in list(home.coffee.resources):
        home.coffee.drop(href)
    assert len(fikad.once().holds["dismissed"]) == 3
    fikad.clock.forward(weeks=20)
    assert len(fikad.once().holds["proposed"]) == 3
    assert names(home) == ["Personal", "Kaffee"]
    assert len(home.coffee.resources) == 3


def test_the_users_own_calendar_goes_by_the_name_in_the_config() -> None:
    home = calendars(*met_long_ago(NAMES))
    home.account.held[1] = Open("old id", HOLDS)
    fikad = a_fikad(home)
    fikad.once("none")
    home.coffee.name = "Old"
    home.account.held.append(Open("new id", HOLDS))
    fikad.once()
    assert (len(home.coffee.resources), len(home.account.held[2].resources)) == (0, 3)


# --- an address of one calendar ---


def one_calendar(
    *people: str, writable: bool = True, **tables: Any
) -> tuple[Fikad, MemoryAccount, MemoryAccount]:
    """A fikad whose first account is the address of one calendar; the second could take holds."""
    personal = calendars(*met_long_ago(people)).personal
    personal.writable = writable
    single = MemoryAccount("single", [personal], frozenset({ME}), can_create=False)
    other = MemoryAccount("other")
    login = {"type": "caldav", "username": "sam", "password": {"command": ["true"]}}
    accounts = {
        "single": login | {"url": "https://dav.example.com/sam/personal/"},
        "other": login | {"url": "https://dav.example.net/"},
    }
    given = config(*people, accounts=accounts, **{"holds": {}, **tables})
    return Fikad(given, lambda name: single if name == "single" else other), single, other


def row_of(fikad: Fikad, *accounts: MemoryAccount) -> tuple[str, str]:
    row = hold_row(
        fikad.config, [Opened(account, account.held) for account in accounts], fikad.ledger
    )
    return row.state, row.message


def test_holds_go_into_the_one_calendar_of_an_address_and_check_says_so() -> None:
    fikad, single, other = one_calendar("Jane Doe")
    assert row_of(fikad, single, other) == ("ok", '"Personal" in "single" can be written')
    for _ in range(2):
        report = fikad.once()
        assert (report.complete, report.not_writable) == (True, "")
    assert [hold.state for hold in fikad.ledger.holds()] == ["proposed"]
    assert written(*single.held) == ["Coffee with Jane Doe?"]
    assert other.held == []


def test_holds_go_to_the_next_account_where_the_one_calendar_can_only_be_read() -> None:
    fikad, single, other = one_calendar("Jane Doe", writable=False)
    assert row_of(fikad, single, other) == (
        "ok",
        '"Fikad" will be created in "other" with the first hold',
    )
    assert fikad.once().not_writable == ""
    assert written(*other.held) == ["Coffee with Jane Doe?"]


def test_a_calendar_named_in_the_config_is_looked_for_beside_the_one_of_an_address() -> None:
    fikad, _, other = one_calendar("Jane Doe", holds={"calendar": "Coffee"})
    fikad.once()
    assert written(*other.held) == ["Coffee with Jane Doe?"]


# --- made once ---


class Hasty(Numbered):
    """An account in which something happens at the moment when a calendar is made."""

    before: Any = None
    after: Any = None

    def create_calendar(self, name: str) -> MemoryCalendar:
        if self.before is not None:
            self.before()
        made = super().create_calendar(name)
        if self.after is not None:
            self.after()
        return made


def hasty(home: Calendars) -> Hasty:
    account = Hasty("home", home.account.held, frozenset({ME}))
    home.account = account
    return account


def test_a_calendar_that_another_fikad_makes_at_the_same_moment_is_the_one() -> None:
    home = without_hold_calendar()
    account = hasty(home)
    first, second = a_fikad(home), a_fikad(home)

    def meanwhile() -> None:
        account.before = None
        second.once()

    account.before = meanwhile
    first.once()
    assert names(home) == ["Personal", HOLDS]
    for _ in range(2):
        assert not first.once().holds.get("proposed")
        assert not second.once().holds.get("proposed")
    assert written(*home.account.held) == ALL


def test_a_fikad_killed_before_it_knew_of_its_calendar_finds_it() -> None:
    home = without_hold_calendar()
    account = hasty(home)
    fikad = a_fikad(home)

    def die() -> None:
        raise Crash

    account.after = die
    with pytest.raises(Crash):
        fikad.once()
    account.after = None
    fikad.once()
    assert names(home) == ["Personal", HOLDS]
    assert written(*home.account.held) == ALL
    home.coffee.name = "Kaffee"
    assert not fikad.once().not_writable
    assert names(home) == ["Personal", "Kaffee"]


# --- several of one name ---


class Split:
    """Two fikads whose calendars were two from the beginning, as when both made one at Google."""

    def __init__(self, *people: str, weeks_apart: int = 0) -> None:
        self.home = calendars(*met_long_ago(people or NAMES))
        self.first, self.second = Open("id-1", HOLDS), Open("id-2-longer", HOLDS)
        self.home.account.held[1:] = [self.first]
        self.one, self.two = a_fikad(self.home, *people), a_fikad(self.home, *people)
        self.one.once()
        self.home.account.held[1:] = [self.second]
        self.two.clock.forward(weeks=weeks_apart)
        self.two.once()
        self.one.clock = self.two.clock
        self.home.account.held[1:] = [self.first, self.second]

    def passes(self, count: int = 3) -> list[dict[str, list[Any]]]:
        """What each fikad tells, one after the other."""
        reports = [fikad.once() for _ in range(count) for fikad in (self.two, self.one)]
        assert all(report.complete and not report.not_writable for report in reports)
        return [{word: held for word, held in report.holds.items() if held} for report in reports]

    def states(self) -> set[str]:
        return {hold.state for fikad in (self.one, self.two) for hold in fikad.ledger.holds()}

    def places(self) -> set[str]:
        return {hold.calendar for fikad in (self.one, self.two) for hold in fikad.ledger.holds()}


def test_two_calendars_with_every_hold_twice_become_one() -> None:
    split = Split()
    assert written(split.first, split.second) == sorted([*ALL, *ALL])
    assert split.passes() == [{}] * 6
    assert (written(split.first), written(split.second)) == (ALL, [])
    assert (split.states(), split.places()) == ({"proposed"}, {"id-1"})
    assert [calendar.id for calendar in split.home.account.held] == [
        "Personal",
        "id-1",
        "id-2-longer",
    ]


def test_the_older_calendar_is_kept_whatever_its_id() -> None:
    split = Split("Jane Doe", weeks_apart=2)
    split.first.id, split.second.id = "id-9-longest-of-all", "id-2"
    for fikad in (split.one, split.two):
        fikad.ledger = new_ledger()
    split.passes()
    assert (len(split.first.resources), len(split.second.resources)) == (1, 0)


def test_a_fikad_that_lost_its_ledger_agrees() -> None:
    split = Split()
    split.one.ledger, split.two.ledger = new_ledger(), new_ledger()
    split.passes()
    assert (written(split.first), written(split.second)) == (ALL, [])
    assert (split.states(), split.places()) == ({"proposed"}, {"id-1"})


def test_the_answer_given_to_either_copy_is_the_answer() -> None:
    split = Split()
    uids = {hold.contact_name: hold.uid for hold in split.one.ledger.holds()}
    edit(split.second, uids["Jane Doe"], SUMMARY="Coffee with Jane Doe")
    edit(split.first, uids["Bob Ray"], SUMMARY="Coffee with Bob Ray")
    split.passes()
    assert written(split.first) == ["Coffee with Ann Lee?", "Coffee with Bob Ray"]
    assert written(split.second) == ["Coffee with Jane Doe"]
    for fikad in (split.one, split.two):
        states = {hold.contact_name: hold.state for hold in fikad.ledger.holds()}
        assert states == {"Jane Doe": "accepted", "Bob Ray": "accepted", "Ann Lee": "proposed"}


def test_a_hold_that_stands_in_the_other_calendar_alone_is_brought_over() -> None:
    split = Split()
    uid = max(split.one.ledger.holds(), key=lambda hold: hold.start).uid
    split.first.drop(f"{uid}.ics")
    split.one.ledger = new_ledger()
    before = event_of(split.second, uid)
    assert not any("dismissed" in told or "proposed" in told for told in split.passes())
    assert (written(split.first), written(split.second)) == (ALL, [])
    after = event_of(split.first, uid)
    assert (after.title, after.start, after.description) == (
        before.title,
        before.start,
        before.description,
    )


def test_a_crash_while_a_hold_is_brought_over_loses_nothing_and_doubles_nothing() -> None:
    for point in ("create", "delete"):
        split = Split()
        uid = max(split.two.ledger.holds(), key=lambda hold: hold.start).uid
        split.first.drop(f"{uid}.ics")
        split.one.ledger = new_ledger()

        def die(*_: object) -> None:
            raise Crash

        target = split.first if point == "create" else split.second
        setattr(target, point, die)
        with pytest.raises(Crash):
            split.two.once()
        delattr(target, point)
        split.passes()
        assert (written(split.first), written(split.second)) == (ALL, [])
        assert split.states() == {"proposed"}


def test_what_the_user_wrote_into_the_other_calendar_is_left_alone() -> None:
    split = Split()
    text = met_long_ago(["Zoe Zed"])[0]
    split.second.put("theirs.ics", text)
    split.passes()
    assert list(split.second.resources) == ["theirs.ics"]
    assert split.second.resources["theirs.ics"].text == text


def test_a_second_calendar_that_can_only_be_read_is_left_alone() -> None:
    split = Split()
    split.second.writable = False
    split.one.once()
    split.one.once()
    assert (written(split.first), written(split.second)) == (ALL, ALL)
    assert {hold.state for hold in split.one.ledger.holds()} == {"proposed"}


def test_the_second_calendar_is_named_in_check() -> None:
    split = Split()
    split.passes()
    row = hold_row(
        split.one.config, [Opened(split.home.account, split.home.account.held)], split.one.ledger
    )
    assert row.state == "warning"
    assert "id-2-longer" in row.message
    assert "delete it" in row.next


def test_a_dry_run_brings_nothing_together() -> None:
    split = Split()
    before = split.home.texts()
    split.one.once(dry=True)
    assert split.home.texts() == before


# --- one calendar, seen twice ---


class Shared:
    """The hold calendar of `home`, seen through the account `work` as well, which may only read
    it."""

    def __init__(self, *, masked: bool, first: Sequence[str]) -> None:
        self.home = calendars(*met_long_ago(NAMES))
        self.masked = masked
        self.view = Open("shared by sam", HOLDS, writable=False)
        accounts = {name: {"type": "files", "path": f"/{name}"} for name in first}
        self.fikad = Fikad(config(*NAMES, accounts=accounts, holds={"calendar": HOLDS}), self.open)

    def open(self, name: str) -> MemoryAccount:
        if name == "home":
            return self.home.account
        held = self.home.coffee.resources
        for href in [href for href in self.view.resources if href not in held]:
            self.view.drop(href)
        for href, resource in held.items():
            text = resource.text
            if self.masked:
                text = rewritten(text, without=("DESCRIPTION", "X-FIKAD-SEAL"), SUMMARY="Busy")
            if href not in self.view.resources or self.view.resources[href].text != text:
                self.view.put(href, text)
        return MemoryAccount("work", [self.view], can_create=False)


@pytest.mark.parametrize("first", [("home", "work"), ("work", "home")])
@pytest.mark.parametrize("masked", [False, True])
def test_after_a_lost_ledger_the_copy_that_can_be_written_is_the_hold(
    masked: bool, first: Sequence[str]
) -> None:
    shared = Shared(masked=masked, first=first)
    assert len(shared.fikad.once().holds["proposed"]) == 3
    shared.fikad.ledger = new_ledger()
    for _ in range(2):
        report = shared.fikad.once()
        assert not report.not_writable
    holds = shared.fikad.ledger.holds()
    assert {(hold.account, hold.state) for hold in holds} == {("home", "proposed")}
    shared.home.delete(holds[0].uid)
    assert [hold.uid for hold in shared.fikad.once().holds["dismissed"]] == [holds[0].uid]


# --- where, by what was read ---


WRITABLE: Mapping[str, Any] = {
    name: {"type": "files", "path": f"/{name}"} for name in ("home", "work", "club")
}


def anywhere(**holds: Any) -> Config:
    """Three accounts of which any may take holds, unless `holds` names one."""
    return config(accounts=WRITABLE, holds={"calendar": HOLDS, **holds})


def account(
    name: str, *held: MemoryCalendar, can_create: bool = False, state: Any = "ok"
) -> ReadAccount:
    """An account as it was read."""
    opened = MemoryAccount(name, list(held), can_create=can_create)
    return ReadAccount(opened, AccountReading(name, state), held)


def calendar(id: str, name: str = "", *, writable: bool = True, **more: Any) -> MemoryCalendar:
    return MemoryCalendar(id, name or id, writable, **more)


def chosen(found: HoldTarget | HoldCalendarError) -> tuple[str, str | None]:
    """The account and the calendar that were found."""
    assert isinstance(found, HoldTarget)
    key = found.calendar_key
    assert (found.calendar is None) == (key is None)
    assert key is None or found.calendar is None or key == (found.account, found.calendar.id)
    return found.account, key[1] if key else None


def where(
    found: Config, *read: ReadAccount, ledger: Ledger | None = None
) -> tuple[str, str | None]:
    return chosen(hold_calendar(found, read, ledger or new_ledger()))


def refusal(found: Config, *read: ReadAccount, ledger: Ledger | None = None) -> str:
    with pytest.raises(HoldCalendarError) as error:
        hold_calendar(found, read, ledger or new_ledger())
    return str(error.value)


def test_holds_go_to_the_first_account_that_can_be_written_or_to_the_one_that_is_named() -> None:
    shared = account("home", calendar("Shared", HOLDS, writable=False))
    none_here = account("work", calendar("Work"))
    club, home = account("club", calendar("id-7", HOLDS)), account("home", calendar(HOLDS))
    assert where(anywhere(), shared, none_here, club) == ("club", "id-7")
    assert where(anywhere(), home, club) == ("home", HOLDS)
    assert where(anywhere(account="club"), home, club) == ("club", "id-7")
    makes_one = account("work", calendar("Work"), can_create=True)
    assert where(anywhere(), shared, makes_one, club) == ("work", None)
    assert where(anywhere(), account("home", calendar("x", also_called=(HOLDS,)))) == ("home", "x")


def test_why_holds_can_be_written_nowhere_is_told_with_what_to_do() -> None:
    cannot = refusal(anywhere(), account("home", calendar("id-1", HOLDS, writable=False)))
    assert cannot == (
        'the calendar "Coffee" of "home" cannot be written:'
        " name another one under [holds], or ask its owner for write access"
    )
    only_read = refusal(anywhere(), account("home", calendar("Personal", writable=False)))
    assert only_read.startswith('holds cannot be written to "home", which can only be read')
    none_called_so = account("work", calendar("Work"), calendar("Shared", writable=False))
    assert refusal(anywhere(), none_called_so).startswith(
        '"work" has no calendar "Coffee" and none can be created there'
    )
    assert "only be read" in refusal(anywhere(), account("club"))
    last = refusal(anywhere(), none_called_so, account("club"))
    assert 'holds cannot be written to "club"' in last
    assert refusal(anywhere()) == ("no account can be written: add one, or name one under [holds]")
    elsewhere = account("home", calendar(HOLDS))
    assert refusal(anywhere(account="work"), elsewhere).startswith("no account can be written")


def test_where_holds_were_written_and_are_no_more_no_other_account_takes_their_place() -> None:
    ledger = new_ledger()
    home = account("home", calendar(HOLDS))
    hold_target(anywhere(), [home], ledger, remember=True)
    empty, club = account("home", can_create=True), account("club", calendar(HOLDS))
    gone = hold_target(anywhere(), [empty, club], ledger, remember=True)
    assert isinstance(gone, HoldCalendarError)
    assert 'the calendar "Coffee" of "home", where holds were written, is gone' in str(gone)
    assert "make a calendar of that name yourself" in str(gone)
    assert where(anywhere(), club, ledger=ledger) == ("club", HOLDS)


# --- what is remembered ---


def remembered(ledger: Ledger, name: str = HOLDS) -> KnownHoldCalendar | None:
    return ledger.known_hold_calendar("home", name)


def test_what_was_found_is_known_by_its_id_where_it_was_read_well_and_may_be_recorded() -> None:
    home = calendar("id-1", HOLDS)
    for state, remember, known in (
        ("ok", True, True),
        ("ok", False, False),
        ("error", True, False),
    ):
        ledger, read = new_ledger(), account("home", home, state=state)
        found = hold_target(anywhere(), [read], ledger, remember=remember)
        assert chosen(found) == ("home", "id-1")
        stored = remembered(ledger)
        assert (stored is not None) == known
        assert stored is None or (stored.ref, stored.made) == ("id-1", False)
    ledger = new_ledger()
    hold_target(anywhere(), [account("home", can_create=True)], ledger, remember=True)
    assert remembered(ledger) is None, "it is yet to be made"


def test_what_is_known_already_is_not_recorded_again() -> None:
    ledger, home = new_ledger(), account("home", calendar("id-1", HOLDS))
    hold_target(anywhere(), [home], ledger, remember=True)
    before = ledger._db.total_changes
    hold_target(anywhere(), [home], ledger, remember=True)
    assert ledger._db.total_changes == before


def test_what_is_known_counts_for_the_place_and_the_name_alone() -> None:
    ledger, home = new_ledger(), account("home", calendar("id-1", HOLDS))
    hold_target(anywhere(), [home], ledger, remember=True)
    known = known_hold_calendar(anywhere(), "home", ledger)
    assert known is not None
    assert (known.ref, known.made) == ("id-1", False)
    assert known_hold_calendar(anywhere(), "work", ledger) is None
    assert known_hold_calendar(anywhere(calendar="Tea"), "home", ledger) is None
    login = {"type": "caldav", "username": "sam", "password": {"command": ["true"]}}
    places: list[dict[str, Any]] = [
        {"type": "files", "path": "/elsewhere"},
        login | {"url": "https://dav.example.com/"},
        login | {"url": "https://dav.example.com/", "username": "ann"},
        login | {"url": "https://dav.example.net/"},
    ]
    for place in places:
        led = config(accounts={"home": place}, holds={"calendar": HOLDS})
        assert known_hold_calendar(led, "home", ledger) is None, place
        hold_target(led, [home], ledger, remember=True)
        assert known_hold_calendar(led, "home", ledger) is not None, place


def test_a_place_that_was_recorded_once_is_known_for_good() -> None:
    """It stands so in the ledgers that are there."""
    google = {"type": "google", "client_secrets": "/nowhere", "endpoint": "http://localhost:1/"}
    login = {"type": "caldav", "username": "sam", "password": {"command": ["true"]}}
    entries: dict[str, dict[str, Any]] = {
        "files   /home ": {"type": "files", "path": "/home"},
        "caldav https://dav.example.com/ sam  ": login | {"url": "https://dav.example.com/"},
        "google    http://localhost:1/": google,
    }
    for place, entry in entries.items():
        ledger, known = new_ledger(), KnownHoldCalendar(place, "id-1", made=True)
        ledger.save_known_hold_calendar("home", HOLDS, known)
        led = config(accounts={"home": entry}, holds={"calendar": HOLDS})
        assert known_hold_calendar(led, "home", ledger) == known


# --- made ---


class Making(MemoryAccount):
    """An account in which making a calendar ends as a test says."""

    error: Exception | None = None
    seen: KnownHoldCalendar | None = None
    ledger: Ledger | None = None

    def create_calendar(self, name: str) -> MemoryCalendar:
        assert self.ledger is not None
        self.seen = remembered(self.ledger)
        if self.error is not None:
            raise self.error
        self.memo["listed"] = "anew"
        made = MemoryCalendar("id-9", name)
        self.held.append(made)
        return made


def to_make(error: Exception | None = None) -> tuple[Making, ReadAccount, Ledger]:
    opened, ledger = Making("home"), new_ledger()
    ledger.save_account(AccountState("home"))
    opened.error, opened.ledger = error, ledger
    return opened, ReadAccount(opened, AccountReading("home", "ok"), ()), ledger


def test_a_calendar_is_made_with_the_intent_first_and_known_by_its_id_and_as_made_then() -> None:
    opened, read, ledger = to_make()
    made = create_hold_calendar(anywhere(), read, ledger)
    assert (made.id, made.name) == ("id-9", HOLDS)
    intended, known = opened.seen, known_hold_calendar(anywhere(), "home", ledger)
    assert intended is not None
    assert known is not None
    assert (intended.where, intended.ref, intended.made) == (known.where, None, True)
    assert (known.ref, known.made) == ("id-9", True)
    assert ledger.accounts()["home"].memo == {"listed": "anew"}
    hold_target(anywhere(), [account("home", calendar("id-9", HOLDS))], ledger, remember=True)
    assert remembered(ledger) == known, "found again, it still is one that fikad made"


@pytest.mark.parametrize("error", [ReadOnlyError("no rights"), MissingError("no such home")])
def test_a_calendar_that_cannot_be_made_is_told_and_was_never_intended(error: Exception) -> None:
    opened, read, ledger = to_make(error)
    with pytest.raises(HoldCalendarError) as told:
        create_hold_calendar(anywhere(), read, ledger)
    assert str(told.value) == (
        f'the calendar "Coffee" could not be created in "home" ({error}):'
        " create it yourself, or name another one under [holds]"
    )
    assert opened.seen is not None
    assert remembered(ledger) is None


def test_of_a_calendar_that_may_have_been_made_the_intent_stays() -> None:
    _, read, ledger = to_make(UnreachableError("no answer"))
    with pytest.raises(UnreachableError):
        create_hold_calendar(anywhere(), read, ledger)
    known = known_hold_calendar(anywhere(), "home", ledger)
    assert known is not None
    assert (known.ref, known.made) == (None, True)
    assert where(anywhere(), account("home", can_create=True), ledger=ledger) == ("home", None)


# --- by its name, by its id ---


def knowing(id: str, *, made: bool) -> Ledger:
    """A ledger that knows the calendar of this id."""
    ledger = new_ledger()
    hold_target(anywhere(), [account("home", calendar(id, HOLDS))], ledger, remember=True)
    known = remembered(ledger)
    assert known is not None
    ledger.save_known_hold_calendar("home", HOLDS, KnownHoldCalendar(known.where, id, made=made))
    return ledger


def test_one_that_fikad_made_is_known_by_its_id_and_the_users_own_by_its_name() -> None:
    renamed, named = calendar("id-1", "Kaffee"), calendar("id-2", HOLDS)
    both = account("home", named, renamed)
    for made, id in ((True, "id-1"), (False, "id-2")):
        ledger = knowing("id-1", made=made)
        assert where(anywhere(), both, ledger=ledger) == ("home", id)
        assert where(anywhere(), account("home", renamed), ledger=ledger) == ("home", "id-1")
        here = account("home", named, calendar("id-1", HOLDS))
        assert where(anywhere(), here, ledger=ledger) == ("home", "id-1"), "both are called so"
    assert where(anywhere(), both) == ("home", "id-2"), "nothing is known"


def test_one_that_can_be_written_goes_before_the_one_that_is_known_and_cannot() -> None:
    shared, named = calendar("id-1", "Kaffee", writable=False), calendar("id-2", HOLDS)
    ledger = knowing("id-1", made=True)
    assert where(anywhere(), account("home", shared, named), ledger=ledger) == ("home", "id-2")
    alone = refusal(anywhere(), account("home", shared), ledger=ledger)
    assert alone.startswith('the calendar "Kaffee" of "home" cannot be written')


class Several:
    """Two calendars of one name, with holds as they were read."""

    def __init__(self, *ids: str) -> None:
        source = calendars(*met_long_ago(NAMES))
        asked = a_fikad(source)
        asked.once()
        by_start = sorted(asked.ledger.holds(), key=lambda hold: hold.start)
        self.texts = [source.coffee.resources[f"{hold.uid}.ics"].text for hold in by_start]
        """Of three holds, in order of start."""
        self.held = [calendar(id, HOLDS) for id in ids]
        self.ledger = new_ledger()

    def kept(self, *, known: str | None = None) -> str | None:
        """Which of them is the hold calendar."""
        opened = MemoryAccount("home", list(self.held), frozenset({ME}))
        both = anywhere(account="home")
        gathered(Fikad(config(*NAMES), lambda name: opened, Clock(), self.ledger))
        if known is not None:
            stored = remembered(knowing(known, made=True))
            assert stored is not None
            self.ledger.save_known_hold_calendar("home", HOLDS, stored)
        read = account("home", *self.held)
        return where(both, read, ledger=self.ledger)[1]


def test_of_several_the_one_with_the_earliest_hold_is_kept() -> None:
    several = Several("id-1", "id-2-longer")
    first, second = several.held
    second.put("late.ics", several.texts[2])
    assert several.kept() == "id-2-longer", "the other is empty"
    first.put("between.ics", several.texts[1])
    assert several.kept() == "id-1"
    second.put("early.ics", several.texts[0])
    assert several.kept() == "id-2-longer"


def test_of_several_without_holds_the_one_with_the_shortest_id_is_kept() -> None:
    assert Several("id-20", "id-3").kept() == "id-3"
    assert Several("id-3", "id-2").kept() == "id-2"


def test_the_one_that_is_known_is_kept_unless_untouched_holds_stand_in_another() -> None:
    several = Several("id-1", "id-2-longer")
    first, second = several.held
    assert several.kept(known="id-2-longer") == "id-2-longer"
    second.put("late.ics", several.texts[2])
    assert several.kept(known="id-2-longer") == "id-2-longer"
    touched = rewritten(several.texts[0], LOCATION="Café Rosa")
    first.put("theirs.ics", touched)
    assert several.kept(known="id-2-longer") == "id-2-longer", "nothing of ours stands there"
    first.put("early.ics", several.texts[1])
    assert several.kept(known="id-2-longer") == "id-1"


def test_holds_in_other_accounts_tell_nothing_of_a_calendars_age() -> None:
    several = Several("id-1", "id-2-longer")
    first, second = several.held
    second.put("late.ics", several.texts[2])
    first_elsewhere = MemoryCalendar(first.id, HOLDS)
    first_elsewhere.put("early.ics", several.texts[0])
    accounts = {"home": several.held, "work": [first_elsewhere]}
    files = {name: {"type": "files", "path": f"/{name}"} for name in accounts}
    both = config(*NAMES, accounts=files, holds={"calendar": HOLDS})
    gathered(Fikad(both, lambda name: MemoryAccount(name, accounts[name]), Clock(), several.ledger))
    assert where(anywhere(), account("home", *several.held), ledger=several.ledger) == (
        "home",
        "id-2-longer",
    )


def test_doubles_are_all_others_of_its_name() -> None:
    kept, same, called = calendar("id-1", HOLDS), calendar("id-2", HOLDS), calendar("id-3", "x")
    called.also_called = (HOLDS,)
    read = account("home", same, kept, called, calendar("Personal"))
    assert doubles(anywhere(), read, kept) == [same, called]
    assert doubles(anywhere(), account("home", kept), kept) == []


# --- the address of one calendar ---


def test_the_address_of_one_calendar_takes_holds_at_caldav_and_where_no_other_is_named() -> None:
    login = {"type": "caldav", "username": "sam", "password": {"command": ["true"]}}
    dav = config(accounts={"home": login | {"url": "https://dav.example.com/"}}, holds={})
    personal, shared = calendar("Personal"), calendar("Shared", writable=False)
    assert where(dav, account("home", shared, personal)) == ("home", "Personal")
    makes = account("home", personal, can_create=True)
    assert where(dav, makes) == ("home", None)
    files = config(accounts={"home": WRITABLE["home"]}, holds={})
    assert "none can be created there" in refusal(files, account("home", personal))
    named = dav.model_copy(update={"holds": anywhere().holds})
    assert "none can be created there" in refusal(named, account("home", personal))
    assert "only be read" in refusal(dav, account("home", shared))


# --- which calendars are read for the holds in them ---


def test_calendars_are_read_for_holds_and_digests_that_stand_in_them() -> None:
    home = calendars(*met_long_ago(["Jane Doe"]))
    fikad = a_fikad(home, "Jane Doe")
    fikad.once()
    ledger = fikad.ledger
    assert hold_calendars(anywhere(), ledger, "home") == {HOLDS}
    assert hold_calendars(anywhere(account="work"), ledger, "home") == {HOLDS}, "one stands there"
    assert hold_calendars(anywhere(account="work"), ledger, "work") == {HOLDS}
    assert hold_calendars(anywhere(account="work", calendar="Tea"), ledger, "club") == set()
    assert hold_calendars(anywhere(calendar="Tea"), ledger, "home") == {HOLDS, "Tea"}
    home.delete(fikad.hold().uid)
    fikad.once("none")
    assert hold_calendars(anywhere(calendar="Tea"), ledger, "home") == {"Tea"}


def test_one_is_read_under_its_name_and_the_id_by_which_it_is_known() -> None:
    ledger = knowing("id-1", made=True)
    assert hold_calendars(anywhere(), ledger, "home") == {HOLDS, "id-1"}
    assert hold_calendars(anywhere(account="work"), ledger, "home") == set()
    known = remembered(ledger)
    assert known is not None
    begun = KnownHoldCalendar(known.where, None, made=True)
    ledger.save_known_hold_calendar("home", HOLDS, begun)
    assert hold_calendars(anywhere(), ledger, "home") == {HOLDS}


def test_those_in_which_a_digest_stands_are_read_until_it_is_over() -> None:
    ledger = new_ledger()
    source = Several("id-1")
    event = hold_event(source.texts[0])
    assert event is not None

    def digest(uid: str, account: str, calendar: str, state: Any) -> Digest:
        return Digest(uid, account, calendar, state, as_draft(event), "")

    ledger.save_digests(
        {
            "one": digest("one", "home", "Weekly", "standing"),
            "two": digest("two", "home", "Former", "dismissed"),
            "three": digest("three", "work", "Else", "creating"),
        }
    )
    assert hold_calendars(anywhere(), ledger, "home") == {HOLDS, "Weekly"}
    assert hold_calendars(anywhere(), ledger, "work") == {HOLDS, "Else"}
