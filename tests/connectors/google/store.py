"""The calendars of one Google user in memory, with Google's ways: ETags, change numbers, deleted
events that keep their ids, exceptions that outlive nothing, and sync tokens that are good for the
same question only.

The methods without a leading HTTP verb (`add_event`, `change_event`, …) are the user, or a
stranger, at work."""

from __future__ import annotations

import copy
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.connectors.google.rules import body_faults

Event = dict[str, Any]
EXCLUDED_WITH_SYNC_TOKEN = {
    "iCalUID",
    "orderBy",
    "privateExtendedProperty",
    "q",
    "sharedExtendedProperty",
    "timeMin",
    "timeMax",
    "updatedMin",
}


_MOST_FREE_BUSY = 50


class Refusal(Exception):
    """An answer other than 200."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"{status} {reason}")
        self.status = status
        self.reason = reason


@dataclass
class StoredCalendar:
    id: str
    name: str
    role: str = "owner"
    primary: bool = False
    hidden: bool = False
    zone: str = "Europe/Berlin"
    created_by_app: bool = False
    lists_busy_times: bool = True
    """Whether events.list works for a freeBusyReader."""
    events: dict[str, Event] = field(default_factory=dict)
    changed_at: dict[str, int] = field(default_factory=dict)
    """The change number of each event's last change."""


@dataclass
class _Page:
    """What a page token stands for."""

    calendar: str
    query: Mapping[str, str]
    rest: list[str]
    since: int | None
    until: int


@dataclass
class _Since:
    """What a sync token stands for."""

    calendar: str
    query: Mapping[str, str]
    number: int


