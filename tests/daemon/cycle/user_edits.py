"""The user's hands in a calendar: programs that people really use, each with its own way of saving
an event.

`change` does one thing to a hold as the user of that program would: `title`, `drag` (hours),
`note`, `place`, `alarm` (minutes before), `guest` (an address), `status`, `busy`, `save` (nothing
is changed). What a program cannot do is not in its `can`."""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from connectors.ical.hold_text import hold_event
from tests.connectors import backends, servers
from tests.connectors.backends import Backend, CalDAVBackend, GoogleBackend
from tests.daemon.world import BERLIN, dragged, rewritten
from tests.waiting import SECONDS

CHECKOUT = Path(__file__).parents[3]
EVERYTHING = frozenset(
    {"title", "drag", "note", "place", "alarm", "guest", "status", "busy", "save", "delete"}
)


class Hands(Protocol):
    """A program in the user's hands, opened on one calendar."""

    can: frozenset[str]

    def change(self, uid: str, what: str, value: str) -> None: ...

    def delete(self, uid: str) -> None: ...

    def begin(self) -> None:
        """The program takes in what is there."""

    def finish(self) -> None:
        """What was done reaches the calendar."""


class _AtOnce:
    """What is done is done at once."""

    can = EVERYTHING

    def begin(self) -> None:
        """Nothing to do."""

    def finish(self) -> None:
        """Nothing to do."""


def changed(text: str, what: str, value: str) -> str:
    """The text of an event as a calendar app saves it after a change."""
    match what:
        case "save":
            return rewritten(text)
        case "title":
            return rewritten(text, SUMMARY=value)
        case "drag":
            return dragged(text, timedelta(hours=int(value)))
        case "note":
            return rewritten(text, DESCRIPTION=value)
        case "place":
            return rewritten(text, LOCATION=value)
        case "alarm":
            alarm = (
                "BEGIN:VALARM",
                "ACTION:DISPLAY",
                "DESCRIPTION:Reminder",
                f"TRIGGER:-PT{value}M",
                "END:VALARM",
            )
            return rewritten(text, *alarm)
        case "guest":
            people = (
                "ORGANIZER:mailto:sam@example.com",
                f"ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:{value}",
            )
            return rewritten(text, *people)
        case "status":
            return rewritten(text, STATUS=value)
        case "busy":
            return rewritten(text, TRANSP="OPAQUE")
    raise ValueError(what)


@dataclass
class Http(_AtOnce):
    """An app that speaks HTTP itself."""

    place: str
    auth: servers.Credentials

    def change(self, uid: str, what: str, value: str) -> None:
        url = f"{self.place}{uid}.ics"
        reply = servers.get(url, self.auth)
        servers.put(url, changed(reply.text, what, value), self.auth, If_Match=str(reply.etag))

    def delete(self, uid: str) -> None:
        servers.delete(f"{self.place}{uid}.ics", self.auth)


@dataclass
class Library(_AtOnce):
    """The `caldav` library, with `icalendar` below it."""

    place: str
    auth: servers.Credentials

    def _event(self, uid: str) -> Any:
        import caldav

        name, password = self.auth or (None, None)
        client = caldav.DAVClient(
            url=self.place, username=name, password=password, timeout=int(SECONDS)
        )
        return client.calendar(url=self.place).event_by_url(f"{self.place}{uid}.ics")

    def change(self, uid: str, what: str, value: str) -> None:
        event = self._event(uid)
        _edit(event.icalendar_component, what, value)
        event.save()

    def delete(self, uid: str) -> None:
        self._event(uid).delete()


def _edit(component: Any, what: str, value: str) -> None:
    import icalendar

    simple = {
        "title": "SUMMARY",
        "note": "DESCRIPTION",
        "place": "LOCATION",
        "status": "STATUS",
        "busy": "TRANSP",
    }
    if what in simple:
        component.pop(simple[what], None)
        component.add(simple[what], value or "OPAQUE")
    elif what == "drag":
        for name in ("DTSTART", "DTEND"):
            moved = component.decoded(name).astimezone(BERLIN) + timedelta(hours=int(value))
            component.pop(name)
            component.add(name, moved)
    elif what == "alarm":
        alarm = icalendar.Alarm()
        alarm.add("ACTION", "AUDIO")
        alarm.add("TRIGGER", timedelta(minutes=-int(value)))
        component.add_component(alarm)
    elif what == "guest":
        component.add("ATTENDEE", icalendar.vCalAddress(f"mailto:{value}"))


