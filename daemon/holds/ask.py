"""The ask: the message with which the user invites somebody, ready to send.

It is made of the config and of open times alone, never of what somebody else wrote, and fikad sends
nothing: a link opens the message in the user's own program. Equal knowledge gives equal text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from connectors.message_link import mail_link, sms_link
from connectors.sanitize import sanitize
from daemon.languages.writing import ENGLISH, Writer
from daemon.people.spellings import spoken_to

if TYPE_CHECKING:
    from daemon.config.schema import Ask
    from daemon.people.contacts import Contact

_BUILT_IN = frozenset({"breakfast", "coffee", "lunch", "walk", "drinks", "call"})
"""The occasions for which the languages have a word."""
_VALUE = re.compile(r"\{(\w+)\}")
_SENTENCES = re.compile(r"(?<=[.!?…])(?=\s)|(?<=[。！？])|(?=\n)")


@dataclass(frozen=True, slots=True)
class Invitation:
    """What somebody is asked to."""

    contact: Contact
    occasion: str
    """Its name in the config."""
    when: datetime | None
    """Aware, as all of these; None where no time is offered."""
    other_times: tuple[datetime, ...] = ()
    place: str = ""
    """Where the occasion usually takes place, by the config."""
    remote: bool = False
    """It is done from afar, so the hour where the contact lives matters, too."""


@dataclass(frozen=True, slots=True)
class Message:
    """An ask as it is written."""

    text: str
    link: str = ""
    """Opens it in a program for mail or text messages; "" where it cannot."""
    shown: str = ""
    """What the link is shown by: where the message goes."""

    def lines(self, writer: Writer = ENGLISH) -> tuple[str, ...]:
        """The message as it stands in a hold, without its link."""
        return (writer.say("ask-told"), *self.text.split("\n"))


def message(
    invitation: Invitation, settings: Ask, zone: ZoneInfo, writer: Writer = ENGLISH
) -> Message:
    """The message of an invitation; times are told by the clock of `zone`, the user's."""
    contact, noun = invitation.contact, noun_of(invitation.occasion, writer)
    values = {
        "name": sanitize(contact.name),
        "first_name": sanitize(spoken_to(contact.name)),
        "occasion": noun,
        "when": _told(invitation.when, invitation, zone, writer) if invitation.when else "",
        "other_times": writer.choice(
            _told(moment, invitation, zone, writer) for moment in invitation.other_times
        ),
        "place": sanitize(invitation.place),
    }
    text = _filled(settings.message or default_template(writer), values)
    subject = writer.say("ask-subject", occasion=noun[:1].upper() + noun[1:])
    link, shown = _link(contact, subject, text, writer) if settings.link else ("", "")
    return Message(text, link, shown)


def default_template(writer: Writer = ENGLISH) -> str:
    """The message of a language, as the config would hold it."""
    names = ("first_name", "occasion", "when", "other_times", "place")
    return writer.say("ask", **{name: f"{{{name}}}" for name in names})


def noun_of(occasion: str, writer: Writer) -> str:
    """What an occasion is called in a sentence: "a walk"; one of the user's own by its name."""
    return writer.say(f"ask-{occasion}") if occasion in _BUILT_IN else sanitize(occasion)


def _told(moment: datetime, invitation: Invitation, zone: ZoneInfo, writer: Writer) -> str:
    here = moment.astimezone(zone)
    told = writer.appointment(here)
    theirs = invitation.contact.timezone
    if not invitation.remote or theirs is None:
        return told
    there = moment.astimezone(theirs)
    if there.utcoffset() == here.utcoffset():
        return told
    hour = writer.clock(there) if there.date() == here.date() else writer.appointment(there)
    return writer.say("ask-their-time", when=told, theirs=hour)


def _filled(template: str, values: Mapping[str, str]) -> str:
    """The template with its values; a sentence that lacks one is left out. What a value holds is
    never read as part of the template."""
    whole = "".join(_sentences(template, values)).strip()
    return _VALUE.sub(lambda value: values.get(value[1], value[0]), whole)


def _sentences(template: str, values: Mapping[str, str]) -> Iterator[str]:
    for sentence in _SENTENCES.split(template):
        if all(values.get(name, name) for name in _VALUE.findall(sentence)):
            yield sentence


def _link(contact: Contact, subject: str, text: str, writer: Writer) -> tuple[str, str]:
    """The link and what it is shown by; a phone is only written to where no address is known."""
    if contact.address:
        link = mail_link(contact.address, subject, text)
        shown = writer.say("ask-mail", address=contact.address)
    elif contact.phone:
        link = sms_link(contact.phone, text)
        shown = writer.say("ask-sms", phone=contact.phone)
    else:
        return "", ""
    return (link, shown) if link else ("", "")
