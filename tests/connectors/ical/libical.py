"""libical as a second opinion on when events take place: Debian's `libical-dev`, with a small
program in C that is compiled when a test asks for it."""

from __future__ import annotations

import atexit
import shutil
import subprocess
from collections import defaultdict
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from tempfile import mkdtemp

import pytest

_SOURCE = Path(__file__).with_name("libical_instances.c")
_LEADING = 86400
"""libical leaves out what only touches the edge of a window."""


@lru_cache(maxsize=1)
def _program() -> Path | None:
    """The compiled program; None where it cannot be had."""
    if shutil.which("cc") is None or shutil.which("pkg-config") is None:
        return None
    asked = subprocess.run(
        ["pkg-config", "--cflags", "--libs", "libical"], capture_output=True, text=True, check=False
    )
    if asked.returncode != 0:
        return None
    folder = mkdtemp(prefix="fikad-libical-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    program = Path(folder) / "instances"
    subprocess.run(
        ["cc", "-O1", str(_SOURCE), "-o", str(program), *asked.stdout.split()], check=True
    )
    return program


def starts(text: str, first: datetime, last: datetime) -> dict[str, list[datetime] | None]:
    """When the events of a calendar text start that do between two instants, in UTC and in order,
    by UID; None where libical gives up. An instance that another event replaces is left out. Skips
    the test where libical is not here."""
    program = _program()
    if program is None:
        pytest.skip("needs a C compiler, pkg-config and libical (Debian: libical-dev)")
    window = [str(int(first.timestamp()) - _LEADING), str(int(last.timestamp()) + _LEADING)]
    said = subprocess.run(
        [program, *window], input=text.encode(), capture_output=True, check=False, timeout=60
    ).stdout.decode("utf-8", "replace")
    uids: dict[str, str] = {}
    found: dict[str, list[tuple[str, int]]] = defaultdict(list)
    replaced: dict[str, dict[int, str]] = defaultdict(dict)
    given_up: set[str] = set()
    for line in said.splitlines():
        number, kind, *rest = line.split(" ", 2)
        if kind == "uid":
            uids[number] = rest[0] if rest else ""
            found[uids[number]]  # it is told also where it never starts
        elif kind == "replaces":
            replaced[uids[number]][int(rest[0])] = number
        elif kind == "instance":
            found[uids[number]].append((number, int(rest[0].split()[0])))
        elif kind == "gave-up":
            given_up.add(uids[number])
    result: dict[str, list[datetime] | None] = {}
    for uid, instances in found.items():
        exceptions = set(replaced[uid].values())
        kept = (
            datetime.fromtimestamp(start, UTC)
            for number, start in instances
            if number in exceptions or start not in replaced[uid]
        )
        result[uid] = None if uid in given_up else sorted({s for s in kept if first <= s < last})
    return result
