"""What Google's own discovery documents allow in a request: every other parameter and field is a
mistake.

The documents come with the client library; nothing about methods, parameters or fields is written
down here again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import unquote


@dataclass(frozen=True)
class Method:
    """One method of the API as the document describes it."""

    service: str
    id: str
    """As `events.list`, without the API's name."""
    http_method: str
    path: re.Pattern[str]
    parameters: dict[str, Any]
    """Query parameters of the method and those common to all."""
    required: frozenset[str]
    """Query parameters that must be there."""
    body: str | None
    scopes: frozenset[str]


CALENDAR, PEOPLE = "calendar.v3", "people.v1"
"""The services whose documents are known."""


@cache
def document(service: str = CALENDAR) -> dict[str, Any]:
    source = files("googleapiclient") / "discovery_cache" / "documents" / f"{service}.json"
    described: dict[str, Any] = json.loads(source.read_text(encoding="utf-8"))
    return described


@cache
def methods() -> tuple[Method, ...]:
    return tuple(
        _method(service, method)
        for service in (CALENDAR, PEOPLE)
        for method in _described(document(service))
    )


def _described(resource: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from resource.get("methods", {}).values()
    for nested in resource.get("resources", {}).values():
        yield from _described(nested)


def _method(service: str, method: dict[str, Any]) -> Method:
    parameters = method.get("parameters", {})
    pattern = re.sub(
        r"\\{(\\\+)?(\w+)\\}",
        lambda name: f"(?P<{name[2]}>{parameters[name[2]].get('pattern', '[^/]+').strip('^$')})",
        re.escape(document(service)["servicePath"] + method["path"]),
    )
    own = {name: p for name, p in parameters.items() if p["location"] == "query"}
    return Method(
        service,
        method["id"].partition(".")[2],
        method["httpMethod"],
        re.compile("/" + pattern),
        document(service)["parameters"] | own,
        frozenset(name for name, p in own.items() if p.get("required")),
        method.get("request", {}).get("$ref"),
        frozenset(method.get("scopes", ())),
    )


def method_for(http_method: str, path: str) -> tuple[Method, dict[str, str]] | None:
    """The method that a request addresses, with the path's parameters; None when there is none
    such."""
    for method in methods():
        match = method.path.fullmatch(path)
        if match and method.http_method == http_method:
            return method, {name: unquote(value) for name, value in match.groupdict().items()}
    return None


def query_faults(method: Method, query: dict[str, list[str]]) -> list[str]:
    """What is wrong with the query parameters, each as one sentence."""
    faults = [f"{method.id}: {name} is missing" for name in method.required - query.keys()]
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


def mask_names(rule: dict[str, Any]) -> frozenset[str]:
    """What a field mask may name. The document says so in prose alone."""
    _, _, listed = rule["description"].partition("alid ")
    return frozenset(re.findall(r"\* (\w+)", listed))


def _fits(value: str, rule: dict[str, Any]) -> bool:
    if rule.get("format") == "google-fieldmask":
        return set(value.split(",")) <= mask_names(rule)
    if rule["type"] == "boolean":
        return value in ("true", "false")
    if rule["type"] == "integer":
        return re.fullmatch(r"-?\d+", value) is not None and int(value) >= int(
            rule.get("minimum", "-2147483648")
        )
    return value in rule["enum"] if "enum" in rule else True


def body_faults(schema: str, value: object, *, writing: bool, service: str = CALENDAR) -> list[str]:
    """What is wrong with a body: fields that the schema doesn't name, values of another type and,
    when `writing`, fields that Google alone sets."""
    return list(_faults(service, {"$ref": schema}, value, schema, writing))


def _faults(service: str, rule: dict[str, Any], value: object, where: str, writing: bool) -> Any:
    while "$ref" in rule:
        rule = document(service)["schemas"][rule["$ref"]]
    kinds = {"string": str, "boolean": bool, "integer": int, "object": dict, "array": list}
    kind = kinds.get(rule["type"])
    if kind is None or value is None:
        return
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        yield f"{where}: {type(value).__name__} instead of {rule['type']}"
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _faults(service, rule["items"], each, f"{where}[{index}]", writing)
    elif "enum" in rule and value not in rule["enum"]:
        yield f"{where}: {value} is none of {rule['enum']}"
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
                yield from _faults(service, inner, each, f"{where}.{key}", writing)
