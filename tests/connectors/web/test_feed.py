"""What a published calendar says, and how far what it lacks is believed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connectors.errors import UnreadableError
from connectors.web.feed import Feed, Missing, missing_from, read_feed

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def event(
    uid: str,
    day: str = "20261201",
    *lines: str,
    title: str = "Lunch",
    stamp: str = "20261101T000000Z",
) -> str:
    return "\r\n".join(
        (
            "BEGIN:VEVENT",
            f"UID:{uid}",
            f"DTSTAMP:{stamp}",
            f"DTSTART:{day}T100000Z",
            f"DTEND:{day}T110000Z",
            f"SUMMARY:{title}",
            *lines,
            "END:VEVENT",
            "",
        )
    )


def text(*events: str, header: str = "") -> bytes:
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{header}{''.join(events)}END:VCALENDAR\r\n".encode()


def feed(*events: str, header: str = "") -> Feed:
    return read_feed(text(*events, header=header), "cal.example.com")


def known(*events: str) -> dict[str, str | None]:
    return {one.href: one.etag for one in feed(*events).resources}


def days_ago(days: int) -> str:
    return f"{NOW - timedelta(days=days):%Y%m%d}"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"<!DOCTYPE html><html>BEGIN your free trial", "web page"),
        (b"  <html><body>Log in</body></html>", "web page"),
        (b"", "empty"),
        (b" \r\n", "empty"),
        (b'{"error": "gone"}', "no calendar"),
        (text(event("a"))[:-20], "cut off"),
        (text(event("a"), event("b"))[:200], "cut off"),
        (b"BEGIN:VCARD\r\nEND:VCARD\r\n", "holds contacts"),
        (b"%PDF-1.7", "PDF"),
        (
            b"BEGIN:VCALENDAR\r\nBEGIN:VFREEBUSY\r\nUID:x\r\nFREEBUSY:20261201T100000Z/PT1H\r\n"
            b"END:VFREEBUSY\r\nEND:VCALENDAR\r\n",
            "busy times without events",
        ),
    ],
)
def test_what_is_no_whole_calendar_is_unreadable(content: bytes, why: str) -> None:
    with pytest.raises(UnreadableError, match=why) as refused:
        read_feed(content, "cal.example.com")
    assert "cal.example.com" in refused.value.what
    assert "still published" in refused.value.advice or "publish" in refused.value.advice


def test_a_calendar_without_events_is_one() -> None:
    assert feed(header="X-WR-CALNAME:Work\\, mostly\r\n").name == "Work, mostly"
    assert feed().resources == ()


def test_each_event_is_a_resource_with_its_exceptions() -> None:
    series = event("a", "20261201", "RRULE:FREQ=WEEKLY")
    moved = event("a", "20261209", "RECURRENCE-ID:20261208T100000Z")
    found = feed(series, event("b"), moved)
    assert [one.href for one in found.resources] == ["a", "b"]
    assert found.resources[0].text.count("BEGIN:VEVENT") == 2


def test_when_it_was_written_anew_makes_no_news() -> None:
    before = feed(event("a"), event("b"))
    after = feed(event("b", stamp="20261122T120000Z"), event("a", stamp="20261122T120000Z"))
    assert after.digest == before.digest
    assert after.written == NOW
    assert feed(event("a", title="Dinner"), event("b")).digest != before.digest
    assert feed(event("a")).digest != before.digest
    assert feed(event("a"), event("b"), header="X-WR-CALNAME:Work\r\n").digest != before.digest


@pytest.mark.parametrize(
    ("header", "every"),
    [
        ("REFRESH-INTERVAL;VALUE=DURATION:PT12H\r\n", timedelta(hours=12)),
        ("X-PUBLISHED-TTL:P1D\r\n", timedelta(days=1)),
        ("X-PUBLISHED-TTL:P1W\r\n", timedelta(weeks=1)),
        ("X-PUBLISHED-TTL:PT1H30M\r\n", timedelta(minutes=90)),
        ("X-PUBLISHED-TTL:PT0S\r\n", None),
        ("X-PUBLISHED-TTL:soon\r\n", None),
        ("X-PUBLISHED-TTL:P99999999999D\r\n", None),
        ("", None),
    ],
)
def test_how_often_it_is_renewed_is_what_it_says(header: str, every: timedelta | None) -> None:
    assert feed(event("a"), header=header).renewed_every == every


def test_what_tells_only_busy_times_is_known() -> None:
    busy = [event(f"{n}", title=title) for n, title in enumerate(("Busy", "Tentative", "Free", ""))]
    assert feed(*busy).busy_only
    assert not feed(*busy, event("x", title="Lunch with Jane")).busy_only
    assert not feed(*busy, event("x", "20261201", "ATTENDEE:mailto:j@x.de", title="Busy")).busy_only
    assert not feed(*busy[:2]).busy_only


# --- what is missing ---


def ahead(count: int) -> list[str]:
    return [event(f"ahead-{n}", f"202612{n + 1:02}") for n in range(count)]


def past(count: int, newest_days_ago: int = 2) -> list[str]:
    return [event(f"past-{n}", days_ago(newest_days_ago + n)) for n in range(count)]


def test_what_was_deleted_is_gone() -> None:
    events = [*past(10), *ahead(10)]
    left = [one for one in events if "UID:past-3\r" not in one and "UID:ahead-3\r" not in one]
    assert missing_from(feed(*left), known(*events), NOW) == Missing(("ahead-3", "past-3"), ())


def test_what_is_older_than_all_that_is_listed_happened_all_the_same() -> None:
    events = [*past(20), *ahead(5)]
    left = [*past(8), *ahead(5)]
    found = missing_from(feed(*left), known(*events), NOW)
    assert found == Missing((), tuple(sorted(f"past-{n}" for n in range(8, 20))))


def test_what_lies_ahead_or_has_no_end_is_never_taken_for_old() -> None:
    endless = event("series", days_ago(400), "RRULE:FREQ=WEEKLY;COUNT=200")
    events = [endless, event("soon", "20261123"), event("late", "20270101")]
    found = missing_from(feed(event("late", "20270101")), known(*events), NOW)
    assert found == Missing(("series", "soon"), ())
    ended = event("series", days_ago(400), "RRULE:FREQ=WEEKLY;UNTIL=20260101T100000Z")
    found = missing_from(feed(event("late", "20270101")), known(ended), NOW)
    assert found == Missing((), ("series",))


@pytest.mark.parametrize(
    ("before", "after", "doubted"),
    [
        (10, 0, True),
        (10, 4, True),
        (10, 5, False),
        (5, 2, True),
        (5, 3, False),
        (4, 1, False),
        (4, 0, False),
        (0, 0, False),
    ],
)
def test_a_feed_that_lost_more_than_half_at_once_is_not_believed(
    before: int, after: int, doubted: bool
) -> None:
    found = missing_from(feed(*ahead(after)), known(*ahead(before)), NOW)
    assert bool(found.doubt) is doubted


def test_an_empty_feed_is_not_believed_however_old_all_of_it_was() -> None:
    found = missing_from(feed(), known(*past(300)), NOW)
    assert found.doubt == "listed 300 events and now lists none"
    assert missing_from(feed(), known(*past(4)), NOW).doubt == ""


def test_a_past_that_was_kept_does_not_make_a_whole_feed_look_shrunken() -> None:
    kept = known(*past(300, newest_days_ago=200), *ahead(8))
    assert missing_from(feed(*ahead(8)), kept, NOW).doubt == ""


def test_uids_that_change_each_time_are_no_loss() -> None:
    anew = [event(f"other-{n}", f"202612{n + 1:02}") for n in range(10)]
    found = missing_from(feed(*anew), known(*ahead(10)), NOW)
    assert found.doubt == ""
    assert len(found.gone) == 10
