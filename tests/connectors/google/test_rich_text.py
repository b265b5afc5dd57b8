"""Descriptions as Google keeps them: HTML, and what Google's editors make of it."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.google.rich_text import as_html, as_text
from connectors.message_link import mail_link

LINK = mail_link("jane@example.com", "Coffee?", "Hi <Jane> & Bob, how about 'Tuesday'?")
TEXT = f'Your note: a < b & "c"\n\nyes: remove the "?"\n\nSend the message to jane@x\n{LINK}'


class _Links(HTMLParser):
    """The links of a page, as a browser has them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str | None] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name == "href"]


def test_a_link_to_a_message_is_behind_the_line_before_it_and_nothing_else_is_markup() -> None:
    page = _Links(as_html(TEXT))
    assert page.tags == ["a"]
    assert page.links == [LINK]
    assert ">Send the message to jane@x</a>" in as_html(TEXT)
    assert f"\n{LINK}" not in as_html(TEXT)


def test_what_was_written_is_read_as_it_was() -> None:
    assert as_text(as_html(TEXT)) == TEXT


@pytest.mark.parametrize(
    "edit",
    [
        lambda html: html.replace("\n", "<br>"),
        lambda html: html.replace("\n", "<br />\n"),
        lambda html: "".join(f"<p>{line}</p>" for line in html.split("\n")),
        lambda html: f"<html-blob><span>{html.replace(chr(10), '<br>')}</span></html-blob>",
        lambda html: html.replace('"?"', "&quot;?&quot;"),
        lambda html: html.replace("<a ", '<a target="_blank" class="pastedDriveLink-0" '),
    ],
)
def test_what_an_editor_makes_of_it_reads_the_same(edit) -> None:
    assert as_text(edit(as_html(TEXT))).split() == TEXT.split()


@given(st.text(alphabet="<>&;\"'ab \nmailto:x@y?é☕", max_size=60))
def test_any_text_comes_back(text: str) -> None:
    assert as_text(as_html(text)).split() == text.split()


def test_links_elsewhere_are_text() -> None:
    assert as_text('<a href="https://example.com/?a=1&amp;b">here</a>') == "here"
    assert as_text('<a href="javascript:alert(1)">here</a>') == "here"
    assert as_text("plain & simple") == "plain & simple"
