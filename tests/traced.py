"""What `--verbose` shows, for tests: on the logger itself, whatever other tests made of those above
it."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from connectors.trace import TRACE, start_tracing


@contextmanager
def traced() -> Iterator[io.StringIO]:
    """Where it is written from now on."""
    stream = io.StringIO()
    start_tracing(stream)
    try:
        yield stream
    finally:
        TRACE.handlers, TRACE.propagate = [], True
        TRACE.setLevel(logging.NOTSET)


def lines(stream: io.StringIO) -> list[str]:
    """What was shown, without the name of who shows it."""
    return [line.removeprefix("fikad: ") for line in stream.getvalue().splitlines()]
