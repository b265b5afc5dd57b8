"""What wakes the daemon, and what must never stop it."""

from __future__ import annotations

import logging
import os
import socket
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
import schedule

from daemon.service import loop
from daemon.service.logs import LOG, Human
from daemon.service.notify import notify, watchdog_seconds

NOW = datetime(2026, 11, 22, 16, tzinfo=UTC)


@pytest.fixture
def clock(monkeypatch) -> SimpleNamespace:
    """The time that `schedule` sees."""
    clock = SimpleNamespace(now=NOW)

    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            return clock.now.replace(tzinfo=None)

    monkeypatch.setattr(schedule, "datetime", SimpleNamespace(datetime=Clock, timedelta=timedelta))
    return clock


def test_it_ticks_once_a_minute_and_not_before(clock):
    ticks: list[datetime] = []
    wakeups = loop.Wakeups(60, lambda: ticks.append(clock.now))
    assert wakeups.seconds() == 60
    clock.now += timedelta(seconds=59)
    wakeups.run()
    assert ticks == []
    assert wakeups.seconds() == 1
    clock.now += timedelta(seconds=1)
    wakeups.run()
    assert ticks == [clock.now]
    assert wakeups.seconds() == 60


def test_after_a_suspend_it_ticks_once_for_all_the_minutes_it_slept(clock):
    ticks: list[datetime] = []
    wakeups = loop.Wakeups(60, lambda: ticks.append(clock.now))
    clock.now += timedelta(days=3)
    assert wakeups.seconds() == 0
    wakeups.run()
    wakeups.run()
    assert len(ticks) == 1


def test_it_never_waits_longer_than_a_minute_whatever_the_clock_does(clock):
    wakeups = loop.Wakeups(60, lambda: None)
    clock.now -= timedelta(days=1)
    assert wakeups.seconds() == 60
    clock.now += timedelta(days=2)
    assert wakeups.seconds() == 0


def test_a_tick_that_raises_is_told_once_feeds_no_watchdog_and_is_followed_by_the_next(
    tmp_path, monkeypatch, caplog
):
    caplog.set_level(logging.INFO, "fikad")
    LOG.handlers, LOG.propagate = [], True
    heard: list[str] = []

    def notified(*facts: str) -> bool:
        heard.extend(facts)
        return True

    monkeypatch.setattr(loop, "notify", notified)
    daemon = loop.DaemonProcess(tmp_path / "config.toml", tmp_path, Human())
    daemon._ready = True
    working = daemon._service.tick

    def raises(now: datetime, awake_seconds: float) -> None:
        raise ValueError("a stranger's words")

    daemon._service.tick = raises  # type: ignore[method-assign]
    daemon._tick()
    daemon._tick()
    assert caplog.messages == ["the daemon: unexpected ValueError in a tick"]
    assert "WATCHDOG=1" not in heard
    daemon._service.tick = working  # type: ignore[method-assign]
    monkeypatch.setattr(daemon._service._host, "start", lambda job: True)
    daemon._tick()
    assert "WATCHDOG=1" in heard


# --- systemd's end ---


def test_without_a_manager_nobody_is_told(monkeypatch):
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    assert not notify("READY=1")


def test_a_manager_that_is_gone_stops_nobody(monkeypatch, tmp_path: Path):
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))
    assert not notify("READY=1")


@pytest.mark.parametrize("address", ["@fikad-test-{pid}", "{folder}/notify"])
def test_facts_arrive_as_lines_of_one_datagram(monkeypatch, tmp_path, address):
    if address.startswith("@") and sys.platform != "linux":
        pytest.skip("abstract sockets are Linux's")
    address = address.format(pid=os.getpid(), folder=tmp_path)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind("\0" + address[1:] if address.startswith("@") else address)
        manager.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        assert notify("READY=1", "STATUS=reads at 17:00")
        assert manager.recv(1024) == b"READY=1\nSTATUS=reads at 17:00"


def test_the_watchdogs_patience_is_known_only_to_the_process_that_is_watched(monkeypatch):
    assert watchdog_seconds() is None
    monkeypatch.setenv("WATCHDOG_USEC", "180000000")
    assert watchdog_seconds() == 180
    monkeypatch.setenv("WATCHDOG_PID", "1")
    assert watchdog_seconds() is None
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()))
    assert watchdog_seconds() == 180
    monkeypatch.setenv("WATCHDOG_USEC", "soon")
    assert watchdog_seconds() is None
