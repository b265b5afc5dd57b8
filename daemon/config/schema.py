"""The schema of the config file: every key, its type, its default and what it means, in one place.

The loader, the reference, the JSON Schema and the judgements all use these models; there is no
second list of keys. How values are written is in `config_values`; mistakes are put into words in
`config_wording` and `config_checks` and found in the file by `config_positions`, which are loaded
only when there are some."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time, timedelta
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationError, model_validator

from daemon.bad_value import BadValue
from daemon.config.account_entries import (
    AccountEntry,
    AccountEntryBase,
    CalDAVEntry,
    FilesEntry,
    GoogleEntry,
    Secret,
    WebEntry,
)
from daemon.config.address_book_entries import (
    AddressBookEntry,
    AddressBookEntryBase,
    CardDAVEntry,
    ContactFilesEntry,
    GoogleContactsEntry,
)
from daemon.config.checks import check
from daemon.config.contact_entries import DEFAULT_CADENCE, Challenge, Circle, ContactEntry
from daemon.config.errors import ConfigError, ConfigProblem, Mistake, find_problems
from daemon.config.source import Source, read_source
from daemon.config.types import (
    Country,
    Dates,
    DaySpan,
    Duration,
    Email,
    Frequency,
    Horizon,
    Label,
    LanguageCode,
    Mailbox,
    Message,
    Number,
    Plan,
    Section,
    Switch,
    Title,
    Weekday,
    Whole,
    Zone,
)
from daemon.config.values import (
    WEEKDAY_NAMES,
    WEEKDAYS,
    DateRange,
    PlanTime,
    TimeRange,
    folded,
    parse_language,
)
from daemon.holidays import Holidays
from daemon.languages.date_style import DateStyle
from daemon.languages.language import language
from daemon.languages.vocabulary import Vocabulary, vocabulary
from daemon.languages.writing import Writer, writer
from daemon.paths import locate, state_dir

if TYPE_CHECKING:
    from daemon.people.contacts import Contact

__all__ = [
    "BUILT_IN_OCCASIONS",
    "DEFAULT_CADENCE",
    "WEEKDAYS",
    "WEEKDAY_NAMES",
    "AccountEntry",
    "AccountEntryBase",
    "AddressBookEntry",
    "AddressBookEntryBase",
    "Ask",
    "Availability",
    "CalDAVEntry",
    "CardDAVEntry",
    "Challenge",
    "Circle",
    "Config",
    "ConfigError",
    "ConfigProblem",
    "ContactEntry",
    "ContactFilesEntry",
    "DateRange",
    "FilesEntry",
    "GoogleContactsEntry",
    "GoogleEntry",
    "Holds",
    "Meetings",
    "Occasion",
    "PlanTime",
    "Rhythm",
    "Secret",
    "TimeRange",
    "WebEntry",
    "load",
    "locate",
    "state_dir",
    "system_zone",
]  # fmt: skip

# --- rules ---


class Holds(Section):
    account: Label | None = Field(
        default=None,
        description="the account that holds are written to; default: the first writable one",
    )
    calendar: Label = Field(
        default="Fikad", description="the calendar holds are written to; created when missing"
    )
    show_as: Literal["free", "busy", "auto"] = Field(
        default="free",
        description='whether a hold blocks your time for others; "auto": only where fewer than '
        "three"
        " other slots are left for its occasion",
    )
    on_yes: Literal["confirm", "leave"] = Field(
        default="confirm",
        description="what happens to a hold that you accept: in one write it is confirmed and "
        "shown as"
        " busy, or it is left as it is",
    )


class Ask(Section):
    """The message in a hold with which you may invite somebody. You send it: fikad sends
    nothing."""

    message: Message | None = Field(
        default=None,
        description="its text, with {name}, {first_name}, {occasion}, {when}, {other_times} and "
        "{place};"
        " a sentence whose value is not known is left out; default: one in your `language`",
    )
    other_times: Whole = Field(
        default=2, ge=0, le=5, description="how many other open times it names"
    )
    link: Switch = Field(
        default=True,
        description="a link beside it that opens it as a mail or text message, ready to send",
    )


class Meetings(Section):
    min_minutes: Whole = Field(
        default=10, ge=0, le=24 * 60, description="shorter occurrences are not meetings (minutes)"
    )
    max_hours: Number = Field(
        default=8, gt=0, description="longer occurrences are not meetings (hours)"
    )
    count_unanswered: Switch = Field(
        default=False, description="count invitations that you did not answer or answered maybe"
    )
    count_holds: Literal["accepted", "confirmed"] = Field(
        default="accepted",
        description="count holds that you accepted, or only those to which a guest said yes (or "
        "you said `met`)",
    )
    words: tuple[Label, ...] = Field(
        default=(), description="more words for a meeting, besides those of the languages"
    )
    not_words: tuple[Label, ...] = Field(
        default=(), description="more words that mark a title as no meeting"
    )
    not_people: tuple[Mailbox, ...] = Field(
        default=(),
        description="guests that are programs, besides the well-known note-takers: addresses or "
        "domains",
    )

    @model_validator(mode="after")
    def _some_length_counts(self) -> Meetings:
        if self.min_minutes > self.max_hours * 60:
            raise BadValue("count no length at all", "min_minutes is more than max_hours")
        return self


class Rhythm(Section):
    per_week: Whole = Field(
        default=1, ge=0, description="at most so many holds a week, Monday to Sunday"
    )
    per_day: Whole = Field(default=1, ge=0, description="at most so many holds a day")
    open: Whole = Field(default=3, ge=0, description="at most so many unanswered holds at a time")
    plan: Plan = Field(
        default=PlanTime(weekday=6, at=time(17)), description="when new holds are proposed"
    )
    poll: Frequency = Field(
        default=timedelta(minutes=15), description="how often calendars are read"
    )
    horizon: Horizon = Field(
        default=timedelta(weeks=2), description="how far ahead holds are placed"
    )
    notice: Duration = Field(
        default=timedelta(days=1),
        description="a hold is placed at least this long before it starts",
    )
    buffer: Duration = Field(
        default=timedelta(minutes=15), description="time kept free around everything else"
    )
    rest: Duration = Field(
        default=timedelta(weeks=1),
        description="a contact is left alone at least this long after a dismissal",
    )
    reach_back: Whole = Field(
        default=5,
        ge=0,
        description="one hold in so many goes to somebody you have not met for over a year, and "
        "one to"
        " somebody new; 0: no such rule",
    )
    weekly_digest: Switch = Field(
        default=False,
        description="an all-day entry beside the holds on the day of `plan`: your week, and who "
        "has gone quiet",
    )


_WORKING_DAY = (TimeRange(start_minute=9 * 60, end_minute=18 * 60),)


class Availability(Section):
    """When none of the seven days is given: Monday to Friday, 09:00-18:00. Otherwise a missing day
    is closed."""

    monday: tuple[DaySpan, ...] = Field(
        default=(), description='when you are available, as ["09:00-18:00"]'
    )
    tuesday: tuple[DaySpan, ...] = Field(default=(), description="likewise")
    wednesday: tuple[DaySpan, ...] = Field(default=(), description="likewise")
    thursday: tuple[DaySpan, ...] = Field(default=(), description="likewise")
    friday: tuple[DaySpan, ...] = Field(default=(), description="likewise")
    saturday: tuple[DaySpan, ...] = Field(default=(), description="likewise")
    sunday: tuple[DaySpan, ...] = Field(default=(), description="likewise")
    blackout: tuple[Dates, ...] = Field(
        default=(), description='days without holds, as ["2026-12-24..2027-01-02"]'
    )

    @model_validator(mode="before")
    @classmethod
    def _working_days_by_default(cls, data: Any) -> Any:
        if isinstance(data, dict) and not any(day in data for day in WEEKDAY_NAMES):
            return data | dict.fromkeys(WEEKDAY_NAMES[:5], _WORKING_DAY)
        return data

    def on(self, weekday: int) -> tuple[TimeRange, ...]:
        """The spans of a weekday, Monday is 0."""
        spans: tuple[TimeRange, ...] = getattr(self, WEEKDAY_NAMES[weekday])
        return spans


def _without_default(schema: dict[str, Any]) -> None:
    del schema["default"]


class Occasion(Section):
    """What a table does not say is as in the built-in occasion of that name, if there is one:
    breakfast, coffee, lunch, walk, drinks, call."""

    title: Title = Field(
        default="Coffee with {name}?",
        description='the hold\'s title; {name} is the contact; ends in "?"; default: made of the '
        "occasion's name",
        # On loading the default depends on the table's name.
        json_schema_extra=_without_default,
    )
    minutes: Whole = Field(default=45, gt=0, le=24 * 60, description="its length (minutes)")
    between: tuple[DaySpan, ...] = Field(
        default=(TimeRange(0, 24 * 60),), min_length=1, description="times of day"
    )
    days: tuple[Weekday, ...] = Field(default=WEEKDAYS, min_length=1, description="weekdays")
    place: Label | None = Field(
        default=None, description="where it usually takes place: the hold's location"
    )
    remote: Switch = Field(
        default=False,
        description="not in one place, as a call: kept to the waking hours in the contact's own "
        "time zone",
    )

    @model_validator(mode="after")
    def _fits_somewhere(self) -> Occasion:
        if all(span.end_minute - span.start_minute < self.minutes for span in self.between):
            raise BadValue(
                f"lasts {self.minutes} minutes and fits into none of its times of day",
                "widen `between`",
            )
        return self


def _built_in(minutes: int, *between: str) -> dict[str, Any]:
    return {"minutes": minutes, "between": list(between)}


_BUILT_IN = {
    "breakfast": _built_in(60, "08:00-10:00"),
    "coffee": _built_in(45, "09:30-11:30", "14:30-16:30"),
    "lunch": _built_in(60, "12:00-14:00"),
    "walk": _built_in(60, "10:00-12:00", "15:00-18:00"),
    "drinks": _built_in(120, "18:00-22:00"),
    "call": _built_in(30, "09:00-18:00") | {"remote": True},
}


@cache
def built_in_occasions(code: str = "en") -> Mapping[str, Occasion]:
    """What a contact may name without a table of its own, with titles in a language that is
    shipped. Offered by
    default: those with a table, else coffee."""
    titles = language(code).occasions
    return {
        name: Occasion.model_validate(table | {"title": titles[name]})
        for name, table in _BUILT_IN.items()
    }


BUILT_IN_OCCASIONS = built_in_occasions()
"""Those in English."""


def _completed(tables: Any, code: str) -> Any:
    """Tables of occasions filled up in a language: from the built-in of that name, else with a
    title made of the name."""
    if not isinstance(tables, dict):
        return tables
    titles = language(code).occasions

    def usual(name: str) -> dict[str, Any]:
        if name in _BUILT_IN:
            return _BUILT_IN[name] | {"title": titles[name]}
        return {"title": titles["other"].replace("{occasion}", name.capitalize())}

    return {
        name: usual(name) | table if isinstance(table, dict) else table
        for name, table in tables.items()
    }


# --- the whole ---


class Config(Section):
    timezone: Zone | None = Field(default=None, description="your time zone; default: the system's")
    language: LanguageCode = Field(default="en", description="the language fikad writes in")
    languages: tuple[LanguageCode, ...] | None = Field(
        default=None,
        description="the languages of the titles in your calendars, besides English; default: "
        "`language`",
    )
    country: Country | None = Field(
        default=None,
        description='whose public holidays are closed, and how dates are written, as "DE" or '
        '"DE-BE"; default: none',
    )
    me: tuple[Email, ...] = Field(
        default=(), description="your own addresses, besides those that the accounts report"
    )
    history: Frequency = Field(
        default=timedelta(days=3 * 365), description="how far back meetings are read"
    )
    accounts: dict[Label, AccountEntry] = Field(default={}, description="the calendars to read")
    addressbooks: dict[Label, AddressBookEntry] = Field(
        default={}, description="where you keep people; read, never written"
    )
    holds: Holds = Field(default=Holds(), description="where holds are written")
    ask: Ask = Field(default=Ask(), description="the message that asks somebody to meet")
    meetings: Meetings = Field(default=Meetings(), description="what counts as a one-on-one")
    rhythm: Rhythm = Field(default=Rhythm(), description="how often holds are proposed")
    availability: Availability = Field(default=Availability(), description="when you are available")
    occasions: dict[Label, Occasion] = Field(default={}, description="what there is to do together")
    circles: dict[Label, Circle] = Field(default={}, description="groups of contacts")
    contacts: tuple[ContactEntry, ...] = Field(default=(), description="the people who matter")
    challenges: tuple[Challenge, ...] = Field(default=(), description="times with a denser rhythm")

    @model_validator(mode="before")
    @classmethod
    def _occasions_in_the_language(cls, data: Any) -> Any:
        if not isinstance(data, dict) or "occasions" not in data:
            return data
        try:
            code = parse_language(data.get("language", "en"))
        except BadValue:
            code = "en"  # reported where languages are parsed
        return data | {"occasions": _completed(data["occasions"], code)}

    @property
    def zone(self) -> ZoneInfo:
        """The user's time zone: the configured one, else the system's."""
        return self.timezone or system_zone()

    @cached_property
    def writer(self) -> Writer:
        """Who writes what stands in a calendar."""
        return writer(self.language, self.country or "")

    @property
    def date_style(self) -> DateStyle:
        """How dates are written in a terminal."""
        return self.writer.date_style

    @cached_property
    def holidays(self) -> Holidays:
        """The public holidays of the user's country, named in their language."""
        return Holidays(self.country or "", self.language)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The words by which titles are read."""
        codes = (self.language,) if self.languages is None else self.languages
        return vocabulary(codes, self.meetings.words, self.meetings.not_words)

    @cached_property
    def offered(self) -> dict[str, Occasion]:
        """Every occasion that may be proposed: those configured (else coffee), then built-ins that
        a contact names."""
        named = [name for contact in self.contacts for name in contact.occasions or ()]
        there_are = built_in_occasions(self.language)
        built_in = {name: there_are[name] for name in named if name not in self._usual}
        return {**self._usual, **built_in}

    @cached_property
    def remote(self) -> frozenset[str]:
        """The occasions that are done from afar."""
        return frozenset(name for name, occasion in self.offered.items() if occasion.remote)

    @cached_property
    def _usual(self) -> dict[str, Occasion]:
        return self.occasions or {"coffee": built_in_occasions(self.language)["coffee"]}

    @cached_property
    def people(self) -> tuple[Contact, ...]:
        """The contacts of the config alone, with what their circle gives them filled in. Those of
        address books are beside them in `daemon.address_books.known.contacts_of`."""
        return tuple(self.contact(entry) for entry in self.contacts)

    def contact(self, entry: ContactEntry) -> Contact:
        """The contact that an entry stands for, with what the circle gives them filled in."""
        from daemon.people.contacts import Contact

        circle = self.circles[entry.circle] if entry.circle else None
        return Contact(
            key=folded(entry.name),
            name=entry.name,
            cadence=entry.cadence or (circle.cadence if circle else DEFAULT_CADENCE),
            emails=frozenset(entry.emails),
            aliases=entry.aliases,
            circle=entry.circle or "",
            weight=circle.weight if circle else 1.0,
            occasions=entry.occasions or tuple(self._usual),
            paused=entry.paused or entry.until is not None,
            until=entry.until,
            tags=entry.tags,
            new=entry.new,
            kin=entry.kin,
            timezone=entry.timezone,
            birthday=entry.birthday,
            phone=entry.phone or "",
            address=next(iter(entry.emails), ""),
        )


def system_zone() -> ZoneInfo:
    """The system's time zone as `tzlocal` finds it; `tzlocal.reload_localzone()` makes it look
    again."""
    import tzlocal

    return tzlocal.get_localzone()


# --- loading ---


def load(path: Path, text: str | None = None) -> Config:
    """The config in a file; relative paths in it start at its folder. Raises ConfigError with every
    mistake.

    `text` is read in the place of what the file holds now.
    """
    source = read_source(path, text)
    mistakes = [*check(source.data, _BUILT_IN), *_zone_mistakes(source)]
    config = None
    try:
        config = Config.model_validate(source.data, context={"folder": path.absolute().parent})
    except ValidationError as error:
        from daemon.config.wording import mistakes_of

        mistakes += mistakes_of(error, Config)
    if config is not None and not mistakes and not source.slips:
        return config
    wanted = [mistake for mistake in mistakes if mistake.missing not in source.skipped]
    problems = [*source.slips, *find_problems(wanted, path, source.text)]
    raise ConfigError(tuple(sorted(problems, key=lambda problem: (problem.line, problem.column))))


def _zone_mistakes(source: Source) -> list[Mistake]:
    if "timezone" in source.data:
        return []
    try:
        system_zone()
    except (LookupError, ValueError, OSError):
        return [
            Mistake(
                (),
                "the system does not say which time zone it is in",
                'write timezone = "Europe/Berlin"',
            )
        ]
    return []
