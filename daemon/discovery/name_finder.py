"""Names of people nobody told us about, read from titles such as "Lunch with Omar".

Only what stands right beside a meeting word can be a name, and only if it is written like one: up
to four words with a capital. A name is *sure* where the title leaves little doubt: after "with",
beside one's own name ("Omar <> Sam"), after "1:1", or in full after a colon. Elsewhere ("Call
Dentist", "Lunch Kantine") it is a mere guess, which takes more than one event to be believed.
Whether the title then counts as a meeting is for `daemon.people.title_reader` to say."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple, TypeAlias

from connectors.sanitize import sanitize
from daemon.languages.vocabulary import Vocabulary
from daemon.people.folding import CONNECTORS, Token, fold, tokens, unspaced
from daemon.people.spellings import name_words

_SEPARATORS = frozenset(":-|(>")
_PARTICLES = frozenset(
    re.findall(
        r"\w+", "al bin da de del della den der di do dos du el ibn la le van ten ter vom von zu"
    )
)
_MOST_WORDS = 4
_TITLES_REMEMBERED = 20_000
_MOST_LETTERS = 60


Kind: TypeAlias = Literal["with", "sides", "paired", "plain"]


class Sighting(NamedTuple):
    """A name in a title."""

    name: str
    """As written, inert."""
    sure: bool


class _Phrase(NamedTuple):
    """A meeting word: tokens `start` to `end`."""

    start: int
    end: int
    kind: Kind


class _Name(NamedTuple):
    """A name: tokens `start` to `end`."""

    start: int
    end: int


class NameFinder:
    """Finds names beside meeting words. Never changes once built."""

    __slots__ = ("_adding", "_begins", "_dates", "_kinds", "_longest", "_not_names", "_own", "find")

    def __init__(self, vocabulary: Vocabulary, own: Iterable[str] = ()) -> None:
        """`vocabulary` are the words by which titles are read; `own` are the user's own names."""
        kinds: Mapping[Kind, Iterable[str]] = {
            "plain": vocabulary.meeting,
            "paired": vocabulary.for_two,
            "sides": vocabulary.between,
            "with": vocabulary.joining,
        }
        self._kinds = {
            phrase: kind for kind in kinds for phrase in map(_phrase, kinds[kind]) if phrase
        }
        self._begins = frozenset(phrase[0] for phrase in self._kinds)
        self._longest = max(map(len, self._kinds), default=0)
        self._adding = _words(vocabulary.adding)
        self._dates = _words(vocabulary.dates)
        """Somebody may be called so, but only after "with" does it look like it."""
        others = (
            vocabulary.not_names,
            vocabulary.places,
            vocabulary.groups,
            vocabulary.activities,
            vocabulary.ordinary,
            vocabulary.other_verbs,
            vocabulary.circumstance,
            vocabulary.about,
            vocabulary.me,
            vocabulary.lengths,
            vocabulary.not_meeting,
        )
        self._not_names = _words(*others).union(*self._kinds) - self._dates
        self._own = frozenset(word for name in own for word in name_words(name))
        self.find = lru_cache(_TITLES_REMEMBERED)(self._find)
        """The names beside meeting words in a title, each once; none where the title names a row of
        people whose end nobody can tell."""

    def is_ordinary(self, name: str) -> bool:
        """Whether what is given as a name is made of ordinary words only ("Monday Lunch"): it would
        be found in titles that have nothing to do with anybody."""
        return (self._not_names | self._dates).issuperset(name_words(name))

    def _find(self, title: str) -> tuple[Sighting, ...]:
        text = unicodedata.normalize("NFC", sanitize(title, 300))
        title_tokens = tokens(text)
        sightings: dict[str, bool] = {}
        for phrase in self._phrases(title_tokens):
            if phrase.kind == "sides":
                names = self._beside(title_tokens, phrase)
            else:
                names = [*self._after(title_tokens, phrase), *self._before(title_tokens, phrase)]
            for name, sure in names:
                if self._follows_list(title_tokens, name):
                    return ()
                written = _written(text, title_tokens, name)
                if written and not self._is_own(title_tokens, name):
                    sightings[written] = sightings.get(written, False) or sure
        return tuple(Sighting(name, sure) for name, sure in sightings.items())

    def _phrases(self, tokens: Sequence[Token]) -> list[_Phrase]:
        phrases = []
        at = 0
        while at < len(tokens):
            if tokens[at].text not in self._begins:
                at += 1
                continue
            for length in range(min(self._longest, len(tokens) - at), 0, -1):
                kind = self._kinds.get(tuple(token.text for token in tokens[at : at + length]))
                if kind:
                    phrases.append(_Phrase(at, at + length, kind))
                    at += length
                    break
            else:
                at += 1
        return phrases

    def _after(self, tokens: Sequence[Token], phrase: _Phrase) -> list[tuple[_Name, bool]]:
        at, colon = phrase.end, False
        while at < len(tokens) and tokens[at].text in _SEPARATORS:
            colon = colon or tokens[at].text == ":"
            at += 1
        names: list[tuple[_Name, bool]] = []
        while (name := self._name(tokens, at, after_with=phrase.kind == "with")) is not None:
            in_full = sum(token.word for token in tokens[name.start : name.end]) > 1
            names.append((name, phrase.kind in ("with", "paired") or (colon and in_full)))
            if name.end >= len(tokens) or tokens[name.end].text not in self._adding:
                break
            at = name.end + 1
        return names

    def _before(self, tokens: Sequence[Token], phrase: _Phrase) -> list[tuple[_Name, bool]]:
        """ "Priya 1:1": only before the words for two, and only where the name begins the title."""
        if phrase.kind != "paired":
            return []
        name = self._name(tokens, 0, after_with=False)
        return [(name, False)] if name and name.end == phrase.start else []

    def _beside(self, tokens: Sequence[Token], phrase: _Phrase) -> list[tuple[_Name, bool]]:
        """ "Omar <> Sam": the one who is not me; without me it may be a pair of anything ("Berlin /
        Hamburg")."""
        right = self._name(tokens, phrase.end, after_with=False)
        starts = range(max(phrase.start - 2 * _MOST_WORDS, 0), phrase.start)
        lefts = (self._name(tokens, start, after_with=False) for start in starts)
        left = next((name for name in lefts if name and name.end == phrase.start), None)
        if left is None or right is None:
            return []
        if self._is_own(tokens, left) != self._is_own(tokens, right):
            return [(right if self._is_own(tokens, left) else left, True)]
        return []

    def _name(self, tokens: Sequence[Token], start: int, *, after_with: bool) -> _Name | None:
        """The name that begins at a token, if one does."""
        end = at = start
        words = 0
        while at < len(tokens):
            token = tokens[at]
            if end > start and token.start - tokens[at - 1].end > 1:
                break
            if end > start and token.text in CONNECTORS and token.start == tokens[at - 1].end:
                joint = _joint(tokens, at)
                if joint == "possessive":
                    return None  # what is somebody's is not somebody
                if joint == "end":
                    break
                at += 1
                end = at if joint == "initial" else end
                continue
            if self._may_be_name(token, after_with):
                glued = at > start and tokens[at - 1].end == token.start and unspaced(token.text)
                words += not glued
            elif words == 0 or not self._is_particle(tokens, at, after_with):
                break
            at += 1
            end = at
        return _Name(start, end) if _is_sound(tokens[start:end], words) else None

    def _is_particle(self, tokens: Sequence[Token], at: int, after_with: bool) -> bool:
        """Whether it is the small word of a name: the "van" of "Anna van Dyk"."""
        return (
            tokens[at].text in _PARTICLES
            and at + 1 < len(tokens)
            and self._may_be_name(tokens[at + 1], after_with)
        )

    def _may_be_name(self, token: Token, after_with: bool) -> bool:
        if (
            not token.word
            or token.text in self._not_names
            or not token.written.replace("'", "").isalpha()
        ):
            return (
                after_with
                and token.word
                and token.text not in self._not_names
                and _caseless(token.written)
            )
        if token.text in self._dates and not after_with:
            return False
        if token.written[0].isupper():
            return len(token.written) == 1 or not token.written.isupper()
        return after_with and _caseless(token.written)

    def _is_own(self, tokens: Sequence[Token], name: _Name) -> bool:
        return all(token.text in self._own for token in tokens[name.start : name.end] if token.word)

    def _follows_list(self, tokens: Sequence[Token], name: _Name) -> bool:
        """Whether a comma and another capital come next: more people, or a place?"""
        after = name.end
        return (
            after + 1 < len(tokens)
            and tokens[after].text == ","
            and self._may_be_name(tokens[after + 1], False)
        )


