"""A .zip of .ics files, as Google exports all calendars at once: each file in it is a calendar that
is only read."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from connectors.base import Changes, KnownResources
from connectors.errors import UnreachableError, UnreadableError
from connectors.files.decoding import decode
from connectors.files.ics_text import calendar_name
from connectors.files.reading import differing, parts_of
from connectors.files.stored import SIZE_LIMIT_BYTES, UnfitError, is_calendar_file, signature_of
from connectors.read_only import ReadOnly
from connectors.sanitize import sanitize


def zipped_calendars(path: Path) -> list[ZippedCalendar]:
    """The calendars in a .zip. Raises UnreadableError when it is damaged or holds none."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = [
                entry
                for entry in archive.infolist()
                if is_calendar_file(PurePosixPath(entry.filename).name)
            ]
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise UnreadableError(f"{path} is a damaged .zip ({error})", "download it again") from None
    except OSError as error:
        raise UnreachableError(
            f"{path} cannot be read ({error.strerror or error})", "check its permissions"
        ) from None
    if not members:
        raise UnreadableError(
            f"{path} holds no .ics file", "export the calendars as iCalendar (.ics)"
        )
    return [ZippedCalendar(path, member) for member in members]


class ZippedCalendar(ReadOnly):
    """One .ics file in a .zip."""

    def __init__(self, path: Path, member: zipfile.ZipInfo) -> None:
        super().__init__(f"{path} is a .zip")
        self._path, self._member = path, member
        self._file = PurePosixPath(member.filename).name

    @property
    def id(self) -> str:
        return self._member.filename

    @property
    def name(self) -> str:
        """What the export calls itself, else the file's name."""
        try:
            return sanitize(calendar_name(self._text())) or self._file.removesuffix(".ics")
        except (UnreadableError, UnreachableError):
            return self._file.removesuffix(".ics")

    @property
    def also_called(self) -> tuple[str, ...]:
        return (self._file.removesuffix(".ics"),)

    @property
    def version(self) -> str | None:
        return f"{signature_of(self._path)}.{self._member.CRC:x}"

    def current_version(self) -> str | None:
        return self.version

    def changes(
        self, token: str | None, known: KnownResources, *, complete: bool = False
    ) -> Iterator[Changes]:
        """See `Calendar.changes`. Raises UnreadableError, UnreachableError."""
        version = self.version
        if token == version and not complete:
            yield Changes(token=token, last=True)
            return
        try:
            resources = parts_of(self._text(), self._file, f"{self._member.CRC:x}")
        except UnfitError as problem:
            raise UnreadableError(f"in {self._path}, {problem.what}", problem.advice) from None
        changed = tuple(differing(resources, known))
        removed = tuple(sorted(known.keys() - {resource.href for resource in resources}))
        yield Changes(
            changed=changed, removed=removed, token=version, last=True, expected=len(changed)
        )

    def _text(self) -> str:
        if self._member.file_size > SIZE_LIMIT_BYTES:
            what = f"{self._file} in {self._path} is larger than {SIZE_LIMIT_BYTES // 2**20} MB"
            raise UnreadableError(what, "unpack it and split it")
        try:
            with zipfile.ZipFile(self._path) as archive, archive.open(self._member) as file:
                content = file.read(SIZE_LIMIT_BYTES + 1)  # whatever size its list claims
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
            raise UnreadableError(
                f"{self._path} is damaged or locked ({error})", "download it again"
            ) from None
        except OSError as error:
            raise UnreachableError(
                f"{self._path} cannot be read ({error.strerror or error})", "is it there?"
            ) from None
        try:
            return decode(content, self._file)
        except UnfitError as problem:
            raise UnreadableError(f"in {self._path}, {problem.what}", problem.advice) from None


def is_zip(path: Path) -> bool:
    """Whether a file is a .zip, by its name or its content."""
    return path.suffix.lower() == ".zip" or zipfile.is_zipfile(path)
