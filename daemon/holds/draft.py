"""A hold before it is written: its name, its title, its description.

The *name* (UID) is computed from the decision, not drawn by lot: whose hold it is, the meeting it
was decided on (the last one) and how many holds were tried since. So two daemons that know the
same, or one that crashed and starts anew, give the same decision the same name, and the calendar
itself refuses the second copy. The first part of the name is a tag of the contact alone, from which
a daemon without a ledger finds whose hold it is.

The *text* is made of the config, of what fikad knows of meetings and of open times, never of what
somebody else wrote into an invitation; equal knowledge gives equal text.
"""

from __future__ import annotations

import re
from base64 import b32hexencode
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from hashlib import sha256
from itertools import count
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from connectors.base import HoldDraft
from connectors.hold_uid import PREFIX
from connectors.ical.hold_text import seal
from connectors.sanitize import sanitize
from daemon.holds.ask import Message
from daemon.languages.writing import ENGLISH, Writer, in_every_language
from daemon.people.birthdays import NEARBY
from daemon.people.spellings import spoken_to

if TYPE_CHECKING:
    from daemon.config.schema import Occasion
    from daemon.people.contacts import Contact

_TAG_LETTERS = 12
_BARE_PREFIX = PREFIX.rstrip("-")
_LONGEST_DAY = 60
"""No date with its weekday has more letters, in any language."""
_QUESTION_MARKS = "?？؟⸮՞"

_ANSWERING = (
    "answer", "answer-yes", "answer-time", "answer-later", "answer-met", "answer-never",
    "answer-nothing",
)  # fmt: skip
"""The sentences on how to answer, in every description of a hold that asks."""


def answering_lines() -> tuple[str, ...]:
    """Every line that tells how to answer, as any fikad may have written it, in whatever
    language."""
    return in_every_language(*_ANSWERING)


@dataclass(frozen=True, slots=True)
class SharedHistory:
    """What a hold may tell about a contact. Nothing here may come from somebody else's
    invitation."""

    last_met: datetime | None = None
    """The end of the last meeting, aware; None: never met."""
    where: str = ""
    """The place of the last meeting, from the user's own event."""
    inviter: str = ""
    """One sentence on who usually invites whom."""
    note: str = ""
    """The user's own note on this contact."""
    introduction: str = ""
    """One sentence on whom the contact might gain from knowing."""
    birthday: date | None = None
    """The contact's next birthday, in the user's zone, if it is known."""


@dataclass(frozen=True, slots=True)
class HoldPlan:
    """A hold as it was decided, before it is put into words."""

    uid: str
    contact: Contact
    occasion: Occasion
    start: datetime
    end: datetime
    """Both aware."""


@dataclass(frozen=True, slots=True)
class Wording:
    """What the text of a hold is made of, beside the plan."""

    zone: ZoneInfo
    """The user's: its dates are those of this zone."""
    history: SharedHistory = SharedHistory()
    writer: Writer = ENGLISH
    message: Message | None = None
    """The one that asks the contact, if it is to stand in the text."""


# --- names


def _letters(text: str, number: int) -> str:
    return b32hexencode(sha256(text.encode()).digest()).decode().lower()[:number]


def hold_uid(contact_key: str, last_met: datetime | None, attempt: int) -> str:
    """The name of the `attempt`-th hold (from 0) for a contact since `last_met` (aware; None: never
    met).

    `fikad-` and letters of base32hex: without its dashes it is an id that Google Calendar takes.
    """
    since = last_met.astimezone(UTC).isoformat(timespec="seconds") if last_met else "never"
    anchor = "\n".join((contact_key, since, str(attempt)))
    return f"{PREFIX}{contact_tag(contact_key)}-{_letters(anchor, _TAG_LETTERS)}"


def contact_tag(contact_key: str) -> str:
    """The part of a hold's name that says whose it is."""
    return _letters(contact_key, _TAG_LETTERS)


def tag_in(uid: str) -> str:
    """The contact's tag in a hold's UID, or in a Google id of the same letters; "" when it is not
    one of ours."""
    bare = uid.replace("-", "")
    if not bare.startswith(_BARE_PREFIX) or len(bare) != len(_BARE_PREFIX) + 2 * _TAG_LETTERS:
        return ""
    return bare[len(_BARE_PREFIX) :][:_TAG_LETTERS]


