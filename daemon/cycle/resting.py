"""Whether a pass found nothing to do, and until when another one would find nothing either, as long
as there is no news: then polls need not start one (see `daemon.polling`).

A pass follows from what was read, what was decided, the config and the time. One that changed none
of that would do the same again until the time makes a difference. Rather a moment too many is taken
for one that does than one too few."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from daemon.cycle.inputs import PassInputs
from daemon.cycle.reading import SLACK
from daemon.cycle.report import Report
from daemon.ledger.ledger import Ledger
from daemon.planning.agenda import last_plan, plan_moment, timetable

_MOST = timedelta(days=1)


def quiet_time(
    inputs: PassInputs, ledger: Ledger, report: Report, decided_before: str
) -> tuple[datetime, datetime] | None:
    """From now until the next moment (UTC) at which a pass may find something to do without any
    news; None where this pass did, or left, something. `decided_before`: `Ledger.decided` at its
    beginning."""
    if not _found_nothing(inputs, ledger, report) or ledger.decided() != decided_before:
        return None
    ahead = (moment for moment in _moments(inputs, ledger) if moment > inputs.now)
    return inputs.now, min(ahead)


def _found_nothing(inputs: PassInputs, ledger: Ledger, report: Report) -> bool:
    return not (
        any(reading.state != "ok" or reading.changed for reading in report.readings)
        or any(reading.state != "ok" or reading.changed for reading in report.books)
        or report.met
        or any(report.holds.values())
        or report.renewed
        or report.digests
        or report.made
        or report.not_writable
        or report.unasked
        or inputs.hidden
        or inputs.unread
        or inputs.hiding
        or (ledger.lost_holds() and not report.planned)
        or any(hold.intent for hold in inputs.situation.holds)
        or any(digest.state == "creating" for digest in ledger.digests().values())
    )


def _moments(inputs: PassInputs, ledger: Ledger) -> Iterator[datetime]:
    """Everything that time alone brings about: what begins and ends, who falls due or is let rest
    no longer, the next day, the next plan, and what must be expanded further."""
    situation, config, now = inputs.situation, inputs.config, inputs.now
    yield from filter(None, [ledger.next_edge(now)])
    for hold in situation.holds:
        yield from (hold.start, hold.end)
    for problem in situation.problems:
        yield from filter(None, (problem.start, problem.end))
    for standing in situation.standings.values():
        yield standing.due
        yield standing.due - standing.brought_forward
        yield from filter(
            None, (standing.next_booked, standing.snoozed_until, standing.cooldown_until)
        )
    zone = config.zone
    yield datetime.combine(now.astimezone(zone).date() + _MOST, time(), zone)
    table = timetable(config.rhythm, zone)
    yield plan_moment(table, last_plan(table, now) + timedelta(weeks=1))
    yield now + _MOST
    for name in config.accounts:
        for stored in ledger.calendars(name).values():
            if stored.expanded_to is not None:
                yield stored.expanded_to - config.rhythm.horizon - SLACK
