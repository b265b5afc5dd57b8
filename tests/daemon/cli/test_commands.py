"""The other commands from outside: status, why, met, snooze, note, purge, config, and the command
itself."""

from __future__ import annotations

import resource
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from daemon.cli import COMMANDS
from daemon.durations import at_moment, on_day, on_days
from tests.daemon.cli.running import (
    ALWAYS,
    BERLIN,
    CHECKOUT,
    CONTACTS,
    Fikad,
    days_ago,
    event,
    with_guests,
)


@pytest.fixture
def fikad(tmp_path: Path) -> Fikad:
    """Calendars in files: Jane was met 40 days ago, Omar yesterday, and a meeting with Jane was
    declined."""
    folder = tmp_path / "calendars" / "Personal"
    folder.mkdir(parents=True)
    (folder / "jane.ics").write_text(
        event("jane", "Coffee", days_ago(40), 60, *with_guests("jane@example.org"))
    )
    (folder / "omar.ics").write_text(event("omar", "Lunch with Omar Haddad", days_ago(1)))
    declined = [
        line.replace("ACCEPTED:mailto:sam", "DECLINED:mailto:sam")
        for line in with_guests("jane@example.org")
    ]
    declined[0] = "ORGANIZER:mailto:jane@example.org"
    (folder / "no.ics").write_text(event("no", "Tea", days_ago(3), 60, *declined))
    made = Fikad(tmp_path)
    made.configure(ALWAYS + '[accounts.home]\ntype = "files"\npath = "calendars"\n' + CONTACTS)
    return made


def contact(fikad: Fikad, name: str) -> dict[str, object]:
    contacts: list[dict[str, object]] = fikad("status", "--json").json["contacts"]
    return next(contact for contact in contacts if contact["name"] == name)


def test_status_tells_how_long_it_has_been_and_what_is_held(fikad: Fikad) -> None:
    fikad("once")
    ran = fikad("status", "--json")
    assert (ran.code, ran.json["healthy"]) == (0, True)
    [account] = ran.json["accounts"]
    assert (account["name"], account["state"]) == ("home", "ok")
    jane = contact(fikad, "Jane Doe")
    assert (jane["circle"], jane["cadence_days"], jane["rule"]) == ("friends", 30, "attendee")
    met = datetime.fromisoformat(str(jane["last_met"]))
    assert met == days_ago(40) + timedelta(hours=1)
    assert datetime.fromisoformat(str(jane["due"])) == met + timedelta(days=30)
    assert float(str(jane["urgency"])) == pytest.approx(40 / 30, abs=0.05)
    assert jane["hold"]["title"] == "Coffee with Jane Doe?"  # type: ignore[index]
    assert contact(fikad, "Omar Haddad")["hold"] is None


def test_status_before_the_first_pass_is_unhealthy_and_creates_nothing(fikad: Fikad) -> None:
    ran = fikad("status", "--json")
    assert (ran.code, ran.json["healthy"]) == (1, False)
    assert not fikad.state.exists()


def test_status_for_people_is_a_table_without_control_characters(fikad: Fikad) -> None:
    fikad("once")
    shown = fikad("status", COLUMNS="60").out
    assert "Jane Doe" in shown
    assert all(len(line) <= 60 for line in shown.splitlines())
    assert "\x1b" not in shown


def test_why_tells_what_was_counted_and_which_rule_refused_the_rest(fikad: Fikad) -> None:
    fikad("once")
    facts = fikad("why", "jane", "--json").json
    assert facts["contact"] == "Jane Doe"
    assert [
        (meeting["title"], meeting["calendar"], meeting["rule"]) for meeting in facts["counted"]
    ] == [("Coffee", "Personal", "attendee")]
    assert [(event["title"], event["code"]) for event in facts["rejected"]] == [("Tea", "declined")]
    fikad("once")
    ahead = fikad("why", "jane", "--json").json["rejected"][-1]
    assert (ahead["title"], ahead["code"]) == ("Coffee with Jane Doe?", "not-ended")
    assert facts["plan"]["chosen"] is True
    assert facts["plan"]["reason"]


def test_why_for_somebody_not_due_says_when(fikad: Fikad) -> None:
    fikad("once")
    plan = fikad("why", "Omar Haddad", "--json").json["plan"]
    assert (plan["chosen"], plan["code"]) == (False, "not-due")


