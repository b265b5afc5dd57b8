"""What the ledger keeps of a hold, and how a record begins, is confirmed, and is won back from the
calendar alone.

A record is written before each request, with what is intended, and after it, with the event as it
was read again. In between anything may happen; the record says what to look for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, Literal

from connectors.base import HoldDraft, HoldEvent
from connectors.ical.hold_text import seal
from daemon.holds.draft import attempt_in, contact_tag, tag_in, title, title_in
from daemon.holds.edits import as_draft, as_intended, edited_fields, is_sealed, says_yes
from daemon.holds.orders import builds_on
from daemon.languages.language import every
from daemon.people.contacts import Contact

if TYPE_CHECKING:
    from daemon.config.schema import Occasion

State = Literal[
    "creating", "proposed", "accepted", "pinned", "missed", "dismissed", "withdrawn", "lapsed"
]
Intent = Literal["create", "update", "complete", "delete"]
CLOSED: frozenset[State] = frozenset({"dismissed", "withdrawn", "lapsed"})
"""States in which no event is meant to stand in the calendar."""
_RENEWED_AT_MOST_EVERY = timedelta(days=1)
_SOME_QUESTION = "?"
"""The title that a hold of unknown origin was written with: all that is known is that it asked."""


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a hold was decided on."""

    occasion: str = ""
    attempt: int = 0
    """How many holds came before it since the last meeting."""
    last_met: datetime | None = None
    reason: str = ""
    """Why this person and this slot, in sentences."""
    why: str = ""
    """Why this person alone."""
    introduces: str = ""
    """The key of whom they are introduced to."""


def begin(
    draft: HoldDraft,
    contact: Contact,
    *,
    account: str,
    calendar: str,
    now: datetime,
    grounds: Grounds = Grounds(),
) -> Hold:
    """The record of a hold about to be created. The version of its calendar, asked just before
    (`Calendar.current_version`), becomes its `intent_version`: as long as that stays, the create
    never happened."""
    return Hold(
        uid=draft.uid,
        contact_key=contact.key,
        contact_name=contact.name,
        account=account,
        calendar=calendar,
        state="creating",
        created_at=now,
        draft=draft,
        occasion=grounds.occasion,
        reason=grounds.reason,
        why=grounds.why,
        introduces=grounds.introduces,
        attempt=grounds.attempt,
        last_met=grounds.last_met,
        intent="create",
        renewed_at=now,
    )


def confirmed(hold: Hold, event: HoldEvent | None) -> Hold:
    """The record after its write was done; `event` is what was re-read, None after a removal.

    What was re-read is the new baseline, with whatever the server made of it. No server moves an
    event or gives it
    another title, though: then the user was quicker than the re-reading, and the next pass must see
    that."""
    if hold.intent == "delete":
        return replace(hold, intent=None)
    if event is None:
        return hold
    if hold.intent == "complete":
        return replace(hold, intent=None, completed=event, seen=event)
    intended = as_intended(hold.draft)
    theirs = {"title", "start", "end", "all_day"} & {
        *edited_fields(intended, event)
    } or "ATTENDEE" in event.extras
    return replace(
        hold,
        state="proposed",
        intent=None,
        intent_version=None,
        baseline=intended if theirs else event,
        seen=event,
    )


@dataclass(frozen=True, slots=True)
class Adoption:
    """What a hold is read by that the ledger does not know, or not in full."""

    contacts: Iterable[Contact]
    now: datetime
    last_met: Mapping[str, datetime] = field(default_factory=dict)
    """The last meeting by contact key, as known now."""
    transparent: bool = True
    """How holds are written now."""
    occasions: Iterable[Occasion] = ()
    """What holds are for: without their titles an order beside one ("Coffee with Jane? skip") is
    not told from it."""


