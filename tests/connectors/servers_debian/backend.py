"""An account on a server from Debian's packages, as the tests of every calendar want it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urljoin

from tests.connectors.backends import CalDAVBackend
from tests.connectors.servers_debian.debian import DebianServer


@dataclass
class DebianBackend(CalDAVBackend):
    server: DebianServer

    @property
    def url(self) -> str:
        return urljoin(self.wire.url, self.server.principal(self.user))

    @staticmethod
    def _url(place: str, key: str) -> str:
        """DAViCal takes no address with an opening bracket."""
        return f"{place}{quote(key.replace('(', '_'), safe='')}.ics"

    def spellings_of_me(self) -> tuple[str, ...]:
        return self.server.principal(self.user), self.url
