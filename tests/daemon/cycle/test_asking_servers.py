"""Whom servers are asked for, and what they say together."""

from __future__ import annotations

from datetime import timedelta

from connectors.errors import UnreachableError
from daemon.cycle.asking_servers import ask_servers, news, whom_to_ask_for
from daemon.people.contacts import Contact
from daemon.planning.busy import TimeSpan
from daemon.planning.known_busy import KnownBusy
from tests.daemon.cycle.test_free_busy import ALWAYS, BOB, JANE, MAIL, Source, a_fikad
from tests.daemon.world import SUNDAY
from tests.memory import MemoryAccount

WEEK = timedelta(weeks=1)
ANN = Contact("ann lee", "Ann Lee", WEEK, emails=frozenset({"ann@example.com"}))
PEOPLE = (
    Contact("jane doe", JANE, WEEK, emails=frozenset({MAIL[JANE]})),
    Contact("bob ray", BOB, WEEK, emails=frozenset({MAIL[BOB]})),
    ANN,
)
SPAN = (TimeSpan(ALWAYS[0].start, ALWAYS[0].end),)


def told(*sources: Source | None) -> KnownBusy:
    """What accounts with these sources say: `a`, `b`, and so on."""
    accounts = [
        MemoryAccount(name, free_busy=source)
        for name, source in zip("abcdef", sources, strict=False)
    ]
    return ask_servers(PEOPLE, accounts, WEEK, SUNDAY)


def test_each_account_is_asked_for_whom_none_before_it_knew() -> None:
    """One that cannot be asked, or fails, leaves the others to be asked."""
    down = Source(down=UnreachableError("the server is down"))
    closed = Source(why_not="log in anew")
    first = Source({MAIL[JANE]: ALWAYS})
    second = Source({MAIL[JANE]: (), MAIL[BOB]: ()})
    known = told(None, down, closed, first, second)
    assert known == KnownBusy(
        SUNDAY,
        {"jane doe": SPAN, "bob ray": ()},
        frozenset({"ann lee"}),
        {"b": "the server is down"},
    )
    assert down.asked == first.asked == [{*MAIL.values(), "ann@example.com"}]
    assert closed.asked == []
    assert second.asked == [{MAIL[BOB], "ann@example.com"}]


def test_once_everybody_is_known_nobody_else_is_asked() -> None:
    everybody = {*MAIL.values(), "ann@example.com"}
    first, second = Source(dict.fromkeys(everybody, ())), Source()
    assert told(first, second).unknown == frozenset()
    assert second.asked == []


def test_where_nobody_could_be_asked_it_is_said_why() -> None:
    none = {"": "none of your accounts has a server that can be asked when others are busy"}
    assert told().troubles == told(None).troubles == none
    closed, down = Source(why_not="log in anew"), Source(down=UnreachableError("down"))
    assert told(closed, None).troubles == {"a": "log in anew"}
    assert told(closed, down).troubles == {"b": "down"}
    assert told(closed, Source()).troubles == {}


def test_only_troubles_that_are_new_are_news() -> None:
    before = KnownBusy(troubles={"a": "down", "b": "down"})
    now = KnownBusy(troubles={"a": "down", "b": "log in anew", "c": "down"})
    assert news(before, now) == (("b", "log in anew"), ("c", "down"))
    assert news(now, before) == (("b", "down"),)


def test_nobody_is_asked_for_where_nobody_wants_that_or_would_be_planned() -> None:
    fikad, _ = a_fikad()
    fikad.once("none")
    situation = fikad.situation()
    assert [contact.key for contact in whom_to_ask_for(situation, anew=True)] == ["jane doe"]
    for other in (a_fikad(rhythm={"per_week": 0})[0], a_fikad(contacts=[])[0]):
        other.once("none")
        assert whom_to_ask_for(other.situation(), anew=True) == ()
