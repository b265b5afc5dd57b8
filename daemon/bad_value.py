"""What is said of a value that somebody wrote and that cannot be understood."""

from __future__ import annotations

from collections.abc import Iterable


class BadValue(ValueError):
    """A value that can't be understood. The text follows the key's name in a sentence; it never
    quotes a secret."""

    def __init__(self, message: str, hint: str = "", missing: str = "") -> None:
        super().__init__(message)
        self.hint = hint
        """What to write instead, or "did you mean …"."""
        self.missing = missing
        """The key of the same table whose absence is the trouble, if one is."""


def suggestion(word: str, known: Iterable[str]) -> str:
    """`did you mean "council"?` for the closest of the known words, empty when none is close."""
    # Imported late: only a mistake needs it.
    from difflib import get_close_matches

    words = {candidate.casefold(): candidate for candidate in known}
    closest = get_close_matches(word.casefold(), words, n=1, cutoff=0.6)
    return f'did you mean "{words[closest[0]]}"?' if closest else ""
