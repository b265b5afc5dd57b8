"""CalDAV accounts: what they ask, what they conclude, and what they refuse to conclude."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.base import (
    AccountError,
    ChangedError,
    Changes,
    CredentialsError,
    HoldDraft,
    MissingError,
    ReadOnlyError,
    Resource,
    TakenError,
    UncertainError,
    UnreachableError,
    UnreadableError,
)
from connectors.caldav import CalDAVAccount, CalDAVCalendar
from connectors.caldav_writing import uids
from connectors.dav import without_userinfo
from connectors.hold_text import hold_event, hold_text, seal
from connectors.multistatus import Multistatus, member_of, normal, parse
from tests.connectors import servers
from tests.connectors.hostile_server import (
    CALENDAR,
    HOME,
    Asked,
    Cut,
    Hostile,
    Said,
    Silence,
    hostile,
    multistatus,
    part,
)

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
SECRET = "corréct horse"
UID = "fikad-jane-1"


def event(uid: str, title: str = "Lunch") -> str:
    return "\r\n".join(
        (
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//another program//EN",
            "BEGIN:VEVENT",
            f"UID:{uid}",
            "DTSTAMP:20261101T000000Z",
            "DTSTART:20261103T120000Z",
            "DTEND:20261103T130000Z",
            f"SUMMARY:{title}",
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        )
    )


def draft(title: str = "Coffee with Jane?", uid: str = UID) -> HoldDraft:
    start = datetime(2026, 11, 5, 9, tzinfo=UTC)
    plain = HoldDraft(uid, title, start, start + timedelta(minutes=45), "Last met in May.\nDelete this to skip.")
    return dataclasses.replace(plain, seal=seal(plain))


def account(
    url: str,
    memo: dict[str, Any] | None = None,
    *,
    username: str = "sam",
    password: str | None = SECRET,
    timeout_seconds: float = 10.0,
) -> CalDAVAccount:
    return CalDAVAccount("home", url, username, password, {} if memo is None else memo, timeout_seconds=timeout_seconds)


def only(found: CalDAVAccount) -> CalDAVCalendar:
    (calendar,) = found.calendars(NOW)
    return calendar


def etags(*readings: list[Changes]) -> dict[str, str | None]:
    """What a reader knows after these readings."""
    known: dict[str, str | None] = {}
    for one in (one for reading in readings for one in reading):
        known.update({resource.href: resource.etag for resource in one.changed})
        for href in one.removed:
            del known[href]
    return known


def names(reading: list[Changes]) -> set[str]:
    return {resource.href.rpartition("/")[2] for one in reading for resource in one.changed}


def during(calls: Callable[[], object], server: Hostile) -> list[str]:
    """The methods asked for while `calls` runs."""
    server.asked.clear()
    calls()
    return [asked.method for asked in server.asked]


@pytest.fixture
def server() -> Iterator[Hostile]:
    with hostile() as one:
        yield one


@pytest.fixture
def calendar(server: Hostile) -> CalDAVCalendar:
    return only(account(server.url))


@pytest.fixture(scope="module", params=["radicale", "xandikos"])
def real(request: pytest.FixtureRequest) -> Iterator[tuple[servers.Server, str | None]]:
    """A real server with a calendar of four events, and the password for it."""
    start = servers.radicale if request.param == "radicale" else servers.xandikos
    with start() as one:
        one.add_user("sam")
        home = one.home("sam")
        servers.make_calendar(f"{home}work/", "Arbeit & Fika", one.auth("sam"))
        for number in range(4):
            servers.put(f"{home}work/e{number}.ics", event(f"e{number}"), one.auth("sam"))
        yield one, SECRET if one.auth("sam") else None


# --- finding the calendars ----------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["server", "principal", "home", "calendar"])
def test_any_address_a_person_may_have_leads_to_the_calendar(
    real: tuple[servers.Server, str | None], where: str
) -> None:
    server, password = real
    home = server.home("sam")
    url = {"server": server.url, "principal": f"{server.url}sam/", "home": home, "calendar": f"{home}work"}[where]
    found = {one.id: one.name for one in account(url, password=password).calendars(NOW)}
    assert found[normal(f"{home}work/")] == "Arbeit & Fika"


def test_the_well_known_address_leads_on_where_the_root_is_a_web_page(server: Hostile) -> None:
    def before(asked: Asked) -> Said | None:
        if asked.path == "/.well-known/caldav":
            return Said(301, headers={"Location": HOME})
        return Said(200, "<html>welcome</html>") if asked.path == "/" else None

    server.before = before
    assert only(account(server.url)).id == CALENDAR


@pytest.mark.parametrize("where", ["server", "home", "calendar"])
def test_a_poll_that_finds_nothing_new_is_one_request(real: tuple[servers.Server, str | None], where: str) -> None:
    server, password = real
    home = server.home("sam")
    url = {"server": server.url, "home": home, "calendar": f"{home}work/"}[where]
    first = account(url, password=password)
    versions = {one.id: one.version for one in first.calendars(NOW)}
    first.addresses()
    second = account(url, json.loads(json.dumps(first.memo)), password=password)
    again = {one.id: one.version for one in second.calendars(NOW + timedelta(minutes=15))}
    second.addresses()
    assert again == versions
    assert None not in again.values()
    assert second.requests == 1


def test_the_version_moves_when_an_event_is_written(real: tuple[servers.Server, str | None]) -> None:
    server, password = real
    one = next(c for c in account(server.url, password=password).calendars(NOW) if c.name == "Arbeit & Fika")
    assert one.current_version() == one.version
    servers.put(f"{server.home('sam')}work/moving.ics", event("moving"), server.auth("sam"))
    assert one.current_version() != one.version
    servers.delete(f"{server.home('sam')}work/moving.ics", server.auth("sam"))


def test_a_memo_of_another_address_or_user_is_not_believed(server: Hostile) -> None:
    memo = {"url": "http://elsewhere/", "username": "sam", "homes": ["/nowhere/"], "auth": "digest"}
    assert only(account(server.url, memo)).id == CALENDAR
    assert memo["homes"] == [HOME]
    assert "/nowhere/" not in {asked.path for asked in server.asked}


@pytest.mark.parametrize("broken", [{"homes": "x"}, {"homes": []}, {"addresses_at": 3}, {"homes": [1]}])
def test_a_broken_memo_is_replaced(server: Hostile, broken: dict[str, Any]) -> None:
    assert only(account(server.url, {"url": server.url, "username": "sam", **broken})).id == CALENDAR


def test_a_home_that_has_gone_is_looked_for_once(server: Hostile) -> None:
    memo = {"url": server.url, "username": "sam", "homes": ["/old/"], "single": False}
    assert only(account(server.url, memo)).id == CALENDAR
    server.before = lambda asked: Said(404)
    with pytest.raises(MissingError):
        account(server.url, memo).calendars(NOW)


def test_calendars_that_hold_no_events_are_left_out(server: Hostile) -> None:
    def kind(name: str, extra: str, components: str) -> str:
        held = f"<C:supported-calendar-component-set>{components}</C:supported-calendar-component-set>"
        types = f"<D:resourcetype><D:collection/><C:calendar/>{extra}</D:resourcetype>"
        return part(f"/sam/{name}/", types + (held if components else ""))

    def after(asked: Asked) -> Said | None:
        if asked.headers.get("depth") != "1":
            return None
        return multistatus(
            kind("plain", "", ""),
            kind("both", "", '<C:comp name="VTODO"/><C:comp name="VEVENT"/>'),
            kind("tasks", "", '<C:comp name="VTODO"/>'),
            kind("inbox", "<C:schedule-inbox/>", ""),
            kind("bin", '<n:deleted-calendar xmlns:n="http://nextcloud.com/ns"/>', ""),
            part("/sam/cards/", "<D:resourcetype><D:collection/></D:resourcetype>"),
        )

    server.after = after
    assert [one.name for one in account(server.url).calendars(NOW)] == ["plain", "both"]


def test_the_owners_addresses_are_asked_for_at_most_daily(server: Hostile) -> None:
    one = account(server.url)
    one.calendars(NOW)
    assert one.addresses() == {"sam@example.com"}
    asked = one.requests
    one.calendars(NOW + timedelta(hours=20))
    one.addresses()
    assert one.requests == asked + 1
    one.calendars(NOW + timedelta(hours=25))
    one.addresses()
    assert one.requests == asked + 3
    server.before = lambda asked: Said(500) if asked.headers.get("depth") == "0" else None
    one.calendars(NOW + timedelta(hours=60))
    assert one.addresses() == {"sam@example.com"}


@pytest.mark.parametrize(
    ("privileges", "writable"),
    [
        (None, True),
        ("", True),
        ("<D:privilege><D:read/></D:privilege>", False),
        ("<D:privilege><D:read/></D:privilege><D:privilege><D:write-properties/></D:privilege>", False),
        ("<D:privilege><D:write/></D:privilege>", True),
    ],
)
def test_a_calendar_is_writable_unless_the_server_says_otherwise(
    server: Hostile, privileges: str | None, writable: bool
) -> None:
    server.privileges = privileges
    assert only(account(server.url)).writable is writable


def test_a_calendars_name_is_inert(server: Hostile) -> None:
    kind = "<D:resourcetype><C:calendar/></D:resourcetype>"
    server.after = lambda asked: multistatus(part(CALENDAR, f"<D:displayname>Wo&#x202e;rk&#10;x</D:displayname>{kind}"))
    assert only(account(server.url + "sam/cal/")).name == "Work x"


def test_a_new_calendar_takes_its_path_from_its_name(real: tuple[servers.Server, str | None]) -> None:
    server, password = real
    one = account(server.url, password=password)
    made = one.create_calendar("Fika & Kaffé")
    assert made.name == "Fika & Kaffé"
    assert made.id == normal(f"{server.home('sam')}fika-kaffe/")
    assert made.id in {calendar.id for calendar in one.calendars(NOW)}
    other = one.create_calendar("Fika: kaffe!")
    assert other.id == normal(f"{server.home('sam')}fika-kaffe-2/")
    assert other.name == "Fika: kaffe!"


def test_an_account_of_one_calendar_cannot_take_another(server: Hostile) -> None:
    with pytest.raises(ReadOnlyError, match="server's address"):
        account(f"{server.url}sam/cal/").create_calendar("Fikad")


# --- reading ------------------------------------------------------------------------------------------------


def test_changes_are_fetched_in_two_requests_and_only_once(real: tuple[servers.Server, str | None]) -> None:
    server, password = real
    home, auth = server.home("sam"), server.auth("sam")
    one = account(server.url, password=password)
    here = next(c for c in one.calendars(NOW) if c.name == "Arbeit & Fika")
    before = one.requests
    first = list(here.changes(None, {}))
    assert {"e0.ics", "e1.ics", "e2.ics", "e3.ics"} <= names(first)
    assert one.requests == before + 2
    assert [batch.last for batch in first] == [False, True]

    known = etags(first)
    servers.put(f"{home}work/e1.ics", event("e1", "Moved"), auth)
    servers.put(f"{home}work/new.ics", event("new"), auth)
    servers.delete(f"{home}work/e3.ics", auth)
    before = one.requests
    second = list(here.changes(first[-1].token, known))
    assert names(second) == {"e1.ics", "new.ics"}
    assert second[-1].removed == (normal(f"{home}work/e3.ics"),)
    assert one.requests == before + 2

    known = etags(first, second)
    before = one.requests
    third = list(here.changes(second[-1].token, known))
    assert [(batch.changed, batch.removed, batch.last) for batch in third] == [((), (), True)]
    assert one.requests == before + 1
    assert not names(list(here.changes(second[-1].token, known, complete=True)))
    servers.delete(f"{home}work/new.ics", auth)
    servers.put(f"{home}work/e3.ics", event("e3"), auth)


def test_an_unknown_sync_token_is_answered_by_a_full_listing(real: tuple[servers.Server, str | None]) -> None:
    server, password = real
    here = next(c for c in account(server.url, password=password).calendars(NOW) if c.name == "Arbeit & Fika")
    known = etags(list(here.changes(None, {}))) | {normal(f"{server.home('sam')}work/old.ics"): '"x"'}
    found = list(here.changes("sync http://radicale.org/ns/sync/0000", known))
    assert names(found) == set()
    assert [href.rpartition("/")[2] for href in found[-1].removed] == ["old.ics"]


def test_many_events_come_in_batches_and_the_token_with_the_last(server: Hostile, calendar: CalDAVCalendar) -> None:
    for number in range(160):
        server.store(f"e{number}.ics", event(f"e{number}"))
    found = list(calendar.changes(None, {}))
    assert [len(one.changed) for one in found] == [75, 75, 10, 0]
    assert [one.token is None for one in found] == [True, True, True, False]
    assert {one.expected for one in found} == {160}


def test_what_is_written_during_a_listing_is_seen_next_time(server: Hostile, calendar: CalDAVCalendar) -> None:
    server.store("a.ics", event("a"))
    found = list(calendar.changes(None, {}))
    assert found[-1].token == "sync t0"  # of before the listing
    server.store("b.ics", event("b"))
    assert names(list(calendar.changes(found[-1].token, etags(found)))) == {"b.ics"}


def test_a_server_without_history_is_read_by_etags(server: Hostile) -> None:
    server.sync = False
    server.store("a.ics", event("a"))
    server.store("b.ics", event("b"))
    calendar = only(account(server.url))
    first = list(calendar.changes(None, {}))
    server.store("b.ics", event("b", "Other"))
    server.drop("a.ics")
    again = only(account(server.url))
    assert again.version != calendar.version
    server.asked.clear()
    second = list(again.changes(first[-1].token, etags(first)))
    assert (names(second), second[-1].removed) == ({"b.ics"}, (f"{CALENDAR}a.ics",))
    assert [asked.method for asked in server.asked] == ["PROPFIND", "REPORT"]
    server.ctag = False
    assert only(account(server.url)).version is None


def test_a_truncated_history_is_asked_for_to_its_end(server: Hostile, calendar: CalDAVCalendar) -> None:
    token = list(calendar.changes(None, {}))[-1].token
    for number in range(7):
        server.store(f"e{number}.ics", event(f"e{number}"))
    server.drop("e1.ics")
    server.page = 2
    found = list(calendar.changes(token, {f"{CALENDAR}e1.ics": '"old"'}))
    assert names(found) == {f"e{number}.ics" for number in (0, 2, 3, 4, 5, 6)}
    assert (found[-1].removed, found[-1].token) == ((f"{CALENDAR}e1.ics",), "sync t8")


def test_a_truncated_history_that_does_not_go_on_is_replaced_by_a_listing(
    server: Hostile, calendar: CalDAVCalendar
) -> None:
    server.store("a.ics", event("a"))
    cut = f"<D:response><D:href>{CALENDAR}</D:href><D:status>HTTP/1.1 507 x</D:status></D:response>"
    server.before = lambda asked: multistatus(cut, token="t0") if asked.is_sync else None
    assert names(list(calendar.changes("sync t0", {}))) == {"a.ics"}


def test_the_daily_reconcile_finds_what_a_forgetful_history_hides(server: Hostile, calendar: CalDAVCalendar) -> None:
    server.store("a.ics", event("a"))
    first = list(calendar.changes(None, {}))
    server.forgetful = True
    server.drop("a.ics")
    server.store("b.ics", event("b"))
    hidden = list(calendar.changes("sync t999", etags(first)))
    assert (names(hidden), hidden[-1].removed) == (set(), ())
    shown = list(calendar.changes(hidden[-1].token, etags(first), complete=True))
    assert (names(shown), shown[-1].removed) == ({"b.ics"}, (f"{CALENDAR}a.ics",))


def test_a_history_without_a_token_is_not_trusted(server: Hostile, calendar: CalDAVCalendar) -> None:
    server.store("a.ics", event("a"))
    server.before = lambda asked: multistatus() if asked.is_sync else None
    assert names(list(calendar.changes("sync t0", {}))) == {"a.ics"}


@pytest.mark.parametrize("manner", ["right", "sabre", "davical"])
def test_an_event_that_vanishes_between_listing_and_fetching_is_removed_and_no_other(
    server: Hostile, calendar: CalDAVCalendar, manner: str
) -> None:
    server.multiget = manner
    for name in ("a", "b", "c"):
        server.store(f"{name}.ics", event(name))

    def before(asked: Asked) -> Said | None:
        if asked.is_multiget and "b.ics" in server.objects:
            server.drop("b.ics")
        return None

    server.before = before
    known: dict[str, str | None] = {f"{CALENDAR}{name}.ics": '"old"' for name in ("a", "b", "c")}
    found = list(calendar.changes(None, known))
    assert names(found) == {"a.ics", "c.ics"}
    assert found[-1].removed == (f"{CALENDAR}b.ics",)
    assert "GET" not in {asked.method for asked in server.asked}


@pytest.mark.parametrize("status", [403, 501, 404])
def test_without_multiget_events_come_one_by_one(server: Hostile, calendar: CalDAVCalendar, status: int) -> None:
    server.store("a.ics", event("a"))
    server.store("b.ics", event("b"))
    server.before = lambda asked: Said(status) if asked.is_multiget else None
    found = list(calendar.changes(None, {}))
    assert (names(found), found[-1].removed) == ({"a.ics", "b.ics"}, ())


def test_one_event_that_breaks_the_xml_does_not_hide_the_others(server: Hostile, calendar: CalDAVCalendar) -> None:
    server.store("a.ics", event("a"))
    server.store("bad.ics", event("bad", "\x0b"))
    assert names(list(calendar.changes(None, {}))) == {"a.ics", "bad.ics"}


@pytest.mark.parametrize("said", [Said(500), Said(403), Said(200, "<html>no</html>")])
def test_one_event_the_server_cannot_give_is_a_problem_and_not_a_removal(
    server: Hostile, calendar: CalDAVCalendar, said: Said
) -> None:
    server.store("a.ics", event("a"))
    server.store("bad.ics", event("bad"))
    whole = multistatus(part(f"{CALENDAR}a.ics", f"<C:calendar-data>{event('a')}</C:calendar-data>"))
    server.before = lambda asked: whole if asked.is_multiget else said if "bad" in asked.path else None
    found = list(calendar.changes(None, {f"{CALENDAR}bad.ics": '"old"'}))
    assert (names(found), found[-1].removed) == ({"a.ics"}, ())
    assert [problem.uid for one in found for problem in one.problems] == ["bad"]


def test_a_server_that_fails_on_every_event_is_down(server: Hostile, calendar: CalDAVCalendar) -> None:
    server.store("a.ics", event("a"))
    server.store("b.ics", event("b"))
    server.before = lambda asked: Said(403) if asked.is_multiget else Said(500) if asked.method == "GET" else None
    with pytest.raises(UnreachableError):
        list(calendar.changes(None, {}))


def test_hrefs_are_understood_however_they_are_spelled(server: Hostile, calendar: CalDAVCalendar) -> None:
    listed = [
        (f"http://proxy.internal{CALENDAR}a%40x.ics", "1"),
        (f"{CALENDAR}plain@x.ics", "2"),
        (f"{CALENDAR}%E9.ics", "3"),
        (f"{CALENDAR}", "4"),
        (CALENDAR[:-1], "5"),
        (f"{CALENDAR}sub/", "6"),
        (f"{CALENDAR}sub/deep.ics", "7"),
        ("/sam/calendar/other.ics", "8"),
        (f"{CALENDAR}../x.ics", "9"),
    ]
    wanted: list[str] = []

    def before(asked: Asked) -> Said | None:
        if asked.method == "PROPFIND":
            return multistatus(*(part(href, f"<D:getetag>{etag}</D:getetag>") for href, etag in listed))
        wanted.append(asked.body)
        data = f"<C:calendar-data>{event('x')}</C:calendar-data>"
        return multistatus(*(part(href.replace("%40", "@"), data) for href, _ in listed))

    server.before = before
    found = list(calendar.changes(None, {}))
    assert names(found) == {"a@x.ics", "plain@x.ics", "%E9.ics"}
    assert f"<D:href>{CALENDAR}a%40x.ics</D:href>" in wanted[0]


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (Said(207, ""), UnreadableError),
        (multistatus(), UnreadableError),
        (Said(207, multistatus(part(CALENDAR, "<D:getetag>x</D:getetag>")).body[:-30]), UnreadableError),
        (Said(207, "<html><body>Sign in</body></html>"), UnreadableError),
        (Said(207, "<!DOCTYPE html><html>Sign in"), UnreadableError),
        (Said(200, multistatus(part(CALENDAR, "")).body), UnreadableError),
        (Said(200, "<html>Sign in</html>"), UnreadableError),
        (Said(204), UnreadableError),
        (Said(403), UnreadableError),
        (Said(404), MissingError),
        (Said(410), MissingError),
        (Said(401), CredentialsError),
        (Said(500), UnreachableError),
        (Said(502), UnreachableError),
        (Said(503, headers={"Retry-After": "120"}), UnreachableError),
        (Said(429), UnreachableError),
    ],
)
@pytest.mark.parametrize("where", ["poll", "listing"])
def test_a_wrong_answer_is_an_error_and_never_an_empty_calendar(
    server: Hostile, calendar: CalDAVCalendar, said: Said, kind: type[AccountError], where: str
) -> None:
    memo = {"url": server.url, "username": "sam", "homes": [HOME], "single": False}
    poll = account(server.url, memo)
    server.before = lambda asked: said
    with pytest.raises(kind) as caught:
        list(poll.calendars(NOW) if where == "poll" else calendar.changes(None, {f"{CALENDAR}a.ics": "1"}))
    assert "127.0.0.1" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_poll_that_does_not_say_what_the_home_holds_is_unreadable(server: Hostile) -> None:
    memo = {"url": server.url, "username": "sam", "homes": [HOME], "single": False}
    server.before = lambda asked: multistatus(part(HOME, "<D:resourcetype/>").replace("200 OK", "500 no"))
    with pytest.raises(UnreadableError, match="does not say"):
        account(server.url, memo).calendars(NOW)


def test_a_listing_cut_off_by_its_server_is_unreadable(server: Hostile, calendar: CalDAVCalendar) -> None:
    full = f"<D:response><D:href>{CALENDAR}</D:href><D:status>HTTP/1.1 507 x</D:status></D:response>"
    server.before = lambda asked: multistatus(part(f"{CALENDAR}a.ics", "<D:getetag>1</D:getetag>"), full)
    with pytest.raises(UnreadableError, match="part"):
        list(calendar.changes(None, {}))


@pytest.mark.parametrize(
    "body", ["", " ", "<html/>", "<a><D:multistatus xmlns:D='DAV:'/></a>", "BEGIN:VCALENDAR", "\0"]
)
def test_only_a_whole_multistatus_is_an_answer(body: str) -> None:
    with pytest.raises(UnreadableError, match=r"dav\.example"):
        parse(body.encode(), "dav.example")
    assert parse(b"<multistatus xmlns='DAV:'/>", "dav.example") == Multistatus(())


def test_an_entity_bomb_is_refused(server: Hostile, calendar: CalDAVCalendar) -> None:
    whole = multistatus(part(CALENDAR, "<S:getctag>&b;</S:getctag>")).body
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    server.before = lambda asked: Said(207, whole.replace("?>", f"?>{bomb}", 1))
    with pytest.raises(UnreadableError):
        calendar.current_version()


# --- the wire -----------------------------------------------------------------------------------------------


def test_a_wrong_password_is_said_as_such() -> None:
    with servers.radicale(htpasswd=True) as server:
        server.add_user("sam", "right")
        assert account(server.url, password="right").calendars(NOW) == []
        with pytest.raises(CredentialsError, match="fikad auth home"):
            account(server.url, password="wrong").calendars(NOW)
        with pytest.raises(CredentialsError, match="has none"):
            account(server.url, password=None).calendars(NOW)


def test_the_password_goes_with_the_first_request(server: Hostile) -> None:
    account(server.url).calendars(NOW)
    assert all(asked.headers.get("authorization", "").startswith("Basic ") for asked in server.asked)


def test_a_server_that_takes_us_for_a_stranger_wants_better_credentials(server: Hostile) -> None:
    unknown = "<D:current-user-principal><D:unauthenticated/></D:current-user-principal>"
    server.before = lambda asked: multistatus(part("/", unknown))
    with pytest.raises(CredentialsError):
        account(server.url).calendars(NOW)


def test_digest_is_used_where_nothing_else_is_offered_and_remembered(server: Hostile) -> None:
    server.digest = ("sam", SECRET)
    memo: dict[str, Any] = {}
    assert only(account(server.url, memo)).id == CALENDAR
    assert memo["auth"] == "digest"
    server.asked.clear()
    again = account(server.url, memo)
    again.calendars(NOW)
    again.calendars(NOW)
    sent = [asked.headers.get("authorization", "").partition(" ")[0] for asked in server.asked]
    assert sent == ["", "Digest", "Digest"]  # one round to learn the nonce
    assert again.requests == 3
    with pytest.raises(CredentialsError):
        account(server.url, memo, password="wrong").calendars(NOW)


def test_a_server_that_gave_up_digest_gets_basic_again(server: Hostile) -> None:
    def before(asked: Asked) -> Said | None:
        if asked.headers.get("authorization", "").startswith("Basic"):
            return None
        return Said(401, headers={"WWW-Authenticate": 'Basic realm="x"'})

    server.before = before
    memo = {"url": server.url, "username": "sam", "auth": "digest"}
    assert only(account(server.url, memo)).id == CALENDAR
    assert memo["auth"] == "basic"


def test_another_kind_of_sign_in_is_named(server: Hostile) -> None:
    server.before = lambda asked: Said(401, headers={"WWW-Authenticate": 'Bearer realm="x"'})
    with pytest.raises(CredentialsError, match="app password"):
        account(server.url).calendars(NOW)


def test_a_redirect_within_the_server_is_followed_and_counted(server: Hostile) -> None:
    moved = {"url": server.url, "username": "sam", "homes": ["/moved/"], "single": False}
    server.before = lambda asked: Said(302, headers={"Location": HOME}) if asked.path == "/moved/" else None
    one = account(server.url, moved)
    assert only(one).id == CALENDAR
    assert [asked.method for asked in server.asked] == ["PROPFIND", "PROPFIND"]
    assert one.requests == 2
    assert moved["homes"] == [HOME]


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_to_another_host_gets_no_password(server: Hostile, status: int) -> None:
    with hostile() as stranger:
        server.before = lambda asked: Said(status, headers={"Location": stranger.url + "sam/"})
        with pytest.raises(UnreachableError, match="not sent there"):
            account(server.url).calendars(NOW)
        assert stranger.asked == []


def test_a_home_on_another_host_gets_no_password(server: Hostile) -> None:
    away = "<C:calendar-home-set><D:href>https://calendars.example.net/sam/</D:href></C:calendar-home-set>"
    server.before = lambda asked: multistatus(part("/", away))
    with pytest.raises(UnreachableError, match=r"https://calendars\.example\.net"):
        account(server.url).calendars(NOW)


def test_redirects_in_circles_end(server: Hostile, calendar: CalDAVCalendar) -> None:
    server.before = lambda asked: Said(302, headers={"Location": asked.path})
    with pytest.raises(UnreachableError, match="circles"):
        calendar.current_version()


def _silence(asked: Asked) -> Said:
    raise Silence


def _cut(asked: Asked) -> Said:
    raise Cut


def test_a_silent_server_is_given_up_in_time(server: Hostile) -> None:
    server.before = _silence
    with pytest.raises(UnreachableError, match=r"did not answer within 0\.3 s"):
        account(server.url, timeout_seconds=0.3).calendars(NOW)


def test_a_connection_broken_off_is_unreachable(server: Hostile) -> None:
    server.before = _cut
    with pytest.raises(UnreachableError, match="broke the connection") as caught:
        account(server.url).calendars(NOW)
    assert caught.value.__cause__ is None  # the library's exception carries the request, and so the password


def test_a_host_that_is_down_or_unknown_or_without_tls_is_named(server: Hostile) -> None:
    with hostile() as other:
        closed = other.url
    with pytest.raises(UnreachableError, match="refused the connection"):
        account(closed).calendars(NOW)
    with pytest.raises(UnreachableError, match="DNS"):
        account("https://nowhere.invalid/").calendars(NOW)
    with pytest.raises(UnreachableError, match="TLS"):
        account(server.url.replace("http:", "https:")).calendars(NOW)


def test_no_message_holds_a_secret(server: Hostile) -> None:
    assert without_userinfo("https://sam:hunter2@dav.example.com:8443/x?y") == "https://dav.example.com:8443/x?y"
    url = server.url.replace("http://", "http://sam:hunter2@")
    answers: list[Said | None] = [None, *(Said(status) for status in (200, 401, 404, 500))]
    for answer in answers:
        server.before = lambda asked, answer=answer: answer or _cut(asked)
        with pytest.raises(AccountError) as caught:
            account(url, timeout_seconds=0.3).calendars(NOW)
        told = [repr(caught.value), repr(caught.value.__cause__)]
        assert not any(secret in text for text in told for secret in ("hunter2", SECRET, "horse"))
    one = account(url)
    assert "hunter2" not in json.dumps(one.memo)


def test_neither_netrc_nor_proxies_of_the_environment_are_used(
    server: Hostile, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login eve password other\n")
    (tmp_path / "netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("CALDAV_URL", "http://127.0.0.1:9")
    account(server.url, password=None, username="").calendars(NOW)
    assert all("authorization" not in asked.headers for asked in server.asked)


def test_importing_the_connector_is_cheap() -> None:
    heavy = "{'caldav', 'lxml', 'niquests', 'requests', 'icalendar'}"
    code = f"import sys, connectors.caldav; sys.exit(' '.join({heavy} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], capture_output=True, check=False)
    assert done.stderr.strip() == b""


# --- holds --------------------------------------------------------------------------------------------------


def test_a_hold_is_written_read_changed_and_deleted(real: tuple[servers.Server, str | None]) -> None:
    server, password = real
    here = next(c for c in account(server.url, password=password).calendars(NOW) if c.name == "Arbeit & Fika")
    assert here.read(UID) is None
    made = here.create(draft())
    assert made.href == f"{here.id}{UID}.ics"
    assert here.read(UID) == made
    listed = [one for batch in here.changes(None, {}) for one in batch.changed if one.href == made.href]
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


def test_a_hold_that_is_there_already_is_never_overwritten(real: tuple[servers.Server, str | None]) -> None:
    server, password = real
    here = next(c for c in account(server.url, password=password).calendars(NOW) if c.name == "Arbeit & Fika")
    servers.put(f"{server.home('sam')}work/renamed.ics", event(UID, "Mine now"), server.auth("sam"))
    found = here.read(UID)
    assert found is not None
    assert found.href == f"{here.id}renamed.ics"
    with pytest.raises(TakenError):
        here.create(draft())
    here.delete(found)
    assert here.read(UID) is None


def test_every_write_is_conditional(server: Hostile, calendar: CalDAVCalendar) -> None:
    moved = calendar.update(calendar.create(draft()), draft("Lunch with Jane?"))
    calendar.delete(moved)
    sent = [(one.method, one.headers.get("if-none-match"), one.headers.get("if-match")) for one in server.writes()]
    assert sent == [("PUT", "*", None), ("PUT", None, '"r1"'), ("DELETE", None, '"r2"')]


def test_a_server_that_ignores_conditions_is_still_not_overwritten(server: Hostile, calendar: CalDAVCalendar) -> None:
    server.blind = True
    made = calendar.create(draft())
    server.store(f"{UID}.ics", made.text.replace("Coffee", "Dinner"))
    writes = len(server.writes())
    with pytest.raises(TakenError):
        calendar.create(draft())
    with pytest.raises(ChangedError):
        calendar.update(made, draft("Lunch with Jane?"))
    with pytest.raises(ChangedError):
        calendar.delete(made)
    server.drop(f"{UID}.ics")
    with pytest.raises(ChangedError):
        calendar.update(made, draft("Lunch with Jane?"))
    assert len(server.writes()) == writes
    assert server.objects == {}


def test_a_change_of_text_under_the_same_etag_is_a_change(server: Hostile, calendar: CalDAVCalendar) -> None:
    made = calendar.create(draft())
    server.objects[f"{UID}.ics"] = made.text.replace("Coffee", "Dinner")
    with pytest.raises(ChangedError):
        calendar.delete(made)


def test_another_etag_on_the_same_text_is_a_change(server: Hostile, calendar: CalDAVCalendar) -> None:
    made = calendar.create(draft())
    server.store(f"{UID}.ics", made.text)
    with pytest.raises(ChangedError):
        calendar.update(made, draft("Lunch with Jane?"))


def test_a_hold_is_found_beside_a_stranger_at_its_address(server: Hostile, calendar: CalDAVCalendar) -> None:
    server.store(f"{UID}.ics", event("doctor"))
    assert calendar.read(UID) is None
    server.store("elsewhere.ics", event(UID))
    found = calendar.read(UID)
    assert found is not None
    assert found.href == f"{CALENDAR}elsewhere.ics"


def test_a_time_stamp_made_up_at_each_reading_is_no_change(server: Hostile, calendar: CalDAVCalendar) -> None:
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
    found = calendar.read(UID)
    assert found is not None
    calendar.delete(found)
    assert [one.headers.get("if-match") for one in server.writes()] == [None, None, None]


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_somebody_quicker_wins(server: Hostile, calendar: CalDAVCalendar, method: str) -> None:
    made = calendar.create(draft())

    def before(asked: Asked) -> Said | None:
        if asked.method == method:
            server.store(f"{UID}.ics", event(UID, "Mine now"))
        return None

    server.before = before
    with pytest.raises(ChangedError):
        calendar.delete(made) if method == "DELETE" else calendar.update(made, draft("Lunch with Jane?"))
    assert "Mine now" in server.objects[f"{UID}.ics"]


def test_nobody_elses_event_is_ever_touched(server: Hostile, calendar: CalDAVCalendar) -> None:
    server.store("doctor.ics", event("doctor"))
    server.store("two.ics", hold_text(draft(), NOW).replace("END:VCALENDAR", event("doctor").split("EN\r\n")[1]))
    server.store(f"{UID}.ics", event("doctor"))
    foreign = Resource(f"{CALENDAR}doctor.ics", server.etag("doctor.ics"), server.objects["doctor.ics"])
    mixed = Resource(f"{CALENDAR}two.ics", server.etag("two.ics"), server.objects["two.ics"])
    squatted = Resource(f"{CALENDAR}{UID}.ics", server.etag(f"{UID}.ics"), server.objects[f"{UID}.ics"])
    for found in (foreign, mixed, squatted):
        with pytest.raises(AccountError):
            calendar.delete(found)
        with pytest.raises(AccountError):
            calendar.update(found, draft())
    for uid in ("doctor", "fikad-../doctor", "fikad-A", "fikad-"):
        with pytest.raises(ReadOnlyError):
            calendar.create(draft(uid=uid))
    assert server.writes() == []


def test_a_hold_of_another_calendar_is_not_taken_for_one_of_this(server: Hostile, calendar: CalDAVCalendar) -> None:
    made = calendar.create(draft())
    with pytest.raises(ReadOnlyError, match="outside"):
        calendar.delete(dataclasses.replace(made, href=f"/sam/other/{UID}.ics"))
    assert calendar.read(UID) == made


def test_a_note_cannot_forge_a_uid() -> None:
    assert uids(event("doctor", "x\u2028UID:fikad-1\x0bUID:fikad-1\rUID:fikad-1")) == {"doctor"}
    alarm = "BEGIN:VALARM\r\nUID:fikad-1\r\nEND:VALARM\r\n"
    assert uids(event("doctor").replace("END:VEVENT", f"{alarm}END:VEVENT")) == {"doctor"}
    assert uids(event("fik\r\n ad-1")) == {"fikad-1"}
    assert uids(event("x").replace("UID:x\r\n", "")) == {""}


@pytest.mark.parametrize("lose", [_cut, _silence, lambda asked: Said(504)])
@pytest.mark.parametrize("action", ["create", "update", "delete"])
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


@pytest.mark.parametrize(("spoil", "kind"), [(_cut, UncertainError), (lambda asked: Said(500), UnreachableError)])
@pytest.mark.parametrize("action", ["create", "update", "delete"])
def test_a_failed_write_that_was_not_applied_is_no_success(
    server: Hostile, calendar: CalDAVCalendar, spoil: Callable[[Asked], Said], kind: type[AccountError], action: str
) -> None:
    made = calendar.create(draft()) if action != "create" else None
    held = dict(server.objects)
    server.before = lambda asked: spoil(asked) if asked.method in {"PUT", "DELETE"} else None
    with pytest.raises(kind):
        _act(calendar, action, made)
    assert server.objects == held


@pytest.mark.parametrize("action", ["create", "update", "delete"])
def test_a_write_that_nobody_can_look_after_is_uncertain(
    server: Hostile, calendar: CalDAVCalendar, action: str
) -> None:
    made = calendar.create(draft()) if action != "create" else None
    lost: list[str] = []

    def after(asked: Asked) -> Said | None:
        if asked.method in {"PUT", "DELETE"}:
            lost.append(asked.method)
        if lost:
            raise Cut
        return None

    server.after = after
    with pytest.raises(UncertainError):
        _act(calendar, action, made)


def test_a_write_that_was_taken_and_cannot_be_read_back_is_uncertain(server: Hostile, calendar: CalDAVCalendar) -> None:
    server.before = lambda asked: Said(500) if asked.method == "GET" and server.writes() else None
    with pytest.raises(UncertainError):
        calendar.create(draft())


def test_a_server_that_cannot_be_reached_has_surely_not_applied_anything() -> None:
    with hostile() as server:
        one = account(server.url)
        calendar = only(one)
        made = calendar.create(draft())
        one.close()
    with pytest.raises(UnreachableError, match="refused"):
        calendar.delete(made)
    with pytest.raises(UnreachableError, match="refused"):
        calendar.create(draft(uid="fikad-other"))


def _act(calendar: CalDAVCalendar, action: str, made: Resource | None) -> None:
    if made is None:
        assert action == "create"
        calendar.create(draft())
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
    with pytest.raises(kind):
        calendar.create(draft())


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


@pytest.mark.parametrize("query", [Said(501), Said(400), None])
def test_a_hold_is_only_called_gone_while_its_calendar_stands(
    server: Hostile, calendar: CalDAVCalendar, query: Said | None
) -> None:
    server.before = lambda asked: query if asked.is_query else None
    assert calendar.read(UID) is None
    server.before = lambda asked: (query or Said(404)) if asked.is_query else Said(404)
    with pytest.raises(MissingError):
        calendar.read(UID)
    server.before = lambda asked: Said(200, "<html>Sign in</html>")
    with pytest.raises(UnreadableError):
        calendar.read(UID)


def test_a_search_that_brings_back_everything_is_not_believed(server: Hostile, calendar: CalDAVCalendar) -> None:
    texts = {uid: f"<C:calendar-data>{event(uid)}</C:calendar-data>" for uid in ("fikad-jane-10", "doctor")}
    everything = multistatus(*(part(f"{CALENDAR}{uid}-x.ics", text) for uid, text in texts.items()))
    server.before = lambda asked: everything if asked.is_query else None
    assert calendar.read(UID) is None


# --- addresses ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spelled", "plain"),
    [
        ("/a%40b/", "/a@b/"),
        ("http://x.example:80/a/b.ics", "/a/b.ics"),
        ("/a%2Fb/c", "/a%2Fb/c"),
        ("/caf\u00e9/%C3%A9", "/caf%C3%A9/%C3%A9"),
        ("/a%e9", "/a%E9"),
        ("/a b", "/a%20b"),
    ],
)
def test_one_spelling_stands_for_all(spelled: str, plain: str) -> None:
    assert normal(spelled) == plain
    assert normal(plain) == plain


def test_a_member_is_directly_inside() -> None:
    assert member_of("/a/b/c.ics", "/a/b")
    outside = ("/a/b/", "/a/b", "/a/bc.ics", "/a/b/c/", "/a/b/c/d.ics", "/a/b/..")
    assert not any(member_of(href, "/a/b/") for href in outside)
