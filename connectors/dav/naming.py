"""What a collection is called, and where one of a name is put."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote

from connectors.dav.multistatus import DAV, Part, path_of
from connectors.sanitize import sanitize


def display_name(part: Part) -> str | None:
    """What a collection is called, as it is. DAViCal gives an ampersand back escaped once too
    often."""
    name = part.text(f"{DAV}displayname")
    return name and name.replace("&amp;", "&")


def shown_name(part: Part) -> str:
    """What to call a collection: its name, else the last segment of its path; inert."""
    path = path_of(part.href).rstrip("/")
    return (
        sanitize(display_name(part) or "")
        or sanitize(unquote(path.rpartition("/")[2]))
        or path_of(part.href)
    )


def path_segment(name: str) -> str:
    """A path segment from a name: plain letters, digits and dashes."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60] or "fikad"
