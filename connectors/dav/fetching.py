"""The texts of a collection's objects, fetched in batches, the next one asked for while the last is
worked on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, islice

from connectors.base import Problem, Resource
from connectors.dav.dialect import Dialect
from connectors.dav.failures import FailedAnswerError, LostAnswerError
from connectors.dav.multistatus import DAV, collection, is_inside, normal, parse, path_of
from connectors.dav.requests import multiget_body, propfind_body
from connectors.dav.wire import Wire
from connectors.errors import AccountError, UnreadableError
from connectors.sanitize import sanitize

BATCH = 300
"""Objects per multiget: about 400 kB. Each request waits for its way there and back, whatever it
asks for."""
SMALL_BATCH = 75
"""About 100 kB: for the rest of a reading after a server refused or failed on more."""

Listing = dict[str, tuple[str, str | None]]
"""Normal href to the href as the server spells it, and the ETag."""


@dataclass(slots=True)
class _Fetching:
    """One run over one collection."""

    wire: Wire
    path: str
    listed: Listing | None = None
    """A listing asked for during the run because something was not delivered."""
    most: int = BATCH
    """Objects asked for at once; 0 once the server has refused multiget."""


@dataclass(slots=True)
class Batch:
    """What became of some wanted objects."""

    texts: dict[str, Resource] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)


def fetched(wire: Wire, path: str, wanted: Mapping[str, str]) -> Iterator[Batch]:
    """The texts of the `wanted` objects (normal href to spelled href) of the collection at `path`,
    batch by batch. Raises UnreadableError and UnreachableError."""
    fetching = _Fetching(wire, path)
    waiting = iter(wanted.items())
    batch = dict(islice(waiting, BATCH))
    while batch:
        got = _fetch(fetching, batch)
        batch = dict(islice(waiting, BATCH))
        if first := dict(islice(batch.items(), fetching.most)):
            wire.ask_ahead(path, _multiget_body(fetching, first))
        yield got


def list_etags(wire: Wire, path: str) -> Listing:
    """Every object of a collection with its ETag. Raises UnreadableError when the server lists only
    a part."""
    answered, _ = wire.propfind(path, 1, propfind_body([f"{DAV}getetag"]))
    if any(part.status == 507 for part in answered.parts):
        raise UnreadableError(
            f"{wire.host} lists only a part of {sanitize(path)}", "nothing was concluded from it"
        )
    base = normal(collection(path))
    return {
        key: (path_of(part.href), part.text(f"{DAV}getetag"))
        for part in answered.parts
        if part.status not in {404, 410} and is_inside(key := normal(part.href), base)
    }


def _fetch(fetching: _Fetching, wanted: Mapping[str, str]) -> Batch:
    """The texts of `wanted` (normal href to spelled href).

    Servers differ when one object has vanished meanwhile: most say 404 for it, DAViCal leaves it
    out, sabre/dav says 404 for all of them. So what was not delivered is looked up in a fresh
    listing before anything is concluded."""
    batch = Batch(texts=_multiget(fetching, wanted))
    left = {key: raw for key, raw in wanted.items() if key not in batch.texts}
    if not left:
        return batch
    if fetching.listed is None:
        fetching.listed = list_etags(fetching.wire, fetching.path)
    batch.gone = {key for key in left if key not in fetching.listed}
    left = {key: raw for key, raw in left.items() if key not in batch.gone}
    if left and batch.gone and not batch.texts:
        batch.texts = _multiget(fetching, left)
        left = {key: raw for key, raw in left.items() if key not in batch.texts}
    failures: list[AccountError] = []
    for key, raw in left.items():
        try:
            _fetch_one(fetching.wire, key, raw, batch)
        except FailedAnswerError as error:
            failures.append(error)
            batch.problems.append(_problem(fetching.wire.dialect, key, "the server fails on it"))
    if len(failures) > 1 and not batch.texts:
        raise failures[0]  # not one broken object: the server is down
    return batch


def _multiget(fetching: _Fetching, wanted: Mapping[str, str]) -> dict[str, Resource]:
    """What multiget delivers of these, asked for as many at once as the server can do with."""
    texts: dict[str, Resource] = {}
    waiting = iter(wanted.items())
    while fetching.most and (together := dict(islice(waiting, fetching.most))):
        small = len(together) <= SMALL_BATCH
        try:
            delivered = _delivered(fetching, together)
        except (FailedAnswerError, LostAnswerError):
            if small:
                raise
            delivered = None
        if delivered is not None:
            texts |= delivered
        elif small:
            fetching.most = 0
        else:
            fetching.most = SMALL_BATCH
            waiting = chain(together.items(), waiting)
    return texts


def _delivered(fetching: _Fetching, wanted: Mapping[str, str]) -> dict[str, Resource] | None:
    """What one multiget delivers; nothing where one object breaks the whole answer, None where the
    server refuses it, or fewer objects may be better."""
    dialect = fetching.wire.dialect
    answer = fetching.wire.report(fetching.path, _multiget_body(fetching, wanted), depth=None)
    if answer.status >= 400:
        return {} if answer.status in {404, 410} else None
    if answer.status != 207:
        raise fetching.wire.refusal(answer)
    try:
        delivered = parse(answer.body, fetching.wire.host, dialect.protocol)
    except UnreadableError:
        # A control character in one text is enough; asked for one by one they all arrive.
        return {} if len(wanted) <= SMALL_BATCH else None
    texts = {}
    for part in delivered.parts:
        key, text = normal(part.href), part.text(dialect.data)
        if key in wanted and text is not None and part.status < 300:
            texts[key] = Resource(key, part.text(f"{DAV}getetag"), text.replace("\r\n", "\n"))
    return texts


def _multiget_body(fetching: _Fetching, wanted: Mapping[str, str]) -> bytes:
    dialect = fetching.wire.dialect
    return multiget_body(dialect.multiget, dialect.data, list(wanted.values()))


def _fetch_one(wire: Wire, key: str, raw: str, batch: Batch) -> None:
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
