"""The words in force when titles are read: those of some languages, and the user's own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

from daemon.languages.language import Language, every, language


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Words and phrases as the files have them, each once. See `language.Titles` for what each kind means."""

    meeting: tuple[str, ...] = ()
    for_two: tuple[str, ...] = ()
    joining: tuple[str, ...] = ()
    between: tuple[str, ...] = ()
    not_meeting: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    other_verbs: tuple[str, ...] = ()
    adding: tuple[str, ...] = ()
    placing: tuple[str, ...] = ()
    ordinary: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    possessive: tuple[str, ...] = ()
    """Of every language that is shipped: nobody chooses in which one others write a name."""
    not_names: tuple[str, ...] = ()


@cache
def vocabulary(
    codes: tuple[str, ...] = (),
    words: tuple[str, ...] = (),
    not_words: tuple[str, ...] = (),
) -> Vocabulary:
    """The words of English and of the languages with these codes, and the user's own `words` for a meeting and
    `not_words` for what is none. Raises LookupError for a language that is not shipped."""
    languages = [language(code) for code in dict.fromkeys(("en", *codes))]

    def of(kind: Callable[[Language], tuple[str, ...]], own: tuple[str, ...] = ()) -> tuple[str, ...]:
        return _once(word for words in (*map(kind, languages), own) for word in words)

    return Vocabulary(
        meeting=of(lambda one: one.titles.meeting, words),
        for_two=of(lambda one: one.titles.for_two),
        joining=of(lambda one: one.titles.joining),
        between=of(lambda one: one.titles.between),
        not_meeting=of(lambda one: one.titles.not_meeting, not_words),
        about=of(lambda one: one.titles.about),
        other_verbs=of(lambda one: one.titles.other_verbs),
        adding=of(lambda one: one.titles.adding),
        placing=of(lambda one: one.titles.placing),
        ordinary=of(lambda one: one.titles.ordinary),
        dates=of(lambda one: one.titles.dates),
        possessive=_once(ending for one in every() for ending in one.titles.possessive),
        not_names=of(lambda one: one.titles.not_names),
    )


@cache
def cancelling() -> tuple[str, ...]:
    """The words for "cancelled" of every language that is shipped."""
    return _once(word for one in every() for word in one.titles.cancelled)


def _once(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))
