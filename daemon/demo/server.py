"""A Radicale of its own on loopback, in a folder of its own, with one user and another program's
way in."""

from __future__ import annotations

import base64
import http.client
import importlib.util
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from connectors.errors import FikadError

USER = "sam"
_START_SECONDS = 20.0
_CONFIG = """\
[server]
hosts = 127.0.0.1:{port}
[auth]
type = htpasswd
htpasswd_filename = {folder}/users
htpasswd_encryption = plain
delay = 0
[storage]
filesystem_folder = {folder}/collections
[logging]
level = {log}
"""


class DemoError(FikadError):
    """The demo's server could not be started or does not answer as it should."""


@dataclass(frozen=True, slots=True)
class DemoServer:
    """A running server. Everything here goes over HTTP, as from any other calendar program."""

    process: subprocess.Popen[bytes]
    port: int
    folder: Path
    password: str

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    @property
    def password_file(self) -> Path:
        return self.folder / "password"

    def request(
        self, method: str, path: str, body: str = "", headers: Mapping[str, str] | None = None
    ) -> tuple[int, str]:
        """One request of the demo's user: status and body. Raises DemoError when nobody answers."""
        login = base64.b64encode(f"{USER}:{self.password}".encode()).decode()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            sent = {"Authorization": f"Basic {login}", **(headers or {})}
            connection.request(method, path, body.encode(), sent)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except OSError as error:
            raise DemoError(
                f"the demo's calendar server does not answer ({error})", "run the demo again"
            ) from error
        finally:
            connection.close()

    def make_calendar(self, name: str) -> None:
        """A calendar called `name`, under the same path in lower case."""
        body = (
            '<C:mkcalendar xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><set><prop>'
            f"<displayname>{escape(name)}</displayname></prop></set></C:mkcalendar>"
        )
        self._demand(self.request("MKCALENDAR", f"/{USER}/{name.lower()}/", body))

    def put(self, calendar: str, uid: str, text: str) -> None:
        """Store an event, replacing one of that name."""
        path = f"/{USER}/{calendar.lower()}/{uid}.ics"
        self._demand(
            self.request("PUT", path, text, {"Content-Type": "text/calendar; charset=utf-8"})
        )

    def get(self, calendar: str, uid: str) -> str:
        """An event as the server gives it."""
        answer = self.request("GET", f"/{USER}/{calendar.lower()}/{uid}.ics")
        self._demand(answer)
        return answer[1]

    def delete(self, calendar: str, uid: str) -> None:
        self._demand(self.request("DELETE", f"/{USER}/{calendar.lower()}/{uid}.ics"))

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)

    @staticmethod
    def _demand(answer: tuple[int, str]) -> None:
        if answer[0] >= 300:
            raise DemoError(
                f"the demo's calendar server refused a request ({answer[0]})", "run the demo again"
            )


def start(folder: Path, log: str = "error") -> DemoServer:
    """Start a server whose data lie in `folder`, and wait until it answers; it logs what is of
    level `log` or above to `server.log` there. Raises DemoError."""
    if importlib.util.find_spec("radicale") is None:
        raise DemoError(
            "the demo needs a calendar server", "install it with `pip install 'fikad[demo]'`"
        )
    password = secrets.token_urlsafe(12)
    port = _free_port()
    (folder / "users").write_text(f"{USER}:{password}\n")
    (folder / "config").write_text(_CONFIG.format(port=port, folder=folder, log=log))
    server = DemoServer(_launch(folder), port, folder, password)
    server.password_file.touch(mode=0o600)
    server.password_file.write_text(password + "\n")
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            server.request("GET", "/")
        except DemoError:
            time.sleep(0.05)
        else:
            return server
    server.process.kill()
    raise DemoError(
        "the demo's calendar server did not start", "see whether `python -m radicale` works"
    )


def _launch(folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "radicale", "--config", str(folder / "config")]
    # In a session of its own: with --keep it stays when the terminal goes.
    with (folder / "server.log").open("wb") as log:
        return subprocess.Popen(  # noqa: S603 - our own interpreter
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
