"""Whom a title names, and whether it speaks of a meeting at all.

A title *names* a person by full name ("Jane Doe", also "Doe, Jane") or alias, or by the first name alone where that is
safe: nobody else bears it, and the title has a meeting word ("coffee", "1:1"). Names are read from left to right,
the longest first, so "Anna Maria Berg" is never taken for "Anna Maria" as well, and a full name or alias beats a
first name of the same letters.

In doubt nobody is named. A first name that runs on into somebody else's surname ("Jane Smith" when you know a Jane
Doe) does not stand alone; a first name that is also a meeting word ("Tea") names nobody without the surname or an
alias; a name in the possessive ("Jane's recital") is about the person, not with them.

All names are put into one tree of words when the reader is built, so that reading costs the length of the title,
however many people there are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import Literal, NamedTuple, TypeAlias

from daemon.languages.vocabulary import Vocabulary, cancelling
from daemon.people.folding import CONNECTORS, Token, fold, tokens
from daemon.people.spellings import Names, first_name, full_names, name_words

Code: TypeAlias = Literal[
    "", "nobody-named", "several-named", "ambiguous-name", "not-a-meeting-title", "no-meeting-word"
]
Cause: TypeAlias = Literal["", "surname", "question", "possessive", "word"]

_CLOSING = frozenset("!.)]}>\"'”“»")
_LATIN = re.compile("[0-9a-z]+")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a title says. `code` is empty when it names exactly one person and speaks of a meeting."""

    code: Code
    people: tuple[int, ...] = ()
    """Whom it names or may mean, as places in the list of names the reader was built from."""
    cause: Cause = ""
    """Why it is `not-a-meeting-title`; "surname" where a first name runs on into an unknown surname."""


def says_cancelled(title: str) -> bool:
    """Whether the title begins with the "Canceled:" that Outlook puts before a meeting called off."""
    return ":" in title and _cancelling().match(fold(title)) is not None


@cache
def _cancelling() -> re.Pattern[str]:
    return re.compile(rf"\W*({'|'.join(re.escape(fold(word)) for word in cancelling())})\s*:")


