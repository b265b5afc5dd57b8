"""People and labels of Google Contacts as cards, whatever shape they come in."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.address_book import Card, YearlyDay
from connectors.google.cards import PERSON_FIELDS, card_of, label_of
from tests.connectors.google.rules import PEOPLE, mask_names, methods


def person(**fields: Any) -> dict[str, Any]:
    names = [{"displayName": "Jane Doe", "givenName": "Jane", "familyName": "Doe"}]
    return {"resourceName": "people/c7", "names": names, **fields}


def card(**fields: Any) -> Card:
    made = card_of(person(**fields))
    assert made is not None
    return made


def day(year: object = 0, month: object = 0, day: object = 0) -> list[dict[str, Any]]:
    return [{"date": {"year": year, "month": month, "day": day}}]


def test_only_what_a_card_needs_is_asked_for() -> None:
    [method] = [each for each in methods() if each.id == "people.connections.list"]
    asked = set(PERSON_FIELDS.split(","))
    assert asked <= mask_names(method.parameters["personFields"])
    assert not asked & {"biographies", "photos", "relations", "addresses", "userDefined"}
    assert method.service == PEOPLE


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ({"displayName": "Jane Doe", "givenName": "Jane"}, ("Jane Doe", "Jane")),
        (
            {"displayName": "Rose-Lynn Fox", "givenName": "Rose-Lynn"},
            ("Rose-Lynn Fox", "Rose-Lynn"),
        ),
        ({"displayName": "Dr. Jane Doe", "honorificPrefix": "Dr."}, ("Jane Doe", "")),
        ({"displayName": "Jane Doe, PhD", "honorificSuffix": "PhD"}, ("Jane Doe", "")),
        ({"displayName": "Dr.", "honorificPrefix": "Dr.", "familyName": "Doe"}, ("Doe", "")),
        ({"unstructuredName": "Jane  Doe"}, ("Jane Doe", "")),
        ({"givenName": "Jane", "middleName": "B.", "familyName": "Doe"}, ("Jane B. Doe", "Jane")),
        ({"displayName": "\x1b[31mJane\u202e\nDoe"}, ("[31mJane Doe", "")),
    ],
)
def test_a_name_is_as_google_shows_it_without_titles(
    name: dict[str, Any], shown: tuple[str, str]
) -> None:
    made = card(names=[name])
    assert (made.name, made.first_name) == shown


def test_the_primary_name_is_the_name_and_others_are_further_spellings() -> None:
    made = card(
        names=[
            {"displayName": "J. Doe"},
            {
                "displayName": "Jane Doe",
                "phoneticFullName": "Dzhein Dou",
                "metadata": {"primary": True},
            },
        ],
        nicknames=[{"value": "Janie, JJ"}, {"value": "Janie", "type": "ALTERNATE_NAME"}],
    )
    assert (made.name, made.aliases) == ("Jane Doe", ("J. Doe", "Janie", "JJ", "Dzhein Dou"))


def test_somebody_with_a_nickname_alone_is_called_by_it() -> None:
    made = card(names=[], nicknames=[{"value": "Mum"}])
    assert (made.name, made.first_name, made.aliases) == ("Mum", "", ())


def test_addresses_are_bare_lower_case_and_the_primary_one_first() -> None:
    emails = [
        {"value": "JANE@Work.example"},
        {"value": "no address"},
        {"value": "mailto:jane@home.example", "metadata": {"primary": True}},
        {"value": "jane@work.example"},
        {"displayName": "none"},
    ]
    assert card(emailAddresses=emails).emails == ("jane@home.example", "jane@work.example")


def test_mobile_numbers_come_first_and_faxes_never() -> None:
    phones = [
        {"value": "+49 30 1", "type": "home", "metadata": {"primary": True}},
        {"value": "+49 30 2", "type": "workFax"},
        {"value": "+49 170 3", "type": "mobile"},
        {"value": "+49 30 4"},
        {"value": "+49 30 5", "type": "pager"},
    ]
    assert card(phoneNumbers=phones).phones == ("+49 170 3", "+49 30 1", "+49 30 4")


@pytest.mark.parametrize(
    ("birthdays", "shown"),
    [
        (day(1979, 12, 12), YearlyDay(12, 12, 1979)),
        (day(0, 12, 12), YearlyDay(12, 12)),
        ([{"date": {"month": 2, "day": 29}}], YearlyDay(2, 29)),
        (day(1979, 2, 29), None),
        (day(1979), None),
        (day(1979, 12), None),
        (day(0, 13, 1), None),
        (day(-1, 1, 1), None),
        (day("1979", 1, 1), None),
        ([{"text": "12 December"}], None),
        ([{"text": "?"}, *day(0, 1, 2)], YearlyDay(1, 2)),
        ([*day(0, 1, 2), day(0, 3, 4)[0] | {"metadata": {"primary": True}}], YearlyDay(3, 4)),
    ],
)
def test_a_birthday_may_lack_its_year(
    birthdays: list[dict[str, Any]], shown: YearlyDay | None
) -> None:
    assert card(birthdays=birthdays).birthday == shown


def test_an_anniversary_is_an_event_of_that_type() -> None:
    [met] = day(2001, 5, 6)
    assert card(events=[met | {"type": "anniversary"}]).anniversary == YearlyDay(5, 6, 2001)
    assert card(events=[met | {"type": "other"}, met]).anniversary is None


@pytest.mark.parametrize(
    ("kind", "dead"),
    [
        ("death", True),
        ("Date of death", True),
        ("Todestag", True),
        ("Date de décès", True),
        ("命日", True),
        ("anniversary", False),
        ("Death Metal Festival", False),
        ("other", False),
    ],
)
def test_who_has_a_day_of_death_is_dead(kind: str, dead: bool) -> None:
    assert card(events=[day(2019)[0] | {"type": kind}]).dead is dead


def test_somebody_is_in_the_groups_that_they_name() -> None:
    memberships = [
        {"contactGroupMembership": {"contactGroupResourceName": "contactGroups/a1"}},
        {"contactGroupMembership": {"contactGroupResourceName": "contactGroups/myContacts"}},
        {"domainMembership": {"inViewerDomain": True}},
    ]
    assert card(memberships=memberships).groups == ("contactGroups/a1", "contactGroups/myContacts")


@pytest.mark.parametrize(
    ("group", "name"),
    [
        ({"name": "Fika", "groupType": "USER_CONTACT_GROUP"}, "Fika"),
        ({"name": "starred", "groupType": "SYSTEM_CONTACT_GROUP"}, "starred"),
        ({"name": "myContacts", "groupType": "SYSTEM_CONTACT_GROUP"}, None),
        ({"name": "myContacts", "groupType": "USER_CONTACT_GROUP"}, "myContacts"),
        ({"name": "Odd"}, None),
        ({"groupType": "USER_CONTACT_GROUP"}, None),
    ],
)
def test_a_label_is_a_group_that_the_user_fills(group: dict[str, Any], name: str | None) -> None:
    made = label_of({"resourceName": "contactGroups/a1", **group})
    assert (made and made.name) == name
    assert made is None or (made.is_group, made.uid) == (True, "contactGroups/a1")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from([*PERSON_FIELDS.split(","), "resourceName", "etag"]),
        JSON | st.lists(st.dictionaries(st.sampled_from(["date", "value", "type"]), JSON)),
    )
)
def test_whatever_stands_in_a_person_is_read_or_left_out(fields: dict[str, Any]) -> None:
    made = card_of(person(**fields))
    assert made is None or made.name.isprintable()
