"""Writing holds to Google: exactly one, never to anybody else, never over somebody's change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from connectors.base import HoldEvent, KnownResources, Resource
from connectors.errors import (
    AccountError,
    ChangedError,
    MissingError,
    ReadOnlyError,
    TakenError,
    UncertainError,
    UnreachableError,
    UnreadableError,
    WithdrawnError,
)
from connectors.google.account import GoogleCalendar
from connectors.ical.hold_text import hold_event, seal
from tests.connectors.google.an_account import Login, draft, logged_in
from tests.connectors.google.server import LEAST_SCOPES, SCOPE, Fault, GoogleServer

ID = "fikadjane1"
ANSWER = ("Delete it to say no.",)
"""The answering lines of the draft's description."""
WRITES = pytest.mark.parametrize("write", ["update", "complete", "delete"])
LOST = Fault(applied=True)
"""The write took effect, and its answer never came."""


@pytest.fixture
def server() -> Iterator[GoogleServer]:
    with GoogleServer() as running:
        running.store.add_calendar(
            "Fikad", id="holds@group.calendar.google.com", created_by_app=True
        )
        yield running


@pytest.fixture
def calendar(login: Login) -> GoogleCalendar:
    return login.calendar("Fikad")


def hold(resource: Resource | None) -> HoldEvent:
    assert resource is not None
    event = hold_event(resource.text)
    assert event is not None
    return event


def stored(server: GoogleServer) -> dict[str, object]:
    return server.store.event("holds@group.calendar.google.com", ID)


def write_it(calendar: GoogleCalendar, write: str, resource: Resource) -> None:
    """Move, complete or delete the hold."""
    if write == "update":
        calendar.update(resource, draft(hour=14))
    elif write == "complete":
        calendar.complete(resource, ANSWER)
    else:
        calendar.delete(resource)


def live(server: GoogleServer) -> list[str]:
    return [event["id"] for event in server.store.live_events("holds@group.calendar.google.com")]


# --- creating ---


def test_a_hold_is_private_tentative_silent_and_invites_nobody(
    server: GoogleServer, calendar: GoogleCalendar
) -> None:
    calendar.create(draft())
    event = stored(server)
    assert event["id"] == ID
    assert event["status"] == "tentative"
    assert event["transparency"] == "transparent"
    assert event["visibility"] == "private"
    assert event["reminders"] == {"useDefault": False}
    assert event["start"] == {"dateTime": "2026-11-25T10:00:00Z", "timeZone": "UTC"}
    assert event["end"] == {"dateTime": "2026-11-25T10:45:00Z", "timeZone": "UTC"}
    assert "attendees" not in event
    assert event["extendedProperties"] == {"private": {"fikad": f"seal={seal(draft())}"}}


def test_a_hold_that_shows_as_busy_is_opaque(calendar: GoogleCalendar) -> None:
    assert not hold(calendar.create(replace(draft(), transparent=False))).transparent


def test_a_hold_reads_back_untouched(calendar: GoogleCalendar) -> None:
    created = calendar.create(draft())
    event = hold(created)
    assert event.uid == ID
    assert event.seal == seal(event) == seal(draft())
    assert calendar.read("fikad-jane-1") == calendar.read(ID) == created


def test_a_taken_id_is_refused_and_left_alone(
    server: GoogleServer, calendar: GoogleCalendar
) -> None:
    calendar.create(draft())
    with pytest.raises(TakenError):
        calendar.create(draft("Lunch with Joe?"))
    with pytest.raises(TakenError):
        calendar.create(draft())  # as another daemon may have written it
    assert stored(server)["summary"] == "Coffee with Jane?"


def test_a_hold_that_the_user_deleted_is_never_recreated(
    server: GoogleServer, calendar: GoogleCalendar
) -> None:
    calendar.create(draft())
    server.store.delete_event("holds@group.calendar.google.com", ID)
    assert calendar.read(ID) is None
    with pytest.raises(TakenError) as refused:
        calendar.create(draft())
    assert not isinstance(refused.value, WithdrawnError)
    assert live(server) == []
    assert not calendar.took_back(ID)


def test_a_hold_that_fikad_took_back_is_told_from_a_dismissal(
    server: GoogleServer, calendar: GoogleCalendar
) -> None:
    assert not calendar.took_back(ID), "there is none"
    made = calendar.create(draft())
    server.plan("events.delete", *[Fault()] * 9)
    with pytest.raises(UncertainError):
        calendar.delete(made)
    assert not calendar.took_back(ID), "it is marked and stands"
    server.forget_plans()
    marked = calendar.read(ID)
    assert marked is not None
    calendar.delete(marked)
    assert calendar.took_back("fikad-jane-1")
    assert calendar.read(ID) is None
    with pytest.raises(WithdrawnError):
        calendar.create(draft())
    assert live(server) == []


