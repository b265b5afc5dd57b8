"""The system's keyring: only stores that encrypt, never a wait without end, and found again when it
appears."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from connectors import keyring_child, secrets
from connectors.errors import CredentialsError
from connectors.secrets import (
    KEYRING_SECONDS,
    SecretSource,
    StoredToken,
    read_secret,
    store_secret,
)
from tests.connectors.secret_service import Session, leave_session, secret_service
from tests.waiting import AT_ONCE, SECONDS, impatient_after, is_written, until

SECRET = "hunter2"
KEYRING = SecretSource("keyring")


@pytest.fixture(autouse=True)
def no_session(monkeypatch, tmp_path) -> None:
    """No desktop session of the machine that runs the tests is ever asked; and whoever is asked may
    take their time."""
    leave_session(monkeypatch, tmp_path)
    monkeypatch.setattr(secrets, "KEYRING_SECONDS", SECONDS)


def refused() -> str:
    """The message of the refusal to read."""
    with pytest.raises(CredentialsError) as raised:
        read_secret(KEYRING, "home")
    return str(raised.value)


def refused_store() -> str:
    with pytest.raises(CredentialsError) as raised:
        store_secret(KEYRING, "home", SECRET)
    assert SECRET not in str(raised.value)
    return str(raised.value)


# --- which keyrings are used ---


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a keyring")
def test_without_a_keyring_the_other_places_are_named():
    for message in (refused(), refused_store()):
        assert "there is no keyring in this session" in message
        assert "{ file = … }" in message


def test_a_keyring_that_is_switched_off_is_refused_instead_of_dropping_the_secret(monkeypatch):
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    assert "switched off" in refused_store()
    assert "switched off" in refused()


PLAIN = """
from pathlib import Path
from keyring.backend import KeyringBackend

class PlaintextKeyring(KeyringBackend):
    priority = 4
    def get_password(self, service, username):
        Path(__file__).with_name("used").touch()
        return "hunter2"
    def set_password(self, service, username, password):
        Path(__file__).with_name("used").write_text(password)
"""


@pytest.fixture
def plaintext(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a plain-text backend that keyring finds by itself, as it finds keyrings.alt."""
    folder = tmp_path / "site"
    about = folder / "plainkeyring-1.0.dist-info"
    about.mkdir(parents=True)
    (folder / "plainkeyring.py").write_text(PLAIN)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: plainkeyring\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[keyring.backends]\nplain = plainkeyring\n")
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return folder


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a keyring")
def test_a_plain_text_keyring_is_refused_by_name_and_never_touched(plaintext):
    for message in (refused(), refused_store()):
        assert "plainkeyring.PlaintextKeyring does not keep secrets safe" in message
    assert not (plaintext / "used").exists()


def test_a_plain_text_keyring_that_the_user_configured_is_refused_too(plaintext, monkeypatch):
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "plainkeyring.PlaintextKeyring")
    assert "does not keep secrets safe" in refused_store()
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "nowhere.Keyring")
    assert "nowhere.Keyring" in refused()
    assert not (plaintext / "used").exists()


def test_keyrings_see_the_standard_library_and_not_our_module_of_the_same_name(
    plaintext, monkeypatch
):
    told = (
        "\nimport secrets\nPlaintextKeyring.__qualname__ = 'standard' if hasattr(secrets,"
        " 'token_bytes') else 'ours'\n"
    )
    (plaintext / "plainkeyring.py").write_text(PLAIN + told)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "plainkeyring.PlaintextKeyring")
    assert "plainkeyring.standard" in refused()


# --- the process that is asked ---


@pytest.fixture
def child(tmp_path, monkeypatch) -> Callable[[str], None]:
    """Puts a program of one's own in the place of the one that talks to the keyring."""

    def child(code: str) -> None:
        program = tmp_path / "child"
        program.write_text(f"#!{sys.executable}\nimport os, sys, time, json\n{code}\n")
        program.chmod(0o700)
        monkeypatch.setattr(sys, "executable", str(program))

    return child


