"""Google Contacts as an address book: what is asked, what an answer means, and what never takes
anybody away."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.address_book import Card
from connectors.errors import (
    AccountError,
    CredentialsError,
    UnreachableError,
    UnreadableError,
)
from tests.connectors.google.an_address_book import BookReader, contacts_at
from tests.connectors.google.server import LEAST_SCOPES, Fault, GoogleServer, Kept

PEOPLE, LABELS = "people.connections.list", "contactGroups.list"


@pytest.fixture
def reader(server: GoogleServer) -> Iterator[BookReader]:
    fika = server.people.add_label("Fika")
    server.people.add_person("Jane Doe", [fika])
    for number in range(4):
        server.people.add_person(f"Colleague {number}")
    with contacts_at(server) as opened:
        opened.read()
        yield opened


def label_called(server: GoogleServer, name: str) -> str:
    return next(key for key, group in server.people.groups.items() if group["name"] == name)


def person_called(server: GoogleServer, name: str) -> str:
    return next(
        key
        for key, person in server.people.people.items()
        if person.get("names", [{}])[0].get("displayName") == name
    )


# --- reading ---


def test_everybody_is_read_page_by_page_with_their_labels(reader: BookReader) -> None:
    assert reader.labels() == {
        "Jane Doe": {"Fika"},
        **{f"Colleague {number}": set() for number in range(4)},
    }


def test_a_quiet_poll_costs_one_request(server: GoogleServer, reader: BookReader) -> None:
    assert reader.requests_of() == 1
    assert server.counts[PEOPLE] == 3


def test_labels_are_asked_for_once_an_hour_where_nobody_changed(
    server: GoogleServer, reader: BookReader
) -> None:
    asked = server.counts[LABELS]
    server.people.rename_label(label_called(server, "Fika"), "Friends of old")
    for _ in range(3):
        reader.read()
    assert server.counts[LABELS] == asked
    assert reader.labels()["Jane Doe"] == {"Fika"}
    reader.read()
    assert reader.labels()["Jane Doe"] == {"Friends of old"}


def test_a_new_process_need_not_ask_for_the_labels_again(
    server: GoogleServer, reader: BookReader
) -> None:
    with contacts_at(server, memo=reader.contacts.memo, tokens=reader.tokens) as later:
        later.now, later.token = reader.now, reader.token
        later.cards, later.etags = reader.cards, reader.etags
        asked = server.counts[LABELS]
        later.read()
        assert server.counts[LABELS] == asked
        assert later.labels()["Jane Doe"] == {"Fika"}


def test_a_change_is_read_alone_with_the_labels_as_they_are_now(
    server: GoogleServer, reader: BookReader
) -> None:
    new = server.people.add_label("Chess")
    server.people.label(person_called(server, "Colleague 1"), new)
    (batch,) = reader.read()
    assert {stored.card.name for stored in batch.changed} == {"Colleague 1", "Chess"}
    assert reader.labels()["Colleague 1"] == {"Chess"}


def test_somebody_renamed_keeps_their_uid(server: GoogleServer, reader: BookReader) -> None:
    before = reader.people["Jane Doe"].uid
    server.people.change_person(
        person_called(server, "Jane Doe"), names=[{"displayName": "Jane Smith"}]
    )
    reader.read()
    assert reader.people["Jane Smith"].uid == before
    assert "Jane Doe" not in reader.people


def test_somebody_deleted_is_gone(server: GoogleServer, reader: BookReader) -> None:
    server.people.delete_person(person_called(server, "Colleague 2"))
    (batch,) = reader.read()
    assert len(batch.removed) == 1
    assert "Colleague 2" not in reader.people
    assert reader.requests_of() == 1


def test_a_deleted_label_is_gone(server: GoogleServer, reader: BookReader) -> None:
    server.people.delete_label(label_called(server, "Fika"))
    reader.read()
    assert reader.labels()["Jane Doe"] == set()


@pytest.mark.parametrize("full", [False, True])
def test_somebody_whom_google_links_with_a_profile_stays_who_they_are(
    server: GoogleServer, reader: BookReader, full: bool
) -> None:
    before = reader.people["Jane Doe"].uid
    linked = server.people.link_with_profile(person_called(server, "Jane Doe"))
    reader.read(complete=full)
    assert [card.uid for card in reader.cards.values() if card.name == "Jane Doe"] == [before]
    server.people.delete_person(linked)
    reader.read()
    assert "Jane Doe" not in reader.people


def test_groups_that_google_fills_are_no_labels(reader: BookReader) -> None:
    labels = {card.name for card in reader.cards.values() if card.is_group}
    assert labels == {"Fika", "starred", "friends", "family", "coworkers"}


def test_labels_can_be_asked_for_alone(server: GoogleServer) -> None:
    server.people.add_label("Fika")
    with contacts_at(server) as reader:
        (book,) = reader.contacts.books(reader.now)
        assert "Fika" in book.labels()
    assert server.counts[PEOPLE] == 0


def test_a_daily_full_reading_brings_only_what_differs(
    server: GoogleServer, reader: BookReader
) -> None:
    batches = reader.read(complete=True)
    assert [batch.changed for batch in batches] == [()] * len(batches)
    assert server.counts[PEOPLE] == 5, "two full readings of two pages, and one question before"


# --- tokens ---


def test_a_token_that_expired_after_seven_days_leads_to_a_full_reading(
    server: GoogleServer, reader: BookReader
) -> None:
    server.people.delete_person(person_called(server, "Colleague 0"))
    server.people.add_person("Lena Berg")
    server.people.expire_sync_tokens()
    reader.read()
    assert {"Lena Berg", "Jane Doe"} <= reader.people.keys()
    assert "Colleague 0" not in reader.people
    assert reader.requests_of() == 1


@pytest.mark.parametrize("status", [400, 410])
def test_a_token_that_google_refuses_halfway_leads_to_a_full_reading(
    server: GoogleServer, reader: BookReader, status: int
) -> None:
    known = [*server.people.people]
    fleeting = server.people.add_person("Lena Berg")
    for name in known:
        server.people.change_person(name, phoneNumbers=[{"value": "+49 30 1"}])
    gone = person_called(server, "Colleague 3")

    def vanish(answered: int) -> None:
        if answered == 1:
            server.plan(PEOPLE, Fault(status, "EXPIRED_SYNC_TOKEN"))
            server.people.delete_person(gone)
            server.people.delete_person(fleeting)

    server.after_answer = vanish
    first, *_ = reader.read()
    server.after_answer = None
    assert "Lena Berg" in {stored.card.name for stored in first.changed}
    assert reader.people.keys() == {"Jane Doe", "Colleague 0", "Colleague 1", "Colleague 2"}


# --- failures: nobody is taken away ---

HTML = b"<!doctype html><title>Sign in</title>"
UNREADABLE = {
    "html": (PEOPLE, Fault(200, body=HTML)),
    "not an object": (PEOPLE, Fault(200, body=b"[]")),
    "nothing": (PEOPLE, Fault(200, body=b"{}")),
    "no token": (PEOPLE, Fault(200, body=b'{"connections": []}')),
    "people without names": (PEOPLE, Fault(200, body=b'{"connections":[{}],"nextSyncToken":"t"}')),
    "no list": (PEOPLE, Fault(200, body=b'{"connections":{},"nextSyncToken":"t"}')),
    "none of many": (PEOPLE, Fault(200, body=b'{"totalItems":5,"nextSyncToken":"t"}')),
    "labels in html": (LABELS, Fault(200, body=HTML)),
    "no labels at all": (LABELS, Fault(200, body=b"{}")),
    "forbidden": (PEOPLE, Fault(403, "forbidden")),
}


@pytest.mark.parametrize("fault", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_an_answer_without_its_parts_is_unreadable_and_takes_nobody_away(
    server: GoogleServer, reader: BookReader, fault: tuple[str, Fault]
) -> None:
    before, token = dict(reader.cards), reader.token
    server.plan(*fault)
    del reader.contacts.memo["token"]  # so that this answers the full list
    with pytest.raises(UnreadableError):
        reader.read(complete=True)
    assert (reader.cards, reader.token) == (before, token)
    reader.read()


def test_a_reading_that_breaks_off_between_pages_forgets_nobody(
    server: GoogleServer, reader: BookReader
) -> None:
    server.people.delete_person(person_called(server, "Colleague 0"))
    before = dict(reader.cards)
    server.after_answer = lambda answered: server.plan(PEOPLE, *[Fault()] * 3)
    with pytest.raises(UnreachableError):
        reader.read(complete=True)
    server.after_answer = None
    server.forget_plans()
    assert reader.cards == before
    reader.read()
    assert "Colleague 0" not in reader.people


def test_an_empty_book_is_one_that_says_so(server: GoogleServer, reader: BookReader) -> None:
    server.people.clear()
    reader.read()
    assert reader.people == {}


def test_the_quota_of_first_pages_is_waited_for(server: GoogleServer) -> None:
    server.people.add_person("Jane Doe")
    server.plan(PEOPLE, Fault(429, "RATE_LIMIT_EXCEEDED"), Fault(429, "RATE_LIMIT_EXCEEDED"))
    with contacts_at(server) as reader:
        reader.read()
        assert len(reader.patience.waits) == 2
        server.plan(PEOPLE, *[Fault(429, "RATE_LIMIT_EXCEEDED")] * 9)
        with pytest.raises(UnreachableError, match="limits the rate"):
            reader.read(complete=True)


def test_a_grant_without_the_scope_says_what_to_do(server: GoogleServer) -> None:
    with (
        contacts_at(server, LEAST_SCOPES) as reader,
        pytest.raises(CredentialsError) as caught,
    ):
        reader.read()
    assert str(caught.value) == (
        'the grant of account "work" does not cover your contacts (contacts.readonly): '
        "run `fikad auth work` and allow it"
    )


def test_a_new_grant_heals_a_running_process(server: GoogleServer) -> None:
    server.people.add_person("Jane Doe")
    with contacts_at(server, LEAST_SCOPES) as reader:
        with pytest.raises(CredentialsError):
            reader.read()
        reader.tokens.token = server.grant()
        with pytest.raises(CredentialsError):
            reader.read()
        reader.tokens.token = server.grant(
            (*LEAST_SCOPES, "https://www.googleapis.com/auth/contacts")
        )
        reader.read()
        assert reader.people.keys() == {"Jane Doe"}


def test_a_revoked_grant_and_a_missing_token_are_credentials(
    server: GoogleServer, reader: BookReader
) -> None:
    server.revoke()
    with pytest.raises(CredentialsError, match="fikad auth work"):
        reader.read()
    with contacts_at(server, tokens=Kept(None)) as nobody, pytest.raises(CredentialsError):
        nobody.read()


def test_an_api_that_is_not_enabled_is_named(server: GoogleServer, reader: BookReader) -> None:
    server.plan(PEOPLE, Fault(403, "SERVICE_DISABLED"))
    with pytest.raises(UnreachableError, match="Google People API is not enabled"):
        reader.read()


def test_somebody_labelled_without_a_name_is_told_and_stops_nobody(
    server: GoogleServer, reader: BookReader
) -> None:
    fika = label_called(server, "Fika")
    server.people.add_person("", [fika], emailAddresses=[{"value": "x@example.com"}])
    server.people.add_person("", emailAddresses=[{"value": "y@example.com"}])
    server.people.change_person(person_called(server, "Jane Doe"), names=[])
    server.people.add_person("Lena Berg", [fika])
    problems = [problem for batch in reader.read() for problem in batch.problems]
    assert {problem.reason.partition(" has")[0] for problem in problems} == {
        "x@example.com",
        "somebody with a label",
    }
    assert {"Lena Berg", "Jane Doe"} <= reader.people.keys()
    reader.read(complete=True)
    assert "Jane Doe" in reader.people


@pytest.mark.parametrize("seed", range(3))
def test_whatever_happens_the_cards_end_as_the_contacts_are(
    server: GoogleServer, reader: BookReader, seed: int
) -> None:
    import random

    chance = random.Random(seed)
    for turn in range(25):
        people = [
            name for name, p in server.people.people.items() if not p["metadata"].get("deleted")
        ]
        match chance.randrange(7):
            case 0:
                server.people.add_person(f"New {turn}", [label_called(server, "Fika")])
            case 1 if people:
                server.people.delete_person(chance.choice(people))
            case 2 if people:
                server.people.label(chance.choice(people), server.people.add_label(f"L{turn}"))
            case 3 if people:
                server.people.link_with_profile(chance.choice(people))
            case 4:
                server.people.expire_sync_tokens()
            case 5:
                server.plan(PEOPLE, Fault(200, body=HTML))
            case _:
                server.plan(LABELS, Fault(403, "forbidden"))
        try:
            reader.read(complete=chance.random() < 0.2)
        except AccountError:
            server.forget_plans()
    server.forget_plans()
    reader.read()
    with contacts_at(server) as fresh:
        fresh.read()
        shown: list[dict[str, Card]] = [each.cards for each in (reader, fresh)]
        assert shown[0] == shown[1]
