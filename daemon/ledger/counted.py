"""Which meetings count: judged once for the past that does not change any more, under a key of all
it depends on.

What was nearly counted is kept beside it. Whatever comes or goes in that past has it judged anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from connectors.base import Occurrence
from daemon.judging.verdict import Verdict
from daemon.ledger.bodies import occurrence_json, occurrences_json
from daemon.ledger.store import Store, ledger_errors, seconds

_JUDGED_EVERY = timedelta(days=1)
"""How often what is judged for good moves on. In between, a pass that finds nothing new writes
nothing of it."""

_NEARLY = "nearly "
"""Stands before the code of what was nearly counted, where what counts has its rule."""


class Counted(Store):
    """The meetings that count, as recorded."""

    def judged_until(self, key: str) -> datetime | None:
        """What began before this has been judged for good, if the judging was done under `key` and
        nothing of it has changed since; None: everything must be judged."""
        judged, until = self._judged()
        return datetime.fromtimestamp(until, UTC) if judged == key else None

    def counted(self, start: datetime, end: datetime) -> list[Verdict]:
        """The recorded meetings, and what was nearly counted, that ended since `start` and began
        before `end`, sorted by start."""
        rows = self._all(
            "SELECT contact, rule, reason, body FROM counted WHERE ends >= ? AND starts < ? ORDER "
            "BY starts, contact",
            seconds(start),
            seconds(end),
        )
        occurrences = occurrences_json().validate_json(f"[{','.join(row[3] for row in rows)}]")
        return [
            Verdict(contact, occurrence, False, "", rule.removeprefix(_NEARLY), reason, nearly=True)
            if rule.startswith(_NEARLY)
            else Verdict(contact, occurrence, counted=True, rule=rule, reason=reason)
            for (contact, rule, reason, _), occurrence in zip(rows, occurrences, strict=True)
        ]

    def record_counted(
        self, key: str, counted: Iterable[Verdict], since: datetime | None, until: datetime
    ) -> list[Verdict]:
        """Record which meetings count, or nearly do, and return those that count and did not
        before.

        Only those that began since `since` are looked at, None: all. From now on, what began before
        `until` is taken as judged for good under `key`."""
        fresh = [
            verdict for verdict in counted if since is None or verdict.occurrence.start >= since
        ]
        rows = {row[:3]: row for row in map(_counted_row, fresh)}
        sql = "SELECT contact, uid, starts, ends, rule, reason, body FROM counted WHERE starts >= ?"
        before = {
            row[:3]: row for row in self._all(sql, -(1 << 62) if since is None else seconds(since))
        }
        changed = [row for meeting, row in rows.items() if before.get(meeting) != row]
        gone = before.keys() - rows.keys()
        if changed or gone or since is None or until - since >= _JUDGED_EVERY:
            with self.transaction(), ledger_errors(self._path):
                self._db.executemany(
                    "DELETE FROM counted WHERE contact = ? AND uid = ? AND starts = ?", gone
                )
                self._db.executemany(
                    "INSERT OR REPLACE INTO counted VALUES (?, ?, ?, ?, ?, ?, ?)", changed
                )
                self.put("judged", f"{key} {seconds(until)}")
        known = {meeting for meeting, row in before.items() if not row[4].startswith(_NEARLY)}
        return [
            verdict
            for verdict in fresh
            if verdict.counted and _counted_row(verdict)[:3] not in known
        ]

    def _judged(self) -> tuple[str, int]:
        """The key under which the past was judged, and the second until which."""
        key, _, until = (self.get("judged") or " 0").partition(" ")
        return key, int(until)

    def judge_anew(self) -> None:
        """Nothing is taken as judged for good any more."""
        self._run("DELETE FROM meta WHERE key = 'judged'")

    def judge_anew_if_past(self, calendar: int, groups: str, coming: Iterable[Occurrence]) -> None:
        """Judge anew when occurrences come, or go with their groups, in the past that was judged
        for good; or when what comes or goes is another version of something there."""
        _, until = self._judged()
        if not until:
            return
        uids: set[str] = set()
        for occurrence in coming:
            if occurrence.start.timestamp() < until:
                self.judge_anew()
                return
            uids.add(occurrence.uid)
        # By UID first: SQLite is told, since it would rather read the whole past.
        sql = (
            "SELECT 1 FROM bodies b CROSS JOIN occurrences o ON o.body = b.id WHERE b.uid IN"
            " (SELECT value FROM json_each(?) UNION SELECT c.uid FROM bodies c"
            "  JOIN groups g ON g.id = c.grp WHERE g.calendar = ?"
            "  AND g.grp IN (SELECT value FROM json_each(?)))"
            " AND o.starts < ? LIMIT 1"
        )
        if self._all(sql, json.dumps(sorted(uids)), calendar, groups, until):
            self.judge_anew()


def _counted_row(verdict: Verdict) -> tuple[str, str, int, int, str, str, str]:
    occurrence = verdict.occurrence
    body = occurrence_json().dump_json(occurrence, exclude_defaults=True).decode()
    starts, ends = int(occurrence.start.timestamp()), int(occurrence.end.timestamp())
    rule = f"{_NEARLY}{verdict.code}" if verdict.nearly else verdict.rule
    return verdict.contact_key, occurrence.uid, starts, ends, rule, verdict.reason, body
