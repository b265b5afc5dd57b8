"""Calendars in files: a folder of .ics files, one exported .ics file, or a .zip of those.

A folder is a *vdir*, as vdirsyncer and khal share it: one event per file, the calendar's name in a
file `displayname`. Its sub-folders are calendars as well. A single exported file is read-only:
whoever exports writes it anew as a whole.

Holds are written the way a vdir's programs do, `UID.ics`, and every write is conditional: a new
file never replaces one that is there, and a file is replaced or deleted only if it is, at that
moment, what was read before."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connectors.base import Changes, HoldDraft, KnownResources, Resource, oldest_called
from connectors.errors import (
    AccountError,
    ChangedError,
    MissingError,
    ReadOnlyError,
    TakenError,
    UncertainError,
    UnreachableError,
    UnreadableError,
)
from connectors.files.decoding import decode
from connectors.files.ics_text import calendar_name, split
from connectors.files.reading import list_files, list_with_version, read_changes, read_file
from connectors.files.stored import (
    BROKEN,
    UnfitError,
    is_calendar_file,
    make_folder,
    read_stable,
    remove,
    scan,
    write_new,
    write_over,
)
from connectors.files.vdir import LABEL_LENGTH, calendar_folders, is_vdir, label
from connectors.files.zipped import ZippedCalendar, is_zip, zipped_calendars
from connectors.hold_uid import demand_hold
from connectors.ical.completion import completed_text
from connectors.ical.hold_text import hold_text
from connectors.sanitize import sanitize

_NAMES_TRIED = 9
_HEAD_BYTES = 64 * 1024


class FilesCalendar:
    """One folder of .ics files, or the one file `only` in it. `now` (aware) is the time of the poll
    that made it."""

    def __init__(
        self, folder: Path, id: str, name: str, now: datetime, only: str | None = None
    ) -> None:
        self._folder = folder
        self._id = id
        self._name = name
        self._now = now
        self._only = only
        try:
            self._version: str | None = self.current_version()
        except AccountError:
            self._version = None

    @property
    def id(self) -> str:
        """The path below the account's folder; `.` is that folder itself. Of a single file, its
        name."""
        return self._id

    @property
    def name(self) -> str:
        return self._name

    @property
    def also_called(self) -> tuple[str, ...]:
        return ()

    @property
    def owner(self) -> str:
        """Unknown: a file does not say whose it is."""
        return ""

    @property
    def writable(self) -> bool:
        """Whether files may be made in the folder; a single file is read-only."""
        effective = os.access in os.supports_effective_ids
        return self._only is None and os.access(
            self._folder, os.W_OK | os.X_OK, effective_ids=effective
        )

    @property
    def version(self) -> str | None:
        """As of the poll, so never newer than what `changes` reads. None when the folder could not
        be listed: `changes` says why."""
        return self._version

    @property
    def keeps_history(self) -> bool:
        """Never: the times of its files are looked at."""
        return False

    def current_version(self) -> str | None:
        _, version = list_with_version(self._folder, self._only)
        return version

    def changes(
        self, token: str | None, known: KnownResources, *, complete: bool = False
    ) -> Iterator[Changes]:
        """See `reading.read_changes`."""
        return read_changes(self._folder, self._only, token, known, complete)

    def read(self, uid: str) -> Resource | None:
        """The hold with this UID, in whichever file another program put it. Raises UnreadableError
        when the file that
        should hold it cannot be read: then nobody knows whether it is gone."""
        demand_hold({uid}, uid)
        listing = list_files(self._folder, self._only)
        own = f"{uid}.ics"
        for name in [own, *sorted(listing.keys() - {own})] if own in listing else sorted(listing):
            if name != own and not _mentions(self._folder / name, uid):
                continue
            try:
                matching = [r for r in read_file(self._folder, name) if set(split(r.text)) == {uid}]
            except FileNotFoundError:
                continue  # it went since it was listed
            except UnfitError as problem:
                raise UnreadableError(
                    f"in {self._folder}, {problem.what}", problem.advice
                ) from None
            if matching:
                return matching[0]
        return None

    def took_back(self, uid: str) -> bool:
        """Never known: a deleted file leaves nothing behind."""
        return False

    def create(self, draft: HoldDraft) -> Resource:
        self._demand_writable()
        if self.read(draft.uid) is not None:
            raise TakenError(
                f"{self._folder} has a hold {draft.uid} already", "read it before deciding anything"
            )
        name = f"{draft.uid}.ics"
        write_new(self._folder / name, self._content(draft), self._neighbour())
        return self._shown(name)

    def update(self, stored: Resource, draft: HoldDraft) -> Resource:
        self._demand_writable()
        signature = self._still(stored, draft.uid)
        write_over(self._folder / stored.href, self._content(draft), signature)
        return self._shown(stored.href)

    def complete(self, stored: Resource, lines: Collection[str]) -> Resource:
        self._demand_writable()
        signature = self._still(stored, ", ".join(split(stored.text)))
        try:
            content = read_stable(self._folder / stored.href)[0].decode()
        except (FileNotFoundError, UnfitError, UnicodeDecodeError):
            raise ChangedError(
                f"{stored.href} cannot be read as it was", "nothing was written"
            ) from None
        write_over(self._folder / stored.href, completed_text(content, lines).encode(), signature)
        return self._shown(stored.href)

    def delete(self, stored: Resource) -> None:
        self._demand_writable()
        signature = self._still(stored, ", ".join(split(stored.text)))
        remove(self._folder / stored.href, signature)

    def _demand_writable(self) -> None:
        if self._only is not None:
            raise ReadOnlyError(
                f"{self._folder / self._only} is one exported file, which is only read",
                "choose a folder for holds",
            )
        if not self._folder.is_dir():
            raise MissingError(f"the folder {self._folder} is not there", "is its disk mounted?")

    def _content(self, draft: HoldDraft) -> bytes:
        return hold_text(draft, self._now).encode()

    def _still(self, stored: Resource, uid: str) -> str:
        """Re-read what is about to be changed; its file's signature. Raises ChangedError,
        ReadOnlyError."""
        if "/" in stored.href or not is_calendar_file(stored.href):
            raise ReadOnlyError(
                f"{uid} stands in one file with other events, which is only read",
                "nothing was written",
            )
        try:
            now = read_file(self._folder, stored.href)
        except FileNotFoundError:
            raise ChangedError(f"{stored.href} is gone", "nothing was written") from None
        except UnfitError as problem:
            raise ChangedError(problem.what, "nothing was written") from None
        if [replace(resource, group=stored.group) for resource in now] != [stored]:
            raise ChangedError(f"{stored.href} was changed by somebody else", "nothing was written")
        demand_hold(set(split(stored.text)), uid)
        return stored.source.signature if stored.source else BROKEN

    def _neighbour(self) -> os.stat_result | None:
        """A file whose mode and owner new ones take."""
        for name in sorted(scan(self._folder)):
            try:
                return (self._folder / name).stat()
            except OSError:
                continue  # it went since it was listed, or nobody may look: another one will do
        return None

    def _shown(self, name: str) -> Resource:
        """What was written, as it is found."""
        try:
            [shown] = read_file(self._folder, name)
        except (FileNotFoundError, UnfitError, ValueError) as error:
            raise UncertainError(
                f"{self._folder / name} was written and is not there as written: {error}"
            ) from error
        return shown


class FilesAccount:
    """A folder, or a single file. Nothing is looked at before `calendars`; nothing but
    `AccountError` is raised."""

    def __init__(self, name: str, path: Path, memo: dict[str, Any]) -> None:
        self._name = name
        self._path = path.expanduser()
        self._now = datetime.fromtimestamp(0, UTC)
        self._memo = memo
        if memo.get("path") != str(self._path):
            memo.clear()
            memo["path"] = str(self._path)

    @property
    def name(self) -> str:
        return self._name

    @property
    def can_create(self) -> bool:
        """Not in a single file."""
        return not self._path.is_file()

    @property
    def remark(self) -> str:
        """Nothing."""
        return ""

    @property
    def unusable(self) -> Mapping[str, str]:
        """None is left out."""
        return {}

    @property
    def trusted(self) -> bool:
        """What stands in the files may come from anybody."""
        return False

    @property
    def requests(self) -> int:
        """Files ask nobody."""
        return 0

    @property
    def memo(self) -> dict[str, Any]:
        """JSON: `path`; `flat`, whether its folder was seen to be a calendar itself; `folders`, how
        many are below."""
        return self._memo

    @property
    def free_busy(self) -> None:
        """There is no server to ask."""

    def calendars(self, now: datetime) -> Sequence[FilesCalendar | ZippedCalendar]:
        """The folder itself where it holds .ics files, and every folder below that is a calendar.

        Raises MissingError when the path is not there, UnreachableError when the folder is suddenly
        bare: an unmounted disk is no empty calendar."""
        self._now = now
        try:
            if self._path.is_file():
                return zipped_calendars(self._path) if is_zip(self._path) else [self._file(now)]
            with os.scandir(self._path) as entries:
                bare = not any(True for _ in entries)
            folders = calendar_folders(self._path)
            flat = is_vdir(self._path)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise MissingError(
                f"{self._path} is not there", "is its disk mounted, is the path right?"
            ) from error
        except OSError as error:
            raise UnreachableError(
                f"{self._path} cannot be listed: {error.strerror or error}"
            ) from error
        if bare and self._memo.get("folders"):
            raise UnreachableError(
                f"{self._path} is bare, and held calendars before",
                "is its disk mounted? If so, make one folder in it",
            )
        self._memo["flat"] = flat or bool(self._memo.get("flat"))
        self._memo["folders"] = len(folders)
        sub_calendars = [self._folder(folder) for folder in folders]
        return (
            [self._folder(self._path), *sub_calendars]
            if self._memo["flat"] or not folders
            else sub_calendars
        )

    def addresses(self) -> frozenset[str]:
        """Files belong to nobody: `me` in the config says who you are."""
        return frozenset()

    def create_calendar(self, name: str) -> FilesCalendar | ZippedCalendar:
        """The calendar of this name, else a new sub-folder that is called so. Raises ReadOnlyError,
        TakenError, and as `calendars`."""
        if os.path.isfile(self._path):  # noqa: PTH113 - Path.is_file raises where the path may not be looked at
            raise ReadOnlyError(
                f"{self._path} is one exported file, which is only read",
                "choose another account for holds",
            )
        slug = (
            re.sub(r"[/\\\x00]", "-", sanitize(name, 60)).lstrip(".").removesuffix(".ics").strip()
            or "holds"
        )
        called = sanitize(name, LABEL_LENGTH)
        standing = oldest_called(called, self.calendars(self._now))
        if standing is not None:
            return standing
        for attempt in range(1, _NAMES_TRIED + 1):
            folder = self._path / (slug if attempt == 1 else f"{slug}-{attempt}")
            with suppress(TakenError):  # it is there, maybe since just now: by another fikad
                make_folder(folder)
            if _is_bare(folder):
                with suppress(TakenError):
                    write_new(folder / "displayname", called.encode(), folder.stat())
            if folder.is_dir() and label(folder) == called:
                return self._folder(folder)
        raise TakenError(
            f"{self._path} has folders called {slug} already",
            "choose another calendar name for holds",
        )

    def close(self) -> None:
        """Nothing is open between calls."""

    def _file(self, now: datetime) -> FilesCalendar:
        with self._path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
        name = sanitize(calendar_name(_decoded(head))) or self._path.stem
        return FilesCalendar(self._path.parent, self._path.name, name, now, only=self._path.name)

    def _folder(self, folder: Path) -> FilesCalendar:
        # a name in another encoding comes with surrogates, which no database takes
        id = folder.relative_to(self._path).as_posix().encode("utf-8", "backslashreplace").decode()
        return FilesCalendar(folder, id, label(folder), self._now)


def _decoded(head: bytes) -> str:
    """The beginning of a file as text, whatever it is: reading the whole says what is wrong with
    it."""
    try:
        return decode(head[: len(head) // 2 * 2], "")
    except UnfitError:
        return head.decode("utf-8-sig", "replace")


def _is_bare(path: Path) -> bool:
    """Whether it is a folder without anything in it: just made, by this fikad or another."""
    try:
        return next(path.iterdir(), None) is None
    except OSError:
        return False


def _mentions(path: Path, uid: str) -> bool:
    """Whether the UID stands anywhere in a file, without taking it apart; lines may be folded
    within it."""
    try:
        content, _ = read_stable(path)
    except (FileNotFoundError, UnfitError):
        return False
    return uid.encode() in content.replace(b"\r\n ", b"").replace(b"\n ", b"")
