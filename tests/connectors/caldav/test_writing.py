"""Holds on a CalDAV server: never over, and never under, what somebody else wrote."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from connectors.base import Resource
from connectors.caldav.calendar import CalDAVCalendar
from connectors.errors import (
    AccountError,
    ChangedError,
    CredentialsError,
    HiddenError,
    MissingError,
    ReadOnlyError,
    TakenError,
    UncertainError,
    UnreachableError,
    UnreadableError,
)
from connectors.ical.hold_text import hold_event, hold_text
from connectors.ical.outline import uids
from tests.connectors import servers
from tests.connectors.caldav.an_account import (
    NOW,
    UID,
    Real,
    account,
    draft,
    event,
    names,
    only,
)
from tests.connectors.caldav.hostile_server import (
    CALENDAR,
    Asked,
    Cut,
    Hostile,
    Said,
    cut,
    gone,
    hostile,
    multistatus,
    part,
    silence,
)


def test_a_hold_is_written_read_changed_and_deleted(real: Real) -> None:
    here = real.calendar()
    assert here.read(UID) is None
    made = here.create(draft())
    assert made.href == f"{here.id}{UID}.ics"
    assert here.read(UID) == made
    listed = [
        resource
        for batch in here.changes(None, {})
        for resource in batch.changed
        if resource.href == made.href
    ]
    moved = here.update(listed[0], draft("Lunch with Jane?"))
    shown = hold_event(moved.text)
    assert shown is not None
    assert shown.title == "Lunch with Jane?"
    with pytest.raises(ChangedError):
        here.update(made, draft("Too late?"))
    with pytest.raises(ChangedError):
        here.delete(made)
    here.delete(moved)
    assert here.read(UID) is None
    with pytest.raises(ChangedError, match="gone"):
        here.update(moved, draft())
    with pytest.raises(ChangedError, match="gone"):
        here.delete(moved)
    assert here.read(UID) is None


def test_a_hold_that_is_there_already_is_never_overwritten(real: Real) -> None:
    here = real.calendar()
    servers.put(f"{real.home}work/renamed.ics", event(UID, "Mine now"), real.auth)
    resource = here.read(UID)
    assert resource is not None
    assert resource.href == f"{here.id}renamed.ics"
    with pytest.raises(TakenError):
        here.create(draft())
    here.delete(resource)
    assert here.read(UID) is None


def test_every_write_is_conditional(server: Hostile, calendar: CalDAVCalendar) -> None:
    moved = calendar.update(calendar.create(draft()), draft("Lunch with Jane?"))
    calendar.delete(moved)
    sent = [
        (request.method, request.headers.get("if-none-match"), request.headers.get("if-match"))
        for request in server.writes()
    ]
    assert sent == [("PUT", "*", None), ("PUT", None, '"r1"'), ("DELETE", None, '"r2"')]


def test_a_server_that_ignores_conditions_is_still_not_overwritten(
    server: Hostile, calendar: CalDAVCalendar
) -> None:
    server.blind = True
    made = calendar.create(draft())
    server.store(f"{UID}.ics", made.text.replace("Coffee", "Dinner"))
    writes = len(server.writes())
    with pytest.raises(TakenError, match=UID):
        calendar.create(draft())
    with pytest.raises(ChangedError, match=UID):
        calendar.update(made, draft("Lunch with Jane?"))
    with pytest.raises(ChangedError, match=UID):
        calendar.complete(made, ())
    with pytest.raises(ChangedError, match=UID):
        calendar.delete(made)
    server.drop(f"{UID}.ics")
    with pytest.raises(ChangedError):
        calendar.update(made, draft("Lunch with Jane?"))
    assert len(server.writes()) == writes
    assert server.objects == {}


def test_a_change_of_text_under_the_same_etag_is_a_change(
    server: Hostile, calendar: CalDAVCalendar
) -> None:
    made = calendar.create(draft())
    server.objects[f"{UID}.ics"] = made.text.replace("Coffee", "Dinner")
    with pytest.raises(ChangedError):
        calendar.delete(made)


def test_another_etag_on_the_same_text_is_a_change(
    server: Hostile, calendar: CalDAVCalendar
) -> None:
    made = calendar.create(draft())
    server.store(f"{UID}.ics", made.text)
    with pytest.raises(ChangedError):
        calendar.update(made, draft("Lunch with Jane?"))


def test_a_hold_is_found_beside_a_stranger_at_its_address(
    server: Hostile, calendar: CalDAVCalendar
) -> None:
    server.store(f"{UID}.ics", event("doctor"))
    assert calendar.read(UID) is None
    server.store("elsewhere.ics", event(UID))
    resource = calendar.read(UID)
    assert resource is not None
    assert resource.href == f"{CALENDAR}elsewhere.ics"


def test_a_time_stamp_made_up_at_each_reading_is_no_change(
    server: Hostile, calendar: CalDAVCalendar
) -> None:
    made = calendar.create(draft())
    server.objects[f"{UID}.ics"] = made.text.replace("DTSTAMP:2026", "DTSTAMP:2027")
    calendar.delete(made)
    assert server.objects == {}


def test_a_weak_etag_is_never_sent(server: Hostile, calendar: CalDAVCalendar) -> None:
    server.weak = True
    moved = calendar.update(calendar.create(draft()), draft("Lunch with Jane?"))
    server.store(f"{UID}.ics", moved.text.replace("Lunch", "Dinner"))
    with pytest.raises(ChangedError):
        calendar.delete(moved)
    resource = calendar.read(UID)
    assert resource is not None
    calendar.delete(resource)
    assert [request.headers.get("if-match") for request in server.writes()] == [None, None, None]


def test_the_weak_form_of_an_etag_is_the_same_version(
    server: Hostile, calendar: CalDAVCalendar
) -> None:
    made = calendar.create(draft())
    server.weak = True
    calendar.delete(made)
    assert server.objects == {}


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_somebody_quicker_wins(server: Hostile, calendar: CalDAVCalendar, method: str) -> None:
    made = calendar.create(draft())

    def before(asked: Asked) -> Said | None:
        if asked.method == method:
            server.store(f"{UID}.ics", event(UID, "Mine now"))
        return None

    server.before = before
    with pytest.raises(ChangedError):
        calendar.delete(made) if method == "DELETE" else calendar.update(
            made, draft("Lunch with Jane?")
        )
    assert "Mine now" in server.objects[f"{UID}.ics"]


def test_nobody_elses_event_is_ever_touched(server: Hostile, calendar: CalDAVCalendar) -> None:
    server.store("doctor.ics", event("doctor"))
    server.store(
        "two.ics",
        hold_text(draft(), NOW).replace("END:VCALENDAR", event("doctor").split("EN\r\n")[1]),
    )
    server.store(f"{UID}.ics", event("doctor"))
    foreign = Resource(
        f"{CALENDAR}doctor.ics", server.etag("doctor.ics"), server.objects["doctor.ics"]
    )
    mixed = Resource(f"{CALENDAR}two.ics", server.etag("two.ics"), server.objects["two.ics"])
    squatted = Resource(
        f"{CALENDAR}{UID}.ics", server.etag(f"{UID}.ics"), server.objects[f"{UID}.ics"]
    )
    for resource in (foreign, mixed, squatted):
        with pytest.raises(AccountError):
            calendar.delete(resource)
        with pytest.raises(AccountError):
            calendar.update(resource, draft())
    for uid in ("doctor", "fikad-../doctor", "fikad-A", "fikad-"):
        with pytest.raises(ReadOnlyError):
            calendar.create(draft(uid=uid))
    assert server.writes() == []


def test_a_hold_of_another_calendar_is_not_taken_for_one_of_this(
    server: Hostile, calendar: CalDAVCalendar
) -> None:
    made = calendar.create(draft())
    elsewhere = f"/sam/other/{'x' * 200}.ics"
    with pytest.raises(ReadOnlyError, match=rf"outside.*\({elsewhere[:80]}\)"):
        calendar.delete(dataclasses.replace(made, href=elsewhere))
    assert calendar.read(UID) == made


def test_of_a_hold_that_is_gone_no_more_is_told_than_can_be_read(
    server: Hostile, calendar: CalDAVCalendar
) -> None:
    uid = f"fikad-{'x' * 200}"
    with pytest.raises(ChangedError, match=f"the hold {uid[:80]} is gone from 127.0.0.1"):
        calendar.delete(Resource(f"{CALENDAR}x.ics", None, event(uid)))


def test_a_hold_at_its_own_address_is_asked_for_once_and_uncompressed(
    server: Hostile, calendar: CalDAVCalendar
) -> None:
    """What packs an answer on the way weakens the ETag."""
    made = calendar.create(draft())
    server.asked.clear()
    assert calendar.read(UID) == made
    [asked] = server.asked
    assert (asked.method, asked.path) == ("GET", f"{CALENDAR}{UID}.ics")
    assert (asked.headers["accept"], asked.headers["accept-encoding"]) == (
        "text/calendar",
        "identity",
    )


def test_a_hold_is_searched_for_in_its_calendar_alone(
    server: Hostile, calendar: CalDAVCalendar
) -> None:
    assert calendar.read(UID) is None
    [asked] = [asked for asked in server.asked if asked.is_query]
    assert (asked.path, asked.headers["depth"]) == (CALENDAR, "1")


def test_an_etag_is_sent_as_it_was_said(server: Hostile, calendar: CalDAVCalendar) -> None:
    made = calendar.create(draft())
    text = server.objects[f"{UID}.ics"]
    server.before = lambda asked: (
        Said(200, text, {"ETag": '"X-W/7X"'}) if asked.method == "GET" else None
    )
    with pytest.raises(ChangedError):
        calendar.delete(dataclasses.replace(made, etag='"X-W/7X"'))
    assert server.writes()[-1].headers["if-match"] == '"X-W/7X"'


def test_a_note_cannot_forge_a_uid() -> None:
    assert uids(event("doctor", "x\u2028UID:fikad-1\x0bUID:fikad-1\rUID:fikad-1")) == {"doctor"}
    alarm = "BEGIN:VALARM\r\nUID:fikad-1\r\nEND:VALARM\r\n"
    assert uids(event("doctor").replace("END:VEVENT", f"{alarm}END:VEVENT")) == {"doctor"}
    assert uids(event("fik\r\n ad-1")) == {"fikad-1"}
    assert uids(event("x").replace("UID:x\r\n", "")) == {""}


@pytest.mark.parametrize("lose", [cut, silence, lambda asked: Said(504)])
@pytest.mark.parametrize("action", ["create", "update", "complete", "delete"])
def test_a_lost_answer_to_a_write_that_was_applied_is_a_success(
    server: Hostile, lose: Callable[[Asked], Said], action: str
) -> None:
    calendar = only(account(server.url, timeout_seconds=0.5))
    made = calendar.create(draft()) if action != "create" else None
    server.after = lambda asked: lose(asked) if asked.method in {"PUT", "DELETE"} else None
    before = len(server.writes())
    _act(calendar, action, made)
    assert len(server.writes()) == before + 1
    assert (f"{UID}.ics" in server.objects) is (action != "delete")


@pytest.mark.parametrize(
    ("spoil", "kind"), [(cut, UncertainError), (lambda asked: Said(500), UnreachableError)]
)
@pytest.mark.parametrize("action", ["create", "update", "complete", "delete"])
def test_a_failed_write_that_was_not_applied_is_no_success(
    server: Hostile,
    calendar: CalDAVCalendar,
    spoil: Callable[[Asked], Said],
    kind: type[AccountError],
    action: str,
) -> None:
    made = calendar.create(draft()) if action != "create" else None
    held = dict(server.objects)
    server.before = lambda asked: spoil(asked) if asked.method in {"PUT", "DELETE"} else None
    with pytest.raises(kind, match=f"writing {UID}" if kind is UncertainError else "error 500"):
        _act(calendar, action, made)
    assert server.objects == held


@pytest.mark.parametrize("action", ["create", "update", "complete", "delete"])
@pytest.mark.parametrize("spoil", [cut, lambda asked: Said(500)], ids=["lost", "failed"])
def test_a_write_that_nobody_can_look_after_is_uncertain(
    server: Hostile, calendar: CalDAVCalendar, action: str, spoil: Callable[[Asked], Said]
) -> None:
    made = calendar.create(draft()) if action != "create" else None
    lost: list[str] = []

    def after(asked: Asked) -> Said | None:
        if asked.method in {"PUT", "DELETE"}:
            lost.append(asked.method)
        return spoil(asked) if lost else None

    server.after = after
    with pytest.raises(UncertainError, match=f"writing {UID}, and no look"):
        _act(calendar, action, made)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (Said(500), UncertainError),
        (Said(403), HiddenError),
        (Said(200, "<html>"), HiddenError),
        (Said(404), HiddenError),
    ],
)
@pytest.mark.parametrize("action", ["create", "update", "complete"])
def test_a_write_that_was_taken_and_is_not_given_back_is_hidden_or_uncertain(
    server: Hostile, calendar: CalDAVCalendar, action: str, said: Said, kind: type[AccountError]
) -> None:
    made = calendar.create(draft()) if action != "create" else None
    server.hides = "davical"  # nor is it found by a search
    written = len(server.writes())

    def before(asked: Asked) -> Said | None:
        return said if asked.method == "GET" and len(server.writes()) > written else None

    server.before = before
    with pytest.raises(kind, match=f"{UID} was written") as refused:
        _act(calendar, action, made)
    hidden = isinstance(refused.value, HiddenError)
    assert ("choose another calendar for holds" in refused.value.advice) == hidden


@pytest.mark.parametrize("left", ["nothing", "the lines"])
def test_a_completion_of_which_only_a_part_shows_after_a_lost_answer_is_uncertain(
    server: Hostile, calendar: CalDAVCalendar, left: str
) -> None:
    made = calendar.create(draft())

    def before(asked: Asked) -> Said | None:
        if asked.method != "PUT":
            return None
        server.drop(f"{UID}.ics")
        if left == "the lines":
            lines = "Delete this to skip."
            server.store(f"{UID}.ics", asked.body.replace("May.", f"May.\\n{lines}"))
        raise Cut

    server.before = before
    with pytest.raises(UncertainError, match=UID):
        calendar.complete(made, ("Delete this to skip.",))


def test_a_server_that_cannot_be_reached_has_surely_not_applied_anything() -> None:
    with hostile() as server:
        reader = account(server.url)
        calendar = only(reader)
        made = calendar.create(draft())
        reader.close()
    with pytest.raises(UnreachableError, match="refused"):
        calendar.delete(made)
    with pytest.raises(UnreachableError, match="refused"):
        calendar.create(draft(uid="fikad-other"))


def _act(calendar: CalDAVCalendar, action: str, made: Resource | None) -> None:
    if made is None:
        assert action == "create"
        calendar.create(draft())
    elif action == "complete":
        text = calendar.complete(made, ("How",)).text
        assert "STATUS:CONFIRMED" in text
        assert "TRANSP:OPAQUE" in text
    elif action == "update":
        assert "Lunch" in calendar.update(made, draft("Lunch with Jane?")).text
    else:
        calendar.delete(made)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (403, "", ReadOnlyError),
        (403, '<error xmlns="DAV:"><C:no-uid-conflict xmlns:C="urn:x"/></error>', TakenError),
        (409, "", TakenError),
        (412, "", TakenError),
        (404, "", MissingError),
        (405, "", ReadOnlyError),
        (423, "", UnreachableError),
        (507, "", UnreachableError),
        (401, "", CredentialsError),
    ],
)
def test_a_refused_creation_says_why(
    server: Hostile, calendar: CalDAVCalendar, status: int, body: str, kind: type[AccountError]
) -> None:
    server.before = lambda asked: Said(status, body) if asked.method == "PUT" else None
    with pytest.raises(kind, match=f"127.0.0.1.*{UID}" if kind is TakenError else None):
        calendar.create(draft())


@pytest.mark.parametrize("action", ["create", "update", "complete", "delete"])
@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_every_way_to_say_that_a_write_was_done_is_understood(
    server: Hostile, calendar: CalDAVCalendar, action: str, status: int
) -> None:
    made = calendar.create(draft()) if action != "create" else None
    server.after = lambda asked: Said(status) if asked.method in {"PUT", "DELETE"} else None
    if status == (201 if action == "delete" else 202):
        with pytest.raises(AccountError):  # such an answer is no promise that it was done
            _act(calendar, action, made)
    else:
        _act(calendar, action, made)


@pytest.mark.parametrize("action", ["update", "complete", "delete"])
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (403, ReadOnlyError),
        (404, ChangedError),
        (409, ChangedError),
        (410, ChangedError),
        (412, ChangedError),
        (423, UnreachableError),
    ],
)
def test_a_refused_change_says_why_and_of_which_hold(
    server: Hostile,
    calendar: CalDAVCalendar,
    action: str,
    status: int,
    kind: type[AccountError],
) -> None:
    made = calendar.create(draft())
    server.before = lambda asked: Said(status) if asked.method in {"PUT", "DELETE"} else None
    with pytest.raises(kind, match=UID if kind is ChangedError else None):
        _act(calendar, action, made)


@pytest.mark.parametrize("guest", ["ATTENDEE:mailto:jane@example.com", "attendee;CN=J:mailto:j@x"])
def test_what_somebody_is_invited_to_is_not_completed(
    server: Hostile, calendar: CalDAVCalendar, guest: str
) -> None:
    text = calendar.create(draft()).text
    server.store(
        f"{UID}.ics", text.replace("STATUS:", f"{guest}\r\nSTATUS:").replace("\n\r\n", "\n")
    )
    writes = len(server.writes())
    invited = calendar.read(UID)
    assert invited is not None
    with pytest.raises(ChangedError, match=UID):
        calendar.complete(invited, ())
    assert len(server.writes()) == writes


def test_only_what_was_read_is_completed_and_on_that_condition(
    server: Hostile, calendar: CalDAVCalendar
) -> None:
    made = calendar.create(draft())
    done = calendar.complete(made, ("How",))
    assert server.writes()[-1].headers.get("if-match") == '"r1"'
    kept = [line for line in made.text.splitlines() if not line.startswith(("STATUS", "TRANSP"))]
    assert {*kept} <= {*done.text.splitlines()}
    assert "Delete this" in done.text
    assert "Delete this" not in calendar.complete(done, ("Delete this to skip.",)).text
    with pytest.raises(ReadOnlyError, match="outside"):
        calendar.complete(dataclasses.replace(made, href=f"/sam/other/{UID}.ics"), ())


def test_a_deletion_that_does_not_show_is_uncertain(
    server: Hostile, calendar: CalDAVCalendar
) -> None:
    made = calendar.create(draft())
    server.before = lambda asked: Said(204) if asked.method == "DELETE" else None
    with pytest.raises(UncertainError, match=UID):
        calendar.delete(made)


def test_a_read_only_calendar_is_not_written_to(server: Hostile) -> None:
    server.privileges = "<D:privilege><D:read/></D:privilege>"
    with pytest.raises(ReadOnlyError, match="Work"):
        only(account(server.url)).create(draft())
    assert server.writes() == []


def test_a_calendar_radicale_does_not_let_its_owner_write_is_read_only() -> None:
    with servers.radicale() as server:
        server.add_user("sam")
        server.make_read_only_calendar("sam", "Shared", {"a.ics": event("a")})
        here = only(account(server.url))
        assert not here.writable
        assert names(list(here.changes(None, {}))) == {"a.ics"}


@pytest.mark.parametrize("status", [404, 410])
def test_a_hold_that_its_server_calls_gone_is_gone(
    server: Hostile, calendar: CalDAVCalendar, status: int
) -> None:
    server.before = lambda asked: Said(status) if asked.method == "GET" else None
    assert calendar.read(UID) is None


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (Said(500), UnreachableError),
        (Said(401), CredentialsError),
        (Said(200, "<html>Sign in</html>"), UnreadableError),
        (Said(403, event(UID)), UnreadableError),
    ],
)
def test_a_hold_whose_address_cannot_be_read_is_not_called_gone(
    server: Hostile, calendar: CalDAVCalendar, said: Said, kind: type[AccountError]
) -> None:
    made = calendar.create(draft())
    server.before = lambda asked: said if asked.method == "GET" else None
    messages = {403: f"forbids reading {made.href}", 200: f"a page instead .* {made.href}"}
    with pytest.raises(kind, match=messages.get(said.status)):
        calendar.read(UID)
    with pytest.raises(kind):
        calendar.delete(made)
    assert len(server.writes()) == 1


UNKNOWN_QUERIES = [Said(status) for status in (400, 405, 415, 422, 501)]


@pytest.mark.parametrize("query", [*UNKNOWN_QUERIES, None], ids=lambda said: str(said))
def test_a_hold_is_only_called_gone_while_its_calendar_stands(
    server: Hostile, calendar: CalDAVCalendar, query: Said | None
) -> None:
    server.before = lambda asked: query if asked.is_query else None
    assert calendar.read(UID) is None
    server.before = lambda asked: (
        None
        if not asked.path.startswith(CALENDAR)
        else query
        if query is not None and asked.is_query
        else Said(404)
    )
    with pytest.raises(MissingError):
        calendar.read(UID)
    server.before = lambda asked: Said(200, "<html>Sign in</html>")
    with pytest.raises(UnreadableError):
        calendar.read(UID)


def test_a_search_that_brings_back_everything_is_not_believed(
    server: Hostile, calendar: CalDAVCalendar
) -> None:
    texts = {
        uid: f"<C:calendar-data>{event(uid)}</C:calendar-data>"
        for uid in ("fikad-jane-10", "doctor")
    }
    everything = multistatus(*(part(f"{CALENDAR}{uid}-x.ics", text) for uid, text in texts.items()))
    server.before = lambda asked: everything if asked.is_query else None
    assert calendar.read(UID) is None


def searched(server: Hostile, *parts: str) -> None:
    server.before = lambda asked: multistatus(*parts) if asked.is_query else None


def data(uid: str) -> str:
    text = event(uid).replace("\r", "&#13;")  # or XML takes it for nothing
    return f"<D:getetag>&quot;e7&quot;</D:getetag><C:calendar-data>{text}</C:calendar-data>"


def test_a_search_finds_a_hold_under_any_name_behind_what_is_none(
    server: Hostile, calendar: CalDAVCalendar
) -> None:
    here, elsewhere = f"{CALENDAR}x.ics", "/sam/other/x.ics"
    searched(server, part(elsewhere, data(UID)), gone(f"{CALENDAR}y.ics"), part(here, data(UID)))
    found = calendar.read(UID)
    assert found is not None
    assert (found.href, found.etag, found.text) == (here, '"e7"', event(UID).replace("\r\n", "\n"))
    searched(server, part(elsewhere, data(UID)))
    assert calendar.read(UID) is None, "what another calendar holds is not in this one"


def test_what_a_search_names_without_its_text_is_read_at_its_address(
    server: Hostile, calendar: CalDAVCalendar
) -> None:
    server.store("x.ics", event(UID))
    searched(server, part(f"{CALENDAR}x.ics", "<D:getetag>&quot;e7&quot;</D:getetag>"))
    found = calendar.read(UID)
    assert found is not None
    assert (found.href, found.etag) == (f"{CALENDAR}x.ics", '"r1"')
