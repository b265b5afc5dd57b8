"""What is printed for people fits their terminal and acts on nothing."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from daemon.cli.console import fitted, print_table, tell, terminal_width


def test_a_broken_line_goes_on_below_where_it_began() -> None:
    line = "  proposed: Coffee with Jane Doe? on Wednesday"
    assert list(fitted(line, 24)) == ["  proposed: Coffee with", "  Jane Doe? on Wednesday"]
    assert list(fitted(line, 24, 2)) == [
        "  proposed: Coffee",
        "    with Jane Doe? on",
        "    Wednesday",
    ]
    assert list(fitted(line, None)) == [line]
    assert list(fitted("", 24)) == [""]


def test_what_a_terminal_acts_on_is_left_out() -> None:
    assert list(fitted("a\x1b[31m\u202eb\x07\tc\u2066", None)) == ["a[31mb c"]


@given(st.text(max_size=200), st.integers(20, 90), st.integers(0, 30))
def test_every_line_fits_and_no_word_is_lost(text: str, width: int, hang: int) -> None:
    parts = list(fitted(text, width, hang))
    assert all(cell_len(part) <= width and part.isprintable() for part in parts)
    kept = "".join(c for c in text.replace("\t", " ") if c.isprintable())
    assert "".join("".join(parts).split()) == "".join(kept.split())


def test_a_file_has_no_width_but_the_one_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    assert terminal_width(io.StringIO()) is None
    monkeypatch.setenv("COLUMNS", "33")
    assert terminal_width(io.StringIO()) == 33
    monkeypatch.setenv("COLUMNS", "wide")
    assert terminal_width(io.StringIO()) is None


def test_errors_go_to_stderr_alone(capsys: pytest.CaptureFixture[str]) -> None:
    tell("facts\n\nmore")
    tell("trouble", err=True)
    assert tuple(capsys.readouterr()) == ("facts\n\nmore\n", "trouble\n")


ROWS = [("Jane Doe", "council", "5 weeks ago"), ("Karin Bergqvist-Johansson", "wider", "never")]


def table(columns: int, spare: tuple[int, ...], monkeypatch: pytest.MonkeyPatch) -> set[int]:
    monkeypatch.setenv("COLUMNS", str(columns))
    return set(print_table(("name", "circle", "last met"), ROWS, rule=True, spare=spare))


def test_a_column_that_can_be_spared_goes_before_a_name_is_broken_within_a_word(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert table(47, (1, 2), monkeypatch) == set()
    assert "Karin Bergqvist-Johansson  wider" in capsys.readouterr().out
    assert table(41, (1, 2), monkeypatch) == set()
    assert "\nBergqvist-Johansson" in capsys.readouterr().out
    assert table(36, (1, 2), monkeypatch) == {1}
    told = capsys.readouterr().out
    assert "council" not in told
    assert "5 weeks ago" in told
    assert table(20, (1, 2), monkeypatch) == {1, 2}
    assert "5 weeks ago" not in capsys.readouterr().out


def test_what_is_not_spared_is_folded(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert table(36, (), monkeypatch) == set()
    lines = capsys.readouterr().out.splitlines()
    assert all(cell_len(line) <= 36 for line in lines)
    assert len(lines) > 4