def test_why_without_a_slot_tells_for_each_day_which_rule_closed_it(fikad: Fikad) -> None:
    days = (
        datetime.now(UTC).astimezone(BERLIN).date(),
        datetime.now(UTC).astimezone(BERLIN).date() + timedelta(days=20),
    )
    closed = f'[availability]\nblackout = ["{days[0]}..{days[1]}"]\n'
    fikad.configure(fikad.config.read_text().replace("[availability]\n", closed))
    fikad("once")
    plan = fikad("why", "jane", "--json").json["plan"]
    assert (plan["chosen"], plan["code"]) == (False, "no-slot")
    assert {day["rule"] for day in plan["closed"]} == {"blackout"}
    assert len(plan["closed"]) >= 14


def test_why_without_a_slot_tells_of_the_days_that_are_closed_to_that_person(fikad: Fikad) -> None:
    """Every day is open for coffee; Jane is met for breakfast alone, and mornings are closed."""
    breakfast = (
        '[occasions.breakfast]\ntitle = "Breakfast with {name}?"\nminutes = 45\n'
        'between = ["06:00-08:00"]\n'
    )
    jane = 'emails = ["jane@example.org"]\noccasions = ["breakfast"]'
    text = fikad.config.read_text().replace('emails = ["jane@example.org"]', jane)
    fikad.configure(text.replace("[occasions.coffee]", f"{breakfast}[occasions.coffee]"))
    fikad("once")
    plan = fikad("why", "jane", "--json").json["plan"]
    assert plan["code"] == "never-open"
    today = datetime.now(UTC).astimezone(BERLIN).date()
    days = [(today + timedelta(days=number)).isoformat() for number in range(15)]
    assert [day["day"] for day in plan["closed"]] == days
    assert {day["rule"] for day in plan["closed"]} == {"between"}
    span = on_days(date.fromisoformat(days[0]), date.fromisoformat(days[-1]))
    [line] = [line for line in fikad("why", "jane").out.splitlines() if "[between]" in line]
    assert line.startswith(f"  {span}: You are not available for long enough")


def test_why_tells_of_days_that_only_other_suggestions_close(fikad: Fikad) -> None:
    """One coffee a week, and both weeks have one with somebody more overdue."""
    others = "".join(
        f'[[contacts]]\nname = "Friend {number}"\ncadence = "1 week"\n' for number in range(3)
    )
    text = fikad.config.read_text().replace("per_week = 7", "per_week = 1\nopen = 9")
    fikad.configure(text + others)
    for number in range(3):
        fikad("met", f"Friend {number}", "--on", f"{days_ago(300):%Y-%m-%d}")
    fikad("once")
    plan = fikad("why", "jane", "--json").json["plan"]
    assert (plan["chosen"], plan["code"]) == (False, "week")
    rules = [day["rule"] for day in plan["closed"]]
    assert len(rules) == 15
    assert "week" in rules
    assert set(rules) <= {"week", "notice", "between", "horizon"}


def test_why_shows_what_repeats_once_with_how_often(fikad: Fikad) -> None:
    guests = with_guests("jane@example.org", "omar@example.org")
    text = event("team", "Stand-up", days_ago(20), 15, "RRULE:FREQ=DAILY;COUNT=19", *guests)
    (fikad.folder / "calendars" / "Personal" / "team.ics").write_text(text)
    fikad("once")
    assert (
        len(
            [
                meeting
                for meeting in fikad("why", "jane", "--json").json["rejected"]
                if meeting["title"] == "Stand-up"
            ]
        )
        == 19
    )
    shown = fikad("why", "jane").out.splitlines()
    [line] = [line for line in shown if "Stand-up" in line]
    assert line.startswith(f"    {at_moment(days_ago(2), BERLIN)}")
    assert line.endswith(f"  Stand-up (19 times since {on_day(days_ago(20).date())})")
    before = shown[shown.index(line) - 1]
    assert before == "  Two people besides you were on it.  [not-one-to-one]"
    every = [line for line in fikad("why", "jane", "--all").out.splitlines() if "Stand-up" in line]
    assert len(every) == 19


