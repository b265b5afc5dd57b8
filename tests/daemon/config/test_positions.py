"""Every value that the TOML reader finds has its place in the text."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from daemon.config.positions import positions

KEYS = st.one_of(
    st.sampled_from(["a", "b-c", "d_1", "1"]),
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=4),
)
VALUES = st.recursive(
    st.just(0),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)


def leaves(
    value: Any, path: tuple[str | int, ...] = ()
) -> Iterator[tuple[tuple[str | int, ...], int]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from leaves(inner, (*path, index))
    else:
        yield path, value


def numbered(value: Any, counter: Iterator[int]) -> Any:
    """The same with every leaf a number of its own."""
    if isinstance(value, dict):
        return {key: numbered(inner, counter) for key, inner in value.items()}
    if isinstance(value, list):
        return [numbered(inner, counter) for inner in value]
    return next(counter)


def check(text: str) -> None:
    located, lines = positions(text), text.split("\n")
    numbers = [leaf for leaf in leaves(tomllib.loads(text)) if isinstance(leaf[1], int)]
    for path, value in numbers:
        line, column = located.value(path)
        assert re.match(rf"{value}\b", lines[line - 1][column - 1 :]), (path, value, line, column)
        assert path in located.keys or isinstance(path[-1], int)


@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_any_document_s_values_are_found_where_they_stand(data):
    check(tomlkit.dumps(numbered(data, iter(range(1000, 10_000)))))


@pytest.mark.parametrize(
    "text",
    [
        "a.b.c = 1\na.d = 2",
        '\'a b\'."c\\u0020d" = 1\n"" = 2',
        "[[x]]\na = 1\n[[x]]\na = 2\n[x.sub]\nb = 3\n[[x.deep]]\nc = 4\n[[x.deep]]\nc = 5\n[[x]]\n"
        "a = 6",
        "[x . y . 'z']\na = 1\n[x]\nb = 2",
        "l = [ # one\n  1,\n  # two\n  [2, {a = 3, b.c = [4]}],\n]",
        '"é" = 5\n"日本" = { "ü" = 7, x = ["日本", 6], "€" = 8 }',
        "a = 1\r\n[t]\r\nb = [2,\r\n3]\r\n",
    ],
)
def test_every_way_to_write_toml_is_understood(text):
    check(text)


def test_a_table_is_found_at_its_heading_and_what_is_missing_at_the_nearest_table_around_it():
    located = positions("a = 1\n\n  [t.u]\nb = 2\n[[c]]\n[[c]]\n")
    assert located.key(("t", "u")) == (3, 3)
    assert located.key(("t", "u", "none", "deeper")) == (3, 3)
    assert located.key(("c", 1)) == (6, 1)
    assert located.value(("c", 0, "name")) == (5, 1)
    assert located.key(("nowhere",)) == (1, 1)
