"""Five lives to simulate: who matters, when there is time, what else is going on, and how people
answer.

Every friend has hidden habits: the weekdays and the hour that suit them, and what they like to do.
The past shows them (earlier meetings took place then), and answers follow them; fikad knows nothing
else of them. All chance is drawn from seeds made of names and dates, so that the same week with the
same person brings the same luck whoever plans it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

ME = "sam@example.com"
START = date(2025, 1, 6)
"""The Monday on which the simulated time begins."""
WEEKS = 104
PAST_WEEKS = 104
"""So much is known of the time before."""
_WEEK = timedelta(weeks=1)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class Friend:
    """A person, with what nobody told fikad."""

    name: str
    circle: str
    cadence_days: int
    weekdays: tuple[int, ...]
    """When they usually have time; Monday is 0."""
    hour: int
    """The hour that suits them, in the user's zone."""
    occasions: tuple[str, ...]
    keen: float
    """How likely they say yes to a good time."""
    weekly: float
    """How likely you meet in a week without anybody's planning."""
    silent_weeks: int = 0
    """For how long before the start you had not met."""
    stranger: bool = False
    zone: str = ""

    @property
    def email(self) -> str:
        return f"{self.name.lower().replace(' ', '.')}@example.org"


@dataclass(frozen=True, slots=True)
class Life:
    """One life."""

    name: str
    config: Mapping[str, Any]
    friends: tuple[Friend, ...]
    shares: Mapping[str, float] = field(default_factory=dict)
    """What part of the holds each circle should get."""
    seed: int = 0
    """Other luck with the same people."""
    takes_place: float = 1.0
    """How likely a date that was said yes to takes place."""

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo("Europe/Berlin")


def lives(seed: int = 0, *, certain: bool = False) -> list[Life]:
    """The five; where it is certain, every date that is said yes to takes place."""
    return [
        replace(life, seed=seed, takes_place=1.0 if certain else life.takes_place)
        for life in (_freelancer(), _manager(), _parent(), _shift_worker(), _networker())
    ]


def luck(*about: object) -> Random:
    """Chance that depends on nothing but what it is about."""
    return Random("|".join(map(str, about)))


def answer(
    life: Life, friend: Friend, occasion: str, start: datetime, minutes: float, gap_days: float
) -> float:
    """How likely a suggestion for `start` becomes a date."""
    local = start.astimezone(life.zone)
    minute = local.hour * 60 + local.minute
    near = abs(minute - friend.hour * 60) <= 90
    suits = (
        (0.95 if near else 0.6) if local.weekday() in friend.weekdays else (0.55 if near else 0.35)
    )
    liked = (
        1.0 if occasion == friend.occasions[0] else 0.85 if occasion in friend.occasions else 0.5
    )
    short = 0.85 if gap_days > 2 * friend.cadence_days and minutes < 60 else 1.0
    if friend.zone and occasion == "call":
        there = start.astimezone(ZoneInfo(friend.zone)).hour
        suits *= 1.0 if 8 <= there < 21 else 0.05
    return friend.keen * suits * liked * short


def takes_place(life: Life, friend: Friend, start: datetime) -> bool:
    """Whether a date that was said yes to takes place."""
    return luck(life.seed, life.name, friend.name, start, "place").random() < life.takes_place


def by_chance(life: Life, friend: Friend, week: date) -> datetime | None:
    """When you meet in a week without any planning, if you do."""
    random = luck(life.seed, life.name, friend.name, week, "chance")
    if random.random() >= friend.weekly:
        return None
    day = week + timedelta(days=random.choice(friend.weekdays))
    return datetime.combine(day, time(friend.hour), life.zone).astimezone(UTC)


def past(life: Life) -> Iterator[tuple[Friend, datetime]]:
    """The meetings of the time before: about as often as the cadence, at the friend's own time."""
    for friend in life.friends:
        if friend.stranger:
            continue
        random = luck(life.seed, life.name, friend.name, "past")
        week = START - friend.silent_weeks * _WEEK - random.randrange(1, 4) * _WEEK
        while week > START - PAST_WEEKS * _WEEK:
            day = week + timedelta(days=random.choice(friend.weekdays))
            yield friend, datetime.combine(day, time(friend.hour), life.zone).astimezone(UTC)
            week -= max(round(friend.cadence_days * random.uniform(0.7, 1.6) / 7), 1) * _WEEK