@pytest.mark.parametrize(
    "faults", [(LOST,), (LOST, LOST), (Fault(), LOST), (Fault(503, applied=True),)]
)
def test_a_lost_answer_to_a_create_leads_to_exactly_one_hold(
    server: GoogleServer, calendar: GoogleCalendar, faults: tuple[Fault, ...]
) -> None:
    server.plan("events.insert", *faults)
    assert hold(calendar.create(draft())).title == "Coffee with Jane?"
    assert live(server) == [ID]


def test_a_create_that_never_gets_an_answer_is_looked_up(
    server: GoogleServer, calendar: GoogleCalendar
) -> None:
    server.plan("events.insert", LOST, LOST, LOST)
    server.plan("events.insert", *[Fault()] * 9)
    assert hold(calendar.create(draft())).uid == ID
    assert live(server) == [ID]


def test_a_create_of_which_nothing_is_to_be_seen_is_uncertain(
    server: GoogleServer, calendar: GoogleCalendar
) -> None:
    server.plan("events.insert", *[Fault()] * 9)
    with pytest.raises(UncertainError):
        calendar.create(draft())


def test_a_create_that_was_surely_refused_is_not_uncertain(
    server: GoogleServer, calendar: GoogleCalendar
) -> None:
    server.plan("events.insert", *[Fault(429, "rateLimitExceeded")] * 9)
    with pytest.raises(UnreachableError):
        calendar.create(draft())


def test_a_create_that_was_never_sent_is_not_uncertain() -> None:
    with GoogleServer() as server:
        server.store.add_calendar("Fikad", created_by_app=True)
        with logged_in(server) as login:
            calendar = login.calendar("Fikad")
            login.account.close()
            server.close()
            with pytest.raises(UnreachableError):
                calendar.create(draft())


def test_somebody_elses_hold_of_the_same_id_is_not_taken_for_a_lost_answer(
    server: GoogleServer, calendar: GoogleCalendar
) -> None:
    calendar.create(draft("Lunch with Joe?"))
    server.plan("events.insert", Fault())
    with pytest.raises(TakenError):
        calendar.create(draft())


# --- changing ---


def test_a_hold_is_moved_under_the_same_id(server: GoogleServer, calendar: GoogleCalendar) -> None:
    resource = calendar.update(calendar.create(draft()), draft(hour=14))
    assert hold(resource).start.hour == 14
    assert hold(resource).seal == seal(hold(resource))
    assert live(server) == [ID]


@pytest.mark.parametrize(
    "touch",
    [
        {"summary": "Coffee with Jane"},
        {"location": "Café"},
        {"attendees": [{"email": "jane@example.com"}]},
        {"reminders": {"useDefault": True}},
        {"guestsCanModify": True},
    ],
)
@WRITES
def test_a_hold_that_the_user_touched_is_never_written(
    server: GoogleServer, calendar: GoogleCalendar, touch: dict[str, object], write: str
) -> None:
    resource = calendar.create(draft())
    server.store.change_event("holds@group.calendar.google.com", ID, **touch)
    before = stored(server)
    with pytest.raises(ChangedError):
        write_it(calendar, write, resource)
    assert stored(server) == before
    assert server.counts["events.patch"] == server.counts["events.delete"] == 0


def test_an_alarm_shows_even_where_google_keeps_the_etag(
    server: GoogleServer, calendar: GoogleCalendar
) -> None:
    resource = calendar.create(draft())
    events = server.store.calendars["holds@group.calendar.google.com"].events
    events[ID] = {
        **events[ID],
        "reminders": {"useDefault": False, "overrides": [{"method": "popup", "minutes": 9}]},
    }
    with pytest.raises(ChangedError):
        calendar.update(resource, draft(hour=14))


@WRITES
def test_a_hold_with_guests_is_never_written_even_if_it_was_found_so(
    server: GoogleServer, calendar: GoogleCalendar, write: str
) -> None:
    calendar.create(draft())
    server.store.change_event(
        "holds@group.calendar.google.com", ID, attendees=[{"email": "jane@example.com"}]
    )
    resource = calendar.read(ID)
    assert resource is not None
    before = stored(server)
    with pytest.raises(ChangedError, match="invited"):
        write_it(calendar, write, resource)
    assert stored(server) == before


