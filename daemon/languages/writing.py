"""Writing in a language: its sentences as Fluent patterns, its dates, spans and lists by the CLDR.

Nothing is put together from pieces of words: a sentence is one pattern, with its plurals in it.
What a language has no pattern for is said in English. The libraries are loaded when something is
first written."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, cached_property
from typing import TYPE_CHECKING, Literal

from daemon.languages.date_style import PLAIN, DateStyle
from daemon.languages.language import every, language

if TYPE_CHECKING:
    from babel import Locale
    from fluent.runtime import FluentBundle

_DAY = timedelta(days=1)
_LENGTHS = {"day": 1, "week": 7, "month": 30, "year": 365}
"""In days, as spans are told."""
_ENGLISH = "en"
_YEAR = re.compile(r"y年|,? ?('de' )?\by+\b")
"""The year in the pattern of a date, with what joins it on (CLDR)."""


@dataclass(frozen=True)
class Writer:
    """Writes in one language, as in one country where that is told. Never changes."""

    code: str = _ENGLISH
    country: str = ""
    """ISO 3166-1, "US"; "": the one whose customs the language's file names."""

    @property
    def tag(self) -> str:
        """The language as documents name it (BCP 47): "en-GB"."""
        return str(self._locale).replace("_", "-")

    def say(self, key: str, **values: str | int) -> str:
        """The sentence `key` of the language's `[text]`. Raises LookupError for one that English
        lacks, too."""
        for bundle in self._bundles:
            if bundle.has_message(key) and (pattern := bundle.get_message(key).value) is not None:
                said, errors = bundle.format_pattern(pattern, values)
                if not errors:
                    return str(said)
        raise LookupError(f"no sentence {key!r}")

    def day(self, day: date) -> str:
        """A date not far from now, with its weekday: "Tuesday 10 November"."""
        from babel.dates import format_date

        plain = self._locale.datetime_skeletons.get("MMMMEEEEd")
        pattern = (
            plain.pattern if plain else _YEAR.sub("", self._locale.date_formats["full"].pattern)
        )
        return format_date(day, pattern, locale=self._locale)

    def short_day(self, day: date) -> str:
        """The same as short as it is understood: "Tue 10 Nov"."""
        from babel.dates import format_skeleton

        return format_skeleton("MMMEd", day, locale=self._locale)

    def month(self, day: date) -> str:
        """The month of a date, short: "Nov"."""
        from babel.dates import format_skeleton

        return format_skeleton("MMM", day, locale=self._locale)

    def date(self, day: date) -> str:
        """A date with its weekday: "Tuesday 10 November 2026"."""
        from babel.dates import format_date

        return format_date(day, "full", locale=self._locale)

    def moment(self, moment: datetime) -> str:
        """An aware moment not far from now, by the clock of its own zone: "Tue 1 Dec 10:00"."""
        from babel.dates import format_skeleton, format_time

        time = format_time(moment, "short", tzinfo=moment.tzinfo, locale=self._locale)
        day = format_skeleton("MMMEd", moment, moment.tzinfo, locale=self._locale)
        # "1 Dec 14:30" cannot be misread, and titles are short; "Dec 1 2:30 PM" can.
        joined = (
            self._locale.datetime_formats["medium"] if self.date_style.twelve_hours else "{1} {0}"
        )
        return joined.format(time, day)

    def appointment(self, moment: datetime) -> str:
        """An aware moment not far from now, by the clock of its own zone, as one writes it to
        somebody: "Tuesday 1 December at 10:00"."""
        from babel.dates import format_date

        pattern = _YEAR.sub("", self._locale.date_formats["full"].pattern)
        day = format_date(moment.date(), pattern, locale=self._locale)
        return self.say("ask-time", day=day, time=self.clock(moment))

    def clock(self, moment: datetime) -> str:
        """The hour and minute of an aware moment, by the clock of its own zone."""
        from babel.dates import format_time

        return format_time(moment, "short", tzinfo=moment.tzinfo, locale=self._locale)

    def span(self, days: int) -> str:
        """A span of days as people say it, rounded down, at least a day: "13 days", "7 weeks", "5
        months", "2 years". By the CLDR, where the language has no `span-…` of its own."""
        from babel.units import format_unit

        count, unit = _rounded(days)
        if f"span-{unit}" in language(self.code).text:
            return self.say(f"span-{unit}", count=count)
        return format_unit(count, f"duration-{unit}", length="long", locale=self._locale)

    def ago(self, days: int) -> str:
        """How long ago something was, rounded as `span` is: "7 weeks ago"."""
        from babel.dates import format_timedelta

        count, unit = _rounded(days)
        return format_timedelta(
            -count * timedelta(days=_LENGTHS[unit]),
            granularity=unit,  # type: ignore[arg-type]
            threshold=math.inf,
            add_direction=True,
            locale=self._locale,
        )

    def weeks(self, count: int) -> str:
        """So many weeks, or none: "7 weeks"."""
        from babel.units import format_unit

        return format_unit(count, "duration-week", length="long", locale=self._locale)

    def percent(self, part: float) -> str:
        """A part of a whole: "40%"."""
        from babel.numbers import format_percent

        return format_percent(part, locale=self._locale)

    def weekday(self, weekday: int, *, short: bool = False) -> str:
        """The name of a weekday, Monday is 0: "Monday", "Mon"."""
        from babel.dates import get_day_names

        width: Literal["abbreviated", "wide"] = "abbreviated" if short else "wide"
        return str(get_day_names(width, "stand-alone", self._locale)[weekday])

    def hour(self, hour: int) -> str:
        """An hour of the day on an axis: "14", "2 PM"."""
        from babel.dates import format_skeleton

        face = datetime(2000, 1, 1, hour, tzinfo=UTC)
        skeleton = "h" if self.date_style.twelve_hours else "H"
        return format_skeleton(skeleton, face, locale=self._locale)

    def names(self, names: Iterable[str]) -> str:
        """A list of people: "Jane, Bob and Ann"."""
        from babel.lists import format_list

        return format_list(list(names), locale=self._locale)

    def choice(self, names: Iterable[str]) -> str:
        """A list to choose from: "today, tomorrow or on Friday"."""
        from babel.lists import format_list

        return format_list(list(names), "or", locale=self._locale)

    def cadence(self, cadence: timedelta) -> str:
        """The sentence on how often two want to meet, by the largest unit in which that is
        exact."""
        days = max(round(cadence / _DAY), 1)
        if days in (182, 183):
            return self.say("aim-half-year")
        if days == 91:  # a quarter of a year
            return self.say("aim-month", count=3)
        unit, length = next(
            (unit, length)
            for unit, length in (("year", 365), ("month", 30), ("week", 7), ("day", 1))
            if not days % length
        )
        return self.say(f"aim-{unit}", count=days // length)

    @cached_property
    def date_style(self) -> DateStyle:
        """How dates and times are written by those who write so, for what stays English."""
        if (self.code, self.country) == (_ENGLISH, ""):
            return PLAIN  # without loading anything
        day = self._locale.datetime_skeletons["MMMEd"].pattern
        clock = self._locale.time_formats["short"].pattern
        return DateStyle(month_first=day.index("M") < day.index("d"), twelve_hours="H" not in clock)

    @cached_property
    def _locale(self) -> Locale:
        from babel import Locale, UnknownLocaleError

        if self.country:
            try:
                return Locale.parse(f"{self.code}_{self.country}")
            except (UnknownLocaleError, ValueError):
                pass  # CLDR has few pairs of languages and countries: then the language alone
        return Locale.parse(language(self.code).locale)

    @property
    def _bundles(self) -> Iterator[FluentBundle]:
        return map(_bundle, dict.fromkeys((self.code, _ENGLISH)))


def _rounded(days: int) -> tuple[int, str]:
    """A span of days as people say it, rounded down, at least a day: how many of which unit."""
    days = max(days, 1)
    unit = next(
        (unit for unit, most in (("day", 14), ("week", 84), ("month", 730)) if days < most), "year"
    )
    return days // _LENGTHS[unit], unit


ENGLISH = Writer()
"""Who writes where no language is told."""


@cache
def writer(code: str = _ENGLISH, country: str = "") -> Writer:
    """Who writes in a language that is shipped, in a country's way ("US", "DE-BE"). Raises
    LookupError."""
    language(code)
    return Writer(code, country.partition("-")[0])


@cache
def finding(key: str) -> tuple[re.Pattern[str], ...]:
    """What finds the sentence `key` in a text of one line, in whatever language it was written; the
    groups are its values. Only for a sentence without plurals that begins and ends with words of
    its own."""
    return tuple(
        map(
            _expression,
            dict.fromkeys(language.text[key] for language in every() if key in language.text),
        )
    )


@cache
def in_every_language(*keys: str) -> tuple[str, ...]:
    """Sentences that say the same for everybody, as every language has them."""
    return tuple(
        dict.fromkeys(
            language.text[key] for language in every() for key in keys if key in language.text
        )
    )


def _expression(text: str) -> re.Pattern[str]:
    pieces = re.split(r"\{ \$(\w+) \}", text)
    expressions = (
        f"(?P<{piece}>.+?)" if place % 2 else re.escape(piece) for place, piece in enumerate(pieces)
    )
    return re.compile(f"{''.join(expressions)}(?= |$)")


@cache
def _bundle(code: str) -> FluentBundle:
    from fluent.runtime import FluentBundle, FluentResource

    source = "\n".join(
        f"{key} =\n" + "\n".join(f"    {line}" for line in text.strip().splitlines())
        for key, text in language(code).text.items()
    )
    bundle = FluentBundle([language(code).locale.replace("_", "-")], use_isolating=False)
    bundle.add_resource(FluentResource(source))
    return bundle
