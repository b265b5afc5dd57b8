"""Address books in the config: what they mean, and what is wrong with them, with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.address_book import YearlyDay
from daemon.config.schema import CardDAVEntry, Config, ConfigError, load

HOME = """\
[accounts.home]
type = "caldav"
url = "https://dav.example.com/"
[circles.council]
cadence = "1 month"
"""
BOOK = """\
[addressbooks.home]
type = "carddav"
account = "home"
"""


@pytest.fixture
def loaded(tmp_path):
    def loaded(text: str) -> Config:
        path = tmp_path / "config.toml"
        path.write_text(text, encoding="utf-8")
        return load(path)

    return loaded


def problems(loaded, text: str) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        loaded(text)
    return [str(problem).partition(".toml:")[2] for problem in raised.value.problems]


def test_a_book_shares_the_login_of_an_account_and_maps_labels_to_circles(loaded):
    config = loaded(HOME + BOOK + 'circles = { Fika = "council", "Old friends" = "council" }\n')
    book = config.addressbooks["home"]
    assert isinstance(book, CardDAVEntry)
    assert (book.account, book.url, book.books) == ("home", None, None)
    assert book.circles == {"Fika": "council", "Old friends": "council"}


def test_a_book_may_have_a_login_of_its_own_or_be_a_folder(loaded):
    config = loaded(
        '[addressbooks.dav]\ntype = "carddav"\nurl = "https://dav.example.com/"\nusername = "sam"\n'
        "password = { keyring = true }\n"
        '[addressbooks.gmail]\ntype = "google"\nclient_secrets = "client_secret.json"\n'
        '[addressbooks.cards]\ntype = "files"\npath = "~/cards"\n'
    )
    assert [book.type for book in config.addressbooks.values()] == ["carddav", "google", "files"]
    assert [book.shared_account for book in config.addressbooks.values()] == [None] * 3


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (HOME + BOOK + 'circles = { Fika = "concil" }\n',
         '9:20: there is no circle "concil" (did you mean "council"?)'),
        (HOME + '[addressbooks.x]\ntype = "carddav"\naccount = "hom"\n',
         '8:11: there is no account "hom" (did you mean "home"?)'),
        (HOME + '[addressbooks.x]\ntype = "google"\naccount = "home"\n',
         '8:11: "home" is no google account, so its login cannot be shared (name one with type ='
         ' "google", or give a login of its own)'),
        (HOME + '[addressbooks.x]\ntype = "card"\naccount = "home"\n',
         '7:8: type must be one of "carddav", "google", "files" (did you mean "carddav"?)'),
        (HOME + BOOK + 'circle = { Fika = "council" }\n',
         '9:1: unknown key "circle" (did you mean "circles"?)'),
        (HOME + '[addressbooks.x]\ntype = "carddav"\n',
         "6:1: x has no server (name the account whose login it shares, or a url)"),
        (HOME + BOOK + 'username = "sam"\npassword = { keyring = true }\n',
         "6:1: home shares the login of an account and has username and password of its own (take"
         " out these, or `account`)"),
        (HOME + '[addressbooks.x]\ntype = "carddav"\nurl = "https://dav.example.com/"\n'
            'username = "s"\n',
         "6:1: x has a username and no password (say where it is kept, as in password ="
         " { keyring = true })"),
        (HOME + '[addressbooks.x]\ntype = "google"\n',
         "6:1: x has no login (name the account whose login it shares, or client_secrets)"),
        (HOME + '[addressbooks.home]\ntype = "carddav"\nurl = "https://dav.example.com/"\n',
         '6:1: this has a login of its own and the name of the account "home" on line 1 (write'
         ' account = "home", or give one of them another name)'),
        ('[addressbooks.x]\ntype = "carddav"\nurl = "http://dav.example.com/"\n',
         "3:7: url is plain http, which anybody on the way can read (write https://; http is for"
         " localhost only)"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place(loaded, text, told):
    assert problems(loaded, text) == [told]


def test_a_password_written_into_a_book_is_not_shown(loaded):
    text = (
        '[addressbooks.x]\ntype = "carddav"\nurl = "https://dav.example.com/"\nusername = "sam"\n'
        'password = "hunter2"\n'
    )
    assert problems(loaded, text)
    with pytest.raises(ConfigError) as raised:
        loaded(text)
    assert "hunter2" not in repr(
        [(str(problem), problem.source_line) for problem in raised.value.problems]
    )


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ('"04-12"', YearlyDay(4, 12)),
        ('"--0412"', YearlyDay(4, 12)),
        ('"02-29"', YearlyDay(2, 29)),
        ('"1980-04-12"', YearlyDay(4, 12, 1980)),
        ("1980-04-12", YearlyDay(4, 12, 1980)),
    ],
)
def test_a_birthday_is_written_with_or_without_its_year(loaded, written, day):
    config = loaded(f'[[contacts]]\nname = "Jane"\nbirthday = {written}\n')
    assert config.people[0].birthday == day
    assert config.people[0].source == "config"


@pytest.mark.parametrize("written", ['"31-12"', '"02-30"', '"1981-02-29"', '"April"', "412"])
def test_what_is_no_day_of_the_year_is_refused(loaded, written):
    told = problems(loaded, f'[[contacts]]\nname = "Jane"\nbirthday = {written}\n')
    assert told == [
        '3:12: birthday is no day of the year (write month and day, "04-12", or "1980-04-12")'
    ]


def test_paths_start_at_the_config_s_folder(loaded, tmp_path):
    book = loaded('[addressbooks.x]\ntype = "files"\npath = "cards"\n').addressbooks["x"]
    assert Path(book.path) == tmp_path / "cards"
