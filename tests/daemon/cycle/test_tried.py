"""How `make interrupt` goes on where it was."""

from __future__ import annotations

import json
from dataclasses import asdict

from tests.daemon.cycle.tried import Tried, resumed


def test_it_goes_on_while_the_poll_and_the_code_are_the_same() -> None:
    kept = Tried(30, 5, {"daemon/a.py": "abc", "daemon/b.py": "def"}, following=15)
    text, new = json.dumps(asdict(kept)), Tried(30, 5)
    now = {"daemon/a.py": "abc", "daemon/b.py": "def", "daemon/c.py": "was not loaded"}
    assert resumed(text, new, now.__getitem__) == kept
    assert kept.count == 3
    assert resumed("", new, now.__getitem__) == new


def test_it_begins_anew_when_a_module_changed_or_the_poll_has_other_steps() -> None:
    text = json.dumps(asdict(Tried(30, 5, {"daemon/a.py": "abc"}, 15, ["a fault"])))
    new = Tried(30, 5)
    assert resumed(text, new, {"daemon/a.py": "changed"}.__getitem__) == new
    other = Tried(31, 5)
    assert resumed(text, other, {"daemon/a.py": "abc"}.__getitem__) == other
    every = Tried(30, 1)
    assert resumed(text, every, {"daemon/a.py": "abc"}.__getitem__) == every