def test_three_years_of_a_weekly_one_on_one_are_a_few_lines(fikad: Fikad) -> None:
    guests = with_guests("jane@example.org")
    text = event("weekly", "Jane / Sam", days_ago(1050), 30, "RRULE:FREQ=WEEKLY;COUNT=150", *guests)
    (fikad.folder / "calendars" / "Personal" / "weekly.ics").write_text(text)
    fikad("once", "--no-plan")
    assert len(fikad("why", "jane", "--json").json["counted"]) == 151
    shown = fikad("why", "jane", COLUMNS="80").out
    assert len(shown.splitlines()) < 20
    assert max(map(len, shown.splitlines())) <= 80
    assert "counted (151), about every week:" in shown
    assert "Jane / Sam (150 times since" in shown


def test_an_unknown_name_is_answered_with_those_that_are_close(fikad: Fikad) -> None:
    ran = fikad("why", "Jane Do")
    assert ran.code == 0
    ran = fikad("why", "Jaen Doe")
    assert ran.code == 1
    assert "Jane Doe" in ran.err


def test_met_counts_and_is_undone_by_nothing_in_the_calendar(fikad: Fikad) -> None:
    fikad("once", "--no-plan")
    day = (datetime.now(UTC).astimezone(BERLIN) - timedelta(days=5)).date()
    assert fikad("met", "Jane Doe", "--on", day.isoformat()).code == 0
    jane = contact(fikad, "Jane Doe")
    assert str(jane["last_met"]).startswith(day.isoformat())
    assert jane["rule"] == "manual"
    fikad("once")
    assert contact(fikad, "Jane Doe")["rule"] == "manual"


def test_met_in_the_future_is_refused(fikad: Fikad) -> None:
    day = (datetime.now(UTC).astimezone(BERLIN) + timedelta(days=5)).date()
    assert fikad("met", "Jane Doe", "--on", day.isoformat()).code == 2


def test_met_takes_back_the_hold_at_the_next_pass(fikad: Fikad) -> None:
    [hold] = fikad("once", "--json").json["holds"]["proposed"]
    fikad("met", "Jane Doe")
    ran = fikad("once", "--json").json
    assert [withdrawn["uid"] for withdrawn in ran["holds"]["withdrawn"]] == [hold["uid"]]
    assert not list((fikad.folder / "calendars").rglob("fikad-*.ics"))


def test_snooze_leaves_somebody_alone_for_that_long(fikad: Fikad) -> None:
    assert fikad("snooze", "Jane Doe", "3", "weeks").code == 0
    assert fikad("snooze", "Jane Doe", "3 weeks").code == 0
    assert fikad("once", "--json").json["holds"]["proposed"] == []
    until = datetime.fromisoformat(str(contact(fikad, "Jane Doe")["snoozed_until"]))
    assert timedelta(days=20) < until - datetime.now(UTC) <= timedelta(days=21)


def test_snooze_alone_means_the_usual_rest(fikad: Fikad) -> None:
    fikad("snooze", "Jane Doe")
    until = datetime.fromisoformat(str(contact(fikad, "Jane Doe")["snoozed_until"]))
    assert timedelta(days=7) < until - datetime.now(UTC) <= timedelta(days=7.5)


def test_snooze_for_nonsense_is_a_usage_error(fikad: Fikad) -> None:
    assert fikad("snooze", "Jane Doe", "a while").code == 2


def test_a_note_stands_in_the_next_hold(fikad: Fikad) -> None:
    fikad("note", "Jane Doe", "Ask about the garden")
    fikad("once")
    [hold] = (fikad.folder / "calendars").rglob("fikad-*.ics")
    assert "Ask about the garden" in hold.read_text().replace("\r\n ", "").replace("\n ", "")


def test_purge_asks_somebody_or_wants_yes(fikad: Fikad) -> None:
    fikad("once")
    assert fikad("purge").code == 13
    [hold] = (fikad.folder / "calendars").rglob("fikad-*.ics")
    assert fikad("purge", "--yes").code == 0
    assert not hold.exists()


def test_purge_works_without_a_ledger_and_spares_what_was_touched(fikad: Fikad) -> None:
    fikad("once")
    [hold] = (fikad.folder / "calendars").rglob("fikad-*.ics")
    text = hold.read_text()
    untouched = hold.with_name("fikad-000000000000-000000000000.ics")
    untouched.write_text(text.replace(hold.stem, untouched.stem))
    hold.write_text(text.replace("SUMMARY:Coffee", "SUMMARY:Tea"))
    for file in fikad.state.iterdir():
        file.unlink()
    ran = fikad("purge", "--yes", "--json")
    assert ran.code == 0
    assert hold.exists()


