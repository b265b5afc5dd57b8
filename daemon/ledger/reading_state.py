"""How a reading went, in one word."""

from __future__ import annotations

from typing import Literal

from connectors.errors import AccountError, CredentialsError

ReadingState = Literal["ok", "auth", "error", "suspect"]
"""How reading an account or an address book went: well; its login failed; something else did; or it
lists so little that it is not believed."""


class SuspectError(AccountError):
    """Something lists nothing, or much less, where it listed a lot: nothing is concluded from
    that."""


def state_of(error: AccountError) -> ReadingState:
    """The state that a failed reading leaves."""
    if isinstance(error, CredentialsError):
        return "auth"
    return "suspect" if isinstance(error, SuspectError) else "error"
