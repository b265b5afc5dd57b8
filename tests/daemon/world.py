"""A small world to run passes in: a clock that stands still, calendars in memory, a fikad, and the
user beside it.

`Fikad` is one installation: a config, a ledger, and a way to its accounts. `once` is one pass,
exactly as the daemon makes it, except that calendar texts are expanded in this process, which is
quicker. What the user and other programs do
goes past fikad: `Calendars` puts and drops texts, and `rewritten` is a calendar app that saves an
event in its own way."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from connectors.base import Account, HoldDraft, HoldEvent, Resource
from connectors.errors import AccountError, UncertainError
from connectors.ical.expansion_job import Expansion, ExpansionJob
from connectors.ical.hold_text import hold_event
from daemon.config.schema import Config
from daemon.cycle.books import BookOpener
from daemon.cycle.cycle import PassOptions, run_pass
from daemon.cycle.report import Report
from daemon.holds.digest import Digest
from daemon.holds.record import Hold
from daemon.ledger.ledger import Ledger, scratch_copy
from daemon.ledger.store import connect
from daemon.situation.assessing import read_situation
from daemon.situation.situation import Situation
from tests.memory import MemoryAccount, MemoryCalendar

SUNDAY = datetime(2026, 11, 22, 12, tzinfo=UTC)
"""The present, unless a test says otherwise: a Sunday, at which the default config plans."""
BERLIN = ZoneInfo("Europe/Berlin")
HOLDS = "Coffee"
"""The calendar that holds are written to."""
ME = "sam@example.com"
_NOWHERE = Path("/nowhere/at/all")
ROOMY: Mapping[str, Any] = {"per_week": 20, "per_day": 5, "open": 30}
"""A rhythm that stands in nobody's way."""


# --- the config ---


def config(*names: str, accounts: Mapping[str, Any] | None = None, **tables: Any) -> Config:
    """A config with these contacts (default: Jane Doe), each wanted every four weeks; `tables` are
    further keys."""
    given: dict[str, Any] = {
        "timezone": "Europe/Berlin",
        "me": [ME],
        "accounts": accounts or {"home": {"type": "files", "path": "/nowhere"}},
        "holds": {"account": "home", "calendar": HOLDS},
        "rhythm": ROOMY,
        "contacts": [person(name) for name in names or ("Jane Doe",)],
    }
    return Config.model_validate(given | tables, context={"folder": Path("/nowhere")})


def person(name: str, **fields: Any) -> dict[str, Any]:
    """A contact's table; the address is made of the first name."""
    return {"name": name, "emails": [address(name)], "cadence": "4 weeks", **fields}


def address(name: str) -> str:
    return f"{name.split()[0].lower()}@example.com"


# --- texts ---


def event(uid: str, title: str, start: datetime, *lines: str, minutes: int = 60) -> str:
    """An event as another program writes it; `lines` are further content lines."""
    body = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//another program//EN",
        "BEGIN:VEVENT",
        f"UID:{uid}",
        "DTSTAMP:20261101T000000Z",
        f"DTSTART:{_utc(start)}",
        f"DTEND:{_utc(start + timedelta(minutes=minutes))}",
        f"SUMMARY:{title}",
        *lines,
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    return "\r\n".join(body)


