"""Expanding calendar texts where it can be killed.

A recurrence rule of 200 bytes can keep a processor busy for ever or fill the memory. So texts are
expanded in a child
process with limits: a series that takes too long is interrupted and becomes a problem of that
series alone, and if the child itself dies or falls silent, the job it was at becomes the problem,
and a fresh child goes on with the rest. What counts is the processor time that the child has used,
never the wall clock: a machine that sleeps, or has no time for us, breaks no event.

Jobs and results go through pipes as pickles, several jobs ahead of the answers so that neither side
waits. The child reads hostile text, therefore its answers are unpickled by a reader that knows our
few value classes and nothing else. This module and the values are all that the parent loads; the
iCalendar libraries are loaded by the child alone."""

from __future__ import annotations

import io
import os
import pickle
import re
import selectors
import struct
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from connectors.base import Attendee, HoldEvent, Occurrence, Problem
from connectors.errors import UnreadableError
from connectors.ical.processor_time import processor_seconds
from connectors.sanitize import sanitize

CPU_SECONDS: Final = 2.0
"""Processor time for one series, and for reading one job; large texts get more for being read."""
LOOK_SECONDS: Final = 10.0
"""So often the parent looks at what a silent child has used."""
MEMORY_BYTES: Final = 1 << 30

_CHARACTERS_PER_SECOND = 200_000
"""How fast even a slow machine reads calendar text."""
_AHEAD = 64
"""So many jobs are sent before their answers came."""
_START_SECONDS = 60.0
_GRACE_SECONDS = 8.0
"""What a child may use beyond its limit: its own limits, which say more, come first."""
_IDLE_LOOKS = 60
"""A child that used nothing between so many looks will never answer. Only looks are counted: none
is made in sleep."""
_HOPELESS = 20
"""After so many deaths in a row a text that nothing is wrong with must show whether the texts are
to blame."""
_HARMLESS = (
    "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART:20000101T000000Z\nEND:VEVENT\nEND:VCALENDAR\n"
)
_TOO_LONG = (
    "its calendar text takes too long or too much memory to expand and was set aside; it is tried again every day:"
    " correct or delete the event in your calendar"
)
_INHERITED = (
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "PYTHONHOME",
    "PYTHONPATH",
    "PYTHONTZPATH",
    "SYSTEMROOT",
)
_BOOTSTRAP = """
import sys, importlib.util
spec = importlib.util.spec_from_file_location(
    "connectors", sys.argv[1] + "/__init__.py", submodule_search_locations=[sys.argv[1]]
)
sys.modules["connectors"] = package = importlib.util.module_from_spec(spec)
spec.loader.exec_module(package)
from connectors.ical.expansion_child import serve
serve()
"""
HEADER: Final = struct.Struct(">I")
"""Before each message on a pipe: its length in bytes."""
_UID = re.compile(r"^UID[^:\n]*:(.*)$", re.IGNORECASE | re.MULTILINE)


class TooSlowError(BaseException):
    """A time limit is over. Not an `Exception`, so that no library catches it on the way."""


@dataclass(frozen=True, slots=True)
class Expansion:
    """What one group of texts holds."""

    occurrences: tuple[Occurrence, ...] = ()
    problems: tuple[Problem, ...] = ()
    recurring: bool = False
    """A later window may give more: a series, or an event that begins after the window."""
    unfinished: bool = False
    """A limit of time or memory ended it: the same texts may give more when they are tried again.
    """


@dataclass(frozen=True, slots=True)
class ExpansionJob:
    """One group of texts to expand in the window from `start` to `end` (aware; exclusive)."""

    key: str
    texts: tuple[str, ...]
    start: datetime
    end: datetime
    zone: ZoneInfo
    """The user's, for floating times."""
    trusted: bool = False
    """The texts were written by a connector of ours, not by strangers."""

    @property
    def extra_seconds(self) -> float:
        """What its size adds to the limits."""
        return sum(map(len, self.texts)) / _CHARACTERS_PER_SECOND


