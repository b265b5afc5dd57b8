"""Calendar text is inert: what strangers wrote may be shown in a terminal, a page or a log, and do
nothing there.

Whatever is not printable goes: escape sequences, NUL, marks that turn the direction of text,
invisible joiners. White space of any kind and amount, line separators included, becomes one space.
"""

from __future__ import annotations


def sanitize(text: str, limit: int | None = None) -> str:
    """`text` on one line, printable characters only, white space folded, cut to `limit`
    characters."""
    if not text.isprintable():
        text = "".join(c for c in text if c.isprintable() or c.isspace())
    text = " ".join(text.split())
    return text if limit is None else text[:limit].rstrip()
