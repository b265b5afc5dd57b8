"""Years of history, judged once.

What began long enough ago has ended, so its verdict stands until the event, the config or an
accepted hold changes. The ledger keeps the meetings that count under a key made of all that a
verdict depends on beside the events, and forgets that key when anything in the past of a calendar
changes. Of the last days it keeps them too, until anything changes in any calendar. So a look at
where everybody stands judges what ended since the last one, and after a change the last days and
what lies ahead."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from connectors.base import Occurrence
from connectors.mail_address import is_mail
from daemon import __version__
from daemon.address_books.known import contacts_of
from daemon.config.schema import Config, Meetings
from daemon.holds.record import Hold
from daemon.judging.copies import one_per_event, telling, together
from daemon.judging.known_holds import HoldVerdict
from daemon.judging.meetings import DatesAhead, dates_ahead, involved_in, judge, judge_all, undone
from daemon.judging.recency import Met
from daemon.judging.verdict import Verdict
from daemon.ledger.ledger import Ledger
from daemon.people.contacts import Contact, ContactIndex

_FINAL_AFTER = timedelta(days=7)
"""What began longer ago is judged for good, unless meetings may last longer. Further than
`slots.lookahead` looks."""

EVER = datetime.max.replace(tzinfo=UTC)
"""How far ahead occurrences are looked at: all that is stored."""


@dataclass(frozen=True, slots=True)
class Judged:
    """How much of the past is judged for good."""

    key: str
    """Under which key the ledger keeps it."""
    since: datetime | None
    """What began before is in the ledger; None: nothing is, all was judged now."""
    until: datetime
    """What began before may be kept from now on."""
    lately: datetime | None = None
    """What began since `since` and ended by then is in the ledger too; None: it is not."""

    @property
    def recent(self) -> datetime:
        """What began since then has to be judged at every look."""
        return self.since or self.until


@dataclass(frozen=True, slots=True)
class Judge:
    """Everything that verdicts depend on, at one moment."""

    index: ContactIndex
    contacts: Sequence[Contact]
    mine: frozenset[str]
    """The user's own addresses, lower case."""
    rules: Meetings
    holds: Mapping[str, HoldVerdict]
    history: timedelta
    now: datetime

    def verdicts(self, occurrences: Iterable[Occurrence]) -> Iterator[Verdict]:
        """See `meetings.judge_all`."""
        return judge_all(occurrences, self.index, self.mine, self.rules, self.now, self.holds)

    def involves(self, occurrence: Occurrence, contact: Contact) -> bool:
        """Whether there are verdicts on an occurrence for a contact. It is so for all occurrences
        that differ in nothing but their times, or for none."""
        involved = involved_in(occurrence, self.index, self.holds)
        return any(each.key == contact.key for each in involved)

    def dates_ahead(self, occurrences: Iterable[Occurrence]) -> DatesAhead:
        """See `meetings.dates_ahead`."""
        return dates_ahead(occurrences, self.index, self.mine, self.rules, self.now, self.holds)

    def undone(
        self, occurrences: Iterable[Occurrence], accepted: Mapping[str, str] | None = None
    ) -> dict[str, str]:
        """See `meetings.undone`. `accepted` are further holds, by UID, with the key of their
        contact."""
        more = {uid: HoldVerdict(key, accepted=True) for uid, key in (accepted or {}).items()}
        return undone(
            occurrences, self.index, self.mine, self.rules, self.now, {**self.holds, **more}
        )

    def counts(self, uid: str, copies: Iterable[Occurrence], contact: Contact) -> bool:
        """Whether a hold for a contact, by all copies of its event, counts as a meeting, once it is
        known that it was accepted."""
        known = {uid: HoldVerdict(contact.key, accepted=True)}
        verdicts = (
            judge(copy, contact, self.index, self.mine, self.rules, self.now, known)
            for copy in copies
        )
        return any(verdict.counted for verdict in one_per_event(verdicts))

    def judged(self, ledger: Ledger) -> Judged:
        """How much of the past this judge need not look at again."""
        key = self._key()
        until = (self.now - max(_FINAL_AFTER, timedelta(hours=self.rules.max_hours))).replace(
            microsecond=0
        )
        since = ledger.judged_until(key)
        # Later than that it is only where a clock was set back.
        if since is None or since > until:
            return Judged(key, None, until)
        # The last days count whole even where the history is shorter.
        whole = since >= self.now - self.history
        return Judged(key, since, until, ledger.judged_lately(key) if whole else None)

    def counted(
        self, ledger: Ledger, judged: Judged, recent: Iterable[Occurrence]
    ) -> list[Verdict] | None:
        """The completed one-on-ones since `judged.since`, else of the whole history, and what was
        nearly counted, each event once per contact, by start; None: the ledger has them all.

        `recent` are the occurrences since `judged.recent`, at least.
        """
        if judged.lately is not None:
            return self._counted_since(ledger, judged.recent, judged.lately)
        past = self._past(ledger, judged.until) if judged.since is None else ()
        final = [verdict for some in past for verdict in telling(self.verdicts(some))]
        ended = (
            occurrence
            for occurrence in recent
            if judged.recent <= occurrence.start and occurrence.end <= self.now
        )
        return final + telling(self.verdicts(ended))

    def _counted_since(
        self, ledger: Ledger, recent: datetime, lately: datetime
    ) -> list[Verdict] | None:
        """The same where only that has to be judged which ended since `lately`. What begins at
        another moment is another event (see `copies`), so no verdict on it can change."""
        ended = ledger.ended(recent, lately, self.now)
        if not ended:
            return None
        anew = {occurrence.start for occurrence in ended}
        kept = (
            verdict
            for verdict in ledger.counted(recent, EVER)
            if recent <= verdict.occurrence.start and verdict.occurrence.start not in anew
        )
        return sorted(
            [*kept, *telling(self.verdicts(ended))],
            key=lambda verdict: (verdict.occurrence.start, verdict.contact_key),
        )

    def _past(self, ledger: Ledger, until: datetime) -> Iterator[list[Occurrence]]:
        """What ended in the history and began before `until`, in pieces; copies of an event are in
        one piece.

        What began before the history and is longer than a meeting can be is left out.
        """
        begin = self.now - self.history
        first = begin - timedelta(hours=self.rules.max_hours)
        past = ledger.each(begin, until)
        return together(occurrence for occurrence in past if occurrence.start >= first)

    def _key(self) -> str:
        facts = (
            __version__,
            self.history,
            self.rules.model_dump_json(),
            self.index.vocabulary,
            sorted(self.mine),
            [
                (contact.key, contact.name, sorted(contact.emails), contact.aliases)
                for contact in self.contacts
            ],
            sorted(
                (uid, verdict.contact_key)
                for uid, verdict in self.holds.items()
                if verdict.accepted
            ),
        )
        return hashlib.blake2b(
            repr(facts).encode("utf-8", "backslashreplace"), digest_size=16
        ).hexdigest()


def judge_of(
    config: Config,
    ledger: Ledger,
    contacts: Sequence[Contact],
    holds: Sequence[Hold],
    now: datetime,
) -> Judge:
    """The judge for these contacts and holds at `now` (aware)."""
    mine = frozenset(address.lower() for address in config.me).union(
        *(state.addresses for state in ledger.accounts().values())
    )
    rules = config.meetings
    return Judge(
        ContactIndex(contacts, vocabulary=config.vocabulary, mine=filter(is_mail, mine)),
        contacts,
        mine,
        rules,
        {
            hold.uid: HoldVerdict(
                hold.contact_key, hold.state == "accepted", hold.state == "missed"
            )
            for hold in holds
        },
        config.history,
        now,
    )


def current(ledger: Ledger, since: datetime) -> list[Occurrence]:
    """What has not ended before `since`, as far ahead as is known."""
    return ledger.occurrences(since, EVER)


def first_dates(ahead: DatesAhead) -> dict[str, Met]:
    """The next date by contact key."""
    first: dict[str, Met] = {}
    for verdict in ahead.dates:
        key, occurrence = verdict.contact_key, verdict.occurrence
        first.setdefault(key, Met(key, occurrence.start, occurrence.end, uid=occurrence.uid))
    return first


def verdicts_on(contact: Contact, config: Config, ledger: Ledger, now: datetime) -> list[Verdict]:
    """Every occurrence of the history and ahead that involves a contact, judged now for them,
    copies included. Of the other events nothing is kept in memory."""
    judge = judge_of(config, ledger, contacts_of(config, ledger), ledger.holds(), now)
    theirs = ledger.occurrences(
        now - config.history, EVER, lambda occurrence: judge.involves(occurrence, contact)
    )
    return [verdict for verdict in judge.verdicts(theirs) if verdict.contact_key == contact.key]
