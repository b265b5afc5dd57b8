"""The walls of the house: who may know whom."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PURE = sorted(
    path
    for room in ("people", "judging", "planning", "holds", "discovery")
    for path in (ROOT / "daemon" / room).glob("*.py")
)
IO = {
    "sqlite3",
    "subprocess",
    "socket",
    "os",
    "pathlib",
    "http",
    "urllib",
    "time",
    "tempfile",
    "shutil",
}


WIRE = re.compile(
    r"^(BEGIN|END):|^UID:|xmlns|\{DAV:\}"
    r"|\b(VEVENT|VCALENDAR|VCARD|VTIMEZONE|DTSTART|DTEND|RRULE|PARTSTAT)\b"
    r"|\b(PROPFIND|REPORT|MKCALENDAR)\b|\bX-(WR|FIKAD)-"
)
"""Words of iCalendar, vCard and WebDAV."""


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def imported(path: Path, *, at_load: bool = False) -> Iterator[str]:
    """The modules a file imports: all of them, or only those loaded with it."""
    tree = parsed(path)
    nodes = tree.body if at_load else ast.walk(tree)
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


@pytest.mark.parametrize(
    "path", sorted((ROOT / "connectors").rglob("*.py")), ids=lambda path: path.stem
)
def test_connectors_never_import_the_daemon(path: Path) -> None:
    assert not [name for name in imported(path) if name.split(".")[0] == "daemon"]


@pytest.mark.parametrize("path", PURE, ids=lambda path: f"{path.parent.name}.{path.stem}")
def test_judgements_do_no_input_or_output_and_ask_no_clock(path: Path) -> None:
    assert not {module.split(".")[0] for module in imported(path)} & IO
    called = {
        ast.unparse(node.func) for node in ast.walk(parsed(path)) if isinstance(node, ast.Call)
    }
    assert not {"datetime.now", "date.today", "datetime.utcnow", "open", "print"} & called


FORMATS = {"icalendar", "caldav", "lxml", "googleapiclient", "recurring_ical_events"}
INSIDE = sorted(
    path
    for path in (ROOT / "daemon").rglob("*.py")
    if "demo" not in path.parts  # it plays the server and the other programs
)


def test_the_ledger_and_the_daemon_know_no_wire_format() -> None:
    for path in INSIDE:
        assert not {module.split(".")[0] for module in imported(path)} & FORMATS, path


def spoken(tree: ast.AST) -> Iterator[str]:
    """The texts that a module works with, docstrings aside."""
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in docstrings:
            value = node.value
            yield value.decode("latin-1") if isinstance(value, bytes) else str(value)


def test_the_daemon_speaks_no_wire_format_by_hand_either() -> None:
    heard = {
        str(path.relative_to(ROOT)): words
        for path in INSIDE
        if (words := [text for text in spoken(parsed(path)) if WIRE.search(text)])
    }
    assert heard == {}


@pytest.mark.parametrize(
    "code",
    [
        'f"UID:{uid}"',
        'send("PROPFIND")',
        'find(r"^X-WR-TIMEZONE:")',
        'find(b"BEGIN:VEVENT")',
        '{"RRULE"}',
    ],
)
def test_a_wire_format_in_a_text_is_heard(code: str) -> None:
    assert any(map(WIRE.search, spoken(ast.parse(code))))


def test_languages_are_data_that_need_nobody() -> None:
    """Adding a language is adding a file; what fikad reads by and writes stands in no other room's
    way."""
    room = sorted((ROOT / "daemon" / "languages").glob("*.py"))
    assert room
    for path in room:
        assert {room_of(name) for name in imported(path) if name.startswith("daemon.")} <= {
            "languages"
        }, path


def test_the_rooms_of_the_daemon_stand_on_one_another() -> None:
    """No room, however far round, needs one that needs it."""
    needs: dict[str, set[str]] = {}
    for path in (ROOT / "daemon").rglob("*.py"):
        room = room_of(".".join(path.relative_to(ROOT).with_suffix("").parts))
        known = {room_of(name) for name in imported(path) if name.startswith("daemon.")}
        needs.setdefault(room, set()).update(known - {room})
    TopologicalSorter(needs).prepare()  # raises CycleError


def test_no_module_needs_one_that_needs_it() -> None:
    """Not even an import within a function closes a circle."""
    needs: dict[str, set[str]] = {}
    for top in ("connectors", "daemon", "bench", "tools"):
        for path in (ROOT / top).rglob("*.py"):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            needs[name.removesuffix(".__init__")] = set(imported(path))
    TopologicalSorter(needs).prepare()  # raises CycleError


def room_of(module: str) -> str:
    """The folder of `daemon` that a module is in, or the module itself where it stands beside
    them."""
    return module.split(".")[1]
