"""The most valuable flow of people into times, under caps that are nested: cell, day, part of the
week, week, all.

One best path after another (successive longest paths): each adds one person and may send others
elsewhere on the way, so the flow found is the best of its size, and the paths' gains only ever
fall. It ends when no path gains anything."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

_TINY = 1e-12


class Arc(NamedTuple):
    """A person who may be in a cell, and what that is worth."""

    person: int
    cell: int
    value: float


class Cell(NamedTuple):
    """Times of one day of which no more than `most` may be taken."""

    day: date
    week: date
    """The Monday of its week."""
    most: int = 1

    @property
    def part(self) -> tuple[date, int]:
        """The part of the week: Monday and Tuesday, Wednesday and Thursday, or the rest."""
        return self.week, min(self.day.weekday() // 2, 2)


class Caps(NamedTuple):
    """How many may be taken."""

    total: int
    days: Mapping[date, int]
    weeks: Mapping[date, int]
    """By Monday."""
    crowding: float = 0.0
    """What every hold but the first in a part of a week takes off."""


def best_flow(
    arcs: Sequence[Arc], cells: Sequence[Cell], caps: Caps
) -> tuple[float, dict[int, int]]:
    """The greatest value, less the crowding, and the cell of everybody who is given one.

    Values are positive. The same arcs in the same order give the same cells.
    """
    network = _Network(arcs, cells, caps)
    value = 0.0
    for _ in range(caps.total):
        gain = network.augment()
        if gain <= _TINY:
            break
        value += gain
    return value, network.seats()


class _Node(NamedTuple):
    node: int
    new: bool


class _Network:
    """Nodes are numbers: the source, people, cells, days, parts, weeks, the sink."""

    def __init__(self, arcs: Sequence[Arc], cells: Sequence[Cell], caps: Caps) -> None:
        self._head: list[int] = []
        self._capacity: list[int] = []
        self._gain: list[float] = []
        """Edges in pairs: an even one and, after it, its reverse."""
        self._out: list[list[int]] = []
        self._people: dict[int, int] = {}
        self._seats: dict[int, tuple[int, int]] = {}
        self._source, self._sink = self._node(), self._node()
        self._nodes: dict[object, int] = {}
        cell_nodes: dict[int, int] = {}
        for number in sorted({arc.cell for arc in arcs}):
            cell = cells[number]
            day, part, week = (
                self._found_or_made(key)
                for key in (("day", cell.day), ("part", cell.part), ("week", cell.week))
            )
            cell_nodes[number] = self._node()
            self._edge(cell_nodes[number], day.node, cell.most, 0.0)
            if day.new:
                self._edge(day.node, part.node, caps.days[cell.day], 0.0)
            if part.new:
                self._edge(part.node, week.node, 1, 0.0)
                self._edge(part.node, week.node, caps.total, -caps.crowding)
            if week.new:
                self._edge(week.node, self._sink, caps.weeks[cell.week], 0.0)
        for arc in arcs:
            if arc.person not in self._people:
                self._people[arc.person] = self._node()
                self._edge(self._source, self._people[arc.person], 1, 0.0)
            self._seats[len(self._head)] = (arc.person, arc.cell)
            self._edge(self._people[arc.person], cell_nodes[arc.cell], 1, arc.value)

    def _found_or_made(self, key: object) -> _Node:
        new = key not in self._nodes
        if new:
            self._nodes[key] = self._node()
        return _Node(self._nodes[key], new)

    def _node(self) -> int:
        self._out.append([])
        return len(self._out) - 1

    def _edge(self, tail: int, head: int, capacity: int, gain: float) -> None:
        for start, end, space, worth in ((tail, head, capacity, gain), (head, tail, 0, -gain)):
            self._out[start].append(len(self._head))
            self._head.append(end)
            self._capacity.append(space)
            self._gain.append(worth)

    def augment(self) -> float:
        """Add the path that gains most; its gain, 0 when there is none that gains."""
        best = [float("-inf")] * len(self._out)
        by = [-1] * len(self._out)
        waiting = [False] * len(self._out)
        best[self._source] = 0.0
        queue = deque([self._source])
        while queue:
            node = queue.popleft()
            waiting[node] = False
            for edge in self._out[node]:
                end = self._head[edge]
                if self._capacity[edge] and best[node] + self._gain[edge] > best[end] + _TINY:
                    best[end], by[end] = best[node] + self._gain[edge], edge
                    if not waiting[end]:
                        waiting[end] = True
                        queue.append(end)
        if best[self._sink] <= _TINY:
            return 0.0
        node = self._sink
        while node != self._source:
            edge = by[node]
            self._capacity[edge] -= 1
            self._capacity[edge ^ 1] += 1
            node = self._head[edge ^ 1]
        return best[self._sink]

    def seats(self) -> dict[int, int]:
        """The cell of everybody who has one."""
        return {
            person: cell for edge, (person, cell) in self._seats.items() if not self._capacity[edge]
        }
