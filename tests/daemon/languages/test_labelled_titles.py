"""How often a title is read as it was meant, in each language: the lists in `titles/`."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from daemon.languages.language import shipped
from daemon.languages.vocabulary import vocabulary
from daemon.people.contacts import Contact, ContactIndex
from daemon.people.title_reader import TitleReader
from tests.daemon.people.test_labelled_titles import CONTACTS
from tests.daemon.people.test_labelled_titles import TITLES as ENGLISH

LISTS = sorted((Path(__file__).parent / "titles").glob("*.tsv"))
of_each_language = pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)


def titles(path: Path) -> list[list[str]]:
    return [
        line.split("\t")
        for line in path.read_text(encoding="utf-8").splitlines()
        if not line.startswith("#")
    ]


def index(path: Path, *codes: str) -> ContactIndex:
    named = next(
        line
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.startswith("# Contacts: ")
    )
    contacts = [
        Contact(name, name, timedelta(30))
        for name in named.removeprefix("# Contacts: ").split(", ")
    ]
    return ContactIndex(contacts, vocabulary=vocabulary(codes), mine=["sam.hill@example.com"])


def read(reader: ContactIndex, title: str) -> str:
    """The first word of the name of whom a title counts for; "-" for nobody."""
    named = reader.named(title)
    return named.contacts[0].name.split()[0] if named.code == "" else "-"


def test_every_language_has_a_list_a_third_of_which_are_traps() -> None:
    assert {path.stem for path in LISTS} == set(shipped()) - {"en"}
    for path in LISTS:
        meant = [whom for whom, _ in titles(path)]
        assert len(meant) >= 60
        assert meant.count("-") >= len(meant) / 3


@of_each_language
@pytest.mark.parametrize("half", [0, 1], ids=["tuned", "set aside"])
def test_titles_are_read_as_they_were_meant(path: Path, half: int) -> None:
    reader = index(path, path.stem)
    counted = [(meant, read(reader, title)) for meant, title in titles(path)[half::2]]
    claimed, true = sum(who != "-" for _, who in counted), sum(meant != "-" for meant, _ in counted)
    right = sum(meant == who != "-" for meant, who in counted)
    assert right / claimed >= 0.99
    assert right / true >= 0.8


@of_each_language
def test_what_counts_is_right_with_all_languages_in_force_as_well(path: Path) -> None:
    reader = index(path, *shipped())
    wrong = [
        (title, who)
        for meant, title in titles(path)
        if (who := read(reader, title)) not in ("-", meant)
    ]
    assert wrong == []


def test_english_loses_nothing_when_all_languages_are_in_force() -> None:
    english, all_of_them = (
        TitleReader(list(CONTACTS.values()), vocabulary(codes), own=("sam", "hill"))
        for codes in ((), shipped())
    )

    def counts(reader: TitleReader, title: str) -> str:
        reading = reader.read(title)
        return [*CONTACTS][reading.people[0]] if reading.code == "" else "-"

    lost = [
        title
        for meant, title in ENGLISH
        if counts(english, title) == meant != counts(all_of_them, title)
    ]
    assert lost == []
