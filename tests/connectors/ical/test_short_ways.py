"""What is plain is read in a short way, everything else by the libraries: both come to the same.

The libraries' way is the one to hold on to, so every test reads the same thing twice."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from icalendar import Event
from icalendar.prop import vRecur

from connectors.ical import content_line, entries, fragments, guests, moments, series
from connectors.ical.content_line import parts, parts_by_icalendar
from connectors.ical.entries import Entry
from connectors.ical.expansion_job import Expansion
from connectors.ical.fragments import Cut, Surroundings, cut
from connectors.ical.occurrences import expand
from connectors.ical.rules import FINER_THAN_DAYS, WEEKDAYS, Rule
from connectors.ical.terms import Terms
from tests.connectors.ical.test_occurrences import OUTLOOK_ZONE, vcalendar, vevent

FOLDER = Path(__file__).parents[3].parent / "shared" / "calendars"
FILES = sorted(path for path in FOLDER.rglob("*.ics") if path.stat().st_size < 20_000)
NEVER = re.compile(r"(?!)")
BERLIN = ZoneInfo("Europe/Berlin")
YEARS = datetime(2018, 1, 1, tzinfo=UTC), datetime(2021, 1, 1, tzinfo=UTC)
USUAL = vcalendar(
    OUTLOOK_ZONE.format(name="Europe/Berlin"),
    vevent(
        "DTSTAMP:20190101T080000Z",
        "DTSTART;TZID=Europe/Berlin:20190304T100000",
        'DTEND;TZID="Europe/Berlin":20190304T110000',
        "SUMMARY:Coffee\\, at last",
        'ORGANIZER;CN="Doe, Jane":mailto:jane@example.com',
        "ATTENDEE;CUTYPE=INDIVIDUAL;PARTSTAT=ACCEPTED;\n CN=Sam Holm:mailto:sam@example.com",
    ),
)


@contextmanager
def the_libraries_way() -> Iterator[None]:
    """As if nothing were plain."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(content_line, "_PLAIN", NEVER)
        patch.setattr(moments, "_PLAIN_TIME", NEVER)
        patch.setattr(fragments, "_ZONE_BEGINS", "\n\0")
        patch.setattr(series, "plain_starts", lambda *asked: None)
        patch.setattr(series, "_core", _core_with_rules)
        _forget()
        yield
    _forget()


def _core_with_rules(entry: Entry, terms: Terms, first: datetime, last: datetime) -> Event:
    """The master with those of its rules that dateutil, which recurring-ical-events asks, takes as
    they are meant: it is left to them which instances there are."""
    rules = [rule for rule in terms.rules if _is_dateutils(rule)]
    others = [rule for rule in terms.rules if rule not in rules]
    component = _core(entry, replace(terms, rules=others), first, last)
    component["RRULE"] = [vRecur.from_ical(_as_written(rule)) for rule in rules]
    return component


_core = series._core


def _is_dateutils(rule: Rule) -> bool:
    """Whether dateutil has no fault that concerns a rule: it takes the days of a year's first and
    last weeks for those of another year, all days of a week for the one of DTSTART, `MO,1TU` for
    nothing, and of a first week only what follows DTSTART; and it counts steps from the first."""
    return (
        rule.frequency not in FINER_THAN_DAYS
        and rule.skip == "OMIT"
        and not rule.weeks
        and not (rule.frequency == "WEEKLY" and rule.positions)
        and len({nth == 0 for nth, _ in rule.weekdays}) < 2
    )


def _as_written(rule: Rule) -> str:
    said = [f"FREQ={rule.frequency};INTERVAL={rule.interval};WKST={WEEKDAYS[rule.week_start]}"]
    if rule.count is not None:
        said.append(f"COUNT={rule.count}")
    if rule.until is not None:
        said.append(
            f"UNTIL={rule.until:%Y%m%dT%H%M%SZ}"
            if isinstance(rule.until, datetime)
            else f"UNTIL={rule.until:%Y%m%d}"
        )
    days = [f"{nth or ''}{WEEKDAYS[weekday]}" for nth, weekday in rule.weekdays]
    for name, values in {
        "BYDAY": days,
        "BYMONTH": rule.months,
        "BYYEARDAY": rule.year_days,
        "BYMONTHDAY": rule.month_days,
        "BYHOUR": rule.hours,
        "BYMINUTE": rule.minutes,
        "BYSECOND": rule.seconds,
        "BYSETPOS": rule.positions,
    }.items():
        said += [f"{name}={','.join(map(str, values))}"] if values else []
    return ";".join(said)


def _forget() -> None:
    for remembered in (entries._value, guests.guest, fragments._definition):
        remembered.cache_clear()


