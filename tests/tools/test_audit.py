"""What `make audit` makes of what others report."""

from __future__ import annotations

import json
from collections.abc import Mapping

from tools.audit import by_licence, known_flaws, with_licences


def report(*packages: Mapping[str, object]) -> str:
    return json.dumps({"dependencies": packages, "fixes": []})


FLAW = {"id": "PYSEC-2026-1", "fix_versions": ["1.2"], "aliases": [], "description": "bad"}
SOUND = {"name": "sound", "version": "1.0", "vulns": []}
FLAWED = {"name": "flawed", "version": "1.1", "vulns": [FLAW, {**FLAW, "fix_versions": []}]}
UNASKED = {"name": "unasked", "skip_reason": "Dependency not found and could not be audited"}


def test_every_known_flaw_is_named_with_the_version_that_mends_it():
    flaws, sentence = known_flaws(report(SOUND, FLAWED))
    assert flaws == [
        "flawed 1.1: PYSEC-2026-1 (mended in 1.2)",
        "flawed 1.1: PYSEC-2026-1 (mended in no version yet)",
    ]
    assert sentence == "Known flaws: 2, asked about every package."


def test_where_some_could_not_be_asked_about_it_says_how_many_were():
    assert known_flaws(report(SOUND, UNASKED)) == (
        [],
        "Known flaws: none, asked about 1 of 2 packages.",
    )


def test_where_nothing_could_be_asked_nothing_is_known():
    """pip-audit itself then says that no flaw was found."""
    for told in (report(UNASKED), report(), "", "no route to host"):
        flaws, sentence = known_flaws(told)
        assert flaws == []
        assert "nobody knows" in sentence


def test_licences_come_from_what_is_installed_in_the_same_version_however_its_name_is_written():
    bill = {
        "components": [
            {"name": "jaraco-context", "version": "1.0"},
            {"name": "elsewhere", "version": "1.0"},
            {"name": "moved", "version": "2.0"},
        ]
    }
    mit = [{"license": {"id": "MIT"}}, {"license": {"name": "License :: OSI Approved :: MIT"}}]
    either = [{"expression": "MIT OR Apache-2.0"}]
    installed = {
        "components": [
            {"name": "jaraco.context", "version": "1.0", "licenses": mit},
            {"name": "moved", "version": "1.0", "licenses": either},
        ]
    }
    with_licences(bill, installed)
    assert by_licence(bill) == {
        "MIT": ["jaraco-context"],
        "not told, or not for this machine": ["elsewhere", "moved"],
    }
