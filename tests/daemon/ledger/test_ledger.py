"""The ledger: what it acknowledged is on disk, what it only copied can be thrown away, and looking
changes nothing."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import HoldDraft, HoldEvent, Occurrence, Problem, Resource, SourceFile
from daemon.holds.record import Hold, Intent, State
from daemon.ledger.ledger import Ledger, ledger_view, open_ledger, scratch_copy
from daemon.ledger.migrations import MIGRATIONS
from daemon.ledger.polled import AccountState
from daemon.ledger.readings import Expanded
from daemon.ledger.store import LedgerError, ledger_path
from tests.daemon.world import SUNDAY, new_ledger

DRAFT = HoldDraft(
    "fikad-a-b", "Coffee?", SUNDAY, SUNDAY + timedelta(minutes=45), "Why\nnot", seal="abc"
)
HOLD = Hold("fikad-a-b", "jane doe", "Jane Doe", "home", "Coffee", "proposed", SUNDAY, DRAFT)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def ledger(state: Path) -> Iterator[Ledger]:
    with open_ledger(state) as ledger:
        yield ledger


def look_of(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """Everything about a folder that a write would change. What SQLite shares between readers is
    not compared."""
    files = {}
    for path in sorted(folder.rglob("*")):
        about = path.stat()
        content = b"" if path.name.endswith("-shm") else path.read_bytes()
        files[path.name] = (about.st_mtime_ns, about.st_mode, content)
    return files


# --- durable ---


def test_it_is_private_durable_and_made_with_its_folder(state: Path) -> None:
    open_ledger(state / "deep").close()
    assert stat.S_IMODE((state / "deep").stat().st_mode) == 0o700
    assert stat.S_IMODE(ledger_path(state / "deep").stat().st_mode) == 0o600
    with open_ledger(state / "deep") as ledger:
        assert ledger._all("PRAGMA journal_mode") == [("wal",)]
        assert ledger._all("PRAGMA synchronous") == [(2,)]
        assert ledger._all("PRAGMA foreign_keys") == [(1,)]


def test_what_was_acknowledged_survives_a_killed_process(state: Path) -> None:
    script = (
        "import os, signal, sys\nfrom pathlib import Path\n"
        "from daemon.ledger.ledger import open_ledger\n"
        "from tests.daemon.ledger.test_ledger import HOLD, SUNDAY\n"
        "ledger = open_ledger(Path(sys.argv[1]))\n"
        "ledger.save_hold(HOLD)\nledger.note('jane doe', 'likes tea', SUNDAY)\n"
        "with ledger.transaction():\n"
        "    ledger.never('jane doe', SUNDAY)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, state], cwd=Path(__file__).parents[3], timeout=60
    )
    assert done.returncode == -signal.SIGKILL
    with open_ledger(state) as ledger:
        assert ledger.holds() == [HOLD]
        person = ledger.people()["jane doe"]
        assert (person.note, person.never) == ("likes tea", False)


def test_a_transaction_is_kept_whole_or_not_at_all(ledger: Ledger) -> None:
    def broken_off() -> None:
        with ledger.transaction():
            ledger.save_hold(HOLD)
            with ledger.transaction():
                ledger.note("jane doe", "likes tea", SUNDAY)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken_off()
    assert ledger.holds() == []
    assert ledger.people() == {}


def test_texts_and_the_token_that_they_belong_to_are_kept_together(ledger: Ledger) -> None:
    calendar = ledger.add_calendar("home", "personal", "Personal").id

    def broken_off() -> None:
        with ledger.transaction():
            ledger.store_texts(calendar, [Resource("a.ics", '"1"', "text")], [])
            ledger.finish_reading(calendar, "version", "token", SUNDAY)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken_off()
    assert ledger.known(calendar) == {}
    assert ledger.calendars("home")["personal"].token is None


# --- opened ---


def test_a_new_ledger_is_of_the_newest_version(ledger: Ledger) -> None:
    assert ledger._all("PRAGMA user_version") == [(len(MIGRATIONS),)]


def test_a_ledger_of_a_newer_fikad_is_refused_and_left_alone(state: Path) -> None:
    open_ledger(state).close()
    with sqlite3.connect(ledger_path(state)) as db:
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    db.close()
    for way in (open_ledger, scratch_copy, ledger_view):
        with pytest.raises(LedgerError, match="newer fikad"):
            way(state)


def test_a_ledger_from_before_is_brought_up_to_date(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_ledger(state) as ledger:
        ledger.save_hold(HOLD)
    monkeypatch.setattr(
        "daemon.ledger.ledger.MIGRATIONS", (*MIGRATIONS, "CREATE TABLE later (x TEXT) STRICT;")
    )
    with open_ledger(state) as ledger:
        assert ledger._all("SELECT count(*) FROM later") == [(0,)]
        assert ledger._all("PRAGMA user_version") == [(len(MIGRATIONS) + 1,)]
        assert ledger.holds() == [HOLD]


def test_what_etags_told_of_files_and_series_has_its_own_place_after_the_migration(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [place] = [number for number, script in enumerate(MIGRATIONS) if "ADD COLUMN parts" in script]
    google, mark = "PRODID:-//fikad//google//EN", "18c2a1b0f3d4e5a6-18c2a1b0f3d4e5a6-1f4-2a"
    digest = "0123456789abcdef"
    monkeypatch.setattr("daemon.ledger.ledger.MIGRATIONS", MIGRATIONS[:place])
    with open_ledger(state) as ledger:
        calendar = ledger.add_calendar("home", "ref", "Home").id
        for href, etag, group, text in (
            ("series", '"7"', "series", google),
            ("series_1", '"8" in series', "series", google),
            ("series_2", "- in series", "series", google),
            ("one.ics", f"{mark}.{digest}", "one.ics", "BEGIN"),
            ("all.ics/a", f"{mark}.{digest}.2", "all.ics/a", "BEGIN"),
            ("all.ics/b", digest, "all.ics/b", "BEGIN"),
            ("/dav/x.ics", '"ab.0123456789abcdef"', "/dav/x.ics", "BEGIN"),
            ("/dav/y.ics", None, "/dav/y.ics", "BEGIN"),
        ):
            ledger._run(
                "INSERT INTO resources VALUES (?, ?, ?, ?, ?)", calendar, href, etag, group, text
            )
    monkeypatch.undo()
    with open_ledger(state) as ledger:
        known = ledger.known(calendar)
    assert dict(known) == {
        "series": '"7"',
        "series_1": '"8"',
        "series_2": None,
        "one.ics": digest,
        "all.ics/a": digest,
        "all.ics/b": digest,
        "/dav/x.ics": '"ab.0123456789abcdef"',
        "/dav/y.ics": None,
    }
    assert known.groups == {"series_1": "series", "series_2": "series"}
    assert known.sources == {"one.ics": SourceFile(mark, 1), "all.ics/a": SourceFile(mark, 2)}


def test_what_is_known_of_a_calendar_is_what_was_stored(ledger: Ledger) -> None:
    calendar = ledger.add_calendar("home", "ref", "Home").id
    resources = [
        Resource("a", '"1"', "text"),
        Resource("a_1", None, "text", "a"),
        Resource("b/x", "2", "text", source=SourceFile("mark", 3)),
    ]
    ledger.store_texts(calendar, resources, [])
    known = ledger.known(calendar)
    assert dict(known) == {"a": '"1"', "a_1": None, "b/x": "2"}
    assert (known.groups, known.sources) == ({"a_1": "a"}, {"b/x": SourceFile("mark", 3)})


def test_a_migration_that_fails_changes_nothing(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_ledger(state) as ledger:
        ledger.save_hold(HOLD)
    monkeypatch.setattr(
        "daemon.ledger.ledger.MIGRATIONS", (*MIGRATIONS, "DROP TABLE holds; SELECT nonsense;")
    )
    with pytest.raises(LedgerError):
        open_ledger(state)
    monkeypatch.undo()
    with open_ledger(state) as ledger:
        assert ledger.holds() == [HOLD]


def test_a_damaged_ledger_says_what_to_do(state: Path) -> None:
    state.mkdir()
    ledger_path(state).write_bytes(
        b"This is no database, but it is long enough to be taken for one." * 40
    )
    with pytest.raises(LedgerError, match="damaged: move it aside"):
        open_ledger(state)


def test_a_state_folder_that_is_a_file_says_what_to_do(state: Path) -> None:
    state.write_text("in the way")
    with pytest.raises(LedgerError, match="check"):
        open_ledger(state)


@pytest.mark.parametrize("name", ["full", "No space left", "locked", "malformed"])
def test_what_happened_is_not_told_by_the_words_in_a_path(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("in the way")
    with pytest.raises(LedgerError, match=r"cannot use .*: check that its folder exists"):
        open_ledger(tmp_path / name)


def test_a_full_disk_says_what_to_do(state: Path) -> None:
    with open_ledger(state) as ledger:
        pages = ledger._db.execute("PRAGMA page_count").fetchone()[0]
        ledger._db.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(LedgerError, match=r"the disk is full, nothing .*: free some space"):
            ledger.put("notes", "x" * 100_000)


def test_a_ledger_that_another_program_holds_says_so(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_ledger(state) as ledger:
        other = sqlite3.connect(ledger_path(state), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        ledger._db.execute("PRAGMA busy_timeout = 1")
        with pytest.raises(LedgerError, match="in use by another program"):
            ledger.save_hold(HOLD)
        other.execute("ROLLBACK")
        other.close()
        ledger.save_hold(HOLD)


# --- looked at ---


@pytest.mark.parametrize("left_open", [False, True])
def test_a_scratch_copy_leaves_no_trace(state: Path, left_open: bool) -> None:
    ledger = open_ledger(state)
    ledger.save_hold(HOLD)
    if not left_open:
        ledger.close()
    before = look_of(state)
    with scratch_copy(state) as copy:
        assert copy.holds() == [HOLD]
        copy.save_hold(replace(HOLD, uid="fikad-other"))
        copy.never("jane doe", SUNDAY)
    assert look_of(state) == before
    ledger.close()


@pytest.mark.parametrize("way", [scratch_copy, ledger_view])
def test_where_there_is_no_ledger_none_is_made(state: Path, way: object) -> None:
    assert callable(way)
    with way(state) as copy:
        assert copy.holds() == []
    assert not state.exists()


def test_looking_at_a_ledger_changes_none_of_it(state: Path) -> None:
    with open_ledger(state) as ledger:
        ledger.save_hold(HOLD)
    before = look_of(state)
    with ledger_view(state) as view:
        assert view.holds() == [HOLD]
        with pytest.raises(LedgerError):
            view.save_hold(HOLD)
    assert look_of(state) == before


def test_what_is_written_meanwhile_does_not_disturb_whoever_looks(state: Path) -> None:
    with open_ledger(state) as ledger, ledger_view(state) as view:
        ledger.save_hold(HOLD)
        assert view.holds() == [HOLD]


# --- what was decided ---

MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001 - hypothesis wants it naive
    lambda moment: moment.replace(microsecond=0)
)
EVENTS = st.builds(
    HoldEvent,
    uid=st.just("fikad-a-b"),
    title=st.text(),
    start=MOMENTS,
    end=MOMENTS,
    description=st.text(),
    location=st.text(),
    extras=st.lists(st.sampled_from(["ATTENDEE", "VALARM", "RRULE"])).map(tuple),
    status=st.sampled_from(["confirmed", "tentative", "cancelled"]),
    transparent=st.booleans(),
    withdrawn=st.booleans(),
)
STATES: st.SearchStrategy[tuple[State, Intent | None]] = st.sampled_from(
    [
        ("creating", "create"),
        ("proposed", None),
        ("proposed", "update"),
        ("withdrawn", "delete"),
        ("pinned", None),
    ]
)


@given(
    STATES,
    st.none() | EVENTS,
    st.none() | EVENTS,
    st.text(),
    st.none() | MOMENTS,
    st.integers(0, 99),
    st.none() | st.text(),
)
def test_a_hold_comes_back_as_it_was_kept(
    states: tuple[State, Intent | None],
    baseline: HoldEvent | None,
    seen: HoldEvent | None,
    reason: str,
    moment: datetime | None,
    attempt: int,
    version: str | None,
) -> None:
    hold = replace(
        HOLD,
        state=states[0],
        intent=states[1],
        baseline=baseline,
        seen=seen,
        reason=reason,
        last_met=moment,
        decided_at=moment,
        attempt=attempt,
        intent_version=version,
    )
    with new_ledger() as ledger:
        ledger.save_hold(hold)
        [read_back] = ledger.holds()
        assert read_back == hold
        assert read_back.draft.seal == hold.draft.seal


def test_holds_are_in_the_order_of_their_making(ledger: Ledger) -> None:
    later = replace(HOLD, uid="fikad-0", created_at=SUNDAY + timedelta(days=1))
    ledger.save_hold(later)
    ledger.save_hold(HOLD)
    assert ledger.holds() == [HOLD, later]
    ledger.drop_hold(HOLD.uid)
    assert ledger.holds() == [later]


def test_calendars_are_named_in_which_holds_stand_or_may_stand(ledger: Ledger) -> None:
    ledger.save_hold(HOLD)
    ledger.save_hold(replace(HOLD, uid="fikad-1", calendar="Old", state="dismissed"))
    ledger.save_hold(
        replace(HOLD, uid="fikad-2", calendar="Half", state="withdrawn", intent="delete")
    )
    ledger.save_hold(
        replace(HOLD, uid="fikad-3", account="work", calendar="Theirs", state="accepted")
    )
    assert ledger.hold_calendars("home") == {"Coffee", "Half"}
    assert ledger.hold_calendars("work") == {"Theirs"}


def test_people_are_remembered_from_when_they_were_added(ledger: Ledger) -> None:
    ledger.add_people(["jane doe"], SUNDAY)
    ledger.add_people(["jane doe", "bob ray"], SUNDAY + timedelta(days=9))
    people = ledger.people()
    assert people["jane doe"].added == SUNDAY
    assert people["bob ray"].added == SUNDAY + timedelta(days=9)


def test_what_the_user_said_by_hand_is_kept(ledger: Ledger) -> None:
    ledger.add_met("jane doe", SUNDAY, SUNDAY)
    ledger.add_met("jane doe", SUNDAY, SUNDAY)
    ledger.add_met("jane doe", SUNDAY - timedelta(days=3), SUNDAY)
    ledger.note("jane doe", "likes tea", SUNDAY)
    person = ledger.people()["jane doe"]
    assert (person.met, person.note) == ((SUNDAY - timedelta(days=3), SUNDAY), "likes tea")


def test_the_last_word_of_never_and_snooze_counts(ledger: Ledger) -> None:
    ledger.snooze("jane doe", SUNDAY, SUNDAY)
    ledger.never("jane doe", SUNDAY)
    assert ledger.people()["jane doe"].never
    ledger.snooze("jane doe", SUNDAY + timedelta(days=1), SUNDAY)
    person = ledger.people()["jane doe"]
    assert (person.never, person.snoozed_until) == (False, SUNDAY + timedelta(days=1))


# --- what was read ---


def occurrence(uid: str, start: datetime, hold: HoldEvent | None = None) -> Occurrence:
    return Occurrence(uid, start, start + timedelta(hours=1), title="Lunch", hold=hold)


def test_what_was_read_of_a_calendar_goes_with_it(ledger: Ledger) -> None:
    kept = ledger.add_calendar("home", "personal", "Personal").id
    other = ledger.add_calendar("home", "other", "Other").id
    for calendar in (kept, other):
        ledger.store_texts(calendar, [Resource("a.ics", '"1"', "text")], [])
        expanded = Expanded(
            "a.ics", [occurrence("a", SUNDAY)], [Problem("b", "broken")], recurring=False
        )
        ledger.store_expanded(calendar, ["a.ics"], [expanded])
    ledger.forget_calendar(other)
    assert [event.calendar for event in ledger.occurrences(SUNDAY, SUNDAY + timedelta(days=1))] == [
        "Personal"
    ]
    assert [(account, calendar) for account, calendar, _ in ledger.problems()] == [
        ("home", "Personal")
    ]


def test_accounts_that_are_configured_no_more_are_forgotten_and_decisions_are_not(
    ledger: Ledger,
) -> None:
    for name in ("home", "work"):
        ledger.save_account(AccountState(name))
        ledger.add_calendar(name, "personal", "Personal")
    ledger.save_hold(replace(HOLD, account="work"))
    ledger.keep_accounts(["home"])
    assert set(ledger.accounts()) == {"home"}
    assert ledger.calendars("work") == {}
    assert len(ledger.holds()) == 1


def test_holds_are_found_by_what_stands_in_the_calendars(ledger: Ledger) -> None:
    calendar = ledger.add_calendar("home", "coffee", "Coffee").id
    ours = HoldEvent("fikad-a-b", "Coffee?", SUNDAY, SUNDAY + timedelta(hours=1))
    texts = [Resource("x.ics", '"1"', "UID:fikad-a-b"), Resource("y.ics", '"2"', "UID:other")]
    ledger.store_texts(calendar, texts, [])
    first = Expanded("x.ics", [occurrence("fikad-a-b", SUNDAY, ours)], [], recurring=False)
    second = Expanded("y.ics", [occurrence("other", SUNDAY)], [], recurring=False)
    ledger.store_expanded(calendar, ["x.ics", "y.ics"], [first, second])
    [hold] = ledger.found_holds()
    assert (hold.account, hold.calendar, hold.event) == ("home", "coffee", ours)
    assert (hold.resource.href, hold.resource.etag, hold.resource.text) == (
        "x.ics",
        '"1"',
        "UID:fikad-a-b",
    )
    assert ledger.foreign_count(calendar) == 1


def test_a_hold_that_gave_no_occurrence_is_found_by_text_or_name(ledger: Ledger) -> None:
    calendar = ledger.add_calendar("home", "coffee", "Coffee").id
    ledger.store_texts(calendar, [Resource("/c/fikad-a-b.ics", '"1"', "garbled")], [])
    ledger.store_texts(calendar, [Resource("z.ics", '"2"', "UID:fikad-c-d")], [])
    assert [resource.href for _, _, resource in ledger.mentioning("fikad-a-b")] == [
        "/c/fikad-a-b.ics"
    ]
    assert [resource.href for _, _, resource in ledger.mentioning("fikad-c-d")] == ["z.ics"]
    assert ledger.mentioning("fikad-e-f") == []


def test_times_are_whole_seconds_of_utc(ledger: Ledger) -> None:
    assert os.environ["TZ"] == "UTC"
    ledger.snooze("jane doe", datetime(2026, 11, 22, 13, 0, 0, 999, tzinfo=UTC), SUNDAY)
    assert ledger.people()["jane doe"].snoozed_until == datetime(2026, 11, 22, 13, tzinfo=UTC)


def test_whose_birthday_an_event_is_is_kept(ledger: Ledger) -> None:
    calendar = ledger.add_calendar("work", "primary", "Sam").id
    days = [
        replace(occurrence("a", SUNDAY), kind="birthday", birthday_of="people/c7"),
        replace(occurrence("b", SUNDAY), kind="birthday", anniversary_of="people/c8"),
    ]
    ledger.store_texts(calendar, [Resource("a", '"1"', "text")], [])
    ledger.store_expanded(calendar, ["a"], [Expanded("a", days, [], recurring=False)])
    kept = ledger.occurrences(SUNDAY, SUNDAY + timedelta(days=1))
    assert [(event.birthday_of, event.anniversary_of) for event in kept] == [
        ("people/c7", ""),
        ("", "people/c8"),
    ]


def test_birthdays_that_were_read_without_telling_whose_are_asked_for_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [place] = [number for number, text in enumerate(MIGRATIONS) if "EVENT-KIND:birthday" in text]
    monkeypatch.setattr("daemon.ledger.ledger.MIGRATIONS", MIGRATIONS[:place])
    google = "PRODID:-//fikad//google//EN\r\n"
    texts = {
        "birthday": f"{google}X-FIKAD-EVENT-KIND:birthday\r\n",
        "lunch": f"{google}SUMMARY:Lunch\r\n",
    }
    with open_ledger(tmp_path) as ledger:
        for name, text in texts.items():
            calendar = ledger.add_calendar("work", name, name).id
            ledger._run(
                "INSERT INTO resources VALUES (?, ?, ?, ?, ?)", calendar, name, '"1"', name, text
            )
            ledger.finish_reading(calendar, None, "token", SUNDAY)
            ledger._run("UPDATE calendars SET reconciled = 1")
    monkeypatch.undo()
    with open_ledger(tmp_path) as ledger:
        calendars = ledger.calendars("work")
        known = {name: dict(ledger.known(calendars[name].id)) for name in texts}
        assert known == {"birthday": {"birthday": None}, "lunch": {"lunch": '"1"'}}
        assert [calendars[name].reconciled is None for name in texts] == [True, False]
