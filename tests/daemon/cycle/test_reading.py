"""How readings are stored: many batches in one step, and nothing that came is lost when the rest
does not."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest

from connectors.base import Changes, HoldDraft, Problem, Resource
from connectors.errors import (
    AccountError,
    CredentialsError,
    MissingError,
    UnreachableError,
    UnreadableError,
)
from connectors.ical.expansion_job import Expansion, ExpansionJob
from daemon.config.schema import AccountEntryBase
from daemon.cycle.account_reading import AccountReading
from daemon.cycle.reading import (
    AHEAD,
    SLACK,
    ReadAccount,
    Scope,
    choose,
    failed,
    read_account,
    vanished,
)
from daemon.holds.record import begin
from daemon.ledger.ledger import Ledger
from daemon.ledger.polled import AccountState, StoredCalendar
from daemon.people.contacts import Contact
from tests.daemon.world import (
    BERLIN,
    ME,
    SUNDAY,
    Clock,
    Fikad,
    Inline,
    Open,
    calendars,
    config,
    event,
    meeting,
    new_ledger,
)
from tests.memory import MemoryAccount, MemoryCalendar


class Batches:
    """A calendar's changes, in batches of the test's making."""

    def __init__(self, *batches: Changes, failure: Exception | None = None) -> None:
        self.batches, self.failure = batches, failure

    def __call__(
        self, token: str | None, known: Mapping[str, str | None], *, complete: bool = False
    ) -> Iterator[Any]:
        yield from self.batches
        if self.failure:
            raise self.failure


def resource(number: int, title: str = "Lunch with Jane Doe") -> Resource:
    return Resource(
        f"{number}.ics",
        f'"{title}"',
        event(str(number), title, SUNDAY - timedelta(days=number + 1)),
    )


def read(batches: Batches) -> tuple[Fikad, list[int]]:
    """A fikad after one pass over these batches, and how many texts each transaction stored."""
    theirs = calendars()
    stored: list[int] = []
    store = Ledger.store_texts

    def counting(ledger: Ledger, calendar: int, changed: Any, removed: Any) -> None:
        stored.append(len(changed))
        store(ledger, calendar, changed, removed)

    fikad = Fikad(config(), theirs.open)
    with (
        patch.object(type(theirs.personal), "changes", batches, create=True),
        patch.object(Ledger, "store_texts", counting),
    ):
        fikad.once("none")
    return fikad, [number for number in stored if number]


def test_small_batches_are_stored_together() -> None:
    batches = [Changes((resource(number),)) for number in range(9)]
    fikad, stored = read(Batches(*batches, Changes(token="after", last=True)))
    assert set(stored) == {9}
    assert len(fikad.situation().counted) == 9


def test_of_two_states_of_an_event_in_one_reading_the_later_counts() -> None:
    batches = (
        Changes((resource(3),)),
        Changes((resource(3, "Lunch alone"),)),
        Changes(token="t", last=True),
    )
    fikad, _ = read(Batches(*batches))
    assert not fikad.situation().counted


@pytest.mark.parametrize("number", [1, 5])
def test_what_came_before_a_failure_is_kept(number: int) -> None:
    batches = [Changes((resource(index),)) for index in range(number)]
    fikad, _ = read(Batches(*batches, failure=UnreachableError("gone")))
    assert len(fikad.situation().counted) == number
    assert [state.state for state in fikad.ledger.accounts().values()] == ["error"]


def test_a_pass_that_finds_nothing_new_judges_no_past_again() -> None:
    theirs = calendars(
        *(meeting("Jane Doe", SUNDAY - timedelta(days=days)) for days in range(20, 200, 10))
    )
    fikad = Fikad(config(), theirs.open)
    fikad.once("none")
    with patch.object(Ledger, "each", side_effect=AssertionError("the past was read again")):
        fikad.once("none")
        assert len(fikad.situation().counted) == 18


def test_what_a_limit_ended_is_tried_again_every_day() -> None:
    """A machine that had no time for a healthy event has some another day; that nothing changed is
    no reason not to."""
    theirs = calendars(meeting("Jane Doe", SUNDAY - timedelta(days=20)))
    clock = Clock()
    fikad = Fikad(config(), theirs.open, clock)
    with patch.object(Inline, "expand", _out_of_time):
        fikad.once("none")
    assert [problem.reason for _, _, problem in fikad.ledger.problems()] == ["out of time"]
    fikad.once("none")
    assert fikad.ledger.problems(), "it was tried again at every poll"
    clock.now += timedelta(days=1)
    fikad.once("none")
    assert not fikad.ledger.problems()
    assert len(fikad.situation().counted) == 1


def _out_of_time(expander: Inline, jobs: Iterable[ExpansionJob]) -> Iterator[tuple[str, Expansion]]:
    for job in jobs:
        yield job.key, Expansion((), (Problem("", "out of time"),), unfinished=True)


class Asked(Open):
    """A calendar that tells in batches of the test's making, and notes how it is asked."""

    def __init__(self, *batches: Changes, name: str = "Personal", version: str = "1") -> None:
        super().__init__(name.lower(), name)
        self.batches: Sequence[Changes | AccountError] = batches
        self.asked: list[tuple[str | None, set[str], bool]] = []
        self.said = version

    @property
    def version(self) -> str:
        return self.said

    def changes(
        self, token: str | None, known: Mapping[str, str | None], *, complete: bool = False
    ) -> Iterator[Changes]:
        self.asked.append((token, {*known}, complete))
        for batch in self.batches:
            if isinstance(batch, AccountError):
                raise batch
            yield batch


