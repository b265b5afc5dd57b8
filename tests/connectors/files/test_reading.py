"""Folders and files as calendars: what changed, and what is concluded when something cannot be
read."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.base import Changes, KnownResources
from connectors.errors import MissingError, ReadOnlyError, UnreachableError, UnreadableError
from connectors.files import reading as files_reading
from connectors.files import stored as stored_files
from connectors.files.ics_text import split
from connectors.files.reading import BATCH
from connectors.files.stored import UnfitError, read_stable
from tests.connectors.files.folder import (
    Memory,
    calendar,
    draft,
    event,
    only_calendar,
    without_privileges,
    write,
)

ZONE = "BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\nEND:VTIMEZONE\r\n"


def in_berlin(uid: str, title: str) -> str:
    return event(uid, title).replace(
        "DTSTART:20261201T100000Z", "DTSTART;TZID=Europe/Berlin:20261201T100000"
    )


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    """A folder with one good event, read once."""
    write(tmp_path / "calendar" / "good.ics", calendar(event("good", "Good")))
    memory = Memory(tmp_path / "calendar")
    memory.poll()
    assert memory.titles() == ["Good"]
    return memory


# --- what is looked at ---


def test_leftovers_and_strange_things_are_not_events(memory: Memory) -> None:
    text = calendar(event("left", "Left"))
    names = [
        ".x.ics",
        ".#x.ics",
        "x.ics~",
        "#x.ics#",
        "x.ics.tmp",
        "x.ics.swp",
        "x.txt",
        "x",
        "displayname",
        "color",
    ]
    for name in [*names, "x.sync-conflict-20261122-120000-ABCDEFG.ics"]:
        write(memory.path / name, text)
    (memory.path / "folder.ics").mkdir()
    os.mkfifo(memory.path / "pipe.ics")
    (memory.path / "linked-pipe.ics").symlink_to(memory.path / "pipe.ics")
    batch = memory.poll()
    assert (batch.changed, batch.removed, batch.problems) == ((), (), ())
    assert memory.titles() == ["Good"]


def test_the_ending_may_be_in_capitals(memory: Memory) -> None:
    write(memory.path / "EXPORT.ICS", calendar(event("a", "Capital")))
    memory.poll()
    assert memory.titles() == ["Capital", "Good"]


def test_an_event_behind_a_link_is_read_and_followed(memory: Memory) -> None:
    target = write(memory.path.parent / "target.ics", calendar(event("a", "First")))
    (memory.path / "link.ics").symlink_to(target)
    memory.poll()
    assert memory.titles() == ["First", "Good"]
    write(target, calendar(event("a", "Other")))
    memory.poll()
    assert memory.titles() == ["Good", "Other"]


def test_a_byte_order_mark_is_no_part_of_the_text(memory: Memory) -> None:
    write(memory.path / "bom.ics", b"\xef\xbb\xbf" + calendar(event("bom", "Märk")).encode())
    memory.poll()
    assert memory.texts["bom.ics"].startswith("BEGIN")
    assert memory.titles() == ["Good", "Märk"]


# --- what cannot be read ---

TEXT = calendar(event("a", "Grüße"))
SPOILED = {
    "empty": (b"", "empty"),
    "blank": (b"\r\n \r\n", "empty"),
    "cut off": (TEXT.encode()[:-20], "cut off"),
    "cut within a letter": (TEXT.encode()[: TEXT.encode().index(b"\xc3") + 1], "cut off"),
    "zeros": (b"\0" * 500, "no calendar"),
    "a web page": (b"<!DOCTYPE html><title>Please log in</title>", "is a web page"),
}


@pytest.mark.parametrize("kind", SPOILED)
def test_a_broken_file_is_set_aside_with_a_reason_and_nothing_is_concluded(
    memory: Memory, kind: str
) -> None:
    content, reason = SPOILED[kind]
    write(memory.path / "a.ics", TEXT)
    memory.poll()
    write(memory.path / "a.ics", content)
    write(memory.path / "new.ics", calendar(event("new", "New")))
    batch = memory.poll()
    assert memory.titles() == ["Good", "Grüße", "New"]
    assert batch.removed == ()
    [problem] = batch.problems
    assert problem.uid == "a.ics"
    assert reason in problem.reason
    assert "a.ics" in problem.reason
    write(memory.path / "a.ics", calendar(event("a", "Back")))
    assert memory.poll().problems == ()
    assert memory.titles() == ["Back", "Good", "New"]


def test_a_broken_file_is_complained_about_at_every_poll_and_nothing_else_read_again(
    memory: Memory,
) -> None:
    write(memory.path / "a.ics", b"")
    for _ in range(3):
        batch = memory.poll()
        assert len(batch.problems) == 1
        assert batch.changed == ()
        assert memory.token != only_calendar(memory.path).version
    (memory.path / "a.ics").unlink()
    assert memory.poll().problems == ()
    assert memory.token == only_calendar(memory.path).version


def test_a_file_that_may_not_be_read_is_set_aside(memory: Memory) -> None:
    write(memory.path / "good.ics", calendar(event("good", "Secret"))).chmod(0)
    with without_privileges(memory.path):
        batch = memory.poll()
    assert [problem.uid for problem in batch.problems] == ["good.ics"]
    assert "chmod" in batch.problems[0].reason
    assert memory.titles() == ["Good"]


def test_a_link_to_nowhere_is_not_a_deleted_event(memory: Memory) -> None:
    target = write(memory.path.parent / "disk" / "target.ics", calendar(event("a", "Far")))
    (memory.path / "link.ics").symlink_to(target)
    memory.poll()
    target.rename(memory.path.parent / "unmounted")
    batch = memory.poll()
    assert memory.titles() == ["Far", "Good"]
    assert "links to a file that is not there" in batch.problems[0].reason


def test_a_huge_file_is_set_aside(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored_files, "SIZE_LIMIT_BYTES", 2**20)
    write(memory.path / "huge.ics", calendar(event("huge", "x" * 2**20)))
    [problem] = memory.poll().problems
    assert "larger than 1 MB" in problem.reason


def test_a_name_that_is_not_unicode_is_set_aside(memory: Memory) -> None:
    with open(os.fsencode(memory.path) + b"/caf\xe9.ics", "wb") as file:  # noqa: PTH123 - a name in bytes
        file.write(calendar(event("a")).encode())
    [problem] = memory.poll().problems
    assert "rename it" in problem.reason
    problem.reason.encode()
    problem.uid.encode()


def test_a_disk_error_stops_the_reading(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(descriptor: int, size: int) -> bytes:
        raise OSError(5, "Input/output error")

    write(memory.path / "good.ics", calendar(event("good", "Better")))
    monkeypatch.setattr(os, "read", failing)
    with pytest.raises(UnreachableError):
        memory.poll()


# --- what changes while it is read ---


def while_reading(
    monkeypatch: pytest.MonkeyPatch, act: Callable[[], object], times: int = 1
) -> None:
    """Do something each time a file has been read, before it is looked at again."""
    real, left = os.read, [times]

    def reading(descriptor: int, size: int) -> bytes:
        content = real(descriptor, size)
        if content and left[0]:
            left[0] -= 1
            act()
        return content

    monkeypatch.setattr(os, "read", reading)


def test_a_file_written_while_it_is_read_is_read_again(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(memory.path / "a.ics", calendar(event("a", "Before")))
    while_reading(monkeypatch, lambda: write(path, calendar(event("a", "After!"))))
    memory.poll()
    assert memory.titles() == ["After!", "Good"]
    assert memory.poll().changed == ()


def test_a_file_that_never_rests_is_left_for_later(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(memory.path / "a.ics", calendar(event("a", "Before")))
    while_reading(monkeypatch, lambda: write(path, calendar(event("a", "x"))), times=1000)
    [problem] = memory.poll().problems
    assert "next poll" in problem.reason


def test_a_version_is_never_newer_than_what_is_read(memory: Memory) -> None:
    as_other_client = only_calendar(memory.path)
    list(as_other_client.changes(None, KnownResources()))
    write(memory.path / "late.ics", calendar(event("late", "Late")))
    assert as_other_client.version != as_other_client.current_version()
    assert as_other_client.version == memory.token


def test_a_file_deleted_before_it_is_read_is_gone(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(memory.path / "good.ics", calendar(event("good", "Better")))

    def vanish(path: Path) -> tuple[bytes, str]:
        path.unlink(missing_ok=True)
        return read_stable(path)

    monkeypatch.setattr(files_reading, "read_stable", vanish)
    assert memory.poll().removed == ("good.ics",)
    assert memory.poll().removed == ()


def test_a_file_that_the_listing_missed_is_not_gone(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(files_reading, "scan", lambda folder, suffix: {})
        batches = list(only_calendar(memory.path).changes(memory.token, memory.known))
    assert [batch.removed for batch in batches] == [()]
    assert batches[-1].token != only_calendar(memory.path).version


def test_edits_in_quick_succession_that_keep_length_and_time_are_all_seen(memory: Memory) -> None:
    path = memory.path / "good.ics"
    before = path.stat()
    for number in range(10):
        path.write_bytes(calendar(event("good", f"Go{number:02}")).encode())
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        memory.poll()
        assert memory.titles() == [f"Go{number:02}"]


def test_two_versions_within_one_tick_of_the_clock_have_two_signatures(tmp_path: Path) -> None:
    path = tmp_path / "a.ics"
    for number in range(0, 20, 2):
        path.write_bytes(b"%02d" % number)
        content, signature = read_stable(path)
        before = path.stat()
        path.write_bytes(b"%02d" % (number + 1))
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        assert content == b"%02d" % number
        assert stored_files.signature_of(path) != signature


@pytest.mark.parametrize(("age", "waits"), [(0.001, True), (1.0, False), (-60.0, False)])
def test_only_a_file_changed_a_moment_ago_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, age: float, waits: bool
) -> None:
    path = write(tmp_path / "a.ics", "x")
    changed = path.stat().st_ctime
    waited: list[float] = []
    monkeypatch.setattr(time, "time", lambda: changed + age)
    monkeypatch.setattr(time, "sleep", waited.append)
    read_stable(path)
    assert bool(waited) is waits
    assert all(0 < seconds <= stored_files.TICK_SECONDS for seconds in waited)


def test_a_file_replaced_by_another_of_the_same_size_and_time_is_seen(memory: Memory) -> None:
    path = memory.path / "good.ics"
    before = path.stat()
    other = write(memory.path / ".other", calendar(event("good", "Evil")))
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.rename(path)
    memory.poll()
    assert memory.titles() == ["Evil"]


def test_where_nothing_changed_no_file_is_opened(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened(path: Path) -> tuple[bytes, str]:
        raise AssertionError(path)

    monkeypatch.setattr(files_reading, "read_stable", opened)
    assert memory.poll().changed == ()
    memory.token = None
    assert memory.poll().changed == ()


def test_a_full_reconcile_opens_every_file(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    """For file systems that do not tell: the same names and signatures, other contents."""
    before = stored_files.scan(memory.path)
    write(memory.path / "good.ics", calendar(event("good", "Hidden")))
    monkeypatch.setattr(files_reading, "scan", lambda folder, suffix: before)
    real = read_stable
    monkeypatch.setattr(
        files_reading, "read_stable", lambda path: (real(path)[0], before[path.name])
    )
    assert memory.poll().changed == ()
    assert [resource.href for resource in memory.poll(complete=True).changed] == ["good.ics"]


# --- several events in a file ---


def test_an_export_in_a_folder_is_taken_apart(memory: Memory) -> None:
    write(memory.path / "all.ics", calendar(ZONE, *(in_berlin(uid, uid.upper()) for uid in "abc")))
    memory.poll()
    assert sorted(memory.texts) == ["all.ics/a", "all.ics/b", "all.ics/c", "good.ics"]
    assert memory.texts["all.ics/b"] == calendar(ZONE, in_berlin("b", "B"))
    assert memory.poll().changed == ()


def test_of_a_changed_export_only_the_changed_events_are_reported(memory: Memory) -> None:
    write(memory.path / "all.ics", calendar(*(event(f"{n:03}", "x") for n in range(500))))
    memory.poll()
    write(
        memory.path / "all.ics",
        calendar(*(event(f"{n:03}", "y" if n == 250 else "x") for n in range(1, 501))),
    )
    batch = memory.poll()
    # and the carrier, which records that the file was read
    assert {resource.href for resource in batch.changed} == {
        "all.ics/001",
        "all.ics/250",
        "all.ics/500",
    }
    assert batch.removed == ("all.ics/000",)
    assert memory.poll().changed == ()


def test_an_export_that_was_cut_off_keeps_its_events(memory: Memory) -> None:
    text = calendar(*(event(uid, uid.upper()) for uid in "abc"))
    write(memory.path / "all.ics", text)
    memory.poll()
    write(memory.path / "all.ics", text[: text.index("UID:c")])
    batch = memory.poll()
    assert len(batch.problems) == 1
    assert memory.titles() == ["A", "B", "C", "Good"]


def test_a_first_reading_of_an_export_that_broke_off_is_completed(memory: Memory) -> None:
    write(memory.path / "all.ics", calendar(*(event(f"{n:03}", "x") for n in range(500))))
    keep(memory, islice(only_calendar(memory.path).changes(memory.token, memory.known), 1))
    assert len(memory.titles()) == 1 + BATCH
    memory.poll()
    assert len(memory.titles()) == 501


def keep(memory: Memory, batches: Iterable[Changes]) -> None:
    """Store batches; the process ends before the last is stored."""
    for batch in batches:
        if not batch.last:
            memory.store(batch.changed)


def test_when_reading_a_changed_export_broke_off_every_change_still_comes(memory: Memory) -> None:
    write(memory.path / "all.ics", calendar(*(event(f"{n:03}", "x") for n in range(500))))
    memory.poll()
    write(memory.path / "all.ics", calendar(*(event(f"{n:03}", "y") for n in range(500))))
    keep(memory, islice(only_calendar(memory.path).changes(memory.token, memory.known), 1))
    memory.poll()
    assert memory.titles() == ["Good", *["y"] * 500]


def test_when_reading_a_changed_export_broke_off_what_is_gone_still_goes(memory: Memory) -> None:
    write(memory.path / "all.ics", calendar(*(event(f"{n:03}", "x") for n in range(2 * BATCH + 1))))
    memory.poll()
    write(memory.path / "all.ics", calendar(*(event(f"{n:03}", "y") for n in range(2 * BATCH))))
    keep(memory, only_calendar(memory.path).changes(memory.token, memory.known))
    assert memory.poll().removed == (f"all.ics/{2 * BATCH}",)
    assert memory.titles() == ["Good", *["y"] * (2 * BATCH)]


def test_a_file_may_become_an_export_and_back(memory: Memory) -> None:
    write(memory.path / "good.ics", calendar(event("good", "Good"), event("more", "More")))
    assert memory.poll().removed == ("good.ics",)
    assert memory.titles() == ["Good", "More"]
    write(memory.path / "good.ics", calendar(event("good", "Alone")))
    memory.poll()
    assert (list(memory.texts), memory.titles()) == (["good.ics"], ["Alone"])


def test_a_series_with_exceptions_is_one_resource_and_untouched(memory: Memory) -> None:
    series = (
        event("s", "Weekly", "RRULE:FREQ=WEEKLY"),
        event("s", "Moved", "RECURRENCE-ID:20261208T100000Z"),
    )
    write(memory.path / "s.ics", calendar(*series))
    memory.poll()
    assert memory.texts["s.ics"] == calendar(*series)


# --- one exported file ---


@pytest.fixture
def export(tmp_path: Path) -> Memory:
    events = (in_berlin(uid, uid.upper()) for uid in "abc")
    write(tmp_path / "export.ics", calendar("X-WR-CALNAME:Work\\, mine\r\n", ZONE, *events))
    write(tmp_path / "other.ics", calendar(event("other", "Other")))
    memory = Memory(tmp_path / "export.ics")
    memory.poll()
    return memory


def test_one_exported_file_is_a_calendar_that_is_only_read(export: Memory) -> None:
    calendar = only_calendar(export.path)
    assert (calendar.id, calendar.name, calendar.writable) == ("export.ics", "Work, mine", False)
    assert export.titles() == ["A", "B", "C"]
    assert calendar.read("fikad-1") is None
    with pytest.raises(ReadOnlyError, match="only read"):
        calendar.create(draft())


def test_without_a_name_of_its_own_an_export_is_called_as_its_file(tmp_path: Path) -> None:
    assert (
        only_calendar(write(tmp_path / "My calendar.ics", calendar(event("a")))).name
        == "My calendar"
    )


def test_an_export_may_have_any_file_name(tmp_path: Path) -> None:
    memory = Memory(write(tmp_path / "download", calendar(event("a", "A"))))
    memory.poll()
    assert memory.titles() == ["A"]


def test_of_a_new_export_only_what_differs_is_reported(export: Memory) -> None:
    before = only_calendar(export.path).version
    write(
        export.path,
        calendar("X-WR-CALNAME:Work\\, mine\r\n", ZONE, in_berlin("a", "A"), in_berlin("c", "New")),
    )
    assert only_calendar(export.path).version != before
    batch = export.poll()
    assert {resource.href for resource in batch.changed} == {"export.ics/a", "export.ics/c"}
    assert batch.removed == ("export.ics/b",)
    assert export.titles() == ["A", "New"]


def test_other_files_beside_an_export_do_not_matter(export: Memory) -> None:
    write(export.path.parent / "other.ics", calendar(event("other", "Changed")))
    assert export.poll() == Changes(token=export.token, last=True)


@pytest.mark.parametrize("kind", SPOILED)
def test_a_broken_export_is_an_error_and_not_an_empty_calendar(export: Memory, kind: str) -> None:
    write(export.path, SPOILED[kind][0])
    with pytest.raises(UnreadableError, match=SPOILED[kind][1]):
        export.poll()
    assert export.titles() == ["A", "B", "C"]


def test_a_vanished_export_is_an_error(export: Memory) -> None:
    calendar = only_calendar(export.path)
    export.path.unlink()
    with pytest.raises(MissingError):
        list(calendar.changes(export.token, export.known))
    with pytest.raises(MissingError):
        only_calendar(export.path)


def test_an_export_without_events_is_empty(export: Memory) -> None:
    write(export.path, calendar())
    assert len(export.poll().removed) == 3


def test_a_large_export_comes_in_batches_whose_number_is_known(tmp_path: Path) -> None:
    path = write(tmp_path / "large.ics", calendar(*(event(f"{n:04}") for n in range(1000))))
    batches = list(only_calendar(path).changes(None, KnownResources()))
    assert sum(len(batch.changed) for batch in batches) == 1000
    assert len(batches) > 1
    assert {batch.expected for batch in batches[:-1]} == {1000}


# --- whatever happens ---

NAMES = st.sampled_from(["a.ics", "b c.ics", "ü%.ics"])
EVENTS = st.lists(st.tuples(st.sampled_from("xyz"), st.sampled_from(["One", "Two"])), max_size=3)
ACTS = st.one_of(
    st.tuples(st.just("write"), NAMES, EVENTS),
    st.tuples(st.just("touch"), NAMES),
    st.tuples(st.just("delete"), NAMES),
    st.tuples(st.just("break"), NAMES),
    st.tuples(st.just("half"), st.none()),
)


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(ACTS, st.sampled_from(["", "poll", "forget token", "reconcile"])), max_size=12
    )
)
def test_whatever_happens_to_a_folder_the_next_reading_knows_it(
    tmp_path_factory: pytest.TempPathFactory, acts: list[tuple[tuple[object, ...], str]]
) -> None:
    folder = tmp_path_factory.mktemp("calendar")
    write(folder / "displayname", "Calendar")
    memory = Memory(folder)
    for (act, name, *rest), then in acts:
        path = folder / str(name)
        if act == "write":
            write(path, calendar(*(event(*each) for each in rest[0])))  # type: ignore[attr-defined]
        elif act == "touch" and path.exists():
            path.touch()
        elif act == "delete":
            path.unlink(missing_ok=True)
        elif act == "break" and path.exists():
            os.truncate(path, path.stat().st_size // 2)
        elif act == "half":
            keep(memory, only_calendar(folder).changes(memory.token, memory.known))
        if then:
            memory.token = None if then == "forget token" else memory.token
            memory.poll(complete=then == "reconcile")
    for path in folder.glob("*.ics"):
        write(
            path,
            path.read_bytes() if path.read_bytes().endswith(b"END:VCALENDAR\r\n") else calendar(),
        )
    memory.poll()
    expected: dict[str, str] = {}
    for path in folder.glob("*.ics"):
        text = path.read_bytes().decode()
        parts = split(text)
        expected |= (
            {path.name: text}
            if len(parts) <= 1
            else {f"{path.name}/{uid}": parts[uid] for uid in parts}
        )
    assert memory.texts == expected
    assert memory.poll().changed == ()


def test_a_missing_file_is_told_from_one_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_stable(tmp_path / "nothing.ics")
    os.mkfifo(tmp_path / "pipe.ics")
    for path in (tmp_path, tmp_path / "pipe.ics"):
        with pytest.raises(UnfitError):
            read_stable(path)
