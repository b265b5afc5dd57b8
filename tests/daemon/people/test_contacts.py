"""Who is meant: by address, and by name in sentences that quote the config only."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from daemon.config.schema import Meetings
from daemon.languages.vocabulary import Vocabulary, vocabulary
from daemon.people.contacts import Contact, ContactIndex, joined

RULES = Meetings()


def contact(name: str, *emails: str, aliases: tuple[str, ...] = ()) -> Contact:
    return Contact(name.casefold(), name, timedelta(days=30), frozenset(emails), aliases)


JANE = contact("Jane Doe", "jane@example.com", "jd@work.example", aliases=("Janie",))
BOB = contact("Bob Roe", "bob@example.com")
ANNA_B, ANNA_C = contact("Anna Berg"), contact("Anna Cruz")


def index(*contacts: Contact, mine: tuple[str, ...] = ()) -> ContactIndex:
    return ContactIndex(contacts or (JANE, BOB, ANNA_B, ANNA_C), vocabulary=vocabulary(), mine=mine)


@pytest.mark.parametrize(
    "email", ["jane@example.com", "JD@Work.Example", "mailto:jane@example.com", " jane@example.com"]
)
def test_an_address_is_found_in_any_case_and_form(email: str) -> None:
    assert index().by_email(email) is JANE


@pytest.mark.parametrize("email", ["", "jane", "jane@example.org", "xjane@example.com"])
def test_an_unknown_address_identifies_nobody(email: str) -> None:
    assert index().by_email(email) is None


def test_an_address_in_the_config_is_found_however_it_is_written() -> None:
    odd = contact("Odd", "Odd@Example.com")
    assert index(odd).by_email("odd@example.com") is odd


def test_an_address_that_two_contacts_share_is_the_firsts() -> None:
    assert index(JANE, contact("Jim Doe", "jane@example.com")).by_email("jane@example.com") is JANE


def test_a_contact_is_found_by_key() -> None:
    assert index().by_key("jane doe") is JANE
    assert index().by_key("jane") is None


def test_the_order_of_the_config_is_kept() -> None:
    assert index().in_order([ANNA_C, BOB, JANE]) == [JANE, BOB, ANNA_C]


@pytest.mark.parametrize(
    ("title", "code", "people"),
    [
        ("Coffee with Jane", "", [JANE]),
        ("Dentist", "nobody-named", []),
        ("Coffee with Jane Smith", "nobody-named", [JANE]),
        ("Coffee with Jane and Bob", "several-named", [JANE, BOB]),
        ("Coffee with Anna", "ambiguous-name", [ANNA_B, ANNA_C]),
        ("Jane", "no-meeting-word", [JANE]),
        ("Jane's lunch", "not-a-meeting-title", [JANE]),
        ("Lunch with Jane?", "not-a-meeting-title", [JANE]),
        ("Birthday lunch Jane", "not-a-meeting-title", [JANE]),
    ],
)
def test_a_title_gives_a_code_the_people_it_concerns_and_a_sentence(
    title: str, code: str, people: list[Contact]
) -> None:
    named = index().named(title)
    assert (named.code, list(named.contacts)) == (code, people)
    assert named.reason[0].isupper()
    assert named.reason.endswith(".")
    assert all(
        person.name in named.reason
        for person in people
        if code in {"several-named", "ambiguous-name"}
    )


@pytest.mark.parametrize(
    ("title", "reason"),
    [
        ("Coffee with Jane", "Only the title says who was there, and it names Jane Doe."),
        ("Dentist", "Nobody else was invited, and the title names none of your contacts."),
        (
            "Coffee with Anna Smith",
            "The title goes on after the first name, as if it meant somebody other than Anna Berg"
            " or Anna Cruz.",
        ),
        (
            "Jane and Bob: lunch",
            "Nobody else was invited, and the title names Jane Doe and Bob Roe.",
        ),
        ("Team lunch with Jane", "The title speaks of a group, not of Jane Doe alone."),
        ("Lunch with Jane and Tom", "The title names somebody else beside Jane Doe."),
        ("Coffee with Anna", "The name in the title could mean Anna Berg or Anna Cruz."),
        (
            "Email Jane Doe",
            "The title says something that you do, but not that you meet Jane Doe.",
        ),
        (
            "Dentist for Jane Doe",
            "The title speaks of something for or about Jane Doe, or at their place.",
        ),
        (
            "Jane dentist",
            "The title goes on beside the name, so it may be about Jane Doe and not with them.",
        ),
        (
            "Lunch with Jane?",
            "The title ends in a question mark, so nothing was settled yet.",
        ),
        (
            "Jane's lunch",
            "The title speaks of something that belongs to Jane Doe, not of a meeting.",
        ),
        (
            "Birthday lunch Jane",
            "The title has a word for something that is not a meeting, such as a birthday or a"
            " gift.",
        ),
    ],
)
def test_the_sentence_says_what_the_title_lacks_or_says_instead(title: str, reason: str) -> None:
    assert index().named(title).reason == reason


def test_who_is_paused_is_named_in_no_sentence() -> None:
    paused = replace(JANE, paused=True)
    assert index(paused).named("Coffee with Jane").reason == (
        "Only the title says who was there, and it names somebody who is paused."
    )


def test_a_title_that_lacks_only_a_word_nearly_counts() -> None:
    assert index().named("Jane").nearly
    assert index().named("Coffee with Anna").nearly
    assert not index().named("Coffee with Jane").nearly
    assert not index().named("Email Jane Doe").nearly


def test_who_is_paused_until_a_day_is_not_on_that_day() -> None:
    day, ever = date(2026, 12, 24), replace(JANE, paused=True)
    until = replace(ever, until=day)
    assert [until.is_paused_on(day - timedelta(days=1)), until.is_paused_on(day)] == [True, False]
    assert ever.is_paused_on(day)
    assert not JANE.is_paused_on(day)
    assert not replace(JANE, until=day).is_paused_on(day - timedelta(days=1))


def test_no_more_than_two_words_are_examples() -> None:
    own = ContactIndex([JANE], vocabulary=Vocabulary(meeting=("fika", "kaffe", "lunch")))
    assert own.named("Jane").reason.endswith("beside the name, such as fika or kaffe.")


def test_no_address_is_nobodys_even_where_a_contact_has_an_empty_one() -> None:
    assert index(contact("Odd", "")).by_email("") is None


def test_reasons_never_quote_the_title() -> None:
    for title in (
        "Jane ZZZ lunch",
        "ZZZ Jane and Bob",
        "Jane's ZZZ",
        "ZZZ Jane",
        "ZZZ Anna lunch",
        "ZZZ birthday Jane?",
    ):
        assert "ZZZ" not in index().named(title).reason


def test_the_missing_meeting_word_is_explained_with_the_users_own() -> None:
    own = ContactIndex([JANE], vocabulary=Vocabulary(meeting=("fika",)))
    assert (
        own.named("Jane").reason
        == "The title names Jane Doe, but has no word for a meeting beside the name, such as fika."
    )
    assert (
        ContactIndex([JANE], vocabulary=Vocabulary())
        .named("Jane")
        .reason.endswith("beside the name.")
    )


def test_my_own_name_is_nobodys_surname() -> None:
    assert index(mine=("sam.hill@example.com",)).named("Jane Sam 1:1").code == ""
    assert index(mine=("sam",)).named("Jane Sam 1:1").code == ""
    assert index().named("Jane Sam 1:1").code == "nobody-named"


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ([], ""),
        (["a"], "a"),
        (["a", "b"], "a and b"),
        (["a", "b", "c"], "a, b and c"),
        (["a", "b", "c", "d"], "a, b, c and d"),
        (["a", "b", "c", "d", "e"], "a, b, c and 2 others"),
    ],
)
def test_lists_read_as_people_write_them(words: list[str], text: str) -> None:
    assert joined(words) == text
