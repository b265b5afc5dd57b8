"""The page as text: nobody who is paused is on it, nothing in it is alive, and it needs nothing."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace

import pytest
from lxml import html

from connectors.message_link import is_message_link
from daemon.languages.language import shipped
from daemon.page.facts import facts_of
from daemon.page.page import SECTIONS, rendered
from tests.daemon.page.lives import HOSTILE, NAMES, life, life_config
from tests.daemon.world import person

MOST_BYTES = 300_000


def page(names: tuple[str, ...] = NAMES, title: str = "Coffee", **tables: object) -> str:
    return rendered(facts_of(life(life_config(names, **tables), title=title)))


def test_it_has_its_six_parts_and_everybody_in_words() -> None:
    root = html.fromstring(page())
    assert [section.get("id") for section in root.iter("section")] == [*SECTIONS]
    rows = {row.text_content().strip() for row in root.xpath("//section[@id='year']//tr/th")}
    assert set(NAMES) <= rows
    table = root.xpath("//section[@id='circles']//table")[0].text_content()
    assert all(name in table for name in NAMES)


def test_nobody_who_is_paused_is_anywhere_on_it() -> None:
    paused = [person("Jane Doe", paused=True, birthday="11-28"), person("Bob Ray")]
    text = page(contacts=paused)
    assert "Bob Ray" in text
    assert "Jane" not in text


@pytest.mark.parametrize("name", HOSTILE)
def test_names_and_titles_are_text_and_nothing_else(name: str) -> None:
    root = html.fromstring(page((name, "Bob Ray"), title=name))
    assert not root.xpath("//script | //img | //*[@onerror or @onload or @style]")
    assert all(is_message_link(link) for link in root.xpath("//a/@href") if link[0] != "#")
    assert name in root.text_content()


def test_its_policy_allows_the_one_style_sheet_in_it_and_nothing_else() -> None:
    text = page()
    root = html.fromstring(text)
    policy = root.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    assert not re.search(r"url\(|@import|https?://", text)


def test_a_hundred_and_fifty_people_and_a_full_year_are_below_300_kB() -> None:
    settings = life_config(tuple(f"Somebody Longname-{number:03}" for number in range(150)))
    text = rendered(facts_of(life(settings, meetings=10_000, holds=600)))
    assert len(text.encode()) < MOST_BYTES


@pytest.mark.parametrize("names", [(), ("Jane Doe",)])
@pytest.mark.parametrize("meetings", [0, 40])
def test_nobody_and_one_person_are_people_enough(names: tuple[str, ...], meetings: int) -> None:
    text = rendered(facts_of(life(life_config(names), meetings=meetings, holds=0)))
    assert ("Jane Doe" if names else "fikad contacts add") in text


def test_what_could_not_be_read_is_told_and_no_time_is_offered_then() -> None:
    situation = life(life_config())
    known, doubtful = facts_of(situation), facts_of(situation, ("work",))
    assert "work" in rendered(doubtful)
    for silent in ("quiet", "old"):
        for well, ill in zip(
            getattr(known, silent).worth, getattr(doubtful, silent).worth, strict=True
        ):
            assert len(ill.message.text) < len(well.message.text)
    assert known.quiet.worth


@pytest.mark.parametrize("code", shipped())
def test_it_is_written_in_every_language(code: str) -> None:
    facts = facts_of(life(life_config(language=code)))
    root = html.fromstring(rendered(facts))
    english = html.fromstring(rendered(replace(facts, config=life_config())))
    assert root.get("lang", "").startswith(code)
    headings = {heading.text_content() for heading in root.iter("h1", "h2", "h3", "caption")}
    assert code == "en" or not headings & {
        heading.text_content() for heading in english.iter("h1", "h2", "h3", "caption")
    }
