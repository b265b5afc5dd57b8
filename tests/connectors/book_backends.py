"""The kinds of address book that the contract is tested on, each with the hands of another program
in it.

A `BookBackend` is one login or folder in a place of its own. `put` and `erase` are another program,
which knows nothing of fikad. To add a kind, write a `BookBackend` and enter it in
`BOOK_BACKENDS`."""

from __future__ import annotations

import hashlib
import urllib.parse
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from connectors.address_book import AddressBookAccount
from tests.connectors import servers
from tests.connectors.google.people_store import labels_of
from tests.connectors.google.server import CONTACTS_SCOPE, GoogleServer, Kept


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as another program writes them."""

    key: str
    """Becomes the UID and the name of the object, where those can be chosen."""
    name: str
    emails: Sequence[str] = ()
    labels: Sequence[str] = ()
    birthday: str = ""
    """`YYYY-MM-DD`."""
    nickname: str = ""


class BookBackend(Protocol):
    """One login or folder in a fresh place. A *place* is what another program calls one book of
    it."""

    one_book: bool
    """Whether there is only ever one book, and `add_book` gives it every time."""
    broken: bool
    """Whether a book of this kind can hold a card that cannot be read."""

    def account(self) -> AddressBookAccount:
        """A new process begins: a new object, with what the last one wanted remembered."""
        ...

    def add_book(self, name: str) -> str:
        """Another program makes an address book; its place."""
        ...

    def put(self, place: str, person: Person) -> None:
        """Another program writes somebody, or changes them."""
        ...

    def erase(self, place: str, key: str) -> None: ...

    def put_group(self, place: str, key: str, name: str, members: Sequence[str]) -> None:
        """Another program writes a group of these keys, or changes it."""
        ...

    def put_broken(self, place: str, key: str) -> None:
        """Somebody whose card cannot be read, as far as there can be such a thing."""
        ...


def card_text(person: Person) -> str:
    """Somebody the way another program writes them, with things that fikad does not know."""
    lines = [
        "BEGIN:VCARD",
        "VERSION:3.0",
        "PRODID:-//another program//EN",
        f"UID:{person.key}",
        f"FN:{person.name}",
        f"N:{person.name.rpartition(' ')[2]};{person.name.partition(' ')[0]};;;",
        *(f"EMAIL;TYPE=INTERNET:{address}" for address in person.emails),
        *([f"CATEGORIES:{','.join(person.labels)}"] if person.labels else []),
        *([f"BDAY:{person.birthday}"] if person.birthday else []),
        *([f"NICKNAME:{person.nickname}"] if person.nickname else []),
        "NOTE:likes tea",
        "X-ANOTHER-PROGRAM:kept",
        "END:VCARD",
        "",
    ]
    return "\r\n".join(lines)


def group_text(key: str, name: str, members: Sequence[str]) -> str:
    """A group as Apple's programs write it."""
    named = (f"X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:{member}" for member in members)
    lines = (
        *("BEGIN:VCARD", "VERSION:3.0", f"UID:{key}", f"FN:{name}", f"N:{name};;;;"),
        "X-ADDRESSBOOKSERVER-KIND:group",
        *named,
        *("END:VCARD", ""),
    )
    return "\r\n".join(lines)


BROKEN = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{key}\r\nFN:\r\nN:;;;;\r\nEND:VCARD\r\n"
"""A card that names nobody: servers take it."""


# --- files ---


@dataclass
class FilesBackend:
    root: Path
    one_book: bool = False
    broken: bool = True

    def account(self) -> AddressBookAccount:
        from connectors.files.address_books import FilesAddressBooks

        return FilesAddressBooks("home", self.root)

    def add_book(self, name: str) -> str:
        folder = self.root / f"folder-of-{len(list(self.root.iterdir()))}"
        folder.mkdir()
        (folder / "displayname").write_text(name, encoding="utf-8")
        return str(folder)

    def put(self, place: str, person: Person) -> None:
        self._write(place, person.key, card_text(person))

    def erase(self, place: str, key: str) -> None:
        (Path(place) / f"{key}.vcf").unlink()

    def put_group(self, place: str, key: str, name: str, members: Sequence[str]) -> None:
        self._write(place, key, group_text(key, name, members))

    def put_broken(self, place: str, key: str) -> None:
        self._write(place, key, BROKEN.format(key=key))

    def _write(self, place: str, key: str, text: str) -> None:
        (Path(place) / f"{key}.vcf").write_text(text, encoding="utf-8", newline="")


@contextmanager
def files(folder: Path) -> Iterator[FilesBackend]:
    root = folder / "contacts"
    root.mkdir()
    yield FilesBackend(root)


# --- CardDAV ---


