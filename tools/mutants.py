"""Mutation testing: the code is changed in small ways, one at a time, and it tells which changes no
test notices.

    python -m tools.mutants holds [daemon/holds/ask.py ...] [told.txt] [options of pytest]

Rooms, their tests, and changes that were judged to change nothing that anybody could see are in
`mutants.toml`; with what an earlier run told, only that is tried again.

The tests are run once with a tracer, to learn which of them run which line. Then each mutant is
tried in a fork of the process that has everything loaded: the code of the functions is exchanged
there, and of the tests that run the changed line those go first that are fast or have noticed much,
until one fails.

What is no function is not changed (constants, fields), and nothing that runs in another process."""

from __future__ import annotations

import ast
import gc
import os
import pickle
import signal
import sys
import tempfile
import threading
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import Any, NamedTuple

import pytest
from _pytest.runner import runtestprotocol

from tools.mutations import Mutant, mutants_of

CONFIG = Path("tools/mutants.toml")
SLOW_SECONDS = 2.0
"""Longer tests are tried only where no others run the line."""
LEAST_SECONDS, TIMES_AS_LONG = 10, 20
"""A mutant with which a test takes longer hangs; that is noticed, too."""
EVERYBODYS = {"away_from_home"}
"""What every test is given. Those that are given nothing more are called without pytest, which
would take most of the time; they are all in one place, away from home."""

CACHE = type(lru_cache(lambda: None))


class Recorded(NamedTuple):
    """What the tests do with the code as it is: how long each takes, and who runs which line."""

    seconds: dict[str, float]
    tests_by_line: dict[tuple[str, int], set[str]]
    failed: list[str]
    modules: list[str]
    """What had to be imported."""


class Result(NamedTuple):
    mutant: Mutant
    outcome: str
    """killed, survived, untested or equal"""


