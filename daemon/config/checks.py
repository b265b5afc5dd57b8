"""What one part of a config must keep of another: circles and occasions that exist, names and
addresses used once.

Checked on the raw data, so that these mistakes are found beside the others, whatever else is wrong.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from daemon.bad_value import BadValue, suggestion
from daemon.config.address_book_entries import SHARES
from daemon.config.errors import Mistake, quoted
from daemon.config.positions import KeyPath
from daemon.config.values import folded, parse_email


def check(data: Mapping[str, Any], built_in: Collection[str]) -> Iterator[Mistake]:
    """Mistakes between tables; `built_in` are the occasions that need no table."""
    yield from _references(data, built_in)
    yield from _address_books(data)
    yield from _double_names(data)
    yield from _double_addresses(data)


def _references(data: Mapping[str, Any], built_in: Collection[str]) -> Iterator[Mistake]:
    account = _table(data.get("holds")).get("account")
    yield from _unknown(("holds", "account"), account, "account", _table(data.get("accounts")))
    circles = _table(data.get("circles"))
    occasions = {**_table(data.get("occasions")), **dict.fromkeys(built_in)}
    for index, contact in _contacts(data):
        yield from _unknown(("contacts", index, "circle"), contact.get("circle"), "circle", circles)
        for number, name in enumerate(_list(contact.get("occasions"))):
            yield from _unknown(
                ("contacts", index, "occasions", number), name, "occasion", occasions
            )
    for index, challenge in enumerate(_list(data.get("challenges"))):
        yield from _unknown(
            ("challenges", index, "circle"), _table(challenge).get("circle"), "circle", circles
        )


def _address_books(data: Mapping[str, Any]) -> Iterator[Mistake]:
    """Circles and accounts that address books name, and names that stand for two logins."""
    circles, accounts = _table(data.get("circles")), _table(data.get("accounts"))
    for name, table in _table(data.get("addressbooks")).items():
        path, book = ("addressbooks", name), _table(table)
        for label, circle in _table(book.get("circles")).items():
            yield from _unknown((*path, "circles", label), circle, "circle", circles)
        account, kind = book.get("account"), book.get("type")
        yield from _unknown((*path, "account"), account, "account", accounts)
        shares = SHARES.get(kind) if isinstance(kind, str) else None
        if shares is None:
            continue
        if account is None and name in accounts:
            yield Mistake(
                path,
                f"this has a login of its own and the name of the account {quoted(name)}",
                f"write account = {quoted(name)}, or give one of them another name",
                at_key=True,
                other=("accounts", name),
            )
        elif (
            isinstance(account, str)
            and account in accounts
            and _table(accounts[account]).get("type") != shares
        ):
            yield Mistake(
                (*path, "account"),
                f"{quoted(account)} is no {shares} account, so its login cannot be shared",
                f"name one with type = {quoted(shares)}, or give a login of its own",
            )


def _unknown(path: KeyPath, name: object, kind: str, known: Mapping[str, Any]) -> Iterator[Mistake]:
    if isinstance(name, str) and name not in known:
        hint = suggestion(name, known) or (
            "known: " + ", ".join(known) if known else f"there is no [{kind}s.…] table"
        )
        yield Mistake(path, f"there is no {kind} {quoted(name)}", hint)


def _double_names(data: Mapping[str, Any]) -> Iterator[Mistake]:
    seen: dict[str, KeyPath] = {}
    for index, contact in _contacts(data):
        name, path = contact.get("name"), ("contacts", index, "name")
        if not isinstance(name, str) or not name.strip():
            continue
        if folded(name) in seen:
            hint = "give one contact all addresses, or tell the names apart"
            yield Mistake(
                path, f"there is another contact {quoted(name)}", hint, other=seen[folded(name)]
            )
        seen.setdefault(folded(name), path)


def _double_addresses(data: Mapping[str, Any]) -> Iterator[Mistake]:
    mine = {address: ("me", number) for number, address in _addresses(data.get("me"))}
    seen: dict[str, tuple[int, KeyPath]] = {}
    for index, contact in _contacts(data):
        for number, address in _addresses(contact.get("emails")):
            path: KeyPath = ("contacts", index, "emails", number)
            if address in mine:
                yield Mistake(
                    path, f"{quoted(address)} is one of your own addresses", other=mine[address]
                )
            elif address in seen and seen[address][0] != index:
                hint = "take it off one of the two"
                yield Mistake(
                    path,
                    f"{quoted(address)} belongs to another contact",
                    hint,
                    other=seen[address][1],
                )
            seen.setdefault(address, (index, path))


def _addresses(value: object) -> Iterator[tuple[int, str]]:
    for number, text in enumerate(_list(value)):
        try:
            yield number, parse_email(text)
        except BadValue:
            continue  # reported where addresses are parsed


def _contacts(data: Mapping[str, Any]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    return (
        (index, contact)
        for index, contact in enumerate(_list(data.get("contacts")))
        if isinstance(contact, dict)
    )


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
