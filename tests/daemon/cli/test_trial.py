"""`fikad try FILE.ics`: on a file alone, in an empty home, leaving no trace."""

from __future__ import annotations

import re
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from daemon.demo.life import life
from tests.connectors.web.feed_server import QUERY, SECRET, Reply, publisher
from tests.daemon.cli.running import BERLIN, Fikad, days_ago, event, with_guests
from tests.daemon.cli.terminal import Terminal

ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@pytest.fixture
def fikad(tmp_path: Path) -> Fikad:
    """A folder with nothing but the file that is tried."""
    return Fikad(tmp_path)


@pytest.fixture
def sams_life(tmp_path: Path) -> Path:
    """Two years of Sam's calendars as one export."""
    file = tmp_path / "sam.ics"
    file.write_text("".join(entry.text for entry in life(datetime.now(UTC))), newline="")
    return file


def exported(folder: Path, *events: str, header: str = "") -> Path:
    file = folder / "export.ics"
    text = "".join(events)
    file.write_text(text.replace("VERSION:2.0\r\n", f"VERSION:2.0\r\n{header}", 1), newline="")
    return file


class TestSamsLife:
    def test_shows_whom_sam_meets_who_went_quiet_and_what_it_would_suggest(
        self, fikad: Fikad, sams_life: Path
    ) -> None:
        ran = fikad("try", str(sams_life))
        assert (ran.code, ran.err) == (0, "")
        assert "Taken for you: sam@example.com." in ran.out
        assert re.search(r"Priya +10\d +", ran.out)
        assert re.search(r"Omar Haddad +17 +. weeks ago +6 weeks", ran.out)
        quiet = ran.out.partition("Gone quiet:")[2]
        assert quiet.splitlines()[1].startswith("  lee@example.org, last met 1")
        assert "Coffee with lee@example.org?" in quiet

    def test_json_says_the_same(self, fikad: Fikad, sams_life: Path) -> None:
        facts = fikad("try", str(sams_life), "--json").json
        assert facts["me"]["addresses"] == ["sam@example.com"]
        people = {person["name"]: person for person in facts["people"]}
        assert len(people) == 7
        assert people["Omar Haddad"]["evidence"] == ["title"]
        assert people["jane@example.org"]["count"] == 24
        assert facts["gone_quiet"] == ["lee@example.org"]
        assert facts["problems"] == []

    def test_holds_lie_in_open_time_of_working_days_one_a_week_for_those_who_are_due(
        self, fikad: Fikad, sams_life: Path
    ) -> None:
        facts = fikad("try", str(sams_life), "--json", TZ="Europe/Berlin").json
        holds = facts["holds"]
        assert facts["timezone"] == "Europe/Berlin"
        assert 1 <= len(holds) <= 3
        starts = [datetime.fromisoformat(hold["start"]) for hold in holds]
        assert len({start.isocalendar()[:2] for start in starts}) == len(starts)
        for hold, start in zip(holds, starts, strict=True):
            assert start.weekday() < 5
            assert (
                timedelta(days=1)
                <= start - datetime.now(UTC) + timedelta(minutes=5)
                <= timedelta(weeks=2)
            )
            assert "aim to meet every" in hold["reason"]
        assert "tomas@example.org" not in {hold["contact"] for hold in holds}, (
            "who is booked needs no hold"
        )

    def test_more_weeks_give_more_holds(self, fikad: Fikad, sams_life: Path) -> None:
        few = fikad("try", str(sams_life), "--json", "--weeks", "1").json["holds"]
        many = fikad("try", str(sams_life), "--json", "--weeks", "4").json["holds"]
        assert len(few) < len(many)

    def test_leaves_no_trace(self, fikad: Fikad, sams_life: Path, away_from_home: Path) -> None:
        before = sams_life.read_bytes()
        fikad("try", str(sams_life))
        fikad(
            "--state",
            str(fikad.state),
            "try",
            str(sams_life),
            "--json",
            "--config",
            str(fikad.config),
        )
        assert list(away_from_home.rglob("*")) == []
        assert list(fikad.folder.iterdir()) == [sams_life]
        assert sams_life.read_bytes() == before

    def test_piped_output_is_plain(self, fikad: Fikad, sams_life: Path) -> None:
        assert "\x1b" not in fikad("try", str(sams_life)).out


