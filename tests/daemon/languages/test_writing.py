"""What fikad writes into a calendar, in every language."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from daemon.config.occasion_entries import built_in_occasions
from daemon.holds.draft import (
    HoldPlan,
    SharedHistory,
    Wording,
    answering_lines,
    description,
    draft,
    title,
)
from daemon.languages.language import language, shipped
from daemon.languages.writing import finding, writer
from daemon.people.contacts import Contact
from daemon.practice.introductions import introduction
from tests.daemon.world import BERLIN, SUNDAY

JANE = Contact("jane doe", "Jane Doe", timedelta(weeks=6), tags=("boats",))
OMAR = Contact("omar", "Omar", timedelta(weeks=6), tags=("boats",))
DAY = timedelta(days=1)
in_every_language = pytest.mark.parametrize("code", shipped())
CADENCES = [
    DAY,
    3 * DAY,
    7 * DAY,
    14 * DAY,
    42 * DAY,
    30 * DAY,
    60 * DAY,
    91 * DAY,
    150 * DAY,
    365 * DAY,
    730 * DAY,
]


@in_every_language
def test_no_language_lacks_a_sentence(code: str) -> None:
    """Where one does, the hold says it in English; here it is named."""
    own = set(language(code).text)
    assert sorted(key for key in language("en").text if key not in own) == []
    extra = {key for key in own if key not in language("en").text}
    assert all(key.startswith("span-") for key in extra)


@in_every_language
def test_every_sentence_takes_the_same_values_as_the_english_one(code: str) -> None:
    """Others may leave the name out, where it would have to be inflected."""
    for key, english in language("en").text.items():
        wanted = set(re.findall(r"\$(\w+)", english))
        given = set(re.findall(r"\$(\w+)", language(code).text[key]))
        assert wanted - given <= {"name", "first_name", "count"}, key
        assert given <= wanted, key


@in_every_language
def test_a_hold_is_written_in_one_language_alone(code: str) -> None:
    by = writer(code)
    history = SharedHistory(
        last_met=SUNDAY - 50 * DAY,
        where="Café Rosa",
        inviter=by.say("they-invited", name="Jane Doe", count=3),
        introduction=introduction(JANE, OMAR, by),
        note="ask about the boat",
    )
    text = description(JANE, SUNDAY, history, BERLIN, by)
    assert re.search(r"[{}$\[\]*]|->", text) is None
    english = description(JANE, SUNDAY, history, BERLIN)
    shared = {*text.splitlines()} & {*english.splitlines()}
    assert shared <= ({""} if code != "en" else {*text.splitlines()}) | {
        history.inviter,
        history.introduction,
    }
    assert set(text.split("\n\n")[1].splitlines()) <= set(answering_lines())
    assert history.introduction in text
    assert any(pattern.search(" ".join(text.split())) for pattern in finding("introduction"))


@in_every_language
@pytest.mark.parametrize("cadence", CADENCES, ids=lambda cadence: f"{cadence.days} days")
def test_every_cadence_is_a_sentence_of_its_own(code: str, cadence: timedelta) -> None:
    said = writer(code).cadence(cadence)
    assert said == said.strip() != ""
    assert [writer(code).cadence(other) for other in CADENCES].count(said) == 1


@in_every_language
def test_the_introduction_is_known_by_its_first_and_last_words(code: str) -> None:
    text = language(code).text["introduction"]
    assert not text.startswith("{")
    assert not text.endswith("}")
    assert any(
        pattern.search(writer(code).say("introduction", name="A", other="B", tag="c"))
        for pattern in finding("introduction")
    )


@in_every_language
def test_the_title_of_every_occasion_asks(code: str) -> None:
    for occasion in built_in_occasions(code).values():
        assert title(JANE, occasion).count("Jane Doe") == 1
        assert title(JANE, occasion).endswith("?")


@pytest.mark.parametrize(
    ("code", "country", "day", "time"),
    [
        ("en", "", "Tuesday, 10 November 2026", "Tue 10 Nov 15:05"),
        ("en", "US", "Tuesday, November 10, 2026", "Tue, Nov 10, 3:05 PM"),
        ("en", "DE-BE", "Tuesday, 10 November 2026", "Tue, 10 Nov 15:05"),
        ("de", "DE", "Dienstag, 10. November 2026", "Di., 10. Nov. 15:05"),
        ("sv", "", "tisdag 10 november 2026", "tis 10 nov. 15:05"),
        ("ja", "JP", "2026年11月10日火曜日", "11月10日(火) 15:05"),
    ],
)
def test_dates_and_times_follow_the_language_and_the_country(
    code: str, country: str, day: str, time: str
) -> None:
    by = writer(code, country)
    assert by.date(date(2026, 11, 10)) == day
    assert by.moment(datetime(2026, 11, 10, 15, 5, tzinfo=UTC)).split() == time.split()


@pytest.mark.parametrize(
    ("code", "spans"),
    [
        ("en", ["1 day", "13 days", "2 weeks", "11 weeks", "2 months", "23 months", "2 years"]),
        ("sv", ["en dag", "13 dagar", "2 veckor", "11 veckor", "2 månader", "23 månader", "2 år"]),
        (
            "pl",
            [
                "1 dzień",
                "13 dni",
                "2 tygodnie",
                "11 tygodni",
                "2 miesiące",
                "23 miesiące",
                "2 lata",
            ],
        ),
        ("ja", ["1日", "13日", "2週間", "11週間", "2か月", "23か月", "2年"]),
    ],
)
def test_spans_are_told_as_people_do(code: str, spans: list[str]) -> None:
    days = (0, 13, 14, 83, 84, 700, 730)
    assert [writer(code).span(number) for number in days] == spans


def test_a_name_is_no_pattern() -> None:
    assert (
        writer("de").say("not-met", name="{ $x } -> [1]")
        == "Ihr habt euch noch nicht getroffen, { $x } -> [1] und du."
    )


def test_a_hold_written_in_another_language_bears_a_seal_that_fits() -> None:
    from connectors.ical.hold_text import seal

    made = draft(
        HoldPlan("fikad-x", JANE, built_in_occasions("ja")["coffee"], SUNDAY, SUNDAY + DAY / 24),
        Wording(zone=ZoneInfo("Asia/Tokyo"), writer=writer("ja", "JP")),
    )
    assert made.title == "Jane Doeさんとコーヒー?"
    assert made.seal == seal(made)
