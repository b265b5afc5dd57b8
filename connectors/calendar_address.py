"""What identifies somebody in a calendar (RFC 5545 section 3.3.3): an e-mail address as a rule, but
not always.

Servers also name their users by `urn:uuid:…` or by the path of their principal (RFC 6638 section
2.4.1). Events and accounts spell the same address in several ways, so all are brought into one form
in which they can be compared."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from connectors.mail_address import is_mail

_URN = re.compile(r"urn:[a-z0-9][a-z0-9-]*:\S+")
_PATH = re.compile(r"/[^\s/]\S*")
_LONGEST = 500


def calendar_address(value: str) -> str:
    """One form for one address: an e-mail address in lower case without `mailto:`, a URN in lower
    case, an absolute path or web address without a slash at its end. Empty for what is none
    ("invalid:nomail", a bare word)."""
    value = value.strip().strip('"')
    if value[:7].lower() == "mailto:":
        value = unquote(value[7:].partition("?")[0]).strip()
    value = value.removeprefix("<").removesuffix(">").strip()
    if len(value) > _LONGEST or not value.isprintable():
        return ""
    lowered = value.lower()
    if is_mail(lowered) or _URN.fullmatch(lowered):
        return lowered
    if lowered.startswith(("http://", "https://")):
        try:
            web = urlsplit(value)
            host = web.hostname or ""
        except ValueError:
            return ""
        return f"//{host}{_plain(web.path)}" if host and _plain(web.path) else ""
    return _plain(value) if _PATH.fullmatch(value) else ""


def spellings(address: str, host: str) -> frozenset[str]:
    """How events may spell an address of somebody on the server `host`: a path also as a web
    address of that host, and the other way round."""
    if address.startswith("//"):
        there, _, path = address[2:].partition("/")
        return frozenset({address, f"/{path}"} if there == host.lower() else {address})
    return frozenset(
        {address, f"//{host.lower()}{address}"} if address.startswith("/") else {address}
    )


def _plain(path: str) -> str:
    """A path unescaped, without the slash at its end."""
    return unquote(path, errors="replace").rstrip("/")
