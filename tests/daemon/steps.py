"""A fikad that is killed at any one of its steps, for real.

Work is done in a forked child. Every step of it is counted: a request sent that writes, an answer
received, a statement or a transaction committed, a file made, renamed, linked or removed. At the
step that it is told the child ends by SIGKILL: nothing is unwound, closed or flushed. What it did
until then stands, on the server, in the folder and in the ledger."""

from __future__ import annotations

import gc
import http.client
import os
import pickle
import re
import select
import signal
import socket
import sqlite3
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, BinaryIO, Generic, NoReturn, TypeVar

T = TypeVar("T")
_SECONDS = 60.0
"""How long a server may take for one answer."""
_LOOKING = ("GET ", "HEAD ", "OPTIONS ", "PROPFIND ", "REPORT ")
"""Requests that change nothing: sent or answered is one to whoever comes after."""


@dataclass
class Steps:
    """The steps of this process, and the one at which it dies (counted from 0; None: at none)."""

    at: int | None = None
    passed: list[str] = field(default_factory=list)

    def reach(self, name: str) -> None:
        self.passed.append(name)
        if len(self.passed) - 1 == self.at:
            self.stop()

    def stop(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


@dataclass
class Pause(Steps):
    """Steps at one of which the child waits until it may go on."""

    _here: socket.socket = field(init=False)
    _there: socket.socket = field(init=False)

    def __post_init__(self) -> None:
        self._here, self._there = socket.socketpair()

    def stop(self) -> None:
        self._there.sendall(b".")
        self._there.recv(1)

    def wait(self, child: Running[Any]) -> None:
        """Until the child waits, or has ended."""
        select.select([self._here.fileno(), child.answers.fileno()], [], [], _SECONDS)

    def go_on(self) -> None:
        self._here.sendall(b".")

    def close(self) -> None:
        self._here.close()
        self._there.close()


@dataclass
class Running(Generic[T]):
    """A child at work."""

    pid: int
    answers: BinaryIO

    def ended(self) -> T | None:
        """What came of it, once it has ended; None where it was killed. Raises AssertionError when
        its work raised."""
        with self.answers:
            told = self.answers.read()
        _, status = os.waitpid(self.pid, 0)
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
            return None
        assert told, "the child said nothing"
        error: str
        done: T
        error, done = pickle.loads(told)
        assert not error, error
        return done


def in_child(work: Callable[[], T], steps: Steps) -> T | None:
    """Do it in a forked child that counts its steps, to its end (see `Running.ended`)."""
    return begun(work, steps).ended()


def begun(work: Callable[[], T], steps: Steps) -> Running[T]:
    """Begin it in a forked child that counts its steps."""
    reading, writing = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _be_the_child(work, steps, writing)
    os.close(writing)
    return Running(child, os.fdopen(reading, "rb"))


def _be_the_child(work: Callable[[], Any], steps: Steps, writing: int) -> NoReturn:
    error, value = "", None
    gc.disable()
    try:
        watch(steps)
        value = work()
    except BaseException:  # noqa: BLE001 - whatever it is, the parent tells it
        error = traceback.format_exc()
    with os.fdopen(writing, "wb") as answers:
        answers.write(pickle.dumps((error, value)))
    os._exit(0)


def watch(steps: Steps) -> None:
    """Count the steps of this process from now on, for good."""
    _watch_requests(steps)
    _watch_ledgers(steps)
    _watch_files(steps)


# --- requests: every library in use speaks through `http.client` ---


def _watch_requests(steps: Steps) -> None:
    connection: Any = http.client.HTTPConnection
    put_request, get_response = connection.putrequest, connection.getresponse

    @wraps(put_request)
    def putrequest(self: Any, method: str, url: str, *given: Any, **more: Any) -> Any:
        self.asked = f"{method} {url}"
        return put_request(self, method, url, *given, **more)

    @wraps(get_response)
    def getresponse(self: Any, *given: Any, **more: Any) -> Any:
        # The server has done it once it begins to answer: so it is the same at every run.
        connected = getattr(self.sock, "_connected", self.sock)
        select.select([connected], [], [], _SECONDS)
        if not self.asked.startswith(_LOOKING):
            steps.reach(f"sent {self.asked}")
        response = get_response(self, *given, **more)
        steps.reach(f"answered {self.asked}")
        return response

    connection.putrequest, connection.getresponse = putrequest, getresponse


# --- statements ---


_OPENING = re.compile(r"\s*(\w+(?:\s+(?:OR \w+\s+)?(?:INTO|FROM)?\s*\w+)?)")


def _watch_ledgers(steps: Steps) -> None:
    class Watched(sqlite3.Connection):
        said = ""

        def execute(self, sql: str, *given: Any) -> Any:
            return self._counted(sql, super().execute, *given)

        def executemany(self, sql: str, *given: Any) -> Any:
            return self._counted(sql, super().executemany, *given)

        def executescript(self, sql: str) -> Any:
            return self._counted(sql, super().executescript)

        def _counted(self, sql: str, do: Callable[..., Any], *given: Any) -> Any:
            before, within = self.total_changes, self.in_transaction
            done = do(sql, *given)
            changed = self.total_changes != before
            if changed:
                opening = _OPENING.match(sql)
                self.said = opening[1] if opening else sql[:30]
            if not self.in_transaction and (changed or within):
                steps.reach(f"committed {self.said}")
            return done

    connect = sqlite3.connect

    @wraps(connect)
    def watched(*given: Any, **more: Any) -> Any:
        return connect(*given, **{"factory": Watched, **more})

    sqlite3.connect = watched


# --- files ---


def _watch_files(steps: Steps) -> None:
    for name in ("rename", "replace", "link", "unlink", "remove", "mkdir", "rmdir"):
        _watch_call(steps, name)
    opened = os.open

    @wraps(opened)
    def made(path: Any, flags: int, *given: Any, **more: Any) -> int:
        new = bool(flags & os.O_CREAT) and not os.path.lexists(path)
        descriptor = opened(path, flags, *given, **more)
        if new:
            steps.reach(f"made {os.fspath(path)}")
        return descriptor

    os.open = made


def _watch_call(steps: Steps, name: str) -> None:
    call: Callable[..., Any] = getattr(os, name)

    @wraps(call)
    def counted(*given: Any, **more: Any) -> Any:
        done = call(*given, **more)
        steps.reach(f"{name} {' '.join(str(each) for each in given)}")
        return done

    setattr(os, name, counted)
