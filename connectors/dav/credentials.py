"""What goes with a request to say who asks: Basic (RFC 7617), or Digest where a server offers
nothing else."""

from __future__ import annotations

from binascii import b2a_base64
from typing import TYPE_CHECKING

from connectors.dav.login import Login

if TYPE_CHECKING:
    from connectors.dav.digest import Challenge


class Credentials:
    """The name and the password of a login, and which nonce of the server's they are hashed
    with."""

    def __init__(self, login: Login) -> None:
        self._login = login
        self._challenge: Challenge | None = None
        self._used = 0

    def header(self, scheme: str, method: str, target: str) -> bytes | None:
        """The Authorization header by this `scheme` ("basic" or "digest"); None without a password,
        and by Digest before the first challenge."""
        username, password = self._login.username, self._login.password
        if password is None:
            return None
        if scheme == "basic":
            return b"Basic " + b2a_base64(f"{username}:{password}".encode(), newline=False)
        if self._challenge is None:
            return None
        from connectors.dav.digest import authorization, new_nonce

        self._used += 1
        login = (username, password)
        return authorization(self._challenge, login, method, target, self._used, new_nonce())

    def accept(self, header: str) -> bool:
        """Take the challenge of a WWW-Authenticate header; False where there is none that can be
        answered by Digest."""
        if self._login.password is None:
            return False
        from connectors.dav.digest import challenge_in

        self._challenge, self._used = challenge_in(header), 0
        return self._challenge is not None