class Expander:
    """Expands jobs in a child process, started at the first job and again whenever it dies.

    Belongs to one thread at a time. Use it as a context manager, or `close` it.
    """

    def __init__(self, *, look_seconds: float = LOOK_SECONDS) -> None:
        self._look_seconds = look_seconds
        self._child: _Child | None = None

    def __enter__(self) -> Expander:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def close(self) -> None:
        """End the child, if there is one. The expander can be used again."""
        if self._child is not None:
            self._child.end()
            self._child = None

    def expand(self, jobs: Iterable[ExpansionJob]) -> Iterator[tuple[str, Expansion]]:
        """Each job's key and expansion, in the order of the jobs, which are taken as needed.

        Raises UnreadableError when no child can be started, or none survives.
        """
        waiting = iter(jobs)
        open_jobs: deque[ExpansionJob] = deque()
        deaths = 0
        clean_end = False
        try:
            while True:
                while len(open_jobs) < _AHEAD and (job := next(waiting, None)) is not None:
                    open_jobs.append(job)
                    if self._child is not None:
                        self._child.send(job)
                if not open_jobs:
                    break
                if self._child is None:
                    self._child = _Child(self._look_seconds)
                    for job in open_jobs:
                        self._child.send(job)
                answer = self._child.answer(CPU_SECONDS + open_jobs[0].extra_seconds)
                job = open_jobs.popleft()
                deaths = deaths + 1 if answer is None else 0
                if answer is None:
                    self.close()
                    if deaths % _HOPELESS == 0:
                        self._demand_life(job)
                    answer = Expansion(
                        (), (Problem(_first_uid(job.texts), _TOO_LONG),), unfinished=True
                    )
                yield job.key, answer
            clean_end = True
        finally:
            if not clean_end:
                # answers to jobs that nobody asks for any more may still be in the pipe
                self.close()

    def _demand_life(self, after: ExpansionJob) -> None:
        """Raises UnreadableError if a child dies even of a text that nothing is wrong with."""
        probe = _Child(self._look_seconds)
        try:
            probe.send(replace(after, texts=(_HARMLESS,)))
            if probe.answer(CPU_SECONDS) is None:
                raise UnreadableError(*_not_started("it dies again and again"))
        finally:
            probe.end()


class _Child:
    """The running child and the bytes under way to and from it."""

    def __init__(self, look_seconds: float) -> None:
        self._look_seconds = look_seconds
        self._to_send = bytearray()
        self._received = bytearray()
        self._spoke = False
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and our own code
                _command(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd="/" if os.name == "posix" else None,
                env=_environment(),
                bufsize=0,
            )
        except OSError as error:
            raise UnreadableError(*_not_started(str(error))) from error
        assert self._process.stdin is not None  # noqa: S101 - it is a pipe
        assert self._process.stdout is not None  # noqa: S101 - it is a pipe
        self._stdin, self._stdout = self._process.stdin, self._process.stdout
        os.set_blocking(self._stdin.fileno(), False)
        os.set_blocking(self._stdout.fileno(), False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._stdout, selectors.EVENT_READ)
        self._writing = False

    def send(self, job: ExpansionJob) -> None:
        """Queue a job; it leaves while answers are waited for."""
        body = pickle.dumps(
            (job.texts, job.start, job.end, job.zone, job.trusted, CPU_SECONDS + job.extra_seconds),
            protocol=5,
        )
        self._to_send += HEADER.pack(len(body)) + body

    def answer(self, seconds: float) -> Expansion | None:
        """The next answer; None when the child died, babbles, used `seconds` of processor time (and
        some more) for it, or does nothing at all.

        Raises UnreadableError when the child has died without ever saying anything, at its very
        start."""
        patience = _Patience(
            self._process.pid, seconds if self._spoke else max(seconds, _START_SECONDS)
        )
        while True:
            message = self._message()
            if message is not None and self._spoke:
                try:
                    answer = _Answers(io.BytesIO(message)).load()
                except Exception:  # noqa: BLE001 - a child gone mad is a child to be replaced
                    return None
                return answer if isinstance(answer, Expansion) else None
            if message is not None:
                self._spoke = True  # the first message says that the libraries are loaded
                patience = _Patience(self._process.pid, seconds)
                continue
            moved = self._exchange(self._look_seconds)
            if moved is None and not patience.is_over():
                continue
            if not moved:
                if not self._spoke:
                    self.end()
                    raise UnreadableError(*_not_started("it ended before it began"))
                return None

    def end(self) -> None:
        """Kill it, and leave nothing behind."""
        self._process.kill()
        self._selector.close()
        self._stdin.close()
        self._stdout.close()
        self._process.wait()

    def _message(self) -> bytes | None:
        if len(self._received) < HEADER.size:
            return None
        (size,) = HEADER.unpack_from(self._received)
        last = HEADER.size + size
        if len(self._received) < last:
            return None
        message = bytes(self._received[HEADER.size : last])
        del self._received[:last]
        return message

    def _exchange(self, seconds: float) -> bool | None:
        """Move bytes in both directions as the pipes allow; False when the child is gone, None when
        nothing moved."""
        if bool(self._to_send) != self._writing:
            self._writing = not self._writing
            if self._writing:
                self._selector.register(self._stdin, selectors.EVENT_WRITE)
            else:
                self._selector.unregister(self._stdin)
        events = self._selector.select(seconds)
        if not events:
            return None
        for key, _ in events:
            try:
                if key.fileobj is self._stdout:
                    chunk = os.read(self._stdout.fileno(), 1 << 18)
                    if not chunk:
                        return False
                    self._received += chunk
                else:
                    sent = os.write(self._stdin.fileno(), self._to_send[: 1 << 16])
                    del self._to_send[:sent]
            except BlockingIOError:
                continue
            except BrokenPipeError:
                self._to_send.clear()  # it is dying; what it still said is read first
        return True


