"""`fikad why NAME`: what was counted, what was not and by which rule, and what the plan says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import click

from daemon.cli.completion import contact_names
from daemon.cli.console import tell
from daemon.cli.options import Paths, clock, command, json_option, print_json
from daemon.durations import at_moment, at_time, counted, on_day
from daemon.languages.date_style import DateStyle


@command("why", help="Why somebody was counted or not, and why they are, or are not, suggested.")
@click.argument("name", shell_complete=contact_names)
@json_option
def why_command(paths: Paths, name: str, as_json: bool) -> None:
    from daemon.overview.why import explain

    config = paths.load()
    facts = explain(config, paths.state, name, clock())
    if as_json:
        print_json(facts)
    else:
        print_explanation(facts, config.date_style)


_WIDEST = datetime(2026, 9, 30, 22, tzinfo=UTC)
"""No date and time is written longer than this one."""


def print_explanation(facts: dict[str, Any], style: DateStyle) -> None:
    """The explanation for a person."""
    tell(f"{facts['contact']}, due {_day(facts['due'], style)}")
    plan = facts["plan"]
    start = plan.get("start") or plan.get("hold", {}).get("start")
    told = f"suggested for {_near(start, style)}" if start else "not suggested"
    tell(f"{told}: {plan['reason']}")
    for day in plan.get("closed", []):
        tell(
            f"  {on_day(date.fromisoformat(day['day']), style)}: {day['reason']}  [{day['rule']}]",
            hang=2,
        )
    for sentence in (_free_busy(facts, style), facts["invites"], plan.get("advice")):
        if sentence:
            tell(sentence)
    tell(f"\ncounted ({len(facts['counted'])}):")
    for event in reversed(facts["counted"]):
        tell(
            f"  {_when(event, style)}  {event['title'] or 'entered by hand'}  [{event['rule']}]",
            hang=2,
        )
    tell(f"\nnot counted ({len(facts['rejected'])}):")
    for event, times in _alike(facts["rejected"]):
        often = f" ({times} times, first on {_day(event['first'], style)})" if times > 1 else ""
        why = f"[{event['code']}] {event['reason']}{often}"
        tell(f"  {_when(event, style)}  {event['title']}  {why}", hang=2)


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


def _when(event: dict[str, Any], style: DateStyle) -> str:
    """The beginning in the user's zone, as wide as the widest; of a whole day, and of one entered
    by hand, the day."""
    start = datetime.fromisoformat(event["start"])
    zone = start.tzinfo or UTC
    told = _day(event["start"], style) if event["all_day"] else at_moment(start, zone, style)
    return told.ljust(len(at_moment(_WIDEST, UTC, style)))


def _alike(rejected: Sequence[dict[str, Any]]) -> list[tuple[dict[str, Any], int]]:
    """The rejected, the latest first; those with one title and one reason (a daily stand-up) once,
    with how often."""
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for contact in reversed(rejected):
        groups.setdefault((contact["title"], contact["reason"]), []).append(contact)
    return [({**same[0], "first": same[-1]["start"]}, len(same)) for same in groups.values()]
