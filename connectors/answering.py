"""The answering lines of a hold's description: how to answer it, for as long as it asks.

Once it is answered they are untrue ("If you do nothing, it goes away"), and they alone are taken
out. Programs keep
texts in their own way: other line breaks, other white space, HTML. What is a person's own stays
letter for letter."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from functools import lru_cache

_TAKEN = "\0"
_EMPTY = re.compile(r"(?:\s|<br\s*/?>|</?p>|\0)*\0(?:\s|<br\s*/?>|</?p>|\0)*", re.IGNORECASE)
_QUOTES = {'"': '(?:"|&quot;|&#34;|\\\\")', "'": "(?:'|&#39;|&apos;)", "&": "(?:&amp;|&)"}


def asks(text: str, lines: Collection[str]) -> bool:
    """Whether any of the answering `lines` stands in a description, white space and HTML aside."""
    return bool(lines) and _pattern(tuple(lines)).search(text) is not None


def without_lines(text: str, lines: Collection[str]) -> str:
    """The description without these lines; as it was where none of them is in it."""
    if not asks(text, lines):
        return text
    marked = _pattern(tuple(lines)).sub(_TAKEN, text.replace(_TAKEN, ""))
    kept: list[str] = []
    for line in marked.split("\n"):
        if _TAKEN not in line:
            kept.append(line)
        elif not _EMPTY.fullmatch(line):
            kept.append(line.replace(_TAKEN, ""))
        elif kept and not kept[-1].strip():
            kept.pop()  # the blank line that set them off
    return "\n".join(kept).rstrip()


@lru_cache(16)
def _pattern(lines: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(
        "|".join(_line(line) for line in sorted(lines, key=len, reverse=True) if line.strip())
    )


def _line(line: str) -> str:
    return r"\s+".join(_letters(word) for word in line.split())


def _letters(word: Iterable[str]) -> str:
    return "".join(_QUOTES.get(letter) or re.escape(letter) for letter in word)
