"""Asking a CalDAV server when people are busy."""

from __future__ import annotations

import ast
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from icalendar import Calendar

from connectors.caldav.account import CalDAVAccount
from connectors.errors import CredentialsError, UnreachableError, UnreadableError
from connectors.free_busy import BusySpan
from tests.connectors.caldav.an_account import NOW, Real, account
from tests.connectors.caldav.hostile_server import Asked, Hostile, Said, cut
from tests.connectors.caldav.outbox import OUTBOX, REFUSES, Outbox

JANE, BOB, EVE = "jane@example.com", "bob@example.com", "eve@example.com"
START, END = NOW, NOW + timedelta(days=14)
NOBODY = "<C:schedule-response xmlns:C='urn:ietf:params:xml:ns:caldav'/>"
CONNECTORS = Path(__file__).parents[3] / "connectors"


def at(hour: int, day: int = 3) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=UTC)


@pytest.fixture
def outbox(server: Hostile) -> Outbox:
    server.outbox = Outbox({JANE: [(at(9), at(10)), (at(10), at(11)), (at(14), at(15))]})
    return server.outbox


def asking(server: Hostile, memo: dict[str, object] | None = None) -> CalDAVAccount:
    reader = account(server.url, memo)
    reader.calendars(NOW)
    assert reader.free_busy.obstacle(NOW) == ""
    return reader


def posts(server: Hostile) -> list[Asked]:
    return [asked for asked in server.asked if asked.method == "POST"]


def test_who_shares_is_known_who_refuses_or_is_no_user_is_unknown(
    server: Hostile, outbox: Outbox
) -> None:
    outbox.users[BOB] = REFUSES
    told = asking(server).free_busy.busy_times([JANE, BOB, EVE], START, END)
    assert told == {JANE: (BusySpan(at(9), at(11)), BusySpan(at(14), at(15))), BOB: None, EVE: None}
    assert outbox.violations == []


def test_what_is_no_address_is_unknown_and_not_asked_for(server: Hostile, outbox: Outbox) -> None:
    odd = "a\u200b@example.com"
    told = asking(server).free_busy.busy_times([odd, JANE], START, END)
    assert (told[odd], bool(told[JANE])) == (None, True)
    assert odd not in posts(server)[0].body


def test_all_are_asked_for_in_one_request(server: Hostile, outbox: Outbox) -> None:
    everybody = [f"friend{number}@example.com" for number in range(70)]
    outbox.users |= {address: [] for address in everybody}
    told = asking(server).free_busy.busy_times(everybody, START, END)
    assert told == dict.fromkeys(everybody, ())
    assert len(posts(server)) == 1


def test_who_is_named_twice_is_asked_for_once(server: Hostile, outbox: Outbox) -> None:
    told = asking(server).free_busy.busy_times([JANE, BOB, JANE], START, END)
    assert set(told) == {JANE, BOB}
    assert posts(server)[0].body.count(JANE) == 1


def test_where_to_ask_is_looked_up_daily(server: Hostile, outbox: Outbox) -> None:
    memo: dict[str, object] = {}
    asking(server, memo)
    before = len(server.asked)
    reader = account(server.url, memo)
    assert reader.free_busy.obstacle(NOW + timedelta(hours=23)) == ""
    assert len(server.asked) == before
    assert reader.free_busy.obstacle(NOW + timedelta(hours=25)) == ""
    assert len(server.asked) == before + 1


@pytest.mark.parametrize(
    "kept", ["x", ["x", "/", ""], [NOW.isoformat(), "http://evil/", JANE], [1, 2, 3], [None] * 3]
)
def test_a_garbled_memo_is_looked_up_anew(server: Hostile, outbox: Outbox, kept: object) -> None:
    memo: dict[str, object] = {}
    asking(server, memo)
    memo["outbox"] = kept
    assert asking(server, memo).free_busy.busy_times([JANE], START, END)[JANE]
    assert posts(server)[-1].path == OUTBOX


def test_without_an_outbox_nobody_is_asked_for(server: Hostile) -> None:
    reader = account(server.url)
    reader.calendars(NOW)
    assert "cannot be asked when others are busy" in reader.free_busy.obstacle(NOW)
    assert reader.free_busy.busy_times([JANE], START, END) == {JANE: None}
    assert posts(server) == []


def test_without_an_address_of_the_users_nobody_is_asked_for(
    server: Hostile, outbox: Outbox
) -> None:
    def nameless(asked: Asked) -> Said | None:
        if asked.method != "PROPFIND" or "schedule-outbox-URL" not in asked.body:
            return None
        said = server._propfind(asked)
        body = re.sub(
            "<C:calendar-user-address-set>.*?</C:calendar-user-address-set>", "", said.body
        )
        return Said(207, body, said.headers)

    server.after = nameless
    reader = account(server.url)
    reader.calendars(NOW)
    assert "names no address of yours" in reader.free_busy.obstacle(NOW)
    assert posts(server) == []


