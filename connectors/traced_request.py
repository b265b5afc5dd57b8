"""What `--verbose` shows of a request (see `connectors.trace`)."""

from __future__ import annotations

import time
from types import TracebackType
from urllib.parse import urlsplit

from connectors.trace import TRACE, tracing


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
