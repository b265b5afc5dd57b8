"""The calendars' texts as they were read, by calendar (`StoredCalendar.id`)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence

from connectors.base import KnownResources, Resource, SourceFile
from daemon.ledger.counted import Counted
from daemon.ledger.packing import packed, unpacked
from daemon.ledger.store import ledger_errors

_NAME_OF_OURS = re.compile("fikad[-0-9a-z]")
"""The names of our holds begin so."""


def may_name_ours(href: str, text: str) -> bool:
    """Whether a resource may be one of our holds, or speak of one."""
    return bool(_NAME_OF_OURS.search(href) or _NAME_OF_OURS.search(text))


class Texts(Counted):
    """Resources: what a calendar stores, unread."""

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

    def texts(self, calendar: int, groups: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """The stored texts by group, each group's in the order of their hrefs."""
        by_group: dict[str, list[str]] = {}
        for group, _, text in self._of_groups(calendar, groups):
            by_group.setdefault(group, []).append(text)
        return {group: tuple(texts) for group, texts in by_group.items()}

    def _of_groups(self, calendar: int, groups: Iterable[str]) -> list[tuple[str, str, str]]:
        """Group, href and text of every stored resource of these groups."""
        # Without being told, SQLite takes another index and reads the whole calendar for every
        # group.
        sql = (
            "SELECT grp, href, text FROM resources INDEXED BY resources_by_group"
            " WHERE calendar = ? AND grp IN (SELECT value FROM json_each(?)) ORDER BY grp, href"
        )
        rows = self._all(sql, calendar, json.dumps(list(groups)))
        with ledger_errors(self._path):
            return [(group, href, unpacked(text)) for group, href, text in rows]

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
                "INSERT OR REPLACE INTO resources"
                " (calendar, href, etag, text, grp, signature, parts, may_name_ours)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                ((calendar, *_row(resource)) for resource in changed),
            )

    def mentioning(self, uid: str) -> list[tuple[str, str, Resource]]:
        """Every resource with the UID of a hold in its text or name: account, `Calendar.id`,
        resource. Where that is no name of ours, all texts are read."""
        ours = "may_name_ours AND" if _NAME_OF_OURS.match(uid) else ""
        rows = self._all(
            f"SELECT account, ref, {RESOURCE}"  # noqa: S608 - ours
            " FROM resources r JOIN calendars c ON c.id = r.calendar"
            f" WHERE {ours} 1 ORDER BY c.id, href"
        )
        with ledger_errors(self._path):
            resources = ((account, ref, resource_of(*rest)) for account, ref, *rest in rows)
            return [row for row in resources if uid in row[2].text or uid in row[2].href]

    def foreign_count(self, calendar: int) -> int:
        """How many stored resources are not holds of ours."""
        sql = (
            "SELECT (SELECT count(*) FROM resources WHERE calendar = ?1) - (SELECT count(*)"
            " FROM resources JOIN groups g USING (calendar, grp) WHERE calendar = ?1"
            " AND g.id IN (SELECT grp FROM bodies WHERE uid GLOB 'fikad*'))"
        )
        return int(self._all(sql, calendar)[0][0])


RESOURCE = "href, etag, text, r.grp, signature, parts"
"""The columns of a resource `r`, in the order of `resource_of` and `_row`."""


def resource_of(
    href: str,
    etag: str | None,
    text: str | bytes,
    group: str,
    signature: str | None,
    parts: int | None,
) -> Resource:
    """A resource by its columns. Raises sqlite3.DatabaseError for a damaged text."""
    source = SourceFile(signature, parts or 1) if signature is not None else None
    return Resource(href, etag, unpacked(text), group, source)


def _row(resource: Resource) -> tuple[object, ...]:
    source = resource.source
    return (
        resource.href,
        resource.etag,
        packed(resource.text),
        resource.group or resource.href,
        *((source.signature, source.parts) if source else (None, None)),
        may_name_ours(resource.href, resource.text),
    )
