"""What the texts expand to: occurrences, by group and calendar, found by when they are."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TypeAlias

from connectors.base import Attendee, Occurrence, Problem
from daemon.judging.versions import newest
from daemon.ledger.bodies import AT_A_TIME, Place, Times, at, bodies_of, first_of_each, from_seconds
from daemon.ledger.counted import Counted
from daemon.ledger.store import ledger_errors, seconds

_NO_DIGEST = " AND ".join(
    f"b.uid NOT GLOB '{start}{'[0-9]' * 8}'" for start in ("fikad-look-", "fikadlook")
)
"""What `is_digest` says, to SQLite."""
_IN_MEMORY = 2_000
"""So many occurrences are made together where years of them are gone through."""
_UIDS_AT_A_TIME = 50
"""So many events are asked for all their copies together: a series may have thousands of each."""


@dataclass(frozen=True, slots=True)
class Expanded:
    """One group's expansion, to be stored."""

    group: str
    occurrences: Sequence[Occurrence]
    problems: Sequence[Problem]
    recurring: bool
    unfinished: bool = False
    """A limit of time or memory ended it: to be tried again."""

    @property
    def mark(self) -> int:
        """How its group is remembered: 0 for what is told for good, 1 for what a later window may
        add to, 2 for what is to be tried again."""
        return 2 if self.unfinished else int(self.recurring)


Wanted = Callable[[Occurrence], bool]
"""Whether an event is asked for, told by any one of its occurrences: by anything but its times."""

_Row: TypeAlias = tuple[int, int, int, int | None]
"""A body, and the `Times` of one of its occurrences."""


@dataclass(frozen=True, slots=True)
class _Each:
    """See `Occurrences.each`."""

    stored: Occurrences
    start: datetime
    end: datetime

    def __iter__(self) -> Iterator[Occurrence]:
        return self.stored.in_turn(self.start, self.end)


