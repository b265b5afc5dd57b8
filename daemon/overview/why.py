"""Why somebody was counted or not, and why they are, or are not, suggested: what `fikad why`
tells."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from connectors.base import Occurrence
from daemon.config.schema import Config
from daemon.durations import iso_time
from daemon.holds.record import as_json, is_open
from daemon.judging.copies import one_per_event
from daemon.judging.verdict import Verdict
from daemon.ledger.ledger import Ledger, ledger_view
from daemon.overview.naming import the_contact
from daemon.people.contacts import Contact
from daemon.planning.closed_spans import closed_spans
from daemon.planning.slots import Closed
from daemon.practice.advice import advise
from daemon.practice.shared_history import history
from daemon.situation.assessing import contacts_now, situation_in
from daemon.situation.situation import Situation
from daemon.situation.verdicts import verdicts_on


def explain(config: Config, state: Path, name: str, now: datetime) -> dict[str, Any]:
    """Everything known about the contact meant by `name`, from the ledger in `state`. Raises
    UnknownNameError, LedgerError."""
    with ledger_view(state) as ledger:
        contact = the_contact(contacts_now(config, ledger, now), name)
        return explanation(contact, config, ledger, situation_in(config, ledger, now), now)


def explanation(
    contact: Contact, config: Config, ledger: Ledger, situation: Situation, now: datetime
) -> dict[str, Any]:
    """Everything known about one contact as JSON; times with the offset of the user's zone."""
    zone = config.zone
    events = one_per_event(verdicts_on(contact, config, ledger, now))
    record = situation.records.get(contact.key)
    counted = [_counted(verdict, zone) for verdict in events if verdict.counted]
    manual = [_by_hand(when, zone) for when in (record.met if record else ())]
    ahead = [verdict for verdict in events if verdict.code == "not-ended"][:1]
    rejected = [
        verdict for verdict in events if not verdict.counted and verdict.code != "not-ended"
    ]
    return {
        "contact": contact.name,
        "counted": sorted(
            [*counted, *manual], key=lambda meeting: datetime.fromisoformat(str(meeting["start"]))
        ),
        "rejected": [_rejected(verdict, zone) for verdict in (*rejected, *ahead)],
        "due": iso_time(situation.standings[contact.key].due, zone),
        "invites": history(situation, contact.key).inviter or None,
        "free_busy": _free_busy(contact, situation),
        "plan": _plan(contact, config, situation, now),
    }


def _counted(verdict: Verdict, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "start": iso_time(verdict.occurrence.start, zone),
        "end": iso_time(verdict.occurrence.end, zone),
        "all_day": False,
        "title": verdict.occurrence.title,
        "calendar": verdict.occurrence.calendar,
        "rule": verdict.rule,
        "reason": verdict.reason,
    }


def _by_hand(when: datetime, zone: ZoneInfo) -> dict[str, Any]:
    """A meeting that the user entered; such a one has a day and no length."""
    return {
        "start": iso_time(when, zone),
        "end": iso_time(when, zone),
        "all_day": True,
        "title": "",
        "calendar": "",
        "rule": "manual",
        "reason": "You entered it by hand.",
    }


def _rejected(verdict: Verdict, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "start": iso_time(_begin(verdict.occurrence, zone), zone),
        "all_day": verdict.occurrence.all_day,
        "title": verdict.occurrence.title,
        "calendar": verdict.occurrence.calendar,
        "code": verdict.code,
        "reason": verdict.reason,
    }


def _free_busy(contact: Contact, situation: Situation) -> dict[str, Any] | None:
    """What is known of when they are busy; None where that is not to be asked."""
    if not contact.free_busy:
        return None
    known, zone = situation.known_busy, situation.config.zone
    spans = known.busy.get(contact.key)
    busy = [
        {"start": iso_time(span.start, zone), "end": iso_time(span.end, zone)}
        for span in spans or ()
    ]
    return {
        "asked": iso_time(known.asked if contact.key in known.answered else None, zone),
        "busy": None if spans is None else busy,
        "troubles": list(known.troubles.values()),
    }


def _begin(occurrence: Occurrence, zone: ZoneInfo) -> datetime:
    """When an occurrence begins; a whole day at the user's midnight, wherever that is."""
    start = occurrence.start
    return datetime.combine(start.date(), time(), zone) if occurrence.all_day else start


def _plan(contact: Contact, config: Config, situation: Situation, now: datetime) -> dict[str, Any]:
    """Whether they would be suggested now, with the reason; for want of a slot, what closed each
    day."""
    facts: dict[str, Any]
    hold = next(
        (
            hold
            for hold in situation.holds
            if hold.contact_key == contact.key and is_open(hold, now)
        ),
        None,
    )
    if hold is not None:
        return {"chosen": True, "reason": hold.reason, "hold": as_json(hold, config.zone)}
    chosen = situation.proposal(contact.key)
    if chosen is not None:
        start = iso_time(chosen.slot.start, config.zone)
        facts = {"chosen": True, "reason": f"{chosen.reason} {chosen.slot_reason}", "start": start}
    else:
        waiting = situation.waiting(contact.key)
        facts = (
            {"chosen": False, "code": waiting.code, "reason": waiting.reason}
            if waiting
            else {"chosen": False}
        )
        if facts.get("code") in ("no-slot", "never-open", "taken", "day", "week", "they-are-busy"):
            facts |= _closed(situation.closed_days(contact.key))
    if advice := advise(
        situation.fruitless(contact.key), situation.ends(contact.key), contact.cadence
    ):
        facts["advice"] = advice
    return facts


def _closed(days: Sequence[Closed]) -> dict[str, Any]:
    """The closed days one by one, and as spans."""
    return {
        "closed": [
            {"day": day.day.isoformat(), "rule": day.rule, "reason": day.reason} for day in days
        ],
        "closed_spans": [
            {
                "first": span.first.isoformat(),
                "last": span.last.isoformat(),
                "rule": span.rule,
                "reason": span.reason,
            }
            for span in closed_spans(days)
        ],
    }
