"""The name and the text of a hold."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.ical.hold_text import seal
from connectors.sanitize import sanitize
from daemon.config.schema import BUILT_IN_OCCASIONS
from daemon.holds.ask import Message
from daemon.holds.draft import (
    HoldPlan,
    SharedHistory,
    Wording,
    answering_lines,
    attempt_in,
    birthday_line,
    contact_tag,
    description,
    draft,
    hold_uid,
    is_question,
    next_attempt,
    tag_in,
    tells_birthday,
    title,
)
from daemon.holds.orders import read_order
from daemon.languages.language import shipped
from daemon.languages.writing import ENGLISH, Writer, writer
from daemon.people.contacts import Contact

BERLIN = ZoneInfo("Europe/Berlin")
JANE = Contact("jane doe", "Jane Doe", timedelta(weeks=6))
MET = datetime(2026, 3, 3, 23, 30, tzinfo=UTC)
START = datetime(2026, 4, 21, 8, 0, tzinfo=UTC)
COFFEE = BUILT_IN_OCCASIONS["coffee"]


def test_equal_knowledge_gives_equal_names() -> None:
    in_berlin = MET.astimezone(BERLIN)
    assert hold_uid("jane doe", MET, 1) == hold_uid("jane doe", in_berlin, 1)


def test_a_decision_has_the_same_name_in_every_version_and_on_every_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Or an update, or a second fikad, would write a second hold."""
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    assert hold_uid("jane doe", MET, 0) == "fikad-tkrtj6ok8kho-22tsbhpj70rh"
    assert hold_uid("jane doe", None, 1) == "fikad-tkrtj6ok8kho-2qfrcogr5app"
    assert hold_uid("jane doe", MET.replace(microsecond=7), 0) == hold_uid("jane doe", MET, 0)


def test_other_knowledge_gives_other_names() -> None:
    names = {
        hold_uid("jane doe", MET, 0),
        hold_uid("jane doe", MET, 1),
        hold_uid("jane doe", None, 0),
        hold_uid("jane doe", MET + timedelta(days=1), 0),
        hold_uid("omar", MET, 0),
    }
    assert len(names) == 5


@given(st.text(), st.none() | st.datetimes(timezones=st.just(UTC)), st.integers(0, 40))
def test_a_name_suits_every_server_and_tells_whose_hold_it_is(
    key: str, met: datetime | None, attempt: int
) -> None:
    uid = hold_uid(key, met, attempt)
    bare = uid.replace("-", "")
    assert re.fullmatch(r"fikad-[0-9a-v-]+", uid)
    assert re.fullmatch(r"[a-v0-9]{5,1024}", bare)
    assert tag_in(uid) == tag_in(bare) == contact_tag(key)
    assert attempt_in(uid, key, met) == attempt_in(bare, key, met) == attempt


@pytest.mark.parametrize(
    "uid", ["", "fikad", "fikad-", "fikad-abc", "jane@example.com", "FIKAD-" + "0" * 24]
)
def test_a_foreign_name_is_nobodys_hold(uid: str) -> None:
    assert tag_in(uid) == ""


def test_no_name_is_used_twice() -> None:
    taken = [
        hold_uid("jane doe", MET, 0),
        hold_uid("jane doe", MET, 1).replace("-", ""),
        hold_uid("omar", MET, 2),
    ]
    assert next_attempt("jane doe", MET, taken) == 2
    assert next_attempt("jane doe", None, taken) == 0
    assert attempt_in(taken[0], "jane doe", None) is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Jane Doe", "Coffee with Jane Doe?"),
        ("{name} {0} %s", "Coffee with {name} {0} %s?"),
        ("Ja\u202ene\n  Doe", "Coffee with Jane Doe?"),
    ],
)
def test_a_title_is_one_inert_line_that_asks(name: str, expected: str) -> None:
    assert title(Contact("x", name, timedelta(1)), COFFEE) == expected
    assert is_question(expected)


def test_question_marks_of_other_scripts_ask_too() -> None:
    assert all(is_question(text) for text in ("咖啡？", "قهوة؟", "Coffee? "))
    assert not any(is_question(text) for text in ("", "Coffee", "Coffee? Yes"))


def test_the_description_tells_why_and_how_to_answer() -> None:
    text = description(JANE, START, SharedHistory(last_met=MET), BERLIN)
    why, how = text.split("\n\n")
    assert why.splitlines() == [
        "You last met Jane Doe on Wednesday, 4 March 2026, 6 weeks earlier.",
        "You would like to meet every 6 weeks.",
    ]
    assert how.splitlines()[0] == "To answer, change this entry in your calendar:"
    assert set(how.splitlines()) <= set(answering_lines())


