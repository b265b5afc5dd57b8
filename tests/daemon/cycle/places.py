"""Where a life can be put back to how it was: Radicale, Xandikos, a folder of files, the strict
Google.

A `Place` is one account with an address book beside it. What stands in it can be kept and put back,
so that what follows can be lived through again and again, another way each time."""

from __future__ import annotations

import copy
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from tests.connectors import book_backends, servers
from tests.connectors.backends import GoogleBackend
from tests.connectors.book_backends import Person
from tests.connectors.google.server import CONTACTS_SCOPE, LEAST_SCOPES, GoogleServer, Kept
from tests.daemon.cycle.user_edits import Editor, GoogleApp, Hands, Http
from tests.daemon.world import ME, event

HOLDS = "Fikad"
"""What fikad calls the calendar that it makes."""
_NOT_KEPT = ("violations", "add_calendar")
_VOLATILE = ("etag", "updated", "created", "sequence")


class Place(Protocol):
    """One account, an address book, and the programs of their owner."""

    def tables(self, folder: Path) -> str:
        """The account and the address book as the config names them; secrets go into `folder`."""
        ...

    def keep(self) -> Any:
        """All that stands there now, to be put back."""
        ...

    def put_back(self, kept: Any) -> None: ...

    def contents(self) -> dict[str, Any]:
        """All events, by calendar and name, without what is new at every writing."""
        ...

    def hands(self) -> Hands:
        """The user's program, opened on the hold calendar."""
        ...

    def put(self, key: str, title: str, start: datetime, minutes: int, *guests: str) -> None:
        """Another program writes an event into the user's own calendar; `guests` said yes."""
        ...

    def erase(self, key: str) -> None: ...

    def put_card(self, person: Person) -> None: ...

    def erase_card(self, key: str) -> None: ...

    def rename_holds(self, name: str) -> None:
        """The user calls the hold calendar something else."""
        ...

    def make_holds(self) -> None:
        """The user makes the hold calendar, empty."""
        ...

    def is_write(self, step: str) -> bool:
        """Whether a step of a fikad changed something in a calendar."""
        ...


