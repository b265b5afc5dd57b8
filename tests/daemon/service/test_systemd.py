"""The units, on a real systemd: the life of the service, and every line of its sandbox."""

from __future__ import annotations

import json
import mmap
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.connectors import servers
from tests.daemon.cli.running import ALWAYS, CONTACTS, days_ago, event, with_guests
from tests.daemon.service.system_manager import SYSTEM_UNITS, SystemManager, system_manager
from tests.daemon.service.user_manager import (
    HOME,
    PYTHON,
    PYTHONPATH,
    UID,
    UserManager,
    user_manager,
    why_not,
)
from tests.waiting import AT_ONCE, SECONDS, until

UNITS = Path(__file__).parents[3] / "systemd"
CONFIG = HOME / ".config/fikad/config.toml"
STATE = HOME / ".local/state/fikad"
DROP_IN = HOME / ".config/systemd/user/fikad.service.d/test.conf"
CALENDAR = HOME / "calendars/Personal"
FILES = '\n[accounts.home]\ntype = "files"\npath = "~/calendars"\n'

needs_systemd = pytest.mark.skipif(bool(why_not()), reason=why_not() or "never")


@pytest.fixture
def sam(tmp_path: Path) -> Iterator[UserManager]:
    """A user with a systemd, a config, and a meeting in a calendar on disk."""
    with user_manager(tmp_path / "log") as manager:
        met = event("a", "Lunch", days_ago(3, 12), 60, *with_guests("jane@example.org"))
        manager.write(CALENDAR / "a.ics", met)
        manager.write(CONFIG, ALWAYS + FILES + CONTACTS)
        yield manager


def status(sam: UserManager) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(sam.fikad("status", "--json", check=False).stdout)
    return facts


def healthy(sam: UserManager) -> bool:
    return status(sam)["healthy"] is True


def main_pid(sam: UserManager) -> int:
    return int(sam.show("fikad", "MainPID")["MainPID"])


def install(sam: UserManager, drop_in: str = "") -> None:
    """Install the service with changes of the user's own."""
    if drop_in:
        sam.write(DROP_IN, f"[Service]\n{drop_in}\n")
    sam.fikad("service", "install")


# --- its life ---


@needs_systemd
def test_install_starts_it_and_uninstall_leaves_nothing_but_what_is_the_users(sam):
    installed = sam.fikad("service", "install").stdout
    assert "it is running" in installed
    assert sam.show("fikad", "ActiveState", "NotifyAccess") == {
        "ActiveState": "active",
        "NotifyAccess": "main",
    }
    until(lambda: healthy(sam))
    until(lambda: "suggests " in sam.show("fikad", "StatusText")["StatusText"])
    assert "running as process" in sam.fikad("service", "status").stdout
    assert "as it was" in sam.fikad("service", "install").stdout

    removed = sam.fikad("service", "uninstall").stdout
    assert "stopped and removed" in removed
    assert sam.show("fikad", "LoadState")["LoadState"] == "not-found"
    assert not list(sam.outside(HOME / ".config/systemd/user").rglob("fikad.service"))
    assert sam.outside(STATE / "ledger.db").exists()
    assert sam.fikad("service", "status", check=False).returncode == 1
    assert "nothing to remove" in sam.fikad("service", "uninstall").stdout


@needs_systemd
def test_a_stalled_loop_is_killed_by_the_watchdog_and_started_again(sam):
    install(sam, "WatchdogSec=2s\nRestartSec=100ms")
    first = main_pid(sam)
    sam.kill(first, signal.SIGSTOP)
    until(
        lambda: main_pid(sam) not in (0, first),
        what=lambda: str(sam.show("fikad", "ActiveState", "Result")),
    )
    assert int(sam.show("fikad", "NRestarts")["NRestarts"]) == 1
    until(lambda: healthy(sam))


@needs_systemd
def test_killed_it_is_started_again_and_goes_on(sam):
    install(sam, "RestartSec=100ms")
    first = main_pid(sam)
    sam.kill(first, signal.SIGKILL)
    until(lambda: main_pid(sam) not in (0, first))
    until(lambda: healthy(sam))


