"""`fikad try FILE.ics`: what fikad would make of a calendar, without an account, a config or a trace.

The file is read by the same connector, expansion and judgements as any other calendar. The people found in it are taken
for contacts with the cadence proposed for them, everything else is the default config.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from connectors.base import Occurrence, Problem
from daemon.cli.options import Places, clock, command, json_option, moment, print_json

if TYPE_CHECKING:
    from rich.console import Console

    from connectors.base import Resource
    from daemon.discovery import Found
    from daemon.discovery_addresses import Guess
    from daemon.planner import Plan
    from daemon.reading import Progress

_BOOKED_AHEAD = timedelta(days=120)
"""How far ahead is looked for what is booked with somebody."""
_MOST_PEOPLE = 30
_MOST_PROBLEMS = 5
_ZONE = re.compile(r"^X-WR-TIMEZONE[^:\r\n]*:[ \t]*([^\r\n]+?)[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Export:
    """What a file holds."""

    name: str
    """What the calendar calls itself, else the file's name."""
    zone: ZoneInfo
    occurrences: tuple[Occurrence, ...]
    problems: tuple[Problem, ...]
    events: int
    """Events and series in the file, whenever they are."""


@dataclass(frozen=True, slots=True)
class Trial:
    """Everything that is shown."""

    export: Export
    me: Guess
    people: tuple[Found, ...]
    plan: Plan
    names: dict[str, str]
    """By contact key."""
    now: datetime
    weeks: int


@command("try", help="Look at an exported .ics file: whom you meet, who has gone quiet, what fikad would suggest.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--me", multiple=True, metavar="ADDRESS", help="Your own address; may be given several times.")
@click.option("--weeks", type=click.IntRange(1, 52), default=2, show_default=True, help="How far ahead to suggest.")
@json_option
def try_command(places: Places, file: Path, me: tuple[str, ...], weeks: int, as_json: bool) -> None:
    """Writes nothing anywhere. Exit code 12 when the file cannot be read."""
    from daemon.cli.progress import reading_progress

    now = clock()
    addresses = tuple(_address(one) for one in me)
    with reading_progress() as progress:
        export = read_export(file, now, timedelta(weeks=weeks), progress)
    trial = try_out(export, addresses, weeks, now)
    if as_json:
        print_json({"file": str(file), **as_facts(trial)})
    else:
        _print(file, trial)


def _address(written: str) -> str:
    from daemon.config_values import BadValue, parse_email

    try:
        return parse_email(written)
    except BadValue as error:
        raise click.UsageError(f'--me "{written}" {error}: {error.hint}') from None


def read_export(file: Path, now: datetime, ahead: timedelta, progress: Progress) -> Export:
    """The occurrences in a file from the usual history to `ahead` and a little more. Raises AccountError."""
    from connectors.expansion import Expander, Job
    from connectors.files import FilesAccount
    from daemon.config import Config

    resources: list[Resource] = []
    problems: list[Problem] = []
    calendars = FilesAccount("try", file, {}).calendars(now)
    for calendar in calendars:
        for batch in calendar.changes(None, {}):
            resources += batch.changed
            problems += batch.problems
    zone = _zone(resources)
    start, end = now - Config().history, now + max(_BOOKED_AHEAD, ahead + timedelta(days=30))
    occurrences: list[Occurrence] = []
    with Expander() as expander:
        jobs = (Job(one.href, (one.text,), start, end, zone) for one in resources)
        for done, (_, expansion) in enumerate(expander.expand(jobs), 1):
            occurrences += expansion.occurrences
            problems += expansion.problems
            progress("try", file.name, done, len(resources))
    occurrences.sort(key=lambda one: (one.start, one.end, one.uid))
    name = calendars[0].name if calendars else file.name
    return Export(name, zone, tuple(occurrences), tuple(problems), len(resources))


def _zone(resources: Sequence[Resource]) -> ZoneInfo:
    """The zone the export names (X-WR-TIMEZONE), else the system's, else UTC."""
    from daemon.config import system_zone
    from daemon.config_values import BadValue, parse_zone

    for one in resources[:1]:
        named = _ZONE.search(one.text)
        if named:
            try:
                return parse_zone(named[1])
            except BadValue:
                break
    try:
        return system_zone()
    except (LookupError, ValueError, OSError):
        return ZoneInfo("UTC")


def try_out(export: Export, me: Sequence[str], weeks: int, now: datetime) -> Trial:
    """The judgements of the default config on what a file holds; `me` are the user's addresses, guessed if empty."""
    from daemon.busy import busy
    from daemon.config import Config, Rhythm
    from daemon.contacts import Contact
    from daemon.discovery import discover
    from daemon.discovery_addresses import Guess, guess_me
    from daemon.fit import habits
    from daemon.planner import plan
    from daemon.recency import Met, standings
    from daemon.slots import lookahead, openings

    guess = Guess(tuple(me), "You said so.") if me else guess_me(export.occurrences, export.name)
    mine = frozenset(guess.addresses)
    rhythm = Rhythm(horizon=timedelta(weeks=weeks))
    config = Config(rhythm=rhythm)
    people = discover(export.occurrences, mine, config.meetings, now, export.zone)
    # Somebody met once, long ago, would be the most overdue of all.
    wanted = [one for one in people if one.gap_days is not None] or people
    met = [meeting for one in wanted for meeting in one.met]
    found = standings(
        [Contact(one.key, one.name, one.cadence, frozenset(one.addresses), circle=one.circle) for one in wanted],
        now=now,
        zone=export.zone,
        meetings=met,
        booked=[Met(one.key, one.next_booked, one.next_booked) for one in wanted if one.next_booked],
    )
    open_slots = openings(
        config.offered,
        busy(export.occurrences, export.problems, mine=mine, zone=export.zone, within=lookahead(rhythm, now)),
        availability=config.availability,
        rhythm=rhythm,
        zone=export.zone,
        now=now,
    )
    chosen = plan(
        found, open_slots.slots, held=(), rhythm=rhythm, zone=export.zone, now=now, habits=habits(met, export.zone)
    )
    return Trial(export, guess, people, chosen, {one.key: one.name for one in people}, now, weeks)


