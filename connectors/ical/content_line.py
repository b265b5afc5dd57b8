"""One unfolded content line, taken apart (RFC 5545 section 3.1).

icalendar does so character by character, for every line that anybody ever wrote. Nearly all lines
are plain: nothing escaped or odd before their value. Those are taken apart by one pattern, into
what icalendar makes of them; all others go to icalendar."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from icalendar.parser import unescape_backslash
from icalendar.parser.content_line import Contentline

_QUOTED = r'"[^\x00-\x1f\x7f"\\^%]++"'
_UNQUOTED = r'(?!\s)[^\x00-\x1f\x7f",;:=\\^%]++(?<!\s)'
_PLAIN = re.compile(rf"([A-Za-z0-9-]++)((?:;[A-Za-z0-9-]++=(?:{_UNQUOTED}|{_QUOTED}))*+):(.*)")
"""A line without escapes (RFC 5545, RFC 6868), lists or blanks to be dropped before its value."""
_PARAMETER = re.compile(r';([A-Za-z0-9-]+)=(?:"([^"]+)"|([^;"]+))')
_NONE: Mapping[str, object] = MappingProxyType({})


def parts(line: str) -> tuple[str, Mapping[str, object], str]:
    """Name, parameters by their names in upper case, and unescaped value of a line. Raises
    ValueError and whatever else icalendar raises for lines that are none; a parameter with commas
    in it comes as a list."""
    plain = _PLAIN.fullmatch(line)
    if plain is None:
        return parts_by_icalendar(line)
    name, params, value = plain.groups()
    if "\\" in value:
        value = unescape_backslash(value)
    return name, _parameters(params) if params else _NONE, value.strip()


def parts_by_icalendar(line: str) -> tuple[str, Mapping[str, object], str]:
    """The same, of any line."""
    name, params, value = Contentline(line).parts()  # type: ignore[no-untyped-call]
    return name, params, value.strip()


def _parameters(text: str) -> Mapping[str, object]:
    return {name.upper(): quoted or unquoted for name, quoted, unquoted in _PARAMETER.findall(text)}