class TitleReader:
    """Reads titles for a fixed list of people. Never changes once built."""

    __slots__ = ("_beside", "_names", "_not_words", "_parts", "_quick", "_vocabulary", "_words")

    def __init__(self, people: Sequence[Names], vocabulary: Vocabulary, own: Iterable[str] = ()) -> None:
        """`vocabulary` are the words in force; `own` are words of the user's own name, nobody's surname."""
        phrases = _phrases(vocabulary.meeting, vocabulary.for_two, vocabulary.joining)
        sides = _phrases(vocabulary.between)
        refused = _phrases(vocabulary.not_meeting)
        single = {phrase[0] for phrase in (*phrases, *refused) if len(phrase) == 1}
        self._beside = frozenset(phrase[0] for phrase in sides if len(phrase) == 1)
        self._words = _tree([*phrases, *(phrase for phrase in sides if len(phrase) > 1)])
        self._not_words = _tree(refused)
        ordinary = _phrases(vocabulary.ordinary, vocabulary.dates)
        self._vocabulary = frozenset(map(fold, own)).union(*phrases, *sides, *refused, *ordinary)
        self._parts = [frozenset(name_words(" ".join((person.name, *person.aliases)))) for person in people]
        self._names = _Node()
        for place, person in enumerate(people):
            for full in full_names(person):
                self._names.reach(full).full.add(place)
            first = first_name(person.name)
            if len(first) > 1 or not single.issuperset(first):
                self._names.reach(first).first.add(place)
        self._quick = all(_LATIN.fullmatch(word) or not word.isascii() for word in self._names.after)

    def read(self, title: str) -> Reading:
        """Whom the title names, by the rule for events without guests."""
        # Most titles name nobody, and a look at their words shows it.
        if self._quick and title.isascii() and self._names.after.keys().isdisjoint(_LATIN.findall(title.lower())):
            return Reading("nobody-named")
        found = tokens(title)
        hits = list(self._hits(found))
        starts = {hit.start for hit in hits}
        alone = [hit for hit in hits if not self._runs_on(hit, starts, found)]
        if not alone:
            people = {place for hit in hits for place in hit.people}
            return Reading("nobody-named", tuple(sorted(people)), "surname" if people else "")
        certain = {place for hit in alone if len(hit.people) == 1 for place in hit.people}
        doubtful = [hit.people for hit in alone if len(hit.people) > 1 and not hit.people & certain]
        people = certain.union(*doubtful)
        named = tuple(sorted(people))
        if len(certain) > 1 or (certain and doubtful) or (doubtful and not frozenset.intersection(*doubtful)):
            return Reading("several-named", named)
        if doubtful:
            return Reading("ambiguous-name", named)
        return self._about(named, found, alone)

    def _about(self, named: tuple[int, ...], found: list[Token], hits: list[_Hit]) -> Reading:
        """Whether a title that names one person speaks of a meeting with them.

        That it is something else is said before a missing meeting word: adding one would not help.
        """
        if any(hit.possessive for hit in hits):
            return Reading("not-a-meeting-title", named, "possessive")
        if _asks(found):
            return Reading("not-a-meeting-title", named, "question")
        in_full_names = [hit for hit in hits if hit.full]
        if _stands(self._not_words, found, in_full_names):
            return Reading("not-a-meeting-title", named, "word")
        if in_full_names or _stands(self._words, found, hits) or any(self._has_sign(hit, found) for hit in hits):
            return Reading("", named)
        return Reading("no-meeting-word", named)

    def _hits(self, found: list[Token]) -> Iterator[_Hit]:
        """The names in a title from left to right, the longest at each place, none overlapping."""
        at = 0
        while at < len(found):
            hit = self._hit(found, at) if found[at].text in self._names.after and _begins(found, at) else None
            if hit:
                yield hit
            at = hit.end if hit else at + 1

    def _hit(self, found: list[Token], start: int) -> _Hit | None:
        node, longest = self._names, None
        for at in range(start, len(found)):
            token = found[at]
            following = node.after.get(token.text)
            if following is None:
                if at > start and token.text in CONNECTORS and token.start == found[at - 1].end:
                    continue  # "Rose-Lynn" and "Rose Lynn", "J. R." and "J R" are the same name
                break
            node = following
            people = node.full or node.first
            if people:
                ending = _ending(found, start, at + 1)
                if ending != "inside":
                    longest = _Hit(start, at + 1, frozenset(people), bool(node.full), ending == "possessive")
        return longest

    def _runs_on(self, hit: _Hit, starts: set[int], found: list[Token]) -> bool:
        """Whether a first name is followed by what looks like a surname that its bearers do not have.

        Told by the capital alone; ordinary words, one's own name and other people's names are no surnames.
        """
        if hit.full or hit.possessive:
            return False
        at = hit.end
        while at < len(found) and found[at].word and found[at].start == found[at - 1].end + 1:
            token = found[at]
            if self._continues(hit, token.text):
                return False
            if token.text in self._vocabulary or not _capitalised(token) or at in starts:
                break
            if len(token.text) > 1:
                return True
            at += 1  # an initial: what follows it tells, and without that it is a surname cut short
            if at < len(found) and found[at].text == "." and found[at].start == found[at - 1].end:
                at += 1
        return at > hit.end

    def _continues(self, hit: _Hit, text: str) -> bool:
        """Whether a word or initial belongs to the full name of one of those a first name may mean."""
        parts = frozenset[str]().union(*(self._parts[place] for place in hit.people))
        return text in parts or (len(text) == 1 and any(part.startswith(text) for part in parts))

    def _has_sign(self, hit: _Hit, found: list[Token]) -> bool:
        """Whether `x` or `/` stands right beside the name."""
        before = found[hit.start - 1].text if hit.start else ""
        after = found[hit.end].text if hit.end < len(found) else ""
        return before in self._beside or after in self._beside


