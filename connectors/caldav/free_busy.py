"""Asking a CalDAV server when people are busy (RFC 6638 section 5).

The question goes to the *scheduling outbox* of the user, and to nothing else: whatever is posted
there that is no VFREEBUSY is sent out as an invitation. So only a `FreeBusyRequest` is ever posted,
no redirect is followed, and the answer comes back at once: the server looks into the calendars of
its own users and asks nobody.

The `caldav` library has a request like it, which finds the outbox its own way and follows where it
is led; here it goes the way of every other request, with its limits."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from connectors.caldav.dialect import ADDRESS_SET
from connectors.calendar_address import calendar_address
from connectors.dav.homes import Homes
from connectors.dav.multistatus import CALDAV, DAV, Part, path_of
from connectors.dav.origin import joined, origin_of
from connectors.dav.requests import propfind_body
from connectors.dav.wire import Wire
from connectors.errors import UnreadableError
from connectors.free_busy import BusySpan, BusyTimes, merged
from connectors.ical.free_busy import FreeBusyRequest, busy_spans
from connectors.mail_address import is_mail, mail_address

_OUTBOX: Final = f"{CALDAV}schedule-outbox-URL"
_KEPT = timedelta(days=1)


class Outbox:
    """The scheduling outbox of one login (`connectors.free_busy.FreeBusySource`)."""

    def __init__(self, homes: Homes) -> None:
        self._homes = homes
        self._now: datetime | None = None

    def obstacle(self, now: datetime) -> str:
        """See `FreeBusySource.obstacle`. Raises as `Wire.propfind`."""
        self._now = now
        host = self._homes.wire.host
        path, organizer = self._looked_up(now)
        if not path:
            return f"{host} cannot be asked when others are busy (it has no scheduling outbox)"
        if not organizer:
            return f"{host} names no address of yours, without which it tells nobody's free/busy"
        return ""

    def busy_times(self, addresses: Collection[str], start: datetime, end: datetime) -> BusyTimes:
        """See `FreeBusySource.busy_times`: one POST for all. Raises UnreadableError where the
        server takes no such question, and as `Wire.send`."""
        now = self._now or datetime.fromtimestamp(0, UTC)
        path, organizer = self._looked_up(now)
        wanted = tuple(dict.fromkeys(addresses))
        known = tuple(address for address in wanted if mail_address(address) == address)
        if not path or not known:
            return dict.fromkeys(wanted)
        question = FreeBusyRequest(organizer, known, start, end)
        told = dict(_ask(self._homes.wire, path, question, now))
        return {
            address: None if spans is None else merged(spans, start, end)
            for address, spans in ((address, told.get(address)) for address in wanted)
        }

    def _looked_up(self, now: datetime) -> tuple[str, str]:
        """The path of the outbox and the user's own address; empty where there is none. Asked for
        daily."""
        memo = self._homes.memo
        kept = _sound(memo.get("outbox"))
        if kept is not None and timedelta() <= now - datetime.fromisoformat(kept[0]) < _KEPT:
            return kept[1], kept[2]
        if self._homes.principal is None:
            return "", ""
        answer, _ = self._homes.wire.propfind(
            self._homes.principal, 0, propfind_body([_OUTBOX, ADDRESS_SET])
        )
        path, organizer = _path(self._homes.wire, answer.parts[0]), _organizer(answer.parts[0])
        memo["outbox"] = [now.isoformat(), path, organizer]
        return path, organizer


def _path(wire: Wire, principal: Part) -> str:
    """Where the outbox is, on this server alone: it is told who is asked for."""
    value = principal.props.get(_OUTBOX)
    href = next(iter(value.hrefs), "") if value else ""
    if not href:
        return ""
    if origin_of(joined(wire.base, href))[1] != origin_of(wire.base)[1]:
        raise wire.stray(joined(wire.base, href))
    return path_of(href)


def _organizer(principal: Part) -> str:
    """The user's address by which the outbox knows them: one that mail goes to, if there is one."""
    value = principal.props.get(ADDRESS_SET)
    known = [
        address for href in (value.hrefs if value else ()) if (address := calendar_address(href))
    ]
    return next(filter(is_mail, known), next(iter(known), ""))


def _ask(
    wire: Wire, path: str, question: FreeBusyRequest, stamp: datetime
) -> Iterator[tuple[str, tuple[BusySpan, ...] | None]]:
    """What the server says of each address."""
    answer = wire.send(
        "POST",
        path,
        question.text(stamp).encode(),
        {"Content-Type": "text/calendar; charset=utf-8"},
        follow=False,
    )
    if answer.status != 200:
        raise UnreadableError(
            f"{wire.host} does not say when others are busy (status {answer.status})",
            "nobody counts as free or busy for it",
        )
    yield from _responses(answer.body, wire.host)


def _responses(body: bytes, host: str) -> Iterator[tuple[str, tuple[BusySpan, ...] | None]]:
    """The answer, person by person (RFC 6638 section 5.2.1, the element `schedule-response`)."""
    from lxml import etree

    unreadable = UnreadableError(
        f"{host} gave an answer about free/busy that makes no sense",
        "nobody counts as free or busy for it",
    )
    if b"<!doctype" in body[:2000].lower():
        raise unreadable
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        root = etree.parse(io.BytesIO(body), parser).getroot()
    except (etree.XMLSyntaxError, ValueError):
        raise unreadable from None
    if root.tag != f"{CALDAV}schedule-response":
        raise unreadable
    for response in root.iterfind(f"{CALDAV}response"):
        recipient = response.findtext(f"{CALDAV}recipient/{DAV}href") or ""
        yield calendar_address(recipient), _told(response)


def _told(response: Any) -> tuple[BusySpan, ...] | None:
    """When one person is busy; None where the server does not say (RFC 5546 section 3.6: only a
    status that begins with 2 is a success)."""
    status = (response.findtext(f"{CALDAV}request-status") or "").strip()
    text = response.findtext(f"{CALDAV}calendar-data") or ""
    return busy_spans(text) if status.startswith("2.") else None


def _sound(kept: object) -> tuple[str, str, str] | None:
    """What a memo says of the outbox, if it is such as we could have written."""
    if not isinstance(kept, list) or len(kept) != 3:
        return None
    asked, path, organizer = kept
    if not all(isinstance(part, str) for part in kept):
        return None
    try:
        dated = datetime.fromisoformat(asked).tzinfo is not None
    except ValueError:
        return None
    rooted = not path or path.startswith("/")
    known = not organizer or calendar_address(organizer) == organizer
    return (asked, path, organizer) if dated and rooted and known else None
