"""People and labels of Google Contacts as cards.

Google gives a person as lists of names, addresses and days, each item with its source. What is read
is what the user wrote down (`READ_SOURCE_TYPE_CONTACT`), never what people say of themselves in
their profiles, and never notes or pictures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

from connectors.address_book import Card, YearlyDay
from connectors.google.items import Item, mapping, mappings, string
from connectors.mail_address import mail_address
from connectors.sanitize import sanitize

PERSON_FIELDS: Final = ",".join(
    (
        *("birthdays", "emailAddresses", "events", "memberships"),
        *("metadata", "names", "nicknames", "phoneNumbers"),
    )
)
"""The least that a card needs. Never varied: a sync token is good for the very same question
only."""

_OWN = "people/c"
"""How the resource names of contacts begin; a name without the `c` is that of a Google profile."""
_MOST_NAME = 100
_MOST_ITEMS = 100
_NO_PHONES = {"homeFax", "workFax", "otherFax", "pager", "workPager"}
_SYSTEM_LABELS = {"starred", "friends", "family", "coworkers"}
"""Groups of Google's own that a user fills by hand. The others are filled by Google."""
_FILLED_BY_GOOGLE = {
    f"contactGroups/{name}" for name in ("all", "blocked", "chatBuddies", "myContacts")
}
_LEAP_YEAR = 2000
_DEATH = frozenset(
    {
        *("death", "date of death", "deathdate", "death date", "deathday", "death day", "died"),
        *("deceased", "passed away", "tod", "todestag", "gestorben", "verstorben", "décès"),
        *("date de décès", "mort", "décédé", "décédée", "muerte", "fallecimiento", "defunción"),
        *("morte", "decesso", "data di morte", "óbito", "falecimento", "overleden", "overlijden"),
        *("sterfdag", "död", "dödsdag", "avliden", "død", "dødsdag", "dødsdato", "śmierć"),
        *("data śmierci", "zgon", "命日", "没年月日", "死亡日", "死去"),
    }
)
"""What people call the day on which somebody died: Google has no field for it, and the name of an
event is free text."""


def stable_uid(person: Item) -> str:
    """What stays when a person is linked with a Google profile, which changes the resource name:
    the name that was there before. In it stands the id of the contact, in decimal."""
    name = string(person, "resourceName")
    if name.startswith(_OWN):
        return name
    metadata = mapping(person, "metadata")
    for source in mappings(metadata, "sources"):
        if source.get("type") == "CONTACT" and re.fullmatch(
            r"[0-9a-f]{1,16}", string(source, "id")
        ):
            return f"{_OWN}{int(string(source, 'id'), 16)}"
    return next((each for each in former_names(person) if each.startswith(_OWN)), name)


def former_names(person: Item) -> tuple[str, ...]:
    """Resource names that this person had before."""
    names = mapping(person, "metadata").get("previousResourceNames")
    return tuple(map(str, names)) if isinstance(names, list) else ()


def is_deleted(person: Item) -> bool:
    return mapping(person, "metadata").get("deleted") is True


def card_of(person: Item) -> Card | None:
    """The person's card; None for one that nobody has given a name."""
    names = _primary_first(mappings(person, "names"))
    nicknames = [
        sanitize(part, _MOST_NAME)
        for each in mappings(person, "nicknames")
        for part in string(each, "value").split(",")
    ]
    called = [*filter(None, map(_full_name, names))]
    spellings = [*called, *nicknames, *(_phonetic(each) for each in names)]
    spellings = list(dict.fromkeys(filter(None, spellings)))[:_MOST_ITEMS]
    if not spellings:
        return None
    emails = _values(_primary_first(mappings(person, "emailAddresses")))
    return Card(
        uid=stable_uid(person),
        name=spellings[0],
        first_name=sanitize(string(names[0], "givenName"), _MOST_NAME) if called else "",
        aliases=tuple(spellings[1:]),
        emails=tuple(dict.fromkeys(filter(None, map(mail_address, emails)))),
        phones=tuple(dict.fromkeys(_phones(person))),
        groups=tuple(dict.fromkeys(_memberships(person))),
        birthday=_first_day(mappings(person, "birthdays")),
        anniversary=_first_day(_events(person, {"anniversary"})),
        dead=any(True for _ in _events(person, _DEATH)),
    )


def is_labelled(person: Item) -> bool:
    """Whether the user put this person into some group by hand."""
    return any(group not in _FILLED_BY_GOOGLE for group in _memberships(person))


def label_of(group: Item) -> Card | None:
    """The card of a label that the user gives; None for a group that Google fills by itself."""
    name, uid = sanitize(string(group, "name"), _MOST_NAME), string(group, "resourceName")
    system = group.get("groupType") != "USER_CONTACT_GROUP"
    if not name or not uid or (system and name not in _SYSTEM_LABELS):
        return None
    return Card(uid=uid, name=name, is_group=True)


def _full_name(name: Item) -> str:
    """As Google shows it, without titles: nobody writes "Coffee with Dr. Jane Doe"."""
    shown = sanitize(string(name, "displayName") or string(name, "unstructuredName"), _MOST_NAME)
    before, after = (sanitize(string(name, key)) for key in ("honorificPrefix", "honorificSuffix"))
    bare = shown.removeprefix(before).removesuffix(after).strip(" ,")
    parts = (string(name, key) for key in ("givenName", "middleName", "familyName"))
    return bare or sanitize(" ".join(parts), _MOST_NAME)


def _phonetic(name: Item) -> str:
    return sanitize(string(name, "phoneticFullName"), _MOST_NAME)


def _phones(person: Item) -> Iterator[str]:
    """Mobile numbers first: what they are for is a message."""
    phones = [
        each
        for each in _primary_first(mappings(person, "phoneNumbers"))
        if string(each, "type") not in _NO_PHONES
    ]
    phones.sort(key=lambda each: "mobile" not in string(each, "type").lower())
    return filter(None, (sanitize(value, _MOST_NAME) for value in _values(phones)))


def _memberships(person: Item) -> Iterator[str]:
    for membership in mappings(person, "memberships"):
        group = string(mapping(membership, "contactGroupMembership"), "contactGroupResourceName")
        if group:
            yield group


def _events(person: Item, kinds: Iterable[str]) -> Iterator[Item]:
    for event in mappings(person, "events"):
        if sanitize(string(event, "type")).lower().rstrip(":") in kinds:
            yield event


def _first_day(items: Iterable[Item]) -> YearlyDay | None:
    days = (_yearly_day(mapping(each, "date")) for each in _primary_first(items))
    return next(filter(None, days), None)


def _yearly_day(value: Item) -> YearlyDay | None:
    """Google's Date, in which 0 stands for what is not known."""
    year, month, day = (value.get(key) or 0 for key in ("year", "month", "day"))
    if not all(isinstance(each, int) for each in (year, month, day)):
        return None
    try:
        date(year or _LEAP_YEAR, month, day)
    except (ValueError, OverflowError):
        return None
    return YearlyDay(month, day, year or None)


def _primary_first(items: Iterable[Item]) -> list[Item]:
    return sorted(items, key=lambda each: mapping(each, "metadata").get("primary") is not True)


def _values(items: Iterable[Item]) -> Iterator[str]:
    return (string(each, "value") for each in list(items)[:_MOST_ITEMS])