def both_ways(text: str, zone: ZoneInfo = BERLIN) -> tuple[Expansion, Expansion]:
    with the_libraries_way():
        slow = expand((text,), *YEARS, zone)
    return expand((text,), *YEARS, zone), slow


# --- a line ---

PIECES = st.sampled_from(
    [
        *("SUMMARY", "ATTENDEE", "dtstart", "X-A_B", "CN", "TZID", "VALUE", "Ä", "a.b", "", "1"),
        *(":", ";", "=", ",", '"', "\\", "^", "^n", "%", "%2C", " ", "\t", "'", "’"),
        *("\\n", "\\,", "\\\\", "\xa0", "\x85", "\x1c", "\x7f", "\x00", "\r", "\u2028"),
        *("mailto:sam@example.com", "Europe/Berlin", "Sam Holm", '"Doe, Jane"', "20190304T100000"),
    ]
)
NAMES = st.sampled_from(["SUMMARY", "ATTENDEE", "dtstart", "X-A", " UID", "Ä"])
PARAMETERS = st.lists(
    st.tuples(
        st.sampled_from([";CN=", ";cn=", "; TZID =", ";X-A=", ";"]),
        st.one_of(st.lists(PIECES, max_size=3).map("".join), st.text(max_size=4)),
    ).map("".join),
    max_size=3,
).map("".join)
LINES = st.one_of(
    st.lists(PIECES, max_size=8).map("".join),
    st.tuples(NAMES, PARAMETERS, st.just(":"), st.lists(PIECES, max_size=4).map("".join)).map(
        "".join
    ),
)


@settings(max_examples=200)
@given(LINES)
@example("A;B=:v")
@example('A;B="":v')
@example("A;B=\xa0c:v")
@example("A;B=c\x85:v")
@example("A;B=\x1c:v")
@example("A;B= c :v")
@example("A;b=c;B=d:v")
@example('A;B="x y" :v')
@example("A;B=x^ny:v")
@example("A:v\\")
@example("A:\nB")
def test_a_line_is_taken_apart_as_icalendar_does(line: str) -> None:
    assert _outcome(parts, line) == _outcome(parts_by_icalendar, line)


def _outcome(take_apart: object, line: str) -> object:
    try:
        name, params, value = take_apart(line)  # type: ignore[operator]
    except Exception as error:  # noqa: BLE001 - it raises what icalendar raises
        return type(error), str(error)
    return name, dict(params), value


# --- a time ---

TIMES = st.one_of(
    st.datetimes().map("{:%Y%m%dT%H%M%S}".format),
    st.from_regex(r"[0-9]{8}[Tt][0-9]{6}[Zz]?", fullmatch=True),
    st.from_regex(
        r"(20[12][0-9])[01][0-9][0-3][0-9]T[0-2][0-9][0-6][0-9][0-6][0-9]Z?", fullmatch=True
    ),
    st.text("0123456789TZ-:W ٣", min_size=8, max_size=16),
)
PARAMETERS_OF_TIME = st.sampled_from(["", ";TZID=Europe/Berlin", ";TZID=Nowhere", ";VALUE=DATE"])


@settings(max_examples=150)
@given(PARAMETERS_OF_TIME, TIMES)
@example("", "20190304T240000")
@example("", "20190304T100060")
@example("", "20190230T100000")
@example("", "00000101T000000")
@example("", "15990101T000000")
@example(";TZID=Europe/Berlin", "20190304T100000Z")
def test_a_time_is_read_as_icalendar_does(params: str, time: str) -> None:
    def read() -> object:
        try:
            when = moments.moment(f"DTSTART{params}:{time}", Surroundings())
        except moments.UnreadableTimeError as error:
            return str(error)
        return when, getattr(when, "tzinfo", None)

    short = read()
    with the_libraries_way():
        assert read() == short


# --- an outline ---

OUTLINES = st.lists(
    st.sampled_from(
        [
            *("BEGIN:VCALENDAR", "END:VCALENDAR", "BEGIN:VEVENT", "END:VEVENT"),
            *("BEGIN:VTIMEZONE", "BEGIN:VTIMEZONE", "END:VTIMEZONE", "END:VTIMEZONE"),
            *("BEGIN:STANDARD", "END:STANDARD", "BEGIN:DAYLIGHT", "end:daylight", "BEGIN:VALARM"),
            *("TZID:A", "TZID:B", "tzid;X-A=1:A", "TZOFFSETTO:+0100", "UID:a", " folded", "\tx"),
            *(
                "X-WR-TIMEZONE:UTC",
                " BEGIN : VTIMEZONE",
                "garbage",
                "",
                "summary:x",
                "uid;a",
                "UID",
            ),
            "BEGIN:VTIMEZONE\nTZID:A\nBEGIN:STANDARD\nTZOFFSETTO:+0100\nEND:STANDARD\nEND:VTIMEZONE",
        ]
    ),
    max_size=30,
)


