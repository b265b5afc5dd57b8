"""Calendars that are tried: exported into files, or published at an address, taken as one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from connectors.base import Account, Attendee, KnownResources, Occurrence, Problem, Resource
from connectors.files.account import FilesAccount
from connectors.files.ics_text import calendar_zone
from connectors.ical.expansion import Expander
from connectors.ical.expansion_job import ExpansionJob
from connectors.ical.outline import uids
from connectors.web.account import WebAccount
from connectors.web.location import Location, is_address, location_of
from daemon.bad_value import BadValue
from daemon.config.schema import Config, system_zone
from daemon.config.values import parse_feed_address, parse_zone
from daemon.judging.versions import newest

_BOOKED_AHEAD = timedelta(days=120)
"""How far ahead is looked for what is booked with somebody."""


@dataclass(frozen=True, slots=True)
class Export:
    """What all of it holds, as if it were one calendar."""

    name: str
    """What the first calendar calls itself, else its file's name."""
    zone: ZoneInfo
    occurrences: tuple[Occurrence, ...]
    problems: tuple[Problem, ...]
    events: int
    """Events and series, whenever they are; the same one in two calendars is one."""


@dataclass(frozen=True, slots=True)
class ExportSource:
    """One thing to be tried: a file, a folder, a .zip, or an address."""

    path: Path
    location: Location | None = None
    """Instead of the path."""

    @property
    def shown(self) -> str:
        """For people: the file's name, or the host of an address and no more of it."""
        return self.path.name or str(self.path) if self.location is None else self.location.shown

    @property
    def whole(self) -> str:
        """The path as it was given, or the host of an address."""
        return str(self.path) if self.location is None else self.location.shown

    @property
    def size_bytes(self) -> int:
        """Of a file; 0 for everything else."""
        try:
            is_file = self.location is None and self.path.is_file()
            return self.path.stat().st_size if is_file else 0
        except OSError:
            return 0

    def account(self) -> Account:
        """What reads it."""
        if self.location is not None:
            return WebAccount(self.location.shown, self.location, {})
        return FilesAccount("try", self.path, {})


def source_of(written: str) -> ExportSource:
    """What the user means: an address, or else a path. Raises BadValue, which never quotes an
    address."""
    if is_address(written.strip()):
        return ExportSource(Path(), location_of(parse_feed_address(written)))
    return ExportSource(Path(written))


def read_exports(
    sources: Sequence[ExportSource],
    now: datetime,
    ahead: timedelta,
    progress: Callable[[str, str, int, int], None],
) -> Export:
    """The occurrences in all of them from the usual history to `ahead` and a little more.
    `progress` is told, at each event, how many of how many are done. Raises AccountError."""
    resources: dict[str, Resource] = {}
    problems: list[Problem] = []
    names: list[str] = []
    for number, source in enumerate(sources):
        with closing(source.account()) as account:
            for place, calendar in enumerate(account.calendars(now)):
                names.append(calendar.name)
                for batch in calendar.changes(None, KnownResources()):
                    problems += batch.problems
                    resources |= {f"{number}/{place}/{each.href}": each for each in batch.changed}
    zone = _zone(resources.values())
    events = _events(resources.values(), several=len(names) > 1)
    start, end = now - Config().history, now + max(_BOOKED_AHEAD, ahead + timedelta(days=30))
    occurrences: list[Occurrence] = []
    guests: dict[tuple[Attendee, ...], tuple[Attendee, ...]] = {}
    shown = sources[0].shown if len(sources) == 1 else f"{len(sources)} calendars"
    with Expander() as expander:
        # Of an export that may be large neither the texts stay longer than needed, nor the same
        # guests once for each time they met.
        jobs = (
            ExpansionJob(key, (resources.pop(key).text,), start, end, zone)
            for key in tuple(resources)
        )
        count = len(resources)
        for done, (key, expansion) in enumerate(expander.expand(jobs), 1):
            came_from, part, _ = key.split("/", 2)
            occurrences += (
                replace(
                    each,
                    account=came_from,
                    calendar=part,
                    attendees=guests.setdefault(each.attendees, each.attendees),
                )
                for each in expansion.occurrences
            )
            problems += expansion.problems
            progress("try", shown, done, count)
    return Export(
        names[0] if names else shown,
        zone,
        tuple(_each_once(newest(occurrences))),
        tuple(problems),
        events,
    )


def _each_once(occurrences: Iterable[Occurrence]) -> list[Occurrence]:
    """By time, the same event at the same time once: the copy that tells of the most guests."""
    telling: dict[tuple[str, datetime], Occurrence] = {}
    for occurrence in occurrences:
        key = occurrence.uid, occurrence.start
        known = telling.get(key)
        if known is None or len(occurrence.attendees) > len(known.attendees):
            telling[key] = occurrence
    return sorted(telling.values(), key=lambda each: (each.start, each.end, each.uid))


def _events(resources: Iterable[Resource], *, several: bool) -> int:
    if not several:
        return sum(1 for _ in resources)
    return len({frozenset(uids(each.text)) - {""} or each.href for each in resources})


def _zone(resources: Iterable[Resource]) -> ZoneInfo:
    """The zone the export names (X-WR-TIMEZONE), else the system's, else UTC."""
    # Each part of the file begins with the header of the calendar it was in.
    named = next(filter(None, (calendar_zone(part.text) for part in resources)), "")
    if named:
        with suppress(BadValue):
            return parse_zone(named)
    try:
        return system_zone()
    except (LookupError, ValueError, OSError):
        return ZoneInfo("UTC")
