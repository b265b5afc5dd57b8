"""Calendar texts into occurrences.

A group of texts (a resource; or a series and its exceptions, where a server gives them apart) is
cut into events, each event is read by itself, and those that belong to one series are expanded
together. Whatever is wrong with one of them ends with it: it becomes a `Problem` with a reason, and
counts as busy where its span is known. Nothing here raises for what stands in a calendar.

What a rule costs is bounded by the window (see `connectors.ical.instances`). What else there may be
in a text that takes for ever belongs into a process that can be killed: see
`connectors.ical.expansion`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from connectors.base import Occurrence, Problem
from connectors.hold_uid import is_hold_uid
from connectors.ical.entries import (
    Entry,
    UnreadableEventError,
    made_up_uid,
    read_entry,
)
from connectors.ical.expansion_job import Expansion, TooSlowError
from connectors.ical.fragments import Cut, Fragment, cut
from connectors.ical.series import expand_series
from connectors.ical.spans import in_window
from connectors.sanitize import sanitize

_MOST_SLOW_SERIES = 3
"""So many series of one group may run into the time limit; the others of that group are then not
tried any more."""


def expand(
    texts: Sequence[str],
    start: datetime,
    end: datetime,
    zone: ZoneInfo,
    *,
    trusted: bool = False,
    renew: Callable[[], None] = lambda: None,
    is_late: Callable[[], bool] = lambda: False,
) -> Expansion:
    """The occurrences of one group of texts that overlap the window from `start` to `end` (aware;
    exclusive), and those of holds of ours, wherever they are.

    Floating times are read in the calendar's own zone (X-WR-TIMEZONE), else in `zone`, the user's.
    Problems are given whatever the window. `trusted` texts were written by a connector of ours:
    only there are the marks of `private_names` believed. `renew` is called before each series: a
    time limit may start anew there, and raise TooSlowError when it is over. Once `is_late`, no
    series is begun any more; what happens once is read all the same."""
    problems: list[Problem] = []
    cuts = [cut(text) for text in texts]
    for cut_text in cuts:
        problems += _faults_of_text(cut_text)
    entries, refused = _read([f for cut_text in cuts for f in cut_text.fragments], zone, trusted)
    problems += (error.problem for _, error in refused)
    occurrences: list[Occurrence] = []
    recurring = False
    slow, skipped = 0, 0
    for members in _by_uid(entries):
        problems += (member.problem(fault) for member in members for fault in member.faults)
        if _single(members):
            for entry in members:
                recurring = recurring or entry.span.start_utc >= end
                # A hold of ours that was dragged far away is still there.
                if is_hold_uid(entry.uid) or in_window(
                    entry.span.start_utc, entry.span.end_utc, entry.span.all_day, start, end, zone
                ):
                    occurrences.append(_once(entry))
            continue
        recurring = True
        if slow >= _MOST_SLOW_SERIES or is_late():
            skipped += 1
            problems.append(members[0].problem("others in the same file take too long to expand"))
            continue
        lost = [f for f, _ in refused if _uid_of(f) in ("", members[0].uid)]
        try:
            renew()
            instances, faults = expand_series(members, lost, start, end, zone)
        except TooSlowError:
            slow += 1
            problems.append(members[0].problem("it takes too long to expand"))
        except MemoryError:
            slow += 1
            problems.append(members[0].problem("it takes too much memory to expand"))
        else:
            occurrences += instances
            problems += faults
    renew()
    occurrences.sort(key=_order)
    return Expansion(tuple(occurrences), tuple(problems), recurring, unfinished=slow + skipped > 0)


def _faults_of_text(cut_text: Cut) -> list[Problem]:
    if not cut_text.calendar:
        return [
            Problem(
                "", "this is not a calendar text (iCalendar); export it again or remove the file"
            )
        ]
    if not cut_text.complete:
        return [Problem("", "the calendar text ends in the middle; fetch or export it again")]
    return []


def _read(
    fragments: Sequence[Fragment], zone: ZoneInfo, trusted: bool
) -> tuple[list[Entry], list[tuple[Fragment, UnreadableEventError]]]:
    entries: list[Entry] = []
    refused: list[tuple[Fragment, UnreadableEventError]] = []
    for fragment in fragments:
        try:
            entries.append(read_entry(fragment, zone, trusted=trusted))
        except UnreadableEventError as error:
            refused.append((fragment, error))
        except Exception:  # noqa: BLE001 - one event that nobody foresaw never stops the others
            problem = Problem(_uid_of(fragment), "an event was set aside: it is garbled")
            refused.append((fragment, UnreadableEventError(problem)))
    return entries, refused


def _by_uid(entries: list[Entry]) -> list[list[Entry]]:
    """The entries in series. An exception without a UID belongs to the only series there is; any
    other event without one is alone."""
    masters = {entry.uid for entry in entries if entry.uid}
    series: dict[str, list[Entry]] = {}
    for entry in entries:
        if not entry.uid:
            adopt = entry.recurrence_id is not None and len(masters) == 1
            entry.uid = next(iter(masters)) if adopt else made_up_uid(entry)
        series.setdefault(entry.uid, []).append(entry)
    return list(series.values())


def _single(members: Sequence[Entry]) -> bool:
    """Whether nothing has to be expanded: the usual case of one event, or several that wrongly
    share a UID."""
    if any(entry.recurrence_id is not None or entry.repeats for entry in members):
        return False
    if len(members) == 1:
        return True
    starts = {entry.span.start for entry in members}
    return len(starts) == len(members) and len({entry.sequence for entry in members}) == 1


def _once(entry: Entry) -> Occurrence:
    return entry.occurrence(entry.span.start_utc, entry.span.end_utc, hold=entry.hold(alone=True))


def _uid_of(fragment: Fragment) -> str:
    lines = fragment.lines.get("UID")
    return sanitize(lines[0].partition(":")[2]) if lines else ""


def _order(occurrence: Occurrence) -> tuple[datetime, datetime, str]:
    return occurrence.start, occurrence.end, occurrence.uid
