"""WebDAV answers: what is one, and the addresses in it."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from connectors.dav import multistatus
from connectors.dav.multistatus import DAV, Multistatus, member_of, normal, parse
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


HREFS = st.lists(
    st.sampled_from(
        [*("/", "//", "a", "é", "%2F", "%e9", "%", "@", ":", "://", "?", "#", " ", "..", "~", "\n")]
    ),
    max_size=8,
).map("".join)


@settings(max_examples=300)
@given(HREFS)
@example("/sam/life/event-1@example.com.ics")
def test_a_path_that_is_normal_already_is_left_as_it_is(href: str) -> None:
    short = normal(href)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(multistatus, "_NORMAL_PATH", re.compile(r"(?!)"))
        assert normal(href) == short


def test_only_the_properties_that_a_resource_has_are_given() -> None:
    body = """<multistatus xmlns='DAV:' xmlns:X='x'><response>
    <propstat><prop><getetag>"1"</getetag><X:empty/></prop><prop><X:more>2</X:more></prop></propstat>
    <propstat><status>HTTP/1.1 404 Not Found</status><prop><owner>nobody</owner></prop></propstat>
    <propstat><prop><X:late>3</X:late></prop><status>HTTP/1.1 200 OK</status>
      <status>HTTP/1.1 404 Not Found</status></propstat>
    <href> /a/b </href></response><sync-token> t1 </sync-token>
    <response><status>HTTP/1.1 404 Not Found</status><href>/a/c</href></response></multistatus>"""
    answer = parse(body.encode(), "dav.example", "CalDAV")
    first, second = answer.parts
    assert answer.sync_token == "t1"
    assert (first.href, first.status, second.href, second.status) == ("/a/b", 200, "/a/c", 404)
    assert {tag: first.text(tag) for tag in first.props} == {
        f"{DAV}getetag": '"1"',
        "{x}empty": None,
        "{x}more": "2",
        "{x}late": "3",
    }


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
