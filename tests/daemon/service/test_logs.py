"""One line per fact, whatever it is made of; a failure once, and its end with a count."""

from __future__ import annotations

import io
import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from daemon.service.logs import LOG, Failures, Human, Journal, start_logging, zone_at_a_glance

NOW = datetime(2026, 11, 22, 16, tzinfo=UTC)


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    LOG.handlers = []
    LOG.propagate = True
    caplog.set_level(logging.INFO, "fikad")
    return caplog


def record(level: int, message: str) -> logging.LogRecord:
    made = logging.LogRecord("fikad", level, "", 0, message, None, None)
    made.created = NOW.timestamp()
    return made


@pytest.mark.parametrize(
    ("level", "priority"), [(logging.INFO, 6), (logging.WARNING, 4), (logging.ERROR, 3)]
)
def test_in_the_journal_a_line_begins_with_its_priority(level, priority):
    assert Journal().format(record(level, "reads")) == f"<{priority}>reads"


def test_for_people_it_begins_with_their_time_and_trouble_with_a_word():
    human = Human()
    human.zone = ZoneInfo("Europe/Berlin")
    assert human.format(record(logging.INFO, "started")) == "2026-11-22 17:00:00 started"
    assert (
        human.format(record(logging.WARNING, "no route")) == "2026-11-22 17:00:00 warning: no route"
    )


@pytest.mark.parametrize("formatter", [Journal(), Human()])
def test_a_line_stays_one_line_and_steers_no_terminal(formatter):
    line = formatter.format(
        record(logging.INFO, "a\n<0>forged\r\x1b[2J\u202eb\u2028c" + "x" * 10_000)
    )
    assert line.isprintable()
    assert len(line) < 600


def test_the_journal_is_known_by_the_very_file_stderr_is(tmp_path: Path):
    with (tmp_path / "log").open("w") as stream:
        stat = (tmp_path / "log").stat()
        same = {"JOURNAL_STREAM": f"{stat.st_dev}:{stat.st_ino}"}
        assert isinstance(start_logging(stream, same), Journal)
        assert isinstance(start_logging(stream, {"JOURNAL_STREAM": "1:2"}), Human), (
            "redirected since"
        )
        assert isinstance(start_logging(stream, {}), Human)
    assert isinstance(start_logging(io.StringIO(), same), Human)


def test_a_log_that_cannot_be_written_stops_nobody(capsys):
    stream = io.StringIO()
    start_logging(stream, {})
    stream.close()
    LOG.warning("nobody hears this")
    assert capsys.readouterr().err == ""


def test_the_same_failure_is_told_once_and_its_end_with_a_count(told):
    failures = Failures()
    for hour in range(5):
        failures.failed("account", "no route", NOW + timedelta(hours=hour))
    failures.ended("account", NOW + timedelta(hours=5))
    assert told.messages == [
        "account: no route",
        "account: well again, after failing 5 times in 5 hours",
    ]


def test_another_failure_is_news(told):
    failures = Failures()
    failures.failed("account", "no route", NOW)
    failures.failed("account", "wrong password", NOW)
    failures.failed("account", "wrong password", NOW)
    assert told.messages == ["account: no route", "account: wrong password"]


def test_what_never_failed_does_not_end(told):
    Failures().ended("account", NOW)
    assert told.messages == []


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ('timezone = "Asia/Tokyo"\n[rhythm]\n', "Asia/Tokyo"),
        ('timezone = "Nowhere"', None),
        ("[", None),
        ("", None),
    ],
)
def test_the_log_begins_in_the_zone_in_which_it_goes_on(
    tmp_path: Path, text: str, zone: str | None
) -> None:
    config = tmp_path / "config.toml"
    config.write_text(text)
    own = datetime.now().astimezone().tzinfo
    assert str(zone_at_a_glance(config)) == (zone or str(own))
    config.unlink()
    assert str(zone_at_a_glance(config)) == str(own)
