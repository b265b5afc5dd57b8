"""Which meetings count: judged once for the past that does not change any more, under a key of all
it depends on.

What was nearly counted is kept beside it. Whatever comes or goes in that past has it judged anew.
Of the last days the same is kept for as long as nothing at all comes or goes.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import cast

from connectors.base import Occurrence
from daemon.judging.meetings import DatesAhead
from daemon.judging.recency import Met
from daemon.judging.verdict import Rule, Verdict
from daemon.ledger.bodies import (
    AT_A_TIME,
    Packed,
    from_seconds,
    occurrence_json,
    occurrences_json,
    times_of,
)
from daemon.ledger.packing import packed, unpacked
from daemon.ledger.store import Store, ledger_errors, seconds

_NEARLY = "nearly "
"""Stands before the code of what was nearly counted, where what counts has its rule."""

_MET = f"ends >= ?1 AND starts < ?2 AND rule NOT GLOB '{_NEARLY}*'"
_LATELY = "judged_lately"
"""Under which key, and by when, all that had ended of the last days was judged."""
_AHEAD = "dates_ahead"
"""Under which key, since when and until when the dates ahead hold."""


class Counted(Store):
    """The meetings that count, as recorded."""

    def judged_until(self, key: str) -> datetime | None:
        """What began before this has been judged for good, if the judging was done under `key` and
        nothing of it has changed since; None: everything must be judged."""
        judged, until = self._judged()
        return datetime.fromtimestamp(until, UTC) if judged == key else None

    def judged_lately(self, key: str) -> datetime | None:
        """What began since `judged_until` and ended by then is recorded too, if it was judged under
        `key` and nothing in any calendar has changed since; None: it must be judged."""
        judged, _, by = (self.get(_LATELY) or " 0").partition(" ")
        return from_seconds(int(by)) if judged == key else None

    def counted(self, start: datetime, end: datetime, contact: str = "") -> list[Verdict]:
        """The recorded meetings, and what was nearly counted, that ended since `start` and began
        before `end`, sorted by start; of one contact, by key, where one is named."""
        sql = (
            "SELECT contact, rule, reason, body FROM counted WHERE ends >= ? AND starts < ?"
            " AND (contact = ?3 OR ?3 = '') ORDER BY starts, contact"
        )
        rows = self._all(sql, seconds(start), seconds(end), contact)
        verdicts: list[Verdict] = []
        for first in range(0, len(rows), AT_A_TIME):
            some = rows[first : first + AT_A_TIME]
            with ledger_errors(self._path):
                bodies = ",".join(unpacked(row[3]) for row in some)
            occurrences = occurrences_json().validate_json(f"[{bodies}]")
            verdicts += (
                _verdict(contact, rule, reason, occurrence)
                for (contact, rule, reason, _), occurrence in zip(some, occurrences, strict=True)
            )
        return verdicts

    def counted_times(self, start: datetime, end: datetime) -> list[Met]:
        """When those meetings were, by start, without what was nearly counted."""
        sql = (
            f"SELECT contact, starts, ends, rule FROM counted WHERE {_MET} ORDER BY starts, contact"  # noqa: S608 - ours
        )
        return [_met(*row) for row in self._all(sql, seconds(start), seconds(end))]

    def counted_landmarks(self, start: datetime, end: datetime) -> list[Met]:
        """Of each contact's the first and the last to end; of several that end together all."""
        sql = (
            "SELECT contact, starts, ends, rule FROM counted JOIN (SELECT contact,"  # noqa: S608 - ours
            f" min(ends) AS first, max(ends) AS last FROM counted WHERE {_MET} GROUP BY contact)"
            f" USING (contact) WHERE {_MET} AND ends IN (first, last) ORDER BY starts, contact"
        )
        return [_met(*row) for row in self._all(sql, seconds(start), seconds(end))]

    # --- ahead

    def booked(self, key: str, now: datetime) -> dict[str, Met] | None:
        """The next date ahead, or going on, by contact key, if all of them were judged under `key`
        and nothing of it has changed since; None: they must be judged."""
        recorded = self.get(_AHEAD)
        if recorded is None:
            return None
        judged, since, until = recorded.split(" ")
        moment = now.timestamp()
        if judged != key or moment < int(since) or (until and moment >= int(until)):
            return None
        sql = (
            "SELECT contact, min(starts), ends, uid FROM dates_ahead WHERE ends > ?"
            " GROUP BY contact ORDER BY starts, contact"
        )
        return {
            contact: replace(_met(contact, starts, ends, ""), uid=uid)
            for contact, starts, ends, uid in self._all(sql, moment)
        }

    def record_dates_ahead(self, key: str, ahead: DatesAhead, now: datetime) -> None:
        """Record the dates ahead as they were judged under `key` at `now`."""
        until = "" if ahead.until is None else seconds(ahead.until)
        with self.transaction(), ledger_errors(self._path):
            self._db.execute("DELETE FROM dates_ahead")
            self._db.executemany(
                "INSERT INTO dates_ahead VALUES (?, ?, ?, ?)",
                (
                    (each.contact_key, times.starts, times.ends, each.occurrence.uid)
                    for each in ahead.dates
                    for times in (times_of(each.occurrence),)
                ),
            )
            # From the next whole second on: where a clock is set back, they are judged anew.
            self.put(_AHEAD, f"{key} {math.ceil(now.timestamp())} {until}")

    def record_counted(
        self,
        key: str,
        counted: Iterable[Verdict],
        since: datetime | None,
        until: datetime,
        ended_by: datetime,
    ) -> list[Verdict]:
        """Record which meetings count, or nearly do, and return those that count and did not
        before.

        Only those that began since `since` are looked at, None: all; and all of them that ended by
        `ended_by`. From now on, what began before `until` is taken as judged for good under `key`,
        and the others for as long as no calendar changes."""
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
        with self.transaction(), ledger_errors(self._path):
            self._db.executemany(
                "DELETE FROM counted WHERE contact = ? AND uid = ? AND starts = ?", gone
            )
            self._db.executemany(
                "INSERT OR REPLACE INTO counted VALUES (?, ?, ?, ?, ?, ?, ?)", changed
            )
            self.put("judged", f"{key} {seconds(until)}")
            self.put(_LATELY, f"{key} {seconds(ended_by)}")
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
        self._run("DELETE FROM meta WHERE key IN ('judged', ?, ?)", _LATELY, _AHEAD)

    def judge_anew_if_past(self, calendar: int, groups: str, coming: Iterable[Occurrence]) -> None:
        """Judge anew when occurrences come, or go with their groups, in the past that was judged
        for good; or when what comes or goes is another version of something there. The last days
        and what lies ahead are judged anew in any case."""
        self._run("DELETE FROM meta WHERE key IN (?, ?)", _LATELY, _AHEAD)
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


def _verdict(contact: str, rule: str, reason: str, occurrence: Occurrence) -> Verdict:
    if rule.startswith(_NEARLY):
        code = rule.removeprefix(_NEARLY)
        return Verdict(contact, occurrence, False, "", code, reason, nearly=True)
    # What is stored as a rule was one.
    return Verdict(contact, occurrence, counted=True, rule=cast("Rule", rule), reason=reason)


def _met(contact: str, starts: int, ends: int, rule: str) -> Met:
    return Met(contact, from_seconds(starts), from_seconds(ends), rule)


def _counted_row(verdict: Verdict) -> tuple[str, str, int, int, str, str, Packed]:
    occurrence = verdict.occurrence
    body = occurrence_json().dump_json(occurrence, exclude_defaults=True).decode()
    starts, ends, _ = times_of(occurrence)
    rule = f"{_NEARLY}{verdict.code}" if verdict.nearly else verdict.rule
    return verdict.contact_key, occurrence.uid, starts, ends, rule, verdict.reason, packed(body)
