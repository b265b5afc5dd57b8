"""At which steps of a poll fikad was stopped, and with which code.

`make interrupt` keeps that in `build/interrupt/`, one file for each poll: ended at any time, it
goes on where it was. Where a module that was loaded has changed, the poll begins anew."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path

from tools.promises import version

_CHECKOUT = Path(__file__).parents[3]
_KEPT = _CHECKOUT / "build" / "interrupt"


@dataclass
class Tried:
    """What was tried of one poll."""

    steps: int
    """How many the poll has."""
    each: int
    """One in so many is tried."""
    code: dict[str, str] = field(default_factory=dict)
    """The version of each module that was loaded by then, by its path in the checkout."""
    following: int = 0
    """All before this one were tried, as far as they are to be."""
    faults: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(range(0, self.following, self.each))


def try_steps(name: str, steps: int, each: int, faults: Callable[[int], list[str]]) -> Tried:
    """Stop this poll at one step in so many, where that was not done yet; `faults` does it, and
    tells what came of it."""
    path = _KEPT / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    now = resumed(path.read_text() if path.exists() else "", Tried(steps, each), version_of)
    for step in range(now.following, steps, each):
        now.faults += faults(step)
        now.following = step + each
        now.code = {module: version_of(module) for module in _loaded()}
        path.write_text(json.dumps(asdict(now), indent=1) + "\n")
    return now


def resumed(text: str, new: Tried, version_of: Callable[[str], str]) -> Tried:
    """What is kept (JSON, or ""), if it is of the same poll and the same code; else what begins.
    `version_of` tells of which version a module is now."""
    kept = Tried(**json.loads(text)) if text else new
    same = (kept.steps, kept.each) == (new.steps, new.each)
    if same and all(version_of(path) == known for path, known in kept.code.items()):
        return kept
    return new


@cache
def version_of(path: str) -> str:
    """Of a module, by its path in the checkout; "" where it is gone."""
    module = _CHECKOUT / path
    return version([module.read_text(encoding="utf-8")]) if module.exists() else ""


def _loaded() -> Iterator[str]:
    """Our own modules that are loaded, by their paths in the checkout."""
    ours = tuple(f"{_CHECKOUT / room}/" for room in ("connectors", "daemon", "tests"))
    for module in sys.modules.copy().values():
        path = getattr(module, "__file__", None) or ""
        if path.startswith(ours):
            yield str(Path(path).relative_to(_CHECKOUT))
