"""Google's events as iCalendar, and holds as Google's events.

Google gives an event as JSON in which only the recurrence is iCalendar. Here each event becomes one
small iCalendar text, so that series and their exceptions are expanded by the same code as everybody
else's. Nothing in that text may be more than a value: titles, names and addresses come from
strangers, and a line break in one of them must not become a property. What iCalendar has no word
for is carried by private markers (`X-FIKAD-…`), which only this module writes.

In the other direction a hold becomes the JSON that creates it: no attendees, no reminders, private,
and one private extended property that says that it is fikad's."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from connectors.answering import asks, without_lines
from connectors.base import HoldDraft, Resource
from connectors.errors import AccountError
from connectors.google.items import Item, mapping, mappings, string
from connectors.google.rich_text import as_html, as_text
from connectors.hold_uid import google_id, is_google_id
from connectors.ical import private_names
from connectors.ical.hold_text import seal

PROPERTY = "fikad"
"""The private extended property that every hold carries: `seal=…`, with `;withdrawn` once fikad
takes it back."""

SECONDARY = "@group.calendar.google.com"
"""How the id of a calendar ends that is nobody's first one; several people may share it."""
_WITHDRAWN = ";withdrawn"
_KINDS = {
    "focusTime": "focus",
    "outOfOffice": "out-of-office",
    "birthday": "birthday",
    "workingLocation": "working-location",
}
_DAYS = {"birthday": private_names.BIRTHDAY_OF, "anniversary": private_names.ANNIVERSARY_OF}
_ANSWERS = {
    "accepted": "ACCEPTED",
    "declined": "DECLINED",
    "tentative": "TENTATIVE",
    "needsAction": "NEEDS-ACTION",
}
_STATUSES = {"confirmed": "CONFIRMED", "tentative": "TENTATIVE", "cancelled": "CANCELLED"}
_CLASSES = {"public": "PUBLIC", "private": "PRIVATE", "confidential": "CONFIDENTIAL"}
_RECURRENCE = re.compile(r"(?:RRULE|EXRULE|RDATE|EXDATE)[;:]", re.IGNORECASE)
_LINE_BREAKS = re.compile("\r\n|[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]")


# --- reading ---


def resource(item: Item, *, zone: str, mine: bool) -> Resource:
    """One item of a list as a resource: its id, its ETag, its iCalendar text, and the series it
    belongs to.

    `zone` is the calendar's zone (an IANA name), for series that name none. `mine` says that the
    calendar is the account owner's own: only there does Google's `self` mean the owner of the
    account."""
    return Resource(
        href=str(item["id"]),
        etag=string(item, "etag") or None,
        text=event_text(item, zone=zone, mine=mine),
        group=string(item, "recurringEventId") or str(item["id"]),
    )


def is_exception(item: Item) -> bool:
    """Whether an item stands for one instance of a series. Cancelled, it must be kept as long as
    the series."""
    return bool(string(item, "recurringEventId"))


def is_cancelled(item: Item) -> bool:
    return item.get("status") == "cancelled"


