"""What every calendar does, on servers from Debian's packages as on all others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, urljoin

import pytest

from connectors.base import Account
from connectors.caldav.account import CalDAVAccount
from tests.connectors import servers, test_contract
from tests.connectors.backends import Backend, CalDAVBackend
from tests.connectors.servers_debian.debian import PASSWORD, DebianServer

place = test_contract.place
globals().update(
    {name: test for name, test in vars(test_contract).items() if name.startswith("test_")}
)


@dataclass
class DebianBackend(CalDAVBackend):
    server: DebianServer

    def account(self) -> Account:
        url = urljoin(self.wire.url, self.server.principal(self.user))
        return CalDAVAccount("home", url, self.user, PASSWORD, self.memo)

    @staticmethod
    def _url(place: str, key: str) -> str:
        """DAViCal takes no address with an opening bracket."""
        return f"{place}{quote(key.replace('(', '_'), safe='')}.ics"

    def spellings_of_me(self) -> tuple[str, ...]:
        principal = self.server.principal(self.user)
        return principal, urljoin(self.wire.url, principal)


@pytest.fixture
def backend(server: DebianServer, users: Iterator[str]) -> Iterator[Backend]:
    user = next(users)
    server.add_user(user)
    with servers.wire(server.url) as wire:
        yield DebianBackend(server, wire, user)
