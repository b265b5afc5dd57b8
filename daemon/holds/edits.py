"""Whose hold is it by now? What was written is compared with what is found, field by field.

Three things tell a user's change from a server's rewriting. The *baseline*: the hold as it was
re-read right after fikad wrote it, so that whatever the server made of it is already in there. The
*seal*: a hash of its own content that a hold carries, so that a change by another fikad (or by this
one, whose answer got lost) is recognised without any memory. And the *intention*: what fikad meant
to write, for servers that drop the seal. What matches none of these was changed by the user and is
theirs."""

from __future__ import annotations

from connectors.base import HoldDraft, HoldEvent
from connectors.ical.hold_text import seal
from daemon.holds.draft import is_question
from daemon.holds.orders import read_order, says

FIELDS = (
    "title",
    "start",
    "end",
    "all_day",
    "status",
    "transparent",
    "private",
    "description",
    "location",
    "extras",
)
"""What a user might touch, in the order it is told."""
_WORDS = {
    "all_day": "length",
    "transparent": "free or busy",
    "private": "privacy",
    "extras": "alarms or other details",
}


def as_intended(draft: HoldDraft) -> HoldEvent:
    """What a server that changes nothing gives back for a draft."""
    return HoldEvent(
        uid=draft.uid,
        title=draft.title,
        start=draft.start,
        end=draft.end,
        description=draft.description,
        location=draft.location,
        all_day=draft.all_day,
        transparent=draft.transparent,
        seal=draft.seal,
    )


def as_draft(event: HoldEvent) -> HoldDraft:
    """The draft that would have written a hold as it is found."""
    return HoldDraft(
        uid=event.uid,
        title=event.title,
        start=event.start,
        end=event.end,
        description=event.description,
        location=event.location,
        all_day=event.all_day,
        transparent=event.transparent,
        seal=event.seal,
    )


def edited_fields(baseline: HoldEvent, event: HoldEvent) -> tuple[str, ...]:
    """The names of the fields that differ, in the order of `FIELDS`; empty when nobody touched it.

    White space in texts does not count, nor do the seal and the mark of withdrawal, which are
    fikad's own."""
    return tuple(name for name in FIELDS if _value(baseline, name) != _value(event, name))


def fields_in_words(fields: tuple[str, ...]) -> str:
    """Field names as the user knows them: "start, end"."""
    return ", ".join(_WORDS.get(name, name) for name in fields)


def is_sealed(event: HoldEvent, *, all_day: bool = False) -> bool:
    """Whether the hold carries a seal that fits its content: written by some fikad and not touched
    since.

    Anybody can work out a seal, so one on something that no fikad writes (guests, an alarm, a
    series) is not believed; nor one on an all-day event, unless it is `all_day` that this one was
    written."""
    as_we_write = (
        not event.extras
        and event.status == "tentative"
        and event.private
        and event.all_day == all_day
    )
    return as_we_write and bool(event.seal) and event.seal == seal(event)


def breaks_its_seal(event: HoldEvent) -> bool:
    """Whether the hold carries a seal that does not fit its content. Where a server drops seals,
    nothing is known."""
    return bool(event.seal) and event.seal != seal(event)


def says_yes(
    written: HoldEvent, event: HoldEvent, completed: HoldEvent | None = None, name: str = ""
) -> str:
    """How the user accepted the hold for the contact called `name`, "" if they did not. Only what
    was not so when it was written counts; nor does what the completing write did itself, once the
    title asks again that did not when it was `completed`. With a title that says something else,
    nothing but an invitation is a yes."""
    said = says(event.title, written.title, name)
    if said == "yes":
        return (
            'you wrote "yes"'
            if read_order(event.title, written.title, name)
            else 'you removed the "?"'
        )
    if "ATTENDEE" in event.extras and "ATTENDEE" not in written.extras and said != "order":
        return "you invited somebody"
    if said != "question":
        return ""
    if completed is not None and is_question(event.title) and not is_question(completed.title):
        return ""
    if event.status == "confirmed" != written.status:
        return "you confirmed it"
    if written.transparent and not event.transparent:
        return "you set it to busy"
    return ""


def _value(event: HoldEvent, name: str) -> object:
    value = getattr(event, name)
    if isinstance(value, str):
        return " ".join(value.split())
    return sorted(value) if isinstance(value, tuple) else value
