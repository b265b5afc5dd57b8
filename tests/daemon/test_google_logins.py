"""Whose login at Google a name stands for, and what it is used for."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemon.config.schema import load
from daemon.google_logins import GoogleLogin, google_login

CONFIG = """
[accounts.work]
type = "google"
client_secrets = "client_secret.json"
[accounts.home]
type = "caldav"
url = "https://dav.example.com/"
[addressbooks.shared]
type = "google"
account = "work"
[addressbooks.own]
type = "google"
client_secrets = "other.json"
[addressbooks.cards]
type = "files"
path = "cards"
"""


def login(folder: Path, name: str, config: str = CONFIG) -> GoogleLogin | None:
    path = folder / "config.toml"
    path.write_text(config, encoding="utf-8")
    return google_login(load(path), name)


@pytest.mark.parametrize("name", ["home", "cards", "nobody"])
def test_other_names_have_none(tmp_path: Path, name: str) -> None:
    assert login(tmp_path, name) is None


@pytest.mark.parametrize("name", ["work", "shared"])
def test_a_shared_login_is_the_account_s_and_reads_contacts_too(tmp_path: Path, name: str) -> None:
    known = login(tmp_path, name)
    assert known is not None
    assert (known.name, known.called) == ("work", 'account "work"')
    assert (known.calendars, known.holds, known.contacts) == (True, True, True)


def test_an_account_alone_reads_no_contacts(tmp_path: Path) -> None:
    known = login(tmp_path, "work", CONFIG.replace('account = "work"', 'client_secrets = "x.json"'))
    assert known is not None
    assert not known.contacts


def test_a_login_of_its_own_is_for_contacts_alone(tmp_path: Path) -> None:
    known = login(tmp_path, "own")
    assert known is not None
    assert (known.name, known.called) == ("own", 'address book "own"')
    assert known.client_secrets == tmp_path / "other.json"
    assert (known.calendars, known.holds, known.contacts) == (False, False, True)