@dataclass
class Editor(_AtOnce):
    """A program on a folder of files, which writes a new file and renames it over the old one."""

    folder: Path

    def change(self, uid: str, what: str, value: str) -> None:
        path = self.folder / f"{uid}.ics"
        saved = path.with_suffix(".new")
        saved.write_text(
            changed(path.read_bytes().decode(), what, value), encoding="utf-8", newline=""
        )
        saved.replace(path)

    def delete(self, uid: str) -> None:
        (self.folder / f"{uid}.ics").unlink()


@dataclass
class Khal(_AtOnce):
    """khal, typed at, on a folder of files. It knows nothing of guests, status, and free or
    busy."""

    folder: Path
    scratch: Path
    can = EVERYTHING - {"guest", "status", "busy"}

    def begin(self) -> None:
        (self.scratch / "khal.conf").write_text(
            f"[calendars]\n[[coffee]]\npath = {self.folder}\n"
            "[locale]\ntimeformat = %H:%M\ndateformat = %Y-%m-%d\nlongdateformat = %Y-%m-%d\n"
            "datetimeformat = %Y-%m-%d %H:%M\nlongdatetimeformat = %Y-%m-%d %H:%M\n"
            "local_timezone = Europe/Berlin\ndefault_timezone = Europe/Berlin\n"
            f"[sqlite]\npath = {self.scratch / 'khal.db'}\n",
            encoding="utf-8",
        )

    def change(self, uid: str, what: str, value: str) -> None:
        key = {"title": "s", "save": "s", "note": "d", "place": "l", "alarm": "a", "drag": "t"}[
            what
        ]
        if what == "save":
            value = self._title(uid)
        elif what == "drag":
            event = hold_event((self.folder / f"{uid}.ics").read_bytes().decode())
            assert event is not None
            times = [
                (edge + timedelta(hours=int(value))).astimezone(BERLIN)
                for edge in (event.start, event.end)
            ]
            value = " ".join(f"{time:%Y-%m-%d %H:%M}" for time in times)
        elif what == "alarm":
            value += "m"
        self._type(uid, f"{key}\n{value}\nn\n")

    def delete(self, uid: str) -> None:
        self._type(uid, "D\ny\n")
        assert not (self.folder / f"{uid}.ics").exists()

    def _type(self, uid: str, keys: str) -> None:
        run_khal(
            ["-c", "khal.conf", "edit", "--show-past", self._title(uid).rstrip("?")],
            self.scratch,
            keys,
        )

    def _title(self, uid: str) -> str:
        event = hold_event((self.folder / f"{uid}.ics").read_bytes().decode())
        assert event is not None
        return event.title


@dataclass
class KhalSynced(Khal):
    """khal on a folder that vdirsyncer keeps in step with a server."""

    place: str = ""
    auth: servers.Credentials = None

    def begin(self) -> None:
        super().begin()
        name, password = self.auth or ("", "")
        login = f'username = "{name}"\npassword = "{password}"\n' if self.auth else ""
        (self.scratch / "vdirsyncer.conf").write_text(
            f'[general]\nstatus_path = "{self.scratch / "status"}"\n'
            '[pair coffee]\na = "local"\nb = "remote"\ncollections = null\n'
            f'[storage local]\ntype = "filesystem"\npath = "{self.folder}"\nfileext = ".ics"\n'
            f'[storage remote]\ntype = "caldav"\nurl = "{self.place}"\n{login}',
            encoding="utf-8",
        )
        run(["vdirsyncer", "-c", "vdirsyncer.conf", "discover"], self.scratch)
        self.finish()

    def finish(self) -> None:
        run(["vdirsyncer", "-c", "vdirsyncer.conf", "sync"], self.scratch)


def environment(folder: Path) -> dict[str, str]:
    """Nothing of the user's."""
    return {"HOME": str(folder), "LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"]}