@WRITES
def test_a_change_at_the_last_moment_wins(
    server: GoogleServer, calendar: GoogleCalendar, write: str
) -> None:
    resource = calendar.create(draft())
    server.plan("events.patch", Fault(412, "conditionNotMet"))
    with pytest.raises(ChangedError):
        write_it(calendar, write, resource)
    assert live(server) == [ID]


@WRITES
def test_a_hold_that_is_gone_is_never_written(
    server: GoogleServer, calendar: GoogleCalendar, write: str
) -> None:
    resource = calendar.create(draft())
    server.store.delete_event("holds@group.calendar.google.com", ID)
    with pytest.raises(ChangedError, match="deleted"):
        write_it(calendar, write, resource)
    assert live(server) == []


@pytest.mark.parametrize("faults", [(LOST,), (LOST, LOST), (Fault(), LOST), (LOST, *[Fault()] * 9)])
def test_a_lost_answer_to_a_change_is_cleared_up(
    server: GoogleServer, calendar: GoogleCalendar, faults: tuple[Fault, ...]
) -> None:
    resource = calendar.create(draft())
    server.plan("events.patch", *faults)
    assert hold(calendar.update(resource, draft(hour=14))).start.hour == 14
    assert hold(calendar.read(ID)).start.hour == 14


# --- completing a yes ---


def test_a_yes_is_confirmed_and_busy_without_the_answering_lines_and_all_else_stays(
    server: GoogleServer, calendar: GoogleCalendar
) -> None:
    resource = calendar.create(draft())
    before = stored(server)
    done = hold(calendar.complete(resource, ANSWER))
    assert (done.status, done.transparent) == ("confirmed", False)
    assert done.description == "Why: it has been 7 weeks."
    changed = {key for key, value in stored(server).items() if before.get(key) != value}
    assert changed <= {"status", "transparency", "description", "etag", "updated", "sequence"}
    assert hold(calendar.read(ID)) == done


@pytest.mark.parametrize(
    "faults",
    [(LOST,), (LOST, LOST), (Fault(), LOST), (LOST, *[Fault()] * 9), (Fault(502, applied=True),)],
)
def test_a_lost_answer_to_a_completion_is_cleared_up(
    server: GoogleServer, calendar: GoogleCalendar, faults: tuple[Fault, ...]
) -> None:
    resource = calendar.create(draft())
    server.plan("events.patch", *faults)
    assert hold(calendar.complete(resource, ANSWER)).status == "confirmed"


@WRITES
def test_a_write_of_which_nothing_is_to_be_seen_is_uncertain(
    server: GoogleServer, calendar: GoogleCalendar, write: str
) -> None:
    resource = calendar.create(draft())
    server.plan("events.patch", *[Fault()] * 9)
    with pytest.raises(UncertainError):
        write_it(calendar, write, resource)
    assert calendar.read(ID) == resource


@WRITES
@pytest.mark.parametrize(
    ("refusal", "kind"),
    [
        (Fault(412, "conditionNotMet"), ChangedError),
        (Fault(404, "notFound"), ChangedError),
        (Fault(403, "forbidden"), ReadOnlyError),
        (Fault(400, "badRequest"), UnreadableError),
    ],
)
@pytest.mark.parametrize("before", [(), (Fault(),)], ids=["at once", "after a lost try"])
def test_a_write_that_is_refused_was_not_done(
    server: GoogleServer,
    calendar: GoogleCalendar,
    write: str,
    refusal: Fault,
    kind: type[AccountError],
    before: tuple[Fault, ...],
) -> None:
    resource = calendar.create(draft())
    server.plan("events.patch", *before, refusal)
    with pytest.raises(kind):
        write_it(calendar, write, resource)
    assert calendar.read(ID) == resource


@WRITES
@pytest.mark.parametrize(("status", "kind"), [(412, ChangedError), (403, ReadOnlyError)])
def test_a_refusal_is_believed_unless_an_answer_was_lost_before_it(
    server: GoogleServer,
    calendar: GoogleCalendar,
    write: str,
    status: int,
    kind: type[AccountError],
) -> None:
    """Then what was refused may be the second of two tries, the first of which was carried out."""
    resource = calendar.create(draft())
    server.plan("events.patch", Fault(status, "said", applied=True))
    with pytest.raises(kind):
        write_it(calendar, write, resource)
    left = calendar.read(ID)
    assert left is not None
    server.plan("events.patch", LOST, Fault(status, "said"))
    written = calendar.update(left, draft(hour=15))
    assert hold(written).start.hour == 15
    server.plan("events.patch", LOST, Fault(status, "said"))
    assert hold(calendar.complete(written, ANSWER)).status == "confirmed"


