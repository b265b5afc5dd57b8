"""The child process that expands calendar texts, as its parent sees it: bytes on two pipes, and the
processor time that it uses.

The child reads hostile text, therefore its answers are unpickled by a reader that knows our few
value classes and nothing else."""

from __future__ import annotations

import io
import os
import pickle
import selectors
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Final

from connectors.base import Attendee, HoldEvent, Occurrence, Problem
from connectors.errors import UnreadableError
from connectors.ical.expansion_job import CPU_SECONDS, HEADER, Expansion, ExpansionJob
from connectors.ical.processor_time import processor_seconds

_START_SECONDS = 60.0
_GRACE_SECONDS = 8.0
"""What a child may use beyond its limit: its own limits, which say more, come first."""
_IDLE_LOOKS = 60
"""A child that used nothing between so many looks will never answer. Only looks are counted: none
is made in sleep."""
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


class ExpansionProcess:
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
            raise UnreadableError(*not_started(str(error))) from error
        assert self._process.stdin is not None  # noqa: S101 - it is a pipe
        assert self._process.stdout is not None  # noqa: S101 - it is a pipe
        self._stdin, self._stdout = self._process.stdin, self._process.stdout
        os.set_blocking(self._stdin.fileno(), False)
        os.set_blocking(self._stdout.fileno(), False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._stdout, selectors.EVENT_READ)
        self._writing = False

    def send(self, bundle: Sequence[ExpansionJob]) -> None:
        """Queue a bundle of jobs; it leaves while answers are waited for."""
        body = pickle.dumps(
            [
                (
                    *(job.texts, job.start, job.end, job.zone, job.trusted),
                    *(CPU_SECONDS + job.extra_seconds, job.series_seconds),
                )
                for job in bundle
            ],
            protocol=5,
        )
        self._to_send += HEADER.pack(len(body)) + body

    def answers(self, seconds: float, most: int) -> Sequence[Expansion]:
        """The next answers, `most` at most; none when the child died, babbles, used `seconds` of
        processor time (and some more) for them, or does nothing at all.

        Raises UnreadableError when the child has died without ever saying anything, at its very
        start."""
        patience = _Patience(
            self._process.pid, seconds if self._spoke else max(seconds, _START_SECONDS)
        )
        while True:
            message = self._message()
            if message is not None and self._spoke:
                return _read(message, most)
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
                    raise UnreadableError(*not_started("it ended before it began"))
                return ()

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
                continue  # it was not ready after all: it is waited for again
            except BrokenPipeError:
                self._to_send.clear()  # it is dying; what it still said is read first
        return True


class _Patience:
    """What is left of it with a silent child, by the processor time that the child has used
    since."""

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
        known = self._KNOWN.get(name)
        if known is None or known.__module__ != module:
            raise pickle.UnpicklingError(f"unexpected {module}.{name}")
        return known


def _read(message: bytes, most: int) -> Sequence[Expansion]:
    """The expansions in a message; none where it is anything but so many at most."""
    try:
        said = _Answers(io.BytesIO(message)).load()
    except Exception:  # noqa: BLE001 - a child gone mad is a child to be replaced
        return ()
    if not isinstance(said, list) or len(said) > most:
        return ()
    return said if all(isinstance(answer, Expansion) for answer in said) else ()


def _command() -> list[str]:
    """Runs the child with this very package, wherever it lies, and nothing else changed in what
    Python finds."""
    package = Path(__file__).parents[1]
    return [sys.executable or "python3", "-P", "-c", _BOOTSTRAP, str(package)]


def _environment() -> dict[str, str]:
    """What Python itself may need to start. Nothing that belongs to the user, no secrets, no TZ."""
    return {name: os.environ[name] for name in _INHERITED if name in os.environ}


def not_started(reason: str) -> tuple[str, str]:
    """What happened, and what to do."""
    return (
        f"calendars cannot be expanded: {sys.executable} could not be run as a child ({reason})",
        "reinstall fikad",
    )
