"""CalDAV accounts (RFC 4791): one login on one server, with one or several homes full of calendars.

The idea is to ask once: a single PROPFIND of the home brings every calendar's name, rights and
version (sync-token and ctag), so a poll that finds nothing new is one request, whatever the number
of calendars. Where the home is was discovered at the first time and is remembered in `memo`; it is
looked for again when it stops answering.

The rest lives next door: `dav` speaks HTTP and names what goes wrong, `multistatus` reads answers,
`discovery` finds the home, `reading` brings changes, `writing` writes holds.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from connectors.base import Changes, HoldDraft, Resource, oldest_called
from connectors.caldav.dav import XML, Wire
from connectors.caldav.discovery import RULES, FoundHomes, ask_addresses, discover, is_calendar
from connectors.caldav.failures import FailedAnswerError, LostAnswerError
from connectors.caldav.multistatus import (
    CALDAV,
    DAV,
    SERVER,
    Part,
    collection,
    mkcalendar_body,
    normal,
    propfind_body,
    rename_body,
)
from connectors.caldav.reading import LIST, collection_versions, is_final, read_changes, token_for
from connectors.caldav.writing import (
    complete_hold,
    create_hold,
    delete_hold,
    read_hold,
    update_hold,
)
from connectors.calendar_address import calendar_address, spellings
from connectors.errors import (
    AccountError,
    MissingError,
    ReadOnlyError,
    TakenError,
    UncertainError,
    UnreadableError,
)
from connectors.sanitize import sanitize

_ASKED = (
    f"{DAV}displayname",
    f"{DAV}resourcetype",
    f"{CALDAV}supported-calendar-component-set",
    f"{DAV}sync-token",
    f"{SERVER}getctag",
    f"{DAV}current-user-privilege-set",
    f"{DAV}owner",
)
_WRITING = {f"{DAV}all", f"{DAV}write", f"{DAV}write-content", f"{DAV}bind"}
_ADDRESSES_KEPT = timedelta(days=1)
_NAMES_TRIED = 9
_DIGEST = re.compile(r'"?[0-9a-f]{32,}"?')


class CalDAVCalendar:
    """One calendar; what it says of itself is as of the poll that made it."""

    def __init__(self, account: CalDAVAccount, part: Part) -> None:
        self._account = account
        self._path = collection(part.href)
        self._tokens = part.text(f"{DAV}sync-token"), part.text(f"{SERVER}getctag")
        self._final = all(is_final(token, account.wire.clock) for token in self._tokens)
        self._name = sanitize(_called(part) or "") or _last_segment(self._path)
        privileges = part.props.get(f"{DAV}current-user-privilege-set")
        owner = part.props.get(f"{DAV}owner")
        self._owner = calendar_address(next(iter(owner.hrefs), "")) if owner is not None else ""
        self._writable = (
            privileges is None or not privileges.tags or bool(_WRITING & privileges.tags)
        )

    @property
    def id(self) -> str:
        """The calendar's path on the server, in one spelling."""
        return normal(self._path)

    @property
    def name(self) -> str:
        return self._name

    @property
    def also_called(self) -> tuple[str, ...]:
        return ()

    @property
    def writable(self) -> bool:
        """False only where the server says so (RFC 3744 section 5.4)."""
        return self._writable

    @property
    def owner(self) -> str:
        """The principal in DAV:owner (RFC 3744 section 5.1). Unknown too where the account's own
        principal is: whether they are the same could not be told."""
        return self._owner if self._account.memo.get("principal") else ""

    @property
    def version(self) -> str | None:
        """None while more may change under the same tokens."""
        return _version(*self._tokens) if self._final else None

    @property
    def keeps_history(self) -> bool:
        """Whether the server can tell what changed since a token (RFC 6578)."""
        return bool(self._tokens[0])

    def changes(
        self, token: str | None, known: Mapping[str, str | None], *, complete: bool = False
    ) -> Iterator[Changes]:
        """See `Calendar.changes`; raises MissingError, UnreadableError, UnreachableError,
        CredentialsError."""
        fresh = token_for(*self._tokens) if self._final else LIST
        return read_changes(self._account.wire, self._path, fresh, token, known, complete)

    def current_version(self) -> str | None:
        """None where the server's versions are made of the content alone (Xandikos: the id of a git
        tree): with what was written and deleted again they are what they were before. None too
        while more may change under them."""
        tokens = collection_versions(self._account.wire, self._path)
        if not all(is_final(token, self._account.wire.clock) for token in tokens):
            return None
        return (
            None
            if all(token is None or _DIGEST.fullmatch(token) for token in tokens)
            else _version(*tokens)
        )

    def read(self, uid: str) -> Resource | None:
        return read_hold(self._account.wire, self._path, uid)

    def took_back(self, uid: str) -> bool:
        """Never known: a CalDAV server forgets what is deleted."""
        return False

    def create(self, draft: HoldDraft) -> Resource:
        self._demand_writable()
        return create_hold(self._account.wire, self._path, draft, self._account.stamp)

    def update(self, found: Resource, draft: HoldDraft) -> Resource:
        self._demand_writable()
        return update_hold(self._account.wire, self._path, found, draft, self._account.stamp)

    def complete(self, found: Resource, lines: Collection[str]) -> Resource:
        self._demand_writable()
        return complete_hold(self._account.wire, self._path, found, lines)

    def delete(self, found: Resource) -> None:
        self._demand_writable()
        delete_hold(self._account.wire, self._path, found)

    def _demand_writable(self) -> None:
        if not self._writable:
            raise ReadOnlyError(
                f"{self._account.wire.host} lets you only read {self._name}",
                "choose another calendar for holds",
            )


