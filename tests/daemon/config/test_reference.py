"""The reference and the JSON Schema say what the loader does."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

from daemon.config.reference import json_schema, reference
from daemon.config.schema import CalDAVEntry, Config, Occasion, Rhythm

EXAMPLE = Path(__file__).parents[3] / "config.example.toml"


def rows(heading: str) -> dict[str, list[str]]:
    """The cells of a table of the reference by key."""
    section = reference().split(f"## {heading}", 1)[1].split("\n## ", 1)[0]
    table = [
        line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| `")
    ]
    return {cells[0].strip("`"): cells for cells in table}


def test_every_key_has_a_line_with_its_type_and_what_it_means():
    for heading, model in (("`[rhythm]`", Rhythm), ("`[occasions.NAME]`", Occasion)):
        assert list(rows(heading)) == list(model.model_fields)
        assert all(len(cells) == 4 and cells[1] and cells[3] for cells in rows(heading).values())
    assert set(rows('`[accounts.NAME]` with `type = "caldav"`')) == set(CalDAVEntry.model_fields)
    assert set(rows("A place for a secret")) == {"keyring", "command", "credential", "file"}


def test_defaults_are_shown_as_the_file_writes_them():
    assert rows("`[rhythm]`")["horizon"][2] == '`"2 weeks"`'
    assert rows("`[rhythm]`")["plan"][2] == '`"Sunday 17:00"`'
    assert rows("`[meetings]`")["count_unanswered"][2] == "`false`"
    assert rows("`[circles.NAME]`")["cadence"][2] == "*required*"
    shown = {key: cells[2].strip("`") for key, cells in rows("`[rhythm]`").items()}
    assert (
        Config.model_validate(
            {"rhythm": {key: tomllib.loads(f"x = {text}")["x"] for key, text in shown.items()}}
        )
        == Config()
    )


def test_the_schema_is_json_and_refuses_unknown_keys_as_the_loader_does():
    schema = json.loads(json.dumps(json_schema()))
    assert schema["$schema"].startswith("https://json-schema.org/")
    assert schema["additionalProperties"] is False
    assert all(table["additionalProperties"] is False for table in schema["$defs"].values())


def test_the_schema_s_patterns_accept_what_its_defaults_and_examples_say():
    checked = []

    def walk(node: Any) -> None:
        if isinstance(node, list):
            for item in node:
                walk(item)
        elif isinstance(node, dict):
            if "pattern" in node:
                texts = [
                    *node.get("examples", ()),
                    *([node["default"]] if isinstance(node.get("default"), str) else ()),
                ]
                assert all(re.search(node["pattern"], text) for text in texts), node
                checked.append(node["pattern"])
            for item in node.values():
                walk(item)

    walk(json_schema())
    assert len(set(checked)) >= 6
