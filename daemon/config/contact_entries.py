"""The people of the config: circles, contacts, and challenges that raise the rhythm for a while."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field, model_validator

from daemon.bad_value import BadValue
from daemon.config.types import (
    Birthday,
    Cadence,
    Day,
    Email,
    Label,
    Number,
    Phone,
    Section,
    Switch,
    Whole,
    Zone,
)

DEFAULT_CADENCE = timedelta(days=30)


class Circle(Section):
    cadence: Cadence = Field(description="the longest you want to go without a one-on-one")
    weight: Number = Field(
        default=1.0, gt=0, description="how much this circle counts compared with others"
    )
    size: Whole | None = Field(
        default=None, gt=0, description="at most so many people should be in it"
    )
    share: Number | None = Field(
        default=None, ge=0, le=1, description="its part of all holds over a quarter: 0.6 is 60%"
    )
    free_busy: Switch = Field(
        default=False, description="ask your calendar server when its people are busy"
    )


class ContactEntry(Section):
    name: Label = Field(description="the full name; must be unique")
    emails: tuple[Email, ...] = Field(default=(), description="all addresses they use in calendars")
    phone: Phone | None = Field(
        default=None, description="for a text message where no address is known"
    )
    aliases: tuple[Label, ...] = Field(default=(), description="other names that titles may use")
    circle: Label | None = Field(default=None, description="the circle they belong to")
    cadence: Cadence | None = Field(
        default=None, description="overrides the circle's; without either: 1 month"
    )
    occasions: tuple[Label, ...] | None = Field(
        default=None,
        min_length=1,
        description="what you do together, best first; default: everything configured",
    )
    tags: tuple[Label, ...] = Field(
        default=(),
        description="what they care about; two people who share a tag may be introduced to each "
        "other",
    )
    new: Switch = Field(
        default=False, description="somebody you want to get to know: never met, but gets a turn"
    )
    kin: Switch = Field(
        default=False, description="family and the like: urgency grows half as fast"
    )
    timezone: Zone | None = Field(
        default=None, description="where they live: calls are kept to their waking hours"
    )
    birthday: Birthday | None = Field(
        default=None, description="their birthday, with or without the year"
    )
    paused: Switch = Field(default=False, description="never suggest them, and name them nowhere")
    until: Day | None = Field(default=None, description="paused until this day only")
    free_busy: Switch | None = Field(
        default=None,
        description="ask your calendar server when they are busy; default: the circle's",
    )


class Challenge(Section):
    """More holds a week for a while, as in the weeks before a holiday. Counts for every week it
    touches."""

    name: Label = Field(description="what it is called")
    from_: Day = Field(alias="from", description="the first day")
    until: Day = Field(description="the last day")
    per_week: Whole = Field(gt=0, description="at most so many holds a week during that time")
    circle: Label | None = Field(
        default=None, description="the circle that the additional holds are for; default: everybody"
    )

    @model_validator(mode="after")
    def _begins_before_it_ends(self) -> Challenge:
        if self.until < self.from_:
            raise BadValue("ends before it begins", "until is before from")
        return self
