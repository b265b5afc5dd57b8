"""Who the contacts are when the config and address books speak of the same people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.address_book import Card, YearlyDay
from daemon.address_books.merging import Merged, merge, renamed
from daemon.config.schema import Config

CIRCLES = {"council": {"cadence": "1 month"}, "friends": {"cadence": "1 quarter"}}
BOOK: dict[str, Any] = {
    "type": "files",
    "path": "/nowhere",
    "circles": {"Fika": "council", "Old friends": "friends"},
}


def config(*contacts: dict[str, Any], books: tuple[str, ...] = ("home", "work")) -> Config:
    return Config.model_validate(
        {
            "me": ["sam@example.com"],
            "circles": CIRCLES,
            "contacts": contacts,
            "addressbooks": dict.fromkeys(books, BOOK),
        }
    )


def card(name: str, *emails: str, uid: str = "", **more: Any) -> Card:
    return Card(uid or f"uid-{name}-{'-'.join(emails)}", name, emails=emails, **more)


def fika(name: str, *emails: str, **more: Any) -> Card:
    return card(name, *emails, labels=("Fika",), **more)


def merging(
    config: Config,
    home: tuple[Card, ...] = (),
    work: tuple[Card, ...] = (),
    known: Mapping[str, str] = MappingProxyType({}),
) -> Merged:
    return merge(config, {"home": [home], "work": [work]}, known)


def names(merged: Merged) -> list[str]:
    return [contact.name for contact in merged.contacts]


def doubts(merged: Merged) -> list[tuple[str, str]]:
    return [(doubt.kind, doubt.about) for doubt in merged.doubts]


# --- who becomes a contact ---


def test_only_people_with_a_mapped_label_become_contacts():
    merged = merging(
        config(), (fika("Jane Doe"), card("Bob Ray"), card("Ann Lee", labels=("Work",)))
    )
    assert names(merged) == ["Jane Doe"]
    assert merged.contacts[0].source == "home"
    assert merged.contacts[0].circle == "council"
    assert merged.contacts[0].cadence == timedelta(days=30)
    assert merged.people == {"home": {"jane doe"}, "work": frozenset()}


def test_labels_are_read_whatever_their_case_and_the_first_in_the_config_makes_the_circle():
    both = card("Jane Doe", labels=("old friends", "FIKA"))
    assert [contact.circle for contact in merging(config(), (both,)).contacts] == ["council"]


def test_groups_of_both_kinds_are_labels():
    group = Card("g1", "Old friends", is_group=True, members=("u1",))
    label = Card("g2", "Fika", is_group=True)
    merged = merging(
        config(), (card("Ann Lee", uid="u1"), card("Bob Ray", groups=("g2",)), group, label)
    )
    assert {contact.name: contact.circle for contact in merged.contacts} == {
        "Ann Lee": "friends",
        "Bob Ray": "council",
    }


def test_what_the_card_says_is_the_contact_s():
    told = fika(
        "Jane Doe",
        "jane@example.com",
        "j@example.org",
        aliases=("Janie",),
        phones=("+49 171 1", "030 2"),
        timezone="America/New_York",
        birthday=YearlyDay(4, 12),
    )
    (jane,) = merging(config(), (told,)).contacts
    assert jane.emails == {"jane@example.com", "j@example.org"}
    assert (jane.address, jane.phone, jane.aliases) == ("jane@example.com", "+49 171 1", ("Janie",))
    assert (jane.timezone, jane.birthday) == (ZoneInfo("America/New_York"), YearlyDay(4, 12))


def test_a_zone_that_nobody_knows_is_left_out():
    (jane,) = merging(config(), (fika("Jane Doe", timezone="Mars/Olympus"),)).contacts
    assert jane.timezone is None


def test_the_user_s_own_card_is_nobody_to_meet():
    assert names(merging(config(), (fika("Sam Sand", "sam@example.com"),))) == []
    merged = merge(config(), {"home": [[fika("Sam", "s@example.org")]]}, {}, {"s@example.org"})
    assert names(merged) == []


# --- the same person ---


def test_the_config_wins_key_by_key_and_addresses_and_names_add_up():
    entry = {
        "name": "Jane Doe",
        "emails": ["jane@work.example"],
        "aliases": ["J"],
        "circle": "friends",
        "birthday": "01-01",
    }
    told = fika(
        "Jane M. Doe",
        "jane@example.com",
        "jane@work.example",
        aliases=("Janie",),
        phones=("+49 171 1",),
        birthday=YearlyDay(4, 12),
    )
    (jane,) = merging(config(entry), (told,)).contacts
    assert (jane.name, jane.key, jane.source) == ("Jane Doe", "jane doe", "config")
    assert (jane.circle, jane.birthday) == ("friends", YearlyDay(1, 1))
    assert jane.phone == "+49 171 1"
    assert jane.emails == {"jane@work.example", "jane@example.com"}
    assert jane.address == "jane@work.example"
    assert jane.aliases == ("J", "Jane M. Doe", "Janie")


def test_an_entry_without_a_circle_gets_that_of_the_label_and_keeps_its_cadence():
    entry = {"name": "Jane Doe", "cadence": "6 weeks"}
    (jane,) = merging(config(entry), (fika("jane  DOE"),)).contacts
    assert (jane.circle, jane.cadence) == ("council", timedelta(weeks=6))


def test_an_entry_is_one_with_a_card_that_has_no_label_too():
    entry = {"name": "Jane Doe"}
    (jane,) = merging(config(entry), (card("Jane Doe", "jane@example.com"),)).contacts
    assert jane.emails == {"jane@example.com"}
    assert jane.source == "config"


def test_the_address_decides_before_the_name():
    entry = {"name": "Jane Doe", "emails": ["jane@example.com"]}
    merged = merging(
        config(entry), (fika("J. Doe", "jane@example.com"), card("Jane Doe", "other@example.com"))
    )
    (jane,) = merged.contacts
    assert jane.emails == {"jane@example.com"}


def test_the_same_person_in_two_books_is_one():
    by_name = merging(config(), (fika("Jane Doe", "a@example.com"),), (fika("Jane Doe", "b@x.y"),))
    assert names(by_name) == ["Jane Doe"]
    assert by_name.contacts[0].emails == {"a@example.com", "b@x.y"}
    by_address = merging(
        config(), (fika("Jane Doe", "a@example.com"),), (fika("Janie", "a@example.com"),)
    )
    assert names(by_address) == ["Jane Doe"]
    assert by_address.contacts[0].aliases == ("Janie",)
    assert by_address.people == {"home": {"jane doe"}, "work": {"jane doe"}}


def test_a_label_in_one_book_is_enough_whichever_book_comes_first():
    merged = merging(config(), (card("Jane Doe", "a@example.com"),), (fika("J", "a@example.com"),))
    (jane,) = merged.contacts
    assert (jane.name, jane.source) == ("J", "work")
    assert jane.aliases == ("Jane Doe",)


def test_two_people_with_one_address_stay_two_and_the_address_is_nobody_s():
    home = (fika("Jane Doe", "us@example.com"), fika("Tom Doe", "us@example.com", "tom@x.y"))
    merged = merging(config(), home, home)
    assert names(merged) == ["Jane Doe", "Tom Doe"]
    assert [contact.emails for contact in merged.contacts] == [frozenset(), {"tom@x.y"}]
    assert doubts(merged) == [("shared-address", "us@example.com")]


def test_an_address_that_the_config_gives_to_one_is_nobody_else_s():
    entry = {"name": "Jane Doe", "emails": ["us@example.com"]}
    merged = merging(
        config(entry), (fika("Jane Doe", "us@example.com"), fika("Tom Doe", "us@example.com"))
    )
    assert {contact.name: set(contact.emails) for contact in merged.contacts} == {
        "Jane Doe": {"us@example.com"},
        "Tom Doe": set(),
    }
    assert doubts(merged) == []


# --- what nobody can tell ---


def test_two_labelled_cards_of_one_name_are_one_person_and_that_is_told():
    merged = merging(config(), (fika("Jane Doe", "a@x.y"), fika("Jane Doe", "b@x.y")))
    assert names(merged) == ["Jane Doe"]
    assert merged.contacts[0].emails == {"a@x.y", "b@x.y"}
    assert doubts(merged) == [("one-name", "Jane Doe")]


def test_a_namesake_without_a_label_is_somebody_else():
    merged = merging(config(), (card("John Smith", "plumber@x.y"), fika("John Smith", "john@x.y")))
    assert [set(contact.emails) for contact in merged.contacts] == [{"john@x.y"}]


def test_of_several_cards_of_an_entry_s_name_the_labelled_one_is_meant_else_none():
    entry = {"name": "John Smith"}
    plumber, friend = card("John Smith", "plumber@x.y"), fika("John Smith", "john@x.y")
    merged = merging(config(entry), (plumber, friend))
    assert [set(contact.emails) for contact in merged.contacts] == [{"john@x.y"}]
    merged = merging(config(entry), (plumber, card("John Smith", "baker@x.y")))
    assert [set(contact.emails) for contact in merged.contacts] == [set()]
    assert doubts(merged) == [("unclear-name", "John Smith")]


def test_somebody_else_who_bears_a_contact_s_name_is_one_too_and_keeps_their_own_records():
    entry = {"name": "Jane Doe", "emails": ["jane@x.y"]}
    cards = (card("Janet", "jane@x.y"), fika("Jane Doe", "other@x.y", uid="u9"))
    merged = merging(config(entry), cards)
    assert [(contact.key, contact.name, set(contact.emails)) for contact in merged.contacts] == [
        ("jane doe", "Jane Doe", {"jane@x.y"}),
        ("jane doe u9", "Jane Doe", {"other@x.y"}),
    ]
    assert doubts(merged) == [("name-taken", "Jane Doe")]
    alone = merging(config(), cards, known=merged.identities)
    assert [contact.key for contact in alone.contacts] == ["jane doe u9"]
    assert renamed(merged.identities, alone) == {}


# --- the dead ---


@pytest.mark.parametrize("entry", [(), ({"name": "Jane Doe", "until": "2027-01-01"},)])
def test_who_is_dead_is_kept_silent_whatever_the_config_says(entry):
    merged = merging(config(*entry), (fika("Jane Doe", dead=True),))
    (jane,) = merged.contacts
    assert (jane.dead, jane.paused, jane.until) == (True, True, None)
    assert merged.people["home"] == frozenset()


def test_one_book_that_knows_of_a_death_is_enough():
    merged = merging(config(), (fika("Jane Doe"),), (card("Jane Doe", dead=True),))
    assert [contact.dead for contact in merged.contacts] == [True]


# --- other names ---


def test_somebody_renamed_keeps_what_was_recorded():
    before = merging(config(), (fika("Jane Doe", uid="u1"),))
    after = merging(config(), (fika("Jane Smith", uid="u1"),), known=before.identities)
    assert renamed(before.identities, after) == {"jane doe": "jane smith"}


def test_two_may_change_places():
    before = merging(config(), (fika("Ann", uid="u1"), fika("Bob", uid="u2")))
    after = merging(config(), (fika("Bob", uid="u1"), fika("Ann", uid="u2")))
    assert renamed(before.identities, after) == {"ann": "bob", "bob": "ann"}


def test_a_former_name_that_somebody_new_bears_goes_along_with_who_bore_it():
    before = merging(config(), (fika("Jane Doe", uid="u1"),))
    after = merging(config(), (fika("Jane Smith", uid="u1"), fika("Jane Doe", uid="u2")))
    assert renamed(before.identities, after) == {"jane doe": "jane smith"}


def test_when_one_of_two_cards_is_given_to_somebody_else_the_records_stay_with_the_other():
    before = merging(config(), (fika("Jane Doe", uid="u1"), fika("Jane Doe", uid="u2")))
    after = merging(config(), (fika("Jane Doe", uid="u1"), fika("Tom Ray", uid="u2")))
    assert renamed(before.identities, after) == {}


def test_who_takes_the_name_of_somebody_who_left_does_not_take_their_records():
    before = merging(config(), (fika("Ann", uid="u1"), fika("Bob", uid="u2")))
    after = merging(config(), (fika("Ann", uid="u2"), card("Bob", uid="u1")))
    assert renamed(before.identities, after) == {"bob": "ann", "ann": "ann u1"}


def test_an_entry_whose_card_is_renamed_is_still_the_same_person():
    entry = {"name": "Jane Doe"}
    before = merging(config(entry), (fika("Jane Doe", uid="u1"),))
    after = merging(config(entry), (fika("Jane Smith", uid="u1"),), known=before.identities)
    assert names(after) == ["Jane Doe"]
    assert after.contacts[0].aliases == ("Jane Smith",)
    assert renamed(before.identities, after) == {}


def test_an_entry_that_is_renamed_takes_its_records_along_when_its_card_is_known():
    told = fika("Jane Doe", "jane@x.y", uid="u1")
    before = merging(config({"name": "Jane Doe"}), (told,))
    entry = {"name": "Jane Smith", "emails": ["jane@x.y"]}
    after = merging(config(entry), (told,), known=before.identities)
    assert renamed(before.identities, after) == {"jane doe": "jane smith"}


# --- whatever is in the books ---

_NAMES = st.sampled_from(["Jane Doe", "jane doe", "Tom Ray", "Ann", "Bob Ö"])
_EMAILS = st.sampled_from(["a@x.y", "b@x.y", "c@x.y", "sam@example.com"])
_CARDS = st.builds(
    Card,
    uid=st.sampled_from(["u1", "u2", "u3", "u4", "u5"]),
    name=_NAMES,
    emails=st.lists(_EMAILS, max_size=2, unique=True).map(tuple),
    labels=st.sampled_from([(), ("Fika",), ("Old friends",)]),
    dead=st.sampled_from([False, False, False, True]),
)
_BOOKS = st.lists(_CARDS, max_size=5, unique_by=lambda card: card.uid).map(tuple)


@given(_BOOKS, _BOOKS, st.lists(_NAMES, max_size=2, unique_by=str.casefold))
def test_whatever_the_books_hold_names_and_addresses_are_somebody_s_alone(home, work, entries):
    wanted = config(*({"name": name} for name in entries))
    merged = merging(wanted, home, work)
    keys = [contact.key for contact in merged.contacts]
    assert len(keys) == len(set(keys))
    assert {contact.key for contact in wanted.people} <= set(keys)
    addresses = [email for contact in merged.contacts for email in contact.emails]
    assert len(addresses) == len(set(addresses))
    assert "sam@example.com" not in addresses
    assert set(merged.identities.values()) <= set(keys)
    assert all(contact.paused for contact in merged.contacts if contact.dead)
    # Nothing changes when nothing changed.
    again = merge(wanted, {"home": [home], "work": [work]}, merged.identities)
    assert renamed(merged.identities, again) == {}
