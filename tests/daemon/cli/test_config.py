"""`fikad config check`: every mistake with its line, a caret below the place, and how to put it
right."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len

from daemon.cli.config import shown
from daemon.config.errors import ConfigProblem
from tests.daemon.cli.running import Fikad
from tests.daemon.cli.terminal import Terminal


@pytest.fixture
def fikad(tmp_path: Path) -> Fikad:
    return Fikad(tmp_path)


def lines_of(fikad: Fikad, text: str) -> list[str]:
    fikad.configure(text)
    ran = fikad("config", "check")
    assert (ran.code, ran.out) == (10, "")
    return ran.err.splitlines()


def test_a_mistake_is_shown_with_its_line_a_caret_and_a_hint(fikad: Fikad) -> None:
    lines = lines_of(fikad, '[rhythm]\npoll = "15 mintues"\n')
    assert lines == [
        f"{fikad.config}:2:8: poll is not a duration",
        '    2 | poll = "15 mintues"',
        "      |        ^",
        '        did you mean "minutes"?',
        "",
        f"fikad: 1 mistake in {fikad.config}",
    ]


def test_all_mistakes_are_shown_at_once(fikad: Fikad) -> None:
    lines = lines_of(fikad, 'poll = 3\n[rythm]\n[[contacts]]\ncircle = "x"\n')
    assert lines[-1].startswith("fikad: 4 mistakes")


def test_the_caret_stands_right_below_wide_characters() -> None:
    line = 'circle = "日本語", x'
    problem = ConfigProblem(Path("c.toml"), 7, line.index("x") + 1, "wrong", "", line)
    _, source, caret = shown(problem, 80)
    assert cell_len(source[: source.index("x")]) == caret.index("^")


@pytest.mark.parametrize("column", [1, 30, 90, 149])
@pytest.mark.parametrize("width", [30, 60, 200])
def test_a_long_line_is_cut_around_the_place(column: int, width: int) -> None:
    line = "".join(chr(ord("a") + place % 26) for place in range(150))
    problem = ConfigProblem(Path("c.toml"), 7, column, "wrong", "", line)
    _, source, caret = shown(problem, width)
    assert cell_len(source) <= width
    assert source[caret.index("^")] == line[column - 1]


def test_a_line_that_may_hold_a_secret_is_cut_and_points_at_nothing(fikad: Fikad) -> None:
    text = (
        '[accounts.home]\ntype = "caldav"\nurl = "https://x.example/"\nusername = "sam"\n'
        'password = "hunter2"\n'
    )
    lines = lines_of(fikad, text)
    assert "hunter2" not in "\n".join(lines)
    assert "    5 | password = …" in lines
    assert not any("^" in line for line in lines)


def test_it_fits_a_narrow_terminal_and_acts_on_nothing(fikad: Fikad) -> None:
    fikad.configure('[rhythm]\nplan = "' + "Sunday \u202e" * 20 + '"\n')
    paths = ("--config", str(fikad.config), "--state", str(fikad.state))
    with Terminal(("config", "check", *paths), fikad.folder, 40) as terminal:
        screen = terminal.end()
    assert screen.code == 10
    assert all(len(line) <= 40 for line in screen.text.splitlines() if "|" in line)
    assert screen.strange() == set()


def test_a_config_without_mistakes_is_said_to_be_fine(fikad: Fikad) -> None:
    fikad.configure('timezone = "Europe/Berlin"\n[[contacts]]\nname = "Ann"\n')
    ran = fikad("config", "check")
    assert (ran.code, ran.err) == (0, "")
    assert "1 contact, 0 accounts, time zone Europe/Berlin" in ran.out


def test_no_config_at_all_says_how_to_make_one(fikad: Fikad) -> None:
    ran = fikad("config", "check")
    assert ran.code == 10
    assert "`fikad init` writes one" in ran.err
