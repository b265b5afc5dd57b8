"""Language and country as the system has them."""

from __future__ import annotations

import pytest

from daemon.setup.system_locale import system_country, system_language


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "de_DE.UTF-8"}, "de"),
        ({"LANG": "de_DE.UTF-8", "LC_MESSAGES": "sv_SE"}, "sv"),
        ({"LANG": "de_DE.UTF-8", "LC_MESSAGES": "sv_SE", "LC_ALL": "ja_JP.eucJP"}, "ja"),
        ({"LANG": "fr_CA@euro", "LC_ALL": ""}, "fr"),
        ({"LANG": "pt"}, "pt"),
        ({"LANG": "no_NO.UTF-8"}, "nb"),
        ({"LANG": "nn_NO.UTF-8"}, "nb"),
        ({"LANG": "fi_FI.UTF-8"}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "POSIX"}, "en"),
        ({}, "en"),
    ],
)
def test_the_language_is_that_of_the_systems_messages_if_fikad_speaks_it(
    environment: dict[str, str], language: str
) -> None:
    assert system_language(environment) == language


@pytest.mark.parametrize(
    ("environment", "zone", "country"),
    [
        ({"LANG": "en_US.UTF-8"}, "Europe/Berlin", "DE"),
        ({"LANG": "de_AT.UTF-8"}, "UTC", "AT"),
        ({"LANG": "en_US.UTF-8", "LC_TIME": "sv_SE.UTF-8"}, "Etc/UTC", "SE"),
        ({"LANG": "C.UTF-8"}, "US/Eastern", "US"),
        ({"LANG": "C.UTF-8"}, "Asia/Calcutta", "IN"),
        ({"LANG": "C.UTF-8"}, "UTC", ""),
        ({"LANG": "eo"}, "UTC", ""),
    ],
)
def test_the_country_is_that_of_the_zone_else_that_of_the_locale(
    environment: dict[str, str], zone: str, country: str
) -> None:
    assert system_country(environment, zone) == country