def invitation(guests: tuple[str, ...]) -> list[str]:
    """The lines of an event to which all said yes."""
    if not guests:
        return []
    said_yes = (f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{guest}" for guest in (ME, *guests))
    return [f"ORGANIZER:mailto:{ME}", *said_yes]


def is_sent(step: str) -> bool:
    """Whether a step is a request that writes."""
    how, _, rest = step.partition(" ")
    method, _, address = rest.partition(" ")
    asks = "/token" in address or "freeBusy" in address
    return how == "sent" and method not in ("GET", "PROPFIND", "REPORT", "OPTIONS") and not asks


# --- CalDAV ---


def caldav_account(folder: Path, url: str) -> str:
    """The config's table of an account at `url`, its password in a file of the folder."""
    password = folder / "password"
    password.write_text("any")
    password.chmod(0o600)
    account = f'[accounts.home]\ntype = "caldav"\nurl = "{url}"\nusername = "sam"\n'
    return account + f'password = {{ file = "{password}" }}\n'


S = TypeVar("S", bound=servers.Server)


@dataclass
class _OnDisk(Generic[S]):
    """A server that keeps all it has in a folder."""

    server: S
    kept_in: Path
    number: int = 0
    holds: str = HOLDS
    """What the hold calendar is called."""

    def __post_init__(self) -> None:
        auth = self.server.auth("sam")
        self._own = servers.make_calendar(f"{self.server.home('sam')}own/", "Personal", auth)

    @property
    def _root(self) -> Path:
        """Of everything that is stored."""
        raise NotImplementedError

    def _collections(self) -> Iterator[tuple[str, Path]]:
        """What each is called, and its folder."""
        raise NotImplementedError

    def tables(self, folder: Path) -> str:
        return caldav_account(folder, self.server.url)

    def keep(self) -> Path:
        self.number += 1
        kept = self.kept_in / str(self.number)
        shutil.copytree(self._root, kept)
        return kept

    def put_back(self, kept: Path) -> None:
        shutil.rmtree(self._root)
        shutil.copytree(kept, self._root)

    def contents(self) -> dict[str, Any]:
        return {
            f"{folder.name}/{path.name}": path.read_text()
            for _, folder in self._collections()
            for path in folder.glob("*.ics")
        } | {"calendars": sorted(name for name, _ in self._collections())}

    def _holds(self) -> str:
        [place] = [folder.name for name, folder in self._collections() if name == self.holds]
        return f"{self.server.home('sam')}{place}/"

    def hands(self) -> Hands:
        return Http(self._holds(), self.server.auth("sam"))

    def put(self, key: str, title: str, start: datetime, minutes: int, *guests: str) -> None:
        text = event(key, title, start, *invitation(guests), minutes=minutes)
        servers.put(f"{self._own}{key}.ics", text, self.server.auth("sam"))

    def erase(self, key: str) -> None:
        servers.delete(f"{self._own}{key}.ics", self.server.auth("sam"))

    def put_card(self, person: Person) -> None: ...

    def erase_card(self, key: str) -> None: ...

    def rename_holds(self, name: str) -> None:
        servers.rename_calendar(self._holds(), name, self.server.auth("sam"))
        self.holds = name

    def make_holds(self) -> None:
        url = f"{self.server.home('sam')}holds/"
        servers.make_calendar(url, self.holds, self.server.auth("sam"))

    def is_write(self, step: str) -> bool:
        return is_sent(step)


class RadicalePlace(_OnDisk[servers.RadicaleServer]):
    def __post_init__(self) -> None:
        super().__post_init__()
        people = f"{self.server.home('sam')}people/"
        self._cards = servers.make_address_book(people, "People", self.server.auth("sam"))

    @property
    def _root(self) -> Path:
        return self.server.folder / "collections"

    def _collections(self) -> Iterator[tuple[str, Path]]:
        for props in self._root.glob("collection-root/sam/*/.Radicale.props"):
            yield json.loads(props.read_text()).get("D:displayname", ""), props.parent

    def tables(self, folder: Path) -> str:
        book = '[addressbooks.people]\ntype = "carddav"\naccount = "home"\n'
        return super().tables(folder) + book

    def put_card(self, person: Person) -> None:
        self._books().put(self._cards, person)

    def erase_card(self, key: str) -> None:
        self._books().erase(self._cards, key)

    def _books(self) -> book_backends.CardDAVBackend:
        nobody: Any = None
        return book_backends.CardDAVBackend(self.server, nobody, self.server.home("sam"))


@contextmanager
def radicale(folder: Path) -> Iterator[RadicalePlace]:
    with servers.radicale() as server:
        server.add_user("sam")
        yield RadicalePlace(server, folder)


class XandikosPlace(_OnDisk[servers.XandikosServer]):
    """Without an address book."""

    @property
    def _root(self) -> Path:
        return self.server.folder / "sam"

    def _collections(self) -> Iterator[tuple[str, Path]]:
        for folder in (self._root / "calendars").glob("[!.]*"):
            yield self.server.backend._open_store(str(folder)).get_displayname(), folder

    def put_back(self, kept: Path) -> None:
        super().put_back(kept)
        self.server.backend._open_store.cache_clear()


@contextmanager
def xandikos(folder: Path) -> Iterator[XandikosPlace]:
    with servers.xandikos("sam") as server:
        yield XandikosPlace(server, folder)


# --- files ---


@dataclass
class FilesPlace:
    root: Path

    def __post_init__(self) -> None:
        self._own, self._cards = self.root / "calendars" / "own", self.root / "cards"
        self._own.mkdir(parents=True)
        self._cards.mkdir()
        (self._own / "displayname").write_text("Personal")

    def tables(self, folder: Path) -> str:
        del folder
        return (
            f'[accounts.home]\ntype = "files"\npath = "{self.root / "calendars"}"\n'
            f'[addressbooks.people]\ntype = "files"\npath = "{self._cards}"\n'
        )

    def keep(self) -> dict[Path, bytes | None]:
        """None is a folder."""
        return {
            path.relative_to(self.root): None if path.is_dir() else path.read_bytes()
            for path in sorted(self.root.rglob("*"))
        }

    def put_back(self, kept: dict[Path, bytes | None]) -> None:
        """What is as it was is left alone: a file that is written anew is another one to fikad."""
        now = self.keep()
        for path in sorted(now.keys() - kept.keys(), reverse=True):
            (self.root / path).rmdir() if now[path] is None else (self.root / path).unlink()
        for path, content in kept.items():
            if content is None:
                (self.root / path).mkdir(exist_ok=True)
            elif now.get(path) != content:
                (self.root / path).write_bytes(content)

    def contents(self) -> dict[str, Any]:
        folders = [path for path in (self.root / "calendars").iterdir() if path.is_dir()]
        events = [path for folder in folders for path in folder.glob("*.ics")]
        named = [(folder / "displayname", folder.name) for folder in folders]
        return {str(path.relative_to(self.root)): path.read_text() for path in events} | {
            "calendars": sorted(path.read_text() if path.exists() else name for path, name in named)
        }

    def hands(self) -> Hands:
        return Editor(self.root / "calendars" / HOLDS)

    def put(self, key: str, title: str, start: datetime, minutes: int, *guests: str) -> None:
        text = event(key, title, start, *invitation(guests), minutes=minutes)
        (self._own / f"{key}.ics").write_text(text, newline="")

    def erase(self, key: str) -> None:
        (self._own / f"{key}.ics").unlink()

    def put_card(self, person: Person) -> None:
        (self._cards / f"{person.key}.vcf").write_text(book_backends.card_text(person), newline="")

    def erase_card(self, key: str) -> None:
        (self._cards / f"{key}.vcf").unlink()

    def rename_holds(self, name: str) -> None:
        (self.root / "calendars" / HOLDS / "displayname").write_text(name)

    def make_holds(self) -> None:
        (self.root / "calendars" / HOLDS).mkdir()

    def is_write(self, step: str) -> bool:
        return f"{self.root}{os.sep}" in step


@contextmanager
def files(folder: Path) -> Iterator[FilesPlace]:
    yield FilesPlace(folder / "kept")


# --- Google ---


@dataclass
class GooglePlace:
    server: GoogleServer
    holds: str = HOLDS
    cards: book_backends.GoogleBackend = field(init=False)

    def __post_init__(self) -> None:
        self.cards = book_backends.GoogleBackend(self.server, Kept(None))
        store, add = self.server.store, self.server.store.add_calendar

        def numbered(name: str, id: str | None = None, **fields: Any) -> str:
            """Google's ids are drawn; these are the same at every repetition."""
            number = len(store.calendars)
            return add(name, id or f"c_{number:032x}@group.calendar.google.com", **fields)

        store.add_calendar = numbered  # type: ignore[method-assign]

    @property
    def _own(self) -> str:
        return self.server.store.owner

    def tables(self, folder: Path) -> str:
        client, token = self.server.write_client(folder), folder / "token.json"
        token.touch(mode=0o600)
        token.write_text(json.dumps(self.server.grant([*LEAST_SCOPES, CONTACTS_SCOPE])))
        return (
            f'[accounts.home]\ntype = "google"\nclient_secrets = "{client}"\n'
            f'endpoint = "{self.server.address}"\ntoken = {{ file = "{token}" }}\n'
            '[addressbooks.people]\ntype = "google"\naccount = "home"\n'
        )

    def keep(self) -> Any:
        with self.server.lock:
            return [
                copy.deepcopy({k: v for k, v in vars(each).items() if k not in _NOT_KEPT})
                for each in (self.server.store, self.server.people)
            ]

    def put_back(self, kept: Any) -> None:
        with self.server.lock:
            for each, state in zip((self.server.store, self.server.people), kept, strict=True):
                vars(each).update(copy.deepcopy(state))

    def contents(self) -> dict[str, Any]:
        with self.server.lock:
            stored = list(self.server.store.calendars.values())
            return {
                f"{calendar.id}/{id}": {k: v for k, v in each.items() if k not in _VOLATILE}
                for calendar in stored
                for id, each in copy.deepcopy(calendar.events).items()
            } | {"calendars": sorted(calendar.name for calendar in stored)}

    def _holds(self) -> str:
        [place] = [
            calendar.id
            for calendar in self.server.store.calendars.values()
            if calendar.name == self.holds
        ]
        return place

    def hands(self) -> Hands:
        return GoogleApp(GoogleBackend(self.server), self._holds())

    def put(self, key: str, title: str, start: datetime, minutes: int, *guests: str) -> None:
        me = {"email": ME, "self": True, "organizer": True, "responseStatus": "accepted"}
        others = [{"email": guest, "responseStatus": "accepted"} for guest in guests]
        fields: dict[str, Any] = {
            "summary": title,
            "start": {"dateTime": start.isoformat()},
            "end": {"dateTime": (start + timedelta(minutes=minutes)).isoformat()},
            **({"attendees": [me, *others]} if others else {}),
        }
        id = key.encode().hex()
        if id in self.server.store.calendars[self._own].events:
            self.server.store.change_event(self._own, id, **fields)
        else:
            self.server.store.add_event(self._own, id=id, iCalUID=key, **fields)

    def erase(self, key: str) -> None:
        self.server.store.delete_event(self._own, key.encode().hex())

    def put_card(self, person: Person) -> None:
        self.cards.put("people/me", person)

    def erase_card(self, key: str) -> None:
        self.cards.erase("people/me", key)

    def rename_holds(self, name: str) -> None:
        self.server.store.calendars[self._holds()].name = name
        self.holds = name

    def make_holds(self) -> None:
        self.server.store.add_calendar(self.holds, created_by_app=True)

    def is_write(self, step: str) -> bool:
        return is_sent(step)


@contextmanager
def google(folder: Path) -> Iterator[GooglePlace]:
    del folder
    with GoogleServer(page_size=100) as server:
        yield GooglePlace(server)


PLACES: dict[str, Callable[[Path], AbstractContextManager[Place]]] = {
    "files": files,
    "radicale": radicale,
    "google": google,
}
"""Where a month is lived."""
