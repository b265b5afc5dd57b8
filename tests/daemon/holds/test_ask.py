"""The message that asks somebody: warm in every language, made of the user's own words alone."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest

from daemon.config.occasion_entries import built_in_occasions
from daemon.config.schema import Ask
from daemon.holds.ask import Invitation, Message, default_template, message, noun_of
from daemon.holds.draft import SharedHistory, answering_lines, description
from daemon.languages.language import shipped
from daemon.languages.writing import ENGLISH, writer
from daemon.people.contacts import Contact
from tests.daemon.world import BERLIN

TUESDAY = datetime(2026, 12, 1, 9, tzinfo=UTC)
OTHERS = (TUESDAY + timedelta(days=2, hours=5), TUESDAY + timedelta(days=3))
JANE = Contact("jane doe", "Jane Doe", timedelta(weeks=4), address="jane@example.com")
in_every_language = pytest.mark.parametrize("code", shipped())


def body_of(link: str) -> str:
    return parse_qs(urlsplit(link).query.replace("+", "%2B"))["body"][0]


def asked(settings: Ask | None = None, contact: Contact = JANE, **more: object) -> Message:
    given = {"other_times": OTHERS, **more}
    return message(
        Invitation(contact, "coffee", TUESDAY, **given),  # type: ignore[arg-type]
        settings or Ask(),
        BERLIN,
    )


@in_every_language
@pytest.mark.parametrize("occasion", [*built_in_occasions(), "Brettspiele"])
def test_it_names_every_time_and_opens_as_it_reads(code: str, occasion: str) -> None:
    by = writer(code)
    told = message(Invitation(JANE, occasion, TUESDAY, OTHERS, "Café Rosa"), Ask(), BERLIN, by)
    for moment in (TUESDAY, *OTHERS):
        assert by.appointment(moment.astimezone(BERLIN)) in told.text
    assert "Café Rosa" in told.text
    assert not re.search(r"[{}$\[\]*]|->|  |\n| ,|，,", told.text)
    assert body_of(told.link) == told.text
    assert "jane@example.com" in told.shown
    assert (
        code == "en"
        or told.text
        != message(Invitation(JANE, occasion, TUESDAY, OTHERS, "Café Rosa"), Ask(), BERLIN).text
    )


@in_every_language
def test_without_other_times_and_a_place_no_sentence_hangs_in_the_air(code: str) -> None:
    by = writer(code)
    told = message(Invitation(JANE, "walk", TUESDAY), Ask(), BERLIN, by)
    for sentence in re.split(r"(?<=[.!?。])\s*", default_template(by)):
        words = re.split(r"\{\w+\}", sentence)
        if "{other_times}" in sentence or "{place}" in sentence:
            assert not any(part.strip(" .") and part in told.text for part in words[:1])
        else:
            assert all(part in told.text for part in words)
    assert told.text.endswith((".", "?", "。"))
    assert by.appointment(TUESDAY.astimezone(BERLIN)) in told.text


@in_every_language
def test_no_other_words_are_written_for_what_a_hold_says_of_itself(code: str) -> None:
    """Completing a yes takes the answering lines alone: none of them is part of a message."""
    told = message(Invitation(JANE, "coffee", TUESDAY, OTHERS), Ask(), BERLIN, writer(code))
    lines = answering_lines()
    assert not any(line in "\n".join((*told.lines(writer(code)), told.shown)) for line in lines)


def test_the_users_own_words_take_its_place() -> None:
    own = Ask(message="{name} / {first_name}: {occasion}, {when}, {other_times}\nAt {place}.\nSam")
    assert asked(own).text == (
        "Jane Doe / Jane: coffee, Tuesday, 1 December at 10:00, Thursday, 3 December at 15:00 or"
        " Friday, 4 December at 10:00\nSam"
    )
    assert body_of(asked(own).link).count("\r\n") == 1


def test_what_is_no_value_is_left_as_it_stands() -> None:
    own = Ask.model_construct(message="Hi {first_name}, {sign}", link=False)
    assert asked(own).text == "Hi Jane, {sign}"


@pytest.mark.parametrize(("code", "walk"), [("en", "a walk"), ("de", "einen Spaziergang")])
def test_an_occasion_is_called_as_in_a_sentence(code: str, walk: str) -> None:
    assert noun_of("walk", writer(code)) == walk
    assert noun_of("Brett\nspiele", writer(code)) == "Brett spiele"


def test_a_message_without_a_time_asks_without_one() -> None:
    own = Ask(message="Hi {first_name}. Does {when} suit you? Sam")
    assert message(Invitation(JANE, "coffee", None), own, BERLIN).text == "Hi Jane. Sam"


def test_a_message_of_several_lines_stands_so_in_a_hold() -> None:
    assert Message("Hi Jane\n\nSam").lines()[1:] == ("Hi Jane", "", "Sam")


@pytest.mark.parametrize(("occasion", "subject"), [("coffee", "Coffee"), ("pub quiz", "Pub quiz")])
def test_its_subject_begins_as_a_sentence_does(occasion: str, subject: str) -> None:
    link = message(Invitation(JANE, occasion, TUESDAY), Ask(), BERLIN).link
    assert parse_qs(urlsplit(link).query)["subject"][0].startswith(subject)


def test_a_message_without_a_link_shows_none() -> None:
    endless = replace(JANE, address=f"{'j' * 2000}@example.com")
    for told in (
        asked(Ask(link=False)),
        asked(contact=Contact("k", "Bob", timedelta(30))),
        asked(contact=endless),
    ):
        assert (told.link, told.shown) == ("", "")


def test_what_a_name_holds_is_no_part_of_the_template_or_of_a_link() -> None:
    for name in (
        'Jane "J" O\'Neil',
        "{when} {place}",
        "Ünal Öz",
        "☕🧡 Kaffeeklatsch",
        "x" * 200,
        "Jane&bcc=evil@example.com",
        "Jane\r\nBcc: evil@example.com",
        "Jane\u202egnp.exe",
    ):
        told = asked(
            Ask(message="Hi {name}, {when}?"), Contact("k", name, timedelta(30), address="a@b.de")
        )
        inert = " ".join("".join(c for c in name if c.isprintable() or c.isspace()).split())
        assert told.text == f"Hi {inert}, Tuesday, 1 December at 10:00?"
        assert parse_qs(urlsplit(told.link).query).keys() == {"subject", "body"}
        assert body_of(told.link) == told.text


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("Jane Doe", "Jane"),
        ("Dr. Jane Doe", "Jane"),
        ("Doe, Jane", "Jane"),
        ("Rose-Lynn Fisher", "Rose-Lynn"),
        ("Mum", "Mum"),
        ("🧡", "🧡"),
    ],
)
def test_they_are_called_by_their_first_name(name: str, called: str) -> None:
    contact = Contact("k", name, timedelta(30))
    assert asked(Ask(message="{first_name}!"), contact).text == f"{called}!"


def test_a_phone_is_written_to_where_no_address_is_known() -> None:
    by_phone = Contact("k", "Bob", timedelta(30), phone="+49 171 23")
    told = asked(contact=by_phone)
    assert told.link.startswith("sms:+4917123?")
    assert "+49 171 23" in told.shown
    assert asked(contact=Contact("k", "Bob", timedelta(30))).link == ""
    assert asked(Ask(link=False)).link == ""


def test_who_is_called_where_the_clock_differs_is_told_their_own_hour() -> None:
    away = Contact("k", "Bob", timedelta(30), timezone=ZoneInfo("America/New_York"))
    assert "10:00 (04:00 your time)" in asked(contact=away, remote=True).text
    assert "your time" not in asked(contact=away, remote=False).text
    tokyo = Contact("k", "Bob", timedelta(30), timezone=ZoneInfo("Pacific/Auckland"))
    late = message(
        Invitation(tokyo, "call", TUESDAY + timedelta(hours=6), remote=True), Ask(), BERLIN
    )
    assert "Wednesday, 2 December at 04:00 your time" in late.text
    paris = Contact("k", "Bob", timedelta(30), timezone=ZoneInfo("Europe/Paris"))
    here = replace(paris, timezone=None)
    assert asked(contact=paris, remote=True).text == asked(contact=here, remote=True).text


def test_it_stands_in_a_hold_before_the_answers_and_its_link_last() -> None:
    told = asked()
    text = description(JANE, TUESDAY, SharedHistory(note="the boat"), BERLIN, ENGLISH, told)
    story, asking, answers, link = text.split("\n\n")
    assert story.endswith("Your note: the boat")
    assert asking == f"A message you could send:\n{told.text}"
    assert set(answers.split("\n")) <= set(answering_lines())
    assert link == f"Send the message to jane@example.com\n{told.link}"