@needs_systemd
def test_reload_swaps_in_a_good_config_and_keeps_the_old_one_over_a_bad_one(sam):
    install(sam)
    until(lambda: healthy(sam))
    sam.write(CONFIG, ALWAYS + FILES + CONTACTS + '\n[[contacts]]\nname = "Ada Example"\n')
    sam.systemctl("reload", "fikad")
    until(lambda: "Ada Example" in str(status(sam)["contacts"]))
    until(lambda: sam.show("fikad", "ActiveState")["ActiveState"] == "active")

    sam.write(CONFIG, ALWAYS + FILES + CONTACTS + "\nnonsense\n")
    sam.systemctl("reload", "fikad")
    until(lambda: "mistakes" in sam.show("fikad", "StatusText")["StatusText"])
    assert sam.show("fikad", "ActiveState")["ActiveState"] == "active"
    told = status(sam)
    assert told["healthy"] is False
    assert "config.toml:" in str(told["config_problems"])
    assert "Ada Example" in str(told["contacts"])


@needs_systemd
def test_it_stops_within_five_seconds_in_the_middle_of_a_reading(sam):
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        account = (
            '[accounts.slow]\ntype = "caldav"\n'
            f'url = "http://127.0.0.1:{silent.getsockname()[1]}/"\n'
        )
        sam.write(HOME / "secret", "hunter2", 0o600)
        sam.write(
            CONFIG,
            ALWAYS + account + 'username = "sam"\npassword = { file = "~/secret" }\n' + CONTACTS,
        )
        install(sam)
        silent.settimeout(SECONDS)
        connection, _ = silent.accept()
        before = time.monotonic()
        sam.systemctl("stop", "fikad")
        assert time.monotonic() - before < AT_ONCE
        assert sam.show("fikad", "Result", "ActiveState") == {
            "Result": "success",
            "ActiveState": "inactive",
        }
        connection.close()


@needs_systemd
def test_a_config_that_is_broken_from_the_start_is_not_tried_again_and_again(sam):
    install(sam, "RestartSec=100ms")
    sam.systemctl("stop", "fikad")
    for copy in sam.outside(STATE).glob("config-*.toml"):
        copy.unlink()
    sam.write(CONFIG, "nonsense\n")
    sam.systemctl("start", "fikad", check=False)
    until(lambda: sam.show("fikad", "ActiveState")["ActiveState"] == "failed")
    assert sam.show("fikad", "ExecMainStatus", "NRestarts") == {
        "ExecMainStatus": "10",
        "NRestarts": "0",
    }


@needs_systemd
def test_install_refuses_a_config_that_would_not_start(sam):
    sam.write(CONFIG, "nonsense\n")
    refused = sam.fikad("service", "install", check=False)
    assert refused.returncode == 10
    assert not sam.outside(HOME / ".config/systemd/user/fikad.service").exists()


# --- the sandbox ---

