"""What the People API is asked, and what its answers mean.

Everybody is listed with a token that the next list begins from; the parameters of that list never
vary, since a token is only good for the very same question. Google leaves out what is empty, so an
answer is known to be whole by its tokens alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.errors import AccountError, CredentialsError, UnreadableError
from connectors.google.auth import OAuthLogin
from connectors.google.begun import TokenGone
from connectors.google.calls import SCOPE_REASONS, Calls, Refused
from connectors.google.cards import PERSON_FIELDS
from connectors.google.items import Item, string

_PAGE_SIZE = 1000


@dataclass(frozen=True, slots=True)
class PeopleAccess:
    """The contacts of one login."""

    calls: Calls
    login: OAuthLogin

    def everybody(self, token: str | None) -> Iterator[tuple[Sequence[Item], str | None]]:
        """The pages of one list: the people of each, with the last one the token to begin the next
        list from. Raises AccountError, TokenGone.

        A page without anybody has no list in it: what it must have is a token."""
        page: str | None = None
        listed = 0
        while True:
            answer = self._asked(
                "people.connections",
                token,
                resourceName="people/me",
                personFields=PERSON_FIELDS,
                sources="READ_SOURCE_TYPE_CONTACT",
                pageSize=_PAGE_SIZE,
                requestSyncToken=True,
                syncToken=token,
                pageToken=page,
            )
            people = _items(answer, "connections")
            listed += len(people)
            following = string(answer, "nextPageToken") or None
            next_token = string(answer, "nextSyncToken") or None if following is None else None
            lacking = token is None and listed == 0 and bool(answer.get("totalItems"))
            broken_off = following is None and (next_token is None or lacking)
            if broken_off or (following is not None and following == page):
                raise _broken_off()
            yield people, next_token
            if following is None:
                return
            page = following

    def groups(self) -> list[dict[str, str]]:
        """Every group, of which there always are some of Google's own: none is no answer.
        Raises AccountError."""
        groups: list[dict[str, str]] = []
        page: str | None = None
        while True:
            answer = self._asked(
                "contactGroups",
                None,
                groupFields="groupType,name",
                pageSize=_PAGE_SIZE,
                pageToken=page,
            )
            following = string(answer, "nextPageToken") or None
            listed = _items(answer, "contactGroups")
            if not listed or (following is not None and following == page):
                raise _broken_off()
            groups += (
                {key: string(group, key) for key in ("resourceName", "name", "groupType")}
                for group in listed
            )
            if following is None:
                return groups
            page = following

    def _asked(self, collection: str, token: str | None, **question: Any) -> Item:
        """The answer to one list, which is an object. Raises AccountError, TokenGone."""
        try:
            answer = self.calls.execute(self.calls.collection(collection).list(**question))
        except Refused as refused:
            # 400 with EXPIRED_SYNC_TOKEN, 410, or nothing that Google takes for a token any more
            if token and refused.status in (400, 410):
                raise TokenGone from None
            raise self._meaning(refused) from None
        if not isinstance(answer, dict):
            raise UnreadableError(
                "Google's answer about your contacts makes no sense",
                "is there a proxy or login page in between?",
            )
        return answer

    def _meaning(self, refused: Refused) -> AccountError:
        if refused.reason in SCOPE_REASONS:
            return CredentialsError(
                f"the grant of {self.login.called} does not cover your contacts "
                "(contacts.readonly)",
                f"run `fikad auth {self.login.account}` and allow it",
            )
        return UnreadableError(
            f"{self.login.called}: Google refuses your contacts ({refused})",
            "trying again later",
        )


def _items(answer: Item, key: str) -> list[Item]:
    """The people or groups of a page, none where there is no list. Raises UnreadableError for what
    is not a list of them."""
    listed = answer.get(key, [])
    if not isinstance(listed, list) or not all(
        isinstance(each, dict) and string(each, "resourceName") for each in listed
    ):
        raise UnreadableError(
            "Google's answer about your contacts is not a list of them", "trying again later"
        )
    return listed


def _broken_off() -> UnreadableError:
    return UnreadableError("Google's list of your contacts breaks off", "trying again later")