def whole(*changed: Resource, **fields: Any) -> Changes:
    """The only batch of a reading."""
    return Changes(changed, last=True, **{"token": "t", **fields})


class Noting(Inline):
    """Notes what it expands."""

    def __init__(self, jobs: list[ExpansionJob]) -> None:
        self.jobs = jobs

    def expand(self, jobs: Iterable[ExpansionJob]) -> Iterator[tuple[str, Expansion]]:
        noted = [*jobs]
        self.jobs += noted
        yield from super().expand(noted)


class Desk:
    """One account, read again and again into one ledger."""

    def __init__(self, *held: MemoryCalendar, **settings: Any) -> None:
        self.account = MemoryAccount("home", [*held], frozenset({ME}))
        self.ledger, self.now, self.zone = new_ledger(), SUNDAY, BERLIN
        self.history, self.settings = timedelta(days=365), settings
        self.jobs: list[ExpansionJob] = []
        """What was expanded at the last reading."""
        self.told: list[tuple[str, str, int, int | None]] = []

    @property
    def wanted(self) -> AccountEntryBase:
        entry = {"type": "files", "path": "/nowhere", **self.settings}
        return config(accounts={"home": entry}).accounts["home"]

    def read(self, **options: Any) -> ReadAccount:
        horizon = timedelta(days=14)
        scope = Scope(self.now, self.zone, self.history, horizon, lambda *it: self.told.append(it))
        self.jobs = []
        lent: Any = Noting(self.jobs)
        return read_account(self.account, self.wanted, self.ledger, lent, scope, **options)

    def reading(self, **options: Any) -> AccountReading:
        return self.read(**options).reading

    @property
    def state(self) -> AccountState:
        return self.ledger.accounts()["home"]

    def stored(self, calendar: MemoryCalendar) -> StoredCalendar:
        return self.ledger.calendars("home")[calendar.id]

    def uids(self) -> list[str]:
        """What is known of the last year and the next months."""
        days = timedelta(days=1)
        known = self.ledger.occurrences(SUNDAY - 400 * days, SUNDAY + 400 * days)
        return sorted(occurrence.uid for occurrence in known)

    def problems(self) -> list[str]:
        return sorted(problem.uid for _, _, problem in self.ledger.problems())


# --- what is told of a reading ---


