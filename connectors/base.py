"""What a calendar is to fikad, whatever it speaks.

An *account* is one login (or one folder) that holds calendars. A *calendar* is a set of
*resources*: texts in iCalendar, each with an href that stays and an ETag that changes with the
content. Reading gives *changes* since a token; the caller keeps the texts and the token together.
Expanding the texts gives *occurrences*: what really stands in the calendar, one per instance,
timezone-aware.

Writing is for holds only: every write is conditional, re-read just before, and re-read afterwards.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol, TypeVar

from connectors.free_busy import FreeBusySource

# --- what is read ---

Answer = Literal["accepted", "declined", "tentative", "needs-action", "delegated", "unknown"]
"""`unknown`: the calendar tells nobody's answer (Outlook's exports), and nothing speaks against a
yes."""
AttendeeKind = Literal["person", "group", "room", "resource"]
EventKind = Literal["default", "focus", "out-of-office", "birthday", "working-location", "unplaced"]
"""`unplaced`: nobody knows its time zone. It was read by the user's clock and takes time, but
proves nothing."""
Status = Literal["confirmed", "tentative", "cancelled"]


@dataclass(frozen=True, slots=True)
class Attendee:
    """One person, list, room or resource of an event (RFC 5545 3.8.4.1)."""

    email: str
    """Lower case, without `mailto:`; of another kind (`urn:uuid:…`, a principal's path) as
    `calendar_address` gives it; empty when the event names no address."""
    name: str = ""
    """The display name (CN), printable characters only. Identifies nobody."""
    kind: AttendeeKind = "person"
    answer: Answer = "needs-action"
    takes_part: bool = True
    """False for ROLE=NON-PARTICIPANT."""
    me: bool = False
    """The server itself says that this row is the account's owner (Google's `self`)."""
    extra_guests: int = 0
    """Unnamed people this guest brings (Google's `additionalGuests`)."""


@dataclass(frozen=True, slots=True)
class HoldEvent:
    """The parts of one of our holds that a user might touch, as found in a calendar, server's
    rewriting undone.

    Text has its white space folded; `extras` names whatever else the event carries (ATTENDEE,
    VALARM, RRULE, …), sorted, without what servers add by themselves (DTSTAMP, SEQUENCE, ORGANIZER,
    X-…)."""

    uid: str
    title: str
    start: datetime
    end: datetime
    all_day: bool = False
    status: Status = "tentative"
    transparent: bool = True
    private: bool = True
    description: str = ""
    location: str = ""
    extras: tuple[str, ...] = ()
    seal: str = ""
    """The seal written with the event (see `HoldDraft.seal`), empty where a server dropped it."""
    withdrawn: bool = False
    """fikad marked it before deleting it itself: not the user's dismissal (kept by Google after
    deletion)."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One concrete instance of an event, recurrences expanded."""

    uid: str
    """The event's UID, shared by all instances of a series and by all guests' copies."""
    start: datetime
    """Aware, UTC. For an all-day event midnight UTC of its first day: only the date means
    something."""
    end: datetime
    """Aware, UTC, exclusive. For an all-day event midnight UTC after its last day."""
    title: str = ""
    all_day: bool = False
    status: Status = "confirmed"
    kind: EventKind = "default"
    transparent: bool = False
    organizer: Attendee | None = None
    attendees: tuple[Attendee, ...] = ()
    guests_hidden: bool = False
    """The guest list may not be shown to guests (Google's `guestsCanSeeOtherGuests=false`)."""
    guests_omitted: bool = False
    """The server left guests out of the list (Google's `attendeesOmitted`)."""
    recurring: bool = False
    original_start: datetime | None = None
    """RECURRENCE-ID in UTC: which instance of the series this is, wherever it was moved to."""
    location: str = ""
    hold: HoldEvent | None = None
    """Set when the UID is one of ours."""
    exception: bool = False
    """Its text speaks of this instance alone (RECURRENCE-ID)."""
    sequence: int = 0
    """Which version of the event this is (SEQUENCE)."""
    modified: datetime | None = None
    """When this version was written (LAST-MODIFIED, else DTSTAMP), UTC."""
    travel: timedelta = timedelta()
    """Time on the way before it (Apple's travel time): it takes the user's time too."""
    birthday_of: str = ""
    """Whose birthday this is: the UID of their card (`connectors.address_book.Card`), as the server
    itself links it. A title never tells."""
    anniversary_of: str = ""
    """The same for their anniversary."""
    account: str = ""
    calendar: str = ""
    """Where it was read: the account's name in the config and the calendar's name. Filled in by the
    reader."""
    owner: str = ""
    """Whose calendar it was read from (`Calendar.owner`). Filled in by the reader."""


@dataclass(frozen=True, slots=True)
class Problem:
    """An event that was set aside, with a reason a person can act on. It never stops the rest."""

    uid: str
    reason: str
    start: datetime | None = None
    """With `end` the span it occupies where that is known (UTC): then it counts as busy."""
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class SourceFile:
    """The file that resources were read from, as it was then."""

    signature: str
    """Another one whenever the file was written (see `connectors.files.stored.signature`)."""
    parts: int
    """How many resources it held."""


@dataclass(frozen=True, slots=True)
class Resource:
    """One stored object of a calendar: an iCalendar text under an href."""

    href: str
    etag: str | None
    text: str
    group: str = ""
    """Resources of one group are expanded together: a series and its exceptions where a server
    gives them apart (Google), under the href of the series. Empty: the resource stands alone."""
    source: SourceFile | None = None
    """The file it came from. Where one file holds several, one of them carries it for all."""


@dataclass(frozen=True, slots=True, eq=False)
class KnownResources(Mapping[str, str | None]):
    """What is stored of a calendar: every href with its ETag; and for some where they belong."""

    etags: Mapping[str, str | None] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)
    """By href: the group of those that do not stand alone."""
    sources: Mapping[str, SourceFile] = field(default_factory=dict)
    """By href: the file that it carries for all that came from it."""

    @classmethod
    def of(cls, resources: Iterable[Resource]) -> KnownResources:
        """As if these were stored; of two with one href the later."""
        stored = {resource.href: resource for resource in resources}
        return cls(
            {href: resource.etag for href, resource in stored.items()},
            {href: resource.group for href, resource in stored.items() if resource.group},
            {href: resource.source for href, resource in stored.items() if resource.source},
        )

    def __getitem__(self, href: str) -> str | None:
        return self.etags[href]

    def __iter__(self) -> Iterator[str]:
        return iter(self.etags)

    def __len__(self) -> int:
        return len(self.etags)


