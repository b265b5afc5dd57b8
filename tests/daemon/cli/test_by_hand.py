"""What is said by hand, in the words people use, and taking it back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.daemon.cli.running import ALWAYS, BERLIN, CONTACTS, Fikad, days_ago, event


@pytest.fixture
def fikad(tmp_path: Path) -> Fikad:
    """Calendars in files: nobody was met for 40 days but Omar, who was met yesterday."""
    folder = tmp_path / "calendars" / "Personal"
    folder.mkdir(parents=True)
    (folder / "jane.ics").write_text(event("jane", "Coffee with Jane Doe", days_ago(40)))
    (folder / "omar.ics").write_text(event("omar", "Lunch with Omar Haddad", days_ago(1)))
    made = Fikad(tmp_path)
    made.configure(ALWAYS + '[accounts.home]\ntype = "files"\npath = "calendars"\n' + CONTACTS)
    return made


_LASTING = ("last_met", "due", "note", "snoozed_until", "resting_until", "waiting_code")
"""What of a contact's facts does not change with the time."""


def known(fikad: Fikad, name: str = "Jane Doe") -> dict[str, Any]:
    contacts: list[dict[str, Any]] = fikad("status", "--json").json["contacts"]
    return next(contact for contact in contacts if contact["name"] == name)


def holds(fikad: Fikad) -> list[Path]:
    return sorted((fikad.folder / "calendars").rglob("fikad-*.ics"))


@pytest.mark.parametrize(
    ("said", "days"), [("3w", 21), ("3 weeks", 21), ("in 2 weeks", 14), ("vier Wochen", None)]
)
def test_snooze_takes_a_span_as_people_write_it(fikad: Fikad, said: str, days: int | None) -> None:
    ran = fikad("snooze", "Jane Doe", *said.split())
    if days is None:
        assert ran.code == 2
        assert "3 weeks" in ran.err
        return
    until = datetime.fromisoformat(known(fikad)["snoozed_until"])
    assert timedelta(days=days, hours=-1) < until - datetime.now(UTC) <= timedelta(days=days)


def test_snooze_takes_a_day_to_wait_for(fikad: Fikad) -> None:
    assert fikad("snooze", "Jane Doe", "until", "12", "Jan").code == 0
    until = datetime.fromisoformat(known(fikad)["snoozed_until"]).astimezone(BERLIN)
    assert (until.day, until.month, until.hour, until.minute) == (12, 1, 0, 0)
    assert until > datetime.now(UTC)


def test_met_takes_a_day_as_people_name_it(fikad: Fikad) -> None:
    assert fikad("met", "Jane Doe", "--on", "yesterday").code == 0
    met = datetime.fromisoformat(known(fikad)["last_met"]).astimezone(BERLIN)
    assert met.date() == (datetime.now(BERLIN) - timedelta(days=1)).date()
    assert (met.hour, met.minute) == (12, 0)


@pytest.mark.parametrize("said", ["tomorrow", "some day", "2099-01-01"])
def test_met_on_a_day_ahead_or_on_none_is_refused_and_says_how_to_write_it(
    fikad: Fikad, said: str
) -> None:
    ran = fikad("met", "Jane Doe", "--on", said)
    assert (ran.code, ran.out) == (2, "")
    assert "day" in ran.err


def test_a_note_is_read_back(fikad: Fikad) -> None:
    assert "no note" in fikad("note", "Jane Doe").out
    fikad("note", "Jane Doe", "Ask about the garden")
    assert fikad("note", "Jane Doe").out.strip() == "Ask about the garden"
    assert known(fikad)["note"] == "Ask about the garden"


def test_undo_without_anything_to_take_back_says_so(fikad: Fikad) -> None:
    ran = fikad("undo")
    assert (ran.code, ran.out) == (1, "")
    assert "nothing to take back" in ran.err


def test_undo_takes_back_what_was_said_last_and_then_what_was_said_before(fikad: Fikad) -> None:
    fikad("once", "--no-plan")
    before = known(fikad)
    fikad("met", "Jane Doe", "--on", "yesterday")
    fikad("note", "Jane Doe", "The garden")
    fikad("note", "Jane Doe", "The house")
    fikad("snooze", "Omar Haddad", "3w")
    told = [fikad("undo").out for _ in range(4)]
    assert "Omar Haddad is to be left alone" in told[0]
    assert "the note on Jane Doe" in told[1]
    assert "stands again: The garden" in told[1]
    assert "that you met Jane Doe" in told[3]
    after = known(fikad)
    assert {key: after[key] for key in _LASTING} == {key: before[key] for key in _LASTING}
    assert known(fikad, "Omar Haddad")["snoozed_until"] is None
    assert fikad("undo").code == 1


def test_undo_with_a_name_takes_back_the_last_word_on_that_person(fikad: Fikad) -> None:
    fikad("met", "Jane Doe")
    fikad("note", "Omar Haddad", "New job")
    ran = fikad("undo", "jane", "--json")
    assert (ran.json["undone"], ran.json["name"]) == ("met", "Jane Doe")
    assert known(fikad, "Omar Haddad")["note"] == "New job"
    assert fikad("undo", "jane").code == 1


def test_what_stood_in_a_calendar_is_not_taken_back_with_the_entry_of_the_same_meeting(
    fikad: Fikad,
) -> None:
    fikad("once", "--no-plan")
    counted = known(fikad)["last_met"]
    fikad("met", "Jane Doe", "--on", "yesterday")
    fikad("undo")
    assert known(fikad)["last_met"] == counted


def test_the_rest_after_a_dismissed_hold_can_be_taken_back(fikad: Fikad) -> None:
    fikad("once")
    [hold] = holds(fikad)
    hold.unlink()
    fikad("once")
    assert known(fikad)["resting_until"]
    assert holds(fikad) == []
    assert "the rest of Jane Doe" in fikad("undo").out
    assert known(fikad)["resting_until"] is None
    fikad("once")
    [again] = holds(fikad)
    assert again.name != hold.name  # a deleted hold never comes back: this is another one
    assert fikad("undo").code == 1


def test_so_can_that_after_one_that_stands_again(fikad: Fikad) -> None:
    fikad("once")
    [hold] = holds(fikad)
    text = hold.read_text()
    hold.unlink()
    fikad("once")
    hold.write_text(text)
    fikad("once")
    assert known(fikad)["resting_until"]
    assert "the rest of Jane Doe" in fikad("undo").out
    assert known(fikad)["resting_until"] is None


def test_never_written_into_a_hold_is_taken_back_with_its_rest_at_once(fikad: Fikad) -> None:
    fikad("once")
    [hold] = holds(fikad)
    hold.write_text(hold.read_text().replace("Coffee with Jane Doe?", "never"))
    fikad("once")
    assert fikad("status", "--json").json["contacts"] != []
    assert "never to be suggested" in fikad("undo").out
    assert known(fikad)["waiting_code"] in (None, "not-due")
    fikad("once")
    assert len(holds(fikad)) == 1