class _Patience:
    """What is left of it with a silent child, by the processor time that the child has used since."""

    def __init__(self, pid: int, seconds: float) -> None:
        self._pid = pid
        self._began = self._before = processor_seconds(pid)
        self._seconds = seconds + _GRACE_SECONDS
        self._idle_looks = 0

    def is_over(self) -> bool:
        """Looked at once in a while."""
        used = processor_seconds(self._pid)
        self._idle_looks = self._idle_looks + 1 if used == self._before else 0
        self._before = used
        if used is None or self._began is None:
            return self._idle_looks >= _IDLE_LOOKS
        return used - self._began >= self._seconds or self._idle_looks >= _IDLE_LOOKS


class _Answers(pickle.Unpickler):
    """Reads what the child says: values of ours and times, nothing that could act."""

    _KNOWN: Final[dict[str, type]] = {
        kind.__name__: kind
        for kind in (
            Expansion,
            Occurrence,
            Attendee,
            HoldEvent,
            Problem,
            datetime,
            timedelta,
            timezone,
        )
    }

    def find_class(self, module: str, name: str) -> Any:
        """The class of ours with this name, or of `datetime`."""
        found = self._KNOWN.get(name)
        if found is None or found.__module__ != module:
            raise pickle.UnpicklingError(f"unexpected {module}.{name}")
        return found


def _first_uid(texts: Sequence[str]) -> str:
    """Whose text it was, without parsing it."""
    match = next((found for text in texts if (found := _UID.search(text))), None)
    return sanitize(match[1], 1000) if match else ""


def _command() -> list[str]:
    """Runs the child with this very package, wherever it lies, and nothing else changed in what
    Python finds."""
    package = Path(__file__).parents[1]
    return [sys.executable or "python3", "-P", "-c", _BOOTSTRAP, str(package)]


def _environment() -> dict[str, str]:
    """What Python itself may need to start. Nothing that belongs to the user, no secrets, no TZ."""
    return {name: os.environ[name] for name in _INHERITED if name in os.environ}


def _not_started(reason: str) -> tuple[str, str]:
    """What happened, and what to do."""
    return (
        f"calendars cannot be expanded: {sys.executable} could not be run as a child ({reason})",
        "reinstall fikad",
    )