@cache
def _khal_runner() -> subprocess.Popen[str]:
    runner = subprocess.Popen(
        [sys.executable, "-m", "tests.daemon.cycle.khal_runner"],
        cwd=CHECKOUT,
        env=environment(Path("/nowhere")),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert runner.stdin is not None
    atexit.register(runner.stdin.close)
    return runner


def run_khal(arguments: list[str], folder: Path, keys: str) -> None:
    """Run khal, with these keys typed."""
    runner = _khal_runner()
    assert runner.stdin is not None
    assert runner.stdout is not None
    (folder / "keys").write_text(keys, encoding="utf-8")
    request = {
        "arguments": arguments,
        "folder": str(folder),
        "environment": environment(folder),
    }
    runner.stdin.write(json.dumps(request) + "\n")
    runner.stdin.flush()
    code = runner.stdout.readline().strip()
    assert code == "0", (code, (folder / "shown").read_text(encoding="utf-8"))


def run(command: list[str], folder: Path) -> None:
    """Run a program of this environment, with nothing of the user's around it."""
    program = Path(sys.executable).with_name(command[0])
    done = subprocess.run(
        [program, *command[1:]],
        cwd=folder,
        env=environment(folder),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=SECONDS,
    )
    assert done.returncode == 0, (done.stdout.decode(), done.stderr.decode())


@dataclass
class GoogleApp(_AtOnce):
    """Google's own app."""

    backend: GoogleBackend
    place: str

    def change(self, uid: str, what: str, value: str) -> None:
        store = self.backend.server.store
        fields: dict[str, Any]
        match what:
            case "save":
                fields = {}
            case "title":
                fields = {"summary": value}
            case "drag":
                before = store.event(self.place, uid)
                fields = {edge: _moved(before[edge], int(value)) for edge in ("start", "end")}
            case "note":
                fields = {"description": f"<p>{value}</p>"}
            case "place":
                fields = {"location": value}
            case "alarm":
                reminder = {"method": "popup", "minutes": int(value)}
                fields = {"reminders": {"useDefault": False, "overrides": [reminder]}}
            case "guest":
                me = {
                    "email": "sam@example.com",
                    "self": True,
                    "organizer": True,
                    "responseStatus": "accepted",
                }
                fields = {"attendees": [me, {"email": value, "responseStatus": "needsAction"}]}
            case "status":
                fields = {"status": value.lower()}
            case _:
                fields = {"transparency": None}
        store.change_event(self.place, uid, **fields, sequence=1)

    def delete(self, uid: str) -> None:
        self.backend.server.store.delete_event(self.place, uid)


def _moved(value: dict[str, str], hours: int) -> dict[str, str]:
    moved = datetime.fromisoformat(value["dateTime"]).astimezone(UTC) + timedelta(hours=hours)
    return {"dateTime": moved.astimezone(BERLIN).isoformat(), "timeZone": "Europe/Berlin"}


# --- which hands in which calendar ---

Opened = Callable[[Backend, str, Path], Hands]


def _http(backend: Backend, place: str, scratch: Path) -> Hands:
    del scratch
    assert isinstance(backend, CalDAVBackend)
    return Http(place, backend.server.auth(backend.user))


def _library(backend: Backend, place: str, scratch: Path) -> Hands:
    del scratch
    assert isinstance(backend, CalDAVBackend)
    return Library(place, backend.server.auth(backend.user))


def _synced(backend: Backend, place: str, scratch: Path) -> Hands:
    assert isinstance(backend, CalDAVBackend)
    folder = scratch / "coffee"
    folder.mkdir()
    return KhalSynced(folder, scratch, place=place, auth=backend.server.auth(backend.user))


def _editor(backend: Backend, place: str, scratch: Path) -> Hands:
    del backend, scratch
    return Editor(Path(place))


def _khal(backend: Backend, place: str, scratch: Path) -> Hands:
    del backend
    return Khal(Path(place), scratch)


def _google(backend: Backend, place: str, scratch: Path) -> Hands:
    del scratch
    assert isinstance(backend, GoogleBackend)
    return GoogleApp(backend, place)


HANDS: dict[str, tuple[Callable[[Path], AbstractContextManager[Backend]], Opened]] = {
    "radicale-http": (backends.radicale, _http),
    "radicale-caldav": (backends.radicale, _library),
    "radicale-khal": (backends.radicale, _synced),
    "xandikos-http": (backends.xandikos, _http),
    "xandikos-caldav": (backends.xandikos, _library),
    "xandikos-khal": (backends.xandikos, _synced),
    "files-editor": (backends.files, _editor),
    "files-khal": (backends.files, _khal),
    "google-app": (backends.google, _google),
}


@contextmanager
def opened(name: str, folder: Path, calendar: str) -> Iterator[tuple[Backend, str, Hands]]:
    """An account in a fresh place, a calendar in it, and the user's hands in that."""
    backend_of, hands_of = HANDS[name]
    scratch = folder / "scratch"
    scratch.mkdir(parents=True)
    with backend_of(folder) as backend:
        place = backend.add_calendar(calendar)
        yield backend, place, hands_of(backend, place, scratch)
