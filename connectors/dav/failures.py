"""What it means when a server does not do what it was asked.

Two questions matter after a failure: can the user do something about it (then the message says
what), and was the request perhaps carried out all the same? The second is asked of writes alone: a
`LostAnswerError` says "perhaps, look again", a `FailedAnswerError` "most likely not", any other
`UnreachableError` "surely not: it never got there"."""

from __future__ import annotations

from connectors.dav.dialect import Dialect
from connectors.errors import (
    AccountError,
    MissingError,
    ReadOnlyError,
    UnreachableError,
    UnreadableError,
)
from connectors.sanitize import sanitize

PRIVATE_AUTHORITY = (
    "check the url; where its authority is a private one, name that authority's certificate (a "
    "PEM file) as `ca` of"
    " the account"
)


class LostAnswerError(UnreachableError):
    """The request was sent and no answer came back: it may or may not have been carried out."""


class FailedAnswerError(UnreachableError):
    """The server answered that it failed (429, 5xx): it is done with the request, most likely
    without effect."""


class StrayError(UnreachableError):
    """The server points to another origin, where no credentials are sent."""

    def __init__(self, what: str, advice: str, url: str = "") -> None:
        super().__init__(what, advice)
        self.url = url
        """Where it points to, without a login in it; empty for what is no URL."""


def refusal(
    host: str, path: str, status: int, dialect: Dialect, *, writing: bool = False
) -> AccountError:
    """The error that an HTTP status nobody asked for stands for, at `path` of `host`."""
    path = sanitize(path, 200)
    if status in {404, 410}:
        return MissingError(
            f"{host} has nothing at {path} (error {status})",
            f"check the url, or the {dialect.collection}'s name",
        )
    if writing and status == 507:
        return UnreachableError(f"{host} has no room left for {path}", "free some space there")
    if writing and status == 423:
        return UnreachableError(f"{host} has {path} locked", "fikad tries again later")
    if writing:
        return ReadOnlyError(
            f"{host} refuses changes to {path} (error {status})",
            "choose another calendar for holds, or allow writing",
        )
    if status == 403:
        return UnreadableError(
            f"{host} forbids reading {path} (error 403)", "check the account's rights there"
        )
    if status == 200:
        return UnreadableError(
            f"{host} answered with a page instead of {dialect.protocol} at {path}",
            "check the account's url",
        )
    return UnreadableError(
        f"{host} does not speak {dialect.protocol} at {path} (status {status})",
        "check the account's url",
    )


def failure(
    error: BaseException, host: str, timeout_seconds: float, *, connecting: bool
) -> UnreachableError:
    """Name what an exception of the HTTP library means. `connecting`: there was no connection yet,
    so the request surely was not sent."""
    import socket
    import ssl

    if isinstance(error, ssl.SSLCertVerificationError):
        why = sanitize(error.verify_message, 120)
        return UnreachableError(
            f"{host} shows a TLS certificate that can't be trusted ({why})",
            PRIVATE_AUTHORITY,
        )
    if isinstance(error, socket.gaierror):
        return UnreachableError(
            f"{host} can't be found (DNS)", "check the account's url and the network"
        )
    if isinstance(error, ConnectionRefusedError):
        return UnreachableError(
            f"{host} refused the connection", "check the account's url, and that the server runs"
        )
    if connecting and isinstance(error, ssl.SSLError):
        return UnreachableError(
            f"{host} and fikad do not agree on TLS", "check the account's url and port"
        )
    if connecting and isinstance(error, TimeoutError):
        return UnreachableError(
            f"{host} could not be reached within {timeout_seconds:g} s", "check the network"
        )
    if connecting and isinstance(error, ValueError):
        return UnreachableError(f"{host or 'the url'} is no web address", "check the account's url")
    if connecting:
        return UnreachableError(f"{host} could not be reached", "check the network")
    if isinstance(error, TimeoutError):
        return LostAnswerError(f"{host} did not answer in time", "fikad tries again later")
    return LostAnswerError(
        f"{host} broke the connection off", "check the network, fikad tries again later"
    )
