"""Recurrence rules of vCalendar 1.0 (1996), as old phones and organizers still export them, put
into iCalendar's words.

    D2 #10                every other day, ten times        FREQ=DAILY;INTERVAL=2;COUNT=10
    W1 MO TH #0           on Mondays and Thursdays, for ever    FREQ=WEEKLY;BYDAY=MO,TH
    MP1 1+ MO 2- FR #5    first Monday, last but one Friday     FREQ=MONTHLY;BYDAY=1MO,-2FR;COUNT=5
    MD1 15 1- LD #0       15th and the last of a month          FREQ=MONTHLY;BYMONTHDAY=15,-1,-1
    YM1 6 7 20051231T...  June and July, until then             FREQ=YEARLY;BYMONTH=6,7;UNTIL=...
    YD1 100 #0            the hundredth day of a year           FREQ=YEARLY;BYYEARDAY=100

Rules with times of day, or rules within rules, are not taken."""

from __future__ import annotations

import re
from typing import Final

_FREQUENCIES: Final = {
    "D": ("DAILY", ""),
    "W": ("WEEKLY", "BYDAY"),
    "MP": ("MONTHLY", "BYDAY"),
    "MD": ("MONTHLY", "BYMONTHDAY"),
    "YM": ("YEARLY", "BYMONTH"),
    "YD": ("YEARLY", "BYYEARDAY"),
}
_RULE = re.compile(
    r"(D|W|MP|MD|YM|YD)([0-9]{1,4})((?: +[A-Z0-9+-]+)*?)"
    r"(?: +(#[0-9]{1,5}|[0-9]{8}(?:T[0-9]{6}Z?)?))?"
)
_WEEKDAY = re.compile(r"SU|MO|TU|WE|TH|FR|SA")
_NUMBER = re.compile(r"([0-9]{1,3})([+-]?)")
_USUAL_COUNT: Final = 2
"""What a rule without an end means there."""


def translated(text: str) -> str | None:
    """A rule of vCalendar 1.0 as the value of an RRULE; None for anything else."""
    match = _RULE.fullmatch(text.strip().upper())
    if match is None:
        return None
    kind, interval, words, end = match.groups()
    frequency, name = _FREQUENCIES[kind]
    values = _values(kind, words.split())
    if values is None or (values and not name):
        return None
    said = [f"FREQ={frequency}", f"INTERVAL={interval}"]
    if values:
        said.append(f"{name}={','.join(values)}")
    if end is None or end.startswith("#"):
        count = _USUAL_COUNT if end is None else int(end[1:])
        said += [f"COUNT={count}"] if count else []
    else:
        said.append(f"UNTIL={end}")
    return ";".join(said)


def _values(kind: str, words: list[str]) -> list[str] | None:
    """The days or months that a rule names; None where one cannot be read."""
    values: list[str] = []
    nth = ""
    for word in words:
        number = _NUMBER.fullmatch(word)
        if kind in ("W", "MP") and _WEEKDAY.fullmatch(word) and (nth or kind == "W"):
            values.append(nth + word)
        elif kind == "MD" and word == "LD":
            values.append("-1")
        elif kind == "W" or number is None:
            return None
        elif kind == "MP":
            nth = _signed(number)
        else:
            values.append(_signed(number))
    return values


def _signed(number: re.Match[str]) -> str:
    return f"-{number[1]}" if number[2] == "-" else number[1]