@dataclass
class CardDAVBackend:
    server: servers.Server
    wire: servers.Wire
    home: str
    """The URL of the address book home set."""
    user: str = "sam"
    memo: dict[str, Any] = field(default_factory=dict)
    one_book: bool = False
    broken: bool = True

    def account(self) -> AddressBookAccount:
        from connectors.carddav.account import CardDAVAccount
        from connectors.dav.login import Login

        auth = self.server.auth(self.user)
        username, password = auth if auth is not None else ("", None)
        return CardDAVAccount(Login("home", self.wire.url, username, password, 10.0), self.memo)

    def add_book(self, name: str) -> str:
        digest = hashlib.sha256(name.encode()).hexdigest()[:8]
        return servers.make_address_book(f"{self.home}{digest}/", name, self.server.auth(self.user))

    def put(self, place: str, person: Person) -> None:
        self._put(place, person.key, card_text(person))

    def erase(self, place: str, key: str) -> None:
        servers.delete(self._url(place, key), self.server.auth(self.user))

    def put_group(self, place: str, key: str, name: str, members: Sequence[str]) -> None:
        self._put(place, key, group_text(key, name, members))

    def put_broken(self, place: str, key: str) -> None:
        self._put(place, key, BROKEN.format(key=key))

    def _put(self, place: str, key: str, text: str) -> None:
        auth = self.server.auth(self.user)
        servers.put(self._url(place, key), text, auth, Content_Type="text/vcard; charset=utf-8")

    @staticmethod
    def _url(place: str, key: str) -> str:
        return f"{place}{urllib.parse.quote(key, safe='')}.vcf"


@contextmanager
def radicale(folder: Path) -> Iterator[CardDAVBackend]:
    del folder
    with servers.radicale() as server, servers.wire(server.url) as wire:
        server.add_user("sam")
        yield CardDAVBackend(server, wire, server.home("sam"))


@contextmanager
def xandikos(folder: Path) -> Iterator[CardDAVBackend]:
    del folder
    with servers.xandikos("sam") as server, servers.wire(server.url) as wire:
        yield CardDAVBackend(server, wire, f"{server.url}sam/contacts/")


# --- Google Contacts ---


@dataclass
class GoogleBackend:
    server: GoogleServer
    tokens: Kept
    memo: dict[str, Any] = field(default_factory=dict)
    one_book: bool = True
    broken: bool = True
    _resources: dict[str, str] = field(default_factory=dict)
    """The resource name of each key, of people and labels."""

    def account(self) -> AddressBookAccount:
        from connectors.google.auth import OAuthLogin
        from connectors.google.contacts import GoogleContacts

        login = OAuthLogin("home", Path("client_secret.json"), self.tokens)
        return GoogleContacts("home", login, self.server.endpoint, self.memo)

    def add_book(self, name: str) -> str:
        del name
        return "people/me"

    def put(self, place: str, person: Person) -> None:
        del place
        first, _, last = person.name.rpartition(" ")
        year, month, day = map(int, person.birthday.split("-")) if person.birthday else (0, 0, 0)
        born = [{"date": {"year": year, "month": month, "day": day}}] if person.birthday else []
        self._put(
            person.key,
            [self._label(name) for name in person.labels],
            names=[
                {
                    "displayName": person.name,
                    "givenName": first or last,
                    "familyName": last if first else "",
                }
            ],
            emailAddresses=[{"value": address} for address in person.emails],
            nicknames=[{"value": person.nickname}] if person.nickname else [],
            birthdays=born,
        )

    def erase(self, place: str, key: str) -> None:
        del place
        resource = self._resources.pop(key)
        people = self.server.people
        erase = people.delete_label if resource in people.groups else people.delete_person
        erase(resource)

    def put_group(self, place: str, key: str, name: str, members: Sequence[str]) -> None:
        del place
        group = self._resources.setdefault(key, self._label(name))
        chosen = {self._resources[member] for member in members}
        for resource in self._resources.values():
            if resource in self.server.people.people:
                others = set(labels_of(self.server.people.people[resource])) - {group}
                self.server.people.label(
                    resource, *others, *([group] if resource in chosen else [])
                )

    def put_broken(self, place: str, key: str) -> None:
        """Somebody with a label whom nobody has named."""
        del place
        known_by = [{"value": f"{key}@x.org"}]
        self._put(key, [self._label("Friends")], names=[], nicknames=[], emailAddresses=known_by)

    def _put(self, key: str, labels: Sequence[str], **fields: Any) -> None:
        people = self.server.people
        if key in self._resources:
            people.change_person(self._resources[key], **fields)
            people.label(self._resources[key], *labels)
        else:
            self._resources[key] = people.add_person("", labels, **fields)

    def _label(self, name: str) -> str:
        groups = self.server.people.groups
        known = (group for group, shown in groups.items() if shown["name"] == name)
        return next(known, None) or self.server.people.add_label(name)


@contextmanager
def google(folder: Path) -> Iterator[GoogleBackend]:
    del folder
    with GoogleServer(page_size=40) as server:
        kept = Kept(server.grant([CONTACTS_SCOPE]), keeps_access_token=True)
        yield GoogleBackend(server, kept)


BOOK_BACKENDS: dict[str, Callable[[Path], AbstractContextManager[BookBackend]]] = {
    "files": files,
    "radicale": radicale,
    "xandikos": xandikos,
    "google": google,
}
