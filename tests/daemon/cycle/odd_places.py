"""CalDAV servers that take a second copy of a hold in other ways than the usual ones, with one
calendar in memory.

Asked to make something under a name, or of a UID, that is there already, the usual ones say 412 or
409. These do not."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from tests.connectors.book_backends import Person
from tests.connectors.caldav.hostile_server import CALENDAR, Asked, Hostile, Said, hostile
from tests.daemon.cycle.places import caldav_account, invitation, is_sent
from tests.daemon.cycle.user_edits import Hands, Http
from tests.daemon.world import event, lines_of

_CONFLICT = (
    '<error xmlns="DAV:"><C:no-uid-conflict xmlns:C="urn:ietf:params:xml:ns:caldav"/></error>'
)
_KEPT = ("objects", "changes", "revisions", "times")


def _uid(text: str) -> str:
    return next(line for line in lines_of(text) if line.startswith("UID:"))


def _new(asked: Asked) -> bool:
    return asked.method == "PUT" and asked.headers.get("if-none-match") == "*"


def _is_there(server: Hostile, asked: Asked) -> bool:
    return any(_uid(text) == _uid(asked.body) for text in server.objects.values())


def refuses(server: Hostile, asked: Asked) -> Said | None:
    """403, as RFC 4791 has it (Cyrus)."""
    return Said(403, _CONFLICT) if _new(asked) and _is_there(server, asked) else None


def accepts(server: Hostile, asked: Asked) -> Said | None:
    """201, and a second copy stands there under a name of its own."""
    if not _new(asked) or not _is_there(server, asked):
        return None
    server.store(f"copy-{len(server.objects)}.ics", asked.body)
    return Said(201)


def names(server: Hostile, asked: Asked) -> Said | None:
    """201, under a name that the server gives; a second copy is refused."""
    if not _new(asked):
        return None
    if _is_there(server, asked):
        return Said(403, _CONFLICT)
    own = hashlib.sha256(asked.path.encode()).hexdigest()[:12]
    server.store(f"{own}.ics", asked.body)
    return Said(201, headers={"Location": f"{CALENDAR}{own}.ics"})


@dataclass
class OddPlace:
    """`tests.daemon.cycle.places.Place`, without an address book and with one calendar for all."""

    server: Hostile

    def tables(self, folder: Path) -> str:
        return caldav_account(folder, self.server.url)

    def keep(self) -> dict[str, Any]:
        return {name: copy.deepcopy(getattr(self.server, name)) for name in _KEPT}

    def put_back(self, kept: Mapping[str, Any]) -> None:
        for name, value in kept.items():
            setattr(self.server, name, copy.deepcopy(value))
        self.server.asked.clear()

    def contents(self) -> dict[str, Any]:
        return {f"cal/{name}": text for name, text in self.server.objects.items()} | {
            "calendars": ["Work"]
        }

    def hands(self) -> Hands:
        return _Named(f"{self.server.url.rstrip('/')}{CALENDAR}", None, self.server)

    def put(self, key: str, title: str, start: datetime, minutes: int, *guests: str) -> None:
        self.server.store(
            f"{key}.ics", event(key, title, start, *invitation(guests), minutes=minutes)
        )

    def erase(self, key: str) -> None:
        self.server.drop(f"{key}.ics")

    def put_card(self, person: Person) -> None: ...

    def erase_card(self, key: str) -> None: ...

    def rename_holds(self, name: str) -> None: ...

    def make_holds(self) -> None: ...

    def is_write(self, step: str) -> bool:
        return is_sent(step)


@dataclass
class _Named(Http):
    """Finds a hold under whichever name it has."""

    server: Hostile

    def change(self, uid: str, what: str, value: str) -> None:
        super().change(self._name(uid), what, value)

    def delete(self, uid: str) -> None:
        super().delete(self._name(uid))

    def _name(self, uid: str) -> str:
        found = (name for name, text in self.server.objects.items() if _uid(text) == f"UID:{uid}")
        return next(found).removesuffix(".ics")


@contextmanager
def _odd(hook: Callable[[Hostile, Asked], Said | None] | None, folder: Path) -> Iterator[OddPlace]:
    del folder
    with hostile() as server:
        server.blind = hook is None
        server.before = None if hook is None else partial(hook, server)
        yield OddPlace(server)


ODD_PLACES: dict[str, Callable[[Path], AbstractContextManager[OddPlace]]] = {
    "refuses a second copy with 403": partial(_odd, refuses),
    "takes a second copy (201)": partial(_odd, accepts),
    "overwrites (204)": partial(_odd, None),
    "gives names of its own": partial(_odd, names),
}
