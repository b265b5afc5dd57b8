"""When a call is the better first step: for somebody not met for over a year who lives elsewhere.

Arranging a journey takes more than most people write to an old friend for. So what is done from
afar goes before what is not, where the contact's occasions have both."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from daemon.judging.recency import Standing

SILENT = timedelta(days=365)
"""Who was met within it is no old tie to take up again."""
JOURNEY = 0.2
"""What an occasion that needs a journey counts for then: less than any call, however late or
inconvenient."""


def first_steps(
    standing: Standing, now: datetime, zone: ZoneInfo, remote: Collection[str]
) -> frozenset[str]:
    """Those of a contact's occasions that go before all others; none where nothing does. `zone` is
    the user's, `remote` are the occasions that are done from afar."""
    contact, last_met = standing.contact, standing.last_met
    if last_met is None or now - last_met <= SILENT:
        return frozenset()
    if contact.timezone is None or contact.timezone.key == zone.key:
        return frozenset()
    return frozenset(contact.occasions).intersection(remote)
