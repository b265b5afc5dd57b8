"""The practice in a whole pass: what a hold tells, where it is, and who is named nowhere."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.daemon.world import (
    SUNDAY,
    Clock,
    Fikad,
    address,
    calendars,
    config,
    event,
    meeting,
    met_long_ago,
    person,
)


def fikad(*people: dict[str, Any], texts: tuple[str, ...] = (), **tables: Any) -> tuple[Fikad, Any]:
    """An installation with these contacts, all of whom are due."""
    names = [person["name"] for person in people]
    mine = calendars(*met_long_ago(names), *texts)
    return Fikad(config(contacts=list(people), **tables), mine.open, Clock()), mine


JANE, OMAR = person("Jane Doe", tags=["climate"]), person("Omar Haddad", tags=["climate", "music"])
TOLD = "You could introduce Jane Doe to Omar Haddad: both 'climate'."
TOLD_BY_OMAR = "You could introduce Omar Haddad to Jane Doe: both 'climate'."


def together(*names: str) -> str:
    rows = (
        f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{email}"
        for email in ("sam@example.com", *map(address, names))
    )
    return event(
        "dinner", "Dinner", SUNDAY - timedelta(days=300), "ORGANIZER:mailto:sam@example.com", *rows
    )


def test_a_hold_speaks_of_one_introduction_and_not_of_the_same_pair_twice() -> None:
    installation, _ = fikad(JANE, OMAR)
    installation.once()
    texts = [hold.draft.description for hold in installation.ledger.holds()]
    assert len(texts) == 2
    assert sum(TOLD in text or TOLD_BY_OMAR in text for text in texts) == 1


def test_who_was_at_one_table_needs_no_introduction() -> None:
    installation, _ = fikad(JANE, OMAR, texts=(together("Jane Doe", "Omar Haddad"),))
    installation.once()
    assert not any("introduce" in hold.draft.description for hold in installation.ledger.holds())


def test_a_hold_that_moves_keeps_its_introduction() -> None:
    installation, mine = fikad(JANE, OMAR)
    installation.once()
    hold = next(
        hold for hold in installation.ledger.holds() if "introduce" in hold.draft.description
    )
    said = next(line for line in hold.draft.description.splitlines() if "introduce" in line)
    mine.put(event("other", "Dentist", hold.start))
    report = installation.once("none")
    (moved,) = report.holds["moved"]
    assert moved.uid == hold.uid
    assert said in moved.draft.description


def test_the_usual_place_is_the_holds_place() -> None:
    installation, mine = fikad(person("Jane Doe"), occasions={"coffee": {"place": "Café Krone"}})
    installation.once()
    event = mine.hold(installation.hold().uid)
    assert event.location == "Café Krone"
    assert installation.once().holds == {}
    assert installation.hold().state == "proposed"


def test_who_is_paused_or_said_never_is_named_in_no_plan_and_no_hold() -> None:
    lee, ann = (
        person("Lee Chen", paused=True, tags=["climate"]),
        person("Ann Grey", until="2026-12-24", tags=["climate"]),
    )
    installation, mine = fikad(JANE, lee, ann)
    report = installation.once()
    assert {hold.contact_name for hold in installation.ledger.holds()} == {"Jane Doe"}
    assert {waiting.contact_key for waiting in report.waiting} <= {"jane doe"}
    assert not any(
        "Lee" in text or "Ann" in text
        for text in (hold.draft.description for hold in installation.ledger.holds())
    )
    mine.edit(installation.hold().uid, SUMMARY="never")
    report = installation.once()
    assert [waiting.contact_key for waiting in report.waiting] == []


def test_a_pause_with_a_day_ends_on_that_day() -> None:
    installation, _ = fikad(person("Ann Grey", until="2026-12-24"))
    installation.clock.now = SUNDAY + timedelta(days=31)  # 23 December
    assert installation.once().holds == {}
    installation.clock.now = SUNDAY + timedelta(days=32)
    assert [hold.contact_name for hold in installation.once().holds["proposed"]] == ["Ann Grey"]


def test_the_usual_weekday_and_hour_are_learned_from_the_calendar() -> None:
    """Jane is met on Thursdays at three."""
    thursdays = [SUNDAY.replace(hour=14) - timedelta(days=3 + 7 * week) for week in (8, 10, 12, 14)]
    mine = calendars(*(meeting("Jane Doe", day) for day in thursdays))
    installation = Fikad(config(), mine.open, Clock())
    (hold,) = installation.once().holds["proposed"]
    assert (hold.start.weekday(), hold.start.hour) == (3, 14)
    assert hold.reason.endswith("Thursday is when you usually meet.")


def test_one_suggestion_in_two_reaches_back_when_that_is_wanted() -> None:
    people = [person(name) for name in ("Jane Doe", "Omar Haddad", "Lee Chen")]
    rhythm = {"per_week": 1, "open": 2, "reach_back": 2}
    mine = calendars(
        *met_long_ago(["Jane Doe", "Omar Haddad"]), *met_long_ago(["Lee Chen"], weeks=100)
    )
    installation = Fikad(config(contacts=people, rhythm=rhythm), mine.open, Clock())
    assert {hold.contact_name for hold in installation.once().holds["proposed"]} == {
        "Omar Haddad",
        "Lee Chen",
    }
    assert "over a year" in installation.hold("Lee Chen").reason
