"""The weekly digest: one all-day entry a week, "The week ahead: Jane Doe", and in its description
what there is to say. (Once all of it stood in the title; such a one is fikad's as well, and is
written anew only when there is something new to say.)

It is an event of ours and keeps the promises that holds keep, but it is no hold: it asks for
nothing, takes no time, and is evidence of nothing. The ledger never lists it among the occurrences
that are judged, so none of that has to be remembered anywhere else.

Its *name* is the date of the plan that it belongs to, so that two fikads, or one that crashed and
starts anew, write one digest for one week, and the calendar refuses the second. It stands on the
day of the plan, or on the day it was written when that came later. As in the life of a hold, what
is recorded and what is found give the next record and at most one write, without a memory of the
pass before:

    found            creating      standing      theirs       dismissed    withdrawn
    ---------------  ------------  ------------  -----------  -----------  -------------
    gone             try again *   dismissed     dismissed    -            -
    cancelled        dismissed     dismissed     dismissed    -            -
    as written       kept **       kept **       theirs       theirs       removed again
    touched          theirs        theirs        theirs       theirs       theirs

    gone: also where the user moved it to another calendar
    dismissed, withdrawn, theirs: nothing is written any more for this week
    * only if the calendar certainly has not changed since before the create, else dismissed
    ** or removed, when the time of the next plan has come or no digest is wanted any more; or
    written anew (`step`)

Intents are recorded before each write, as with holds.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from connectors import hold_uid
from connectors.base import HoldDraft, HoldEvent
from connectors.ical.hold_text import seal
from connectors.sanitize import sanitize
from daemon.holds.edits import as_draft, as_intended, edited_fields, is_sealed
from daemon.holds.facts import Move, Withdraw
from daemon.languages.writing import ENGLISH, Writer

_DAY = timedelta(days=1)
_UID = re.compile(r"fikad-?look-?(\d{8})")
_SETTING = "weekly_digest"


State = Literal["creating", "standing", "theirs", "dismissed", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Digest:
    """A digest as recorded."""

    uid: str
    account: str
    calendar: str
    """Where it was written: `Calendar.id`."""
    state: State
    draft: HoldDraft
    """What fikad last meant to write."""
    said: str | None
    """The `content` of what this fikad last wanted it to say, which is not what it says where
    another one wrote it. None: not known, since its last write did not arrive."""
    baseline: HoldEvent | None = None
    """The event as re-read right after fikad last wrote it."""
    writing: bool = False
    """A write went out, or was about to, and is not confirmed yet."""
    version: str | None = None
    """The calendar's version just before the create; None where it cannot tell."""

    @property
    def is_open(self) -> bool:
        """Whether something of fikad's stands, or may stand, in the calendar."""
        return self.writing or self.state in ("creating", "standing")


@dataclass(frozen=True, slots=True)
class WeekFacts:
    """What is known in this pass."""

    plan: date
    """The date of the newest plan whose time has come."""
    today: date
    """In the user's zone, as `plan`."""
    wanted: bool
    """Whether the config wants digests."""
    title: str
    lines: tuple[str, ...]
    """What there is to say; none when there is nothing."""
    content: str
    """The same, whatever the language."""
    silent: Collection[str] = ()
    """The names of those who are to be named nowhere."""
    writer: Writer = ENGLISH


def is_digest(uid: str) -> bool:
    """Whether a UID is that of a digest."""
    return _UID.fullmatch(uid) is not None


def plan_of(uid: str) -> str:
    """The plan that a digest belongs to, as YYYYMMDD: the same where ids have no dashes, and
    sortable."""
    match = _UID.fullmatch(uid)
    if match is None:
        raise ValueError(f"not the UID of a digest: {uid!r}")
    return match[1]


def digest_draft(facts: WeekFacts, day: date, *, dashes: bool = True) -> HoldDraft:
    """The digest of the plan as it is written on a day; `dashes` as the calendar's ids allow. What
    it is stands below what it says."""
    told = facts.writer.say("digest-told", setting=_SETTING)
    uid = f"{hold_uid.PREFIX}look-{facts.plan:%Y%m%d}"
    start = datetime.combine(day, time(), UTC)
    unsealed = HoldDraft(
        uid if dashes else uid.replace("-", ""),
        sanitize(facts.title),
        start,
        start + _DAY,
        "\n".join((*map(sanitize, facts.lines), "", told)),
        transparent=True,
        all_day=True,
    )
    return replace(unsealed, seal=seal(unsealed))


