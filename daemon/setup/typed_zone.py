"""The time zone that somebody means who types a city, or forgets a capital."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import available_timezones

from daemon.config.values import parse_zone
from daemon.languages.language import shipped

_AREAS = frozenset(
    [
        "Africa",
        "America",
        "Antarctica",
        "Arctic",
        "Asia",
        "Atlantic",
        "Australia",
        "Europe",
        "Indian",
        "Pacific",
    ]
)
"""How the names of places begin; others ("US/Eastern", "Brazil/East") are old names of zones."""


def parse_typed_zone(text: str) -> str:
    """The IANA name meant: written in any case, with blanks, or by its city alone, "Berlin", "new
    york", also as the shipped languages call it, "Wien". Raises BadValue, as for a config."""
    name = "_".join(text.split()).casefold()
    zones = sorted(available_timezones(), key=lambda zone: (zone.count("/"), zone))
    meant = name and (
        [zone for zone in zones if zone.casefold() == name]
        or [zone for zone in zones if _city(zone).casefold() == name]
        or [zone for zone, city in _cities() if city == name]
    )
    return parse_zone(meant[0] if meant else text).key


def _city(zone: str) -> str:
    area, _, place = zone.partition("/")
    return place.rpartition("/")[2] if area in _AREAS else ""


def _cities() -> Iterator[tuple[str, str]]:
    """Zones by what the shipped languages call their cities, folded."""
    from babel import Locale

    for code in shipped():
        for zone, names in Locale(code).time_zones.items():
            if "city" in names:
                yield zone, "_".join(names["city"].split()).casefold()
