"""Writing into the user's config without disturbing it: comments, order and spelling stay as they
are.

Every change is made to the text (tomlkit) and then held against what it must mean: read again, the
new text has to give the old data plus what was added, nothing else, and the loader has to accept
it. Where a nice place cannot be found in an unusual layout, the addition goes to the end of the
file. The file is replaced as a whole or not at all."""

from __future__ import annotations

import contextlib
import copy
import re
import tomllib
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Comment, InlineTable, Item, Table, Whitespace

from connectors.errors import AccountError, ChangedError, FikadError
from connectors.files.stored import UnfitError, read_stable, write_new, write_over
from daemon.config.schema import ConfigError, load
from daemon.setup.contact_block import contact_block

_NO_NOTES: Mapping[str, str] = {}


class ConfigWriteError(FikadError):
    """The config could not be changed; it is as it was."""


@dataclass(frozen=True, slots=True)
class NewContact:
    """A contact to be added; what is empty is not written."""

    name: str
    emails: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    circle: str = ""
    cadence: str = ""
    """As the config writes it: "6 weeks"."""

    def table(self) -> dict[str, Any]:
        """The keys of its table in the config."""
        fields = {
            "name": self.name,
            "emails": list(self.emails),
            "aliases": list(self.aliases),
            "circle": self.circle,
            "cadence": self.cadence,
        }
        return {key: value for key, value in fields.items() if value}


def with_account(text: str, name: str, account: Mapping[str, Any]) -> str:
    """The config with one more account, after those that are there. Raises ConfigWriteError."""
    if name in data_of(text).get("accounts", {}):
        raise ConfigWriteError(
            f'there is an account "{name}" already', "give the new one another name"
        )
    return _with_table(text, "accounts", name, account)


def with_address_book(text: str, name: str, book: Mapping[str, Any]) -> str:
    """The config with one more address book, after those that are there. Raises
    ConfigWriteError."""
    return _with_table(text, "addressbooks", name, book)


def with_circles(
    text: str, cadences: Mapping[str, str], notes: Mapping[str, str] = _NO_NOTES
) -> str:
    """The config with the circles that it lacks, each with its cadence, and beside it a note that
    says who they are. Raises ConfigWriteError."""
    for name, cadence in cadences.items():
        if name not in data_of(text).get("circles", {}):
            note = notes.get(name, "")
            text = _with_table(text, "circles", name, {"cadence": cadence}, note)
    return text


def with_contacts(text: str, contacts: Sequence[NewContact]) -> str:
    """The config with more contacts, after those that are there. Raises ConfigWriteError."""
    for contact in contacts:
        text = with_contact(text, contact.table())
    return text


def with_me(text: str, addresses: Sequence[str]) -> str:
    """The config with these as the user's own addresses. Raises ConfigWriteError."""
    return _with_list(text, "me", addresses)


def with_languages(text: str, codes: Sequence[str]) -> str:
    """The config with these as the languages of titles. Raises ConfigWriteError."""
    return _with_list(text, "languages", codes)


def _with_list(text: str, key: str, entries: Sequence[str]) -> str:
    """The config with another value of a key above all tables, below its example if there is
    one."""

    def nicely() -> str:
        document = tomlkit.parse(text)
        hint = re.match(rf"(?:(?!\[).*\n)*?# ?{key} = .*\n", text)
        if key not in document and hint:
            return text[: hint.end()] + new + text[hint.end() :]
        document[key] = list(entries)
        return tomlkit.dumps(document)

    new = rendered({key: list(entries)})
    return _edited(text, nicely, new, data_of(text) | {key: list(entries)})


def create_config(path: Path, text: str) -> None:
    """Write a first config, readable by its user alone. Raises ConfigWriteError, also when there is
    one already."""
    _demand_sound(path, text)
    with _told(path):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_new(path, text.encode(), None)


def replace_config(path: Path, before: str, after: str) -> None:
    """Make `after` the text of the config, if it still is `before` and `after` loads.

    A symbolic link stays one, and the file keeps its mode. Raises ConfigWriteError.
    """
    target = path.resolve()
    with _told(path):
        content, signature = read_stable(target)
        mark = BOM_UTF8 if content.startswith(BOM_UTF8) else b""
        if content.removeprefix(mark).decode() != before:
            raise ChangedError("another program changed it meanwhile", "run the command again")
        _demand_sound(target, after)
        if after != before:
            write_over(target, mark + after.encode(), signature)


def read_text(path: Path) -> str:
    """The text of a config as `replace_config` compares it. Raises ConfigWriteError."""
    with _told(path):
        return read_stable(path.resolve())[0].removeprefix(BOM_UTF8).decode()


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    """What can go wrong with a file, in the words of this module."""
    try:
        yield
    except (AccountError, UnfitError, FileNotFoundError, UnicodeDecodeError) as error:
        what, advice = (
            (error.what, error.advice) if isinstance(error, FikadError) else (str(error), "")
        )
        raise ConfigWriteError(f"{path} was left as it is: {what}", advice) from error
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise ConfigWriteError(
            f"{path} cannot be written ({why})", "check that you may write to its folder"
        ) from error


