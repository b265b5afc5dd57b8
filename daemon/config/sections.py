"""The sections of the config that say how fikad goes about it: where holds are written, what counts
as a meeting, how often holds are proposed, when you are available."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any, Literal

from pydantic import Field, model_validator

from daemon.bad_value import BadValue
from daemon.config.types import (
    Dates,
    DaySpan,
    Duration,
    FilePath,
    Frequency,
    Horizon,
    Label,
    Mailbox,
    Message,
    Number,
    Plan,
    Section,
    Switch,
    Whole,
)
from daemon.config.values import WEEKDAY_NAMES, PlanTime, TimeRange


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


class Report(Section):
    """The page that tells how things stand, to be looked at (`fikad report --html`)."""

    write: FilePath | None = Field(
        default=None,
        description="a file into which it is written anew after each pass that changed something, "
        "and once a day; only you can read it; default: none",
    )


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
