"""One connection: kept, opened anew, and never believed beyond what came whole."""

from __future__ import annotations

import base64
import gzip
import socket
import ssl
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from io import BufferedIOBase
from select import POLLIN, poll
from typing import Any

import pytest

from connectors.dav import http as dav_http
from connectors.dav.failures import LostAnswerError
from connectors.dav.http import Http, HttpAnswer
from connectors.dav.login import Login
from connectors.errors import UnreachableError, UnreadableError
from connectors.http_reading import TimedSocket
from tests.connectors.dav.scripted_server import Scripted, Turn, hanging_up, saying, scripted, whole
from tests.traced import traced

SECRET = "pässword"


def http(server: Scripted, timeout_seconds: float = 10) -> Http:
    return Http(Login("home", server.url, "jörg", SECRET, timeout_seconds))


def ask(client: Http, path: str = "", scheme: str = "basic", body: bytes = b"<x/>") -> HttpAnswer:
    return client.once("PROPFIND", client.base + path, body, {}, scheme)


def test_requests_share_one_connection_and_each_gets_its_own_answer() -> None:
    bodies = [b"one", b"", b"three" * 50_000]
    with scripted(*(saying(whole(body)) for body in bodies)) as server:
        client = http(server)
        assert [ask(client).body for _ in bodies] == bodies
        assert (server.connections, client.requests) == (1, 3)


@pytest.mark.parametrize(
    "first",
    [
        hanging_up(whole(b"first")),
        saying(whole(b"first", "Connection: close")),
        saying(b"HTTP/1.0 207 Multi-Status\r\nContent-Length: 5\r\n\r\nfirst"),
        hanging_up(b"HTTP/1.1 207 Multi-Status\r\n\r\nfirst"),
    ],
    ids=["closed afterwards", "said so", "HTTP/1.0", "body up to the end"],
)
def test_a_connection_that_is_over_is_opened_anew(first: Turn) -> None:
    with scripted(first, saying(whole(b"second"))) as server:
        client = http(server)
        assert ask(client).body == b"first"
        if client._socket is not None:
            poll_for_end(client._socket)
        assert ask(client).body == b"second"
        assert (server.connections, client.requests) == (2, 2)


def put(client: Http) -> HttpAnswer:
    return client.once("PUT", client.base, b"x", {}, "basic")


def test_a_question_on_a_connection_that_is_being_closed_is_asked_once_more() -> None:
    later = [saying(whole(b"second")), saying(whole(b""))]
    with scripted(saying(whole(b"first")), hanging_up(), *later) as server:
        client = http(server)
        assert [ask(client).body for _ in range(2)] == [b"first", b"second"]
        assert (server.connections, client.requests) == (2, 3)
        put(client)
        assert server.connections == 3, "a write does not go where it may meet the same"


def test_a_question_is_asked_twice_at_most() -> None:
    said = [saying(whole(b"first")), hanging_up(), hanging_up(), saying(whole(b"third"))]
    with scripted(*said) as server:
        client = http(server)
        ask(client)
        with pytest.raises(LostAnswerError, match="broke the connection off"):
            ask(client)
        assert client.requests == 3
    with scripted(hanging_up(), saying(whole(b"second"))) as server:
        client = http(server)
        with pytest.raises(LostAnswerError):
            ask(client)
        assert client.requests == 1, "nobody was just closing a new connection"