class Store:
    """One user's calendars. Not thread-safe by itself."""

    def __init__(self, owner: str, page_size: int) -> None:
        self.owner = owner
        self.page_size = page_size
        self.calendars: dict[str, StoredCalendar] = {}
        self.violations: list[str] = []
        self.free_busy: dict[str, list[tuple[str, str]]] = {}
        """By calendar id: when those are busy who share that with the user. Others are not
        found."""
        self.asked_free_busy: list[Event] = []
        """The questions about it."""
        self._number = 0
        self._pages: dict[str, _Page] = {}
        self._since: dict[str, _Since] = {}
        self.add_calendar(owner, id=owner, primary=True)

    # --- the user at work ---

    def add_calendar(self, name: str, id: str | None = None, **fields: Any) -> str:
        calendar_id = id or f"c_{secrets.token_hex(16)}@group.calendar.google.com"
        self.calendars[calendar_id] = StoredCalendar(calendar_id, name, **fields)
        return calendar_id

    def add_event(self, calendar: str, **fields: Any) -> str:
        """An event as the user's own program makes it; `fields` in Google's words."""
        event_id = fields.pop("id", None) or secrets.token_hex(13)
        faults = body_faults("Event", fields, writing=False)
        assert not faults, faults
        event = {"status": "confirmed", "iCalUID": f"{event_id}@google.com", **fields}
        if "recurringEventId" not in event:
            me = {"email": calendar, "self": True}
            event.setdefault("organizer", me)
            event.setdefault("creator", {"email": self.owner, "self": True})
        self._put(calendar, event_id, event)
        return str(event_id)

    def change_event(self, calendar: str, event_id: str, **fields: Any) -> None:
        faults = body_faults("Event", fields, writing=False)
        assert not faults, faults
        self._put(calendar, event_id, _merged(self.calendars[calendar].events[event_id], fields))

    def delete_event(self, calendar: str, event_id: str) -> None:
        """The event goes, and with a series its exceptions, of which Google says nothing."""
        stored = self.calendars[calendar]
        self._put(calendar, event_id, {**stored.events[event_id], "status": "cancelled"})
        for each, event in list(stored.events.items()):
            if event.get("recurringEventId") == event_id:
                del stored.events[each], stored.changed_at[each]

    def add_exception(
        self, calendar: str, series: str, original: dict[str, str], **fields: Any
    ) -> str:
        """One instance of a series, changed."""
        stamp = re.sub(r"[-:]|\.\d+", "", original.get("date") or _utc(original["dateTime"]))
        master = self.calendars[calendar].events[series]
        kept = {
            key: value for key, value in master.items() if key not in ("recurrence", "id", "etag")
        }
        event = {**kept, "originalStartTime": original, "recurringEventId": series, **fields}
        return self.add_event(calendar, id=f"{series}_{stamp}", **event)

    def cancel_instance(self, calendar: str, series: str, original: dict[str, str]) -> str:
        return self.add_exception(calendar, series, original, status="cancelled")

    def event(self, calendar: str, event_id: str) -> Event:
        return copy.deepcopy(self.calendars[calendar].events[event_id])

    def live_events(self, calendar: str) -> list[Event]:
        events = self.calendars[calendar].events.values()
        return [copy.deepcopy(event) for event in events if event["status"] != "cancelled"]

    def expire_sync_tokens(self) -> None:
        self._since.clear()

    def _put(self, calendar: str, event_id: str, event: Event) -> None:
        self._number += 1
        stored = self.calendars[calendar]
        etag = f'"{3500000000000000 + self._number * 2}"'
        now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}.000Z"
        stored.events[event_id] = {
            "kind": "calendar#event",
            "created": now,
            **event,
            "id": event_id,
            "etag": etag,
        } | {"updated": now}
        stored.changed_at[event_id] = self._number

    # --- the API ---

    def list_calendars(self, query: Mapping[str, str]) -> Event:
        shown = [
            c for c in self.calendars.values() if not c.hidden or query.get("showHidden") == "true"
        ]
        first = int(query.get("pageToken", "0"))
        size = min(int(query.get("maxResults", "100")), self.page_size)
        answer: Event = {
            "kind": "calendar#calendarList",
            "items": [_entry(c) for c in shown[first : first + size]],
        }
        if first + size < len(shown):
            return answer | {"nextPageToken": str(first + size)}
        return answer | {"nextSyncToken": secrets.token_urlsafe(9)}

    def insert_calendar(self, body: Event) -> Event:
        if not body.get("summary"):
            raise Refusal(400, "required")
        made = self.add_calendar(
            body["summary"], zone=body.get("timeZone", "UTC"), created_by_app=True
        )
        return {
            "kind": "calendar#calendar",
            "id": made,
            "summary": body["summary"],
            "dataOwner": self.owner,
        }

    def query_free_busy(self, body: Event) -> Event:
        self.asked_free_busy.append(body)
        if not 0 < len(body["items"]) <= _MOST_FREE_BUSY:
            raise self._violation(f"free/busy of {len(body['items'])} calendars at once")
        begin, end = body["timeMin"], body["timeMax"]
        return {
            "kind": "calendar#freeBusy",
            "timeMin": begin,
            "timeMax": end,
            "calendars": {
                item["id"]: {
                    "busy": [
                        {"start": first, "end": last}
                        for first, last in self.free_busy[item["id"]]
                        if first < end and last > begin
                    ]
                }
                if item["id"] in self.free_busy
                else {"errors": [{"domain": "global", "reason": "notFound"}], "busy": []}
                for item in body["items"]
            },
        }

    def list_events(self, calendar: str, query: Mapping[str, str]) -> Event:
        stored = self._stored(calendar)
        if stored.role == "freeBusyReader" and not stored.lists_busy_times:
            raise Refusal(403, "forbidden")
        if query.get("singleEvents") == "true":
            raise self._violation(
                "events.list: series, not instances, are what a token is good for"
            )
        page = self._page(calendar, query)
        size = min(int(query.get("maxResults", "250")), self.page_size)
        now, page.rest = page.rest[:size], page.rest[size:]
        answer = {
            "kind": "calendar#events",
            "summary": stored.name,
            "timeZone": stored.zone,
            "accessRole": stored.role,
            "items": [
                self._shown(stored, each, page.since is not None)
                for each in now
                if each in stored.events
            ],
        }
        token = secrets.token_urlsafe(12)
        if page.rest:
            self._pages[token] = page
            return answer | {"nextPageToken": token}
        self._since[token] = _Since(calendar, page.query, page.until)
        return answer | {"nextSyncToken": token}

    def _page(self, calendar: str, query: Mapping[str, str]) -> _Page:
        question = {
            key: value for key, value in query.items() if key not in ("pageToken", "syncToken")
        }
        sync, token = query.get("syncToken"), query.get("pageToken")
        if sync and EXCLUDED_WITH_SYNC_TOKEN & question.keys():
            raise self._violation(
                f"events.list: {sorted(EXCLUDED_WITH_SYNC_TOKEN & question.keys())} with syncToken"
            )
        if sync and query.get("showDeleted") == "false":
            raise self._violation("events.list: showDeleted=false with syncToken")
        if token:
            page = self._pages.pop(token, None)
            if page is None or page.calendar != calendar:
                raise Refusal(400, "invalidPageToken")
            self._same(page.query, question)
            return page
        if not sync:
            return _Page(calendar, question, list(self._all(calendar)), None, self._number)
        since = self._since.get(sync)
        if since is None or since.calendar != calendar:
            raise Refusal(410, "fullSyncRequired")
        self._same(since.query, question)
        numbers = self.calendars[calendar].changed_at
        return _Page(
            calendar,
            question,
            [e for e, n in numbers.items() if n > since.number],
            since.number,
            self._number,
        )

    def _same(self, before: Mapping[str, str], now: Mapping[str, str]) -> None:
        if dict(before) != dict(now):
            raise self._violation(
                f"events.list: the question changed from {dict(before)} to {dict(now)}"
            )

    def _all(self, calendar: str) -> Iterator[str]:
        events = self.calendars[calendar].events
        for event_id, event in events.items():
            series = events.get(event.get("recurringEventId", ""))
            if event["status"] != "cancelled" or (
                series is not None and series["status"] != "cancelled"
            ):
                yield event_id

    def _shown(self, stored: StoredCalendar, event_id: str, delta: bool) -> Event:
        """As the list shows it: of cancelled ones nothing more than Google guarantees."""
        event = copy.deepcopy(stored.events[event_id])
        if event["status"] == "cancelled":
            shown = {"kind": "calendar#event", "id": event_id, "status": "cancelled"}
            return shown | {
                key: event[key] for key in ("recurringEventId", "originalStartTime") if key in event
            }
        if stored.role == "freeBusyReader":
            kept = (
                "id",
                "etag",
                "kind",
                "status",
                "start",
                "end",
                "recurrence",
                "recurringEventId",
                "iCalUID",
            )
            return {key: event[key] for key in kept if key in event} | {"visibility": "private"}
        return event

    def get_event(self, calendar: str, event_id: str) -> Event:
        event = self._stored(calendar).events.get(event_id)
        if event is None:
            raise Refusal(404, "notFound")
        return copy.deepcopy(event)

    def insert_event(self, calendar: str, body: Event) -> Event:
        stored = self._writable(calendar)
        event_id = body.get("id") or secrets.token_hex(13)
        if not re.fullmatch(r"[a-v0-9]{5,1024}", event_id):
            raise self._violation(f"events.insert: invalid id {event_id}")
        if "start" not in body or "end" not in body:
            raise self._violation("events.insert: start and end are required")
        if event_id in stored.events:
            raise Refusal(409, "duplicate")
        self.add_event(calendar, **_stored_form({**body, "id": event_id}))
        return self.event(calendar, event_id)

    def patch_event(self, calendar: str, event_id: str, body: Event, if_match: str | None) -> Event:
        event = self._conditional(calendar, event_id, if_match)
        self._put(calendar, event_id, _stored_form(_merged(event, body)))
        return self.event(calendar, event_id)

    def delete_event_if(self, calendar: str, event_id: str, if_match: str | None) -> None:
        self._conditional(calendar, event_id, if_match)
        self.delete_event(calendar, event_id)

    def _conditional(self, calendar: str, event_id: str, if_match: str | None) -> Event:
        event = self._writable(calendar).events.get(event_id)
        if if_match is None:
            raise self._violation(f"a write to {event_id} without If-Match")
        if event is None:
            raise Refusal(404, "notFound")
        if event["status"] == "cancelled":
            raise Refusal(410, "deleted")
        if if_match != event["etag"]:
            raise Refusal(412, "conditionNotMet")
        if event.get("attendees"):
            raise self._violation(f"a write to {event_id}, which has guests")
        return event

    def _stored(self, calendar: str) -> StoredCalendar:
        if calendar not in self.calendars:
            raise Refusal(404, "notFound")
        return self.calendars[calendar]

    def _writable(self, calendar: str) -> StoredCalendar:
        stored = self._stored(calendar)
        if stored.role not in ("owner", "writer"):
            raise Refusal(403, "requiredAccessLevel")
        return stored

    def _violation(self, what: str) -> Refusal:
        self.violations.append(what)
        return Refusal(400, "badRequest")


