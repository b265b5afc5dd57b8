"""What stands in the calendars: texts as they were read, and what they expand to. All of it can be
read again."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.base import HoldEvent, KnownResources, Occurrence, Problem, Resource, SourceFile
from daemon.holds.digest import is_digest
from daemon.judging.versions import newest
from daemon.ledger.counted import Counted, occurrence_json, occurrences_json
from daemon.ledger.store import ledger_errors, moment, seconds

_NO_DIGEST = " AND ".join(
    f"o.uid NOT GLOB '{start}{'[0-9]' * 8}'" for start in ("fikad-look-", "fikadlook")
)
"""What `is_digest` says, to SQLite."""


CalendarKey = tuple[str, str]
"""An account's name and a `Calendar.id`."""


@dataclass(frozen=True, slots=True)
class FoundHold:
    """An event of ours as last read."""

    account: str
    calendar: str
    """`Calendar.id`."""
    resource: Resource
    event: HoldEvent

    @property
    def calendar_key(self) -> CalendarKey:
        return self.account, self.calendar


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


class Readings(Counted):
    """Resources, occurrences and problems, by calendar (`StoredCalendar.id`)."""

    def known(self, calendar: int) -> KnownResources:
        """What is stored of a calendar, without the texts."""
        rows = self._all(
            "SELECT href, etag, grp, signature, parts FROM resources WHERE calendar = ?", calendar
        )
        return KnownResources(
            {href: etag for href, etag, *_ in rows},
            {href: group for href, _, group, *_ in rows if group != href},
            {
                href: SourceFile(signature, parts)
                for href, *_, signature, parts in rows
                if signature is not None
            },
        )

    def group_texts(
        self, calendar: int, changed: Sequence[Resource], removed: Sequence[str]
    ) -> dict[str, tuple[str, ...]]:
        """The texts of every group that a batch touches, as they will be once it is stored; empty:
        the group goes."""
        touched = {*removed, *(resource.href for resource in changed)}
        groups: dict[str, list[str]] = {resource.group or resource.href: [] for resource in changed}
        sql = (
            "SELECT grp FROM resources WHERE calendar = ? AND href IN (SELECT value FROM "
            "json_each(?))"
        )
        for (group,) in self._all(sql, calendar, json.dumps(sorted(touched))):
            groups.setdefault(group, [])
        for group, href, text in self._of_groups(calendar, groups):
            if href not in touched:
                groups[group].append(text)
        for resource in changed:
            groups[resource.group or resource.href].append(resource.text)
        return {group: tuple(texts) for group, texts in groups.items()}

    def _of_groups(self, calendar: int, groups: Iterable[str]) -> list[Any]:
        """Group, href and text of every stored resource of these groups."""
        # Without being told, SQLite takes the primary key and reads the whole calendar for every
        # group.
        sql = (
            "SELECT grp, href, text FROM resources INDEXED BY resources_by_group"
            " WHERE calendar = ? AND grp IN (SELECT value FROM json_each(?)) ORDER BY grp, href"
        )
        return self._all(sql, calendar, json.dumps(list(groups)))

    def store_texts(
        self, calendar: int, changed: Sequence[Resource], removed: Sequence[str]
    ) -> None:
        """Store and drop texts."""
        with ledger_errors(self._path):
            self._db.executemany(
                "DELETE FROM resources WHERE calendar = ? AND href = ?",
                ((calendar, href) for href in removed),
            )
            self._db.executemany(
                "INSERT OR REPLACE INTO resources (calendar, href, etag, text, grp, signature, "
                "parts)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                ((calendar, *_resource_row(resource)) for resource in changed),
            )

    def texts(self, calendar: int, groups: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """The stored texts by group, each group's in the order of their hrefs."""
        by_group: dict[str, list[str]] = {}
        for group, _, text in self._of_groups(calendar, groups):
            by_group.setdefault(group, []).append(text)
        return {group: tuple(texts) for group, texts in by_group.items()}

    def appeared(self, uid: str) -> int:
        """How many holds had been placed when an event was first read (see `placements`)."""
        sql = (
            "SELECT MIN(appeared) FROM groups JOIN occurrences USING (calendar, grp) WHERE uid = ?"
        )
        return int(self._all(sql, uid)[0][0] or 0)

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

        def dump(occurrence: Occurrence) -> str:
            return occurrence_json().dump_json(occurrence, exclude_defaults=True).decode()

        touched = json.dumps(list(groups))
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
        placed = self.placements()
        with ledger_errors(self._path):
            self._db.executemany(
                "INSERT INTO groups (calendar, grp, recurring, appeared) VALUES (?, ?, ?, ?)",
                (
                    (calendar, group.group, group.mark, known.get(group.group, placed))
                    for group in expanded
                ),
            )
            self._db.executemany(
                "INSERT INTO occurrences VALUES (?, ?, ?, ?, ?, ?)",
                (
                    (calendar, group.group, o.uid, seconds(o.start), seconds(o.end), dump(o))
                    for group in expanded
                    for o in group.occurrences
                ),
            )
            self._db.executemany(
                "INSERT INTO problems VALUES (?, ?, ?, ?, ?, ?)",
                (
                    (calendar, group.group, p.uid, p.reason, seconds(p.start), seconds(p.end))
                    for group in expanded
                    for p in group.problems
                ),
            )

    def occurrences(self, start: datetime, end: datetime) -> list[Occurrence]:
        """Every stored occurrence that overlaps [start, end), by start, with its account and
        calendar filled in.

        Weekly digests are not among them: they say nothing about anybody's time."""
        # The plus keeps SQLite from taking the index by start, which would read the whole history.
        return self._load_occurrences("ends >= ? AND +starts < ?", seconds(start), seconds(end))

    def beginning(self, start: datetime, end: datetime) -> list[Occurrence]:
        """Every stored occurrence that begins in [start, end), as `occurrences` gives them."""
        return self._load_occurrences("starts >= ? AND starts < ?", seconds(start), seconds(end))

    def found_holds(self) -> list[FoundHold]:
        """Every hold of ours that stands in a calendar, as last read; the first occurrence where it
        was repeated."""
        return [placed for placed in self._ours() if not is_digest(placed.event.uid)]

    def found_digests(self) -> list[FoundHold]:
        """Every weekly digest that stands in a calendar, as `found_holds` gives holds."""
        return [placed for placed in self._ours() if is_digest(placed.event.uid)]

    def _ours(self) -> list[FoundHold]:
        rows = self._all(
            f"SELECT account, ref, body, {_RESOURCE} FROM occurrences o"  # noqa: S608 - ours
            " JOIN calendars c ON c.id = o.calendar"
            " JOIN resources r INDEXED BY resources_by_group ON r.calendar = o.calendar AND r.grp "
            "= o.grp"
            " WHERE o.uid GLOB 'fikad*' ORDER BY +starts DESC"
        )
        ours = {}
        for account, ref, body, *rest in rows:
            event = occurrence_json().validate_json(body).hold
            if event is not None:
                ours[account, ref, event.uid] = FoundHold(account, ref, _resource(*rest), event)
        return list(ours.values())

    def mentioning(self, uid: str) -> list[tuple[str, str, Resource]]:
        """Every resource with a UID in its text or name: account, `Calendar.id`, resource. Reads
        all texts."""
        rows = self._all(
            f"SELECT account, ref, {_RESOURCE}"  # noqa: S608 - ours
            " FROM resources r JOIN calendars c ON c.id = r.calendar"
            " WHERE instr(text, ?1) OR instr(href, ?1) ORDER BY c.id, href",
            uid,
        )
        return [(account, ref, _resource(*rest)) for account, ref, *rest in rows]

    def _load_occurrences(self, where: str, *values: object) -> list[Occurrence]:
        return self._newest(self._load_rows(where, *values))

    def _load_rows(self, where: str, *values: object) -> list[Occurrence]:
        # One JSON array for all is several times faster than one call each.
        [[bodies]] = self._all(
            "SELECT json_group_array(json(whole)) FROM (SELECT json_set(body, '$.account', account,"  # noqa: S608 - `where` is ours
            " '$.calendar', name, '$.owner', owner) AS whole"
            " FROM occurrences o JOIN calendars c ON c.id = o.calendar"
            f" WHERE {where} AND {_NO_DIGEST} ORDER BY starts, ends, o.uid, c.id)",
            *values,
        )
        return occurrences_json().validate_json(bodies)

    def _newest(self, occurrences: list[Occurrence]) -> list[Occurrence]:
        """Without those that a newer version has overtaken, in whatever calendar and at whatever
        time it stands."""
        sql = (
            "SELECT uid FROM occurrences WHERE uid NOT GLOB 'fikad*' GROUP BY uid"
            " HAVING min(calendar) < max(calendar) OR min(grp) < max(grp)"
        )
        copied = {row[0] for row in self._all(sql)}.intersection(
            occurrence.uid for occurrence in occurrences
        )
        if not copied:
            return occurrences
        copies = self._load_rows(
            "o.uid IN (SELECT value FROM json_each(?))", json.dumps(sorted(copied))
        )
        standing = set(newest(copies))
        return [
            occurrence
            for occurrence in occurrences
            if occurrence.uid not in copied or occurrence in standing
        ]

    def foreign_count(self, calendar: int) -> int:
        """How many stored resources are not holds of ours."""
        sql = (
            "SELECT count(*) FROM resources r WHERE r.calendar = ? AND NOT EXISTS (SELECT 1 FROM "
            "occurrences o"
            " WHERE o.calendar = r.calendar AND o.grp = r.grp AND o.uid GLOB 'fikad*')"
        )
        return int(self._all(sql, calendar)[0][0])

    def problems(self) -> list[tuple[str, str, Problem]]:
        """What was set aside: account, calendar, problem."""
        rows = self._all(
            "SELECT account, name, uid, reason, starts, ends FROM problems p JOIN calendars c ON "
            "c.id = p.calendar"
            " ORDER BY account, name, uid"
        )
        return [
            (row[0], row[1], Problem(row[2], row[3], moment(row[4]), moment(row[5])))
            for row in rows
        ]


_RESOURCE = "href, etag, text, r.grp, signature, parts"
"""The columns of a resource `r`, in the order of `_resource` and `_resource_row`."""


def _resource(
    href: str, etag: str | None, text: str, group: str, signature: str | None, parts: int | None
) -> Resource:
    source = SourceFile(signature, parts or 1) if signature is not None else None
    return Resource(href, etag, text, group, source)


def _resource_row(resource: Resource) -> tuple[object, ...]:
    source = resource.source
    return (
        resource.href,
        resource.etag,
        resource.text,
        resource.group or resource.href,
        *((source.signature, source.parts) if source else (None, None)),
    )
