"""Telling systemd how the service is: READY, WATCHDOG, STATUS (sd_notify(3)).

The protocol is one datagram of `KEY=value` lines to the socket named in $NOTIFY_SOCKET. Without
that variable nobody listens, and nothing is sent."""

from __future__ import annotations

import os
import socket


def notify(*facts: str) -> bool:
    """Send facts such as "READY=1"; whether somebody was told. Never blocks and never raises."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return False
    # "@" stands for the NUL byte of Linux' abstract sockets.
    socket_path = "\0" + address[1:] if address.startswith("@") else address
    try:
        with socket.socket(
            socket.AF_UNIX, socket.SOCK_DGRAM | getattr(socket, "SOCK_CLOEXEC", 0)
        ) as channel:
            channel.setblocking(False)
            channel.sendto("\n".join(facts).encode(), socket_path)
    except OSError:
        # A manager that is gone or busy: the next tick tells it again, and nothing depends on it.
        return False
    return True


def watchdog_seconds() -> float | None:
    """How long systemd waits for a sign of life before it restarts us; None: it does not watch this
    process."""
    if os.environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    try:
        microseconds = int(os.environ["WATCHDOG_USEC"])
    except (KeyError, ValueError):
        return None
    return microseconds / 1_000_000 if microseconds > 0 else None
