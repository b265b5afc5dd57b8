"""What the guest lists of a calendar tell about addresses: whose they are, and which are nobody's.

An address identifies; a display name (CN) is what somebody else wrote beside it. So names are only
used to call people something and to propose that two addresses belong together, never to decide who
was there."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

from connectors.base import Attendee, Occurrence
from connectors.mail_address import is_mail
from connectors.sanitize import sanitize
from daemon.judging.guests import is_person
from daemon.judging.note_takers import is_among
from daemon.people.spellings import SUFFIXES, Names, full_names, name_words

_MACHINES = frozenset(
    re.findall(
        r"\w+",
        """
        alerts automailer automated bot bounce bounces calendly daemon donotreply mailer
        mailerdaemon nepasrepondre newsletter newsletters noreply noresponse notification
        notifications notifier notify postmaster reminder reminders resource robot system
        unknownorganizer unsubscribe webinar webinars
        """,
    )
)
"""Words of a local part behind which no person answers, wherever they stand."""
_ROLES = frozenset(
    re.findall(
        r"\w+",
        """
        abuse accounting accounts admin administration administrator all alle announce announcements
        answers appointments assistant billing board boardroom booking bookings buchhaltung calendar
        careers conference conferenceroom contact crew customercare customerservice demo dev
        developers devs discuss employees enquiries events everybody everyone feedback finance
        frontdesk group hello help helpdesk hi hotline hr info information inquiries invite invites
        invoice invoices it jobs kontakt legal list lists mail marketing media meet meeting
        meetingroom meetings members news newsdesk office officemanager operations ops orders
        organizer people praxis press privacy recruiting recruitment registration reservation
        reservations room root sales schedule scheduler scheduling secretary security service
        services staff subscribe support survey team teams tech training updates users verwaltung
        webmaster welcome
        """,
    )
)
"""Local parts that belong to an office, a list or a room rather than to one person."""
_ENDINGS = frozenset(
    {"all", "announce", "discuss", "group", "list", "lists", "room", "support", "team", "users"}
)
"""Roles also when they end or begin a longer local part: `berlin-team`, `room-3`."""
_NOBODY_DOMAINS = re.compile(
    r"(?:^|\.)(?:calendar\.google\.com|googlegroups\.com|groups\.io|groups\.office\.com|calendly\.com)$"
    r"|^(?:lists?|groups?|newsletters?|news|bounces?|notifications?|mailer|reply|noreply|e?mail-\w+)\."
)
_PART = re.compile(r"[^\W\d_]{2,}")
_MOST_NAME = 80
_MOST_ALIASES = 5
"""So many addresses of one's own are guessed at most."""


@dataclass(frozen=True, slots=True)
class Guess:
    """Who the owner of a calendar seems to be."""

    addresses: tuple[str, ...]
    """Lower case, the surest first; none where the calendar names nobody."""
    reason: str
    """One sentence."""
    unsure: bool = False
    """Somebody else takes part in just as much."""


@lru_cache(8192)
def is_somebody(email: str) -> bool:
    """Whether an address (lower case) may be a person's: no room, list, newsletter, office, machine
    or note-taker."""
    local, _, domain = email.partition("@")
    if not local or not domain or _NOBODY_DOMAINS.search(domain) or is_among(email):
        return False
    local = local.partition("+")[0]
    words = [word for word in re.split(r"[-_.]", local) if word]
    if not words or local.translate({ord(sign): None for sign in "-_."}) in _ROLES | _MACHINES:
        return False
    joined = {first + second for first, second in pairwise(words)}
    if not _MACHINES.isdisjoint(joined.union(words, {"".join(words[:3])})):
        return False
    return len(words) == 1 or (words[-1] not in _ENDINGS and words[0] not in _ENDINGS)


@lru_cache(8192)
def person_name(written: str) -> str:
    """A display name as one would say it: inert, "Doe, Jane" turned round, without "(Acme)"; empty
    for an address."""
    text = sanitize(
        re.sub(r"\([^()]*\)|\[[^\[\]]*\]", " ", sanitize(written)).strip(" \"'"), _MOST_NAME
    )
    last, comma, first = (part.strip() for part in text.partition(","))
    if comma and last and first and "," not in first and not SUFFIXES.issuperset(name_words(first)):
        text = f"{first} {last}"
    if "@" in text or not any(char.isalpha() for char in text):
        return ""
    return text


@lru_cache(8192)
def same_name(name: str) -> tuple[str, ...]:
    """The words by which two spellings of one name are equal: folded, without honorifics; empty for
    no name."""
    spellings = [spelling for spelling in full_names(Names(name)) if "," not in spelling]
    return min(spellings, key=lambda name: (len(name), name), default=())


def name_in_address(email: str) -> str:
    """The name that an address spells out (`jane.doe@…`), else nothing: nobody knows what `jdoe@…`
    is short for."""
    parts = re.split(r"[._]", email.partition("@")[0].partition("+")[0])
    if not 2 <= len(parts) <= 3 or not all(_PART.fullmatch(part) for part in parts):
        return ""
    return " ".join(part.capitalize() for part in parts)


