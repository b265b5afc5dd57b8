"""A calendar that somebody publishes at an address: one .ics for all events, only read.

An account object asks once: a pass reads each account more than once, and a feed has nothing new to
say within seconds. It asks for the text only if that changed (ETag, Last-Modified), and takes
note of those marks when what they stand for was stored: a text that was not believed is asked for
again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from connectors.base import Changes, Resource
from connectors.errors import (
    AccountError,
    MissingError,
    ReadOnlyError,
    UnreachableError,
    UnreadableError,
)
from connectors.files.reading import BATCH
from connectors.read_only import ReadOnly
from connectors.web.feed import ADVICE, Feed, missing_from, read_feed
from connectors.web.fetching import LATER, Fetcher, Limits, WebAnswer
from connectors.web.location import Location

FEED_ID = "feed"
"""The one calendar's id, whatever its address: publishing anew gives it another."""
_MOST_AGE = timedelta(days=1)
"""An answer that a cache kept for longer is no reading."""
_TOLD_FROM = timedelta(hours=1)
_FRESH = timedelta(minutes=10)
"""A text written so shortly before it was sent was written for us."""
_MOST_LATE = timedelta(days=2)
"""What appears later than so long after it was changed was not late, but out of sight."""
_CONDITIONS = (("etag", "If-None-Match"), ("last-modified", "If-Modified-Since"))


class WebAccount:
    """The account of one published calendar. Nothing is asked before `calendars`; nothing but
    `AccountError` is raised."""

    def __init__(
        self,
        name: str,
        location: Location,
        memo: dict[str, Any],
        limits: Limits | None = None,
    ) -> None:
        self._name = name
        self._location = location
        self._fetcher = Fetcher(location, limits or Limits())
        self._calendar: WebCalendar | None = None
        self._marks: Mapping[str, str] = {}
        self._memo = memo
        # tells another address from this one, and nothing about it
        mark = hashlib.sha256(location.url.encode()).hexdigest()[:8]
        if memo.get("mark") != mark:
            memo.clear()
            memo["mark"] = mark

    @property
    def name(self) -> str:
        return self._name

    @property
    def host(self) -> str:
        """Who publishes it, for people."""
        return self._location.shown

    @property
    def requests(self) -> int:
        return self._fetcher.requests

    @property
    def memo(self) -> dict[str, Any]:
        """JSON: `mark` of the address; `conditions` for the next request and the `digest` they
        stand for; `name`; `busy_only`, `behind_seconds`, `late_seconds` (see `remark`); `asked`:
        when all that it said then was stored."""
        return self._memo

    @property
    def can_create(self) -> bool:
        return False

    @property
    def unusable(self) -> Mapping[str, str]:
        """None is left out."""
        return {}

    @property
    def trusted(self) -> bool:
        """What is published may come from anybody."""
        return False

    @property
    def remark(self) -> str:
        """How far behind it may be, and that it tells only when its owner is busy."""
        seconds = max(self._memo.get("behind_seconds", 0), self._memo.get("late_seconds", 0))
        said = []
        if seconds >= _TOLD_FROM.total_seconds():
            hours = round(seconds / 3600)
            said.append(f"it may be up to {hours} hour{'' if hours == 1 else 's'} behind")
        if self._memo.get("busy_only"):
            said.append("it tells only when you are busy, so nothing in it counts as a meeting")
        return "; ".join(said)

    @property
    def free_busy(self) -> None:
        """There is no server to ask."""

    def calendars(self, now: datetime) -> Sequence[WebCalendar]:
        """The one calendar, as it stands now. Raises MissingError, UnreachableError,
        UnreadableError."""
        if self._calendar is None:
            self._calendar = WebCalendar(self, now)
        return [self._calendar]

    def addresses(self) -> frozenset[str]:
        """A feed belongs to nobody: `me` in the config says who you are."""
        return frozenset()

    def create_calendar(self, name: str) -> WebCalendar:
        raise ReadOnlyError(
            f"{self._location.shown} publishes a calendar, which is only read",
            "choose another account for holds",
        )

    def close(self) -> None:
        """Nothing is open between calls."""

    # --- for its calendar ---

    def news(self, now: datetime) -> Feed | None:
        """The feed as it stands now; None where that is what the memo stands for. Raises as
        `calendars`."""
        conditions = self._memo.get("conditions", {})
        answer = self._fetcher.get(conditions)
        feed = None if conditions and answer.status == 304 else self._read(answer, now)
        if feed is None or feed.digest == self._memo.get("digest"):
            self._memo["asked"] = now.isoformat()
        return feed

    def whole(self, now: datetime) -> Feed:
        """The feed as it stands now, whatever is known. Raises as `calendars`."""
        return self._read(self._fetcher.get({}), now)

    def _read(self, answer: WebAnswer, now: datetime) -> Feed:
        if answer.status != 200:
            raise self._refusal(answer.status)
        kept = _age(answer)
        if kept > _MOST_AGE:
            hours = round(kept.total_seconds() / 3600)
            raise UnreachableError(
                f"{self._location.shown} gave an answer that is {hours} hours old", LATER
            )
        feed = read_feed(answer.body, self._location.shown)
        self._memo["name"] = feed.name
        self._memo["busy_only"] = feed.busy_only
        self._memo["behind_seconds"] = int(_behind(feed, answer, now).total_seconds())
        marks = {
            header: answer.headers[mark] for mark, header in _CONDITIONS if mark in answer.headers
        }
        if feed.digest == self._memo.get("digest"):
            self._memo["conditions"] = marks
        self._marks = marks
        return feed

    def stored(self, feed: Feed, changed: Sequence[str], now: datetime, *, first: bool) -> None:
        """What was fetched last is in the ledger: from now on only news is asked for."""
        asked = datetime.fromisoformat(self._memo["asked"]) if "asked" in self._memo else None
        latest = max(
            (feed.modified[href] for href in changed if href in feed.modified), default=None
        )
        if asked and latest and not first:
            late = asked - latest
            self._memo["late_seconds"] = (
                int(late.total_seconds()) if timedelta() < late < _MOST_LATE else 0
            )
        self._memo |= {
            "conditions": self._marks,
            "digest": feed.digest,
            "asked": now.isoformat(),
        }

    def _refusal(self, status: int) -> AccountError:
        host = self._location.shown
        if status in {404, 410}:
            return MissingError(
                f"{host} publishes nothing at the account's address any more (error {status})",
                "publish the calendar again, and give fikad its new address",
            )
        if status == 429 or status >= 500:
            return UnreachableError(f"{host} answered with error {status}", LATER)
        if status in {401, 403}:
            return UnreadableError(
                f"{host} does not let fikad read the account's address (error {status})", ADVICE
            )
        return UnreadableError(f"{host} answered with status {status} and no calendar", ADVICE)


