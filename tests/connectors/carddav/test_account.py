"""CardDAV servers as they are: what leads to the books, and what must never be taken for an
answer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.address_book import StoredCard
from connectors.carddav.account import CardDAVAccount, CardDAVAddressBook
from connectors.dav.login import Login
from connectors.errors import (
    AccountError,
    CredentialsError,
    MissingError,
    UnreachableError,
    UnreadableError,
)
from tests.connectors import servers
from tests.connectors.book_backends import BOOK_BACKENDS, CardDAVBackend, Person

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PEOPLE = [Person(f"p{number}", f"Person {number}", [f"p{number}@x.org"]) for number in range(4)]


@contextmanager
def server_of(kind: str, folder: Path) -> Iterator[CardDAVBackend]:
    with BOOK_BACKENDS[kind](folder) as backend:
        assert isinstance(backend, CardDAVBackend)
        yield backend


@pytest.fixture(params=["radicale", "xandikos"])
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CardDAVBackend]:
    with server_of(request.param, tmp_path) as backend:
        place = backend.add_book("People")
        for person in PEOPLE:
            backend.put(place, person)
        yield backend


def login(backend: CardDAVBackend, path: str = "", **more: Any) -> Login:
    username, password = backend.server.auth(backend.user) or ("", None)
    return Login("home", f"{backend.wire.url}{path}", username, password, **more)


def only(account: CardDAVAccount) -> CardDAVAddressBook:
    [book] = account.books(NOW)
    return book


def read(
    book: CardDAVAddressBook, token: str | None = None, known: dict[str, str | None] | None = None
) -> tuple[list[StoredCard], tuple[str, ...], str | None]:
    batches = list(book.changes(token, known or {}))
    return (
        [stored for batch in batches for stored in batch.changed],
        batches[-1].removed,
        batches[-1].token,
    )


def paths_of(backend: CardDAVBackend) -> list[str]:
    home = backend.home.removeprefix(backend.server.url)
    book = only(CardDAVAccount(login(backend), {})).id.removeprefix("/")
    return ["", ".well-known/carddav", f"{backend.user}/", home, book]


def test_any_address_a_person_may_have_leads_to_the_books(backend: CardDAVBackend) -> None:
    for path in paths_of(backend):
        book = only(CardDAVAccount(login(backend, path), {}))
        assert book.name == "People", path
        assert len(read(book)[0]) == len(PEOPLE)


def test_calendars_are_no_address_books(backend: CardDAVBackend) -> None:
    auth = backend.server.auth(backend.user)
    servers.make_calendar(f"{backend.server.home(backend.user)}work/", "Work", auth)
    assert only(CardDAVAccount(login(backend), {})).name == "People"


def test_the_address_of_calendars_leads_to_their_users_books(backend: CardDAVBackend) -> None:
    auth = backend.server.auth(backend.user)
    calendar = f"{backend.server.home(backend.user)}work/"
    servers.make_calendar(calendar, "Work", auth)
    path = calendar.removeprefix(backend.server.url)
    with pytest.raises(MissingError, match="shows no address books"):
        CardDAVAccount(login(backend, path), {}).books(NOW)
    assert only(CardDAVAccount(login(backend, path, exact=False), {})).name == "People"
    # nor need the server be at the root of its host
    backend.wire.before = lambda e: said(404) if e.path in {"/", "/.well-known/carddav"} else None
    assert only(CardDAVAccount(login(backend, path, exact=False), {})).name == "People"


def test_a_quiet_poll_is_one_request_in_a_new_process(backend: CardDAVBackend) -> None:
    memo: dict[str, Any] = {}
    before = only(CardDAVAccount(login(backend), memo))
    account = CardDAVAccount(login(backend), memo)
    assert only(account).version == before.version
    assert account.requests == 1


def test_several_books_are_one_request(backend: CardDAVBackend) -> None:
    memo: dict[str, Any] = {}
    backend.add_book("Work")
    CardDAVAccount(login(backend), memo).books(NOW)
    account = CardDAVAccount(login(backend), memo)
    assert sorted(book.name for book in account.books(NOW)) == ["People", "Work"]
    assert account.requests == 1


def test_a_few_changes_are_three_requests(backend: CardDAVBackend) -> None:
    memo: dict[str, Any] = {}
    cards, _, token = read(only(CardDAVAccount(login(backend), memo)))
    account = CardDAVAccount(login(backend), memo)
    place = backend.server.url.rstrip("/") + only(account).id
    backend.put(place, Person("p0", "Person Zero"))
    backend.erase(place, "p1")
    account = CardDAVAccount(login(backend), memo)
    book = only(account)
    backend.wire.clear()
    changed, removed, _ = read(book, token, {stored.href: stored.etag for stored in cards})
    assert [b"sync-collection" in asked.body for asked in backend.wire.exchanges] == [True, False]
    assert [stored.card.name for stored in changed] == ["Person Zero"]
    assert [href.rpartition("/")[2] for href in removed] == ["p1.vcf"]
    assert account.requests == 3


@pytest.mark.parametrize(
    ("segment", "name", "automatic"),
    [
        ("z-app-generated--contactsinteraction--recent", "Recently contacted", True),
        ("z-server-generated--system", "Accounts", True),
        ("Emailed%20Contacts", "Emailed Contacts", True),
        ("contacts", "Collected addresses", True),
        ("contacts", "Contacts", False),
    ],
)
def test_books_that_machines_fill_are_told_as_such(
    segment: str, name: str, automatic: bool, tmp_path: Path
) -> None:
    with server_of("radicale", tmp_path) as backend:
        servers.make_address_book(f"{backend.home}{segment}/", name, ("sam", "any"))
        assert only(CardDAVAccount(login(backend), {})).automatic is automatic


def test_a_wrong_password_is_said_as_such() -> None:
    with servers.radicale(htpasswd=True) as server:
        server.add_user("sam", "right")
        assert CardDAVAccount(Login("home", server.url, "sam", "right"), {}).books(NOW) == []
        with pytest.raises(CredentialsError, match="fikad auth home"):
            CardDAVAccount(Login("home", server.url, "sam", "wrong"), {}).books(NOW)


# --- what is no answer ---

OPEN = '<?xml version="1.0"?><D:multistatus xmlns:D="DAV:">'


def said(status: int, body: str = "", kind: str = "application/xml") -> servers.Reply:
    return servers.Reply(status, {"content-type": kind}, body.encode())


def halved(exchange: servers.Exchange) -> servers.Reply | None:
    reply = exchange.reply
    assert reply is not None
    return servers.Reply(reply.status, reply.headers, reply.body[: len(reply.body) // 2])


FAULTS: dict[str, tuple[Callable[[servers.Exchange], servers.Reply | None], type[AccountError]]] = {
    "401": (lambda e: said(401), CredentialsError),
    "403": (lambda e: said(403), UnreadableError),
    "500": (lambda e: said(500), UnreachableError),
    "html": (lambda e: said(200, "<!doctype html><p>Sign in", "text/html"), UnreadableError),
    "html as 207": (lambda e: said(207, "<!DOCTYPE html><p>Sign in"), UnreadableError),
    "nothing": (lambda e: said(207), UnreadableError),
    "half": (halved, UnreadableError),
    "nobody": (lambda e: said(207, f"{OPEN}</D:multistatus>"), UnreadableError),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_no_list_of_books_is_an_error(fault: str, backend: CardDAVBackend) -> None:
    memo: dict[str, Any] = {}
    CardDAVAccount(login(backend), memo).books(NOW)
    backend.wire.after, error = FAULTS[fault]
    with pytest.raises(error):
        CardDAVAccount(login(backend), memo).books(NOW)


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_no_list_of_cards_takes_nobody_away(fault: str, backend: CardDAVBackend) -> None:
    book = only(CardDAVAccount(login(backend), {}))
    known = {stored.href: stored.etag for stored in read(book)[0]}
    backend.wire.after, error = FAULTS[fault]
    with pytest.raises(error):
        read(book, None, known)


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault not in {"403", "nobody"}])
def test_a_history_that_does_not_answer_takes_nobody_away(
    fault: str, backend: CardDAVBackend
) -> None:
    book = only(CardDAVAccount(login(backend), {}))
    cards, _, token = read(book)
    backend.wire.after, error = FAULTS[fault]
    with pytest.raises(error):
        read(book, token, {stored.href: stored.etag for stored in cards})


@pytest.mark.parametrize("status", [403, 409, 410, 412])
def test_a_token_that_is_no_longer_known_is_a_reason_to_compare(
    status: int, backend: CardDAVBackend
) -> None:
    book = only(CardDAVAccount(login(backend), {}))
    cards, _, token = read(book)
    known = {stored.href: stored.etag for stored in cards} | {f"{book.id}gone.vcf": '"1"'}

    def refuse(exchange: servers.Exchange) -> servers.Reply | None:
        return said(status) if b"sync-collection" in exchange.body else None

    backend.wire.before = refuse
    changed, removed, _ = read(book, token, known)
    assert changed == []
    assert removed == (f"{book.id}gone.vcf",)


def test_a_history_that_denies_everything_is_found_out_by_comparing(
    backend: CardDAVBackend,
) -> None:
    book = only(CardDAVAccount(login(backend), {}))
    cards, _, token = read(book)
    known = {stored.href: stored.etag for stored in cards} | {f"{book.id}gone.vcf": '"1"'}
    backend.wire.after = lambda e: (
        said(207, f"{OPEN}<D:sync-token>same</D:sync-token></D:multistatus>")
        if b"sync-collection" in e.body
        else None
    )
    assert read(book, token, known)[1] == ()
    [last] = book.changes(token, known, complete=True)
    assert last.removed == (f"{book.id}gone.vcf",)


def test_a_batch_that_is_refused_is_read_one_by_one(backend: CardDAVBackend) -> None:
    backend.wire.before = lambda e: said(501) if b"addressbook-multiget" in e.body else None
    cards, _, _ = read(only(CardDAVAccount(login(backend), {})))
    assert len(cards) == len(PEOPLE)


def test_a_card_that_is_not_given_is_told_of_and_stops_nobody(backend: CardDAVBackend) -> None:
    def spoil(exchange: servers.Exchange) -> servers.Reply | None:
        if b"addressbook-multiget" in exchange.body:
            return said(501)
        return said(500) if exchange.path.endswith("p2.vcf") else None

    backend.wire.before = spoil
    batches = list(only(CardDAVAccount(login(backend), {})).changes(None, {}))
    assert sum(len(batch.changed) for batch in batches) == len(PEOPLE) - 1
    [problem] = [problem for batch in batches for problem in batch.problems]
    assert (problem.uid, "contacts app" in problem.reason) == ("p2", True)


def test_a_server_that_is_silent_or_hangs_up_is_unreachable(backend: CardDAVBackend) -> None:
    memo: dict[str, Any] = {}
    CardDAVAccount(login(backend), memo).books(NOW)
    over = threading.Event()

    def silent(exchange: servers.Exchange) -> servers.Reply | None:
        over.wait(30)
        raise servers.Lost

    backend.wire.before = silent
    try:
        with pytest.raises(UnreachableError, match="did not answer in time"):
            CardDAVAccount(login(backend, timeout_seconds=0.1), memo).books(NOW)
    finally:
        over.set()
    with pytest.raises(UnreachableError, match="broke the connection off"):
        CardDAVAccount(login(backend), memo).books(NOW)


def test_a_damaged_memo_is_discovered_anew(backend: CardDAVBackend) -> None:
    damages: list[dict[str, Any]] = [
        {"homes": []},
        {"homes": [1]},
        {"homes": ["/sam/gone/"]},
        {"principal": 3},
    ]
    for damage in damages:
        memo: dict[str, Any] = {}
        CardDAVAccount(login(backend), memo).books(NOW)
        memo |= damage
        assert only(CardDAVAccount(login(backend), memo)).name == "People"
