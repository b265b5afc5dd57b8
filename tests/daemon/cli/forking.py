"""`fikad` commands as processes forked from one that has imported all of it and has made a pass,
for tests that run hundreds: a command costs what it does, and not again and again what Python costs
to start, nor what it takes to learn the words and dates of a language.

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
import threading
import time
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO, Any, NoReturn

_MOST_BYTES = 200_000
"""Of one request."""
_SECONDS = 120.0
"""How long a command may take."""
_PYTHON = (sys.executable, "-u", "-m", "daemon")


def run_command(
    arguments: tuple[str, ...], folder: Path, environment: dict[str, str], stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run `fikad` there, which is found on the PYTHONPATH. Raises subprocess.TimeoutExpired."""
    forker = forker_for(environment)
    if forker is not None:
        return forker.run(arguments, folder, environment, stdin)
    return subprocess.run(
        [*_PYTHON, *arguments],
        capture_output=True,
        text=True,
        input=stdin,
        cwd=folder,
        env=environment,
        timeout=_SECONDS,
        check=False,
    )


def begin_command(
    arguments: tuple[str, ...], folder: Path, environment: dict[str, str], files: list[int]
) -> Command | subprocess.Popen[bytes]:
    """Begin one there, with these files for input, output and errors."""
    forker = forker_for(environment)
    if forker is not None:
        return forker.begin(arguments, folder, environment, files)
    given, out, err = files
    return subprocess.Popen(
        [*_PYTHON, *arguments], stdin=given, stdout=out, stderr=err, cwd=folder, env=environment
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
    """What Python itself reads, once, when it starts, and the time zone, which a library reads when
    it is imported. Of a language Python reads the encoding alone, which is UTF-8 also where none is
    named."""
    return {
        name: value
        for name, value in environment.items()
        if name.startswith("PYTHON")
        or name == "TZ"
        or (name.startswith(("LC_", "LANG")) and value and not value.endswith(".UTF-8"))
    }


class Forker:
    """The process that forks, seen from the one that asks it to."""

    def __init__(self, path: str) -> None:
        environment = {**os.environ, "PYTHONPATH": path, "TZ": "UTC"}
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


def _learn() -> None:
    """Work out what every command would work out anew, though it is the same in all of them."""
    from daemon.discovery.languages import guess_languages
    from daemon.languages.writing import ENGLISH
    from tests.daemon.world import SUNDAY, Fikad, calendars, config

    Fikad(config(), calendars().open).once()
    guess_languages(["Lunch with Jane"])
    ENGLISH.appointment(SUNDAY)
    ENGLISH.moment(SUNDAY)
    ENGLISH.names(["Jane", "Bob"])
    ENGLISH.span(7)


def _next_command(channel: socket.socket) -> dict[str, Any]:
    """Fork for each request, and tell whoever asked when it has ended; returns in the process that
    is to be the command."""
    ended, woken = os.pipe()
    os.set_blocking(woken, False)
    signal.set_wakeup_fd(woken)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    running: dict[int, int] = {}
    while True:
        ready = select.select([channel.fileno(), ended], [], [])[0]
        if ended in ready:
            os.read(ended, 1 << 10)
            _tell_how_they_ended(running)
        if channel.fileno() not in ready:
            continue
        message, files, _, _ = socket.recv_fds(channel, _MOST_BYTES, 4)
        if not message:
            sys.exit()
        *standard, answers = files
        if not (pid := os.fork()):
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            channel.close()
            for number, file in enumerate(standard):
                os.dup2(file, number)
            for file in (*files, ended, woken, *running.values()):
                os.close(file)
            request: dict[str, Any] = json.loads(message)
            return request
        running[pid] = answers
        os.write(answers, f"{pid}\n".encode())
        for file in standard:
            os.close(file)


def _tell_how_they_ended(running: dict[int, int]) -> None:
    with suppress(ChildProcessError):
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            answers = running.pop(found[0])
            with suppress(OSError):
                os.write(answers, f"{os.waitstatus_to_exitcode(found[1])}\n".encode())
            os.close(answers)


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


def _run() -> int:
    """The command; its exit code."""
    try:
        runpy.run_module("daemon", run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        print(end.code, file=sys.stderr)
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    except BaseException:  # noqa: BLE001 - whatever it is, it is shown
        sys.excepthook(*sys.exc_info())
    else:
        return 0
    return 1


def _end(code: int) -> NoReturn:
    """Do what Python does at its end, but for tidying up a hundred megabytes, each page of which
    would have to be copied to be tidied."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            code = 120
    os._exit(code & 0xFF)


if __name__ == "__main__":
    _import_all()
    _learn()
    gc.collect()
    gc.freeze()
    _become(_next_command(socket.socket(fileno=int(sys.argv[1]))))
    _end(_run())