def meeting(name: str, start: datetime, *lines: str, uid: str = "", organizer: str = ME) -> str:
    """A one-on-one with a contact, to which both said yes."""
    people = (f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{email}" for email in (ME, address(name)))
    uid = uid or f"{name.replace(' ', '-')}-{_utc(start)}"
    return event(uid, "Catching up", start, f"ORGANIZER:mailto:{organizer}", *people, *lines)


def lines_of(text: str) -> list[str]:
    """Content lines, unfolded."""
    return re.sub(r"\r?\n[ \t]", "", text).splitlines()


def rewritten(text: str, *more: str, without: Iterable[str] = (), **values: str) -> str:
    """What a calendar app makes of an event whose user changes something: `values` by property name
    (SUMMARY="…"), `more` lines, and `without` properties.

    It keeps what it was given and does the rest its own way: another order, its own time stamps,
    the times of its own zone, lines folded early with tabs."""
    kept: dict[str, str] = {}
    dropped = {"DTSTAMP", "SEQUENCE", "CREATED", "LAST-MODIFIED", *without}
    lines = lines_of(text)
    inside: list[str] = []
    for line in lines[lines.index("BEGIN:VEVENT") + 1 : lines.index("END:VEVENT")]:
        name = re.split("[;:]", line, maxsplit=1)[0]
        if line.startswith("BEGIN:") or (inside and not inside[-1].startswith("END:")):
            inside.append(line)
        elif name not in dropped:
            kept[name] = line
    kept |= {name: f"{name}:{value}" for name, value in values.items()}
    for name in ("DTSTART", "DTEND"):
        if re.fullmatch(rf"{name}:\d{{8}}T\d{{6}}Z", kept[name]):
            moment = datetime.strptime(kept[name].partition(":")[2], "%Y%m%dT%H%M%SZ").replace(
                tzinfo=UTC
            )
            kept[name] = f"{name};TZID=Europe/Berlin:{moment.astimezone(BERLIN):%Y%m%dT%H%M%S}"
    stamps = [
        "DTSTAMP:20261122T130000Z",
        "CREATED:20261122T110000Z",
        "LAST-MODIFIED:20261122T130000Z",
        "SEQUENCE:3",
    ]
    body = [
        "BEGIN:VEVENT",
        *stamps,
        *sorted(kept.values(), reverse=True),
        *inside,
        *more,
        "END:VEVENT",
    ]
    around = [
        "BEGIN:VCALENDAR",
        "PRODID:-//A calendar app//9.1//EN",
        "VERSION:2.0",
        "CALSCALE:GREGORIAN",
        *_BERLIN,
    ]
    return "\r\n".join(_folded(line) for line in [*around, *body, "END:VCALENDAR"]) + "\r\n"


def dragged(text: str, by: timedelta) -> str:
    """The event, moved by its user."""
    read_back = hold_event(text)
    assert read_back is not None
    return rewritten(text, DTSTART=_utc(read_back.start + by), DTEND=_utc(read_back.end + by))


def shortened(text: str, minutes: int) -> str:
    """The event, its end drawn to so many minutes after its start."""
    read_back = hold_event(text)
    assert read_back is not None
    return rewritten(text, DTEND=_utc(read_back.start + timedelta(minutes=minutes)))


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _folded(line: str) -> str:
    parts = [line[at : at + 50] for at in range(0, len(line), 50)]
    return "\r\n\t".join(parts)


_BERLIN = """\
BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:DAYLIGHT
DTSTART:19810329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZNAME:CEST
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19961027T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZNAME:CET
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE""".splitlines()


# --- fikad ---


@dataclass(slots=True)
class Clock:
    """Stands still until somebody moves it."""

    now: datetime = SUNDAY

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)


class Inline:
    """Expands in this process (`connectors.ical.expansion.Expander`)."""

    def expand(self, jobs: Iterable[ExpansionJob]) -> Iterator[tuple[str, Expansion]]:
        from connectors.ical.occurrences import expand

        for job in jobs:
            yield job.key, expand(job.texts, job.start, job.end, job.zone, trusted=job.trusted)


def new_ledger() -> Ledger:
    """An empty ledger in memory: a copy of one, since bringing a file to the newest version takes
    longer than most tests."""
    db = connect(":memory:")
    db.deserialize(_empty_ledger())
    return Ledger(db, _NOWHERE)


@cache
def _empty_ledger() -> bytes:
    with scratch_copy(_NOWHERE) as ledger:
        return ledger._db.serialize()


@dataclass(slots=True)
class Fikad:
    """One installation. `opener` gives its accounts by name."""

    config: Config
    opener: Callable[[str], Account]
    clock: Clock = field(default_factory=Clock)
    ledger: Ledger = field(default_factory=new_ledger)
    book_opener: BookOpener | None = None

    def once(
        self, propose: str = "all", accept_empty: Iterable[str] = (), *, dry: bool = False
    ) -> Report:
        """One pass."""
        options = PassOptions(propose, frozenset(accept_empty), dry)  # type: ignore[arg-type]
        expander: Any = Inline()
        return run_pass(
            self.config,
            self.ledger,
            self.opener,
            self.clock,
            options,
            expander=expander,
            book_opener=self.book_opener,
        )

    def situation(self) -> Situation:
        return read_situation(self.config, self.ledger, self.clock())

    def holds(self) -> dict[str, Hold]:
        """Every hold ever decided, by UID."""
        return {hold.uid: hold for hold in self.ledger.holds()}

    def hold(self, name: str = "Jane Doe") -> Hold:
        """The latest hold for a contact."""
        return [hold for hold in self.ledger.holds() if hold.contact_name == name][-1]


def edit(calendar: MemoryCalendar, uid: str, *more: str, **values: str) -> None:
    """The user changes a hold (see `rewritten`)."""
    href = f"{uid}.ics"
    calendar.put(href, rewritten(calendar.resources[href].text, *more, **values))


def event_of(calendar: MemoryCalendar, uid: str) -> HoldEvent:
    """A hold as it stands, which it must."""
    event = hold_event(calendar.resources[f"{uid}.ics"].text)
    assert event is not None
    return event


class Open(MemoryCalendar):
    """A calendar whose methods a test may replace."""


