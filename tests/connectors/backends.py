"""The kinds of calendar that the contract is tested on, each with the hands of another program in
it.

A `Backend` is one account in a place of its own. `put`, `erase` and `look` are another program,
which knows nothing of fikad; `retitle_hold` and `erase_hold` are the user. To add a kind of
calendar, write a `Backend` and enter it in `BACKENDS`, or a `Readable` and enter it in
`READABLE`."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from connectors.base import Account
from tests.connectors import servers
from tests.connectors.google.server import LEAST_SCOPES, SCOPE, GoogleServer, Kept
from tests.connectors.web.feed_server import Publisher, publisher

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Readable(Protocol):
    """One account in a fresh place that is at least read. A *place* is what another program calls
    one calendar of it."""

    memo: dict[str, Any]
    """What the account wanted remembered."""

    def account(self) -> Account:
        """A new process begins: a new object, with what the last one wanted remembered."""
        ...

    def add_calendar(self, name: str) -> str:
        """Another program makes a calendar; its place."""
        ...

    def put(self, place: str, key: str, title: str, *, hour: int = 10) -> None:
        """Another program writes an event of its own, or changes it. `key` becomes its UID and
        name, as it is."""
        ...

    def fill(self, place: str, titles: Mapping[str, str]) -> None:
        """As `put`, for many new events at once (title by key)."""
        ...

    def erase(self, place: str, key: str) -> None: ...


class Backend(Readable, Protocol):
    """One account in a fresh place that is also written to."""

    def add_read_only_calendar(self, name: str) -> str | None:
        """A calendar with one event, `kept`, which fikad may only read. None where there is no such
        thing."""
        ...

    def rename_calendar(self, place: str, name: str) -> None:
        """The user calls a calendar something else."""
        ...

    def remove_calendar(self, place: str) -> None:
        """The user deletes a calendar."""
        ...

    def add_calendar_of_another(self, name: str) -> str | None:
        """A calendar that is somebody else's and shared. None where calendars have no owners."""
        ...

    def spellings_of_me(self) -> tuple[str, ...]:
        """How events may name the account's owner, in the words of an ATTENDEE line."""
        ...

    def contents(self, place: str) -> dict[str, bytes]:
        """Everything in the calendar, holds too, as another program finds it, by name."""
        ...

    def retitle_hold(self, place: str, uid: str, title: str) -> None: ...

    def erase_hold(self, place: str, uid: str) -> None: ...

    def careless_writes(self) -> tuple[int, list[str]]:
        """How many of fikad's writes were seen, and those of them that could have hit what they
        should not."""
        ...


def day_of(uid: str) -> int:
    """The day of December on which the event that another program calls so takes place."""
    return 1 + int(hashlib.sha256(uid.encode()).hexdigest(), 16) % 28


def event_text(uid: str, title: str, hour: int = 10) -> str:
    """An event the way another program writes it: long lines folded its own way, things that fikad
    does not know."""
    day = day_of(uid)
    lines = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//another program//EN",
        "BEGIN:VEVENT",
        f"UID:{uid}",
        "DTSTAMP:20261101T000000Z",
        f"DTSTART:202612{day:02}T{hour:02}0000Z",
        f"DTEND:202612{day:02}T{hour + 1:02}0000Z",
        f"SUMMARY:{title}",
        "X-ANOTHER-PROGRAM;X-MOOD=good:kept as it",
        "  is",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        "DESCRIPTION:soon",
        "TRIGGER:-PT10M",
        "END:VALARM",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    )
    return "\r\n".join(lines)


def retitled(text: str, title: str) -> str:
    """What a calendar app makes of an event whose title the user edits."""
    changed, count = re.subn(r"(?m)^SUMMARY[^\r\n]*(\r?\n[ \t][^\r\n]*)*", f"SUMMARY:{title}", text)
    assert count == 1
    return changed


# --- files ---


