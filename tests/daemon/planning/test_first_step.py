"""When a call goes before a journey: to the second."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from daemon.judging.recency import Met, RecencyInputs, standings
from daemon.planning.first_step import first_steps
from tests.daemon.planning.plans import BERLIN, HOUR, SUNDAY, person

SECOND = timedelta(seconds=1)


def steps(silent: timedelta) -> frozenset[str]:
    jane = person("jane", occasions=("coffee", "call", "video"), timezone=ZoneInfo("Asia/Tokyo"))
    met = [Met("jane", SUNDAY - silent - HOUR, SUNDAY - silent)]
    (standing,) = standings([jane], RecencyInputs(now=SUNDAY, zone=BERLIN, meetings=met))
    return first_steps(standing, SUNDAY, BERLIN, ("call", "video", "letter"))


def test_after_more_than_a_year_what_is_done_from_afar_goes_first() -> None:
    assert steps(timedelta(days=365) + SECOND) == {"call", "video"}
    assert steps(timedelta(days=365)) == frozenset()
