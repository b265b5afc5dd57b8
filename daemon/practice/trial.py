"""A trial: what fikad would make of exported calendars, without an account, a config or a trace.

They are read (see `exports`) and judged as any other. The people found in them are taken for
contacts with the cadence proposed for them, everything else is the default config."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.base import Occurrence
from connectors.mail_address import is_mail
from daemon.config.schema import Config, Rhythm
from daemon.discovery.addresses import Guess, GuestLists, guess_me
from daemon.discovery.discovery import DiscoveryInputs, discover
from daemon.discovery.found_person import FoundPerson
from daemon.discovery.languages import guess_languages
from daemon.judging.copies import telling
from daemon.judging.nearly import NearlyCounted, nearly_counted
from daemon.judging.recency import Met
from daemon.people.contacts import Contact, ContactIndex
from daemon.planning.request import Plan
from daemon.practice.exports import Export
from daemon.situation.assessing import assess
from daemon.situation.known import Known
from daemon.situation.past import ToldMeetings
from daemon.situation.verdicts import Judge, Judged


@dataclass(frozen=True, slots=True)
class Trial:
    """Everything that is shown."""

    export: Export
    me: Guess
    people: tuple[FoundPerson, ...]
    plan: Plan
    names: dict[str, str]
    """By contact key."""
    nearly: tuple[NearlyCounted, ...]
    now: datetime
    weeks: int
    languages: tuple[str, ...] = ()
    """Of the titles: codes."""
    guessed: bool = True
    """Whether these languages were not given."""
    language: str = "en"
    """That suggestions are written in."""


def try_out(
    export: Export,
    me: Sequence[str],
    weeks: int,
    now: datetime,
    languages: Sequence[str] = (),
) -> Trial:
    """The judgements of the default config on what a file holds; `me` are the user's addresses,
    and `languages` the codes of those of the titles; both are guessed if empty."""
    guess = (
        Guess(tuple(me), _said(me, export.occurrences))
        if me
        else guess_me(export.occurrences, export.name)
    )
    mine = frozenset(guess.addresses)
    spoken = tuple(languages) or guess_languages(
        occurrence.title for occurrence in export.occurrences
    )
    config = _config(export, weeks, languages[0] if languages else "en", spoken)
    people = discover(
        DiscoveryInputs(
            occurrences=export.occurrences,
            mine=mine,
            rules=config.meetings,
            now=now,
            zone=export.zone,
            vocabulary=config.vocabulary,
        )
    ).people
    contacts = {person.key: _contact(person) for person in people}
    index = ContactIndex(
        contacts.values(), vocabulary=config.vocabulary, mine=filter(is_mail, mine)
    )
    judge = Judge(index, tuple(contacts.values()), mine, config.meetings, {}, config.history, now)
    return Trial(
        export,
        guess,
        people,
        assess(config, _known(export, people, contacts, judge), now).plan,
        {person.key: person.name for person in people},
        nearly_counted(telling(judge.verdicts(export.occurrences)), contacts),
        now,
        weeks,
        spoken,
        not languages,
        config.language,
    )


def _config(export: Export, weeks: int, language: str, spoken: tuple[str, ...]) -> Config:
    """The default config, in the zone of the export. Without holds in the past there is no practice
    to be balanced: the most overdue come first."""
    rhythm = Rhythm(horizon=timedelta(weeks=weeks), reach_back=0)
    config = Config(rhythm=rhythm, language=language, languages=spoken)
    return config.model_copy(update={"timezone": export.zone})


def _known(
    export: Export, people: Sequence[FoundPerson], contacts: Mapping[str, Contact], judge: Judge
) -> Known:
    """What an export tells of the world, as a ledger would. Of those found only they count who were
    met more than once, where there are any: somebody met once, long ago, would be the most overdue
    of all."""
    wanted = [person for person in people if person.gap_days is not None] or people
    return Known(
        contacts={person.key: contacts[person.key] for person in wanted},
        judge=judge,
        judged=Judged("", None, judge.now),
        occurrences=export.occurrences,
        problems=export.problems,
        past=ToldMeetings([meeting for person in wanted for meeting in person.met]),
        booked={
            person.key: Met(person.key, person.next_booked, person.next_booked)
            for person in wanted
            if person.next_booked
        },
    )


def _contact(person: FoundPerson) -> Contact:
    return Contact(
        person.key,
        person.name,
        person.cadence,
        frozenset(person.addresses),
        circle=person.circle,
    )


def _said(me: Sequence[str], occurrences: Sequence[Occurrence]) -> str:
    listed = GuestLists(occurrences).addresses
    absent = [address for address in me if address not in listed]
    return (
        f"You said so, but none of the events lists {' or '.join(absent)}."
        if absent
        else "You said so."
    )