def test_the_description_of_a_first_meeting_says_so() -> None:
    monthly = Contact("omar", "Omar", timedelta(days=30))
    text = description(monthly, START, SharedHistory(where="nowhere"), BERLIN)
    assert text.splitlines()[:2] == [
        "You have not met Omar yet.",
        "You would like to meet every month.",
    ]
    assert "nowhere" not in text


def test_place_invitations_and_note_are_told_on_one_line_each() -> None:
    history = SharedHistory(
        MET, "Café\nRosa", "Jane usually invites you.", "ask about\r\nthe \x1b[31mboat"
    )
    lines = description(JANE, START, history, BERLIN).splitlines()
    assert lines[2:5] == [
        "You met here: Café Rosa",
        "Jane usually invites you.",
        "Your note: ask about the [31mboat",
    ]


def test_an_introduction_is_told_after_who_invites() -> None:
    history = SharedHistory(MET, inviter="Jane usually invites you.", introduction="Ask  Omar.")
    lines = description(JANE, START, history, BERLIN).splitlines()
    assert lines[2:4] == ["Jane usually invites you.", "Ask Omar."]


def test_days_are_counted_by_the_users_clock() -> None:
    """In Auckland this hold begins on the next day, the 22nd."""
    evening, auckland = START + timedelta(hours=10), ZoneInfo("Pacific/Auckland")
    met = datetime(2026, 4, 19, 18, tzinfo=UTC)
    history = SharedHistory(last_met=met, birthday=date(2026, 5, 6))
    text = description(JANE, evening, history, auckland)
    assert "on Monday, 20 April 2026, 2 days earlier" in text
    assert "Wednesday 6 May" in text


def test_every_order_that_the_description_offers_is_understood() -> None:
    offered = re.findall(r'retitle it "(.+?)"', description(JANE, START, SharedHistory(), BERLIN))
    assert len(offered) == 3
    assert all(read_order(words, "Coffee with Jane Doe?") for words in offered)


def test_a_draft_is_sealed_and_in_utc() -> None:
    made = draft(
        HoldPlan("fikad-x", JANE, COFFEE, START.astimezone(BERLIN), START + timedelta(minutes=45)),
        Wording(zone=BERLIN),
        transparent=False,
    )
    assert (made.uid, made.title, made.start, made.transparent) == (
        "fikad-x",
        "Coffee with Jane Doe?",
        START,
        False,
    )
    assert made.start.tzinfo is UTC
    assert made.seal == seal(made)


def test_a_draft_has_whole_seconds_the_occasions_place_and_the_whole_story() -> None:
    lunch = COFFEE.model_copy(update={"place": "Café\nRosa"})
    start = START.astimezone(BERLIN).replace(microsecond=7)
    plan = HoldPlan("fikad-x", JANE, lunch, start, start + timedelta(minutes=45))
    history, asking = SharedHistory(last_met=MET), Message("Coffee on Tuesday?")
    made = draft(plan, Wording(BERLIN, history, message=asking))
    assert (made.start, made.end) == (START, START + timedelta(minutes=45))
    assert made.start.tzinfo is made.end.tzinfo is UTC
    assert made.location == "Café Rosa"
    assert made.description == description(JANE, START, history, BERLIN, message=asking)
    assert asking.text in made.description
    assert draft(replace(plan, occasion=COFFEE), Wording(BERLIN)).location == ""


# --- birthdays ---


def told_of(birthday: date | None, by: Writer = ENGLISH) -> str:
    return description(JANE, START, SharedHistory(birthday=birthday), BERLIN, by)


@pytest.mark.parametrize("code", shipped())
def test_a_hold_tells_of_a_birthday_up_to_two_weeks_after_it(code: str) -> None:
    by = writer(code)
    last = START.date() + timedelta(weeks=2)
    line = birthday_line(JANE, START, SharedHistory(birthday=last), BERLIN, by)
    assert "Jane" in line
    assert by.day(last) in line
    assert line in told_of(last, by).splitlines()
    later = told_of(last + timedelta(days=1), by)
    assert tells_birthday(sanitize(told_of(last, by)), JANE, "", by)
    assert not tells_birthday(sanitize(later), JANE, "", by)
    assert later == told_of(None, by)


def test_a_birthday_is_told_with_its_weekday() -> None:
    assert "Jane's birthday is on Saturday 25 April." in told_of(date(2026, 4, 25)).splitlines()


def test_a_note_that_speaks_of_a_birthday_is_no_sentence_of_ours() -> None:
    noted = SharedHistory(note="Jane's birthday is on Saturday 25 April.")
    text = sanitize(description(JANE, START, noted, BERLIN))
    assert not tells_birthday(text, JANE, noted.note)
    told = sanitize(description(JANE, START, replace(noted, birthday=START.date()), BERLIN))
    assert tells_birthday(told, JANE, noted.note)
