"""Which server an address belongs to: credentials are sent to one origin alone."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit, urlunsplit


def origin_of(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of a URL, in lower case, the port filled in; nothing at all for what is
    no URL."""
    try:
        parts = urlsplit(url)
        scheme, port = parts.scheme.lower(), parts.port
    except ValueError:
        return "", "", 0
    return scheme, (parts.hostname or "").lower(), port or (443 if scheme == "https" else 80)


def without_userinfo(url: str) -> str:
    """The URL without the `user:password@` that people paste into it; empty for what is no URL."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def joined(base: str, target: str) -> str:
    """`target` as seen from `base`; empty, which no origin matches, for what is no URL."""
    try:
        return urljoin(base, target)
    except ValueError:
        return ""
