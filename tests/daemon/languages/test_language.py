"""Every language that is shipped is whole, and says the words of its titles once."""

from __future__ import annotations

from dataclasses import fields

import pytest

from daemon.config.schema import BUILT_IN_OCCASIONS
from daemon.languages.language import Language, Titles, language, shipped
from daemon.languages.vocabulary import cancelling, vocabulary

LANGUAGES = [language(code) for code in shipped()]
OPTIONAL = {"possessive", "hosts", "honorifics", "name_endings"}
"""Not every language has them."""
pytestmark = pytest.mark.parametrize(
    "shipped_language", LANGUAGES, ids=lambda language: language.code
)


def test_every_occasion_has_a_title_that_asks_and_names_the_contact(
    shipped_language: Language,
) -> None:
    assert set(shipped_language.occasions) == {*BUILT_IN_OCCASIONS, "other"}
    assert shipped_language.occasions["other"].count("{occasion}") == 1
    assert all(
        title.count("{name}") == 1 and title.endswith("?")
        for title in shipped_language.occasions.values()
    )


def test_every_word_is_written_once_and_in_lower_case(shipped_language: Language) -> None:
    for kind in fields(Titles):
        words = getattr(shipped_language.titles, kind.name)
        assert sorted(words) == sorted(set(words)), kind.name
        assert all(word == " ".join(word.split()).lower() for word in words), kind.name


def test_every_language_has_every_kind_of_word(shipped_language: Language) -> None:
    assert shipped_language.name
    assert all(
        getattr(shipped_language.titles, kind.name)
        for kind in fields(Titles)
        if kind.name not in OPTIONAL
    )
    assert set(shipped_language.orders.units) == {"day", "week", "month", "year"}
    assert all(shipped_language.orders.units.values())
    assert all(
        getattr(shipped_language.orders, order)
        for order in ("skip", "never", "met", "missed", "snooze")
    )


def test_english_is_in_force_beside_it_and_calling_off_is_understood_in_all(
    shipped_language: Language,
) -> None:
    assert {"coffee", *shipped_language.titles.meeting} <= set(
        vocabulary((shipped_language.code,)).meeting
    )
    assert set(shipped_language.everywhere.cancelled) <= set(cancelling())
    assert set(shipped_language.everywhere.possessive) <= set(vocabulary().possessive)
