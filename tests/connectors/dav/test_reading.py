"""Reading a CalDAV calendar: what is fetched, what is concluded, and what is not."""

from __future__ import annotations

import pytest

from connectors.base import Changes
from connectors.caldav.calendar import CalDAVCalendar
from connectors.dav.discovery import RULES
from connectors.dav.multistatus import normal
from connectors.errors import (
    AccountError,
    CredentialsError,
    MissingError,
    UnreachableError,
    UnreadableError,
)
from tests.connectors import servers
from tests.connectors.caldav.an_account import (
    NOW,
    REAL_NAME,
    Real,
    account,
    etags,
    event,
    names,
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


def test_changes_are_fetched_in_two_requests_and_only_once(real: Real) -> None:
    home, auth = real.home, real.auth
    reader = real.account()
    here = next(c for c in reader.calendars(NOW) if c.name == REAL_NAME)
    before = reader.requests
    first = list(here.changes(None, {}))
    assert {"e0.ics", "e1.ics", "e2.ics", "e3.ics"} <= names(first)
    assert reader.requests == before + 2
    assert [batch.last for batch in first] == [False, True]

    known = etags(first)
    servers.put(f"{home}work/e1.ics", event("e1", "Moved"), auth)
    servers.put(f"{home}work/new.ics", event("new"), auth)
    servers.delete(f"{home}work/e3.ics", auth)
    before = reader.requests
    second = list(here.changes(first[-1].token, known))
    assert names(second) == {"e1.ics", "new.ics"}
    assert second[-1].removed == (normal(f"{home}work/e3.ics"),)
    assert reader.requests == before + 2

    known = etags(first, second)
    before = reader.requests
    third = list(here.changes(second[-1].token, known))
    assert [(batch.changed, batch.removed, batch.last) for batch in third] == [((), (), True)]
    assert reader.requests == before + 1
    assert not names(list(here.changes(second[-1].token, known, complete=True)))
    servers.delete(f"{home}work/new.ics", auth)
    servers.put(f"{home}work/e3.ics", event("e3"), auth)


def test_an_unknown_sync_token_is_answered_by_a_full_listing(real: Real) -> None:
    here = real.calendar()
    known = etags(list(here.changes(None, {}))) | {normal(f"{real.home}work/old.ics"): '"x"'}
    batches = list(here.changes("sync http://radicale.org/ns/sync/0000", known))
    assert names(batches) == set()
    assert [href.rpartition("/")[2] for href in batches[-1].removed] == ["old.ics"]


def test_many_events_come_in_batches_and_the_token_with_the_last(
    server: Hostile, calendar: CalDAVCalendar
) -> None:
    for number in range(310):
        server.store(f"e{number}.ics", event(f"e{number}"))
    batches = list(calendar.changes(None, {}))
    assert [len(batch.changed) for batch in batches] == [300, 10, 0]
    assert [batch.token is None for batch in batches] == [True, True, False]
    assert {batch.expected for batch in batches} == {310}


def test_what_is_written_during_a_listing_is_seen_next_time(
    server: Hostile, calendar: CalDAVCalendar
) -> None:
    server.store("a.ics", event("a"))
    batches = list(calendar.changes(None, {}))
    assert batches[-1].token == "sync t0"  # of before the listing
    server.store("b.ics", event("b"))
    assert names(list(calendar.changes(batches[-1].token, etags(batches)))) == {"b.ics"}


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


def test_a_truncated_history_is_asked_for_to_its_end(
    server: Hostile, calendar: CalDAVCalendar
) -> None:
    token = list(calendar.changes(None, {}))[-1].token
    for number in range(7):
        server.store(f"e{number}.ics", event(f"e{number}"))
    server.drop("e1.ics")
    server.page = 2
    batches = list(calendar.changes(token, {f"{CALENDAR}e1.ics": '"old"'}))
    assert names(batches) == {f"e{number}.ics" for number in (0, 2, 3, 4, 5, 6)}
    assert (batches[-1].removed, batches[-1].token) == ((f"{CALENDAR}e1.ics",), "sync t8")


def test_a_truncated_history_that_does_not_go_on_is_replaced_by_a_listing(
    server: Hostile, calendar: CalDAVCalendar
) -> None:
    server.store("a.ics", event("a"))
    cut = f"<D:response><D:href>{CALENDAR}</D:href><D:status>HTTP/1.1 507 x</D:status></D:response>"
    server.before = lambda asked: multistatus(cut, token="t0") if asked.is_sync else None
    assert names(list(calendar.changes("sync t0", {}))) == {"a.ics"}


def test_the_daily_reconcile_finds_what_a_forgetful_history_hides(
    server: Hostile, calendar: CalDAVCalendar
) -> None:
    server.store("a.ics", event("a"))
    first = list(calendar.changes(None, {}))
    server.forgetful = True
    server.drop("a.ics")
    server.store("b.ics", event("b"))
    hidden = list(calendar.changes("sync t999", etags(first)))
    assert (names(hidden), hidden[-1].removed) == (set(), ())
    shown = list(calendar.changes(hidden[-1].token, etags(first), complete=True))
    assert (names(shown), shown[-1].removed) == ({"b.ics"}, (f"{CALENDAR}a.ics",))


def test_a_history_without_a_token_is_not_trusted(
    server: Hostile, calendar: CalDAVCalendar
) -> None:
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
    batches = list(calendar.changes(None, known))
    assert names(batches) == {"a.ics", "c.ics"}
    assert batches[-1].removed == (f"{CALENDAR}b.ics",)
    assert "GET" not in {asked.method for asked in server.asked}


@pytest.mark.parametrize("status", [403, 501, 404])
def test_without_multiget_events_come_one_by_one(
    server: Hostile, calendar: CalDAVCalendar, status: int
) -> None:
    server.store("a.ics", event("a"))
    server.store("b.ics", event("b"))
    server.before = lambda asked: Said(status) if asked.is_multiget else None
    batches = list(calendar.changes(None, {}))
    assert (names(batches), batches[-1].removed) == ({"a.ics", "b.ics"}, ())


def test_one_event_that_breaks_the_xml_does_not_hide_the_others(
    server: Hostile, calendar: CalDAVCalendar
) -> None:
    server.store("a.ics", event("a"))
    server.store("bad.ics", event("bad", "\x0b"))
    assert names(list(calendar.changes(None, {}))) == {"a.ics", "bad.ics"}


@pytest.mark.parametrize("said", [Said(500), Said(403), Said(200, "<html>no</html>")])
def test_one_event_the_server_cannot_give_is_a_problem_and_not_a_removal(
    server: Hostile, calendar: CalDAVCalendar, said: Said
) -> None:
    server.store("a.ics", event("a"))
    server.store("bad.ics", event("bad"))
    whole = multistatus(
        part(f"{CALENDAR}a.ics", f"<C:calendar-data>{event('a')}</C:calendar-data>")
    )
    server.before = lambda asked: (
        whole if asked.is_multiget else said if "bad" in asked.path else None
    )
    batches = list(calendar.changes(None, {f"{CALENDAR}bad.ics": '"old"'}))
    assert (names(batches), batches[-1].removed) == ({"a.ics"}, ())
    assert [problem.uid for batch in batches for problem in batch.problems] == ["bad"]


def test_a_server_that_fails_on_every_event_is_down(
    server: Hostile, calendar: CalDAVCalendar
) -> None:
    server.store("a.ics", event("a"))
    server.store("b.ics", event("b"))
    server.before = lambda asked: (
        Said(403) if asked.is_multiget else Said(500) if asked.method == "GET" else None
    )
    with pytest.raises(UnreachableError):
        list(calendar.changes(None, {}))


def test_hrefs_are_understood_however_they_are_spelled(
    server: Hostile, calendar: CalDAVCalendar
) -> None:
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
        ("http://[::1", "10"),
        (f"//[{CALENDAR}a.ics", "11"),
    ]
    wanted: list[str] = []

    def before(asked: Asked) -> Said | None:
        if asked.method == "PROPFIND":
            return multistatus(
                *(part(href, f"<D:getetag>{etag}</D:getetag>") for href, etag in listed)
            )
        wanted.append(asked.body)
        data = f"<C:calendar-data>{event('x')}</C:calendar-data>"
        return multistatus(*(part(href.replace("%40", "@"), data) for href, _ in listed))

    server.before = before
    batches = list(calendar.changes(None, {}))
    assert names(batches) == {"a@x.ics", "plain@x.ics", "%E9.ics"}
    assert f"<D:href>{CALENDAR}a%40x.ics</D:href>" in wanted[0]


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (Said(207, ""), UnreadableError),
        (multistatus(), UnreadableError),
        (
            Said(207, multistatus(part(CALENDAR, "<D:getetag>x</D:getetag>")).body[:-30]),
            UnreadableError,
        ),
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
    memo = {"url": server.url, "username": "sam", "homes": [HOME], "single": False, "rules": RULES}
    poll = account(server.url, memo)
    server.before = lambda asked: said
    with pytest.raises(kind) as caught:
        list(
            poll.calendars(NOW)
            if where == "poll"
            else calendar.changes(None, {f"{CALENDAR}a.ics": "1"})
        )
    assert "127.0.0.1" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_poll_that_does_not_say_what_the_home_holds_is_unreadable(server: Hostile) -> None:
    memo = {"url": server.url, "username": "sam", "homes": [HOME], "single": False, "rules": RULES}
    server.before = lambda asked: multistatus(
        part(HOME, "<D:resourcetype/>").replace("200 OK", "500 no")
    )
    with pytest.raises(UnreadableError, match="does not say"):
        account(server.url, memo).calendars(NOW)


