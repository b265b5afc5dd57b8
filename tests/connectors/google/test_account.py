"""Reading a Google account: its calendars, and exactly what changed in them."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta

import pytest

from connectors.base import KnownResources
from connectors.errors import CredentialsError, MissingError, ReadOnlyError, UnreadableError
from connectors.google.account import GoogleCalendar
from tests.connectors.google.an_account import NOW, Login, Reader, at, draft, logged_in, meeting
from tests.connectors.google.server import SCOPE, Fault, GoogleServer

SOON = NOW + timedelta(minutes=59)
ID = "fikadjane1"
SERIES = {
    "recurrence": ["RRULE:FREQ=WEEKLY"],
    "start": at(10, 4, zone="Europe/Berlin"),
    "end": at(11, 4, zone="Europe/Berlin"),
}


# --- what it costs ---


def test_a_poll_without_news_costs_one_request_per_calendar(
    server: GoogleServer, login: Login
) -> None:
    other = server.store.add_calendar("Other")
    for calendar in (server.store.owner, other):
        server.store.add_event(calendar, summary="Lunch", **meeting())
    readers = [Reader(calendar) for calendar in login.account.calendars(NOW)]
    for reader in readers:
        reader.read()
    before = login.account.requests
    for reader, again in zip(readers, login.account.calendars(SOON), strict=True):
        assert again.version == reader.token
        reader.calendar = again
        assert [batch.changed + batch.removed for batch in reader.read()] == [()]
    assert login.account.requests - before == 2


def test_a_calendar_has_another_version_only_when_something_changed(
    server: GoogleServer, login: Login
) -> None:
    lunch = server.store.add_event(server.store.owner, summary="Lunch", **meeting())
    reader = Reader(login.calendar())
    assert reader.calendar.version is None, "it was never read"
    for change in (
        lambda: server.store.add_event(server.store.owner, summary="Tea", **meeting(15)),
        lambda: server.store.delete_event(server.store.owner, lunch),
    ):
        reader.read()
        read = reader.token
        assert reader.calendar.version == read
        for _ in range(2):
            reader.calendar = login.calendar(now=SOON)
            assert reader.calendar.version == read
        change()
        reader.calendar = login.calendar(now=SOON)
        assert reader.calendar.version is None
        before = login.account.requests
        assert [batch.last for batch in reader.read()] == [True]
        assert login.account.requests == before, "what was asked is not asked again"
    assert reader.titles() == ["Tea"]


def test_whoever_stored_another_token_than_was_asked_gets_all_that_came_since(
    server: GoogleServer, login: Login
) -> None:
    reader = Reader(login.calendar())
    reader.read()
    stored = reader.token
    server.store.add_event(server.store.owner, summary="Lunch", **meeting())
    reader.read()
    # Its reading was not kept: the ledger still has the token before.
    reader.token, reader.texts = stored, {}
    reader.calendar = login.calendar(now=SOON)
    assert reader.calendar.version not in (None, stored)
    reader.read()
    assert reader.titles() == ["Lunch"]


def test_what_cannot_be_asked_or_was_forgotten_has_no_version_and_is_told_by_reading(
    server: GoogleServer, login: Login
) -> None:
    reader = Reader(login.calendar())
    reader.read()
    server.store.add_event(server.store.owner, summary="Lunch", **meeting())
    server.plan("events.list", Fault(403, "forbidden"))
    reader.calendar = login.calendar(now=SOON)
    assert reader.calendar.version is None
    with pytest.raises(UnreadableError):
        reader.read()
    server.store.expire_sync_tokens()
    reader.calendar = login.calendar(now=SOON)
    assert reader.calendar.version is None
    reader.read()
    assert reader.titles() == ["Lunch"]
    assert reader.calendar.version == reader.token


def test_a_first_page_without_anything_that_is_not_the_last_is_no_proof_that_nothing_changed(
    server: GoogleServer, login: Login
) -> None:
    reader = Reader(login.calendar())
    reader.read()
    body = b'{"items": [], "nextPageToken": "more"}'
    server.plan("events.list", Fault(200, body=body))
    assert login.calendar(now=SOON).version is None


def test_the_list_of_calendars_is_asked_for_once_an_hour_across_processes(
    server: GoogleServer, login: Login
) -> None:
    login.account.calendars(NOW)
    memo = json.loads(json.dumps(login.account.memo))
    with logged_in(server, memo=memo) as later:
        assert [
            calendar.name for calendar in later.account.calendars(NOW + timedelta(minutes=59))
        ] == [server.store.owner]
        assert later.account.addresses() == {server.store.owner}
        assert server.counts["calendarList.list"] == 1
        later.account.calendars(NOW + timedelta(minutes=61))
        assert server.counts["calendarList.list"] == 2


def test_the_list_is_asked_for_again_when_another_fikad_was_at_work(
    server: GoogleServer, login: Login
) -> None:
    """It may have made or renamed a calendar."""
    held = login.account.create_calendar("Fikad")
    login.account.calendars(NOW)
    held.delete(held.create(draft(uid=ID)))
    before = server.counts["calendarList.list"]
    assert held.took_back(ID)
    login.account.calendars(NOW)
    assert server.counts["calendarList.list"] == before + 1


def test_the_list_is_asked_for_again_when_a_calendar_on_it_is_gone(
    server: GoogleServer, login: Login
) -> None:
    made = login.account.create_calendar("Fikad")
    assert made.id in [calendar.id for calendar in login.account.calendars(NOW)]
    del server.store.calendars[made.id]
    assert made.id in [calendar.id for calendar in login.account.calendars(NOW)]
    with pytest.raises(MissingError):
        list(made.changes(None, KnownResources()))
    assert made.id not in [calendar.id for calendar in login.account.calendars(NOW)]


def test_a_calendar_just_made_that_google_does_not_list_yet_is_there(
    server: GoogleServer, login: Login
) -> None:
    login.account.calendars(NOW)
    listing = Fault(200, body=json.dumps({"items": []}).encode())
    server.plan("calendarList.list", listing, listing, listing)
    made = login.account.create_calendar("Fikad")
    assert made.id in [calendar.id for calendar in login.account.calendars(NOW)]
    with logged_in(server, memo=json.loads(json.dumps(login.account.memo))) as later:
        [calendar] = [
            calendar
            for calendar in later.account.calendars(NOW + timedelta(hours=2))
            if calendar.name == "Fikad"
        ]
        assert calendar.id == made.id


def test_what_is_remembered_bears_no_secret(login: Login) -> None:
    login.calendar()
    remembered = json.dumps(login.account.memo)
    assert str(login.tokens.load() or {}) != "{}"
    assert (login.tokens.load() or {})["refresh_token"] not in remembered


def test_nothing_of_google_is_imported_before_it_is_needed() -> None:
    code = (
        "import sys, connectors.google.account; print([m for m in sys.modules if m.split('.')[0] in"
        " ('google', 'googleapiclient', 'httplib2', 'google_auth_httplib2', "
        "'google_auth_oauthlib', 'icalendar')])"
    )
    assert (
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout.strip()
        == "[]"
    )


# --- the calendars ---


def test_calendars_are_listed_over_all_pages(server: GoogleServer, login: Login) -> None:
    names = [f"Calendar {number}" for number in range(8)]
    for name in names:
        server.store.add_calendar(name)
    assert [calendar.name for calendar in login.account.calendars(NOW)] == [
        server.store.owner,
        *names,
    ]


def test_the_primary_calendar_can_be_called_primary_and_its_id_is_the_users_address(
    login: Login,
) -> None:
    [calendar] = login.account.calendars(NOW)
    assert calendar.also_called == ("primary",)
    assert login.account.addresses() == {"sam@example.com"}


def test_a_hidden_calendar_counts_only_if_it_is_the_users_own(
    server: GoogleServer, login: Login
) -> None:
    server.store.add_calendar("Fikad", hidden=True)
    server.store.add_calendar("Holidays", hidden=True, role="reader")
    assert [calendar.name for calendar in login.account.calendars(NOW)] == [
        server.store.owner,
        "Fikad",
    ]


@pytest.mark.parametrize(
    ("scopes", "writable"),
    [
        ((f"{SCOPE}.app.created",), {"Own"}),
        (
            (f"{SCOPE}.app.created", f"{SCOPE}.events.owned"),
            {"sam@example.com", "Own", "Colleague's"},
        ),
        ((), set()),
    ],
)
def test_what_can_be_written_depends_on_the_role_and_on_the_grant(
    server: GoogleServer, scopes: tuple[str, ...], writable: set[str]
) -> None:
    server.store.add_calendar("Own")
    server.store.add_calendar("Colleague's", id="jane@example.com", role="writer")
    server.store.add_calendar("Team", role="reader")
    with logged_in(
        server, (f"{SCOPE}.events.readonly", f"{SCOPE}.calendarlist.readonly", *scopes)
    ) as login:
        assert {
            calendar.name for calendar in login.account.calendars(NOW) if calendar.writable
        } == writable


def test_self_in_a_colleagues_calendar_is_not_me(server: GoogleServer, login: Login) -> None:
    server.store.add_calendar("Jane", id="jane@example.com", role="reader")
    guests = [{"email": "jane@example.com", "self": True}, {"email": "sam@example.com"}]
    server.store.add_event("jane@example.com", summary="1:1", attendees=guests, **meeting())
    reader = Reader(login.calendar("Jane"))
    reader.read()
    assert "X-FIKAD-SELF" not in "".join(reader.texts.values())
    server.store.add_event(
        server.store.owner,
        summary="1:1",
        attendees=[{"email": "sam@example.com", "self": True}],
        **meeting(),
    )
    mine = Reader(login.calendar())
    mine.read()
    assert (
        "ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;X-FIKAD-SELF=TRUE:mailto:sam@"
        in "".join(mine.texts.values())
    )


def test_a_calendar_shared_as_free_busy_gives_its_times(server: GoogleServer, login: Login) -> None:
    server.store.add_calendar("Boss", id="boss@example.com", role="freeBusyReader")
    server.store.add_event("boss@example.com", summary="Secret", **meeting())
    reader = Reader(login.calendar("Boss"))
    reader.read()
    [text] = reader.texts.values()
    assert "Secret" not in text
    assert "DTSTART:20261125T090000Z\r\nDTEND:20261125T100000Z" in text
    assert "TRANSP:OPAQUE" in text


def test_a_free_busy_calendar_that_gives_nothing_is_named_and_left_out_from_then_on(
    server: GoogleServer, login: Login
) -> None:
    server.store.add_calendar(
        "Boss", id="boss@example.com", role="freeBusyReader", lists_busy_times=False
    )
    with pytest.raises(UnreadableError, match=r"Boss.*free/busy"):
        Reader(login.calendar("Boss")).read()
    assert [calendar.name for calendar in login.account.calendars(NOW)] == [server.store.owner]
    assert list(login.account.unusable) == ["Boss"]
    server.store.calendars["boss@example.com"].role = "reader"
    later = NOW + timedelta(hours=2)
    assert [calendar.name for calendar in login.account.calendars(later)] == [
        server.store.owner,
        "Boss",
    ]
    assert login.account.unusable == {}


def test_a_calendar_that_is_gone_is_missing_not_empty(server: GoogleServer, login: Login) -> None:
    server.store.add_calendar("Old", id="old@group.calendar.google.com")
    calendar = login.calendar("Old")
    del server.store.calendars["old@group.calendar.google.com"]
    with pytest.raises(MissingError, match="Old"):
        Reader(calendar).read()


# --- what changed ---


def test_the_first_reading_brings_every_event_in_pages_and_the_token_with_the_last(
    server: GoogleServer, login: Login
) -> None:
    for number in range(7):
        server.store.add_event(server.store.owner, summary=f"Event {number}", **meeting())
    reader = Reader(login.calendar())
    batches = reader.read()
    assert [len(batch.changed) for batch in batches] == [3, 3, 1]
    assert [batch.token is None for batch in batches] == [True, True, False]
    assert reader.titles() == [f"Event {number}" for number in range(7)]


def test_a_delta_brings_exactly_what_was_added_changed_and_deleted(
    server: GoogleServer, login: Login
) -> None:
    kept, changed, deleted = (
        server.store.add_event(server.store.owner, summary=title, **meeting())
        for title in ("Kept", "Old", "Gone")
    )
    reader = Reader(login.calendar())
    reader.read()
    added = server.store.add_event(server.store.owner, summary="Added", **meeting())
    server.store.change_event(server.store.owner, changed, summary="New")
    server.store.delete_event(server.store.owner, deleted)
    batches = reader.read()
    assert {each.href for batch in batches for each in batch.changed} == {added, changed}
    assert [href for batch in batches for href in batch.removed] == [deleted]
    assert reader.titles() == ["Added", "Kept", "New"]
    assert kept in reader.texts


def test_an_event_that_came_and_went_between_two_polls_leaves_no_trace(
    server: GoogleServer, login: Login
) -> None:
    reader = Reader(login.calendar())
    reader.read()
    event = server.store.add_event(server.store.owner, summary="Brief", **meeting())
    server.store.delete_event(server.store.owner, event)
    batches = list(reader.calendar.changes(reader.token, reader.known))
    assert [batch.changed for batch in batches] == [()]


def test_series_and_exceptions_are_one_group(server: GoogleServer, login: Login) -> None:
    series = server.store.add_event(server.store.owner, summary="Fika", **SERIES)
    moved = server.store.add_exception(
        server.store.owner,
        series,
        at(10, 11, zone="Europe/Berlin"),
        summary="Fika later",
        start=at(15, 11),
        end=at(16, 11),
    )
    cancelled = server.store.cancel_instance(
        server.store.owner, series, at(10, 18, zone="Europe/Berlin")
    )
    [batch] = list(login.calendar().changes(None, KnownResources()))
    assert {each.href: each.group for each in batch.changed} == {
        series: series,
        moved: series,
        cancelled: series,
    }


def test_a_cancelled_instance_is_kept_while_its_series_lives(
    server: GoogleServer, login: Login
) -> None:
    series = server.store.add_event(server.store.owner, summary="Fika", **SERIES)
    reader = Reader(login.calendar())
    reader.read()
    cancelled = server.store.cancel_instance(
        server.store.owner, series, at(10, 18, zone="Europe/Berlin")
    )
    reader.read()
    assert "STATUS:CANCELLED" in reader.texts[cancelled]
    assert 'RECURRENCE-ID;TZID="Europe/Berlin":20261118T100000' in reader.texts[cancelled]
    reader.read(complete=True)
    assert cancelled in reader.texts


def test_a_deleted_series_takes_its_exceptions_along(server: GoogleServer, login: Login) -> None:
    owner = server.store.owner
    series = server.store.add_event(owner, id="abcde", summary="Fika", **SERIES)
    server.store.add_exception(owner, series, at(10, 11), summary="Fika later")
    server.store.cancel_instance(owner, series, at(10, 18))
    # "This and following" begins a new series whose id, and whose exceptions' ids, begin with the
    # old one's.
    split = server.store.add_event(owner, id="abcde_R20261202T090000", summary="New fika", **SERIES)
    server.store.add_event(
        owner, id="abcde_20261209T090000Z", recurringEventId=split, summary="Moved", **meeting()
    )
    reader = Reader(login.calendar())
    reader.read()
    server.store.delete_event(owner, series)
    reader.read()
    assert sorted(reader.texts) == ["abcde_20261209T090000Z", "abcde_R20261202T090000"]


# --- tokens and broken answers ---


def test_an_expired_token_leads_to_a_full_reading_that_brings_only_what_differs(
    server: GoogleServer, login: Login
) -> None:
    owner = server.store.owner
    ids = [
        server.store.add_event(owner, summary=f"Event {number}", **meeting()) for number in range(5)
    ]
    reader = Reader(login.calendar())
    reader.read()
    server.store.change_event(owner, ids[1], summary="Changed")
    server.store.delete_event(owner, ids[4])
    server.store.expire_sync_tokens()
    batches = reader.read()
    assert [each.href for batch in batches for each in batch.changed] == [ids[1]]
    assert [href for batch in batches for href in batch.removed] == [ids[4]]
    assert [batch.changed for batch in reader.read()] == [()]


def test_a_token_that_google_does_not_know_leads_to_a_full_reading(
    server: GoogleServer, login: Login
) -> None:
    server.store.add_event(server.store.owner, summary="Lunch", **meeting())
    server.plan("events.list", Fault(400, "invalidParameter"))
    reader = Reader(login.calendar(), token="nonsense")
    reader.read()
    assert reader.titles() == ["Lunch"]


def test_a_token_that_expires_between_two_pages_loses_nothing(
    server: GoogleServer, login: Login
) -> None:
    owner = server.store.owner
    reader = Reader(login.calendar())
    reader.read()
    ids = [
        server.store.add_event(owner, summary=f"Event {number}", **meeting()) for number in range(4)
    ]
    changes = reader.calendar.changes(reader.token, reader.known)
    first = next(changes)
    server.plan("events.list", Fault(410, "fullSyncRequired"))
    server.store.delete_event(owner, ids[0])
    rest = list(changes)
    assert [each.href for each in first.changed] == ids[:3]
    assert rest[-1].removed == (ids[0],)
    assert {each.href for batch in rest for each in batch.changed} == set(ids[1:])


def test_the_daily_reconcile_notices_what_a_delta_kept_silent_about(
    server: GoogleServer, login: Login
) -> None:
    event = server.store.add_event(server.store.owner, summary="Lunch", **meeting())
    reader = Reader(login.calendar())
    reader.read()
    reader.etags |= {"ghost": '"1"'}
    reader.texts |= {"ghost": ""}
    del server.store.calendars[server.store.owner].events[event]
    reader.read(complete=True)
    assert reader.texts == {}


@pytest.mark.parametrize(
    "body",
    [
        b"<html><body>Please log in</body></html>",
        b'{"kind": "calendar#events", "nextSyncToken": "t"}',
        b'{"kind": "calendar#events", "items": []}',
        b'{"kind": "calendar#events", "items": [{"status": "confirmed"}], "nextSyncToken": "t"}',
        b'{"kind": "calendar#events", "items": [',
        b"[]",
        b"null",
        b"\xff\xfe\x00",
        b"",
    ],
)
def test_an_answer_without_its_parts_is_unreadable_not_empty(
    server: GoogleServer, login: Login, body: bytes
) -> None:
    server.store.add_event(server.store.owner, summary="Lunch", **meeting())
    reader = Reader(login.calendar())
    reader.read()
    server.plan("events.list", Fault(200, body=body))
    with pytest.raises(UnreadableError):
        reader.read(complete=True)
    assert reader.titles() == ["Lunch"]


def test_pages_that_never_end_are_unreadable(server: GoogleServer, login: Login) -> None:
    page = Fault(200, body=b'{"items": [], "nextPageToken": "again"}')
    server.plan("events.list", page, page, page)
    with pytest.raises(UnreadableError, match="breaks off"):
        Reader(login.calendar()).read()


def test_a_list_of_calendars_that_is_none_is_unreadable(server: GoogleServer, login: Login) -> None:
    server.plan("calendarList.list", Fault(200, body=b"<html>"))
    with pytest.raises(UnreadableError, match="list of calendars"):
        login.account.calendars(NOW)


# --- what the grant allows ---


def test_a_grant_that_does_not_reach_is_named(server: GoogleServer) -> None:
    with (
        logged_in(server, [f"{SCOPE}.events.readonly"]) as login,
        pytest.raises(
            CredentialsError, match=r"calendar\.calendarlist\.readonly.*`fikad auth work`"
        ),
    ):
        login.account.calendars(NOW)


def test_a_calendar_of_its_own_is_created_and_can_be_written(
    server: GoogleServer, login: Login
) -> None:
    login.account.calendars(NOW)
    assert login.account.can_create
    created = login.account.create_calendar("Fikad")
    assert created.name == "Fikad"
    assert created.writable
    assert [calendar.name for calendar in login.account.calendars(NOW)] == [
        server.store.owner,
        "Fikad",
    ]


def test_a_calendar_whose_creation_got_no_answer_is_found_by_name_and_not_created_twice(
    server: GoogleServer, login: Login
) -> None:
    login.account.calendars(NOW)
    server.plan("calendars.insert", Fault(applied=True))
    assert isinstance(login.account.create_calendar("Fikad"), GoogleCalendar)
    assert [stored.name for stored in server.store.calendars.values()] == [
        server.store.owner,
        "Fikad",
    ]


def test_a_calendar_that_may_not_be_created_says_what_to_do(server: GoogleServer) -> None:
    with logged_in(server, [f"{SCOPE}.events.readonly", f"{SCOPE}.calendarlist.readonly"]) as login:
        login.account.calendars(NOW)
        assert not login.account.can_create
        with pytest.raises(ReadOnlyError, match="fikad auth work"):
            login.account.create_calendar("Fikad")
