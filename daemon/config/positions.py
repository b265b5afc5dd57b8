"""Where each key and value stands in a TOML text.

`tomllib` gives values without places, so a second reader (tree-sitter's TOML grammar) walks the
text when a mistake has to be shown or a contact to be changed. It is asked for nothing else: what
the config means is decided by `tomllib` alone."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

KeyPath = tuple[str | int, ...]
"""Where a value stands in the data: keys of tables and indexes of arrays."""
Position = tuple[int, int]
"""Line and column, from 1, in characters."""


@dataclass(slots=True)
class Positions:
    """The places of every key and value, by path."""

    keys: dict[KeyPath, Position] = field(default_factory=dict)
    values: dict[KeyPath, Position] = field(default_factory=dict)

    def key(self, path: KeyPath) -> Position:
        """Where a key is written; of a table, its header. What is not in the text: the nearest
        table around it."""
        return self._nearest(path, self.keys)

    def value(self, path: KeyPath) -> Position:
        """Where a value begins, likewise."""
        return self._nearest(path, self.values)

    def _nearest(self, path: KeyPath, by_path: dict[KeyPath, Position]) -> Position:
        for length in range(len(path), 0, -1):
            if path[:length] in by_path:
                return by_path[path[:length]]
        return 1, 1


def positions(text: str) -> Positions:
    """The places of all keys and values of a TOML text that `tomllib` accepts."""
    import tree_sitter_toml
    from tree_sitter import Language, Parser

    walk = _Walk(text.split("\n"))
    # The grammar wants the last line to end.
    document = Parser(Language(tree_sitter_toml.language())).parse(text.encode() + b"\n").root_node
    table: KeyPath = ()
    for node in document.children:
        if node.type == "pair":
            walk.pair(node, table)
        elif node.type in ("table", "table_array_element"):
            walk.table(node)
    return walk.found


@dataclass(slots=True)
class _Walk:
    lines: list[str]
    found: Positions = field(default_factory=Positions)
    last_index: dict[KeyPath, int] = field(default_factory=dict)
    """The newest element of each array of tables: what `[contacts.x]` after `[[contacts]]` belongs
    to."""
    implied: set[KeyPath] = field(default_factory=set)
    """Tables without a header of their own so far."""

    def position(self, node: Node) -> Position:
        """The grammar counts columns in bytes of UTF-8; people count characters."""
        row, column = node.start_point
        if row >= len(self.lines):
            return max(len(self.lines), 1), 1
        return row + 1, len(self.lines[row].encode()[:column].decode(errors="ignore")) + 1

    def table(self, node: Node) -> None:
        key = next((child for child in node.children if child.type.endswith("key")), None)
        if key is None:
            return
        path: KeyPath = ()
        parts = _key_parts(key)
        for part in parts[:-1]:
            # A table that only headers of those within it name stands at the first of them.
            outer = (*path, _key_text(part))
            if outer not in self.found.keys:
                self.found.keys[outer] = self.found.values[outer] = self.position(node)
                self.implied.add(outer)
            path = self._inside(path, _key_text(part))
        path = (*path, _key_text(parts[-1]))
        if path in self.implied:
            del self.found.keys[path], self.found.values[path]
            self.implied.discard(path)
        self.found.keys.setdefault(path, self.position(node))
        self.found.values.setdefault(path, self.position(node))
        if node.type == "table_array_element":
            index = self.last_index[path] = self.last_index.get(path, -1) + 1
            path = (*path, index)
            self.found.keys[path] = self.found.values[path] = self.position(node)
        for child in node.children:
            if child.type == "pair":
                self.pair(child, path)

    def _inside(self, path: KeyPath, key: str) -> KeyPath:
        path = (*path, key)
        return (*path, self.last_index[path]) if path in self.last_index else path

    def pair(self, node: Node, path: KeyPath) -> None:
        # A comment after the value belongs to the pair, too.
        key, *_, value = (child for child in node.children if child.type != "comment")
        for part in _key_parts(key):
            path = (*path, _key_text(part))
            self.found.keys.setdefault(path, self.position(part))
            self.found.values.setdefault(path, self.position(part))
        self.value(value, path)

    def value(self, node: Node, path: KeyPath) -> None:
        self.found.values[path] = self.position(node)
        if node.type == "inline_table":
            for child in node.children:
                if child.type == "pair":
                    self.pair(child, path)
        elif node.type == "array":
            items = [child for child in node.children if child.is_named and child.type != "comment"]
            for index, child in enumerate(items):
                self.found.keys[*path, index] = self.position(child)
                self.value(child, (*path, index))


def _key_parts(node: Node) -> list[Node]:
    """The single keys of a key: a dotted one nests to the left."""
    if node.type != "dotted_key":
        return [node]
    return [
        part for child in node.children if child.type.endswith("key") for part in _key_parts(child)
    ]


def _key_text(node: Node) -> str:
    text = (node.text or b"").decode()
    if node.type != "quoted_key":
        return text
    return next(iter(tomllib.loads(f"{text} = 0")))