def test_a_listing_cut_off_by_its_server_is_unreadable(
    server: Hostile, calendar: CalDAVCalendar
) -> None:
    full = (
        f"<D:response><D:href>{CALENDAR}</D:href><D:status>HTTP/1.1 507 x</D:status></D:response>"
    )
    server.before = lambda asked: multistatus(
        part(f"{CALENDAR}a.ics", "<D:getetag>1</D:getetag>"), full
    )
    with pytest.raises(UnreadableError, match="part"):
        list(calendar.changes(None, {}))


def test_an_entity_bomb_is_refused(server: Hostile, calendar: CalDAVCalendar) -> None:
    whole = multistatus(part(CALENDAR, "<S:getctag>&b;</S:getctag>")).body
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    server.before = lambda asked: Said(207, whole.replace("?>", f"?>{bomb}", 1))
    with pytest.raises(UnreadableError):
        calendar.current_version()


@pytest.mark.parametrize("undated", ["", "REPORT"])
@pytest.mark.parametrize("known_before", [True, False], ids=["a change", "the first reading"])
def test_a_change_in_the_second_of_the_reading_before_is_seen_by_the_next(
    server: Hostile, known_before: bool, undated: str
) -> None:
    """Where versions are whole seconds, the same token stands for what was and for what is still to
    come. The second is that of the server's clock, also where not every answer tells it."""
    server.second = 1_790_000_000
    server.undated = undated
    server.store("e0.ics", event("e0"))
    readings: list[list[Changes]] = []
    token = None
    if known_before:
        server.second += 60
        readings.append(list(only(account(server.url)).changes(None, {})))
        token = readings[0][-1].token
        server.store("e1.ics", event("e1"))
    here = only(account(server.url))
    assert here.version is None
    assert here.current_version() is None
    readings.append(list(here.changes(token, etags(*readings))))
    server.store("late.ics", event("late"))
    server.second += 900
    here = only(account(server.url))
    assert here.version is not None
    third = list(here.changes(readings[-1][-1].token, etags(*readings)))
    assert "late.ics" in names(third)
    assert third[-1].token == f"sync {server.token()}"
