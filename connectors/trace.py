"""What `--verbose` shows: each request, on the logger `fikad.trace`; the passes add each decision.

A line is made of what fikad says itself: methods, hosts, paths of collections, numbers and codes.
It never holds a secret (a password, a token, a query string, a user name in an address, an address
that is a secret), nor what others wrote. While nobody listens, nothing is put together. The daemon
at rest has this in its memory, and no more of it: requests are told by `traced_request`."""

from __future__ import annotations

import logging
from typing import TextIO

from connectors.sanitize import sanitize

TRACE = logging.getLogger("fikad.trace")
_LONGEST = 300


class _Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return f"fikad: {sanitize(record.getMessage(), _LONGEST)}"


def start_tracing(stream: TextIO, formatter: logging.Formatter | None = None) -> None:
    """Show requests and decisions on `stream` from now on."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter or _Lines())
    TRACE.handlers = [handler]
    TRACE.propagate = False
    TRACE.setLevel(logging.DEBUG)


def tracing() -> bool:
    """Whether anybody listens."""
    return TRACE.isEnabledFor(logging.DEBUG)
