"""fikad as it is used: a process for each pass (`fikad once`), or one that stays and polls
(`bench.resident`)."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bench.calendars import ME, people
from bench.measured import Cost, run
from bench.server import Server
from daemon.demo.server import USER

_CONFIG = """\
timezone = "Europe/Berlin"
me = ["{me}"]
[accounts.home]
type = "caldav"
url = "{url}"
username = "{user}"
password = {{ file = "{folder}/password" }}
[availability]
monday = ["09:00-18:00"]
tuesday = ["09:00-18:00"]
wednesday = ["09:00-18:00"]
thursday = ["09:00-18:00"]
friday = ["09:00-18:00"]
[circles.friends]
cadence = "3 months"
"""
_CONTACT = '[[contacts]]\nname = "{name}"\nemails = ["{email}"]\ncircle = "friends"\n'
ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Resident:
    """What a process that stays pays for each thing it does, in seconds of processor time
    (medians)."""

    poll: float
    """A pass that finds nothing new."""
    requests: int
    """Of one such pass."""
    judging: float
    """Everybody's standing from the whole history: part of each pass."""
    planning: float
    """Open slots and who gets them."""
    peak_bytes: int


class Ours:
    """fikad set up for one server, in an empty folder."""

    def __init__(self, folder: Path, server: Server, contacts: int, checkout: Path = ROOT) -> None:
        self._folder = folder
        self._server = server
        self._environment = {"HOME": str(folder), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
        self._environment["PYTHONPATH"] = str(checkout)
        password = folder / "password"
        password.touch(mode=0o600)
        password.write_text(server.password + "\n")
        self.set_contacts(contacts)

    def set_contacts(self, count: int) -> None:
        """From now on with so many contacts."""
        config = _CONFIG.format(me=ME, url=self._server.url, user=USER, folder=self._folder)
        contacts = (
            _CONTACT.format(name=person.name, email=person.email) for person in people(count)
        )
        (self._folder / "config.toml").write_text(config + "".join(contacts))

    def pass_once(self) -> Cost:
        """A process that reads and settles, as `fikad once --no-plan` does, from its start to its
        end."""
        before = self._server.requests()
        cost = self._run("daemon", "once", "--no-plan", "--json")
        return replace(cost, requests=self._server.requests() - before)

    def status(self) -> Cost:
        """`fikad status`, which asks nobody."""
        return self._run("daemon", "status", "--json")

    def why(self) -> Cost:
        """`fikad why` of the first contact."""
        return self._run("daemon", "why", people(1)[0].name, "--json")

    def resident(self, polls: int) -> Resident:
        """A process that stays and polls so often."""
        before = self._server.requests()
        cost = self._run("bench.resident", str(polls))
        facts = json.loads(cost.output)
        sent = self._server.requests() - before
        if sent != facts["requests"] * facts["passes"]:
            raise RuntimeError(
                f"the server saw {sent} requests in {facts['passes']} passes, not "
                f"{facts['requests']} each"
            )
        return Resident(
            facts["poll"], facts["requests"], facts["judging"], facts["planning"], cost.peak_bytes
        )

    def forget(self) -> None:
        """Drop the ledger, so that the next pass is a first one."""
        for file in (self._folder / "state").glob("ledger.db*"):
            file.unlink()

    def _run(self, module: str, *arguments: str) -> Cost:
        places = [
            "--config",
            str(self._folder / "config.toml"),
            "--state",
            str(self._folder / "state"),
        ]
        return run(
            [sys.executable, "-P", "-m", module, *places, *arguments],
            self._environment,
            self._folder,
        )


def changed(cost: Cost) -> int:
    """How many events a pass brought, by its own word; raises RuntimeError unless the account was
    read well."""
    facts: dict[str, Any] = json.loads(cost.output)
    account = facts["accounts"][0]
    if account["state"] != "ok" or facts["problems"]:
        raise RuntimeError(
            f"the pass did not go well: {account['message']} {facts['problems'][:3]}"
        )
    count: int = account["changed"]
    return count
