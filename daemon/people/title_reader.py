"""Whom a title names, and whether it speaks of a meeting with them.

A title *names* a person by full name ("Jane Doe", also "Doe, Jane") or alias, or by the first name
where nobody else bears it; somebody who has one name only is named as by a first name.

In doubt nobody is named. A single word that runs on into somebody else's surname ("Jane Smith" when
you know a Jane Doe) does not stand alone; a first name that is also a meeting word ("Tea") names
nobody without the surname or an alias; May is no person beside a number. A name in the possessive
("Jane's recital") is about the person, not with them. What else the title must say is in
`daemon.people.speech`, and where a name begins and ends in `daemon.people.name_search`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple, TypeAlias

from daemon.languages.vocabulary import Vocabulary
from daemon.people.folding import Token
from daemon.people.name_search import NameSearch
from daemon.people.phrases import Hit, phrases
from daemon.people.speech import saying
from daemon.people.spellings import Names, first_name, name_words

Code: TypeAlias = Literal[
    "", "nobody-named", "several-named", "ambiguous-name", "not-a-meeting-title", "no-meeting-word"
]
Cause: TypeAlias = Literal[
    "", "surname", "question", "possessive", "word", "others", "group", "verb", "about", "part"
]

_CLOSING = frozenset("!.)]}>\"'”“»")


@dataclass(frozen=True, slots=True)
class TitleReading:
    """What a title says. `code` is empty when it names exactly one person and speaks of a
    meeting."""

    code: Code
    people: tuple[int, ...] = ()
    """Whom it names or may mean, as places in the list of names the reader was built from."""
    cause: Cause = ""
    """What is behind the code: why it is `not-a-meeting-title`; "surname" where a first name runs
    on into an unknown surname; "others" where it names people who are not known."""

    @property
    def lacks_only_a_word(self) -> bool:
        """Whether it would count with a meeting word, or with the rest of an ambiguous name."""
        return self.code in ("no-meeting-word", "ambiguous-name") and not self.cause


class TitleReader:
    """Reads titles for a fixed list of people. Never changes once built."""

    __slots__ = ("_first_names", "_phrases", "_search")

    def __init__(
        self, people: Sequence[Names], vocabulary: Vocabulary, own: Iterable[str] = ()
    ) -> None:
        """`vocabulary` are the words in force; `own` are words of the user's own name, nobody's
        surname."""
        mine = frozenset(word for name in own for word in name_words(name))
        self._phrases = phrases(vocabulary, mine)
        self._search = NameSearch(people, vocabulary, self._phrases, mine)
        self._first_names = frozenset(
            word for person in people for word in first_name(person.name)[:1]
        )

    def read(self, title: str) -> TitleReading:
        """Whom the title names, by the rule for events without guests."""
        search = self._search
        tokens = search.as_names_are_spelt(title)
        hits = list(search.hits(tokens))
        starts = {hit.start for hit in hits}
        alone = [hit for hit in hits if not search.runs_on(hit, starts, tokens)]
        if not alone:
            people = {index for hit in hits for index in hit.people}
            return TitleReading("nobody-named", tuple(sorted(people)), "surname" if people else "")
        meant = _meant(alone)
        if meant.several:
            return TitleReading("several-named", meant.people)
        said = self._about(meant.people, tokens, alone)
        if meant.certain:
            return said
        return TitleReading("ambiguous-name", meant.people, said.cause)

    def _about(self, named: tuple[int, ...], tokens: list[Token], hits: list[Hit]) -> TitleReading:
        """Whether a title speaks of a meeting with those it names.

        That it is something else is said before a missing meeting word: adding one would not help.
        """
        if any(hit.possessive for hit in hits):
            return TitleReading("not-a-meeting-title", named, "possessive")
        if _asks(tokens):
            return TitleReading("not-a-meeting-title", named, "question")
        marks = self._phrases.marks(tokens, hits)
        if any(mark.kind == "not" for mark in marks):
            return TitleReading("not-a-meeting-title", named, "word")
        whole = any(hit.full or hit.people <= self._search.single for hit in hits)
        said = saying(marks, self._phrases, whole=whole, first_names=self._first_names)
        if said == "meeting":
            return TitleReading("", named)
        if said in ("others", "group"):
            return TitleReading("several-named", named, said)
        return TitleReading("no-meeting-word", named, "" if said == "no-word" else said)


@lru_cache(maxsize=4)
def title_reader(
    people: tuple[Names, ...], vocabulary: Vocabulary, own: frozenset[str]
) -> TitleReader:
    """`TitleReader(people, vocabulary, own)`, built once: a pass looks at the same people several
    times."""
    return TitleReader(people, vocabulary, own)


class _Meant(NamedTuple):
    """Whom the names of a title mean."""

    people: tuple[int, ...]
    certain: bool
    """Each name can mean one person only."""
    several: bool
    """They cannot all mean one person."""


def _meant(hits: Sequence[Hit]) -> _Meant:
    certain = {index for hit in hits if len(hit.people) == 1 for index in hit.people}
    doubtful = [hit.people for hit in hits if not hit.people & certain]
    people = tuple(sorted(certain.union(*doubtful)))
    several = len(certain) > 1 or bool(
        doubtful and (certain or not frozenset.intersection(*doubtful))
    )
    return _Meant(people, not doubtful, several)


def _asks(tokens: Sequence[Token]) -> bool:
    """Whether the title ends in a question mark, give or take what may close it: "(Lunch with
    Jane?)", "Jane?!"."""
    last = next((token.text for token in reversed(tokens) if token.text not in _CLOSING), None)
    return last == "?"
