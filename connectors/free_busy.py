"""Asking a server when people are busy: an ability that some accounts have.

A server is asked and never a person. What it says of somebody is either when they are busy or
nothing: who refuses to tell, or is not known there, is *unknown*, which means neither free nor
busy. An account has the ability as `Account.free_busy`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, order=True)
class BusySpan:
    """Somebody is busy from `start` to `end`, exclusive; both aware, UTC."""

    start: datetime
    end: datetime


BusyTimes = Mapping[str, tuple[BusySpan, ...] | None]
"""By address, as it was asked for: when somebody is busy, in order and merged (empty: not at all);
None where that is unknown."""


class FreeBusySource(Protocol):
    """Who can be asked when people are busy. Methods raise `AccountError` subclasses only."""

    def obstacle(self, now: datetime) -> str:
        """Why it cannot be asked, and what to do about it, as one sentence without a full stop;
        empty when it can. A server is asked for it daily at the most; `now` is aware."""
        ...

    def busy_times(self, addresses: Collection[str], start: datetime, end: datetime) -> BusyTimes:
        """When the people of these e-mail addresses are busy between two aware times: every
        address is answered. To be asked only where there is no `obstacle`."""
        ...


def merged(spans: Iterable[BusySpan], start: datetime, end: datetime) -> tuple[BusySpan, ...]:
    """The spans within two aware times, in order, those that touch as one; empty ones left out."""
    joined: list[BusySpan] = []
    for span in sorted(spans):
        within = BusySpan(max(span.start, start), min(span.end, end))
        if within.start >= within.end:
            continue
        if joined and within.start <= joined[-1].end:
            joined[-1] = BusySpan(joined[-1].start, max(joined[-1].end, within.end))
        else:
            joined.append(within)
    return tuple(joined)
