"""The config file: what it means once loaded, where it is looked for, and its example."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from datetime import date, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from daemon.config.account_entries import WrittenAddress
from daemon.config.schema import (
    BUILT_IN_OCCASIONS,
    CalDAVEntry,
    Config,
    ConfigError,
    DateRange,
    FilesEntry,
    GoogleEntry,
    PlanTime,
    TimeRange,
    WebEntry,
    load,
    locate,
    state_dir,
)


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "config.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


# --- what a config means ---


def test_an_empty_file_is_a_config_with_the_defaults(write):
    config = load(write(""))
    assert config.people == ()
    assert list(config.offered) == ["coffee"]
    assert config.rhythm.plan == PlanTime(6, time(17))
    assert config.rhythm.poll == timedelta(minutes=15)
    assert config.history == timedelta(days=3 * 365)
    assert config.holds.calendar == "Fikad"
    assert config.availability.on(0) == (TimeRange(540, 1080),)
    assert config.availability.on(5) == ()


@pytest.mark.parametrize(
    ("written", "weekday"),
    [
        ("Sonntag 17:00", 6),
        ("söndag 17:00", 6),
        ("mié. 17:00", 2),
        ("日曜日 17:00", 6),
        ("Niedziela 17:00", 6),
        ("fri 17:00", 4),
    ],
)
def test_the_day_of_the_plan_is_understood_in_every_language(write, written, weekday):
    assert load(write(f'[rhythm]\nplan = "{written}"')).rhythm.plan == PlanTime(weekday, time(17))


def test_occasions_are_titled_in_the_language(write):
    config = load(
        write("""
            language = "Deutsch"
            [occasions.lunch]
            minutes = 75
            [occasions.sauna]
            [occasions.coffee]
            title = "Fika mit {name}?"
            [[contacts]]
            name = "Bob"
            occasions = ["walk"]
        """)
    )
    titles = {name: occasion.title for name, occasion in config.offered.items()}
    assert titles == {
        "lunch": "Mittagessen mit {name}?",
        "sauna": "Sauna mit {name}?",
        "coffee": "Fika mit {name}?",
        "walk": "Spaziergang mit {name}?",
    }


def test_a_country_is_known_by_its_code_in_either_case(write):
    assert load(write('country = "de-be"')).country == "DE-BE"


def test_a_contact_takes_from_the_circle_what_it_does_not_say_itself(write):
    config = load(
        write("""
            [occasions.walk]
            [circles.council]
            cadence = "2 weeks"
            weight = 3
            [[contacts]]
            name = "Jane  Doe"
            emails = ["MAILTO:Jane@Example.COM"]
            aliases = ["Janie"]
            circle = "council"
            [[contacts]]
            name = "Bob"
            circle = "council"
            cadence = "yearly"
            occasions = ["lunch", "walk"]
            paused = true
            [[contacts]]
            name = "Ann"
        """)
    )
    jane, bob, ann = config.people
    assert (jane.key, jane.name, jane.emails) == (
        "jane doe",
        "Jane Doe",
        frozenset({"jane@example.com"}),
    )
    assert (jane.cadence, jane.weight, jane.circle) == (timedelta(weeks=2), 3.0, "council")
    assert (jane.aliases, jane.occasions, jane.paused) == (("Janie",), ("walk",), False)
    assert (bob.cadence, bob.occasions, bob.paused) == (
        timedelta(days=365),
        ("lunch", "walk"),
        True,
    )
    assert (ann.cadence, ann.weight, ann.circle) == (timedelta(days=30), 1.0, "")


def test_occasions_are_those_with_a_table_and_built_in_ones_that_a_contact_names(write):
    config = load(
        write("""
            [occasions.sauna]
            minutes = 90
            [occasions.lunch]
            minutes = 75
            [[contacts]]
            name = "Bob"
            occasions = ["walk"]
            [[contacts]]
            name = "Ann"
        """)
    )
    assert list(config.offered) == ["sauna", "lunch", "walk"]
    assert config.offered["sauna"].title == "Sauna with {name}?"
    assert config.offered["lunch"].title == BUILT_IN_OCCASIONS["lunch"].title
    assert config.offered["lunch"].between == BUILT_IN_OCCASIONS["lunch"].between
    assert config.offered["lunch"].minutes == 75
    assert config.people[1].occasions == ("sauna", "lunch")


def test_every_kind_of_account_loads_with_paths_from_the_config_s_folder(write, monkeypatch):
    monkeypatch.setenv("HOME", "/home/sam")
    config = load(
        write("""
            [accounts.home]
            type = "caldav"
            url = "http://[::1]:5232/"
            username = "sam"
            password = { file = "home.secret" }
            [accounts.work]
            type = "google"
            client_secrets = "client_secret.json"
            [accounts.export]
            type = "files"
            path = "~/calendars"
        """)
    )
    home, work, export = config.accounts.values()
    assert isinstance(home, CalDAVEntry)
    assert isinstance(work, GoogleEntry)
    folder = work.client_secrets.parent
    assert home.password is not None
    assert home.password.file == folder / "home.secret"
    assert isinstance(work, GoogleEntry)
    assert work.token.keyring is True
    assert work.client_secrets == folder / "client_secret.json"
    assert folder.is_absolute()
    assert isinstance(export, FilesEntry)
    assert export.path == Path("/home/sam/calendars")


def test_the_address_of_a_published_calendar_is_text_or_a_place_and_never_shown(write):
    config = load(
        write("""
            [accounts.text]
            type = "web"
            url = "webcal://cal.example.com/s3cr3t.ics"
            [accounts.kept]
            type = "web"
            url = { file = "address" }
        """)
    )
    text, kept = config.accounts.values()
    assert isinstance(text, WebEntry)
    assert isinstance(text.url, WrittenAddress)
    assert text.url.text == "webcal://cal.example.com/s3cr3t.ics"
    assert "s3cr3t" not in f"{config!r} {config} {text.url!r}"
    assert isinstance(kept, WebEntry)
    assert kept.url.source.kind == "file"


def test_a_relative_path_starts_at_the_config_s_folder_wherever_fikad_is_started(
    write, monkeypatch, tmp_path
):
    path = write('[accounts.a]\ntype = "files"\npath = "cal"\n')
    monkeypatch.chdir(tmp_path)
    account = load(Path("config.toml")).accounts["a"]
    assert isinstance(account, FilesEntry)
    assert account.path == path.parent / "cal"


@pytest.mark.parametrize(
    ("secret", "kind", "attribute", "value"),
    [
        ("{ keyring = true }", "keyring", "kind", "keyring"),
        ('{ command = ["pass", "cal"] }', "command", "command", ("pass", "cal")),
        ('{ credential = "home" }', "credential", "credential", "home"),
    ],
)
def test_a_secret_s_place_is_handed_to_the_connectors(write, secret, kind, attribute, value):
    text = (
        '[accounts.h]\ntype = "caldav"\nurl = "https://x.org"\nusername = "s"\n'
        f"password = {secret}\n"
    )
    account = load(write(text)).accounts["h"]
    assert isinstance(account, CalDAVEntry)
    assert account.password is not None
    assert account.password.source.kind == kind
    assert getattr(account.password.source, attribute) == value


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("6 weeks", timedelta(weeks=6)),
        ("1 month", timedelta(days=30)),
        (" 2   Years ", timedelta(days=730)),
        ("90days", timedelta(days=90)),
        ("quarterly", timedelta(days=91)),
        ("twice a year", timedelta(days=182)),
    ],
)
def test_cadences_are_written_as_people_say_them(write, text, duration):
    assert load(write(f'[circles.c]\ncadence = "{text}"\n')).circles["c"].cadence == duration


def test_times_are_wall_clock_times_and_dates_include_both_ends(write):
    config = load(
        write("""
            timezone = "Asia/Kolkata"
            [rhythm]
            plan = "fri 8:05"
            [availability]
            saturday = ["22:00-24:00", "9:00–11:30"]
            blackout = [2026-05-01, "2026-12-24..2027-01-02"]
            [occasions.coffee]
            days = ["Monday", "tue"]
        """)
    )
    assert config.zone == ZoneInfo("Asia/Kolkata")
    assert config.rhythm.plan == PlanTime(4, time(8, 5))
    assert config.availability.saturday == (TimeRange(1320, 1440), TimeRange(540, 690))
    assert config.availability.monday == ()
    assert config.availability.blackout == (
        DateRange(date(2026, 5, 1), date(2026, 5, 1)),
        DateRange(date(2026, 12, 24), date(2027, 1, 2)),
    )
    assert config.offered["coffee"].days == ("mon", "tue")


def test_without_a_time_zone_the_system_s_is_used(write, monkeypatch):
    import tzlocal

    monkeypatch.setattr(tzlocal, "get_localzone", lambda: ZoneInfo("Australia/Lord_Howe"))
    assert load(write("")).zone == ZoneInfo("Australia/Lord_Howe")


def test_a_system_without_a_time_zone_asks_for_one(write, monkeypatch):
    import tzlocal

    def unknown():
        raise LookupError

    monkeypatch.setattr(tzlocal, "get_localzone", unknown)
    with pytest.raises(ConfigError, match='write timezone = "Europe/Berlin"'):
        load(write(""))
    assert load(write('timezone = "Europe/Berlin"')).zone == ZoneInfo("Europe/Berlin")


def test_a_byte_order_mark_and_windows_line_ends_are_fine(tmp_path):
    path = tmp_path / "config.toml"
    path.write_bytes('\ufeffme = ["a@b.org"]\r\n[rhythm]\r\npoll = "1 hour"\r\n'.encode())
    assert load(path).rhythm.poll == timedelta(hours=1)


# --- where it is ---


def test_the_config_and_the_state_are_found_where_the_user_says(monkeypatch, tmp_path):
    monkeypatch.setenv("FIKAD_CONFIG", str(tmp_path / "a.toml"))
    monkeypatch.setenv("FIKAD_STATE", str(tmp_path / "a"))
    assert locate("b.toml") == Path("b.toml")
    assert locate() == tmp_path / "a.toml"
    assert state_dir("b") == Path("b")
    assert state_dir() == tmp_path / "a"
    monkeypatch.delenv("FIKAD_CONFIG")
    monkeypatch.delenv("FIKAD_STATE")
    assert locate().parts[-2:] == ("fikad", "config.toml")
    assert "fikad" in state_dir().parts


# --- the example ---

EXAMPLE = Path(__file__).parents[3] / "config.example.toml"


def uncommented() -> str:
    return re.sub(r"(?m)^#(?=[\[a-z_])", "", EXAMPLE.read_text(encoding="utf-8"))


def test_the_example_loads_as_it_is():
    config = load(EXAMPLE)
    assert [person.name for person in config.people] == ["Jane Doe", "Ada Example"]


def test_the_example_shows_every_key(write):
    from daemon.config.reference import keys

    load(write(uncommented()))
    shown = set(re.findall(r"(?m)^([a-z_]+) =", uncommented()))
    tables = set(re.findall(r"(?m)^\[+([a-z]+)", uncommented()))
    assert keys() - shown - tables <= {"keyring", "command", "credential", "file"}
    assert all(
        f"{{ {kind} = " in EXAMPLE.read_text(encoding="utf-8")
        for kind in ("keyring", "command", "file")
    )


def test_the_defaults_shown_in_the_example_are_the_real_ones(write):
    shown, default = load(write(uncommented())), Config()
    assert shown.history == default.history
    assert shown.rhythm == default.rhythm
    assert shown.meetings == default.meetings
    assert shown.holds.model_copy(update={"account": None}) == default.holds
    assert shown.availability.model_copy(update={"blackout": ()}) == default.availability
    coffee = shown.occasions["coffee"].model_copy(update={"place": None})
    assert {**shown.occasions, "coffee": coffee} == {"coffee": BUILT_IN_OCCASIONS["coffee"]}
    assert shown.circles["council"].weight == 1.0
    assert shown.contacts[0].paused is False


# --- cost ---


def test_loading_needs_neither_a_toml_grammar_nor_a_network_library(write):
    path = write('timezone = "Europe/Berlin"\n[[contacts]]\nname = "Jane"\n')
    code = f"""
