"""Two spellings that a reader takes for the same are made equal; what a reader tells apart stays
apart."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.people.folding import fold, tokens


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