def adopt(event: HoldEvent, account: str, calendar: str, by: Adoption) -> Hold | None:
    """The record of a hold that the ledger does not know: another fikad's, or ours from before the
    ledger was lost.

    None if it is nobody's in the config: it may be that of another fikad with another config. With
    a seal that fits it is an unanswered hold as we would have written it; without, it is the
    user's. One that was cancelled was answered."""
    tag = tag_in(event.uid)
    contact = next(
        (contact for contact in by.contacts if tag and contact_tag(contact.key) == tag), None
    )
    if contact is None:
        return None
    since = by.last_met.get(contact.key)
    baseline: HoldEvent | None = event
    draft = as_draft(event)
    if not is_sealed(event):
        written, proven = _as_written(event, contact, by)
        draft, baseline = as_draft(written), written if proven else None
    adopted = Hold(
        uid=event.uid,
        contact_key=contact.key,
        contact_name=contact.name,
        account=account,
        calendar=calendar,
        state="proposed",
        created_at=by.now,
        draft=draft,
        reason="Found in the calendar.",
        attempt=attempt_in(event.uid, contact.key, since) or 0,
        last_met=since,
        baseline=baseline,
        seen=event,
        renewed_at=by.now,
    )
    state = _answer(adopted, event, by.now)
    if state == "proposed":
        return adopted
    return replace(adopted, state=state, decided_at=min(by.now, event.end))


def named(hold: Hold, event: HoldEvent, by: Adoption) -> Hold:
    """A hold whose title told nothing of the one it was written with when it was adopted
    ("skip"), once it does: an order beside that title is read as one only where it is known."""
    contact = next((each for each in by.contacts if each.key == hold.contact_key), None)
    if hold.draft.title != _SOME_QUESTION or contact is None:
        return hold
    written = _written_title(event.title, contact, by)
    return replace(hold, draft=replace(hold.draft, title=written))


def _answer(adopted: Hold, event: HoldEvent, now: datetime) -> State:
    """What the user made of an adopted hold, by its event alone."""
    if event.status == "cancelled":
        if not event.withdrawn:
            return "dismissed"
        return "lapsed" if event.end <= now else "withdrawn"
    if is_sealed(event):
        return "proposed"
    return "accepted" if says_yes(adopted.written, event, name=adopted.contact_name) else "pinned"


def _as_written(event: HoldEvent, contact: Contact, by: Adoption) -> tuple[HoldEvent, bool]:
    """A hold as it was written, as far as it can be told, and whether the seal proves it: then
    nothing but its title, and whether it shows as free, was changed since."""
    titles = _titles(contact, by)
    versions = (
        replace(event, title=candidate, transparent=transparent)
        for candidate in titles
        for transparent in (True, False)
    )
    proven = next((version for version in versions if seal(version) == event.seal), None)
    if proven is not None:
        return proven, True
    written = _written_title(event.title, contact, by)
    return replace(event, title=written, transparent=by.transparent), False


def _written_title(found: str, contact: Contact, by: Adoption) -> str:
    """The title that fikad gave a hold, by the one it is found with."""
    built_in = (
        title_in(pattern, contact)
        for candidate in every()
        for pattern in candidate.occasions.values()
    )
    known = (
        candidate
        for some in (_titles(contact, by), built_in)
        for candidate in some
        if builds_on(found, candidate)
    )
    return next(known, _SOME_QUESTION)


def _titles(contact: Contact, by: Adoption) -> Iterable[str]:
    return dict.fromkeys(title(contact, occasion) for occasion in by.occasions)


def may_be_renewed(hold: Hold, now: datetime) -> bool:
    """Whether a hold may be written anew where it is: not within a day of its last writing by any
    fikad, nor of the time at which a ledger that was lost saw it first. A writing that is not
    confirmed may never have happened."""
    last = hold.renewed_at or hold.created_at
    return hold.intent == "update" or now - last >= _RENEWED_AT_MOST_EVERY


def is_open(hold: Hold, now: datetime) -> bool:
    """Whether it stands as an unanswered suggestion, or may still: it counts for the caps, and no
    other hold is made for its contact. One being removed is open until it is known to be gone."""
    return hold.end > now and (
        hold.state in ("creating", "proposed", "pinned") or hold.intent == "delete"
    )


