"""How a person may be written in a title: full name, alias, "Last, First", and the first name
alone.

A spelling is a row of folded words. Hyphens, apostrophes and dots inside a name make no difference,
so "Rose-Lynn" and "Rose Lynn" are spelled alike; the comma of "Last, First" is a word of its own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from itertools import product
from typing import NamedTuple

from daemon.languages.vocabulary import forms_of_address
from daemon.people.folding import CONNECTORS, fold, tokens, unspaced

SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv", "phd", "md", "msc", "bsc", "mba", "esq"})
"""Stand behind a name, after a comma, and are no part of it."""
_MOST_WORDS = 8
"""A name of more words is only turned round at the first of them."""
_MOST_INFLECTED = 4
"""A name of so many words is not inflected."""
_SPELT_OUT = str.maketrans(
    {
        "ä": "ae",
        "ö": "oe",
        "ü": "ue",
        "ø": "oe",
        "å": "aa",
        "Ä": "Ae",
        "Ö": "Oe",
        "Ü": "Ue",
        "Ø": "Oe",
        "Å": "Aa",
    }
)


class Names(NamedTuple):
    """What one person is called."""

    name: str
    aliases: tuple[str, ...] = ()


def full_names(person: Names) -> set[tuple[str, ...]]:
    """Every spelling that identifies a person by itself."""
    ordered = _in_order(person.name)
    spellings = {name_words(name) for name in (person.name, " ".join(ordered), *person.aliases)}
    while len(ordered) > 2 and forms_of_address().issuperset(name_words(ordered[0])):
        del ordered[0]
        spellings.add(name_words(" ".join(ordered)))
    for cut in range(1, min(len(ordered), _MOST_WORDS)):
        spellings.add(
            (*name_words(" ".join(ordered[cut:])), ",", *name_words(" ".join(ordered[:cut])))
        )
    return {spelling for spelling in spellings if any(word != "," for word in spelling)}


def first_name(name: str) -> tuple[str, ...]:
    """The first name, all of "Rose-Lynn"; nothing for an initial or a single character, which stand
    for too much."""
    ordered = [
        word
        for word in _in_order(name)
        if name_words(word) and not forms_of_address().issuperset(name_words(word))
    ]
    first = name_words(ordered[0]) if ordered else ()
    return () if len(first) == 1 and (len(first[0]) == 1 or unspaced(first[0])) else first


def spoken_to(name: str) -> str:
    """What somebody is called to their face, as it is written: the first of their names, without
    what stands before it ("Dr"); all there is where nothing else is left."""
    names = [word for word in _in_order(name) if not forms_of_address() & set(name_words(word))]
    return names[0] if names else name


def inflected(words: tuple[str, ...], endings: Iterable[str]) -> set[tuple[str, ...]]:
    """A name in its other cases, by endings such as "a>ą"; every word may have another one."""
    pairs = [tuple(map(fold, ending.split(">"))) for ending in endings]
    forms = [
        {
            word,
            *(
                word.removesuffix(old) + new
                for old, new in pairs
                if word.endswith(old) and len(word) - len(old) > 1
            ),
        }
        for word in words
    ]
    return (
        {tuple(row) for row in product(*forms)} - {words}
        if pairs and len(words) < _MOST_INFLECTED
        else set()
    )


def spelt_out(text: str) -> str:
    """A text as it is written where a keyboard lacks its letters: "Juergen", "Soeren"."""
    return text if text.isascii() else unicodedata.normalize("NFC", text).translate(_SPELT_OUT)


def name_words(text: str) -> tuple[str, ...]:
    """The words of a name, folded."""
    return tuple(token.text for token in tokens(text) if token.text not in CONNECTORS)


def _in_order(name: str) -> list[str]:
    """The words of a name, first name first: without "(Acme)" and ", PhD"; "Doe, Jane" turned
    round."""
    parts = [part.split() for part in re.split("[,，]", re.sub(r"\([^()]*\)", " ", name))]
    parts = [part for part in parts if part and not SUFFIXES.issuperset(name_words(" ".join(part)))]
    if len(parts) == 2:
        parts.reverse()
    return [word for part in parts for word in part]
