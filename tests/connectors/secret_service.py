"""A desktop session of a test's own: a D-Bus, and a GNOME Keyring that can be locked, unlocked, and
made to hang."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.waiting import until

BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path={socket}</listen><auth>EXTERNAL</auth>
<policy context="default">
<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
</policy>
</busconfig>"""


def leave_session(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Leave the session of the machine that runs the tests, for one without a bus and with a home
    in `folder`."""
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.delenv("PYTHON_KEYRING_BACKEND", raising=False)
    for name, part in {
        "HOME": "home",
        "XDG_RUNTIME_DIR": "run",
        "XDG_CONFIG_HOME": "cfg",
        "XDG_DATA_HOME": "data",
    }.items():
        (folder / part).mkdir(mode=0o700)
        monkeypatch.setenv(name, str(folder / part))


class Session:
    """A D-Bus session of the test's own, with a GNOME Keyring when the test starts one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.processes: list[subprocess.Popen[bytes]] = []

    def start_bus(self) -> None:
        """The bus stands where systemd puts it, XDG_RUNTIME_DIR/bus."""
        socket = Path(os.environ["XDG_RUNTIME_DIR"]) / "bus"
        (self.folder / "bus.conf").write_text(BUS.format(socket=socket))
        self._start("dbus-daemon", f"--config-file={self.folder / 'bus.conf'}", "--nofork")
        until(socket.exists)

    def unlock(self, password: bytes) -> None:
        """GNOME Keyring with its login keyring made or unlocked with the password; one that runs
        gives way."""
        process = self._start(
            "gnome-keyring-daemon", "--replace", "--foreground", "--unlock", "--components=secrets"
        )
        assert process.stdin
        process.stdin.write(password)
        process.stdin.close()

    def lock(self) -> None:
        code = "import secretstorage as s; s.Collection(s.dbus_init()).lock()"
        subprocess.run([sys.executable, "-c", code], env=self._environment(), check=True)

    def hang(self, *, hanging: bool) -> None:
        """Have the newest keyring answer nobody, or everybody again."""
        self.processes[-1].send_signal(signal.SIGSTOP if hanging else signal.SIGCONT)

    def _start(self, *words: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            words,
            env=self._environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.processes.append(process)
        return process

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={os.environ['XDG_RUNTIME_DIR']}/bus",
        }

    def stop(self) -> None:
        for process in reversed(self.processes):
            process.kill()
            process.wait()


@contextmanager
def secret_service(folder: Path) -> Iterator[Session]:
    """A session in which nothing runs yet; skips the test where it cannot be had. Call
    `leave_session` before."""
    for program in ("dbus-daemon", "gnome-keyring-daemon"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    session = Session(folder)
    try:
        yield session
    finally:
        session.stop()
