"""In which row of the table a hold is, by what was found of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.base import HoldDraft
from connectors.ical.hold_text import seal
from daemon.holds.edits import as_intended
from daemon.holds.facts import Facts
from daemon.holds.record import begin, confirmed
from daemon.holds.sight import is_unedited, row, sight
from daemon.people.contacts import Contact

NOW = datetime(2026, 4, 19, 15, 0, tzinfo=UTC)
START = datetime(2026, 4, 21, 8, 0, tzinfo=UTC)
END = START + timedelta(minutes=45)
JANE = Contact("jane doe", "Jane Doe", timedelta(weeks=6))
TITLE = "Coffee with Jane Doe?"
UNSEALED = HoldDraft("fikad-x", TITLE, START, END, "Why\n\nHow")
DRAFT = replace(UNSEALED, seal=seal(UNSEALED))
FOUND = as_intended(DRAFT)
HOLD = confirmed(begin(DRAFT, JANE, account="home", calendar="Fikad", now=NOW), FOUND)


@pytest.mark.parametrize(
    ("change", "seen"),
    [
        ({}, "as written"),
        ({"seal": ""}, "as written"),
        ({"location": "Rosa"}, "touched"),
        ({"title": "Coffee with Jane Doe"}, "touched"),
        ({"title": "yes"}, "touched"),
        ({"title": f"{TITLE} yes"}, "touched"),
        ({"title": "skip"}, "order"),
        ({"title": "skip", "status": "cancelled"}, "order"),
        ({"title": "tuesday"}, "another time"),
        ({"title": "tuesday", "status": "cancelled"}, "cancelled"),
        ({"status": "cancelled"}, "cancelled"),
        ({"status": "cancelled", "withdrawn": True}, "marked"),
        ({"title": "missed"}, "touched"),
    ],
)
def test_a_hold_is_seen_by_what_became_of_it(change: dict[str, Any], seen: str) -> None:
    assert sight(HOLD, replace(FOUND, **change), NOW) == seen


def test_a_hold_can_be_missed_from_its_end_on() -> None:
    missed = replace(FOUND, title="missed")
    assert sight(HOLD, missed, END - timedelta(seconds=1)) == "touched"
    assert sight(HOLD, missed, END) == "missed"


def test_what_is_not_there_is_gone_or_elsewhere_and_nothing_is_known_of_what_was_not_read() -> None:
    assert row(HOLD, None, Facts(), NOW) == "gone"
    assert row(HOLD, None, Facts(elsewhere=FOUND), NOW) == "elsewhere"
    assert row(HOLD, FOUND, Facts(), NOW) == "as written"
    missed = replace(FOUND, title="missed", seal="")
    assert [row(HOLD, missed, Facts(), when) for when in (NOW, END)] == ["touched", "missed"]
    assert row(HOLD, None, Facts(complete=False), NOW) == "unread"
    assert row(HOLD, FOUND, Facts(complete=False), NOW) == "unread"


def test_what_was_meant_is_as_good_as_what_was_written_only_while_a_write_is_open() -> None:
    """On a server that drops seals and rewrites texts."""
    rewritten = replace(FOUND, description="Why How!", seal="")
    proposed = replace(HOLD, baseline=rewritten)
    as_meant = replace(FOUND, seal="")
    assert is_unedited(proposed, rewritten)
    assert not is_unedited(proposed, as_meant)
    assert is_unedited(replace(proposed, intent="update"), as_meant)
