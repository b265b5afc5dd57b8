"""What Google gives, parsed from JSON: nothing about its shape is certain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Item = Mapping[str, Any]
"""One event, person or the like, or a part of it."""


def string(item: Item, key: str) -> str:
    """The text under `key`; empty where there is none."""
    value = item.get(key)
    return value if isinstance(value, str) else ""


def mapping(item: Item, key: str) -> Item:
    """The object under `key`; empty where there is none."""
    value = item.get(key)
    return value if isinstance(value, Mapping) else {}


def mappings(item: Item, key: str) -> Sequence[Item]:
    """The objects in the list under `key`."""
    value = item.get(key)
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []
