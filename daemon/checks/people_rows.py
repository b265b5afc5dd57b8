"""What `fikad check` finds of people: whether the user's own addresses are known, and whether the
calendars know the contacts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set
from datetime import datetime

from connectors.base import Occurrence
from connectors.mail_address import is_mail
from connectors.sanitize import sanitize
from daemon.checks.rows import Row
from daemon.config.schema import Config
from daemon.discovery.addresses import (
    GuestLists,
    guess_me,
    is_somebody,
    most_common,
    perhaps_own,
    same_name,
)
from daemon.durations import counted
from daemon.judging.copies import telling, together
from daemon.judging.meetings import judge_all
from daemon.judging.nearly import NearlyCounted, nearly_counted
from daemon.judging.verdict import Verdict
from daemon.people.contacts import Contact, ContactIndex, joined
from daemon.people.folding import fold

_UNANSWERED = 5
_FOREIGN_EVENTS = 5
_FOREIGN_SHARE = 0.8
"""An address in so many, and such a part, of the events that list nobody known as the user is
probably the user's."""


class Seen:
    """What all events tell of the user and the contacts, noted while they go by: years of them are
    not in memory."""

    def __init__(
        self,
        occurrences: Iterable[Occurrence],
        config: Config,
        mine: Set[str],
        index: ContactIndex,
        now: datetime,
    ) -> None:
        """The occurrences come by start, ValueError if they do not; `now` is aware."""
        self.occurrences, self.mine, self.index = occurrences, mine, index
        self.lists = GuestLists()
        self.contacts: set[str] = set()
        """The keys of those whom any event involves."""
        self.foreign: dict[tuple[str, str], dict[str, frozenset[str]]] = defaultdict(dict)
        """By calendar (account and name) and UID: who is listed where none of the user's addresses
        is."""
        contacts = {contact.key: contact for contact in index.contacts}
        self.nearly: Sequence[NearlyCounted] = nearly_counted(self._noted(config, now), contacts)

    def _noted(self, config: Config, now: datetime) -> Iterator[Verdict]:
        """What `copies.telling` gives, as it is asked for; all else is noted by then."""
        for some in together(self.occurrences):
            for occurrence in some:
                self.lists.note(occurrence)
                self._note_foreign(occurrence)
            verdicts = list(judge_all(some, self.index, self.mine, config.meetings, now))
            self.contacts.update(verdict.contact_key for verdict in verdicts)
            yield from telling(verdicts)

    def _note_foreign(self, occurrence: Occurrence) -> None:
        rows = (
            (*occurrence.attendees, occurrence.organizer)
            if occurrence.organizer
            else occurrence.attendees
        )
        if occurrence.attendees and not any(row.me or row.email in self.mine for row in rows):
            listed = frozenset(row.email for row in rows if row.email)
            self.foreign[occurrence.account, occurrence.calendar][occurrence.uid] = listed


def own_address_rows(seen: Seen) -> Iterator[Row]:
    """Whether the calendars know the user by addresses that fikad does not know to be theirs."""
    mine, index = seen.mine, seen.index
    mails = sorted(filter(is_mail, mine))
    if not mails:
        guess = guess_me(seen.occurrences)
        told = (
            f"; the calendars seem to belong to {joined(guess.addresses)}"
            if guess.addresses
            else ""
        )
        example = guess.addresses[0] if guess.addresses else "sam@example.com"
        yield Row(
            "own addresses",
            "warning",
            f"none of your addresses are known{told}",
            f'add me = ["{example}"] to the config',
        )
        return
    alike = perhaps_own(
        seen.lists, mine, [email for contact in index.contacts for email in contact.emails]
    )
    for email, why in alike.items():
        yield Row(
            "own addresses",
            "warning",
            f"{email} may be yours, since {why}",
            f'if it is, add "{email}" to `me`',
        )
    strange = [each for each in _likely_own(seen) if each[0] not in alike]
    for email, times in strange:
        yield Row(
            "own addresses",
            "warning",
            f"{email} appears in {counted(times, 'event')} in which none of your addresses appears",
            f'if it is yours, add "{email}" to `me`',
        )
    if not strange and not alike:
        yield Row("own addresses", "ok", ", ".join(mails))


def _likely_own(seen: Seen) -> Iterator[tuple[str, int]]:
    """Addresses that stand in most of a calendar's events which list people and none of the user's
    addresses."""
    counts: Counter[str] = Counter()
    for events in seen.foreign.values():
        for email, count in Counter(
            email for listed in events.values() for email in listed
        ).items():
            if count >= max(_FOREIGN_EVENTS, _FOREIGN_SHARE * len(events)):
                counts[email] += count
    for email, count in counts.most_common(3):
        if seen.index.by_email(email) is None and is_somebody(email):
            yield email, count


def contact_rows(seen: Seen) -> Iterator[Row]:
    """Contacts that no calendar knows, and addresses that are shown under a contact's name."""
    index = seen.index
    unseen = [
        contact
        for contact in index.contacts
        if contact.key not in seen.contacts and not contact.paused
    ]
    hints = dict(_addresses_by_name(seen))
    for contact in (contact for contact in index.contacts if not contact.paused):
        for email, times in hints.get(contact.key, ()):
            yield Row(
                "contacts",
                "warning",
                f"{email} is shown as {contact.name} in {counted(times, 'guest list')}, and is "
                "not in your config",
                f'if it is theirs, add "{email}" to the emails of {contact.name}',
            )
    nameless = [contact for contact in unseen if contact.key not in hints]
    if nameless:
        yield Row(
            "contacts",
            "warning",
            f"{joined([contact.name for contact in nameless])}: never seen in any calendar",
            "check their emails, or how their names are written in titles",
        )
    if not unseen and not hints and index.contacts:
        yield Row("contacts", "ok", f"all {len(index.contacts)} are known to your calendars")


def nearly_rows(seen: Seen) -> Iterator[Row]:
    """What was nearly counted, and what would mend it."""
    for near in seen.nearly:
        # That an invitation stays unanswered happens; that they all do is a habit.
        usual = near.code == "unanswered" and near.events < _UNANSWERED
        yield Row(
            "meetings",
            "ok" if usual else "warning",
            near.why.removesuffix("."),
            near.advice.removesuffix("."),
        )


def _addresses_by_name(seen: Seen) -> Iterator[tuple[str, list[tuple[str, int]]]]:
    """Unknown addresses that bear the full name of one contact, by contact key, with how often."""
    index, mine = seen.index, seen.mine
    names = {
        same_name(name): contact
        for contact in index.contacts
        for name in (contact.name, *contact.aliases)
    }
    addresses: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for email, called in seen.lists.names.items():
        name = same_name(most_common(called))
        if len(name) > 1 and name in names and email not in mine and index.by_email(email) is None:
            addresses[names[name].key].append((sanitize(email, 100), called.total()))
    yield from addresses.items()


def name_rows(contacts: Iterable[Contact]) -> Iterator[Row]:
    """Names and addresses that two contacts share. (The same address twice is refused by the config
    already.)"""
    owners: dict[str, list[str]] = defaultdict(list)
    for contact in contacts:
        for name in {fold(contact.name), *map(fold, contact.aliases)}:
            owners[name].append(contact.name)
    shared = {name: people for name, people in owners.items() if len(people) > 1}
    for name, people in shared.items():
        yield Row(
            "names",
            "warning",
            f'"{name}" could be {joined(people, "or")}: titles with it count for nobody',
            "give them different aliases",
        )
    if not shared:
        yield Row("names", "ok", "no two contacts share an address or a name")
