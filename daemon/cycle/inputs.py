"""What a pass has before its eyes when it decides: the judgements, and every hold as it stands in
the calendars."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.base import Calendar, HoldEvent, Occurrence
from connectors.ical.hold_text import hold_event, mentions_hold
from daemon.config.schema import Config
from daemon.cycle.accounts import AccountsRead
from daemon.cycle.hiding import hidden_holds, hiding_calendars
from daemon.holds.record import CLOSED, Hold
from daemon.judging.recency import Held
from daemon.ledger.ledger import Ledger
from daemon.ledger.readings import CalendarKey, FoundHold
from daemon.planning.busy import TimeSpan
from daemon.situation.assessing import situation_in
from daemon.situation.situation import Situation


@dataclass(frozen=True, slots=True)
class PassInputs:
    """What settling and proposing look at."""

    config: Config
    situation: Situation
    found: Sequence[FoundHold]
    """Every event of ours in the calendars."""
    hidden: Sequence[FoundHold]
    """Those of them that no listing shows, found by their own addresses."""
    unread: frozenset[str]
    """The UIDs of holds whose event is there and cannot be read, or of which nobody can tell."""
    calendars: Mapping[CalendarKey, Calendar]
    """The calendars that were read to their end in this pass."""
    gone: frozenset[str]
    """Accounts of which the user said that what they don't list is gone."""
    appeared: Mapping[str, tuple[tuple[str, int], ...]]
    """By span (`_span`): the events of others that take exactly the time of a hold, each with how
    many holds were placed when it first appeared."""
    complete: bool
    """Every account was read well."""
    knows_everybody: bool
    """Every address book was read whole once: who is in none of them is no contact."""
    now: datetime
    hiding: frozenset[CalendarKey] = frozenset()
    """Calendars that are known to hide what fikad writes."""
    planning: bool = False
    """New holds are to be proposed, so it is looked again at what stands."""

    @property
    def to_be_held(self) -> list[Held]:
        """What is about to be proposed."""
        return [
            Held(
                proposal.contact.key,
                proposal.slot.start,
                proposal.slot.end,
                "proposed",
                proposal.occasion,
            )
            for proposal in self.situation.plan.proposals
        ]

    def shows(self, calendar: CalendarKey) -> bool:
        """Whether a calendar was seen to list an event of ours."""
        return any(
            placed.calendar_key == calendar for placed in self.found if placed not in self.hidden
        )

    def hides(self, calendar: CalendarKey) -> bool:
        """Whether an event of ours stands in a calendar that does not list it."""
        return any(placed.calendar_key == calendar for placed in self.hidden)

    def mirrors(self, hold: Hold, event: HoldEvent) -> set[str]:
        """The UIDs of what is only the mirror of a hold as `event`: events that tools make which
        copy one calendar into another, of exactly its span, that appeared after the hold was
        written. They are no conflict."""
        return {uid for uid, placed in self.appeared.get(_span(event), ()) if placed >= hold.placed}


def gather(
    config: Config,
    ledger: Ledger,
    read: AccountsRead,
    now: datetime,
    *,
    complete: bool,
    planning: bool = False,
    before: PassInputs | None = None,
) -> PassInputs:
    """All that a decision looks at. `before` are the inputs before something was written: what no
    listing showed then is not looked for again, since what was written meanwhile is in no reading
    yet."""
    holds = ledger.holds()
    ours, unread = find_holds(ledger, holds, config, now)
    if before is None:
        over, answered = now - config.history, unread.union(each.event.uid for each in ours)
        missing = [hold for hold in holds if hold.uid not in answered and not is_over(hold, over)]
        hidden, unknown = hidden_holds(missing, read.calendars, ledger, config.zone, now)
    else:
        hidden, unknown = list(before.hidden), before.unread
    standing = (TimeSpan(each.event.start, each.event.end) for each in (*ours, *hidden))
    situation = situation_in(config, ledger, now, standing)
    return PassInputs(
        config,
        situation,
        [*best_views(ours, read.calendars), *hidden],
        hidden,
        unread | unknown,
        read.calendars,
        read.gone,
        appeared(ours, situation.occurrences, ledger),
        complete,
        _knows_everybody(config, ledger),
        now,
        hiding_calendars(ledger),
        planning,
    )


def _knows_everybody(config: Config, ledger: Ledger) -> bool:
    known = ledger.address_books()
    return all(
        name in known and known[name].last_success is not None for name in config.addressbooks
    )


def appeared(
    holds: Iterable[FoundHold], occurrences: Iterable[Occurrence], ledger: Ledger
) -> Mapping[str, Any]:
    """See `PassInputs.appeared`. What repeats, or has people on it, is nobody's mirror."""
    spans = {_span(hold.event) for hold in holds}
    if not spans:
        return {}  # what takes place when is then not even loaded
    copies: dict[str, dict[str, int]] = {}
    for event in occurrences:
        if (
            event.hold is None
            and not (event.all_day or event.recurring or event.attendees)
            and _span(event) in spans
        ):
            copies.setdefault(_span(event), {})[event.uid] = ledger.appeared(event.uid)
    return {span: tuple(of.items()) for span, of in copies.items()}


def _span(event: Occurrence | HoldEvent) -> str:
    return f"{event.start.timestamp()} {event.end.timestamp()}"


def find_holds(
    ledger: Ledger, holds: Iterable[Hold], config: Config, now: datetime
) -> tuple[list[FoundHold], frozenset[str]]:
    """Every event of ours in the calendars; and the UIDs of holds whose event is there and cannot
    be read.

    A hold that the user dragged far away, or that a program garbled, gives no occurrence. It is not
    gone, though."""
    ours = ledger.found_holds()
    seen = {placed.event.uid for placed in ours}
    unread = set()
    for hold in holds:
        if hold.uid in seen or is_over(hold, now - config.history):
            continue
        for account, calendar, resource in ledger.mentioning(hold.uid):
            event = hold_event(resource.text, config.zone)
            if event is not None and event.uid == hold.uid:
                ours.append(FoundHold(account, calendar, resource, event))
            elif mentions_hold(resource.text, hold.uid) or hold.uid in resource.href:
                unread.add(hold.uid)
    return ours, frozenset(unread)


def best_views(
    ours: Sequence[FoundHold], calendars: Mapping[CalendarKey, Calendar]
) -> list[FoundHold]:
    """The events of ours without further views of them: what is seen in a calendar that can only be
    read, while it stands in one that can be written, is the same calendar through another login,
    often with its title masked."""

    def read_only(placed: FoundHold) -> bool:
        calendar = calendars.get((placed.account, placed.calendar))
        return calendar is not None and not calendar.writable

    written = {placed.event.uid for placed in ours if not read_only(placed)}
    return [placed for placed in ours if not (read_only(placed) and placed.event.uid in written)]


def is_over(hold: Hold, history_begins: datetime) -> bool:
    """Whether nothing more can become of a hold that is in no calendar read."""
    return hold.intent is None and (hold.state in CLOSED or hold.end < history_begins)
