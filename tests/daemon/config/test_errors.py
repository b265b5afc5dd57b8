"""Mistakes in the config: all at once, in plain words, with their places, and never with a
secret."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from daemon.config.schema import ConfigError, ConfigProblem, load

SECRET = "hunter2"


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "config.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def problems(write):
    """The problems of a config text, or none."""

    def problems(text: str) -> tuple[ConfigProblem, ...]:
        try:
            load(write(text))
        except ConfigError as error:
            return error.problems
        return ()

    return problems


def told(problems: tuple[ConfigProblem, ...]) -> list[str]:
    """Problems as line:column: message (hint)."""
    return [str(problem).removeprefix(f"{problem.path}:") for problem in problems]


# --- mistakes ---

WEB = '[accounts.o]\ntype = "web"\n'
HOME = '[accounts.home]\ntype = "caldav"\n'
CONTACT = '[[contacts]]\nname = "Jane"\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # keys
        ('histroy = "1 year"', '1:1: unknown key "histroy" (did you mean "history"?)'),
        ("[rythm]", '1:1: unknown key "rythm" (did you mean "rhythm"?)'),
        ('[rhythm]\n"pol" = "1 day"', '2:1: unknown key "pol" (did you mean "poll"?)'),
        (
            "[rhythm]\nweekly_look = true",
            '2:1: unknown key "weekly_look" (did you mean "weekly_digest"?)',
        ),
        (
            "[holds]\nzzz = 1",
            '2:1: unknown key "zzz" (known here: account, calendar, show_as, on_yes)',
        ),
        ("rhythm = { per_weak = 1 }", '1:12: unknown key "per_weak" (did you mean "per_week"?)'),
        ("rhythm.per_weak = 1", '1:8: unknown key "per_weak" (did you mean "per_week"?)'),
        (CONTACT + CONTACT.replace("name", "nam"), "4:1: unknown key"),
        (f"{HOME}url = 'https://x'\npat = 'x'", '4:1: unknown key "pat"'),
        (
            '[accounts.h]\ntype = "gogle"\npath = "x"',
            '2:8: type must be one of "caldav", "google", "files", "web"',
        ),
        # what is missing
        ("\n[circles.council]\n", "2:1: cadence is missing"),
        ('[[contacts]]\ncircle = "c"\n[circles.c]\ncadence = "weekly"', "1:1: name is missing"),
        (HOME, "1:1: url is missing"),
        ('[accounts."my home"]\nurl = "https://x"', '1:1: "my home": type is missing'),
        (f"{HOME}url = 'https://x'\nusername = 's'", "1:1: home has a username and no password"),
        # types
        ('[rhythm]\nper_week = "2"', "2:12: per_week must be a whole number (take the quotes off)"),
        ("[rhythm]\nper_day = 1.5", "2:11: per_day must be a whole number"),
        ("[rhythm]\nopen = true", "2:8: open must be a whole number"),
        ("[meetings]\ncount_unanswered = 1", "2:20: count_unanswered must be true or false"),
        ("[meetings]\nmax_hours = inf", "2:13: max_hours must be a finite number"),
        ("me = 'a@b.org'", "1:6: me must be a list"),
        ("rhythm = 3", "1:10: rhythm must be a table"),
        ("contacts = [3]", "1:13: contacts must be a table"),
        ("accounts.home = 3", "1:17: home must be a table"),
        ("[holds]\ncalendar = 3", "2:12: calendar must be text (put it in quotes)"),
        # values
        ("[rhythm]\nper_week = -1", "2:12: per_week must not be negative"),
        ('[rhythm]\nrest = "-1 week"', "2:8: rest must not be negative"),
        ("[rhythm]\nrest = 6", '2:8: rest lacks its unit (write for example "6 weeks"'),
        ('[rhythm]\nrest = "6 weaks"', '2:8: rest is not a duration (did you mean "weeks"?)'),
        ('[rhythm]\npoll = "0 minutes"', "2:8: poll is too short"),
        ('history = "5000 years"', "1:11: history is longer than a hundred years"),
        ('[circles.c]\ncadence = "2 hours"', '2:11: cadence is too short (write "1 day" or more)'),
        ("[circles.c]\ncadence = 'weekly'\nweight = 0", "3:10: weight must be more than 0"),
        (
            'timezone = "Berlin"',
            '1:12: timezone is not a time zone (did you mean "Europe/Berlin"?)',
        ),
        ('timezone = "../../etc/passwd"', "1:12: timezone is not a time zone"),
        ('country = "Germany"', "1:11: country is not a country whose public holidays are known"),
        (
            'country = "DE-BX"',
            "1:11: country is no part of that country with holidays of its own ",
        ),
        ('[rhythm]\nplan = "Someday"', "2:8: plan is not a weekday and a time"),
        ('[holds]\nshow_as = "tentative"', '2:11: show_as must be "free", "busy" or "auto"'),
        (
            '[availability]\nmonday = ["9:00-11:00",\n  "18:00-09:00"]',
            "3:3: an entry of monday ends before it begins",
        ),
        (
            '[availability]\nmonday = ["09:00-25:00"]',
            "2:11: an entry of monday is not a span of one day",
        ),
        ('[availability]\nblackout = ["2026-02-30"]', "2:13: an entry of blackout is not a date"),
        ('me = ["sam"]', "1:7: an entry of me is not an e-mail address"),
        ('language = "eng"', '1:12: language is not a language fikad speaks (did you mean "en"?)'),
        ('[meetings]\nwords = [" "]', "2:10: an entry of words must not be empty"),
        ("[meetings]\nmin_minutes = 90\nmax_hours = 1", "1:1: meetings count no length at all"),
        # addresses of servers
        (f"{HOME}url = 'http://dav.example.com/'", "3:7: url is plain http"),
        (f"{HOME}url = 'http://127.0.0.1.evil.org/'", "3:7: url is plain http"),
        (f"{HOME}url = 'http://127.0.0.1\\@evil.org/'", "3:7: url is not a web address"),
        (f"{HOME}url = 'ftp://x'", "3:7: url is not a web address"),
        (
            "[accounts.g]\ntype = 'google'\nclient_secrets = 'c'\nendpoint = 'http://10.0.0.1:80'",
            "4:12: endpoint is plain http",
        ),
        (f"{WEB}url = 'http://cal.example.com/x.ics'", "3:7: url is plain http"),
        (f"{WEB}url = 'https://sam:pw@cal.example.com/'", "3:7: url must not hold a login"),
        (f"{WEB}url = 'cal.ics'", "3:7: url is not a web address"),
        (f"{WEB}url = {{ keyring = false }}", "3:7: url must name one place"),
        (f"{WEB}url = {{ keyrin = true }}", '3:9: unknown key "keyrin" (did you mean "keyring"?)'),
        (f"{WEB}url = 3", "3:7: url is no address"),
        (WEB, "1:1: url is missing"),
        # occasions
        ('[occasions.tea]\ntitle = "Tea?"', "2:9: title lacks {name}"),
        ('[occasions.tea]\ntitle = "{who} and {name}?"', "2:9: title may hold no other braces"),
        ('[occasions.tea]\ntitle = "{name.x}?"', "2:9: title lacks {name}"),
        ('[occasions.tea]\ntitle = "Tea with {name}"', '2:9: title must end in "?"'),
        (
            '[occasions.tea]\ndays = ["mon", "Tuseday"]',
            '2:16: an entry of days is not a weekday (did you mean "tue"?)',
        ),
        ("[occasions.tea]\ndays = []", "2:8: days must not be empty"),
        (
            '[occasions.tea]\nbetween = ["09:00-09:30"]',
            "1:1: tea lasts 45 minutes and fits into none",
        ),
        # places
        ("[rhythm]\nper_week = -1 # none", "2:12: per_week must not be negative"),
        (
            'timezone = "UTC"\n[occasion.coffee]\nminutes = 5',
            '2:1: unknown key "occasion" (did you mean "occasions"?)',
        ),
        ("[accounts.x.deep]\na = 1", "1:1: x: type is missing"),
        # references
        (
            '[circles.inner]\ncadence = "weekly"\n' + CONTACT + 'circle = "iner"',
            '5:10: there is no circle "iner"',
        ),
        (
            CONTACT + 'occasions = ["walk", "cofee"]',
            '3:22: there is no occasion "cofee" (did you mean "coffee"?)',
        ),
        ('[holds]\naccount = "hom"', '2:11: there is no account "hom"'),
        (
            CONTACT + '[[contacts]]\nname = " jane "',
            '4:8: there is another contact " jane " on line 2',
        ),
        (
            CONTACT
            + 'emails = ["a@b.org"]\n[[contacts]]\nname = "J"\nemails = ["x@b.org", "A@B.org"]',
            '6:22: "a@b.org" belongs to another contact on line 3',
        ),
        (
            f'me = ["a@b.org"]\n{CONTACT}emails = ["A@b.org"]',
            '4:11: "a@b.org" is one of your own addresses on line 1',
        ),
    ],
)
def test_a_mistake_is_told_in_plain_words_with_its_place(problems, text, expected):
    sentences = told(problems(text))
    assert any(line.startswith(expected) for line in sentences), sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "[rhythm]\nrest = 6 weeks\n",
            "2:10: there is something after the value (text needs quotes",
        ),
        ("[rhythm]\nrest = weekly\n", "2:8: there is no value that can be read"),
        ('[rhythm]\nrest = "6 weeks\npoll = 3', "2:16: the text lacks its closing quote"),
        ("[rhythm]\nrest\n", '2:5: a "=" is missing'),
        (
            '[rhythm]\nopen = 1\nopen = 2\n[availability]\nmonday = [ "9:00-10:00"\n[holds]',
            "3:1: this is given twice",
        ),
        ("[rhythm\nopen = 1", '1:8: the heading lacks its "]"'),
        ("[rhythm]\n[rhythm]", "2:1: this is given twice"),
        ("a = [1,\n2", "2:"),
        ("a = " + "[" * 5000, "1:1: lists or tables are nested too deeply"),
    ],
)
def test_broken_toml_is_told_with_its_place(problems, text, expected):
    assert told(problems(text))[0].startswith(expected)


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file(problems):
    text = """
