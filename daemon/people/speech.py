"""What a title says of the one contact it names: that you meet them, and nobody else, or something
else.

Precision comes first. A meeting word counts only where it stands with the name: right before or
after it, or joined to it by a word for "with". Whatever stands right beside the name and is in no
list ("Mia dentist", "Jane Doe's office") makes the name part of something else; a word for "for"
before it, or a verb such as "email", says the same. A title that is nothing but the name, and
perhaps one's own and a place, speaks of meeting them, too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

from daemon.people.folding import unspaced
from daemon.people.phrases import Kind, Mark, Phrases

Saying: TypeAlias = Literal["meeting", "others", "group", "verb", "about", "part", "no-word"]
"""That you meet; that others are there; what there is to do; that it is for or about them; that the
name is part of something else; or nothing of the kind, where a word would be enough."""

_THROUGH: frozenset[Kind] = frozenset(
    {"sign", "number", "length", "date", "ordinary", "me", "name"}
)
"""What may stand between a name and its meeting word."""
_MEETING: frozenset[Kind] = frozenset({"meeting", "two"})
_BLOCKS: frozenset[Kind] = frozenset({"about", "at", "circumstance"})
_SOMETHING: frozenset[Kind] = frozenset({"word", "verb", "activity"})
"""What makes a name that stands right beside it part of something else."""
_LISTING = frozenset(",;/|-:+")
_COMMAS = frozenset(",;")
_PAIRED = 2
"""Signs of so many letters ("<>") stand between two people and nothing else."""


def saying(
    marks: Sequence[Mark], phrases: Phrases, *, whole: bool, first_names: frozenset[str]
) -> Saying:
    """What a title says of the one person that all its names mean.

    `whole`: one of the names is the full name, an alias or all the name they have. `first_names`
    are those of other contacts: beside the common ones they tell a person from a place.
    """
    if any(mark.kind == "group" for mark in marks):
        return "group"
    title = _Title(marks, phrases, first_names)
    names = [at for at, mark in enumerate(marks) if mark.kind == "name"]
    if title.names_others(names):
        return "others"
    sayings = [title.beside(at) for at in names]
    for strongest in ("meeting", "verb", "about"):
        if strongest in sayings:
            return strongest
    if title.is_nothing_else(names, whole):
        return "meeting"
    return "no-word" if "no-word" in sayings else sayings[0]


class _Title:
    """The marks of one title."""

    __slots__ = ("_first_names", "_marks", "_phrases")

    def __init__(
        self, marks: Sequence[Mark], phrases: Phrases, first_names: frozenset[str]
    ) -> None:
        self._marks, self._phrases, self._first_names = marks, phrases, first_names

    # --- who else is there ---

    def names_others(self, names: Sequence[int]) -> bool:
        """Whether others are named beside the one person, known or not: "Jane and Tom", "Jane,
        Tom", "with Tom"."""
        return (
            any(
                self._joins_others(at)
                for at, mark in enumerate(self._marks)
                if mark.kind in ("and", "between")
            )
            or any(
                self._is_with_others(at)
                for at, mark in enumerate(self._marks)
                if mark.kind == "with"
            )
            or any(self._is_listed(at, step) for at in names for step in (1, -1))
        )

    def _joins_others(self, at: int) -> bool:
        left, right = self._past(at, -1, "sign", "ordinary"), self._past(at, 1, "sign", "ordinary")
        sides = [self._kind(left), self._kind(right)]
        if "name" not in sides and "me" not in sides:
            return False
        others = [
            side for side in (left, right) if self._kind(side) in ("word", "verb", "activity")
        ]
        if self._marks[at].kind == "and":
            return bool(others)
        return any(self._marks[side].capital for side in others)

    def _is_with_others(self, at: int) -> bool:
        return self._kind(self._past(at, 1, "sign", "ordinary", "at")) == "word"

    def _is_listed(self, name: int, step: Literal[1, -1]) -> bool:
        """Whether what stands beside the name, with a comma or another sign between, is somebody
        else."""
        at = self._past(name, step, "sign", "me", "and", "between")
        listing = self._marks[at - step]
        if self._kind(at) != "word" or listing.kind != "sign" or listing.text not in _LISTING:
            return False
        run = [at]
        while self._kind(run[-1] + step) == "word":
            run.append(run[-1] + step)
        words = [self._marks[index] for index in sorted(run)]
        # "lunch jane, tom", but not "lunch jane, will bring the cake".
        like_a_name = words[0].capital or len(words) == 1
        if like_a_name and words[0].text in self._phrases.given_names | self._first_names:
            return True
        if not words[0].capital:
            return False
        if listing.text not in _COMMAS or any(word.text in self._phrases.places for word in words):
            return False
        # "Jane, Xu" may be two people, "Jane, Blue Bottle" hardly.
        alike = len(words) == 1 and self._marks[name].end - self._marks[name].start == 1
        beyond = self._past(run[-1], step, "sign")
        goes_on = self._kind(run[-1] + step) == "and" or (
            self._kind(beyond) == "word"
            and self._marks[beyond].capital
            and self._marks[run[-1] + step].text in _COMMAS
        )
        return alike or goes_on

    # --- what stands with the name ---

    def beside(self, name: int) -> Saying:
        """What the words to the left and right of one name say."""
        if any(mark.kind == "verb" for mark in self._marks[:name]):
            return "verb"
        if self._is_joined_behind(name) or self._is_at_home(name):
            return "meeting"
        left = self._base(name, -1)
        if self._kind(left) in _BLOCKS:
            return "about"
        is_part = self._kind(self._past(name, 1, "ordinary")) in _SOMETHING
        if self._is_pair(name):
            return "meeting"
        if not is_part and (self._kind(left) in _MEETING or self._is_joined(left)):
            return "meeting"
        stands_free = self._kind(name - 1) not in _SOMETHING
        right = self._base(name, 1)
        if stands_free and self._kind(left) != "with" and self._leads(right):
            return "meeting"
        return "part" if is_part or not stands_free or self._kind(right) in _MEETING else "no-word"

    def _base(self, name: int, step: Literal[1, -1]) -> int:
        """The mark that a name leans on: the next that may not stand between a name and its meeting
        word."""
        at = name + step
        while self._is_through(at, name, step):
            at += step
        return at

    def _is_through(self, at: int, name: int, step: Literal[1, -1]) -> bool:
        """Whether a mark may stand between a name and its meeting word."""
        kind = self._kind(at)
        if kind in ("and", "between"):
            return self._kind(self._past(at, step, "sign")) in (*_MEETING, "me", "name")
        # "with @Jane": an @ that begins a name is no place.
        mention = (
            kind == "at"
            and self._marks[at].text == "@"
            and at == name - 1
            and self._kind(at - 1) == "with"
        )
        return mention or kind in _THROUGH

    def _is_pair(self, name: int) -> bool:
        """Whether a sign for two joins the name and one's own: "Jane <> Sam", "Sam/Jane"."""
        for step in (1, -1):
            at = self._past(name, step, "sign", "ordinary")
            if self._kind(at) != "between":
                continue
            own = self._past(at, step, "sign", "ordinary")
            end = own
            while self._kind(end + 1) == "me":
                end += 1
            last = end if step == 1 else name
            if self._kind(own) == "me" and (
                self._marks[at].end - self._marks[at].start >= _PAIRED
                or self._kind(last + 1) not in _SOMETHING
            ):
                return True
        return False

    def _is_joined(self, at: int) -> bool:
        """Whether a word for "with" has a meeting word before it, or nothing: "coffee and cake
        with", "w/"."""
        if self._kind(at) != "with":
            return False
        nearest = next(
            (
                index
                for index in reversed(range(at))
                if self._kind(index) in (*_MEETING, "activity")
            ),
            None,
        )
        if nearest is None:
            return all(mark.kind in _THROUGH for mark in self._marks[:at])
        between = [mark.kind for mark in self._marks[nearest + 1 : at]]
        while between and between[0] in _THROUGH - {"sign"}:
            del between[0]
        return not between or between[0] in ("sign", "at", "circumstance", "and")

    def _is_joined_behind(self, name: int) -> bool:
        """Whether "with" and a meeting word follow the name, as in scripts without spaces:
        "田中さんとランチ"."""
        joins = self._kind(name + 1) == "with" and unspaced(self._marks[name + 1].text)
        return joins and self._kind(name + 2) in (*_MEETING, "activity")

    def _is_at_home(self, name: int) -> bool:
        """Whether the meeting is at their home and the title ends there, a place or a time aside:
        "Tee bei Fatma"."""
        host = self._kind(name - 1) == "at" and self._marks[name - 1].text in self._phrases.hosts
        return host and self._kind(name - 2) in _MEETING and self._kind(name + 1) not in _SOMETHING

    def _leads(self, at: int) -> bool:
        """Whether a meeting word after a name is not itself the beginning of something else: "Mia
        lunch box"."""
        if self._kind(at) not in _MEETING:
            return False
        while self._kind(at + 1) in _MEETING:
            at += 1
        after = self._kind(at + 1)
        return self._kind(at) == "two" or (after not in _SOMETHING and after != "about")

    # --- nothing but the name ---

    def is_nothing_else(self, names: Sequence[int], whole: bool) -> bool:
        """Whether a title is nothing but the name: one's own, signs and a place aside."""
        kinds = {mark.kind for mark in self._marks}
        if not whole and "me" not in kinds:
            return False
        end = self._place(names[-1])
        return all(
            mark.kind in ("name", "sign", "me")
            or (mark.kind == "and" and "me" in kinds)
            or mark.text in self._phrases.forms_of_address
            for mark in self._marks[:end]
        )

    def _place(self, name: int) -> int:
        """Where a place begins that ends the title, after "at" or a comma; else the end of the
        title."""
        rest = self._marks[name + 1 :]
        words = [mark for mark in rest[1:] if mark.kind != "sign"]
        while words and words[0].kind == "ordinary":
            del words[0]
        is_place = (
            bool(words)
            and (rest[0].kind == "at" or rest[0].text == ",")
            and (
                words[0].capital
                or words[0].kind == "number"
                or words[0].text in self._phrases.places
            )
            and all(mark.kind not in ("verb", "with", "about", "two") for mark in words)
            and not any(mark.text in self._phrases.not_names for mark in words)
        )
        return name + 1 if is_place else len(self._marks)

    # --- marks ---

    def _kind(self, at: int) -> Kind | None:
        return self._marks[at].kind if 0 <= at < len(self._marks) else None

    def _past(self, at: int, step: int, *kinds: Kind) -> int:
        """The next place from `at` that is none of these kinds; outside of the title where there is
        none."""
        at += step
        while self._kind(at) in kinds:
            at += step
        return at
