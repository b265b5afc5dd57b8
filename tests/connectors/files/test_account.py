"""Folders and files as calendars: which there are, and how holds get into them."""

from __future__ import annotations

import dataclasses
import errno
import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.base import HoldDraft, KnownResources, Resource, SourceFile
from connectors.errors import (
    AccountError,
    ChangedError,
    MissingError,
    ReadOnlyError,
    TakenError,
    UncertainError,
    UnreachableError,
    UnreadableError,
)
from connectors.files import account as files
from connectors.files.account import FilesAccount, FilesCalendar
from connectors.files.reading import read_file
from connectors.files.stored import signature
from connectors.ical.hold_text import hold_event, hold_text
from tests.connectors.files.folder import (
    NOW,
    UID,
    calendar,
    calendars,
    contents,
    draft,
    event,
    only_calendar,
    without_privileges,
    write,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A calendar with one event of another program."""
    write(tmp_path / "calendar" / "foreign.ics", calendar(event("foreign")))
    return tmp_path / "calendar"


# --- which calendars there are ---


def test_a_folder_of_ics_files_is_one_calendar(folder: Path) -> None:
    calendar = only_calendar(folder)
    assert (calendar.id, calendar.name, calendar.writable) == (".", "calendar", True)


def test_files_say_nothing_of_owners_histories_and_people(folder: Path) -> None:
    account = FilesAccount("home", folder, {})
    assert (account.name, account.remark, account.unusable) == ("home", "", {})
    assert (account.trusted, account.can_create) == (False, True)
    assert not FilesAccount("home", folder / "foreign.ics", {}).can_create
    calendar = only_calendar(folder)
    assert (calendar.also_called, calendar.owner, calendar.keeps_history) == ((), "", False)
    assert not calendar.took_back(UID)


def test_of_a_single_file_nothing_beside_it_is_looked_at(folder: Path) -> None:
    here, beside = only_calendar(folder / "foreign.ics"), only_calendar(folder)
    version = here.current_version()
    beside.create(draft())
    assert here.current_version() == version
    assert here.read(UID) is None


def named(text: str) -> str:
    return calendar(event("a")).replace("PRODID", f"X-WR-CALNAME:{text}\r\nPRODID")


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (named("Kaffee ☕").encode(), "Kaffee ☕"),
        (calendar(event("a")).encode(), "export"),
        *((named("Kaffee ☕").encode("utf-16") + bytes(cut), "Kaffee ☕") for cut in (1, 3)),
        ("X-WR-CALNAME:Caf\xe9\0\r\n".encode("latin-1"), "Caf\N{REPLACEMENT CHARACTER}"),
        (b"X" * 64 * 1024 + b"\r\n" + named("Too late").encode(), "export"),
    ],
    ids=["UTF-8", "no name", "cut UTF-16", "cut more", "no calendar", "beyond the head"],
)
def test_a_single_file_is_called_as_its_head_says(
    tmp_path: Path, content: bytes, name: str
) -> None:
    assert only_calendar(write(tmp_path / "export.ics", content)).name == name


def test_sub_folders_are_calendars_called_as_their_metadata_says(tmp_path: Path) -> None:
    write(tmp_path / "a1b2" / "displayname", "Kaffee ☕\n")
    write(tmp_path / "a1b2" / "x.ics", calendar(event("x")))
    (tmp_path / "work").mkdir()
    (tmp_path / ".hidden").mkdir()
    assert [(c.id, c.name) for c in calendars(tmp_path)] == [
        ("a1b2", "Kaffee ☕"),
        ("work", "work"),
    ]


def test_calendars_of_several_accounts_are_found_below_their_folders(tmp_path: Path) -> None:
    write(tmp_path / "home" / "personal" / "x.ics", calendar(event("x")))
    write(tmp_path / "office" / "team" / "color", "#ff0000")
    assert [c.id for c in calendars(tmp_path)] == ["home/personal", "office/team"]


def test_a_folder_with_events_and_sub_folders_is_a_calendar_beside_them(folder: Path) -> None:
    write(folder / "more" / "x.ics", calendar(event("x")))
    assert [c.id for c in calendars(folder)] == [".", "more"]


def test_a_folder_whose_name_is_not_unicode_is_a_calendar_all_the_same(tmp_path: Path) -> None:
    os.mkdir(os.fsencode(tmp_path) + b"/caf\xe9")  # noqa: PTH102 - a name in bytes
    calendar = only_calendar(tmp_path)
    assert (calendar.id.encode(), calendar.name) == (rb"caf\udce9", "caf")
    assert calendar.create(draft()) == calendar.read(UID)


def test_a_calendar_does_not_vanish_with_its_last_event(folder: Path) -> None:
    memo: dict[str, object] = {}
    (folder / "more").mkdir()
    calendars(folder, memo)
    (folder / "foreign.ics").unlink()
    assert [c.id for c in calendars(folder, memo)] == [".", "more"]


def test_an_empty_folder_is_an_empty_calendar(tmp_path: Path) -> None:
    [last] = only_calendar(tmp_path).changes(None, KnownResources())
    assert (last.changed, last.last, last.problems) == ((), True, ())


def test_links_lead_to_each_calendar_once(tmp_path: Path) -> None:
    write(tmp_path / "elsewhere" / "x.ics", calendar(event("x")))
    write(tmp_path / "all" / "work" / "y.ics", calendar(event("y")))
    (tmp_path / "all" / "linked").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "all" / "again").symlink_to(tmp_path / "all" / "work")
    (tmp_path / "all" / "loop").symlink_to(tmp_path / "all")
    (tmp_path / "link").symlink_to(tmp_path / "all")
    assert [c.id for c in calendars(tmp_path / "link")] == ["work", "linked"]


def test_a_missing_path_is_an_error_and_not_an_empty_calendar(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match=f"{tmp_path}/nothing is not there: is its disk mounted"):
        calendars(tmp_path / "nothing")
    with pytest.raises(MissingError):
        calendars(write(tmp_path / "file", "") / "below")


def test_an_unmounted_disk_is_not_an_empty_account(tmp_path: Path) -> None:
    memo: dict[str, object] = {}
    write(tmp_path / "mount" / "work" / "x.ics", calendar(event("x")))
    calendars(tmp_path / "mount", memo)
    (tmp_path / "mount").rename(tmp_path / "away")
    (tmp_path / "mount").mkdir()
    with pytest.raises(UnreachableError, match=f"{tmp_path}/mount is bare, .* is its disk mounted"):
        calendars(tmp_path / "mount", memo)


def test_a_folder_that_vanished_during_the_poll_is_an_error(folder: Path) -> None:
    calendar = only_calendar(folder)
    made = calendar.create(draft())
    folder.rename(folder.parent / "away")
    for act in (
        lambda: calendar.update(made, draft()),
        lambda: calendar.complete(made, ()),
        lambda: calendar.delete(made),
        lambda: list(calendar.changes(None, KnownResources())),
        lambda: calendar.read(UID),
        lambda: calendar.create(draft()),
        calendar.current_version,
    ):
        with pytest.raises(MissingError, match=f"the folder {folder} is not there"):
            act()


def test_a_folder_that_may_not_be_listed_is_an_error(folder: Path) -> None:
    folder.chmod(0)
    with without_privileges(folder), pytest.raises(UnreachableError) as refused:
        calendars(folder)
    assert refused.value.what == f"{folder} cannot be listed: Permission denied"


def test_a_calendar_that_may_not_be_listed_is_listed_and_is_an_error(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0)
    with without_privileges(folder):
        [_, calendar] = calendars(folder)
        assert (calendar.id, calendar.version) == ("closed", None)
        with pytest.raises(UnreachableError, match="cannot be listed"):
            list(calendar.changes(None, KnownResources()))


def test_what_was_remembered_of_another_path_is_forgotten(folder: Path, tmp_path: Path) -> None:
    memo: dict[str, object] = {}
    calendars(folder, memo)
    account = FilesAccount("home", tmp_path / "other", memo)
    assert account.memo == {"path": str(tmp_path / "other")}
    assert account.addresses() == frozenset()
    assert account.requests == 0


# --- creating calendars ---


def test_a_created_calendar_is_a_sub_folder_with_the_conventions_of_its_place(folder: Path) -> None:
    folder.chmod(0o750)
    account = FilesAccount("home", folder, {})
    account.calendars(NOW)
    made = account.create_calendar("Fikad")
    assert (folder / "Fikad" / "displayname").read_text() == "Fikad"
    assert stat.S_IMODE((folder / "Fikad").stat().st_mode) == 0o750
    assert stat.S_IMODE((folder / "Fikad" / "displayname").stat().st_mode) == 0o640
    assert [(c.id, c.name) for c in account.calendars(NOW)] == [
        (".", "calendar"),
        ("Fikad", "Fikad"),
    ]
    assert made.id == "Fikad"


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("../../etc", "-..-etc"),
        ("/tmp/x", "-tmp-x"),
        (".hidden", "hidden"),
        ("...Xylo", "Xylo"),
        ("dot.ics", "dot"),
        ("..", "holds"),
        ("a\x00b", "ab"),
        ("x" * 300, "x" * 60),
        ("C:\\x", "C:-x"),
    ],
)
def test_whatever_its_name_a_created_calendar_stays_inside_and_is_found(
    tmp_path: Path, name: str, called: str
) -> None:
    account = FilesAccount("home", tmp_path / "root", {})
    (tmp_path / "root").mkdir()
    account.calendars(NOW)
    made = account.create_calendar(name)
    assert [path.name for path in tmp_path.iterdir()] == ["root"]
    [path] = (tmp_path / "root").iterdir()
    assert [c.id for c in account.calendars(NOW)] == [made.id] == [path.name] == [called]


def test_a_calendar_of_that_name_is_taken_wherever_it_stands(tmp_path: Path) -> None:
    write(tmp_path / "a1b2" / "displayname", "Fikad")
    (tmp_path / "a1b2" / "displayname").chmod(0o600)
    before = contents(tmp_path / "a1b2")
    assert FilesAccount("home", tmp_path, {}).create_calendar("Fikad").id == "a1b2"
    assert [path.name for path in tmp_path.iterdir()] == ["a1b2"]
    assert contents(tmp_path / "a1b2") == before


def test_a_hold_in_a_created_calendar_is_of_the_poll_before(tmp_path: Path) -> None:
    account = FilesAccount("home", tmp_path, {})
    early = account.create_calendar("Fikad").create(draft())
    assert "DTSTAMP:19700101T000000Z" in early.text
    account.calendars(NOW)
    late = account.create_calendar("Fikad").create(draft(uid="fikad-2"))
    assert "DTSTAMP:20261122T120000Z" in late.text


def test_what_is_in_the_way_is_left_alone(tmp_path: Path) -> None:
    write(tmp_path / "a-b" / "x.ics", calendar(event("x")))
    write(tmp_path / "a-b-2", "a file")
    for number in range(3, 9):
        write(tmp_path / f"a-b-{number}" / "displayname", "Something else")
    before = {path: path.is_dir() and contents(path) for path in tmp_path.iterdir()}
    account = FilesAccount("home", tmp_path, {})
    assert account.create_calendar("a/b").id == "a-b-9"
    (tmp_path / "a-b-9" / "displayname").write_text("Something else")
    with pytest.raises(TakenError, match=f"{tmp_path} has folders called a-b already"):
        account.create_calendar("a/b")
    (tmp_path / "a-b-9" / "displayname").unlink()
    (tmp_path / "a-b-9").rmdir()
    assert {path: path.is_dir() and contents(path) for path in tmp_path.iterdir()} == before


def test_a_calendar_that_another_fikad_just_made_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.fsync

    def late(descriptor: int) -> None:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            write(tmp_path / "Fikad" / "displayname", "Fikad")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", late)
    assert FilesAccount("home", tmp_path, {}).create_calendar("Fikad").id == "Fikad"
    assert [path.name for path in tmp_path.iterdir()] == ["Fikad"]


def test_no_calendar_is_created_in_a_file(tmp_path: Path) -> None:
    export = write(tmp_path / "export.ics", calendar(event("a")))
    account = FilesAccount("home", export, {})
    account.calendars(NOW)
    told = f"{export} is one exported file, which is only read: choose"
    with pytest.raises(ReadOnlyError, match=f"{told} another account for holds"):
        account.create_calendar("Fikad")
    here = only_calendar(export)
    [batch] = here.changes(None, KnownResources())
    for act in (
        lambda: here.create(draft()),
        lambda: here.update(batch.changed[0], draft()),
        lambda: here.complete(batch.changed[0], ()),
        lambda: here.delete(batch.changed[0]),
    ):
        with pytest.raises(ReadOnlyError, match=f"{told} a folder for holds"):
            act()


# --- conventions of a written hold ---


def test_a_hold_is_one_file_of_its_own_with_crlf(folder: Path) -> None:
    written = only_calendar(folder).create(draft())
    content = (folder / f"{UID}.ics").read_bytes()
    assert sorted(contents(folder)) == [f"{UID}.ics", "foreign.ics"]
    assert content.decode() == written.text
    assert content.count(b"\n") == content.count(b"\r\n") > 10


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o664])
def test_a_hold_may_be_read_by_whom_the_other_events_may_be(folder: Path, mode: int) -> None:
    (folder / "foreign.ics").chmod(mode)
    resource = only_calendar(folder).create(draft())
    assert stat.S_IMODE((folder / resource.href).stat().st_mode) == mode
    only_calendar(folder).update(resource, draft(day=2))
    assert stat.S_IMODE((folder / resource.href).stat().st_mode) == mode


def test_a_link_to_nowhere_tells_nothing_of_who_may_read(folder: Path) -> None:
    (folder / "foreign.ics").chmod(0o640)
    (folder / "a.ics").symlink_to(folder / "nowhere")
    resource = only_calendar(folder).create(draft())
    assert stat.S_IMODE((folder / resource.href).stat().st_mode) == 0o640


def test_a_hold_is_completed_where_it_stands(folder: Path) -> None:
    here = only_calendar(folder)
    made = here.create(draft())
    done = here.complete(made, ("Delete it to say no.",))
    assert done == here.read(UID)
    hold = hold_event(done.text)
    assert hold is not None
    assert (hold.status, hold.transparent, hold.description) == (
        "confirmed",
        False,
        "Last met 7 weeks ago.",
    )
    with pytest.raises(ChangedError):
        here.complete(made, ())


def test_a_hold_in_an_empty_calendar_is_private(tmp_path: Path) -> None:
    resource = only_calendar(tmp_path).create(draft())
    assert stat.S_IMODE((tmp_path / resource.href).stat().st_mode) == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize("empty", [False, True])
def test_what_root_writes_belongs_to_the_folders_user(folder: Path, empty: bool) -> None:
    for path in (folder, folder / "foreign.ics"):
        os.chown(path, 1234, 1234)
    if empty:
        (folder / "foreign.ics").unlink()
    resource = only_calendar(folder).create(draft())
    assert (folder / resource.href).stat().st_uid == 1234


def test_what_a_power_cut_left_is_swept_away_and_nothing_else(folder: Path) -> None:
    old = write(folder / f".{UID}.ics.0a1b.tmp", "BEGIN:VCAL")
    young = write(folder / f".{UID}.ics.2c3d.tmp", "BEGIN:VCAL")
    foreign = write(folder / ".foreign.ics.4e5f.tmp", "BEGIN:VCAL")
    for path in (old, foreign):
        os.utime(path, (time.time() - 86400,) * 2)
    only_calendar(folder).create(draft())
    assert (old.exists(), young.exists(), foreign.exists()) == (False, True, True)


@pytest.mark.skipif(not hasattr(os, "O_TMPFILE"), reason="Linux knows files without a name")
def test_a_create_that_is_cut_short_leaves_the_calendar_as_if_it_had_never_been_begun(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else nobody could tell whether it was written and deleted by the user since."""
    before = only_calendar(folder).current_version()

    def cut_short(descriptor: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", cut_short)
    with pytest.raises(KeyboardInterrupt):
        only_calendar(folder).create(draft())
    assert only_calendar(folder).current_version() == before


# --- finding a hold ---


def test_a_hold_that_another_program_renamed_is_found_and_moved_there(folder: Path) -> None:
    only_calendar(folder).create(draft())
    (folder / f"{UID}.ics").rename(folder / "3f2504e0-4f89.ics")
    resource = only_calendar(folder).read(UID)
    assert resource is not None
    assert resource.href == "3f2504e0-4f89.ics"
    with pytest.raises(TakenError, match=f"{folder} has a hold {UID} already"):
        only_calendar(folder).create(draft())
    moved = only_calendar(folder).update(resource, draft(day=4))
    assert "DTSTART:20261204T093000Z" in moved.text
    assert sorted(contents(folder)) == ["3f2504e0-4f89.ics", "foreign.ics"]
    only_calendar(folder).delete(moved)
    assert sorted(contents(folder)) == ["foreign.ics"]


def test_a_hold_is_found_behind_and_among_what_cannot_be_read(folder: Path) -> None:
    here = only_calendar(folder)
    made = here.create(draft())
    write(folder / "broken.ics", "BEGIN:VCALENDAR")
    (folder / "nowhere.ics").symlink_to(folder / "no")
    (folder / f"{UID}.ics").rename(folder / "z.ics")
    found = here.read(UID)
    assert found is not None
    assert (found.href, found.text) == ("z.ics", made.text)
    (folder / "z.ics").unlink()
    assert here.read(UID) is None, "what does not speak of it says nothing of it"


def test_of_two_copies_the_one_under_its_own_name_is_the_hold(folder: Path) -> None:
    made = only_calendar(folder).create(draft())
    write(folder / "copy.ics", made.text)
    assert only_calendar(folder).read(UID) == made


def test_a_file_that_goes_while_a_hold_is_looked_for_is_passed_over(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = only_calendar(folder).create(draft())
    (folder / f"{UID}.ics").rename(folder / "z.ics")
    write(folder / "a.ics", made.text)
    real = read_file

    def going(parent: Path, name: str) -> list[Resource]:
        (parent / "a.ics").unlink(missing_ok=True)
        return real(parent, name)

    monkeypatch.setattr(files, "read_file", going)
    found = only_calendar(folder).read(UID)
    assert found is not None
    assert found.href == "z.ics"


def test_an_event_that_only_speaks_of_a_hold_is_not_it(folder: Path) -> None:
    write(folder / "note.ics", calendar(event("note", "note", f"DESCRIPTION:{UID}")))
    write(folder / f"{UID}x.ics", calendar(event(f"{UID}x")))
    assert only_calendar(folder).read(UID) is None


def test_a_hold_merged_into_a_file_with_other_events_is_found_and_left_alone(folder: Path) -> None:
    only_calendar(folder).create(draft())
    hold = (folder / f"{UID}.ics").read_text().split("\n", 3)[3].removesuffix("END:VCALENDAR\n")
    (folder / f"{UID}.ics").unlink()
    write(folder / "all.ics", calendar(event("one"), hold.replace("\n", "\r\n"), event("two")))
    before = contents(folder)
    resource = only_calendar(folder).read(UID)
    assert resource is not None
    assert hold_event(resource.text) is not None
    for act in changes_of(only_calendar(folder), resource):
        with pytest.raises(ReadOnlyError, match=f"{UID} stands in one file with other events"):
            act()
    assert contents(folder) == before


def changes_of(here: FilesCalendar, resource: Resource) -> list[Callable[[], object]]:
    """All that can become of a hold that is there."""
    return [
        lambda: here.update(resource, draft(day=3)),
        lambda: here.complete(resource, ()),
        lambda: here.delete(resource),
    ]


@pytest.mark.parametrize(
    "href", [f"../other/{UID}.ics", f"other/{UID}.ics", f".{UID}.ics", f"{UID}.txt"]
)
def test_nothing_but_the_calendars_own_files_is_written(folder: Path, href: str) -> None:
    here = only_calendar(folder)
    made, path = here.create(draft()), folder / href
    path.parent.mkdir(exist_ok=True)
    (folder / f"{UID}.ics").rename(path)
    before, source = path.read_bytes(), SourceFile(signature(path.stat()), 1)
    there = dataclasses.replace(made, href=href, source=source)
    for act in changes_of(here, there):
        with pytest.raises(ReadOnlyError):
            act()
    assert path.read_bytes() == before


def test_nobody_elses_event_is_ever_touched(folder: Path) -> None:
    before = contents(folder)
    [batch] = only_calendar(folder).changes(None, KnownResources())
    for act in changes_of(only_calendar(folder), batch.changed[0]):
        with pytest.raises(ReadOnlyError, match=r"not this hold of ours \(foreign\)"):
            act()
    assert contents(folder) == before


def test_what_a_hold_is_expanded_with_is_not_in_its_file(folder: Path) -> None:
    made = only_calendar(folder).create(draft())
    only_calendar(folder).delete(dataclasses.replace(made, group="together"))
    assert sorted(contents(folder)) == ["foreign.ics"]


@pytest.mark.parametrize(
    "content", [b"", b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", "Ä".encode("latin-1")]
)
def test_a_hold_that_cannot_be_read_is_not_gone(folder: Path, content: bytes) -> None:
    resource = only_calendar(folder).create(draft())
    write(folder / resource.href, content)
    with pytest.raises(UnreadableError, match=rf"in {folder}, {UID}\.ics .*: .*(sync|export)"):
        only_calendar(folder).read(UID)
    for act in changes_of(only_calendar(folder), resource):
        with pytest.raises(ChangedError, match=rf"{UID}\.ics .*: nothing was written"):
            act()
    with pytest.raises(AccountError):
        only_calendar(folder).create(draft())
    assert (folder / resource.href).read_bytes() == content


@pytest.mark.parametrize("uid", ["../foreign", "foreign", "fikad-../foreign", ""])
def test_only_holds_are_looked_for(folder: Path, uid: str) -> None:
    with pytest.raises(ReadOnlyError):
        only_calendar(folder).read(uid)


# --- races ---


def meanwhile(monkeypatch: pytest.MonkeyPatch, act: object) -> None:
    """Do something after fikad has looked, and before it writes."""

    def with_interruption(given: HoldDraft, stamp: object) -> str:
        act()  # type: ignore[operator]
        return hold_text(given, NOW)

    monkeypatch.setattr("connectors.files.account.hold_text", with_interruption)


def test_an_edit_between_looking_and_writing_is_kept(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    resource = only_calendar(folder).create(draft())
    path = folder / resource.href
    edited = resource.text.replace("Jane Doe", "Jane Roe").encode()
    meanwhile(monkeypatch, lambda: path.write_bytes(edited))
    with pytest.raises(ChangedError):
        only_calendar(folder).update(resource, draft(day=3))
    assert contents(folder)[resource.href] == edited
    assert len(contents(folder)) == 2


def test_an_edit_at_the_last_moment_is_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    resource = only_calendar(folder).create(draft())
    edited = resource.text.replace("Jane Doe", "Jane Roe").encode()
    real = os.fsync

    def late(descriptor: int) -> None:
        (folder / resource.href).write_bytes(edited)
        real(descriptor)

    monkeypatch.setattr(os, "fsync", late)
    with pytest.raises(ChangedError):
        only_calendar(folder).update(resource, draft(day=3))
    assert contents(folder)[resource.href] == edited


def test_what_is_remembered_wrongly_is_not_written_over(folder: Path) -> None:
    here = only_calendar(folder)
    resource = here.create(draft())
    wrong = dataclasses.replace(resource, text=resource.text.replace("Jane", "Joan"))
    for act in (*changes_of(here, wrong), *changes_of(here, dataclasses.replace(wrong, text=""))):
        with pytest.raises(ChangedError, match=rf"{UID}\.ics was changed by somebody else"):
            act()
    assert here.read(UID) == resource
    (folder / resource.href).unlink()
    for act in changes_of(here, resource):
        with pytest.raises(ChangedError, match=rf"{UID}\.ics is gone"):
            act()
    assert sorted(contents(folder)) == ["foreign.ics"]


def test_a_hold_that_cannot_be_read_any_more_is_not_completed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    resource = only_calendar(folder).create(draft())
    real = read_file

    def until_then(parent: Path, name: str) -> list[Resource]:
        found = real(parent, name)
        (parent / name).unlink()
        return found

    monkeypatch.setattr(files, "read_file", until_then)
    with pytest.raises(ChangedError, match=rf"{UID}\.ics cannot be read as it was"):
        only_calendar(folder).complete(resource, ())


@pytest.mark.parametrize("becomes", ["nothing", "no calendar", "two events"])
def test_a_hold_that_is_not_there_as_written_is_uncertain(
    folder: Path, monkeypatch: pytest.MonkeyPatch, becomes: str
) -> None:
    path, real = folder / f"{UID}.ics", os.fsync
    texts = {"no calendar": "BEGIN:", "two events": calendar(event("a"), event("b"))}

    def late(descriptor: int) -> None:
        real(descriptor)
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            path.unlink()
            if becomes in texts:
                write(path, texts[becomes])

    monkeypatch.setattr(os, "fsync", late)
    with pytest.raises(UncertainError, match=f"{path} was written and is not there as written"):
        only_calendar(folder).create(draft())


def test_a_deletion_between_looking_and_writing_is_kept(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    resource = only_calendar(folder).create(draft())
    meanwhile(monkeypatch, (folder / resource.href).unlink)
    with pytest.raises(ChangedError):
        only_calendar(folder).update(resource, draft(day=3))
    assert sorted(contents(folder)) == ["foreign.ics"]


@pytest.mark.parametrize("links", [True, False], ids=["links", "no links"])
def test_a_file_that_appears_between_looking_and_writing_is_kept(
    folder: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    if not links:
        monkeypatch.setattr(os, "link", refuse(errno.EPERM))
    meanwhile(monkeypatch, lambda: write(folder / f"{UID}.ics", "theirs"))
    with pytest.raises(TakenError):
        only_calendar(folder).create(draft())
    assert contents(folder)[f"{UID}.ics"] == b"theirs"
    assert len(contents(folder)) == 2


def test_a_touched_hold_counts_as_changed(folder: Path) -> None:
    resource = only_calendar(folder).create(draft())
    (folder / resource.href).touch()
    with pytest.raises(ChangedError):
        only_calendar(folder).delete(resource)
    again = only_calendar(folder).read(UID)
    assert again is not None
    only_calendar(folder).delete(again)


def test_a_hold_replaced_by_a_link_is_left_alone(folder: Path) -> None:
    resource = only_calendar(folder).create(draft())
    path, elsewhere = folder / resource.href, folder.parent / "elsewhere.ics"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)
    linked = only_calendar(folder).read(UID)
    assert linked is not None
    for act in (
        only_calendar(folder).delete,
        lambda it: only_calendar(folder).update(it, draft(day=3)),
    ):
        with pytest.raises(ChangedError):
            act(linked)
    assert path.is_symlink()
    assert elsewhere.read_bytes().decode() == resource.text


# --- what the operating system refuses ---


def refuse(code: int) -> object:
    def refusing(*args: object, **kwargs: object) -> None:
        raise OSError(code, os.strerror(code))

    return refusing


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_on_a_full_disk_nothing_is_half_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    resource = only_calendar(folder).create(draft())
    before = contents(folder)
    monkeypatch.setattr(os, "fsync", refuse(code))
    for act in (
        lambda: only_calendar(folder).create(draft(uid="fikad-2")),
        lambda: only_calendar(folder).update(resource, draft(day=3)),
    ):
        with pytest.raises(AccountError, match="no space left"):
            act()
        assert contents(folder) == before


def test_a_write_that_is_interrupted_leaves_the_old_hold(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    resource = only_calendar(folder).create(draft())
    before = contents(folder)

    def interrupted(*args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        only_calendar(folder).update(resource, draft(day=3))
    assert contents(folder) == before


def test_where_there_are_no_hard_links_holds_are_written_all_the_same(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "link", refuse(errno.EPERM))
    written = only_calendar(folder).create(draft())
    assert only_calendar(folder).read(UID) == written
    assert len(contents(folder)) == 2
    with pytest.raises(TakenError):
        only_calendar(folder).create(draft())


def test_an_unkept_promise_of_the_disk_leaves_the_write_uncertain(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.fsync

    def only_files(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EIO, "Input/output error")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", only_files)
    with pytest.raises(UncertainError):
        only_calendar(folder).create(draft())


def test_a_folder_that_may_not_be_written_is_read_only(folder: Path) -> None:
    folder.chmod(0o555)
    with without_privileges(folder):
        calendar = only_calendar(folder)
        assert not calendar.writable
        with pytest.raises(ReadOnlyError, match="choose another calendar"):
            calendar.create(draft())
        account = FilesAccount("home", folder, {})
        with pytest.raises(ReadOnlyError):
            account.create_calendar("Fikad")
    assert sorted(contents(folder)) == ["foreign.ics"]


def test_a_read_only_file_system_is_read_only(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    resource = only_calendar(folder).create(draft())
    before = contents(folder)
    monkeypatch.setattr(os, "open", refuse_writing(errno.EROFS))
    monkeypatch.setattr(Path, "unlink", refuse(errno.EROFS))
    for act in (
        lambda: only_calendar(folder).create(draft(uid="fikad-2")),
        lambda: only_calendar(folder).update(resource, draft(day=3)),
        lambda: only_calendar(folder).delete(resource),
    ):
        with pytest.raises(ReadOnlyError):
            act()
    monkeypatch.undo()
    assert contents(folder) == before


def refuse_writing(code: int) -> object:
    real = os.open

    def opening(path: str, flags: int, *rest: int) -> int:
        if flags & os.O_WRONLY:
            raise OSError(code, os.strerror(code))
        return real(path, flags, *rest)

    return opening


def test_no_parser_is_imported_for_reading() -> None:
    code = "import sys, connectors.files.account; sys.exit('icalendar' in sys.modules)"
    assert (
        subprocess.run(
            [sys.executable, "-c", code], cwd=Path(files.__file__).parents[2], check=False
        ).returncode
        == 0
    )
