"""What `status` and `why` say of the practice: what does not fit is told, and nothing is changed by
itself."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from daemon.cli.status import print_status
from daemon.cli.why import print_explanation
from daemon.languages.date_style import PLAIN
from daemon.overview.status import status_facts
from daemon.overview.why import explanation
from tests.daemon.world import (
    SUNDAY,
    Clock,
    Fikad,
    address,
    calendars,
    config,
    meeting,
    met_long_ago,
    person,
)

COUNCIL = {
    "council": {"cadence": "1 month", "size": 1, "share": 0.4},
    "friends": {"cadence": "4 weeks", "share": 0.6},
}


def told(fikad: Fikad) -> dict[str, Any]:
    return status_facts(fikad.config, fikad.ledger, fikad.situation(), fikad.clock())


def shown(fikad: Fikad, capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    print_status(fikad.config, told(fikad), fikad.clock())
    return " ".join(capsys.readouterr().out.split())


def one_of(facts: dict[str, Any], name: str = "Jane Doe") -> dict[str, Any]:
    [matching] = [contact for contact in facts["contacts"] if contact["name"] == name]
    return dict(matching)


def weekly(name: str, weeks: int, organizer: str = "sam@example.com") -> list[str]:
    return [
        meeting(name, SUNDAY - timedelta(weeks=n, days=2), organizer=organizer)
        for n in range(weeks)
    ]


def test_meeting_much_sooner_is_a_reason_to_tighten_that_is_only_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    home = calendars(*weekly("Jane Doe", 6))
    fikad = Fikad(config(), home.open, Clock())
    fikad.once()
    assert "a cadence of 1 week would fit better than 4 weeks" in one_of(told(fikad))["advice"]
    assert "a cadence of 1 week would fit better than 4 weeks" in shown(fikad, capsys)
    assert one_of(told(fikad))["cadence_days"] == 28


def test_suggestions_that_come_to_nothing_are_a_reason_to_loosen_that_is_only_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    home = calendars(*met_long_ago(["Jane Doe"], weeks=20))
    fikad = Fikad(config(), home.open, Clock())
    for _ in range(3):
        assert one_of(told(fikad))["advice"] is None
        while not (asked := fikad.once().holds.get("proposed")):
            fikad.clock.forward(weeks=1)
        home.delete(asked[0].uid)
        fikad.once()
    assert "3 suggestions in a row came to nothing" in one_of(told(fikad))["advice"]
    assert "Jane Doe: 3 suggestions in a row came to nothing" in shown(fikad, capsys)
    assert fikad.config.people[0].cadence == timedelta(weeks=4)


def test_a_circle_that_has_outgrown_its_size_the_mix_and_the_streak_are_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    people = [
        person("Jane Doe", circle="council"),
        person("Bob Ray", circle="council"),
        person("Ann Lee", circle="friends"),
    ]
    home = calendars(*weekly("Ann Lee", 3), *met_long_ago(["Jane Doe", "Bob Ray"]))
    fikad = Fikad(config(contacts=people, circles=COUNCIL), home.open, Clock())
    fikad.once()
    practice = told(fikad)["practice"]
    assert practice["too_much"] == ["council has 2 people, and you want at most 1."]
    assert practice["streak_weeks"] == 3
    assert practice["mix"] == [
        {"circle": "council", "holds": 2, "share": 0.4},
        {"circle": "friends", "holds": 0, "share": 0.6},
    ]
    text = shown(fikad, capsys)
    assert "council has 2 people" in text
    assert "3 weeks in a row" in text


def test_dates_are_written_as_in_the_users_country_everywhere(
    capsys: pytest.CaptureFixture[str],
) -> None:
    home = calendars(*weekly("Jane Doe", 3))
    fikad = Fikad(config(country="US", rhythm={"weekly_digest": True}), home.open, Clock())
    fikad.once()
    [jane] = fikad.situation().contacts.values()
    facts = explanation(jane, fikad.config, fikad.ledger, fikad.situation(), fikad.clock())
    print_explanation(facts, fikad.config.date_style)
    told = capsys.readouterr().out + shown(fikad, capsys)
    assert re.search(r"[A-Z][a-z]{2} Nov \d+, 2026, \d+:\d\d [AP]M", told)
    assert not re.search(r"\d (Nov|Dec)|\d\d:\d\d(?! [AP]M)", told)


def test_why_says_who_invited_whom(capsys: pytest.CaptureFixture[str]) -> None:
    home = calendars(*weekly("Jane Doe", 3, organizer=address("Jane Doe")))
    fikad = Fikad(config(), home.open, Clock())
    fikad.once()
    [jane] = fikad.situation().contacts.values()
    facts = explanation(jane, fikad.config, fikad.ledger, fikad.situation(), fikad.clock())
    assert facts["invites"] == "Jane Doe invited you the last 3 times."
    print_explanation(facts, PLAIN)
    assert facts["invites"] in capsys.readouterr().out
