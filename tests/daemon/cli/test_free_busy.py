"""What commands tell of people whose servers are to be asked when they are busy."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.daemon.cli.running import Fikad, days_ago, event

NONE = "none of your accounts has a server that can be asked when others are busy"
JANE = '[[contacts]]\nname = "Jane Doe"\nemails = ["jane@example.com"]\ncadence = "2 weeks"\n'


@pytest.fixture
def fikad(tmp_path: Path) -> Fikad:
    """With files alone, which nobody can be asked by."""
    calendar = tmp_path / "calendars" / "Personal"
    calendar.mkdir(parents=True)
    (calendar / "met.ics").write_text(event("met", "Coffee with Jane Doe", days_ago(60), 45))
    made = Fikad(tmp_path)
    home = f'[accounts.home]\ntype = "files"\npath = "{calendar.parent}"\n'
    made.configure(f'timezone = "Europe/Berlin"\n{home}{JANE}free_busy = true\n')
    return made


def test_that_nobody_can_be_asked_is_told_once_and_kept_where_it_is_looked_for(
    fikad: Fikad,
) -> None:
    before = fikad("why", "Jane Doe").out
    assert "When Jane Doe is busy is asked when the next suggestion for them is planned." in before
    first = fikad("once")
    assert first.err.count(f"fikad: free/busy: {NONE}") == 1
    assert (first.code, "Coffee with Jane Doe?" in first.out) == (0, True)
    status = fikad("status")
    assert f"free/busy: {NONE}" in status.out
    why = " ".join(fikad("why", "Jane Doe").out.split())
    assert "When Jane Doe is busy is unknown: nobody said on" in why
    assert NONE in why
    assert fikad("once", "--json").json["free_busy"] == []


def test_the_json_names_what_could_not_be_asked(fikad: Fikad) -> None:
    trouble = {"account": None, "message": NONE}
    assert fikad("once", "--json").json["free_busy"] == [trouble]
    told = fikad("status", "--json").json["free_busy"]
    assert (told["troubles"], told["unknown"]) == ([trouble], ["Jane Doe"])
    why = fikad("why", "Jane Doe", "--json").json["free_busy"]
    assert (why["busy"], why["troubles"]) == (None, [NONE])
