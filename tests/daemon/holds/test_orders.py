"""Titles of holds: what is a yes, what is an order, and what is neither."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.config.occasion_entries import built_in_occasions
from daemon.holds.lexicon import is_slip
from daemon.holds.orders import builds_on, read_order, read_past_day, read_when, says
from daemon.languages.language import shipped
from daemon.languages.writing import writer

WRITTEN = "Coffee with Jane Doe?"
NAME = "Jane Doe"


def order(title: str) -> str:
    """The order in a title, in its one spelling; "" when there is none."""
    order = read_order(title, WRITTEN, NAME)
    return order.text if order else ""


# --- orders


@pytest.mark.parametrize("word", ["skip", "met", "never", "snooze", "missed", "another time"])
@pytest.mark.parametrize(
    "form",
    [
        "{}", "{}?", " {} ", "{}!", '"{}"', "`{}`", "“{}”", "{}:", "Coffee with Jane Doe? {}",
        "Coffee with Jane Doe?{}", "coffee with  jane doe {}", "Coffee with Jane Doe? - {}.",
        "{}: Coffee with Jane Doe?",
        "{} Coffee with Jane Doe", "Jane Doe {}", "Jane: {}", '"Jane" {}', "{}: (Jane)",
    ],
)  # fmt: skip
def test_an_order_stands_alone_or_beside_the_title_or_the_name(word: str, form: str) -> None:
    for spelt in (word, word.upper(), word.title()):
        order = read_order(form.format(spelt), WRITTEN, NAME)
        assert order is not None
        assert (order.word, order.text, order.when) == (word, word, None)
        assert says(form.format(spelt), WRITTEN, NAME) == "order"


@pytest.mark.parametrize(
    "title",
    [
        "not now", "Not now!", "skip this one", "no", "No.", "later", "no thanks", "cancelled",
        "Canceled",
        "not now, sorry",
        "please skip", "Jane can't", "Jane Doe can’t make it", "Cancelled: Coffee with Jane",
        "CANCELLED: lunch",
        "Coffee with Jane Doe - cancelled", "Coffee with Jane Doe? no", "Coffee with Jane Doe not "
            "now",
        "nicht jetzt", "Nein danke", "später", "Abgesagt: Kaffee mit Jane", "Jane kann nicht",
    ],
)  # fmt: skip
def test_a_refusal_is_understood_in_its_ordinary_variants(title: str) -> None:
    order = read_order(title, WRITTEN, NAME)
    assert order is not None
    assert (order.word, says(title, WRITTEN, NAME)) == ("skip", "order")


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Coffee with Jane - didn't", "missed"), ("Coffee with Jane? skip", "skip"),
        ("met: Coffee with Jane", "met"), ("Coffee with Jane snooze 3 weeks", "snooze 3 weeks"),
        ("Coffee with Jane Tuesday", ""), ("Coffee with Jane", ""), ("Coffee with Janet skip", ""),
    ],
)  # fmt: skip
def test_an_order_may_stand_beside_the_title_with_the_first_name_alone(
    title: str, text: str
) -> None:
    assert order(title) == text


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("snooze 3 weeks", "snooze 3 weeks"), ("snooze 3w", "snooze 3 weeks"),
        ("SNOOZE for 3 weeks!", "snooze 3 weeks"),
        ("Snooze  for 2 Months?", "snooze 2 months"), ("snooze: 10 days!", "snooze 10 days"),
        ("snooze a week", "snooze 1 week"),
        ("Coffee with Jane Doe? snooze 1 year", "snooze 1 year"),
        ("snooze - 3 weeks", "snooze 3 weeks"),
        ("snooze 5 days Coffee with Jane Doe?", "snooze 5 days"),
        ("in 2 weeks", "snooze 2 weeks"), ("for 2 weeks", "snooze 2 weeks"),
        ("until January", "snooze January"),
        ("snooze until January", "snooze January"), ("snooze till Friday", "snooze Friday"),
        ("snooze until 12 May", "snooze 12 May"), ("snooze until May 12th, 2027", "snooze 12 May "
            "2027"),
        ("until next week", "snooze next week"), ("until today", "snooze today"),
        ("来月", "snooze next month"), ("来年", "snooze next year"),
        ("来週", "another time: next week"), ("next Tuesday", "another time: Tuesday"),
        ("Mo.", "another time: Monday"), ("Di", "another time: Tuesday"),
        ("møtt for 2 dager siden", "met 2 days"), ("träffat för 2 dagar sedan", "met 2 days"),
        ("encontrei há 2 dias atrás", "met 2 days"), ("vor 2 Tagen getroffen", "met 2 days"),
        ("met on 12th of May 2026", "met 12 May 2026"), ("snooze 0003 weeks", "snooze 3 weeks"),
        ("hasta el 12 de mayo de 2027", "snooze 12 May 2027"),
        ("snooze until 12 May 2200", "snooze 12 May 2200"), ("met 1 May 1970", "met 1 May 1970"),
        ("until Friday", "snooze Friday"), ("not before 12 May", "snooze 12 May"),
        ("in January", "snooze January"), ("next month", "snooze next month"),
        ("next year", "snooze next year"),
        ("snooze until next week", "snooze next week"),
        ("Coffee with Jane Doe in 2 weeks", "snooze 2 weeks"),
        ("in 2 Wochen", "snooze 2 weeks"), ("bis Januar", "snooze January"),
        ("nächsten Monat", "snooze next month"),
        ("met yesterday", "met yesterday"), ("met today", "met today"),
        ("met on 12 May", "met 12 May"),
        ("we met 2026-05-12", "met 12 May 2026"), ("met last Tuesday", "met Tuesday"),
        ("met 2 days ago", "met 2 days"),
        ("gestern getroffen", "met yesterday"), ("getroffen am 12. Mai", "met 12 May"),
        ("never again", "never"), ("nie wieder", "never"), ("didn't", "missed"),
        ("Didn’t happen", "missed"),
        ("tuesday", "another time: Tuesday"), ("Coffee with Jane Doe? Tuesday", "another time: "
            "Tuesday"),
        ("on Tuesday", "another time: Tuesday"), ("next week", "another time: next week"),
        ("tomorrow", "another time: tomorrow"), ("12 May", "another time: 12 May"),
        ("another time: Tuesday", "another time: Tuesday"), ("Dienstag", "another time: Tuesday"),
        ("nächste Woche", "another time: next week"), ("ein andermal", "another time"),
    ],
)  # fmt: skip
def test_times_are_understood_and_the_same_wish_has_the_same_text(title: str, text: str) -> None:
    read = read_order(title, WRITTEN, NAME)
    assert read is not None
    assert read.text == text
    assert text.startswith(read.word)
    assert (read.when is None) == (text == read.word)


def test_an_event_called_off_is_the_same_refusal_in_every_spelling() -> None:
    assert order("Cancelled: lunch") == order("[Abgesagt] Kaffee mit Jane") == "cancelled"


def test_a_span_is_a_duration() -> None:
    for title, span in (("snooze 3w", timedelta(weeks=3)), ("snooze 2 months", timedelta(days=60))):
        order = read_order(title, WRITTEN)
        assert order is not None
        assert order.duration == span
    assert read_order("snooze", WRITTEN).duration is None  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("snoze 3 weeks", "snooze 3 weeks"), ("snooze 3 wekks", "snooze 3 weeks"),
        ("snooze 2 moths", "snooze 2 months"),
        ("nevr", "never"), ("neverr", "never"), ("nver again", "never"), ("skp", "skip"),
        ("skpi", "skip"),
        ("cancled", "skip"), ("not nwo", ""),
    ],
)  # fmt: skip
def test_one_slip_of_the_pen_is_understood(title: str, text: str) -> None:
    assert order(title) == text


@pytest.mark.parametrize(
    "word", ["ship", "ski", "sip", "fever", "clever", "meet", "mett", "metro", "boot", "neck"]
)
def test_a_word_of_its_own_is_no_slip(word: str) -> None:
    assert order(word) == ""
    assert not any(is_slip(word, meant) for meant in ("skip", "never", "met", "no", "next"))


LABELS = {
    "answer-yes": "yes", "answer-time": "another time", "answer-later": "skip", "answer-met": "met",
    "answer-never": "never",
}  # fmt: skip


@pytest.mark.parametrize("code", shipped())
def test_the_labels_that_the_description_prints_are_orders_when_they_are_copied(code: str) -> None:
    by, written = writer(code), built_in_occasions(code)["coffee"].title.replace("{name}", NAME)
    for key, meant in LABELS.items():
        label = re.split("[:\uff1a]", by.say(key))[0]
        read = read_order(label, written, NAME)
        assert (says(label, written, NAME) if meant == "yes" else read and read.text) == meant, (
            label
        )


@pytest.mark.parametrize("code", shipped())
def test_the_orders_that_the_description_quotes_are_understood(code: str) -> None:
    by, written = writer(code), built_in_occasions(code)["coffee"].title.replace("{name}", NAME)
    said = " ".join(by.say(key) for key in LABELS if key != "answer-yes")
    quoted = re.findall(r"[\"“„”«「]\s?([^\"“„”«»「」]+?)\s?[\"“”»」]", said)
    read = [read_order(words, written, NAME) for words in quoted]
    assert [order.text if order else "" for order in read] == ["snooze 3 weeks", "met", "never"]


@pytest.mark.parametrize(
    ("title", "written", "text"),
    [
        ("nie", "Kaffee mit Jane Doe?", "never"), ("nie", "Kawa – Jane Doe?", "skip"),
        ("nie", "Fikapaus?", ""), ("Kaffee mit Jane Doe? Nie!", "Kaffee mit Jane Doe?", "never"),
        ("Kawa – Jane Doe? Nie!", "Kawa – Jane Doe?", "skip"),
        ("Jane: nie!", "Kawa – Jane Doe?", "skip"),
        ("met", "Koffie met Jane Doe?", "met"), ("Koffie met Jane Doe", "Koffie met Jane Doe?", ""),
        ("Met Jane Doe koffie", "Koffie met Jane Doe?", ""), ("Koffie met Jane Doe?", "Koffie met "
            "Jane Doe?", ""),
    ],
)  # fmt: skip
def test_a_word_of_two_languages_is_read_in_that_of_the_hold(
    title: str, written: str, text: str
) -> None:
    order = read_order(title, written, NAME)
    assert (order.text if order else "") == text


@pytest.mark.parametrize(
    "title",
    [
        "", "?", WRITTEN, "Coffee with Jane Doe", "Coffee with Jane Doe!", "Lunch with Jane Doe?",
        "Dentist",
        "Jane + Tom?", "Coffee with Jane Doeskip", "skipcoffee with Jane Doe", "May", "Jane Doe",
        "Coffee with Jane Does? met her", "skipping", "never mind", "no problem", "snooze 0 days",
        "snooze 99999 years", "snooze weekly", "Coffee with Jane Doe? maybe", "3 weeks",
        "met tomorrow at noon",
        "snooze until 12 May 2201", "met 12 May 1969", "1 May 2026 5", "snooze 00003 weeks",
        "until yesterday", "week", "month", "next", "next day", "next week Monday", "火",
        "next month or so", "for Tuesday", "skip Coffee with Jane Doe? at Rosa",
        "Tuesday: Coffee with Jane Doe? Wednesday",
        "31 February", "until 99", "snooze until 12 May 9999",
    ],
)  # fmt: skip
def test_everything_else_is_no_order(title: str) -> None:
    assert order(title) == ""


@pytest.mark.parametrize(
    ("title", "name", "text"),
    [("An can't", "An Vo", "skip"), ("Me: met", "Me Vo", "met"), ("skip: Kip", "Kip Vo", "skip")],
)
def test_a_name_is_found_where_it_stands_apart_though_the_order_has_its_letters(
    title: str, name: str, text: str
) -> None:
    order = read_order(title, f"Coffee with {name}?", name)
    assert (order.text if order else "") == text


def test_a_title_builds_on_the_one_written_where_that_stands_apart_in_it() -> None:
    assert builds_on("Annan, Ann, Anna", "Ann?")
    assert builds_on("Ann & Anna", "Ann?")
    assert not builds_on("Annan, Anna", "Ann?")
    assert builds_on("Rosa☕☕", "☕?")
    assert not builds_on("Ann", "?")


def test_what_has_more_than_twelve_words_is_no_order_and_names_no_time() -> None:
    polite = "please " * 11
    assert order(f"{polite}skip") == "skip"
    assert order(f"{polite}please skip") == ""
    assert read_when(f"{polite}tomorrow") is not None
    assert read_when(f"{polite}please tomorrow") is None
    assert read_past_day(f"{polite}yesterday") is not None
    assert read_past_day(f"{polite}please yesterday") is None


def test_a_name_that_is_an_order_is_none_until_the_user_adds_one() -> None:
    assert read_order("Skip?", "Skip?", "Skip") is None
    assert read_order("Skip", "Skip?", "Skip") is None
    assert says("Skip", "Skip?", "Skip") == "yes"
    order = read_order("Skip? never", "Skip?", "Skip")
    assert order is not None
    assert order.word == "never"


# --- a yes


@pytest.mark.parametrize(
    "title",
    [
        "Coffee with Jane Doe", "coffee with  jane doe", "Coffee with Jane Doe!", "Coffee with "
            "Jane Doe ☕",
        "☕ Coffee with Jane Doe", "Coffee with Jane Doe 10:00", "10:30 Coffee with Jane Doe",
        "Coffee with Jane Doe 3pm",
        "Coffee with Jane Doe at Café Rosa", "Coffee with Jane Doe @ Rosa", "Coffee with Jane "
            "Doe, Rosa",
        "Coffee with Jane Doe (Rosa)", "Coffee with Jane Doe – Rosa, Tisch 3", "Coffee with Jane "
            "Doe Tuesday 10:00",
        "Coffee with Jane Doe 2026-12-31", "Coffee with Jane Doe 1 May",
        "Coffee with Jane Doe ☕ Rosa", "Coffee with Jane Doe ☕Rosa",
        "Coffee with Jane Doe: 10:00", "Coffee with Jane Doe~",
        "Coffee with Jane Doe on 12 May", "yes", "Yes!", "Coffee with Jane Doe? Yes", "Coffee "
            "with Jane Doe ok", "ja",
    ],
)  # fmt: skip
def test_a_yes_is_the_title_without_its_question_mark_and_a_place_or_a_time_around_it(
    title: str,
) -> None:
    assert says(title, WRITTEN, NAME) == "yes"


@pytest.mark.parametrize(
    "title",
    [
        "Dentist", "Lunch with Jane", "Lunch at Rosa, Jane!", "Coffee", "Jane", "Jane Doe", "🎉",
        "Coffee with Jane",
        "Coffee with Jane Doe and Tom", "Coffee with Jane Doe + Tom", "Coffee with Jane Doe, not "
            "sure",
        "Coffee with Jane Doe maybe", "Coffee with Jane Doe (maybe)", "Coffee with Jane Doe: moved",
        "Moved: Coffee with Jane Doe", "Ask Tom: Coffee with Jane Doe", "Coffee with Jane Doe - "
            "she is sick",
        "You and Jane", "Coffee with Jane Doe 32 May", "Coffee with Jane Doe 0 May",
        "Coffee with Jane Doe 2026-13-01", "Coffee with Jane Doe 2026-12-32",
        "Coffee with Jane Doe Rosa", "Coffee with Jane Doe 10:00 Rosa", "Coffee with Jane Doe~Rosa",
        "Coffee with Jane Doe Élise", "Coffee with Jane Doe at Rosa + Tom",
        "Coffee with Jane Doe, Rosa & Tom", "Coffee with Jane Doe, and Tom",
        "Coffee with Jane Doe, it isn't on", "Coffee with Jane Doe (por confirmar)",
        "Coffee with Jane Doe, didn't work", "Coffee with Jane Doe isn't on", "Coffee with Jane "
            "Does",
    ],
)  # fmt: skip
def test_a_title_that_says_something_else_is_no_yes(title: str) -> None:
    assert says(title, WRITTEN, NAME) == "something else"


@pytest.mark.parametrize(
    "title", ["never mind", "no problem", "skip or not", "Coffee with Jane Doe snooze 0 days"]
)
def test_a_title_that_begins_like_an_order_is_told_as_one_not_understood(title: str) -> None:
    assert says(title, WRITTEN, NAME) == "slip"


@pytest.mark.parametrize(
    "title",
    [WRITTEN, "Coffee with Jane Doe? ☕", "Coffee with Jane Doe？", "10:00 Coffee with Jane Doe?"],
)
def test_a_title_that_still_asks_is_no_answer(title: str) -> None:
    assert says(title, WRITTEN, NAME) == "question"


def test_one_question_mark_less_is_a_yes_where_several_were_written() -> None:
    assert says("Coffee with Jane?", "Coffee with Jane??", "Jane") == "yes"
    assert says("Coffee with Jane??", "Coffee with Jane??", "Jane") == "question"


def test_where_the_title_written_is_not_known_only_a_question_is_recognised() -> None:
    assert says("Meet Jane Doe?", "?", NAME) == "question"
    assert says("Meet Jane Doe", "?", NAME) == "something else"
    assert says("not now", "?", NAME) == "order"


@given(st.text(), st.text(), st.text(max_size=20))
def test_no_title_breaks_the_reading(title: str, written: str, name: str) -> None:
    order = read_order(title, written, name)
    assert (order is not None) == (says(title, written, name) == "order") or (
        order and order.word == "yes"
    )
    assert read_order(written, written, name) is None or not written.strip(" ?")


# --- times as a command is told them


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("3w", "3 weeks"), ("3 weeks", "3 weeks"), ("until 12 Jan", "12 January"),
        ("January", "January"), ("until tuesday", "Tuesday"), ("next month", "next month"),
        ("bis Januar", "January"), ("drei Wochen lang", ""), ("a while", ""), ("yesterday", ""),
        ("until 31 February", ""), ("", ""),
    ],
)  # fmt: skip
def test_a_time_to_put_somebody_off_is_read_in_every_language(said: str, meant: str) -> None:
    when = read_when(said)
    assert (when.text if when else "") == meant


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("yesterday", "yesterday"), ("gestern", "yesterday"), ("12 May", "12 May"),
        ("on 12 May 2026", "12 May 2026"), ("last tuesday", "Tuesday"), ("2 days ago", "2 days"),
        ("May", ""), ("next week", ""), ("some day", ""),
    ],
)  # fmt: skip
def test_a_day_that_is_over_is_read_in_every_language(said: str, meant: str) -> None:
    when = read_past_day(said)
    assert (when.text if when else "") == meant


def test_a_time_that_languages_read_differently_is_read_in_the_users() -> None:
    mardi, march = read_when("mar", "fr"), read_when("mar", "de")
    assert mardi is not None
    assert march is not None
    assert (mardi.text, march.text) == ("Tuesday", "March")
    assert read_when("mar", "nl") is None, "in Dutch it is neither"


@pytest.mark.parametrize("title", ["", " ", "?", "?!", "...", "(-)"])
def test_a_title_without_a_word_says_nothing(title: str) -> None:
    assert says(title, WRITTEN, NAME) == "nothing"
    assert read_order(title, WRITTEN, NAME) is None
    assert read_when(title) is None
