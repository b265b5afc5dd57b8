"""Two spellings that a reader takes for the same are made equal; what a reader tells apart stays
apart."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.people.folding import _falls_away, _token, fold, tokens, unspaced


@pytest.mark.parametrize(
    ("written", "other"),
    [
        ("JANE", "jane"),
        ("Zoë", "zoe"),
        ("Søren Łukasz", "soren lukasz"),
        ("Straße", "STRASSE"),
        ("İstanbul", "istanbul"),
        ("O’Brien", "O'Brien"),
        ("O`Brien", "OʼBrien"),
        ("Rose‑Lynn", "Rose–Lynn"),
        ("Jane\u00a0Doe", "  Jane \t Doe "),
        ("Ｊａｎｅ", "jane"),
        ("Алёна", "АЛЕНА"),
        ("ja\u00adne\u200e", "jane"),
    ],
)
def test_spellings_that_look_alike_are_equal(written: str, other: str) -> None:
    assert fold(written) == fold(other)


@pytest.mark.parametrize(
    ("written", "other"), [("か", "が"), ("กิน", "กัน"), ("सीता", "सति"), ("Jane—Doe", "Jane-Doe")]
)
def test_marks_that_are_letters_to_their_readers_stay(written: str, other: str) -> None:
    assert fold(written) != fold(other)


@pytest.mark.parametrize(
    "invisible",
    [
        "\ufe00",  # the first and the last sign that tells how a symbol is drawn
        "\ufe0f",
        "\u0335",  # an overlay
        "\u05b0",  # the first and the last point of Hebrew and Arabic
        "\u0670",
        "\u0711",
        "\u0321",  # hooks and accents around a letter
        "\u0345",
    ],
)
def test_what_is_no_letter_to_its_readers_falls_away(invisible: str) -> None:
    assert fold(f"ja{invisible}ne") == "jane"


@pytest.mark.parametrize("letter", ["\u093c", "\u3099", "\u0e38", "\u0c55"])
def test_what_is_a_letter_to_its_readers_stays(letter: str) -> None:
    assert letter in fold(f"ka{letter}ne")


def test_the_words_of_any_script_are_told_by_marks_of_all_of_them() -> None:
    _token.cache_clear()
    _falls_away.cache_clear()
    assert [token.text for token in tokens("सीता \ua9b3\ua98fa か\u3099")] == [
        "सीता",
        "\ua9b3\ua98fa",
        "か\u3099",
    ]


def test_a_mark_belongs_to_the_letter_before_it_and_a_letter_of_another_script_does_not() -> None:
    assert [token.text for token in tokens("ぱ 王X カX 王Д")] == ["は\u309a", *"王xカx王д"]
    assert [token.word for token in tokens("\u093fक \u093f")] == [True, False]


@pytest.mark.parametrize(
    ("text", "one"),
    [
        ("by @jane@x.org", "@jane@x.org"),
        ("BY JANE@EX.X", "jane@ex.x"),
        ("see (www.x.org/jane)", "www.x.org/jane"),
        ("see WWW.X.ORG/jane", "www.x.org/jane"),
        ("see http://jane", "http://jane"),
        ("mail 'jane@home@x.org'", "jane@home@x.org"),
    ],
)
def test_addresses_are_told_apart_from_what_stands_around_them(text: str, one: str) -> None:
    assert one in [token.text for token in tokens(text) if not token.word]
    assert "jane" not in [token.text for token in tokens(text)]


@pytest.mark.parametrize("text", ["jane@home", "@jane", "jane@x.", "jane@.x", "x@y.org@jane"])
def test_an_at_without_a_name_before_or_a_domain_behind_it_is_no_address(text: str) -> None:
    assert "jane" in [token.text for token in tokens(text)]


def test_letters_that_folding_makes_longer_keep_their_places_in_the_text() -> None:
    read = tokens("Straße Jane")
    assert [(token.text, token.start, token.end) for token in read] == [
        ("strasse", 0, 6),
        ("jane", 7, 11),
    ]


def test_one_character_of_a_script_without_spaces_is_told() -> None:
    assert unspaced("王")
    assert unspaced("か")
    assert not unspaced("a")
    assert not unspaced("カ")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Coffee w/ Jane", ["coffee", "w", "/", "jane"]),
        ("与王小明午餐", ["与", "王", "小", "明", "午", "餐"]),
        ("ジェーンとランチ", ["ジェーン", "と", "ランチ"]),
        ("चाय सीता", ["चाय", "सीता"]),
        ("Lunch @Jane", ["lunch", "@", "jane"]),
    ],
)
def test_words_and_signs_are_told_apart_in_any_script(text: str, expected: list[str]) -> None:
    assert [token.text for token in tokens(text)] == [fold(word) for word in expected]


def test_a_web_or_mail_address_is_one_token_and_no_word() -> None:
    words = tokens("call <jane.doe@x.org>, https://x.org/jane")
    assert {"jane.doe@x.org", "https://x.org/jane"} <= {
        token.text for token in words if not token.word
    }
    assert "jane" not in {token.text for token in words}


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_tokens_are_folded_and_stand_in_order_without_overlap(text: str) -> None:
    words = tokens(text)
    assert all(fold(token.text) == token.text for token in words)
    assert all(token.start < token.end for token in words)
    assert all(left.end <= right.start for left, right in pairwise(words))
