"""Whom a title names. Each table is one statement of the rule for events that nobody else was
invited to."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from daemon.languages.vocabulary import Vocabulary, vocabulary
from daemon.people.spellings import Names
from daemon.people.title_reader import TitleReader

JANE = Names("Jane Doe", ("Janie",))
BOB = Names("Bob Roe")
ANNA_B = Names("Anna Berg")
ANNA_C = Names("Anna Cruz")
ROSE = Names("Rose-Lynn Hill")
KLAUS = Names("Klaus Weber")
SEAN = Names("Sean O'Brien")
EVERYBODY = (JANE, BOB, ANNA_B, ANNA_C, ROSE, KLAUS, SEAN)
WORDS_IN_FORCE = vocabulary()


def read(title: str, *people: Names, words: Vocabulary = WORDS_IN_FORCE) -> tuple[str, list[str]]:
    """The code for a title and the names of those it concerns."""
    people = people or EVERYBODY
    reading = TitleReader(people, words, own=("sam",)).read(title)
    return reading.code, [people[index].name for index in reading.people]


def names(title: str, *people: Names) -> str | None:
    """The one person a title counts for."""
    code, names = read(title, *people)
    return names[0] if code == "" else None


@pytest.mark.parametrize(
    "title",
    [
        "Jane Doe",
        "JANE DOE",
        "jane doe",
        "Jané  Döe",
        "Jane\u00a0Doe",
        "Jane-Doe",
        "Doe, Jane",
        "Janie",
        "'Jane Doe'",
        "Dr. Jane Doe",
        "🙂 Jane Doe",
        "Jane Doe - Sam",
        "Jane Doe @ Blue Bottle",
        "Janie at the Tate",
        "Jane Doe, Blue Bottle",
        "Jane Doe, café",
    ],
)
def test_nothing_but_a_full_name_or_alias_is_a_meeting(title: str) -> None:
    assert names(title) == "Jane Doe"


@pytest.mark.parametrize(
    "title",
    [
        "Jane Doe - budget",
        "Budget (Jane Doe)",
        "Budget with Jane Doe",
        "Jane",
        "Janie in town",
        "Jane Doe at school",
    ],
)
def test_a_name_that_stands_free_lacks_only_a_word(title: str) -> None:
    reading = TitleReader(EVERYBODY, WORDS_IN_FORCE, own=("sam",)).read(title)
    assert (reading.code, reading.lacks_only_a_word) == ("no-meeting-word", True)


@pytest.mark.parametrize(
    ("title", "cause"),
    [
        ("Email Jane Doe", "verb"),
        ("Schedule coffee with Jane", "verb"),
        ("Missed lunch with Jane", "verb"),
        ("Book train for Jane Doe", "verb"),
        ("Dentist for Jane Doe", "about"),
        ("Lunch for Jane", "about"),
        ("Dinner at Jane", "about"),
        ("Jane dentist", "part"),
        ("Coffee with Jane Doe team lead", "part"),
        ("Jane lunch box", "part"),
        ("Swimming lesson Jane", "part"),
    ],
)
def test_a_meeting_word_does_not_help_where_something_else_is_said(title: str, cause: str) -> None:
    reading = TitleReader(EVERYBODY, WORDS_IN_FORCE, own=("sam",)).read(title)
    assert reading.code in ("no-meeting-word", "several-named")
    assert not reading.lacks_only_a_word
    assert reading.cause in (cause, "group")


@pytest.mark.parametrize(
    "title",
    ["Dinner with Jane and Tom", "Tom & Jane: dinner", "Jane, Tom + Ann", "Jane Doe, Tom Smith",
    "Coffee Jane, Xu",
     "Lunch with Xu and Jane", "Jane <> Tom", "Lunch with Jane and family", "Team lunch with Jane",
     "Jane's and Tom's lunch with Jane Doe", "Jane: lunch with Tom", "Coffee with Jane or Tom"],
)  # fmt: skip
def test_another_name_beside_it_means_several_people_known_or_not(title: str) -> None:
    code, people = read(title)
    assert (code, people) == ("several-named", ["Jane Doe"]) or code == "not-a-meeting-title"


@pytest.mark.parametrize(
    "title",
    ["Mia", "Mia ❤️", "Mia @ Blue Bottle", "Mia, Blue Bottle", "Coffee with Mia", "Lunch Mia",
    "Mia lunch", "Call: Mia",
     "Sam & Mia", "Mia/Sam", "Lunch with @Mia", "Mia and I: walk", "Walk in the park with Mia"],
)  # fmt: skip
def test_somebody_with_one_name_is_met_by_it(title: str) -> None:
    assert names(title, Names("Mia"), BOB) == "Mia"


@pytest.mark.parametrize(
    "title",
    ["Mia dentist", "Pick up Mia", "Call dentist for Mia", "Lunch w/ Mia and Ben", "Mia at school",
    "Mia: dentist",
     "Mia swimming", "Mia Smith", "🦷 Mia", "Call Mia back", "Mia @ dentist", "Meet Mia's teacher",
     "Big Mia visit"],
)  # fmt: skip
def test_a_title_that_has_the_only_name_of_somebody_is_not_therefore_a_meeting(title: str) -> None:
    assert names(title, Names("Mia"), BOB) is None


def test_an_only_name_that_another_bears_as_first_name_is_ambiguous() -> None:
    assert read("Coffee with Mia", Names("Mia"), Names("Mia Falk"))[0] == "ambiguous-name"
    assert names("Coffee with Mia", Names("Mia", ("mia",)), Names("Mia Falk")) == "Mia"


def test_a_month_is_nobody() -> None:
    may = Names("May")
    for title in (
        "Coffee tasting in May",
        "Lunch May 5",
        "5 May lunch",
        "Walk, first of May",
        "May planning",
    ):
        assert names(title, may) is None, title
    for title in ("Coffee with May", "Lunch May", "May"):
        assert names(title, may) == "May", title


def test_of_those_who_share_my_name_only_the_other_is_meant() -> None:
    reader = TitleReader([Names("Sam Jones"), JANE], WORDS_IN_FORCE, own=("sam", "hill"))
    assert reader.read("Coffee: Sam Hill <> Jane").people == (1,)
    assert reader.read("Coffee with Sam").people == (0,)


@pytest.mark.parametrize(
    "title",
    ["Janet Doerr", "Jane Doerr lunch", "MaryJane Doe lunch", "Mary-Jane lunch", "Ja ne Doe",
     "lunch, https://example.org/jane", "lunch jane@example.org", "lunch jane.doe@example.org"],
)  # fmt: skip
def test_only_whole_words_name(title: str) -> None:
    assert read(title)[0] in {"nobody-named", "no-meeting-word"}


@pytest.mark.parametrize(
    "title",
    [
        "Coffee with Jane",
        "coffee jane",
        "Jane coffee",
        "Jane Weekly Sync",
        "Catch-up: Jane",
        "catch up w/Jane",
        "Jane 1:1",
        "1-1 Jane",
        "Jane <> Sam",
        "Jane <>Sam",
        "Sam x Jane",
        "Jane × Sam",
        "Sam/Jane",
        "Jane / Sam",
        "w/ Jane",
        "Lunch w/ @Jane (Blue Bottle)",
        "Meet-up Jane",
        "Lunch with Jane D.",
        "Lunch with Jane M. Doe",
        "Jane Sam 1:1",
    ],
)
def test_a_first_name_names_beside_a_meeting_word(title: str) -> None:
    assert names(title) == "Jane Doe"


@pytest.mark.parametrize(
    "title",
    ["Jane", "Pick up Jane", "Jane at 11:15", "Jane 1:15", "Jane 2021-1-1", "Callum Jane",
    "Jane w/o sugar",
     "Jane syncing", "Jane and a/b test", "Jane, x marks the spot"],
)  # fmt: skip
def test_a_first_name_alone_does_not_name(title: str) -> None:
    assert read(title) == ("no-meeting-word", ["Jane Doe"])


def test_a_hyphenated_first_name_is_needed_whole() -> None:
    assert names("Walk with Rose-Lynn") == "Rose-Lynn Hill"
    assert names("Walk with Rose Lynn") == "Rose-Lynn Hill"
    assert names("Walk with Rose‑Lynn") == "Rose-Lynn Hill"
    assert names("Walk with Rose") is None
    assert names("Walk with Lynn") is None
    assert names("Walk with Rose-Lynn", Names("Rose Smith")) is None


def test_a_first_name_that_two_bear_is_ambiguous() -> None:
    assert read("Coffee with Anna") == ("ambiguous-name", ["Anna Berg", "Anna Cruz"])
    assert names("Coffee with Anna Berg") == "Anna Berg"
    assert names("Coffee with Anna B.") is None


@pytest.mark.parametrize(
    ("title", "nearly", "cause"),
    [
        ("Coffee with Anna", True, ""),
        ("Anna", True, ""),
        ("Email Anna", False, "verb"),
        ("Coffee with Anna and Tom", False, "others"),
        ("Lunch for Anna", False, "about"),
    ],
)
def test_an_ambiguous_name_lacks_only_the_rest_of_it_where_nothing_else_is_said(
    title: str, nearly: bool, cause: str
) -> None:
    reading = TitleReader(EVERYBODY, WORDS_IN_FORCE).read(title)
    assert (reading.code, reading.people) == ("ambiguous-name", (2, 3))
    assert (reading.lacks_only_a_word, reading.cause) == (nearly, cause)


@pytest.mark.parametrize(
    ("title", "code", "cause"),
    [
        ("Dentist", "nobody-named", ""),
        ("Coffee with Jane Smith", "nobody-named", "surname"),
        ("Jane's lunch", "not-a-meeting-title", "possessive"),
        ("Lunch with Jane?", "not-a-meeting-title", "question"),
        ("Jane?", "not-a-meeting-title", "question"),
        ("Birthday lunch Jane", "not-a-meeting-title", "word"),
    ],
)
def test_what_is_behind_a_code_is_told(title: str, code: str, cause: str) -> None:
    for words in (WORDS_IN_FORCE, replace(WORDS_IN_FORCE, possessive=("'s",))):
        reading = TitleReader(EVERYBODY, words).read(title)
        assert (reading.code, reading.cause) == (code, cause)


def test_a_name_that_begins_with_a_sign_is_found_beside_plain_ones() -> None:
    plain = replace(WORDS_IN_FORCE, possessive=("'s",))
    for words in (WORDS_IN_FORCE, plain):
        assert read("Coffee with %%", Names("Jane Doe", ("%%",)), BOB, words=words) == (
            "",
            ["Jane Doe"],
        )
        assert read("Coffee with Bob", Names("Jane Doe", ("%%",)), BOB, words=words)[0] == ""


def test_a_name_of_another_script_is_found_beside_plain_ones() -> None:
    plain = replace(WORDS_IN_FORCE, possessive=("'s",))
    for words in (WORDS_IN_FORCE, plain):
        assert read("Coffee with Мария", Names("Мария Иванова"), BOB, words=words)[0] == ""
        assert read("Coffee with BOB", Names("Мария Иванова"), BOB, words=words)[0] == ""


def test_the_second_half_of_anothers_first_name_is_nobody() -> None:
    assert names("Coffee with Jane, Blue Bottle", JANE, Names("Xu-Blue Li")) == "Jane Doe"
    assert read("Coffee with Jane, Xu Bottle", JANE, Names("Xu-Blue Li"))[0] == "several-named"


def test_one_full_name_among_several_names_of_a_person_is_enough() -> None:
    assert names("Jane, Jane Doe") == "Jane Doe"


def test_a_title_of_closing_signs_alone_asks_nothing() -> None:
    assert read("!)", Names("Jane Doe", ("!",)))[0] != "not-a-meeting-title"


def test_a_title_with_two_people_names_neither() -> None:
    assert read("Coffee with Jane and Bob") == ("several-named", ["Jane Doe", "Bob Roe"])
    assert read("Jane Doe & Bob") == ("several-named", ["Jane Doe", "Bob Roe"])
    assert read("Jane Doe and Anna") == ("several-named", ["Jane Doe", "Anna Berg", "Anna Cruz"])
    assert read("Sync Jane Bob")[0] == "several-named"


def test_a_person_named_twice_is_one_person() -> None:
    assert names("Jane Doe: coffee with Jane") == "Jane Doe"
    assert names("Anna Berg: coffee with Anna") == "Anna Berg"


def test_nobody_is_named_by_an_ordinary_title() -> None:
    assert read("Dentist") == ("nobody-named", [])
    assert read("") == ("nobody-named", [])


def test_the_longest_name_swallows_a_shorter_inside_it() -> None:
    people = (Names("Anna Maria"), Names("Anna Maria Berg"))
    assert names("Lunch with Anna Maria Berg", *people) == "Anna Maria Berg"
    assert names("Lunch with Anna Maria", *people) == "Anna Maria"


def test_an_alias_beats_the_first_name_of_another() -> None:
    people = (Names("Jane Doe", ("JJ",)), Names("Janet Jones", ("Jane",)))
    assert names("Coffee with Jane", *people) == "Janet Jones"


def test_an_alias_of_two_people_is_ambiguous() -> None:
    people = (Names("Jane Doe", ("Boss",)), Names("Bob Roe", ("boss",)))
    assert read("Boss", *people) == ("ambiguous-name", ["Jane Doe", "Bob Roe"])


@pytest.mark.parametrize(
    "title",
    ["Coffee with Jane Smith", "Call Jane S.", "1:1 Jane McCoy", "Lunch with Jane S at noon"],
)
def test_a_first_name_that_runs_on_into_another_surname_is_somebody_else(title: str) -> None:
    assert read(title) == ("nobody-named", ["Jane Doe"])


def test_a_first_name_that_is_a_meeting_word_needs_the_surname() -> None:
    tea = Names("Tea Novak")
    assert read("Tea with Bob", tea, BOB) == ("", ["Bob Roe"])
    assert names("Tea Novak", tea) == "Tea Novak"


@pytest.mark.parametrize(
    "title",
    ["Jane's recital", "Jane’s lunch", "Dinner at Jane's", "Jane Doe's talk", "Klaus' lunch",
    "Klaus’ call",
     "Sean O'Brien's party", "Lunch at Janie's"],
)  # fmt: skip
def test_a_name_in_the_possessive_is_not_a_meeting(title: str) -> None:
    assert read(title)[0] == "not-a-meeting-title"


def test_quotes_around_a_name_and_an_apostrophe_inside_it_are_no_possessive() -> None:
    assert names("Lunch with 'Klaus'") == "Klaus Weber"
    assert names("Lunch with “Jane”") == "Jane Doe"
    assert names("Lunch with Sean O’Brien") == "Sean O'Brien"
    assert names("Lunch with Brien", Names("Brien Smith")) == "Brien Smith"
    assert names("Lunch with O'Brien", Names("Brien Smith")) is None


@pytest.mark.parametrize(
    "title",
    ["Jane Doe birthday", "Birthday lunch with Jane", "Gift for Jane Doe", "Reminder: call Jane",
    "Re: tea with Jane",
     "RE:Jane Doe", "Flight with Jane", "Birthday-lunch Jane Doe"],
)  # fmt: skip
def test_a_word_for_something_else_is_not_a_meeting(title: str) -> None:
    assert read(title) == ("not-a-meeting-title", ["Jane Doe"])


def test_not_words_are_whole_words() -> None:
    assert names("Lunch after the presentation with Jane") == "Jane Doe"
    assert names("Presenter lunch: Jane Doe") == "Jane Doe"


def test_a_not_word_inside_a_full_name_is_part_of_the_name() -> None:
    assert names("Lunch with Gift Okafor", Names("Gift Okafor")) == "Gift Okafor"
    assert names("Gift for Gift Okafor", Names("Gift Okafor")) is None


@pytest.mark.parametrize(
    "title", ["Coffee with Jane?", "Jane Doe ? ", "(Lunch with Jane?)", "Jane Doe?!", "Jane Doe？"]
)
def test_a_title_that_asks_is_not_a_meeting(title: str) -> None:
    assert read(title) == ("not-a-meeting-title", ["Jane Doe"])


def test_a_question_inside_a_title_does_not_ask() -> None:
    assert names("Lunch? With Jane") == "Jane Doe"


@pytest.mark.parametrize(
    ("person", "title"),
    [
        (Names("王小明"), "王小明午餐"),
        (Names("王小明"), "王小明"),
        (Names("Мария Иванова"), "Обед: МАРИЯ ИВАНОВА"),
        (Names("Мария Иванова"), "Coffee Мария"),
        (Names("ジェーン・ドウ"), "ランチ ジェーン ドウ"),
        (Names("سارة علي"), "غداء سارة علي"),
        (Names("सीता देवी"), "सीता देवी चाय"),
        (Names("Jane Doe"), "Jane Doe午餐"),
    ],
)
def test_names_of_any_script_are_found(person: Names, title: str) -> None:
    own = vocabulary((), ("午餐", "обед", "ランチ", "غداء", "चाय"))
    assert read(title, person, words=own) == ("", [person.name])


def test_names_of_any_script_are_whole_words_where_the_script_has_words() -> None:
    assert names("Мариям Иванова", Names("Мария Иванова")) is None
    assert names("coffee アンナ", Names("アン 王")) is None


@pytest.mark.parametrize(
    "name", ["Dr. Jane Doe", "Jane Doe (Acme)", "Doe, Jane", "Jane Doe, PhD", "Prof. Dr. Jane Doe"]
)
def test_titles_and_additions_of_a_configured_name_are_not_needed(name: str) -> None:
    assert names("Jane Doe", Names(name)) == name
    assert names("Lunch with Jane", Names(name)) == name
    assert read("Dr lunch", Names(name))[0] == "nobody-named"


def test_an_initial_does_not_stand_for_a_first_name() -> None:
    assert read("Plan J lunch", Names("J. R. Smith"))[0] == "nobody-named"
    assert names("JR: lunch with J.R. Smith", Names("J. R. Smith")) == "J. R. Smith"


def test_own_words_add_to_those_of_the_languages() -> None:
    own = vocabulary((), ("咖啡", "", " "), ("ringrazio",))
    assert read("咖啡 Bob", BOB, words=own) == ("", ["Bob Roe"])
    assert read("Coffee with Bob", BOB, words=own) == ("", ["Bob Roe"])
    assert read("Coffee with Bob, ringrazio", BOB, words=own)[0] == "not-a-meeting-title"


WORDS = st.sampled_from(
    ["Jane", "Doe", "Bob", "Anna", "Rose", "-", "Lynn", "'", "s", "’s", "?", "/", "x", "w/", "1:1",
    ",", ".", "with",
     "coffee", "birthday", "re:", "O", "王", "@", "jane@x.org", "Smith", "S.", "and", "for",
     "Sam", "at", "email", "Tom", "5", "May", "team", "Janes"]
)  # fmt: skip
TITLES = st.one_of(st.text(), st.lists(WORDS).map(" ".join), st.lists(WORDS).map("".join))


@given(title=TITLES, people=st.lists(st.builds(Names, TITLES, st.tuples(TITLES)), max_size=4))
@example("Jane", [Names("", ("", "-"))])
def test_reading_any_title_for_any_people_never_fails(title: str, people: list[Names]) -> None:
    reading = TitleReader(people, WORDS_IN_FORCE).read(title)
    assert reading.code or len(reading.people) == 1
    assert (reading.code == "several-named") <= (len(reading.people) > 1)
    assert all(0 <= index < len(people) for index in reading.people)


@given(title=TITLES)
def test_the_order_of_the_config_does_not_matter(title: str) -> None:
    code, people = read(title, *EVERYBODY)
    turned_code, turned = read(title, *reversed(EVERYBODY))
    assert (code, sorted(people)) == (turned_code, sorted(turned))


GERMAN = vocabulary(("de",))
MUELLER, JUERGEN = Names("Klaus Mueller"), Names("Juergen Groß")
MÜLLER, JÜRGEN, JOE = Names("Klaus Müller"), Names("Jürgen Groß"), Names("Joe Baer")


@pytest.mark.parametrize(
    ("title", "people", "whose"),
    [
        ("Kaffee mit Klaus Müller", (MUELLER,), "Klaus Mueller"),
        ("Kaffee mit Klaus Mu\u0308ller", (MUELLER,), "Klaus Mueller"),
        ("Kaffee mit Klaus Mueller", (MÜLLER,), "Klaus Müller"),
        ("Kaffee mit Jürgen", (JUERGEN,), "Juergen Groß"),
        ("Kaffee mit Juergen", (JÜRGEN,), "Jürgen Groß"),
        ("FRUEHSTUECK mit Jürgen", (JUERGEN,), "Juergen Groß"),
        ("Jürgens Geburtstag", (JUERGEN,), None),
        ("Geschenk fuer Jürgen", (JÜRGEN,), None),
        ("Kaffee mit Jo", (JOE,), None),
        ("Kaffee mit Joe Bar", (JOE,), None),
        ("Kaffee mit Muller", (MUELLER,), None),
    ],
)
def test_an_umlaut_may_be_spelt_out_on_either_side_and_falls_away_on_none(
    title: str, people: tuple[Names, ...], whose: str | None
) -> None:
    code, named = read(title, *people, words=GERMAN)
    assert (named[0] if code == "" else None) == whose


@pytest.mark.parametrize(
    ("name", "title"),
    [("Pani Anna Berg", "Coffee with Anna"), ("Mlle Zoé Roux", "Lunch with Zoé Roux")],
)
def test_a_form_of_address_of_any_language_is_no_part_of_a_name(name: str, title: str) -> None:
    assert read(title, Names(name))[0] == ""
