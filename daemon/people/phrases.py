"""A title as a row of marks: names, and the words and phrases of the vocabulary, each with its
kind.

The longest phrase at each place is taken, from left to right. What is in no list is a `word`, or a
`sign` where it has neither letters nor digits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import Literal, NamedTuple, TypeAlias

from daemon.languages.vocabulary import Vocabulary
from daemon.people.folding import Token, tokens
from daemon.people.spellings import spelt_out

Kind: TypeAlias = Literal[
    "name", "me", "not", "two", "meeting", "verb", "activity", "with", "between", "and", "about",
    "at", "circumstance",
    "group", "length", "date", "ordinary", "number", "sign", "word",
]  # fmt: skip
_IN_NUMBERS = frozenset("-:./")
"""Signs between the numbers of a date or a time."""


class Mark(NamedTuple):
    """One name, phrase, word or sign of a title: tokens `start` to `end`."""

    kind: Kind
    start: int
    end: int
    text: str
    """Its first token, folded."""
    capital: bool = False
    """Written like a name."""


class Hit(NamedTuple):
    """One name found: tokens `start` to `end`, and whom it may mean."""

    start: int
    end: int
    people: frozenset[int]
    full: bool
    """A full name or alias, or all the name they have; else a first name of a longer name."""
    possessive: bool


class Phrases:
    """The vocabulary, ready to be found in titles. Never changes once built."""

    __slots__ = (
        "_tree",
        "forms_of_address",
        "given_names",
        "hosts",
        "not_names",
        "places",
        "words",
    )

    def __init__(self, vocabulary: Vocabulary, own: frozenset[str] = frozenset()) -> None:
        """`own` are words of the user's own name."""
        # Of a phrase in several lists the first says what it is.
        lists: tuple[tuple[Kind, Iterable[str]], ...] = (
            ("me", (*own, *vocabulary.me)),
            ("not", (*vocabulary.not_meeting, *vocabulary.cancelled)),
            ("two", vocabulary.for_two),
            ("meeting", vocabulary.meeting),
            ("verb", vocabulary.other_verbs),
            ("activity", vocabulary.activities),
            ("with", vocabulary.joining),
            ("between", vocabulary.between),
            ("and", vocabulary.adding),
            ("about", vocabulary.about),
            ("at", vocabulary.placing),
            ("circumstance", vocabulary.circumstance),
            ("group", vocabulary.groups),
            ("length", vocabulary.lengths),
            ("date", vocabulary.dates),
            ("ordinary", (*vocabulary.ordinary, *vocabulary.forms_of_address)),
        )
        self._tree = _Branch()
        words: set[str] = set()
        for kind, phrases in lists:
            for phrase in _rows(phrases):
                words.update(phrase)
                branch = self._tree
                for word in phrase:
                    branch = branch.after.setdefault(word, _Branch())
                branch.kind = branch.kind or kind
        self.forms_of_address = frozenset(vocabulary.forms_of_address)
        self.places = frozenset(word for place in vocabulary.places for word in _row(place))
        self.not_names = frozenset(word for name in vocabulary.not_names for word in _row(name))
        self.given_names = frozenset(word for name in vocabulary.given_names for word in _row(name))
        self.hosts = frozenset(_row(phrase)[0] for phrase in vocabulary.hosts)
        self.words = frozenset(words)
        """Every word that is nobody's surname."""

    def marks(self, tokens: Sequence[Token], hits: Sequence[Hit]) -> list[Mark]:
        """The marks of a title in order. Names are taken first: "Gift Okafor" is no gift."""
        marks: list[Mark] = []
        names = {hit.start: hit for hit in hits}
        at = 0
        while at < len(tokens):
            hit = names.get(at)
            mark = (
                Mark("name", at, hit.end, tokens[at].text) if hit else self._mark(tokens, at, names)
            )
            marks.append(mark)
            at = mark.end
        return marks

    def kind(self, text: str) -> Kind | None:
        """What a single word is; None when it is in no list."""
        branch = self._tree.after.get(text)
        return branch.kind if branch else None

    def _mark(self, tokens: Sequence[Token], start: int, names: Iterable[int]) -> Mark:
        token, branch = tokens[start], self._tree
        kind, end = _bare(token), start + 1
        for at in range(start, len(tokens)):
            following = branch.after.get(tokens[at].text)
            if following is None or at in names:
                break
            branch = following
            is_initial = at == start and _is_initial(token)
            if branch.kind and not is_initial and not _is_cut_out(tokens, start, at):
                kind, end = branch.kind, at + 1
        return Mark(kind, start, end, token.text, capitalised(token))


@lru_cache(maxsize=4)
def phrases(vocabulary: Vocabulary, own: frozenset[str]) -> Phrases:
    """`Phrases(vocabulary, own)`, built once: a pass makes several readers of the same words."""
    return Phrases(vocabulary, own)


def capitalised(token: Token) -> bool:
    """Written like a name: "Smith", "McCoy", the initial "S", but not "HR"."""
    written = token.written
    return written[0].isupper() and (len(written) == 1 or not written.isupper())


@dataclass(slots=True)
class _Branch:
    """A place in the tree of phrases: the words that may follow, and what ends here."""

    after: dict[str, _Branch] = field(default_factory=dict)
    kind: Kind | None = None


def _rows(phrases: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """Each phrase, and as it is written without umlauts: "Fruehstueck"."""
    for phrase in phrases:
        yield _row(phrase)
        if (spelt := spelt_out(phrase)) != phrase:
            yield _row(spelt)


def _row(phrase: str) -> tuple[str, ...]:
    if phrase.isascii() and phrase.isalnum():
        return (phrase.lower(),)  # most are, and a reader is made at every start
    return tuple(token.text for token in tokens(phrase))


def _bare(token: Token) -> Kind:
    if token.text[0].isdigit():
        return "number"
    return "word" if token.word else "sign"


def _is_initial(token: Token) -> bool:
    """Whether what looks like a word is a letter of a name: the "X" of "Malcolm X"; "I" is written
    so always."""
    return len(token.written) == 1 and token.written.isupper() and token.text != "i"


def _is_cut_out(tokens: Sequence[Token], first: int, last: int) -> bool:
    """Whether a phrase is only a part of a longer number: "1-1" of a date, "1:1" of a time."""
    return any(
        number[0].text.isdigit()
        and number[1].text in _IN_NUMBERS
        and number[2].text.isdigit()
        and all(left.end == right.start for left, right in pairwise(number))
        for number in (tokens[max(first - 2, 0) : first + 1], tokens[last : last + 3])
        if len(number) == 3
    )