PROBE = """
import ctypes, json, mmap, os, socket, sys, resource
libc = ctypes.CDLL(None, use_errno=True)
def attempt(action):
    try:
        result = action()
    except OSError as error:
        return error.errno and os.strerror(error.errno)
    return "done" if result != -1 else os.strerror(ctypes.get_errno())
def write(path):
    return lambda: open(path, "w").close()
found = {
    "write to the home": attempt(write(os.path.expanduser("~/stray"))),
    "write to the system": attempt(write("/var/tmp/../lib/stray")),
    "write to the state": attempt(write(sys.argv[1] + "/stray")),
    "write to /tmp": attempt(write("/tmp/fikad-stray")),
    "write to the runtime folder": attempt(write(f"/run/user/{os.getuid()}/stray")),
    "make an executable page": attempt(
        lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_WRITE | mmap.PROT_EXEC)),
    "make a namespace": attempt(lambda: libc.unshare(0x10000000)),
    "change the personality": attempt(lambda: libc.personality(0x0008)),
    "trace": attempt(lambda: libc.ptrace(0, 0, 0, 0)),
    "make a setuid file": attempt(
        lambda: (write(sys.argv[1] + "/s")(), os.chmod(sys.argv[1] + "/s", 0o4755))[1]),
    "use netlink": attempt(lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).close()),
    "use the internet": attempt(lambda: socket.socket(socket.AF_INET6).close()),
    "find an address": attempt(lambda: socket.getaddrinfo("localhost", 80) and None),
    "limit itself": attempt(lambda: resource.setrlimit(resource.RLIMIT_CPU, (2, 2))),
    "set the host's name": attempt(lambda: libc.sethostname(b"x", 1)),
    "set a kernel variable": attempt(write("/proc/sys/kernel/core_pattern")),
    "devices": sorted(os.listdir("/dev")),
    "status": dict(line.split(":\\t", 1) for line in open("/proc/self/status").read().splitlines()
                   if ":\\t" in line),
    "read-only": [line.split()[4] for line in open("/proc/self/mountinfo")
                  if line.split()[5].startswith("ro")],
    "nice": os.getpriority(os.PRIO_PROCESS, 0),
    "groups of namespaces": {
        name: os.readlink(f"/proc/self/ns/{name}") for name in ("user", "mnt", "uts")},
}
with open(sys.argv[1] + "/probe.json", "w") as file:
    json.dump(found, file)
"""


@pytest.fixture
def probed(sam: UserManager) -> dict[str, object]:
    """What a program meets that is run in the service's place."""
    probe = sam.write(HOME / "probe.py", PROBE)
    start = f"{PYTHON} -P {probe} {STATE}"
    sam.run("mkdir", "-p", str(STATE))
    error = f"StandardError=file:{STATE}/err"
    install(sam, f"Type=oneshot\nRestart=no\nWatchdogSec=0\n{error}\nExecStart=\nExecStart={start}")
    seen: dict[str, object] = json.loads(sam.outside(STATE / "probe.json").read_text())
    return seen


@needs_systemd
def test_every_directive_of_the_sandbox_is_in_effect(sam, probed):
    read_only, refused = "Read-only file system", "Operation not permitted"
    wanted = {
        "write to the home": read_only,
        "write to the system": read_only,
        "write to the state": "done",
        "write to /tmp": "done",
        "write to the runtime folder": read_only,
        "make an executable page": refused,
        "make a namespace": refused,
        "change the personality": refused,
        "trace": refused,
        "make a setuid file": refused,
        "use netlink": "Address family not supported by protocol",
        "use the internet": "done",
        "find an address": "done",
        "limit itself": "done",
        "set the host's name": refused,
        "nice": 10,
    }
    assert {key: probed[key] for key in wanted} == wanted
    assert not sam.outside(Path("/tmp/fikad-stray")).exists(), "its /tmp is its own"
    assert probed["set a kernel variable"] != "done"
    assert {"kmsg", "mem", "vda", "sda"}.isdisjoint(probed["devices"])
    kernel = probed["status"]
    assert (kernel["NoNewPrivs"], kernel["Seccomp"], kernel["CapBnd"], kernel["Umask"]) == (
        "1",
        "2",
        "0" * 16,
        "0077",
    )
    assert {"/", "/home", "/proc/sys", "/sys/fs/cgroup", "/proc/kmsg"} <= set(probed["read-only"])
    outside = {
        name: str(Path(f"/proc/{sam.pid}/ns/{name}").readlink()) for name in ("user", "mnt", "uts")
    }
    assert not set(probed["groups of namespaces"].items()) & set(outside.items())


