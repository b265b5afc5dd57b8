"""What is asked of a WebDAV server, as XML."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from connectors.dav.multistatus import CALDAV, CARDDAV, DAV, SERVER

_NAMESPACES = {"D": DAV, "C": CALDAV, "A": CARDDAV, "S": SERVER}
_PREFIXES = {namespace: prefix for prefix, namespace in _NAMESPACES.items()}
_DECLARED = " ".join(
    f'xmlns:{prefix}="{namespace[1:-1]}"' for prefix, namespace in _NAMESPACES.items()
)


def escaped(text: str) -> str:
    """A text as it stands between two tags."""
    # xml.sax.saxutils.escape does the same and imports an HTTP client to do it
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def named(tag: str) -> str:
    """A tag as it stands in what `document` makes."""
    namespace, _, name = tag.rpartition("}")
    return f"{_PREFIXES[namespace + '}']}:{name}"


def document(root: str, inside: str) -> bytes:
    """A whole document of one element, its namespaces declared."""
    return f'<?xml version="1.0" encoding="utf-8"?>\n<{root} {_DECLARED}>{inside}</{root}>'.encode()


def prop(tags: Iterable[str]) -> str:
    """The element that names properties."""
    return f"<D:prop>{''.join(f'<{named(tag)}/>' for tag in tags)}</D:prop>"


def propfind_body(tags: Iterable[str]) -> bytes:
    """A PROPFIND for these properties (RFC 4918 section 9.1)."""
    return document("D:propfind", prop(tags))


def sync_body(token: str) -> bytes:
    """What changed since `token` (RFC 6578 section 3.2)."""
    level = f"<D:sync-token>{escaped(token)}</D:sync-token><D:sync-level>1</D:sync-level>"
    return document("D:sync-collection", level + prop([f"{DAV}getetag"]))


def multiget_body(report: str, data: str, hrefs: Sequence[str]) -> bytes:
    """The texts of these resources, by the tags of the report and of the property that holds a text
    (RFC 4791 section 7.9, RFC 6352 section 8.7)."""
    listed = "".join(f"<D:href>{escaped(href)}</D:href>" for href in hrefs)
    return document(named(report), prop([f"{DAV}getetag", data]) + listed)


def rename_body(name: str) -> bytes:
    """Set a collection's display name (PROPPATCH, RFC 4918 section 9.2)."""
    title = f"<D:prop><D:displayname>{escaped(name)}</D:displayname></D:prop>"
    return document("D:propertyupdate", f"<D:set>{title}</D:set>")