timezone = "Nowhere"
[rhythm]
poll = 15 minutes
per_week = -1
[circles.council]
cadence = 6 weeks
[[contacts]]
name = "Jane"
circle = "concil"
emails = ["jane"]
"""
    reported = problems(text)
    places = [(problem.line, problem.column) for problem in reported]
    assert places == [(2, 12), (4, 11), (5, 12), (7, 13), (10, 10), (11, 11)]
    lines = [problem.source_line for problem in reported]
    assert lines[:3] == ['timezone = "Nowhere"', "poll = 15 minutes", "per_week = -1"]


def test_an_account_s_other_mistakes_are_told_beside_a_wrong_type(problems):
    sentences = told(problems('[accounts.h]\ntype = "caldv"\nurll = "x"\n'))
    assert sentences[1].startswith('3:1: unknown key "urll" (did you mean "url"?)')


def test_the_error_s_text_has_one_line_for_each_problem_with_file_line_and_column(write):
    path = write("a = 1\n[holds]\nb = 2\n")
    with pytest.raises(ConfigError) as raised:
        load(path)
    lines = str(raised.value).splitlines()
    assert len(lines) == 2
    assert lines[0].startswith(f"{path}:1:1: ")
    assert lines[1].startswith(f"{path}:3:1: ")


def test_columns_count_characters_also_after_other_scripts(problems):
    circle = '"Ärzte \N{WOMAN}\N{ZERO WIDTH JOINER}\N{STAFF OF AESCULAPIUS}"'
    text = f'circles.{circle} = {{ cadence = "weekly", weight = 0 }}\n'
    (problem,) = problems(text)
    assert (problem.line, problem.column) == (1, text.index("0 }") + 1)
    (problem,) = problems('[[contacts]]\nname = "Ö"\naliases = ["Ünal", 3]\n')
    assert (problem.line, problem.column) == (3, 20)


def test_control_characters_of_the_file_are_not_repeated(problems):
    reported = problems('[[contacts]]\nname = "J"\ncircle = "\\u001b[31m\\u202ered" # \u202e\n')
    assert len(reported) == 2
    for problem in reported:
        assert str(problem).isprintable()
        assert problem.source_line is not None
        assert problem.source_line.isprintable()


def test_names_in_any_script_are_fine_but_not_control_characters(problems):
    assert (
        problems('[[contacts]]\nname = "علی\u200cرضا"\naliases = ["O\'Neill-Łuk", "李雷"]\n') == ()
    )
    assert "printable" in str(problems('[[contacts]]\nname = "J\\u0007"\n')[0])
    assert "printable" in str(problems('[[contacts]]\nname = "J\\u202e"\n')[0])


# --- a file that can't be read ---


def test_a_missing_file_names_the_command_that_makes_one(tmp_path):
    with pytest.raises(ConfigError, match="fikad init"):
        load(tmp_path / "none.toml")


def test_a_folder_and_a_file_of_other_encoding_are_told_plainly(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path)
    path = tmp_path / "latin.toml"
    path.write_bytes('me = ["jörg@example.com"]'.encode("latin-1"))
    with pytest.raises(ConfigError, match="not UTF-8") as raised:
        load(path)
    assert "\n" not in str(raised.value)


# --- secrets ---


@pytest.mark.parametrize(
    "text",
    [
        f'{HOME}url = "https://x"\nusername = "s"\npassword = "{SECRET}"\n',
        f'{HOME}url = "https://x"\nusername = "s"\npasword = "{SECRET}"\n',
        f'{HOME}url = "https://sam:{SECRET}@x/"\n',
        f'{HOME}url = "http://sam:{SECRET}@x/"\n',
        f'{HOME}url = "https://x"\nusername = "s"\npassword = {{ comand = "{SECRET}" }}\n',
        f'{HOME}url = "https://x"\nusername = "s"\npassword = {{ command = "{SECRET}" }}\n',
        f'{HOME}url = "https://x"\nusername = "s"\npassword = {{ command = [\n"{SECRET}", 3] }}\n',
        f'{HOME}url = "https://x"\nusername = "s"\npassword = {SECRET}\n',
        f'{HOME}url = "https://x"\nusername = "s"\npassword = "{SECRET}\n',
        f'{HOME}url = "https://x"\nusername = "s"\npassword = """{SECRET}\n',
        f'accounts.home = {{ type = "caldv", password = "{SECRET}" }}\n',
        f'accounts.home = {{ type = "caldav" password = "{SECRET}" }}\n',
        f'[accounts.home] # {SECRET}\ntype = "caldav"\n',
        f'[acounts.home]\npassword = "{SECRET}"\n',
        f'password = "{SECRET}"\n',
        f'pin = "{SECRET}"\n',
        f"pin = {SECRET}\n",
        f'holds = {{ acount = "x", note = "{SECRET}" }}\n',
        f'[accounts.g]\ntype = "google"\nclient_secrets = "c"\ntoken = "{SECRET}"\n',
        f'accounts = "{SECRET}"\n',
        f'[accounts]\nhome = "{SECRET}"\n',
        f'{WEB}url = "http://x/{SECRET}"\n',
        f'{WEB}url = "https://s:p@x/{SECRET}"\n',
        f'{WEB}url = "https://x/ {SECRET}"\n',
        f'{WEB}url = "https://x/{SECRET}\n',
        f'{WEB}url = "https://x/{SECRET}"\nzzz = 1\n',
        f'{WEB}ur = "https://x/{SECRET}"\n',
        f'{WEB}url = {{ text = "https://x/{SECRET}" }}\n',
        f'accounts.o = {{ type = "web", url = "https://x/{SECRET}", zzz = 1 }}\n',
        f'accounts.o = {{ type = "wb", url = "https://x/{SECRET}" }}\n',
    ],
)
def test_a_secret_written_into_the_config_is_refused_and_never_shown(problems, text):
    reported = problems(text)
    assert reported
    for problem in reported:
        assert SECRET not in f"{problem!r} {problem}"


def test_a_password_in_the_config_is_told_how_to_be_given(problems):
    (problem,) = problems(f'{HOME}url = "https://x"\nusername = "s"\npassword = "{SECRET}"\n')
    assert str(problem).endswith("(say where it is kept, as in { keyring = true })")
    assert problem.source_line == "password = …"


def test_a_secret_names_exactly_one_place(problems):
    for position in ('{ keyring = true, file = "x" }', "{ keyring = false }", "{}"):
        (problem,) = problems(f'{HOME}url = "https://x"\nusername = "s"\npassword = {position}\n')
        assert "password must name one place" in problem.message
