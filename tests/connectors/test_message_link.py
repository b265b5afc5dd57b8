"""Links to messages, read back as programs for mail and text messages read them."""

from __future__ import annotations

import re
from email.headerregistry import Address
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.message_link import LONGEST, is_message_link, mail_link, sms_link

TEXTS = [
    "Hi Jane, how about coffee? Tuesday at 10:00.",
    'She said "yes" & that\'s 100% <b>fine</b>; #1/2 = ½ + more',
    "Grüße, Åsa!\nEine zweite Zeile: äöüß\n\nUnd Schluss.",
    "さくらさん、お元気ですか。☕🧡👩‍👧",
    "&subject=evil&bcc=mallory@example.com\r\nBcc: mallory@example.com",
]


def opened(link: str) -> tuple[str, dict[str, list[str]]]:
    """Whom a link is for and what it fills in, as RFC 6068 section 2 says."""
    parts = urlsplit(link)
    fields = parse_qs(parts.query.replace("+", "%2B"), strict_parsing=False)
    return unquote(parts.path), fields


@pytest.mark.parametrize("text", TEXTS)
def test_a_mail_opens_with_its_address_subject_and_text_and_nothing_else(text: str) -> None:
    link = mail_link("jane.doe+fika@example.com", "A café?", text)
    to, fields = opened(link)
    assert to == "jane.doe+fika@example.com"
    assert fields == {"subject": ["A café?"], "body": ["\r\n".join(text.splitlines())]}
    assert re.fullmatch(r"[!-~]+", link), "nothing at which a program ends a link"
    assert not re.search(r"[<>\"'()\s]|[.,:]$", link)
    assert is_message_link(link)


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_message_opens_with_its_number_and_text(text: str) -> None:
    to, fields = opened(sms_link("+49 (171) 234-56/7", text))
    assert to == "+491712345 67".replace(" ", "")
    assert fields == {"body": ["\r\n".join(text.splitlines())]}


@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=200),
    st.sampled_from(["o'brien@example.com", "jane&bob@example.com", "a?b#c%d@example.com"]),
)
def test_whatever_is_in_a_text_or_an_address_comes_out_again(text: str, address: str) -> None:
    to, fields = opened(mail_link(address, "x", text))
    assert Address(addr_spec=to).addr_spec == Address(addr_spec=address).addr_spec
    if "body" in fields:
        assert fields["body"] == [text]


def test_line_breaks_are_written_as_rfc_6068_wants_them() -> None:
    assert mail_link("j@example.com", "x", "one\ntwo").endswith("&body=one%0D%0Atwo")


def test_a_link_that_gets_too_long_opens_an_empty_message() -> None:
    long = "☕" * 200
    assert len(mail_link("j@example.com", "x", long)) <= LONGEST
    assert opened(mail_link("j@example.com", "x", long * 2)) == (
        "j@example.com",
        {"subject": ["x"]},
    )
    assert mail_link("j@example.com", long * 2, "") == ""
    assert sms_link("0171 23", long * 2) == "sms:017123"


@pytest.mark.parametrize(
    "text",
    ["https://example.com", "mailto:", "see mailto:j@example.com", "mailto:j@example.com now", ""],
)
def test_anything_else_is_no_link_to_a_message(text: str) -> None:
    assert not is_message_link(text)
