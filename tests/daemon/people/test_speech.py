"""What a title says of the one contact it names, word by word: where the words stand decides."""

from __future__ import annotations

import pytest

from daemon.languages.vocabulary import Vocabulary
from daemon.people.spellings import Names
from daemon.people.title_reader import TitleReader

WORDS = Vocabulary(
    meeting=("coffee", "lunch", "meeting", "ランチ"),
    for_two=("1:1",),
    activities=("chess", "映画"),
    joining=("with", "w/", "と"),
    between=("<>", "x", "/"),
    adding=("and", "&"),
    me=("me",),
    other_verbs=("email",),
    about=("for",),
    groups=("team",),
    placing=("at", "@", "bei"),
    circumstance=("in",),
    places=("cafe",),
    lengths=("min",),
    ordinary=("again", "the"),
    dates=("monday",),
    not_names=("dentist",),
    given_names=("tom",),
    hosts=("bei",),
    forms_of_address=("dr",),
)
READER = TitleReader(
    [Names("Jane Doe", ("Janie",)), Names("Rose-Lynn Hill"), Names("田中 太郎")],
    WORDS,
    own=("sam", "hill"),
)
MEETING, NO_WORD = "", "no-meeting-word"


def said(title: str) -> str:
    """What a title says that names one person: what is behind the code, or the code."""
    reading = READER.read(title)
    assert len(reading.people) == 1, title
    return reading.cause or reading.code


def check(saying: str, *titles: str) -> None:
    assert {title: said(title) for title in titles} == dict.fromkeys(titles, saying)


# --- who else is there ---


def test_a_word_for_a_group_is_more_than_one_wherever_it_stands() -> None:
    check("group", "Lunch Jane team", "Team: lunch with Jane", "Jane 1:1 (team)")


def test_who_is_joined_to_the_one_or_to_oneself_is_another() -> None:
    check("others", "Lunch Jane and Tom", "Lunch Tom and Jane", "Lunch Jane, and (Tom)")
    check("others", "Lunch Jane and the boss", "Lunch the boss again and Jane")
    check("others", "Lunch Jane again and boss", "Lunch boss, & Jane", "Lunch Jane & - boss")
    check("others", "Sam and boss: lunch Jane", "Jane lunch: boss and me")
    check("others", "Lunch with Jane and email boss", "Lunch Jane and chess")


def test_what_is_joined_to_something_else_is_nobody() -> None:
    check(MEETING, "Lunch with Jane (cake and pie)", "Jane & Sam lunch")


def test_a_sign_for_two_joins_another_only_if_they_are_written_like_a_name() -> None:
    check("others", "Jane <> Xu", "Xu/Jane lunch", "Sam/Xu: lunch Jane")
    check(MEETING, "Jane lunch/budget", "Lunch Jane/budget")


def test_whoever_it_is_with_is_another_unless_they_are_oneself() -> None:
    check("others", "Jane: lunch with boss", "Jane: lunch with (boss)", "Jane lunch w/ the boss")
    check("others", "Jane: lunch with @boss")
    check(MEETING, "Jane lunch with me", "Jane: lunch with 2 min")


def test_who_is_listed_beside_them_by_a_common_given_name_or_one_of_a_contact_is_another() -> None:
    check(
        "others", "Lunch Jane, Tom Li", "Tom Li, Jane", "Jane: Tom Li", "Lunch Jane + Rose Garden"
    )
    check("others", "Lunch Jane and Sam, Tom", "Tom, Sam & Jane", "Jane/Sam, Tom", "Tom; me x Jane")
    check("others", "lunch jane, tom", "tom, jane: lunch")
    check(MEETING, "lunch jane, tom brings cake")


def test_a_single_capital_word_in_a_list_with_a_first_name_is_another() -> None:
    check("others", "Lunch Jane, Xu", "Xu, Jane lunch", "Lunch Jane; Xu")
    check(MEETING, "Lunch Jane, budget", "Lunch Jane - Xu", "Lunch Jane: Xu", "Lunch Jane Doe, Xu")
    check(MEETING, "Lunch Jane, Cafe")


def test_several_capital_words_are_another_only_where_the_list_goes_on() -> None:
    check(
        "others", "Lunch Jane, Xu Li and Bo", "Lunch Jane, Xu Li, Bo", "Bo Chan, Xu Li, Jane lunch"
    )
    check("others", "Lunch Jane Doe, Xu, Bo", "Bo and Xu Li, Jane lunch", "Lunch Jane, Xu Li; Bo")
    check(MEETING, "Lunch Jane, Xu Li", "Lunch Jane, Xu Li - Bo", "Lunch Jane, Xu Li, bo")
    check(MEETING, "Lunch Jane Doe, Xu - Bo", "Lunch Jane, Blue Cafe and Bo", "Lunch Jane, Xu Li,")


# --- what stands with the name ---


def test_a_verb_before_the_name_says_what_there_is_to_do() -> None:
    check("verb", "Email Jane", "Email boss: lunch Jane", "Email: coffee with Jane")
    check(MEETING, "Lunch Jane: email")


def test_a_meeting_word_before_the_name_is_enough_where_nothing_follows_it() -> None:
    check(MEETING, "Lunch Jane", "Lunch: the 30 min Monday Jane", "Lunch / Jane", "Lunch, and Jane")
    check(MEETING, "1:1 Jane", "Lunch Sam & Jane", "Lunch me/Jane", "Budget lunch Jane")
    check(
        "part",
        "Lunch Jane budget",
        "Lunch Jane again budget",
        "Lunch Jane email",
        "Lunch Jane chess",
    )
    check(NO_WORD, "Lunch budget - Jane", "Lunch and cake, Jane")


