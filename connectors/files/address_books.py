"""Address books in files: a folder of .vcf files as khard and vdirsyncer keep it, or one exported
.vcf with many cards.

A folder is a *vdir* (see `vdir`): mostly one card per file, the book's name in a file
`displayname`; its sub-folders are books as well. Nobody tells what changed: the listing does. While
names, sizes and times of the files are what they were no file is opened; else all are, which costs
a tenth of a millisecond for a card, and the hash of each card's text tells which differ.

Where a file cannot be read, or a card in it, what is known of that file stays as it is."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from connectors.address_book import CardChanges, StoredCard
from connectors.base import Problem
from connectors.errors import AccountError, MissingError, UnreachableError, UnreadableError
from connectors.files.decoding import letters
from connectors.files.reading import list_with_version
from connectors.files.stored import UnfitError, read_stable
from connectors.files.vdir import calendar_folders, is_vdir, label
from connectors.sanitize import sanitize
from connectors.vcard.card import UnfitCardError, card_of
from connectors.vcard.lines import bodies

SUFFIX: Final = ".vcf"
_BATCH = 200
_TROUBLED = "!"
"""Ends the token of a reading that left a file out: no version is equal to it, so the next poll
looks again."""


@dataclass(slots=True)
class _BookReading:
    """What one pass over the files brings."""

    changed: list[StoredCard] = field(default_factory=list)
    there: set[str] = field(default_factory=set)
    """Hrefs that must not be taken for removed."""
    problems: list[Problem] = field(default_factory=list)
    troubled: bool = False


class FilesAddressBook:
    """One folder of .vcf files, or the one file `only` in it; as of the poll that made it."""

    def __init__(self, folder: Path, id: str, name: str, only: str | None = None) -> None:
        self._folder = folder
        self._id = id
        self._name = name
        self._only = only
        self._version: str | None = None
        with suppress(AccountError):  # reading it says what is wrong
            _, self._version = list_with_version(folder, only, SUFFIX)

    @property
    def id(self) -> str:
        """The path below the account's folder; `.` is that folder itself. Of a single file, its
        name."""
        return self._id

    @property
    def name(self) -> str:
        return self._name

    @property
    def automatic(self) -> bool:
        return False

    @property
    def version(self) -> str | None:
        """As of the poll, so never newer than what `changes` reads. None when the folder could not
        be listed: `changes` says why."""
        return self._version

    def changes(
        self, token: str | None, known: Mapping[str, str | None], *, complete: bool = False
    ) -> Iterator[CardChanges]:
        """See `AddressBook.changes`. Raises MissingError, UnreachableError; for a single file also
        UnreadableError, when it cannot be read or holds no card."""
        listing, version = list_with_version(self._folder, self._only, SUFFIX)
        if token == version and not complete:
            yield CardChanges(token=token, last=True)
            return
        reading = _BookReading()
        owned = _by_file(known)
        for name in sorted(listing):
            self._read(name, owned.get(name, {}), reading)
            while len(reading.changed) > _BATCH:
                yield CardChanges(changed=tuple(reading.changed[:_BATCH]))
                del reading.changed[:_BATCH]
        for name in owned.keys() - listing.keys():
            # a file that is renamed over while the folder is listed can be missed by the listing
            if os.path.lexists(self._folder / name):
                reading.there |= owned[name].keys()
                reading.troubled = True
        yield CardChanges(
            changed=tuple(reading.changed),
            removed=tuple(sorted(known.keys() - reading.there)),
            token=version + _TROUBLED if reading.troubled else version,
            last=True,
            problems=tuple(reading.problems),
        )

    def _read(self, name: str, known: Mapping[str, str | None], reading: _BookReading) -> None:
        """Read one file: what differs from `known`, its own cards, and what is there."""
        try:
            content = _content(self._folder, name)
        except (FileNotFoundError, UnfitError) as error:
            self._passed_over(name, error, reading)
            reading.there |= known.keys()
            return
        cards, problems = _cards_in(content, name)
        if self._only is not None and not cards:
            raise UnreadableError(
                f"{self._folder / name} holds no contact that can be read",
                "export your contacts as vCard (.vcf) again",
            )
        if problems:  # nobody knows whose card that is
            reading.there |= known.keys()
        reading.there |= {card.href for card in cards}
        reading.changed += (card for card in cards if known.get(card.href) != card.etag)
        reading.problems += problems

    def _passed_over(self, name: str, error: Exception, reading: _BookReading) -> None:
        """What becomes of a file that cannot be read. Raises UnreadableError where it is the only
        one."""
        if self._only is not None:
            raise _unreadable(self._folder, name, error) from None
        reading.troubled = True
        if isinstance(error, UnfitError):
            reading.problems.append(Problem(uid=sanitize(name), reason=str(error)))


class FilesAddressBooks:
    """The address books in one folder, or one file (`AddressBookAccount`)."""

    def __init__(self, name: str, path: Path) -> None:
        self._name = name
        self._path = path.expanduser()

    @property
    def name(self) -> str:
        return self._name

    @property
    def requests(self) -> int:
        """Never any: files are read without a network."""
        return 0

    @property
    def memo(self) -> dict[str, Any]:
        """Nothing to remember."""
        return {}

    def books(self, now: datetime) -> Sequence[FilesAddressBook]:
        """The file; or the folder itself where it holds cards, and every folder below it that does.
        Raises MissingError, UnreachableError."""
        del now
        try:
            if self._path.is_file():
                name = self._path.name
                return [FilesAddressBook(self._path.parent, name, self._path.stem, only=name)]
            folders = calendar_folders(self._path, SUFFIX)
            flat = is_vdir(self._path, SUFFIX)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise MissingError(
                f"{self._path} is not there", "is its disk mounted, is the path right?"
            ) from error
        except OSError as error:
            raise UnreachableError(
                f"{self._path} cannot be listed: {error.strerror or error}"
            ) from error
        own = [self._path] if flat or not folders else []
        return [self._folder(folder) for folder in (*own, *folders)]

    def close(self) -> None:
        """Nothing is open between calls."""

    def _folder(self, folder: Path) -> FilesAddressBook:
        # a name in another encoding comes with surrogates, which no database takes
        id = folder.relative_to(self._path).as_posix().encode("utf-8", "backslashreplace").decode()
        return FilesAddressBook(folder, id, label(folder))


def _content(folder: Path, name: str) -> bytes:
    """A file's content. Raises FileNotFoundError, UnfitError, UnreachableError."""
    if not _is_unicode(name):
        raise UnfitError(f"{sanitize(name)} has a name that is not UTF-8", "rename it")
    return read_stable(folder / name)[0]