def test_a_keyring_that_never_answers_is_given_up_and_its_process_killed(
    child, monkeypatch, tmp_path
):
    note = tmp_path / "pid"
    monkeypatch.setattr(subprocess, "Popen", impatient_after(partial(is_written, note)))
    child(f"open({str(note)!r}, 'w').write(str(os.getpid()))\ntime.sleep(60)")
    assert "did not answer" in refused()
    with pytest.raises(ProcessLookupError):
        os.kill(int(note.read_text()), 0)


def test_a_locked_keyring_is_asked_only_when_somebody_is_there_to_unlock_it(monkeypatch):
    class Locked:
        """A keyring that opens a window when it is asked for anything."""

        asked = 0

        def get_password(self, _service, _account):
            self.asked += 1
            return SECRET

    keyring = Locked()
    monkeypatch.setattr(keyring_child, "_backend", lambda: (keyring, "some.Keyring"))
    monkeypatch.setattr(keyring_child, "_locked", lambda _backend: True)
    request = {"service": "fikad", "account": "home"}
    assert keyring_child.answer({**request, "prompt": "no"})["refused"] == "locked"
    assert keyring_child.answer({**request, "prompt": "no", "secret": "new"})["refused"] == "locked"
    assert keyring.asked == 0
    assert keyring_child.answer({**request, "prompt": "yes"})["secret"] == SECRET


def test_the_limit_of_a_locked_keyring_leaves_room_within_ten_seconds():
    assert KEYRING_SECONDS <= 8


def test_a_secret_travels_through_the_pipe_alone(child, tmp_path):
    child(f"""
given = sys.stdin.read()
open({str(tmp_path / "seen")!r}, "w").write(json.dumps([sys.argv, dict(os.environ), given]))
print(json.dumps({{"stored": True}}))
""")
    assert store_secret(KEYRING, "home", SECRET) is True
    argv, environment, given = json.loads((tmp_path / "seen").read_text())
    assert SECRET in given
    assert SECRET not in str(argv)
    assert SECRET not in str(environment)


@pytest.mark.parametrize(
    "code", ["print('hunter2')", "sys.exit(3)", 'print(\'{"refused": "DBusError"}\')']
)
def test_an_answer_that_makes_no_sense_is_a_credentials_error_without_the_secret(child, code):
    child(code)
    message = refused()
    assert SECRET not in message
    assert "{ file = … }" in message


# --- a real Secret Service ---


def readable() -> bool:
    try:
        return read_secret(KEYRING, "home") == SECRET
    except CredentialsError:
        return False


@pytest.fixture
def session(tmp_path) -> Iterator[Session]:
    with secret_service(tmp_path) as session:
        yield session


def test_a_secret_service_that_is_absent_locked_and_unlocked_later_is_survived_without_a_restart(
    session,
):
    assert "there is no keyring" in refused()
    session.start_bus()
    assert "there is no keyring" in refused()

    session.unlock(b"pw")
    until(lambda: "fikad auth home" in refused() and "locked" not in refused())
    assert store_secret(KEYRING, "home", SECRET) is True
    assert store_secret(KEYRING, "home", SECRET) is False
    assert read_secret(KEYRING, "home") == SECRET

    session.lock()
    before = time.monotonic()
    assert "the keyring is locked" in refused()
    assert "the keyring is locked" in refused_store()
    assert time.monotonic() - before < AT_ONCE

    session.unlock(b"pw")
    until(readable)


def test_a_refresh_token_is_kept_alone_in_the_keyring(session):
    session.start_bus()
    session.unlock(b"pw")
    until(lambda: "locked" not in refused() and "no keyring" not in refused())
    token = StoredToken(KEYRING, "work")
    assert token.load() is None
    token.save({"refresh_token": "r-1", "token": "access"})
    assert token.load() == {"refresh_token": "r-1"}
    assert not token.keeps_access_token