@settings(max_examples=200)
@given(OUTLINES)
def test_a_text_is_cut_as_line_by_line(lines: list[str]) -> None:
    text = "\n".join(lines)
    short = _told(cut(text))
    with the_libraries_way():
        assert _told(cut(text)) == short


def _told(result: Cut) -> object:
    return (
        result.calendar,
        result.complete,
        [(f.around, f.lines, f.whole, f.complete) for f in result.fragments],
    )


# --- a series ---

STARTS = st.sampled_from(
    [
        ";TZID=Europe/Berlin:20190327T023000",  # a time that a change of clocks skips
        ";TZID=Europe/Berlin:20181024T023000",  # one that it doubles
        ";TZID=America/New_York:20190301T190000",
        ";TZID=Australia/Lord_Howe:20190331T000000",
        ";TZID=Strange:20190107T090000",
        ":20190131T090000Z",
        ":20190107T090000",
        ";VALUE=DATE:20190131",
        ";VALUE=DATE:20180228",
    ]
)
ENDS = st.sampled_from(
    ["DURATION:PT1H", "DURATION:P1D", "DURATION:P2DT30M", "DURATION:PT0S", "DURATION:P400D", "X-A:"]
)
RULES = st.tuples(
    st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY", "weekly"]),
    st.sampled_from(["", ";INTERVAL=2", ";INTERVAL=13", ";INTERVAL=1"]),
    st.sampled_from(
        [
            *("", "", ";COUNT=5", ";COUNT=60", ";COUNT=0", ";COUNT=-3", ";COUNT=1;UNTIL=20190501"),
            *(";UNTIL=20190501T080000Z", ";UNTIL=20190501", ";UNTIL=20190420T090000"),
            *(";UNTIL=20170101T000000Z", ";UNTIL=20190327T013000Z"),
        ]
    ),
    st.sampled_from(
        [
            *("", "", ";BYDAY=MO,TH", ";BYDAY=-1FR", ";BYDAY=2TU,4TU", ";WKST=SU;BYDAY=SU,MO"),
            *(";BYMONTHDAY=31", ";BYMONTHDAY=-1,15", ";BYMONTH=2", ";BYHOUR=9,12", ";BYSETPOS=1"),
            *(";BYDAY=SU;BYHOUR=3", ";BYWEEKNO=10", ";BYDAY=XX", ";BYMONTH=2;BYMONTHDAY=30"),
            *(";BYDAY=MO,TU,-1SU;BYSETPOS=-1", ";BYYEARDAY=1,60,-1", ";BYMONTH=2,7;BYDAY=2TU"),
            *(";BYDAY=MO,FR;BYMONTHDAY=1,13", ";BYSETPOS=2;BYHOUR=9,10", ";BYDAY=20MO,-1WE"),
        ]
    ),
).map(lambda rule: "RRULE:FREQ=" + "".join(rule))
MORE = st.lists(
    st.sampled_from(
        [
            *("EXDATE;TZID=Europe/Berlin:20190331T023000", "EXDATE:20190207T090000Z"),
            *("EXDATE;VALUE=DATE:20190402", "EXDATE:20190401T000000", "EXDATE:20190404T120000"),
            *("EXDATE;TZID=America/New_York:20190308T190000,20190309T190000", "EXDATE:garbled"),
            *("RDATE:20190505T050000Z", "RRULE:FREQ=DAILY;COUNT=2", "EXRULE:FREQ=DAILY"),
        ]
    ),
    max_size=2,
)
WIDE = ("2018-01-01", "2021-01-01")
WINDOWS = st.sampled_from(
    [
        WIDE,
        ("2019-03-31T00:30", "2019-04-01"),
        ("2019-04-03", "2019-04-04"),
        ("2025-01-01", "2025-06-01"),
    ]
)


