"""Descriptions as Google keeps them, which is HTML, and back.

Google's programs show a description as HTML and make links of `<a href>`. Their editors turn line
breaks into `<br>` and put text into elements of their own. Here a description is plain text
everywhere else, so it is made HTML when it is written and text again when it is read: what a person
did not change reads as it was written.

A line that is nothing but a link to a message is shown by the line before it:
`<a href="mailto:…">Send the message to jane@example.com</a>`."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from html.parser import HTMLParser

from connectors.message_link import is_message_link

_BREAKS = frozenset({"br", "p", "div", "li", "tr", "ul", "ol"})


def as_html(text: str) -> str:
    """Plain text as HTML."""
    return "\n".join(_lines(text.split("\n")))


def as_text(html: str) -> str:
    """HTML as plain text; what already is plain text stays as it is."""
    if "<" not in html and "&" not in html:
        return html
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.text()


def _lines(lines: list[str]) -> Iterator[str]:
    shown = ""
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if is_message_link(line):
            yield f'<a href="{escape(line)}">{escape(shown.strip() or line, quote=False)}</a>'
        elif not is_message_link(following):
            yield escape(line, quote=False)
        elif not line.strip():
            yield ""
        shown = line


class _Reader(HTMLParser):
    """Collects the text, and the links to messages behind what shows them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self._link = ""

    def text(self) -> str:
        return "".join(self._parts)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BREAKS:
            self._parts.append("\n")
        elif tag == "a":
            link = dict(attrs).get("href") or ""
            self._link = link if is_message_link(link) else ""

    def handle_endtag(self, tag: str) -> None:
        if tag in _BREAKS and tag != "br":
            self._parts.append("\n")
        elif tag == "a" and self._link:
            if self._parts[-1:] != [self._link]:  # it shows itself
                self._parts.append(f"\n{self._link}")
            self._link = ""

    def handle_data(self, data: str) -> None:
        self._parts.append(data)
