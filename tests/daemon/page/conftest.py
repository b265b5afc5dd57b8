"""A real browser, one for all tests of a worker: Debian's Chromium, where it is installed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.daemon.page.looking import Looking

_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""It runs as root where tests do, and has nothing to ask anybody."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no Chromium is installed (Debian's package: chromium)")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=[*_FLAGS])
        yield started
        started.close()


@pytest.fixture
def looking(browser: Browser, tmp_path: Path) -> Iterator[Looking]:
    """Somebody who opens pages from the disk."""
    somebody = Looking(browser, tmp_path / "fika.html")
    yield somebody
    somebody.close()
