"""How a person may be written: every spelling, the first name, the cases, without umlauts."""

from __future__ import annotations

import pytest

from daemon.people.spellings import (
    Names,
    first_name,
    full_names,
    inflected,
    spelt_out,
    spoken_to,
)


def spelled(name: str, *aliases: str) -> set[str]:
    return {" ".join(words) for words in full_names(Names(name, aliases))}


def test_a_full_name_may_be_turned_round_at_every_word() -> None:
    assert spelled("Jane Doe") == {"jane doe", "doe , jane"}
    assert spelled("Ana Maria Cruz", "AMC") == {
        "ana maria cruz",
        "maria cruz , ana",
        "cruz , ana maria",
        "amc",
    }
    assert spelled("Mia") == {"mia"}
    assert spelled("Doe, Jane") == {"doe , jane", "jane doe"}


def test_a_name_of_very_many_words_is_not_turned_round_at_the_last_of_them() -> None:
    many = "a b c d e f g h i j"
    assert "h i j , a b c d e f g" in spelled(many)
    assert "i j , a b c d e f g h" not in spelled(many)


def test_a_form_of_address_may_be_left_out_where_two_names_are_left() -> None:
    assert {"dr jane doe", "jane doe"} <= spelled("Dr Jane Doe")
    assert "doe" not in spelled("Dr Doe")
    assert {"jane doe", "dr jane doe"} <= spelled("Prof. Dr. Jane Doe")
    assert "doe" not in spelled("Jane Doe Roe")


@pytest.mark.parametrize("name", ["", " , ", ",", "-"])
def test_a_name_without_words_has_no_spelling_of_signs_alone(name: str) -> None:
    assert not {spelling for spelling in spelled(name) if spelling.strip(" ,")}
    assert "," not in spelled(name)
    assert first_name(name) == ()


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("Jane Doe", ("jane",)),
        ("Doe, Jane", ("jane",)),
        ("Rose-Lynn Hill", ("rose", "lynn")),
        ("Dr. Jane Doe", ("jane",)),
        ("J. Doe", ()),
        ("Dr.", ()),
        ("王小明", ("王", "小", "明")),
        ("王 明", ()),
        ("Jane, Doe, Acme", ("jane",)),
    ],
)
def test_the_first_name_is_all_of_it_and_never_an_initial(
    name: str, first: tuple[str, ...]
) -> None:
    assert first_name(name) == first


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("Jane Doe", "Jane"),
        ("Doe, Jane", "Jane"),
        ("Dr. Zoë Roux", "Zoë"),
        ("Rose-Lynn Hill", "Rose-Lynn"),
        ("Dr.", "Dr."),
        ("", ""),
    ],
)
def test_somebody_is_spoken_to_by_the_first_of_their_names(name: str, called: str) -> None:
    assert spoken_to(name) == called


def test_a_name_is_inflected_by_endings_each_word_by_its_own() -> None:
    endings = ("a>ą", "a>y", "k>kiem")
    assert inflected(("anna",), endings) == {("anny",)}
    assert inflected(("anna", "nowak"), endings) == {
        ("anny", "nowak"),
        ("anna", "nowakiem"),
        ("anny", "nowakiem"),
    }
    assert inflected(("jan",), endings) == set()
    assert inflected(("anna",), ()) == set()


def test_what_an_ending_would_leave_of_a_word_is_two_letters_at_least() -> None:
    assert inflected(("ia",), ("a>y",)) == set()
    assert inflected(("mia",), ("a>y",)) == {("miy",)}


def test_a_name_of_many_words_is_not_inflected() -> None:
    assert inflected(("anna", "b", "c", "d"), ("a>y",)) == set()
    assert inflected(("anna", "b", "c"), ("a>y",)) == {("anny", "b", "c")}


def test_umlauts_are_spelt_out_and_everything_else_stays() -> None:
    assert spelt_out("Jürgen Søren Åse") == "Juergen Soeren Aase"
    assert spelt_out("Mu\u0308ller") == "Mueller"
    assert spelt_out("Zoë") == "Zoë"
    assert spelt_out("Jane") == "Jane"
