"""Holds on a CalDAV server: looked at before, written on a condition, looked at after.

A condition alone protects nothing: there are servers that ignore `If-None-Match: *` (SOGo, Zimbra)
and `If-Match` (SOGo), so that a plain conditional PUT would overwrite what the user just wrote or
bring back what they just deleted. So every write reads the event first and compares it, then writes
on the condition that it is still the same (a weak ETag is not a condition, RFC 9110 section 13.1.1,
and is never sent), then reads it again.

Nothing is ever written to or deleted from an address that holds anything but one of our own events.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime

from connectors.base import HoldDraft, Resource
from connectors.caldav.requests import uid_query_body
from connectors.dav.failures import FailedAnswerError, LostAnswerError
from connectors.dav.fetching import plain
from connectors.dav.http import HttpAnswer
from connectors.dav.multistatus import CALDAV, DAV, member_of, normal, path_of
from connectors.dav.reading import collection_versions
from connectors.dav.wire import Wire
from connectors.errors import (
    AccountError,
    ChangedError,
    HiddenError,
    ReadOnlyError,
    TakenError,
    UncertainError,
    UnreachableError,
    UnreadableError,
)
from connectors.hold_uid import demand_hold
from connectors.ical.completion import completed_text, is_completed
from connectors.ical.hold_text import hold_event, hold_text, seal
from connectors.ical.outline import uids, unfolded
from connectors.sanitize import sanitize

_NOT_SHOWN = "choose another calendar for holds, or ask its owner to let you see private events"
_CALENDAR = {"Content-Type": 'text/calendar; charset="utf-8"'}


def read_hold(wire: Wire, path: str, uid: str) -> Resource | None:
    """The hold with this UID in the calendar at `path`, wherever the server stored it; None when it
    is gone.

    Raises MissingError when it is the calendar that is gone.
    """
    demand_hold({uid}, uid)
    stored = _get(wire, f"{path}{uid}.ics")
    if stored is not None and uids(stored.text) == {uid}:
        return stored
    return _search(wire, path, uid)


def create_hold(wire: Wire, path: str, draft: HoldDraft, stamp: datetime) -> Resource:
    """Write a new hold and return it as the server shows it. `stamp` becomes its DTSTAMP (aware).

    Raises TakenError when one with this UID is there, ReadOnlyError, MissingError, UnreachableError
    when it surely was not written, UncertainError when that cannot be told."""
    if read_hold(wire, path, draft.uid) is not None:
        raise TakenError(
            f"{wire.host} has a hold {draft.uid} already", "read it before deciding anything"
        )
    body = hold_text(draft, stamp).encode()
    answer = _sent(
        lambda: wire.send(
            "PUT", f"{path}{draft.uid}.ics", body, {"If-None-Match": "*", **_CALENDAR}
        ),
        lambda: _says(read_hold(wire, path, draft.uid), draft),
        draft.uid,
    )
    if answer is not None and answer.status not in {200, 201, 204}:
        # a second object with the UID: Radicale says 409, Xandikos 412, Cyrus 403 (RFC 4791 section
        # 5.3.2.1)
        if answer.status in {409, 412} or b"no-uid-conflict" in answer.body:
            raise TakenError(
                f"{wire.host} has a hold {draft.uid} already", "read it before deciding anything"
            )
        raise wire.refusal(answer, writing=True)
    return _shown(lambda: read_hold(wire, path, draft.uid), draft.uid)


def update_hold(
    wire: Wire, path: str, stored: Resource, draft: HoldDraft, stamp: datetime
) -> Resource:
    """Replace the hold if it still is `stored`, and return it as the server shows it. `stamp`
    becomes its DTSTAMP.

    Raises ChangedError when it is not, and as `create_hold` otherwise.
    """
    address = _address(path, stored.href)
    condition = _condition(_still(wire, address, stored, draft.uid))
    body = hold_text(draft, stamp).encode()
    answer = _sent(
        lambda: wire.send("PUT", address, body, {**condition, **_CALENDAR}),
        lambda: _says(_get(wire, address), draft),
        draft.uid,
    )
    if answer is not None and answer.status not in {200, 201, 204}:
        raise _changed_or_refused(wire, answer, draft.uid)
    return _shown(lambda: _get(wire, address), draft.uid)


def complete_hold(wire: Wire, path: str, stored: Resource, lines: Collection[str]) -> Resource:
    """Confirm the hold and show it as busy, without these lines of its description, if it still is
    `stored`; the rest stays byte for byte. Raises ChangedError when it is not, or when somebody is
    invited, whom the server might tell of a change (RFC 6638 section 3.2); else as `create_hold`.
    """
    address = _address(path, stored.href)
    uid = _name(stored)
    now = _still(wire, address, stored, uid)
    if any(line.upper().startswith("ATTENDEE") for line in unfolded(now.text)):
        raise ChangedError(f"somebody is invited to {uid}", "it is no longer fikad's to change")

    def done() -> bool:
        shown = _get(wire, address)
        event = hold_event(shown.text) if shown is not None else None
        return event is not None and is_completed(event, lines)

    body = completed_text(now.text, lines).encode()
    answer = _sent(
        lambda: wire.send("PUT", address, body, {**_condition(now), **_CALENDAR}), done, uid
    )
    if answer is not None and answer.status not in {200, 201, 204}:
        raise _changed_or_refused(wire, answer, uid)
    return _shown(lambda: _get(wire, address), uid)


def delete_hold(wire: Wire, path: str, stored: Resource) -> None:
    """Delete the hold if it still is `stored`, and see that it is gone. Raises as `update_hold`."""
    address = _address(path, stored.href)
    uid = _name(stored)
    condition = _condition(_still(wire, address, stored, uid))
    answer = _sent(
        lambda: wire.send("DELETE", address, headers=condition),
        lambda: _get(wire, address) is None,
        uid,
    )
    if answer is not None and answer.status not in {200, 202, 204}:
        raise _changed_or_refused(wire, answer, uid)
    if answer is not None and _get(wire, address) is not None:
        raise UncertainError(
            f"{wire.host} took the deletion of {uid} and still shows it", "fikad looks again later"
        )


# --- before the write ---


def _address(path: str, href: str) -> str:
    """Where to write: the found object's name inside the calendar as the server spells the
    calendar."""
    if not member_of(href, path):
        raise ReadOnlyError(
            f"refused to write outside of the calendar ({sanitize(href, 80)})",
            "nothing was written",
        )
    return path + normal(href).rpartition("/")[2]


def _get(wire: Wire, address: str) -> Resource | None:
    answer = wire.send("GET", address, headers=plain(wire.dialect))
    if answer.status in {404, 410}:
        return None
    if answer.status != 200:
        raise wire.refusal(answer)
    if not wire.dialect.holds(answer.text):
        raise UnreadableError(
            f"{wire.host} gave a page instead of the event at {sanitize(address)}",
            "check the account's url",
        )
    return Resource(normal(address), answer.headers.get("etag"), answer.text)


def _search(wire: Wire, path: str, uid: str) -> Resource | None:
    """Look for a UID under any name. A server that can't search still has to show the calendar
    itself."""
    answer = wire.report(path, uid_query_body(uid), depth=1)
    if answer.status in {400, 405, 415, 422, 501}:
        collection_versions(wire, path)
        return None
    for part in wire.multistatus(answer).parts:
        if not member_of(part.href, path) or part.status != 200:
            continue
        text = part.text(f"{CALDAV}calendar-data")
        if text is None:
            stored = _get(wire, path_of(part.href))
        else:
            stored = Resource(
                normal(part.href), part.text(f"{DAV}getetag"), text.replace("\r\n", "\n")
            )
        if stored is not None and uids(stored.text) == {uid}:
            return stored
    return None


def _name(stored: Resource) -> str:
    """The UID of a stored hold. What is not one hold has one that no hold has."""
    return ", ".join(uids(stored.text))


def _still(wire: Wire, address: str, stored: Resource, uid: str) -> Resource:
    """The event read once more, if it still is `stored`."""
    now = _get(wire, address)
    if now is None:
        raise ChangedError(
            f"the hold {sanitize(uid, 80)} is gone from {wire.host}", "nothing was written"
        )
    demand_hold(uids(now.text), uid)
    same_tag = now.etag is None or stored.etag is None or _bare(now.etag) == _bare(stored.etag)
    if not same_tag or _content(now.text) != _content(stored.text):
        raise ChangedError(f"the hold {uid} was changed on {wire.host}", "nothing was written")
    return now


def _condition(now: Resource) -> Mapping[str, str]:
    """Under which an event as just read may be written."""
    if now.etag is None or now.etag.startswith("W/"):
        return {}
    return {"If-Match": f'"{_bare(now.etag)}"'}


def _bare(etag: str) -> str:
    return etag.removeprefix("W/").strip('"')


def _content(text: str) -> list[str]:
    """A text as compared: without DTSTAMP, which some servers make up anew at each reading."""
    return [
        line for line in unfolded(text) if line.strip() and not line.upper().startswith("DTSTAMP")
    ]


# --- the write and after ---


def _sent(send: Callable[[], HttpAnswer], done: Callable[[], bool], uid: str) -> HttpAnswer | None:
    """Send a write. None: the answer was lost, and a look shows that it was carried out all the
    same."""
    try:
        return send()
    except (LostAnswerError, FailedAnswerError) as error:
        lost = error
    try:
        if done():
            return None
    except AccountError as blind:
        raise UncertainError(
            f"no answer to writing {uid}, and no look at it after ({blind})",
            "fikad looks again later",
        ) from blind
    if isinstance(lost, FailedAnswerError):
        raise UnreachableError(str(lost)) from lost
    # not there now, but a slow server may still get to it
    raise UncertainError(
        f"no answer to writing {uid} ({lost})", "fikad looks again later"
    ) from lost


def _says(stored: Resource | None, draft: HoldDraft) -> bool:
    """Whether the server shows what `draft` says; not byte for byte, since servers rewrite what
    they store."""
    event = hold_event(stored.text) if stored is not None else None
    return event is not None and event.uid == draft.uid and seal(event) == seal(draft)


def _shown(reread: Callable[[], Resource | None], uid: str) -> Resource:
    """What the server shows after it has taken a write."""
    try:
        shown = reread()
    except UnreadableError as refused:
        raise HiddenError(
            f"{uid} was written, but is not given back ({refused})", _NOT_SHOWN
        ) from refused
    except AccountError as blind:
        raise UncertainError(
            f"{uid} was written, but can't be read back ({blind})", "fikad looks again later"
        ) from blind
    if shown is None:
        raise HiddenError(f"{uid} was written, but does not show", _NOT_SHOWN)
    return shown


def _changed_or_refused(wire: Wire, answer: HttpAnswer, uid: str) -> AccountError:
    if answer.status in {404, 409, 410, 412}:
        return ChangedError(
            f"the hold {uid} was changed or deleted on {wire.host} just now", "nothing was written"
        )
    return wire.refusal(answer, writing=True)
