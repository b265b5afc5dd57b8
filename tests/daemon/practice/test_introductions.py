"""Who might gain from knowing whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from connectors.base import Attendee, Occurrence
from daemon.config.schema import BUILT_IN_OCCASIONS
from daemon.holds.draft import HoldPlan, SharedHistory, Wording, draft, hold_uid
from daemon.holds.record import Grounds, Hold, begin
from daemon.languages.vocabulary import vocabulary
from daemon.people.contacts import Contact, ContactIndex
from daemon.practice.introductions import (
    introduction,
    together,
    whom_to_introduce,
    with_introduction,
)

NOW = datetime(2026, 11, 22, 16, tzinfo=UTC)
DAY = timedelta(days=1)


def person(key: str, *tags: str, **more: object) -> Contact:
    emails = frozenset({f"{key}@example.com"})
    return Contact(key, key.title(), 30 * DAY, emails, tags=tags, **more)  # type: ignore[arg-type]


def hold(contact: Contact, other: Contact, days_ago: float, sentence: str = "") -> Hold:
    """A hold that spoke of an introduction."""
    when = NOW - days_ago * DAY
    sentence = sentence or introduction(contact, other)
    written = draft(
        HoldPlan(
            hold_uid(contact.key, None, 0),
            contact,
            BUILT_IN_OCCASIONS["coffee"],
            when,
            when + DAY / 24,
        ),
        Wording(zone=ZoneInfo("Europe/Berlin"), history=SharedHistory(introduction=sentence)),
    )
    return begin(
        written,
        contact,
        account="home",
        calendar="Fikad",
        now=when,
        grounds=Grounds(introduces=other.key),
    )


def meeting(*keys: str, title: str = "Team") -> Occurrence:
    rows = tuple(Attendee(f"{key}@example.com") for key in keys)
    return Occurrence("uid", NOW - DAY, NOW, title, attendees=rows)


JANE, OMAR, LEE = (
    person("jane", "climate", "mentor"),
    person("omar", "Climate"),
    person("lee", "mentor"),
)
ALL = {contact.key: contact for contact in (JANE, OMAR, LEE)}
JANE_OMAR = "You could introduce Jane to Omar: both 'Climate'."
JANE_LEE = "You could introduce Jane to Lee: both 'mentor'."


def say(
    contact: Contact = JANE, acquainted: set[frozenset[str]] | None = None, *holds: Hold
) -> str:
    other = whom_to_introduce(contact, ALL, acquainted or set(), holds, NOW)
    return introduction(contact, other)


def test_two_who_share_a_tag_and_never_met_may_be_introduced() -> None:
    assert say() == JANE_LEE
    assert say(OMAR) == "You could introduce Omar to Jane: both 'Climate'."
    assert say(person("ann", "music")) == ""


@pytest.mark.parametrize(
    "event",
    [
        meeting("jane", "lee"),
        meeting("jane", "lee", "omar"),
        meeting("lee", title="Dinner with Jane"),
    ],
)
def test_those_who_were_on_one_event_know_each_other(event: Occurrence) -> None:
    index = ContactIndex(ALL.values(), vocabulary=vocabulary())
    assert frozenset(("jane", "lee")) in together([event], index)
    assert say(LEE, together([event], index)) == ""


def test_the_same_pair_is_spoken_of_once_a_month_from_whichever_side() -> None:
    assert say(JANE, None, hold(LEE, JANE, 29)) == JANE_OMAR
    both = (hold(JANE, LEE, 29), hold(JANE, OMAR, 10))
    assert say(JANE, None, *both) == ""
    assert say(LEE, None, *both) == ""


@pytest.mark.parametrize("fold", [str, lambda text: " ".join(text.split())])
def test_a_record_without_its_introduction_learns_it_once_from_the_text(fold) -> None:
    told = hold(JANE, LEE, 10, "You could introduce Jane to Lee: both 'music'.")
    old = replace(
        told, introduces=None, draft=replace(told.draft, description=fold(told.draft.description))
    )
    assert say(JANE, None, old) == JANE_LEE
    assert say(JANE, None, with_introduction(old, ALL.values())) == JANE_OMAR
    assert (
        with_introduction(replace(old, draft=hold(JANE, JANE, 1).draft), ALL.values()).introduces
        == ""
    )


def test_after_a_month_the_pair_spoken_of_longest_ago_comes_first() -> None:
    assert say(JANE, None, hold(JANE, LEE, 40), hold(JANE, OMAR, 50)) == JANE_OMAR


def test_who_is_paused_is_named_nowhere() -> None:
    paused = ALL | {"lee": replace(LEE, paused=True), "omar": replace(OMAR, paused=True)}
    assert whom_to_introduce(JANE, paused, set(), (), NOW) is None
    assert introduction(JANE, LEE) == JANE_LEE
    assert introduction(JANE, paused["lee"]) == ""
