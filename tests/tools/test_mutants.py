"""Mutation testing tells what no test notices."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tools.mutations import mutants_of

REPOSITORY = Path(__file__).parents[2]

CODE = '''
from functools import cache

LIMIT = 3


class Counter:
    step = 2

    def __init__(self):
        self.count = 0

    @property
    def is_full(self):
        return self.count >= LIMIT


@cache
def fits(number):
    """Whether it fits."""
    if number < LIMIT:
        return True
    return False


def untested(number: int = 7):
    return number * 2


def unneeded(number):
    return sum([number], start=0)


class Started(Counter):
    def __init__(self):
        super().__init__()
'''
TESTS = """
from code_under_test import Counter, Started, fits, unneeded


def test_what_is_small_fits():
    assert fits(1)
    assert not fits(LARGE)


def test_an_empty_counter_is_not_full(tmp_path):
    assert not Counter().is_full


def test_what_is_started_counts():
    assert vars(Started()).keys() == {"count"}


def test_a_number_is_its_sum():
    assert unneeded(4) == 4


LARGE = 9
"""
CONFIG = """
[rooms.all]
code = ["code_under_test.py"]
tests = ["test_code.py"]

[[equal]]
where = "code_under_test.py:unneeded"
change = "return sum([number], start=0) -> return sum([number])"
why = "It is what is taken without it."
"""


def changes(text: str) -> list[str]:
    changed = mutants_of(Path("changed.py"), text)
    return [f"{mutant.before} -> {mutant.after}" for mutant, _ in changed]


def test_every_way_to_go_wrong_is_tried() -> None:
    body = "def f(a, b):\n    if a < b and not a:\n        g(a, key=1)\n    return a + b"
    assert changes(body) == [
        "if a < b and (not a): g(a, key=1) -> if True: g(a, key=1)",
        "if a < b and (not a): g(a, key=1) -> if False: g(a, key=1)",
        "if a < b and (not a): g(a, key=1) -> if a < b or not a: g(a, key=1)",
        "if a < b and (not a): g(a, key -> if a <= b and (not a): g(a, key",
        "if a < b and (not a): g(a, key=1) -> if a < b and a: g(a, key=1)",
        "g(a, key=1) -> pass",
        "g(a, key=1) -> g(None, key=1)",
        "g(a, key=1) -> g(a)",
        "g(a, key=1) -> g(a, key=2)",
        "return a + b -> return None",
        "return a + b -> return a - b",
    ]


def test_prose_and_what_is_no_function_is_left_alone() -> None:
    text = (
        'A = 1\n\n\ndef f(a: "B" = 2):\n    """Tell it."""\n    h = f"{a} of"\n    i = "no key"\n'
    )
    assert changes(text) == []


def mutated(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    (folder / "tools").mkdir()
    (folder / "tools/mutants.toml").write_text(CONFIG)
    (folder / "code_under_test.py").write_text(CODE)
    (folder / "test_code.py").write_text(TESTS)
    path = os.pathsep.join((str(REPOSITORY), str(folder)))
    return subprocess.run(
        [sys.executable, "-m", "tools.mutants", "all", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_no_test_notices_is_told_with_a_count(tmp_path: Path) -> None:
    """In functions, methods (of a class that builds on another one, too) and properties, behind a
    cache too, with and without pytest's help."""
    done = mutated(tmp_path)
    assert done.stdout.splitlines() == [
        "survived: code_under_test.py:11: Counter.__init__: self.count = 0 -> self.count = 1",
        "survived: code_under_test.py:15: Counter.is_full: return self.count >= LIMIT -> "
        "return None",
        "survived: code_under_test.py:15: Counter.is_full: return self.count >= LIMIT -> "
        "return self.count > LIMIT",
        "survived: code_under_test.py:21: fits: if number < LIMIT: return True -> "
        "if number <= LIMIT: return True",
        "untested: code_under_test.py:27: untested: return number * 2 -> return None",
        "untested: code_under_test.py:27: untested: return number * 2 -> return number / 2",
        "untested: code_under_test.py:27: untested: return number * 2 -> return number * 3",
        "code_under_test.py: 17 mutants, 9 killed, 4 survived, 3 untested, 1 equal",
        "all: 17 mutants, 9 killed, 4 survived, 3 untested, 1 equal",
    ]
    assert done.returncode == 1


def test_nothing_is_tried_where_a_test_fails_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text("import code_under_test\ncode_under_test.fits = None\n")
    done = mutated(tmp_path)
    assert "test_what_is_small_fits" in done.stderr
    assert done.returncode != 0
