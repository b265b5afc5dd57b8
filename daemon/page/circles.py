"""The geometry of the circles: everybody placed by how long it has been, in cadences.

The angle is a person's own and stays, by circle and name, so that over the weeks they move on a
straight line: outward as time passes, back to the middle when they are met."""

from __future__ import annotations

import math
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from connectors.sanitize import sanitize
from daemon.judging.recency import Standing
from daemon.practice.this_week import QUIET

State = Literal["within", "due", "quiet", "unmet"]
DUE_RING, QUIET_RING, RIM = 160, 250, 330
"""Radii of an urgency of 1, of 2, and of whatever is beyond all measure."""
_CENTRE = 46
WIDTH, HEIGHT = 960, 760
_LABEL_SIZE, _LARGE_LABEL_SIZE = 15, 38
"""Of the names, in the drawing's units; the large ones are for a narrow screen."""
_MOST_LARGE = 6
_LONGEST_NAME = 22


class Box(NamedTuple):
    """What a dot or a name covers."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


@dataclass(frozen=True, slots=True)
class Label:
    """A name, or a circle's, where it is written."""

    text: str
    x: float
    y: float
    anchor: Literal["start", "middle", "end"]


@dataclass(frozen=True, slots=True)
class Dot:
    """One person."""

    standing: Standing
    state: State
    x: float
    y: float
    label: Label | None = None
    """Where there is room for the name."""
    large: Label | None = None
    """The same on a narrow screen."""


@dataclass(frozen=True, slots=True)
class Circles:
    """The drawing; its middle is (0, 0)."""

    dots: tuple[Dot, ...]
    names: tuple[Label, ...]
    """Of the circles, around the rim."""
    borders: tuple[tuple[float, float], ...]
    """Where lines from the middle end that part the circles."""


def circles(standings: Sequence[Standing], order: Sequence[str]) -> Circles:
    """The drawing of these people; `order` are the names of the circles."""
    groups = _groups(standings, order)
    share = 2 * math.pi / max(len(standings) + len(groups), 1)
    angle, dots, names, borders = -math.pi / 2, [], [], []
    for circle, people in groups:
        if len(groups) > 1:
            borders.append(_at(angle, RIM))
            names.append(_rim_label(circle, angle + share * (len(people) + 1) / 2))
        for place, standing in enumerate(people, 1):
            x, y = _at(angle + share * place, _radius(standing.urgency_of_time))
            dots.append(Dot(standing, state_of(standing), x, y))
        angle += share * (len(people) + 1)
    return Circles(tuple(_labelled(dots, names)), tuple(names), tuple(borders))


def state_of(standing: Standing) -> State:
    """Where somebody stands, as it is told by the shape of a dot."""
    if standing.urgency_of_time < 1:
        return "within" if standing.last_met else "unmet"
    if standing.last_met is None:
        return "unmet"
    return "due" if standing.urgency_of_time < QUIET else "quiet"


def _groups(
    standings: Sequence[Standing], order: Sequence[str]
) -> list[tuple[str, list[Standing]]]:
    by_circle: dict[str, list[Standing]] = defaultdict(list)
    for standing in sorted(standings, key=lambda standing: standing.contact.key):
        by_circle[standing.contact.circle].append(standing)
    return [(circle, by_circle[circle]) for circle in (*order, "") if circle in by_circle]


def _radius(urgency: float) -> float:
    if urgency <= 1:
        return _CENTRE + (DUE_RING - _CENTRE) * max(urgency, 0.0)
    if urgency <= QUIET:
        return DUE_RING + (QUIET_RING - DUE_RING) * (urgency - 1) / (QUIET - 1)
    return float(QUIET_RING + (RIM - QUIET_RING) * (1 - 2.0 ** (QUIET - min(urgency, 50))))


def _at(angle: float, radius: float) -> tuple[float, float]:
    return round(math.cos(angle) * radius, 1), round(math.sin(angle) * radius, 1)


def _rim_label(text: str, angle: float) -> Label:
    x, y = _at(angle, RIM + 16)
    side = math.cos(angle)
    anchor: Literal["start", "middle", "end"] = (
        "middle" if abs(side) < 0.35 else "start" if side > 0 else "end"
    )
    return Label(_short(text), x, y + 5, anchor)


def _labelled(dots: Iterable[Dot], names: Sequence[Label]) -> Iterator[Dot]:
    """The names of those who are furthest out first, as long as there is room beside the `names` of
    the circles."""
    outward = sorted(dots, key=lambda dot: -dot.standing.urgency_of_time)
    taken = [Box(dot.x - 7, dot.y - 7, dot.x + 7, dot.y + 7) for dot in outward]
    taken_large = [*taken, *(_box(name, _LARGE_LABEL_SIZE) for name in names)]
    taken += (_box(name, _LABEL_SIZE) for name in names)
    large_left = _MOST_LARGE
    for dot in outward:
        label = _fitting(dot, _LABEL_SIZE, taken)
        large = _fitting(dot, _LARGE_LABEL_SIZE, taken_large) if large_left else None
        large_left -= large is not None
        yield Dot(dot.standing, dot.state, dot.x, dot.y, label, large)


def _fitting(dot: Dot, size: float, taken: list[Box]) -> Label | None:
    """A place for the name beside a dot; what it takes is taken from then on."""
    text = _short(dot.standing.contact.name)
    away, low = 5 + size * 0.4, size * 0.34
    right = Label(text, dot.x + away, dot.y + low, "start")
    left = Label(text, dot.x - away, dot.y + low, "end")
    below = Label(text, dot.x, dot.y + away + size * 0.75, "middle")
    above = Label(text, dot.x, dot.y - away, "middle")
    sides = (right, left) if dot.x >= 0 else (left, right)
    for label in (*sides, below, above):
        box = _box(label, size)
        inside = box.left > -WIDTH / 2 and box.right < WIDTH / 2 and abs(label.y) < HEIGHT / 2 - 10
        if inside and not any(box.meets(other) for other in taken):
            taken.append(box)
            return Label(label.text, round(label.x, 1), round(label.y, 1), label.anchor)
    return None


def _box(label: Label, size: float) -> Box:
    """What a name covers, as far as that can be told without its font."""
    wide = (unicodedata.east_asian_width(sign) in "WF" for sign in label.text)
    width = sum(1.0 if is_wide else 0.58 for is_wide in wide) * size
    left = label.x - {"start": 0.0, "middle": 0.5, "end": 1.0}[label.anchor] * width
    return Box(left, label.y - size * 0.8, left + width, label.y + size * 0.25)


def _short(name: str) -> str:
    text = sanitize(name)
    return text if len(text) <= _LONGEST_NAME else text[: _LONGEST_NAME - 1].rstrip() + "…"