def as_facts(trial: Trial) -> dict[str, Any]:
    """What was found as JSON; times with the offset of the calendar's zone."""
    from daemon.cli.found import as_facts as person

    zone = trial.export.zone
    return {
        "calendar": trial.export.name,
        "timezone": zone.key,
        "events": trial.export.events,
        "me": {"addresses": list(trial.me.addresses), "reason": trial.me.reason, "unsure": trial.me.unsure},
        "people": [person(one, zone) for one in trial.people],
        "gone_quiet": [one.name for one in trial.people if one.trend == "gone quiet"],
        "holds": [
            {
                "contact": one.contact.name,
                "start": moment(one.slot.start, zone),
                "end": moment(one.slot.end, zone),
                "title": _title(one.occasion, one.contact.name),
                "reason": f"{one.reason} {one.slot_reason}",
            }
            for one in trial.plan.proposals
        ],
        "waiting": [
            {"contact": trial.names[one.contact_key], "code": one.code, "reason": one.reason}
            for one in trial.plan.waiting
        ],
        "problems": [{"uid": one.uid, "reason": one.reason} for one in trial.export.problems],
    }


def _title(occasion: str, name: str) -> str:
    from daemon.config import BUILT_IN_OCCASIONS

    return BUILT_IN_OCCASIONS[occasion].title.replace("{name}", name)


def _print(file: Path, trial: Trial) -> None:
    from rich.text import Text

    from connectors.inert import clean
    from daemon.cli.found import paper, print_people

    to = paper()
    events = f"{trial.export.events:,} event{'' if trial.export.events == 1 else 's'}"
    to.print(Text(f"{clean(file.name)}: {events}, times in {trial.export.zone.key}."))
    to.print(Text(_whose(trial.me)))
    if trial.people:
        to.print()
        to.print(Text(f"People you met one-on-one in the last three years ({len(trial.people)}):", style="bold"))
        print_people(to, trial.people, trial.now, most=_MOST_PEOPLE)
        _print_quiet(to, trial)
        _print_plan(to, trial)
    else:
        to.print(Text(_nobody(trial)))
    _print_problems(to, trial.export.problems)
    to.print()
    to.print(Text("Nothing was written anywhere. `fikad init` sets it up."))


def _whose(me: Guess) -> str:
    if not me.addresses:
        return f"{me.reason} If you have an address in it, name it with --me ADDRESS."
    advice = ""
    if me.reason != "You said so.":
        advice = " Somebody else does as much: if this is" if me.unsure else " If this is"
        advice += " not you, run again with --me ADDRESS."
    return f"Taken for you: {', '.join(me.addresses)}. {me.reason}{advice}"


def _nobody(trial: Trial) -> str:
    if not trial.export.occurrences:
        return "No event lies in the last three years or ahead: is this the right file, and a recent export?"
    return "No completed one-on-one was found in the last three years. Is it you that was guessed? See --me."


def _print_quiet(to: Console, trial: Trial) -> None:
    from rich.text import Text

    from daemon.recency import ago

    quiet = [one for one in trial.people if one.trend == "gone quiet"]
    to.print()
    if not quiet:
        to.print(Text("Nobody has gone quiet."))
        return
    to.print(Text("Gone quiet:", style="bold"))
    for one in quiet[:_MOST_PEOPLE]:
        to.print(Text(f"  {one.name}, last met {ago(trial.now - one.last_met)}. {one.why}"))


def _print_plan(to: Console, trial: Trial) -> None:
    from rich.text import Text

    weeks = "week" if trial.weeks == 1 else f"{trial.weeks} weeks"
    to.print()
    if not trial.plan.proposals:
        to.print(Text(f"In the coming {weeks} fikad would suggest nothing:", style="bold"))
        for reason in dict.fromkeys(one.reason for one in trial.plan.waiting[:3]):
            to.print(Text(f"  {reason}"))
        return
    to.print(Text(f"In the coming {weeks} fikad would pencil in (one a week, Monday to Friday):", style="bold"))
    for one in sorted(trial.plan.proposals, key=lambda proposal: proposal.slot.start):
        start = one.slot.start.astimezone(trial.export.zone)
        title = _title(one.occasion, one.contact.name)
        to.print(Text(f"  {start:%a} {start.day} {start:%b %H:%M}  {title}  {one.reason}"))


def _print_problems(to: Console, problems: Sequence[Problem]) -> None:
    from collections import Counter

    from rich.text import Text

    from connectors.inert import clean

    if not problems:
        return
    to.print()
    to.print(Text(f"Set aside ({len(problems)}):", style="bold"))
    reasons = Counter(clean(one.reason, 200) for one in problems).most_common()
    for reason, times in reasons[:_MOST_PROBLEMS]:
        to.print(Text(f"  {f'{times} times: ' if times > 1 else ''}{reason}"))
    if len(reasons) > _MOST_PROBLEMS:
        to.print(Text(f"  … and {len(reasons) - _MOST_PROBLEMS} other reasons; --json lists them all."))
