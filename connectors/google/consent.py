"""Asking the user: the installed-app flow (RFC 8252) with PKCE (RFC 7636).

The browser goes to Google's consent page and from there to a free port of this machine, where one
answer is awaited for a limited time. Whatever else knocks at that port meanwhile (a browser asking
for its icon, a port scanner) is turned away by `state` and does not end the waiting."""

from __future__ import annotations

import hmac
import os
import time
import webbrowser
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from connectors.errors import CredentialsError, UnreachableError
from connectors.google.auth import is_loopback, missing_scopes, read_client_secrets
from connectors.traced_request import Traced

_DONE = "fikad has its answer. You can close this window."


def authorize(
    client_secrets: Path,
    scopes: Sequence[str],
    open_browser: bool,
    notify: Callable[[str], None],
    timeout_seconds: float,
    port: int = 0,
) -> dict[str, Any]:
    """Ask the user for a grant of `scopes`; return it as Google's authorized-user JSON.

    `notify` is given the address to open, always; with `open_browser` it is opened as well. The
    browser must reach this machine's loopback: from another machine forward a fixed `port` (`ssh -L
    PORT:127.0.0.1:PORT`); 0 takes a free one. Raises CredentialsError when the user refuses, grants
    less than `scopes` or does not answer in time, and UnreachableError when Google does not answer.
    """
    from google_auth_oauthlib.flow import InstalledAppFlow

    client = read_client_secrets(client_secrets)
    with _receiver(port) as receiver, _oauthlib_environment(client):
        flow = InstalledAppFlow.from_client_config(
            {"installed": client}, scopes=list(scopes), autogenerate_code_verifier=True
        )
        flow.redirect_uri = f"http://127.0.0.1:{receiver.server_port}/"
        # Without prompt=consent Google gives a second grant no refresh token.
        address, receiver.state = flow.authorization_url(access_type="offline", prompt="consent")
        notify(address)
        if open_browser:
            webbrowser.open(address)
        answer = receiver.wait(timeout_seconds)
        if "error" in answer:
            raise CredentialsError(
                "Google says that access was refused", "run `fikad auth` again and allow it"
            )
        token = _exchange(flow, answer["code"], client)
    return _granted(token, client, scopes)


def _exchange(flow: Any, code: str, client: Mapping[str, Any]) -> Mapping[str, Any]:
    import requests
    from oauthlib.oauth2 import OAuth2Error  # type: ignore[import-untyped]

    flow.oauth2session.trust_env = not is_loopback(client["token_uri"])
    try:
        with Traced("google", "for a grant") as traced:
            token: Mapping[str, Any] = flow.fetch_token(
                code=code, include_client_id=True, timeout=30
            )
            traced.answered()
    except OAuth2Error as error:
        raise CredentialsError(
            f"Google refuses the grant ({error.error or 'no token'})",
            "check client_secrets and run `fikad auth` again",
        ) from None
    except requests.RequestException:
        raise UnreachableError(
            "Google's token server does not answer", "run `fikad auth` again later"
        ) from None
    return token


def _granted(
    token: Mapping[str, Any], client: Mapping[str, Any], wanted: Sequence[str]
) -> dict[str, Any]:
    scope = token.get("scope")
    granted = scope.split() if isinstance(scope, str) else list(scope or wanted)
    missing = missing_scopes(granted, wanted)
    if missing:
        names = ", ".join(address.rpartition("/")[2] for address in missing)
        raise CredentialsError(
            f"not granted: {names}", "run `fikad auth` again and leave every box ticked"
        )
    if not token.get("refresh_token"):
        raise CredentialsError(
            "Google gave no refresh token",
            "run `fikad auth` again after removing fikad at https://myaccount.google.com/connections",
        )
    expires = datetime.fromtimestamp(float(token.get("expires_at") or 0), UTC)
    return {
        "type": "authorized_user",
        "token": token["access_token"],
        "refresh_token": token["refresh_token"],
        "token_uri": client["token_uri"],
        "client_id": client["client_id"],
        "client_secret": client["client_secret"],
        "scopes": granted,
        "expiry": f"{expires:%Y-%m-%dT%H:%M:%SZ}",
    }


@contextmanager
def _oauthlib_environment(client: Mapping[str, Any]) -> Iterator[None]:
    """oauthlib is told by environment variables alone that a smaller grant is no error (it is
    judged here, by name) and that a token server on this machine may speak plain http."""
    wanted = {"OAUTHLIB_RELAX_TOKEN_SCOPE": "1"}
    if all(is_loopback(client[key]) for key in ("auth_uri", "token_uri")):
        wanted["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
    before = {key: os.environ.get(key) for key in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for key, value in before.items():
            if value is None:
                del os.environ[key]
            else:
                os.environ[key] = value


@contextmanager
def _receiver(port: int) -> Iterator[_Receiver]:
    try:
        receiver = _Receiver(("127.0.0.1", port), _Redirected)
    except OSError as error:
        raise CredentialsError(
            f"can't listen on port {port} ({error.strerror})", "choose another one"
        ) from None
    with receiver:
        yield receiver


class _Receiver(HTTPServer):
    """Waits for the one redirect that bears our `state`."""

    state = ""
    answer: dict[str, str] | None = None

    def wait(self, timeout_seconds: float) -> dict[str, str]:
        until = time.monotonic() + timeout_seconds
        while self.answer is None:
            self.timeout = until - time.monotonic()
            if self.timeout <= 0:
                raise CredentialsError(
                    f"no answer within {timeout_seconds:.0f} s", "run `fikad auth` again"
                )
            self.handle_request()
        return self.answer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that breaks is not the answer; the waiting goes on."""


class _Redirected(BaseHTTPRequestHandler):
    timeout = 5.0  # seconds: browsers open connections ahead and then say nothing
    server: _Receiver

    def do_GET(self) -> None:
        given = {key: values[0] for key, values in parse_qs(urlsplit(self.path).query).items()}
        ours = hmac.compare_digest(given.get("state", "").encode(), self.server.state.encode())
        if not ours or not ("code" in given or "error" in given):
            self.send_error(404)
            return
        self.server.answer = given
        page = _DONE.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is logged: the request line bears the code."""