class CalDAVAccount:
    """One login on one CalDAV server. Nothing is asked before `calendars`; nothing but
    `AccountError` is raised."""

    def __init__(
        self,
        name: str,
        url: str,
        username: str,
        password: str | None,
        memo: dict[str, Any],
        *,
        timeout_seconds: float = 30.0,
        ca: Path | None = None,
    ) -> None:
        self._name = name
        self._memo = memo
        self._now: datetime | None = None
        self._parts: tuple[Part, ...] = ()
        self.wire = Wire(name, url, username, password, memo, timeout_seconds, ca)
        if (
            memo.get("url") != self.wire.base
            or memo.get("username") != username
            or memo.get("rules") != RULES
            or not _sound(memo)
        ):
            memo.clear()
            memo.update(url=self.wire.base, username=username, rules=RULES)

    @property
    def name(self) -> str:
        return self._name

    @property
    def can_create(self) -> bool:
        """Most servers let their users make calendars; those that don't say so when asked. Never
        beside an account's one calendar; True while it is not known whether it is one."""
        return not self._memo.get("single")

    @property
    def trusted(self) -> bool:
        """The texts are the server's, and may come from anybody."""
        return False

    @property
    def requests(self) -> int:
        return self.wire.requests

    @property
    def memo(self) -> dict[str, Any]:
        """JSON: `homes` (paths), `single`, `principal`, `addresses`, `addresses_at`, `auth`; for
        which `url` and `username`, and by which `rules`, they were found."""
        return self._memo

    @property
    def stamp(self) -> datetime:
        """When a hold counts as written (DTSTAMP): the `now` of the last poll."""
        return self._now or datetime.fromtimestamp(0, UTC)

    def calendars(self, now: datetime) -> Sequence[CalDAVCalendar]:
        """Every calendar that can hold events, in the server's order: one PROPFIND per home, plus
        the discovery at the first time and when the remembered home has gone. `now` is aware.

        Raises CredentialsError, UnreachableError, UnreadableError, MissingError.
        """
        self._now = now
        remembered = "homes" in self._memo
        if not remembered:
            self._remember(discover(self.wire))
        try:
            return self._poll()
        except MissingError:
            if not remembered:
                raise
        self._remember(discover(self.wire))
        return self._poll()

    def addresses(self) -> frozenset[str]:
        """Everything the server calls its user, asked for at most daily; the remembered while the
        server won't say. The principal is one of them, and a path may be written as a whole web
        address as well."""
        principal, asked = self._memo.get("principal"), self._memo.get("addresses_at")
        fresh = (
            asked is not None
            and self._now is not None
            and self._now - datetime.fromisoformat(asked) < _ADDRESSES_KEPT
        )
        if principal and self._now is not None and not fresh:
            with suppress(AccountError):
                self._keep_addresses(ask_addresses(self.wire, principal))
        told = {*self._memo.get("addresses", ()), calendar_address(principal or "")} - {""}
        host = urlsplit(self.wire.base).hostname or ""
        return frozenset(each for address in told for each in spellings(address, host))

    def create_calendar(self, name: str) -> CalDAVCalendar:
        """The calendar for holds: the one of this name that stands there now, else a new one in the
        first home, at a path made from the name.

        An empty-named calendar that stands at that path already is taken over: some servers drop
        the name. Raises ReadOnlyError, UncertainError, and as `calendars`."""
        standing = oldest_called(name, self.calendars(self._now or datetime.fromtimestamp(0, UTC)))
        if standing is not None:
            return standing
        if self._memo.get("single"):
            raise ReadOnlyError(
                f"account {self._name} is a single calendar, where {sanitize(name)} can't be created",
                "give the server's address as url, or choose that calendar for holds",
            )
        home = str(self._memo["homes"][0])
        for number in range(1, _NAMES_TRIED + 1):
            path = f"{home}{_slug(name)}{'' if number == 1 else f'-{number}'}/"
            part = self._at(path)
            if part is None:
                return self._made(path, name, ours=self._make(path, name))
            if is_calendar(part) and not part.text(f"{DAV}displayname"):
                return CalDAVCalendar(self, part)
        raise TakenError(
            f"{self.wire.host} has calendars at {sanitize(home)} under all names fikad would take",
            "create one",
        )

    def close(self) -> None:
        """Close the connections."""
        self.wire.close()

    # --- polling ---

    def _poll(self) -> list[CalDAVCalendar]:
        single = bool(self._memo.get("single"))
        parts: list[Part] = []
        homes: list[str] = []
        for home in self._memo["homes"]:
            found, here = self.wire.propfind(home, 0 if single else 1, propfind_body(_ASKED))
            if not any(f"{DAV}resourcetype" in part.props for part in found.parts):
                raise UnreadableError(
                    f"{self.wire.host} does not say what is in {sanitize(home)}",
                    "nothing was concluded from it",
                )
            parts += found.parts
            homes.append(collection(here))
        if single and not is_calendar(parts[0]):
            raise MissingError(
                f"{self.wire.host} has no calendar at {sanitize(homes[0])} any more",
                "check the account's url",
            )
        self._memo["homes"] = homes
        self._parts = tuple(parts)
        calendars = (CalDAVCalendar(self, part) for part in parts if is_calendar(part))
        return list({calendar.id: calendar for calendar in calendars}.values())

    def _remember(self, found_homes: FoundHomes) -> None:
        self._memo.update(
            homes=list(found_homes.homes),
            single=found_homes.single,
            principal=found_homes.principal,
        )
        if found_homes.addresses is not None:
            self._keep_addresses(found_homes.addresses)

    def _keep_addresses(self, found: frozenset[str]) -> None:
        self._memo["addresses"] = sorted(found)
        if self._now is not None:
            self._memo["addresses_at"] = self._now.isoformat()

    # --- creating ---

    def _at(self, path: str) -> Part | None:
        return next(
            (part for part in self._parts if normal(collection(part.href)) == normal(path)), None
        )

    def _make(self, path: str, name: str) -> bool:
        """MKCALENDAR; whether it is certain that this made the calendar. What is uncertain, the
        look that follows
        settles: a lost answer, and a refusal where somebody else was quicker (405, 409, some say
        403)."""
        try:
            answer = self.wire.send("MKCALENDAR", path, mkcalendar_body(name), XML)
        except (FailedAnswerError, LostAnswerError):
            return False
        if answer.status not in {200, 201, 204, 207, 405, 409}:
            self._poll()
            part = self._at(path)
            if part is None or not is_calendar(part):
                raise self.wire.refusal(answer, writing=True)
        return answer.status < 300

    def _made(self, path: str, name: str, *, ours: bool) -> CalDAVCalendar:
        """The calendar that was just made, as the server shows it, with its name."""
        self._poll()
        part = self._at(path)
        if part is None or not is_calendar(part):
            raise UncertainError(
                f"{self.wire.host} does not show the new calendar {sanitize(name)}",
                "fikad looks again later",
            )
        shown = _called(part)
        if ours and shown != name:  # some ignore the properties of MKCALENDAR
            self.wire.send("PROPPATCH", path, rename_body(name), XML)
            self._poll()
            part = self._at(path) or part
        elif shown not in {None, name}:
            raise TakenError(
                f"{self.wire.host} has another calendar at {sanitize(path)}",
                "fikad looks again later",
            )
        return CalDAVCalendar(self, part)