@dataclass(slots=True)
class Calendars:
    """The user's calendars, in memory: one for everything else, one for holds. Opens as account
    `home`."""

    account: MemoryAccount
    down: AccountError | None = None
    """What opening the account ends with."""

    @property
    def personal(self) -> MemoryCalendar:
        return self.account.held[0]

    @property
    def coffee(self) -> MemoryCalendar:
        return self.account.held[1]

    def open(self, name: str) -> Account:
        assert name == self.account.name
        if self.down is not None:
            raise self.down
        return self.account

    def put(self, text: str) -> str:
        """Another program stores an event; its href."""
        uid = next(line for line in lines_of(text) if line.startswith("UID:")).removeprefix("UID:")
        self.personal.put(f"{uid}.ics", text)
        return f"{uid}.ics"

    def hold(self, uid: str) -> HoldEvent | None:
        """A hold as it stands."""
        resource = self.coffee.resources.get(f"{uid}.ics")
        return hold_event(resource.text) if resource else None

    def edit(self, uid: str, *more: str, **values: str) -> None:
        """The user changes a hold (see `rewritten`)."""
        edit(self.coffee, uid, *more, **values)

    def drag(self, uid: str, **by: float) -> None:
        href = f"{uid}.ics"
        self.coffee.put(href, dragged(self.coffee.resources[href].text, timedelta(**by)))

    def delete(self, uid: str) -> None:
        self.coffee.drop(f"{uid}.ics")

    def texts(self) -> list[dict[str, str]]:
        """All that stands in each calendar, to compare with later."""
        return [
            {href: resource.text for href, resource in calendar.resources.items()}
            for calendar in self.account.held
        ]


def calendars(*texts: str) -> Calendars:
    """Calendars with these events in the user's own."""
    held: list[MemoryCalendar] = [Open("Personal"), Open(HOLDS)]
    made = Calendars(MemoryAccount("home", held, frozenset({ME})))
    for text in texts:
        made.put(text)
    return made


def met_long_ago(names: Sequence[str], now: datetime = SUNDAY, weeks: int = 8) -> list[str]:
    """A meeting with each, so long ago that all of them are due now."""
    return [
        meeting(name, (now - timedelta(weeks=weeks, days=place)).replace(hour=13))
        for place, name in enumerate(names)
    ]


# --- what may go wrong ---


class Crash(BaseException):
    """fikad stops here and now; nothing of it catches this."""


@dataclass(slots=True)
class Points:
    """The places where a fikad may stop: before and after each write to a calendar, and each commit
    about a hold or a look.

    `at` is the one at which it does, by name or counted from 0; `lost` makes it lose the answer
    there instead, where the point belongs to a write."""

    at: int | str | None = None
    lost: bool = False
    passed: list[str] = field(default_factory=list)

    def reach(self, name: str) -> None:
        self.passed.append(name)
        if self.at in (name, len(self.passed) - 1):
            if self.lost and not name.endswith("record"):
                raise UncertainError(f"no answer ({name})")
            raise Crash(name)


class FragileCalendar:
    """A calendar whose writes may stop half-way."""

    def __init__(self, calendar: Any, points: Points) -> None:
        self._calendar, self._points = calendar, points

    def __getattr__(self, name: str) -> Any:
        return getattr(self._calendar, name)

    def create(self, draft: HoldDraft) -> Any:
        return self._write("create", draft)

    def update(self, stored: Resource, draft: HoldDraft) -> Any:
        return self._write("update", stored, draft)

    def complete(self, stored: Resource, lines: Collection[str]) -> Any:
        return self._write("complete", stored, lines)

    def delete(self, stored: Resource) -> None:
        self._write("delete", stored)

    def _write(self, act: str, *given: Any) -> Any:
        self._points.reach(f"before {act}")
        done = getattr(self._calendar, act)(*given)
        self._points.reach(f"after {act}")
        return done


class FragileAccount:
    """An account with such calendars."""

    def __init__(self, account: Any, points: Points) -> None:
        self._account, self._points = account, points

    def __getattr__(self, name: str) -> Any:
        return getattr(self._account, name)

    def calendars(self, now: datetime) -> list[Any]:
        return [
            FragileCalendar(calendar, self._points) for calendar in self._account.calendars(now)
        ]

    def create_calendar(self, name: str) -> Any:
        return FragileCalendar(self._account.create_calendar(name), self._points)


@contextmanager
def fragile(fikad: Fikad, points: Points) -> Iterator[Points]:
    """A fikad that stops where `points` say."""
    opener, save, save_all = fikad.opener, fikad.ledger.save_hold, fikad.ledger.save_digests

    def save_hold(hold: Hold) -> None:
        points.reach("before record")
        save(hold)
        points.reach("after record")

    def save_digests(digests: Mapping[str, Digest]) -> None:
        points.reach("before record")
        save_all(digests)
        points.reach("after record")

    fikad.opener = lambda name: FragileAccount(opener(name), points)
    fikad.ledger.save_hold = save_hold  # type: ignore[method-assign]
    fikad.ledger.save_digests = save_digests  # type: ignore[method-assign]
    try:
        yield points
    finally:
        fikad.opener = opener
        del fikad.ledger.save_hold, fikad.ledger.save_digests
