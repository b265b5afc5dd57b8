"""What is told, in the words and dates in which people read it."""

from __future__ import annotations

import fcntl
import re
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest

from daemon.durations import on_day
from tests.daemon.cli.running import ALWAYS, CONTACTS, Fikad, days_ago, event, with_guests
from tests.daemon.cli.terminal import Terminal

FILES = '[accounts.home]\ntype = "files"\npath = "calendars"\n'


@pytest.fixture
def fikad(tmp_path: Path) -> Fikad:
    """Calendars in files: Jane was met 40 days ago, Omar yesterday."""
    folder = tmp_path / "calendars" / "Personal"
    folder.mkdir(parents=True)
    (folder / "jane.ics").write_text(
        event("jane", "Coffee", days_ago(40), 60, *with_guests("jane@example.org"))
    )
    (folder / "omar.ics").write_text(event("omar", "Lunch with Omar Haddad", days_ago(1)))
    made = Fikad(tmp_path)
    made.configure(ALWAYS + FILES + CONTACTS)
    return made


# --- dates ---


def test_a_whole_day_is_told_by_its_date_west_of_utc_too(fikad: Fikad) -> None:
    day = days_ago(5).date()
    text = event("free", "Holiday with Jane Doe", days_ago(5))
    text = re.sub(r"DTSTART[^\r\n]*", f"DTSTART;VALUE=DATE:{day:%Y%m%d}", text)
    text = re.sub(r"DTEND[^\r\n]*", f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}", text)
    (fikad.folder / "calendars" / "Personal" / "free.ics").write_text(text)
    fikad.configure(fikad.config.read_text().replace("Europe/Berlin", "America/Los_Angeles"))
    fikad("once", "--no-plan")
    [rejected] = [
        reason
        for reason in fikad("why", "jane", "--json").json["rejected"]
        if reason["code"] == "all-day"
    ]
    assert rejected["start"].startswith(f"{day}T00:00:00-0")
    [line] = [line for line in fikad("why", "jane").out.splitlines() if "Holiday" in line]
    assert line.startswith(f"    {on_day(day)} ")
    assert "00:00" not in line


def test_every_command_says_a_date_in_the_one_style(fikad: Fikad) -> None:
    once = fikad("once").out
    [hold] = [
        contact["hold"] for contact in fikad("status", "--json").json["contacts"] if contact["hold"]
    ]
    fikad("snooze", "omar", "3", "weeks")
    shown = [
        once,
        *(
            fikad(*line.split()).out
            for line in ("status", "why jane", "why omar", "check --offline")
        ),
    ]
    shown.append(fikad("met", "omar", "--on", f"{days_ago(50):%Y-%m-%d}").out)
    assert hold["title"] in once
    for text in shown:
        assert not re.search(r"\d{4}-\d\d-\d\d", text), text
        assert not re.search(r"\b0\d [A-Z][a-z]{2}\b", text), text
    assert f"you met Omar Haddad on {on_day(days_ago(50).date())}." in shown[-1]


def test_the_table_is_in_the_order_of_the_due_dates(fikad: Fikad) -> None:
    fikad.configure(
        fikad.config.read_text() + '[[contacts]]\nname = "Lee Chen"\ncadence = "3 weeks"\n'
    )
    # due two weeks ago, and more urgent than Jane
    fikad("met", "lee", "--on", f"{days_ago(35):%Y-%m-%d}")
    fikad("once", "--no-plan")
    names = [line.split("  ")[0].strip() for line in fikad("status").out.splitlines()]
    assert [name for name in names if name in ("Jane Doe", "Lee Chen", "Omar Haddad")] == [
        "Lee Chen",
        "Jane Doe",
        "Omar Haddad",
    ]


def test_an_account_that_was_never_read_is_told_so_once(fikad: Fikad) -> None:
    [line] = [line for line in fikad("status").out.splitlines() if line.startswith("account")]
    assert line == 'account "home": stale, never read: run `fikad once`'
    fikad("once", "--no-plan")
    [line] = [line for line in fikad("status").out.splitlines() if line.startswith("account")]
    assert line.startswith('account "home": ok, read ')


def test_one_new_meeting_is_one(fikad: Fikad) -> None:
    (fikad.folder / "calendars" / "Personal" / "jane.ics").unlink()
    assert "counted 1 new meeting, with Omar Haddad\n" in fikad("once", "--no-plan").out


# --- one picture ---


def test_the_streak_is_one_whoever_was_removed_since(fikad: Fikad) -> None:
    everybody = fikad.config.read_text() + '[[contacts]]\nname = "Lee Chen"\n'
    fikad.configure(everybody)
    for weeks in range(1, 6):
        fikad("met", "lee", "--on", f"{days_ago(7 * weeks):%Y-%m-%d}")
    fikad.configure(everybody.removesuffix('[[contacts]]\nname = "Lee Chen"\n'))
    fikad("once", "--no-plan")
    streak = fikad("report", "--json").json["streak_weeks"]
    assert fikad("status", "--json").json["practice"]["streak_weeks"] == streak < 5


def test_an_accepted_hold_is_the_one_ahead(fikad: Fikad) -> None:
    fikad("once")
    [path] = (fikad.folder / "calendars").rglob("fikad-*.ics")
    path.write_text(path.read_text().replace("Jane Doe?", "Jane Doe"), newline="")
    fikad("once")
    [hold] = [
        contact["hold"] for contact in fikad("status", "--json").json["contacts"] if contact["hold"]
    ]
    assert (hold["contact"], hold["state"]) == ("Jane Doe", "accepted")