def _version(sync_token: str | None, ctag: str | None) -> str | None:
    """Both in one, since either may stand still where the other moves."""
    return json.dumps([sync_token, ctag]) if sync_token or ctag else None


def _called(part: Part) -> str | None:
    """What a calendar is called. DAViCal gives an ampersand back escaped once too often."""
    name = part.text(f"{DAV}displayname")
    return name and name.replace("&amp;", "&")


def _last_segment(path: str) -> str:
    return sanitize(unquote(path.rstrip("/").rpartition("/")[2])) or path


def _slug(name: str) -> str:
    """A path segment from a name: plain letters, digits and dashes."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60] or "fikad"


def _sound(memo: Mapping[str, Any]) -> bool:
    """Whether a memo is one that we could have written; anything else is discovered anew."""
    homes, asked = memo.get("homes", ["/"]), memo.get("addresses_at")
    try:
        dated = asked is None or datetime.fromisoformat(asked).tzinfo is not None
    except (TypeError, ValueError):
        dated = False
    paths = (
        isinstance(homes, list)
        and bool(homes)
        and all(isinstance(one, str) and one.startswith("/") for one in homes)
    )
    principal, addresses = memo.get("principal"), memo.get("addresses", [])
    return dated and paths and isinstance(principal, str | None) and isinstance(addresses, list)