@dataclass
class FilesBackend:
    root: Path
    memo: dict[str, Any] = field(default_factory=dict)

    def account(self) -> Account:
        from connectors.files.account import FilesAccount

        return FilesAccount("home", self.root, self.memo)

    def add_calendar(self, name: str) -> str:
        folder = self.root / f"folder-of-{len(list(self.root.iterdir()))}"
        folder.mkdir()
        (folder / "displayname").write_text(name, encoding="utf-8")
        return str(folder)

    def add_read_only_calendar(self, name: str) -> str | None:
        del name
        return None  # a single exported file is one, and has tests of its own

    def add_calendar_of_another(self, name: str) -> str | None:
        del name
        return None

    def spellings_of_me(self) -> tuple[str, ...]:
        return ()

    def rename_calendar(self, place: str, name: str) -> None:
        (Path(place) / "displayname").write_text(name, encoding="utf-8")

    def remove_calendar(self, place: str) -> None:
        shutil.rmtree(place)

    def put(self, place: str, key: str, title: str, *, hour: int = 10) -> None:
        path = Path(place) / f"{key}.ics"
        path.write_text(event_text(key, title, hour), encoding="utf-8", newline="")

    def fill(self, place: str, titles: Mapping[str, str]) -> None:
        for key, title in titles.items():
            self.put(place, key, title)

    def erase(self, place: str, key: str) -> None:
        (Path(place) / f"{key}.ics").unlink()

    def contents(self, place: str) -> dict[str, bytes]:
        return {
            path.name: path.read_bytes()
            for path in Path(place).iterdir()
            if path.name != "displayname"
        }

    def retitle_hold(self, place: str, uid: str, title: str) -> None:
        path = Path(place) / f"{uid}.ics"
        path.write_bytes(retitled(path.read_bytes().decode(), title).encode())

    def erase_hold(self, place: str, uid: str) -> None:
        self.erase(place, uid)

    def careless_writes(self) -> tuple[int, list[str]]:
        return 0, []


@contextmanager
def files(folder: Path) -> Iterator[FilesBackend]:
    root = folder / "calendars"
    root.mkdir()
    yield FilesBackend(root)


# --- CalDAV ---


_OWNER = re.compile(rb"<((?:\w+:)?)owner\s*(?:/>|>.*?</\1owner>)", re.DOTALL)
_KIM = rb"<\1owner><\1href>/kim/</\1href></\1owner>"


