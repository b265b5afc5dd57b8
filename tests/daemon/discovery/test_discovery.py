"""Whom one meets one-on-one, found from the occurrences alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from connectors.address_book import Card
from connectors.base import Answer, Attendee, AttendeeKind, Occurrence
from connectors.ical.occurrences import expand
from daemon.config.schema import Meetings
from daemon.demo.events import ZONE
from daemon.demo.life import life
from daemon.discovery.addresses import (
    GuestLists,
    guess_me,
    is_somebody,
    name_in_address,
    perhaps_own,
    person_name,
)
from daemon.discovery.discovery import DiscoveryInputs, discover
from daemon.discovery.found_person import FoundPerson
from daemon.discovery.name_finder import NameFinder
from daemon.discovery.rhythm import DEFAULT_CIRCLES, advise, trend
from daemon.languages.vocabulary import vocabulary
from daemon.people.contacts import Contact
from tests.daemon.occurrences import Passing

NOW = datetime(2026, 3, 4, 9, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
ME = "sam@example.com"
MINE = frozenset({ME})
RULES = Meetings()
ENGLISH = vocabulary()


def guest(
    email: str, name: str = "", answer: Answer = "accepted", kind: AttendeeKind = "person"
) -> Attendee:
    return Attendee(email, name, kind=kind, answer=answer)


def event(
    days_ago: float, title: str = "Coffee", guests: Iterable[Attendee] = (), uid: str = ""
) -> Occurrence:
    """An hour that began so many days ago; with guests, Sam organizes and is listed."""
    start = NOW - timedelta(days=days_ago)
    rows = tuple(guests)
    me = guest(ME)
    return Occurrence(
        uid or f"{title}-{days_ago}-{[row.email for row in rows]}",
        start,
        start + timedelta(hours=1),
        title=title,
        organizer=me if rows else None,
        attendees=(me, *rows) if rows else (),
    )


def discovered(
    occurrences: Sequence[Occurrence], known: Sequence[Contact] = (), cards: Sequence[Card] = ()
) -> list[FoundPerson]:
    return list(
        discover(
            DiscoveryInputs(
                occurrences=by_start(occurrences),
                mine=MINE,
                rules=RULES,
                now=NOW,
                zone=BERLIN,
                vocabulary=vocabulary(("de",)),
                known=known,
                cards=cards,
            )
        ).people
    )


def by_start(occurrences: Iterable[Occurrence]) -> list[Occurrence]:
    return sorted(occurrences, key=lambda occurrence: occurrence.start)


def names(occurrences: Sequence[Occurrence]) -> set[str]:
    return {person.name for person in discovered(occurrences)}


@pytest.fixture(scope="module")
def sams_life() -> tuple[Occurrence, ...]:
    window = NOW - timedelta(days=1095), NOW + timedelta(days=120)
    return tuple(
        occurrence
        for entry in life(NOW)
        for occurrence in expand([entry.text], *window, ZONE).occurrences
    )


class TestTheDemosLife:
    def test_everybody_met_one_on_one_is_found_and_nobody_else(
        self, sams_life: tuple[Occurrence, ...]
    ) -> None:
        assert {person.name for person in discovered(sams_life)} == {
            "Priya",
            "jane@example.org",
            "Omar Haddad",
            "Klaus Weber",
            "tomas@example.org",
            "Rose-Lynn",
            "lee@example.org",
        }

    def test_what_is_said_of_jane(self, sams_life: tuple[Occurrence, ...]) -> None:
        [jane] = [
            person for person in discovered(sams_life) if "jane@example.org" in person.addresses
        ]
        assert (jane.count, jane.gap_days, jane.trend) == (24, 28, "fading")
        assert (jane.weekday, jane.minute) == (2, 10 * 60), (
            "Wednesdays at ten by the clock in Berlin, all year"
        )
        assert (jane.circle, jane.cadence.days) == ("council", 30)
        assert jane.evidence == ("attendee",)
        assert "every 4 weeks" in jane.why

    def test_lee_has_gone_quiet_and_nobody_else_has(
        self, sams_life: tuple[Occurrence, ...]
    ) -> None:
        assert [
            person.addresses for person in discovered(sams_life) if person.trend == "gone quiet"
        ] == [("lee@example.org",)]

    def test_a_first_name_in_titles_belongs_to_the_only_one_who_bears_it_and_that_is_said(
        self, sams_life: tuple[Occurrence, ...]
    ) -> None:
        [omar] = [person for person in discovered(sams_life) if person.name == "Omar Haddad"]
        assert omar.count == 17
        assert omar.evidence == ("title",)
        assert omar.spellings == ("Omar",)
        assert "Omar" in omar.same_as

    def test_who_is_booked_says_when(self, sams_life: tuple[Occurrence, ...]) -> None:
        [tomas] = [
            person for person in discovered(sams_life) if "tomas@example.org" in person.addresses
        ]
        assert tomas.next_booked == datetime(2026, 3, 13, 7, 30, tzinfo=UTC)

    def test_the_owner_is_guessed(self, sams_life: tuple[Occurrence, ...]) -> None:
        guess = guess_me(sams_life)
        assert guess.addresses == (ME,)
        assert not guess.unsure


class TestWhoIsSomebody:
    @pytest.mark.parametrize(
        "email",
        [
            "noreply@example.org",
            "no-reply@example.org",
            "calendar-notification@google.com",
            "abc123@group.calendar.google.com",
            "c_188@resource.calendar.google.com",
            "team@example.org",
            "berlin-team@example.org",
            "info@example.org",
            "support+abc@example.org",
            "newsletter@example.org",
            "friends@googlegroups.com",
            "python-list@example.org",
            "anything@lists.example.org",
            "room-3@example.org",
            "mailer-daemon@example.org",
            "unknownorganizer@calendar.google.com",
        ],
    )
    def test_lists_rooms_offices_and_machines_are_nobody(self, email: str) -> None:
        assert not is_somebody(email)
        assert (
            discovered([event(days, guests=[guest(email, "Pat Noone")]) for days in (5, 15, 25)])
            == []
        )

    @pytest.mark.parametrize(
        "email",
        ["jane@example.org", "j.doe@example.org", "teamer@x.org", "abbot@x.org", "ann+cal@x.org"],
    )
    def test_people_are_somebody(self, email: str) -> None:
        assert is_somebody(email)
        assert len(discovered([event(5, guests=[guest(email)])])) == 1

    def test_a_room_does_not_make_three(self) -> None:
        room = guest("r@resource.calendar.google.com", kind="resource")
        assert [
            person.addresses
            for person in discovered([event(3, guests=[guest("jane@x.org"), room])])
        ] == [("jane@x.org",)]

    def test_a_meeting_of_three_a_declined_one_and_one_ahead_are_no_one_on_ones(self) -> None:
        three = event(3, guests=[guest("a@x.org"), guest("b@x.org")])
        declined = event(4, guests=[guest("c@x.org", answer="declined")])
        assert discovered([three, declined, event(-2, guests=[guest("d@x.org")])]) == []

    def test_a_cancelled_copy_of_an_event_uncounts_it(self) -> None:
        held = event(3, guests=[guest("a@x.org")], uid="same")
        cancelled = Occurrence(
            "same",
            held.start,
            held.end,
            status="cancelled",
            organizer=held.organizer,
            attendees=held.attendees,
        )
        assert discovered([held]) != []
        assert discovered([held, cancelled]) == []


class TestNames:
    def test_the_usual_display_name_is_taken_the_surname_first_turned_round(self) -> None:
        rows = ["Doe, Jane (Acme)", "Doe, Jane (Acme)", "janie"]
        [jane] = discovered(
            [event(n, guests=[guest("jd@x.org", name)]) for n, name in enumerate(rows, 1)]
        )
        assert jane.name == "Jane Doe"
        assert jane.spellings == ("janie",)

    def test_a_display_name_is_inert(self) -> None:
        [person] = discovered([event(1, guests=[guest("j@x.org", "Ja\x1b[31mne\u202e Doe")])])
        assert person.name == "Ja[31mne Doe"

    def test_without_any_name_the_address_is_the_name_or_spells_it_out(self) -> None:
        assert names([event(1, guests=[guest("jdoe@x.org")])]) == {"jdoe@x.org"}
        assert names([event(1, guests=[guest("jane.doe@x.org", "jane.doe@x.org")])]) == {"Jane Doe"}
        assert name_in_address("j.doe@x.org") == ""
        assert person_name('"jane@x.org"') == ""

    def test_titles_of_their_own_meetings_name_somebody_whose_address_agrees(self) -> None:
        assert names([event(n, "Priya / Sam", [guest("priya@x.org")]) for n in (1, 8)]) == {"Priya"}
        assert names([event(n, "Priya / Sam", [guest("pn77@x.org")]) for n in (1, 8)]) == {
            "pn77@x.org"
        }

    def test_a_display_name_of_ordinary_words_names_nobody(self) -> None:
        """Else every lunch would be with them."""
        [person] = discovered(
            [
                event(1, "Coffee", [guest("zed@x.org", "Lunch")]),
                event(5, "Lunch"),
                event(6, "Lunch"),
            ]
        )
        assert (person.name, person.count) == ("zed@x.org", 1)


class TestTitles:
    @pytest.mark.parametrize(
        ("title", "name"),
        [
            ("Lunch with Omar", "Omar"),
            ("lunch w/ Tomás Ortega", "Tomás Ortega"),
            ("Omar <> Sam", "Omar"),
            ("Sam / Omar Haddad", "Omar Haddad"),
            ("Omar x Sam", "Omar"),
            ("Coffee: Jane Doe", "Jane Doe"),
            ("1:1 Priya", "Priya"),
            ("Catch up with Rose-Lynn O'Brien at noon", "Rose-Lynn O'Brien"),
            ("Dinner with Ludwig van Beethoven", "Ludwig van Beethoven"),
            ("Coffee with J. Doe", "J. Doe"),
            ("Lunch with April", "April"),
            ("Coffee with 田中", "田中"),
        ],
    )
    def test_one_such_event_names_somebody(self, title: str, name: str) -> None:
        assert names([event(3, title)]) == {name}

    @pytest.mark.parametrize(
        "title",
        [
            "Lunch with Sam",
            "Lunch with the team",
            "Call with HR",
            "Meeting with Marketing",
            "Lunch break",
            "Lunch Break",
            "Weekly Sync",
            "Jane's birthday",
            "Lunch with Jane?",
            "Lunch with Jane's parents",
            "Berlin / Hamburg",
            "Coffee with Jane and Bob",
            "Lunch with Jane, Bob and Ann",
            "Coffee with Jane, Berlin",
            "Flight with Jane",
            "Walk",
            "Team meeting",
            "Call April",
            "Meeting 3",
            "",
        ],
    )
    def test_such_events_name_nobody_however_often_they_stand(self, title: str) -> None:
        assert names([event(days, title) for days in (3, 10, 17)]) == set()

    def test_a_guess_takes_two_days_and_a_word_never_written_small(self) -> None:
        assert names([event(3, "Call Klaus")]) == set()
        assert names([event(3, "Call Klaus"), event(9, "Call Klaus")]) == {"Klaus"}
        small = event(1, "pay the plombier")
        assert names([event(3, "Call Plombier"), event(9, "Call Plombier"), small]) == set()

    def test_a_first_name_that_two_bear_counts_for_nobody(self) -> None:
        people = discovered(
            [
                event(3, "Lunch with Omar Haddad"),
                event(9, "Tea with Omar Said"),
                event(20, "Lunch with Omar"),
            ]
        )
        assert {person.name: person.count for person in people} == {
            "Omar Haddad": 1,
            "Omar Said": 1,
        }

    def test_a_title_with_guests_names_nobody(self) -> None:
        assert names([event(3, "Lunch with Omar", [guest("bob@x.org")])]) == {"bob@x.org"}

    def test_hostile_titles_are_survived(self) -> None:
        finder = NameFinder(vocabulary(), ["sam"])
        for title in (
            "with " * 5000,
            "with " + "A" * 100_000,
            "<>" * 9000,
            "with \x1b[0m\u202eX",
            "/ / /",
            "'",
            "with '",
        ):
            assert all(
                sighting.name.isprintable() and len(sighting.name) < 80
                for sighting in finder.find(title)
            )


class TestOnePersonUnderSeveralNames:
    def test_addresses_with_the_same_full_name_are_shown_as_one_and_that_is_said(self) -> None:
        people = discovered(
            [
                event(3, guests=[guest("jane@home.org", "Jane Doe")]),
                event(30, guests=[guest("jd@work.org", "Doe, Jane")]),
            ]
        )
        [jane] = people
        assert set(jane.addresses) == {"jane@home.org", "jd@work.org"}
        assert jane.count == 2
        assert "same name" in jane.same_as

    def test_a_first_name_alone_joins_nothing(self) -> None:
        people = discovered(
            [
                event(3, guests=[guest("a@x.org", "Jane")]),
                event(30, guests=[guest("b@y.org", "Jane")]),
            ]
        )
        assert [person.count for person in people] == [1, 1]

    def test_the_same_local_part_is_only_mentioned(self) -> None:
        people = discovered(
            [event(3, guests=[guest("jdoe7@x.org")]), event(30, guests=[guest("jdoe7@y.org")])]
        )
        assert [(person.count, person.perhaps_also) for person in people] == [
            (1, ("jdoe7@y.org",)),
            (1, ("jdoe7@x.org",)),
        ]

    def test_a_first_name_in_titles_and_a_like_address_are_only_mentioned(self) -> None:
        people = discovered([event(3, "Lunch with Jane"), event(30, guests=[guest("jane@x.org")])])
        assert {person.name: person.perhaps_also for person in people} == {
            "Jane": ("jane@x.org",),
            "jane@x.org": ("Jane",),
        }

    def test_the_address_of_somebody_known_by_title_is_mentioned_when_it_was_invited_among_others(
        self,
    ) -> None:
        group = event(8, "Planning", [guest("jd@x.org", "Jane Doe"), guest("bob@x.org")])
        [jane] = discovered([event(3, "Lunch with Jane Doe"), group])
        assert jane.addresses == ()
        assert jane.perhaps_also == ("Jane Doe (jd@x.org)",)

    def test_cards_of_the_address_book_join_addresses_and_name_them(self) -> None:
        card = Card("1", "Jane Doe", emails=("jane@home.org", "jd@work.org"))
        [jane] = discovered(
            [
                event(3, guests=[guest("jane@home.org")]),
                event(30, guests=[guest("jd@work.org", "J")]),
                event(9, "Tea with Jane"),
            ],
            cards=[card, Card("2", "Never Met", emails=("never@x.org",))],
        )
        assert (jane.name, jane.count, jane.addresses) == (
            "Jane Doe",
            3,
            ("jane@home.org", "jd@work.org"),
        )

    def test_who_is_in_the_config_is_marked_and_another_address_under_their_name_is_not_theirs(
        self,
    ) -> None:
        known = Contact("jane doe", "Jane Doe", timedelta(days=30), frozenset({"jane@home.org"}))
        people = discovered(
            [
                event(3, guests=[guest("jane@home.org")]),
                event(30, guests=[guest("jd@work.org", "Jane Doe")]),
            ],
            [known],
        )
        assert {person.addresses: (person.known, person.count) for person in people} == {
            ("jane@home.org",): ("Jane Doe", 1),
            ("jd@work.org",): ("", 1),
        }
        other = next(person for person in people if not person.known)
        assert "Jane Doe (jane@home.org)" in other.perhaps_also


def days(*ago: int) -> list[date]:
    return sorted(NOW.date() - timedelta(days=days) for days in ago)


class TestTrend:
    LONG = NOW.date() - timedelta(days=1000)

    @pytest.mark.parametrize(
        ("ago", "expected"),
        [
            ((200, 170, 140, 110, 80, 50, 20), "steady"),
            ((200, 170, 140, 110, 80), "fading"),
            ((300, 270, 240, 210), "gone quiet"),
            ((20, 13, 6), "new"),
            ((400,), "once"),
            ((70, 63, 56, 49, 42), "fading"),
            ((700, 400, 120), "steady"),
            ((250, 243, 236, 229, 222, 215, 208, 170, 100, 30), "fading"),
        ],
    )
    def test_is_measured_by_the_persons_own_gap(self, ago: tuple[int, ...], expected: str) -> None:
        assert trend(days(*ago), NOW.date(), self.LONG) == expected

    def test_nobody_booked_has_gone_quiet(self) -> None:
        assert trend(days(300, 270, 240), NOW.date(), self.LONG, booked=True) == "steady"

    def test_nobody_is_new_to_a_short_history(self) -> None:
        assert trend(days(20, 13, 6), NOW.date(), NOW.date() - timedelta(days=40)) == "steady"

    @pytest.mark.parametrize(
        ("gap", "cadence", "circle"),
        [
            (7, 14, "close"),
            (28, 30, "council"),
            (31, 30, "council"),
            (35, 42, "friends"),
            (20, 21, "council"),
            (84, 90, "wider"),
            (180, 182, "distant"),
            (400, 365, ""),
        ],
    )
    def test_the_cadence_is_what_people_say_and_the_circle_the_nearest(
        self, gap: int, cadence: int, circle: str
    ) -> None:
        advice = advise(days(0, gap, 2 * gap), "steady", DEFAULT_CIRCLES)
        assert (advice.cadence.days, advice.circle) == (cadence, circle)


class TestWhoIAm:
    def test_a_calendar_named_after_an_address_belongs_to_it(self) -> None:
        assert guess_me([event(1, guests=[guest("a@x.org")])], "Pat@X.org").addresses == (
            "pat@x.org",
        )

    def test_a_second_address_that_stands_in_for_the_first_is_mine_as_well(self) -> None:
        first = [event(n, guests=[guest(f"p{n}@x.org")]) for n in range(1, 9)]
        work = [
            Occurrence(
                f"w{n}",
                occurrence.start,
                occurrence.end,
                attendees=(guest("sam@work.org"), guest(f"c{n}@y.org")),
            )
            for n, occurrence in enumerate(first[:5])
        ]
        assert guess_me([*first, *work]).addresses == (ME, "sam@work.org")

    def test_a_colleague_who_is_everywhere_else_is_not_me(self) -> None:
        first = [event(n, guests=[guest(f"p{n}@x.org")]) for n in range(1, 9)]
        boss = [
            Occurrence(
                f"w{n}",
                occurrence.start,
                occurrence.end,
                attendees=(guest("boss@work.org"), guest(f"c{n}@y.org")),
            )
            for n, occurrence in enumerate(first[:5])
        ]
        assert guess_me([*first, *boss]).addresses == (ME,)

    def test_a_tie_is_said_to_be_one(self) -> None:
        both = (guest("a@x.org"), guest("b@x.org"))
        alike = [Occurrence(f"u{n}", NOW, NOW, attendees=both) for n in range(3)]
        assert guess_me(alike).unsure

    def test_without_guests_nobody_is_me(self) -> None:
        assert guess_me([event(1, "Lunch with Omar")]).addresses == ()


# --- who is not somebody else ---


def test_programs_that_take_notes_are_nobody_and_keep_nobody_from_being_found() -> None:
    bot = guest("fred@fireflies.ai", "Fireflies Notetaker")
    meetings = [event(ago, guests=[guest("jane@example.com", "Jane Doe"), bot]) for ago in (9, 30)]
    assert names(meetings) == {"Jane Doe"}
    assert names([event(ago, guests=[bot]) for ago in (9, 30)]) == set()


def test_of_the_events_that_people_are_found_in_few_are_in_memory() -> None:
    def weekly(number: int) -> Occurrence:
        who = guest(f"guest{number % 5}@x.org", f"Guest {'ABCDE'[number % 5]}")
        return event(700 - 7 * number, "Lunch with Omar", [who] if number % 2 else [])

    passing = Passing(110, weekly)
    found = discover(
        DiscoveryInputs(
            occurrences=passing, mine=MINE, rules=RULES, now=NOW, zone=BERLIN, vocabulary=ENGLISH
        )
    )
    assert sum(person.count for person in found.people) == 100
    assert any(person.next_booked for person in found.people)
    assert passing.most <= 5


def test_events_that_do_not_come_by_start_are_refused() -> None:
    with pytest.raises(ValueError, match="by start"):
        discover(
            DiscoveryInputs(
                occurrences=[event(3), event(9)],
                mine=MINE,
                rules=RULES,
                now=NOW,
                zone=BERLIN,
                vocabulary=ENGLISH,
            )
        )


def test_my_own_other_address_is_proposed_for_me_and_not_as_a_contact() -> None:
    mine = frozenset({"sam.lee@example.com"})
    me, at_work = guest("sam.lee@example.com", "Sam Lee"), guest("sam.lee@work.example")
    under_my_name, tagged = guest("boss@work.example", "Lee, Sam"), guest("sam.lee+cal@example.com")
    kept = [guest("sam@else.example", "Sam"), guest("kim.lee@example.com", "Kim Lee")]
    every = [
        replace(event(ago, guests=[attendee]), organizer=me, attendees=(me, attendee))
        for ago, attendee in enumerate([at_work, under_my_name, tagged, *kept], 3)
    ]
    lists = GuestLists(every)
    proposed = perhaps_own(lists, mine)
    assert proposed.keys() == {
        "sam.lee@work.example",
        "boss@work.example",
        "sam.lee+cal@example.com",
    }
    found = discover(
        DiscoveryInputs(
            occurrences=by_start(every),
            mine=mine,
            rules=RULES,
            now=NOW,
            zone=BERLIN,
            vocabulary=vocabulary(),
        )
    )
    assert found.perhaps_own == proposed
    assert {person.addresses for person in found.people} == {(attendee.email,) for attendee in kept}
    assert "boss@work.example" not in perhaps_own(lists, mine, taken={"boss@work.example"})