@dataclass(frozen=True, slots=True)
class Changes:
    """One batch of what changed in a calendar. Batches may be stored one by one; only the last has
    `token` and `removed`, so nothing is forgotten on half a reading."""

    changed: tuple[Resource, ...] = ()
    removed: tuple[str, ...] = ()
    """Hrefs that are gone."""
    token: str | None = None
    """What to ask from next time (sync-token, ctag, or the connector's own); opaque."""
    last: bool = False
    expected: int | None = None
    """How many resources this reading will bring in all, where known: for a progress bar."""
    problems: tuple[Problem, ...] = ()
    """What could not even be fetched (one broken file, one refused object)."""
    aged: tuple[str, ...] = ()
    """Hrefs that are listed no longer only since the calendar no longer reaches back so far: they
    happened all the same, unless the user says that what is not listed is gone."""
    doubt: str = ""
    """What is odd about all that is missing ("listed 40 events and now lists 3"): then nothing is
    concluded from this reading unless the user says so. Empty where nothing is."""


# --- what is written ---


@dataclass(frozen=True, slots=True)
class HoldDraft:
    """A hold to be written: STATUS TENTATIVE, CLASS PRIVATE, no attendee, no organizer, no
    alarm."""

    uid: str
    """`fikad-` followed by `[0-9a-v-]`; the href is this plus `.ics`, Google's id this without
    dashes."""
    title: str
    start: datetime
    end: datetime
    description: str
    transparent: bool = True
    location: str = ""
    all_day: bool = False
    """Written with dates alone: `start` and `end` are midnight UTC then, as in an `Occurrence`."""
    seal: str = field(default="", compare=False)
    """A short hash over the other fields, stored in the event, from which any fikad can tell,
    without a ledger, whether somebody touched it."""


# --- protocols ---


