"""`fikad check`, on address books: is each there, whom does it bring, which labels make nobody's
circle, and what can nobody tell. Who is paused is named nowhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from connectors.address_book import AddressBook, labels_by_uid
from connectors.errors import AccountError
from connectors.sanitize import sanitize
from daemon.address_books.known import merged
from daemon.address_books.matching import Doubt
from daemon.address_books.reading import choose
from daemon.checks.account_rows import failed_row
from daemon.checks.rows import Row
from daemon.config.schema import Config
from daemon.config.values import folded
from daemon.durations import at_moment, counted
from daemon.languages.date_style import DateStyle
from daemon.ledger.ledger import Ledger
from daemon.ledger.polled import AddressBookState
from daemon.opening import open_address_book
from daemon.people.contacts import joined
from daemon.situation.assessing import contacts_now

_LABELS_SHOWN = 8


def book_rows(config: Config, ledger: Ledger, now: datetime, *, offline: bool) -> Iterator[Row]:
    """Every address book of the config, asked unless `offline`, and what was read of it last."""
    known = ledger.address_books()
    for name in config.addressbooks:
        remembered = known.get(name)
        if offline:
            yield _remembered_row(name, remembered, config.zone, config.date_style)
        else:
            yield _asked_row(config, name, remembered, now)
        if remembered is not None:
            yield from _label_rows(config, ledger, name)
    yield from _broken_rows(ledger)
    yield from _doubt_rows(config, ledger, now)


def _asked_row(
    config: Config, name: str, remembered: AddressBookState | None, now: datetime
) -> Row:
    """Open an address book and look which books it has."""
    thing, account = _thing(name), None
    try:
        account = open_address_book(config, name, remembered.memo if remembered else None)
        listed = account.books(now)
        chosen = choose(listed, config.addressbooks[name])
    except AccountError as error:
        return failed_row(thing, error, config.addressbooks[name].shared_account or name)
    finally:
        if account is not None:
            account.close()
    told = f"it lets fikad in; {_named('read', chosen)}"
    left_out = [book for book in listed if book.automatic and book not in chosen]
    if left_out:
        told += f"; {_named('left out, since machines fill them', left_out)}"
    if remembered is not None and remembered.state != "ok":
        return Row(thing, "warning", f"{told}; {remembered.state}: {remembered.message}")
    return Row(thing, "ok", told)


def _remembered_row(
    name: str, known: AddressBookState | None, zone: ZoneInfo, style: DateStyle
) -> Row:
    """How an address book was when it was last read, without asking it."""
    if known is None:
        return Row(_thing(name), "warning", "never read", "run `fikad once --no-plan`")
    if known.state != "ok":
        return Row(_thing(name), "warning", f"{known.state} when last tried: {known.message}")
    last = at_moment(known.last_success, zone, style) if known.last_success else "never"
    return Row(_thing(name), "ok", f"last read {last}")


def _label_rows(config: Config, ledger: Ledger, name: str) -> Iterator[Row]:
    """Whom its labels make contacts, and which labels make nobody one."""
    bearing = Counter[str]()
    spelled: dict[str, str] = {}
    for cards in ledger.cards(name):
        for labels in labels_by_uid(cards).values():
            spelled |= {folded(label): label for label in labels}
            bearing.update({folded(label) for label in labels})
    mapped = config.addressbooks[name].circles
    people = len(merged(config, ledger).people[name])
    wanted = {folded(label) for label in mapped}
    others = [key for key, _ in bearing.most_common() if key not in wanted]
    made = ", ".join(f"{sanitize(label, 60)} ({bearing[folded(label)]})" for label in mapped)
    shown = others[:_LABELS_SHOWN]
    rest = ", ".join(f"{sanitize(spelled[key], 60)} ({bearing[key]})" for key in shown)
    told = f"{counted(people, 'contact')} by label: {made or 'no label is mapped'}"
    if rest:
        told += f"; labels that make no circle: {rest}"
    missing = [sanitize(label, 60) for label in mapped if not bearing[folded(label)]]
    if not mapped:
        yield Row(_labels(name), "warning", told, 'name some, as in circles = { Fika = "friends" }')
    elif missing:
        advice = f"give it to somebody there, or correct `circles` of {name}"
        yield Row(_labels(name), "warning", f"{told}; nobody has {joined(missing, 'or')}", advice)
    else:
        yield Row(_labels(name), "ok", told)


def _broken_rows(ledger: Ledger) -> Iterator[Row]:
    problems = ledger.broken_cards()
    if problems:
        name, _, first = problems[0]
        yield Row(
            "cards",
            "warning",
            f"{counted(len(problems), 'card')} could not be read, as {sanitize(first.uid, 60)} in"
            f" {name}: {sanitize(first.reason, 300)}",
            "save the card anew in your address book; the others are read",
        )


def _doubt_rows(config: Config, ledger: Ledger, now: datetime) -> Iterator[Row]:
    silent = {contact.key for contact in contacts_now(config, ledger, now) if contact.paused}
    for doubt in merged(config, ledger).doubts:
        if folded(doubt.about) not in silent:
            yield _doubt_row(doubt)


def _doubt_row(doubt: Doubt) -> Row:
    about, book = f'"{sanitize(doubt.about, 60)}"', doubt.address_book
    match doubt.kind:
        case "one-name":
            told = f"several cards in {book} are called {about}, and were taken for one person"
            advice = "join them there, or give one of them another name"
        case "unclear-name":
            told = f"several cards in {book} are called {about}, and nobody can tell which is meant"
            advice = "write an address into the config, or give one of the cards the label"
        case "name-taken":
            told = f"a card in {book} is called {about}, as another contact is"
            advice = "give it another name there, or the same address if it is the same person"
        case "shared-address":
            told = f"several contacts have the address {about}, so it stands for none of them"
            advice = "take it off all but one of the cards, or write it into the config for one"
    return Row("people", "warning", told, advice)


def _named(what: str, books: Sequence[AddressBook]) -> str:
    return f"{what}: {', '.join(sanitize(book.name, 60) for book in books) or 'none'}"


def _thing(name: str) -> str:
    return f"address book {name}"


def _labels(name: str) -> str:
    return f"labels of {name}"