@WRITES
@pytest.mark.parametrize(
    "faults", [[Fault()] * 9, (Fault(), Fault(412, "conditionNotMet"))], ids=["lost", "refused"]
)
def test_a_write_that_cannot_be_looked_after_is_uncertain(
    server: GoogleServer, calendar: GoogleCalendar, write: str, faults: tuple[Fault, ...]
) -> None:
    resource = calendar.create(draft())
    server.plan("events.patch", *faults)
    server.after_answer = lambda count: server.plan("events.get", *[Fault()] * 9)
    with pytest.raises(UncertainError, match="Google can't be reached"):
        write_it(calendar, write, resource)


def test_a_create_that_was_taken_and_does_not_show_is_uncertain(
    server: GoogleServer, calendar: GoogleCalendar
) -> None:
    server.plan("events.get", Fault(404, "notFound"))
    with pytest.raises(UncertainError, match="does not show"):
        calendar.create(draft())


@pytest.mark.parametrize(
    ("faults", "kind"),
    [([Fault()] * 9, UncertainError), ((Fault(), Fault(412, "conditionNotMet")), ChangedError)],
)
def test_a_hold_that_still_asks_is_not_taken_for_a_completed_one(
    server: GoogleServer,
    calendar: GoogleCalendar,
    faults: tuple[Fault, ...],
    kind: type[AccountError],
) -> None:
    calendar.create(draft())
    server.store.change_event(
        "holds@group.calendar.google.com", ID, status="confirmed", transparency="opaque"
    )
    resource = calendar.read(ID)
    assert resource is not None
    server.plan("events.patch", *faults)
    with pytest.raises(kind):
        calendar.complete(resource, ANSWER)


# --- taking back ---


def test_a_withdrawal_is_one_look_a_mark_a_deletion_and_another_look(
    server: GoogleServer, calendar: GoogleCalendar
) -> None:
    resource = calendar.create(draft())
    before = server.counts["events.get"]
    calendar.delete(resource)
    assert server.counts["events.get"] == before + 2
    assert (server.counts["events.patch"], server.counts["events.delete"]) == (1, 1)


def test_a_mark_that_is_answered_with_no_event_is_looked_up(
    server: GoogleServer, calendar: GoogleCalendar
) -> None:
    resource = calendar.create(draft())
    server.plan("events.patch", Fault(200, applied=True, body=b"{}"))
    calendar.delete(resource)
    assert live(server) == []


@pytest.mark.parametrize(
    ("faults", "kind"),
    [
        ((Fault(404, "notFound"),), ChangedError),
        ((Fault(412, "conditionNotMet"),), ChangedError),
        ((Fault(), Fault(412, "conditionNotMet")), ChangedError),
        ((Fault(403, "forbidden"),), ReadOnlyError),
        ((Fault(204, body=b""),), UncertainError),
    ],
)
def test_a_deletion_that_was_not_done_is_none(
    server: GoogleServer,
    calendar: GoogleCalendar,
    faults: tuple[Fault, ...],
    kind: type[AccountError],
) -> None:
    resource = calendar.create(draft())
    server.plan("events.delete", *faults)
    with pytest.raises(kind) as told:
        calendar.delete(resource)
    assert live(server) == [ID]
    assert kind is ChangedError or "Fikad" in str(told.value)


@pytest.mark.parametrize(
    ("change", "left"),
    [({"location": "Café"}, [ID]), ({"sequence": 7}, [])],
    ids=["user", "google"],
)
def test_what_the_user_changes_while_it_is_marked_keeps_the_hold(
    server: GoogleServer, calendar: GoogleCalendar, change: dict[str, object], left: list[str]
) -> None:
    resource = calendar.create(draft())

    def meanwhile(answers: int) -> None:
        if answers == 2:
            server.store.change_event("holds@group.calendar.google.com", ID, **change)

    server.after_answer = meanwhile
    server.plan("events.patch", Fault(502, applied=True))
    if left:
        with pytest.raises(ChangedError):
            calendar.delete(resource)
    else:
        calendar.delete(resource)
    assert live(server) == left


def test_a_withdrawal_is_marked_before_the_deletion_and_stays_marked(
    server: GoogleServer, calendar: GoogleCalendar
) -> None:
    resource = calendar.create(draft())
    server.plan("events.delete", *[Fault()] * 9)
    with pytest.raises(UncertainError):
        calendar.delete(resource)
    left = calendar.read(ID)
    assert hold(left).withdrawn
    assert hold(left).seal == seal(hold(left))
    server.forget_plans()
    assert left is not None
    marks = server.counts["events.patch"]
    calendar.delete(left)
    assert server.counts["events.patch"] == marks, "it was marked already"
    assert calendar.read(ID) is None
    assert stored(server)["extendedProperties"] == {
        "private": {"fikad": f"seal={seal(draft())};withdrawn"}
    }