class TestTheFile:
    def test_its_time_zone_is_the_one_it_names(self, fikad: Fikad) -> None:
        coffees = [
            event(f"c{n}", "Coffee", days_ago(7 * n, 10), 60, *with_guests("jane@example.org"))
            for n in range(1, 6)
        ]
        facts = fikad(
            "try",
            str(exported(fikad.folder, *coffees, header="X-WR-TIMEZONE:Europe/Berlin\r\n")),
            "--json",
        ).json
        assert facts["timezone"] == "Europe/Berlin"
        assert facts["people"][0]["usual_time"] == "10:00"
        assert facts["people"][0]["usual_weekday"] == f"{days_ago(7).astimezone(BERLIN):%A}".lower()

    def test_a_zone_that_does_not_exist_is_not_believed(self, fikad: Fikad) -> None:
        file = exported(
            fikad.folder,
            event("a", "Tea", days_ago(3)),
            header="X-WR-TIMEZONE:../../etc/passwd\r\n",
        )
        assert fikad("try", str(file), "--json").json["timezone"] in ("UTC", "Etc/UTC")

    def test_the_name_it_bears_says_whose_it_is_and_me_says_otherwise(self, fikad: Fikad) -> None:
        lunch = event("a", "Lunch", days_ago(3), 60, *with_guests("jane@example.org"))
        file = exported(fikad.folder, lunch, header="X-WR-CALNAME:jane@example.org\r\n")
        assert [person["name"] for person in fikad("try", str(file), "--json").json["people"]] == [
            "sam@example.com"
        ]
        facts = fikad("try", str(file), "--json", "--me", "Sam@Example.com").json
        assert [person["name"] for person in facts["people"]] == ["jane@example.org"]

    def test_an_address_that_no_event_names_is_remarked(self, fikad: Fikad) -> None:
        file = exported(
            fikad.folder, event("a", "Lunch", days_ago(3), 60, *with_guests("jane@example.org"))
        )
        assert (
            "none of the events lists sma@example.com"
            in fikad("try", str(file), "--me", "sma@example.com").out
        )

    def test_what_is_busy_in_it_is_left_alone(self, fikad: Fikad) -> None:
        met = [event(f"c{n}", "Lunch with Omar", days_ago(60 + 7 * n)) for n in range(4)]
        taken = [event(f"b{n}", "Busy", days_ago(-n, 0), 24 * 60 - 1) for n in range(-1, 16)]
        assert (
            len(
                fikad("try", str(exported(fikad.folder, *met)), "--json", TZ="Europe/Berlin").json[
                    "holds"
                ]
            )
            == 1
        )
        facts = fikad(
            "try", str(exported(fikad.folder, *met, *taken)), "--json", TZ="Europe/Berlin"
        ).json
        assert facts["holds"] == []
        assert facts["waiting"][0]["code"] == "no-slot"

    def test_broken_and_hostile_events_are_set_aside_and_the_others_shown(
        self, fikad: Fikad
    ) -> None:
        endless = event("endless", "Tick", days_ago(900), 1, "RRULE:FREQ=SECONDLY")
        broken = event("broken", "Broken", days_ago(5)).replace("DTSTART:2", "DTSTART:x")
        good = event("good", "Lunch with Omar", days_ago(3))
        facts = fikad("try", str(exported(fikad.folder, endless, broken, good)), "--json").json
        assert [person["name"] for person in facts["people"]] == ["Omar"]
        assert {problem["uid"] for problem in facts["problems"]} == {"endless", "broken"}
        assert "Set aside (2):" in fikad("try", str(fikad.folder / "export.ics")).out

    def test_what_strangers_wrote_is_inert(self, fikad: Fikad) -> None:
        guests = [
            "ORGANIZER:mailto:sam@example.com",
            "ATTENDEE;PARTSTAT=ACCEPTED:mailto:sam@example.com",
            'ATTENDEE;PARTSTAT=ACCEPTED;CN="Jane\u202e Doe":mailto:jane@example.org',
        ]
        teas = [event(f"e{n}", "Tea", days_ago(9 * n + 1), 60, *guests) for n in range(3)]
        lunch = event("o", "Lunch with \x1bOmar \u202eHaddad\x07", days_ago(2))
        broken = event("\x1b]0;x\x07", "Broken", days_ago(5)).replace(
            "DTSTART:2", "DTSTART:\x1b[31m"
        )
        ran = fikad("try", str(exported(fikad.folder, *teas, lunch, broken)))
        assert "Jane Doe" in ran.out
        assert "Omar Haddad" in ran.out
        assert "Set aside (1):" in ran.out
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", ran.out)

    def test_nothing_in_it_is_said(self, fikad: Fikad) -> None:
        ran = fikad("try", str(exported(fikad.folder, event("old", "Tea", days_ago(2000)))))
        assert ran.code == 0
        assert "There is no event in the last three years" in ran.out

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"<html>no</html>",
            b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUM",
            b"\xff\xfe\x00B",
            None,
        ],
    )
    def test_one_that_cannot_be_read_is_one_line(self, fikad: Fikad, content: bytes | None) -> None:
        file = fikad.folder / "export.ics"
        if content is not None:
            file.write_bytes(content)
        ran = fikad("try", str(file))
        assert (ran.code, ran.out) == (12, "")
        assert ran.err.startswith("fikad: ")
        assert len(ran.err.splitlines()) == 1

    def test_an_address_that_is_none_is_a_usage_error(self, fikad: Fikad) -> None:
        ran = fikad("try", "x.ics", "--me", "sam")
        assert ran.code == 2
        assert "is not an e-mail address" in ran.err


