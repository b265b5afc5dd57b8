"""The weekly digest: what is pencilled in or booked, whose birthday it is, and who has gone quiet.
A few sentences, on Sunday evening.

What others wrote into their invitations is not passed on: such a date is told by the contact's name
alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from connectors.sanitize import sanitize
from daemon.holds.draft import is_question
from daemon.holds.record import Hold, is_open
from daemon.judging.recency import Standing
from daemon.judging.verdict import Verdict
from daemon.languages.language import language
from daemon.languages.writing import ENGLISH, Writer
from daemon.practice.outcomes import kept_dates
from daemon.practice.reporting import birthdays_of

_WEEK = timedelta(weeks=1)
QUIET = 2.0
"""The urgency from which on somebody has gone quiet."""
_MOST = 3
"""So many quiet people are named at the most."""
_MOST_IN_TITLE = 2
"""So many of those whom one meets are named in the title."""


class Date(NamedTuple):
    """One date of the week ahead."""

    start: datetime
    """In the user's zone."""
    what: str
    whose: str
    """The contact's name."""


@dataclass(frozen=True, slots=True)
class Week:
    """What there is to say of the seven days ahead, in no language yet."""

    dates: tuple[Date, ...] = ()
    """The next first."""
    birthdays: tuple[tuple[date, str], ...] = ()
    """When, in the user's zone, and whose; the next first."""
    quiet: tuple[str, ...] = ()
    """The names of those who have gone quiet, the most pressing first."""
    kept: tuple[tuple[date, str], ...] = ()
    """When, in the user's zone, and whom the user met last week, as far as is known from a hold
    that they said yes to; the first first. That is asked, once."""

    def title(self, writer: Writer = ENGLISH) -> str:
        """ "The week ahead: Jane Doe, Omar Haddad +2": whom one meets, as far as a title holds
        it."""
        names = list(dict.fromkeys(date.whose for date in self.dates))
        if not names:
            return writer.say("digest-title-alone")
        more = f" +{len(names) - _MOST_IN_TITLE}" if len(names) > _MOST_IN_TITLE else ""
        return writer.say("digest-title", names=f"{', '.join(names[:_MOST_IN_TITLE])}{more}")

    def lines(self, writer: Writer = ENGLISH) -> tuple[str, ...]:
        """One line for each date, "Coffee with Jane? (Tue 1 Dec 10:00)", then a sentence each for
        birthdays, for who has gone quiet, and for what is asked. None when there is nothing to
        say."""
        return (*self._entries(writer), *self._sentences(writer))

    def told(self, writer: Writer = ENGLISH) -> str:
        """The same in one line: "The week ahead: Coffee with Jane (Tue 1 Dec 10:00), Lunch with
        Omar? (Thu 3 Dec 12:00). Gone quiet: Lee and Priya." """
        entries = self._entries(writer)
        ahead = [writer.say("digest", dates=", ".join(entries))] if entries else []
        return " ".join((*ahead, *self._sentences(writer)))

    def _entries(self, writer: Writer) -> list[str]:
        return [
            writer.say("digest-entry", what=date.what, when=writer.moment(date.start))
            for date in self.dates
        ]

    def _sentences(self, writer: Writer) -> list[str]:
        sentences = []
        if self.birthdays:
            birthdays = (
                writer.say("digest-entry", what=name, when=writer.short_day(day))
                for day, name in self.birthdays
            )
            sentences.append(writer.say("digest-birthdays", names=", ".join(birthdays)))
        if self.quiet:
            sentences.append(writer.say("digest-quiet", names=writer.names(self.quiet)))
        if self.kept:
            kept = (
                writer.say("digest-date", name=name, day=writer.day(day)) for day, name in self.kept
            )
            missed = language(writer.code).orders.missed[0]
            asked = writer.say("digest-took-place", dates=writer.names(kept), missed=missed)
            sentences.append(asked)
        return sentences

    @property
    def content(self) -> str:
        """What `lines` say, the same in whatever language and country: for telling whether there
        is something new to say."""
        dates = (f"{date.start.isoformat(timespec='minutes')} {date.what}" for date in self.dates)
        days = (f"{day.isoformat()} {name}" for day, name in (*self.birthdays, *self.kept))
        return "; ".join((*dates, *days, *self.quiet))


def this_week(
    holds: Iterable[Hold], standings: Mapping[str, Standing], zone: ZoneInfo, now: datetime
) -> Week:
    """The week is the seven days from now on. Nobody who is paused is named; `standings` with the
    most pressing first."""
    wanted = [hold for hold in holds if _is_ahead(hold, now) and _may(hold, standings)]
    told = [(hold.start, hold.uid, _words(hold), _whose(hold, standings)) for hold in wanted]
    held = {hold.contact_key for hold in wanted}
    told += [
        (standing.next_booked, key, name := sanitize(standing.contact.name), name)
        for key, standing in standings.items()
        if standing.next_booked
        and now < standing.next_booked <= now + _WEEK
        and key not in held
        and not standing.contact.paused
    ]
    quiet = [
        sanitize(standing.contact.name) for standing in standings.values() if is_quiet(standing)
    ]
    last = now.astimezone(zone).date() + _WEEK
    birthdays = [(day, name) for day, name in birthdays_of(standings.values()) if day <= last]
    return Week(
        tuple(Date(start.astimezone(zone), what, whose) for start, _, what, whose in sorted(told)),
        tuple(birthdays),
        tuple(quiet[:_MOST]),
    )


def kept_last_week(
    counted: Iterable[Verdict], standings: Mapping[str, Standing], plan: datetime, zone: ZoneInfo
) -> tuple[tuple[date, str], ...]:
    """The dates that came of a hold and ended in the seven days up to a plan (aware), and with
    whom: each lies before one plan only. Nobody who is paused is named."""
    return tuple(
        (verdict.occurrence.start.astimezone(zone).date(), sanitize(standing.contact.name))
        for verdict in kept_dates(counted)
        if plan - _WEEK < verdict.occurrence.end <= plan
        and (standing := standings.get(verdict.contact_key))
        and not standing.contact.paused
    )


def _is_ahead(hold: Hold, now: datetime) -> bool:
    return now < hold.end <= now + _WEEK and (is_open(hold, now) or hold.state == "accepted")


def _words(hold: Hold) -> str:
    """Its title; without the question where it is one no more."""
    title = sanitize(hold.title)
    return title.rstrip("?？ ") if hold.state == "accepted" and is_question(title) else title


def _whose(hold: Hold, standings: Mapping[str, Standing]) -> str:
    """The name of whom it is for; what the hold says of somebody who is no contact any more."""
    standing = standings.get(hold.contact_key)
    return sanitize(standing.contact.name) if standing else _words(hold)


def _may(hold: Hold, standings: Mapping[str, Standing]) -> bool:
    standing = standings.get(hold.contact_key)
    return standing is None or not standing.contact.paused


def is_quiet(standing: Standing) -> bool:
    """Whether somebody has gone quiet: long overdue, and left alone."""
    return (
        standing.last_met is not None
        and standing.urgency_of_time >= QUIET
        and is_left_alone(standing)
    )


def is_left_alone(standing: Standing) -> bool:
    """Whether nothing lies ahead with them, and there is no other reason to leave them so."""
    return standing.blocked is None or standing.blocked.code == "resting"