@dataclass
class CalDAVBackend:
    server: servers.Server
    wire: servers.Wire
    user: str = "sam"
    memo: dict[str, Any] = field(default_factory=dict)

    def account(self) -> Account:
        from connectors.caldav.account import CalDAVAccount

        auth = self.server.auth(self.user)
        name, password = auth if auth is not None else ("", None)
        return CalDAVAccount("home", self.url, name, password, self.memo)

    @property
    def url(self) -> str:
        """What a config has as the account's address."""
        return self.wire.url

    def add_calendar(self, name: str) -> str:
        digest = hashlib.sha256(name.encode()).hexdigest()[:8]
        return servers.make_calendar(
            f"{self.server.home(self.user)}{digest}/", name, self.server.auth(self.user)
        )

    def add_read_only_calendar(self, name: str) -> str | None:
        if isinstance(self.server, servers.RadicaleServer):
            return self.server.make_read_only_calendar(
                self.user, name, {"kept.ics": event_text("kept", "Kept")}
            )
        place = self.add_calendar(name)
        self.put(place, "kept", "Kept")
        path = urllib.parse.urlsplit(place).path

        def refuse(exchange: servers.Exchange) -> servers.Reply | None:
            """Xandikos has no read-only calendars: what is in front of it may forbid writing."""
            writes = exchange.method in {"PUT", "DELETE"} and exchange.path.startswith(path)
            return (
                servers.Reply(403, {"content-type": "text/plain"}, b"Forbidden") if writes else None
            )

        self.wire.before = refuse
        return place

    def add_calendar_of_another(self, name: str) -> str | None:
        place = self.add_calendar(name)
        path = urllib.parse.urlsplit(place).path.encode()

        def of_kim(exchange: servers.Exchange) -> servers.Reply | None:
            """Neither server shares calendars by itself: what is in front of it says whose this one
            is."""
            reply = exchange.reply
            if exchange.method != "PROPFIND" or reply is None:
                return None
            parts = re.split(rb"(?<=response>)(?=<)", reply.body)
            body = b"".join(
                _OWNER.sub(_KIM, part) if b"href>" + path in part else part for part in parts
            )
            return servers.Reply(reply.status, reply.headers, body)

        self.wire.after = of_kim
        return place

    def spellings_of_me(self) -> tuple[str, ...]:
        principal = f"/{self.user}/"
        return principal, urllib.parse.urljoin(self.wire.url, principal)

    def rename_calendar(self, place: str, name: str) -> None:
        servers.rename_calendar(place, name, self.server.auth(self.user))

    def remove_calendar(self, place: str) -> None:
        servers.delete(place, self.server.auth(self.user))

    def put(self, place: str, key: str, title: str, *, hour: int = 10) -> None:
        servers.put(
            self._url(place, key), event_text(key, title, hour), self.server.auth(self.user)
        )

    def fill(self, place: str, titles: Mapping[str, str]) -> None:
        self.server.fill(
            place, {f"{key}.ics": event_text(key, title) for key, title in titles.items()}
        )

    def erase(self, place: str, key: str) -> None:
        servers.delete(self._url(place, key), self.server.auth(self.user))

    def contents(self, place: str) -> dict[str, bytes]:
        auth = self.server.auth(self.user)
        listing = servers.propfind(place, auth=auth).text
        hrefs = re.findall(r"<(?:\w+:)?href>([^<]*\.ics)</", listing)
        return {href: servers.get(urllib.parse.urljoin(place, href), auth).body for href in hrefs}

    def retitle_hold(self, place: str, uid: str, title: str) -> None:
        url, auth = self._url(place, uid), self.server.auth(self.user)
        servers.put(url, retitled(servers.get(url, auth).text, title), auth)

    def erase_hold(self, place: str, uid: str) -> None:
        self.erase(place, uid)

    def careless_writes(self) -> tuple[int, list[str]]:
        writes = self.wire.writes()
        return len(writes), [f"{w.method} {w.path}" for w in writes if not w.conditional]

    @staticmethod
    def _url(place: str, key: str) -> str:
        return f"{place}{urllib.parse.quote(key, safe='')}.ics"


@contextmanager
def radicale(folder: Path) -> Iterator[CalDAVBackend]:
    del folder
    with servers.radicale() as server, servers.wire(server.url) as wire:
        server.add_user("sam")
        yield CalDAVBackend(server, wire)


@contextmanager
def xandikos(folder: Path) -> Iterator[CalDAVBackend]:
    del folder
    with servers.xandikos("sam") as server, servers.wire(server.url) as wire:
        yield CalDAVBackend(server, wire)


# --- Google ---