def on_a_terminal(home: Path, *arguments: str, columns: int, **environment: str) -> str:
    """What `fikad` shows on a terminal of that width."""
    with Terminal(arguments, home, columns, environment) as terminal:
        screen = terminal.end()
    assert screen.code == 0, screen.text
    return screen.raw


class TestOnATerminal:
    @pytest.mark.parametrize("columns", [60, 130])
    def test_nothing_is_wider_than_the_terminal_and_nothing_is_cut(
        self, sams_life: Path, columns: int
    ) -> None:
        shown = ESCAPE.sub(
            "", on_a_terminal(sams_life.parent, "try", str(sams_life), columns=columns)
        )
        assert max(len(line.rstrip()) for line in shown.splitlines()) <= columns
        assert "…" not in shown
        for name in (
            "Omar Haddad",
            "jane@example.org",
            "gone quiet",
            "Nothing was written anywhere.",
        ):
            assert name in shown
        assert ("usually" in shown) == (columns == 130)

    def test_without_colour_nothing_is_coloured(self, sams_life: Path) -> None:
        shown = on_a_terminal(sams_life.parent, "try", str(sams_life), columns=60, NO_COLOR="1")
        assert not re.search(r"\x1b\[(?:\d+;)*(?:3[0-7]|4[0-7]|9[0-7]|38|48)", shown)


MEALS = {
    "de": ("Mittagessen mit {}", "Kaffee mit {}", "Abendessen mit {}", "Spaziergang mit {}"),
    "fr": ("Déjeuner avec {}", "Café avec {}", "Dîner avec {}", "Balade avec {}"),
    "es": ("Comida con {}", "Café con {}", "Cena con {}", "Desayuno con {}"),
    "sv": ("Fika med {}", "Lunch med {}", "Middag med {}", "Promenad med {}"),
}


def meals(folder: Path, *titles: str) -> Path:
    """Each of these with three people, in turn."""
    named = [title.format(name) for title in titles for name in ("Astrid", "Tom", "Lena")]
    return exported(
        folder, *(event(f"m{at}", title, days_ago(5 * at + 3)) for at, title in enumerate(named))
    )


@pytest.mark.parametrize("code", MEALS)
def test_people_are_found_by_titles_in_the_users_language(
    fikad: Fikad, tmp_path: Path, code: str
) -> None:
    facts = fikad("try", str(meals(tmp_path, *MEALS[code])), "--json").json
    assert code in facts["languages"]
    assert {person["name"] for person in facts["people"]} == {"Astrid", "Tom", "Lena"}
    assert {person["count"] for person in facts["people"]} == {4}


