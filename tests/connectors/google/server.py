"""Google Calendar and Google Contacts on loopback, as strict as Google and less forgiving.

It speaks the parts of both APIs that fikad uses, with its own `/auth` and `/token`, and is held to
Google's discovery
documents: a parameter or field that the document does not name is answered with 400 and noted as a
violation, which fails the test when the server closes. So is every write that could have told a
guest. `plan` makes it behave badly in the ways that Google does: limits, failures, answers that
never arrive, pages that are no JSON.

    with GoogleServer() as server:
        account = GoogleAccount("work", Path("client.json"), Kept(server.grant()), server.endpoint,
        {})

Started as a program it prints one line of JSON with its endpoint and a token, and serves until its
input is closed."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import secrets
import sys
import threading
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.connectors.google.people_store import PeopleStore
from tests.connectors.google.rules import (
    PEOPLE,
    Method,
    body_faults,
    method_for,
    query_faults,
)
from tests.connectors.google.store import Refusal, Store

CLIENT = {"client_id": "fikad.apps.googleusercontent.com", "client_secret": "client-secret"}
SCOPE = "https://www.googleapis.com/auth/calendar"
LEAST_SCOPES = (
    f"{SCOPE}.events.readonly",
    f"{SCOPE}.calendarlist.readonly",
    f"{SCOPE}.app.created",
)
CONTACTS_SCOPE = "https://www.googleapis.com/auth/contacts.readonly"


@dataclass(frozen=True)
class Fault:
    """How one request is answered instead of properly."""

    status: int = 0
    """0: the connection is dropped without an answer."""
    reason: str = "backendError"
    applied: bool = False
    """Whether the request takes effect before it is answered like this."""
    headers: Mapping[str, str] | None = None
    body: bytes | None = None
    """Sent as it is, with `status`."""


@dataclass
class Kept:
    """A token store in memory (`connectors.google.auth.TokenStore`)."""

    token: dict[str, Any] | None
    keeps_access_token: bool = False
    saved: int = 0

    def load(self) -> dict[str, Any] | None:
        return dict(self.token) if self.token else None

    def save(self, token: dict[str, Any]) -> None:
        self.token = token
        self.saved += 1


class GoogleServer:
    """The server, for one user. `store` is the user's hand in the calendars, `people` in the
    contacts: use them under `with
    server.lock`, or while no request is under way."""

    def __init__(self, owner: str = "sam@example.com", page_size: int = 3) -> None:
        self.lock = threading.RLock()
        self.store = Store(owner, page_size)
        self.people = PeopleStore(page_size, self.store.violations)
        self.counts: Counter[str] = Counter()
        """Requests by method, as `events.list`; `token` and `auth` too."""
        self.headers: list[dict[str, str]] = []
        """What was sent along with each API request, names in lower case."""
        self.deny = False
        """Whether the user says no on the consent page."""
        self.unticked: set[str] = set()
        """Scopes whose box the user unticks there."""
        self.after_answer: Callable[[int], None] | None = None
        """Called after each answer to an API request, with how many there were since it was set."""
        self._answered = 0
        self._faults: dict[str, deque[Fault]] = defaultdict(deque)
        self._access: dict[str, frozenset[str]] = {}
        self._refresh: dict[str, frozenset[str]] = {}
        self._codes: dict[str, dict[str, str]] = {}
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.google = self
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True
        )

    def __enter__(self) -> GoogleServer:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
        if kind is None:
            assert not self.violations, self.violations

    def close(self) -> None:
        """Go down: whoever connects from now on is refused."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    @property
    def violations(self) -> list[str]:
        return self.store.violations

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def endpoint(self) -> str:
        return f"{self.address}/"

    @property
    def client(self) -> dict[str, Any]:
        """Google's client file."""
        uris = {"auth_uri": f"{self.address}/auth", "token_uri": f"{self.address}/token"}
        return {"installed": {**CLIENT, **uris, "redirect_uris": ["http://localhost"]}}

    def write_client(self, folder: Path) -> Path:
        path = folder / "client_secret.json"
        path.write_text(json.dumps(self.client), encoding="utf-8")
        return path

    def grant(self, scopes: Iterable[str] = LEAST_SCOPES) -> dict[str, Any]:
        """A grant as if the user had given one: Google's authorized-user JSON without an access
        token."""
        token = secrets.token_urlsafe(12)
        self._refresh[token] = frozenset(scopes)
        shown = {
            "refresh_token": token,
            "token_uri": f"{self.address}/token",
            "scopes": sorted(scopes),
        }
        return {"type": "authorized_user", **CLIENT, **shown}

    def revoke(self) -> None:
        """The user takes every grant back."""
        self._access.clear()
        self._refresh.clear()

    def expire_access_tokens(self) -> None:
        self._access.clear()

    def plan(self, method: str, *faults: Fault) -> None:
        """Answer the next requests of `method` (`events.list`, `token`, …) like this, one after the
        other."""
        self._faults[method].extend(faults)

    def forget_plans(self) -> None:
        self._faults.clear()

    # --- requests ---

    def answer(self, handler: _Handler, verb: str, body: bytes) -> None:
        parts = urlsplit(handler.path)
        query = parse_qs(parts.query, keep_blank_values=True)
        error = _error
        with self.lock:
            if parts.path in ("/auth", "/token"):
                name = parts.path[1:]
                self.counts[name] += 1
                work = (
                    (lambda: self._auth(query)) if name == "auth" else (lambda: self._token(body))
                )
            else:
                matched = method_for(verb, parts.path)
                if matched is None:
                    self.violations.append(f"no method {verb} {parts.path}")
                    handler.reply(404, _error(404, "notFound"))
                    return
                method, path = matched
                name = method.id
                error = _people_error if method.service == PEOPLE else _error
                self.counts[name] += 1
                headers = {key.lower(): value for key, value in handler.headers.items()}
                self.headers.append(headers)
                work = lambda: self._call(method, path, query, body, headers)  # noqa: E731
            fault = self._faults[name].popleft() if self._faults[name] else None
            status, reply = (0, b"") if fault and not fault.applied else self._done(work, error)
            if name not in ("auth", "token"):
                self._answered = self._answered + 1 if self.after_answer else 0
                if self.after_answer:
                    self.after_answer(self._answered)
        if fault is None:
            handler.reply(status, reply, {"Location": reply.decode()} if status == 302 else {})
        elif fault.status == 0:
            handler.drop()
        else:
            sent = error(fault.status, fault.reason) if fault.body is None else fault.body
            handler.reply(fault.status, sent, fault.headers or {})

    def _done(
        self, work: Callable[[], Any], error: Callable[[int, str], bytes]
    ) -> tuple[int, bytes]:
        try:
            answer = work()
        except Refusal as refusal:
            return refusal.status, error(refusal.status, refusal.reason)
        if isinstance(answer, tuple):
            return answer
        return (204, b"") if answer is None else (200, json.dumps(answer).encode())

    def _call(
        self,
        method: Method,
        path: dict[str, str],
        query: dict[str, list[str]],
        body: bytes,
        headers: dict[str, str],
    ) -> Any:
        faults = query_faults(method, query)
        content = json.loads(body) if body else None
        if (content is None) != (method.body is None):
            faults.append(f"{method.id}: a body where there is none, or none where there is one")
        elif method.body is not None:
            faults += body_faults(method.body, content, writing=True)
        if faults:
            self.violations.extend(faults)
            raise Refusal(400, "badRequest")
        self._allowed(method, path, headers)
        if method.http_method != "GET" and method.id.startswith("events."):
            self._silent(method, query, content)
        single = {name: values[0] for name, values in query.items() if name != "alt"}
        return self._perform(method.id, path, single, content, headers.get("if-match"))

    def _allowed(self, method: Method, path: dict[str, str], headers: dict[str, str]) -> None:
        kind, _, token = headers.get("authorization", "").partition(" ")
        scopes = self._access.get(token)
        if kind != "Bearer" or scopes is None:
            raise Refusal(401, "authError")
        enough = {scope for scope in scopes & method.scopes if self._reaches(scope, path)}
        if not enough:
            raise Refusal(
                403,
                "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
                if method.service == PEOPLE
                else "insufficientPermissions",
            )

    def _reaches(self, scope: str, path: dict[str, str]) -> bool:
        calendar = self.store.calendars.get(path.get("calendarId", ""))
        if calendar is None:
            return True
        if scope == f"{SCOPE}.app.created":
            return calendar.created_by_app
        return "owned" not in scope or calendar.role == "owner"

    def _silent(self, method: Method, query: dict[str, list[str]], content: Any) -> None:
        if query.get("sendUpdates") != ["none"] or "sendNotifications" in query:
            self.violations.append(
                f"{method.id}: could have told a guest (sendUpdates={query.get('sendUpdates')})"
            )
        if content and "attendees" in content:
            self.violations.append(f"{method.id}: invites somebody")

    def _perform(
        self, method: str, path: dict[str, str], query: dict[str, str], body: Any, match: str | None
    ) -> Any:
        store, calendar, event = self.store, path.get("calendarId", ""), path.get("eventId", "")
        if calendar == "primary":
            calendar = store.owner
        match method:
            case "people.connections.list":
                if path["resourceName"] != "people/me":
                    raise Refusal(400, "INVALID_ARGUMENT")
                return self.people.list_connections(query)
            case "contactGroups.list":
                return self.people.list_groups(query)
            case "calendarList.list":
                return store.list_calendars(query)
            case "calendars.insert":
                return store.insert_calendar(body)
            case "freebusy.query":
                return store.query_free_busy(body)
            case "events.list":
                return store.list_events(calendar, query)
            case "events.get":
                return store.get_event(calendar, event)
            case "events.insert":
                return store.insert_event(calendar, body)
            case "events.patch":
                return store.patch_event(calendar, event, body, match)
            case "events.delete":
                return store.delete_event_if(calendar, event, match)
            case _:
                self.violations.append(f"{method} is not for fikad")
                raise Refusal(403, "forbidden")

    # --- OAuth ---

    def _auth(self, query: dict[str, list[str]]) -> tuple[int, bytes]:
        """The consent page, already answered."""
        given = {name: values[0] for name, values in query.items()}
        wrong = [
            given.get("client_id") != CLIENT["client_id"],
            given.get("response_type") != "code",
            given.get("access_type") != "offline",
            given.get("prompt") != "consent",
            given.get("code_challenge_method") != "S256",
            not given.get("code_challenge"),
            not given.get("state"),
            urlsplit(given.get("redirect_uri", "")).hostname not in ("127.0.0.1", "localhost"),
        ]
        if any(wrong):
            self.violations.append(f"auth: {wrong}")
            return 400, b"invalid_request"
        if self.deny:
            answer = {"error": "access_denied", "state": given["state"]}
        else:
            code = secrets.token_urlsafe(9)
            self._codes[code] = given
            answer = {"code": code, "state": given["state"]}
        return 302, f"{given['redirect_uri']}?{urlencode(answer)}".encode()

    def _token(self, body: bytes) -> tuple[int, bytes]:
        given = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        if {key: given.get(key) for key in CLIENT} != CLIENT:
            return 401, json.dumps({"error": "invalid_client"}).encode()
        answer: dict[str, Any] = {}
        if given.get("grant_type") == "refresh_token":
            scopes = self._refresh.get(given.get("refresh_token", ""))
        else:
            scopes = self._redeemed(given)
            if scopes is not None:
                answer["refresh_token"] = self.grant(scopes)["refresh_token"]
        if scopes is None:
            return 400, json.dumps(
                {"error": "invalid_grant", "error_description": "expired or revoked"}
            ).encode()
        access = secrets.token_urlsafe(12)
        self._access[access] = scopes
        answer |= {
            "access_token": access,
            "expires_in": 3599,
            "token_type": "Bearer",
            "scope": " ".join(sorted(scopes)),
        }
        return 200, json.dumps(answer).encode()

    def _redeemed(self, given: dict[str, str]) -> frozenset[str] | None:
        asked = self._codes.pop(given.get("code", ""), None)
        if asked is None or given.get("redirect_uri") != asked["redirect_uri"]:
            return None
        digest = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).decode().rstrip("=") != asked["code_challenge"]:
            self.violations.append("token: the code verifier does not fit")
            return None
        return frozenset(asked["scope"].split()) - self.unticked


