"""A Google account and its calendars, as the rest of fikad sees them.

The list of calendars and the access token are asked for at most once an hour, so that a pass in
which nothing changed costs one request per calendar. Nothing of Google's libraries is imported
before the first request."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from connectors.base import Changes, HoldDraft, KnownResources, Resource, oldest_called
from connectors.errors import AccountError, MissingError, ReadOnlyError, UncertainError
from connectors.google.auth import HOLD_SCOPE, NAMED_SCOPE, OAuthLogin, TokenStore, missing_scopes
from connectors.google.begun import Begun
from connectors.google.calls import SCOPE_REASONS, Calls, Patience, Refused
from connectors.google.free_busy import GoogleFreeBusy
from connectors.google.reading import (
    CalendarAccess,
    FreeBusyOnlyError,
    begun,
    calendar_entries,
    changes_since,
    entry,
)
from connectors.google.writing import (
    complete_hold,
    create_hold,
    delete_hold,
    read_hold,
    took_back,
    update_hold,
)

_LIST_AGE = timedelta(hours=1)
_LONG_AGO = datetime.min.replace(tzinfo=UTC).isoformat()
_WRITERS = ("owner", "writer", "writerWithoutPrivateAccess")


class GoogleAccount:
    """One Google login (`connectors.base.Account`)."""

    def __init__(
        self,
        name: str,
        client_secrets: Path,
        token: TokenStore,
        endpoint: str | None,
        memo: dict[str, Any],
        patience: Patience | None = None,
    ) -> None:
        """Raises CredentialsError for an endpoint that would leak the token."""
        self._name = name
        self._memo = memo
        self._calls = Calls(
            OAuthLogin(name, client_secrets, token),
            endpoint,
            patience or Patience(),
        )

    @property
    def name(self) -> str:
        return self._name

    @property
    def can_create(self) -> bool:
        """Whether the grant reaches as far as a calendar of our own; True while that is not
        known."""
        return not missing_scopes(self._calls.scopes, (HOLD_SCOPE,))

    @property
    def remark(self) -> str:
        """Nothing."""
        return ""

    @property
    def trusted(self) -> bool:
        """The texts are rendered here, from Google's JSON."""
        return True

    @property
    def requests(self) -> int:
        return self._calls.requests

    @property
    def memo(self) -> dict[str, Any]:
        return self._memo

    @property
    def unusable(self) -> Mapping[str, str]:
        """Calendars that `calendars` leaves out, by name, with the reason: shared as free/busy
        only, and Google has refused to list even their times."""
        refused = self._memo.get("refused", [])
        return {
            each["name"]: "shared as free/busy only, and Google does not list its times"
            for each in self._entries()
            if each["id"] in refused and each["role"] == "freeBusyReader"
        }

    @property
    def free_busy(self) -> GoogleFreeBusy:
        return GoogleFreeBusy(self._name, self._calls)

    def calendars(self, now: datetime) -> Sequence[GoogleCalendar]:
        """Every readable calendar; Google is asked for the list at most once an hour, and each that
        was read before for what changed since, as long as it answers. Begins a new pass."""
        self._calls.new_pass()
        if not self._list_is_fresh(now):
            self._memo["calendars"] = {
                "at": now.astimezone(UTC).isoformat(),
                "entries": self._entries_now(),
            }
            self._forget_unlisted()
        unusable = self.unusable
        listed = [self._calendar(each) for each in self._entries() if each["name"] not in unusable]
        for calendar in listed:
            if not calendar.ask():
                break
        return listed

    def addresses(self) -> frozenset[str]:
        """The primary calendar's id is the account's address."""
        return frozenset(
            each["id"].lower() for each in self._entries() if each["primary"] and "@" in each["id"]
        )

    def create_calendar(self, name: str) -> GoogleCalendar:
        """The calendar of this name that Google lists now, else a new secondary one.

        Sent once: it has no id of our choosing, so a lost answer is cleared up by looking for the
        name, and so is another fikad that was as quick. Raises ReadOnlyError, UncertainError, and
        as `calendars`."""
        standing = self._listed_anew(name)
        if standing is not None:
            return standing
        try:
            created = self._calls.execute(
                self._calls.collection("calendars").insert(body={"summary": name}),
                writes=True,
                repeats=False,
            )
        except Refused as refused:
            advice = (
                f"run `fikad auth {self._name}` and allow it"
                if refused.reason in SCOPE_REASONS
                else "name another"
            )
            raise ReadOnlyError(
                f'Google refuses a new calendar "{name}" ({refused})', advice
            ) from None
        except UncertainError:
            standing = self._listed_anew(name)
            if standing is None:
                raise
            return standing
        if not isinstance(created, dict) or not isinstance(created.get("id"), str):
            raise UncertainError(
                f'Google\'s answer about the new calendar "{name}" makes no sense',
                "the next pass looks",
            )
        made = entry({**created, "accessRole": "owner"})
        self._memo["made"] = made
        self._memo.setdefault("calendars", {"entries": []})["at"] = _LONG_AGO
        with suppress(AccountError):
            standing = self._listed_anew(name)
        return standing or self._calendar(made)

    def close(self) -> None:
        self._calls.close()

    def _list_is_fresh(self, now: datetime) -> bool:
        listed = self._memo.get("calendars")
        return (
            listed is not None
            and timedelta(0) <= now - datetime.fromisoformat(listed["at"]) < _LIST_AGE
        )

    def _forget_unlisted(self) -> None:
        """Calendars that are gone are asked nothing more."""
        ids = {each["id"] for each in self._entries()}
        tokens = self._memo.get("tokens", {})
        self._memo["tokens"] = {id_: token for id_, token in tokens.items() if id_ in ids}

    def _listed_anew(self, name: str) -> GoogleCalendar | None:
        """The calendar of a name in a fresh list, which takes the place of the one that was
        remembered but for the
        next pass, which asks again: of two fikads that made one each, both are to see both. Raises
        AccountError."""
        entries = self._entries_now()
        self._memo["calendars"] = {"at": _LONG_AGO, "entries": entries}
        return oldest_called(name, [self._calendar(each) for each in entries])

    def _entries_now(self) -> list[dict[str, Any]]:
        """The list as Google gives it, with the calendar made last, which it may not list at
        once."""
        entries = calendar_entries(self._calls, self._name)
        made = self._memo.get("made")
        if made is not None and any(each["id"] == made["id"] for each in entries):
            del self._memo["made"]
            return entries
        return entries if made is None else [*entries, made]

    def _entries(self) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = self._memo.get("calendars", {}).get("entries", [])
        return entries

    def _calendar(self, remembered: Mapping[str, Any]) -> GoogleCalendar:
        return GoogleCalendar(CalendarAccess(self._calls, self._name, **remembered), self._memo)


