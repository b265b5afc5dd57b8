"""The wire to one server: requests out, whole answers or one clear error back.

Nothing but `AccountError` leaves it. Credentials are sent to the configured origin alone: redirects
are followed within it and refused beyond it. Basic credentials go with the first request (a server
such as Cyrus answers strangers politely instead of asking who they are); Digest is used where the
server offers nothing else."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from datetime import datetime
from typing import Any

from connectors.dav.dialect import Dialect
from connectors.dav.failures import FailedAnswerError, LostAnswerError, StrayError, refusal
from connectors.dav.http import Http, HttpAnswer, target_of
from connectors.dav.login import Login
from connectors.dav.multistatus import Multistatus, parse
from connectors.dav.origin import joined, origin_of, without_userinfo
from connectors.dav.question import question
from connectors.errors import (
    AccountError,
    CredentialsError,
    MissingError,
    UnreachableError,
    UnreadableError,
)
from connectors.sanitize import sanitize

XML = {"Content-Type": 'application/xml; charset="utf-8"'}

_REDIRECTS = {301, 302, 307, 308}
_MAX_REDIRECTS = 5


class Wire:
    """Sends requests to one origin."""

    def __init__(self, login: Login, memo: MutableMapping[str, Any], dialect: Dialect) -> None:
        self.dialect = dialect
        self._http = Http(login)
        self.base = self._http.base
        self.host = self._http.host
        self._account = login.account
        self._has_password = login.password is not None
        self._memo = memo

    @property
    def requests(self) -> int:
        """Requests sent, redirects and authentication rounds included."""
        return self._http.requests

    @property
    def clock(self) -> datetime | None:
        """What the server's clock said at its last answer (aware); None where it says nothing."""
        return self._http.clock

    def close(self) -> None:
        """Close the connections; the next request opens new ones."""
        self._http.close()

    # --- asking ---

    def propfind(self, path: str, depth: int, body: bytes) -> tuple[Multistatus, HttpAnswer]:
        """PROPFIND: what the server says, and the answer that says it. Raises MissingError on 404,
        UnreadableError when the answer is no multistatus or names no resource at all."""
        answer = self.send("PROPFIND", path, body, {"Depth": str(depth), **XML})
        answered = self.multistatus(answer)
        if not answered.parts:
            raise UnreadableError(
                f"{self.host} gave an empty list for {sanitize(path)}",
                "nothing was concluded from it",
            )
        if all(
            part.status in {404, 410} for part in answered.parts
        ):  # Xandikos says so inside a 207
            raise MissingError(
                f"{self.host} has nothing at {sanitize(path)}",
                f"check the url, or the {self.dialect.collection}'s name",
            )
        return answered, answer

    def question(
        self, path: str, depth: int, body: bytes, answer: HttpAnswer
    ) -> dict[str, Any] | None:
        """What a PROPFIND asked and was answered, for `connectors.dav.question`; None where it
        cannot be asked again so shortly."""
        url = joined(self.base, path)
        target = target_of(url)
        if target != answer.path or self._scheme() != "basic":
            return None
        return question(origin_of(url), target, depth, body, answer.body)

    def report(self, path: str, body: bytes, depth: int | None) -> HttpAnswer:
        """REPORT; the caller judges the status."""
        return self.send(
            "REPORT", path, body, ({} if depth is None else {"Depth": str(depth)}) | XML
        )

    def ask_ahead(self, path: str, body: bytes) -> None:
        """Send the REPORT that `report` will be asked for next, without a depth, so that its answer
        is on its way meanwhile. Where that can't be, nothing is sent, and nothing raised."""
        url = joined(self.base, path)
        if origin_of(url) == origin_of(self.base):
            self._http.ask_ahead("REPORT", url, body, XML, self._scheme())

    def multistatus(self, answer: HttpAnswer) -> Multistatus:
        """The multistatus of an answer that has to be one."""
        if answer.status != 207:
            raise self.refusal(answer)
        return parse(answer.body, self.host, self.dialect.protocol)

    def send(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        *,
        follow: bool = True,
    ) -> HttpAnswer:
        """Send one request and read the answer; a redirect within the origin is followed, unless it
        is to be returned as it is.

        401, 429 and 5xx raise here (CredentialsError, FailedAnswerError), except 501 and 507, which
        say something about the request; every other status is returned. Raises LostAnswerError when
        the request was sent and no whole answer came from the server itself, StrayError at a
        redirect to another origin, and UnreachableError when the request surely was not sent."""
        scheme, host, _ = origin_of(self.base)
        if scheme not in {"http", "https"} or not host:
            raise UnreachableError(
                f"the url of account {self._account} is no web address", "it begins with https://"
            )
        url = joined(self.base, path)
        if origin_of(url) != origin_of(self.base):
            raise self.stray(url)
        for _ in range(_MAX_REDIRECTS):
            answer = self._authenticated(method, url, body, headers or {})
            if not follow or answer.status not in _REDIRECTS:
                break
            url = self._followed(url, answer)
        else:
            raise UnreachableError(f"{self.host} redirects in circles", "check the account's url")
        if answer.status == 429 or (answer.status >= 500 and answer.status not in {501, 507}):
            # the server behind it may still be working on the request
            by_gateway = answer.status in {502, 504}
            raise (LostAnswerError if by_gateway else FailedAnswerError)(
                f"{self.host} answered with error {answer.status}",
                "nothing to do here, fikad tries again later",
            )
        return answer

    def refusal(self, answer: HttpAnswer, *, writing: bool = False) -> AccountError:
        """The error that a status nobody asked for stands for."""
        secure = self._http.tls_after_all() if answer.status == 400 else None
        return secure or refusal(
            self.host, answer.path, answer.status, self.dialect, writing=writing
        )

    # --- redirects and credentials ---

    def _followed(self, url: str, answer: HttpAnswer) -> str:
        target = joined(url, answer.headers.get("location", ""))
        if origin_of(target) != origin_of(self.base):
            raise self.stray(target)
        return without_userinfo(target)

    def stray(self, url: str) -> StrayError:
        """The error for an address on another origin."""
        scheme, host, port = origin_of(url)
        there = (
            sanitize(f"{scheme}://{host}" + ("" if port in {80, 443} else f":{port}"), 200)
            if host
            else "nowhere"
        )
        return StrayError(
            f"{self.host} points to {there}, and your password was not sent there",
            "if you trust it, make it the account's url",
            without_userinfo(url) if host else "",
        )

    def _authenticated(
        self, method: str, url: str, body: bytes, headers: Mapping[str, str]
    ) -> HttpAnswer:
        answer = self._http.once(method, url, body, headers, self._scheme())
        if answer.status != 401:
            return answer
        if not self._has_password:
            raise CredentialsError(
                f"{self.host} asks for a password and account {self._account} has none", "set one"
            )
        offered = _schemes(answer.headers.get("www-authenticate", ""))
        used = self._scheme()
        if used not in offered and offered & {"basic", "digest"}:
            self._memo["auth"] = "digest" if "digest" in offered else "basic"
            self.close()
            answer = self._http.once(method, url, body, headers, self._scheme())
        elif offered and not offered & {"basic", "digest"}:
            raise CredentialsError(
                f"{self.host} wants another kind of sign-in "
                f"({sanitize(', '.join(sorted(offered)), 60)})",
                "make an app password there",
            )
        if answer.status == 401:
            raise CredentialsError(
                f"{self.host} refused the user name or password of account {self._account}",
                f"check them, or run `fikad auth {self._account}`",
            )
        return answer

    def _scheme(self) -> str:
        return "digest" if self._memo.get("auth") == "digest" else "basic"


def _schemes(header: str) -> set[str]:
    """The authentication schemes a WWW-Authenticate header offers (RFC 9110 section 11.6.1), lower
    case.

    A comma ends a challenge or a parameter; a scheme is a word before a blank or on its own, never
    before `=`."""
    starts = (piece.strip().split(" ", 1)[0] for piece in header.split(","))
    return {start.lower() for start in starts if start and "=" not in start and '"' not in start}