class Occurrences(Counted):
    """Occurrences and problems, by calendar (`StoredCalendar.id`) and group."""

    def groups(self, calendar: int, *, recurring_only: bool = False) -> list[str]:
        return self._marked(calendar, int(recurring_only))

    def unfinished(self, calendar: int) -> list[str]:
        """The groups whose expansion a limit of time or memory ended."""
        return self._marked(calendar, 2)

    def _marked(self, calendar: int, least: int) -> list[str]:
        sql = "SELECT grp FROM groups WHERE calendar = ? AND recurring >= ?"
        return [row[0] for row in self._all(sql, calendar, least)]

    def note_unread(
        self, calendar: int, problems: Iterable[Problem], touched: Collection[str] | None
    ) -> None:
        """Keep what could not even be fetched, until it is read, goes, or a full reading (`touched`
        is None) no longer meets it. `touched` are the hrefs that were read or went."""
        unread = [
            row[0]
            for row in self._all(
                "SELECT grp FROM groups WHERE calendar = ? AND grp GLOB 'unread:*'", calendar
            )
        ]
        unreadable = [
            Expanded(f"unread:{problem.uid}", (), (problem,), recurring=False)
            for problem in problems
        ]
        over = {
            group
            for group in unread
            if touched is None
            or any(href.endswith(group.removeprefix("unread:")) for href in touched)
        }
        self.store_expanded(calendar, over.union(group.group for group in unreadable), unreadable)

    def store_expanded(
        self, calendar: int, groups: Iterable[str], expanded: Sequence[Expanded]
    ) -> None:
        """Replace the occurrences and problems of these groups; a group that is not among the
        expanded goes."""
        gone = list(groups)
        if not gone and not expanded:
            return
        touched = json.dumps(gone)
        self.judge_anew_if_past(
            calendar,
            touched,
            (occurrence for group in expanded for occurrence in group.occurrences),
        )
        known = dict(
            self._all(
                "SELECT grp, appeared FROM groups WHERE calendar = ? AND grp IN (SELECT value "
                "FROM json_each(?))",
                calendar,
                touched,
            )
        )
        self._run(
            "DELETE FROM groups WHERE calendar = ? AND grp IN (SELECT value FROM json_each(?))",
            calendar,
            touched,
        )
        placed, first = self.placements(), self._next("groups")
        with ledger_errors(self._path):
            self._db.executemany(
                "INSERT INTO groups (id, calendar, grp, recurring, appeared)"
                " VALUES (?, ?, ?, ?, ?)",
                (
                    (id_, calendar, group.group, group.mark, known.get(group.group, placed))
                    for id_, group in enumerate(expanded, first)
                ),
            )
            self._store_bodies(first, expanded)
            self._db.executemany(
                "INSERT INTO problems VALUES (?, ?, ?, ?, ?)",
                (
                    (id_, p.uid, p.reason, seconds(p.start), seconds(p.end))
                    for id_, group in enumerate(expanded, first)
                    for p in group.problems
                ),
            )

    def _next(self, table: str) -> int:
        """The first id of those that come new."""
        return int(self._all(f"SELECT coalesce(max(id), 0) + 1 FROM {table}")[0][0])  # noqa: S608 - ours

    def _store_bodies(self, first_group: int, expanded: Iterable[Expanded]) -> None:
        """The occurrences of groups that are numbered from `first_group` on."""
        numbered = list(
            enumerate(
                (
                    (group_id, body)
                    for group_id, group in enumerate(expanded, first_group)
                    for body in bodies_of(group.occurrences)
                ),
                self._next("bodies"),
            )
        )
        self._db.executemany(
            "INSERT INTO bodies (id, grp, uid, content, birthday) VALUES (?, ?, ?, ?, ?)",
            (
                (id_, group, body.uid, body.content, body.birthday)
                for id_, (group, body) in numbered
            ),
        )
        self._db.executemany(
            "INSERT INTO occurrences VALUES (?, ?, ?, ?, ?)",
            (
                (id_, number, *times)
                for id_, (_, body) in numbered
                for number, times in enumerate(body.times)
            ),
        )

    def occurrences(
        self, start: datetime, end: datetime, wanted: Wanted | None = None
    ) -> list[Occurrence]:
        """Every stored occurrence that overlaps [start, end), by start, with its account and
        calendar filled in; only of `wanted` events, where that is said.

        Weekly digests are not among them: they say nothing about anybody's time."""
        # The plus keeps SQLite from taking the index by start, which would read the whole history.
        where, values = "o.ends >= ? AND +o.starts < ?", (seconds(start), seconds(end))
        if wanted is None:
            return self._newest(self._load(where, *values))
        bodies = [id_ for id_, occurrence in self._one_of_each() if wanted(occurrence)]
        where = f"+{where} AND o.body IN (SELECT value FROM json_each(?))"  # noqa: S608 - ours
        return self._newest(self._load(where, *values, json.dumps(bodies)))

    def birthdays(self, since: datetime) -> list[Occurrence]:
        """Every stored occurrence since then that tells whose birthday it is, as `occurrences`
        gives them."""
        # By the few bodies first: SQLite would rather read all that lies ahead.
        where = "o.body IN (SELECT id FROM bodies WHERE birthday) AND +o.ends >= ?"
        return self._newest(self._load(where, seconds(since)))

    def ours(self, since: datetime) -> list[Occurrence]:
        """Every stored occurrence that ends since then and has a name of ours, as `occurrences`
        gives them."""
        return self._load("b.uid GLOB 'fikad*' AND +o.ends >= ?", seconds(since))

    def ended(self, begun: datetime, after: datetime, by: datetime) -> list[Occurrence]:
        """What began since `begun` and ended after `after`, but by `by`, as `occurrences` gives
        them; and whatever else had ended that began together with one of them."""
        where = (
            "o.starts IN (SELECT starts FROM occurrences WHERE ends > ? AND ends <= ?"
            " AND starts >= ?) AND +o.ends <= ?"
        )
        values = (seconds(after), seconds(by), seconds(begun), seconds(by))
        return self._newest(self._load(where, *values))

    def last_of_ours(self) -> datetime | None:
        """When the last of all that has a name of ours ends; None where nothing has."""
        sql = "SELECT max(ends) FROM bodies b JOIN occurrences o ON o.body = b.id WHERE uid GLOB ?"
        [[last]] = self._all(sql, "fikad*")
        return None if last is None else from_seconds(last)

    def _one_of_each(self) -> Iterator[tuple[int, Occurrence]]:
        """Of every body one of its occurrences, a few at a time."""
        places = self._places()
        with ledger_errors(self._path):
            rows = self._db.execute(
                "SELECT b.id, content, starts, ends, original, calendar FROM bodies b"
                " JOIN groups g ON g.id = b.grp JOIN occurrences o ON o.body = b.id"
                " WHERE o.number = 0"
            )
            while some := rows.fetchmany(AT_A_TIME):
                made = first_of_each(
                    ((row[1], Times(*row[2:5]), places[row[5]]) for row in some), {}
                )
                yield from zip((row[0] for row in some), made, strict=True)

    def each(self, start: datetime, end: datetime) -> Iterable[Occurrence]:
        """What `occurrences` gives, in the same order, with no more than a few in memory. It can be
        gone through again, as long as the ledger is open."""
        return _Each(self, start, end)

    def in_turn(self, start: datetime, end: datetime) -> Iterator[Occurrence]:
        """See `each`."""
        overtaken = self._overtaken(self._copied())
        moved = {occurrence.uid for occurrence in overtaken}
        # Here the index by start is the right one: all is read, and in this order.
        sql = _select("o.starts < ? AND +o.ends >= ?")
        known: Mapping[int, tuple[Times, Occurrence]] = {}
        with ledger_errors(self._path):
            rows = self._db.execute(sql, (seconds(end), seconds(start)))
            while some := rows.fetchmany(_IN_MEMORY):
                # What a series has in common is taken over from one few to the next.
                known = self._known(some, known)
                for occurrence in _placed(some, known):
                    if occurrence.uid not in moved or occurrence not in overtaken:
                        yield occurrence

    def _load(self, where: str, *values: object) -> list[Occurrence]:
        rows = self._all(_select(where), *values)
        return list(_placed(rows, self._known(rows, {})))

    def _known(
        self, rows: Iterable[_Row], known: Mapping[int, tuple[Times, Occurrence]]
    ) -> Mapping[int, tuple[Times, Occurrence]]:
        """By body one of its occurrences and its times, for all in these rows; those in `known` are
        not read again."""
        first: dict[int, Times] = {}
        for body, starts, ends, original in rows:
            first.setdefault(body, Times(starts, ends, original))
        new = {body: times for body, times in first.items() if body not in known}
        made = {body: (new[body], occurrence) for body, occurrence in self._first_of_each(new)}
        return made | {body: known[body] for body in first.keys() & known.keys()}

    def _first_of_each(self, times: dict[int, Times]) -> Iterator[tuple[int, Occurrence]]:
        """The occurrence of each body at the given times."""
        places = self._places()
        ids, guests = iter(sorted(times)), dict[Attendee, Attendee]()
        while some := list(islice(ids, AT_A_TIME)):
            rows = self._all(
                "SELECT b.id, content, calendar FROM bodies b JOIN groups g ON g.id = b.grp"
                " WHERE b.id IN (SELECT value FROM json_each(?))",
                json.dumps(some),
            )
            with ledger_errors(self._path):
                made = first_of_each(
                    ((row[1], times[row[0]], places[row[2]]) for row in rows), guests
                )
            yield from zip((row[0] for row in rows), made, strict=True)

    def _places(self) -> dict[int, Place]:
        rows = self._all("SELECT id, account, name, owner FROM calendars")
        return {id_: Place(*place) for id_, *place in rows}

    def _newest(self, occurrences: list[Occurrence]) -> list[Occurrence]:
        """Without those that a newer version has overtaken, in whatever calendar and at whatever
        time it stands."""
        if not occurrences:
            return occurrences
        copied = self._copied().intersection(occurrence.uid for occurrence in occurrences)
        overtaken = self._overtaken(copied)
        return [
            occurrence
            for occurrence in occurrences
            if occurrence.uid not in copied or occurrence not in overtaken
        ]

    def _copied(self) -> set[str]:
        """The UIDs that stand in more than one group."""
        sql = (
            "SELECT uid FROM bodies WHERE uid NOT GLOB 'fikad*' GROUP BY uid"
            " HAVING min(grp) < max(grp)"
        )
        return {row[0] for row in self._all(sql)}

    def _overtaken(self, uids: Iterable[str]) -> set[Occurrence]:
        """Of the events with these UIDs what a newer version has overtaken."""
        overtaken: set[Occurrence] = set()
        rest = iter(sorted(uids))
        while some := list(islice(rest, _UIDS_AT_A_TIME)):
            copies = self._load("b.uid IN (SELECT value FROM json_each(?))", json.dumps(some))
            overtaken |= set(copies).difference(newest(copies))
        return overtaken

    def appeared(self, uid: str) -> int:
        """How many holds had been placed when an event was first read (see `placements`)."""
        sql = "SELECT MIN(appeared) FROM groups g JOIN bodies b ON b.grp = g.id WHERE uid = ?"
        return int(self._all(sql, uid)[0][0] or 0)


def _select(where: str) -> str:
    """Rows of occurrences, in the order in which they are told."""
    return (
        "SELECT o.body, o.starts, o.ends, o.original FROM occurrences o"  # noqa: S608 - ours
        " JOIN bodies b ON b.id = o.body JOIN groups g ON g.id = b.grp"
        f" WHERE {where} AND {_NO_DIGEST}"
        " ORDER BY o.starts, o.ends, b.uid, g.calendar, o.body, o.number"
    )


def _placed(
    rows: Iterable[_Row], known: Mapping[int, tuple[Times, Occurrence]]
) -> Iterator[Occurrence]:
    """The occurrence of each row, made from one that is known of its body."""
    for body, starts, ends, original in rows:
        (first, occurrence), times = known[body], Times(starts, ends, original)
        yield occurrence if times == first else at(occurrence, times)
