"""Secrets come from the one place the user chose, within a time limit, and appear in no message."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from connectors.errors import CredentialsError
from connectors.secrets import SecretSource, StoredToken, read_secret, store_secret
from tests.waiting import AT_ONCE, impatient_after, is_written, until

SECRET = "hunter2 with spaces "
KEYRING = SecretSource("keyring")


@pytest.fixture
def private(tmp_path):
    """A file with a secret, mode 0600."""
    path = tmp_path / "secret"
    path.write_text(f"{SECRET}\nsecond line\n")
    path.chmod(0o600)
    return path


def command(*words: str) -> SecretSource:
    return SecretSource("command", command=words)


def script(code: str) -> SecretSource:
    return command(sys.executable, "-c", code)


def refused(source: SecretSource, account: str = "home") -> str:
    """The message of the refusal to read: one line without the secret."""
    with pytest.raises(CredentialsError) as raised:
        read_secret(source, account)
    message = str(raised.value)
    assert "\n" not in message
    assert "hunter2" not in message
    return message


def test_no_repr_shows_more_than_the_kind_of_place():
    source = SecretSource("command", command=("echo", SECRET))
    assert repr(source) == "SecretSource(kind='command')"
    assert "hunter2" not in repr(StoredToken(source, "home"))


# --- a command ---


def test_a_command_s_first_line_is_the_secret():
    assert read_secret(script(f"print({SECRET!r}); print('url: x')"), "home") == SECRET
    assert (
        read_secret(script(f"import sys; sys.stdout.write({SECRET!r} + chr(13) + chr(10))"), "home")
        == SECRET
    )
    assert read_secret(script(f"import sys; sys.stdout.write({SECRET!r})"), "home") == SECRET


def test_a_command_runs_without_a_shell_and_without_input():
    assert (
        read_secret(script("import sys; print('[' + sys.stdin.read() + sys.argv[0] + ']')"), "home")
        == "[-c]"
    )
    assert read_secret(command("printf", "%s", "$HOME;`id`*"), "home") == "$HOME;`id`*"


def test_a_command_that_fails_is_told_by_name_and_status_without_what_it_printed():
    message = refused(
        script("import sys; print('hunter2'); print('hunter2', file=sys.stderr); sys.exit(3)")
    )
    assert "status 3" in message
    assert sys.executable in message


def test_a_command_that_does_not_exist_or_prints_nothing_is_refused():
    assert "No such file" in refused(command("/nowhere/pass", "hunter2"))
    assert "holds no secret" in refused(script("print()"))
    assert "holds no secret" in refused(script("print(); print('hunter2')"))
    assert "not UTF-8" in refused(
        script("import sys; sys.stdout.buffer.write(b'hunter2' + bytes([255]))")
    )
    assert "too long" in refused(script("print('hunter2' * 20000)"))


def test_a_command_that_hangs_is_killed_with_what_it_started(monkeypatch, tmp_path):
    note = tmp_path / "pid"
    monkeypatch.setattr(subprocess, "Popen", impatient_after(partial(is_written, note)))
    code = f"""
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
open({str(note)!r}, "w").write(str(child.pid))
child.wait()
"""
    assert "did not end" in refused(script(code))
    until(partial(_is_gone, int(note.read_text())))


def test_what_a_command_leaves_running_does_not_delay_the_secret():
    code = (
        "import subprocess; subprocess.Popen(['sleep', '60'], stderr=subprocess.DEVNULL); "
        "print('hunter2')"
    )
    before = time.monotonic()
    assert read_secret(script(code), "home") == "hunter2"
    assert time.monotonic() - before < AT_ONCE


def _is_gone(pid: int) -> bool:
    """Whether a process has ended, if only nobody has collected it yet."""
    try:
        if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        os.kill(pid, 0)
    except (ProcessLookupError, FileNotFoundError):
        return True
    return False


# --- a systemd credential ---


def test_a_systemd_credential_is_read_from_its_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    (tmp_path / "home").write_text(SECRET)
    assert read_secret(SecretSource("credential", credential="home"), "home") == SECRET


def test_a_credential_that_was_not_passed_is_told_with_the_line_that_passes_it(
    monkeypatch, tmp_path
):
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    assert "LoadCredential=home:" in refused(SecretSource("credential", credential="home"))
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert "LoadCredential=home:" in refused(SecretSource("credential", credential="home"))


@pytest.mark.parametrize("name", ["../secret", "/etc/hostname", "..", ".", "a/b"])
def test_a_credential_s_name_never_leaves_the_folder(monkeypatch, tmp_path, name):
    (tmp_path / "secret").write_text("hunter2")
    (tmp_path / "sub").mkdir()
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "sub"))
    assert "without a folder" in refused(SecretSource("credential", credential=name))


# --- a file ---


def test_a_private_file_s_first_line_is_the_secret(private):
    assert read_secret(SecretSource("file", file=private), "home") == SECRET
    private.chmod(0o400)
    assert read_secret(SecretSource("file", file=private), "home") == SECRET


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620, 0o602, 0o700, 0o4600])
def test_a_file_that_others_can_use_is_refused(private, mode):
    private.chmod(mode)
    assert f"chmod 600 {private}" in refused(SecretSource("file", file=private))


def test_a_file_of_somebody_else_is_refused(private, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: private.stat().st_uid + 1)
    assert "belongs to somebody else" in refused(SecretSource("file", file=private))


def test_a_link_counts_as_the_file_it_leads_to(private, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(private)
    assert read_secret(SecretSource("file", file=link), "home") == SECRET
    private.chmod(0o644)
    assert "can be used by others" in refused(SecretSource("file", file=link))


def test_what_is_no_file_with_a_secret_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe", 0o600)
    assert "is not a file" in refused(SecretSource("file", file=tmp_path / "pipe"))
    assert "is not a file" in refused(SecretSource("file", file=tmp_path))
    assert "fikad auth home" in refused(SecretSource("file", file=tmp_path / "none"))
    (tmp_path / "empty").touch(0o600)
    assert "fikad auth home" in refused(SecretSource("file", file=tmp_path / "empty"))


def test_a_secret_is_stored_in_a_private_file_that_reads_back(tmp_path):
    source = SecretSource("file", file=tmp_path / "new")
    assert store_secret(source, "home", SECRET) is True
    assert stat.S_IMODE(source.file.stat().st_mode) == 0o600
    assert read_secret(source, "home") == SECRET
    assert [path.name for path in tmp_path.iterdir()] == ["new"]


def test_storing_the_same_secret_again_writes_nothing(tmp_path):
    source = SecretSource("file", file=tmp_path / "new")
    store_secret(source, "home", SECRET)
    before = source.file.stat()
    assert store_secret(source, "home", SECRET) is False
    assert source.file.stat().st_ino == before.st_ino
    assert store_secret(source, "home", "other") is True
    assert read_secret(source, "home") == "other"


def test_a_file_that_others_could_read_is_private_after_storing(private):
    private.chmod(0o644)
    assert store_secret(SecretSource("file", file=private), "home", "new") is True
    assert stat.S_IMODE(private.stat().st_mode) == 0o600


def test_storing_through_a_link_keeps_the_link(private, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(private)
    store_secret(SecretSource("file", file=link), "home", "new")
    assert link.is_symlink()
    assert private.read_text() == "new"


def test_a_write_that_fails_leaves_the_old_secret_and_nothing_else(private, monkeypatch):
    def full(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CredentialsError, match="No space left") as raised:
        store_secret(SecretSource("file", file=private), "home", "hunter3")
    assert "hunter" not in str(raised.value)
    assert private.read_text().startswith(SECRET)
    assert list(private.parent.iterdir()) == [private]


def test_a_folder_that_is_missing_is_told(tmp_path):
    with pytest.raises(CredentialsError, match="check its folder"):
        store_secret(SecretSource("file", file=tmp_path / "none" / "x"), "home", SECRET)


@pytest.mark.parametrize("source", [command("true"), SecretSource("credential", credential="home")])
def test_nothing_is_stored_where_only_others_can_write(source):
    with pytest.raises(CredentialsError, match="store it there yourself"):
        store_secret(source, "home", SECRET)


# --- a token ---

TOKEN = {"refresh_token": "r", "token": "access", "client_id": "c"}


def test_a_token_in_a_file_is_google_s_json_and_keeps_the_access_token(tmp_path):
    stored = StoredToken(SecretSource("file", file=tmp_path / "token.json"), "work")
    assert stored.load() is None
    stored.save(TOKEN)
    assert stored.keeps_access_token
    assert stored.load() == TOKEN
    assert json.loads((tmp_path / "token.json").read_text()) == TOKEN
    assert stat.S_IMODE((tmp_path / "token.json").stat().st_mode) == 0o600


def test_a_token_from_elsewhere_is_the_refresh_token_alone_or_the_json():
    assert StoredToken(script("print('r-1')"), "work").load() == {"refresh_token": "r-1"}
    assert StoredToken(script(f"print({json.dumps(TOKEN)!r})"), "work").load() == TOKEN
    assert not StoredToken(script(""), "work").keeps_access_token


@pytest.mark.parametrize(
    "text", ['{"refresh_token": ', "{}", '{"refresh_token": 3, "x": "hunter2"}']
)
def test_a_file_that_holds_something_else_is_no_token(private, text):
    private.write_text(text)
    with pytest.raises(CredentialsError, match="fikad auth work") as raised:
        StoredToken(SecretSource("file", file=private), "work").load()
    assert "hunter2" not in str(raised.value)