class GuestLists:
    """What all guest lists together tell of addresses, noted while the events go by: years of them
    need not be in memory. All is noted before anything is asked."""

    def __init__(self, occurrences: Iterable[Occurrence] = ()) -> None:
        self._addresses: set[str] = set()
        self._called: Counter[tuple[str, str]] = Counter()
        for occurrence in occurrences:
            self.note(occurrence)

    def note(self, occurrence: Occurrence) -> None:
        """One more guest list."""
        for row in _rows(occurrence):
            if row.email:
                self._addresses.add(row.email)
                if row.name:
                    self._called[row.email, row.name] += 1

    @property
    def addresses(self) -> Set[str]:
        """Every address on any of them."""
        return self._addresses

    @cached_property
    def names(self) -> Mapping[str, Counter[str]]:
        """How often each address is called what (`person_name`s)."""
        names: dict[str, Counter[str]] = defaultdict(Counter)
        for (email, written), times in self._called.items():
            name = person_name(written)
            if name and name.casefold() != email.partition("@")[0]:
                names[email][name] += times
        return dict(names)


def most_common(names: Mapping[str, int]) -> str:
    """The usual one; of equals the longest, then the first by letters. Empty where there is
    none."""
    return min(names, key=lambda name: (-names[name], -len(name), name), default="")


def guess_me(occurrences: Iterable[Occurrence], calendar_name: str = "") -> Guess:
    """Whose calendar this is, where nobody says so. The events are gone through more than once.

    An export that is named after an address (Google's X-WR-CALNAME) belongs to it. Else it is the
    address that takes part in the most events, as guest or organizer; of equals the one with the
    most different people, then the one that organizes most. Another address is added where it
    stands in for the first: most of the remaining events have it, and its local part or full
    display name is the same."""
    lists, organized = _guest_lists(occurrences)
    named = calendar_name.strip().lower()
    if _names_somebody(named):
        others = _other_addresses(named, lists, occurrences)
        return Guess((named, *others), "The calendar bears this address as its name.")
    if not lists:
        return Guess((), "No event names any guests, so only titles tell whom you met.")
    ranks = _ranks(lists, organized)
    first, *rest = sorted(ranks, key=lambda email: ([-number for number in ranks[email]], email))
    return Guess(
        (first, *_other_addresses(first, lists, occurrences)),
        f"This address takes part in {ranks[first][0]} of the {len(lists)} events with guests.",
        unsure=bool(rest) and ranks[rest[0]] == ranks[first],
    )


def _guest_lists(
    occurrences: Iterable[Occurrence],
) -> tuple[list[set[str]], Counter[str]]:
    """The people of each event that has any, and how many events each address organizes."""
    events: dict[str, set[str]] = defaultdict(set)
    organized: Counter[str] = Counter()
    for occurrence in occurrences:
        people = {
            row.email
            for row in _rows(occurrence)
            if row.email and is_person(row) and is_somebody(row.email)
        }
        if people and occurrence.uid not in events and occurrence.organizer:
            organized[occurrence.organizer.email] += 1
        events[occurrence.uid] |= people
    return [people for people in events.values() if people], organized


def _names_somebody(calendar_name: str) -> bool:
    """Whether a calendar's name is the address of a person."""
    domain = calendar_name.partition("@")[2].strip(".")
    return is_mail(calendar_name) and "." in domain and is_somebody(calendar_name)


def _ranks(
    lists: Sequence[set[str]], organized: Mapping[str, int]
) -> dict[str, tuple[int, int, int]]:
    """How much speaks for each address: events, different people there, events organized."""
    taken = Counter(email for people in lists for email in people)
    company: dict[str, set[str]] = defaultdict(set)
    for people in lists:
        for email in people:
            company[email] |= people
    return {
        email: (times, len(company[email]), organized.get(email, 0))
        for email, times in taken.items()
    }


def _other_addresses(
    first: str, lists: Iterable[set[str]], occurrences: Iterable[Occurrence]
) -> tuple[str, ...]:
    """Further addresses of the person with the address `first`, by the events that lack it."""
    left = [people for people in lists if first not in people]
    if len(left) < 3:
        return ()
    names = GuestLists(occurrences).names
    called = same_name(most_common(names.get(first, {})))
    addresses: list[str] = []
    while len(left) >= 3 and len(addresses) < _MOST_ALIASES:
        [(email, times)] = Counter(
            email for people in left for email in sorted(people)
        ).most_common(1)
        alike = email.partition("@")[0] == first.partition("@")[0] or (
            len(called) > 1 and same_name(most_common(names.get(email, {}))) == called
        )
        if not alike or times < 3 or times * 10 < len(left) * 6:
            break
        addresses.append(email)
        left = [people for people in left if email not in people]
    return tuple(addresses)


def perhaps_own(
    lists: GuestLists, mine: Collection[str], taken: Collection[str] = ()
) -> dict[str, str]:
    """Addresses that may be the user's as well, with why as a clause: they spell or bear the user's
    own full name. A first name alone proves nothing.

    `mine` are the addresses known to be the user's, `taken` those of contacts; both in lower case.
    """
    names = lists.names
    full = {same_name(most_common(names.get(email, {}))) for email in mine}
    locals_ = {_base(email) for email in mine if name_in_address(email)}
    own: dict[str, str] = {}
    for email in sorted(lists.addresses - {*mine, *taken}):
        if not is_somebody(email):
            continue
        if f"{_base(email)}@{email.partition('@')[2]}" in mine or _base(email) in locals_:
            own[email] = "it begins like yours"
        elif len(name := same_name(most_common(names.get(email, {})))) > 1 and name in full:
            own[email] = "it bears your name"
    return own


def _base(email: str) -> str:
    """The local part without what stands behind a plus."""
    return email.partition("@")[0].partition("+")[0]


def _rows(occurrence: Occurrence) -> tuple[Attendee, ...]:
    return (
        (*occurrence.attendees, occurrence.organizer)
        if occurrence.organizer
        else occurrence.attendees
    )
