"""How often a title is read as it was meant: the labelled list in `titles.tsv`."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemon.languages.vocabulary import vocabulary
from daemon.people.spellings import Names
from daemon.people.title_reader import TitleReader

CONTACTS = {
    "Jane": Names("Jane Doe", ("Janie",)),
    "Mia": Names("Mia"),
    "Oma": Names("Oma"),
    "May": Names("May"),
    "Will": Names("Will Turner"),
    "Mark": Names("Mark Stone"),
    "Klaus": Names("Klaus Weber"),
    "Rose": Names("Rose-Lynn Hill"),
    "Anna": Names("Anna Berg"),
    "Anna C": Names("Anna Cruz"),
    "Sean": Names("Sean O'Brien"),
    "Omar": Names("Omar Haddad"),
    "Priya": Names("Priya Nair"),
    "Zoe": Names("Zoë Lang"),
    "Bob": Names("Bob Roe", ("Bobby",)),
    "Grace": Names("Grace Lee"),
    "Ben": Names("Ben Okafor"),
}
READER = TitleReader(list(CONTACTS.values()), vocabulary(), own=("sam", "hill"))
TITLES = [
    tuple(line.split("\t"))
    for line in (Path(__file__).parent / "titles.tsv").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]
TUNED, SET_ASIDE = TITLES[::2], TITLES[1::2]


def read(title: str) -> str:
    """Whom the title counts for; "-" for nobody."""
    reading = READER.read(title)
    return list(CONTACTS)[reading.people[0]] if reading.code == "" else "-"


def measure(titles: list[tuple[str, ...]]) -> tuple[float, float]:
    """Precision and recall."""
    counted = [(meant, read(title)) for meant, title in titles]
    right = sum(meant == who != "-" for meant, who in counted)
    claimed, true = sum(who != "-" for _, who in counted), sum(meant != "-" for meant, _ in counted)
    return right / claimed, right / true


def test_the_list_is_long_and_half_of_it_was_set_aside() -> None:
    assert len(TITLES) >= 400
    assert abs(len(TUNED) - len(SET_ASIDE)) <= 1
    assert {meant for meant, _ in TITLES} <= {*CONTACTS, "-"}


@pytest.mark.parametrize("titles", [TUNED, SET_ASIDE], ids=["tuned", "set aside"])
def test_hardly_a_title_counts_that_was_no_meeting(titles: list[tuple[str, ...]]) -> None:
    precision, recall = measure(titles)
    assert precision >= 0.99
    assert recall >= 0.93
