"""Somebody who looks at a page in a browser, and what they notice."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_BEYOND = """() => [...document.body.querySelectorAll("*")].filter(each => {
    const box = each.getBoundingClientRect();
    return box.width && !each.closest("svg *") && box.right > innerWidth + 1;
}).map(each => each.outerHTML.slice(0, 120))"""
"""What stands out of the window on the right."""


@dataclass(slots=True)
class Looking:
    """A browser window on a page that lies on the disk."""

    browser: Browser
    file: Path
    requests: list[str] = field(default_factory=list)
    """What was asked for beside the page itself."""
    messages: list[str] = field(default_factory=list)
    """What stands in the console."""
    windows: list[Page] = field(default_factory=list)

    def open(
        self,
        text: str,
        width: int = 1280,
        *,
        scheme: Literal["light", "dark"] = "light",
        media: Literal["screen", "print"] = "screen",
    ) -> Page:
        """The page in a window so many pixels wide."""
        self.file.write_text(text, encoding="utf-8")
        page = self.browser.new_page(
            viewport={"width": width, "height": 900}, color_scheme=scheme, service_workers="block"
        )
        self.windows.append(page)
        page.emulate_media(media=media, color_scheme=scheme)
        address = self.file.as_uri()
        page.on("request", lambda request: self._note(request.url, address))
        page.on("console", lambda message: self.messages.append(message.text))
        page.on("pageerror", lambda error: self.messages.append(str(error)))
        page.on("dialog", lambda dialog: self.messages.append(dialog.message))
        page.goto(address, wait_until="load")
        return page

    def complaints(self, page: Page) -> list[str]:
        """What axe finds fault with."""
        report: dict[str, Any] = Axe().run(page, options={"runOnly": _RULES}).response
        return [
            f"{fault['id']}: {node['html'][:160]} {node['failureSummary']}"
            for fault in report["violations"]
            for node in fault["nodes"]
        ]

    def beyond(self, page: Page) -> list[str]:
        """What one would have to scroll sideways for."""
        wide = page.evaluate("document.scrollingElement.scrollWidth > innerWidth")
        return [*(["the page"] if wide else []), *page.evaluate(_BEYOND)]

    def close(self) -> None:
        for page in self.windows:
            page.close()

    def _note(self, url: str, address: str) -> None:
        if url != address:
            self.requests.append(url)
