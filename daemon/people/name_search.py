"""Finds the names of a fixed list of people in a title.

All names are put into one tree of words when the search is built, so that it costs the length of
the title, however many people there are. Names are read from left to right, the longest first, so
"Anna Maria Berg" is never taken for "Anna Maria" as well, and a full name or alias beats a first
name of the same letters."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from daemon.languages.vocabulary import Vocabulary
from daemon.people.folding import CONNECTORS, Token, fold, tokens, unspaced
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
        endings = frozenset(map(fold, vocabulary.possessive))
        self._endings = frozenset(
            ending.removeprefix("'") for ending in endings if ending.startswith("'")
        )
        self._glued = tuple(ending for ending in endings if not ending.startswith("'"))
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
        words = person.name.split()
        if len(words) > 1 and unspaced(words[0][0]):
            given = name_words(words[-1])
            if len(given) > 1:
                yield given
        elif spelt_out(person.name) != person.name:
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
                if tokens[at].text in self.starts and _begins(tokens, at)
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
                if at > start and token.text in CONNECTORS and token.start == tokens[at - 1].end:
                    continue  # "Rose-Lynn" and "Rose Lynn", "J. R." and "J R" are the same name
                glued = self._in_glued_possessive(tokens, start, at, node)
                return glued or (longest and self._with_surname(longest, tokens))
            node = following
            people = node.full or node.first
            if people:
                ending = self._ending(tokens, start, at + 1)
                if ending != "inside":
                    longest = Hit(
                        start, at + 1, frozenset(people), bool(node.full), ending == "possessive"
                    )
        return longest and self._with_surname(longest, tokens)

    def _with_honorific(self, hit: Hit, tokens: Sequence[Token]) -> Hit:
        """The hit with what stands right behind a name and belongs to it: "さん"; and whether "の"
        follows."""
        end = hit.end
        for honorific in self._honorifics:
            if tuple(token.text for token in tokens[end : end + len(honorific)]) == honorific:
                end += len(honorific)
                break
        possessive = hit.possessive or (end < len(tokens) and tokens[end].text in self._glued_after)
        return hit._replace(end=end, possessive=possessive)

    def _with_surname(self, hit: Hit, tokens: Sequence[Token]) -> Hit:
        """The hit with what follows of the same name: "Jane D.", "Jane M. Doe"."""
        if hit.full or hit.possessive:
            return hit
        at = end = hit.end
        while at < len(tokens) and tokens[at].word and capitalised(tokens[at]):
            continues = self._continues(hit, tokens[at].text)
            if not continues and len(tokens[at].text) > 1:
                break
            dotted = (
                at + 1 < len(tokens)
                and tokens[at + 1].text == "."
                and tokens[at + 1].start == tokens[at].end
            )
            at += 1 + dotted
            end = at if continues else end
        return hit._replace(end=end)

    def _in_glued_possessive(
        self, tokens: Sequence[Token], start: int, at: int, node: _NameTree
    ) -> Hit | None:
        """The name that ends with a token like "Janas" in "Janas Geburtstag"."""
        if at + 1 >= len(tokens) or not tokens[at + 1].word:
            return None
        for ending in self._glued:
            whose = (
                node.after.get(tokens[at].text.removesuffix(ending))
                if tokens[at].text.endswith(ending)
                else None
            )
            people = (whose.full or whose.first) if whose else None
            if whose and people:
                return Hit(start, at + 1, frozenset(people), bool(whose.full), possessive=True)
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
        at = hit.end
        while at < len(tokens) and tokens[at].word and tokens[at].start == tokens[at - 1].end + 1:
            token = tokens[at]
            if self._continues(hit, token.text):
                return False
            if token.text in self._phrases.words or not capitalised(token) or at in starts:
                break
            if len(token.text) > 1:
                return True
            at += 1  # an initial: what follows it tells, and without that it is a surname cut short
            if (
                at < len(tokens)
                and tokens[at].text == "."
                and tokens[at].start == tokens[at - 1].end
            ):
                at += 1
        return at > hit.end

    def _continues(self, hit: Hit, text: str) -> bool:
        """Whether a word or initial belongs to the full name of one of those a first name may
        mean."""
        parts = frozenset[str]().union(*(self._parts[index] for index in hit.people))
        return text in parts or (len(text) == 1 and any(part.startswith(text) for part in parts))

    def _ending(
        self, tokens: Sequence[Token], start: int, end: int
    ) -> Literal["whole", "inside", "possessive"]:
        """How the name in tokens `start` to `end` ends: as a whole word, inside a longer one, or in
        the possessive."""
        if (
            end == len(tokens)
            or tokens[end].text not in CONNECTORS
            or tokens[end].start != tokens[end - 1].end
        ):
            return "whole"
        joined = (
            end + 1 < len(tokens)
            and tokens[end + 1].word
            and tokens[end + 1].start == tokens[end].end
        )
        if tokens[end].text != "'":
            return "inside" if joined else "whole"
        if joined:
            return "possessive" if tokens[end + 1].text in self._endings else "inside"
        quoted = (
            start > 0
            and tokens[start - 1].text == "'"
            and tokens[start - 1].end == tokens[start].start
        )
        return "possessive" if "" in self._endings and not quoted else "whole"


@dataclass(slots=True)
class _NameTree:
    """A place in the tree of names: the words that may follow, and whose names end here."""

    after: dict[str, _NameTree] = field(default_factory=dict)
    full: set[int] = field(default_factory=set)
    first: set[int] = field(default_factory=set)

    def reach(self, words: Iterable[str]) -> _NameTree:
        node = self
        for word in words:
            node = node.after.setdefault(word, _NameTree())
        return node


def _begins(tokens: Sequence[Token], at: int) -> bool:
    """Whether a whole word begins here, not the second half of "Rose-Lynn" or "O'Brien"."""
    if at < 2 or tokens[at - 1].text not in CONNECTORS or tokens[at - 1].end != tokens[at].start:
        return True
    return not (tokens[at - 2].word and tokens[at - 2].end == tokens[at - 1].start)
