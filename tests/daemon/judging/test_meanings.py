"""Every code of a verdict is explained."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import get_args

from daemon.judging.meanings import COUNTED, NOT_COUNTED
from daemon.judging.verdict import Rule
from daemon.people.title_reader import Code

ROOT = Path(__file__).parents[3]


def failing_codes() -> set[str]:
    """The codes that the rules give, as they stand in the code."""
    calls = (
        node
        for path in (ROOT / "daemon" / "judging").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    )
    return {
        argument.value
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id == "Failed" and call.args
        if isinstance(argument := call.args[0], ast.Constant) and isinstance(argument.value, str)
    }


def test_every_rule_by_which_an_event_counts_is_explained() -> None:
    assert COUNTED.keys() == {*get_args(Rule), "manual"} - {""}


def test_every_rule_that_can_fail_is_explained() -> None:
    assert len(failing_codes()) > 10
    assert NOT_COUNTED.keys() == {*failing_codes(), *get_args(Code)} - {""}


def test_the_page_on_how_it_decides_explains_every_code() -> None:
    page = (ROOT / "docs" / "how-it-decides.md").read_text()
    for meanings in (COUNTED, NOT_COUNTED):
        for code, meaning in meanings.items():
            assert f"| `{code}` | {meaning} |" in page
