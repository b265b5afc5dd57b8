"""What `--verbose` shows: each request, on the logger `fikad.trace`; the passes add each decision.

A line is made of what fikad says itself: methods, hosts, paths of collections, numbers and codes.
It never holds a secret (a password, a token, a query string, a user name in an address, an address
that is a secret), nor what others wrote. While nobody listens, nothing is put together."""

from __future__ import annotations

import logging
import time
from types import TracebackType
from typing import TextIO
from urllib.parse import urlsplit

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


class Traced:
    """One request, from when it is sent to the end of its answer; a context manager around both.

    What it raises is told by its class alone, since a library's own words may hold anything."""

    def __init__(self, method: str, where: str, attempt: int = 1) -> None:
        """`where` as `shown_address` gives it, or the name of a method of Google's; `attempt`
        counts from 1."""
        self._method, self._where, self._attempt = method, where, attempt
        self._answer = ""

    def __enter__(self) -> Traced:
        self._began = time.monotonic()
        return self

    def answered(self, status: int | None = None, size: int = 0) -> None:
        """The answer has been read: its status and how many bytes its body has, where that is
        known."""
        self._answer = "answered" if status is None else f"{status}, {size} bytes"

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not tracing():
            return
        TRACE.debug(
            "request: %s %s: %s, %d ms%s",
            self._method,
            self._where,
            self._answer or f"no answer ({kind.__name__ if kind else 'unknown'})",
            round((time.monotonic() - self._began) * 1000),
            f", attempt {self._attempt}" if self._attempt > 1 else "",
        )


def shown_address(url: str, *, secret: bool = False) -> str:
    """Where a request goes, as it may be shown: the host and the path of the collection. Never the
    name of a single event, which its author chose, a query or a user name; of an address that is
    itself a `secret` the host alone."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or "?"
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "?"
    if secret:
        return f"{host}{port}"
    collection, _, name = parts.path.rpartition("/")
    return f"{host}{port}{collection}/{'…' if name else ''}"