def _error(status: int, reason: str) -> bytes:
    detail = {"domain": "global", "reason": reason, "message": reason}
    return json.dumps({"error": {"code": status, "message": reason, "errors": [detail]}}).encode()


def _people_error(status: int, reason: str) -> bytes:
    """The newer of Google's two shapes (google.rpc.Status with an ErrorInfo)."""
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": reason,
        "domain": "googleapis.com",
    }
    return json.dumps({"error": {"code": status, "message": reason, "details": [info]}}).encode()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    google: GoogleServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is none of a test's business."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16  # one packet per answer
    disable_nagle_algorithm = True
    server: _Server

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.google.answer(self, self.command, body)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _handle

    def reply(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {
            "Content-Type": "application/json; charset=UTF-8",
            **(headers or {}),
        }.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def drop(self) -> None:
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Tests are silent."""


def _live(server: GoogleServer, events: list[str], over: threading.Event) -> None:
    """A user who changes an event ten times a second, and an hour that is over every five
    seconds."""
    for turn in itertools.count(1):
        if over.wait(0.1):
            return
        with server.lock:
            server.store.change_event(
                server.store.owner, events[turn % len(events)], summary=f"Changed {turn}"
            )
            if turn % 50 == 0:
                server.expire_access_tokens()


def main() -> None:
    """Serve a calendar of 300 events, some of which keep changing, until standard input is
    closed."""
    with GoogleServer(page_size=250) as server:
        events = []
        for number in range(300):
            day = f"2026-{number % 12 + 1:02}-{number % 28 + 1:02}"
            times = {
                "start": {"dateTime": f"{day}T09:00:00Z"},
                "end": {"dateTime": f"{day}T10:00:00Z"},
            }
            events.append(
                server.store.add_event(server.store.owner, summary=f"Event {number}", **times)
            )
        over = threading.Event()
        user = threading.Thread(target=_live, args=(server, events, over))
        user.start()
        shown = {"endpoint": server.endpoint, "client": server.client, "token": server.grant()}
        sys.stdout.write(json.dumps(shown) + "\n")
        sys.stdout.flush()
        sys.stdin.read()
        over.set()
        user.join()
        sys.stdout.write(
            json.dumps({"counts": server.counts, "violations": server.violations}) + "\n"
        )


if __name__ == "__main__":
    main()
