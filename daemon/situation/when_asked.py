"""What is loaded when it is first asked for: most polls never look at it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar, overload

_Item = TypeVar("_Item")


class WhenAsked(Sequence[_Item]):
    """A sequence that is loaded once, when it is first looked into. Raises then what loading
    raises."""

    def __init__(self, load: Callable[[], Sequence[_Item]]) -> None:
        self._load = load
        self._loaded: Sequence[_Item] | None = None

    @overload
    def __getitem__(self, index: int) -> _Item: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[_Item]: ...
    def __getitem__(self, index: int | slice) -> _Item | Sequence[_Item]:
        return self._items[index]

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[_Item]:
        return iter(self._items)

    @property
    def _items(self) -> Sequence[_Item]:
        if self._loaded is None:
            self._loaded = self._load()
        return self._loaded
