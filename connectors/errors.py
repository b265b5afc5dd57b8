"""The one tree of errors: each says what happened and what to do next.

    FikadError                    exit code 1
    ├─ ConfigError                10   (daemon/config/errors.py)
    ├─ AccountError               12   an account or calendar cannot be used now
    │  ├─ CredentialsError        11   the server or the secret store refused
    │  │  └─ SecretError               … the secret could not be had from its store
    │  │     └─ SilentStoreError       … the keyring did not answer in time
    │  ├─ UnreachableError             no usable answer; later may help
    │  ├─ UnreadableError              an answer without the parts that it must have
    │  ├─ MissingError                 the calendar is gone
    │  ├─ ReadOnlyError                the calendar takes no writes
    │  ├─ TakenError                   a create found the name taken
    │  │  └─ WithdrawnError            … by a hold that fikad itself took back
    │  ├─ ChangedError                 the event is not what it was; nothing was written
    │  └─ UncertainError               a write was sent and no answer came
    │     └─ HiddenError               … it was taken, and the calendar does not show it
    └─ RefusedError               13   fikad will not do this, for safety

A class carries the exit code of a command that ends with it, and hands it on to those below. A
module that needs an error of its own puts it under one of these. Two are no part of the tree, since
nobody is told of them: what a parser raises about one value (`ValueError`), and what ends a child
(`BaseException`)."""

from __future__ import annotations

TYPE_CHECKING = False  # typing is more to load than all of this
if TYPE_CHECKING:
    from typing import ClassVar


class FikadError(Exception):
    """Root of all errors fikad raises on purpose: what happened, and what to do next. As text they
    are one line."""

    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, advice: str = "") -> None:
        super().__init__(what, advice)
        self.what = what
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.what}: {self.advice}" if self.advice else self.what


class RefusedError(FikadError):
    """fikad will not do this, for safety: another one is running, or nobody confirmed."""

    exit_code = 13


class AccountError(FikadError):
    """An account or calendar cannot be used now. Raised by connectors; the others go on without
    it."""

    exit_code = 12


class CredentialsError(AccountError):
    """The server or the secret store refused: wrong password, revoked token, locked keyring."""

    exit_code = 11


class SecretError(CredentialsError):
    """The secret could not be had from its store: the keyring is locked, the file gone. No server
    was asked."""


class SilentStoreError(SecretError):
    """The keyring did not answer in time: whoever else asks it now will wait as long."""


class UnreachableError(AccountError):
    """No usable answer: host down, TLS failure, time-out, 5xx. Trying again later may help."""


class UnreadableError(AccountError):
    """An answer without the parts that it must have (HTML, cut XML, no token). Never taken for an
    empty calendar."""


class MissingError(AccountError):
    """The calendar itself is gone (404, or not listed)."""


class ReadOnlyError(AccountError):
    """The server refuses writes to this calendar (403, or its privileges say so)."""


class TakenError(AccountError):
    """A create found the name taken (412 on `If-None-Match: *`, 409). Read it before deciding
    anything."""


class WithdrawnError(TakenError):
    """The name was taken by a hold that fikad itself took back and deleted: no dismissal, but
    another name is needed (Google keeps deleted names)."""


class ChangedError(AccountError):
    """The event is not what it was when it was last read: changed (412) or gone (404, 410). Nothing
    was written."""


class UncertainError(AccountError):
    """A write was sent and no answer came: it may or may not have been applied."""


class HiddenError(UncertainError):
    """A write was taken, and the calendar does not show it: nobody can tell what becomes of it
    there."""