def test_titles_in_a_language_that_was_not_read_are_not_put_down_to_the_address(
    fikad: Fikad, tmp_path: Path
) -> None:
    told = fikad("try", str(meals(tmp_path, *MEALS["de"])), "--language", "en").out
    assert "Your titles look German. Run again with --language de." in " ".join(told.split())
    assert "Is the address above yours" not in told


def test_titles_in_a_language_that_nobody_speaks_are_not_put_down_to_the_address(
    fikad: Fikad, tmp_path: Path
) -> None:
    told = fikad("try", str(meals(tmp_path, "Lounas kanssa {}", "Kahvit kanssa {}"))).out
    assert "Are your titles in another language?" in " ".join(told.split())
    assert "Is the address above yours" not in told


# --- several at once ---


def coffee(uid: str, days: int) -> str:
    return event(uid, "Coffee", days_ago(days), 60, *with_guests("jane@example.org"))


def test_several_files_a_folder_and_a_zip_are_taken_together(fikad: Fikad, tmp_path: Path) -> None:
    (tmp_path / "one.ics").write_text(coffee("a", 10), newline="")
    folder = tmp_path / "more" / "Work"
    folder.mkdir(parents=True)
    (folder / "b.ics").write_text(coffee("b", 30), newline="")
    with zipfile.ZipFile(tmp_path / "takeout.zip", "w") as archive:
        archive.writestr("Takeout/Calendar/Sam.ics", coffee("c", 50))
        archive.writestr("Takeout/Calendar/Family.ics", coffee("d", 70))
        archive.writestr("Takeout/archive_browser.html", "<html>")
    ran = fikad("try", "one.ics", "more", "takeout.zip", "--json", "--me", "sam@example.com")
    assert (ran.code, ran.err) == (0, "")
    assert ran.json["files"] == ["one.ics", "more", "takeout.zip"]
    assert ran.json["events"] == 4
    [jane] = ran.json["people"]
    assert jane["count"] == 4
    shown = fikad("try", "one.ics", "more", "takeout.zip")
    assert shown.out.startswith("one.ics, more, takeout.zip: 4 events")


def test_the_same_event_in_two_calendars_is_one(fikad: Fikad, tmp_path: Path) -> None:
    guestless = event("a", "Coffee", days_ago(10))
    (tmp_path / "one.ics").write_text(guestless + coffee("b", 30), newline="")
    (tmp_path / "two.ics").write_text(coffee("a", 10) + coffee("b", 30), newline="")
    ran = fikad("try", "one.ics", "two.ics", "--json", "--me", "sam@example.com")
    assert ran.json["events"] == 2
    [jane] = ran.json["people"]
    assert jane["count"] == 2


def test_a_published_calendar_is_tried_and_its_address_told_nowhere(
    fikad: Fikad, tmp_path: Path
) -> None:
    (tmp_path / "one.ics").write_text(coffee("a", 10), newline="")
    with publisher() as feed:
        feed.events["b"] = coffee("b", 30)
        ran = fikad("try", feed.url, "one.ics", "--json", "--me", "sam@example.com")
        assert ran.code == 0
        assert ran.json["people"][0]["count"] == 2
        shown = fikad("try", feed.url)
        assert shown.out.startswith("127.0.0.1:")
        feed.hook = lambda: Reply(200, b"<html>Sign in</html>")
        failed = fikad("try", feed.url)
        assert failed.code == 12
        assert "web page" in failed.err
        unsafe = fikad("try", f"http://cal.example.com/{SECRET}")
        assert unsafe.code == 2
        assert "plain http" in unsafe.err
    for told in (ran, shown, failed, unsafe):
        assert SECRET not in told.out + told.err
        assert QUERY not in told.out + told.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.ics"]


def test_outlooks_table_gets_one_sentence(fikad: Fikad, tmp_path: Path) -> None:
    table = '"Subject","Start Date","Start Time"\n"Lunch","1/2/2026","12:00"\n'
    (tmp_path / "outlook.csv").write_text(table)
    ran = fikad("try", "outlook.csv")
    assert (ran.code, ran.out) == (12, "")
    [line] = ran.err.splitlines()
    assert "a table (.csv)" in line
    assert "publish it and give its address" in line
