"""The figures as tables, in Markdown, aligned for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median

from bench.comparison import MEGABYTE, Line
from bench.growth import Size
from bench.measured import Cost


def comparison(lines: Sequence[Line]) -> str:
    """Both side by side: medians, with the smallest and largest where there were several."""
    rows = [["", "fikad", "vdirsyncer + khal", "ratio", "target", ""]]
    for line in lines:
        targets = [f"≤ {line.most:.2f}" if line.most is not None else ""]
        targets += [f"{line.most_ours:g}" if line.most_ours is not None else ""]
        rows.append(
            [
                line.what,
                _figure(line.ours, line.unit),
                _figure(line.theirs, line.unit),
                f"{line.ratio:.3f}",
                "".join(targets),
                line.verdict,
            ]
        )
    return _aligned(rows)


def growth(name: str, first: str, sizes: Sequence[Size]) -> str:
    """A line for each size; seconds of processor time."""
    head = [name, first, "poll, own process", "poll, staying"]
    rows = [[*head, "judging", "planning", "status", "why"]]
    for size in sizes:
        resident = size.resident
        inside = (resident.poll, resident.judging, resident.planning)
        figures = (size.poll.cpu_seconds, *inside, size.status.cpu_seconds, size.why.cpu_seconds)
        cells = (f"{figure:.3f}" for figure in figures)
        rows.append([f"{size.number:,}", f"{size.first.cpu_seconds:.2f}", *cells])
    return _aligned(rows)


def memory(name: str, first: str, sizes: Sequence[Size]) -> str:
    """A line for each size; megabytes at the largest moment."""
    rows = [[name, first, "poll, own process", "poll, staying", "status", "why"]]
    for size in sizes:
        peaks = (
            each.peak_bytes
            for each in (size.first, size.poll, size.resident, size.status, size.why)
        )
        rows.append([f"{size.number:,}", *(f"{peak / MEGABYTE:.0f}" for peak in peaks)])
    return _aligned(rows)


def peers(costs: Mapping[str, Sequence[Sequence[Cost]]]) -> str:
    """Each peer's first reads, the sum of its programs, and as the first one's multiple: the median
    of what was measured in one turn, with the smallest and largest."""
    rows = [["", "CPU", "ratio", "wall clock", "peak memory"]]
    first = [_sum(turn, "cpu_seconds") for turn in next(iter(costs.values()))]
    for name, turns in costs.items():
        cpu = [_sum(turn, "cpu_seconds") for turn in turns]
        ratios = [each / ours for each, ours in zip(cpu, first, strict=True)]
        peak = median(max(cost.peak_bytes for cost in turn) for turn in turns) / MEGABYTE
        rows.append(
            [
                name,
                _figure(cpu, "s"),
                _figure(ratios, ""),
                _figure([_sum(turn, "wall_seconds") for turn in turns], "s"),
                f"{peak:.0f} MB" if peak else "not known",
            ]
        )
    return _aligned(rows)


def _sum(turn: Sequence[Cost], what: str) -> float:
    return float(sum(getattr(cost, what) for cost in turn))


def _figure(values: Sequence[float], unit: str) -> str:
    middle, least, most = (_short(value) for value in (median(values), min(values), max(values)))
    spread = f" ({least}–{most})" if least != most else ""
    return f"{middle} {unit}".rstrip() + spread


def _short(value: float) -> str:
    return (
        f"{value:.0f}"
        if value >= 20 or value == int(value)
        else f"{value:.2f}"
        if value >= 1
        else f"{value:.3f}"
    )


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]

    def line(row: Sequence[str]) -> str:
        cells = [
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        return f"| {' | '.join(cells)} |"

    rule = (
        "|"
        + "|".join(
            f"{'-' * (width + 1)}{':' if place else '-'}" for place, width in enumerate(widths)
        )
        + "|"
    )
    return "\n".join([line(rows[0]), rule, *(line(row) for row in rows[1:])])
