"""Google Contacts as an address book (People API v1).

The people are listed with a token that the next list begins from: a poll in which nothing changed
costs one request. Labels are asked for when somebody changed, else at most once an hour. A token is
good for seven days after the full list; an expired one leads to a full list again. `otherContacts`,
which Google fills by itself, are never asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from connectors.address_book import CardChanges, StoredCard
from connectors.base import Problem
from connectors.errors import AccountError
from connectors.google.api import PEOPLE
from connectors.google.auth import OAuthLogin
from connectors.google.begun import Begun, TokenGone
from connectors.google.calls import Calls, Patience
from connectors.google.cards import (
    card_of,
    former_names,
    is_deleted,
    is_labelled,
    label_of,
)
from connectors.google.items import Item, mappings, string
from connectors.google.people import PeopleAccess
from connectors.sanitize import sanitize

BOOK_ID: Final = "contacts"
_LABELS = "contactGroups/"
"""How the resource names of labels begin."""
_LABELS_AGE = timedelta(hours=1)


class GoogleContacts:
    """The contacts of one Google login (`connectors.address_book.AddressBookAccount`)."""

    def __init__(
        self,
        name: str,
        login: OAuthLogin,
        endpoint: str | None,
        memo: dict[str, Any],
        patience: Patience | None = None,
    ) -> None:
        """`login` may be that of a Google account: its token then needs `CONTACTS_SCOPE` too.
        Raises CredentialsError for an endpoint that would leak the token."""
        self._name = name
        self._memo = memo
        self._login = login
        self._calls = Calls(login, endpoint, patience or Patience(), PEOPLE)

    @property
    def name(self) -> str:
        return self._name

    @property
    def requests(self) -> int:
        return self._calls.requests

    @property
    def memo(self) -> dict[str, Any]:
        return self._memo

    def books(self, now: datetime) -> Sequence[GoogleContactsBook]:
        """The one book there is; Google is asked for what changed since it was read. Begins a new
        pass. Raises CredentialsError when there is no token."""
        self._calls.new_pass()
        book = GoogleContactsBook(PeopleAccess(self._calls, self._login), self._memo, now)
        book.ask()
        return [book]

    def close(self) -> None:
        self._calls.close()


class GoogleContactsBook:
    """The contacts themselves (`connectors.address_book.AddressBook`)."""

    def __init__(self, access: PeopleAccess, memo: dict[str, Any], now: datetime) -> None:
        self._access = access
        self._memo = memo
        self._now = now
        self._version: str | None = None
        self._asked: Begun[Sequence[Item]] | None = None

    def ask(self) -> None:
        """Ask what changed since the book was read last, labels included, for `version` and
        `changes` to go by. Whatever goes wrong is left to `changes` to tell."""
        token = self._memo.get("token")
        if token is None:
            return
        self._asked = Begun(token, self._access.everybody(token))
        before = self._memo.get("labels")
        if not self._asked.unchanged or before is None:
            return
        with suppress(AccountError):
            self._labels(anew=False)
            if self._memo["labels"]["groups"] == before["groups"]:
                self._version = token

    @property
    def id(self) -> str:
        return BOOK_ID

    @property
    def name(self) -> str:
        return "Contacts"

    @property
    def automatic(self) -> bool:
        return False

    @property
    def version(self) -> str | None:
        """The token from which the next reading goes on, if Google said by it that nothing changed
        since, or has just given it."""
        return self._version

    def labels(self) -> tuple[str, ...]:
        """What people can be labelled with, asked anew: one request. Raises AccountError."""
        return tuple(sorted(stored.card.name for stored in self._labels(anew=True)))

    def changes(
        self, token: str | None, known: Mapping[str, str | None], *, complete: bool = False
    ) -> Iterator[CardChanges]:
        """See `AddressBook.changes`. Raises CredentialsError, UnreachableError, UnreadableError."""
        self._version, (asked, self._asked) = None, (self._asked, None)
        if asked is not None and asked.failed is not None:
            raise asked.failed
        for batch in self._changes(None if complete else token, known, asked):
            if batch.last and batch.token is not None:
                # Before it is handed out: it is stored with the version, and then this is.
                self._memo["token"] = self._version = batch.token
            yield batch

    def _changes(
        self,
        token: str | None,
        known: Mapping[str, str | None],
        asked: Begun[Sequence[Item]] | None,
    ) -> Iterator[CardChanges]:
        brought: set[str] = set()
        if token:
            try:
                pages = None if asked is None else asked.pages_since(token)
                for batch in self._delta(pages or self._access.everybody(token), known):
                    brought.update(stored.href for stored in batch.changed)
                    yield batch
            except TokenGone:
                pass  # it expired, which Google tells this way: everybody is listed instead
            else:
                return
        yield from self._everything(known, brought)

    def _delta(
        self,
        pages: Iterator[tuple[Sequence[Item], str | None]],
        known: Mapping[str, str | None],
    ) -> Iterator[CardChanges]:
        gone: set[str] = set()
        anybody = False
        for people, following_token in pages:
            anybody = anybody or bool(people)
            gone -= {string(person, "resourceName") for person in people}
            gone.update(string(person, "resourceName") for person in people if is_deleted(person))
            gone.update(name for person in people for name in former_names(person))
            changed, problems = _cards(person for person in people if not is_deleted(person))
            if following_token is None:
                yield CardChanges(changed, problems=problems)
                continue
            labels = self._labels(anew=anybody)
            listed = {label.href for label in labels}
            gone.update(href for href in known if href.startswith(_LABELS) and href not in listed)
            yield CardChanges(
                changed=changed + _differing(labels, known),
                removed=tuple(sorted(gone & known.keys())),
                token=following_token,
                last=True,
                problems=problems,
            )

    def _everything(
        self, known: Mapping[str, str | None], brought: set[str]
    ) -> Iterator[CardChanges]:
        """A full list against what is known; `brought` are hrefs that an interrupted delta has just
        handed out. Somebody whose card cannot be read any more stays as they were."""
        seen: set[str] = set()
        for people, following_token in self._access.everybody(None):
            seen.update(string(person, "resourceName") for person in people)
            changed, problems = _cards(people)
            if following_token is None:
                yield CardChanges(_differing(changed, known), problems=problems)
                continue
            labels = self._labels(anew=True)
            seen.update(label.href for label in labels)
            yield CardChanges(
                changed=_differing(changed + labels, known),
                removed=tuple(sorted((known.keys() | brought) - seen)),
                token=following_token,
                last=True,
                problems=problems,
            )

    def _labels(self, *, anew: bool) -> tuple[StoredCard, ...]:
        """The labels as cards: as remembered for an hour, unless they are wanted `anew`."""
        remembered = self._memo.get("labels")
        if anew or remembered is None or not self._fresh(remembered):
            remembered = {
                "at": self._now.astimezone(UTC).isoformat(),
                "groups": self._access.groups(),
            }
            self._memo["labels"] = remembered
        cards = (label_of(group) for group in remembered["groups"])
        # A label is nothing but its name.
        return tuple(StoredCard(card.uid, card.name, card) for card in cards if card)

    def _fresh(self, remembered: Mapping[str, Any]) -> bool:
        age = self._now - datetime.fromisoformat(remembered["at"])
        return timedelta(0) <= age < _LABELS_AGE


def _cards(people: Iterable[Item]) -> tuple[tuple[StoredCard, ...], tuple[Problem, ...]]:
    """The cards of these people, and those that the user labelled and that nobody has named."""
    cards: list[StoredCard] = []
    problems: list[Problem] = []
    for person in people:
        href = string(person, "resourceName")
        card = card_of(person)
        if card is not None:
            cards.append(StoredCard(href, string(person, "etag") or None, card))
        elif is_labelled(person):
            known_by = (*mappings(person, "emailAddresses"), *mappings(person, "phoneNumbers"))
            values = (sanitize(string(each, "value"), 100) for each in known_by)
            who = next(filter(None, values), "somebody with a label")
            problems.append(Problem(href, f"{who} has no name in Google Contacts: give them one"))
    return tuple(cards), tuple(problems)


def _differing(
    cards: Iterable[StoredCard], known: Mapping[str, str | None]
) -> tuple[StoredCard, ...]:
    return tuple(
        stored for stored in cards if stored.etag is None or known.get(stored.href) != stored.etag
    )
