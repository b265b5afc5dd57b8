"""What changed in a calendar or an address book, asked for in as few requests as the server allows.

Two ways lead there. Where the server keeps a history, `sync-collection` (RFC 6578) tells what
changed since a token; everywhere, a listing of all ETags compared with the known ones does. The
second is also the truth that the first is
checked against: some servers answer a token that they no longer know as if nothing had changed.
Either way only texts whose ETag differs are fetched, in batches, and an object is called removed
only when the collection itself answers and lacks it. DAVx5's SyncManager goes the same way."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from connectors.base import Changes
from connectors.dav.fetching import Listing, fetched, list_etags
from connectors.dav.multistatus import (
    DAV,
    SERVER,
    Part,
    collection,
    is_inside,
    normal,
    path_of,
)
from connectors.dav.requests import propfind_body, sync_body
from connectors.dav.wire import Wire

VERSIONS = (f"{DAV}sync-token", f"{SERVER}getctag")
"""The properties by which a collection tells that something in it changed."""
LIST = "list"
"""The token that says: compare a listing."""
_MAX_PAGES = 1000
_SECONDS = re.compile(r"(?<!\d)(\d{10})\"?$")
_SETTLED_SECONDS = 2


def token_for(sync_token: str | None, ctag: str | None) -> str:
    """The token to store with a reading: which question to ask next time, and since when."""
    if sync_token:
        return f"sync {sync_token}"
    return f"ctag {ctag}" if ctag else LIST


def is_final(token: str | None, clock: datetime | None) -> bool:
    """Whether nothing more can happen under a token: not where it is a time in whole seconds
    (SOGo's) and that second has just been, by the server's own `clock`. What changes in the same
    second would have the same token."""
    second = _SECONDS.search(token or "")
    if second is None:
        return True
    now = clock or datetime.now(UTC)
    return abs(now.timestamp() - int(second[1])) >= _SETTLED_SECONDS


def read_changes(
    wire: Wire,
    path: str,
    fresh: str,
    token: str | None,
    known: Mapping[str, str | None],
    complete: bool,
) -> Iterator[Changes]:
    """The changes of the collection at `path` since `token`, in batches; see `Calendar.changes`.

    `fresh` is the token of just before this reading: stored after a full listing, so that what is
    written during the listing is seen next time. Raises MissingError when the collection is
    gone, UnreadableError and UnreachableError."""
    delta = None
    if token is not None and token.startswith("sync ") and not complete:
        delta = _delta(wire, path, token.removeprefix("sync "))
    if delta is None:
        listed = list_etags(wire, path)
        delta = listed, {href for href in known if href not in listed}, fresh
    listing, removed, after = delta
    wanted = {
        key: raw for key, (raw, etag) in listing.items() if etag is None or known.get(key) != etag
    }
    for got in fetched(wire, path, wanted):
        removed |= got.gone
        yield Changes(
            changed=tuple(got.texts.values()), problems=tuple(got.problems), expected=len(wanted)
        )
    yield Changes(
        removed=tuple(sorted(removed & known.keys())), token=after, last=True, expected=len(wanted)
    )


def _delta(wire: Wire, path: str, since: str) -> tuple[Listing, set[str], str] | None:
    """What `sync-collection` tells: changed, removed, new token. None where only a full listing can
    help: the token is no longer known (403, 409, 412 and other refusals), or the server cannot
    finish a truncated answer."""
    base = normal(collection(path))
    changed: Listing = {}
    removed: set[str] = set()
    for _ in range(_MAX_PAGES):
        answer = wire.report(path, sync_body(since), depth=0)
        if answer.status >= 400:
            return None
        page = wire.multistatus(answer)
        truncated = False
        for part in page.parts:
            key = normal(part.href)
            if part.status == 507:  # RFC 6578 section 3.6: there is more
                truncated = True
            elif not is_inside(key, base):
                continue
            elif part.status in {404, 410}:
                removed.add(key)
                changed.pop(key, None)
            else:
                changed[key] = path_of(part.href), part.text(f"{DAV}getetag")
                removed.discard(key)
        if page.sync_token is None or (truncated and page.sync_token == since):
            return None
        since = page.sync_token
        if not truncated:
            return changed, removed, f"sync {since}" if is_final(since, wire.clock) else LIST
    return None


def collection_versions(wire: Wire, path: str) -> tuple[str | None, str | None]:
    """A collection's sync-token and ctag as they are now. Raises MissingError when it is gone."""
    answered, _ = wire.propfind(path, 0, propfind_body(VERSIONS))
    return versions_in(answered.parts[0])


def versions_in(part: Part) -> tuple[str | None, str | None]:
    """The sync-token and the ctag that a listing gives a collection."""
    return part.text(f"{DAV}sync-token"), part.text(f"{SERVER}getctag")


def version(sync_token: str | None, ctag: str | None) -> str | None:
    """Both in one, since either may stand still where the other moves."""
    return json.dumps([sync_token, ctag]) if sync_token or ctag else None
