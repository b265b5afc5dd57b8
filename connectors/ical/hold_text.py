"""A hold as iCalendar text, and back: what fikad wrote, and what somebody made of it.

Servers rewrite what they store: they fold lines anew, reorder properties, add time stamps, sequence
numbers and an organizer, drop or add X-properties, change line ends. None of that is a person's
doing. What a person does (a title, a time, a note, a place, an alarm, a guest) must always show. So
a hold is reduced to the parts that a person may touch, and a *seal*, a short hash over exactly
these parts, travels with it: as long as it fits, nobody touched the hold."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING

from connectors.base import HoldDraft, HoldEvent, Status
from connectors.hold_uid import is_hold_uid
from connectors.ical import private_names
from connectors.ical.fragments import Fragment, cut
from connectors.ical.outline import value_of
from connectors.sanitize import sanitize

if TYPE_CHECKING:
    from icalendar import Event
    from icalendar.cal import Component


_PRODUCT = "-//fikad//fikad//EN"
_OWN = frozenset(
    {
        "UID",
        "SUMMARY",
        "DTSTART",
        "DTEND",
        "DURATION",
        "STATUS",
        "TRANSP",
        "CLASS",
        "DESCRIPTION",
        "LOCATION",
    }
)
_SERVERS_OWN = frozenset({"DTSTAMP", "SEQUENCE", "CREATED", "LAST-MODIFIED", "ORGANIZER"})
_DEFAULTS = {"PRIORITY": "0"}
"""Written out by some servers, and the same as not being there."""


def seal(hold: HoldDraft | HoldEvent) -> str:
    """A short hash over what a person might touch: a hold is as fikad wrote it if and only if its
    stored seal is this.

    Times are compared as instants, texts with white space folded.
    """
    if isinstance(hold, HoldDraft):
        hold = HoldEvent(
            uid=hold.uid,
            title=hold.title,
            start=hold.start,
            end=hold.end,
            all_day=hold.all_day,
            transparent=hold.transparent,
            description=hold.description,
            location=hold.location,
        )
    parts = (
        sanitize(hold.title),
        f"{hold.start.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"{hold.end.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        hold.all_day,
        hold.status,
        hold.transparent,
        hold.private,
        sanitize(hold.description),
        sanitize(hold.location),
        hold.extras,
    )
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def hold_text(draft: HoldDraft, stamp: datetime) -> str:
    """The iCalendar text of a hold; the same draft and `stamp` (DTSTAMP, aware) always give the
    same text.

    Nobody is invited, nothing rings. DTEND is always there and the times are UTC, which every
    server understands, or dates for what lasts all day."""
    from icalendar import Calendar, Event
    from icalendar.prop import vText

    event = Event()
    event.add("uid", draft.uid)
    event.add("dtstamp", stamp.astimezone(UTC))
    start, end = draft.start.astimezone(UTC), draft.end.astimezone(UTC)
    event.add("dtstart", start.date() if draft.all_day else start)
    event.add("dtend", end.date() if draft.all_day else end)
    event.add("summary", sanitize(draft.title))
    event.add("description", _paragraphs(draft.description))
    if draft.location:
        event.add("location", sanitize(draft.location))
    event.add("status", "TENTATIVE")
    event.add("transp", "TRANSPARENT" if draft.transparent else "OPAQUE")
    event.add("class", "PRIVATE")
    event[private_names.SEAL] = vText(draft.seal or seal(draft))
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add_component(event)
    return str(calendar.to_ical(), "utf-8")


def hold_event(text: str, zone: tzinfo = UTC) -> HoldEvent | None:
    """The hold in a calendar text; None when there is none of ours that can be read.

    Floating times, which only somebody else's program can have made of ours, are read in `zone`.
    Several events under the one UID (somebody made it a series with exceptions) show as
    `RECURRENCE-ID` among the extras of the first."""
    holds = [f for f in cut(text).fragments if f.complete and is_hold_uid(_uid(f))]
    if not holds:
        return None
    master = min(holds, key=lambda f: "RECURRENCE-ID" in f.lines)
    return hold_in(master, zone, alone=sum(_uid(f) == _uid(master) for f in holds) == 1)


def hold_in(fragment: Fragment, zone: tzinfo, *, alone: bool = True) -> HoldEvent | None:
    """As `hold_event`, for one event already cut out."""
    from connectors.ical.moments import UnreadableTimeError
    from connectors.ical.spans import read_span

    event = _parsed(fragment)
    if event is None:
        return None
    uid = _text(event, "UID")
    if not is_hold_uid(uid):
        return None
    try:
        span = read_span(fragment, zone)
    except UnreadableTimeError:
        return None
    extras = set(_extras(event))
    if not alone:
        extras.add("RECURRENCE-ID")
    return HoldEvent(
        uid=uid,
        title=sanitize(_text(event, "SUMMARY")),
        start=span.start_utc,
        end=span.end_utc,
        all_day=span.all_day,
        status=status_of(_text(event, "STATUS")),
        transparent=_text(event, "TRANSP").upper() == "TRANSPARENT",
        private=_text(event, "CLASS").upper() == "PRIVATE",
        description=sanitize(_text(event, "DESCRIPTION")),
        location=sanitize(_text(event, "LOCATION")),
        extras=tuple(sorted(extras)),
        seal=sanitize(_text(event, private_names.SEAL)),
        withdrawn=_text(event, private_names.WITHDRAWN).upper() == "TRUE",
    )


def mentions_hold(text: str, uid: str) -> bool:
    """Whether a text speaks of the hold with this UID, however garbled it is."""
    return any(_uid(fragment) == uid for fragment in cut(text).fragments) or f"UID:{uid}" in text


def status_of(text: str) -> Status:
    """A STATUS value; an unknown one, or none, means confirmed."""
    match text.strip().upper():
        case "CANCELLED" | "CANCELED":
            return "cancelled"
        case "TENTATIVE":
            return "tentative"
        case _:
            return "confirmed"


def _uid(fragment: Fragment) -> str:
    return value_of(fragment.lines.get("UID", [":"])[0])


def _parsed(fragment: Fragment) -> Event | None:
    from icalendar import Event

    try:
        component = Event.from_ical(
            "\r\n".join(["BEGIN:VEVENT", *fragment.whole, "END:VEVENT", ""])
        )
    except Exception:  # noqa: BLE001 - icalendar raises many kinds of errors for broken events
        return None
    return component if isinstance(component, Event) else None


def _text(event: Component, name: str) -> str:
    value = event.get(name, "")
    if isinstance(value, list):
        value = value[0]
    return str(value)


def _extras(event: Event) -> Iterator[str]:
    """What the event has beyond a hold's own parts and what servers add by themselves."""
    for name, value in event.items():
        key = name.upper()
        if key in _OWN or key in _SERVERS_OWN or key.startswith("X-"):
            continue
        values = value if isinstance(value, list) else [value]
        written = {_written(item) for item in values} - {"", _DEFAULTS.get(key)}
        if written:
            yield key
    for component in event.subcomponents:
        # Apple's programs add an alarm that does nothing, to say that no default alarm is wanted.
        if _text(component, "ACTION").upper() != "NONE":
            yield str(component.name).upper()


def _written(value: object) -> str:
    encode = getattr(value, "to_ical", None)
    if encode is None:
        return str(value)
    encoded = encode()
    return encoded.decode("utf-8", "replace") if isinstance(encoded, bytes) else str(encoded)


def _paragraphs(text: str) -> str:
    """The text with its line breaks kept, each line inert."""
    return "\n".join(sanitize(line) for line in text.splitlines()).strip()