def begin(
    draft: HoldDraft, content: str, account: str, calendar: str, version: str | None
) -> Digest:
    """The record of a digest about to be created that says `content`; `version` is its calendar's,
    asked just before."""
    return Digest(
        draft.uid, account, calendar, "creating", draft, content, writing=True, version=version
    )


def adopt(event: HoldEvent, account: str, calendar: str, facts: WeekFacts) -> Digest:
    """The record of a digest that the ledger does not know."""
    sealed = is_sealed(event, all_day=True)
    state: State = "standing" if sealed else "theirs"
    return Digest(
        event.uid,
        account,
        calendar,
        state,
        as_draft(event),
        facts.content,
        event if sealed else None,
    )


def is_unedited(digest: Digest, event: HoldEvent) -> bool:
    """Whether it is as a fikad wrote it. Once the user's, always the user's: its state tells
    that."""
    if is_sealed(event, all_day=True) or (
        digest.baseline is not None and not edited_fields(digest.baseline, event)
    ):
        return True
    return digest.writing and not edited_fields(as_intended(digest.draft), event)


def may_go(event: HoldEvent, digest: Digest | None) -> bool:
    """Whether a digest as found, recorded as `digest` if at all, is nobody's but fikad's."""
    if event.status == "cancelled":
        return False
    if digest is None:
        return is_sealed(event, all_day=True)
    return digest.state != "theirs" and is_unedited(digest, event)


def settle(digest: Digest, event: HoldEvent | None, version: str | None = None) -> Digest:
    """The record by what is found in its calendar; one that still is `creating` was never written.
    `version` is that of the calendar asked anew, only needed while it is `creating`."""
    settled = replace(digest, writing=False, version=None)
    if event is None:
        if digest.state == "creating" and version is not None and version == digest.version:
            return digest
        return settled if digest.state == "withdrawn" else replace(settled, state="dismissed")
    if not is_unedited(digest, event):
        return replace(settled, state="dismissed" if event.status == "cancelled" else "theirs")
    if digest.state in ("theirs", "dismissed"):
        return replace(settled, state="theirs")
    settled = replace(settled, state="standing", baseline=event)
    if not edited_fields(as_intended(digest.draft), event):
        return settled
    lost = digest.writing and digest.state == "standing"
    return replace(settled, draft=as_draft(event), said=None if lost else digest.said)


def step(digest: Digest, facts: WeekFacts) -> tuple[Digest, Move | Withdraw] | None:
    """The one write that a settled digest needs, and its record with the intent; None when it stays
    as it is.

    It is written anew only while its day lasts, or when it names somebody who is to be named
    nowhere by now; and only when what *this* fikad would say has changed, so that two with
    different configs don't take turns, and another language rewrites nothing."""
    if digest.state != "standing":
        return None
    removed = replace(digest, state="withdrawn", writing=True), Withdraw()
    if digest.baseline is not None and digest.baseline.withdrawn:  # another fikad began to
        return removed
    if not facts.wanted or plan_of(digest.uid) < f"{facts.plan:%Y%m%d}":
        return removed
    draft, day = digest.draft, digest.draft.start.date()
    named = f"{draft.title} {draft.description}"
    if (
        day < facts.today and not any(_names(named, name) for name in facts.silent)
    ) or facts.content == digest.said:
        return None
    if not facts.lines:
        return removed
    anew = replace(digest_draft(facts, day), uid=digest.uid)
    if not edited_fields(as_intended(draft), as_intended(anew)):
        return None
    return replace(digest, draft=anew, said=facts.content, writing=True), Move(anew)


def written(digest: Digest, event: HoldEvent | None) -> Digest:
    """The record after its write was done; `event` is what was re-read, None after a removal."""
    done = replace(digest, writing=False, version=None)
    if event is None:
        return done
    intended = as_intended(digest.draft)
    # No server gives an event another text or day: then the user was quicker than the re-reading.
    quicker = event.extras or {"title", "start", "end", "all_day"} & {
        *edited_fields(intended, event)
    }
    return replace(done, state="standing", baseline=intended if quicker else event)


def _names(text: str, name: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(sanitize(name))}(?!\w)", text, re.IGNORECASE) is not None