def test_config_check_finds_nothing_or_everything(fikad: Fikad) -> None:
    assert fikad("config", "check").code == 0
    fikad.configure("poll = 3\n[rythm]\n")
    ran = fikad("config", "check", "--json")
    assert ran.code == 10
    assert [(problem["line"], problem["column"]) for problem in ran.json["problems"]] == [
        (1, 1),
        (2, 1),
    ]


def test_the_schema_is_json(fikad: Fikad) -> None:
    assert fikad("config", "schema").json["properties"]["rhythm"]


def test_every_command_has_help_and_the_list_names_them_all(fikad: Fikad) -> None:
    listed = fikad("--help").out
    for name in COMMANDS:
        assert f"  {name} " in listed
        assert fikad(name, "--help").code == 0


def test_help_and_status_are_quick(fikad: Fikad) -> None:
    """Nothing heavy is imported for them: what is imported, not how long it takes on a busy
    machine."""
    fikad("once")
    heavy = {
        "caldav",
        "niquests",
        "requests",
        "icalendar",
        "recurring_ical_events",
        "googleapiclient",
        "keyring",
        "lxml",
    }
    for arguments in (["--help"], ["status", "--json"]):
        script = (
            "import sys; from daemon.cli import _run\n"
            f"_run({['--config', str(fikad.config), '--state', str(fikad.state), *arguments]!r})\n"
            "print('\\n' + ' '.join(sys.modules), file=sys.stderr)"
        )
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, cwd=CHECKOUT
        )
        assert done.returncode == 0
        assert not heavy & set(done.stderr.splitlines()[-1].split())


def test_a_closed_pipe_is_no_error(fikad: Fikad) -> None:
    fikad("once")
    command = (
        f'"{sys.executable}" -m daemon --config "{fikad.config}" --state "{fikad.state}" '
        "why jane | head -1"
    )
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, cwd=CHECKOUT)
    assert done.stderr == ""
    assert "Jane Doe" in done.stdout


def test_no_core_limit_is_left_behind() -> None:
    """The limits on the expanding child are the child's alone."""
    assert resource.getrlimit(resource.RLIMIT_AS)[0] == resource.RLIM_INFINITY


def test_a_file_that_cannot_be_read_is_named_in_every_pass_until_it_is_mended(fikad: Fikad) -> None:
    broken = fikad.folder / "calendars" / "Personal" / "broken.ics"
    broken.write_bytes(b"BEGIN:VCALENDAR\xff")
    for _ in range(2):
        ran = fikad("once", "--json")
        assert (ran.code, [problem["uid"] for problem in ran.json["problems"]]) == (
            0,
            ["broken.ics"],
        )
    broken.write_text(event("broken", "Mended", days_ago(9)))
    assert fikad("once", "--json").json["problems"] == []


def test_what_was_nearly_counted_is_told_by_status_check_and_try_alike(fikad: Fikad) -> None:
    folder = fikad.folder / "calendars" / "Personal"
    for number in (20, 30):
        (folder / f"{number}.ics").write_text(
            event(f"budget-{number}", "Omar Haddad - budget", days_ago(number))
        )
    fikad("once")
    [nearly] = fikad("status", "--json").json["nearly_counted"]
    assert (nearly["code"], nearly["events"]) == ("no-meeting-word", 2)
    assert f"{nearly['why']} {nearly['advice']}" in fikad("status").out
    rows = fikad("check", "--json").json["rows"]
    assert [row["next"] for row in rows if row["message"] == nearly["why"].removesuffix(".")] == [
        nearly["advice"].removesuffix(".")
    ]
    tried = fikad("try", str(folder), "--json").json["nearly_counted"]
    assert [(rule["code"], rule["events"]) for rule in tried] == [("no-meeting-word", 2)]


def test_what_was_nearly_counted_counts_in_the_pass_after_it_is_mended(fikad: Fikad) -> None:
    file = fikad.folder / "calendars" / "Personal" / "budget.ics"
    file.write_text(event("budget", "Omar Haddad - budget", days_ago(20)))
    assert "budget" not in str(fikad("once", "--json").json["met"])
    file.write_text(event("budget", "Lunch with Omar Haddad - budget", days_ago(20)))
    [met] = fikad("once", "--json").json["met"]
    assert met["contact"] == "Omar Haddad"
    assert fikad("status", "--json").json["nearly_counted"] == []
