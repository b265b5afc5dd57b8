"""CalDAV accounts: finding the calendars, polling them in one request, making one."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from connectors.dav.discovery import RULES
from connectors.dav.multistatus import normal
from connectors.errors import AccountError, MissingError, ReadOnlyError
from tests.connectors import servers
from tests.connectors.caldav.an_account import (
    NOW,
    REAL_NAME,
    Real,
    account,
    event,
    only,
)
from tests.connectors.caldav.hostile_server import (
    CALENDAR,
    HOME,
    Asked,
    Hostile,
    Said,
    multistatus,
    part,
)


@pytest.mark.parametrize("where", ["server", "principal", "home", "calendar"])
def test_any_address_a_person_may_have_leads_to_the_calendar(real: Real, where: str) -> None:
    server, home = real.server, real.home
    url = {
        "server": server.url,
        "principal": f"{server.url}sam/",
        "home": home,
        "calendar": f"{home}work",
    }[where]
    names = {calendar.id: calendar.name for calendar in real.account(url).calendars(NOW)}
    assert names[normal(f"{home}work/")] == REAL_NAME


def test_the_well_known_address_leads_on_where_the_root_is_a_web_page(server: Hostile) -> None:
    def before(asked: Asked) -> Said | None:
        if asked.path == "/.well-known/caldav":
            return Said(301, headers={"Location": HOME})
        return Said(200, "<html>welcome</html>") if asked.path == "/" else None

    server.before = before
    assert only(account(server.url)).id == CALENDAR


@pytest.mark.parametrize("where", ["server", "home", "calendar"])
def test_a_poll_that_finds_nothing_new_is_one_request(real: Real, where: str) -> None:
    server, home = real.server, real.home
    url = {"server": server.url, "home": home, "calendar": f"{home}work/"}[where]
    first = real.account(url)
    versions = {calendar.id: calendar.version for calendar in first.calendars(NOW)}
    first.addresses()
    second = real.account(url, json.loads(json.dumps(first.memo)))
    again = {
        calendar.id: calendar.version for calendar in second.calendars(NOW + timedelta(minutes=15))
    }
    second.addresses()
    assert again == versions
    assert None not in again.values()
    assert second.requests == 1


def test_the_version_moves_when_an_event_is_written(real: Real) -> None:
    calendar = real.calendar()
    before = calendar.current_version()
    assert before in (calendar.version, None)
    servers.put(f"{real.home}work/moving.ics", event("moving"), real.auth)
    assert calendar.current_version() != calendar.version
    servers.delete(f"{real.home}work/moving.ics", real.auth)


def test_a_memo_of_another_address_or_user_is_not_believed(server: Hostile) -> None:
    memo = {
        "url": "http://elsewhere/",
        "username": "sam",
        "homes": ["/nowhere/"],
        "auth": "digest",
        "rules": RULES,
    }
    assert only(account(server.url, memo)).id == CALENDAR
    assert memo["homes"] == [HOME]
    assert "/nowhere/" not in {asked.path for asked in server.asked}


def test_homes_that_an_earlier_fikad_found_are_looked_for_anew(server: Hostile) -> None:
    """It took the user's own calendars in place of one that was named and is not there."""
    nowhere = server.url + "sam/gone/"
    memo = {"url": nowhere, "username": "sam", "homes": [HOME], "single": False}
    with pytest.raises(MissingError):
        account(nowhere, memo).calendars(NOW)


@pytest.mark.parametrize(
    "broken", [{"homes": "x"}, {"homes": []}, {"addresses_at": 3}, {"homes": [1]}]
)
def test_a_broken_memo_is_replaced(server: Hostile, broken: dict[str, Any]) -> None:
    assert (
        only(
            account(server.url, {"url": server.url, "username": "sam", "rules": RULES, **broken})
        ).id
        == CALENDAR
    )


def test_a_home_that_has_gone_is_looked_for_once(server: Hostile) -> None:
    memo = {"url": server.url, "username": "sam", "homes": ["/old/"], "single": False}
    assert only(account(server.url, memo)).id == CALENDAR
    server.before = lambda asked: Said(404)
    with pytest.raises(MissingError):
        account(server.url, memo).calendars(NOW)


NAMED = f"{HOME}named/"
PRINCIPAL = f"<D:current-user-principal><D:href>{HOME}</D:href></D:current-user-principal>"
TASKS = (
    "<D:resourcetype><D:collection/><C:calendar/></D:resourcetype><C:supported-calendar-component-set>"
    '<C:comp name="VTODO"/></C:supported-calendar-component-set>'
)
FOLDER = "<D:resourcetype><D:collection/></D:resourcetype>"


@pytest.mark.parametrize(
    "said",
    [
        Said(404),
        Said(403),
        Said(500),
        Said(200, "<html>a calendar to look at</html>"),
        multistatus(part(NAMED, PRINCIPAL + TASKS)),
        multistatus(part(NAMED, PRINCIPAL + FOLDER)),
    ],
    ids=[
        "missing",
        "forbidden",
        "failing",
        "a web page",
        "a list of tasks",
        "a folder without calendars",
    ],
)
def test_an_address_that_leads_nowhere_is_never_replaced_by_the_users_own_calendars(
    server: Hostile, said: Said
) -> None:
    server.before = lambda asked: said if asked.path == NAMED else None
    memo: dict[str, Any] = {}
    with pytest.raises(AccountError):
        account(f"{server.url}{NAMED[1:]}", memo).calendars(NOW)
    assert "homes" not in memo


