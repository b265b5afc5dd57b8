"""What Google's own discovery document allows in a request: every other parameter and field is a
mistake.

The document comes with the client library; nothing about methods, parameters or fields is written
down here again."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import unquote


@dataclass(frozen=True)
class Method:
    """One method of the API as the document describes it."""

    id: str
    """As `events.list`, without the API's name."""
    http_method: str
    path: re.Pattern[str]
    parameters: dict[str, Any]
    """Query parameters of the method and those common to all."""
    body: str | None
    scopes: frozenset[str]


@cache
def document() -> dict[str, Any]:
    source = files("googleapiclient") / "discovery_cache" / "documents" / "calendar.v3.json"
    found: dict[str, Any] = json.loads(source.read_text(encoding="utf-8"))
    return found


@cache
def methods() -> tuple[Method, ...]:
    found = []
    for resource in document()["resources"].values():
        for method in resource["methods"].values():
            own = {
                name: p
                for name, p in method.get("parameters", {}).items()
                if p["location"] == "query"
            }
            pattern = re.sub(
                r"\\{(\w+)\\}",
                r"(?P<\1>[^/]+)",
                re.escape(document()["servicePath"] + method["path"]),
            )
            found.append(
                Method(
                    method["id"].removeprefix("calendar."),
                    method["httpMethod"],
                    re.compile("/" + pattern),
                    document()["parameters"] | own,
                    method.get("request", {}).get("$ref"),
                    frozenset(method.get("scopes", ())),
                )
            )
    return tuple(found)


def method_for(http_method: str, path: str) -> tuple[Method, dict[str, str]] | None:
    """The method that a request addresses, with the path's parameters; None when there is none
    such."""
    for method in methods():
        found = method.path.fullmatch(path)
        if found and method.http_method == http_method:
            return method, {name: unquote(value) for name, value in found.groupdict().items()}
    return None


def query_faults(method: Method, query: dict[str, list[str]]) -> list[str]:
    """What is wrong with the query parameters, each as one sentence."""
    faults = []
    for name, values in query.items():
        rule = method.parameters.get(name)
        if rule is None:
            faults.append(f"{method.id}: no parameter {name}")
            continue
        if len(values) > 1 and not rule.get("repeated"):
            faults.append(f"{method.id}: {name} given {len(values)} times")
        faults += [
            f"{method.id}: {name}={value} is not {rule['type']}"
            for value in values
            if not _fits(value, rule)
        ]
    return faults


def _fits(value: str, rule: dict[str, Any]) -> bool:
    if rule["type"] == "boolean":
        return value in ("true", "false")
    if rule["type"] == "integer":
        return re.fullmatch(r"-?\d+", value) is not None and int(value) >= int(
            rule.get("minimum", "-2147483648")
        )
    return value in rule["enum"] if "enum" in rule else True


def body_faults(schema: str, value: object, *, writing: bool) -> list[str]:
    """What is wrong with a body: fields that the schema doesn't name, values of another type and,
    when `writing`, fields that Google alone sets."""
    return list(_faults({"$ref": schema}, value, schema, writing))


def _faults(rule: dict[str, Any], value: object, where: str, writing: bool) -> Any:
    while "$ref" in rule:
        rule = document()["schemas"][rule["$ref"]]
    kinds = {"string": str, "boolean": bool, "integer": int, "object": dict, "array": list}
    kind = kinds.get(rule["type"])
    if kind is None or value is None:
        return
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        yield f"{where}: {type(value).__name__} instead of {rule['type']}"
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _faults(rule["items"], each, f"{where}[{index}]", writing)
    elif isinstance(value, dict):
        for key, each in value.items():
            inner = rule.get("properties", {}).get(key) or rule.get("additionalProperties")
            if inner is None:
                yield f"{where}: no field {key}"
            elif (
                writing
                and "read-only" in inner.get("description", "").lower()
                and where.count(".") == 0
                and key != "id"
            ):
                yield f"{where}: {key} is read-only"
            else:
                yield from _faults(inner, each, f"{where}.{key}", writing)
