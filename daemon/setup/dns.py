"""The system's DNS, asked for the two kinds of records that name a calendar server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from daemon.setup.locating import SrvRecord

_SECONDS = 5.0
"""How long DNS may take in all, for one question."""


class SystemResolver:
    """Asks the name servers that the system uses."""

    def servers(self, name: str) -> Sequence[SrvRecord]:
        return [
            SrvRecord(record.priority, record.weight, str(record.target), record.port)
            for record in _ask(name, "SRV")
        ]

    def texts(self, name: str) -> Sequence[str]:
        return [b"".join(record.strings).decode("utf-8", "replace") for record in _ask(name, "TXT")]


def _ask(name: str, kind: str) -> list[Any]:
    # Imported late: only somebody who gives an address of an unknown domain needs it.
    import dns.exception
    import dns.resolver

    try:
        return list(dns.resolver.resolve(name, kind, lifetime=_SECONDS, search=False))
    except (dns.exception.DNSException, OSError, ValueError):
        return []  # no records, no network: the domain itself is tried next
