"""The service files that `fikad service install` writes: the sources, with the user's own paths
filled in."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from connectors.errors import RefusedError
from daemon.service.unit_files import run_words, systemd_unit, template
from tests.daemon.cli.running import CONTACTS, Fikad

SOURCE = template("fikad.service").decode()
STATE = Path("/home/sam/.local/state/fikad")
WORDS = run_words(Path("/home/sam/.config/fikad/config.toml"), STATE)


def lines(unit: str, key: str) -> list[str]:
    """The values of a key, in order."""
    return [line.partition("=")[2] for line in unit.splitlines() if line.startswith(f"{key}=")]


def test_every_line_of_the_source_that_does_not_depend_on_the_user_is_kept():
    unit = systemd_unit(SOURCE, ("/usr/bin/python3", "-m", "daemon"), STATE, [], "")
    own = ("ExecStart", "ReadWritePaths")
    directives = [
        line for line in SOURCE.splitlines() if "=" in line and not line.startswith(("#", *own))
    ]
    assert len(directives) > 30
    assert set(directives) <= set(unit.splitlines())


def test_it_runs_this_python_away_from_the_folder_it_is_started_in():
    [start] = lines(systemd_unit(SOURCE, WORDS, STATE, [], ""), "ExecStart")
    assert start.startswith(
        f"{sys.executable} -P -m daemon run --config /home/sam/.config/fikad/config.toml"
    )


def test_the_state_and_what_the_config_names_can_be_written_to():
    unit = systemd_unit(SOURCE, WORDS, STATE, [Path("/home/sam/My Calendars")], "")
    assert lines(unit, "ReadWritePaths") == [str(STATE), '"-/home/sam/My Calendars"']
    assert lines(unit, "ExecStartPre") == [f"+/bin/mkdir -p -m 0700 {STATE}"]


def test_paths_are_words_whatever_is_in_them():
    state = Path('/home/sam/a b%h$HOME"q')
    unit = systemd_unit(SOURCE, run_words(Path("/c.toml"), state), state, [], "")
    assert lines(unit, "ExecStart")[0].endswith('--state "/home/sam/a b%%h$$HOME\\"q"')
    assert lines(unit, "ReadWritePaths") == ['"/home/sam/a b%%h$HOME\\"q"']


def test_files_in_tmp_are_not_hidden_from_it():
    unit = systemd_unit(SOURCE, run_words(Path("/tmp/c.toml"), STATE), STATE, [], "")
    assert not lines(unit, "PrivateTmp")
    assert lines(systemd_unit(SOURCE, ("/usr/bin/python3",), STATE, [], ""), "PrivateTmp") == [
        "yes"
    ]


def test_a_checkout_that_is_not_installed_is_found_by_its_path():
    unit = systemd_unit(SOURCE, WORDS, STATE, [], "/home/sam/fikad")
    assert lines(unit, "Environment") == ["PYTHONPATH=/home/sam/fikad"]


def test_an_instance_has_folders_of_its_own():
    source = template("fikad@.service").decode()
    assert lines(source, "StateDirectory") == ["fikad/%i"]
    assert lines(source, "ExecStart") == [
        "/usr/local/bin/fikad run --spread 10 "
        "--config /etc/fikad/%i/config.toml --state /var/lib/fikad/%i"
    ]


# --- the command ---


@pytest.fixture
def fikad(tmp_path: Path) -> Fikad:
    fikad = Fikad(tmp_path)
    (tmp_path / "calendars").mkdir()
    files = '[accounts.disk]\ntype = "files"\npath = "calendars"\n'
    google = (
        '[accounts.work]\ntype = "google"\nclient_secrets = "client.json"\n'
        'token = { file = "tokens/work.json" }\n'
    )
    page = '[report]\nwrite = "pages/fika.html"\n'
    fikad.configure(f'timezone = "UTC"\n{page}{files}{google}{CONTACTS}')
    return fikad


def test_print_shows_the_file_and_writes_nothing(fikad):
    shown = fikad("service", "install", "--print", "--for", "systemd")
    assert shown.code == 0
    writable = lines(shown.out, "ReadWritePaths")
    assert writable[0] == str(fikad.state)
    written = {f"-{fikad.folder}/{name}" for name in ("calendars", "tokens", "pages")}
    assert set(writable[1:]) == written
    assert f"--config {fikad.config} --state {fikad.state}" in lines(shown.out, "ExecStart")[0]
    assert not fikad.state.exists()


def test_a_config_with_mistakes_is_not_installed(fikad):
    fikad.configure("nonsense")
    assert fikad("service", "install", "--for", "systemd").code == 10


def test_status_says_that_nothing_is_installed(fikad):
    told = fikad("service", "status", "--json", "--for", "systemd")
    assert told.code == 1
    assert told.json["installed"] is False
    assert told.json["running"] is None
    assert "fikad service install" in fikad("service", "status", "--for", "systemd").out


def test_without_systemd_install_says_so_in_one_line(fikad, tmp_path):
    (tmp_path / "empty").mkdir()
    refused = fikad("service", "install", "--for", "systemd", PATH=str(tmp_path / "empty"))
    assert refused.code == 1
    assert refused.err.strip().count("\n") == 0
    assert "systemctl" in refused.err


def test_an_installed_fikad_finds_them_where_the_wheel_put_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "fikad.service").write_text("[Unit]\n")

    class File:
        name = "fikad.service"

        def locate(self) -> Path:
            return tmp_path / "fikad.service"

    monkeypatch.setattr(
        "daemon.service.unit_files.__file__",
        str(tmp_path / "site-packages" / "daemon" / "service" / "units.py"),
    )
    monkeypatch.setattr("importlib.metadata.files", lambda name: [File()])
    assert template("fikad.service") == b"[Unit]\n"
    with pytest.raises(RefusedError, match="install fikad again"):
        template("fikad.plist")
