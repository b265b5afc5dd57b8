"""Signals as something to wait for."""

from __future__ import annotations

import signal
import socket
from types import FrameType

_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGCHLD)


class Signals:
    """While it is entered, the numbers of signals come through a socket."""

    def __enter__(self) -> Signals:
        self._reader, self._writer = socket.socketpair()
        for end in (self._reader, self._writer):
            end.setblocking(False)
        signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        self._before = {number: signal.signal(number, _noted) for number in _SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        signal.set_wakeup_fd(-1)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._reader.close()
        self._writer.close()

    def fileno(self) -> int:
        return self._reader.fileno()

    def take(self) -> bytes:
        """The signals that came since."""
        try:
            return self._reader.recv(4096)
        except BlockingIOError:
            return b""


def _noted(number: int, frame: FrameType | None) -> None:
    """Nothing to do here: the number already is in the socket."""
