"""`fikad why NAME`: what was counted, what was not and by which rule, and what the plan says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import click

from daemon.cli.completion import contact_names
from daemon.cli.console import tell
from daemon.cli.options import Paths, clock, command, json_option, print_json
from daemon.durations import at_moment, at_time, counted, gap_in_words, on_day, on_days

if TYPE_CHECKING:
    from daemon.languages.date_style import DateStyle
    from daemon.overview.evidence import Alike, Evidence


_MOST_ALIKE = 5
"""So many titles are shown under one code."""
_WIDEST = datetime(2026, 9, 30, 22, tzinfo=UTC)
"""No date and time is written longer than this one."""


@command("why", help="Why somebody was counted or not, and why they are, or are not, suggested.")
@click.argument("name", shell_complete=contact_names)
@click.option(
    "--all", "each", is_flag=True, help="Every single event, not those of one title once."
)
@json_option
def why_command(paths: Paths, name: str, each: bool, as_json: bool) -> None:
    from daemon.overview.why import explain

    config = paths.load()
    facts = explain(config, paths.state, name, clock())
    if as_json:
        print_json(facts)
    else:
        print_explanation(facts, config.date_style, each=each)


def print_explanation(facts: dict[str, Any], style: DateStyle, *, each: bool = False) -> None:
    """The explanation for a person; `each`: with every single event."""
    from daemon.judging.meanings import COUNTED, NOT_COUNTED
    from daemon.overview.evidence import evidence, usual_gap_of

    tell(f"{facts['contact']}, due {_day(facts['due'], style)}")
    plan = facts["plan"]
    start = plan.get("start") or plan.get("hold", {}).get("start")
    told = f"suggested for {_near(start, style)}" if start else "not suggested"
    tell(f"{told}: {plan['reason']}")
    for span in plan.get("closed_spans", []):
        days = on_days(date.fromisoformat(span["first"]), date.fromisoformat(span["last"]), style)
        tell(f"  {days}: {span['reason']}  [{span['rule']}]", hang=2)
    for sentence in (_free_busy(facts, style), facts["invites"], plan.get("advice")):
        if sentence:
            tell(sentence)
    gap = usual_gap_of(facts["counted"])
    often = "" if gap is None else f", about every {gap_in_words(gap).removeprefix('1 ')}"
    meetings = evidence(facts["counted"], "rule", COUNTED, each=each)
    _print_evidence("counted", meetings, style, each=each, often=often)
    rejected = evidence(facts["rejected"], "code", NOT_COUNTED, each=each)
    _print_evidence("not counted", rejected, style, each=each)


def _print_evidence(
    title: str,
    evidence: Sequence[Evidence],
    style: DateStyle,
    *,
    each: bool,
    often: str = "",
) -> None:
    """Each code with what it means, and under it its events; `often` goes with their number."""
    events = sum(same.events for same in evidence)
    tell(f"\n{title} ({events}){often}:" if events else f"\n{title}: nothing")
    for same in evidence:
        tell(f"  {same.meaning}  [{same.code}]")
        shown = same.alike if each else same.alike[:_MOST_ALIKE]
        for alike in shown:
            tell(f"    {_when(alike, style)}  {_named(alike)}{_often(alike, style)}", hang=2)
        rest = same.alike[len(shown) :]
        if rest:
            more = counted(sum(alike.times for alike in rest), "event")
            tell(f"    … and {more} of other titles; --all shows every one", hang=2)


def _named(alike: Alike) -> str:
    return alike.title or "entered by hand"


def _often(alike: Alike, style: DateStyle) -> str:
    """How many there were, and since when."""
    if alike.times == 1:
        return ""
    return f" ({alike.times} times since {on_day(alike.first.date(), style)})"


def _free_busy(facts: dict[str, Any], style: DateStyle) -> str:
    """What is known of when they are busy, as a sentence."""
    told, name = facts["free_busy"], facts["contact"]
    if told is None:
        return ""
    if told["asked"] is None:
        return f"When {name} is busy is asked when the next suggestion for them is planned."
    day = _day(told["asked"], style)
    if told["busy"] is None:
        why = f" ({'; '.join(told['troubles'])})" if told["troubles"] else ""
        return f"When {name} is busy is unknown: nobody said on {day}{why}."
    return f"When {name} is busy was told on {day}: {counted(len(told['busy']), 'time')}."


def _day(instant: str, style: DateStyle) -> str:
    return on_day(datetime.fromisoformat(instant).date(), style)


def _near(instant: str, style: DateStyle) -> str:
    start = datetime.fromisoformat(instant)
    return at_time(start, start.tzinfo or UTC, style)


def _when(alike: Alike, style: DateStyle) -> str:
    """The latest beginning in the user's zone, as wide as the widest; of a whole day, and of one
    entered by hand, the day."""
    start = alike.latest
    zone = start.tzinfo or UTC
    told = on_day(start.date(), style) if alike.all_day else at_moment(start, zone, style)
    return told.ljust(len(at_moment(_WIDEST, UTC, style)))