def _cards_in(content: bytes, name: str) -> tuple[list[StoredCard], list[Problem]]:
    """The cards of one file: one is called like the file, several `name.vcf/UID`."""
    text = letters(content)
    if text is None:
        text = content.decode("utf-8", "replace")
    every = list(bodies(text))
    cards, problems = dict[str, StoredCard](), list[Problem]()
    if not every:
        problems.append(Problem(sanitize(name), f"{sanitize(name)} holds no contact: delete it"))
    for number, body in enumerate(every, 1):
        where = sanitize(name) if len(every) == 1 else f"card {number} of {sanitize(name)}"
        try:
            stored = _stored(body, name, alone=len(every) == 1)
        except UnfitCardError as error:
            problems.append(Problem(where, f"in {where}, {error}"))
            continue
        while stored.href in cards:
            stored = replace(stored, href=f"{stored.href}+")
        cards[stored.href] = stored
    return list(cards.values()), problems


def _stored(body: list[str] | None, name: str, *, alone: bool) -> StoredCard:
    """One card of a file, `alone` in it or not. Raises UnfitCardError."""
    if body is None:
        raise UnfitCardError("it is cut off: export or sync it again")
    stem = sanitize(name.removesuffix(SUFFIX)) or "card"
    card = card_of(body, stem if alone else "")
    uid = card.uid or f"{stem} {card.name}"
    etag = hashlib.sha256("\n".join(body).encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return StoredCard(name if alone else f"{name}/{uid}", etag, replace(card, uid=uid))


def _by_file(known: Mapping[str, str | None]) -> dict[str, dict[str, str | None]]:
    owned: dict[str, dict[str, str | None]] = {}
    for href, etag in known.items():
        owned.setdefault(href.partition("/")[0], {})[href] = etag
    return owned


def _unreadable(folder: Path, name: str, error: Exception) -> UnreadableError:
    if isinstance(error, UnfitError):
        return UnreadableError(f"in {folder}, {error.what}", error.advice)
    return UnreadableError(f"{folder / name} is gone", "is its disk mounted, is the path right?")


def _is_unicode(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
