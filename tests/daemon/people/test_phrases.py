"""A title as a row of marks: what kind each word is, and where a phrase begins and ends."""

from __future__ import annotations

import pytest

from daemon.languages.vocabulary import Vocabulary
from daemon.people.folding import tokens
from daemon.people.phrases import Hit, Mark, Phrases

LISTS = {
    "me": "me",
    "not_meeting": "not",
    "cancelled": "not",
    "for_two": "two",
    "meeting": "meeting",
    "other_verbs": "verb",
    "activities": "activity",
    "joining": "with",
    "between": "between",
    "adding": "and",
    "about": "about",
    "placing": "at",
    "circumstance": "circumstance",
    "groups": "group",
    "lengths": "length",
    "dates": "date",
    "ordinary": "ordinary",
    "forms_of_address": "ordinary",
}
PHRASES = Phrases(
    Vocabulary(
        meeting=("coffee", "catch up", "catch up call", "x ray"),
        for_two=("1:1", "1-1", "1on1"),
        between=("x", "<>"),
        me=("i",),
        ordinary=("up", "Frühstück"),
    ),
    frozenset({"sam"}),
)


def marks(title: str, *hits: Hit) -> list[tuple[str, str]]:
    """The kind of each mark and what it stands for."""
    read = tokens(title)
    return [
        (mark.kind, " ".join(token.text for token in read[mark.start : mark.end]))
        for mark in PHRASES.marks(read, hits)
    ]


@pytest.mark.parametrize(("words", "kind"), LISTS.items())
def test_each_list_of_words_has_its_kind(words: str, kind: str) -> None:
    phrases = Phrases(Vocabulary(**{words: ("fika", "long fika")}))
    assert phrases.kind("fika") == kind
    assert [mark.kind for mark in phrases.marks(tokens("long fika fikas"), ())] == [kind, "word"]
    assert phrases.words == {"long", "fika"}
    assert phrases.kind("long") is None


def test_my_own_name_is_me() -> None:
    assert PHRASES.kind("sam") == "me"


def test_of_a_phrase_in_several_lists_the_first_says_what_it_is() -> None:
    assert Phrases(Vocabulary(meeting=("call",), other_verbs=("call",))).kind("call") == "meeting"


def test_a_mark_tells_its_place_its_first_word_and_whether_that_is_written_like_a_name() -> None:
    jane = Hit(3, 5, frozenset({0}), True, False)
    assert PHRASES.marks(tokens("Catch up Xu Jane Doe"), [jane]) == [
        Mark("meeting", 0, 2, "catch", capital=True),
        Mark("word", 2, 3, "xu", capital=True),
        Mark("name", 3, 5, "jane"),
    ]


def test_the_longest_phrase_is_taken_that_no_name_cuts_short() -> None:
    assert marks("catch up call up") == [("meeting", "catch up call"), ("ordinary", "up")]
    assert marks("catch up calls") == [("meeting", "catch up"), ("word", "calls")]
    assert marks("catch x") == [("word", "catch"), ("between", "x")]
    call = Hit(2, 3, frozenset({0}), True, False)
    assert marks("catch up call", call) == [("meeting", "catch up"), ("name", "call")]


def test_what_is_in_no_list_is_a_word_a_number_or_a_sign() -> None:
    assert marks("budget 5pm 5 - ...")[:3] == [
        ("word", "budget"),
        ("number", "5pm"),
        ("number", "5"),
    ]
    assert {kind for kind, _ in marks("- ... @ 🙂")} == {"sign"}


def test_a_phrase_may_be_written_without_its_umlauts() -> None:
    assert marks("Frühstück Fruehstueck") == [
        ("ordinary", "fruhstuck"),
        ("ordinary", "fruehstueck"),
    ]


def test_a_single_capital_is_an_initial_and_no_word_but_the_english_i_and_in_a_phrase() -> None:
    assert marks("Malcolm X") == [("word", "malcolm"), ("word", "x")]
    assert marks("Malcolm x I") == [("word", "malcolm"), ("between", "x"), ("me", "i")]
    assert marks("X ray") == [("meeting", "x ray")]
    assert marks("Xs 1ON1 <>") == [("word", "xs"), ("two", "1on1"), ("between", "< >")]


@pytest.mark.parametrize(
    "number", ["2021-1-1", "1-1-2021", "11:1:1", "1:1:30", "1:1/2 coffee", "1.1:1"]
)
def test_a_part_of_a_date_or_time_is_no_phrase(number: str) -> None:
    assert "two" not in {kind for kind, _ in marks(number)}
    assert "two" not in {kind for kind, _ in marks(f"coffee {number} coffee coffee")}


@pytest.mark.parametrize(
    "title",
    ["1:1- 5", "1:1 -5", "1:1 - 5 up", "5 -1:1", "5- 1:1", "a-1:1-b", "1:1", "5,1:1,5", "1:1-b"],
)
def test_numbers_that_a_space_or_another_sign_keeps_apart_are_others(title: str) -> None:
    assert ("two", "1 : 1") in marks(title)