@pytest.mark.parametrize("method", ["events.patch", "events.delete"])
@pytest.mark.parametrize(
    "faults", [(LOST,), (LOST, LOST), (Fault(502, applied=True),), (LOST, *[Fault()] * 9)]
)
def test_a_lost_answer_to_a_withdrawal_is_cleared_up(
    server: GoogleServer, calendar: GoogleCalendar, method: str, faults: tuple[Fault, ...]
) -> None:
    resource = calendar.create(draft())
    server.plan(method, *faults)
    calendar.delete(resource)
    assert live(server) == []


def test_what_the_user_deletes_before_it_is_marked_is_not_taken_for_our_own_deletion(
    server: GoogleServer, calendar: GoogleCalendar
) -> None:
    resource = calendar.create(draft())

    def delete(answers: int) -> None:
        if answers == 1:
            server.store.delete_event("holds@group.calendar.google.com", ID)

    server.after_answer = delete
    server.plan("events.patch", *[Fault()] * 9)
    with pytest.raises(UncertainError):
        calendar.delete(resource)
    assert calendar.read(ID) is None
    assert server.counts["events.delete"] == 0


def test_a_change_between_mark_and_deletion_keeps_the_event(
    server: GoogleServer, calendar: GoogleCalendar
) -> None:
    resource = calendar.create(draft())
    server.plan("events.delete", Fault(412, "conditionNotMet"))
    with pytest.raises(ChangedError):
        calendar.delete(resource)
    assert live(server) == [ID]


# --- looking ---


@pytest.mark.parametrize(
    "fault",
    [
        Fault(400, "badRequest"),
        Fault(200, body=b"[]"),
        Fault(200, body=b'{"id": "fikadother"}'),
    ],
)
def test_a_hold_that_cannot_be_looked_at_is_not_called_gone(
    server: GoogleServer, calendar: GoogleCalendar, fault: Fault
) -> None:
    calendar.create(draft())
    server.plan("events.get", fault)
    with pytest.raises(UnreadableError, match="Fikad"):
        calendar.read(ID)
    server.plan("events.get", Fault(404, "notFound"))
    server.plan("events.list", Fault(404, "notFound"))
    with pytest.raises(MissingError, match="Fikad"):
        calendar.read(ID)


# --- where it may not write ---


def test_an_event_that_is_not_ours_cannot_even_be_addressed(
    server: GoogleServer, login: Login
) -> None:
    event = server.store.add_event(server.store.owner, summary="Board meeting", start={}, end={})
    [resource] = next(iter(login.calendar().changes(None, KnownResources()))).changed
    with pytest.raises(AccountError, match="not the UID of a hold"):
        login.calendar().delete(resource)
    with pytest.raises(ChangedError, match="not the hold that was meant"):
        login.calendar().update(resource, draft())
    with pytest.raises(AccountError, match="not the UID of a hold"):
        login.calendar().read(event)


def test_a_calendar_that_the_grant_does_not_reach_is_read_only(login: Login) -> None:
    with pytest.raises(ReadOnlyError, match=r"does not allow.*fikad auth work"):
        login.calendar().create(draft())


def test_a_calendar_of_the_users_own_can_be_named(server: GoogleServer) -> None:
    with logged_in(server, (*LEAST_SCOPES, f"{SCOPE}.events.owned")) as login:
        assert hold(login.calendar().create(draft())).uid == ID


def test_a_calendar_that_is_gone_is_missing_and_its_holds_are_not_dismissed(
    server: GoogleServer, calendar: GoogleCalendar
) -> None:
    resource = calendar.create(draft())
    del server.store.calendars["holds@group.calendar.google.com"]
    writes: list[Callable[[], object]] = [
        lambda: calendar.read(ID),
        lambda: calendar.create(draft()),
        lambda: calendar.update(resource, draft(hour=14)),
        lambda: calendar.complete(resource, ANSWER),
        lambda: calendar.delete(resource),
    ]
    for write in writes:
        with pytest.raises(MissingError):
            write()


def test_a_calendar_shared_for_reading_is_read_only(server: GoogleServer) -> None:
    server.store.add_calendar("Team", role="reader")
    with logged_in(server, (*LEAST_SCOPES, f"{SCOPE}.events")) as login:
        assert not login.calendar("Team").writable
        with pytest.raises(ReadOnlyError, match="Team"):
            login.calendar("Team").create(draft())
