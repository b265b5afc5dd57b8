"""One VEVENT as a value: what it is about, when it lasts, whether and how it repeats.

Everything that can be wrong with an event is found here or in `series`, and ends as a `Problem`
with a reason: an event whose time cannot be read is refused at once (`UnreadableEventError`), one
that is only partly readable carries its faults."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

from connectors.base import Attendee, EventKind, HoldEvent, Occurrence, Problem, Status
from connectors.hold_uid import is_hold_uid
from connectors.ical import private_names
from connectors.ical.content_line import parts
from connectors.ical.fragments import Fragment
from connectors.ical.guests import guest
from connectors.ical.hold_text import hold_in, status_of
from connectors.ical.lenience import as_days, modified, travel, without_zones
from connectors.ical.moments import Moment, UnknownZoneError, UnreadableTimeError, moment
from connectors.ical.spans import EventSpan, clock, read_span
from connectors.sanitize import sanitize

_BUSY_STATUS = "X-MICROSOFT-CDO-BUSYSTATUS"
_KINDS: dict[str, EventKind] = {
    "focus": "focus",
    "out-of-office": "out-of-office",
    "birthday": "birthday",
    "working-location": "working-location",
}
_ALL_DAY = "X-MICROSOFT-CDO-ALLDAYEVENT"
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_BUSY_KINDS: dict[str, EventKind] = {"OOF": "out-of-office", "WORKINGELSEWHERE": "working-location"}
_MAX_TEXT = 500
_MAX_UID = 1000
_MAX_GUESTS = 500
"""Beyond so many the rest is left out, and the list counts as omitted: no one-on-one has them."""
_MAX_CHARACTERS = 1_000_000


class UnreadableEventError(ValueError):
    """This event, or all of its series, cannot be read. Holds the problem to report."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.reason)
        self.problem = problem


@dataclass(slots=True)
class Entry:
    """One VEVENT, read."""

    fragment: Fragment
    uid: str
    """Empty when the text gives none."""
    title: str
    location: str
    status: Status
    kind: EventKind
    transparent: bool
    span: EventSpan
    recurrence_id: Moment | None
    """Which instance of its series it replaces; naive when written without a zone."""
    and_following: bool
    """It replaces all later instances too (RANGE=THISANDFUTURE)."""
    sequence: int
    """SEQUENCE; -1 where it says none."""
    modified: datetime | None
    """LAST-MODIFIED, else DTSTAMP, UTC."""
    travel: timedelta
    organizer: Attendee | None
    attendees: tuple[Attendee, ...]
    guests_hidden: bool
    guests_omitted: bool
    birthday_of: str
    anniversary_of: str
    zone: tzinfo
    """The user's."""
    faults: list[str] = field(default_factory=list)
    """What could not be read and matters; the event stands nevertheless."""

    @property
    def version(self) -> tuple[int, datetime, bool]:
        """Of several texts of one event the one with the greatest is the newest (RFC 5546 section
        2.1.5)."""
        return self.sequence, self.modified or _LONG_AGO, self.status == "cancelled"

    @property
    def repeats(self) -> bool:
        return bool(self.rules) or any(name in self.fragment.lines for name in ("RDATE", "EXRULE"))

    @property
    def rules(self) -> list[str]:
        """The RRULE lines that are not empty."""
        return [
            line for line in self.fragment.lines.get("RRULE", ()) if line.partition(":")[2].strip()
        ]

    def hold(self, *, alone: bool) -> HoldEvent | None:
        return (
            hold_in(self.fragment, clock(self.fragment, self.zone), alone=alone)
            if is_hold_uid(self.uid)
            else None
        )

    def problem(self, reason: str) -> Problem:
        """A problem with this event; its span is told, unless it does not occupy the calendar
        anyway."""
        if self.transparent or self.status == "cancelled":
            return Problem(self.uid, _sentence(self.title, reason))
        start, end = self.span.busy(self.zone)
        return Problem(self.uid, _sentence(self.title, reason), start, end)

    def occurrence(
        self,
        start: datetime,
        end: datetime,
        *,
        recurring: bool = False,
        original_start: datetime | None = None,
        hold: HoldEvent | None = None,
    ) -> Occurrence:
        """This event, taking place between two instants in UTC."""
        return Occurrence(
            uid=self.uid,
            start=start,
            end=end,
            title=self.title,
            all_day=self.span.all_day,
            status=self.status,
            kind=self.kind,
            transparent=self.transparent,
            organizer=self.organizer,
            attendees=self.attendees,
            guests_hidden=self.guests_hidden,
            guests_omitted=self.guests_omitted,
            recurring=recurring,
            original_start=original_start,
            location=self.location,
            hold=hold,
            exception=self.recurrence_id is not None,
            sequence=max(self.sequence, 0),
            modified=self.modified,
            travel=self.travel,
            birthday_of=self.birthday_of,
            anniversary_of=self.anniversary_of,
        )


