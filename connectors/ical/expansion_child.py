"""The child that expands calendar texts: reads bundles of jobs, answers each job, never lasts
longer than its limits and its parent.

What is finished of a bundle is not kept back where the rest takes long, so that the parent never
waits for more than one slow job.

Three limits hold it, each where the one before fails. A timer of processor time interrupts the
Python code of a slow series, which then is a problem of that series alone; where the series of a
text take too long together, the rest of them are not begun. The kernel ends the
process when even that is not noticed (RLIMIT_CPU), and refuses it memory (RLIMIT_AS). The parent
kills it when it falls silent."""

from __future__ import annotations

import contextlib
import math
import os
import pickle
import signal
import sys
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from io import BytesIO
from operator import attrgetter
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

from connectors.base import Attendee, HoldEvent, Occurrence, Problem
from connectors.ical.expansion_job import CPU_SECONDS, HEADER, MEMORY_BYTES, Expansion, TooSlowError

try:
    import resource
except ImportError:
    # Windows has no limits of this kind: there only the parent's patience ends a bomb
    resource = None  # type: ignore[assignment]

_GRACE_SECONDS = 4
"""How long after the timer the kernel makes an end."""
_PROMPT_SECONDS = 0.25
_MOST_AT_ONCE = 1000
"""After so much processor time, or with so many occurrences, what is finished is sent."""


def serve() -> None:
    """Answer jobs from standard input on standard output until it ends (the parent is gone or
    done)."""
    answers = _claim_output()
    _limit_for_good()
    warnings.simplefilter("ignore")
    from connectors.ical.occurrences import expand

    _send(answers, b"")
    jobs = sys.stdin.buffer
    while len(header := jobs.read(HEADER.size)) == HEADER.size:
        body = jobs.read(HEADER.unpack(header)[0])
        jobs_of_bundle = pickle.loads(body)  # noqa: S301 - the parent's own words
        for finished in _in_messages(_expanded(expand, *job) for job in jobs_of_bundle):
            _send(answers, _dumped(finished))


def _expanded(
    expand: Callable[..., Expansion],
    texts: Sequence[str],
    start: datetime,
    end: datetime,
    zone: ZoneInfo,
    trusted: bool,
    seconds: float,
    series_seconds: float,
) -> Expansion:
    """One job, within its limits: `seconds` of processor time for reading it, `series_seconds` for
    all its series."""
    try:
        _start_timer(seconds)
        last = time.process_time() + seconds + series_seconds
        return expand(
            texts,
            start,
            end,
            zone,
            trusted=trusted,
            renew=_start_timer,
            is_late=lambda: time.process_time() > last,
        )
    except TooSlowError:
        return _set_aside("too long")
    except MemoryError:
        return _set_aside("too much memory")
    finally:
        _stop_timer()


def _in_messages(expansions: Iterable[Expansion]) -> Iterator[list[Expansion]]:
    """What is finished, as much together as may wait for the rest of its bundle."""
    finished: list[Expansion] = []
    count, began = 0, time.process_time()
    for expansion in expansions:
        finished.append(expansion)
        count += len(expansion.occurrences)
        if count > _MOST_AT_ONCE or time.process_time() - began > _PROMPT_SECONDS:
            yield finished
            finished, count, began = [], 0, time.process_time()
    if finished:
        yield finished


def _set_aside(what: str) -> Expansion:
    reason = (
        f"its calendar text takes {what} to read and was set aside; it is tried again every day"
    )
    return Expansion((), (Problem("", reason),), unfinished=True)


def _claim_output() -> BinaryIO:
    """Standard output for answers alone: whatever a library prints goes nowhere."""
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return answers


def _send(answers: BinaryIO, body: bytes) -> None:
    message = memoryview(HEADER.pack(len(body)) + body)
    while message:
        message = message[answers.write(message) :]


def _limit_for_good() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then ends us
    if hasattr(signal, "SIGPROF"):
        signal.signal(signal.SIGPROF, _interrupt)
    if resource is None:
        return
    # Where the system knows a limit but won't set it (macOS), the others have to do.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(ValueError, OSError):
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        most = MEMORY_BYTES if hard == resource.RLIM_INFINITY else min(MEMORY_BYTES, hard)
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))


def _interrupt(number: int, frame: object) -> None:
    raise TooSlowError


def _start_timer(seconds: float = CPU_SECONDS) -> None:
    """Let TooSlowError be raised after so much more processor time, again and again until the timer
    is set anew."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, seconds, 0.5)
    if resource is not None:
        with contextlib.suppress(ValueError, OSError):
            _, hard = resource.getrlimit(resource.RLIMIT_CPU)
            last = math.ceil(time.process_time() + seconds) + _GRACE_SECONDS
            resource.setrlimit(
                resource.RLIMIT_CPU,
                (last if hard == resource.RLIM_INFINITY else min(last, hard), hard),
            )


def _stop_timer() -> None:
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, 0)


def _dumped(expansions: list[Expansion]) -> bytes:
    """Values are written as calls of their classes: by far faster than what pickle does for frozen
    dataclasses."""
    buffer = BytesIO()
    pickler = pickle.Pickler(buffer, protocol=5)
    pickler.dispatch_table = _REDUCERS
    pickler.dump(expansions)
    return buffer.getvalue()


_Reducer = Callable[[Any], tuple[Callable[..., Any], tuple[Any, ...]]]


def _reducer(kind: type) -> _Reducer:
    fields = attrgetter(*kind.__match_args__)  # type: ignore[attr-defined]
    return lambda value: (kind, fields(value))


_REDUCERS: dict[type, _Reducer] = {
    kind: _reducer(kind) for kind in (Expansion, Occurrence, Attendee, HoldEvent, Problem)
}
