"""The page as text: the facts, put into words and drawings by the templates beside this module.

Every value is escaped where it is put in, and what others wrote is made inert before. The page
loads nothing: its one style sheet stands in it and is named by its hash in the page's own policy,
which allows nothing else, no script and no request."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, Any

from connectors.sanitize import sanitize
from daemon.config.schema import Config
from daemon.holds.ask import noun_of
from daemon.languages.writing import Writer
from daemon.ledger.ledger import Ledger
from daemon.page import circles, strips
from daemon.page.facts import PageFacts, page_facts
from daemon.practice.ahead import Entry

if TYPE_CHECKING:
    from jinja2 import Environment

SECTIONS = ("circles", "year", "ahead", "hours", "going", "silent")
_WEEK = timedelta(weeks=1)
_GRADES = 4


@dataclass(frozen=True, slots=True)
class Share:
    """What part of the holds of the past quarter went to a circle."""

    circle: str
    part: float
    wanted: float | None


def page(config: Config, ledger: Ledger, now: datetime) -> str:
    """The whole page at `now` (aware), HTML. Raises LedgerError."""
    return rendered(page_facts(config, ledger, now))


def rendered(facts: PageFacts) -> str:
    """The page that shows these facts."""
    config = facts.config
    style = _environment().get_template("page.css").render()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        _environment()
        .get_template("page.html.jinja")
        .render(
            facts=facts,
            sections=SECTIONS,
            style=_markup(style),
            style_hash=digest,
            inert=sanitize,
            **_words(facts, config.writer),
            **_circles(facts),
            **_year(facts),
            agenda=_agenda(facts),
            waiting=_waiting(facts),
            hours=facts.hours,
            grade=_grade,
            shares=_shares(facts),
        )
    )


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("daemon.page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _markup(text: str) -> Any:
    """A text of our own, put in as it is."""
    from markupsafe import Markup

    return Markup(text)  # noqa: S704 - the style sheet beside this module


def _words(facts: PageFacts, writer: Writer) -> Mapping[str, Any]:
    """What the templates write with."""
    zone, now = facts.config.zone, facts.now

    def ago(moment: datetime) -> str:
        passed = now.astimezone(zone).date() - moment.astimezone(zone).date()
        return writer.ago(passed.days)

    def occasion(name: str) -> str:
        noun = sanitize(noun_of(name, writer))
        return noun[:1].upper() + noun[1:]

    return {
        "lang": writer.tag,
        "say": writer.say,
        "ago": ago,
        "span": lambda cadence: writer.span(min(cadence.days, 36500)),
        "moment": lambda moment: writer.appointment(moment.astimezone(zone)),
        "names": lambda names: writer.names(map(sanitize, names)),
        "weeks": writer.weeks,
        "percent": writer.percent,
        "clock": writer.clock,
        "day_name": writer.day,
        "month_name": writer.month,
        "weekday_name": writer.weekday,
        "hour_name": writer.hour,
        "occasion": occasion,
    }


def _circles(facts: PageFacts) -> Mapping[str, Any]:
    return {
        "circles": circles.circles(facts.standings, tuple(facts.config.circles)),
        "circle_size": (circles.WIDTH, circles.HEIGHT),
        "rings": (circles.DUE_RING, circles.QUIET_RING, circles.RIM),
    }


def _year(facts: PageFacts) -> Mapping[str, Any]:
    year = facts.year
    by_circle = groupby(map(strips.strip, year.people), key=lambda each: each.person.contact.circle)
    width = len(year.mondays) * strips.CELL
    return {
        "strips": [(circle, list(people)) for circle, people in by_circle],
        "legend": strips.LEGEND,
        "shape": strips.shape,
        "bars": strips.bars(year),
        "months": strips.months(year),
        "year_width": width,
        "today": round(strips.today_percent(year) * width / 100, 1),
    }


def _agenda(facts: PageFacts) -> list[tuple[str, list[tuple[date, list[Entry]]]]]:
    """What lies ahead by day: the next seven days, and after that."""
    border = (facts.now + _WEEK).astimezone(facts.config.zone).date()
    days = [(day, list(entries)) for day, entries in groupby(facts.ahead, lambda each: each.day)]
    near = [(day, entries) for day, entries in days if day < border]
    later = [(day, entries) for day, entries in days if day >= border]
    return [("page-next-days", near), ("page-later", later)]


_WHY = {
    "next": "next",
    "snoozed": "snoozed",
    "resting": "resting",
    "never-open": "never-open",
    "no-slot": "no-slot",
    "asleep": "not-free",
    "they-are-busy": "not-free",
}
"""What is told of a reason by its code; all others are that others come first."""


def _waiting(facts: PageFacts) -> list[tuple[str, list[str]]]:
    """Why people wait, and who: those of one reason together."""
    names = {each.contact.key: each.contact.name for each in facts.standings}
    writer, told = facts.config.writer, dict[str, list[str]]()
    for each in facts.waiting:
        values = each.why.values
        until = values.get("until")
        day = {"day": writer.day(until)} if isinstance(until, date) else {}
        why = writer.say(f"page-wait-{_WHY.get(each.code, 'full')}", **day)
        told.setdefault(why, []).append(names[each.contact_key])
    return list(told.items())


def _grade(count: int, counts: Mapping[Any, int]) -> int:
    """How much a number is among others: 0 for none, else 1 to 4."""
    return -(-count * _GRADES // max(counts.values())) if count else 0


def _shares(facts: PageFacts) -> list[Share]:
    circles_of = facts.config.circles
    whole = sum(facts.mix.values())
    if not whole:
        return []
    names: Iterable[str] = (*circles_of, *([""] if facts.mix.get("") else []))
    return [
        Share(
            name,
            facts.mix.get(name, 0) / whole,
            circles_of[name].share if name in circles_of else None,
        )
        for name in names
    ]
