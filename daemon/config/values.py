"""Values that the config writes as text: time zones, spans of a day, addresses, names, places on
disk; durations are read in `daemon.durations`.

Each `parse_…` function takes what stands in the file and returns the value, or raises BadValue with
words that follow the key's name ("is not a duration") and a hint that says what to write instead. A
value that is already parsed passes through, so the models can be built from Python, too.

Times of day are wall-clock times in the user's zone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.address_book import YearlyDay
from connectors.mail_address import mail_address
from daemon.bad_value import BadValue, suggestion
from daemon.countries import countries
from daemon.durations import duration_text
from daemon.languages.language import language, shipped

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEKDAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_JOINERS = str.maketrans("", "", "\u200c\u200d")
"""Invisible, and part of names in Persian and Hindi (and of emoji)."""
_PHONE = re.compile(r"\+?[\d ()./-]+")


@dataclass(frozen=True, slots=True)
class TimeRange:
    """A span of one day's wall clock, `start` < `end`; an `end` of 24:00 is midnight after that
    day."""

    start_minute: int
    """Minutes after midnight, wall clock."""
    end_minute: int


@dataclass(frozen=True, slots=True)
class DateRange:
    """Whole days, both ends included, in the user's zone."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class PlanTime:
    """A weekday (Monday is 0) and a wall-clock time in the user's zone."""

    weekday: int
    at: time


def folded(name: str) -> str:
    """A name with case and white space folded: two contacts of one folded name are the same."""
    return " ".join(name.casefold().split())


def parse_zone(value: object) -> ZoneInfo:
    """An IANA name as a ZoneInfo. Raises BadValue."""
    if isinstance(value, ZoneInfo):
        return value
    example = 'write for example "Europe/Berlin"'
    if not isinstance(value, str):
        raise BadValue("is not a time zone", example)
    try:
        return ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadValue("is not a time zone", _similar_zone(value) or example) from None


def _similar_zone(name: str) -> str:
    from zoneinfo import available_timezones

    zones = sorted(available_timezones())
    city = name.rpartition("/")[2].strip().replace(" ", "_").casefold()
    for zone in zones:
        if "/" in zone and zone.rpartition("/")[2].casefold() == city:
            return f'did you mean "{zone}"?'
    return suggestion(name, zones)


def parse_time_range(value: object) -> TimeRange:
    """ "09:00-18:00" as a TimeRange. Raises BadValue."""
    if isinstance(value, TimeRange):
        return value
    match = (
        re.fullmatch(r"\s*(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})\s*", value)
        if isinstance(value, str)
        else None
    )
    if not match or int(match[2]) > 59 or int(match[4]) > 59:
        raise BadValue("is not a span of one day", 'write for example "09:00-18:00"')
    start, end = int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])
    if end > 24 * 60 or start >= 24 * 60:
        raise BadValue("is not a span of one day", 'a day ends at "24:00"')
    if end <= start:
        raise BadValue(
            "ends before it begins", 'a span stays within one day; midnight at its end is "24:00"'
        )
    return TimeRange(start, end)


def parse_date_range(value: object) -> DateRange:
    """ "2026-12-24..2027-01-02" or one date as a DateRange. Raises BadValue."""
    if isinstance(value, DateRange):
        return value
    if isinstance(value, date) and not isinstance(value, datetime):
        return DateRange(value, value)
    try:
        first, _, last = value.partition("..")  # type: ignore[attr-defined]
        dates = DateRange(
            date.fromisoformat(first.strip()), date.fromisoformat((last or first).strip())
        )
    except (AttributeError, ValueError):
        raise BadValue(
            "is not a date or a span of dates", 'write for example "2026-12-24..2027-01-02"'
        ) from None
    if dates.last < dates.first:
        raise BadValue("ends before it begins", "write the earlier date first")
    return dates


