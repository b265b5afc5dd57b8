"""How one account was read in a pass, for its report."""

from __future__ import annotations

from dataclasses import dataclass, replace

from daemon.ledger.reading_state import ReadingState


@dataclass(frozen=True, slots=True)
class AccountReading:
    """How one account was read in this pass."""

    account: str
    state: ReadingState
    message: str = ""
    calendars: tuple[str, ...] = ()
    """Names of the calendars read."""
    changed: int = 0
    """Resources that changed or went."""
    requests: int = 0

    def and_then(self, later: AccountReading) -> AccountReading:
        """This reading and a later one of the same account in the same pass, which may have made a
        calendar since."""
        return replace(
            later,
            calendars=self.calendars or later.calendars,
            changed=self.changed + later.changed,
            requests=self.requests + later.requests,
        )