def _phrase(text: str) -> tuple[str, ...]:
    return tuple(token.text for token in tokens(text))


def _words(*lists: Iterable[str]) -> frozenset[str]:
    """The entries of one word; of a phrase no word means anything by itself."""
    rows = [
        [word for word in _phrase(phrase) if word.isalnum()]
        for phrases in lists
        for phrase in phrases
    ]
    return frozenset(row[0] for row in rows if len(row) == 1)


def _caseless(written: str) -> bool:
    """Of a script without capitals, and no number."""
    return written.lower() == written.upper() and any(char.isalpha() for char in written)


def _joint(tokens: Sequence[Token], at: int) -> Literal["inside", "initial", "possessive", "end"]:
    """What a sign that stands right behind a word does to a name: it joins two parts ("Rose-Lynn"),
    ends an initial ("J."), makes it a possessive, or ends it."""
    token = tokens[at]
    follows = at + 1 < len(tokens) and tokens[at + 1].word and tokens[at + 1].start == token.end
    if token.text == "'" and (not follows or tokens[at + 1].text == "s"):
        return "possessive"
    if token.text == "." and len(tokens[at - 1].text) == 1:
        return "initial"
    return "inside" if follows else "end"


def _is_sound(name: Sequence[Token], words: int) -> bool:
    """Whether tokens are a name by their number and length, and say anything."""
    return (
        1 <= words <= _MOST_WORDS
        and name[-1].end - name[0].start <= _MOST_LETTERS
        and any(map(_says_something, name))
    )


def _says_something(token: Token) -> bool:
    return token.word and (len(token.text) > 1 or _caseless(token.written))


def _written(text: str, title_tokens: Sequence[Token], name: _Name) -> str:
    """The name as it stands in the title, accents and all; folded where places no longer agree."""
    first, last = title_tokens[name.start], title_tokens[name.end - 1]
    piece = text[first.start : last.end]
    if [token.text for token in tokens(piece)] == [
        token.text for token in title_tokens[name.start : name.end]
    ]:
        return sanitize(piece)
    return sanitize(
        " ".join(
            fold(token.written).capitalize()
            for token in title_tokens[name.start : name.end]
            if token.word
        )
    )
