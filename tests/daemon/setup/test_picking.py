"""Ticking by typing numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.setup.picking import PickError, assigned, picked


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("1,3-5", (1, 3, 4, 5)),
        ("1 3 - 5", (1, 3, 4, 5)),
        ("5, 1; 1", (1, 5)),
        ("2–4", (2, 3, 4)),
        ("all", (1, 2, 3, 4, 5)),
        ("ALL ", (1, 2, 3, 4, 5)),
        ("none", ()),
        ("", ()),
        ("-2", (1, 3, 4, 5)),
        ("-2 -4", (1, 3, 5)),
        ("1-4,-2", (1, 3, 4)),
    ],
)
def test_what_is_meant(typed: str, meant: tuple[int, ...]) -> None:
    assert picked(typed, 5) == meant


@pytest.mark.parametrize(
    "typed", ["6", "0-2", "4-2", "jane", "1,,x", "1-2-3", "99999999", "1\x1b[31m"]
)
def test_what_cannot_be_meant_is_refused(typed: str) -> None:
    with pytest.raises(PickError) as error:
        picked(typed, 5)
    assert str(error.value).isprintable()


@given(st.sets(st.integers(1, 40)))
def test_written_numbers_are_read_back(numbers: set[int]) -> None:
    assert picked(",".join(map(str, numbers)) or "none", 40) == tuple(sorted(numbers))


def test_people_are_put_into_circles() -> None:
    assert assigned("2=friends, 3-5=close family", 5) == {
        2: "friends",
        3: "close family",
        4: "close family",
        5: "close family",
    }
    assert assigned("1,3=inner; 2=outer", 3) == {1: "inner", 3: "inner", 2: "outer"}
    assert assigned("", 3) == {}


@pytest.mark.parametrize("typed", ["2", "=friends", "9=friends", "2="])
def test_an_assignment_that_makes_no_sense_is_refused(typed: str) -> None:
    with pytest.raises(PickError):
        assigned(typed, 5)
