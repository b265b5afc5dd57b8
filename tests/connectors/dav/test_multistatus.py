"""WebDAV answers: what is one, and the addresses in it."""

from __future__ import annotations

import pytest

from connectors.dav.multistatus import Multistatus, member_of, normal, parse
from connectors.errors import UnreadableError


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


def test_a_question_mark_that_a_server_left_in_a_name_belongs_to_the_name() -> None:
    body = (
        b"<multistatus xmlns='DAV:'><response><href>/a/what?=1.ics</href></response></multistatus>"
    )
    [part] = parse(body, "dav.example", "CalDAV").parts
    assert normal(part.href) == "/a/what%3F=1.ics"


@pytest.mark.parametrize(
    "body", ["", " ", "<html/>", "<a><D:multistatus xmlns:D='DAV:'/></a>", "BEGIN:VCALENDAR", "\0"]
)
def test_only_a_whole_multistatus_is_an_answer(body: str) -> None:
    with pytest.raises(UnreadableError, match=r"dav\.example"):
        parse(body.encode(), "dav.example", "CalDAV")
    assert parse(b"<multistatus xmlns='DAV:'/>", "dav.example", "CalDAV") == Multistatus(())
