"""The schema of occasions: what there is to do together, the user's own and those built in."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import Field, model_validator

from daemon.bad_value import BadValue
from daemon.config.types import DaySpan, Label, Section, Switch, Title, Weekday, Whole
from daemon.config.values import WEEKDAYS, TimeRange
from daemon.languages.language import language


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


BUILT_IN = {
    "breakfast": _built_in(60, "08:00-10:00"),
    "coffee": _built_in(45, "09:30-11:30", "14:30-16:30"),
    "lunch": _built_in(60, "12:00-14:00"),
    "walk": _built_in(60, "10:00-12:00", "15:00-18:00"),
    "drinks": _built_in(120, "18:00-22:00"),
    "call": _built_in(30, "09:00-18:00") | {"remote": True},
}
"""Their tables, without titles: those are in each language."""


@cache
def built_in_occasions(code: str = "en") -> Mapping[str, Occasion]:
    """What a contact may name without a table of its own, with titles in a language that is
    shipped. Offered by default: those with a table, else coffee."""
    titles = language(code).occasions
    return {
        name: Occasion.model_validate(table | {"title": titles[name]})
        for name, table in BUILT_IN.items()
    }


BUILT_IN_OCCASIONS = built_in_occasions()
"""Those in English."""


def completed(tables: Any, code: str) -> Any:
    """Tables of occasions filled up in a language: from the built-in of that name, else with a
    title made of the name."""
    if not isinstance(tables, dict):
        return tables
    titles = language(code).occasions

    def usual(name: str) -> dict[str, Any]:
        if name in BUILT_IN:
            return BUILT_IN[name] | {"title": titles[name]}
        return {"title": titles["other"].replace("{occasion}", name.capitalize())}

    return {
        name: usual(name) | table if isinstance(table, dict) else table
        for name, table in tables.items()
    }
