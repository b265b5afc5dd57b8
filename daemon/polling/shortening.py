"""What a quiet poll leaves in the mark for short polls to go by (see `daemon.polling.short`)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from daemon.ledger.decided import QUIET
from daemon.ledger.polled import Polled
from daemon.polling.asking import Asking
from daemon.polling.mark import Asked
from daemon.polling.news import RECONCILE_EVERY
from daemon.polling.short import SHORT, is_short


class _Opened(Protocol):
    """An account or an address book that was asked."""

    @property
    def requests(self) -> int: ...

    @property
    def memo(self) -> dict[str, Any]: ...


def allow_short(asking: Asking, said: Mapping[str, Any]) -> None:
    """After a quiet poll that said so much, as JSON, let the next ones be short, if all that it
    asked was one plain question of each. Once for each mark. Raises LedgerError."""
    ledger, mark = asking.ledger, asking.mark
    if ledger is None or mark is None or ledger.problems():
        return
    kept = json.loads(ledger.get(QUIET) or "{}")
    if SHORT in kept or any(account.remark for account in asking.accounts.values()):
        return
    accounts = _questions(mark.accounts, asking.accounts)
    books = _questions(mark.books, asking.books)
    until = _compared_until(ledger, asking)
    if accounts is not None and books is not None and until is not None:
        asked = {"accounts": accounts, "books": books}
        kept[SHORT] = {"until": until.isoformat(), "said": said, "asked": asked}
        ledger.put(QUIET, json.dumps(kept))


def _questions(
    asked: Mapping[str, Asked], opened: Mapping[str, _Opened]
) -> dict[str, dict[str, Any]] | None:
    """What each was asked, and what it said (`connectors.dav.question`); None where somebody is not
    to be asked so shortly."""
    questions = {}
    for name, each in asked.items():
        one = opened[name].memo.get("question") if opened[name].requests == 1 else None
        if one is None or not is_short(each.access.as_json()):
            return None
        questions[name] = one
    return questions


def _compared_until(ledger: Polled, asking: Asking) -> datetime | None:
    """When something that is read must be compared as a whole again; None for now."""
    compared = (
        *(each.reconciled for name in asking.accounts for each in ledger.calendars(name).values()),
        *(each.reconciled for name in asking.books for each in ledger.books(name).values()),
    )
    whens = [when for when in compared if when is not None]
    return min(whens) + RECONCILE_EVERY if whens and None not in compared else None
