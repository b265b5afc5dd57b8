"""`fikad backtest` on a folder of calendars."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.daemon.cli.running import Fikad, days_ago, event

CONFIG = """\
timezone = "Europe/Berlin"
me = ["sam@example.com"]
[accounts.home]
type = "files"
path = "{path}"
[[contacts]]
name = "Jane Doe"
emails = ["jane@example.org"]
cadence = "3 weeks"
[[contacts]]
name = "Lee Chen"
paused = true
"""


@pytest.fixture
def fikad(tmp_path: Path) -> Fikad:
    folder = tmp_path / "calendars" / "Personal"
    folder.mkdir(parents=True)
    for name, ago in (("Jane Doe", 150), ("Jane Doe", 130), ("Jane Doe", 20), ("Lee Chen", 100)):
        (folder / f"{ago}.ics").write_text(event(f"e{ago}", f"Coffee with {name}", days_ago(ago)))
    fikad = Fikad(tmp_path)
    fikad.configure(CONFIG.format(path=tmp_path / "calendars"))
    return fikad


def test_it_says_when_it_would_have_asked_and_compares_with_what_was(fikad: Fikad) -> None:
    assert fikad("once", "--no-plan").code == 0
    before = {path: path.read_bytes() for path in fikad.folder.rglob("*.ics")}
    facts = fikad("backtest", "--weeks", "20", "--json").json
    (jane,) = facts["contacts"]
    assert jane["name"] == "Jane Doe"
    assert jane["dates"]["real"] == 2
    assert jane["dates"]["replayed"] > jane["dates"]["real"]
    assert jane["in_touch"]["replayed"] > 0.8 > 0.4 > jane["in_touch"]["real"]
    assert len(facts["suggestions"]) == jane["asked"]
    assert facts["holds"]["real"] == {"asked": 0, "said_yes": 0, "kept": 0, "ahead": 0}
    replayed = facts["holds"]["replayed"]
    assert replayed["said_yes"] == sum(each["became"] == "kept" for each in facts["suggestions"])
    assert replayed["said_yes"] == replayed["kept"] + replayed["ahead"] > 0
    assert {"contact", "asked", "start", "title", "became", "reason"} <= facts["suggestions"][
        0
    ].keys()
    assert {path: path.read_bytes() for path in fikad.folder.rglob("*.ics")} == before
    assert "Lee" not in fikad("backtest").out


def test_ignored_suggestions_change_nothing(fikad: Fikad) -> None:
    fikad("once", "--no-plan")
    facts = fikad("backtest", "--weeks", "20", "--ignored", "--json").json
    (jane,) = facts["contacts"]
    assert facts["holds"]["replayed"]["asked"] > 0
    assert facts["holds"]["replayed"]["said_yes"] == 0
    assert jane["dates"]["real"] == jane["dates"]["replayed"]


def test_it_reads_for_people_too(fikad: Fikad) -> None:
    fikad("once", "--no-plan")
    shown = fikad("backtest", "--weeks", "20").out
    assert "Coffee with Jane Doe?" in shown
    assert (
        "suggestions a week. Had you kept every suggestion, you would have been in touch"
        in " ".join(shown.split())
    )


def test_without_anything_read_it_says_what_to_do(fikad: Fikad) -> None:
    ran = fikad("backtest")
    assert ran.code == 1
    assert "run `fikad once" in ran.err