def test_what_was_read_and_what_came_in_is_told() -> None:
    first, second = Asked(whole(resource(1), resource(2))), Asked(whole(resource(3)), name="Work")
    desk = Desk(first, second)
    desk.account.requests = 7
    desk.account.memo = {"found": "there"}
    desk.account.remark = "it may be behind"
    listed = desk.account.calendars

    def calendars(now: datetime) -> Sequence[MemoryCalendar]:
        assert now == SUNDAY
        desk.account.requests += 5
        return listed(now)

    with patch.object(MemoryAccount, "calendars", lambda _, now: calendars(now)):
        read = desk.read()
    assert read.reading == AccountReading("home", "ok", "", ("Personal", "Work"), 3, 5)
    assert (read.account, read.calendars) == (desk.account, (first, second))
    assert desk.state == AccountState(
        "home", "ok", "it may be behind", SUNDAY, {"found": "there"}, frozenset({ME})
    )


def test_what_is_done_of_a_long_reading_is_told_on_the_way() -> None:
    many = tuple(resource(number) for number in range(600))
    calendar = Asked(
        Changes(many[:599], expected=601), Changes(many[599:], expected=601), whole(expected=601)
    )
    desk = Desk(calendar)
    assert desk.reading().changed == 600
    assert desk.told == [("home", "Personal", 600, 601), ("home", "Personal", 600, 601)]


def test_what_fails_keeps_what_was_known_of_the_account() -> None:
    broken, well = Asked(whole(resource(1))), Asked(whole(resource(2)), name="Work")
    desk = Desk(broken, well)
    desk.read()
    broken.said, well.said = "2", "2"
    broken.batches, well.batches = [UnreadableError("no calendar")], [whole(resource(3))]
    desk.account.owner, desk.now = frozenset(), SUNDAY + timedelta(hours=1)
    reading = desk.reading()
    assert (reading.state, reading.message) == ("error", "no calendar")
    assert (reading.calendars, reading.changed) == (("Personal", "Work"), 1)
    assert desk.state == AccountState("home", "error", "no calendar", SUNDAY, {}, frozenset({ME}))
    assert desk.uids() == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("error", "state", "read"),
    [
        (CredentialsError("no"), "auth", ["Personal"]),
        (UnreachableError("no"), "error", ["Personal"]),
        (UnreadableError("no"), "error", ["Personal", "Work"]),
    ],
)
def test_what_concerns_the_whole_account_ends_its_reading(
    error: AccountError, state: str, read: list[str]
) -> None:
    broken, other = Asked(), Asked(UnreadableError("other"), name="Work")  # type: ignore[arg-type]
    broken.batches = [error]
    reading = Desk(broken, other).reading()
    assert (reading.state, reading.message, [*reading.calendars]) == (state, "no", read)


def test_an_account_that_cannot_even_be_opened_keeps_what_was_known_of_it() -> None:
    desk = Desk(Asked(whole(resource(1))))
    desk.read()
    reading = failed("home", CredentialsError("no password"), desk.ledger)
    assert reading == AccountReading("home", "auth", "no password")
    assert desk.state == AccountState("home", "auth", "no password", SUNDAY, {}, frozenset({ME}))
    failed("work", UnreachableError("down"), desk.ledger)
    assert desk.ledger.accounts()["work"] == AccountState("work", "error", "down", memo={})


# --- what is asked ---


def test_a_calendar_without_news_is_not_asked_before_a_day_has_gone_by() -> None:
    calendar = Asked(whole(resource(1), token="first"))
    desk = Desk(calendar)
    desk.read()
    assert desk.reading().changed == 0
    calendar.said, calendar.batches = "2", [whole(token="second")]
    desk.now += timedelta(hours=1)
    desk.read()
    assert desk.stored(calendar).reconciled == SUNDAY
    desk.now += timedelta(hours=23)
    desk.read()
    assert calendar.asked == [
        (None, set(), True),
        ("first", {"1.ics"}, False),
        ("second", {"1.ics"}, True),
    ]
    assert desk.stored(calendar).reconciled == desk.now
    desk.read(accept_empty=True)
    assert len(calendar.asked) == 4
    stored = desk.stored(calendar)
    assert (stored.version, stored.token, stored.complete) == ("2", "second", True)