def read_entry(fragment: Fragment, zone: tzinfo, *, trusted: bool) -> Entry:
    """The event of a fragment. `zone` is the user's; `trusted` texts were written by a connector of
    ours.

    Raises RefusedError when there is no telling when it takes place.
    """
    uid, title = (
        sanitize(_text(fragment, "UID"), _MAX_UID),
        sanitize(_text(fragment, "SUMMARY"), _MAX_TEXT),
    )
    if fragment.around.scale not in ("", "GREGORIAN"):
        raise UnreadableEventError(
            Problem(uid, _sentence(title, "its calendar is not a Gregorian one"))
        )
    if sum(len(line) for lines in fragment.lines.values() for line in lines) > _MAX_CHARACTERS:
        raise UnreadableEventError(Problem(uid, _sentence(title, "it is too large")))
    unplaced = ""
    try:
        span = read_span(fragment, clock(fragment, zone))
    except UnknownZoneError as error:
        unplaced = str(error)
        fragment = without_zones(fragment)
        span = _span_by_the_users_clock(fragment, zone, uid, title)
    except UnreadableTimeError as error:
        raise UnreadableEventError(Problem(uid, _sentence(title, str(error)))) from None
    free = _text(fragment, _BUSY_STATUS).upper() == "FREE" and "TRANSP" not in fragment.lines
    cancelled = fragment.around.method == "CANCEL"
    entry = Entry(
        fragment=fragment,
        uid=uid,
        title=title,
        location=sanitize(_text(fragment, "LOCATION"), _MAX_TEXT),
        status="cancelled" if cancelled else status_of(_text(fragment, "STATUS")),
        kind="unplaced" if unplaced else _kind(fragment),
        transparent=free or _text(fragment, "TRANSP").upper() == "TRANSPARENT",
        span=as_days(span, zone) if _says_all_day(fragment) else span,
        recurrence_id=None,
        and_following=False,
        sequence=_sequence(fragment),
        modified=modified(fragment),
        travel=travel(fragment),
        organizer=None,
        attendees=(),
        guests_hidden=_text(fragment, private_names.GUESTS_HIDDEN).upper() == "TRUE",
        guests_omitted=_text(fragment, private_names.GUESTS_OMITTED).upper() == "TRUE",
        birthday_of=_card(fragment, private_names.BIRTHDAY_OF, trusted),
        anniversary_of=_card(fragment, private_names.ANNIVERSARY_OF, trusted),
        zone=zone,
    )
    if not fragment.complete:
        raise UnreadableEventError(entry.problem("its text is cut off"))
    if unplaced:
        entry.faults.append(
            f"{unplaced}; until you correct it, the time by your own clock is taken"
        )
    _read_recurrence_id(entry)
    _read_guests(entry, trusted)
    return entry


def made_up_uid(entry: Entry) -> str:
    """A UID for an event that has none (RFC 5545 demands one): the same whenever the same event is
    read."""
    facts = f"{entry.span.start!s}|{entry.span.end_utc!s}|{entry.title}"
    return f"no-uid-{hashlib.sha256(facts.encode('utf-8', 'replace')).hexdigest()[:24]}"


def _read_recurrence_id(entry: Entry) -> None:
    lines = entry.fragment.lines.get("RECURRENCE-ID")
    if not lines:
        return
    try:
        entry.recurrence_id = moment(lines[0], entry.fragment.around)
    except UnreadableTimeError as error:
        raise UnreadableEventError(
            entry.problem(f"there is no telling which of its series it replaces: {error}")
        ) from None
    entry.and_following = "THISANDFUTURE" in lines[0].rpartition(":")[0].upper()


def _read_guests(entry: Entry, trusted: bool) -> None:
    """A line that cannot be read leaves the guest list unknown; the event still takes place."""
    lines = entry.fragment.lines
    guests = lines.get("ATTENDEE", ())
    rows = []
    garbled = False
    for line in guests[:_MAX_GUESTS]:
        try:
            rows.append(guest(line, trusted))
        except Exception:  # noqa: BLE001 - icalendar raises many kinds of errors for broken lines
            garbled = True
    for line in lines.get("ORGANIZER", ())[:1]:
        try:
            entry.organizer = guest(line, trusted)
        except Exception:  # noqa: BLE001 - as above
            garbled = garbled or bool(line.partition(":")[2].strip())
    if rows and not any("PARTSTAT" in line.upper() for line in guests):
        doubtful = _text(entry.fragment, _BUSY_STATUS).upper() in ("TENTATIVE", "FREE")
        rows = rows if doubtful else [replace(row, answer="unknown") for row in rows]
    entry.attendees = tuple(rows)
    if garbled or len(guests) > _MAX_GUESTS:
        entry.guests_omitted = True
    if garbled:
        entry.faults.append("its list of guests is garbled, so it never counts as a meeting")


def _kind(fragment: Fragment) -> EventKind:
    """X-MICROSOFT-CDO-INTENDEDSTATUS is what an organizer wishes for other people's calendars: not
    asked here."""
    kind = _KINDS.get(_text(fragment, private_names.EVENT_KIND).lower())
    if kind is not None:
        return kind
    return _BUSY_KINDS.get(_text(fragment, _BUSY_STATUS).upper(), "default")


def _card(fragment: Fragment, name: str, trusted: bool) -> str:
    """The UID of a card, where a connector of ours wrote it."""
    return sanitize(_text(fragment, name), _MAX_UID) if trusted else ""


def _span_by_the_users_clock(fragment: Fragment, zone: tzinfo, uid: str, title: str) -> EventSpan:
    try:
        return read_span(fragment, zone)
    except UnreadableTimeError as error:
        raise UnreadableEventError(Problem(uid, _sentence(title, str(error)))) from None


def _says_all_day(fragment: Fragment) -> bool:
    return _ALL_DAY in fragment.lines and _text(fragment, _ALL_DAY).upper() == "TRUE"


def _sequence(fragment: Fragment) -> int:
    text = _text(fragment, "SEQUENCE").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def _text(fragment: Fragment, name: str) -> str:
    """The first value of a property that holds text; empty when it has none that can be read."""
    lines = fragment.lines.get(name)
    return _value(lines[0]) if lines else ""


@lru_cache(maxsize=8192)
def _value(line: str) -> str:
    try:
        return parts(line)[2]
    except Exception:  # noqa: BLE001 - icalendar raises many kinds of errors for broken lines; a text can be missed
        return ""


def _sentence(title: str, reason: str) -> str:
    return (
        f'"{title[:80]}" was set aside: {reason}' if title else f"an event was set aside: {reason}"
    )
