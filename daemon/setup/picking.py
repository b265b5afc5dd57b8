"""Ticking entries of a numbered list by typing: "1,3-5", "all", "none"; works in any terminal and
in a pipe."""

from __future__ import annotations

import re
from collections.abc import Mapping

_ASSIGNMENT = re.compile(r"\s*(all|[\d\s,;–-]*\d)\s*=\s*([^=,;\s][^=,;]*)(?:[,;]|$)")


class PickError(ValueError):
    """What was typed does not say which entries are meant. The text says why."""


def picked(text: str, count: int) -> tuple[int, ...]:
    """The entries meant, in order, from 1 to `count`; "-2" takes one out of all. Raises
    PickError."""
    # "3 - 5" is a range, "3 -5" is a three and no five.
    joined = re.sub(r"\s+-\s+(?=\d)|(?<=\d)-\s+(?=\d)", "-", text.strip().lower().replace("–", "-"))
    words = re.split(r"[\s,;]+", joined)
    words = [word for word in words if word]
    if words in (["all"], ["a"], ["*"]):
        return tuple(range(1, count + 1))
    if words in ([], ["none"], ["n"], ["0"]):
        return ()
    wanted: set[int] = set()
    unwanted: set[int] = set()
    for word in words:
        match = re.fullmatch(r"(-?)(\d{1,6})(?:-(\d{1,6}))?", word)
        if not match:
            raise PickError(f'"{_shown(word)}" is no number: write for example 1,3-5')
        first, last = int(match[2]), int(match[3] or match[2])
        if not 1 <= first <= last <= count:
            raise PickError(f'"{word}" is not in the list, which goes from 1 to {count}')
        (unwanted if match[1] else wanted).update(range(first, last + 1))
    if not wanted:
        wanted.update(range(1, count + 1))
    return tuple(sorted(wanted - unwanted))


def assigned(text: str, count: int) -> Mapping[int, str]:
    """What "2=friends, 5-7=family" puts where, by number. Raises PickError."""
    values: dict[int, str] = {}
    at = 0
    while text[at:].strip():
        part = _ASSIGNMENT.match(text, at)
        if not part:
            raise PickError(
                f'"{_shown(text[at:].strip())}" cannot be read: write for example 2=friends, '
                "3-5=close"
            )
        values.update(dict.fromkeys(picked(part[1], count), " ".join(part[2].split())))
        at = part.end()
    return values


def _shown(text: str) -> str:
    return "".join(character for character in text[:40] if character.isprintable())