def test_what_is_gone_is_counted_with_what_changed() -> None:
    calendar = Asked(whole(*map(resource, range(3))))
    desk = Desk(calendar)
    desk.read()
    calendar.said = "2"
    calendar.batches = [
        Changes((resource(5),)),
        whole(resource(7), removed=("0.ics", "1.ics")),
    ]
    assert desk.reading().changed == 4
    assert desk.uids() == ["2", "5", "7"]
    assert {job.key for job in desk.jobs} == {"5.ics", "7.ics"}
    assert desk.ledger.groups(desk.stored(calendar).id) == ["2.ics", "5.ics", "7.ics"]


def test_what_only_aged_out_of_a_calendar_is_kept_unless_the_user_says_that_it_is_gone() -> None:
    calendar = Asked(whole(resource(1), resource(2)))
    desk = Desk(calendar)
    desk.read()
    calendar.said, calendar.batches = "2", [whole(aged=("1.ics",))]
    assert (desk.reading().changed, desk.uids()) == (0, ["1", "2"])
    assert (desk.reading(accept_empty=True).changed, desk.uids()) == (1, ["2"])


def test_what_no_time_was_left_for_is_not_tried_again_at_every_change() -> None:
    calendar = Asked(whole(resource(1), resource(2)))
    desk = Desk(calendar)
    with patch.object(Inline, "expand", _out_of_time):
        desk.read()
    calendar.said, calendar.batches = "2", [whole(resource(3))]
    desk.read()
    assert desk.uids() == ["3"]
    desk.now += timedelta(days=1)
    calendar.batches = [whole(resource(2, "Tea"))]
    desk.read()
    assert desk.uids() == ["1", "2", "3"]
    assert not desk.ledger.problems()
    known = desk.ledger.occurrences(SUNDAY - timedelta(days=9), SUNDAY)
    assert [each.title for each in known if each.uid == "2"] == ["Tea"]


# --- what could not be fetched ---


def test_what_could_not_be_fetched_is_named_until_it_is_read_or_gone_or_no_longer_met() -> None:
    calendar = Asked(
        Changes((resource(1),), problems=(Problem("2.ics", "broken"),)),
        whole(problems=(Problem("3.ics", "broken"), Problem("4.ics", "broken"))),
    )
    desk = Desk(calendar)
    desk.read()
    assert desk.problems() == ["2.ics", "3.ics", "4.ics"]
    calendar.said, calendar.batches = "2", [whole(resource(2), removed=("3.ics",))]
    desk.read()
    assert desk.problems() == ["4.ics"]
    desk.now += timedelta(days=1)
    calendar.batches = [whole()]
    desk.read()
    assert desk.problems() == []


def test_a_calendar_that_has_no_tokens_names_what_it_met_at_each_reading() -> None:
    calendar = Asked(whole(problems=(Problem("2.ics", "broken"),), token=None))
    desk = Desk(calendar)
    desk.read()
    calendar.said, calendar.batches = "2", [whole(token=None)]
    desk.read()
    assert desk.problems() == []


def test_half_a_reading_concludes_nothing_of_what_could_not_be_fetched() -> None:
    calendar = Asked(whole(problems=(Problem("2.ics", "broken"),)))
    desk = Desk(calendar)
    desk.read()
    desk.now += timedelta(days=1)
    calendar.batches = [Changes((resource(1),)), UnreachableError("gone")]
    desk.read()
    assert (desk.problems(), desk.uids()) == (["2.ics"], ["1"])
    assert desk.stored(calendar).reconciled == SUNDAY


# --- what is not believed ---