def event_text(item: Item, *, zone: str, mine: bool) -> str:
    """The event as iCalendar (RFC 5545). Never raises: a part that makes no sense is written so
    that whoever expands the text finds the event broken, rather than left out so that it looks
    sound."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//fikad//google//EN", "BEGIN:VEVENT"]
    lines += _identity(item, zone)
    lines += _times(item, zone)
    lines += _recurrence(item)
    lines += _version(item)
    if "summary" in item:
        lines.append(f"SUMMARY:{_text(string(item, 'summary'))}")
    if string(item, "location"):
        lines.append(f"LOCATION:{_text(string(item, 'location'))}")
    lines.append(f"STATUS:{_STATUSES.get(string(item, 'status'), 'CONFIRMED')}")
    lines.append(
        f"TRANSP:{'TRANSPARENT' if item.get('transparency') == 'transparent' else 'OPAQUE'}"
    )
    if string(item, "visibility") in _CLASSES:
        lines.append(f"CLASS:{_CLASSES[string(item, 'visibility')]}")
    lines += _people(item, mine)
    if string(item, "eventType") in _KINDS:
        lines.append(f"{private_names.EVENT_KIND}:{_KINDS[string(item, 'eventType')]}")
    lines += _person_of_day(item)
    if is_hold(item):
        lines += _hold_lines(item)
    return "\r\n".join([*lines, "END:VEVENT", "END:VCALENDAR", ""])


def _person_of_day(item: Item) -> Iterator[str]:
    """Whose day a birthday event is, by the resource name that Google's contacts have; "self" and
    days of the user's own making are nobody's."""
    properties = mapping(item, "birthdayProperties")
    contact = string(properties, "contact")
    name = _DAYS.get(string(properties, "type") or "birthday")
    if string(item, "eventType") == "birthday" and contact.startswith("people/") and name:
        yield f"{name}:{_text(contact)}"


def _identity(item: Item, zone: str) -> Iterator[str]:
    uid = _uid(item)
    if uid:
        yield f"UID:{_text(uid)}"
    if is_exception(item):
        yield _when("RECURRENCE-ID", mapping(item, "originalStartTime"), zone, wall_clock=True)


def _uid(item: Item) -> str:
    """A hold's UID is its id. No other event may look like a hold, whatever UID its author gave
    it."""
    base = string(item, "recurringEventId") or string(item, "id")
    if is_google_id(base):
        return base
    uid = string(item, "iCalUID").strip()
    return f"google-{uid}" if uid.lower().startswith("fikad") else uid


def _times(item: Item, zone: str) -> Iterator[str]:
    start = mapping(item, "start")
    if not start and is_cancelled(item):
        start = mapping(item, "originalStartTime")
    recurring = bool(item.get("recurrence"))
    yield _when("DTSTART", start, zone, wall_clock=recurring)
    end = mapping(item, "end")
    if end or not is_cancelled(item):
        yield _when("DTEND", end, zone, wall_clock=recurring)


def _when(name: str, value: Item, zone: str, *, wall_clock: bool) -> str:
    """A date, or a time: in its own zone where a rule counts from it (RFC 5545 3.8.5.3), else in
    UTC, which no change of zone rules can move."""
    try:
        if "date" in value:
            return f"{name};VALUE=DATE:{date.fromisoformat(value['date']):%Y%m%d}"
        moment = datetime.fromisoformat(value["dateTime"])
        zone = string(value, "timeZone") or zone
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo(zone))
        if not wall_clock or zone in ("", "UTC", "Etc/UTC"):
            return f"{name}:{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"
        return f"{name};TZID={_quoted(zone)}:{_wall(moment, zone):%Y%m%dT%H%M%S}"
    # ZoneInfoNotFoundError is a KeyError
    except (KeyError, ValueError, TypeError, OverflowError, OSError):
        return f"{name}:{_text(str(value.get('dateTime') or value.get('date') or 'unknown'))}"


def _wall(moment: datetime, zone: str) -> datetime:
    try:
        return moment.astimezone(ZoneInfo(zone))
    except (KeyError, ValueError, OSError):
        return moment  # a zone nobody knows: Google wrote the time in that zone's offset


def _recurrence(item: Item) -> Iterator[str]:
    """Google's lines are iCalendar already. One that is not a recurrence line is kept as a broken
    rule: without it the series would look like one that ends at its first instance."""
    recurrence = item.get("recurrence")
    if not recurrence:
        return
    for line in recurrence if isinstance(recurrence, list) else [recurrence]:
        printable = "".join(letter for letter in str(line).strip() if letter.isprintable())
        yield printable if _RECURRENCE.match(printable) else "RRULE:unreadable"


def _version(item: Item) -> Iterator[str]:
    sequence = item.get("sequence")
    if isinstance(sequence, int) and not isinstance(sequence, bool) and sequence >= 0:
        yield f"SEQUENCE:{sequence}"
    try:
        updated = datetime.fromisoformat(string(item, "updated")).astimezone(UTC)
        yield f"LAST-MODIFIED:{updated:%Y%m%dT%H%M%SZ}"
    except (ValueError, OverflowError):
        return


def _people(item: Item, mine: bool) -> Iterator[str]:
    organizer = mapping(item, "organizer")
    if organizer:
        yield "ORGANIZER" + _named(organizer, mine)
    for attendee in mappings(item, "attendees"):
        yield "ATTENDEE" + _standing(attendee) + _named(attendee, mine)
    if item.get("attendeesOmitted") is True:
        yield f"{private_names.GUESTS_OMITTED}:TRUE"
    if item.get("guestsCanSeeOtherGuests") is False:
        yield f"{private_names.GUESTS_HIDDEN}:TRUE"


def _standing(attendee: Item) -> str:
    email = string(attendee, "email").lower()
    if attendee.get("resource") is True:
        kind = "RESOURCE"
    elif email.endswith("@googlegroups.com"):
        kind = "GROUP"
    else:
        kind = "INDIVIDUAL"
    role = "OPT-PARTICIPANT" if attendee.get("optional") is True else "REQ-PARTICIPANT"
    answer = _ANSWERS.get(string(attendee, "responseStatus"), "NEEDS-ACTION")
    extra = attendee.get("additionalGuests")
    guests = (
        f";{private_names.EXTRA_GUESTS}={extra}"
        if isinstance(extra, int) and not isinstance(extra, bool) and extra > 0
        else ""
    )
    return f";CUTYPE={kind};ROLE={role};PARTSTAT={answer}{guests}"


def _named(person: Item, mine: bool) -> str:
    name = string(person, "displayName")
    self_marker = f";{private_names.SELF}=TRUE" if mine and person.get("self") is True else ""
    address = quote(string(person, "email").strip(), safe="@!#$&'*+-/=^_`{|}~", errors="replace")
    return (
        (f";CN={_quoted(name)}" if name else "")
        + self_marker
        + (f":mailto:{address}" if address else ":invalid:nomail")
    )


# --- holds ---


def hold_id(uid: str) -> str:
    """The event id of the hold with this UID: the UID without dashes, which Google's ids don't
    have.

    Raises AccountError when it is not a hold's UID: no other event is ever addressed by name.
    """
    event_id = google_id(uid)
    if not event_id:
        raise AccountError(f"not the UID of a hold: {uid!r}")
    return event_id


def is_hold(item: Item) -> bool:
    return is_google_id(string(item, "id"))


def hold_body(draft: HoldDraft) -> dict[str, Any]:
    """The event that stands for a hold, without its id: for an insert (beside the id) and for a
    patch.

    Nobody is invited and nothing rings; the times are UTC, as iCalendar has them, or dates for what
    lasts all day."""
    start, end = (_edge(moment, all_day=draft.all_day) for moment in (draft.start, draft.end))
    return {
        "summary": draft.title,
        "description": as_html(draft.description),
        "location": draft.location,
        "start": start,
        "end": end,
        "status": "tentative",
        "transparency": "transparent" if draft.transparent else "opaque",
        "visibility": "private",
        "reminders": {"useDefault": False, "overrides": []},
        "extendedProperties": {"private": {PROPERTY: f"seal={draft.seal or seal(draft)}"}},
    }


def _edge(moment: datetime, *, all_day: bool) -> dict[str, str]:
    utc = moment.astimezone(UTC)
    return (
        {"date": f"{utc:%Y-%m-%d}"}
        if all_day
        else {"dateTime": f"{utc:%Y-%m-%dT%H:%M:%SZ}", "timeZone": "UTC"}
    )


def completion_body(item: Item, lines: Collection[str]) -> dict[str, Any]:
    """The patch that completes a hold that was answered with yes; all else stays."""
    told = string(item, "description")
    described = {"description": without_lines(told, lines)} if asks(told, lines) else {}
    return {"status": "confirmed", "transparency": "opaque", **described}


def is_completed(item: Item, lines: Collection[str]) -> bool:
    """Whether a stored event is as that patch leaves it."""
    busy = item.get("transparency", "opaque") == "opaque"
    return (
        item.get("status") == "confirmed" and busy and not asks(string(item, "description"), lines)
    )


def withdrawal_body(item: Item) -> dict[str, Any]:
    """The patch that marks a hold as taken back by fikad; Google keeps the mark after the
    deletion."""
    return {
        "extendedProperties": {
            "private": {PROPERTY: _mark(item).removesuffix(_WITHDRAWN) + _WITHDRAWN}
        }
    }


def is_withdrawn(item: Item) -> bool:
    """Whether fikad itself took this hold back: its deletion is then not the user's answer."""
    return _mark(item).endswith(_WITHDRAWN)


