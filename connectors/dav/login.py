"""Where an account is, and with what it is opened."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Login:
    """One login on one server."""

    account: str
    """Its name in the config."""
    url: str
    """Whatever address the user has: the server's, a principal's, a home's or one collection's."""
    username: str
    password: str | None = field(repr=False)
    """None where the server asks for none."""
    timeout_seconds: float = 30.0
    ca: Path | None = None
    """A private authority's certificate, as PEM."""
    exact: bool = True
    """Whether the url says what is to be read. If not it only leads to the user, as the address of
    their calendars leads to their address books."""
