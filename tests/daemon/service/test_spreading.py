"""How late each of many is."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path

from daemon.service.spreading import instance_name, lateness

TEN = timedelta(minutes=10)


def test_one_is_always_as_late_and_never_later_than_the_spread():
    assert lateness(TEN, "host /var/lib/fikad/sam") == lateness(TEN, "host /var/lib/fikad/sam")
    names = [f"host /var/lib/fikad/user{number}" for number in range(2000)]
    assert all(timedelta() <= lateness(TEN, name) < TEN for name in names)


def test_it_stays_the_same_over_versions_of_python_and_of_fikad():
    """Were it to change, everybody's plans would move by an update."""
    assert round(lateness(TEN, "host /var/lib/fikad/sam").total_seconds()) == 205


def test_two_thousand_names_that_differ_in_a_figure_are_spread_evenly():
    names = [f"host /var/lib/fikad/user{number}" for number in range(2000)]
    minutes = Counter(int(lateness(TEN, name) / timedelta(minutes=1)) for name in names)
    assert sorted(minutes) == list(range(10))
    assert max(minutes.values()) < 1.25 * 200, "by chance it is below at 99.9% of hosts"


def test_alone_nobody_is_late():
    assert lateness(timedelta(), "host /home/sam/.local/state/fikad") == timedelta()


def test_instances_of_a_host_have_names_of_their_own():
    sam, ida = (instance_name(Path("/var/lib/fikad") / user) for user in ("sam", "ida"))
    assert sam != ida
    assert sam == instance_name(Path("/var/lib/fikad/sam"))
