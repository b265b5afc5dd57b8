"""The error tree: what happened and what to do next are two things."""

from __future__ import annotations

import pickle

from connectors.base import FikadError, MissingError
from connectors.caldav.failures import StrayError


def test_an_error_keeps_what_happened_apart_from_what_to_do() -> None:
    error = MissingError('"home" has no calendar "Work: new"', "name another one")
    assert (error.what, error.advice) == ('"home" has no calendar "Work: new"', "name another one")
    assert str(error) == '"home" has no calendar "Work: new": name another one'


def test_an_error_without_advice_is_what_happened() -> None:
    assert str(FikadError("nothing came")) == "nothing came"


def test_an_error_survives_being_handed_to_another_process() -> None:
    error = pickle.loads(pickle.dumps(MissingError("gone", "look again")))
    assert (error.what, error.advice) == ("gone", "look again")


def test_an_error_that_leads_elsewhere_has_both_too() -> None:
    error = StrayError("x points to y", "trust it", "https://y/")
    assert (error.what, error.advice, error.url) == ("x points to y", "trust it", "https://y/")