@pytest.mark.parametrize(("count", "state"), [(4, "ok"), (5, "suspect")])
def test_a_calendar_that_lists_nothing_all_of_a_sudden_is_not_believed(
    count: int, state: str
) -> None:
    calendar = Asked(whole(*map(resource, range(count))))
    desk = Desk(calendar)
    desk.read()
    calendar.said = "2"
    calendar.batches = [whole(removed=tuple(f"{number}.ics" for number in range(count)))]
    reading = desk.reading()
    assert reading.state == state
    assert len(desk.uids()) == (count if state == "suspect" else 0)
    if state == "suspect":
        assert reading.message == (
            'the calendar "Personal" listed 5 events and now lists none: nothing was changed;'
            " if that is right, run `fikad once --accept-empty home`"
        )
        assert desk.reading(accept_empty=True).state == "ok"
        assert desk.uids() == []


def test_a_calendar_that_still_lists_something_is_believed() -> None:
    calendar = Asked(whole(*map(resource, range(6))))
    desk = Desk(calendar)
    desk.read()
    calendar.said = "2"
    calendar.batches = [whole(removed=tuple(f"{number}.ics" for number in range(5)))]
    assert (desk.reading().state, desk.uids()) == ("ok", ["5"])


def test_what_a_connector_doubts_is_not_believed() -> None:
    calendar = Asked(whole(resource(1), doubt="is odd"))
    reading = Desk(calendar).reading()
    assert (reading.state, reading.changed) == ("suspect", 0)
    assert reading.message.startswith('the calendar "Personal" is odd: nothing was changed')


def test_a_reading_that_fails_before_anything_came_is_a_failure_like_any_other() -> None:
    calendar = Asked()
    calendar.batches = [UnreachableError("no answer")]
    assert Desk(calendar).reading().message == "no answer"


# --- how far ahead and back ---


def starts(fikad: Fikad, uid: str = "series") -> list[datetime]:
    """When an event takes place, as far as it is known."""
    known = fikad.ledger.occurrences(SUNDAY - timedelta(days=9999), SUNDAY + timedelta(days=9999))
    return [occurrence.start for occurrence in known if occurrence.uid == uid]


def weekly(start: datetime) -> str:
    return event("series", "Choir", start, "RRULE:FREQ=WEEKLY")


def test_what_changes_while_the_horizon_moves_on_is_known_as_far_as_all_the_rest() -> None:
    home = calendars(weekly(SUNDAY))
    fikad = Fikad(config(), home.open)
    fikad.once("none")
    fikad.clock.forward(days=100)
    home.put(weekly(SUNDAY + timedelta(hours=1)))
    fikad.once("none")
    assert starts(fikad)[-1] > fikad.clock() + AHEAD - timedelta(days=7)


def test_what_changes_while_the_history_is_lengthened_is_known_as_far_back_as_all_the_rest() -> (
    None
):
    begun = SUNDAY - timedelta(weeks=300)
    home = calendars(weekly(begun))
    fikad = Fikad(config(history="1 year"), home.open)
    fikad.once("none")
    assert starts(fikad)[0] > SUNDAY - timedelta(weeks=60)
    fikad.config = config(history="4 years")
    home.put(weekly(begun + timedelta(hours=1)))
    fikad.once("none")
    assert starts(fikad)[0] < SUNDAY - timedelta(weeks=200)


def test_the_window_is_wide_enough_for_the_history_and_any_horizon() -> None:
    year, days = timedelta(days=365), timedelta(days=1)
    near, far = (Scope(SUNDAY, BERLIN, year, horizon) for horizon in (14 * days, 200 * days))
    assert near.wanted() == (SUNDAY - year, SUNDAY + 14 * days + SLACK)
    assert near.window() == (SUNDAY - year - SLACK, SUNDAY + AHEAD)
    assert far.window() == (SUNDAY - year - SLACK, SUNDAY + 200 * days + 2 * SLACK)


