"""From the address a person has to the collections that hold their calendars or address books.

People paste whatever address they find: the server's, their principal's, that of the folder of all
calendars (the *home set*) or that of one calendar. Each says by its properties what it is (RFC 4791
section 6.2, RFC 6352 section 7.1, RFC 5397), and `/.well-known/caldav` or `/.well-known/carddav`
(RFC 6764 section 5) leads on where a server's root says nothing. A path that somebody named is
read, or it is an error: nothing else is read in its place. This takes a few requests; what it found
is remembered and asked for again only when it stops answering."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.dav.failures import FailedAnswerError, StrayError
from connectors.dav.multistatus import DAV, Part, collection, normal, path_of
from connectors.dav.origin import origin_of
from connectors.dav.requests import propfind_body
from connectors.dav.wire import Wire
from connectors.errors import AccountError, CredentialsError, MissingError, UnreadableError
from connectors.sanitize import sanitize

RULES = 1
"""By which rules homes are found here: what was found by others is looked for anew. 1: what is
named is read or an error."""

_RESOURCE_TYPE = f"{DAV}resourcetype"
_PRINCIPAL = f"{DAV}current-user-principal"


@dataclass(frozen=True, slots=True)
class FoundHomes:
    """Where an account's collections are."""

    homes: tuple[str, ...]
    """Paths of what holds its calendars or address books; of the one such if `single`."""
    single: bool
    principal: str | None
    owner: Part | None = None
    """What the principal said in passing (`Dialect.asked_of_owner`)."""


def discover(wire: Wire, *, exact: bool = True) -> FoundHomes:
    """Find the calendars or address books behind the account's URL. If it is not `exact`,
    what the URL leads to counts, and what the server itself does.

    Raises the error that the URL itself met: MissingError, UnreadableError, CredentialsError,
    UnreachableError."""
    start = path_of(wire.base)
    nothing = MissingError(
        f"{wire.host} shows no {wire.dialect.collection}s at {sanitize(start)}",
        f"give the address of the server, or of one {wire.dialect.collection}",
    )
    if exact and start not in {"/", wire.dialect.well_known}:
        found_homes = _probe(wire, start, named=True)
        if found_homes is None:
            raise nothing
        return found_homes
    troubles: dict[str, AccountError] = {}
    first = () if exact else (start,)
    for path in dict.fromkeys((*first, wire.dialect.well_known, "/")):
        try:
            found_homes = _probe(wire, path)
        except (MissingError, UnreadableError, StrayError, FailedAnswerError) as error:
            troubles[path] = error
            continue
        if found_homes is not None:
            return found_homes
    raise troubles.get(start) or nothing


def _probe(wire: Wire, path: str, *, named: bool = False) -> FoundHomes | None:
    """What one address leads to, if anything. One that was `named` leads to nothing but itself, or
    to what is in it."""
    part, here = _ask(wire, path)
    principal = _local(wire, part, _PRINCIPAL)[:1]
    if wire.dialect.is_collection(part):
        return FoundHomes((collection(here),), single=True, principal=next(iter(principal), None))
    said = part.props.get(_PRINCIPAL)
    if said is not None and f"{DAV}unauthenticated" in said.tags:
        raise CredentialsError(
            f"{wire.host} does not know who is asking", "check the account's username and password"
        )
    owner = part
    if principal and normal(collection(principal[0])) != normal(collection(here)):
        owner, _ = _ask(wire, principal[0])
    homes = tuple(
        dict.fromkeys(collection(href) for href in _local(wire, owner, wire.dialect.home_set))
    )
    chosen = _chosen(wire, here, homes, principal[0] if principal else here, named=named)
    if not chosen:
        return None
    return FoundHomes(chosen, single=False, principal=next(iter(principal), None), owner=owner)


def _ask(wire: Wire, path: str) -> tuple[Part, str]:
    dialect = wire.dialect
    asked = (_RESOURCE_TYPE, _PRINCIPAL, dialect.home_set, *dialect.asked_of_owner)
    answered, answer = wire.propfind(path, 0, propfind_body(asked))
    part = answered.parts[0]
    if part.status in {404, 410}:
        raise MissingError(
            f"{wire.host} has nothing at {sanitize(path)}", "check the account's url"
        )
    return part, answer.path


def _local(wire: Wire, part: Part, tag: str) -> tuple[str, ...]:
    """The hrefs of a property as paths. Another scheme or port of the same host is a proxy's
    mistake; another host is one that we have no password for."""
    value = part.props.get(tag)
    hrefs = tuple(href for href in (value.hrefs if value else ()) if href)
    for href in hrefs:
        if "://" in href and origin_of(href)[1] != origin_of(wire.base)[1]:
            raise wire.stray(href)
    return tuple(path_of(href) for href in hrefs)


def _chosen(
    wire: Wire, here: str, homes: tuple[str, ...], principal: str, *, named: bool
) -> tuple[str, ...]:
    """Which homes the given address means: itself if it is one (also somebody else's, shared); all
    of them if it is the principal's, or an address above."""
    given = normal(collection(here))
    spelled = [home for home in homes if normal(home) == given]
    if spelled:
        return tuple(spelled)
    if homes and any(normal(collection(path)).startswith(given) for path in (*homes, principal)):
        return homes
    try:
        answered, _ = wire.propfind(here, 1, propfind_body([_RESOURCE_TYPE]))
    except (MissingError, UnreadableError):
        if named:
            raise
        return homes
    if any(wire.dialect.is_collection(part) for part in answered.parts):
        return (collection(here),)
    return () if named else homes
