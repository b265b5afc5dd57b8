"""The languages of a calendar are guessed from its titles."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemon.discovery.languages import guess_languages, in_words, unread
from tests.daemon.languages.test_labelled_titles import LISTS, titles
from tests.daemon.people.test_labelled_titles import TITLES as ENGLISH


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)
def test_each_language_is_told_from_its_neighbours(path: Path) -> None:
    own, english = [title for _, title in titles(path)], [title for _, title in ENGLISH]
    assert guess_languages(own) == (path.stem,)
    assert set(guess_languages(own + english[: len(own)])) == {path.stem, "en"}


def test_where_no_title_tells_nothing_is_said() -> None:
    assert guess_languages(["Standup", "Standup", "???"]) == ()
    assert in_words(()) == unread(["Standup"], ()) == ""


def test_what_is_not_read_is_said_with_what_to_write() -> None:
    german = [title for path in LISTS if path.stem == "de" for _, title in titles(path)]
    assert unread(german, ("sv",)) == (
        'Your titles look German. Write languages = ["sv", "de"] in the config, so that all of '
        "them are read."
    )
    assert unread(german, ("de",)) == ""