def other_things(life: Life, week: date) -> Iterator[tuple[str, datetime, int, bool]]:
    """What else stands in the calendar in a week: title, start, minutes, and whether it only turns
    up in that week."""
    random = luck(life.seed, life.name, week, "things")

    def at(day: int, hour: float) -> datetime:
        clock = time(int(hour), round(hour % 1 * 60))
        return datetime.combine(week + timedelta(days=day), clock, life.zone).astimezone(UTC)

    if life.name == "freelancer":
        for day in range(5):
            if random.random() < 0.3:
                yield "Client", at(day, random.choice([9, 11, 14, 16])), 60, random.random() < 0.4
    elif life.name == "manager":
        for day in range(5):
            for hour in (8, 9, 10, 11, 13, 14, 15, 16, 17):
                if random.random() < 0.75:
                    yield "Meeting", at(day, hour), random.choice([45, 60]), random.random() < 0.25
            if random.random() < 0.4:
                yield "Lunch with the team", at(day, 12), 60, False
    elif life.name == "parent":
        if random.random() < 0.25:
            yield "Parents' evening", at(random.choice([1, 3]), 19.5), 120, random.random() < 0.5
    elif life.name == "shift worker":
        hour = (6, 14, 21)[(week - START) // _WEEK % 3]
        for day in range(5):
            yield "Shift", at(day, hour), 8 * 60, False
        if random.random() < 0.3:
            yield "Extra shift", at(5, 6), 8 * 60, True
    else:
        for day in range(5):
            for hour in (9, 11, 14, 16):
                if random.random() < 0.4:
                    yield "Meeting", at(day, hour), 60, random.random() < 0.3


# --- the five ---

_TAKES_PLACE = {
    "freelancer": 0.81,
    "manager": 0.65,
    "parent": 0.54,
    "shift worker": 0.6,
    "150 contacts": 0.7,
}
"""Of arranged coffee dates, 54 to 81% took place where an organisation counted them; the fuller a
life, the fewer."""

_FIRST = (
    "Ada", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gina", "Hugo", "Ines", "Jan",
    "Kim", "Lars", "Mona", "Nils", "Olga", "Paul", "Rita", "Sven", "Tara", "Uwe",
)  # fmt: skip
_LAST = (
    "Ahrens", "Brandt", "Conrad", "Dietz", "Ebert", "Falk", "Graf", "Hahn", "Irmer", "Jung",
    "Kern", "Lang", "Maas",
    "Nolte", "Otto",
)  # fmt: skip


def _friends(
    life: str, number: int, circles: Mapping[str, int], occasions: tuple[str, ...],
    hours: Mapping[str, int],
    days: tuple[int, ...], zones: tuple[str, ...] = ("",),
) -> tuple[Friend, ...]:  # fmt: skip
    """So many people: two thirds are fading, one in six is silent for years, one in twelve is
    new."""
    friends = []
    for place in range(number):
        random = luck(life, place, "friend")
        circle = list(circles)[place % len(circles)]
        liked = tuple(random.sample(occasions, min(len(occasions), random.randint(1, 3))))
        zone = zones[place % len(zones)]
        if zone and "call" in occasions:
            liked = (
                ("call", *(occasion for occasion in liked if occasion != "call"))
                if zone != "Europe/Berlin"
                else liked
            )
        cadence = circles[circle]
        silent = (
            random.randrange(60, 90)
            if place % 6 == 5
            else random.randrange(0, round(cadence / 7) + 4)
        )
        friends.append(
            Friend(
                f"{_FIRST[place % 20]} {_LAST[(place % 20 + place // 20) % 15]}",
                circle,
                cadence,
                tuple(sorted(random.sample(days, min(len(days), 2)))),
                hours[liked[0]],
                liked,
                keen=random.uniform(0.55, 0.9),
                weekly=random.choice([0.0, 0.0, 0.15, 0.5]) * 7 / cadence,
                silent_weeks=silent,
                stranger=place % 12 == 7,
                zone=zone,
            )
        )
    return tuple(friends)


def _life(
    name: str, friends: tuple[Friend, ...], circles: Mapping[str, Mapping[str, Any]],
    occasions: tuple[str, ...],
    rhythm: Mapping[str, Any], open_hours: Mapping[str, list[str]],
) -> Life:  # fmt: skip
    contacts = [
        {
            "name": friend.name,
            "emails": [friend.email],
            "circle": friend.circle,
            "occasions": list(friend.occasions),
        }
        | ({"new": True} if friend.stranger else {})
        | ({"timezone": friend.zone} if friend.zone else {})
        for friend in friends
    ]
    config = {
        "timezone": "Europe/Berlin",
        "me": [ME],
        "history": "2 years",
        "accounts": {"home": {"type": "files", "path": "/nowhere"}},
        "rhythm": dict(rhythm),
        "availability": dict(open_hours),
        "occasions": {name: {} for name in occasions},
        "circles": {key: dict(table) for key, table in circles.items()},
        "contacts": contacts,
    }
    shares = {key: table["share"] for key, table in circles.items() if "share" in table}
    return Life(name, config, friends, shares, takes_place=_TAKES_PLACE[name])


_HOURS = {"breakfast": 8, "coffee": 10, "lunch": 12, "walk": 16, "drinks": 20, "call": 17}


def _freelancer() -> Life:
    occasions = ("coffee", "lunch", "walk")
    circles = {
        "friends": {"cadence": "6 weeks", "share": 0.6},
        "work": {"cadence": "2 months", "share": 0.4},
    }
    friends = _friends(
        "freelancer", 18, {"friends": 42, "work": 60}, occasions, _HOURS, (0, 1, 2, 3, 4)
    )
    hours = {day: ["09:00-18:00"] for day in _DAYS[:5]}
    return _life("freelancer", friends, circles, occasions, {"per_week": 3, "open": 4}, hours)


def _manager() -> Life:
    occasions = ("breakfast", "coffee", "lunch")
    circles: dict[str, dict[str, Any]] = {
        "council": {"cadence": "2 months", "share": 0.7, "weight": 1.2},
        "friends": {"cadence": "2 months"},
    }
    friends = _friends(
        "manager", 16, {"council": 60, "friends": 60}, occasions, _HOURS, (0, 1, 2, 3, 4)
    )
    hours = {day: ["08:00-18:00"] for day in _DAYS[:5]}
    return _life("manager", friends, circles, occasions, {"per_week": 2, "open": 4}, hours)


def _parent() -> Life:
    occasions = ("drinks", "call")
    circles = {
        "friends": {"cadence": "2 months", "share": 0.7},
        "old friends": {"cadence": "quarterly", "share": 0.3},
    }
    hours = {"drinks": 20, "call": 20}
    friends = _friends("parent", 12, {"friends": 60, "old friends": 91}, occasions, hours, (1, 3))
    rhythm = {"per_week": 2, "open": 3}
    life = _life(
        "parent",
        friends,
        circles,
        occasions,
        rhythm,
        {"tuesday": ["19:30-22:30"], "thursday": ["19:30-22:30"]},
    )
    life.config["occasions"]["call"] = {"between": ["19:30-22:00"]}
    return life


def _shift_worker() -> Life:
    occasions = ("breakfast", "coffee", "walk", "drinks")
    circles = {
        "friends": {"cadence": "6 weeks", "share": 0.5},
        "family": {"cadence": "1 month", "share": 0.5},
    }
    friends = _friends(
        "shift worker", 14, {"friends": 42, "family": 30}, occasions, _HOURS, (0, 1, 2, 3, 4, 5, 6)
    )
    hours = {day: ["08:00-22:00"] for day in _DAYS}
    return _life("shift worker", friends, circles, occasions, {"per_week": 3, "open": 5}, hours)


def _networker() -> Life:
    occasions = ("coffee", "lunch", "call")
    circles = {
        "council": {"cadence": "2 months", "share": 0.4, "weight": 1.5, "size": 18},
        "friends": {"cadence": "quarterly", "share": 0.3},
        "wider": {"cadence": "yearly", "share": 0.3, "weight": 0.8},
    }
    zones = ("Europe/Berlin", "America/New_York", "Asia/Tokyo")
    friends = _friends(
        "150 contacts",
        150,
        {"wider": 365, "friends": 91, "other": 365},
        occasions,
        _HOURS,
        (0, 1, 2, 3, 4),
        zones,
    )
    friends = tuple(_placed(friend, place) for place, friend in enumerate(friends))
    hours = {day: ["08:00-19:00"] for day in _DAYS[:5]}
    rhythm = {"per_week": 5, "open": 8, "horizon": "4 weeks"}
    life = _life("150 contacts", friends, circles, occasions, rhythm, hours)
    life.config["occasions"]["call"] = {"between": ["08:00-19:00"]}
    return life


def _placed(friend: Friend, place: int) -> Friend:
    """Of 150, sixteen in the council, forty friends, and the rest."""
    circle, cadence = (
        ("council", 60) if place < 16 else ("friends", 91) if place < 56 else ("wider", 365)
    )
    hour = {"America/New_York": 16, "Asia/Tokyo": 9}.get(friend.zone, friend.hour)
    weekly = friend.weekly * friend.cadence_days / cadence
    return replace(friend, circle=circle, cadence_days=cadence, hour=hour, weekly=weekly)