def test_a_meeting_word_behind_the_name_is_enough_where_it_leads_to_nothing_else() -> None:
    check(MEETING, "Jane lunch", "Jane, the lunch", "Jane and Sam: lunch", "Jane lunch in town")
    check(
        MEETING, "Jane lunch meeting", "Jane 1:1 budget", "Jane lunch 1:1 budget", "Jane & - lunch"
    )
    check("part", "Jane lunch box", "Jane lunch meeting box", "Jane lunch for budget")
    check("part", "Budget Jane lunch", "Budget with Jane lunch", "Jane lunch email")
    check("part", "Budget with Jane Doe / Janie lunch")


def test_what_is_for_or_at_them_is_not_with_them() -> None:
    check(
        "about", "Lunch for Jane", "Lunch at Jane", "Lunch @Jane", "Lunch in Jane", "For the Jane"
    )
    check("about", "Lunch for Jane lunch", "Budget for Jane")


def test_with_counts_where_a_meeting_word_or_nothing_stands_before_it() -> None:
    check(MEETING, "Lunch with Jane", "With Jane", "Sam with Jane", "Lunch w/ @Jane", "w/Jane")
    check(MEETING, "Chess with Jane", "Lunch Monday with Jane", "Lunch at cafe with Jane")
    check(MEETING, "Lunch in town with Jane", "Coffee and cake with Jane", "Lunch - cake with Jane")
    check(MEETING, "Lunch, cake and pie with Jane", "Lunch again at cafe with Jane")
    check(NO_WORD, "Budget with Jane", "Lunch budget with Jane", "Lunch again budget with Jane")
    check("part", "Lunch with Jane budget", "Lunch cake with Jane chess")


def test_in_a_script_without_spaces_with_and_the_meeting_word_follow_the_name() -> None:
    check(MEETING, "田中とランチ", "田中と映画", "田中とランチ予算")
    check(NO_WORD, "田中と")
    check("others", "田中と予算")
    check(NO_WORD, "Jane with chess", "田中 with chess")


def test_at_the_home_of_somebody_is_with_them_where_the_title_ends_there() -> None:
    check(
        MEETING, "Lunch bei Jane", "Lunch bei Jane in Berlin", "Lunch bei Jane, 3", "1:1 bei Jane"
    )
    check("about", "Lunch bei Jane budget", "Budget bei Jane", "Lunch at Jane", "Bei Jane")
    check("about", "Lunch bei Jane chess", "Lunch bei the Jane", "Lunch again bei Jane")


def test_a_sign_for_two_joins_them_and_oneself() -> None:
    check(
        MEETING,
        "Jane <> Sam",
        "Jane <> Sam budget",
        "Sam <> Jane budget",
        "Jane (<> Sam) budget",
        "Jane <> (Sam) budget",
    )
    check(
        MEETING,
        "Jane again <> the Sam budget",
        "Sam again <> (Jane) budget",
        "Sam <>Jane Doe budget",
    )
    check(
        MEETING,
        "Jane/Sam: budget",
        "Sam/Jane - budget",
        "Budget: Jane/Sam",
        "Jane/Sam Hill: budget",
    )
    check("part", "Sam/Jane budget", "Sam Hill/Jane budget")
    check(NO_WORD, "Jane/Sam budget", "Jane/Sam Hill budget", "Jane and Sam: budget")


def test_of_several_names_the_one_that_says_most_says_it() -> None:
    check(MEETING, "Jane Doe - budget - lunch with Jane", "Lunch with Jane, email Jane Doe")
    check("verb", "Jane - email Jane Doe", "For Jane: email Jane Doe")
    check("about", "Jane - budget for Jane Doe", "Jane budget: for Jane")
    check(NO_WORD, "Jane budget - Jane Doe", "Jane Doe - Janie budget")


# --- nothing but the name ---


def test_a_title_that_is_nothing_but_all_the_name_is_a_meeting() -> None:
    check(
        MEETING,
        "Jane Doe",
        "Janie",
        "Dr Jane Doe!",
        "Jane, Jane Doe",
        "Jane Doe & Sam",
        "Jane, Sam",
    )
    check(NO_WORD, "Jane", "Jane Doe again", "& Jane Doe")
    check("part", "Jane Doe budget")


@pytest.mark.parametrize("sign", [" at ", " @ ", " bei ", ", "])
def test_a_place_may_follow(sign: str) -> None:
    for place in (
        "Blue Bottle",
        "5 Main Street",
        "cafe",
        "the Tate",
        "(Blue Bottle)",
        "the (Tate)",
    ):
        check(MEETING, f"Jane Doe{sign}{place}")
    for other in (
        "school",
        "the school",
        "Dentist Centre",
        "Xu Li email",
        "Xu Li 1:1",
        "Tate for 5",
    ):
        check(NO_WORD, f"Jane Doe{sign}{other}")
    check(NO_WORD, f"Jane Doe{sign}Blue Bottle w/ 3 min")


def test_a_place_behind_another_sign_or_before_the_name_is_something_else() -> None:
    check(NO_WORD, "Jane Doe - Blue Bottle", "Jane Doe (Blue Bottle)", "Blue Bottle - Jane Doe")
    check(NO_WORD, "Jane Doe at", "Jane Doe bei the")