def floating(uid: str, start: str, *lines: str) -> Resource:
    at = f"DTSTART:{start}"
    text = event(uid, "Choir", SUNDAY, *lines)
    given = [line for line in text.split("\r\n") if not line.startswith(("DTSTART", "DTEND"))]
    given.insert(given.index("END:VEVENT"), at)
    return Resource(f"{uid}.ics", '"1"', "\r\n".join(given))


def test_the_window_stays_until_the_horizon_comes_close_to_its_end_and_then_series_go_on() -> None:
    series = Resource("series.ics", '"1"', weekly(SUNDAY))
    calendar = Asked(whole(series, resource(1)))
    desk = Desk(calendar)
    desk.read()
    assert {job.key for job in desk.jobs} == {"series.ics", "1.ics"}
    first = desk.stored(calendar)
    assert (first.expanded_from, first.expanded_to) == (
        SUNDAY - desk.history - SLACK,
        SUNDAY + AHEAD,
    )
    assert desk.uids().count("series") == 18
    calendar.batches = [whole()]
    desk.now = SUNDAY + AHEAD - SLACK - timedelta(days=14)
    desk.read()
    assert (desk.jobs, desk.stored(calendar).expanded_to) == ([], first.expanded_to)
    desk.now += timedelta(seconds=1)
    desk.read()
    assert [job.key for job in desk.jobs] == ["series.ics"]
    assert desk.stored(calendar).expanded_to == desk.now + AHEAD
    assert desk.uids().count("series") == 29
    desk.read()
    assert desk.jobs == []


def test_all_is_expanded_again_where_the_history_is_lengthened_beyond_the_window() -> None:
    old = resource(380)
    calendar = Asked(whole(old, resource(1)))
    desk = Desk(calendar)
    desk.read()
    assert desk.uids() == ["1", "380"]
    desk.history += SLACK
    desk.read()
    assert desk.jobs == []
    desk.history += timedelta(days=1)
    desk.read()
    assert {job.key for job in desk.jobs} == {"1.ics", "380.ics"}
    assert desk.stored(calendar).expanded_from == SUNDAY - desk.history - SLACK


def test_floating_times_are_read_anew_where_the_user_lives_in_another_zone() -> None:
    calendar = Asked(whole(floating("lunch", "20261123T120000")))
    desk = Desk(calendar)
    desk.read()
    [there] = desk.ledger.occurrences(SUNDAY, SUNDAY + timedelta(days=9))
    assert there.start == SUNDAY + timedelta(hours=23)
    desk.zone = ZoneInfo("Asia/Tokyo")
    desk.read()
    [there] = desk.ledger.occurrences(SUNDAY, SUNDAY + timedelta(days=9))
    assert there.start == SUNDAY + timedelta(hours=15)
    assert desk.stored(calendar).zone == "Asia/Tokyo"
    desk.read()
    assert desk.jobs == []


@pytest.mark.parametrize("trusted", [True, False])
def test_what_a_connector_rendered_itself_is_believed(trusted: bool) -> None:
    desk = Desk(Asked(whole(resource(1))))
    desk.account.trusted = trusted
    desk.read()
    assert [job.trusted for job in desk.jobs] == [trusted]


# --- which calendars ---


def test_a_calendar_that_is_deselected_by_any_of_its_names_is_forgotten_and_not_missed() -> None:
    for name in ("id-1", "Sam", "primary"):
        home = calendars(meeting("Jane Doe", SUNDAY - timedelta(days=20)))
        home.account.held[0] = Open(
            "id-1", "Sam", also_called=("primary",), resources=home.personal.resources
        )
        fikad = Fikad(config(), home.open)
        fikad.once("none")
        assert len(fikad.situation().counted) == 1
        home_entry = {"type": "files", "path": "/nowhere", "ignore": [name]}
        fikad.config = config(accounts={"home": home_entry})
        assert fikad.once("none").complete
        assert not fikad.situation().counted


def offered(*names: str) -> list[MemoryCalendar]:
    return [MemoryCalendar(f"id-{name.lower()}", name) for name in names]


