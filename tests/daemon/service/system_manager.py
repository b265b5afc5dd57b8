"""A real system-wide systemd, as process 1 of namespaces of its own, with no unit but those that a
test writes.

Nothing of the host's services, generators or boot is in it: it cannot do anything to the machine.
See `user_manager`."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.daemon.service.user_manager import (
    CHECKOUT,
    HOME,
    PYTHON,
    PYTHONPATH,
    ROOM,
    SITE,
    SYSTEMD,
    UID,
    UserManager,
    manager_of,
    remove_cgroup,
)
from tests.waiting import until

SYSTEM_UNITS = Path("/etc/systemd/system")
_OUTER = """
set -e
mount --make-rprivate /
mount -t cgroup2 none /sys/fs/cgroup
mkdir /sys/fs/cgroup/{name}
echo $$ > /sys/fs/cgroup/{name}/cgroup.procs
exec unshare -C -m -p -u -i --fork --mount-proc --kill-child sh -c "$0"
"""
_INNER = """
set -e
mount --make-rprivate /
umount /sys/fs/cgroup
mount -t cgroup2 none /sys/fs/cgroup
mount -t tmpfs -o mode=755 none /run
mkdir -p /run/systemd/unit-root /run/credentials
mount -t tmpfs -o mode=755 none {room}
mkdir {room}/python {room}/site {room}/checkout {room}/changed {room}/work
mount --bind {base} {room}/python
for library in {base}/lib/libpython*.so.*; do
    for other in /usr/lib/*/"$(basename "$library")"; do
        # The interpreter's own, which it looks for where only root can read: else it takes this.
        [ ! -e "$other" ] || mount --bind "$library" "$other"
    done
done
mount --bind {site} {room}/site
mount --bind {checkout} {room}/checkout
mount -t overlay -o lowerdir=/etc,upperdir={room}/changed,workdir={room}/work none /etc
units="/lib/systemd/system /lib/systemd/system-generators /etc/systemd"
for folder in $units /var/lib /home /usr/local/bin; do
    mount -t tmpfs -o mode=755 none $folder
done
mkdir -p {units} {home}
for target in sysinit basic shutdown multi-user; do
    printf '[Unit]\\nDefaultDependencies=no\\n' > {units}/$target.target
done
echo 'sam:x:{uid}:{uid}::{home}:/bin/sh' >> /etc/passwd
echo 'sam:x:{uid}:' >> /etc/group
chown {uid}:{uid} {home}
printf '#!/bin/sh\\nexec {python} -P -m daemon "$@"\\n' > /usr/local/bin/fikad
chmod 755 /usr/local/bin/fikad
# As at boot: systemd hands credentials over by a mount that has to spread.
mount --make-rshared /
export container=other
exec {systemd} --system --unit=multi-user.target
"""


@dataclass(frozen=True, slots=True)
class SystemManager(UserManager):
    """The system's systemd, and what to do as root."""

    def systemctl(self, *words: str, check: bool = True) -> str:
        return self.run("systemctl", *words, check=check).stdout

    def install(self, path: Path, text: str, mode: int = 0o644, owner: int = 0) -> Path:
        """Write a file inside."""
        outside = self.outside(path)
        outside.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        outside.write_text(text)
        outside.chmod(mode)
        os.chown(outside, owner, owner)
        return path

    def _inside(self, words: tuple[str, ...], more: Mapping[str, str]) -> list[str]:
        environment = [f"{name}={value}" for name, value in {**self.environment, **more}.items()]
        return ["nsenter", "-t", str(self.pid), "-m", "-C", "-p", "env", "-i", *environment, *words]


@contextmanager
def system_manager(log: Path) -> Iterator[SystemManager]:
    """A running system manager; what it prints goes to `log`."""
    name = f"fikad-system-{os.getpid()}"
    places = {
        "room": ROOM,
        "base": sys.base_prefix,
        "site": SITE,
        "checkout": CHECKOUT,
        "home": HOME,
        "uid": UID,
    }
    inner = _INNER.format(**places, units=SYSTEM_UNITS, python=PYTHON, systemd=SYSTEMD)
    with log.open("wb") as output:
        shell = subprocess.Popen(
            ["unshare", "-m", "-C", "sh", "-c", _OUTER.format(name=name), inner],
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
        )
    try:
        until(lambda: manager_of(shell) or shell.poll() is not None)
        pid = manager_of(shell)
        assert pid is not None, f"the namespaces could not be set up: {log.read_text()}"
        environment = {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "PYTHONPATH": PYTHONPATH,
        }
        manager = SystemManager(pid, environment)
        until(
            lambda: (
                manager.run("systemctl", "is-system-running", check=False).stdout.strip()
                == "running"
            ),
            what=lambda: f"systemd to run: {log.read_text()[-2000:]}",
        )
        yield manager
    finally:
        shell.kill()
        shell.wait()
        remove_cgroup(name)
