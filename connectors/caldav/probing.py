"""Asking an address whether calendars are there, before anybody logs in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from connectors.caldav.dav import Wire
from connectors.caldav.discovery import WELL_KNOWN
from connectors.caldav.failures import StrayError
from connectors.caldav.multistatus import DAV, path_of, propfind_body
from connectors.errors import AccountError, CredentialsError

_PROBE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What an address says to somebody who shows no password."""

    kind: Literal["calendars", "elsewhere", "nothing"]
    url: str = ""
    """Where it sends on to, if "elsewhere"."""
    message: str = ""
    """Why there is nothing."""


def probe(url: str) -> ProbeResult:
    """Ask an address whether it speaks CalDAV. No password is sent, so any address may be asked."""
    wire = Wire("", url, "", None, {}, _PROBE_SECONDS)
    probed = ProbeResult("nothing", message=f"{wire.host} does not speak CalDAV")
    start = path_of(wire.base)
    try:
        for path in dict.fromkeys((WELL_KNOWN, "/") if start == "/" else (start, WELL_KNOWN)):
            probed = _ask(wire, path, probed)
            if probed.kind != "nothing":
                break
    finally:
        wire.close()
    return probed


def _ask(wire: Wire, path: str, before: ProbeResult) -> ProbeResult:
    try:
        answer = wire.send(
            "PROPFIND",
            path,
            propfind_body([f"{DAV}current-user-principal"]),
            {"Depth": "0", "Content-Type": "text/xml"},
        )
    except CredentialsError:
        return ProbeResult("calendars")  # it asks who is there
    except StrayError as error:
        return ProbeResult("elsewhere", error.url) if error.url else before
    except AccountError as error:
        return ProbeResult("nothing", message=error.what)
    return ProbeResult("calendars") if answer.status == 207 else before
