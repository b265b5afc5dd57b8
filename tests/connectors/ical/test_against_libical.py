"""What takes place when, held against libical: an expander that shares nothing with ours.

Generated rules and real calendars. Where the two differ, who is right is judged by RFC 5545 (and
7529), and listed here and in docs/proof.md; a listed difference that is gone is a failure as well.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from connectors.ical.expansion import Expander
from connectors.ical.expansion_job import ExpansionJob
from tests.connectors.ical import libical
from tests.connectors.ical.test_occurrences import vcalendar, vevent

FOLDER = Path(__file__).parents[3].parent / "shared" / "calendars"
FILES = {
    str(path.relative_to(FOLDER)): path
    for path in sorted(FOLDER.rglob("*.ics"))
    if path.stat().st_size < 100_000
}
WINDOW = datetime(2012, 1, 1, tzinfo=UTC), datetime(2025, 7, 1, tzinfo=UTC)
YEARS = datetime(2019, 1, 1, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=UTC)
UTC_ZONE = ZoneInfo("UTC")

NAME_WINS = "the name of a zone is known: its definition, cut down to some years, is not asked"
RDATE_ZONE = "libical reads RDATE in UTC, though it has a TZID (RFC 5545 section 3.8.5.2)"
PERIODS = "libical takes no RDATE with periods (RFC 5545 section 3.8.5.2)"
VERSIONS = "two versions of a series: the newer counts (RFC 5546 section 2.1.5), libical takes both"
IN_FILES = {
    "ical.js/recur_instances.ics": RDATE_ZONE,
    "ical.js/recur_instances_finite.ics": RDATE_ZONE,
    "icalendar/issue_313_globally_unique_tzid.ics": "libical knows no name behind a prefix of "
    "Mozilla's (RFC 5545 section 3.2.19 leaves it open)",
    "icalendar/period_with_timezone.ics": PERIODS,
    "recurring-ical-events/fablab_cottbus.ics": NAME_WINS,
    "recurring-ical-events/issue_113_period_in_rdate.ics": PERIODS,
    "recurring-ical-events/issue_148_edge_case_1.ics": VERSIONS,
    "recurring-ical-events/issue_148_edge_case_2.ics": VERSIONS,
    "recurring-ical-events/issue_148_exdate_and_rdate_updated.ics": VERSIONS,
    "recurring-ical-events/issue_148_ignored_exdate.ics": VERSIONS,
    "recurring-ical-events/issue_163_deleted_modification.ics": VERSIONS,
    "recurring-ical-events/issue_253_additional_recurrence_id.ics": "libical expands an exception "
    "by the rule that was left in it (RFC 5545 section 3.8.4.4: it is one instance)",
    "recurring-ical-events/issue_253_edge_case_1.ics": "as above",
    "recurring-ical-events/issue_253_recurrence_id_included.ics": "as above",
    "recurring-ical-events/issue_28_rrule_with_UTC_endinginZ.ics": "a RECURRENCE-ID with a time "
    "names the date of an all-day series, though RFC 5545 section 3.8.4.4 wants a date",
    "recurring-ical-events/issue_75_range_parameter.ics": "libical moves nothing that follows "
    "(RANGE=THISANDFUTURE, RFC 5545 section 3.2.13)",
    "recurring-ical-events/issue_86_x_wr_timezone_without_time_zone_in_dt.ics": "a floating time "
    "is meant in X-WR-TIMEZONE, which the standard does not have",
    "recurring-ical-events/rdate_falls_on_rrule_until.ics": RDATE_ZONE,
}


def ours(texts: Sequence[str], first: datetime, last: datetime) -> Iterator[dict[str, set[object]]]:
    """The starts by UID in each text; those set aside, or in a zone nobody knows, left out."""
    jobs = (
        ExpansionJob(str(number), (text,), first, last, UTC_ZONE)
        for number, text in enumerate(texts)
    )
    with Expander() as expander:
        for _, expansion in expander.expand(jobs):
            found: dict[str, set[object]] = defaultdict(set)
            for occurrence in expansion.occurrences:
                if first <= occurrence.start < last:
                    found[occurrence.uid].add(occurrence.start)
            for problem in expansion.problems:
                found[problem.uid] = {"set aside"}
            yield found


def differences(
    mine: Mapping[str, set[object]], theirs: Mapping[str, list[datetime] | None]
) -> list[str]:
    """The UIDs of which the two say something else; of what one of them gave up nothing is said."""
    return [
        uid
        for uid, starts in theirs.items()
        if uid
        and starts is not None
        and mine.get(uid, set()) != {"set aside"}
        and mine.get(uid, set()) != set(starts)
    ]


# --- real calendars ---


@pytest.mark.skipif(not FILES, reason="the folder of real calendars is not here")
def test_real_calendars_take_place_as_libical_says_but_for_what_is_listed() -> None:
    texts = {name: path.read_bytes().decode("utf-8", "replace") for name, path in FILES.items()}
    other = {
        name
        for (name, text), mine in zip(texts.items(), ours([*texts.values()], *WINDOW), strict=True)
        if differences(mine, libical.starts(text, *WINDOW))
    }
    assert other == set(IN_FILES)


# --- generated rules ---

DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
BEGINS = (
    ";TZID=Europe/Berlin:20190131T100000",
    ";TZID=America/New_York:20190107T190000",
    ":20190329T090000Z",
    ";VALUE=DATE:20190131",
    ";VALUE=DATE:20200229",
)


def some(chance: random.Random, values: Sequence[object], most: int) -> str:
    return ",".join(map(str, chance.sample(values, chance.randint(1, most))))


def rule(chance: random.Random, *, hourly: bool) -> str:
    """A rule of the kinds that libical gets right (see below for the others)."""
    coarse = ["YEARLY", "MONTHLY", "WEEKLY", "DAILY"]
    frequency = chance.choice([*coarse, "HOURLY"] if hourly else coarse)
    said = [f"FREQ={frequency}"]

    def may(how_often: float, part: str) -> None:
        if chance.random() < how_often:
            said.append(part)

    interval = chance.choice([7, 12, 25]) if frequency == "HOURLY" else chance.randint(2, 5)
    may(0.4, f"INTERVAL={interval}")
    skip = chance.choice(["OMIT", "BACKWARD", "FORWARD"])
    if frequency == "YEARLY":
        kind = chance.choice(["plain", "weeks", "days", "month days", "weekdays"])
        if kind == "weeks":
            said += [f"BYWEEKNO={some(chance, range(2, 52), 3)}", f"BYDAY={some(chance, DAYS, 3)}"]
        elif kind == "days":
            said.append(f"BYYEARDAY={some(chance, [1, 60, 100, 200, 366, -1, -300], 3)}")
            may(0.3, f"RSCALE=GREGORIAN;SKIP={skip}")
        else:
            said.append(f"BYMONTH={some(chance, range(1, 13), 3)}")
            if kind == "month days":
                said.append(f"BYMONTHDAY={some(chance, [1, 13, 15, 29, 30, 31], 3)}")
            elif kind == "weekdays":
                said.append(f"BYDAY={some(chance, [*DAYS, '1MO', '-1FR', '2TU', '5SU'], 3)}")
                may(0.3, "BYSETPOS=" + some(chance, [1, 2, -1], 2))
    elif frequency == "MONTHLY":
        may(0.3, f"BYMONTH={some(chance, range(1, 13), 4)}")
        kind = chance.choice(["plain", "month days", "weekdays"])
        if kind == "month days":
            said.append(f"BYMONTHDAY={some(chance, [1, 13, 15, 29, 30, 31], 3)}")
            may(0.3, f"RSCALE=GREGORIAN;SKIP={skip}")
        elif kind == "weekdays":
            said.append(f"BYDAY={some(chance, [*DAYS, '1MO', '-1FR', '2TU', '-2SU', '5WE'], 4)}")
            may(0.3, "BYSETPOS=" + some(chance, [1, 2, -1], 2))
        else:
            may(0.4, f"RSCALE=GREGORIAN;SKIP={skip}")
    else:
        may(0.3, f"BYMONTH={some(chance, range(1, 13), 4)}")
        may(0.4, f"BYDAY={some(chance, DAYS, 3)}")
    may(0.3, f"WKST={chance.choice(DAYS)}")
    return ";".join(said)


def test_generated_rules_take_place_as_libical_says() -> None:
    chance = random.Random(5545)
    drawn = []
    for number in range(120):
        begin = chance.choice(BEGINS)
        drawn.append((f"e{number}", begin, rule(chance, hourly=begin.endswith("Z"))))
    first_tries = [vcalendar(vevent(f"DTSTART{b}", f"RRULE:{r}", uid=u)) for u, b, r in drawn]
    events: dict[str, str] = {}
    for (uid, begin, said), found in zip(drawn, ours(first_tries, *YEARS), strict=True):
        starts = sorted(s for s in found[uid] if isinstance(s, datetime))
        # Where DTSTART does not fit its rule the standard leaves the series undefined; and libical
        # does not know it again where it is a day that was skipped to.
        if len(starts) > 2 and not ("SKIP" in said and starts[1].day == 1):
            until = "20220601" if "DATE" in begin else "20220601T120000Z"
            end = chance.choice(["", "", f";COUNT={chance.randint(1, 30)}", f";UNTIL={until}"])
            events[uid] = vevent(
                f"DTSTART{written(begin, starts[1])}", f"RRULE:{said}{end}", uid=uid
            )
    assert len(events) > 80
    mine: dict[str, set[object]] = {}
    for found in ours([vcalendar(event) for event in events.values()], *YEARS):
        mine |= found
    theirs = libical.starts(vcalendar(*events.values()), *YEARS)
    assert sum(starts is not None for starts in theirs.values()) > 80
    assert [events[uid] for uid in differences(mine, theirs)] == []


def written(begin: str, start: datetime) -> str:
    """A start in the form of another DTSTART."""
    params = begin.partition(":")[0]
    if "DATE" in params:
        return f"{params}:{start:%Y%m%d}"
    if begin.endswith("Z"):
        return f":{start:%Y%m%dT%H%M%SZ}"
    return f"{params}:{start.astimezone(ZoneInfo(params.partition('=')[2])):%Y%m%dT%H%M%S}"


# --- what libical takes otherwise ---

OTHERWISE = {
    "a week of the year without a weekday has that of DTSTART (RFC 5545 section 3.3.10)": (
        ":20190513T090000Z",
        "FREQ=YEARLY;BYWEEKNO=20;COUNT=3",
        ["19-05-13", "20-05-11", "21-05-17"],
    ),
    "the days of a week 52 or 53 in the next January belong to it (section 3.3.10, BYWEEKNO)": (
        ":20191229T090000Z",
        "FREQ=YEARLY;BYWEEKNO=52;BYDAY=SU;COUNT=4",
        ["19-12-29", "20-12-27", "22-01-02", "23-01-01"],
    ),
    "days from the end of a month limit DAILY and HOURLY too (section 3.3.10, the table)": (
        ":20190131T090000Z",
        "FREQ=DAILY;BYMONTHDAY=-1;COUNT=3",
        ["19-01-31", "19-02-28", "19-03-31"],
    ),
    "BYSETPOS takes of a week's instances too (section 3.3.10)": (
        ":20190107T090000Z",
        "FREQ=WEEKLY;BYDAY=MO,WE;BYSETPOS=1;COUNT=2",
        ["19-01-07", "19-01-14"],
    ),
    "BYSETPOS counts the times of a day singly (section 3.3.10)": (
        ":20190131T180000Z",
        "FREQ=MONTHLY;BYMONTHDAY=-1;BYHOUR=12,18;BYSETPOS=-1;COUNT=2",
        ["19-01-31", "19-02-28"],
    ),
    "an instance named twice counts once for BYSETPOS (section 3.3.10: a set)": (
        ":20190131T090000Z",
        "FREQ=MONTHLY;BYMONTHDAY=30,15,-1;BYSETPOS=-1;COUNT=4",
        ["19-01-31", "19-02-28", "19-03-31", "19-04-30"],
    ),
    "INTERVAL counts hours beside BYHOUR (section 3.3.10)": (
        ":20190501T030000Z",
        "FREQ=HOURLY;INTERVAL=25;BYHOUR=3,9;COUNT=3",
        ["19-05-01", "19-05-07", "19-05-26"],
    ),
    "hours are stepped through by the local clock (section 3.3.10: computed local start time)": (
        ";TZID=Europe/Berlin:20190330T100000",
        "FREQ=HOURLY;INTERVAL=12;COUNT=4",
        ["19-03-30 09", "19-03-30 21", "19-03-31 08", "19-03-31 20"],
    ),
    "of BYHOUR beside a date nothing counts, for COUNT neither (section 3.3.10: to be ignored)": (
        ";VALUE=DATE:20190731",
        "FREQ=MONTHLY;BYHOUR=9,18;BYSETPOS=-1,1;COUNT=3",
        ["19-07-31", "19-08-31", "19-10-31"],
    ),
    "a year has that day in each of its months (the table of section 3.3.10: BYMONTHDAY expands)": (
        ":20190228T090000Z",
        "FREQ=YEARLY;BYMONTHDAY=28;COUNT=3",
        ["19-02-28", "19-03-28", "19-04-28"],
    ),
}


@pytest.mark.parametrize("why", OTHERWISE)
def test_where_libical_differs_the_standard_is_followed(why: str) -> None:
    begin, said, expected = OTHERWISE[why]
    text = vcalendar(vevent(f"DTSTART{begin}", f"RRULE:{said}"))
    (found,) = ours([text], *YEARS)
    starts = sorted(s for s in found["one"] if isinstance(s, datetime))
    assert [f"{start:%y-%m-%d %H}"[: len(expected[0])] for start in starts] == expected
    assert differences(found, libical.starts(text, *YEARS)), "no longer different"
