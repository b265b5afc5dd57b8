"""Changing one contact in a config: their lines change, and not a byte of the rest."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from daemon.setup.config_writer import ConfigWriteError, with_contact
from daemon.setup.contact_editing import ContactChange, with_changed_contact, without_contact

EXAMPLE = (Path(__file__).parents[3] / "config.example.toml").read_text()
CONFIG = """\
# top
timezone = "Europe/Berlin"   # home

# the inner ones
[[contacts]]   # Jane!
name = "Jane Doe"   # since school
# her addresses
emails = [
  "jane@example.org",  # home
  "jd@work.example",   # work
]
circle   =   "friends"
# Bob is my brother
[[contacts]]
name = "Bob"
tags = ['''[[contacts]]
[x]
''']

# ----- Rhythm -----

[rhythm]
per_week   = 2
[[contacts]]
name = "Ann" # comes late
"""


def contacts(text: str) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = tomllib.loads(text).get("contacts", [])
    return listed


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_an_edit_changes_the_lines_it_is_about_and_no_other_byte(newline: str) -> None:
    before = CONFIG.replace("\n", newline)
    jane = {
        "name": "Jane Roe",
        "emails": ["jane@example.org", "j@x.example"],
        "circle": "friends",
        "kin": True,
    }
    after = with_changed_contact(before, 0, jane)
    assert contacts(after)[0] == jane
    expected = CONFIG.replace('"Jane Doe" ', '"Jane Roe" ')
    expected = expected.replace('  "jd@work.example",   # work\n', '  "j@x.example",\n')
    expected = expected.replace('"friends"\n# Bob', '"friends"\nkin = true\n# Bob')
    assert after == expected.replace("\n", newline)


def test_keys_are_taken_away_and_put_in_before_what_heads_the_next_section() -> None:
    after = with_changed_contact(CONFIG, 1, {"name": "Bob", "circle": "friends"})
    tags = "tags = ['''[[contacts]]\n[x]\n''']\n"
    assert after == CONFIG.replace(tags, 'circle = "friends"\n')


def test_what_says_the_same_already_is_left_as_it_is() -> None:
    assert with_changed_contact(CONFIG, 0, contacts(CONFIG)[0]) == CONFIG


def test_somebody_removed_takes_their_own_lines_along_and_nothing_else() -> None:
    after = without_contact(CONFIG, 0)
    start, end = CONFIG.index("[[contacts]]   #"), CONFIG.index("# Bob is")
    assert after == CONFIG[:start] + CONFIG[end:]
    assert without_contact(CONFIG, 2) == CONFIG[: CONFIG.rindex("[[contacts]]")]


@pytest.mark.parametrize("text", ["", "[holds]\n", CONFIG, EXAMPLE, EXAMPLE.rstrip()])
def test_who_is_added_and_removed_leaves_no_trace(text: str) -> None:
    added = with_contact(text, {"name": "Zoe", "emails": ["zoe@example.org"]})
    assert contacts(added)[-1]["name"] == "Zoe"
    assert without_contact(added, len(contacts(text))).strip() == text.strip()


def test_who_is_added_is_all_that_changes() -> None:
    added = with_contact(EXAMPLE, {"name": "Zoe"})
    new = '\n[[contacts]]\nname = "Zoe"\n'
    assert new in added
    assert added.replace(new, "", 1) == EXAMPLE


def test_contacts_in_a_list_are_changed_there() -> None:
    text = 'contacts = [{ name = "X", emails = ["a@b.c"] }, { name = "Y" }] # theirs\n[holds]\n'
    after = with_changed_contact(text, 0, {"name": "X", "circle": "friends"})
    assert contacts(after) == [{"name": "X", "circle": "friends"}, {"name": "Y"}]
    assert after.endswith(', { name = "Y" }] # theirs\n[holds]\n')
    assert without_contact(text, 0) == 'contacts = [{ name = "Y" }] # theirs\n[holds]\n'


def test_a_layout_that_cannot_be_changed_is_left_to_the_user() -> None:
    text = '[[contacts]]\nname = "X"\n[contacts.more]\nx = 1\n'
    with pytest.raises(ConfigWriteError, match="by hand"):
        with_changed_contact(text, 0, {"name": "Y"})


def test_lists_grow_and_shrink_and_go_when_they_are_empty() -> None:
    jane = {"name": "Jane", "emails": ["a@x.example", "b@x.example"], "tags": ["x"], "kin": True}
    change = ContactChange(
        values={"circle": "friends"},
        dropped=frozenset({"kin"}),
        added={"emails": ("c@x.example", "b@x.example"), "aliases": ("Janie",)},
        taken={"emails": ("A@x.example",), "tags": ()},
    )
    assert list(change.applied(jane).items()) == [
        ("name", "Jane"),
        ("emails", ["b@x.example", "c@x.example"]),
        ("aliases", ["Janie"]),
        ("circle", "friends"),
    ]
    assert jane["tags"] == ["x"], "the entry itself is left alone"
    assert not ContactChange()