def test_the_config_chooses_calendars_by_any_of_their_names() -> None:
    home, work, club = offered("Home", "Work", "Club")
    club.also_called = ("primary",)

    def chosen(also: Collection[str] = (), **settings: Any) -> list[str]:
        found = choose([home, work, club], Desk(**settings).wanted, also)
        return [calendar.name for calendar in found]

    assert chosen() == ["Home", "Work", "Club"]
    assert chosen(calendars=["primary", "Home"]) == ["Home", "Club"]
    assert chosen(ignore=["id-work", "primary"]) == ["Home"]
    assert chosen(calendars=["Home", "Work"], ignore=["Work"]) == ["Home"]
    assert chosen({"id-work"}, calendars=["Home"]) == ["Home", "Work"]
    assert chosen({"Work"}, ignore=["Work", "Club"]) == ["Home", "Work"]


def test_a_calendar_that_is_not_there_is_named_beside_those_that_are() -> None:
    wanted = Desk(calendars=["Work", "Wrok"]).wanted
    with pytest.raises(MissingError) as raised:
        choose(offered("Work", "Home"), wanted)
    assert str(raised.value) == (
        'there is no calendar "Wrok"; this account has Home, Work:'
        " correct `calendars` in the config"
    )
    with pytest.raises(MissingError, match="this account has none: "):
        choose([], wanted)


def test_a_calendar_that_is_listed_no_more_is_missed_unless_nobody_wants_it() -> None:
    def missed(uid: str = "1", **settings: Any) -> str:
        """What is said once a calendar with an event of this UID is gone."""
        text = event(uid, "Lunch", SUNDAY - timedelta(days=1))
        held = [Asked(whole(Resource("1.ics", '"1"', text))), Asked(whole(), name="Work")]
        desk = Desk(*held)
        desk.read()
        desk.settings = settings
        if uid.startswith("fikad"):
            desk.ledger.save_hold(A_HOLD)
        gone = vanished(desk.ledger, "home", {"work"}, desk.wanted)
        assert vanished(desk.ledger, "home", {"work", "personal"}, desk.wanted) is None
        assert vanished(desk.ledger, "home", {"personal"}, desk.wanted) is None  # it was empty
        return str(gone or "")

    why = 'the calendar "Personal" is not listed any more: '
    run = "if you removed it, run `fikad once --accept-empty home`"
    assert missed() == f"{why}{run}, or put it under `ignore`"
    assert missed(calendars=["Personal"]) == f"{why}{run}, or put it under `ignore`"
    assert missed(calendars=["Work"]) == ""
    assert missed(ignore=["personal"]) == ""
    assert missed(ignore=["Personal"]) == ""
    assert missed(calendars=["Personal"], ignore=["Personal"]) == ""
    assert missed(A_HOLD.uid, ignore=["Personal"]) == why + run


def test_a_calendar_that_is_missed_ends_the_reading_until_somebody_says_that_it_may_go() -> None:
    def with_one_gone(**settings: Any) -> Desk:
        desk = Desk(Asked(whole()), Asked(whole(resource(1)), name="Work"))
        desk.read()
        desk.account.held.pop()
        desk.settings = settings
        return desk

    missing = with_one_gone()
    reading = missing.reading()
    assert (reading.state, reading.calendars) == ("error", ())
    assert reading.message.startswith('the calendar "Work" is not listed any more')
    assert missing.uids() == ["1"]
    assert missing.reading(accept_empty=True).state == "ok"
    assert (missing.uids(), {*missing.ledger.calendars("home")}) == ([], {"personal"})
    ignored = with_one_gone(ignore=["Work"])
    assert (ignored.reading().state, ignored.uids()) == ("ok", [])


A_HOLD = begin(
    HoldDraft("fikad-0", "Coffee with Jane Doe?", SUNDAY, SUNDAY + timedelta(hours=1), ""),
    Contact("jane doe", "Jane Doe", timedelta(weeks=4)),
    account="home",
    calendar="personal",
    now=SUNDAY,
)
