"""The words of orders, and slips of the pen in them."""

from __future__ import annotations

import pytest

from daemon.holds.lexicon import (
    calendar_names,
    is_slip,
    languages_of,
    lexicons,
    mended,
    single_words,
    words_of,
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("3w", ("3", "w")),
        ("Not now!", ("not", "now")),
        ("can’t", ("can't",)),
        ("12. Mai", ("12", "mai")),
        ("n.o. thanks_no", ("n.o", "thanks", "no")),
        ("☕ -", ()),
    ],
)
def test_a_text_is_its_words_and_numbers(text: str, words: tuple[str, ...]) -> None:
    assert words_of(text) == words


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("skp", "skip"),
        ("skipp", "skip"),
        ("skpi", "skip"),
        ("nver", "never"),
        ("nevr", "never"),
        ("neverr", "never"),
        ("nevet", "never"),
        ("nevre", "never"),
        ("wekks", "weeks"),
        ("neve", "never"),
    ],
)
def test_one_slip_is_one_letter_too_much_or_too_little_or_mistaken_or_two_swapped(
    written: str, meant: str
) -> None:
    assert is_slip(written, meant)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("skip", "skip"),
        ("sip", "skip"),
        ("ski", "skip"),
        ("kip", "skip"),
        ("ship", "skip"),
        ("fever", "never"),
        ("nerev", "never"),
        ("nevar", "newer"),
        ("nevta", "never"),
        ("neve rs", "never"),
        ("neverest", "never"),
        ("ne", "never"),
        ("met", "me"),
        ("mte", "met"),
        ("", "skip"),
    ],
)
def test_what_differs_more_or_is_too_short_is_another_word(written: str, meant: str) -> None:
    assert not is_slip(written, meant)


def test_a_word_is_mended_where_no_other_is_wrong_and_in_every_way_that_gives_a_word() -> None:
    known = {"week", "weeks", "skip", "slip"}
    assert {*mended(("skp", "week"), known)} == {("skip", "week")}
    assert {*mended(("week", "slp"), known)} == {("week", "slip")}
    assert {*mended(("weks", "a"), known)} == {("weeks", "a")}
    assert [*mended(("skip", "weeks"), known)] == []


def test_words_of_one_kind_are_listed_where_they_stand_alone() -> None:
    assert {"skip", "no", "nein"} <= single_words("skip")
    assert "not" not in single_words("skip"), "it only stands in phrases"


def test_the_language_of_a_title_is_known_by_its_pattern() -> None:
    assert languages_of("Kaffee mit Jane Doe?") == {"de"}
    assert languages_of("Jane Doe?") == frozenset()


def test_every_word_of_an_order_is_known_and_the_longest_phrase_comes_first() -> None:
    for lexicon in lexicons().values():
        for phrases in lexicon.phrases.values():
            lengths = [len(phrase) for phrase in phrases]
            assert lengths == sorted(lengths, reverse=True)
            assert {word for phrase in phrases for word in phrase} <= lexicon.known
        assert lexicon.units.keys() <= lexicon.known
        assert {*lexicon.units.values()} == {"day", "week", "month", "year"}


def test_every_language_has_names_for_all_weekdays_and_months_long_and_short() -> None:
    assert calendar_names().keys() == lexicons().keys()
    for code, names in calendar_names().items():
        assert {*names.weekdays.values()} == {*range(7)}, code
        assert {*names.months.values()} == {*range(1, 13)}, code
        assert "" not in {*names.weekdays, *names.months}, code
    german, polish = calendar_names()["de"], calendar_names()["pl"]
    assert (german.weekdays["montag"], german.weekdays["mo"]) == (0, 0)
    assert (german.months["dezember"], german.months["dez"]) == (12, 12)
    assert polish.months["maja"] == polish.months["maj"] == 5, "of May, and May"
