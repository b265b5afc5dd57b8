"""A list that was begun: its first page tells whether anything changed since a token, and whoever
reads what changed goes on from there, so that nothing is asked for twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, Generic, TypeVar

from connectors.errors import AccountError

_Items = TypeVar("_Items", bound=Sequence[Any])


class TokenGone(Exception):
    """Google no longer knows the token: not an error, but a reason to read in full."""


class Begun(Generic[_Items]):
    """What Google lists since a token, as far as its first page."""

    def __init__(self, token: str, pages: Iterator[tuple[_Items, str | None]]) -> None:
        """`pages` as whoever asks for them gives them: the last one with the token to go on from.
        Asks for the first."""
        self.token = token
        self.unchanged = False
        """One page, whole, and nothing on it."""
        self.failed: AccountError | None = None
        """Why there was no answer that counts: for whoever reads to raise."""
        self._pages: Iterator[tuple[_Items, str | None]] | None = None
        try:
            first = next(pages)
        except AccountError as error:
            self.failed = error
        except TokenGone as gone:
            self._pages = _raising(gone)
        else:
            items, following_token = first
            self.unchanged = not items and following_token is not None
            self._pages = chain((first,), pages)

    def pages_since(self, token: str) -> Iterator[tuple[_Items, str | None]] | None:
        """All pages, the first as it was answered; None where it was another token, or they were
        taken already."""
        if token != self.token:
            return None
        pages, self._pages = self._pages, None
        return pages


def _raising(error: Exception) -> Iterator[Any]:
    yield from ()
    raise error