def test_the_servers_clock_goes_on_where_an_answer_has_no_date(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    said = ["Date: Sun, 22 Nov 2026 12:00:00 GMT", "", "", "Date: Sun, 22 Nov 2026 12:00:00 GMT"]
    with scripted(
        saying(whole(b"")), *(saying(whole(b"", *filter(None, [d]))) for d in said)
    ) as server:
        client, real = http(server), time.monotonic
        ask(client)
        assert client.clock is None
        ask(client)
        assert client.clock == noon
        for minutes in (1, 10):
            monkeypatch.setattr(time, "monotonic", lambda m=minutes: real() + m * 60)
            ask(client)
            assert client.clock is not None
            assert (
                timedelta(0)
                <= client.clock - noon - timedelta(minutes=minutes)
                < timedelta(hours=1)
            )
        ask(client)
        assert client.clock == noon


def test_a_date_without_a_zone_is_none() -> None:
    with scripted(saying(whole(b"", "Date: Sun, 22 Nov 2026 12:00:00 -0000"))) as server:
        client = http(server)
        ask(client)
        assert client.clock is None


def test_a_write_on_a_connection_that_is_being_closed_is_not_sent_again() -> None:
    with scripted(saying(whole(b"first")), hanging_up(), saying(whole(b"second"))) as server:
        client = http(server)
        ask(client)
        with pytest.raises(LostAnswerError):
            put(client)
        assert client.requests == 2


def test_where_a_server_hangs_up_unasked_a_write_goes_out_on_a_new_connection() -> None:
    """It may be about to hang up again, and nobody could tell whether the write was carried out."""
    said = [hanging_up(whole(b"first")), *(saying(whole(b"later")) for _ in range(5))]
    with scripted(*said) as server:
        client = http(server)
        ask(client)
        assert client._socket is not None
        poll_for_end(client._socket)
        ask(client)
        ask(client)
        assert server.connections == 2
        for connections in (3, 4):
            put(client)
            assert server.connections == connections


def test_where_a_server_keeps_connections_writes_share_them() -> None:
    with scripted(*(saying(whole(b"")) for _ in range(3))) as server:
        client = http(server)
        ask(client)
        put(client)
        put(client)
        assert server.connections == 1


def poll_for_end(connected: socket.socket) -> None:
    """Wait until the other side's closing has arrived."""
    waiting = poll()
    waiting.register(connected, POLLIN)
    assert waiting.poll(20_000)


def test_what_a_server_says_unasked_is_nobody_s_answer() -> None:
    unasked = whole(b"evil", status="200 OK")
    with scripted(saying(whole(b"first") + unasked), saying(whole(b"second"))) as server:
        client = http(server)
        assert [ask(client).body for _ in range(2)] == [b"first", b"second"]


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 207 Multi-Status\r\nContent-Length: 10\r\n\r\nhalf",
        b"HTTP/1.1 207 Multi-Status\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        whole(gzip.compress(b"whole" * 100)[:-9], "Content-Encoding: gzip"),
        b"HTTP/1.1 207 Multi-Status\r\nContent-Le",
        b"HTTP/1.1 103 Early Hints\r\n\r\n" + whole(b"later"),
        b"what is this\r\n\r\n",
        b"",
    ],
    ids=["short", "short in chunks", "short in gzip", "half a head", "a hint", "no HTTP", "none"],
)
def test_an_answer_that_is_not_whole_is_none(answer: bytes) -> None:
    with scripted(hanging_up(answer)) as server:
        with pytest.raises(LostAnswerError) as lost:
            ask(http(server))
        assert SECRET not in repr(lost.value)
        assert lost.value.__cause__ is None


def test_answers_in_chunks_and_in_gzip_are_read() -> None:
    packed = gzip.compress(b"packed")
    chunks = b"".join(b"1\r\n" + bytes([byte]) + b"\r\n" for byte in packed) + b"0\r\n\r\n"
    head = (
        b"HTTP/1.1 207 Multi-Status\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n"
    )
    with scripted(saying(head + chunks), saying(whole(b"plain"))) as server:
        client = http(server)
        assert ask(client).body == b"packed"
        assert ask(client).body == b"plain"
        assert "Accept-Encoding: gzip" in server.heads[0]


@pytest.mark.parametrize("packing", ["identity", "gzip"])
def test_an_answer_without_end_is_given_up(packing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dav_http, "_MAX_BYTES", 1 << 20)
    much = bytes(3 << 20)
    body = gzip.compress(much) if packing == "gzip" else much
    said = [saying(whole(body, f"Content-Encoding: {packing}")), saying(whole(b"next"))]
    with scripted(*said) as server:
        client = http(server)
        with pytest.raises(UnreadableError, match=f"^{client.host} gave .* more than 1 MB"):
            ask(client)
        assert ask(client).body == b"next"


@pytest.mark.parametrize(
    "head", [b"", b"HTTP/1.1 207 Multi-Status\r\nContent-Length: 99999\r\n\r\n"]
)
def test_an_answer_that_drips_is_given_up_in_its_head_and_in_its_body(head: bytes) -> None:
    with scripted() as server:

        def drip(out: BufferedIOBase) -> None:
            out.write(head)
            while not server.stopped.wait(0.01):
                out.write(b"H")

        server.turns.append(drip)
        with pytest.raises(LostAnswerError, match="did not answer in time"):
            ask(http(server, timeout_seconds=0.05))


