"""The error tree: what happened and what to do next are two things."""

from __future__ import annotations

import pickle
import re

import pytest

import connectors.errors
from connectors.dav.failures import StrayError
from connectors.errors import (
    AccountError,
    CredentialsError,
    FikadError,
    MissingError,
    RefusedError,
    SecretError,
)
from daemon.config.errors import ConfigError


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


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (FikadError, 1),
        (ConfigError, 10),
        (CredentialsError, 11),
        (SecretError, 11),
        (AccountError, 12),
        (MissingError, 12),
        (StrayError, 12),
        (RefusedError, 13),
    ],
)
def test_a_command_that_ends_with_an_error_exits_with_its_code(
    error: type[FikadError], code: int
) -> None:
    assert error.exit_code == code


def test_the_tree_is_drawn_as_it_is() -> None:
    """Every class of the module, at the depth at which it stands."""
    drawn = {
        name: len(indent) // 3
        for indent, name in re.findall(
            r"^    ([ │├└─]*)(\w+Error)\b", connectors.errors.__doc__ or "", re.MULTILINE
        )
    }
    classes = {
        name: kind for name, kind in vars(connectors.errors).items() if name.endswith("Error")
    }
    standing = {name: kind.__mro__.index(FikadError) for name, kind in classes.items()}
    assert drawn == standing | {"ConfigError": 1}
