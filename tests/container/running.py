"""Programs that only these tests need, each run in an environment of its own."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

CONTAINER = Path(__file__).parents[2] / "container"
_UV = Path(sys.executable).with_name("uv")


def run(package: str, program: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a program of a package ("name==version"). Skips where that cannot be had."""
    if reason := _why_not(package, program):
        pytest.skip(reason)
    return _run(package, program, *arguments)


@cache
def _why_not(package: str, program: str) -> str:
    done = _run(package, program, "--help")
    return f"{package} cannot be had here: {done.stderr.strip()[-200:]}" if done.returncode else ""


def _run(package: str, program: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    words = [str(_UV), "tool", "run", "--quiet", "--from", package, program, *map(str, arguments)]
    return subprocess.run(words, capture_output=True, text=True, timeout=300, check=False)
