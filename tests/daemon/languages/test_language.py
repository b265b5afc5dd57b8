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
pytestmark = pytest.mark.parametrize("one", LANGUAGES, ids=lambda one: one.code)


def test_every_occasion_has_a_title_that_asks_and_names_the_contact(one: Language) -> None:
    assert set(one.occasions) == {*BUILT_IN_OCCASIONS, "other"}
    assert one.occasions["other"].count("{occasion}") == 1
    assert all(
        title.count("{name}") == 1 and title.endswith("?") for title in one.occasions.values()
    )


def test_every_word_is_written_once_and_in_lower_case(one: Language) -> None:
    for kind in fields(Titles):
        words = getattr(one.titles, kind.name)
        assert sorted(words) == sorted(set(words)), kind.name
        assert all(word == " ".join(word.split()).lower() for word in words), kind.name


def test_every_language_has_every_kind_of_word(one: Language) -> None:
    assert one.name
    assert all(
        getattr(one.titles, kind.name) for kind in fields(Titles) if kind.name not in OPTIONAL
    )
    assert set(one.orders.units) == {"day", "week", "month", "year"}
    assert all(one.orders.units.values())
    assert all(getattr(one.orders, order) for order in ("skip", "never", "met", "missed", "snooze"))


def test_english_is_in_force_beside_it_and_calling_off_is_understood_in_all(one: Language) -> None:
    assert {"coffee", *one.titles.meeting} <= set(vocabulary((one.code,)).meeting)
    assert set(one.everywhere.cancelled) <= set(cancelling())
    assert set(one.everywhere.possessive) <= set(vocabulary().possessive)
