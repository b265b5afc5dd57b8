"""The types of the config's values: how each is parsed, and what editors and the reference say
about it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, ValidationInfo, WithJsonSchema

from connectors.address_book import YearlyDay
from daemon.bad_value import BadValue
from daemon.config.values import (
    WEEKDAYS,
    DateRange,
    PlanTime,
    TimeRange,
    parse_country,
    parse_date_range,
    parse_day,
    parse_email,
    parse_label,
    parse_language,
    parse_mailbox,
    parse_message,
    parse_path,
    parse_phone,
    parse_plan,
    parse_time_range,
    parse_title,
    parse_web_address,
    parse_weekday,
    parse_yearly_day,
    parse_zone,
)
from daemon.durations import parse_duration


def _text(title: str, *examples: str, **more: Any) -> WithJsonSchema:
    """What editors and the reference say about a value written as text."""
    schema = {"type": "string", "title": title, **more}
    return WithJsonSchema(schema | ({"examples": list(examples)} if examples else {}))


def _length(least: timedelta, most: timedelta | None = None) -> PlainValidator:
    def parse(value: object) -> timedelta:
        duration = parse_duration(value)
        if duration < least:
            raise BadValue("is too short", f"write {_shortest(least)} or more")
        if most is not None and duration > most:
            raise BadValue("is too long", f'write "{most.days} days" or less')
        return duration

    return PlainValidator(parse)


def _shortest(least: timedelta) -> str:
    return '"1 day"' if least >= timedelta(days=1) else '"1 second"'


def _file_path(value: object, info: ValidationInfo) -> Path:
    return parse_path(value, (info.context or {}).get("folder"))


_DURATION_TEXT = _text(
    "duration", "6 weeks", "1 month", "15 minutes",
    pattern=r"^\s*(\d{1,9}\s*([sS]econd|[mM]inute|[hH]our|[dD]ay|[wW]eek|[mM]onth|[qQ]uarter|[yY]ear)s?"
    r"|daily|weekly|fortnightly|monthly|quarterly|twice a year|yearly)\s*$",
)  # fmt: skip
Duration = Annotated[timedelta, PlainValidator(parse_duration), _DURATION_TEXT]
Frequency = Annotated[timedelta, _length(timedelta(seconds=1)), _DURATION_TEXT]
Cadence = Annotated[timedelta, _length(timedelta(days=1)), _DURATION_TEXT]
Horizon = Annotated[timedelta, _length(timedelta(days=1), timedelta(days=366)), _DURATION_TEXT]
Zone = Annotated[
    ZoneInfo, PlainValidator(parse_zone), _text("time zone", "Europe/Berlin", "America/New_York")
]
DaySpan = Annotated[
    TimeRange,
    PlainValidator(parse_time_range),
    _text("time range", "09:00-18:00", pattern=r"^\s*\d{1,2}:\d{2}\s*[-–]\s*\d{1,2}:\d{2}\s*$"),
]
Dates = Annotated[
    DateRange,
    PlainValidator(parse_date_range),
    _text(
        "dates",
        "2026-12-24..2027-01-02",
        pattern=r"^\s*\d{4}-\d{2}-\d{2}\s*(\.\.\s*\d{4}-\d{2}-\d{2}\s*)?$",
    ),
]
Day = Annotated[
    date,
    PlainValidator(parse_day),
    _text("date", "2026-12-24", pattern=r"^\s*\d{4}-\d{2}-\d{2}\s*$"),
]
Birthday = Annotated[
    YearlyDay,
    PlainValidator(parse_yearly_day),
    _text("day of the year", "04-12", "1980-04-12", pattern=r"^\s*(\d{4}-|--)?\d{2}-?\d{2}\s*$"),
]
Plan = Annotated[
    PlanTime,
    PlainValidator(parse_plan),
    _text("weekday and time", "Sunday 17:00", pattern=r"^\s*[^\s\d]+\s+\d{1,2}:\d{2}\s*$"),
]
Weekday = Annotated[str, PlainValidator(parse_weekday), _text("weekday", *WEEKDAYS)]
Email = Annotated[
    str, PlainValidator(parse_email), _text("e-mail address", "jane@example.com", pattern="@")
]
Mailbox = Annotated[
    str, PlainValidator(parse_mailbox), _text("address or domain", "fireflies.ai", pattern=r"\.")
]
Phone = Annotated[
    str,
    PlainValidator(parse_phone),
    _text("phone number", "+49 171 2345678", pattern=r"^\s*\+?[\d\s()./-]+$"),
]
Message = Annotated[
    str, PlainValidator(parse_message), _text("message", "Hi {first_name}, how about {when}?")
]
Label = Annotated[str, PlainValidator(parse_label), _text("text", minLength=1)]
Country = Annotated[
    str,
    PlainValidator(parse_country),
    _text("country", "DE", "DE-BE", pattern=r"^\s*[A-Za-z]{2}(-[A-Za-z0-9]+)?\s*$"),
]
LanguageCode = Annotated[str, PlainValidator(parse_language), _text("language", "en", "de")]
Title = Annotated[
    str,
    PlainValidator(parse_title),
    _text("title", "Coffee with {name}?", pattern=r"\{name\}.*\?\s*$"),
]
WebAddress = Annotated[
    str,
    PlainValidator(parse_web_address),
    _text("web address", "https://dav.example.com/", pattern="^https?://"),
]
FilePath = Annotated[Path, PlainValidator(_file_path), _text("path", "~/calendars")]
Whole = Annotated[int, Field(strict=True)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Switch = Annotated[bool, Field(strict=True)]


class Section(BaseModel):
    """A table of the config file: unknown keys are refused, values never change after loading."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, arbitrary_types_allowed=True, hide_input_in_errors=True
    )
