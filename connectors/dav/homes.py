"""The homes of one login: where its calendars or address books are, found once and remembered.

The idea is to ask once: a single PROPFIND of the home brings every collection's name, rights and
version, so a poll that finds nothing new is one request, however many collections there are. Where
the home is was discovered at the first time and is remembered in `memo`; it is looked for again
when it stops answering."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from connectors.dav.dialect import Dialect
from connectors.dav.discovery import RULES, FoundHomes, discover
from connectors.dav.login import Login
from connectors.dav.multistatus import DAV, Part, collection, normal
from connectors.dav.requests import propfind_body
from connectors.dav.wire import Wire
from connectors.errors import MissingError, UnreadableError
from connectors.sanitize import sanitize


class Homes:
    """What one login holds, as of the last `listing`. Nothing is asked before it."""

    owner: Part | None = None
    """What the principal said, where the last `listing` had to discover the homes."""

    def __init__(
        self, login: Login, memo: dict[str, Any], dialect: Dialect, asked: Iterable[str]
    ) -> None:
        self.wire = Wire(login, memo, dialect)
        self.memo = memo
        self._exact = login.exact
        self._asked = propfind_body(asked)
        self._parts: tuple[Part, ...] = ()
        if (
            memo.get("url") != self.wire.base
            or memo.get("username") != login.username
            or memo.get("rules") != RULES
            or not _sound(memo)
        ):
            memo.clear()
            memo.update(url=self.wire.base, username=login.username, rules=RULES)

    @property
    def single(self) -> bool:
        """The account's address is that of one collection. False too while it is not known."""
        return bool(self.memo.get("single"))

    @property
    def principal(self) -> str | None:
        """The principal's path, where it is known."""
        principal: str | None = self.memo.get("principal")
        return principal

    @property
    def first(self) -> str:
        """The path of the home where new collections are made. Known after `listing`."""
        return str(self.memo["homes"][0])

    def listing(self) -> tuple[Part, ...]:
        """What every home says is in it: one request per home, plus the discovery at the first time
        and when a remembered home has gone.

        Raises CredentialsError, UnreachableError, UnreadableError, MissingError.
        """
        self.owner = None
        remembered = "homes" in self.memo
        if not remembered:
            self._remember(discover(self.wire, exact=self._exact))
        try:
            return self.ask()
        except MissingError:
            if not remembered:
                raise
        self._remember(discover(self.wire, exact=self._exact))
        return self.ask()

    def ask(self) -> tuple[Part, ...]:
        """As `listing`, of the homes that are known; a home that has gone raises MissingError."""
        parts: list[Part] = []
        homes: list[str] = []
        asked: list[dict[str, Any] | None] = []
        for home in self.memo["homes"]:
            depth = 0 if self.single else 1
            answered, answer = self.wire.propfind(home, depth, self._asked)
            if not any(f"{DAV}resourcetype" in part.props for part in answered.parts):
                raise UnreadableError(
                    f"{self.wire.host} does not say what is in {sanitize(home)}",
                    "nothing was concluded from it",
                )
            parts += answered.parts
            homes.append(collection(answer.path))
            asked.append(self.wire.question(home, depth, self._asked, answer))
        dialect = self.wire.dialect
        if self.single and not dialect.is_collection(parts[0]):
            raise MissingError(
                f"{self.wire.host} has no {dialect.collection} at {sanitize(homes[0])} any more",
                "check the account's url",
            )
        self.memo["homes"] = homes
        self.memo["question"] = asked[0] if len(asked) == 1 else None
        self._parts = tuple(parts)
        return self._parts

    def at(self, path: str) -> Part | None:
        """What was listed at a path, in whatever spelling."""
        return next(
            (part for part in self._parts if normal(collection(part.href)) == normal(path)), None
        )

    def _remember(self, found_homes: FoundHomes) -> None:
        self.memo.update(
            homes=list(found_homes.homes),
            single=found_homes.single,
            principal=found_homes.principal,
        )
        self.owner = found_homes.owner


def _sound(memo: Mapping[str, Any]) -> bool:
    """Whether a memo is one that we could have written; anything else is discovered anew."""
    homes = memo.get("homes", ["/"])
    return (
        isinstance(homes, list)
        and bool(homes)
        and all(isinstance(home, str) and home.startswith("/") for home in homes)
        and isinstance(memo.get("principal"), str | None)
    )
