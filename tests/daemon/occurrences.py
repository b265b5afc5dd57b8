"""Occurrences that tell how many of them are held in memory, by whatever."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields

from connectors.base import Occurrence


class Watched(Occurrence):
    """An occurrence whose end can be seen."""

    __slots__ = ("__weakref__",)


def occurrences_in_memory() -> int:
    """All there are in this process. Takes long where many objects of any kind are there."""
    return sum(type(each) is Occurrence for each in gc.get_objects())


@dataclass(slots=True)
class Passing:
    """Occurrences that are made as they are asked for, each time anew, and nowhere else."""

    count: int
    make: Callable[[int], Occurrence]
    most: int = field(default=0, init=False)
    """So many were in memory at once."""

    def __iter__(self) -> Iterator[Occurrence]:
        there: list[weakref.ref[Watched]] = []
        for number in range(self.count):
            made = self.make(number)
            watched = Watched(*(getattr(made, each.name) for each in fields(made)))
            there.append(weakref.ref(watched))
            yield watched
            del made, watched
            there = [each for each in there if each() is not None]
            self.most = max(self.most, len(there))