class GoogleCalendar:
    """One calendar of a Google account (`connectors.base.Calendar`)."""

    def __init__(self, access: CalendarAccess, memo: dict[str, Any]) -> None:
        self._access = access
        self._memo = memo
        self._version: str | None = None
        self._asked: Begun[list[dict[str, Any]]] | None = None

    def ask(self) -> bool:
        """Ask what changed since this calendar was read last, for `version` and `changes` to go by.
        Whether Google answered, or had nothing to be asked."""
        token = self._memo.get("tokens", {}).get(self.id)
        if token is None:
            return True
        self._asked = begun(self._access, token)
        self._version = token if self._asked.unchanged else None
        return self._asked.failed is None

    @property
    def id(self) -> str:
        return self._access.id

    @property
    def name(self) -> str:
        return self._access.name

    @property
    def owner(self) -> str:
        return self._access.owner

    @property
    def also_called(self) -> tuple[str, ...]:
        """Other names by which the config may choose it."""
        return ("primary",) if self._access.primary else ()

    @property
    def writable(self) -> bool:
        """As far as the user's role and the grant tell; a write may still be refused."""
        scopes = self._access.calls.scopes
        if self._access.role not in _WRITERS:
            return False
        if not missing_scopes(scopes, (NAMED_SCOPE,)):
            return True
        # A calendar of our own making is a secondary one; whether it is this client's, only a write
        # will tell.
        return (
            self._access.secondary
            and self._access.role == "owner"
            and not missing_scopes(scopes, (HOLD_SCOPE,))
        )

    @property
    def version(self) -> str | None:
        """The token from which the next reading goes on, if Google said by it that nothing changed
        since, or has just given it."""
        return self._version

    @property
    def keeps_history(self) -> bool:
        """Always, by its sync tokens."""
        return True

    def current_version(self) -> str | None:
        """Always the same: Google never gives the id of a deleted event again, so a create that is
        asked once more cannot bring a deleted hold back, and nothing has to be compared."""
        return "ids are kept"

    def changes(
        self, token: str | None, known: KnownResources, *, complete: bool = False
    ) -> Iterator[Changes]:
        self._version, (asked, self._asked) = None, (self._asked, None)
        try:
            if asked is not None and asked.failed is not None:
                raise asked.failed
            for batch in changes_since(self._access, token, known, complete, asked):
                if batch.last and batch.token is not None:
                    # Before it is handed out: it is stored with the version, and then this is.
                    self._memo.setdefault("tokens", {})[self.id] = self._version = batch.token
                yield batch
        except FreeBusyOnlyError:
            refused = self._memo.setdefault("refused", [])
            if self.id not in refused:
                refused.append(self.id)
            raise
        except MissingError:
            # What is remembered of the list is not true any more.
            self._memo.get("calendars", {})["at"] = _LONG_AGO
            self._memo.pop("made", None)
            self._memo.get("tokens", {}).pop(self.id, None)
            raise

    def read(self, uid: str) -> Resource | None:
        """None when it was deleted; MissingError when it is the calendar that is gone."""
        return read_hold(self._access, uid)

    def took_back(self, uid: str) -> bool:
        """See `Calendar.took_back`. Another fikad did, which may know of a calendar that was made
        since this one asked
        for the list: it is asked for again."""
        taken = took_back(self._access, uid)
        if taken and "calendars" in self._memo:
            self._memo["calendars"]["at"] = _LONG_AGO
        return taken

    def create(self, draft: HoldDraft) -> Resource:
        """Raises TakenError (WithdrawnError when fikad itself deleted it), ReadOnlyError,
        UncertainError."""
        return create_hold(self._written(), draft)

    def update(self, stored: Resource, draft: HoldDraft) -> Resource:
        return update_hold(self._written(), stored, draft)

    def complete(self, stored: Resource, lines: Collection[str]) -> Resource:
        return complete_hold(self._written(), stored, lines)

    def delete(self, stored: Resource) -> None:
        delete_hold(self._written(), stored)

    def _written(self) -> CalendarAccess:
        """The way to Google, for a write: what was listed before it does not show it, and is not
        what the next reading begins with."""
        self._asked = None
        return self._access