class Calendar(Protocol):
    """One calendar of an account. Methods raise `AccountError` subclasses only."""

    @property
    def id(self) -> str:
        """Stable within the account: a URL path, a Google calendar id, a folder's name."""
        ...

    @property
    def name(self) -> str:
        """What the user calls it."""
        ...

    @property
    def also_called(self) -> tuple[str, ...]:
        """Other names that the config may use for it (Google's `primary`)."""
        ...

    @property
    def writable(self) -> bool: ...

    @property
    def owner(self) -> str:
        """Whose calendar it is: one of the owner's addresses, in the form of `Account.addresses`.
        Empty: unknown, or shared by several."""
        ...

    @property
    def version(self) -> str | None:
        """Equal to the stored one: nothing changed, don't ask. None: only `changes` can tell."""
        ...

    @property
    def keeps_history(self) -> bool:
        """Whether the server can tell what changed since a token; otherwise everything is listed
        after each change."""
        ...

    def changes(
        self, token: str | None, known: KnownResources, *, complete: bool = False
    ) -> Iterator[Changes]:
        """What changed since `token`, in batches.

        `known` is what is stored. `token=None`, an expired token or
        `complete=True` (the daily reconcile) compares a full listing with `known`, fetches only
        what differs and reports what is gone."""
        ...

    def current_version(self) -> str | None:
        """The version asked anew (one request): equal before and after means nothing was written in
        between. None where the calendar cannot tell; constant where asking for a create again can
        do no harm, since the name of a deleted event is never given out again (Google)."""
        ...

    def read(self, uid: str) -> Resource | None:
        """The hold with this UID as it stands now; None when it is gone (deleted)."""
        ...

    def took_back(self, uid: str) -> bool:
        """Whether a hold that is gone was deleted by fikad itself, by what the server keeps of it.
        False where it keeps nothing."""
        ...

    def create(self, draft: HoldDraft) -> Resource:
        """Write a new hold (`If-None-Match: *`) and return it as re-read. Raises TakenError,
        ReadOnlyError, UncertainError."""
        ...

    def update(self, stored: Resource, draft: HoldDraft) -> Resource:
        """Replace a hold if it still is `stored` (re-read and `If-Match`). Raises ChangedError,
        UncertainError."""
        ...

    def complete(self, stored: Resource, lines: Collection[str]) -> Resource:
        """Confirm a hold and show it as busy, with these `lines` of its description gone and all
        else as it is, if it still is `stored` (re-read and `If-Match`) and nobody is invited.
        Raises ChangedError, UncertainError."""
        ...

    def delete(self, stored: Resource) -> None:
        """Delete a hold if it still is `stored` (re-read and `If-Match`). Raises ChangedError,
        UncertainError."""
        ...


class Account(Protocol):
    """One login, or one folder."""

    @property
    def name(self) -> str:
        """Its name in the config."""
        ...

    @property
    def requests(self) -> int:
        """Requests sent since construction (redirects and authentication rounds included)."""
        ...

    @property
    def memo(self) -> dict[str, Any]:
        """What to remember between processes (JSON; never a secret): discovery results, the list of
        calendars. Given back at the next construction."""
        ...

    @property
    def can_create(self) -> bool:
        """Whether `create_calendar` may work at all (not in a single file)."""
        ...

    @property
    def remark(self) -> str:
        """What the user should know of it even when it was read well ("it may be up to 8 hours
        behind"); empty where there is nothing. Known after `calendars`."""
        ...

    @property
    def unusable(self) -> Mapping[str, str]:
        """Calendars that `calendars` leaves out although they are there, by name, with the
        reason."""
        ...

    @property
    def trusted(self) -> bool:
        """Whether the connector itself rendered the texts, so that its private markers in them can
        be believed."""
        ...

    @property
    def free_busy(self) -> FreeBusySource | None:
        """By whom to ask when others are busy; None where there is no server to ask."""
        ...

    def calendars(self, now: datetime) -> Sequence[Calendar]:
        """Every calendar that holds events, unfiltered. CalDAV: one PROPFIND in all; Google: asked
        for at most once an hour (`now` tells)."""
        ...

    def addresses(self) -> frozenset[str]:
        """Everything the account reports as its owner's address, as `calendar_address` gives it
        (RFC 6638 calendar-user-address-set and the principal, Google's primary calendar). Known
        after `calendars`."""
        ...

    def create_calendar(self, name: str) -> Calendar:
        """The calendar of this name that can be written and stands there now, asked anew: another
        fikad may just have made it, or this one before it was stopped. Only where there is none it
        is created."""
        ...

    def close(self) -> None: ...


_Kind = TypeVar("_Kind", bound=Calendar)


def oldest_called(name: str, calendars: Iterable[_Kind]) -> _Kind | None:
    """Of the calendars with a name, the writable one that whoever looks takes: servers don't tell
    which is older, but a second one gets the longer id."""
    called = [calendar for calendar in calendars if calendar.name == name and calendar.writable]
    return min(called, key=lambda calendar: (len(calendar.id), calendar.id), default=None)
