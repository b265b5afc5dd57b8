"""Calendars that hide what fikad wrote.

Some servers leave private events out of what they list to anybody but the calendar's owner, though
the event is there under its own address (DAViCal), or don't give it at all (SOGo, with rights for
public events alone). There absence from
a listing says nothing: what was written is looked for by its own address before anything is
concluded, and no second hold is written into a calendar that does not list the first."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo

from connectors.base import Calendar, KnownResources
from connectors.errors import AccountError, HiddenError
from connectors.ical.hold_text import hold_event
from daemon.holds.record import Hold
from daemon.ledger.ledger import Ledger
from daemon.ledger.readings import CalendarKey, FoundHold

_KEY = "hiding"


def hidden_holds(
    holds: Iterable[Hold],
    calendars: Mapping[CalendarKey, Calendar],
    ledger: Ledger,
    zone: tzinfo,
    now: datetime,
) -> tuple[list[FoundHold], frozenset[str]]:
    """Of holds that no listing shows those that stand in their calendars all the same, each looked
    for by its address; and the UIDs of those of which that cannot be told, or that stand there and
    cannot be read. Floating times are those of `zone`."""
    hidden, unread, marked = [], set[str](), hiding_calendars(ledger)
    for hold in holds:
        key = (hold.account, hold.calendar)
        calendar = calendars.get(key)
        if calendar is None:
            continue
        try:
            resource = calendar.read(hold.uid)
        except AccountError:
            unread.add(hold.uid)
            continue
        if resource is None:
            if hold.state == "creating" and key in marked and hold.end > now:
                unread.add(hold.uid)
            continue
        event = hold_event(resource.text, zone)
        if event is None:
            unread.add(hold.uid)
        elif event.status != "cancelled":
            hidden.append(FoundHold(*key, resource, event))
    return hidden, frozenset(unread)


def lists(calendar: Calendar, account: str, uid: str, ledger: Ledger) -> bool:
    """Whether the next reading of a calendar will show an event of ours that was just written.
    Raises AccountError."""
    stored = ledger.calendars(account).get(calendar.id)
    token, known = (stored.token, ledger.known(stored.id)) if stored else (None, KnownResources())
    return any(
        uid in resource.text
        for batch in calendar.changes(token, known)
        for resource in batch.changed
    )


def hides(ledger: Ledger, calendar: CalendarKey, *, shows: bool, hidden: bool) -> bool:
    """Whether a calendar is known to hide what fikad writes. One that `shows` any of it hides
    nothing any more; otherwise one with anything `hidden` does."""
    marked = hiding_calendars(ledger)
    if calendar in marked and shows:
        _keep(ledger, marked - {calendar})
        return False
    return calendar in marked or hidden


def mark_hiding(ledger: Ledger, calendar: CalendarKey) -> None:
    """Remember a calendar that took an event of ours and does not give it back."""
    _keep(ledger, hiding_calendars(ledger) | {calendar})


def forget_hiding(ledger: Ledger) -> None:
    """Believe every calendar again."""
    _keep(ledger, set())


def refusal(name: str) -> HiddenError:
    """Why no hold is written there, and what to do."""
    return HiddenError(
        f'the calendar "{name}" hides the private events that fikad writes into it',
        "name another calendar under [holds], or ask its owner to let you see private events;"
        " `fikad purge` takes back what stands there",
    )


def hiding_calendars(ledger: Ledger) -> frozenset[CalendarKey]:
    """Those that took an event of ours and did not give it back."""
    places = json.loads(ledger.get(_KEY) or "[]")
    return frozenset((account, calendar) for account, calendar in places)


def _keep(ledger: Ledger, calendars: Iterable[CalendarKey]) -> None:
    ledger.put(_KEY, json.dumps(sorted(calendars)))
