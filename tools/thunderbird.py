"""A calendar as Thunderbird shows it, which runs without a window and is told what to do over
Marionette, the protocol by which Mozilla's own tests drive its programs."""

from __future__ import annotations

import base64
import json
import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

_DEADLINE_SECONDS = 300.0
_WIDTH, _HEIGHT = 1240, 800

_PREFERENCES = {
    "calendar.timezone.local": "Europe/Berlin",
    "calendar.timezone.useSystemTimezone": False,
    "calendar.week.start": 1,
    "calendar.view.daystarthour": 8,
    "calendar.view.dayendhour": 17,
    "calendar.view.visiblehours": 9,
    "datareporting.policy.dataSubmissionPolicyBypassNotification": True,
    "intl.date_time.pattern_override.time_short": "HH:mm",
    "mail.provider.suppress_dialog_on_startup": True,
    "mail.rights.override": True,
    "mail.shell.checkDefaultClient": False,
    "mail.spotlight.firstRunDone": True,
}

_SUBSCRIBE = """
const [url, realm, user, password, calendars, done] = arguments;
(async () => {
  const { cal } = ChromeUtils.importESModule("resource:///modules/calendar/calUtils.sys.mjs");
  const login = Cc["@mozilla.org/login-manager/loginInfo;1"].createInstance(Ci.nsILoginInfo);
  login.init(url.replace(/\\/$/, ""), null, realm, user, password, "", "");
  await Services.logins.addLoginAsync(login);
  cal.manager.getCalendars().forEach(home => cal.manager.unregisterCalendar(home));
  for (const [name, color] of calendars) {
    const where = Services.io.newURI(`${url}${user}/${name.toLowerCase()}/`);
    const calendar = cal.manager.createCalendar("caldav", where);
    calendar.name = name;
    calendar.setProperty("color", color);
    calendar.setProperty("username", user);
    calendar.setProperty("cache.enabled", false);
    calendar.setProperty("calendar-main-in-composite", true);
    cal.manager.registerCalendar(calendar);
  }
})().then(() => done(""), error => done(String(error)));
"""
"""Three calendars of one login, with its password, as if they had been added by hand."""

_SHOW_WEEK = """
const [year, month, day] = arguments;
document.getElementById("calendarButton").click();
const view = window.currentView?.();
if (view?.id != "week-view") {
  if (window.switchToView && view) switchToView("week");
  return false;
}
const { cal } = ChromeUtils.importESModule("resource:///modules/calendar/calUtils.sys.mjs");
for (const [pane, command] of [
  ["bottom-events-box", "calendar_show_unifinder_command"],
  ["today-pane-panel", "calendar_toggle_todaypane_command"],
]) {
  const shown = document.getElementById(pane);
  if (shown.checkVisibility() && !shown.collapsed) {
    document.getElementById(command).doCommand();
    return false;
  }
}
if (!view.workdaysOnly) {
  document.getElementById("calendar_toggle_workdays_only_command").doCommand();
  return false;
}
view.goToDay(cal.createDateTime(`${year}${month}${day}T000000Z`));
return true;
"""

_TITLES = """
return [...document.querySelectorAll("calendar-event-box")].map(box => box.textContent);
"""


@dataclass(slots=True)
class Thunderbird:
    """One that runs. Its answers are what the scripts return."""

    _socket: socket.socket
    _number: int = field(default=0)

    def ask(self, command: str, **parameters: Any) -> Any:
        """One command of Marionette. Raises RuntimeError with what went wrong."""
        self._number += 1
        sent = json.dumps([0, self._number, command, parameters]).encode()
        self._socket.sendall(b"%d:%s" % (len(sent), sent))
        _, _, failure, value = self.read()
        if failure:
            raise RuntimeError(f"Thunderbird: {failure['message']}")
        return value.get("value") if isinstance(value, dict) else value

    def read(self) -> Any:
        """The next message: its length, a colon, JSON."""
        length = b""
        while not length.endswith(b":"):
            length += self._received(1)
        return json.loads(self._received(int(length[:-1])))

    def _received(self, wanted: int) -> bytes:
        received = b""
        while len(received) < wanted:
            if not (part := self._socket.recv(wanted - len(received))):
                raise RuntimeError("Thunderbird ended")
            received += part
        return received

    def run(self, script: str, *arguments: Any, waits: bool = False) -> Any:
        """A script in Thunderbird's own window; one that `waits` calls its last argument."""
        return self.ask(
            "WebDriver:ExecuteAsyncScript" if waits else "WebDriver:ExecuteScript",
            script=script,
            args=arguments,
            sandbox="system",
            scriptTimeout=int(_DEADLINE_SECONDS * 1000),
        )

    def picture_of_week(self, day: date, title: str) -> bytes:
        """The week of `day`, as PNG, once an event of that title is to be seen there."""
        # A day that is chosen is coloured: one of the weekend is out of sight.
        sunday = day + timedelta(days=6 - day.weekday())
        _wait_for(lambda: self.run(_SHOW_WEEK, *sunday.isoformat().split("-")), "show a week")
        _wait_for(lambda: any(title in box for box in self.run(_TITLES)), f"show {title!r}")
        png: str = self.ask("WebDriver:TakeScreenshot", full=True, hash=False)
        return base64.b64decode(png)

    def subscribe(
        self, url: str, realm: str, login: tuple[str, str], calendars: Sequence[tuple[str, str]]
    ) -> None:
        """Show these calendars, each a name and a colour, of a CalDAV server."""
        if failure := self.run(_SUBSCRIBE, url, realm, *login, calendars, waits=True):
            raise RuntimeError(f"Thunderbird: {failure}")


@contextmanager
def thunderbird(folder: Path) -> Iterator[Thunderbird]:
    """One with an empty profile in `folder`, until it is no longer needed."""
    port = _free_port()
    lines = {**_PREFERENCES, "marionette.port": port}.items()
    (folder / "user.js").write_text(
        "".join(f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in lines)
    )
    window = {"MOZ_HEADLESS_WIDTH": str(_WIDTH), "MOZ_HEADLESS_HEIGHT": str(_HEIGHT)}
    arguments = ("--headless", "--marionette", "--remote-allow-system-access", "--no-remote")
    with (folder / "log").open("w") as log:
        program = subprocess.Popen(
            ["thunderbird", *arguments, "--profile", str(folder)],
            env={**os.environ, **window, "HOME": str(folder), "LANG": "C.UTF-8"},
            stdout=log,
            stderr=log,
        )
    try:
        with _connected(port) as connection:
            running = Thunderbird(connection)
            running.read()
            running.ask("WebDriver:NewSession")
            running.ask("Marionette:SetContext", value="chrome")
            yield running
    finally:
        program.terminate()
        program.wait(60)


def _connected(port: int) -> socket.socket:
    deadline = time.monotonic() + _DEADLINE_SECONDS
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), _DEADLINE_SECONDS)
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(seen: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + _DEADLINE_SECONDS
    while not seen():
        if time.monotonic() > deadline:
            raise RuntimeError(f"Thunderbird did not {what}")
        time.sleep(0.5)
