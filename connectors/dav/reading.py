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
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice

from connectors.base import Changes, Problem, Resource
from connectors.dav.dialect import Dialect
from connectors.dav.failures import FailedAnswerError
from connectors.dav.multistatus import DAV, SERVER, Part, member_of, normal, parse, path_of
from connectors.dav.requests import multiget_body, propfind_body, sync_body
from connectors.dav.wire import Wire
from connectors.errors import AccountError, UnreadableError
from connectors.sanitize import sanitize

BATCH = 75
"""Objects per multiget: about 100 kB, where servers are still quick and a lost answer costs little.
"""
VERSIONS = (f"{DAV}sync-token", f"{SERVER}getctag")
"""The properties by which a collection tells that something in it changed."""
LIST = "list"
"""The token that says: compare a listing."""
_MAX_PAGES = 1000
_SECONDS = re.compile(r"(?<!\d)(\d{10})\"?$")
_SETTLED_SECONDS = 2

Listing = dict[str, tuple[str, str | None]]
"""Normal href to the href as the server spells it, and the ETag."""


@dataclass(slots=True)
class _Reading:
    """One run over one collection."""

    wire: Wire
    path: str
    listed: Listing | None = None
    """A listing asked for during the run because something was not delivered."""
    batches: bool = True
    """False once the server has refused multiget."""


@dataclass(slots=True)
class _Batch:
    """What became of some wanted objects."""

    texts: dict[str, Resource] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)


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
    reading = _Reading(wire, path)
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
    waiting = iter(wanted.items())
    while batch := dict(islice(waiting, BATCH)):
        got = _fetch(reading, batch)
        removed |= got.gone
        yield Changes(
            changed=tuple(got.texts.values()), problems=tuple(got.problems), expected=len(wanted)
        )
    yield Changes(
        removed=tuple(sorted(removed & known.keys())), token=after, last=True, expected=len(wanted)
    )


def list_etags(wire: Wire, path: str) -> Listing:
    """Every object of a collection with its ETag. Raises UnreadableError when the server lists only
    a part."""
    answered, _ = wire.propfind(path, 1, propfind_body([f"{DAV}getetag"]))
    if any(part.status == 507 for part in answered.parts):
        raise UnreadableError(
            f"{wire.host} lists only a part of {sanitize(path)}", "nothing was concluded from it"
        )
    return {
        normal(part.href): (path_of(part.href), part.text(f"{DAV}getetag"))
        for part in answered.parts
        if part.status not in {404, 410} and member_of(part.href, path)
    }


def _delta(wire: Wire, path: str, since: str) -> tuple[Listing, set[str], str] | None:
    """What `sync-collection` tells: changed, removed, new token. None where only a full listing can
    help: the token is no longer known (403, 409, 412 and other refusals), or the server cannot
    finish a truncated answer."""
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
            elif not member_of(part.href, path):
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


def _fetch(reading: _Reading, wanted: Mapping[str, str]) -> _Batch:
    """The texts of `wanted` (normal href to spelled href).

    Servers differ when one object has vanished meanwhile: most say 404 for it, DAViCal leaves it
    out, sabre/dav says 404 for all of them. So what was not delivered is looked up in a fresh
    listing before anything is concluded."""
    batch = _Batch(texts=_multiget(reading, wanted))
    left = {key: raw for key, raw in wanted.items() if key not in batch.texts}
    if not left:
        return batch
    if reading.listed is None:
        reading.listed = list_etags(reading.wire, reading.path)
    batch.gone = {key for key in left if key not in reading.listed}
    left = {key: raw for key, raw in left.items() if key not in batch.gone}
    if left and batch.gone and not batch.texts:
        batch.texts = _multiget(reading, left)
        left = {key: raw for key, raw in left.items() if key not in batch.texts}
    failures: list[AccountError] = []
    for key, raw in left.items():
        try:
            _fetch_one(reading.wire, key, raw, batch)
        except FailedAnswerError as error:
            failures.append(error)
            batch.problems.append(_problem(reading.wire.dialect, key, "the server fails on it"))
    if len(failures) > 1 and not batch.texts:
        raise failures[0]  # not one broken object: the server is down
    return batch


def _multiget(reading: _Reading, wanted: Mapping[str, str]) -> dict[str, Resource]:
    """What one multiget delivers; nothing where the server refuses it or one object breaks the
    whole answer."""
    if not reading.batches:
        return {}
    dialect = reading.wire.dialect
    body = multiget_body(dialect.multiget, dialect.data, list(wanted.values()))
    answer = reading.wire.report(reading.path, body, depth=None)
    if answer.status >= 400:
        reading.batches = answer.status in {404, 410}
        return {}
    if answer.status != 207:
        raise reading.wire.refusal(answer)
    try:
        delivered = parse(answer.body, reading.wire.host, dialect.protocol)
    except UnreadableError:
        return {}  # a control character in one text is enough; asked for one by one they all arrive
    texts = {}
    for part in delivered.parts:
        key, text = normal(part.href), part.text(dialect.data)
        if key in wanted and text is not None and part.status < 300:
            texts[key] = Resource(key, part.text(f"{DAV}getetag"), text.replace("\r\n", "\n"))
    return texts


def _fetch_one(wire: Wire, key: str, raw: str, batch: _Batch) -> None:
    answer = wire.send("GET", raw, headers=plain(wire.dialect))
    if answer.status in {404, 410}:
        batch.gone.add(key)
    elif answer.status == 200 and wire.dialect.holds(answer.text):
        batch.texts[key] = Resource(key, answer.headers.get("etag"), answer.text)
    elif answer.status == 200:
        batch.problems.append(
            _problem(wire.dialect, key, f"the server gives no {wire.dialect.content} for it")
        )
    else:
        batch.problems.append(
            _problem(
                wire.dialect,
                key,
                f"the server lists it but does not give it (error {answer.status})",
            )
        )


def plain(dialect: Dialect) -> Mapping[str, str]:
    """With what one text is asked for: uncompressed, since proxies that compress on the way weaken
    the ETag."""
    return {"Accept": dialect.media_type, "Accept-Encoding": "identity"}


def _problem(dialect: Dialect, key: str, reason: str) -> Problem:
    name = sanitize(key.rpartition("/")[2]).removesuffix(dialect.suffix)
    advice = f"open and save it once in your {dialect.program}, or delete it there"
    return Problem(uid=name, reason=f"{reason}: {advice}")


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