@needs_systemd
def test_in_the_sandbox_it_reads_and_writes_a_calendar_server(sam):
    with servers.radicale() as server:
        server.add_user("sam", "hunter2")
        auth = server.auth("sam")
        personal = servers.make_calendar(f"{server.home('sam')}personal/", "Personal", auth)
        met = event("b", "Lunch", days_ago(40, 12), 60, *with_guests("jane@example.org"))
        servers.put(f"{personal}b.ics", met, auth)
        account = f'[accounts.dav]\ntype = "caldav"\nurl = "{server.url}"\nusername = "sam"\n'
        sam.write(HOME / "secret", "hunter2", 0o600)
        sam.write(CONFIG, ALWAYS + account + 'password = { credential = "dav" }\n' + CONTACTS)
        install(sam, f"LoadCredential=dav:{HOME}/secret")
        until(lambda: healthy(sam), what=lambda: str(status(sam)))
        why = json.loads(sam.fikad("why", "Jane Doe", "--json").stdout)
        assert [meeting["calendar"] for meeting in why["counted"]] == ["Personal"]

        # A Sunday was missed.
        sam.systemctl("stop", "fikad")
        missed = "UPDATE meta SET value = '2026-01-04' WHERE key = 'done.planned'"
        forget = (
            f"import sqlite3; c = sqlite3.connect('{STATE}/ledger.db'); "
            f"c.execute({missed!r}); c.commit()"
        )
        sam.run(str(PYTHON), "-c", forget)
        sam.systemctl("start", "fikad")
        until(
            lambda: any(contact["hold"] for contact in status(sam)["contacts"]),
            what=lambda: str(status(sam)),
        )


@pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed"
)
@pytest.mark.parametrize("name", ["fikad.service", "fikad@.service"])
def test_the_exposure_is_low(name, tmp_path):
    (tmp_path / "run").mkdir(mode=0o700)
    done = subprocess.run(
        [
            "systemd-analyze",
            "--user",
            "security",
            "--offline=yes",
            "--threshold=30",
            str(UNITS / name),
        ],
        capture_output=True,
        text=True,
        env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path / "run")},
        check=False,
    )
    assert "Overall exposure level" in done.stdout, done.stderr
    assert done.returncode == 0, done.stdout[-200:]


# --- one instance per user ---


@needs_systemd
def test_an_instance_serves_one_user_from_folders_of_its_own(tmp_path):
    folder, state = Path("/etc/fikad/sam"), Path("/var/lib/fikad/sam")
    with system_manager(tmp_path / "log") as system, servers.radicale() as server:
        server.add_user("sam", "hunter2")
        account = f'[accounts.dav]\ntype = "caldav"\nurl = "{server.url}"\nusername = "sam"\n'
        account += 'password = { credential = "dav" }\n'
        system.install(folder / "config.toml", ALWAYS + account + CONTACTS, 0o600, UID)
        secret = system.install(Path("/etc/fikad/sam.secrets/dav"), "hunter2", 0o600)
        for unit in ("fikad@.service", "system-fikad.slice"):
            system.install(SYSTEM_UNITS / unit, (UNITS / unit).read_text())
        drop_in = f"[Service]\nLoadCredential=dav:{secret}\nEnvironment=PYTHONPATH={PYTHONPATH}\n"
        system.install(SYSTEM_UNITS / "fikad@sam.service.d/secrets.conf", drop_in)
        system.systemctl("daemon-reload")
        system.systemctl("start", "fikad@sam")
        assert system.show("fikad@sam", "ActiveState")["ActiveState"] == "active"

        limits = ("CPUWeight", "MemoryHigh", "MemoryMax")
        slice_limits = system.show("system-fikad.slice", "LoadState", *limits)
        assert slice_limits.pop("LoadState") == "loaded"
        assert "infinity" not in slice_limits.values()
        assert system.show("fikad@sam", "Slice", "OOMPolicy") == {
            "Slice": "system-fikad.slice",
            "OOMPolicy": "continue",
        }

        places = ("--config", str(folder / "config.toml"), "--state", str(state))

        def told() -> dict[str, object]:
            seen: dict[str, object] = json.loads(
                system.fikad("status", "--json", *places, check=False).stdout
            )
            return seen

        until(lambda: told()["healthy"], what=lambda: str(told()))
        kept = system.outside(state).stat()
        assert (kept.st_uid, kept.st_mode & 0o777) == (UID, 0o700)
        pid = system.host_pid(int(system.show("fikad@sam", "MainPID")["MainPID"]))
        mounts = [line.split() for line in Path(f"/proc/{pid}/mountinfo").read_text().splitlines()]
        _assert_bounded(system, pid, slice_limits)
        proc = [words for words in mounts if words[4] == "/proc"][-1]
        assert "hidepid=invisible" in proc[-1]
        assert "subset=pid" in proc[-1]
        assert not list(Path(f"/proc/{pid}/root/home").iterdir())
        status = Path(f"/proc/{pid}/status").read_text()
        assert f"Uid:\t{UID}" in status
        assert "CapBnd:\t0000000000000000" in status
        system.systemctl("stop", "fikad@sam")
        assert system.show("fikad@sam", "Result")["Result"] == "success"


