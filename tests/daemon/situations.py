"""Situations and their parts, made without a ledger."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from connectors.base import Occurrence
from daemon.config.schema import Config
from daemon.people.contacts import ContactIndex
from daemon.situation.assessing import assess
from daemon.situation.known import Known
from daemon.situation.past import ToldMeetings
from daemon.situation.situation import Situation
from daemon.situation.verdicts import Judge, Judged


def judge(config: Config, now: datetime, mine: frozenset[str] = frozenset()) -> Judge:
    """The judge of the config's people."""
    return Judge(
        ContactIndex(config.people, vocabulary=config.vocabulary),
        config.people,
        mine,
        config.meetings,
        {},
        config.history,
        now,
    )


def situation(
    config: Config,
    now: datetime,
    occurrences: Sequence[Occurrence] = (),
    mine: frozenset[str] = frozenset(),
) -> Situation:
    """How things stand where nobody was met and these events are in the calendars."""
    known = Known(
        contacts={contact.key: contact for contact in config.people},
        judge=judge(config, now, mine),
        judged=Judged("", None, now),
        occurrences=occurrences,
        past=ToldMeetings(),
    )
    return assess(config, known, now)