class WebCalendar(ReadOnly):
    """The calendar that is published there, as it stood at `now` (aware)."""

    def __init__(self, account: WebAccount, now: datetime) -> None:
        super().__init__("it is published at an address")
        self._account = account
        self._now = now
        self._feed = account.news(now)

    @property
    def id(self) -> str:
        return FEED_ID

    @property
    def name(self) -> str:
        """What it calls itself, else the account's name."""
        return str(self._account.memo.get("name") or self._account.name)

    @property
    def also_called(self) -> tuple[str, ...]:
        return (self._account.name,)

    @property
    def version(self) -> str | None:
        return str(self._account.memo["digest"]) if self._feed is None else self._feed.digest

    def current_version(self) -> str | None:
        feed = self._account.news(self._now)
        return self._account.memo["digest"] if feed is None else feed.digest

    def changes(
        self, token: str | None, known: Mapping[str, str | None], *, complete: bool = False
    ) -> Iterator[Changes]:
        """See `Calendar.changes`: always a full comparison, since an equal version tells
        what a token would. Raises as `WebAccount.calendars`."""
        if self._feed is None:
            self._feed = self._account.whole(self._now)
        feed = self._feed
        changed = tuple(
            resource for resource in feed.resources if known.get(resource.href) != resource.etag
        )
        missing = missing_from(feed, known, self._now)
        # of what is not believed nothing is kept, so it comes at once
        *earlier, last = [changed] if missing.doubt else _batches(changed)
        for batch in earlier:
            yield Changes(changed=batch, expected=len(changed))
        yield Changes(
            changed=last,
            removed=missing.gone,
            aged=missing.aged,
            doubt=missing.doubt,
            token=feed.digest,
            last=True,
            expected=len(changed),
        )
        # asked for more, the reader has stored this
        hrefs = [resource.href for resource in changed]
        self._account.stored(feed, hrefs, self._now, first=token is None)


def _batches(resources: tuple[Resource, ...]) -> list[tuple[Resource, ...]]:
    """At least one."""
    starts = range(0, max(len(resources), 1), BATCH)
    return [resources[start : start + BATCH] for start in starts]


def _age(answer: WebAnswer) -> timedelta:
    """For how long caches on the way kept the answer (RFC 9111 section 5.1)."""
    said = answer.headers.get("age", "").strip()
    return timedelta(seconds=int(said)) if said.isdigit() and len(said) < 10 else timedelta()


def _behind(feed: Feed, answer: WebAnswer, now: datetime) -> timedelta:
    """How far the feed may be behind the calendar: for as long as caches kept it, and for as long
    as its publisher says to leave it before it is written anew, unless it was written just now."""
    sent = _header_moment(answer, "date") or now
    changed = _header_moment(answer, "last-modified")
    written = max(filter(None, (feed.written, changed)), default=None)
    fresh = written is not None and abs(sent - written) < _FRESH
    return _age(answer) + (
        timedelta() if fresh or feed.renewed_every is None else feed.renewed_every
    )


def _header_moment(answer: WebAnswer, name: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(answer.headers.get(name, ""))
    except (TypeError, ValueError):
        return None
    return moment.astimezone(UTC) if moment.tzinfo else None