def _assert_bounded(system: SystemManager, pid: int, limits: Mapping[str, str]) -> None:
    """The process is in the slice's control group, and the kernel holds that to the limits: those
    whose controller it lends here."""
    group = system.show("system-fikad.slice", "ControlGroup")["ControlGroup"]
    [place] = [
        line.removeprefix("0::")
        for line in Path(f"/proc/{pid}/cgroup").read_text().splitlines()
        if line.startswith("0::")
    ]
    assert place.endswith(f"{group}/fikad@sam.service")
    folder = system.outside(Path(f"/sys/fs/cgroup{group}"))
    lent = (folder.parent / "cgroup.subtree_control").read_text().split()
    files = {"cpu.weight": "CPUWeight", "memory.high": "MemoryHigh", "memory.max": "MemoryMax"}
    for name, limit in files.items():
        if name.partition(".")[0] in lent:
            held = int((folder / name).read_text())
            assert held == int(limits[limit]) // _UNIT[limit] * _UNIT[limit]


_UNIT = {"CPUWeight": 1, "MemoryHigh": mmap.PAGESIZE, "MemoryMax": mmap.PAGESIZE}
"""The kernel counts memory in pages."""


# --- the keyring ---


@needs_systemd
@pytest.mark.skipif(
    not all(map(shutil.which, ("dbus-daemon", "gnome-keyring-daemon"))),
    reason="there is no GNOME Keyring here",
)
def test_a_keyring_that_appears_after_the_start_and_is_locked_for_a_while_needs_no_restart(
    sam, tmp_path
):
    bus = f"unix:path=/run/user/{UID}/bus"
    with servers.radicale() as server:
        server.add_user("sam", "hunter2")
        account = f'[accounts.dav]\ntype = "caldav"\nurl = "{server.url}"\nusername = "sam"\n'
        sam.write(CONFIG, ALWAYS + account + "password = { keyring = true }\n" + CONTACTS)
        sam.systemctl("stop", "dbus.socket", "dbus.service")
        sam.run("rm", "-f", f"/run/user/{UID}/bus")
        install(sam)
        first = main_pid(sam)

        def told(words: str) -> bool:
            [account] = status(sam)["accounts"]
            return account["state"] == "auth" and words in account["message"]

        until(lambda: told("no keyring"), what=lambda: str(status(sam)))

        sam.systemctl("start", "dbus.socket")
        unlock = "printf pw | gnome-keyring-daemon --replace --unlock --components=secrets"
        sam.run("systemd-run", "--user", "--property=Type=forking", "sh", "-c", unlock)
        store = "import keyring; keyring.set_password('fikad', 'dav', 'hunter2')"
        until(
            lambda: (
                not sam.run(
                    str(PYTHON), "-c", store, check=False, DBUS_SESSION_BUS_ADDRESS=bus
                ).returncode
            )
        )
        sam.systemctl("kill", "--signal=USR1", "--kill-whom=main", "fikad")
        until(lambda: healthy(sam), what=lambda: str(status(sam)))

        lock = "import secretstorage as s; s.Collection(s.dbus_init()).lock()"
        sam.run(str(PYTHON), "-c", lock, DBUS_SESSION_BUS_ADDRESS=bus)
        sam.systemctl("kill", "--signal=USR1", "--kill-whom=main", "fikad")
        until(lambda: told("locked"), what=lambda: str(status(sam)))
        assert main_pid(sam) == first