import sys
from pathlib import Path
from daemon.config.schema import load
load(Path({str(path)!r}))
heavy = ("tree_sitter", "tomlkit", "difflib", "keyring", "subprocess", "tzlocal", "caldav",
    "platformdirs")
print(*(name for name in heavy if name in sys.modules))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=EXAMPLE.parent, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []


def test_the_words_of_titles_are_those_of_english_of_the_languages_and_one_s_own():
    words = Config.model_validate(
        {"language": "de", "meetings": {"words": ["schnacken"]}}
    ).vocabulary.meeting
    assert {"coffee", "kaffee", "schnacken"} <= set(words)
    words = Config.model_validate({"language": "de", "languages": []}).vocabulary.meeting
    assert "coffee" in words
    assert "kaffee" not in words


def test_a_phone_number_is_kept_as_written_and_anything_else_is_refused(write):
    entry = '[[contacts]]\nname = "Jane Doe"\nphone = '
    assert load(write(f'{entry}" +49 (171)  234-5678 "')).people[0].phone == "+49 (171) 234-5678"
    for wrong in ('"call her"', '"12"', "491712345678", '"+49171;ext=1"', '"+49171&body=x"'):
        with pytest.raises(ConfigError, match="phone"):
            load(write(f"{entry}{wrong}"))


def test_somebody_is_written_to_at_the_first_of_their_addresses(write):
    entry = '[[contacts]]\nname = "Jane Doe"\nemails = ["z@example.com", "a@example.com"]'
    assert load(write(entry)).people[0].address == "z@example.com"
