"""`fikad` commands as processes forked from one that has imported all of it, for tests that run
hundreds: a command costs what it does, and not again and again what Python costs to start.

Each command is still a process of its own, with its own environment, folder, exit code and, where
it is run on one, terminal, and the programs that it starts are started as ever. With the `thorough`
profile, and wherever the environment says something to Python itself, every command is a Python of
its own."""

from __future__ import annotations

import atexit
import fcntl
import gc
import importlib
import io
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import termios
import time
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO, Any, NoReturn

_MOST_BYTES = 200_000
"""Of one request."""
_SECONDS = 120.0
"""How long a command may take."""


def run_command(
    arguments: tuple[str, ...], folder: Path, environment: dict[str, str], stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run `fikad` there, which is found on the PYTHONPATH. Raises subprocess.TimeoutExpired."""
    forker = forker_for(environment)
    if forker is not None:
        return forker.run(arguments, folder, environment, stdin)
    return subprocess.run(
        [sys.executable, "-m", "daemon", *arguments],
        capture_output=True,
        text=True,
        input=stdin,
        cwd=folder,
        env=environment,
        timeout=_SECONDS,
        check=False,
    )


def forker_for(environment: dict[str, str]) -> Forker | None:
    """Who forks commands with this environment; None where each has to be a Python of its own."""
    if os.environ.get("HYPOTHESIS_PROFILE") == "thorough":
        return None
    forker = _forker(environment["PYTHONPATH"])
    return forker if forker.serves(environment) else None


@cache
def _forker(path: str) -> Forker:
    return Forker(path)


def _for_python(environment: dict[str, str]) -> dict[str, str]:
    """What Python itself reads, once, when it starts. Of a language it reads the encoding alone,
    which is UTF-8 also where none is named."""
    return {
        name: value
        for name, value in environment.items()
        if name.startswith("PYTHON")
        or (name.startswith(("LC_", "LANG")) and value and not value.endswith(".UTF-8"))
    }


class Forker:
    """The process that forks, seen from the one that asks it to."""

    def __init__(self, path: str) -> None:
        environment = {**os.environ, "PYTHONPATH": path}
        self._given = _for_python(environment)
        self._channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.daemon.cli.forking", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                cwd="/",
                env=environment,
            )
        atexit.register(self._close)

    def serves(self, environment: dict[str, str]) -> bool:
        return _for_python(environment) == self._given

    def run(
        self, arguments: tuple[str, ...], folder: Path, environment: dict[str, str], stdin: str
    ) -> subprocess.CompletedProcess[str]:
        with (
            tempfile.TemporaryFile() as given,
            tempfile.TemporaryFile() as out,
            tempfile.TemporaryFile() as err,
        ):
            given.write(stdin.encode())
            given.seek(0)
            files = [given.fileno(), out.fileno(), err.fileno()]
            with self.begin(arguments, folder, environment, files) as command:
                code = command.wait()
            return subprocess.CompletedProcess(arguments, code, _text(out), _text(err))

    def begin(
        self,
        arguments: tuple[str, ...],
        folder: Path,
        environment: dict[str, str],
        files: list[int],
        *,
        terminal: bool = False,
    ) -> Command:
        """Begin a command with these standard streams. `terminal`: the first of them is the one by
        which it is controlled, as if it was begun there."""
        request = {
            "arguments": arguments,
            "folder": str(folder),
            "environment": environment,
            "umask": _umask(),
            "terminal": terminal,
        }
        ours, theirs = socket.socketpair()
        with theirs:
            sent = [*files, theirs.fileno()]
            socket.send_fds(self._channel, [json.dumps(request).encode()], sent)
        return Command(arguments, ours)

    def _close(self) -> None:
        self._channel.close()
        self._process.wait(10)


class Command:
    """A command that was begun. What its parent says of it is first its process id, then how it
    ended."""

    def __init__(self, arguments: tuple[str, ...], answers: socket.socket) -> None:
        self._arguments, self._answers = arguments, answers
        self._answers.settimeout(_SECONDS)
        self._lines = answers.makefile()
        self.pid = int(self._lines.readline())

    def __enter__(self) -> Command:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._lines.close()
        self._answers.close()

    def has_ended(self) -> bool:
        """Whether `wait` returns at once."""
        return bool(select.select([self._answers], [], [], 0)[0])

    def wait(self) -> int:
        """Its exit code; negative: the signal that ended it. Raises subprocess.TimeoutExpired, and
        it is ended."""
        try:
            return int(self._lines.readline())
        except TimeoutError:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            raise subprocess.TimeoutExpired(["fikad", *self._arguments], _SECONDS) from None


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode().replace("\r\n", "\n")


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


# --- in the process that forks ---


def _import_all() -> None:
    import connectors
    import daemon

    for package in (connectors, daemon):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)


def _next_command(channel: socket.socket) -> dict[str, Any]:
    """Fork for each request; returns in the process that is to be the command."""
    while True:
        message, files, _, _ = socket.recv_fds(channel, _MOST_BYTES, 4)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if not message:
            sys.exit()
        if not os.fork():
            channel.close()
            if not (pid := os.fork()):
                for number, file in enumerate(files[:3]):
                    os.dup2(file, number)
                for file in files:
                    os.close(file)
                request: dict[str, Any] = json.loads(message)
                return request
            _tell_how_it_ends(pid, files)
        for file in files:
            os.close(file)


def _tell_how_it_ends(pid: int, files: list[int]) -> NoReturn:
    *standard, answers = files
    for file in standard:
        os.close(file)
    os.write(answers, f"{pid}\n".encode())
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    with suppress(OSError):
        os.write(answers, f"{code}\n".encode())
    os._exit(0)


def _become(request: dict[str, Any]) -> None:
    """Be as if just started with these arguments, in this folder and environment. Nothing was read
    from or written to the standard streams yet, so they only have to lead elsewhere."""
    if request["terminal"]:
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGQUIT, signal.SIG_DFL)
        assert isinstance(sys.stdout, io.TextIOWrapper)
        sys.stdout.reconfigure(line_buffering=sys.stdout.isatty())
    os.chdir(request["folder"])
    os.umask(request["umask"])
    os.environ.clear()
    os.environ.update(request["environment"])
    time.tzset()
    sys.path[0] = request["folder"]
    sys.argv = ["fikad", *request["arguments"]]


if __name__ == "__main__":
    _import_all()
    gc.collect()
    gc.freeze()
    _become(_next_command(socket.socket(fileno=int(sys.argv[1]))))
    runpy.run_module("daemon", run_name="__main__", alter_sys=True)