def parse_day(value: object) -> date:
    """ "2026-12-24", or a TOML date, as a date. Raises BadValue."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value.strip())  # type: ignore[attr-defined]
    except (AttributeError, ValueError):
        raise BadValue("is not a date", 'write for example "2026-12-24"') from None


def parse_yearly_day(value: object) -> YearlyDay:
    """ "04-12", "1980-04-12", or a TOML date, as a YearlyDay. Raises BadValue."""
    if isinstance(value, YearlyDay):
        return value
    text = value.isoformat() if type(value) is date else value
    parts = (
        re.fullmatch(r"\s*(?:(\d{4})-|--)?(\d{2})-?(\d{2})\s*", text)
        if isinstance(text, str)
        else None
    )
    try:
        if parts is None:
            raise ValueError
        day = date(int(parts[1] or 2000), int(parts[2]), int(parts[3]))  # 2000 was a leap year
    except ValueError:
        raise BadValue(
            "is no day of the year", 'write month and day, "04-12", or "1980-04-12"'
        ) from None
    return YearlyDay(day.month, day.day, day.year if parts[1] else None)


def parse_plan(value: object) -> PlanTime:
    """ "Sunday 17:00" as a PlanTime. Raises BadValue."""
    if isinstance(value, PlanTime):
        return value
    match = (
        re.fullmatch(r"\s*(\D+?)\s+(\d{1,2}):(\d{2})\s*", value) if isinstance(value, str) else None
    )
    if match and int(match[2]) < 24 and int(match[3]) < 60:
        weekday = _weekday(match[1])
        if weekday is not None:
            return PlanTime(weekday, time(int(match[2]), int(match[3])))
    raise BadValue("is not a weekday and a time", 'write for example "Sunday 17:00"')


def _weekday(name: str) -> int | None:
    """Monday is 0. English first, cut short or not; then as any language that is shipped has it."""
    word = name.strip().rstrip(".").casefold()
    if len(word) >= 3:
        english = [number for number, day in enumerate(WEEKDAY_NAMES) if day.startswith(word)]
        if english:
            return english[0]
    from daemon.languages.weekdays import weekday

    return weekday(word)


def parse_weekday(value: object) -> str:
    """ "mon" or "Monday" as "mon". Raises BadValue."""
    if isinstance(value, str):
        word = value.strip().lower()
        for short, name in zip(WEEKDAYS, WEEKDAY_NAMES, strict=True):
            if word in (short, name):
                return short
    hint = suggestion(value, WEEKDAYS) if isinstance(value, str) else ""
    raise BadValue("is not a weekday", hint or "write " + ", ".join(f'"{day}"' for day in WEEKDAYS))


def parse_email(value: object) -> str:
    """A bare address in lower case; `mailto:` is taken off. Raises BadValue."""
    if isinstance(value, str) and (address := mail_address(value)):
        return address
    raise BadValue(
        "is not an e-mail address", 'write the bare address, for example "jane@example.com"'
    )


def parse_mailbox(value: object) -> str:
    """An address, or a domain for all its addresses, in lower case. Raises BadValue."""
    if isinstance(value, str):
        domain = value.strip().lower().removeprefix("@")
        if re.fullmatch(r"[^\W_][\w-]*(\.[\w-]+)+", domain):
            return domain
        if "@" in domain:
            return parse_email(value)
    raise BadValue("is neither an address nor a domain", 'write "bot@example.com" or "example.com"')


def parse_phone(value: object) -> str:
    """A phone number as people write it, white space folded: at least three digits. Raises
    BadValue."""
    if isinstance(value, str):
        number = " ".join(value.split())
        if _PHONE.fullmatch(number) and sum(sign.isdecimal() for sign in number) >= 3:
            return number
    raise BadValue("is not a phone number", 'write it as text, for example "+49 171 2345678"')


MESSAGE_VALUES = ("name", "first_name", "occasion", "when", "other_times", "place")
"""What may stand in braces in the message that asks somebody."""


def parse_message(value: object) -> str:
    """A message, perhaps of several lines, with `MESSAGE_VALUES` in braces. Raises BadValue."""
    if not isinstance(value, str):
        raise BadValue("must be text", "put it in quotes")
    lines = [" ".join(line.split()) for line in value.strip().splitlines()]
    text = "\n".join(lines)
    if not text:
        raise BadValue("is empty", "write what you would write, or leave the key out")
    if not all(line.translate(_JOINERS).isprintable() for line in lines):
        raise BadValue("has invisible characters in it", "write printable text")
    for name in re.findall(r"\{([^{}]*)\}", text):
        if name not in MESSAGE_VALUES:
            raise BadValue(
                f"has {{{name}}} in it, which means nothing",
                suggestion(name, MESSAGE_VALUES)
                or f"known are {', '.join(f'{{{known}}}' for known in MESSAGE_VALUES)}",
            )
    return text


def parse_label(value: object) -> str:
    """A name or word with white space folded: not empty, printable. Raises BadValue."""
    if not isinstance(value, str):
        raise BadValue("must be text", "put it in quotes")
    text = " ".join(value.split())
    if not text:
        raise BadValue("must not be empty")
    if not text.translate(_JOINERS).isprintable() or len(text) > 200:
        raise BadValue("must be one line of printable text", "at most 200 characters")
    return text


def parse_language(value: object) -> str:
    """The code of a language that is shipped, or the language's own name. Raises BadValue."""
    if not isinstance(value, str):
        raise BadValue("must be text", 'put it in quotes, as in "en"')
    word = value.strip().casefold()
    if word in shipped():
        return word
    codes = {language(code).name.casefold(): code for code in shipped()}
    if word in codes:
        return codes[word]
    raise BadValue(
        "is not a language fikad speaks",
        suggestion(word, shipped()) or "known: " + ", ".join(shipped()),
    )