def rendered(data: Mapping[str, Any]) -> str:
    """Data as TOML text, secrets' places on one line."""
    return tomlkit.dumps(_item(data))


# --- adding ---


def _with_table(
    text: str, parent: str, name: str, values: Mapping[str, Any], note: str = ""
) -> str:
    """The text with one more table in `parent`; a `note` stands beside its first key."""

    def nicely() -> str:
        document = tomlkit.parse(text)
        around = document.get(parent)
        if isinstance(around, InlineTable):
            around[name] = _inline(values)
        elif isinstance(around, Table):
            table = _noted(_item(values), note)
            last = next(
                (table for table in reversed(list(around.values())) if isinstance(table, Table)),
                None,
            )
            if last is not None:
                _hand_over(last, table)
            around.append(name, table)
        else:
            raise ConfigWriteError("no such table yet")
        return tomlkit.dumps(document)

    wanted = data_of(text)
    wanted.setdefault(parent, {})[name] = dict(values)
    within = tomlkit.table(is_super_table=True)
    within.append(name, _noted(_item(values), note))
    block = tomlkit.table(is_super_table=True)
    block.append(parent, within)
    return _edited(text, nicely, tomlkit.dumps(block), wanted)


def _noted(table: Table, note: str) -> Table:
    if note:
        next(iter(table.values())).comment(note)
    return table


def with_contact(text: str, values: Mapping[str, Any]) -> str:
    """The config with one more contact, who has these keys. Raises ConfigWriteError."""
    wanted = data_of(text)
    people = wanted.get("contacts", [])
    wanted["contacts"] = [*people, dict(values)]
    block = "[[contacts]]\n" + rendered(values)

    def nicely() -> str:
        last = contact_block(text, len(people) - 1) if people else None
        if last is not None:
            return last.followed_by(block)
        document = tomlkit.parse(text)
        document["contacts"].append(_inline(values))
        return tomlkit.dumps(document)

    return _edited(text, nicely, block, wanted)


def _edited(text: str, nicely: Callable[[], str], block: str, wanted: dict[str, Any]) -> str:
    """The text changed in place, or with the block at its end, whichever first means what is
    wanted."""

    def at_the_end() -> str:
        return (text.rstrip() + "\n\n" if text.strip() else "") + block.strip() + "\n"

    for change in (nicely, at_the_end):
        # tomlkit may stumble over an unusual layout in any way; the comparison below is what
        # counts.
        with contextlib.suppress(
            ConfigWriteError, TOMLKitError, LookupError, ValueError, TypeError
        ):
            changed = change()
            if tomllib.loads(changed) == wanted and _comments(text) <= _comments(changed):
                return changed
    raise ConfigWriteError(
        "this config is laid out in a way that cannot be added to",
        f"add it by hand:\n{block.strip()}",
    )


def _comments(text: str) -> set[str]:
    return {line.strip() for line in text.splitlines() if line.strip().startswith("#")}


def _item(values: Mapping[str, Any]) -> Table:
    """A table; the place of a secret, and what maps texts to texts, stay on one line."""
    table = tomlkit.table(
        is_super_table=all(isinstance(value, Mapping) for value in values.values())
    )
    for key, value in values.items():
        if not isinstance(value, Mapping):
            table.append(key, value)
        elif key in ("password", "token") or (key == "circles" and _is_plain(value)):
            table.append(key, _inline(value))
        else:
            table.append(key, _item(value))
    return table


def _is_plain(values: Mapping[str, Any]) -> bool:
    return all(isinstance(value, str) for value in values.values())


def _inline(values: Mapping[str, Any]) -> Item:
    """A table on one line, spaced as people write it."""
    return tomlkit.value(_on_one_line(values))


def _on_one_line(value: object) -> str:
    if isinstance(value, Mapping):
        pairs = (
            f"{tomlkit.key(key).as_string()} = {_on_one_line(inner)}"
            for key, inner in value.items()
        )
        return "{ " + ", ".join(pairs) + " }"
    return tomlkit.item(value).as_string()


def _hand_over(last: Table, new: Table) -> None:
    """Give the blank lines and comments after the last table, which head what follows, to the table
    after it.

    What stands right below the last key, without a blank line between, is the last table's own.
    """
    body = last.value.body
    end = len(body)
    while end and body[end - 1][0] is None and isinstance(body[end - 1][1], (Comment, Whitespace)):
        end -= 1
    blank = next(
        (place for place in range(end, len(body)) if isinstance(body[place][1], Whitespace)),
        len(body),
    )
    handed: list[Item] = [copy.copy(item) for _, item in body[blank:]]
    del body[blank:]
    last.add(tomlkit.nl())
    for item in handed:
        if isinstance(item, (Comment, Whitespace)):
            new.add(item)


def data_of(text: str) -> dict[str, Any]:
    """What a config says. Raises ConfigWriteError."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigWriteError(
            f"the config is not valid TOML ({error})", "run `fikad config check`"
        ) from None


def _demand_sound(path: Path, text: str) -> None:
    try:
        load(path, text)
    except ConfigError as error:
        first = error.problems[0]
        raise ConfigWriteError(
            f"{path} was left as it is, since the change would break it: {first.message}",
            first.hint,
        ) from None
