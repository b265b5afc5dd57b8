"""What stands in a Google calendar, and what changed there.

Events are listed as series and exceptions, not as instances, with a token that the next list begins
from: an unchanged calendar costs one request. The parameters of that list never vary, since a token
is only good for the very same question. Where nothing changed the token stays the one there was:
it asks for all that comes since, however often it is used. An answer that lacks a part it must have
is no answer: an empty calendar has an empty list in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from connectors.base import Changes, KnownResources, Resource
from connectors.errors import AccountError, CredentialsError, MissingError, UnreadableError
from connectors.google.auth import READ_SCOPES, missing_scopes
from connectors.google.begun import Begun, TokenGone
from connectors.google.calls import SCOPE_REASONS, Calls, Refused
from connectors.google.events import (
    SECONDARY,
    is_cancelled,
    is_exception,
    resource,
)
from connectors.google.items import Item

PAGE_SIZE = 1000
"""Events per page: Google's most is 2,500, but a page is held in memory whole."""


@dataclass(frozen=True, slots=True)
class CalendarAccess:
    """One calendar as the list of calendars describes it."""

    calls: Calls
    account: str
    """The account's name in the config."""
    id: str
    name: str
    role: str
    """Google's accessRole."""
    primary: bool
    zone: str
    """IANA name of the calendar's zone."""

    @property
    def events(self) -> Any:
        return self.calls.collection("events")

    @property
    def secondary(self) -> bool:
        return self.id.endswith(SECONDARY)

    @property
    def mine(self) -> bool:
        """Whether Google's `self` in here means the account's owner: in a colleague's calendar it
        is the colleague."""
        return self.primary or (self.role == "owner" and self.secondary)

    @property
    def owner(self) -> str:
        """The address of the person (or room) whose own calendar this is, which is its id. A
        secondary or imported one may be anybody's."""
        address = self.id.lower()
        shared = address.endswith("calendar.google.com") and not address.endswith(
            "@resource.calendar.google.com"
        )
        return "" if "@" not in address or shared else address

    def resource(self, item: Item) -> Resource:
        return resource(item, zone=self.zone, mine=self.mine)


class FreeBusyOnlyError(UnreadableError):
    """The calendar is shared as free/busy only, and Google does not list even its times."""


def calendar_entries(calls: Calls, account: str) -> list[dict[str, Any]]:
    """The list of calendars: id, name, role, primary, zone of each, as JSON that can be remembered.

    A hidden calendar counts only if it is the user's own: it may be the one with the holds. Raises
    AccountError."""
    entries: list[dict[str, Any]] = []
    page: str | None = None
    while True:
        try:
            answer = calls.execute(
                calls.collection("calendarList").list(
                    maxResults=250, showHidden=True, pageToken=page
                ),
            )
        except Refused as refused:
            raise unreadable(calls, account, "the list of calendars", refused) from None
        items = _items(answer)
        if items is None:
            raise UnreadableError(
                f'account "{account}": Google\'s list of calendars is not one', "trying again later"
            )
        entries += [
            entry(item)
            for item in items
            if not item.get("hidden") or item.get("accessRole") == "owner"
        ]
        following = answer.get("nextPageToken") or None
        if following is None:
            return entries
        if following == page:
            raise UnreadableError(
                f'account "{account}": Google\'s list of calendars does not end',
                "trying again later",
            )
        page = following


def entry(item: Item) -> dict[str, Any]:
    """What is remembered of one calendar."""
    return {
        "id": str(item["id"]),
        "name": str(item.get("summaryOverride") or item.get("summary") or item["id"]),
        "role": str(item.get("accessRole") or "reader"),
        "primary": item.get("primary") is True,
        "zone": str(item.get("timeZone") or "UTC"),
    }


def begun(access: CalendarAccess, token: str) -> Begun[list[dict[str, Any]]]:
    """What is listed since `token`, as far as its first page, for `changes_since` to go on from."""
    return Begun(token, _pages(access, token))


def changes_since(
    access: CalendarAccess,
    token: str | None,
    known: KnownResources,
    complete: bool,
    asked: Begun[list[dict[str, Any]]] | None = None,
) -> Iterator[Changes]:
    """What changed since `token`; without one, with an expired one (410) or `complete`, a full list
    compared with what is `known`. What was `asked` with this token is not asked again. Raises
    MissingError, UnreadableError, UnreachableError, CredentialsError."""
    brought: set[str] = set()
    if token and not complete:
        pages = None if asked is None else asked.pages_since(token)
        try:
            for batch in _delta(access, pages or _pages(access, token), known):
                brought.update(changed.href for changed in batch.changed)
                yield batch
        except TokenGone:
            pass  # it expired, which Google tells this way: the full list below is what it asks for
        else:
            return
    yield from _everything(access, known, brought)


