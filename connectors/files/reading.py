"""What changed in a folder of .ics files.

Nobody tells: the listing does. A calendar's *version* is a digest of the names and signatures of
its files (see `stored`) and of the folder's own time. What is known tells the signature of each
file when it was read (`SourceFile`), so a listing shows which files must be opened at all.

A file with one event is one resource, named like the file. A file with several, such as an export,
is taken apart by UID into resources `name.ics/UID` (no file name has a slash), so that only the
parts that differ are parsed again. Then one part, the *carrier*, has the `SourceFile`, and is
always the last to be reported: a reading that broke off half-way never looks like a whole one.

Where a file cannot be read, what is known of it stays as it is: a file that is there is never taken
for deleted events."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from connectors.base import Changes, KnownResources, Problem, Resource, SourceFile
from connectors.errors import MissingError, UnreadableError
from connectors.files.decoding import decode
from connectors.files.ics_text import event_count, is_whole, split
from connectors.files.stored import BROKEN, UnfitError, read_stable, scan, signature_of
from connectors.sanitize import sanitize

BATCH = 200
_TROUBLED = "!"
"""Ends the token of a reading that left a file out: no version is equal to it, so the next poll
looks again."""


@dataclass(slots=True)
class _Found:
    """What one pass over the files has found so far."""

    changed: list[Resource] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    troubled: bool = False


def list_files(folder: Path, only: str | None, suffix: str = ".ics") -> dict[str, str]:
    """Name and signature of the folder's files. Raises MissingError, UnreachableError."""
    if only is None:
        return scan(folder, suffix)
    signature = signature_of(folder / only)
    if signature is None:
        raise MissingError(
            f"{folder / only} is not there", "is its disk mounted, is the path in the config right?"
        )
    return {only: signature}


def list_with_version(
    folder: Path, only: str | None, suffix: str = ".ics"
) -> tuple[dict[str, str], str]:
    """The listing and its version, a digest of it and of the folder's own time: after a file came
    and went the listing is what it was before, and the time is not. Raises MissingError,
    UnreachableError."""
    changed_at = 0
    if only is None:
        with suppress(OSError):  # listing it says what is wrong
            changed_at = folder.stat().st_mtime_ns
    listing = list_files(folder, only, suffix)
    lines = "".join(f"{name}\0{mark}\n" for name, mark in sorted(listing.items()))
    digest = hashlib.sha256(f"{changed_at}\n{lines}".encode("utf-8", "surrogateescape"))
    return listing, digest.hexdigest()[:32]


def read_file(folder: Path, name: str) -> list[Resource]:
    """The resources of one file. Raises FileNotFoundError, UnfitError, UnreachableError."""
    if not _is_unicode(name):
        raise UnfitError(f"{sanitize(name)} has a name that is not UTF-8", "rename it")
    content, mark = read_stable(folder / name)
    text = decode(content, name)
    del content  # a large export is held once, not twice, while it is taken apart
    return parts_of(text, name, mark)


def parts_of(text: str, name: str, mark: str) -> list[Resource]:
    """The resources of one file's text; `mark` is the file's signature. Raises UnfitError."""
    if not is_whole(text):
        raise UnfitError(f"{name} is cut off or is no calendar", "export or sync it again")
    parts = split(text) if event_count(text) > 1 else {}
    if len(parts) <= 1:
        return [Resource(name, _digest(text), text, source=SourceFile(mark, 1))]
    carrier, *others = sorted(parts)
    resources = [
        Resource(f"{name}/{uid}", _digest(parts[uid]), parts[uid]) for uid in (*others, carrier)
    ]
    return [*resources[:-1], replace(resources[-1], source=SourceFile(mark, len(parts)))]


def differing(resources: Iterable[Resource], known: KnownResources) -> Iterator[Resource]:
    """Those that are not stored as they are now."""
    return (
        resource
        for resource in resources
        if known.get(resource.href) != resource.etag
        or known.sources.get(resource.href) != resource.source
    )


def read_changes(
    folder: Path,
    only: str | None,
    token: str | None,
    known: KnownResources,
    complete: bool,
) -> Iterator[Changes]:
    """See `Calendar.changes`. `complete` opens every file, whatever the listing says.

    Raises MissingError, UnreachableError; for a single file also UnreadableError, when it is cut
    off or no calendar."""
    listing, version = list_with_version(folder, only)
    if token == version and not complete:
        yield Changes(token=token, last=True)
        return
    owned = _by_file(known)
    wanted = [
        name
        for name in sorted(listing)
        if complete or not _recorded(listing[name], owned.get(name, ()), known)
    ]
    reading, sent = _Found(), 0
    for name in wanted:
        _read(folder, name, known, owned.get(name, ()), reading, single=only is not None)
        while len(reading.changed) >= BATCH:
            expected = max(len(wanted), sent + len(reading.changed))
            batch, reading.changed = reading.changed[:BATCH], reading.changed[BATCH:]
            sent += len(batch)
            yield Changes(changed=tuple(batch), expected=expected)
    for name in owned.keys() - listing.keys():
        # a file that is renamed over while the folder is listed can be missed by the listing
        if (folder / name).is_symlink() or (folder / name).is_file():
            reading.troubled = True
        else:
            reading.removed += owned[name]
    yield Changes(
        changed=tuple(reading.changed),
        removed=tuple(sorted(reading.removed)),
        token=version + _TROUBLED if reading.troubled else version,
        last=True,
        expected=max(len(wanted), sent + len(reading.changed)),
        problems=tuple(reading.problems),
    )


def _read(
    folder: Path,
    name: str,
    known: KnownResources,
    owned: Collection[str],
    reading: _Found,
    *,
    single: bool,
) -> None:
    """Read one file and add what differs from what is known of it; `owned` are its hrefs."""
    try:
        resources = read_file(folder, name)
    except FileNotFoundError:
        if single:
            raise UnreadableError(
                f"{folder / name} is gone", "is its disk mounted, is the path right?"
            ) from None
        reading.removed += owned
        reading.troubled = True
        return
    except UnfitError as problem:
        if single:
            raise UnreadableError(f"in {folder}, {problem.what}", problem.advice) from None
        reading.problems.append(Problem(uid=sanitize(name), reason=str(problem)))
        reading.troubled = True
        return
    reading.changed += differing(resources, known)
    reading.removed += set(owned) - {resource.href for resource in resources}


def _by_file(known: KnownResources) -> dict[str, list[str]]:
    owned: dict[str, list[str]] = {}
    for href in known:
        owned.setdefault(href.partition("/")[0], []).append(href)
    return owned


def _recorded(mark: str, owned: Collection[str], known: KnownResources) -> bool:
    """Whether all of a file is known as it now is; `owned` are its hrefs."""
    whole = SourceFile(mark, len(owned))
    return mark != BROKEN and any(known.sources.get(href) == whole for href in owned)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _is_unicode(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