class Mutating:
    """A pytest plugin that tries mutants in place of running the tests once."""

    def __init__(
        self, paths: Sequence[Path], equal: frozenset[tuple[str, str]], again: str = ""
    ) -> None:
        self.paths, self.equal, self.again = paths, equal, again
        self.results: list[Result] = []
        self.noticed = Counter[str]()
        """How many mutants each test has noticed: who noticed many goes first."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        session.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]
        modules = [import_module(name_of(path)) for path in self.paths]
        recorded: Recorded = in_fork(lambda: record(session.items, self.paths))
        if recorded is None or recorded.failed:
            raise pytest.UsageError(f"they fail as it is: {recorded and recorded.failed}")
        for name in recorded.modules:
            with suppress(Exception):
                import_module(name)
        warm_up(session.items, recorded)
        changeable = [Changeable.of(module) for module in modules]
        gc.collect()
        gc.freeze()
        items = {item.nodeid: item for item in session.items}
        for path, one in zip(self.paths, changeable, strict=True):
            for mutant, code in mutants_of(path, one.text):
                if self.again and f": {mutant.function}: {mutant.key[1]}\n" not in self.again:
                    continue
                outcome = self.outcome(mutant, code, one, items, recorded)
                self.results.append(Result(mutant, outcome))
                if outcome in ("survived", "untested"):
                    print(f"{outcome}: {mutant}", flush=True)
            tell(path, [one for one in self.results if one.mutant.path == path])
        return True

    def outcome(
        self,
        mutant: Mutant,
        code: CodeType,
        changeable: Changeable,
        items: dict[str, pytest.Item],
        recorded: Recorded,
    ) -> str:
        if mutant.key in self.equal:
            return "equal"
        lines = [(str(mutant.path), line) for line in mutant.lines]
        names = set().union(*(recorded.tests_by_line.get(line, ()) for line in lines))
        if not names:
            return "untested"
        fast = {name for name in names if recorded.seconds[name] <= SLOW_SECONDS} or names
        chosen = sorted(fast, key=lambda one: recorded.seconds[one] / (1 + self.noticed[one]))

        def limit(name: str) -> None:
            signal.alarm(int(LEAST_SECONDS + TIMES_AS_LONG * recorded.seconds[name]))

        def noticed_by() -> str:
            changeable.change(code)
            return first_to_fail([items[name] for name in chosen], limit)

        name = in_fork(noticed_by)
        if name:
            self.noticed[name] += 1
        return "survived" if name == "" else "killed"


def in_fork(work: Callable[[], Any]) -> Any:
    """What `work` returns in a child process; None where the child dies."""
    with tempfile.TemporaryFile() as answer:
        sys.stdout.flush()
        pid = os.fork()
        if not pid:
            with Path(os.devnull).open("w") as nowhere:
                os.dup2(nowhere.fileno(), 1)
                os.dup2(nowhere.fileno(), 2)
            try:
                answer.write(pickle.dumps(work()))
                answer.flush()
            finally:
                os._exit(0)
        os.waitpid(pid, 0)
        answer.seek(0)
        said = answer.read()
    return pickle.loads(said) if said else None


def name_of(path: Path) -> str:
    return ".".join(path.with_suffix("").parts)


def record(items: Sequence[pytest.Item], paths: Sequence[Path]) -> Recorded:
    """Run all tests with a tracer, each as if it were the first that asks for what is cached."""
    caches = [
        thing
        for path in paths
        for thing in vars(sys.modules[name_of(path)]).values()
        if type(thing) is CACHE
    ]
    names = {str(path.absolute()): str(path) for path in paths}
    seen: set[tuple[str, int]] = set()

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        name = names.get(frame.f_code.co_filename)
        if name is None:
            return None
        seen.add((name, frame.f_lineno))
        return trace

    recorded = Recorded({}, {}, [], [])
    for item in items:
        for cache in caches:
            cache.cache_clear()
        began = time.monotonic()
        sys.settrace(trace)
        threading.settrace(trace)
        if name := first_to_fail([item]):
            recorded.failed.append(name)
        sys.settrace(None)
        recorded.seconds[item.nodeid] = time.monotonic() - began
        for line in seen:
            recorded.tests_by_line.setdefault(line, set()).add(item.nodeid)
        seen.clear()
    recorded.modules.extend(sys.modules)
    return recorded


def first_to_fail(
    items: Sequence[pytest.Item], begin: Callable[[str], object] = lambda name: None
) -> str:
    """Run tests up to the first that fails; "" when none does. `begin` is told each."""
    for number, item in enumerate(items):
        begin(item.nodeid)
        if (arguments := arguments_of(item)) is not None:
            failed = fails(item, arguments)
        else:
            others = (one for one in items[number + 1 :] if arguments_of(one) is None)
            reports = runtestprotocol(item, nextitem=next(others, None), log=False)
            failed = any(report.failed for report in reports)
        if failed:
            return item.nodeid
    return ""


def arguments_of(item: pytest.Item) -> dict[str, Any] | None:
    """By what a test can be called as it stands; None for one that must be prepared by pytest."""
    if not isinstance(item, pytest.Function) or item.cls is not None:
        return None
    given: dict[str, Any] = dict(item.callspec.params) if hasattr(item, "callspec") else {}
    return given if set(item.fixturenames) <= given.keys() | EVERYBODYS else None


def fails(item: Any, arguments: dict[str, Any]) -> bool:
    try:
        item.obj(**arguments)
    except pytest.skip.Exception:
        return False
    except Exception:  # noqa: BLE001 - whatever it is
        return True
    return False


def warm_up(items: Sequence[pytest.Item], recorded: Recorded) -> None:
    """Fill caches once for all, by the tests that leave nothing else behind."""
    quick = [item for item in items if recorded.seconds[item.nodeid] < SLOW_SECONDS / 4]
    first_to_fail([item for item in quick if arguments_of(item) is not None])


class Changeable(NamedTuple):
    """A module whose code can be exchanged while it is loaded."""

    text: str
    functions: list[FunctionType]
    """Those made of its text, decorated or not."""
    caches: list[Any]
    """What may remember something that its code made: all caches but of modules it builds on."""

    @classmethod
    def of(cls, module: ModuleType) -> Changeable:
        things = gc.get_objects()
        functions = [
            thing
            for thing in things
            if type(thing) is FunctionType
            and thing.__globals__ is vars(module)
            and thing.__code__.co_filename == module.__file__
        ]
        kept = builds_on(module.__name__) - {module.__name__}
        ours = {name.partition(".")[0] for name in kept | {module.__name__}}
        caches = [
            thing
            for thing in things
            if type(thing) is CACHE
            and thing.__module__.partition(".")[0] in ours
            and thing.__module__ not in kept
        ]
        return cls(Path(module.__file__ or "").read_text(), functions, caches)

    def change(self, code: CodeType) -> None:
        """Give the functions the code of the same names in a module compiled anew."""
        codes = {_named(one): one for one in outermost(code)}
        for function in self.functions:
            changed = codes.get(_named(function.__code__))
            if changed:
                # Without its call of `super` a method has no use for its class; it still has it.
                free = function.__code__.co_freevars
                function.__code__ = changed.replace(co_freevars=free)
        for cache in self.caches:
            cache.cache_clear()


def builds_on(name: str, known: frozenset[str] = frozenset()) -> set[str]:
    """The modules of the project that a module imports, and those that they import."""
    file, top = getattr(sys.modules.get(name), "__file__", None), name.partition(".")[0]
    ours = (Path.cwd() / top, Path.cwd() / f"{top}.py")
    if name in known or not file or not any(Path(file).is_relative_to(one) for one in ours):
        return set()
    found = {name}
    for node in ast.walk(ast.parse(Path(file).read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module != "__future__":
            for one in (node.module, *(f"{node.module}.{alias.name}" for alias in node.names)):
                found |= builds_on(one, known | found)
    return found


def outermost(code: CodeType) -> list[CodeType]:
    """The functions of a module and of its classes, without those within them."""
    found: list[CodeType] = []
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            is_function = constant.co_flags & 1
            found += [constant] if is_function else outermost(constant)
    return found


def _named(code: CodeType) -> tuple[str, int]:
    return code.co_qualname, code.co_firstlineno


def tell(name: Path | str, results: Sequence[Result]) -> None:
    counted = Counter(one.outcome for one in results)
    told = ", ".join(f"{counted[one]} {one}" for one in ("killed", "survived", "untested", "equal"))
    print(f"{name}: {len(results)} mutants, {told}", flush=True)


def main(arguments: Sequence[str]) -> int:
    config = tomllib.loads(CONFIG.read_text())
    room = config["rooms"][arguments[0]]
    only = [one for one in arguments[1:] if one.endswith(".py") and not one.startswith("-")]
    paths = [Path(one) for one in only] or [
        path for one in room["code"] for path in sorted(Path().glob(one)) if path.stat().st_size
    ]
    equal = frozenset((one["where"], one["change"]) for one in config.get("equal", ()))
    told = [one for one in arguments[1:] if one.endswith(".txt")]
    mutating = Mutating(paths, equal, "".join(Path(one).read_text() for one in told))
    home = tempfile.TemporaryDirectory()
    os.environ |= {"HOME": home.name, "TZ": "UTC"}
    time.tzset()
    options = ["-o", "addopts=", "-p", "no:cacheprovider", "-p", "no:terminal", "-m", "not slow"]
    options += [one for one in arguments[1:] if one not in (*only, *told)]
    status = pytest.main([*options, *room["tests"]], plugins=[mutating])
    tell(arguments[0], mutating.results)
    left = any(one.outcome in ("survived", "untested") for one in mutating.results)
    return int(status) or int(left)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
