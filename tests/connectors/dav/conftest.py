"""What the tests of WebDAV share with those of CalDAV: a server that says what it is told to, and
real ones."""

from __future__ import annotations

from tests.connectors.caldav.conftest import calendar, real, server

__all__ = ["calendar", "real", "server"]