def parse_country(value: object) -> str:
    """A country whose public holidays are known, by ISO 3166, perhaps with a part of it: "DE",
    "DE-BE". Raises BadValue."""
    if not isinstance(value, str):
        raise BadValue("must be text", 'put it in quotes, as in "DE-BE"')
    country, _, part = value.strip().partition("-")
    known = countries()
    for code, parts in known.items():
        if code == country.upper():
            spelt = {subdivision.casefold(): subdivision for subdivision in parts}
            if not part:
                return code
            if part.casefold() in spelt:
                return f"{code}-{spelt[part.casefold()]}"
            there = ", ".join(f"{code}-{subdivision}" for subdivision in parts)
            hint = suggestion(f"{code}-{part}", [f"{code}-{subdivision}" for subdivision in parts])
            raise BadValue(
                "is no part of that country with holidays of its own",
                hint or f"write {there or code}",
            )
    hint = suggestion(country.upper(), known)
    raise BadValue(
        "is not a country whose public holidays are known",
        hint or 'write its code, for example "DE-BE"',
    )


def parse_title(value: object) -> str:
    """The title of an occasion's holds: names the contact as {name} and ends in "?". Raises
    BadValue.

    The question mark is how the user answers (taking it away accepts the hold) and what keeps an
    unanswered suggestion from ever being read as a meeting."""
    text, example = parse_label(value), 'write for example "Coffee with {name}?"'
    if "{name}" not in text:
        raise BadValue("lacks {name}, which stands for the contact", example)
    if re.search(r"[{}]", text.replace("{name}", "")):
        raise BadValue("may hold no other braces than {name}", example)
    if not text.endswith("?"):
        raise BadValue(
            'must end in "?", since taking the "?" away is how a hold is accepted', example
        )
    return text


def parse_web_address(value: object) -> str:
    """An https address without a password in it; plain http only on this machine. Raises
    BadValue."""
    from urllib.parse import urlsplit

    from connectors.network import on_this_machine

    example = 'write for example "https://dav.example.com/"'
    if not isinstance(value, str) or re.search(r"[\s\\\x00-\x1f\x7f]", value):
        raise BadValue("is not a web address", example)
    try:
        parts = urlsplit(value)
        host = parts.hostname or ""
        usable = parts.scheme in ("http", "https") and host and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise BadValue("is not a web address", example)
    if "@" in parts.netloc:
        raise BadValue(
            "must not hold a login", "take it out and use the keys username and password"
        )
    if parts.scheme == "http" and not on_this_machine(host):
        raise BadValue(
            "is plain http, which anybody on the way can read",
            "write https://; http is for localhost only",
        )
    return value


def parse_feed_address(value: object) -> str:
    """The address of a published calendar, which is a secret and so never quoted. Raises
    BadValue."""
    from connectors.web.location import LocationError, location_of

    try:
        location_of(value if isinstance(value, str) else "")
    except LocationError as error:
        raise BadValue(str(error), error.hint) from None
    return str(value)


def parse_path(value: object, folder: Path | None) -> Path:
    """A path with ~ expanded; a relative one starts at `folder`, the config file's. Raises
    BadValue."""
    if not isinstance(value, (str, Path)) or not str(value).strip() or "\0" in str(value):
        raise BadValue("is not a path", 'write for example "~/calendars"')
    try:
        path = Path(value).expanduser()
    except RuntimeError:
        raise BadValue(
            "begins with a home folder that does not exist", "write the whole path"
        ) from None
    return path if folder is None else folder / path


def as_written(value: object) -> object:
    """A parsed value as the config writes it, for references and schemas."""
    match value:
        case timedelta():
            return duration_text(value)
        case TimeRange():
            span = (value.start_minute, value.end_minute)
            return "-".join(f"{minute // 60:02}:{minute % 60:02}" for minute in span)
        case DateRange():
            return f"{value.first}" if value.first == value.last else f"{value.first}..{value.last}"
        case PlanTime():
            return f"{WEEKDAY_NAMES[value.weekday].capitalize()} {value.at:%H:%M}"
        case ZoneInfo() | Path() | date():
            return str(value)
        case tuple() | list():
            return [as_written(item) for item in value]
    return value
