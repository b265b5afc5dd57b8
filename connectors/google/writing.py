"""Writing holds to a Google calendar.

A hold's id is chosen here, so writing the same hold twice is refused by Google rather than done: an
answer that got lost is cleared up by looking. Every change is conditional on the ETag that was just
read. Before a hold is deleted it is marked as taken back, and Google keeps the mark: a deleted hold
without it was deleted by the user."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from connectors.base import HoldDraft, Resource
from connectors.errors import (
    AccountError,
    ChangedError,
    MissingError,
    ReadOnlyError,
    TakenError,
    UncertainError,
    UnreachableError,
    UnreadableError,
    WithdrawnError,
)
from connectors.google.calls import SCOPE_REASONS, Refused
from connectors.google.events import (
    completion_body,
    hold_body,
    hold_id,
    is_cancelled,
    is_completed,
    is_withdrawn,
    shows,
    withdrawal_body,
)
from connectors.google.items import Item
from connectors.google.reading import CalendarAccess
from connectors.ical.hold_text import hold_event

_GONE = (404, 410)


def read_hold(access: CalendarAccess, uid: str) -> Resource | None:
    """The hold as it stands now; None when it is gone. Raises AccountError."""
    item = _get(access, hold_id(uid))
    return None if item is None or is_cancelled(item) else access.resource(item)


def took_back(access: CalendarAccess, uid: str) -> bool:
    """Whether Google still shows our mark of withdrawal on a hold that was deleted. Raises
    AccountError."""
    item = _get(access, hold_id(uid))
    return item is not None and is_cancelled(item) and is_withdrawn(item)


def create_hold(access: CalendarAccess, draft: HoldDraft) -> Resource:
    """Write a new hold and return it as re-read.

    Raises TakenError when an event of this id is or was there (WithdrawnError when it was fikad
    that deleted it), ReadOnlyError, MissingError, UncertainError."""
    body = hold_body(draft)
    event_id = hold_id(draft.uid)
    request = access.events.insert(
        calendarId=access.id, sendUpdates="none", body={"id": event_id, **body}
    )
    try:
        access.calls.execute(request, writes=True)
    except Refused as refused:
        if refused.status != 409:
            raise _refusal(access, refused) from None
        item = _get(access, event_id)
        if refused.unsure and item is not None and shows(item, body):
            return access.resource(item)
        raise _taken(item) from None
    except UncertainError:
        item = _reread(access, event_id)
        if item is None or not shows(item, body):
            raise
        return access.resource(item)
    return access.resource(_there(_get(access, event_id)))


def update_hold(access: CalendarAccess, stored: Resource, draft: HoldDraft) -> Resource:
    """Replace the hold if it still is `stored`. Raises ChangedError, ReadOnlyError,
    UncertainError."""
    body = hold_body(draft)
    if hold_id(draft.uid) != stored.href:
        raise ChangedError("what was found is not the hold that was meant", "nothing was written")
    _unchanged(access, stored)
    try:
        _patch(access, stored.href, str(stored.etag), body)
    except Refused as refused:
        item = _reread(access, stored.href) if refused.unsure else None
        if item is None or not shows(item, body):
            raise _refusal(access, refused, of_hold=True) from None
    except UncertainError:
        item = _reread(access, stored.href)
        if item is None or not shows(item, body):
            raise
    return access.resource(_there(_get(access, stored.href)))


def complete_hold(access: CalendarAccess, stored: Resource, lines: Collection[str]) -> Resource:
    """Confirm the hold and show it as busy, without these lines of its description, if it still is
    `stored`. Nobody may be invited. Raises ChangedError, ReadOnlyError, UncertainError."""
    item = _unchanged(access, stored)
    try:
        _patch(access, stored.href, str(stored.etag), completion_body(item, lines))
    except Refused as refused:
        now = _reread(access, stored.href) if refused.unsure else None
        if now is None or not is_completed(now, lines):
            raise _refusal(access, refused, of_hold=True) from None
    except UncertainError:
        now = _reread(access, stored.href)
        if now is None or not is_completed(now, lines):
            raise
    return access.resource(_there(_get(access, stored.href)))


def delete_hold(access: CalendarAccess, stored: Resource) -> None:
    """Mark the hold as taken back, then delete it, if it still is `stored`. Raises ChangedError,
    ReadOnlyError, UncertainError."""
    item = _unchanged(access, stored)
    if not is_withdrawn(item):
        item = _withdrawn(access, item)
    request = access.events.delete(calendarId=access.id, eventId=stored.href, sendUpdates="none")
    request.headers["If-Match"] = str(item["etag"])
    try:
        access.calls.execute(request, writes=True)
    except Refused as refused:
        if refused.status in _GONE and refused.unsure:
            return
        raise _refusal(access, refused, of_hold=True) from None
    except UncertainError:
        left = _reread(access, stored.href)
        if left is not None and not is_cancelled(left):
            raise
        return
    left = _get(access, stored.href)
    if left is not None and not is_cancelled(left):
        raise UncertainError(
            f'Google still shows a hold in "{access.name}" that it deleted', "the next pass looks"
        )


def _withdrawn(access: CalendarAccess, item: Item) -> Item:
    """The event with the mark. What is gone before it is marked was deleted by somebody else."""
    event_id = str(item["id"])
    try:
        return _patch(access, event_id, str(item["etag"]), withdrawal_body(item))
    except Refused as refused:
        now = _reread(access, event_id) if refused.unsure else None
        if now is None or not _differs_by_mark_alone(now, item):
            raise _refusal(access, refused, of_hold=True) from None
    except UncertainError:
        now = _reread(access, event_id)
        if now is None or not _differs_by_mark_alone(now, item):
            raise
    return now


def _differs_by_mark_alone(now: Item, before: Item) -> bool:
    """Whether the patch whose answer was lost is all that happened since: nothing but what it sets
    is new."""
    changing = {"etag", "updated", "sequence", "extendedProperties"}
    keys = (now.keys() | before.keys()) - changing
    return is_withdrawn(now) and all(now.get(key) == before.get(key) for key in keys)


def _patch(access: CalendarAccess, event_id: str, etag: str, body: dict[str, Any]) -> Item:
    request = access.events.patch(
        calendarId=access.id, eventId=event_id, sendUpdates="none", body=body
    )
    request.headers["If-Match"] = etag
    answer = access.calls.execute(request, writes=True)
    return _there(
        answer if isinstance(answer, dict) and isinstance(answer.get("etag"), str) else None
    )


def _unchanged(access: CalendarAccess, stored: Resource) -> Item:
    """The event re-read, if it is what was found, ours, and nobody else is told of a change."""
    hold_id(stored.href)
    item = _get(access, stored.href)
    if item is None or is_cancelled(item):
        raise ChangedError("the hold is gone", "somebody deleted it")
    # What it says is compared too: Google may keep the ETag of an event whose alarms alone were
    # changed.
    same = item.get("etag") == stored.etag and hold_event(access.resource(item).text) == hold_event(
        stored.text
    )
    if not stored.etag or not same:
        raise ChangedError("the hold was changed since it was read", "nothing was written")
    if item.get("attendees"):
        raise ChangedError("somebody is invited to the hold", "it is no longer fikad's to change")
    return item


def _get(access: CalendarAccess, event_id: str) -> Item | None:
    """The event as Google has it, cancelled ones included; None when there is none of this id."""
    try:
        item = access.calls.execute(access.events.get(calendarId=access.id, eventId=event_id))
    except Refused as refused:
        if refused.status not in _GONE:
            raise _refusal(access, refused) from None
        _calendar_there(access)
        return None
    if not isinstance(item, dict) or item.get("id") != event_id:
        raise UnreadableError(f'Google\'s answer about a hold in "{access.name}" is not an event')
    return item


def _calendar_there(access: CalendarAccess) -> None:
    """Raise MissingError when it is the calendar that is gone: "no such event" has the same words
    then."""
    try:
        access.calls.execute(access.events.list(calendarId=access.id, maxResults=1))
    except Refused as refused:
        raise _refusal(access, refused) from None


def _reread(access: CalendarAccess, event_id: str) -> Item | None:
    """Like `_get`, after a write without an answer: if looking fails too, that stays uncertain."""
    try:
        return _get(access, event_id)
    except UnreachableError as error:
        raise UncertainError(error.what, "it isn't known whether it was written") from None


def _there(item: Item | None) -> Item:
    if item is None:
        raise UncertainError("Google took a hold and does not show it", "the next pass looks")
    return item


def _taken(item: Item | None) -> TakenError:
    if item is not None and is_cancelled(item) and is_withdrawn(item):
        return WithdrawnError(
            "a hold of this name was taken back by fikad before", "choose another name"
        )
    return TakenError(
        "a hold of this name is or was in the calendar", "read it before deciding anything"
    )


def _refusal(access: CalendarAccess, refused: Refused, *, of_hold: bool = False) -> AccountError:
    """What a 4xx means. What is gone is the calendar, unless the request was one `of_hold`."""
    if refused.status == 412:
        return ChangedError("the hold was changed since it was read", "nothing was written")
    if refused.status in _GONE:
        if of_hold:
            return ChangedError("the hold is gone", "somebody deleted it")
        return MissingError(
            f'the calendar "{access.name}" is gone from Google', "choose another one for holds"
        )
    if refused.reason in SCOPE_REASONS:
        return ReadOnlyError(
            f'the grant does not allow writing to "{access.name}"',
            f"run `fikad auth {access.account}` and allow it",
        )
    if refused.status == 403:
        return ReadOnlyError(
            f'Google refuses writing to "{access.name}" ({refused.reason})',
            "choose another calendar",
        )
    return UnreadableError(
        f'Google refuses the request for "{access.name}" ({refused})', "please report this"
    )