def _delta(
    access: CalendarAccess,
    pages: Iterator[tuple[list[dict[str, Any]], str | None]],
    known: KnownResources,
) -> Iterator[Changes]:
    gone: dict[str, None] = {}
    for items, following_token in pages:
        changed: dict[str, Resource] = {}
        for item in items:
            if is_cancelled(item) and not is_exception(item):
                changed.pop(item["id"], None)
                gone |= dict.fromkeys([item["id"], *_exceptions_of(item["id"], known)])
            else:
                changed[item["id"]] = access.resource(item)
                gone.pop(item["id"], None)
        last = following_token is not None
        yield Changes(tuple(changed.values()), tuple(gone) if last else (), following_token, last)


def _everything(
    access: CalendarAccess, known: KnownResources, brought: set[str]
) -> Iterator[Changes]:
    """A full list against what is known. `brought`: hrefs that an interrupted delta has just handed
    out."""
    seen: set[str] = set()
    for items, following_token in _pages(access, None):
        resources = [
            access.resource(item) for item in items if is_exception(item) or not is_cancelled(item)
        ]
        seen.update(each.href for each in resources)
        last = following_token is not None
        yield Changes(
            changed=tuple(each for each in resources if known.get(each.href, "") != each.etag),
            removed=tuple(sorted((known.keys() | brought) - seen)) if last else (),
            token=following_token,
            last=last,
        )


def _pages(
    access: CalendarAccess, token: str | None
) -> Iterator[tuple[list[dict[str, Any]], str | None]]:
    """The pages of one list: the items of each, with the last one the token to begin the next list
    from."""
    page: str | None = None
    while True:
        request = access.events.list(
            calendarId=access.id,
            singleEvents=False,
            maxResults=PAGE_SIZE,
            syncToken=token,
            pageToken=page,
        )
        try:
            answer = access.calls.execute(request)
        except Refused as refused:
            raise _meaning(access, refused, token) from None
        items = _items(answer)
        if items is None:
            raise UnreadableError(
                f'Google\'s answer for "{access.name}" is not a list of events',
                "trying again later",
            )
        following = answer.get("nextPageToken") or None
        next_token = answer.get("nextSyncToken") if following is None else None
        broken_off = following is None and not isinstance(next_token, str)
        if broken_off or (following is not None and following == page):
            raise UnreadableError(
                f'Google\'s list of events in "{access.name}" breaks off', "trying again later"
            )
        yield items, next_token
        if following is None:
            return
        page = following


def _meaning(
    access: CalendarAccess, refused: Refused, token: str | None
) -> AccountError | TokenGone:
    # 410: expired; 400: nothing that Google takes for a token
    if token and refused.status in (400, 410):
        return TokenGone()
    if (
        access.role == "freeBusyReader"
        and refused.status in (403, 404)
        and refused.reason not in SCOPE_REASONS
    ):
        return FreeBusyOnlyError(
            f'"{access.name}" is shared as free/busy only and Google does not list its times',
            "put it under ignore",
        )
    if refused.status in (404, 410):
        return MissingError(
            f'the calendar "{access.name}" is gone from Google', "check its sharing or remove it"
        )
    return unreadable(access.calls, access.account, f'the calendar "{access.name}"', refused)


def unreadable(calls: Calls, account: str, what: str, refused: Refused) -> AccountError:
    """What a refused read means."""
    if refused.reason in SCOPE_REASONS:
        missing = missing_scopes(calls.scopes, READ_SCOPES) or READ_SCOPES
        names = ", ".join(scope.rpartition("/")[2] for scope in missing)
        return CredentialsError(
            f'the grant of account "{account}" does not allow reading {what} ({names})',
            f"run `fikad auth {account}`",
        )
    return UnreadableError(
        f'account "{account}": Google refuses {what} ({refused})', "check its sharing"
    )


def _items(answer: object) -> list[dict[str, Any]] | None:
    """The items of a list, or None when the answer is not a list whose items have ids."""
    items = answer.get("items") if isinstance(answer, dict) else None
    if not isinstance(items, list):
        return None
    return (
        items
        if all(
            isinstance(each, dict) and each.get("id") and isinstance(each["id"], str)
            for each in items
        )
        else None
    )


def _exceptions_of(series: str, known: KnownResources) -> Iterator[str]:
    """A deleted series takes its exceptions along, and Google does not name them. Nor do their ids
    tell: after "this and following" the instances keep the first series' id as their prefix."""
    return (href for href, group in known.groups.items() if group == series != href)
