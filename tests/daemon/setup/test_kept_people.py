"""Labels of an address book: who has them, what is proposed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from connectors.address_book import Card
from daemon.discovery.found_person import FoundPerson
from daemon.setup.kept_people import BookContents, LabelledPeople, by_label, proposed
from daemon.setup.providers import provider_of_host

JANE = Card("u1", "Jane Doe", emails=("jane@example.org",), labels=("Fika",))
TOM = Card("u2", "Tom Berg", labels=("fika", "Work"))
OMAR = Card("u3", "Omar Haddad", labels=("Work",))


def met(name: str, gap_days: float | None, *addresses: str) -> FoundPerson:
    return FoundPerson(
        name, name, addresses, (), (), (), gap_days, None, None, "steady", None, "", timedelta(), ""
    )


def labels(*cards: Card, people: tuple[FoundPerson, ...] = ()) -> dict[str, LabelledPeople]:
    return {each.label: each for each in by_label(BookContents((cards,)), people)}


def test_a_label_is_one_in_any_case_and_names_those_who_have_it() -> None:
    found = labels(JANE, TOM, OMAR)
    assert {label: [card.name for card in each.people] for label, each in found.items()} == {
        "Fika": ["Jane Doe", "Tom Berg"],
        "Work": ["Tom Berg", "Omar Haddad"],
    }


def test_a_group_of_one_book_reaches_nobody_in_another() -> None:
    group = Card("g", "Fika", is_group=True, members=("u3",))
    contents = BookContents(((replace(OMAR, labels=()),), (group,)))
    assert by_label(contents, ()) == ()
    assert [each.label for each in by_label(BookContents((sum(contents.books, ()),)), ())] == [
        "Fika"
    ]


def test_the_dead_are_nobody_to_stay_in_touch_with() -> None:
    assert labels(replace(JANE, dead=True)) == {}


def test_the_cadence_is_that_of_those_who_are_met_by_address_or_name() -> None:
    people = (met("J.", 40, "jane@example.org"), met("tom berg", 60), met("Zoe", 7))
    fika = labels(JANE, TOM, people=people)["Fika"]
    assert [person.name for person in fika.met] == ["J.", "tom berg"]
    assert fika.cadence == timedelta(days=60)
    assert labels(JANE)["Fika"].cadence == timedelta(days=90)
    assert labels(replace(JANE, labels=("Council",)))["Council"].cadence == timedelta(days=30)


def test_labels_of_those_who_are_met_are_proposed_unless_they_are_too_many() -> None:
    work = tuple(Card(f"w{number}", f"W {number}", labels=("Work",)) for number in range(50))
    people = (met("W 1", 7), met("W 2", 7), met("Jane Doe", 30))
    listed = by_label(BookContents(((JANE, *work),)), people)
    assert [each.label for each in listed] == ["Work", "Fika"]
    assert proposed(listed) == (2,)
    assert proposed(by_label(BookContents(((JANE, *work),)), ())) == ()
    assert proposed(by_label(BookContents(((JANE,),)), ())) == (1,)


def test_providers_that_keep_people_elsewhere_are_known() -> None:
    for host, contacts in (
        ("p42-caldav.icloud.com", "https://contacts.icloud.com/"),
        ("caldav.fastmail.com", "https://carddav.fastmail.com/"),
    ):
        provider = provider_of_host(f"https://{host}/")
        assert provider is not None
        assert provider.contacts_url == contacts
