"""A daemon in a process of its own, as a service manager starts it, and the manager's end of the
line."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.daemon.cli.running import CHECKOUT, Fikad
from tests.waiting import until


@dataclass
class Manager:
    """What systemd would hear."""

    channel: socket.socket
    heard: list[str] = field(default_factory=list)

    def listen(self) -> list[str]:
        """Everything heard so far, one fact each."""
        while True:
            try:
                self.heard += self.channel.recv(65536).decode().splitlines()
            except BlockingIOError:
                return self.heard

    @property
    def status(self) -> str:
        """The last STATUS."""
        return next((line for line in reversed(self.listen()) if line.startswith("STATUS=")), "")[
            7:
        ]


@dataclass
class Daemon:
    """A running `fikad run`."""

    process: subprocess.Popen[bytes]
    manager: Manager
    log: Path

    @property
    def said(self) -> str:
        return self.log.read_text()

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def ready(self) -> Daemon:
        until(lambda: "READY=1" in self.manager.listen(), what=lambda: f"READY: {self.said}")
        return self

    def children(self) -> list[int]:
        """The processes below it."""
        below = [self.process.pid]
        for pid in below:
            path = Path(f"/proc/{pid}/task/{pid}/children")
            if path.exists():
                below += map(int, path.read_text().split())
        return below[1:]


@contextmanager
def daemon(
    fikad: Fikad,
    *,
    tick_seconds: int = 60,
    impatient: str = "",
    options: tuple[str, ...] = (),
    arguments: tuple[str, ...] = (),
    **environment: str,
) -> Iterator[Daemon]:
    """Start one; when the test is over it is killed with all it started. With fewer `tick_seconds`
    it is watched more closely, as by a unit with a short WatchdogSec. `impatient`: Python that
    shortens what users are made to wait. `options` are given before the command, `arguments`
    after it."""
    path = str(fikad.folder / "notify")
    manager = Manager(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
    manager.channel.bind(path)
    manager.channel.setblocking(False)
    log = fikad.folder / "daemon.log"
    given = {
        "PYTHONPATH": str(CHECKOUT),
        "NOTIFY_SOCKET": path,
        "WATCHDOG_USEC": str(2_000_000 * tick_seconds),
    }
    words = [*options, "run", "--config", str(fikad.config), "--state", str(fikad.state)]
    words += arguments
    program = (
        ["-c", f"{impatient}\nfrom daemon.cli import main\nmain()"]
        if impatient
        else ["-m", "daemon"]
    )
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, *program, *words],
            env={**os.environ, **given, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=fikad.folder,
        )
    running = Daemon(process, manager, log)
    try:
        yield running
    finally:
        left = running.children()
        process.kill()
        process.wait()
        # Workers notice by themselves; that a test may not outlive them is what is waited for here.
        until(
            lambda: not any(Path(f"/proc/{pid}").exists() for pid in left),
            what=lambda: f"its workers to end: {left}",
        )
        manager.channel.close()
        Path(path).unlink()