def _entry(calendar: StoredCalendar) -> Event:
    shown: Event = {
        "kind": "calendar#calendarListEntry",
        "id": calendar.id,
        "summary": calendar.name,
        "timeZone": calendar.zone,
        "accessRole": calendar.role,
    }
    flags = {"primary": calendar.primary, "hidden": calendar.hidden}
    return shown | {name: True for name, is_set in flags.items() if is_set}


def _merged(event: Event, change: Mapping[str, Any]) -> Event:
    """Google's patch: objects are merged, null takes a field away."""
    merged = copy.deepcopy(event)
    for key, value in change.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, Mapping) and key in ("extendedProperties", "private", "shared"):
            merged[key] = _merged(merged.get(key, {}), value)
        else:
            merged[key] = copy.deepcopy(value)
    return merged


def _stored_form(event: Event) -> Event:
    """What Google makes of what was sent: defaults and empty values are not kept."""
    kept = {key: value for key, value in event.items() if value not in ("", [], {})}
    if kept.get("transparency") == "opaque":
        del kept["transparency"]
    if "reminders" in kept and not kept["reminders"].get("overrides"):
        kept["reminders"] = {"useDefault": kept["reminders"].get("useDefault", False)}
    return kept


def _utc(moment: str) -> str:
    return f"{datetime.fromisoformat(moment).astimezone(UTC):%Y%m%dT%H%M%SZ}"
