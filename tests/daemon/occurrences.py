"""How many occurrences are held in memory, by whatever."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from connectors.base import Occurrence


def occurrences_in_memory() -> int:
    """All there are in this process."""
    return sum(type(each) is Occurrence for each in gc.get_objects())


@dataclass(slots=True)
class Passing:
    """Occurrences that are made as they are asked for, each time anew, and nowhere else."""

    count: int
    make: Callable[[int], Occurrence]
    most: int = field(default=0, init=False)
    """So many were in memory at once, beside those that were there before."""

    def __iter__(self) -> Iterator[Occurrence]:
        before = occurrences_in_memory()
        for number in range(self.count):
            yield self.make(number)
            self.most = max(self.most, occurrences_in_memory() - before)