def test_what_may_not_stand_in_a_request_line_is_escaped_and_all_else_left_as_it_is() -> None:
    paths = ["a b/ü?x=y z", "c%20d/%40@/(e)'~", "100%/f"]
    with scripted(*(saying(whole(b"")) for _ in paths)) as server:
        client = http(server)
        for path in paths:
            ask(client, path)
        sent = [head.split(" ")[1] for head in server.heads]
        assert sent == ["/a%20b/%C3%BC?x=y%20z", "/c%20d/%40@/(e)'~", "/100%25/f"]


def test_a_password_in_any_script_is_sent_in_utf_8() -> None:
    with scripted(saying(whole(b""))) as server:
        ask(http(server))
        sent = server.heads[0].partition("Authorization: Basic ")[2].split("\r\n")[0]
        assert base64.b64decode(sent).decode() == f"jörg:{SECRET}"


def test_a_request_without_a_body_says_so() -> None:
    with scripted(saying(whole(b"")), saying(whole(b""))) as server:
        client = http(server)
        ask(client, body=b"")
        client.once("GET", client.base, b"", {}, "basic")
        assert ["Content-Length: 0" in head for head in server.heads] == [True, False]


def test_a_nonce_that_became_stale_is_asked_for_again() -> None:
    def challenge(nonce: str) -> bytes:
        says = f'WWW-Authenticate: Digest realm="r", nonce="{nonce}", qop="auth"'
        return whole(b"no", says, 'WWW-Authenticate: Basic realm="r"', status="401 Unauthorized")

    said = [challenge("first"), whole(b"in"), whole(b"in"), challenge("second"), whole(b"in")]
    with scripted(*map(saying, said)) as server:
        client = http(server)
        assert [ask(client, scheme="digest").body for _ in range(3)] == [b"in"] * 3
        proofs = [
            head.partition("Authorization: ")[2].partition("\r\n")[0] for head in server.heads
        ]
        assert proofs[0] == ""
        counts = [proof[-proof[::-1].index("=cn ") :][:8] if proof else "" for proof in proofs]
        assert ['nonce="first"' in proof for proof in proofs] == [False, True, True, True, False]
        assert 'nonce="second"' in proofs[4]
        assert counts == ["", "00000001", "00000002", "00000003", "00000001"]
        assert not any(SECRET in head for head in server.heads)


def test_what_was_surely_not_sent_is_told_from_what_may_have_been() -> None:
    with scripted() as server:
        gone = http(server)
    with pytest.raises(UnreachableError, match="refused the connection") as unsent:
        ask(gone)
    assert not isinstance(unsent.value, LostAnswerError)
    with scripted(hanging_up()) as server, pytest.raises(LostAnswerError):
        ask(http(server))


def test_the_text_of_an_answer_has_plain_line_ends_and_no_byte_order_mark() -> None:
    body = b"\xef\xbb\xbfSUMMARY:caf\xc3\xa9\r\n\xff\r\n"
    assert HttpAnswer(200, {}, body, "/").text == "SUMMARY:café\n\N{REPLACEMENT CHARACTER}\n"


def test_a_request_says_who_asks_and_what_it_takes() -> None:
    with scripted(saying(whole(b""))) as server:
        ask(http(server))
        lines = server.heads[0].splitlines()
        assert {"User-Agent: fikad", "Accept: */*", "Accept-Encoding: gzip"} <= {*lines}


def test_an_answer_tells_the_path_that_was_asked_also_of_a_bare_host() -> None:
    with scripted(saying(whole(b"")), saying(whole(b""))) as server:
        client = http(server)
        assert ask(client, "sam/").path == "/sam/"
        bare = client.once("PROPFIND", client.base.rstrip("/"), b"", {}, "basic")
        assert bare.path == "/"
        assert server.heads[1].startswith("PROPFIND / HTTP/1.1")


