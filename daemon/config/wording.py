"""What pydantic found, in words for people: "poll is not a duration", "unknown key" with the one
that was meant.

Nothing here quotes a value: it might be a password written in the wrong place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from daemon.bad_value import BadValue, suggestion
from daemon.config.errors import Mistake, quoted
from daemon.config.positions import KeyPath

_WANTED = {
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false, without quotes",
    "string_type": "must be text in quotes",
    "tuple_type": "must be a list, in brackets",
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "model_attributes_type": "must be a table",
    "too_short": "must not be empty; without the key its default holds",
}
_RENAMED = {"weekly_look": "weekly_digest"}
"""Keys that were called otherwise before."""
_LIMITS = {
    "greater_than_equal": ("ge", "at least"),
    "greater_than": ("gt", "more than"),
    "less_than_equal": ("le", "at most"),
    "less_than": ("lt", "less than"),
}


def mistakes_of(error: ValidationError, root: type[BaseModel]) -> list[Mistake]:
    """Every finding of a validation in plain words, with its path in the data."""
    return [
        mistake
        for finding in error.errors(include_url=False)
        for mistake in _mistakes(finding, root)
    ]


def _mistakes(finding: ErrorDetails, root: type[BaseModel]) -> Iterator[Mistake]:
    kind, location, given = finding["type"], finding["loc"], finding["input"]
    path = _data_path(location)
    if kind == "extra_forbidden":
        yield _unknown(path, model_at(root, location[:-1]).model_fields)
    elif kind == "missing":
        yield Mistake(path[:-1], f"{path[-1]} is missing", missing=str(path[-1]))
    elif kind.startswith("union_tag") and isinstance(given, dict):
        yield from _unknown_kind(finding, path, root)
    else:
        message, hint, missing = _wording(finding)
        yield Mistake(path, f"{_subject(path)} {message}", hint, missing=missing)


def _wording(finding: ErrorDetails) -> tuple[str, str, str]:
    """What is wrong with a value, how to put it right, and the key whose absence is the trouble."""
    kind, context, given = finding["type"], finding.get("ctx", {}), finding["input"]
    if kind == "value_error" and isinstance(error := context.get("error"), BadValue):
        return str(error), error.hint, error.missing
    if kind == "literal_error":
        return "must be " + context["expected"].replace("'", '"'), "", ""
    if kind in _LIMITS:
        limit, words = _LIMITS[kind]
        if given < 0 and limit in ("ge", "gt"):
            return "must not be negative", "", ""
        return f"must be {words} {context[limit]:g}", "", ""
    in_quotes = isinstance(given, str) and kind in ("int_type", "float_type")
    return _WANTED.get(kind, "must be a table"), "take the quotes off" if in_quotes else "", ""


def _subject(path: KeyPath) -> str:
    """The subject of a sentence about a value; the user's own names in quotes."""
    name = next((str(part) for part in reversed(path) if isinstance(part, str)), "the file")
    plain = name if name.isascii() and name.replace("_", "").isalnum() else quoted(name)
    in_list = isinstance(path[-1], int) and path[:-1] != ("contacts",) if path else False
    return f"an entry of {plain}" if in_list else plain


def _data_path(location: KeyPath) -> KeyPath:
    """pydantic's location without its own marks: a bad key's, and the kind of account that it took
    a table for."""
    if location[-1:] == ("[key]",):
        location = location[:-1]
    return (
        location[:2] + location[3:]
        if location[:1] in (("accounts",), ("addressbooks",)) and len(location) > 2
        else location
    )


def _unknown(path: KeyPath, known: Iterable[str]) -> Mistake:
    key, known = str(path[-1]), list(known)
    return Mistake(
        path,
        f"unknown key {quoted(key)}",
        suggestion(_RENAMED.get(key, key), known) or "known here: " + ", ".join(known),
        at_key=True,
    )


def _unknown_kind(finding: ErrorDetails, path: KeyPath, root: type[BaseModel]) -> Iterator[Mistake]:
    """An account, or an address book, of no kind: its type, and the keys that no kind (or not the
    one that was meant) knows."""
    models = {
        get_args(model.model_fields["type"].annotation)[0]: model
        for model in _models_at(root, finding["loc"])
    }
    given, kinds = finding["input"], ", ".join(f'"{kind}"' for kind in models)
    if "type" not in given:
        yield Mistake(path, f"{_subject(path)}: type is missing", f"one of {kinds}", missing="type")
    else:
        meant = suggestion(str(given["type"]), models)
        yield Mistake((*path, "type"), f"type must be one of {kinds}", meant)
        models = {kind: model for kind, model in models.items() if kind in meant} or models
    known = list(dict.fromkeys(field for model in models.values() for field in model.model_fields))
    for key in given:
        if key not in known:
            yield _unknown((*path, key), known)


def model_at(root: type[BaseModel], location: KeyPath) -> type[BaseModel]:
    """The model of the table at one of pydantic's locations."""
    return _models_at(root, location)[0]


def _models_at(root: type[BaseModel], location: KeyPath) -> list[type[BaseModel]]:
    annotation: Any = root
    for part in location:
        annotation = _step(annotation, part)
    return _models(annotation)


def _step(annotation: Any, part: str | int) -> Any:
    """The annotation one key, index or kind of account further in."""
    if get_origin(annotation) is dict:
        return get_args(annotation)[1]
    if get_origin(annotation) is tuple:
        return get_args(annotation)[0]
    models = _models(annotation)
    if len(models) > 1:
        return next(
            model for model in models if part in get_args(model.model_fields["type"].annotation)
        )
    return models[0].model_fields[str(part)].annotation


def _models(annotation: Any) -> list[type[BaseModel]]:
    """The models that an annotation allows: itself, or the members of a union or Annotated."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for argument in get_args(annotation) for model in _models(argument)]
