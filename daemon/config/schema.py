"""The schema of the config file: every key, its type, its default and what it means, in one place.

The loader, the reference, the JSON Schema and the judgements all use these models; there is no
second list of keys. The whole is here, and is loaded here; its sections are in `sections`, and what
there may be many of in `account_entries`, `address_book_entries`, `contact_entries` and
`occasion_entries`. How values are written is in `types` and `values`; mistakes that lie between
values are found by `checks`. All of them are put into words by `wording` and found in the file by
`positions`, which are loaded only when there are some."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
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
from daemon.config.occasion_entries import (
    BUILT_IN,
    BUILT_IN_OCCASIONS,
    Occasion,
    built_in_occasions,
    completed,
)
from daemon.config.sections import Ask, Availability, Holds, Meetings, Report, Rhythm
from daemon.config.source import Source, read_source
from daemon.config.types import (
    Country,
    Email,
    Frequency,
    Label,
    LanguageCode,
    Section,
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
    report: Report = Field(default=Report(), description="the page that tells how things stand")
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
        return data | {"occasions": completed(data["occasions"], code)}

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
    def asks_free_busy(self) -> bool:
        """Whether servers may be asked when anybody is busy."""
        return any(circle.free_busy for circle in self.circles.values()) or any(
            bool(entry.free_busy) for entry in self.contacts
        )

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
            free_busy=bool(
                entry.free_busy if entry.free_busy is not None else circle and circle.free_busy
            ),
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
    mistakes = [*check(source.data, BUILT_IN), *_zone_mistakes(source)]
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
