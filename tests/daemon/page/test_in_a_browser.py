"""The page in a real browser: it asks for nothing, runs nothing, and everybody can use it."""

from __future__ import annotations

from functools import cache

import pytest

from daemon.page.facts import facts_of
from daemon.page.page import SECTIONS, rendered
from tests.daemon.page.lives import HOSTILE, NAMES, life, life_config
from tests.daemon.page.looking import Looking

CROWD = tuple(f"Somebody Longname-{number:03}" for number in range(150))
LIVES: dict[str, tuple[tuple[str, ...], int, int]] = {
    "some": (NAMES, 120, 40),
    "nobody": ((), 0, 0),
    "one": (NAMES[:1], 30, 5),
    "nothing yet": (NAMES, 0, 0),
    "a crowd": (CROWD, 2_000, 300),
}
"""Names, meetings, holds."""


@cache
def text(which: str = "some", language: str = "en") -> str:
    names, meetings, holds = LIVES[which]
    settings = life_config(names, language=language)
    return rendered(facts_of(life(settings, meetings=meetings, holds=holds)))


def test_it_asks_for_nothing_and_says_nothing_whatever_people_are_called(looking: Looking) -> None:
    settings = life_config((*HOSTILE, "Jane Doe"))
    page = looking.open(rendered(facts_of(life(settings, title=HOSTILE[0]))))
    assert page.title() == "How your fika is going"
    assert page.locator("section").count() == len(SECTIONS)
    assert (looking.requests, looking.messages) == ([], [])


def test_its_policy_holds_back_what_would_get_in(looking: Looking) -> None:
    """Proof that the test above would notice."""
    alive = text().replace(
        "</main>",
        '<img src="https://example.invalid/x.png"><script>document.title=1</script></main>',
    )
    page = looking.open(alive)
    assert page.title() == "How your fika is going"
    assert looking.messages


@pytest.mark.parametrize("which", LIVES)
def test_axe_finds_nothing_and_nobody_scrolls_sideways(looking: Looking, which: str) -> None:
    page = looking.open(text(which))
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert looking.complaints(page) == []
    for width in (1280, 768, 320):
        page.set_viewport_size({"width": width, "height": 900})
        assert looking.beyond(page) == []


def test_axe_finds_nothing_in_the_dark(looking: Looking) -> None:
    page = looking.open(text(), 768, scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(26, 22, 19)"
    assert looking.complaints(page) == []


@pytest.mark.parametrize("language", ["de", "ja", "pl"])
def test_long_words_and_other_scripts_fit_a_phone(looking: Looking, language: str) -> None:
    page = looking.open(text("some", language), 320)
    assert looking.beyond(page) == []


def test_the_keyboard_reaches_everything(looking: Looking) -> None:
    page = looking.open(text())
    reached = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        outline = "getComputedStyle(document.activeElement).outlineStyle"
        if page.evaluate("document.activeElement !== document.body"):
            assert page.evaluate(outline) != "none"
        reached.add(page.evaluate("document.activeElement.outerHTML"))
    for control in page.locator("a, summary").all():
        assert control.evaluate("each => each.outerHTML") in reached
    summary = page.locator("summary").first
    summary.focus()
    page.keyboard.press("Enter")
    assert page.locator("details").first.evaluate("each => each.open")


def test_on_paper_there_is_what_paper_can_show(looking: Looking) -> None:
    page = looking.open(text(), 768, scheme="dark", media="print")
    assert not page.locator("nav").is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert looking.beyond(page) == []