def shows(item: Item, body: Mapping[str, Any]) -> bool:
    """Whether a stored event carries the mark of this very body: the write it came from was
    applied."""
    mark = body["extendedProperties"]["private"][PROPERTY]
    return not is_cancelled(item) and _mark(item) == mark and _moment(item) == _moment(body)


def _moment(item: Item) -> datetime | str | None:
    if day := string(mapping(item, "start"), "date"):
        return day
    try:
        return datetime.fromisoformat(string(mapping(item, "start"), "dateTime")).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _mark(item: Item) -> str:
    return string(mapping(mapping(item, "extendedProperties"), "private"), PROPERTY)


def _hold_lines(item: Item) -> Iterator[str]:
    """What only matters in a hold, where everything a user might add tells that the hold was
    touched."""
    yield f"DESCRIPTION:{_text(as_text(string(item, 'description')))}"
    written = _mark(item).removesuffix(_WITHDRAWN).removeprefix("seal=")
    if written:
        yield f"{private_names.SEAL}:{_text(written)}"
    if is_withdrawn(item):
        yield f"{private_names.WITHDRAWN}:TRUE"
    if item.get("colorId"):
        yield f"COLOR:{_text(str(item['colorId']))}"
    if item.get("attachments"):
        yield "ATTACH:urn:google:attachment"
    if item.get("conferenceData") or item.get("hangoutLink"):
        yield "CONFERENCE;VALUE=URI:urn:google:meet"
    reminders = mapping(item, "reminders")
    if reminders.get("useDefault") or reminders.get("overrides"):
        yield from (
            "BEGIN:VALARM",
            "ACTION:DISPLAY",
            "DESCRIPTION:reminder",
            "TRIGGER:-PT10M",
            "END:VALARM",
        )


# --- values that may not become structure ---


def _text(value: str) -> str:
    """A TEXT value (RFC 5545 3.3.11): line breaks and separators escaped, whatever is not printable
    dropped."""
    lines = [
        "".join(
            letter if letter.isprintable() else " " if letter.isspace() else "" for letter in line
        )
        for line in _LINE_BREAKS.split(value)
    ]
    escaped = [line.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,") for line in lines]
    return "\\n".join(escaped)


def _quoted(value: str) -> str:
    """A parameter's value (RFC 5545 3.2) between double quotes, which it can't contain itself."""
    printable = "".join(
        letter if letter.isprintable() else " " for letter in value.replace('"', "'")
    )
    return f'"{" ".join(printable.split())}"'
