"""`fikad init` unattended, with what a desktop has: a real keyring, and a real service manager."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from daemon.demo.server import DemoServer
from tests.connectors.secret_service import Session, leave_session, secret_service
from tests.daemon.cli.running import Fikad
from tests.daemon.service.user_manager import (
    HOME,
    PYTHON,
    UserManager,
    user_manager,
    why_not,
)
from tests.waiting import until

WANTED = (
    "--username",
    "sam",
    "--me",
    "sam@example.com",
    "--timezone",
    "Europe/Berlin",
    "--contacts",
    "Omar,Priya",
)


# --- a keyring ---


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    """A desktop session with an unlocked GNOME Keyring, which keeps its file in `data`."""
    leave_session(monkeypatch, tmp_path)
    with secret_service(tmp_path) as session:
        session.start_bus()
        session.unlock(b"pw")
        yield session


@pytest.mark.usefixtures("session")
def test_the_password_goes_into_the_keyring_and_a_hold_is_written_with_it(
    tmp_path: Path, own_sam: DemoServer
) -> None:
    fikad = Fikad(tmp_path / "home")

    def set_up() -> bool:
        # The keyring is there a moment after its process is; until then init says so and writes
        # nothing.
        said = (
            "--url",
            own_sam.url,
            *WANTED,
            "--password-stdin",
            "--password-keyring",
            "--no-service",
        )
        ran = fikad("init", *said, stdin=f"{own_sam.password}\n")
        assert ran.code == 0 or (ran.code == 11 and not fikad.config.exists()), ran
        return ran.code == 0

    until(set_up)
    assert "password = {keyring = true}" in fikad.config.read_text().replace("{ ", "{").replace(
        " }", "}"
    )
    [held, *_] = fikad("once", "--json").json["holds"]["proposed"]
    assert "Coffee with" in own_sam.get("fikad", held["uid"])
    check = fikad("check", "--json").json["rows"]
    assert {
        "thing": "secret of home",
        "state": "ok",
        "message": "found (keyring)",
        "next": None,
    } in check
    kept = [file for file in (tmp_path / "home").rglob("*") if file.is_file()]
    kept += [file for file in (tmp_path / "data").rglob("*") if file.is_file()]
    assert any(file.suffix == ".keyring" for file in kept)
    assert not [file for file in kept if own_sam.password.encode() in file.read_bytes()]


# --- a service manager ---


@pytest.mark.skipif(bool(why_not()), reason=why_not() or "never")
def test_from_an_empty_home_to_a_service_that_suggests(tmp_path: Path, own_sam: DemoServer) -> None:
    with user_manager(tmp_path / "log") as sam:
        password = sam.write(HOME / "pw", own_sam.password + "\n", 0o600)
        done = sam.fikad(
            "init", "--url", own_sam.url, *WANTED, "--password-file", str(password), "--service"
        )
        assert done.stderr == ""
        assert "it is running" in done.stdout
        assert sam.show("fikad", "ActiveState") == {"ActiveState": "active"}
        assert "enabled" in sam.systemctl("is-enabled", "fikad")
        until(lambda: status(sam)["healthy"])
        assert {contact["name"] for contact in status(sam)["contacts"]} == {"Omar Haddad", "Priya"}
        # The Python in there must not find the libpython of the machine.
        rows = json.loads(
            sam.fikad("check", "--json", LD_LIBRARY_PATH=str(PYTHON.parents[1] / "lib")).stdout
        )["rows"]
        [service] = [row for row in rows if row["thing"] == "service"]
        assert service["state"] == "ok"
        # It suggests on the day of its plan; `once` does so now, beside it, as soon as it is not
        # reading.
        until(lambda: sam.fikad("once", check=False).returncode == 0)
        listed = own_sam.request("PROPFIND", "/sam/fikad/", headers={"Depth": "1"})[1]
        assert "/sam/fikad/fikad-" in listed


def status(sam: UserManager) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(sam.fikad("status", "--json", check=False).stdout)
    return facts