def attempt_in(
    uid: str, contact_key: str, last_met: datetime | None, *, most: int = 50
) -> int | None:
    """Which attempt since `last_met` a UID names; None when it was decided on something else."""
    bare = uid.replace("-", "")
    names = (hold_uid(contact_key, last_met, attempt).replace("-", "") for attempt in range(most))
    return next((attempt for attempt, name in enumerate(names) if name == bare), None)


def next_attempt(contact_key: str, last_met: datetime | None, taken: Collection[str]) -> int:
    """The number of the next hold for a contact: the first whose name is not among the UIDs
    `taken`.

    `taken` are the UIDs of every hold ever decided, so that no name is used twice."""
    names = {uid.replace("-", "") for uid in taken}
    return next(
        k for k in count() if hold_uid(contact_key, last_met, k).replace("-", "") not in names
    )


# --- text


def questions(text: str) -> int:
    """How many question marks stand in a title, those of other scripts included."""
    return sum(text.count(mark) for mark in _QUESTION_MARKS)


def is_question(text: str) -> bool:
    """Whether a title ends in a question mark."""
    return text.rstrip().endswith(tuple(_QUESTION_MARKS))


def title(contact: Contact, occasion: Occasion) -> str:
    """The hold's title: a question, as every occasion's title is."""
    return title_in(occasion.title, contact)


def title_in(pattern: str, contact: Contact) -> str:
    """A title for a contact, made of one with `{name}` in it."""
    return sanitize(pattern.replace("{name}", contact.name))


def description(
    contact: Contact,
    start: datetime,
    history: SharedHistory,
    zone: ZoneInfo,
    writer: Writer = ENGLISH,
    message: Message | None = None,
) -> str:
    """Why this person, what helps the conversation, the `message` that asks them, how to answer,
    and last, since it is long, the link that opens the message. Dates are those of `zone`."""
    name, last_met = sanitize(contact.name), history.last_met
    if last_met is None:
        told = [writer.say("not-met", name=name)]
    else:
        day = last_met.astimezone(zone).date()
        span = writer.span((start.astimezone(zone).date() - day).days)
        told = [writer.say("last-met", name=name, date=writer.date(day), span=span)]
    told.append(writer.cadence(contact.cadence))
    if last_met is not None and (place := sanitize(history.where)):
        told.append(writer.say("place", place=place))
    if inviter := sanitize(history.inviter):
        told.append(inviter)
    if introduction := sanitize(history.introduction):
        told.append(introduction)
    if birthday := birthday_line(contact, start, history, zone, writer):
        told.append(birthday)
    if note := sanitize(history.note):
        told.append(writer.say("note", note=note))
    if message is not None:
        told += ["", *message.lines(writer)]
    told += ["", *map(writer.say, _ANSWERING)]
    if message is not None and message.link:
        told += ["", message.shown, message.link]
    return "\n".join(told)


def birthday_line(
    contact: Contact,
    start: datetime,
    history: SharedHistory,
    zone: ZoneInfo,
    writer: Writer = ENGLISH,
) -> str:
    """The sentence on the contact's birthday; "" where that is more than two weeks after a hold
    that begins at `start`."""
    day = history.birthday
    if day is None or day > start.astimezone(zone).date() + NEARBY:
        return ""
    return sanitize(_birthday(contact, writer.day(day), writer))


def tells_birthday(text: str, contact: Contact, note: str, writer: Writer = ENGLISH) -> bool:
    """Whether a description on one line has a sentence on the contact's birthday, whichever day
    that is. `note` is the user's, in which anything may stand."""
    pieces = map(re.escape, _birthday(contact, "\0", writer).split("\0"))
    own = text.replace(sanitize(note), "")
    return re.search(f".{{1,{_LONGEST_DAY}}}?".join(pieces), own) is not None


def _birthday(contact: Contact, day: str, writer: Writer) -> str:
    return writer.say("birthday", name=sanitize(spoken_to(contact.name)), date=day)


def draft(plan: HoldPlan, wording: Wording, *, transparent: bool = True) -> HoldDraft:
    """A hold as it is to be written, sealed; it shows as free if `transparent`. Its title is the
    occasion's."""
    unsealed = HoldDraft(
        uid=plan.uid,
        title=title(plan.contact, plan.occasion),
        start=plan.start.astimezone(UTC).replace(microsecond=0),
        end=plan.end.astimezone(UTC).replace(microsecond=0),
        description=description(
            plan.contact, plan.start, wording.history, wording.zone, wording.writer, wording.message
        ),
        location=sanitize(plan.occasion.place or ""),
        transparent=transparent,
    )
    return replace(unsealed, seal=seal(unsealed))
