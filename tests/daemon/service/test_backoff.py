"""When to try again: ever later, up to an hour, and never all at the same moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

from daemon.service.backoff import Backoff, failed

NOW = datetime(2026, 11, 22, 16, tzinfo=UTC)


def waits(times: int, most: timedelta = timedelta(hours=1), seed: int = 1) -> list[timedelta]:
    """How long is waited after each failure in a row."""
    chance, backoff, waits = Random(seed), None, []
    for _ in range(times):
        backoff = failed(backoff, NOW, chance, most)
        waits.append(backoff.wait)
    return waits


def test_waits_double_from_a_minute_up_to_an_hour():
    full = [timedelta(minutes=minutes) for minutes in (1, 2, 4, 8, 16, 32, 60, 60, 60)]
    for wait, longest in zip(waits(9), full, strict=True):
        assert longest / 2 <= wait <= longest


def test_chance_keeps_machines_apart():
    assert len({waits(7, seed=seed)[-1] for seed in range(20)}) == 20


def test_a_shorter_limit_holds_and_a_longer_one_does_not():
    assert max(waits(20, timedelta(minutes=15))) <= timedelta(minutes=15)
    assert max(waits(20, timedelta(days=1))) <= timedelta(hours=1)


def test_years_of_failures_are_no_large_number():
    assert failed(Backoff(10**6, NOW, timedelta()), NOW, Random(1)).wait <= timedelta(hours=1)


def test_it_is_tried_again_when_the_wait_is_over_or_the_clock_was_set_back():
    backoff = Backoff(1, NOW, timedelta(minutes=1))
    assert not backoff.ready(NOW + timedelta(seconds=59))
    assert backoff.ready(NOW + timedelta(seconds=60))
    assert backoff.ready(NOW - timedelta(hours=1))
