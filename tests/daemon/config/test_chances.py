"""People for whom nothing can ever be suggested are named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from daemon.config.chances import never_suggested, warnings
from daemon.config.schema import Config


def config(*occasions: str, **tables: object) -> Config:
    contact = {"name": "Jane Doe", "occasions": list(occasions)}
    return Config.model_validate({"contacts": [contact], **tables})


def test_drinks_under_the_usual_working_hours_are_never_suggested() -> None:
    settings = config("drinks")
    assert never_suggested(settings, settings.people[0]) == (
        "you are never available at the times for drinks",
        "widen [availability], or name another occasion",
    )
    [(told, _)] = warnings(settings, settings.people)
    assert (
        told == "Jane Doe can never be suggested: you are never available at the times for drinks"
    )


@pytest.mark.parametrize(
    ("occasions", "tables"),
    [
        (("drinks", "coffee"), {}),
        (("drinks",), {"availability": {"friday": ["17:00-23:00"]}}),
        (("drinks",), {"occasions": {"drinks": {"between": ["16:00-20:00"]}}}),
    ],
)
def test_one_occasion_that_fits_is_enough(
    occasions: tuple[str, ...], tables: dict[str, object]
) -> None:
    settings = config(*occasions, **tables)
    assert not list(warnings(settings, settings.people))


@pytest.mark.parametrize(
    "tables",
    [
        {"availability": {"friday": ["17:00-19:59"]}},
        {"availability": {"friday": ["17:00-23:00"]}, "occasions": {"drinks": {"days": ["sat"]}}},
    ],
)
def test_its_whole_length_must_fit_on_one_of_its_days(tables: dict[str, object]) -> None:
    settings = config("drinks", **tables)
    assert list(warnings(settings, settings.people))


def test_nobody_who_is_paused_is_named() -> None:
    settings = config("drinks")
    assert not list(
        warnings(settings, [replace(contact, paused=True) for contact in settings.people])
    )
