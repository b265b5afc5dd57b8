"""People name their city; the zone is looked up."""

from __future__ import annotations

import pytest

from daemon.bad_value import BadValue
from daemon.setup.typed_zone import parse_typed_zone


@pytest.mark.parametrize(
    ("typed", "zone"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("Berlin", "Europe/Berlin"),
        ("berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        ("New York", "America/New_York"),
        ("america/argentina/buenos aires", "America/Argentina/Buenos_Aires"),
        ("Buenos Aires", "America/Buenos_Aires"),
        ("Wien", "Europe/Vienna"),
        ("東京", "Asia/Tokyo"),
        ("utc", "UTC"),
    ],
)
def test_a_zone_is_understood_as_people_write_it(typed: str, zone: str) -> None:
    assert parse_typed_zone(typed) == zone


@pytest.mark.parametrize("typed", ["", "Europe/Berln", "Eastern", "../etc/passwd", "Atlantis"])
def test_what_is_no_place_is_refused(typed: str) -> None:
    with pytest.raises(BadValue):
        parse_typed_zone(typed)
