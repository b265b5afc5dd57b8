"""Where a name begins and ends in a title, whose it is, and what makes it nobody's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from daemon.languages.vocabulary import Vocabulary
from daemon.people.spellings import Names
from daemon.people.title_reader import TitleReader

WORDS = Vocabulary(
    meeting=("coffee", "lunch", "ランチ", "will"),
    for_two=("duo",),
    not_meeting=("gift", "pole"),
    joining=("with", "w", "と"),
    dates=("may",),
    possessive=("'s", "'", ":s", "s", "の"),
    honorifics=("さん", "先生"),
    name_endings=("a>y", "a>e", ">em"),
)
JANE = Names("Jane Doe", ("Janie",))
BOSS = Names("Bob Roe", ("The Boss",))
TANAKA, WANG = Names("田中 太郎"), Names("王 Li-Hua")


def read(
    title: str, *people: Names, words: Vocabulary = WORDS, own: tuple[str, ...] = ()
) -> tuple[str, list[str]]:
    """What is behind the code, or the code, and whom it concerns."""
    people = people or (JANE, BOSS)
    reading = TitleReader(people, words, own).read(title)
    return reading.cause or reading.code, [people[index].name for index in reading.people]


# --- where a name begins and ends ---


def test_who_is_found_in_a_longer_name_is_not_found_in_it_again() -> None:
    assert read("Coffee with Anna Berg", Names("Anna Berg"), Names("Berg")) == ("", ["Anna Berg"])


@pytest.mark.parametrize("title", ["Lunch Rose-Lynn", "Lunch Lynn-Rose", "Rose-Lynn", "Lynn-Rose"])
def test_a_sign_that_makes_one_word_of_two_makes_another_name(title: str) -> None:
    assert read(title, Names("Rose Hill")) == ("nobody-named", [])


@pytest.mark.parametrize(
    "title",
    ["Lunch -Rose", "Lunch (-Rose)", "Lunch- Rose", "-Rose lunch", "Rose-", "-Rose",
     "Rose- lunch", "Rose -lunch", "(Rose-) lunch", "Lunch: Rose", "Lunch:Rose",
     "Rose:lunch"],
)  # fmt: skip
def test_a_sign_with_a_space_or_a_sign_beside_it_joins_nothing(title: str) -> None:
    assert read(title, Names("Rose Hill"))[1] == ["Rose Hill"]


def test_hyphens_and_dots_of_a_name_make_no_difference_where_they_touch_it() -> None:
    for title in ("Rose-Lynn Hill", "Rose Lynn-Hill", "R.L. Hill", "R. L. Hill"):
        assert read(f"Lunch {title}", Names("Rose-Lynn Hill", ("R. L. Hill",)))[0] == "", title
    assert read("Lunch Rose -Lynn Hill", Names("Rose-Lynn Hill"))[1] == []


# --- whose it is ---


@pytest.mark.parametrize("name", ["Will Turner", "Duo Turner", "Gift Turner"])
def test_a_first_name_that_says_what_is_done_is_nobody_without_the_surname(name: str) -> None:
    assert read(f"Lunch with {name.split()[0]}", Names(name))[1] == []
    assert read(f"Lunch with {name}", Names(name)) == ("", [name])


def test_a_name_of_two_words_may_begin_with_one_that_says_what_is_done() -> None:
    assert read("Lunch with Will-Ann", Names("Will-Ann Turner")) == ("", ["Will-Ann Turner"])


def test_a_name_is_found_in_its_other_cases() -> None:
    anna = Names("Anna Nowak")
    assert read("Lunch with Anny", anna) == ("", ["Anna Nowak"])
    assert read("Lunch with Anny Nowakem", anna) == ("", ["Anna Nowak"])
    assert read("Lunch with Anno", anna)[1] == []


def test_a_case_that_reads_like_a_word_of_the_vocabulary_is_nobody() -> None:
    assert read("Lunch with Poly", Names("Pola Nowak")) == ("", ["Pola Nowak"])
    assert read("Lunch with Pole", Names("Pola Nowak"))[1] == []


def test_an_only_name_in_another_case_or_spelling_may_be_the_first_name_of_somebody_else() -> None:
    annas = (Names("Anna"), Names("Anna Nowak"))
    assert read("Lunch with Anny", *annas)[0] == "ambiguous-name"
    jürgens = (Names("Jürgen"), Names("Juergen Groß"))
    assert read("Lunch with Juergen", *jürgens)[0] == "ambiguous-name"


def test_behind_a_surname_written_without_spaces_the_given_name_is_one_too() -> None:
    assert read("太郎とランチ", TANAKA) == ("", [TANAKA.name])
    assert read("田中とランチ", TANAKA) == ("", [TANAKA.name])
    assert read("中とランチ", TANAKA)[1] == []
    assert read("愛とランチ", Names("田中 愛"))[1] == []
    assert read("Lunch with Li-Hua", WANG) == ("", [WANG.name])
    assert read("Lunch with Doe")[1] == []


# --- what belongs to it ---


def test_an_honorific_belongs_to_the_name() -> None:
    assert read("田中さんとランチ", TANAKA) == ("", [TANAKA.name])
    assert read("田中先生とランチ", TANAKA) == ("", [TANAKA.name])
    assert read("田中さん", TANAKA) == ("no-meeting-word", [TANAKA.name])
    assert read("ランチ田中ん", TANAKA)[0] == "part"


@pytest.mark.parametrize("title", ["ランチ 田中の", "ランチ 田中さんの"])
def test_what_follows_a_name_and_its_honorific_may_make_it_a_possessive(title: str) -> None:
    assert read(title, TANAKA) == ("possessive", [TANAKA.name])


@pytest.mark.parametrize("title", ["Lunch with {} D.", "Lunch with {} Doe", "Lunch with {} M. Doe"])
@pytest.mark.parametrize("name", ["Jane", "Janie"])
def test_a_first_name_or_alias_goes_on_with_the_surname_or_its_initial(
    title: str, name: str
) -> None:
    assert read(title.format(name)) == ("", ["Jane Doe"])


def test_a_full_name_goes_on_with_what_else_they_are_called_but_not_with_itself() -> None:
    assert read("Lunch with Jane Doe Janie") == ("", ["Jane Doe"])
    assert read("Lunch with Mia M.", Names("Mia")) == ("surname", ["Mia"])


@pytest.mark.parametrize(
    "title",
    ["Lunch Jane Li Doe", "Lunch Jane Smith", "Lunch Jane S", "Lunch Jane S.",
     "Jane S lunch", "Lunch Jane D. Smith", "Lunch Jane M. Smith", "Lunch Jane Li",
     "Lunch Janie Smith", "Jane S. lunch", "Jane M lunch D."],
)  # fmt: skip
def test_a_name_that_goes_on_with_another_surname_is_somebody_else(title: str) -> None:
    assert read(title) == ("surname", ["Jane Doe"])


@pytest.mark.parametrize(
    "title", ["Lunch Jane Doe Berlin", "Lunch Jane Doe B.", "Lunch Jane berlin"]
)
def test_behind_a_full_name_and_in_small_letters_there_is_no_other_surname(title: str) -> None:
    assert read(title) == ("part", ["Jane Doe"])


def test_what_stands_behind_a_sign_or_is_a_name_itself_is_no_surname() -> None:
    assert read("ランチ 田中Smith", TANAKA)[0] == "part"
    assert read("ランチ 田中 Smith", TANAKA)[0] == "surname"
    assert read("Lunch Jane, May") == ("", ["Jane Doe"])
    assert read("Lunch Jane Bob")[0] == "several-named"
    assert read("Lunch Janes Bob")[0] == "several-named"


# --- possessives ---


@pytest.mark.parametrize(
    "title",
    ["Lunch Jane's office", "Lunch Jane' office", "Lunch Janes office",
     "Lunch Jane:s office", "Lunch Jane Doe's office", "Lunch Jane Does office",
     "Lunch Jane Doe:s office", "Janes Birthday", "Lunch 'Jane's office'",
     "Lunch 'tis Jane'", "Lunch ' Jane'", "Jane's", "Jane:s", "Jane'", "Lunch Jane'-"],
)  # fmt: skip
def test_a_name_in_the_possessive_is_told(title: str) -> None:
    assert read(title) == ("possessive", ["Jane Doe"])


def test_an_alias_in_the_possessive_is_the_aliass_even_where_it_is_a_first_name_as_well() -> None:
    people = (Names("Jane Doe", ("Bo",)), Names("Bo Li"))
    assert read("Lunch Bos office", *people) == ("possessive", ["Jane Doe"])


@pytest.mark.parametrize(
    "title",
    ["Lunch with Janes", "Lunch with Janes, office", "Lunch Janesx", "Lunch Jane'x",
     "Lunch Jane'ss", "Lunch Does office"],
)  # fmt: skip
def test_what_ends_otherwise_is_another_word(title: str) -> None:
    assert read(title) == ("nobody-named", [])


@pytest.mark.parametrize(
    "title", ["'Jane' lunch", "Lunch 'Jane'", "Lunch Jane: s", "Lunch Jane :s", "Lunch Jane '"]
)
def test_quotes_and_signs_with_spaces_make_no_possessive(title: str) -> None:
    assert read(title)[0] != "possessive"


def test_an_ending_that_the_vocabulary_lacks_makes_no_possessive() -> None:
    glued, quoted = replace(WORDS, possessive=("s",)), replace(WORDS, possessive=("'s",))
    assert read("Janes office", words=glued) == ("possessive", ["Jane Doe"])
    assert read("Jane's office", words=glued) == ("nobody-named", [])
    assert read("Jane's office", words=quoted) == ("possessive", ["Jane Doe"])
    assert read("Janes office", words=quoted) == ("nobody-named", [])
    assert read("Lunch Jane' now", words=quoted)[0] != "possessive"


# --- what is no name ---


def test_a_month_beside_a_number_is_nobody_unless_the_surname_stands_between() -> None:
    may = Names("May Falk")
    assert read("Lunch May 5", may)[1] == read("5 May lunch", may)[1] == []
    assert read("Lunch with May Falk 5", may)[1] == ["May Falk"]
    assert read("5 lunch May", may) == ("", ["May Falk"])


def test_my_own_full_name_is_nobody_who_shares_the_first_but_has_another_surname() -> None:
    sam, hill = Names("Sam Jones"), Names("Sam Ann Hill")
    own = ("sam", "hill")
    assert read("Lunch Sam Hill", sam, own=own)[1] == []
    assert read("lunch sam hill", sam, hill, own=own)[1] == ["Sam Jones", "Sam Ann Hill"]
    assert read("Lunch Sam coffee", sam, own=own)[1] == ["Sam Jones"]
    assert read("Coffee Jane Hill", JANE, own=own)[1] == ["Jane Doe"]
