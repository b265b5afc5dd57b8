"""What a hold's transition is told beside the hold, and what it answers: at most one write, at most
one effect."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from connectors.base import HoldDraft, HoldEvent
from daemon.holds.record import Hold
from daemon.languages.date_style import PLAIN, DateStyle


@dataclass(frozen=True, slots=True)
class Create:
    """Write a new hold."""

    draft: HoldDraft


@dataclass(frozen=True, slots=True)
class Move:
    """Give a hold that stands another time, under its UID."""

    draft: HoldDraft


@dataclass(frozen=True, slots=True)
class Rewrite:
    """Write a hold that stands anew where it is: its text, or whether it shows as free."""

    draft: HoldDraft


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Remove a hold."""


@dataclass(frozen=True, slots=True)
class Complete:
    """The one write that an accepted hold may still get: confirmed, busy, the answering lines
    gone."""

    lines: tuple[str, ...]
    """The lines that go (`draft.answering_lines`)."""


Action = Create | Move | Rewrite | Withdraw | Complete


@dataclass(frozen=True, slots=True)
class Snooze:
    """The user's `snooze`: don't suggest this contact before `until`."""

    until: datetime


@dataclass(frozen=True, slots=True)
class CountAsMet:
    """The user's `met`: a meeting entered by hand that ended `at`."""

    at: datetime


@dataclass(frozen=True, slots=True)
class NeverAgain:
    """The user's `never`: don't suggest this contact again."""


Effect = Snooze | CountAsMet | NeverAgain


@dataclass(frozen=True, slots=True)
class Facts:
    """What else is known in this pass, about one hold. All times are aware."""

    complete: bool = True
    """The hold's calendar was read to its end and is not suspect."""
    calendar_version: str | None = None
    """That calendar's version asked anew; only needed while the hold is `creating`."""
    marked: bool = False
    """The hold is gone, and what the server keeps of it says that fikad took it back
    (`WithdrawnError`)."""
    hides: bool = False
    """The hold's calendar is known to hide what fikad writes into it."""
    elsewhere: HoldEvent | None = None
    """The hold, where another configured calendar has it and its own has not."""
    rivals: tuple[HoldEvent, ...] = ()
    """Every other hold for the same contact that is in the calendar now, whoever wrote it."""
    removed: bool = False
    """The contact is neither in the config nor in an address book."""
    called: str = ""
    """What the contact is called by now."""
    paused: bool = False
    last_met: datetime | None = None
    """The end of the last meeting with the contact."""
    booked: datetime | None = None
    """The start of the next meeting with the contact, this hold not counted."""
    snoozed_until: datetime | None = None
    cooldown: timedelta = timedelta(weeks=1)
    """For how long `snooze` alone snoozes."""
    displaced: str = ""
    """What busy thing overlaps the hold as found (while `creating`: as drafted), as one sentence;
    "" when nothing."""
    next_draft: HoldDraft | None = None
    """For a displaced hold: the same hold in the next best slot."""
    next_occasion: str = ""
    renewed_draft: HoldDraft | None = None
    """For a hold that stays: the same hold where its text, or whether it shows as free, is not as
    it should be any more."""
    zone: tzinfo = UTC
    """The user's: what is a day, a week and a month in an order."""
    style: DateStyle = PLAIN
    """How dates are written in reasons."""
    wished_draft: HoldDraft | None = None
    """For a hold whose title names another time: the same hold in the best slot then."""
    wished_occasion: str = ""
    shows_as_needed: bool = False
    """Whether a hold shows as free changes by fikad's own doing (`show_as = "auto"`)."""
    completes: bool = False
    """A yes is completed (`on_yes`)."""
    next_reason: str = ""
    """Why that slot, or the wished one: one sentence."""
    slots_known: bool = True
    """Every configured calendar could be read: without a `next_draft` there really is no slot."""


@dataclass(frozen=True, slots=True)
class Transition:
    """What becomes of a hold."""

    hold: Hold
    """To be kept, together with the effect and before the action."""
    action: Action | None = None
    reason: str = ""
    effect: Effect | None = None
