"""What all tests share: a home of their own, far from the machine's real calendars, keyrings and
time zone.

How thoroughly property tests look is chosen with `HYPOTHESIS_PROFILE`: `quick`, `default` (the same
examples at every run, so that a change is judged by what it changes), `thorough` (new ones each
time) or `seeded` (those of `--hypothesis-seed`, and none that another seed found)."""

from __future__ import annotations

import compileall
import os
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("quick", max_examples=20, deadline=None, derandomize=True)
settings.register_profile(
    "default",
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "thorough",
    max_examples=2000,
    deadline=None,
    derandomize=False,
    suppress_health_check=list(HealthCheck),
)
settings.register_profile(
    "seeded",
    max_examples=210,
    deadline=None,
    derandomize=False,
    database=None,
    suppress_health_check=list(HealthCheck),
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

FORGOTTEN = (
    "DBUS_SESSION_BUS_ADDRESS",
    "NETRC",
    "CREDENTIALS_DIRECTORY",
    "NOTIFY_SOCKET",
    "COLUMNS",
    "NO_COLOR",
)
PROXIES = ("http_proxy", "https_proxy", "all_proxy")
LONGEST = (
    "test_promises.py",
    "test_readme.py",
    "test_packages.py",
    "test_network.py",
    "test_environment.py",
)
"""Files whose tests take longest one by one: begun first, so that no process is left with one at
the end while the others have nothing to do."""
CHECKOUT = Path(__file__).parents[1]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "slow: takes seconds rather than milliseconds; left out with -m 'not slow'"
    )
    # What pytest makes of the tests before it compiles them takes longer than to read them all.
    sys.dont_write_bytecode = False
    if "PYTEST_XDIST_WORKER" not in os.environ:
        # Tests start fikad hundreds of times; where Python may not keep what it compiled
        # (PYTHONDONTWRITEBYTECODE, a sandbox), each start would compile everything anew.
        for package in ("connectors", "daemon"):
            compileall.compile_dir(CHECKOUT / package, quiet=2)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """How many processes there are: half as many more than processors, since tests spend a quarter
    of their time waiting."""
    processors = os.cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        processors = len(os.sched_getaffinity(0))
    return processors + (processors + 1) // 2


def pytest_sessionstart(session: pytest.Session) -> None:
    """Where several processes collect all tests, each of them begins elsewhere: what one has
    compiled the others only read."""
    given = getattr(session.config, "workerinput", None)
    if given is None or session.config.args_source != pytest.Config.ArgsSource.TESTPATHS:
        return
    modules = [
        ".".join(file.relative_to(CHECKOUT).with_suffix("").parts)
        for file in sorted(Path(__file__).parent.rglob("test_*.py"))
        if "servers_debian" not in file.parts
    ]
    first = len(modules) * int(given["workerid"].removeprefix("gw")) // given["workercount"]
    for module in modules[first:] + modules[:first]:
        # Collecting it tells why it cannot be imported.
        with suppress(Exception, pytest.skip.Exception):
            import_module(module)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name not in LONGEST)


@pytest.fixture(autouse=True)
def away_from_home(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """HOME, XDG_* and the time zone of a machine that nobody uses; no FIKAD_* and no CALDAV_* from
    the outside."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    folders = {
        "CONFIG": ".config",
        "STATE": ".local/state",
        "DATA": ".local/share",
        "CACHE": ".cache",
    }
    for variable, folder in folders.items():
        monkeypatch.setenv(f"XDG_{variable}_HOME", str(home / folder))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(home))
    for variable in list(os.environ):
        if (
            variable.startswith(("FIKAD_", "CALDAV_", "PYTHON_KEYRING_"))
            or variable.lower() in PROXIES
        ):
            monkeypatch.delenv(variable)
    for variable in FORGOTTEN:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield home
    monkeypatch.undo()
    time.tzset()
    with suppress(OSError):
        home.rmdir()