def test_a_calendar_that_was_named_and_is_gone_is_not_replaced_either(real: Real) -> None:
    path = f"{real.home}going/"
    servers.make_calendar(path, "Going", real.auth)
    memo: dict[str, Any] = {}
    assert [calendar.name for calendar in real.account(path, memo).calendars(NOW)] == ["Going"]
    servers.delete(path, real.auth)
    with pytest.raises(MissingError):
        real.account(path, memo).calendars(NOW)


def test_calendars_that_hold_no_events_are_left_out(server: Hostile) -> None:
    def kind(name: str, extra: str, components: str) -> str:
        held = (
            f"<C:supported-calendar-component-set>{components}</C:supported-calendar-component-set>"
        )
        types = f"<D:resourcetype><D:collection/><C:calendar/>{extra}</D:resourcetype>"
        return part(f"/sam/{name}/", types + (held if components else ""))

    def after(asked: Asked) -> Said | None:
        if asked.headers.get("depth") != "1":
            return None
        return multistatus(
            kind("plain", "", ""),
            kind("both", "", '<C:comp name="VTODO"/><C:comp name="VEVENT"/>'),
            kind("tasks", "", '<C:comp name="VTODO"/>'),
            kind("sogo", "<C:schedule-outbox/>", '<C:comp name="VEVENT"/>'),
            kind("sogo-tasks", "<C:schedule-outbox/>", '<C:comp name="VTODO"/>'),
            part(
                "/sam/inbox/", "<D:resourcetype><D:collection/><C:schedule-inbox/></D:resourcetype>"
            ),
            part(
                "/sam/outbox/",
                "<D:resourcetype><D:collection/><C:schedule-outbox/></D:resourcetype>",
            ),
            kind("bin", '<n:deleted-calendar xmlns:n="http://nextcloud.com/ns"/>', ""),
            part("/sam/cards/", "<D:resourcetype><D:collection/></D:resourcetype>"),
        )

    server.after = after
    assert [calendar.name for calendar in account(server.url).calendars(NOW)] == [
        "plain",
        "both",
        "sogo",
    ]


def test_the_owners_addresses_are_asked_for_at_most_daily(server: Hostile) -> None:
    reader = account(server.url)
    reader.calendars(NOW)
    known = {"sam@example.com", "urn:uuid:0a-1b", "/sam", "//127.0.0.1/sam"}
    assert reader.addresses() == known
    asked = reader.requests
    reader.calendars(NOW + timedelta(hours=20))
    reader.addresses()
    assert reader.requests == asked + 1
    reader.calendars(NOW + timedelta(hours=25))
    reader.addresses()
    assert reader.requests == asked + 3
    server.before = lambda asked: Said(500) if asked.headers.get("depth") == "0" else None
    reader.calendars(NOW + timedelta(hours=60))
    assert reader.addresses() == known


@pytest.mark.parametrize(
    ("privileges", "writable"),
    [
        (None, True),
        ("", True),
        ("<D:privilege><D:read/></D:privilege>", False),
        (
            "<D:privilege><D:read/></D:privilege><D:privilege><D:write-properties/></D:privilege>",
            False,
        ),
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
    server.after = lambda asked: multistatus(
        part(CALENDAR, f"<D:displayname>Wo&#x202e;rk&#10;x</D:displayname>{kind}")
    )
    assert only(account(server.url + "sam/cal/")).name == "Work x"


def test_an_ampersand_in_a_name_that_was_escaped_once_too_often_is_one(server: Hostile) -> None:
    kind = "<D:resourcetype><C:calendar/></D:resourcetype>"
    name = "<D:displayname>Fika &amp;amp; more</D:displayname>"
    server.after = lambda asked: multistatus(part(CALENDAR, name + kind))
    assert only(account(server.url + "sam/cal/")).name == "Fika & more"


def test_a_new_calendar_takes_its_path_from_its_name(real: Real) -> None:
    reader = real.account()
    made = reader.create_calendar("Fika & Kaffé")
    assert made.name == "Fika & Kaffé"
    assert made.id == normal(f"{real.home}fika-kaffe/")
    assert made.id in {calendar.id for calendar in reader.calendars(NOW)}
    other = reader.create_calendar("Fika: kaffe!")
    assert other.id == normal(f"{real.home}fika-kaffe-2/")
    assert other.name == "Fika: kaffe!"


def test_a_server_that_forbids_what_another_fikad_just_made_shows_it(server: Hostile) -> None:
    """RFC 4791 section 5.3.1.1: the precondition may be told by 403."""
    made: list[str] = []

    def after(asked: Asked) -> Said | None:
        if asked.method == "MKCALENDAR":
            made.append(asked.path)
            return Said(403)
        if asked.headers.get("depth") != "1":
            return None
        kind = "<D:resourcetype><D:collection/><C:calendar/></D:resourcetype>"
        return multistatus(
            part(HOME, "<D:resourcetype><D:collection/></D:resourcetype>"),
            *(part(path, f"<D:displayname>Fikad</D:displayname>{kind}") for path in made),
        )

    server.after = after
    assert account(server.url).create_calendar("Fikad").id == "/sam/fikad/"
    assert made == ["/sam/fikad/"]


def test_an_account_of_one_calendar_cannot_take_another(server: Hostile) -> None:
    reader = account(f"{server.url}sam/cal/")
    with pytest.raises(ReadOnlyError, match="server's address"):
        reader.create_calendar("Fikad")
    assert not reader.can_create
