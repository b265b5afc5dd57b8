"""Finds the names of a fixed list of people in a title.

All names are put into one tree of words when the search is built, so that it costs the length of
the title, however many people there are. Names are read from left to right, the longest first, so
"Anna Maria Berg" is never taken for "Anna Maria" as well, and a full name or alias beats a first
name of the same letters."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from daemon.languages.vocabulary import Vocabulary
from daemon.people.folding import CONNECTORS, Token, tokens, unspaced
from daemon.people.phrases import Hit, Phrases, capitalised
from daemon.people.spellings import Names, first_name, full_names, inflected, name_words, spelt_out


class NameSearch:
    """Never changes once built."""

    __slots__ = (
        "_endings",
        "_glued",
        "_glued_after",
        "_honorifics",
        "_inflections",
        "_names",
        "_own",
        "_parts",
        "_phrases",
        "_spelt",
        "single",
        "starts",
    )

    def __init__(
        self, people: Sequence[Names], vocabulary: Vocabulary, phrases: Phrases, own: frozenset[str]
    ) -> None:
        """`own` are words of the user's own name, nobody's surname."""
        self._own, self._phrases = own, phrases
        self._learn_endings(vocabulary)
        self._parts = [
            frozenset(name_words(" ".join((person.name, *person.aliases)))) for person in people
        ]
        self.single: set[int] = set()
        """Who has one name only."""
        self._names = _NameTree()
        for index, person in enumerate(people):
            self._enter(index, person)
        self.starts = self._with_endings(self._names.after)
        """The words with which a name may begin."""
        self._spelt = self._with_endings(frozenset[str]().union(*self._parts))

    def _learn_endings(self, vocabulary: Vocabulary) -> None:
        """How a name becomes a possessive, and what else belongs to a name."""
        rows = {tuple(token.text for token in tokens(word)) for word in vocabulary.possessive}
        self._endings = frozenset(rows)
        self._glued = tuple(row[0] for row in rows if row[0].isalpha())
        self._glued_after = frozenset(ending for ending in self._glued if unspaced(ending))
        self._honorifics = tuple(
            tuple(token.text for token in tokens(word)) for word in vocabulary.honorifics
        )
        self._inflections = vocabulary.name_endings

    def _with_endings(self, words: Collection[str]) -> frozenset[str]:
        """Words, each also with the endings that a possessive glues to it."""
        return frozenset(words).union(word + ending for word in words for ending in self._glued)

    def _enter(self, index: int, person: Names) -> None:
        first, known = first_name(person.name), name_words(person.name)
        aliases = {name_words(alias) for alias in person.aliases}
        if first == known and known not in aliases:
            self.single.add(index)
        for full in full_names(person):
            if index not in self.single or full != known:
                self._names.reach(full).full.add(index)
        for short in (first, *self._given(person)):
            if len(short) != 1 or self._phrases.kind(short[0]) not in ("meeting", "two", "not"):
                self._names.reach(short).first.add(index)
                for other in inflected(short, self._inflections):
                    if other[0] not in self._phrases.words:
                        self._names.reach(other).first.add(index)
        for full in inflected(known, self._inflections) if len(known) > 1 else ():
            self._names.reach(full).full.add(index)
        spelt = Names(spelt_out(person.name))
        if spelt.name != person.name and index not in self.single:
            for full in full_names(spelt):
                self._names.reach(full).full.add(index)

    def _given(self, person: Names) -> Iterator[tuple[str, ...]]:
        """What else one person may be called by alone: the given name behind a Japanese surname,
        "Juergen"."""
        if unspaced(person.name):
            given = name_words(person.name.split()[-1])
            if len(given) > 1:
                yield given
        else:
            yield first_name(spelt_out(person.name))

    def as_names_are_spelt(self, title: str) -> list[Token]:
        """The tokens of a title; an umlaut is spelt out where a name is: "Müller" for Mueller."""
        written = tokens(title)
        spelt = spelt_out(title)
        if spelt == title:
            return written
        return [
            token._replace(text=other.text) if other.text in self._spelt else token
            for token, other in zip(written, tokens(spelt), strict=True)
        ]

    def hits(self, tokens: list[Token]) -> Iterator[Hit]:
        """The names in a title from left to right, the longest at each place, none overlapping."""
        at = 0
        while at < len(tokens):
            hit = (
                self._hit(tokens, at)
                if tokens[at].text in self.starts and not _joins(tokens, at - 1)
                else None
            )
            hit = hit and self._with_honorific(hit, tokens)
            if hit and not self._is_other(hit, tokens):
                yield hit
            at = hit.end if hit else at + 1

    def _hit(self, tokens: list[Token], start: int) -> Hit | None:
        node, longest = self._names, None
        for at in range(start, len(tokens)):
            token = tokens[at]
            following = node.after.get(token.text)
            if following is None:
                if token.text in CONNECTORS and _touches(tokens, at):
                    continue  # "Rose-Lynn" and "Rose Lynn", "J. R." and "J R" are the same name
                glued = self._in_glued_possessive(tokens, start, at, node)
                return glued or (longest and self._with_surname(longest, tokens))
            node = following
            if node.people:
                possessive = self._is_possessive(tokens, start, at + 1)
                if possessive or not _joins(tokens, at + 1):
                    longest = node.hit(start, at + 1, possessive=possessive)
        return longest and self._with_surname(longest, tokens)

    def _with_honorific(self, hit: Hit, tokens: Sequence[Token]) -> Hit:
        """The hit with what stands right behind a name and belongs to it: "さん"; and whether "の"
        follows."""
        behind = tuple(token.text for token in tokens[hit.end :])
        lengths = (len(row) for row in self._honorifics if behind[: len(row)] == row)
        end = hit.end + next(lengths, 0)
        possessive = hit.possessive or (end < len(tokens) and tokens[end].text in self._glued_after)
        return hit._replace(end=end, possessive=possessive)

    def _with_surname(self, hit: Hit, tokens: Sequence[Token]) -> Hit:
        """The hit with what follows of the same name: "Jane D.", "Jane M. Doe", "Janie Doe"."""
        said = {token.text for token in tokens[hit.start : hit.end]}
        rest = frozenset[str]().union(*(self._parts[index] for index in hit.people)) - said
        at = end = hit.end
        while at < len(tokens) and tokens[at].word and capitalised(tokens[at]):
            text = tokens[at].text
            is_initial = len(text) == 1
            if text not in rest and not is_initial:
                break
            at = _behind(tokens, at)
            if text in rest or any(part.startswith(text) for part in rest):
                end = at
        return hit._replace(end=end)

    def _in_glued_possessive(
        self, tokens: Sequence[Token], start: int, at: int, node: _NameTree
    ) -> Hit | None:
        """The name that ends with a token like "Janas" in "Janas Geburtstag"."""
        if at + 1 == len(tokens) or not tokens[at + 1].word:
            return None
        for ending in self._glued:
            whose = node.after.get(tokens[at].text.removesuffix(ending))
            if whose and whose.people:
                return whose.hit(start, at + 1, possessive=True)
        return None

    def _is_other(self, hit: Hit, tokens: Sequence[Token]) -> bool:
        """Whether it is no name at all: the month of "May 5", or one's own name, which has more
        words than theirs."""
        if hit.end - hit.start > 1:
            return False
        text = tokens[hit.start].text
        sides = [tokens[at].text for at in (hit.start - 1, hit.end) if 0 <= at < len(tokens)]
        if self._phrases.kind(text) == "date" and any(side[0].isdigit() for side in sides):
            return True
        if text not in self._own or hit.end == len(tokens):
            return False
        after = tokens[hit.end].text
        return after in self._own and not any(after in self._parts[index] for index in hit.people)

    def runs_on(self, hit: Hit, starts: set[int], tokens: list[Token]) -> bool:
        """Whether a single word is followed by what looks like a surname that its bearers do not
        have.

        Told by the capital alone; ordinary words, one's own name and other people's names are no
        surnames."""
        if hit.possessive or (hit.full and hit.end - hit.start > 1):
            return False
        if hit.end == len(tokens) or hit.end in starts or _touches(tokens, hit.end):
            return False
        following = tokens[hit.end]
        return (
            following.word and capitalised(following) and following.text not in self._phrases.words
        )

    def _is_possessive(self, tokens: Sequence[Token], start: int, end: int) -> bool:
        """Whether what touches the name in tokens `start` to `end` makes it a possessive, and is no
        closing quote."""
        if not _touches(tokens, end):
            return False
        sign = tokens[end].text
        if _touches(tokens, end + 1) and tokens[end + 1].word:
            return (sign, tokens[end + 1].text) in self._endings
        quoted = _touches(tokens, start) and tokens[start - 1].text == sign
        return (sign,) in self._endings and not quoted


@dataclass(slots=True)
class _NameTree:
    """A place in the tree of names: the words that may follow, and whose names end here."""

    after: dict[str, _NameTree] = field(default_factory=dict)
    full: set[int] = field(default_factory=set)
    first: set[int] = field(default_factory=set)

    @property
    def people(self) -> frozenset[int]:
        """Whom a name that ends here may mean: those whose full name or alias it is, else those
        whose first name."""
        return frozenset(self.full or self.first)

    def hit(self, start: int, end: int, *, possessive: bool) -> Hit:
        return Hit(start, end, self.people, bool(self.full), possessive)

    def reach(self, words: Iterable[str]) -> _NameTree:
        node = self
        for word in words:
            node = node.after.setdefault(word, _NameTree())
        return node


def _touches(tokens: Sequence[Token], at: int) -> bool:
    """Whether there is a token at this place, with no space before it."""
    return 0 < at < len(tokens) and tokens[at - 1].end == tokens[at].start


def _joins(tokens: Sequence[Token], at: int) -> bool:
    """Whether a sign stands here that makes one word of its neighbours: "Rose-Lynn", "O'Brien"."""
    return (
        _touches(tokens, at)
        and tokens[at].text in CONNECTORS
        and tokens[at - 1].word
        and _touches(tokens, at + 1)
        and tokens[at + 1].word
    )


def _behind(tokens: Sequence[Token], at: int) -> int:
    """What comes after the word or initial that stands here, and after its dot."""
    return at + 2 if _touches(tokens, at + 1) and tokens[at + 1].text == "." else at + 1
