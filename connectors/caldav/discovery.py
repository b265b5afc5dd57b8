"""From the address a person has to the collections that hold their calendars.

People paste whatever address they find: the server's, their principal's, that of the folder of all
calendars (the *home set*) or that of one calendar. Each says by its properties what it is (RFC 4791
section 6.2, RFC 5397), and `/.well-known/caldav` (RFC 6764 section 5) leads on where a server's
root says nothing. A path that somebody named is
read, or it is an error: nothing else is read in its place. This takes a few requests; what it found
is remembered and asked for again only when it stops answering."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.caldav.dav import Wire, origin_of
from connectors.caldav.failures import FailedAnswerError, StrayError
from connectors.caldav.multistatus import (
    CALDAV,
    DAV,
    Part,
    collection,
    normal,
    path_of,
    propfind_body,
)
from connectors.calendar_address import calendar_address
from connectors.errors import AccountError, CredentialsError, MissingError, UnreadableError
from connectors.sanitize import sanitize

RULES = 1
"""By which rules homes are found here: what was found by others is looked for anew. 1: what is named
is read or an error."""
WELL_KNOWN = "/.well-known/caldav"

_RESOURCE_TYPE = f"{DAV}resourcetype"
_PRINCIPAL = f"{DAV}current-user-principal"
_HOME_SET = f"{CALDAV}calendar-home-set"
_ADDRESS_SET = f"{CALDAV}calendar-user-address-set"
_ASKED = (_RESOURCE_TYPE, _PRINCIPAL, _HOME_SET, _ADDRESS_SET)


@dataclass(frozen=True, slots=True)
class FoundHomes:
    """Where an account's calendars are."""

    homes: tuple[str, ...]
    """Paths of collections that hold calendars; of the one calendar if `single`."""
    single: bool
    principal: str | None
    addresses: frozenset[str] | None = None
    """The owner's addresses, where they were told in passing."""


def discover(wire: Wire) -> FoundHomes:
    """Find the calendars behind the account's URL.

    Raises the error that the URL itself met: MissingError, UnreadableError, CredentialsError,
    UnreachableError."""
    start = path_of(wire.base)
    nothing = MissingError(
        f"{wire.host} shows no calendars at {sanitize(start)}",
        "give the address of the server, or of one calendar",
    )
    if start not in {"/", WELL_KNOWN}:
        found_homes = _probe(wire, start, named=True)
        if found_homes is None:
            raise nothing
        return found_homes
    troubles: dict[str, AccountError] = {}
    for path in (WELL_KNOWN, "/"):
        try:
            found_homes = _probe(wire, path)
        except (MissingError, UnreadableError, StrayError, FailedAnswerError) as error:
            troubles[path] = error
            continue
        if found_homes is not None:
            return found_homes
    raise troubles.get(start) or nothing


def is_calendar(part: Part) -> bool:
    """Whether a part is a calendar that can hold events: not in a bin, not for tasks alone.

    An inbox or outbox is none, unless it is a calendar as well: SOGo's calendars are outboxes too.
    """
    kind = part.props.get(_RESOURCE_TYPE)
    if kind is None or f"{CALDAV}calendar" not in kind.tags or part.status >= 300:
        return False
    if any(tag.endswith("}deleted-calendar") for tag in kind.tags):
        return False
    components = part.props.get(f"{CALDAV}supported-calendar-component-set")
    return components is None or not components.names or "VEVENT" in components.names


def own_addresses(part: Part) -> frozenset[str]:
    """The addresses of a calendar-user-address-set (RFC 6638 section 2.4.1), those included that no
    mail goes to."""
    value = part.props.get(_ADDRESS_SET)
    return frozenset(filter(None, map(calendar_address, value.hrefs if value else ())))


def ask_addresses(wire: Wire, principal: str) -> frozenset[str]:
    """The owner's addresses as the principal tells them."""
    found, _ = wire.propfind(principal, 0, propfind_body([_ADDRESS_SET]))
    return own_addresses(found.parts[0])


def _probe(wire: Wire, path: str, *, named: bool = False) -> FoundHomes | None:
    """What one address leads to, if anything. One that was `named` leads to nothing but itself, or
    to what is in it."""
    part, here = _ask(wire, path)
    principal = _local(wire, part, _PRINCIPAL)[:1]
    if is_calendar(part):
        return FoundHomes((collection(here),), single=True, principal=next(iter(principal), None))
    said = part.props.get(_PRINCIPAL)
    if said is not None and f"{DAV}unauthenticated" in said.tags:
        raise CredentialsError(
            f"{wire.host} does not know who is asking", "check the account's username and password"
        )
    owner = part
    if principal and normal(collection(principal[0])) != normal(collection(here)):
        owner, _ = _ask(wire, principal[0])
    homes = tuple(dict.fromkeys(collection(href) for href in _local(wire, owner, _HOME_SET)))
    chosen = _chosen(wire, here, homes, principal[0] if principal else here, named=named)
    if not chosen:
        return None
    return FoundHomes(
        chosen, single=False, principal=next(iter(principal), None), addresses=own_addresses(owner)
    )


def _ask(wire: Wire, path: str) -> tuple[Part, str]:
    found, here = wire.propfind(path, 0, propfind_body(_ASKED))
    part = found.parts[0]
    if part.status in {404, 410}:
        raise MissingError(
            f"{wire.host} has nothing at {sanitize(path)}", "check the account's url"
        )
    return part, here


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
        found, _ = wire.propfind(here, 1, propfind_body([_RESOURCE_TYPE]))
    except (MissingError, UnreadableError):
        if named:
            raise
        return homes
    if any(is_calendar(part) for part in found.parts):
        return (collection(here),)
    return () if named else homes