def test_an_outbox_on_another_server_is_not_told_whom_the_user_knows(
    server: Hostile, outbox: Outbox
) -> None:
    server.after = lambda asked: (
        Said(207, said.body.replace(OUTBOX, "http://elsewhere.example/outbox/"), said.headers)
        if asked.method == "PROPFIND"
        and "schedule-outbox-URL" in asked.body
        and (said := server._propfind(asked))
        else None
    )
    reader = account(server.url)
    reader.calendars(NOW)
    with pytest.raises(UnreachableError, match=r"points to http://elsewhere\.example"):
        reader.free_busy.obstacle(NOW)
    assert posts(server) == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_question_is_never_led_elsewhere(server: Hostile, outbox: Outbox, status: int) -> None:
    reader = asking(server)
    server.before = lambda asked: (
        Said(status, headers={"Location": "/sam/cal/"}) if asked.method == "POST" else None
    )
    with pytest.raises(UnreadableError):
        reader.free_busy.busy_times([JANE], START, END)
    assert [asked.path for asked in posts(server)] == [OUTBOX]


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (Said(405), UnreadableError),
        (Said(403), UnreadableError),
        (Said(201), UnreadableError),
        (Said(202, NOBODY), UnreadableError),
        (Said(401), CredentialsError),
        (Said(503), UnreachableError),
        (Said(200, "<html/>"), UnreadableError),
        (Said(200, "<!DOCTYPE html><html/>"), UnreadableError),
        (Said(200, f"<!DOCTYPE r [<!ENTITY e 'x'>]>{NOBODY}"), UnreadableError),
        (Said(200, "<D:multistatus xmlns:D='DAV:'/>"), UnreadableError),
        (Said(200, ""), UnreadableError),
        (
            Said(200, "<C:schedule-response xmlns:C='urn:ietf:params:xml:ns:caldav'>"),
            UnreadableError,
        ),
    ],
)
def test_any_other_answer_is_an_error(
    server: Hostile, outbox: Outbox, said: Said, error: type[Exception]
) -> None:
    reader = asking(server)
    server.before = lambda asked: said if asked.method == "POST" else None
    with pytest.raises(error):
        reader.free_busy.busy_times([JANE], START, END)


def test_a_lost_answer_is_an_error(server: Hostile, outbox: Outbox) -> None:
    reader = asking(server)
    server.before = lambda asked: cut(asked) if asked.method == "POST" else None
    with pytest.raises(UnreachableError):
        reader.free_busy.busy_times([JANE], START, END)


def test_every_request_is_a_question_and_nothing_can_become_an_invitation(
    server: Hostile, outbox: Outbox
) -> None:
    reader = asking(server)
    reader.free_busy.busy_times([JANE, BOB], START, END)
    reader.close()
    for asked in server.asked:
        assert asked.method in {"PROPFIND", "POST"}
        assert ("ATTENDEE" in asked.body) == (asked.method == "POST")
        assert "VEVENT" not in asked.body
    [question] = posts(server)
    assert question.path == OUTBOX
    calendar = Calendar.from_ical(question.body)
    assert calendar["METHOD"] == "REQUEST"
    assert [part.name for part in calendar.subcomponents] == ["VFREEBUSY"]
    assert outbox.violations == []
    assert not {"originator", "recipient"} & question.headers.keys()


def test_nothing_but_a_free_busy_request_is_ever_posted() -> None:
    """By the code itself: one place posts, and what it posts can be nothing else."""
    posting = [
        path.relative_to(CONNECTORS).as_posix()
        for path in sorted(CONNECTORS.rglob("*.py"))
        if any(
            isinstance(node, ast.Constant) and node.value == "POST"
            for node in ast.walk(ast.parse(path.read_text()))
        )
    ]
    assert posting == ["caldav/free_busy.py"]
    tree = ast.parse((CONNECTORS / "caldav" / "free_busy.py").read_text())
    sends = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "wire.send"
    ]
    [sent] = sends
    assert ast.unparse(sent.args[2]) == "question.text(stamp).encode()"
    assert [ast.unparse(keyword) for keyword in sent.keywords] == ["follow=False"]
    [asks] = [
        node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == "_ask"
    ]
    assert {
        argument.arg: ast.unparse(argument.annotation)
        for argument in asks.args.args
        if argument.annotation
    }["question"] == "FreeBusyRequest"


def test_a_server_without_scheduling_says_so(real: Real) -> None:
    reader = real.account()
    reader.calendars(NOW)
    obstacle = reader.free_busy.obstacle(NOW)
    if obstacle:
        assert "cannot be asked" in obstacle or "names no address of yours" in obstacle
        return
    with pytest.raises(UnreadableError):  # an outbox is named that takes no questions
        reader.free_busy.busy_times([JANE], START, END)