class NoTLS:
    """What is taken for TLS, and changes nothing."""

    def wrap_socket(self, connected: socket.socket, server_hostname: str) -> socket.socket:
        return connected


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://dav.example.org/", "dav.example.org"),
        ("http://dav.example.org:443/", "dav.example.org:443"),
        ("https://dav.example.org/", "dav.example.org"),
        ("https://dav.example.org:80/", "dav.example.org:80"),
    ],
)
def test_a_request_names_its_host_with_the_port_unless_that_is_the_usual_one(
    url: str, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = socket.create_connection
    with scripted(saying(whole(b""))) as server:
        here = ("127.0.0.1", int(server.url.rstrip("/").rpartition(":")[2]))
        monkeypatch.setattr(socket, "create_connection", lambda _, seconds: real(here, seconds))
        monkeypatch.setattr(dav_http, "context", lambda _: NoTLS())
        ask(Http(Login("home", url, "sam", SECRET)))
        assert f"Host: {host}\r\n" in server.heads[0]


def test_a_connection_on_which_no_tls_comes_about_is_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened: list[socket.socket] = []

    class Refusing:
        def wrap_socket(self, connected: socket.socket, **_: object) -> socket.socket:
            opened.append(connected)
            raise ssl.SSLError

    monkeypatch.setattr(dav_http, "context", lambda _: Refusing())
    with scripted() as server:
        client = Http(Login("home", server.url.replace("http:", "https:"), "sam", SECRET))
        with pytest.raises(UnreachableError, match="do not agree on TLS"):
            ask(client)
    assert [connected.fileno() for connected in opened] == [-1]


@pytest.mark.parametrize(("password", "path"), [(SECRET, "/sam/…"), (None, "")])
def test_a_request_is_told_with_its_answer_and_without_an_address_that_lets_one_in(
    password: str | None, path: str
) -> None:
    with scripted(saying(whole(b"five!"))) as server, traced() as shown:
        client = Http(Login("home", server.url, "sam", password))
        ask(client, "sam/x.ics")
        host = server.url.removeprefix("http://").rstrip("/")
        assert f"request: PROPFIND {host}{path}: 207, 5 bytes" in shown.getvalue()


def test_closing_closes_the_connection_and_the_next_request_opens_another() -> None:
    with scripted(saying(whole(b"first")), saying(whole(b"second"))) as server:
        client = http(server)
        ask(client)
        connected = client._socket
        assert connected is not None
        client.close()
        assert connected.fileno() == -1
        assert ask(client).body == b"second"
        client.close()
        client.close()


def test_small_requests_wait_for_nothing_and_a_connection_is_given_its_time() -> None:
    with scripted(saying(whole(b""))) as server:
        client = http(server, timeout_seconds=7)
        with pytest.MonkeyPatch.context() as patched:
            asked = []
            real = socket.create_connection

            def connect(address: tuple[str, int], seconds: float) -> socket.socket:
                asked.append(seconds)
                return real(address, seconds)

            patched.setattr(socket, "create_connection", connect)
            ask(client)
        assert asked == [7]
        assert client._socket is not None
        assert client._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_host_that_nobody_reaches_in_time_is_named_with_the_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def silent(*_: object) -> socket.socket:
        raise TimeoutError

    monkeypatch.setattr(socket, "create_connection", silent)
    client = Http(Login("home", "http://dav.example.org/", "sam", SECRET, 7))
    with pytest.raises(
        UnreachableError, match=r"^dav\.example\.org could not be reached within 7 s"
    ):
        ask(client)


def test_what_breaks_off_is_told_with_its_host_and_leaves_no_connection() -> None:
    with scripted(hanging_up(b"HTTP/1.1 207")) as server:
        client = http(server)
        with pytest.raises(LostAnswerError, match=f"^{client.host} broke the connection off"):
            ask(client)
        assert client._socket is None


def test_after_a_time_out_nobody_asks_about_tls_and_a_late_answer_is_nobody_s(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def silent(_: BufferedIOBase) -> None:
        server.stopped.wait(60)

    asked: list[str] = []
    monkeypatch.setattr(dav_http, "speaks_tls", lambda host, _: asked.append(host))
    with scripted(silent) as server:
        client = http(server, timeout_seconds=0.05)
        with pytest.raises(LostAnswerError, match="did not answer in time"):
            ask(client)
        assert client._socket is None
        assert not asked


def test_whether_a_port_speaks_tls_is_asked_of_the_host_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []

    def speaks(host: str, port: int) -> bool:
        asked.append((host, port))
        return False

    monkeypatch.setattr(dav_http, "speaks_tls", speaks)
    assert Http(Login("home", "http://dav.example.org/", "sam", SECRET)).tls_after_all() is None
    assert Http(Login("home", "https://dav.example.org/", "sam", SECRET)).tls_after_all() is None
    assert asked == [("dav.example.org", 80)]


def test_a_sending_an_answer_s_beginning_and_its_whole_are_each_given_their_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In time-outs: four, four, and ten."""
    left: list[float] = []

    def noting(step: Any) -> Any:
        def noted(*given: Any) -> Any:
            left.append((client._kept()[1].deadline - time.monotonic()) / 1000)
            return step(*given)

        return noted

    for step in ("response_on", "whole_body"):
        monkeypatch.setattr(dav_http, step, noting(getattr(dav_http, step)))
    with scripted(saying(whole(b"")), saying(whole(b""))) as server:
        client = http(server, timeout_seconds=1000)
        ask(client)
        assert (3.5 < left[0] <= 4, 9.5 < left[1] <= 10) == (True, True)
        client.ask_ahead("PROPFIND", client.base, b"<x/>", {}, "basic")
        assert 3.5 < (client._kept()[1].deadline - time.monotonic()) / 1000 <= 4
        assert client._kept()[1]._step_seconds == 4000
        client._kept()[1].deadline = 0
        ask(client)
        assert client.requests == 2, "what was asked ahead is given its time from when it is wanted"


def ahead(client: Http, path: str = "") -> None:
    client.ask_ahead("PROPFIND", client.base + path, b"<x/>", {}, "basic")


def test_what_was_asked_ahead_is_read_by_whoever_asks_the_same() -> None:
    with scripted(*(saying(whole(body)) for body in (b"first", b"second", b"third"))) as server:
        client = http(server)
        ahead(client, "a")
        assert client.requests == 0, "no connection stands open"
        ask(client)
        ahead(client, "a")
        ahead(client, "b")
        assert client.requests == 2, "one at a time"
        assert ask(client, "a").body == b"second"
        assert ask(client, "a").body == b"third"
        assert (server.connections, client.requests) == (1, 3)


def test_what_was_asked_ahead_is_forgotten_where_something_else_is_wanted() -> None:
    begun, released = threading.Event(), threading.Event()

    def held_back(out: BufferedIOBase) -> None:
        begun.set()
        released.wait(60)
        out.write(whole(b"second"))

    said = [saying(whole(b"first")), held_back, saying(whole(b"third"))]
    with scripted(*said) as server:
        client = http(server)
        ask(client)
        ahead(client, "a")
        assert begun.wait(60)
        try:
            assert ask(client, "b").body == b"third"
        finally:
            released.set()
        assert server.connections == 2


def test_nothing_is_asked_ahead_on_a_connection_that_is_over() -> None:
    with scripted(hanging_up(whole(b"first"))) as server:
        client = http(server)
        ask(client)
        assert client._socket is not None
        poll_for_end(client._socket)
        ahead(client)
        assert client.requests == 1


@pytest.mark.parametrize("failing", [ConnectionResetError, KeyboardInterrupt])
def test_a_request_of_which_half_was_sent_leaves_no_connection(
    failing: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise failing

    with scripted(*(saying(whole(body)) for body in (b"first", b"second"))) as server:
        client = http(server)
        ask(client)
        with monkeypatch.context() as patched, suppress(KeyboardInterrupt):
            patched.setattr(TimedSocket, "sendall", broken)
            ahead(client)
            assert failing is ConnectionResetError, "Ctrl-C is not swallowed"
        assert client._socket is None
        assert ask(client).body == b"second"


def test_an_answer_of_which_half_was_read_leaves_no_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with scripted(*(saying(whole(body)) for body in (b"first", b"second"))) as server:
        client = http(server)
        with monkeypatch.context() as patched:
            patched.setattr(dav_http, "whole_body", interrupted)
            with pytest.raises(KeyboardInterrupt):
                ask(client)
        assert client._socket is None
        assert ask(client).body == b"second"
