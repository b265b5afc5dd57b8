"""The config explained by its own models: a JSON Schema for editors, and a reference for people
made from that.

Nothing about a key is written twice: types, defaults and descriptions are those that the loader
uses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from daemon.config.schema import AccountEntryBase, AddressBookEntryBase, Config
from daemon.config.values import as_written

_HEADINGS = {
    "accounts": "accounts.NAME",
    "addressbooks": "addressbooks.NAME",
    "occasions": "occasions.NAME",
    "circles": "circles.NAME",
}


_SHARED = AccountEntryBase.model_fields.keys() | AddressBookEntryBase.model_fields.keys()


class _AsWritten(GenerateJsonSchema):
    """Defaults as the config writes them ("2 weeks"), not as JSON would."""

    def encode_default(self, dft: Any) -> Any:
        if isinstance(dft, BaseModel):
            return {
                key: as_written(getattr(dft, key))
                for key in type(dft).model_fields
                if key in dft.model_fields_set
            }
        return as_written(dft)


def json_schema() -> dict[str, Any]:
    """A JSON Schema (draft 2020-12) of the config file, for editors that check TOML."""
    schema = Config.model_json_schema(schema_generator=_AsWritten)
    schema["$schema"] = GenerateJsonSchema.schema_dialect
    schema["title"] = "fikad's config"
    return schema


def keys() -> frozenset[str]:
    """Every key of every table, the tables' own included."""
    schema = json_schema()
    tables = [schema, *schema["$defs"].values()]
    return frozenset(key for table in tables for key in table.get("properties", ()))


def reference() -> str:
    """Every key in Markdown: one table for each table of the config, in the order of the file."""
    schema = json_schema()
    parts = [
        "# Every key of the config",
        'Durations are written as "6 weeks", "1 month" (30 days), "15 minutes" or a word such as '
        '"monthly"; times '
        "of day are in your time zone. Keys that are not listed are refused.",
    ]
    for heading, table in _tables(schema):
        # What all accounts, or all address books, share comes after what makes this kind.
        keys = sorted(
            table["properties"],
            key=lambda key: (key != "type", key in _SHARED),
        )
        rows = [
            _row(key, table["properties"][key], key in table.get("required", ()), schema)
            for key in keys
        ]
        about = [re.sub(r"\s+", " ", table["description"])] if "description" in table else []
        parts += [
            f"## {heading}",
            *about,
            "\n".join(["| key | type | default | what it means |", "|---|---|---|---|", *rows]),
        ]
    return "\n\n".join(parts) + "\n"


def _tables(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each table with its heading: the keys outside of any table first."""
    tables = {key: _targets(value, schema) for key, value in schema["properties"].items()}
    top = {key: value for key, value in schema["properties"].items() if not tables[key]}
    yield "Outside of any table", {"properties": top}
    secret: dict[str, dict[str, Any]] = {}
    for key, targets in tables.items():
        for table in targets:
            heading = (
                f"[[{key}]]"
                if schema["properties"][key].get("type") == "array"
                else f"[{_HEADINGS.get(key, key)}]"
            )
            kind = table["properties"].get("type", {}).get("const")
            yield f"`{heading}`" + (f' with `type = "{kind}"`' if kind else ""), table
            for value in table["properties"].values():
                secret |= {
                    table_of_secret["title"]: table_of_secret
                    for table_of_secret in _targets(value, schema)
                }
    for table in secret.values():
        yield "A place for a secret, as in `password = { keyring = true }`", table


def _targets(value: dict[str, Any], schema: dict[str, Any]) -> list[dict[str, Any]]:
    """The tables that a key's value may be, or that its list or its named tables hold."""
    if "$ref" in value:
        return [schema["$defs"][value["$ref"].rpartition("/")[2]]]
    inner = [
        value[key] for key in ("items", "additionalProperties") if isinstance(value.get(key), dict)
    ]
    return [
        target
        for part in [*value.get("oneOf", ()), *value.get("anyOf", ()), *inner]
        for target in _targets(part, schema)
    ]


def _row(key: str, value: dict[str, Any], required: bool, schema: dict[str, Any]) -> str:
    default = value.get("default")
    if required:
        shown = "*required*"
    elif default is None or default in ([], {}):
        shown = ""
    else:
        shown = f"`{_toml(default)}`"
    cells = (f"`{key}`", _kind(value, schema), shown, value.get("description", ""))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _kind(value: dict[str, Any], schema: dict[str, Any]) -> str:
    """The type of a value in a word or two."""
    options = [option for option in value.get("anyOf", [value]) if option.get("type") != "null"]
    value = options[0]
    if _targets(value, schema):
        return "table"
    if "const" in value:
        return f'`"{value["const"]}"`'
    if "enum" in value:
        return " or ".join(f'`"{word}"`' for word in value["enum"])
    if value.get("type") == "array":
        return f"list of {_plural(_kind(value['items'], schema))}"
    plain = {
        "integer": "whole number",
        "number": "number",
        "boolean": "true or false",
        "string": "text",
        "object": "table",
    }
    words: str = plain[value["type"]] if value["type"] != "string" else value.get("title", "text")
    return words


def _plural(kind: str) -> str:
    """ "weekdays", "addresses or domains"; "dates" are many already."""
    return " or ".join(
        word if word.endswith("es") else f"{word}es" if word.endswith("s") else f"{word}s"
        for word in kind.split(" or ")
    )


def _toml(value: Any) -> str:
    """A default as it stands in a TOML file."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return f'"{value}"'
        case list():
            return "[" + ", ".join(_toml(item) for item in value) + "]"
        case dict():
            return "{ " + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items()) + " }"
    return f"{value:g}" if isinstance(value, float) else str(value)
