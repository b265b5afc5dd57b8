"""fikad's first read beside every peer that can be had here, in turns, on one calendar.

    python -m bench.peers [--events 10000] [--runs 3] [--round-trip MS]

Beside fikad, which also judges, and vdirsyncer with khal, there are the usual libraries put
together as one would, in Python (`bench.libraries`) and in JavaScript (`bench/javascript`, where
node and npm are there; its database is compiled once, for minutes), and a *limit* in C that only
fetches, expands and keeps (`bench/limit`, where a C compiler, libcurl, expat, libical and SQLite
are there). All that keep a row for each occurrence must have the same rows, or nothing is
printed."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import table
from bench.far import far
from bench.measured import Cost, run
from bench.ours import ROOT, Ours
from bench.rivals import Rivals
from bench.rivals import names as rivals_names
from bench.server import Server, serving
from daemon.demo.server import USER

_CONTACTS = 50
_PARTS = ("libcurl", "expat", "libical", "sqlite3")
JAVASCRIPT = "tsdav + ical.js + better-sqlite3"
_JAVASCRIPT = ROOT / "build/javascript"
_DAY = timedelta(days=1)
Rows = list[tuple[int, int]]
"""Start and end of every occurrence in the window, in order, in seconds since 1970."""


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m bench.peers")
    arguments.add_argument("--events", type=int, default=10_000)
    arguments.add_argument("--runs", type=int, default=3)
    arguments.add_argument(
        "--round-trip", type=int, default=0, metavar="MS", help="have the server be far away"
    )
    given = arguments.parse_args()
    with TemporaryDirectory(prefix="fikad-peers-") as place:
        folder = Path(place)
        (folder / "server").mkdir()
        with (
            serving(folder / "server", given.events, datetime.now(UTC)) as near,
            far("127.0.0.1", near.port, given.round_trip / 1000) as port,
        ):
            server = replace(near, port=port) if given.round_trip else near
            peers = {**PEERS, rivals_names(): _rivals}
            for name, peer, missing in (
                (JAVASCRIPT, javascript(), "node, npm, a compiler or the packages cannot be had"),
                (
                    "limit in C",
                    limit(folder / "limit"),
                    "its libraries or a compiler are not there",
                ),
            ):
                if peer is None:
                    print(f"Left out: {name}, since {missing}.")
                else:
                    peers[name] = peer
            costs, count = in_turns(peers, folder, server, given.runs)
    away = f" over a line of {given.round_trip} ms" if given.round_trip else ""
    print(
        f"First read of {given.events:,} events, {count:,} rows{away}, {given.runs} runs in turns\n"
    )
    print(table.peers(costs))
    print(
        f"\n{platform.python_version()}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}"
    )


Peer = Callable[[Path, Server], tuple[Sequence[Cost], Rows | None]]
"""Reads a server's calendar from nothing, in an empty folder; its costs, and its rows if it keeps
them."""


def in_turns(
    peers: Mapping[str, Peer], folder: Path, server: Server, runs: int
) -> tuple[dict[str, list[Sequence[Cost]]], int]:
    """The costs of all, and how many rows they have. Raises RuntimeError when they do not agree."""
    costs: dict[str, list[Sequence[Cost]]] = {name: [] for name in peers}
    agreed: Rows | None = None
    for number in range(runs):
        for name, peer in peers.items():
            print(f"… run {number + 1} of {runs}: {name}", file=sys.stderr, flush=True)
            home = folder / f"{number}-{list(peers).index(name)}"
            home.mkdir()
            cost, rows = peer(home, server)
            costs[name].append(cost)
            agreed = agreed or rows
            if rows is not None and rows != agreed:
                raise RuntimeError(f"{name} has {len(rows)} rows, others {len(agreed or ())}")
            shutil.rmtree(home)
    return costs, len(agreed or ())


def _window() -> tuple[int, int]:
    """What all of them expand: a little less than fikad does, the same for a whole day."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return int((today - 3 * 365 * _DAY).timestamp()), int((today + 115 * _DAY).timestamp())


def _ours(home: Path, server: Server) -> tuple[Sequence[Cost], Rows | None]:
    cost = Ours(home, server, _CONTACTS).pass_once()
    return [cost], _rows(home / "state/ledger.db", "occurrences")


def _rivals(home: Path, server: Server) -> tuple[Sequence[Cost], Rows | None]:
    return Rivals(home, server).pass_once(), None


def _libraries(home: Path, server: Server) -> tuple[Sequence[Cost], Rows | None]:
    return _written(home, server, [sys.executable, "-m", "bench.libraries"])


def _javascript(home: Path, server: Server) -> tuple[Sequence[Cost], Rows | None]:
    return _written(home, server, ["node", str(_JAVASCRIPT / "peer.mjs")])


def _limit(program: Path, home: Path, server: Server) -> tuple[Sequence[Cost], Rows | None]:
    return _written(home, server, [str(program)])


def _written(
    home: Path, server: Server, command: Sequence[str]
) -> tuple[Sequence[Cost], Rows | None]:
    """A program that is told where to read, where to write, and which window."""
    url = server.url.rstrip("/") + server.calendar
    words = [url, USER, server.password, str(home / "rows.db"), *map(str, _window())]
    environment = {"HOME": str(home), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    cost = run([*command, *words], environment, home)
    return [cost], _rows(home / "rows.db", "rows")


def _rows(database: Path, name: str) -> Rows:
    asked = f"SELECT starts, ends FROM {name} WHERE starts >= ? AND starts < ? ORDER BY 1, 2"
    with closing(sqlite3.connect(database)) as opened:
        return list(opened.execute(asked, _window()))


def javascript() -> Peer | None:
    """The usual JavaScript libraries, installed once; None where they cannot be had. What is
    compiled is compiled against the headers that came with node."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return None
    _JAVASCRIPT.mkdir(parents=True, exist_ok=True)
    for file in (ROOT / "bench/javascript").iterdir():
        shutil.copy(file, _JAVASCRIPT)
    print("… installing what the peer in JavaScript takes", file=sys.stderr, flush=True)
    environment = {**os.environ, "npm_config_nodedir": str(Path(node).resolve().parents[1])}
    installed = subprocess.run(
        ["npm", "install", "--no-audit", "--no-fund", "--no-package-lock"],
        cwd=_JAVASCRIPT, env=environment, capture_output=True, check=False,
    )  # fmt: skip
    return _javascript if installed.returncode == 0 else None


def _all_there() -> bool:
    return subprocess.run(["pkg-config", "--exists", *_PARTS], check=False).returncode == 0


def limit(program: Path) -> Peer | None:
    """The limit, compiled; None where something that it takes is not there. Raises
    CalledProcessError when it is all there and does not compile."""
    if shutil.which("cc") is None or shutil.which("pkg-config") is None or not _all_there():
        return None
    flags = subprocess.run(
        ["pkg-config", "--cflags", "--libs", *_PARTS], capture_output=True, text=True, check=True
    )
    source = str(ROOT / "bench/limit/limit.c")
    subprocess.run(["cc", "-O2", "-o", str(program), source, *flags.stdout.split()], check=True)
    return partial(_limit, program)


PEERS: dict[str, Peer] = {"fikad": _ours, "libraries": _libraries}
"""Those that can be had wherever the benchmarks run."""


if __name__ == "__main__":
    main()
