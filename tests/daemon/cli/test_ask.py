"""`fikad ask`: the message with open times, for any moment, sent by nobody but the user."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from daemon.holds.moments import When
from daemon.holds.orders import read_when
from tests.daemon.cli.running import BERLIN, Fikad, days_ago, event, with_guests

ENTRIES = """
[[contacts]]
name = "Jane Doe"
emails = ["jane@example.com"]
occasions = ["coffee", "walk"]

[[contacts]]
name = "Bob Ray"
phone = "+49 171 2345"
"""
BUSY_EVERY_WEEKDAY = "RRULE:FREQ=DAILY;COUNT=60"


@pytest.fixture
def asking(tmp_path: Path) -> Fikad:
    fikad = Fikad(tmp_path)
    calendar = tmp_path / "calendars" / "Personal"
    calendar.mkdir(parents=True)
    fikad.configure(
        f'timezone = "Europe/Berlin"\n[accounts.home]\ntype = "files"\npath = "{calendar.parent}"\n'
        f"{ENTRIES}"
    )
    start = days_ago(0, hour=9)
    (calendar / "work.ics").write_text(event("work", "Work", start, 180, BUSY_EVERY_WEEKDAY))
    return fikad


def tree(folder: Path) -> dict[str, str]:
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix == ".ics"
    }


def starts(facts: dict[str, Any]) -> list[datetime]:
    return [datetime.fromisoformat(one["start"]).astimezone(BERLIN) for one in facts["times"]]


def test_it_offers_open_times_and_the_link_that_opens_the_message(asking: Fikad) -> None:
    asking("once", "--no-plan")
    before = tree(asking.folder)
    facts = asking("ask", "jane", "--json").json
    assert list(facts) == ["contact", "occasion", "times", "message", "link"]
    assert (facts["contact"], facts["occasion"]) == ("Jane Doe", "coffee")
    assert len(facts["times"]) == 3
    assert len({moment.date() for moment in starts(facts)}) == 3
    assert all(moment.hour >= 14 for moment in starts(facts)), "the mornings are taken"
    assert parse_qs(urlsplit(facts["link"]).query)["body"] == [facts["message"]]
    printed = asking("ask", "jane")
    assert (printed.code, printed.out) == (0, f"{facts['message']}\n\n{facts['link']}\n")
    assert tree(asking.folder) == before
    assert asking("status", "--json").json["contacts"][0]["hold"] is None


def test_a_hold_ahead_is_what_is_asked_for(asking: Fikad) -> None:
    asking("once")
    hold = next(
        contact["hold"]
        for contact in asking("status", "--json").json["contacts"]
        if contact["hold"] is not None
    )
    facts = asking("ask", hold["contact"], "--json").json
    assert facts["times"][0] == {"start": hold["start"], "end": hold["end"]}
    assert len(facts["times"]) == 3


@pytest.mark.parametrize(
    "when", ["next week", "nächste Woche", "nästa vecka", "la semaine prochaine"]
)
def test_it_takes_any_time_that_is_named_in_any_language(asking: Fikad, when: str) -> None:
    asking("once", "--no-plan")
    facts = asking("ask", "jane", "--when", when, "--json").json
    today = days_ago(0).date()
    monday = today + timedelta(days=7 - today.weekday())
    assert all(monday <= moment.date() < monday + timedelta(days=7) for moment in starts(facts))
    assert facts["times"]


def test_meetings_of_long_ago_do_not_hinder_a_time_that_is_named(asking: Fikad) -> None:
    """They are in the ledger, which is closed by the time other times are looked for."""
    then = event("then", "Coffee", days_ago(60), 60, *with_guests("jane@example.com"))
    (asking.folder / "calendars/Personal/then.ics").write_text(then)
    asking("once", "--no-plan")
    ran = asking("ask", "jane", "--when", "next week")
    assert (ran.code, ran.err) == (0, "")


def test_a_time_beyond_the_horizon_is_looked_at_too(asking: Fikad) -> None:
    asking("once", "--no-plan")
    [first, *_] = starts(asking("ask", "bob", "--when", "in 4 weeks", "--json").json)
    assert 28 <= (first.date() - days_ago(0).date()).days < 35
    assert asking("ask", "bob", "--json").json["link"].startswith("sms:+491712345?")


@pytest.mark.parametrize("when", ["yesterday", "whenever", "next next"])
def test_what_names_no_time_to_come_is_said_to_be_none(asking: Fikad, when: str) -> None:
    asking("once", "--no-plan")
    ran = asking("ask", "jane", "--when", when)
    assert (ran.code, ran.out) == (2, "")
    assert "names no time to come" in ran.err


def test_where_nothing_is_open_it_says_so(asking: Fikad) -> None:
    asking("once", "--no-plan")
    ran = asking("ask", "jane", "--when", "in 1 year")
    assert (ran.code, ran.out) == (1, "")
    assert "nothing is open for Jane Doe in 1 year" in ran.err


def test_nothing_is_offered_while_it_is_not_known_what_is_open(asking: Fikad) -> None:
    ran = asking("ask", "jane")
    assert (ran.code, ran.out) == (12, "")
    assert "run `fikad once`" in ran.err
    asking("once", "--no-plan")
    (asking.folder / "calendars").rename(asking.folder / "gone")
    asking("once", "--no-plan")
    assert asking("ask", "jane").code == 12


# --- the clipboard ---


def clipboard(folder: Path, *names: str, code: int = 0) -> dict[str, str]:
    """Programs of these names that keep what they are given beside them, and nothing else."""
    programs = folder / "bin"
    programs.mkdir()
    for name in names:
        program = programs / name
        program.write_text(f'#!/bin/sh\n/bin/cat > "{folder}/{name}.copied"\nexit {code}\n')
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return {"PATH": str(programs), "DISPLAY": "", "WAYLAND_DISPLAY": ""}


@pytest.mark.parametrize(
    ("name", "needs", "encoding"),
    [
        ("wl-copy", {"WAYLAND_DISPLAY": "wayland-0"}, "utf-8"),
        ("xclip", {"DISPLAY": ":0"}, "utf-8"),
        ("pbcopy", {}, "utf-8"),
        ("clip.exe", {}, "utf-16-le"),
    ],
)
def test_the_message_goes_to_the_clipboard_that_is_at_hand(
    asking: Fikad, name: str, needs: dict[str, str], encoding: str
) -> None:
    asking("once", "--no-plan")
    at_hand = clipboard(asking.folder, "wl-copy", "xclip", "pbcopy", "clip.exe")
    if not needs:
        for other in {"pbcopy", "clip.exe"} - {name}:
            (asking.folder / "bin" / other).unlink()
    ran = asking("ask", "jane", "--copy", **{**at_hand, **needs})
    assert ran.code == 0
    copied = (asking.folder / f"{name}.copied").read_bytes().decode(encoding)
    assert ran.out.startswith(f"{copied}\n")


def test_without_a_clipboard_the_message_is_printed_all_the_same(asking: Fikad) -> None:
    asking("once", "--no-plan")
    ran = asking("ask", "jane", "--copy", **clipboard(asking.folder))
    assert ran.code == 1
    assert ran.out.startswith("Hi Jane")
    assert "no clipboard is at hand" in ran.err


@pytest.mark.skipif(
    not (shutil.which("xclip") and os.environ.get("DISPLAY")), reason="no X display with xclip"
)
def test_the_real_clipboard_holds_it(asking: Fikad) -> None:
    import subprocess

    asking("once", "--no-plan")
    ran = asking("ask", "jane", "--copy")
    held = subprocess.run(
        ["xclip", "-selection", "clipboard", "-o"], capture_output=True, text=True, timeout=10
    )
    assert ran.out.startswith(held.stdout)


# --- times as they are named ---


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("next week", When("next", 0, "week")),
        ("tuesday", When("weekday", 1)),
        ("on friday", When("weekday", 4)),
        ("am Dienstag", When("weekday", 1)),
        ("in 2 weeks", When("span", 2, "week")),
        ("nächsten Monat", When("next", 0, "month")),
        ("january", When("month", 1)),
        ("12 May", When("date", 0, "", 5, 12, 0)),
        ("tomorrow", When("date", 1)),
        ("来週", When("next", 0, "week")),
        ("w przyszłym tygodniu", When("next", 0, "week")),
        ("yesterday", None),
        ("soon", None),
        ("", None),
    ],
)
def test_a_time_is_read_as_people_name_it(text: str, when: When | None) -> None:
    assert read_when(text) == when
