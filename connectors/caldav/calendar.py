"""One calendar of a CalDAV server: what it says of itself, read and written. What writes is loaded
when there is something to write."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from connectors.calendar_address import calendar_address
from connectors.dav.homes import Homes
from connectors.dav.multistatus import DAV, Part, collection, normal
from connectors.dav.naming import shown_name
from connectors.dav.reading import (
    LIST,
    collection_versions,
    is_final,
    read_changes,
    token_for,
    version,
    versions_in,
)
from connectors.errors import ReadOnlyError

if TYPE_CHECKING:
    from connectors.base import Changes, HoldDraft, Resource

_WRITING = {f"{DAV}all", f"{DAV}write", f"{DAV}write-content", f"{DAV}bind"}
_DIGEST = re.compile(r'"?[0-9a-f]{32,}"?')


class CalDAVCalendar:
    """One calendar; what it says of itself is as of the poll that made it.
    `stamp` (aware) is when a hold that is written counts as written (DTSTAMP)."""

    def __init__(self, homes: Homes, part: Part, stamp: datetime) -> None:
        self._homes = homes
        self._wire = homes.wire
        self._stamp = stamp
        self._path = collection(part.href)
        self._tokens = versions_in(part)
        self._final = all(is_final(token, self._wire.clock) for token in self._tokens)
        self._name = shown_name(part)
        privileges = part.props.get(f"{DAV}current-user-privilege-set")
        owner = part.props.get(f"{DAV}owner")
        self._owner = calendar_address(next(iter(owner.hrefs), "")) if owner is not None else ""
        self._writable = (
            privileges is None or not privileges.tags or bool(_WRITING & privileges.tags)
        )

    @property
    def id(self) -> str:
        """The calendar's path on the server, in one spelling."""
        return normal(self._path)

    @property
    def name(self) -> str:
        return self._name

    @property
    def also_called(self) -> tuple[str, ...]:
        return ()

    @property
    def writable(self) -> bool:
        """False only where the server says so (RFC 3744 section 5.4)."""
        return self._writable

    @property
    def owner(self) -> str:
        """The principal in DAV:owner (RFC 3744 section 5.1). Unknown too where the account's own
        principal is: whether they are the same could not be told."""
        return self._owner if self._homes.principal else ""

    @property
    def version(self) -> str | None:
        """None while more may change under the same tokens."""
        return version(*self._tokens) if self._final else None

    @property
    def keeps_history(self) -> bool:
        """Whether the server can tell what changed since a token (RFC 6578)."""
        return bool(self._tokens[0])

    def changes(
        self, token: str | None, known: Mapping[str, str | None], *, complete: bool = False
    ) -> Iterator[Changes]:
        """See `Calendar.changes`; raises MissingError, UnreadableError, UnreachableError,
        CredentialsError."""
        fresh = token_for(*self._tokens) if self._final else LIST
        return read_changes(self._wire, self._path, fresh, token, known, complete)

    def current_version(self) -> str | None:
        """None where the server's versions are made of the content alone (Xandikos: the id of a git
        tree): with what was written and deleted again they are what they were before. None too
        while more may change under them."""
        tokens = collection_versions(self._wire, self._path)
        if not all(is_final(token, self._wire.clock) for token in tokens):
            return None
        return (
            None
            if all(token is None or _DIGEST.fullmatch(token) for token in tokens)
            else version(*tokens)
        )

    def read(self, uid: str) -> Resource | None:
        from connectors.caldav.writing import read_hold

        return read_hold(self._wire, self._path, uid)

    def took_back(self, uid: str) -> bool:
        """Never known: a CalDAV server forgets what is deleted."""
        return False

    def create(self, draft: HoldDraft) -> Resource:
        from connectors.caldav.writing import create_hold

        self._demand_writable()
        return create_hold(self._wire, self._path, draft, self._stamp)

    def update(self, stored: Resource, draft: HoldDraft) -> Resource:
        from connectors.caldav.writing import update_hold

        self._demand_writable()
        return update_hold(self._wire, self._path, stored, draft, self._stamp)

    def complete(self, stored: Resource, lines: Collection[str]) -> Resource:
        from connectors.caldav.writing import complete_hold

        self._demand_writable()
        return complete_hold(self._wire, self._path, stored, lines)

    def delete(self, stored: Resource) -> None:
        from connectors.caldav.writing import delete_hold

        self._demand_writable()
        delete_hold(self._wire, self._path, stored)

    def _demand_writable(self) -> None:
        if not self._writable:
            raise ReadOnlyError(
                f"{self._wire.host} lets you only read {self._name}",
                "choose another calendar for holds",
            )