def test_what_is_entered_by_hand_answers_with_what_is_known_now(fikad: Fikad) -> None:
    fikad("once", "--no-plan")
    met = fikad("met", "jane", "--json").json
    assert (met["name"], met["rule"]) == ("Jane Doe", "manual")
    snoozed = fikad("snooze", "jane", "3", "weeks", "--json").json
    assert snoozed["snoozed_until"] is not None
    assert fikad("note", "jane", "the garden", "--json").json["note"] == "the garden"
    [known] = [
        contact
        for contact in fikad("status", "--json").json["contacts"]
        if contact["name"] == "Jane Doe"
    ]
    assert known["snoozed_until"] == snoozed["snoozed_until"]


# --- why nobody ---


def test_who_can_never_be_suggested_is_told_by_every_command(fikad: Fikad) -> None:
    text = fikad.config.read_text().replace(
        'name = "Jane Doe"', 'name = "Jane Doe"\noccasions = ["drinks"]'
    )
    fikad.configure(re.sub(r"\[availability\]\n(?:\w+ = .*\n)+", "", text))
    why = "you are never available at the times for drinks"
    checked = fikad("config", "check")
    assert (checked.code, "can be used" in checked.out, why in checked.out) == (0, True, True)
    assert why in fikad("config", "check", "--json").json["warnings"][0]["message"]
    once = fikad("once").out
    assert f"Jane Doe: {why[0].upper()}{why[1:]}" in once
    rows = fikad("check", "--offline", "--json").json["rows"]
    assert any(row["state"] == "warning" and why in row["message"] for row in rows)
    status = fikad("status").out
    assert "to be suggested" not in status
    assert why[1:] in status
    assert why[1:] in fikad("why", "jane", "--json").json["plan"]["reason"]


def test_once_says_why_nobody_is_suggested(fikad: Fikad) -> None:
    fikad("met", "jane")
    told = fikad("once").out
    assert "nobody was suggested:" in told
    assert "  Jane Doe: Due on" in told
    assert "nobody would be suggested:" in fikad("once", "--dry-run").out
    assert "suggested" not in fikad("once", "--no-plan").out


def test_one_file_alone_is_answered_with_what_can_be_done(fikad: Fikad) -> None:
    text = fikad.config.read_text().replace(
        'path = "calendars"', 'path = "calendars/Personal/jane.ics"'
    )
    fikad.configure(text)
    ran = fikad("once")
    assert ran.code == 10
    assert 'holds cannot be written to "home", which can only be read' in ran.err
    assert "fikad init --add-account" in ran.err


def test_a_check_without_a_config_leads_to_init(tmp_path: Path) -> None:
    ran = Fikad(tmp_path)("check", "--json")
    assert ran.code == 10
    assert ran.json["rows"][0]["next"] == "run `fikad init`, which writes it"


# --- purging ---


def test_a_no_to_purge_removes_nothing_and_nothing_waits_for_it(fikad: Fikad) -> None:
    fikad("once")
    [hold] = (fikad.folder / "calendars").rglob("fikad-*.ics")
    line = ("--config", str(fikad.config), "--state", str(fikad.state), "purge")
    with Terminal(line, fikad.folder, 80) as terminal:
        terminal.wait("1 untouched hold")
        with (fikad.state / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # a daemon can go on meanwhile
            fcntl.flock(lock, fcntl.LOCK_UN)
        terminal.answer("Remove them?", "n")
        screen = terminal.end()
    assert screen.code == 0
    assert "Nothing was removed." in screen.text
    assert hold.exists()


def test_a_yes_to_purge_removes_what_was_shown(fikad: Fikad) -> None:
    fikad("once")
    [hold] = (fikad.folder / "calendars").rglob("fikad-*.ics")
    line = ("--config", str(fikad.config), "--state", str(fikad.state), "purge")
    with Terminal(line, fikad.folder, 80) as terminal:
        terminal.answer("Remove them?", "y")
        screen = terminal.end()
    assert (screen.code, "Removed 1." in screen.text, hold.exists()) == (0, True, False)


# --- trying ---


def test_a_zip_of_exports_is_tried_as_it_is(fikad: Fikad) -> None:
    with zipfile.ZipFile(fikad.folder / "takeout.zip", "w") as archive:
        for name in ("jane", "omar"):
            archive.write(
                fikad.folder / "calendars" / "Personal" / f"{name}.ics", f"Takeout/{name}.ics"
            )
    facts = fikad("try", "takeout.zip", "--json").json
    assert facts["events"] == 2
    assert "Omar Haddad" in [person["name"] for person in facts["people"]]


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252"])
def test_an_export_in_windows_letters_is_read(fikad: Fikad, encoding: str) -> None:
    (fikad.folder / "a.ics").write_bytes(
        event("a", "Lunch with Zoë Müller", days_ago(3)).encode(encoding)
    )
    assert [person["name"] for person in fikad("try", "a.ics", "--json").json["people"]] == [
        "Zoë Müller"
    ]


def test_a_table_of_outlook_is_answered_with_what_to_export(fikad: Fikad) -> None:
    (fikad.folder / "calendar.csv").write_text(
        '"Subject","Start Date","Start Time"\n"Tea","1/12/2026","10:00"\n'
    )
    ran = fikad("try", "calendar.csv")
    assert ran.code == 12
    assert "is a table (.csv)" in ran.err
    assert "iCalendar (.ics)" in ran.err
