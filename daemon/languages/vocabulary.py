"""The words in force when titles are read: those of some languages, and the user's own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import cache

from daemon.languages.language import Everywhere, Titles, every, language


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Words and phrases as the files have them, each once. See `language.Titles` and
    `language.Everywhere` for what each kind means."""

    meeting: tuple[str, ...] = ()
    for_two: tuple[str, ...] = ()
    activities: tuple[str, ...] = ()
    joining: tuple[str, ...] = ()
    between: tuple[str, ...] = ()
    adding: tuple[str, ...] = ()
    me: tuple[str, ...] = ()
    not_meeting: tuple[str, ...] = ()
    other_verbs: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    placing: tuple[str, ...] = ()
    circumstance: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    lengths: tuple[str, ...] = ()
    ordinary: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    possessive: tuple[str, ...] = ()
    cancelled: tuple[str, ...] = ()
    forms_of_address: tuple[str, ...] = ()
    not_names: tuple[str, ...] = ()
    given_names: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    honorifics: tuple[str, ...] = ()
    name_endings: tuple[str, ...] = ()


@cache
def vocabulary(
    codes: tuple[str, ...] = (),
    words: tuple[str, ...] = (),
    not_words: tuple[str, ...] = (),
) -> Vocabulary:
    """The words of English and of the languages with these codes, and the user's own `words` for a
    meeting and `not_words` for what is none. Raises LookupError for a language that is not shipped.
    """
    titles = [language(code).titles for code in dict.fromkeys(("en", *codes))]
    own = {"meeting": words, "not_meeting": not_words}
    chosen = {
        kind.name: _once(
            word
            for table in titles
            for word in (*getattr(table, kind.name), *own.get(kind.name, ()))
        )
        for kind in fields(Titles)
    }
    return Vocabulary(
        **chosen, **{kind.name: _everywhere(kind.name) for kind in fields(Everywhere)}
    )


@cache
def cancelling() -> tuple[str, ...]:
    """The words for "cancelled" of every language that is shipped."""
    return _everywhere("cancelled")


@cache
def meeting_words() -> tuple[str, ...]:
    """The words of meeting somebody of every language that is shipped."""
    return _once(
        word
        for language in every()
        for word in (*language.titles.meeting, *language.titles.for_two)
    )


@cache
def forms_of_address() -> frozenset[str]:
    """What stands before a name and is no part of it, in every language that is shipped."""
    return frozenset(_everywhere("forms_of_address"))


@cache
def _everywhere(kind: str) -> tuple[str, ...]:
    return _once(word for language in every() for word in getattr(language.everywhere, kind))


def _once(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))
