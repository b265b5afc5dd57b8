"""How far something is, where no bar can be drawn."""

from __future__ import annotations

import pytest

from daemon.cli.progress import lines_between


def test_what_takes_a_while_says_every_few_seconds_how_far_it_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    tell_lines(100, one_step=0.5)
    assert capsys.readouterr().out.split("\n")[:3] == ["  4 of 100", "  8 of 100", "  12 of 100"]


def test_what_is_quick_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    tell_lines(100, one_step=0.01)
    assert capsys.readouterr().out == ""


def tell_lines(total: int, one_step: float) -> None:
    """Count to `total` where each step takes so many seconds."""
    done = 0
    show = lines_between(total, lambda: done * one_step)
    for done in range(total + 1):
        show(done)