@dataclass
class GoogleBackend:
    """The strict server of `google_server`, which notes every unconditional write and every word to
    a guest."""

    server: GoogleServer
    memo: dict[str, Any] = field(default_factory=dict)

    def account(self) -> Account:
        from connectors.google.account import GoogleAccount
        from connectors.google.calls import Patience

        tokens = Kept(self.server.grant([*LEAST_SCOPES, f"{SCOPE}.events"]))
        # the list of calendars is kept for an hour, in which no other program may have made one
        self.memo.pop("calendars", None)
        return GoogleAccount(
            "home",
            Path("client_secret.json"),
            tokens,
            self.server.endpoint,
            self.memo,
            Patience(sleep=lambda seconds: None),
        )

    def add_calendar(self, name: str) -> str:
        return self.server.store.add_calendar(name)

    def add_read_only_calendar(self, name: str) -> str | None:
        place = self.server.store.add_calendar(name)
        self.put(place, "kept", "Kept")
        self.server.store.calendars[place].role = "reader"
        return place

    def add_calendar_of_another(self, name: str) -> str | None:
        return self.server.store.add_calendar(name, id="kim@example.com", role="reader")

    def spellings_of_me(self) -> tuple[str, ...]:
        return (f"MAILTO:{self.server.store.owner.title()}",)

    def rename_calendar(self, place: str, name: str) -> None:
        self.server.store.calendars[place].name = name

    def remove_calendar(self, place: str) -> None:
        del self.server.store.calendars[place]

    def put(self, place: str, key: str, title: str, *, hour: int = 10) -> None:
        fields = {
            "summary": title,
            **{edge: _moment(day_of(key), hour + at) for at, edge in enumerate(("start", "end"))},
        }
        if self._id(key) in self.server.store.calendars[place].events:
            self.server.store.change_event(place, self._id(key), **fields)
        else:
            self.server.store.add_event(place, id=self._id(key), iCalUID=key, **fields)

    def fill(self, place: str, titles: Mapping[str, str]) -> None:
        for key, title in titles.items():
            self.put(place, key, title)

    def erase(self, place: str, key: str) -> None:
        self.server.store.delete_event(place, self._id(key))

    def contents(self, place: str) -> dict[str, bytes]:
        return {
            event["id"]: json.dumps(event).encode()
            for event in self.server.store.live_events(place)
        }

    def retitle_hold(self, place: str, uid: str, title: str) -> None:
        self.server.store.change_event(place, uid.replace("-", ""), summary=title)

    def erase_hold(self, place: str, uid: str) -> None:
        self.server.store.delete_event(place, uid.replace("-", ""))

    def careless_writes(self) -> tuple[int, list[str]]:
        counts = self.server.counts
        return sum(
            counts[f"events.{act}"] for act in ("insert", "patch", "delete")
        ), self.server.violations

    @staticmethod
    def _id(key: str) -> str:
        return hashlib.sha256(key.encode()).hexdigest()


def _moment(day: int, hour: int) -> dict[str, str]:
    return {"dateTime": f"2026-12-{day:02}T{hour:02}:00:00Z"}


@contextmanager
def google(folder: Path) -> Iterator[GoogleBackend]:
    del folder
    with GoogleServer(page_size=100) as server:
        yield GoogleBackend(server)


# --- published ---


@dataclass
class WebBackend:
    """The publisher of one calendar."""

    feed: Publisher
    memo: dict[str, Any] = field(default_factory=dict)

    def account(self) -> Account:
        from connectors.web.account import WebAccount
        from connectors.web.location import location_of

        return WebAccount("home", location_of(self.feed.url), self.memo)

    def add_calendar(self, name: str) -> str:
        self.feed.name = name
        return name

    def put(self, place: str, key: str, title: str, *, hour: int = 10) -> None:
        del place
        self.feed.events[key] = event_text(key, title, hour)

    def fill(self, place: str, titles: Mapping[str, str]) -> None:
        for key, title in titles.items():
            self.put(place, key, title)

    def erase(self, place: str, key: str) -> None:
        del place
        del self.feed.events[key]


@contextmanager
def web(folder: Path) -> Iterator[WebBackend]:
    del folder
    with publisher() as feed:
        yield WebBackend(feed)


BACKENDS: dict[str, Callable[[Path], AbstractContextManager[Backend]]] = {
    "files": files,
    "radicale": radicale,
    "xandikos": xandikos,
    "google": google,
}
READABLE: dict[str, Callable[[Path], AbstractContextManager[Readable]]] = {**BACKENDS, "web": web}
"""Those too that are only read."""
