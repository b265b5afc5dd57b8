"""A real `systemd --user`, started for a test where systemd may not even be running.

It lives in namespaces of its own (mounts, processes, cgroups), which only root can make; inside, an
invented user has a home, a runtime folder and a cgroup, as on a desktop. When the test is over all
of it is gone. Python and the checkout are bound to folders that the invented user may read, since
the real ones may be in root's home or in /tmp, which a sandboxed service does not see."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from tests.waiting import until

UID = 61234
ROOM = Path("/mnt")
"""Covered by a file system of the test's own."""
HOME = Path("/home/sam")
PYTHON = ROOM / "python/bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
PYTHONPATH = f"{ROOM}/checkout:{ROOM}/site"
CHECKOUT = Path(__file__).parents[3]
SITE = Path(sysconfig.get_path("purelib"))
_TOOLS = ("unshare", "nsenter", "setpriv", "systemctl", "mount")
SYSTEMD = next(
    (
        path
        for path in map(Path, ("/lib/systemd/systemd", "/usr/lib/systemd/systemd"))
        if path.exists()
    ),
    None,
)

_SETUP = """
set -e
mount --make-rprivate /
mount -t tmpfs -o mode=755 none /run
mkdir -p /run/systemd/system /run/systemd/unit-root /run/credentials /run/user/{uid}
mount -t cgroup2 none /sys/fs/cgroup
mkdir /sys/fs/cgroup/{name}
echo $$ > /sys/fs/cgroup/{name}/cgroup.procs
chown -R {uid} /sys/fs/cgroup/{name}
mount -t tmpfs -o mode=755 none {room}
mkdir {room}/python {room}/site {room}/checkout
mkdir -p /home
mount -t tmpfs -o mode=755 none /home
mkdir {home}
chmod 700 /run/user/{uid} {home}
mount --bind {base} {room}/python
for library in {base}/lib/libpython*.so.*; do
    for other in /usr/lib/*/"$(basename "$library")"; do
        # The interpreter's own, which it looks for where only root can read: else it takes this.
        [ ! -e "$other" ] || mount --bind "$library" "$other"
    done
done
mount --bind {site} {room}/site
mount --bind {checkout} {room}/checkout
(cat /etc/passwd; echo 'sam:x:{uid}:{uid}::{home}:/bin/sh') > {room}/passwd
(cat /etc/group; echo 'sam:x:{uid}:') > {room}/group
mount --bind {room}/passwd /etc/passwd
mount --bind {room}/group /etc/group
chown {uid}:{uid} {home} /run/user/{uid}
# Not with exec: as process 1 systemd takes itself for the system's.
setpriv --reuid {uid} --regid {uid} --clear-groups env -i {environment} {manager} --user
exit $?
"""


@dataclass(frozen=True, slots=True)
class UserManager:
    """A user's systemd, and what to do as that user."""

    pid: int
    """Of the manager, as the outside counts."""
    environment: Mapping[str, str]

    def run(self, *words: str, check: bool = True, **more: str) -> subprocess.CompletedProcess[str]:
        """Run a program as the user; `more` is environment."""
        done = subprocess.run(
            self._inside(words, more), capture_output=True, text=True, timeout=120, check=False
        )
        assert not check or done.returncode == 0, (
            f"{words}: {done.returncode} {done.stdout[-3000:]} {done.stderr[-3000:]}"
        )
        return done

    def systemctl(self, *words: str, check: bool = True) -> str:
        return self.run("systemctl", "--user", *words, check=check).stdout

    def fikad(
        self, *words: str, check: bool = True, **more: str
    ) -> subprocess.CompletedProcess[str]:
        return self.run(str(PYTHON), "-P", "-m", "daemon", *words, check=check, **more)

    def show(self, unit: str, *names: str) -> dict[str, str]:
        """Properties of a unit."""
        lines = self.systemctl("show", unit, f"--property={','.join(names)}").splitlines()
        return dict(line.split("=", 1) for line in lines)

    def write(self, path: Path, text: str, mode: int = 0o644) -> Path:
        """Write a file inside, owned by the user."""
        outside = self.outside(path)
        for folder in reversed(path.parents):
            if folder.is_relative_to(HOME) and not self.outside(folder).exists():
                self.outside(folder).mkdir(mode=0o700)
                os.chown(self.outside(folder), UID, UID)
        outside.write_text(text)
        outside.chmod(mode)
        os.chown(outside, UID, UID)
        return path

    def outside(self, path: Path) -> Path:
        """How a path inside can be read from here."""
        return Path(f"/proc/{self.pid}/root") / path.relative_to("/")

    def host_pid(self, inner: int) -> int:
        """The process that is `inner` in there, as the outside counts."""
        for status in Path("/proc").glob("[0-9]*/status"):
            with suppress(OSError):
                facts = dict(
                    line.split(":\t", 1)
                    for line in status.read_text().splitlines()
                    if ":\t" in line
                )
                numbers = facts.get("NSpid", "").split()
                same = (
                    len(numbers) > 1
                    and (status.parent / "ns/pid").readlink()
                    == Path(f"/proc/{self.pid}/ns/pid").readlink()
                )
                if same and int(numbers[-1]) == inner:
                    return int(numbers[0])
        raise AssertionError(f"there is no process {inner} in there")

    def kill(self, inner: int, number: signal.Signals) -> None:
        os.kill(self.host_pid(inner), number)

    def _inside(self, words: tuple[str, ...], more: Mapping[str, str]) -> list[str]:
        environment = [f"{name}={value}" for name, value in {**self.environment, **more}.items()]
        become = ["setpriv", f"--reuid={UID}", f"--regid={UID}", "--clear-groups"]
        words = (*become, "env", "-i", f"--chdir={HOME}", *environment, *words)
        return ["nsenter", "-t", str(self.pid), "-m", "-C", "-p", *words]


