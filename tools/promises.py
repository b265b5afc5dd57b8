"""The stateful test of the promises, for as many steps as are asked: `make promises`.

    python -m tools.promises [--steps 1000000] [--jobs 2]

Runs one seed after the other, several at once, and keeps in `build/promises.json` how many steps
were run with the code as it is; ended at any time, it goes on where it was. When the code that the
promises rest on has changed, it counts from nothing. What a seed finds is kept in
`build/promises/` with the seed; the exit code is 1 when there is a finding."""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

KEPT = Path("build/promises.json")
ROOMS = (
    "connectors/ical",
    "daemon/cycle",
    "daemon/holds",
    "daemon/judging",
    "daemon/ledger",
    "daemon/people",
    "daemon/planning",
    "daemon/situation",
)
"""What the promises rest on."""
_TEST = "tests/daemon/cycle/test_promises.py"
_TOLD = re.compile(r"^promises: (.+)$", re.MULTILINE)


@dataclass(slots=True)
class Tally:
    """What was run with one version of the code."""

    code: str
    seeds: int = 0
    """How many have ended, from 0 on; what was begun and did not end is run anew."""
    counts: Counter[str] = field(default_factory=Counter)
    findings: list[int] = field(default_factory=list)
    """Seeds that came to a broken promise."""
    beyond: list[int] = field(default_factory=list)
    """Further seeds that have ended, before others that were begun earlier."""

    @property
    def steps(self) -> int:
        return self.counts["steps"]

    def text(self) -> str:
        """To be kept, as JSON."""
        return json.dumps({name: getattr(self, name) for name in self.__slots__}, indent=2) + "\n"


def main() -> int:
    """Run, and tell how far it is after each seed; returns the exit code."""
    arguments = argparse.ArgumentParser(prog="python -m tools.promises")
    arguments.add_argument("--steps", type=int, default=1_000_000, help="in all")
    arguments.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="at once")
    given = arguments.parse_args()
    KEPT.parent.mkdir(exist_ok=True)
    tally = kept(KEPT.read_text() if KEPT.exists() else "", version(_modules()))
    with ThreadPoolExecutor(given.jobs) as pool:
        running: dict[Future[tuple[str, bool]], int] = {}
        following = seeds_to_run(tally)
        while tally.steps < given.steps or running:
            while tally.steps < given.steps and len(running) < given.jobs:
                seed = next(following)
                running[pool.submit(_run, seed)] = seed
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                seed = running.pop(future)
                _note(tally, seed, *future.result())
            KEPT.write_text(tally.text())
            print(told(tally), flush=True)
    return 1 if tally.findings else 0


def seeds_to_run(tally: Tally) -> Iterator[int]:
    """Those that have not ended, without end."""
    ended = frozenset(tally.beyond)
    return (seed for seed in count(tally.seeds) if seed not in ended)


def end(tally: Tally, seed: int) -> None:
    """Count a seed as ended."""
    ended = {*tally.beyond, seed}
    while tally.seeds in ended:
        ended.remove(tally.seeds)
        tally.seeds += 1
    tally.beyond = sorted(ended)


def kept(text: str, code: str) -> Tally:
    """What was run so far, by what is kept of it (JSON, or ""), with this version of the code."""
    facts = json.loads(text) if text else {}
    if facts.get("code") != code:
        return Tally(code)
    return Tally(**{**facts, "counts": Counter(facts["counts"])})


def version(modules: Iterable[str]) -> str:
    """A hash of what these modules do; how they are set and commented makes no difference."""
    whole = hashlib.sha256()
    for text in modules:
        whole.update(ast.dump(ast.parse(text)).encode())
    return whole.hexdigest()[:12]


def counted(output: str) -> Counter[str]:
    """What a run says it did: `116 runs, 2498 steps, …` by name."""
    match = _TOLD.search(output)
    pairs = (each.split(" ", 1) for each in match[1].split(", ")) if match else ()
    return Counter({name: int(number) for number, name in pairs})


def told(tally: Tally) -> str:
    """A line for people."""
    found = f"FOUND by seeds {tally.findings}" if tally.findings else "nothing found"
    return f"{tally.steps:,} steps with {tally.seeds} seeds on {tally.code}: {found}"


def _modules() -> Iterable[str]:
    for room in ROOMS:
        for path in sorted(Path(room).rglob("*.py")):
            yield path.read_text(encoding="utf-8")


def _run(seed: int) -> tuple[str, bool]:
    """One seed: what the test says, and whether it passed."""
    # The other half of `Promises` would do the same with the same seed.
    words = ["-k", "Promises0 or ShownAsNeeded", f"--hypothesis-seed={seed}", "-q"]
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", _TEST, *words, "-p", "no:cacheprovider"],
        env={**os.environ, "HYPOTHESIS_PROFILE": "seeded"},
        capture_output=True,
        text=True,
        check=False,
    )
    return ended.stdout + ended.stderr, ended.returncode == 0


def _note(tally: Tally, seed: int, output: str, passed: bool) -> None:
    tally.counts += counted(output)
    end(tally, seed)
    if not passed:
        tally.findings.append(seed)
        place = KEPT.with_suffix("")
        place.mkdir(exist_ok=True)
        (place / f"seed-{seed}.txt").write_text(output)


if __name__ == "__main__":
    sys.exit(main())
