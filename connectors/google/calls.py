"""Sending requests to Google: one at a time, counted, retried with patience, and every failure
given its meaning.

A request is repeated only if repeating it can't do anything twice: reads, and writes that bear an
id or an ETag of ours. That is why httplib2 is kept from re-sending by itself after a dropped
connection. The waiting is exponential with jitter (or what Retry-After says) and limited per pass:
a server that wants more patience than that is left alone until the next pass."""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import BadStatusLine, HTTPException
from typing import Any

from connectors.errors import CredentialsError, UncertainError, UnreachableError
from connectors.google.api import CALENDAR, Api
from connectors.google.auth import OAuthLogin, is_loopback, is_safe_address, quiet
from connectors.traced_request import Traced
from connectors.trust import authorities

ATTEMPTS = 6
"""Requests at the most for one call that Google answers with "later"."""
# no answer at all: most likely we are offline, and the next pass comes soon
_TRANSPORT_ATTEMPTS = 3
_LONGEST_WAIT_SECONDS = 32.0
_LATER = {"rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "RATE_LIMIT_EXCEEDED"}
_NOT_TODAY = {"dailyLimitExceeded", "dailyLimitExceededUnreg"}
_NOT_ENABLED = {"accessNotConfigured", "SERVICE_DISABLED"}
SCOPE_REASONS = {"insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}
"""The grant does not reach that far, as opposed to the user's own rights in the calendar."""


class Refused(Exception):
    """Google answered with a 4xx that only the caller can judge."""

    def __init__(self, status: int, reason: str, *, unsure: bool) -> None:
        super().__init__(f"{status} {reason}".strip())
        self.status = status
        self.reason = reason
        self.unsure = unsure
        """An earlier attempt of the same call got no answer: it may be the one that this refusal is
        about."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long Google is waited for."""

    clock: Callable[[], float] = time.monotonic
    """Monotonic, in seconds; measures patience only."""
    sleep: Callable[[float], None] = time.sleep
    timeout_seconds: float = 30.0
    """For one answer."""
    budget_seconds: float = 60.0
    """How long one pass may wait in all for a server that asks for patience."""


class Calls:
    """The one connection of an account. Not thread-safe, like the httplib2 beneath."""

    def __init__(
        self,
        login: OAuthLogin,
        endpoint: str | None,
        patience: Patience,
        api: Api = CALENDAR,
    ) -> None:
        """`endpoint` replaces Google's address (an emulator on this machine); raises
        CredentialsError for plain http to anywhere else."""
        if endpoint is not None and not is_safe_address(endpoint):
            raise CredentialsError(
                f"endpoint {endpoint} must be https", "the token would be readable on the way"
            )
        self._login = login
        self._endpoint = endpoint
        self._api = api
        self._clock = patience.clock
        self._sleep = patience.sleep
        self._timeout_seconds = patience.timeout_seconds
        self._budget_seconds = patience.budget_seconds
        self._spent_seconds = 0.0
        self._not_before = float("-inf")
        self._http: Any = None
        self._service: Any = None
        self._collections: dict[str, Any] = {}
        self.requests = 0
        self.underway = ("", 1)
        """What is asked now, for those who look on: the method, and which attempt it is."""

    @property
    def scopes(self) -> frozenset[str] | None:
        """What the user granted, None while unknown."""
        return self._login.scopes

    def new_pass(self) -> None:
        """A new pass has its whole patience, and begins with fresh sockets: idle ones are dead
        ones. Raises CredentialsError when there is no token at all."""
        self._login.ready()
        self._spent_seconds = 0.0
        self._drop_connections()

    def close(self) -> None:
        self._drop_connections()

    def collection(self, name: str) -> Any:
        """Google's client for `events`, `calendarList`, `people.connections` or the like. Built
        once and kept: the library makes a class of dozens of functions for it at every call."""
        if name not in self._collections:
            client = self._built()
            for part in name.split("."):
                client = getattr(client, part)()
            self._collections[name] = client
        return self._collections[name]

    def _built(self) -> Any:
        """The client, from the discovery document that comes with the library."""
        if self._service is None:
            from googleapiclient.discovery import build

            quiet()
            options = (
                {"api_endpoint": f"{self._endpoint.rstrip('/')}/{self._api.path}"}
                if self._endpoint
                else None
            )
            self._http = _connection(self, self._timeout_seconds, direct=bool(self._endpoint))
            self._service = build(
                self._api.service,
                self._api.version,
                http=_Bearer(self._login, self._http),
                client_options=options,
                static_discovery=True,
            )
        return self._service

    def execute(self, request: Any, *, writes: bool = False, repeats: bool = True) -> Any:
        """The parsed JSON of the answer. `writes`: no answer is uncertainty; `repeats`: sending it
        twice is harmless.

        Raises Refused (4xx for the caller to judge), CredentialsError, UnreachableError, and for a
        write that may have been applied UncertainError."""
        unsure = False
        attempt = 0
        while True:
            attempt += 1
            if self._clock() < self._not_before:
                raise _no_answer(unsure, "Google asks to wait")
            began = self._clock()
            self.underway = (str(request.methodId), attempt)
            failure = self._attempt(request, unsure=unsure)
            if failure.answered:
                return failure.answer
            unsure = unsure or (writes and failure.maybe_applied)
            limit = _TRANSPORT_ATTEMPTS if failure.status == 0 else ATTEMPTS
            wait = self._wait_seconds(failure, attempt)
            self._spent_seconds += self._clock() - began
            if not repeats or attempt >= limit or self._spent_seconds + wait > self._budget_seconds:
                raise _no_answer(unsure, failure.told)
            self._spent_seconds += wait
            self._sleep(wait)

    def _attempt(self, request: Any, *, unsure: bool) -> _Outcome:
        import httplib2
        from googleapiclient.errors import HttpError

        try:
            return _Outcome(answer=request.execute(), answered=True)
        except HttpError as error:
            return self._judged(error, unsure=unsure)
        except (OSError, httplib2.HttpLib2Error, HTTPException) as error:
            self._drop_connections()
            never_sent = isinstance(error, ConnectionRefusedError | httplib2.ServerNotFoundError)
            return _Outcome(
                told=f"Google can't be reached ({type(error).__name__})",
                maybe_applied=not never_sent,
            )
        except UnicodeDecodeError:  # an answer that isn't even text
            return _Outcome(answer=None, answered=True)
        except UnreachableError as error:  # no access token to be had: this attempt was never sent
            if unsure:
                raise UncertainError(error.what, "it isn't known whether it was written") from None
            raise

    def _judged(self, error: Any, *, unsure: bool) -> _Outcome:
        """Whether an HTTP error means "later"; raises what it means otherwise."""
        status = int(error.resp.status)
        reason = error_reason(error.content)
        if status == 401:
            raise CredentialsError(
                f"Google refuses the access token of {self._login.called}",
                f"run `fikad auth {self._login.account}`",
            )
        if reason in _NOT_ENABLED:
            raise UnreachableError(
                f"the {self._api.title} is not enabled for this client",
                "enable it in Google's console",
            )
        if reason in _NOT_TODAY:
            raise UnreachableError(
                "the daily quota of this Google client is used up", "trying again tomorrow"
            )
        if status < 400:
            raise UnreachableError(
                f"Google answers with a redirect ({status})",
                "is there a proxy or login page in between?",
            )
        if status == 429 or (status == 403 and reason in _LATER):
            return _Outcome(
                status=status,
                told="Google limits the rate of requests",
                retry_after=_retry_after(error.resp),
            )
        if status >= 500:
            told = f"Google answers {status}"
            return _Outcome(
                status=status, told=told, maybe_applied=True, retry_after=_retry_after(error.resp)
            )
        raise Refused(status, reason, unsure=unsure)

    def _wait_seconds(self, failure: _Outcome, attempt: int) -> float:
        """Retry-After as it is; else 1, 2, 4 … seconds, of which the upper half is left to
        chance."""
        if failure.retry_after is not None:
            if failure.retry_after > self._budget_seconds - self._spent_seconds:
                self._not_before = self._clock() + failure.retry_after
            return failure.retry_after
        longest = min(_LONGEST_WAIT_SECONDS, 2.0 ** (attempt - 1))
        return longest * (0.5 + random.random() / 2)  # noqa: S311 - no secret

    def _drop_connections(self) -> None:
        if self._http is not None:
            self._http.close()


class _Outcome:
    """What one attempt came to: an answer, or why there is none that counts."""

    __slots__ = ("answer", "answered", "maybe_applied", "retry_after", "status", "told")

    def __init__(
        self,
        *,
        answer: Any = None,
        answered: bool = False,
        status: int = 0,
        told: str = "",
        maybe_applied: bool = False,
        retry_after: float | None = None,
    ) -> None:
        self.answer = answer
        self.answered = answered
        self.status = status
        self.told = told
        self.maybe_applied = maybe_applied
        self.retry_after = retry_after


def error_reason(content: Any) -> str:
    """The machine-readable reason in Google's error answer, or an empty text. Google has two shapes
    of it."""
    try:
        error = json.loads(content)["error"]
        details = [*error.get("errors", ()), *error.get("details", ())]
    except (ValueError, TypeError, KeyError, AttributeError):
        return ""
    reasons = [
        str(detail["reason"])
        for detail in details
        if isinstance(detail, Mapping) and "reason" in detail
    ]
    preferred = [reason for reason in reasons if reason in SCOPE_REASONS | _NOT_ENABLED]
    return re.sub(r"[^A-Za-z_]", "", (preferred or reasons or [""])[0])[:60]


def _retry_after(answer: Mapping[str, str]) -> float | None:
    """RFC 9110 10.2.3: seconds, or a date, which is compared with the server's own."""
    value = answer.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,7}", value):
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
        now = parsedate_to_datetime(answer["date"]) if "date" in answer else datetime.now(UTC)
        return max(0.0, (moment - now).total_seconds())
    except (ValueError, TypeError):
        return None


def _no_answer(unsure: bool, told: str) -> UncertainError | UnreachableError:
    if unsure:
        return UncertainError(told, "it isn't known whether it was written; the next pass looks")
    return UnreachableError(told, "trying again at the next pass")


class _Bearer:
    """What googleapiclient takes for an httplib2.Http: adds the access token, and refreshes it once
    on a 401."""

    def __init__(self, login: OAuthLogin, http: Any) -> None:
        self._login = login
        self._http = http

    def request(
        self, uri: str, method: str = "GET", body: Any = None, headers: Any = None, **options: Any
    ) -> Any:
        for refreshed in (False, True):
            bearer = {"authorization": f"Bearer {self._login.bearer(self._http)}"}
            response, content = self._http.request(
                uri, method, body=body, headers={**(headers or {}), **bearer}, **options
            )
            if response.status != 401 or refreshed:
                break
            self._login.refresh(self._http)
        if response.status == 401 or error_reason(content) in SCOPE_REASONS:
            self._login.forget()
        return response, content

    def close(self) -> None:
        self._http.close()


def _connection(calls: Calls, timeout_seconds: float, *, direct: bool) -> Any:
    """An httplib2.Http that counts what it sends, never re-sends by itself and follows no redirect
    (which would carry the token elsewhere). `direct` keeps proxies out of it."""
    import httplib2

    class SentOnce:
        """httplib2 answers a dropped connection by sending again, POST too, unless the error looks
        like a reset."""

        def request(self, *args: Any, **options: Any) -> Any:
            calls.requests += 1
            return super().request(*args, **options)  # type: ignore[misc]

        def getresponse(self) -> Any:
            try:
                return super().getresponse()  # type: ignore[misc]
            except BadStatusLine as error:
                raise ConnectionResetError("the connection was closed without an answer") from error

    class Plain(SentOnce, httplib2.HTTPConnectionWithTimeout):  # type: ignore[misc]
        pass

    class Secure(SentOnce, httplib2.HTTPSConnectionWithTimeout):  # type: ignore[misc]
        pass

    class TracedHttp(httplib2.Http):  # type: ignore[misc]
        def request(self, uri: str, *args: Any, **options: Any) -> Any:
            options["connection_type"] = Secure if uri.startswith("https:") else Plain
            if is_loopback(uri):
                self.proxy_info = None
            # Only an access token is asked for without one.
            method, attempt = calls.underway
            if "authorization" not in (options.get("headers") or {}):
                method, attempt = "for an access token", 1
            with Traced("google", method, attempt) as traced:
                response, content = super().request(uri, *args, **options)
                traced.answered(response.status, len(content))
            return response, content

    trusted = authorities(None)
    http = TracedHttp(
        timeout=timeout_seconds,
        ca_certs=None if trusted is None else str(trusted),
        **({"proxy_info": None} if direct else {}),
    )
    http.follow_redirects = False
    return http