@cache
def why_not() -> str:
    """Why no user manager can be started here; empty if one can."""
    if sys.platform != "linux":
        return "systemd is only on Linux"
    if SYSTEMD is None:
        return "systemd is not installed"
    missing = [tool for tool in _TOOLS if shutil.which(tool) is None]
    if missing:
        return f"{missing[0]} is not installed"
    if os.geteuid() != 0:
        return "only root may make the namespaces that a test's own systemd needs"
    folder = f"/sys/fs/cgroup/fikad-probe-{os.getpid()}"
    steps = [
        "mount --make-rprivate /",
        "mount -t cgroup2 none /sys/fs/cgroup",
        f"mkdir {folder}",
        f"rmdir {folder}",
    ]
    probe = ["unshare", "-m", "-C", "sh", "-c", " && ".join(steps)]
    done = subprocess.run(probe, capture_output=True, text=True, timeout=120, check=False)
    return (
        f"namespaces or cgroups cannot be had here: {done.stderr.strip()}"
        if done.returncode
        else ""
    )


@contextmanager
def user_manager(log: Path) -> Iterator[UserManager]:
    """A running user manager; what it and its services print goes to `log`."""
    name = f"fikad-test-{os.getpid()}"
    environment = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": str(HOME),
        "USER": "sam",
        "LOGNAME": "sam",
        "LANG": "C.UTF-8",
        "XDG_RUNTIME_DIR": f"/run/user/{UID}",
        "PYTHONPATH": PYTHONPATH,
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    script = _SETUP.format(
        name=name,
        uid=UID,
        room=ROOM,
        home=HOME,
        base=sys.base_prefix,
        site=SITE,
        checkout=CHECKOUT,
        environment=" ".join(f"{key}={value}" for key, value in environment.items()),
        manager=SYSTEMD,
    )
    with log.open("wb") as output:
        shell = subprocess.Popen(
            [
                "unshare",
                "-m",
                "-C",
                "-p",
                "--fork",
                "--mount-proc",
                "--kill-child",
                "sh",
                "-c",
                script,
            ],
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
        )
    try:
        until(lambda: manager_of(shell) or shell.poll() is not None)
        pid = manager_of(shell)
        assert pid is not None, f"the namespaces could not be set up: {log.read_text()}"
        manager = UserManager(pid, environment)
        until(
            lambda: (
                manager.run("systemctl", "--user", "is-system-running", check=False).stdout.strip()
                == "running"
            ),
            what=lambda: f"the user manager to run: {log.read_text()[-2000:]}",
        )
        yield manager
    finally:
        shell.kill()
        shell.wait()
        remove_cgroup(name)


def manager_of(shell: subprocess.Popen[bytes]) -> int | None:
    """The manager below the process that unshare started, once it is there."""
    below = [str(shell.pid)]
    for pid in below:
        with suppress(OSError):
            if Path(f"/proc/{pid}/comm").read_text().strip() == "systemd":
                return int(pid)
            below += Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return None


def remove_cgroup(name: str) -> None:
    mounts = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
    for top in (Path(words[1]) / name for words in mounts if words[2] == "cgroup2"):
        if top.exists():
            until(partial(_empty, top), what=lambda: "the services to be gone")
            for folder in sorted(top.rglob("*/"), reverse=True):
                folder.rmdir()
            top.rmdir()


def _empty(top: Path) -> bool:
    return not any(path.read_text().strip() for path in top.rglob("cgroup.procs"))
