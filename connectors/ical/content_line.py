"""One unfolded content line, taken apart by icalendar (RFC 5545 section 3.1)."""

from __future__ import annotations

from collections.abc import Mapping

from icalendar.parser import Contentline


def parts(line: str) -> tuple[str, Mapping[str, object], str]:
    """Name, parameters and unescaped value of a line. Raises ValueError and whatever else icalendar
    raises for lines that are none; a parameter with commas in it comes as a list."""
    name, params, value = Contentline(line).parts()  # type: ignore[no-untyped-call]
    return name, params, value.strip()
