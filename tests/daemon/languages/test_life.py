"""The whole life of a hold in every language, on a real server, and in one that nobody shipped."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from daemon.languages import language as languages
from daemon.languages.language import language, shipped
from daemon.languages.vocabulary import vocabulary
from daemon.languages.writing import writer
from daemon.people.contacts import Contact, ContactIndex
from tests.connectors.backends import NOW
from tests.daemon.cycle.user_edits import opened
from tests.daemon.world import HOLDS, Clock, Fikad, config

PEOPLE = (
    "Ada Quill",
    "Ben Reed",
    "Cleo Park",
    "Dora Finch",
    "Emil Stone",
    "Finn Moss",
    "Greta Hall",
)
FILES = {"home": {"type": "files", "path": "/", "calendars": [HOLDS]}}
INVENTED = "tlh"
_WORDS = {
    "coffee": "qavin", "lunch": "megaq", "with": "jeva", "skip": "ghobe", "snooze": "loste",
    "week": "hogh",
    "weeks": "hoghmey", "never": "notova", "met": "qihta",
}  # fmt: skip


def forget() -> None:
    """Let everything that was read of language files be read anew."""
    for name, module in list(sys.modules.items()):
        if name.startswith("daemon.") and module is not None:
            for thing in vars(module).values():
                if callable(getattr(thing, "cache_clear", None)) and hasattr(thing, "__wrapped__"):
                    thing.cache_clear()


@pytest.fixture
def invented(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A language that is one more file beside the others: English with other words, and two
    sentences of its own."""
    home = tmp_path / "languages"
    shutil.copytree(
        Path(languages.__file__).parent,
        home,
        ignore=lambda _, names: [n for n in names if "toml" not in n],
    )
    text = (home / "en.toml").read_text(encoding="utf-8").replace('"English"', '"Klingonaase"', 1)
    head, sentences = text.split("[text]")
    for english, own in _WORDS.items():
        head = head.replace(f'"{english}"', f'"{own}"').replace(f'"{english} ', f'"{own} ')
    head = head.replace("Coffee with {name}?", "Qavin jeva {name}?")
    kept = sentences.replace("To answer, change this entry", "Jang: change this entry").replace(
        '"snooze 3 weeks"', '"loste 3 hoghmey"'
    )
    kept = re.sub(r"(?m)^note = .*\n", "", kept)
    (home / f"{INVENTED}.toml").write_text(f"{head}[text]{kept}", encoding="utf-8")
    monkeypatch.setattr(languages, "_HOME", home)
    forget()
    yield INVENTED
    monkeypatch.undo()
    forget()


def live(code: str, folder: Path) -> None:
    """Written, accepted, refused, put off, met, dragged and saved by a client that writes the event
    its own way; then the ledger is lost and the config says another language."""
    orders, other = language(code).orders, "de" if code != "de" else "sv"
    label = writer(code).say("answer-later")
    snooze = next(
        title
        for title in re.findall(r"[\"“”„«「]\s?([^\"“”„«»「」]+?)\s?[\"“”»」]", label)
        if title != "?"
    )
    with opened("radicale-http", folder, HOLDS) as (backend, place, hands):
        fikad = Fikad(
            config(*PEOPLE, accounts=FILES, language=code),
            lambda name: backend.account(),
            Clock(NOW),
        )
        for who in PEOPLE:
            fikad.ledger.add_met(who.lower(), NOW - timedelta(weeks=8), NOW)
        asked = {hold.contact_name: hold for hold in fikad.once().holds["proposed"]}
        assert set(asked) == set(PEOPLE)
        for who, hold in asked.items():
            assert hold.draft.title == language(code).occasions["coffee"].replace("{name}", who)
            assert writer(code).say("answer") in hold.draft.description
        yes = asked["Ada Quill"].draft.title.rstrip("? ")
        for who, what, value in (
            ("Ada Quill", "title", yes), ("Ben Reed", "title", orders.skip[0]),
            ("Cleo Park", "title", snooze),
            ("Dora Finch", "title", orders.met[0]), ("Emil Stone", "drag", "3"),
            ("Finn Moss", "save", ""),
            ("Greta Hall", "title", orders.never[0]),
        ):  # fmt: skip
            hands.change(asked[who].uid, what, value)
        fikad.once("none")
        states = {who: fikad.holds()[asked[who].uid].state for who in PEOPLE}
        assert states == {
            "Ada Quill": "accepted", "Ben Reed": "dismissed", "Cleo Park": "withdrawn",
            "Dora Finch": "withdrawn",
            "Emil Stone": "pinned", "Finn Moss": "proposed", "Greta Hall": "dismissed",
        }  # fmt: skip
        left = backend.contents(place)
        anew = Fikad(
            config(*PEOPLE, accounts=FILES, language=other),
            lambda name: backend.account(),
            Clock(NOW),
        )
        anew.once("none")
        assert backend.contents(place) == left
        assert anew.holds()[asked["Finn Moss"].uid].state in ("proposed", "pinned")
        hands.change(asked["Finn Moss"].uid, "title", orders.skip[0])
        anew.once("none")
        assert anew.holds()[asked["Finn Moss"].uid].state == "dismissed"


@pytest.mark.parametrize("code", shipped())
def test_a_hold_lives_in_every_language(code: str, tmp_path: Path) -> None:
    live(code, tmp_path)


def test_a_language_is_added_by_a_file_alone(invented: str, tmp_path: Path) -> None:
    live(invented, tmp_path / "life")
    jane = Contact("jane", "Jane Doe", timedelta(30))
    index = ContactIndex([jane], vocabulary=vocabulary((invented,)))
    assert index.named("Qavin jeva Jane").contacts == (jane,)
    assert index.named("Qavin jeva Jane").code == ""


def test_a_sentence_that_a_language_lacks_is_said_in_english(invented: str) -> None:
    assert writer(invented).say("note", note="x") == "Your note: x"
    assert writer(invented).say("answer").startswith("Jang:")
