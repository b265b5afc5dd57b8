"""What was entered by hand, and taking it back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from daemon.ledger.ledger import Ledger, open_ledger

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(tmp_path) as opened:
        yield opened


def words(ledger: Ledger) -> list[tuple[str, str]]:
    return [(entry.contact, entry.word) for entry in ledger.entries()]


def test_what_stood_before_an_entry_stands_again_once_it_is_taken_back(ledger: Ledger) -> None:
    ledger.never("jane", NOW)
    ledger.snooze("jane", NOW + DAY, NOW)
    ledger.note("jane", "The garden", NOW)
    ledger.add_met("jane", NOW - DAY, NOW)
    for expected in (
        (("met",), ()),
        (("note",), ""),
        (("snoozed_until", "never"), (None, True)),
        (("never",), False),
    ):
        ledger.take_back(ledger.entries()[-1])
        record = ledger.people()["jane"]
        fields = tuple(getattr(record, field) for field in expected[0])
        assert fields == (expected[1] if len(fields) > 1 else (expected[1],))
    assert words(ledger) == []


def test_what_changes_nothing_is_no_entry(ledger: Ledger) -> None:
    for _ in range(2):
        ledger.never("jane", NOW)
        ledger.note("jane", "The garden", NOW)
        ledger.add_met("jane", NOW - DAY, NOW)
    assert words(ledger) == [("jane", "never"), ("jane", "note"), ("jane", "met")]


def test_entries_go_with_whoever_is_called_otherwise_since(ledger: Ledger) -> None:
    ledger.note("jane doe", "The garden", NOW)
    ledger.carry_over({"jane doe": "jane miller"})
    assert words(ledger) == [("jane miller", "note")]
    ledger.take_back(ledger.entries()[-1])
    assert ledger.people()["jane miller"].note == ""


def test_entries_are_kept_for_a_while_only(ledger: Ledger) -> None:
    with ledger.transaction():
        for number in range(250):
            ledger.note("jane", f"{number}", NOW)
    assert len(ledger.entries()) == 200
