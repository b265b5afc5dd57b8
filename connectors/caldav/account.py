"""CalDAV accounts (RFC 4791): one login on one server, with one or several homes full of calendars.

How calendars are found and read is the same as for address books and lives in `connectors/dav`;
`writing` writes holds, `creating` the calendar for them; both are loaded when they are needed, as a
poll without news needs neither.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from connectors.caldav.calendar import CalDAVCalendar
from connectors.caldav.dialect import ADDRESS_SET, CALENDARS, is_calendar
from connectors.calendar_address import calendar_address, spellings
from connectors.dav.homes import Homes
from connectors.dav.login import Login
from connectors.dav.multistatus import CALDAV, DAV, Part
from connectors.dav.reading import VERSIONS
from connectors.dav.requests import propfind_body
from connectors.errors import AccountError, ReadOnlyError
from connectors.sanitize import sanitize

if TYPE_CHECKING:
    from connectors.caldav.free_busy import Outbox

_ASKED = (
    f"{DAV}displayname",
    f"{DAV}resourcetype",
    f"{CALDAV}supported-calendar-component-set",
    *VERSIONS,
    f"{DAV}current-user-privilege-set",
    f"{DAV}owner",
)
_ADDRESSES_KEPT = timedelta(days=1)


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
        self._now: datetime | None = None
        login = Login(name, url, username, password, timeout_seconds, ca)
        self._homes = Homes(login, memo, CALENDARS, _ASKED)
        self.wire = self._homes.wire
        self._outbox: Outbox | None = None
        if not _sound(memo):
            memo.pop("addresses", None)
            memo.pop("addresses_at", None)

    @property
    def name(self) -> str:
        return self._name

    @property
    def can_create(self) -> bool:
        """Most servers let their users make calendars; those that don't say so when asked. Never
        beside an account's one calendar; True while it is not known whether it is one."""
        return not self._homes.single

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
        """The texts are the server's, and may come from anybody."""
        return False

    @property
    def requests(self) -> int:
        return self.wire.requests

    @property
    def memo(self) -> dict[str, Any]:
        """JSON: `homes` (paths), `single`, `principal`, `addresses`, `addresses_at`, `outbox`,
        `auth`, `question` (`connectors.dav.question`); for which `url` and `username`, and by which
        `rules`, they were found."""
        return self._homes.memo

    @property
    def free_busy(self) -> Outbox:
        """The user's scheduling outbox, where the server has them. Known after `calendars`."""
        if self._outbox is None:
            from connectors.caldav.free_busy import Outbox

            self._outbox = Outbox(self._homes)
        return self._outbox

    def calendars(self, now: datetime) -> Sequence[CalDAVCalendar]:
        """Every calendar that can hold events, in the server's order: one PROPFIND per home, plus
        the discovery at the first time and when the remembered home has gone. `now` is aware.

        Raises CredentialsError, UnreachableError, UnreadableError, MissingError.
        """
        self._now = now
        parts = self._homes.listing()
        if self._homes.owner is not None:
            self._keep_addresses(_own_addresses(self._homes.owner))
        calendars = (CalDAVCalendar(self._homes, part, now) for part in parts if is_calendar(part))
        return list({calendar.id: calendar for calendar in calendars}.values())

    def addresses(self) -> frozenset[str]:
        """Everything the server calls its user, asked for at most daily; the remembered while the
        server won't say. The principal is one of them, and a path may be written as a whole web
        address as well."""
        asked = self.memo.get("addresses_at")
        fresh = (
            asked is not None
            and self._now is not None
            and self._now - datetime.fromisoformat(asked) < _ADDRESSES_KEPT
        )
        if self._homes.principal and self._now is not None and not fresh:
            with suppress(AccountError):
                answer, _ = self.wire.propfind(
                    self._homes.principal, 0, propfind_body([ADDRESS_SET])
                )
                self._keep_addresses(_own_addresses(answer.parts[0]))
        told = {*self.memo.get("addresses", ()), calendar_address(self._homes.principal or "")} - {
            ""
        }
        host = urlsplit(self.wire.base).hostname or ""
        return frozenset(each for address in told for each in spellings(address, host))

    def create_calendar(self, name: str) -> CalDAVCalendar:
        """The calendar for holds: the one of this name that stands there now, else a new one in the
        first home. Raises ReadOnlyError, TakenError, UncertainError, and as `calendars`."""
        from connectors.base import oldest_called
        from connectors.caldav.creating import make_calendar

        standing = oldest_called(name, self.calendars(self._stamp))
        if standing is not None:
            return standing
        if self._homes.single:
            raise ReadOnlyError(
                f"account {self._name} is a single calendar, where {sanitize(name)} can't be "
                "created",
                "give the server's address as url, or choose that calendar for holds",
            )
        return CalDAVCalendar(self._homes, make_calendar(self._homes, name), self._stamp)

    def close(self) -> None:
        """Close the connections."""
        self.wire.close()

    @property
    def _stamp(self) -> datetime:
        return self._now or datetime.fromtimestamp(0, UTC)

    def _keep_addresses(self, addresses: frozenset[str]) -> None:
        self.memo["addresses"] = sorted(addresses)
        if self._now is not None:
            self.memo["addresses_at"] = self._now.isoformat()


def _own_addresses(principal: Part) -> frozenset[str]:
    """The addresses of a calendar-user-address-set, those included that no mail goes to."""
    value = principal.props.get(ADDRESS_SET)
    return frozenset(filter(None, map(calendar_address, value.hrefs if value else ())))


def _sound(memo: Mapping[str, Any]) -> bool:
    """Whether the addresses in a memo are such as we could have written."""
    asked = memo.get("addresses_at")
    try:
        dated = asked is None or datetime.fromisoformat(asked).tzinfo is not None
    except (TypeError, ValueError):
        dated = False
    return dated and isinstance(memo.get("addresses", []), list)
