"""A calendar that somebody publishes, over a real server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from connectors.base import Changes
from connectors.errors import (
    AccountError,
    MissingError,
    ReadOnlyError,
    UnreachableError,
    UnreadableError,
)
from connectors.web.account import WebAccount
from connectors.web.location import location_of
from tests.connectors.backends import event_text
from tests.connectors.web.feed_server import QUERY, SECRET, Publisher, Reply, publisher

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def feed() -> Iterator[Publisher]:
    with publisher() as one:
        put(one, "one", "Lunch")
        yield one


def put(feed: Publisher, key: str, title: str, *lines: str) -> None:
    text = event_text(key, title)
    more = "".join(f"{line}\r\n" for line in lines)
    feed.events[key] = text.replace("BEGIN:VALARM", f"{more}BEGIN:VALARM", 1)


class Reader:
    """Whoever keeps what is read: one account object for each poll, as a pass has one."""

    def __init__(self, feed: Publisher) -> None:
        self.feed = feed
        self.memo: dict[str, Any] = {}
        self.token: str | None = None
        self.known: dict[str, str | None] = {}
        self.account = self._new()

    def _new(self) -> WebAccount:
        return WebAccount("outlook", location_of(self.feed.url), self.memo)

    def poll(self, now: datetime = NOW) -> Changes | None:
        """What came, all batches as one; None where the version told that nothing did."""
        self.memo = json.loads(json.dumps(self.memo))
        self.account = self._new()
        [calendar] = self.account.calendars(now)
        if calendar.version == self.token:
            return None
        batches = list(calendar.changes(self.token, dict(self.known)))
        for batch in batches:
            self.known |= {one.href: one.etag for one in batch.changed}
        for href in batches[-1].removed:
            del self.known[href]
        self.token = batches[-1].token
        assert self.token == calendar.version
        return batches[-1]


def test_it_is_one_calendar_called_as_it_calls_itself_or_as_the_account(feed: Publisher) -> None:
    [calendar] = Reader(feed).account.calendars(NOW)
    assert (calendar.name, calendar.writable, calendar.owner) == ("outlook", False, "")
    feed.name = "Sam's work"
    [calendar] = Reader(feed).account.calendars(NOW)
    assert calendar.name == "Sam's work"
    assert "outlook" in calendar.also_called


def test_a_quiet_poll_is_one_conditional_request_without_a_text(feed: Publisher) -> None:
    reader = Reader(feed)
    assert reader.poll() is not None
    assert "if-none-match" not in feed.asked[0]
    assert reader.poll() is None
    assert len(feed.asked) == 2
    assert "if-none-match" in feed.asked[1]
    assert reader.account.requests == 1


def test_a_date_is_as_good_a_condition(feed: Publisher) -> None:
    feed.etags, feed.modified = False, format_datetime(NOW, usegmt=True)
    reader = Reader(feed)
    reader.poll()
    assert reader.poll() is None
    assert feed.asked[1]["if-modified-since"] == feed.modified


def test_without_conditions_the_same_text_is_no_news(feed: Publisher) -> None:
    feed.etags = False
    reader = Reader(feed)
    reader.poll()
    feed.events["one"] = feed.events["one"].replace("DTSTAMP:20261101", "DTSTAMP:20261122")
    assert reader.poll() is None


def test_a_pass_that_reads_twice_asks_once(feed: Publisher) -> None:
    reader = Reader(feed)
    reader.account.calendars(NOW)
    reader.account.calendars(NOW)
    assert len(feed.asked) == 1


def test_what_was_not_stored_is_asked_for_again(feed: Publisher) -> None:
    reader = Reader(feed)
    [calendar] = reader.account.calendars(NOW)
    assert next(calendar.changes(None, {})).last  # and the reader died
    assert reader.poll() is not None
    assert "if-none-match" not in feed.asked[1]


def test_a_condition_that_stands_for_something_else_is_not_relied_on(feed: Publisher) -> None:
    """The ledger was lost, or is that of a backup, and the memo is not."""
    reader = Reader(feed)
    reader.poll()
    reader.token, reader.known = None, {}
    found = reader.poll()
    assert found is not None
    assert list(reader.known) == ["one"]


def test_another_address_begins_anew(feed: Publisher) -> None:
    reader = Reader(feed)
    reader.poll()
    with publisher() as other:
        reader.feed = other
        put(other, "two", "Dinner")
        reader.poll()
        assert "if-none-match" not in other.asked[0]
        assert list(reader.known) == ["two"]


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(404), MissingError),
        (Reply(410), MissingError),
        (Reply(401), UnreadableError),
        (Reply(403), UnreadableError),
        (Reply(204), UnreadableError),
        (Reply(206, b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"), UnreadableError),
        (Reply(304), UnreadableError),
        (Reply(429), UnreachableError),
        (Reply(500), UnreachableError),
        (Reply(503, b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"), UnreachableError),
        (Reply(200, b"<html>Sign in</html>", {"Content-Type": "text/html"}), UnreadableError),
        (Reply(200, b"BEGIN:VCALENDAR\r\n", {"Content-Type": "text/calendar"}), UnreadableError),
        (Reply(200, b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", {"Age": "100000"}), UnreachableError),
    ],
)
def test_whatever_is_no_calendar_is_an_error_and_tells_no_more_than_the_host(
    feed: Publisher, reply: Reply, kind: type[AccountError]
) -> None:
    feed.hook = lambda: reply
    reader = Reader(feed)
    with pytest.raises(kind) as refused:
        reader.poll()
    told = f"{refused.value} {refused.value!r}"
    assert "127.0.0.1" in told
    assert refused.value.advice
    assert SECRET not in told
    assert QUERY not in told


def test_a_failure_leaves_what_was_known(feed: Publisher) -> None:
    reader = Reader(feed)
    reader.poll()
    before = dict(reader.known)
    feed.hook = lambda: Reply(200, b"<html>")
    with pytest.raises(UnreadableError):
        reader.poll()
    feed.hook = lambda: None
    assert reader.poll() is None
    assert reader.known == before


def test_nothing_that_is_kept_tells_the_address(feed: Publisher) -> None:
    reader = Reader(feed)
    feed.extra["Content-Location"] = feed.url
    reader.poll()
    reader.poll()
    kept = json.dumps(reader.memo)
    assert SECRET not in kept
    assert QUERY not in kept
    assert SECRET not in repr(reader.account)


def test_nothing_is_ever_written_to_it(feed: Publisher) -> None:
    reader = Reader(feed)
    [calendar] = reader.account.calendars(NOW)
    assert not reader.account.can_create
    for write in (calendar.create, calendar.delete, lambda _: calendar.update(_, _)):
        with pytest.raises(ReadOnlyError):
            write(None)  # type: ignore[arg-type]
    with pytest.raises(ReadOnlyError):
        reader.account.create_calendar("Coffee")
    assert calendar.read("fikad-1") is None


# --- how old it is ---


def remark(reader: Reader, now: datetime = NOW) -> str:
    reader.poll(now)
    return reader.account.remark


def test_what_its_publisher_says_of_its_age_is_told(feed: Publisher) -> None:
    feed.header = "X-PUBLISHED-TTL:PT8H\r\n"
    assert remark(Reader(feed)) == "it may be up to 8 hours behind"
    feed.extra["Age"] = "7200"
    assert remark(Reader(feed)) == "it may be up to 10 hours behind"
    feed.header = ""
    assert remark(Reader(feed)) == "it may be up to 2 hours behind"
    feed.extra.clear()
    assert remark(Reader(feed)) == ""


def test_what_was_written_for_us_is_not_old_whatever_it_says(feed: Publisher) -> None:
    feed.header = "X-PUBLISHED-TTL:PT8H\r\n"
    sent = format_datetime(datetime(2026, 11, 1, 0, 1, tzinfo=UTC), usegmt=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("http.server.BaseHTTPRequestHandler.date_time_string", lambda *_: sent)
        assert remark(Reader(feed)) == ""  # its DTSTAMP is midnight of that day


def test_how_late_changes_appear_is_seen(feed: Publisher) -> None:
    reader = Reader(feed)
    reader.poll(NOW)
    reader.poll(NOW + timedelta(hours=6))
    changed = NOW + timedelta(hours=1)
    put(feed, "two", "Dinner", f"LAST-MODIFIED:{changed:%Y%m%dT%H%M%SZ}")
    assert remark(reader, NOW + timedelta(hours=7)) == "it may be up to 5 hours behind"
    changed = NOW + timedelta(hours=7, minutes=5)
    put(feed, "three", "Tea", f"LAST-MODIFIED:{changed:%Y%m%dT%H%M%SZ}")
    assert remark(reader, NOW + timedelta(hours=8)) == ""
    old = NOW - timedelta(days=90)
    put(feed, "four", "Back in sight", f"LAST-MODIFIED:{old:%Y%m%dT%H%M%SZ}")
    assert remark(reader, NOW + timedelta(hours=9)) == ""


def test_that_only_busy_times_are_told_is_said(feed: Publisher) -> None:
    feed.events.clear()
    for number in range(5):
        put(feed, f"b{number}", "Busy")
    assert "only when you are busy" in remark(Reader(feed))