def as_json(hold: Hold, zone: tzinfo = UTC, name: str = "") -> dict[str, Any]:
    """The hold as commands show it; times with the offset of `zone`. `name` is what its contact is
    called by now; default: what they were called when it was written."""
    return {
        "contact": name or hold.contact_name,
        "uid": hold.uid,
        "start": hold.start.astimezone(zone).isoformat(),
        "end": hold.end.astimezone(zone).isoformat(),
        "title": hold.title,
        "state": "proposed" if hold.state == "creating" else hold.state,
        "reason": hold.reason,
        **({"from": hold.moved_from.astimezone(zone).isoformat()} if hold.moved_from else {}),
    }


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold as recorded. All times are aware."""

    uid: str
    contact_key: str
    contact_name: str
    """What they were called when it was written: its title says so."""
    account: str
    calendar: str
    """Where it was written: `Calendar.id`."""
    state: State
    created_at: datetime
    draft: HoldDraft
    """What fikad last meant to write."""
    occasion: str = ""
    """The name of the occasion; empty when it was adopted."""
    reason: str = ""
    """Why it is in this state, one sentence."""
    attempt: int = 0
    """How many holds for this contact were tried before it since the same last meeting."""
    last_met: datetime | None = None
    """The last meeting that was known when it was decided: a later one makes it pointless."""
    decided_at: datetime | None = None
    """When it was answered, withdrawn or lapsed, at the latest its end: tidying up old entries is
    no fresh refusal."""
    baseline: HoldEvent | None = None
    """The event as re-read right after fikad last wrote it. None before that, and when the user's
    hold was adopted."""
    seen: HoldEvent | None = None
    """The event as last found in the calendar."""
    intent: Intent | None = None
    """The write that went out, or was about to, and is not confirmed yet."""
    intent_version: str | None = None
    """The calendar's version just before the create; None where it cannot tell."""
    order: str = ""
    """The order in its title that was followed."""
    refused_at: datetime | None = None
    """When it was dismissed, of one that stood again after that and was not touched since: the user
    may have brought it back, or another fikad may have written it that knew nothing of the
    dismissal."""
    rest_taken_back: bool = False
    """The user took back that its dismissal lets the contact rest."""
    by_another: bool = False
    """Another fikad took it back, for a reason that this one does not know."""
    why: str = ""
    """Why this person, as it was decided: it stays through every move."""
    placed: int = 0
    """How many holds had been placed when it was: what appeared in the calendars since may be its
    mirror."""
    renewed_at: datetime | None = None
    """When its text was last written, or first seen as it is; None in records of an older
    version."""
    moves: tuple[datetime, ...] = ()
    """When it was moved lately, by any fikad."""
    moved_from: datetime | None = None
    """Where it began before its last move."""
    introduces: str | None = None
    """The key of the contact to whom it was to introduce its own; "" for nobody, None where that
    was not recorded yet."""
    completed: HoldEvent | None = None
    """The event as it was when it was known to be completed (`facts.Complete`); nothing is written
    to it after that."""

    def __post_init__(self) -> None:
        if (self.state == "creating") != (self.intent == "create"):
            raise ValueError(f"a hold in state {self.state} cannot have the intent {self.intent}")

    @property
    def start(self) -> datetime:
        return self.seen.start if self.seen else self.draft.start

    @property
    def end(self) -> datetime:
        return self.seen.end if self.seen else self.draft.end

    @property
    def title(self) -> str:
        return self.seen.title if self.seen else self.draft.title

    @property
    def dismissed_at(self) -> datetime | None:
        """When the dismissal that lets its contact rest was; None when there is none."""
        return self.decided_at if self.state == "dismissed" else self.refused_at

    @property
    def written(self) -> HoldEvent:
        """What a user's change is a change of."""
        return self.baseline or as_intended(self.draft)