@dataclass(slots=True)
class _Node:
    """A place in the tree of names: the words that may follow, and whose names end here."""

    after: dict[str, _Node] = field(default_factory=dict)
    full: set[int] = field(default_factory=set)
    first: set[int] = field(default_factory=set)

    def reach(self, words: Iterable[str]) -> _Node:
        node = self
        for word in words:
            node = node.after.setdefault(word, _Node())
        return node


class _Hit(NamedTuple):
    """One name found: tokens `start` to `end`, and whom it may mean."""

    start: int
    end: int
    people: frozenset[int]
    full: bool
    """A full name or alias; else a first name alone."""
    possessive: bool


def _phrases(*lists: Iterable[str]) -> list[tuple[str, ...]]:
    """Words and phrases as rows of folded tokens."""
    return [tuple(token.text for token in tokens(phrase)) for phrases in lists for phrase in phrases]


def _tree(phrases: Iterable[tuple[str, ...]]) -> _Node:
    root = _Node()
    for phrase in phrases:
        if phrase:
            root.reach(phrase).full.add(0)
    return root


# --- where names and words begin and end --------------------------------------------------------------------


def _begins(found: Sequence[Token], at: int) -> bool:
    """Whether a whole word begins here, not the second half of "Rose-Lynn" or "O'Brien"."""
    if at < 2 or found[at - 1].text not in CONNECTORS or found[at - 1].end != found[at].start:
        return True
    return not (found[at - 2].word and found[at - 2].end == found[at - 1].start)


def _ending(found: Sequence[Token], start: int, end: int) -> Literal["whole", "inside", "possessive"]:
    """How the name in tokens `start` to `end` ends: as a whole word, inside a longer one, or in the possessive."""
    if end == len(found) or found[end].text not in CONNECTORS or found[end].start != found[end - 1].end:
        return "whole"
    joined = end + 1 < len(found) and found[end + 1].word and found[end + 1].start == found[end].end
    if found[end].text != "'":
        return "inside" if joined else "whole"
    if joined:
        return "possessive" if found[end + 1].text == "s" else "inside"
    quoted = start > 0 and found[start - 1].text == "'" and found[start - 1].end == found[start].start
    return "whole" if quoted else "possessive"


def _asks(found: Sequence[Token]) -> bool:
    """Whether the title ends in a question mark, give or take what may close it: "(Lunch with Jane?)", "Jane?!"."""
    last = len(found) - 1
    while last >= 0 and found[last].text in _CLOSING:
        last -= 1
    return last >= 0 and found[last].text == "?"


def _stands(tree: _Node, found: Sequence[Token], hits: Sequence[_Hit]) -> bool:
    """Whether one of the words stands in the title outside the names: "Gift Okafor" is no gift."""
    taken = {at for hit in hits for at in range(hit.start, hit.end)}
    for start in range(len(found)):
        node: _Node | None = tree
        for at in range(start, len(found)):
            node = node.after.get(found[at].text) if node and at not in taken else None
            if node is None:
                break
            if node.full and not _goes_on(found, start, at):
                return True
    return False


def _goes_on(found: Sequence[Token], first: int, last: int) -> bool:
    """Whether a meeting word is only a part of something else: "1-1" of a date, "1:1" of a time, "w/" of "w/o"."""
    if found[last].text == "/" and last + 1 < len(found) and found[last + 1].text == "o":
        return True
    return any(
        number[0].text.isdigit() and number[1].text in "-:./" and number[2].text.isdigit() and _touching(number)
        for number in (found[max(first - 2, 0) : first + 1], found[last : last + 3])
        if len(number) == 3
    )


def _touching(row: Sequence[Token]) -> bool:
    return all(left.end == right.start for left, right in pairwise(row))


def _capitalised(token: Token) -> bool:
    """Written like a name: "Smith", "McCoy", the initial "S", but not "HR"."""
    return token.written[0].isupper() and (len(token.written) == 1 or not token.written.isupper())