@settings(max_examples=80)
@given(STARTS, ENDS, RULES, MORE, WINDOWS, st.booleans())
@example(";TZID=Europe/Berlin:20190327T023000", "X-A:", "RRULE:FREQ=DAILY", [], WIDE, False)
@example(
    *(";TZID=Europe/Berlin:20190331T103000", "X-A:", "RRULE:FREQ=DAILY"),
    *(["EXDATE;TZID=Europe/Berlin:20190404T123000"], WIDE, False),
)
@example(
    *(";TZID=Europe/Berlin:20190331T103000", "X-A:", "RRULE:FREQ=DAILY"),
    *(["EXDATE;TZID=Europe/Berlin:20190404T150000"], WIDE, False),
)
@example(":20190401T000000Z", "X-A:", "RRULE:FREQ=HOURLY;COUNT=30", [], WIDE, False)
@example(":20190407T000000Z", "X-A:", "RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=3", [], WIDE, False)
@example(":20181024T023000", "X-A:", "RRULE:FREQ=DAILY;UNTIL=20181028T010000Z", [], WIDE, False)
def test_a_plain_series_takes_place_as_recurring_ical_events_says(
    start: str, end: str, rule: str, more: list[str], window: tuple[str, str], written_utc: bool
) -> None:
    texts = (
        vcalendar(
            "X-WR-TIMEZONE:America/New_York\n" if written_utc else "",
            OUTLOOK_ZONE.format(name="Strange"),
            vevent("DTSTART" + start, end, rule, "SUMMARY:Walk", *more),
        ),
    )
    first, last = (datetime.fromisoformat(day).replace(tzinfo=UTC) for day in window)
    short = expand(texts, first, last, BERLIN)
    with the_libraries_way():
        assert expand(texts, first, last, BERLIN) == short


@pytest.mark.parametrize(
    ("start", "rule"),
    [
        (";TZID=Europe/Berlin:20190304T100000", "FREQ=WEEKLY;COUNT=26"),
        (";TZID=Europe/Berlin:20190304T100000", "FREQ=DAILY;UNTIL=20190401T080000Z"),
        (":20190304T100000Z", "FREQ=MONTHLY;BYDAY=1MO"),
        (";VALUE=DATE:20190304", "FREQ=YEARLY"),
    ],
)
def test_a_usual_series_needs_nothing_of_recurring_ical_events(
    monkeypatch: pytest.MonkeyPatch, start: str, rule: str
) -> None:
    monkeypatch.setattr(series, "recurring_ical_events", None)
    more = () if "DATE" in start else ("EXDATE" + start,)
    expansion = expand(
        (vcalendar(vevent("DTSTART" + start, "RRULE:" + rule, *more)),), *YEARS, BERLIN
    )
    assert len(expansion.occurrences) > 1
    assert not expansion.problems


def test_more_instances_than_anybody_has_are_still_counted() -> None:
    text = vcalendar(vevent("DTSTART:19600101T090000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY"))
    expansion = expand(
        (text,), datetime(1960, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC), BERLIN
    )
    assert not expansion.occurrences
    assert "more than 20000 times" in expansion.problems[0].reason


# --- a whole text ---


def test_a_usual_event_needs_nothing_of_icalendars_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    def needed(line: str) -> None:
        raise AssertionError(line)

    _forget()
    monkeypatch.setattr(content_line, "parts_by_icalendar", needed)
    monkeypatch.setattr(moments, "vDDDTypes", None)
    (occurrence,) = expand((USUAL,), *YEARS, BERLIN).occurrences
    assert occurrence.title == "Coffee, at last"
    assert occurrence.start == datetime(2019, 3, 4, 9, tzinfo=UTC)
    assert [guest.name for guest in occurrence.attendees] == ["Sam Holm"]
    assert occurrence.organizer is not None
    assert occurrence.organizer.name == "Doe, Jane"


def test_the_same_time_zone_is_gone_through_once_for_many_texts() -> None:
    _forget()
    for _ in range(3):
        cut(USUAL)
    assert fragments._definition.cache_info().misses == 1
    assert fragments._definition.cache_info().hits == 2


@settings(max_examples=30)
@given(st.randoms(use_true_random=False))
def test_a_usual_text_with_a_slip_is_read_alike(chance: random.Random) -> None:
    short, slow = both_ways(mutant(USUAL, chance))
    assert short == slow


@pytest.mark.skipif(not FILES, reason="the folder of real calendars is not here")
@pytest.mark.parametrize("part", range(4))
def test_real_calendars_and_slips_in_them_are_read_alike(part: int) -> None:
    chance = random.Random(part)
    for path in FILES[part::24]:
        text = path.read_bytes().decode("utf-8", "replace")
        for written in (text, mutant(text, chance)):
            short, slow = both_ways(written)
            assert short == slow, path.name


def mutant(text: str, chance: random.Random) -> str:
    """The text with a few characters gone, doubled or replaced by ones that mean something."""
    characters = list(text)
    for _ in range(chance.randrange(1, 4)):
        at = chance.randrange(len(characters))
        characters[at] = chance.choice(
            ["", characters[at] * 2, ":", ";", '"', "\\", "\n", " ", ",", "=", "T", "Z", "0", "^"]
        )
    return "".join(characters)
