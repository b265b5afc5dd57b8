"""WebDAV's one answer format, and the addresses in it.

A PROPFIND or REPORT is answered by a *multistatus* (RFC 4918 section 13): one *part* per resource,
each with an href, maybe a status of its own, and the properties that it has. Nothing else is an
answer: a web page, half a document or an empty one is unreadable and never means "nothing there".

The same resource is spelled in several ways (absolute or not, `%40` or `@`), so hrefs are compared
in one normal form and sent back to the server as it spelled them."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import quote, unquote_to_bytes, urlsplit

from connectors.errors import UnreadableError

DAV = "{DAV:}"
CALDAV = "{urn:ietf:params:xml:ns:caldav}"
CARDDAV = "{urn:ietf:params:xml:ns:carddav}"
SERVER = "{http://calendarserver.org/ns/}"

_MULTISTATUS, _RESPONSE, _HREF = f"{DAV}multistatus", f"{DAV}response", f"{DAV}href"
_PROPSTAT, _PROP, _STATUS = f"{DAV}propstat", f"{DAV}prop", f"{DAV}status"

_SEGMENT_SAFE = "-._~!$&'()*+,;=:@"
"""What RFC 3986 lets stand unescaped in a path segment (`pchar`)."""
_NORMAL_PATH = re.compile(rf"(?:/[{re.escape(_SEGMENT_SAFE)}A-Za-z0-9]+)+/?")
"""A path that is spelled in the one form already, as most servers spell all of theirs."""


class Value(NamedTuple):
    """What one property says, flattened: nothing asked for here needs more structure."""

    text: str
    tags: frozenset[str] = frozenset()
    """Every element inside, as `{namespace}name`."""
    hrefs: tuple[str, ...] = ()
    names: frozenset[str] = frozenset()
    """Every `name` attribute inside (`<comp name="VEVENT"/>`)."""


@dataclass(frozen=True, slots=True)
class Part:
    """One resource in a multistatus."""

    href: str
    """As the server spelled it."""
    status: int
    """The resource's own status; 200 where it only gives properties."""
    props: dict[str, Value]
    """The properties that it has (those with status 2xx)."""

    def text(self, tag: str) -> str | None:
        """The text of a property, None where it is absent or empty."""
        value = self.props.get(tag)
        return value.text if value is not None and value.text else None


@dataclass(frozen=True, slots=True)
class Multistatus:
    """A whole answer."""

    parts: tuple[Part, ...]
    sync_token: str | None = None
    """The token of a sync-collection report (RFC 6578 section 6.2)."""


# --- what is answered ---


def parse(body: bytes, host: str, protocol: str) -> Multistatus:
    """Read a multistatus.

    Elements are dropped as soon as they are read, so that a listing of 30,000 events needs no tree
    of them. Entities, document types and oversized nodes are refused. Raises UnreadableError for
    anything that is not one whole multistatus; `host` and `protocol` are named in the message."""
    from lxml import etree

    if not body.strip():
        raise UnreadableError(
            f"{host} gave an empty answer", "nothing was concluded from it, fikad asks again later"
        )
    if b"<!doctype" in body[:2000].lower():
        raise UnreadableError(
            f"{host} answered with a web page instead of {protocol}", "check the account's url"
        )
    parts: list[Part] = []
    token: str | None = None
    try:
        events = etree.iterparse(
            io.BytesIO(body),
            events=("end",),
            tag=(_RESPONSE, _MULTISTATUS, f"{DAV}sync-token"),
            resolve_entities=False,
            no_network=True,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        root = None
        for _, element in events:
            root = element
            tag, parent = element.tag, element.getparent()
            if tag == _MULTISTATUS or parent is None or parent.tag != _MULTISTATUS:
                continue
            if tag == _RESPONSE:
                parts.append(_part(element))
                element.clear()
                while element.getprevious() is not None:
                    del parent[0]
            else:
                token = (element.text or "").strip() or None
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableError(
            f"{host} gave a broken or cut-off answer",
            "nothing was concluded from it, fikad asks again later",
        ) from error
    if root is None or root.tag != _MULTISTATUS or root.getparent() is not None:
        raise UnreadableError(
            f"{host} answered with something other than {protocol}", "check the account's url"
        )
    return Multistatus(tuple(parts), token)


def _part(element: Any) -> Part:
    href, status = "", 200
    props: dict[str, Value] = {}
    for child in element:
        tag = child.tag
        if tag == _HREF:
            # A member of a collection has no query: Cyrus leaves "?" in a name as it is.
            href = (child.text or "").strip().replace("?", "%3F")
        elif tag == _STATUS:
            status = _code(child.text)
        elif tag == _PROPSTAT:
            _add_props(child, props)
    return Part(href, status, props)


def _add_props(propstat: Any, props: dict[str, Value]) -> None:
    """The properties of one propstat, unless its status says that they are not there."""
    status: str | None = None
    groups = []
    for child in propstat:
        tag = child.tag
        if tag == _PROP:
            groups.append(child)
        elif tag == _STATUS and status is None:
            status = child.text or ""
    if 200 <= _code(status) < 300:
        for group in groups:
            for value in group:
                props[value.tag] = _value(value)


def _value(element: Any) -> Value:
    if len(element) == 0:
        return Value(element.text or "")
    inside = list(element.iterdescendants())
    return Value(
        (element.text or "").strip(),
        frozenset(child.tag for child in inside),
        tuple((child.text or "").strip() for child in inside if child.tag == f"{DAV}href"),
        frozenset(str(child.get("name")).upper() for child in inside if child.get("name")),
    )


def _code(status: str | None) -> int:
    """The number in `HTTP/1.1 404 Not Found`; 200 where a server left the line out."""
    words = (status or "").split()
    return next((int(word) for word in words[1:2] if word.isdigit()), 200)


# --- addresses ---


def path_of(href: str) -> str:
    """The path of an href as it is spelled, without scheme, host, query and fragment; the root's
    for what is none."""
    if "://" not in href and not href.startswith("//"):
        return href.split("#", 1)[0].split("?", 1)[0] or "/"
    try:
        return urlsplit(href).path or "/"
    except ValueError:
        return "/"


def normal(href: str) -> str:
    """One spelling for all spellings of an href's path: segment by segment, so that an escaped
    slash stays one."""
    if _NORMAL_PATH.fullmatch(href) and "://" not in href:
        return href
    return "/".join(
        quote(unquote_to_bytes(segment), safe=_SEGMENT_SAFE) for segment in path_of(href).split("/")
    )


def collection(href: str) -> str:
    """The path of a collection, as spelled, with the slash that some servers leave out."""
    path = path_of(href)
    return path if path.endswith("/") else path + "/"


def member_of(href: str, parent: str) -> bool:
    """Whether `href` is a resource directly inside the collection `parent`, and not a collection
    itself."""
    return is_inside(normal(href), normal(collection(parent)))


def is_inside(key: str, base: str) -> bool:
    """The same for what is normal already."""
    name = key[len(base) :] if key.startswith(base) else ""
    return bool(name) and "/" not in name and name not in {".", ".."}
