"""Ticking entries of a numbered list by typing: "1,3-5", "all", "none"; works in any terminal and in a pipe."""

from __future__ import annotations

import re
from collections.abc import Mapping


class PickError(ValueError):
    """What was typed does not say which entries are meant. The text says why."""


def picked(text: str, count: int) -> tuple[int, ...]:
    """The entries meant, in order, from 1 to `count`; "-2" takes one out of all. Raises PickError."""
    words = re.split(r"[\s,;]+", re.sub(r"\s*([-–])\s*(?=\d)", r"\1", text.strip().lower()).replace("–", "-"))
    words = [word for word in words if word]
    if words in (["all"], ["a"], ["*"]):
        return tuple(range(1, count + 1))
    if words in ([], ["none"], ["n"], ["0"]):
        return ()
    wanted: set[int] = set()
    unwanted: set[int] = set()
    for word in words:
        found = re.fullmatch(r"(-?)(\d{1,6})(?:-(\d{1,6}))?", word)
        if not found:
            raise PickError(f'"{_shown(word)}" is no number: write for example 1,3-5')
        first, last = int(found[2]), int(found[3] or found[2])
        if not 1 <= first <= last <= count:
            raise PickError(f'"{word}" is not in the list, which goes from 1 to {count}')
        (unwanted if found[1] else wanted).update(range(first, last + 1))
    if not wanted:
        wanted.update(range(1, count + 1))
    return tuple(sorted(wanted - unwanted))


def assigned(text: str, count: int) -> Mapping[int, str]:
    """What "2=friends, 5-7=family" puts where, by number. Raises PickError."""
    found: dict[int, str] = {}
    for part in filter(None, (part.strip() for part in re.split(r"[,;]\s*(?=[\d\s–-]+=)|[,;]\s*$", text))):
        numbers, equals, name = part.partition("=")
        if not equals or not name.strip():
            raise PickError(f'"{_shown(part)}" says no circle: write for example 2=friends')
        found.update(dict.fromkeys(picked(numbers, count), " ".join(name.split())))
    return found


def _shown(text: str) -> str:
    return "".join(character for character in text[:40] if character.isprintable())
