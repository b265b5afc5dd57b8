"""Asking an address whether calendars, or address books, are there, before anybody logs in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from connectors.dav.dialect import Dialect
from connectors.dav.failures import StrayError
from connectors.dav.login import Login
from connectors.dav.multistatus import DAV, path_of
from connectors.dav.requests import propfind_body
from connectors.dav.wire import Wire
from connectors.errors import AccountError, CredentialsError

_PROBE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What an address says to somebody who shows no password."""

    kind: Literal["there", "elsewhere", "nothing"]
    url: str = ""
    """Where it sends on to, if "elsewhere"."""
    message: str = ""
    """Why there is nothing."""


def probe(url: str, dialect: Dialect) -> ProbeResult:
    """Ask an address whether it speaks this. No password is sent, so any address may be asked."""
    wire = Wire(Login("", url, "", None, _PROBE_SECONDS), {}, dialect)
    probed = ProbeResult("nothing", message=f"{wire.host} does not speak {dialect.protocol}")
    start, known = path_of(wire.base), dialect.well_known
    try:
        for path in dict.fromkeys((known, "/") if start == "/" else (start, known)):
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
        return ProbeResult("there")  # it asks who is there
    except StrayError as error:
        return ProbeResult("elsewhere", error.url) if error.url else before
    except AccountError as error:
        return ProbeResult("nothing", message=error.what)
    return ProbeResult("there") if answer.status == 207 else before
