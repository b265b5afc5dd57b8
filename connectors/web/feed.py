"""What a published calendar says, and how far it can be believed.

Publishers write the text anew for everybody who asks, so its times of writing (DTSTAMP) say nothing
about an event: an event is the same while all else in it is. Some list only so much of the past."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from connectors.base import Resource
from connectors.errors import UnreadableError
from connectors.files.decoding import decode
from connectors.files.ics_text import calendar_name, header_value, is_whole, split
from connectors.files.stored import UnfitError
from connectors.ical.outline import Nesting, edge_of, name_of, unfolded, value_of
from connectors.sanitize import sanitize

ADVICE = "check that its address is that of the .ics, and that the calendar is still published"

_DAY = re.compile(r"\d{8}")
_UNTIL = re.compile(r"UNTIL=(\d{8})", re.IGNORECASE)
_FREE_BUSY = re.compile(r"^BEGIN:VFREEBUSY", re.IGNORECASE | re.MULTILINE)
_MOMENT = re.compile(r"(\d{8})T(\d{6})Z")
_DURATION = re.compile(r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:\d+S)?)?")
_BUSY_TITLES = frozenset(
    {"", "busy", "free", "tentative", "away", "out of office", "working elsewhere", "no title"}
    | {"gebucht", "beschäftigt", "frei", "mit vorbehalt", "abwesend", "occupé", "ocupado"}
    | {"occupato", "bezet", "upptagen", "optaget", "opptatt", "varattu", "zajęty"}
)
"""What stands for a title where only free/busy is published (Outlook, Google)."""
_LEAST_EVENTS = 3


@dataclass(frozen=True, slots=True)
class Feed:
    """A published calendar as it was found at one moment."""

    name: str
    """What it calls itself; empty where it does not say."""
    resources: tuple[Resource, ...]
    """One for each UID. The ETag is a digest of what the event says, a dot, and the last day of it
    (`YYYYMMDD`; empty where it has no end)."""
    renewed_every: timedelta | None
    """What it says of itself (RFC 7986 REFRESH-INTERVAL, X-PUBLISHED-TTL)."""
    written: datetime | None
    """The latest DTSTAMP (UTC)."""
    modified: Mapping[str, datetime]
    """When each resource was changed last, by href, where it says so (UTC)."""
    busy_only: bool
    """Whether it tells only when its owner is busy."""

    @property
    def digest(self) -> str:
        """Equal for two feeds with the same events and name."""
        lines = sorted(f"{resource.href}\0{resource.etag}\n" for resource in self.resources)
        return hashlib.sha256("".join([self.name, *lines]).encode()).hexdigest()[:32]


def read_feed(content: bytes, host: str) -> Feed:
    """What stands in an answer. Raises UnreadableError when it is no whole calendar."""
    text = _text_of(content, host)
    events = split(text)
    if not events and _FREE_BUSY.search(text):
        raise UnreadableError(
            f"what {host} answers is a table of busy times without events",
            "publish the calendar's events, if only as busy",
        )
    parts = {uid: _Part(part) for uid, part in sorted(events.items())}
    return Feed(
        name=sanitize(calendar_name(text), 200),
        resources=tuple(Resource(uid, part.etag, events[uid]) for uid, part in parts.items()),
        renewed_every=_duration(
            header_value(text, "REFRESH-INTERVAL") or header_value(text, "X-PUBLISHED-TTL")
        ),
        written=max((part.written for part in parts.values() if part.written), default=None),
        modified={uid: part.modified for uid, part in parts.items() if part.modified},
        busy_only=_tell_only_busy(parts.values()),
    )


def _text_of(content: bytes, host: str) -> str:
    answer = f"what {host} answers"
    try:
        text = decode(content, answer)
    except UnfitError as problem:
        raise UnreadableError(problem.what, ADVICE) from None
    if not is_whole(text):
        raise UnreadableError(f"{answer} is cut off or is no calendar", ADVICE)
    return text


def _tell_only_busy(parts: Collection[_Part]) -> bool:
    titles = [title.casefold() for part in parts for title in part.titles]
    return (
        len(titles) >= _LEAST_EVENTS
        and _BUSY_TITLES.issuperset(titles)
        and not any(part.invites for part in parts)
    )


class _Part:
    """One event (a series with its exceptions), looked at line by line."""

    def __init__(self, text: str) -> None:
        self.titles: list[str] = []
        self.invites = False
        self.written: datetime | None = None
        self.modified: datetime | None = None
        self._endless = False
        self._days: set[str] = set()
        nesting, digest = Nesting(), hashlib.sha256()
        for line in unfolded(text):
            edge, name = edge_of(line), name_of(line)
            if edge is not None:
                nesting.step(*edge)
                if edge == (True, "VEVENT"):
                    self.titles.append("")
            elif nesting.component == "VEVENT" and not nesting.inner:
                self._note(name, value_of(line))
            if name != "DTSTAMP":
                digest.update(f"{line.rstrip()}\n".encode("utf-8", "surrogatepass"))
        last = "" if self._endless or not self._days else max(self._days)
        self.etag = f"{digest.hexdigest()[:16]}.{last}"

    def _note(self, name: str, value: str) -> None:
        match name:
            case "SUMMARY":
                self.titles[-1] = value
            case "ATTENDEE":
                self.invites = True
            case "DTSTAMP":
                self.written = _later(self.written, _moment(value))
            case "LAST-MODIFIED" | "CREATED":
                self.modified = _later(self.modified, _moment(value))
            case "DTSTART" | "DTEND" | "RECURRENCE-ID" | "RDATE":
                self._days.update(_DAY.findall(value))
            case "RRULE":
                until = _UNTIL.findall(value)
                self._days.update(until)
                self._endless = self._endless or not until


# --- what is missing ---

SUSPECT_FROM = 5
"""Where fewer events were listed, any change is believed."""


@dataclass(frozen=True, slots=True)
class Missing:
    """What is stored and listed no longer."""

    gone: tuple[str, ...]
    """Hrefs of what was listed within the time that the feed still covers: deleted."""
    aged: tuple[str, ...]
    """Hrefs of what is over and older than all that the feed lists: it no longer reaches back so
    far."""
    doubt: str = ""
    """Why none of this is believed; empty when it is."""


def missing_from(feed: Feed, known: Mapping[str, str | None], now: datetime) -> Missing:
    """Which of the `known` (ETag by href) are not in the feed any more, and what that means.

    A feed that suddenly lists nothing, or fewer than half of the events that it listed for the time
    that it covers, is not believed: a mistake of the publisher looks like that, and what people
    delete at a time does not. It is the number that counts, since some publishers give every event
    another UID each time."""
    listed = {resource.href for resource in feed.resources}
    days = [day for resource in feed.resources if (day := _last_day(resource.etag))]
    first_day = min([*days, f"{now - timedelta(days=1):%Y%m%d}"])
    over = {href for href, etag in known.items() if "" < _last_day(etag) < first_day}
    missing = sorted(known.keys() - listed)
    return Missing(
        tuple(href for href in missing if href not in over),
        tuple(href for href in missing if href in over),
        _doubt(len(known), len(known) - len(over), len(listed)),
    )


def _doubt(ever: int, before: int, now: int) -> str:
    """`ever`: events that are stored; `before`: those of them in the time that the feed covers;
    `now`: those that it lists."""
    if ever >= SUSPECT_FROM and not now:
        return f"listed {ever} events and now lists none"
    if before >= SUSPECT_FROM and 2 * now < before:
        return f"listed {before} events for the same time and now lists {now}"
    return ""


def _last_day(etag: str | None) -> str:
    return (etag or "").rpartition(".")[2]


def _later(known: datetime | None, other: datetime | None) -> datetime | None:
    return max(filter(None, (known, other)), default=None)


def _moment(value: str) -> datetime | None:
    """A time in UTC as iCalendar writes it; None for any other."""
    match = _MOMENT.fullmatch(value)
    if match is None:
        return None
    try:
        return datetime.strptime("".join(match.groups()), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def _duration(value: str) -> timedelta | None:
    """A span as iCalendar writes it (RFC 5545 section 3.3.6), at most a year; None for any
    other."""
    match = _DURATION.fullmatch(value)
    if match is None or len(value) > 20:
        return None
    weeks, days, hours, minutes = (int(part or 0) for part in match.groups())
    try:
        span = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes)
    except OverflowError:
        return None
    return span if timedelta() < span <= timedelta(days=366) else None
