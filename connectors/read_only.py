"""What all calendars have in common that are only read."""

from __future__ import annotations

from collections.abc import Collection

from connectors.base import HoldDraft, Resource
from connectors.errors import ReadOnlyError


class ReadOnly:
    """The half of `connectors.base.Calendar` that writes, refused: nothing of ours is ever in such
    a calendar."""

    def __init__(self, what: str) -> None:
        """`what` is said of it in a refusal, as in "export.zip is a .zip"."""
        self._what = what

    @property
    def writable(self) -> bool:
        return False

    @property
    def owner(self) -> str:
        """Unknown: it does not say whose it is."""
        return ""

    @property
    def keeps_history(self) -> bool:
        """Never: all of it is read after a change."""
        return False

    def read(self, uid: str) -> Resource | None:
        """Holds are never in it."""
        return None

    def took_back(self, uid: str) -> bool:
        return False

    def create(self, draft: HoldDraft) -> Resource:
        raise self._refusal()

    def update(self, stored: Resource, draft: HoldDraft) -> Resource:
        raise self._refusal()

    def complete(self, stored: Resource, lines: Collection[str]) -> Resource:
        raise self._refusal()

    def delete(self, stored: Resource) -> None:
        raise self._refusal()

    def _refusal(self) -> ReadOnlyError:
        return ReadOnlyError(
            f"{self._what}, which is only read", "choose another account for holds"
        )
