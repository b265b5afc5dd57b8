"""The first config file: what the user said, and around it what else can be said, as comments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from daemon.config.schema import BUILT_IN_OCCASIONS
from daemon.config.values import WEEKDAY_NAMES, as_written
from daemon.discovery.usual_week import UsualOccasion
from daemon.setup.config_writer import rendered
from daemon.setup.first_week import FirstWeek

_TEXT = """\
# fikad's config. A line that begins with "#" is not in effect: where it is "#key = value", it
# shows a default. `fikad config check` finds mistakes; `fikad config schema --markdown` explains
# every key there is.

# Your time zone: the times below are read in it.
{timezone}
# The language fikad writes in, in your calendar. The words in titles are read in `languages`, and
# in English.
{language}#languages = ["de", "sv"]       # default: the language above
# Whose public holidays are kept free. It also tells how dates and times are written.
{country}
# Your own e-mail addresses, beside those that the accounts report.
{me}

# ----- Accounts: the calendars to read. `fikad init --add-account` adds another one. -----

{account}
# ----- Holds: what fikad writes. Nothing else in your calendars is ever changed. -----

[holds]
{holds}#show_as = "free"               # "busy" blocks the time, "auto" only where slots are few

# ----- Rhythm: how often fikad asks. -----

[rhythm]
#per_week = 1                   # at most so many holds a week
#open = 3                       # at most so many unanswered holds at a time
#plan = "Sunday 17:00"          # when new holds are proposed
#horizon = "2 weeks"            # how far ahead
#notice = "1 day"               # not sooner than this
#buffer = "15 minutes"          # time kept free around everything else

# ----- Availability: when a hold may be. With at least one day given, the others are closed. -----

[availability]
{hours}#blackout = ["2026-12-24..2027-01-02"]

# ----- Occasions: what there is to do together. -----
# Known: breakfast, coffee, lunch, walk, drinks, call.

{occasions}
# ----- People: `fikad discover` finds them, `fikad discover --add NAME` puts them here. -----
#
# [circles.friends]
# cadence = "3 months"          # the longest you want to go without a one-on-one
#
# [[contacts]]
# name = "Jane Doe"
# emails = ["jane@example.com"]
# circle = "friends"
"""

_HOURS = """\
#monday = ["09:00-18:00"]       # and so on to friday: this is the default
"""
_OCCASIONS = """\
[occasions.coffee]
#title = "Coffee with {name}?"
#minutes = 45
#between = ["09:30-11:30", "14:30-16:30"]
"""


@dataclass(frozen=True, slots=True)
class Beginnings:
    """What the first config says."""

    timezone: str
    language: str
    """A code."""
    country: str
    """Empty: none."""
    account: str
    """The account's name."""
    values: Mapping[str, Any]
    """The keys of its table."""
    me: Sequence[str] = field(default=())
    hold_calendar: str = ""
    """Empty: the default name."""


def new_config(said: Beginnings) -> str:
    """The text of a first config file, with comments."""
    holds = (
        rendered({"calendar": said.hold_calendar})
        if said.hold_calendar
        else '#calendar = "Fikad"             # created when missing\n'
    )
    return _TEXT.format(
        timezone=rendered({"timezone": said.timezone}),
        language=rendered({"language": said.language}),
        country=rendered({"country": said.country}) if said.country else '#country = "DE-BE"\n',
        me=rendered({"me": list(said.me)}).rstrip() if said.me else '#me = ["sam@example.com"]',
        account=rendered({"accounts": {said.account: dict(said.values)}}),
        holds=holds,
        hours=_HOURS,
        occasions=_OCCASIONS,
    )


def with_week(text: str, week: FirstWeek) -> str:
    """A first config, nothing of its week changed since, with another week."""
    if week.is_default:
        return text
    hours = {
        WEEKDAY_NAMES[day]: [as_written(span) for span in spans]
        for day, spans in sorted(week.hours.items())
    }
    tables = "\n".join(map(_occasion, week.occasions))
    for before, after in ((_HOURS, rendered(hours)), (_OCCASIONS, tables)):
        text = text.replace(before, after, 1)
    return text


def _occasion(occasion: UsualOccasion) -> str:
    """Its table: what is as in the built-in one only shows that default."""
    built_in = BUILT_IN_OCCASIONS[occasion.name]
    between = rendered({"between": [as_written(span) for span in occasion.between]})
    default = "#" if occasion.between == built_in.between else ""
    return f"[occasions.{occasion.name}]\n#minutes = {built_in.minutes}\n{default}{between}"
