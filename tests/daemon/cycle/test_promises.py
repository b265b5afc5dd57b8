"""The promises, under everything that may happen at once.

Two fikads with one config share the calendars of one user and nothing else. The user accepts,
drags, deletes and orders; meetings come and go; time passes; a fikad may stop before and after each
write and each commit, lose an answer, lose its ledger, or read an account that is down, breaks off
half-way, or suddenly lists nothing. After every step it is checked what was written, what is
concluded, and what is told; and whenever everybody is left in peace, the writing ends.

For hours of it, with a count of what was done: `make promises`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from typing import Any, Literal
from unittest import TestCase

import pytest
from hypothesis import HealthCheck, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from connectors.answering import without_lines
from connectors.base import Account, Changes, HoldDraft, HoldEvent, Resource
from connectors.errors import UnreachableError
from connectors.ical.hold_text import hold_event, seal
from connectors.sanitize import sanitize
from daemon.config.schema import Config
from daemon.cycle.report import Report
from daemon.holds.digest import is_digest
from daemon.holds.draft import answering_lines, contact_tag, tag_in
from daemon.languages.writing import ENGLISH
from daemon.situation.situation import Situation
from tests.daemon.world import (
    BERLIN,
    HOLDS,
    ME,
    SUNDAY,
    Clock,
    Crash,
    Fikad,
    Points,
    address,
    config,
    dragged,
    event,
    fragile,
    lines_of,
    meeting,
    new_ledger,
    person,
    rewritten,
    shortened,
)
from tests.memory import MemoryAccount, MemoryCalendar

NAMES = ("Jane Doe", "Bob Ray", "Ann Lee")
KEYS = {contact_tag(name.lower()): name for name in NAMES}
PER_WEEK, PER_DAY, OPEN = 2, 1, 3
REST = timedelta(weeks=1)
BUFFER = timedelta(minutes=15)


def shown(show_as: str) -> Config:
    """The config that both fikads have, with holds that show as free, or as it says."""
    return config(
        accounts={name: {"type": "files", "path": "/nowhere"} for name in ("home", "work")},
        contacts=[person(name, cadence="2 weeks") for name in NAMES],
        rhythm={"per_week": PER_WEEK, "per_day": PER_DAY, "open": OPEN, "weekly_digest": True},
        holds={"account": "home", "calendar": HOLDS, "show_as": show_as},
    )


CHANGES: Mapping[str, dict[str, str]] = {
    "yes": {"SUMMARY": "Coffee with {name}"},
    "busy": {"TRANSP": "OPAQUE"},
    "confirmed": {"STATUS": "CONFIRMED"},
    "cancelled": {"STATUS": "CANCELLED"},
    "place": {"LOCATION": "Café Rosa"},
    "note": {"DESCRIPTION": "Bring the book"},
    "skip": {"SUMMARY": "skip"},
    "snooze": {"SUMMARY": "Coffee with {name}? snooze 2 weeks"},
    "met": {"SUMMARY": "met"},
    "misspelt": {"SUMMARY": "snooze 3 wekks"},
    "never": {"SUMMARY": "never"},
    "refusal": {"SUMMARY": "Coffee with {name}, not now"},
    "until": {"SUMMARY": "until January"},
    "another day": {"SUMMARY": "tuesday"},
    "another time": {"SUMMARY": "Coffee with {name}? another time"},
    "missed": {"SUMMARY": "Coffee with {name} - didn't happen"},
    "something else": {"SUMMARY": "Dentist", "TRANSP": "OPAQUE"},
    "no order": {"SUMMARY": "snooze weekly"},
    "a yes with a place": {"SUMMARY": "Coffee with {name} @ Rosa"},
}
REMOVING = (
    "skip", "Coffee with {name}? snooze 2 weeks", "met", "snooze 3 wekks", "never", "Coffee with "
        "{name}, not now",
    "until January",
)  # fmt: skip
"""Titles that are orders to remove a hold."""
MOVING = ("tuesday", "Coffee with {name}? another time")
GESTURES = ("drag", "drag far", "shorten", "alarm", "guest", "contact", "declines", "two guests")
"""What is no change of a few properties."""
Answer = Literal["yes", "no", "unclear"]
COUNTED: Counter[str] = Counter()
"""What was done, over all runs."""


class Server(MemoryCalendar):
    """A calendar that may break off while it is read, or list nothing."""

    trouble: str = ""

    def changes(
        self, token: str | None, known: Mapping[str, str | None], *, complete: bool = False
    ) -> Iterator[Changes]:
        if self.trouble == "empty":
            yield Changes((), tuple(known), self.version, last=True)
            return
        for whole in super().changes(token, known, complete=complete):
            if self.trouble:
                half = whole.changed[: len(whole.changed) // 2]
                yield Changes(half, expected=len(whole.changed))
                raise UnreachableError("the connection broke")
            yield whole

    @property
    def version(self) -> str | None:
        return f"{super().version} {self.trouble}"

    def current_version(self) -> str | None:
        return super().version


@dataclass(slots=True)
class Write:
    """One write of fikad's that took place."""

    act: str
    uid: str
    before: HoldEvent | None
    after: HoldEvent | None
    text: str


class Watched:
    """The hold calendar, with every write of one fikad kept."""

    def __init__(self, calendar: Server, writes: list[Write]) -> None:
        self._calendar, self._writes = calendar, writes

    def __getattr__(self, name: str) -> Any:
        return getattr(self._calendar, name)

    def create(self, draft: HoldDraft) -> Resource:
        made = self._calendar.create(draft)
        self._keep("create", draft.uid, None, made.text)
        return made

    def update(self, stored: Resource, draft: HoldDraft) -> Resource:
        made = self._calendar.update(stored, draft)
        self._keep("update", draft.uid, stored, made.text)
        return made

    def complete(self, stored: Resource, lines: Collection[str]) -> Resource:
        made = self._calendar.complete(stored, lines)
        uid = stored.href.removesuffix(".ics")
        self._keep("complete", uid, stored, made.text)
        return made

    def delete(self, stored: Resource) -> None:
        self._calendar.delete(stored)
        before = parsed(stored.text)
        assert before is not None, "only holds are deleted"
        self._keep("delete", before.uid, stored, "")

    def _keep(self, act: str, uid: str, before: Resource | None, text: str) -> None:
        old = parsed(before.text) if before else None
        self._writes.append(Write(act, uid, old, parsed(text) if text else None, text))


class Watching(MemoryAccount):
    """An account, as one fikad has it open."""

    writes: list[Write]

    def calendars(self, now: datetime) -> Sequence[Any]:
        if any(calendar.trouble == "down" for calendar in self.held):  # type: ignore[attr-defined]
            raise UnreachableError("the server is down")
        return [Watched(calendar, self.writes) for calendar in self.held]  # type: ignore[arg-type]


@dataclass(slots=True)
class Installation:
    """A fikad, and what a bystander knows of it."""

    fikad: Fikad
    writes: list[Write] = field(default_factory=list)
    seen: dict[str, dict[str, str]] = field(default_factory=lambda: {"home": {}, "work": {}})
    """The foreign events of each account, as it read them last."""
    refused: dict[str, datetime] = field(default_factory=dict)
    """By contact: when the user deleted a hold that this fikad knew of, at the latest its end."""
    gone: set[str] = field(default_factory=set)
    """UIDs of holds that it knew when the user deleted them."""
    unnoticed: set[str] = field(default_factory=set)
    """Those of them that went since it read the hold calendar last."""
    dismissed: set[str] = field(default_factory=set)
    """UIDs of holds that it once took for dismissed."""
    freed: dict[str, str] = field(default_factory=dict)
    """By UID: the seal of a hold that it saw shown as free, and otherwise changed, by the user."""
    left: set[str] = field(default_factory=set)
    """UIDs of holds that it took for the user's when another fikad was told to move them, or wrote
    them anew: they stay the user's for it."""
    aware: dict[str, str] = field(default_factory=dict)
    """By UID: the seal of a hold as it saw it last when nobody had touched it."""

    def leave(self, uid: str) -> None:
        """Another fikad wrote a hold: if it is the user's for this one, it stays so."""
        known = self.fikad.holds().get(uid)
        if known is not None and known.state in ("pinned", "accepted"):
            self.left.add(uid)


class Promises(RuleBasedStateMachine):
    config = shown("free")

    @initialize(asked=st.booleans())
    def begin(self, asked: bool) -> None:
        """`asked`: both fikads are at home already, and holds stand."""
        COUNTED["runs"] += 1
        self.clock = Clock(SUNDAY)
        self.personal, self.coffee, self.work = Server("Personal"), Server(HOLDS), Server("Work")
        self.held: dict[str, list[MemoryCalendar]] = {
            "home": [self.personal, self.coffee],
            "work": [self.work],
        }
        self.foreign = self.losses = 0
        self.theirs: set[str] = set()
        """UIDs of holds that the user touched."""
        self.written: dict[str, datetime] = {}
        """When each hold was written last, by any fikad."""
        self.as_written: dict[str, HoldEvent] = {}
        """What was written then."""
        self.seals: dict[str, list[str]] = {}
        """The seals of all that was written, by UID, in its order."""
        self.completed: set[str] = set()
        """UIDs of holds whose yes was completed."""
        for place, name in enumerate(NAMES):
            self.put(self.personal, meeting(name, SUNDAY - timedelta(weeks=8, days=place)))
        for number in range(6):
            start = SUNDAY - timedelta(weeks=3, days=number)
            self.put(self.work, event(f"old-{number}", "Budget", start))
        self.both = [
            Installation(Fikad(self.config, self.opener(number), self.clock)) for number in range(2)
        ]
        for installation in self.both if asked else ():
            self.run(installation, "all")

    def opener(self, number: int) -> Any:
        def open_account(name: str) -> Account:
            account = Watching(name, self.held[name], frozenset({ME}))
            account.writes = self.both[number].writes
            return account

        return open_account

    def put(self, calendar: Server, text: str) -> None:
        self.foreign += 1
        uid = text.partition("\r\nUID:")[2].partition("\r\n")[0]
        calendar.put(f"{uid}.ics", text)

    # --- the world ---

    @rule(hours=st.sampled_from([1, 6, 24, 24 * 3, 24 * 8]))
    def time_passes(self, hours: int) -> None:
        self.clock.now += timedelta(hours=hours)

    @rule(
        days=st.integers(0, 15),
        hour=st.integers(7, 17),
        minutes=st.sampled_from([30, 60, 240]),
        free=st.booleans(),
    )
    def something_else_comes_up(self, days: int, hour: int, minutes: int, free: bool) -> None:
        start = self.day(days).replace(hour=hour)
        lines = ("TRANSP:TRANSPARENT",) if free else ()
        self.put(
            self.work, event(f"other-{self.foreign}", "Budget", start, *lines, minutes=minutes)
        )

    @precondition(lambda self: self.holds_there())
    @rule(data=st.data())
    def something_lands_on_a_hold(self, data: st.DataObject) -> None:
        read_back = parsed(self.a_hold(data).text)
        assert read_back is not None
        self.put(self.work, event(f"other-{self.foreign}", "Budget, urgent", read_back.start))

    @precondition(lambda self: self.holds_there())
    @rule(data=st.data(), who=st.integers(0, 1), hours=st.sampled_from([0, 25]))
    def the_times_that_a_hold_offers_are_taken(
        self, data: st.DataObject, who: int, hours: int
    ) -> None:
        event_found = parsed(self.a_hold(data).text)
        assert event_found is not None
        for start in offered(event_found, self.clock.now):
            self.put(self.work, event(f"other-{self.foreign}", "Budget", start))
        self.clock.now += timedelta(hours=hours)
        self.run(self.both[who], "all")

    @rule(
        name=st.sampled_from(NAMES),
        days=st.sampled_from([-9, -1, 2, 6]),
        said=st.sampled_from(["yes", "no", "?"]),
    )
    def a_meeting_with_somebody(self, name: str, days: int, said: str) -> None:
        text = meeting(name, self.day(days).replace(hour=18), uid=f"meeting-{self.foreign}")
        if said != "yes":
            answer = "DECLINED" if said == "no" else "NEEDS-ACTION"
            text = text.replace(f"PARTSTAT=ACCEPTED:mailto:{ME}", f"PARTSTAT={answer}:mailto:{ME}")
            text = text.replace(f"ORGANIZER:mailto:{ME}", "ORGANIZER:mailto:secretary@example.com")
        self.put(self.personal, text)

    @rule(data=st.data())
    def an_event_goes(self, data: st.DataObject) -> None:
        calendar = self.personal if data.draw(st.booleans()) else self.work
        if len(calendar.resources) > 1:
            calendar.drop(data.draw(st.sampled_from(sorted(calendar.resources))))

    # --- the user ---

    @precondition(lambda self: self.holds_there())
    @rule(data=st.data(), what=st.sampled_from([*GESTURES, *CHANGES]))
    def the_user_changes_a_hold(self, data: st.DataObject, what: str) -> None:
        COUNTED["gestures"] += 1
        hold = self.a_hold(data)
        event = parsed(hold.text)
        assert event is not None
        self.edit(hold, changed(hold.text, what, KEYS[tag_in(event.uid)]))

    def edit(self, hold: Resource, text: str) -> None:
        """The user's app saves a hold. What makes it again what fikad wrote is left out: whether a
        fikad saw it in between is another question."""
        before, after = parsed(hold.text), parsed(text)
        assert before is not None
        if after != before and after == self.as_written[before.uid]:
            return
        self.coffee.put(hold.href, text)
        if after != before:
            self.theirs.add(before.uid)
            name = KEYS[tag_in(before.uid)]
            assert after is not None
            if after.status != "cancelled" and after.title not in told(REMOVING, name):
                # Who takes up a suggestion ends the rest that another one's dismissal began.
                for installation in self.both:
                    installation.refused.pop(name, None)

    @precondition(lambda self: self.holds_there())
    @rule(data=st.data())
    def the_user_deletes_a_hold(self, data: st.DataObject) -> None:
        COUNTED["gestures"] += 1
        hold = self.a_hold(data)
        event = parsed(hold.text)
        assert event is not None
        self.coffee.drop(hold.href)
        name = KEYS[tag_in(event.uid)]
        alone = not any(tag_in(other.uid) == tag_in(event.uid) for other in self.standing())
        for installation in self.both:
            known = installation.fikad.holds().get(event.uid)
            if known is not None:
                installation.gone.add(event.uid)
                installation.unnoticed.add(event.uid)
                # With two holds for one contact nobody can tell which fikad removed the other.
                if alone and known.state in ("creating", "proposed", "accepted", "pinned"):
                    installation.refused[name] = min(self.clock.now, event.end, known.end)

    @rule(
        who=st.integers(0, 1),
        name=st.sampled_from(NAMES),
        word=st.sampled_from(["snooze", "met", "awake"]),
    )
    def the_user_says_something_by_hand(self, who: int, name: str, word: str) -> None:
        ledger, now = self.both[who].fikad.ledger, self.clock.now
        if word == "met":
            ledger.add_met(name.lower(), now, now)
        else:
            ledger.snooze(name.lower(), now + timedelta(days=5) if word == "snooze" else None, now)

    # --- fikad ---

    @rule(who=st.integers(0, 1), propose=st.sampled_from(["all", "all", "lost", "none"]))
    def a_pass(self, who: int, propose: str) -> None:
        self.run(self.both[who], propose)

    @rule(who=st.integers(0, 1), at=st.integers(0, 9), lost=st.booleans())
    def a_pass_that_is_cut_short(self, who: int, at: int, lost: bool) -> None:
        installation = self.both[who]
        writes = len(installation.writes)
        with fragile(installation.fikad, Points(at, lost)) as points:
            try:
                installation.fikad.once()
            except Crash:
                COUNTED["crashes"] += 1
                note(f"crashed {points.passed[-1]}")
        # it had read all before it wrote
        installation.seen = {account: self.foreign_texts(account) for account in installation.seen}
        self.check_writes(installation, writes)
        self.check_memory(installation)

    @rule(
        who=st.integers(0, 1),
        account=st.sampled_from(["home", "work"]),
        how=st.sampled_from(["down", "half", "empty"]),
    )
    def a_pass_that_cannot_read_everything(self, who: int, account: str, how: str) -> None:
        COUNTED["passes half blind"] += 1
        installation = self.both[who]
        calendar = self.held[account][0]
        assert isinstance(calendar, Server)
        known = installation.seen[account]
        if how == "empty" and len(known) < 5:
            return
        before, holds, writes = (
            installation.fikad.situation(),
            installation.fikad.holds(),
            len(installation.writes),
        )
        calendar.trouble = how
        try:
            report = installation.fikad.once()
        finally:
            calendar.trouble = ""
        self.check_writes(installation, writes)
        if not (how == "half" and installation.fikad.situation().occurrences != before.occurrences):
            assert not report.complete
        acts = {write.act for write in installation.writes[writes:]}
        for write in installation.writes[writes:]:
            if write.act == "complete":
                assert write.before is not None
                known_yes = write.uid in holds and holds[write.uid].state == "accepted"
                assert known_yes or self.answer(write.before, installation) != "no", (
                    "completed without a yes that was read"
                )
        if not report.complete:
            # What the user answered is done where it was read; it rests on nothing that is missing.
            assert acts <= {"delete", "complete"}, "nothing is proposed or moved on missing data"
            assert not any(
                "No other slot" in hold.reason for hold in report.holds.get("withdrawn", [])
            )
        if not report.complete and account == "home":
            assert not acts
            assert installation.fikad.holds() == holds, "nothing is concluded"
        if not report.complete:
            self.nothing_is_forgotten(installation, account)
        if report.complete or account == "work":
            installation.unnoticed.clear()
        self.check_memory(installation)
        installation.seen["work" if account == "home" else "home"] = self.foreign_texts(
            "work" if account == "home" else "home"
        )

    @precondition(lambda self: self.losses < 2)
    @rule(who=st.integers(0, 1))
    def a_ledger_is_lost(self, who: int) -> None:
        self.losses += 1
        COUNTED["ledgers lost"] += 1
        installation = self.both[who]
        installation.fikad.ledger.close()
        installation.fikad.ledger = new_ledger()
        self.both[who] = Installation(installation.fikad, installation.writes)

    @precondition(
        lambda self: (
            self.losses < 2 and all(installation.fikad.ledger.holds() for installation in self.both)
        )
    )
    @rule(name=st.sampled_from(["Fika", HOLDS]))
    def the_hold_calendar_is_renamed(self, name: str) -> None:
        """Whoever wrote into it knows it by its id from then on; a ledger that is lost would know
        its name alone."""
        COUNTED["renamed"] += 1
        self.coffee.name = name
        self.losses = 2

    @rule(who=st.integers(0, 1))
    def the_hold_calendar_is_gone_for_a_while(self, who: int) -> None:
        """Deleted by the user, who gets it back later: it is not made again, and what stood in it
        is not forgotten."""
        installation = self.both[who]
        if not installation.fikad.ledger.holds():
            return
        COUNTED["hold calendar gone"] += 1
        standing = [
            hold
            for hold in installation.fikad.ledger.holds()
            if hold.state in ("proposed", "pinned", "accepted")
        ]
        writes, before = len(installation.writes), installation.fikad.holds()
        self.held["home"].remove(self.coffee)
        try:
            report = installation.fikad.once()
            assert self.held["home"] == [self.personal], "a deleted calendar was made again"
        finally:
            self.held["home"][1:] = [self.coffee]
        assert not installation.writes[writes:]
        assert installation.fikad.holds() == before
        assert report.not_writable or not report.complete
        assert not report.complete or not standing
        installation.seen["work"] = self.foreign_texts("work")
        if report.complete:
            installation.seen["home"] = self.foreign_texts("home")

    @rule()
    def peace(self) -> None:
        """Left alone, both come to rest and agree; one untouched suggestion is left for each
        contact at the most."""
        for _ in range(6):
            writes = sum(len(installation.writes) for installation in self.both)
            before = [rows(installation) for installation in self.both]
            reports = [self.run(installation, "all") for installation in self.both]
            if writes == sum(len(installation.writes) for installation in self.both):
                break
        else:
            raise AssertionError("the writing does not end")
        unedited_digests = [
            href for href in self.digests() if href.removesuffix(".ics") not in self.theirs
        ]
        assert len(unedited_digests) <= 1, unedited_digests
        assert not any(
            look.writing
            for installation in self.both
            for look in installation.fikad.ledger.digests().values()
        )
        known = [installation.fikad.holds() for installation in self.both]
        for place, installation in enumerate(self.both):
            # With the same ledger, calendars and time another pass would be the last one again.
            if rows(installation) != before[place]:
                reports[place] = self.run(installation, "all")
        assert not any(holds for report in reports for holds in report.holds.values())
        assert known == [installation.fikad.holds() for installation in self.both]
        assert all(hold.intent is None for holds in known for hold in holds.values())
        standing = [hold for hold in self.standing() if hold.end > self.clock.now]
        for hold in standing:
            uid = hold.uid
            # One that knew it before it was deleted takes what another one wrote anew, its ledger
            # lost, for the user's.
            back = any(
                uid in installation.dismissed | installation.gone for installation in self.both
            )
            states = {
                holds[uid].state
                for installation, holds in zip(self.both, known, strict=True)
                if not (uid in installation.left and holds[uid].state == "pinned")
            }
            # Whether the user set it to busy is known only to one that saw it before.
            unclear = states == {"accepted", "pinned"} and any(
                self.answer(hold, installation) == "unclear" for installation in self.both
            )
            assert back or unclear or len(states) <= 1
        untouched = Counter(tag_in(event.uid) for event in standing if event.uid not in self.theirs)
        assert all(count == 1 for count in untouched.values())
        theirs = {
            tag_in(event.uid)
            for event in standing
            if known[0][event.uid].state == "pinned" and event.uid in self.theirs
        }
        assert not theirs & untouched.keys()

    def run(self, installation: Installation, propose: str) -> Report:
        COUNTED["passes"] += 1
        writes = len(installation.writes)
        report = installation.fikad.once(propose)
        assert report.complete
        assert not report.not_writable
        self.check_writes(installation, writes)
        installation.unnoticed.clear()
        installation.seen = {account: self.foreign_texts(account) for account in installation.seen}
        for hold in self.standing():
            if hold.uid not in self.theirs:
                installation.aware[hold.uid] = hold.seal
            elif hold.transparent and seal(replace(hold, transparent=False)) != hold.seal:
                installation.freed[hold.uid] = hold.seal
        situation = installation.fikad.situation()
        self.check_reasons(situation, report, everybody=propose == "all")
        self.check_recency(installation, situation)
        self.check_memory(installation)
        return report

    # --- the promises ---

    @invariant()
    def every_step_counts(self) -> None:
        COUNTED["steps"] += 1

    def check_writes(self, installation: Installation, first: int) -> None:
        """Promises 1, 2 and 3: what a fikad has written since."""
        COUNTED["writes"] += len(installation.writes) - first
        for write in installation.writes[first:]:
            if is_digest(write.uid):
                self.check_digest(installation, write)
                continue
            name = KEYS[tag_in(write.uid)]
            if write.act == "delete":
                assert write.before is not None
                # One that was to move goes when its contact is not to be asked any more.
                ordered = write.before.title in told(REMOVING + MOVING, name)
                assert write.uid not in self.theirs or (
                    ordered and "ATTENDEE" not in write.before.extras
                )
                continue
            if write.act == "complete":
                self.check_completion(installation, write)
                continue
            if write.act == "update" and write.uid in self.theirs:
                self.check_move_as_told(write, name)
            assert write.uid not in self.theirs or write.act == "create", (
                "what the user touched is theirs"
            )
            self.check_text(write)
            if stays(write):
                self.check_renewal(write)
            else:
                self.check_slot(write)
            assert write.after is not None
            self.written[write.uid] = self.clock.now
            self.as_written[write.uid] = write.after
            self.seals.setdefault(write.uid, []).append(write.after.seal)
            if write.act == "create":
                self.theirs.discard(write.uid)
                self.completed.discard(write.uid)
                assert write.uid not in installation.gone, "a deleted hold came back"
                refused = installation.refused.get(name)
                assert refused is None or self.clock.now >= refused + REST, (
                    "asked again before the rest was over"
                )
                self.hide_what_went(write.uid)

    def hide_what_went(self, uid: str) -> None:
        """A hold that was deleted stands again, written by a fikad whose ledger was lost: whoever
        did not look in between sees the one that it knows, and cannot know better."""
        for installation in self.both:
            if uid in installation.unnoticed:
                installation.unnoticed.discard(uid)
                installation.gone.discard(uid)
                installation.refused.pop(KEYS[tag_in(uid)], None)
                installation.leave(uid)

    def check_move_as_told(self, write: Write, name: str) -> None:
        """The user named another time, and changed nothing else: then the hold is fikad's again."""
        COUNTED["moved as told"] += 1
        before, after = write.before, write.after
        assert before is not None
        assert after is not None
        assert before.title in told(MOVING, name)
        asked = replace(before, title=f"Coffee with {name}?")
        assert seal(asked) == before.seal, "more than the title was changed"
        assert after.start != before.start
        assert before.title != "tuesday" or after.start.astimezone(BERLIN).weekday() == 1
        self.theirs.discard(write.uid)
        for installation in self.both:
            installation.leave(write.uid)

    def check_completion(self, installation: Installation, write: Write) -> None:
        """The one write that a hold of the user's may get: nothing else in it changes, nobody is
        told, and never a second one."""
        COUNTED["yes completed"] += 1
        before, after = write.before, write.after
        assert before is not None
        assert after is not None
        assert "ATTENDEE" not in before.extras
        assert self.answer(before, installation) != "no", "nobody said yes"
        assert (after.status, after.transparent) == ("confirmed", False)
        left = {
            "status": before.status,
            "transparent": before.transparent,
            "description": before.description,
        }
        assert replace(after, **left) == before  # type: ignore[arg-type]
        assert (
            after.description
            == sanitize(without_lines(before.description, answering_lines()))
            != before.description
        )
        assert write.uid not in self.completed, "completed twice"
        self.completed.add(write.uid)

    def check_renewal(self, write: Write) -> None:
        """An untouched hold, looked at again where it is: other times alone, once a day at most,
        whichever fikad does it and whatever it forgot. Unless it had become again what it was: of
        that, whoever did not look in between knows nothing."""
        COUNTED["renewed"] += 1
        before, after = write.before, write.after
        assert before is not None
        assert after is not None
        assert write.uid not in self.theirs
        same = replace(after, description=before.description, seal=before.seal)
        assert self.alike(same, before)
        assert same != before or after.description != before.description
        as_before = self.seals[write.uid].count(before.seal) > 1
        assert as_before or self.clock.now - self.written[write.uid] >= timedelta(days=1)

    def check_digest(self, installation: Installation, write: Write) -> None:
        """A look that the user touched is theirs; a deleted one stays deleted; never a time of its
        own."""
        COUNTED["looks written"] += 1
        assert write.uid not in self.theirs
        if write.act == "create":
            assert write.uid not in installation.gone, "a deleted look came back"
        if write.after is not None:
            self.check_text(write)
            assert write.after.all_day

    @precondition(lambda self: self.digests())
    @rule(
        data=st.data(),
        what=st.sampled_from(["alarm", "busy", "place", "note", "never", "cancelled", "delete"]),
    )
    def the_user_changes_a_digest(self, data: st.DataObject, what: str) -> None:
        COUNTED["look gestures"] += 1
        resource = self.coffee.resources[data.draw(st.sampled_from(self.digests()))]
        uid = resource.href.removesuffix(".ics")
        if what == "delete":
            self.coffee.drop(resource.href)
            for installation in self.both:
                if uid in installation.fikad.ledger.digests():
                    installation.gone.add(uid)
            self.theirs.discard(uid)
        else:
            text = changed(resource.text, what, "x")
            self.coffee.put(resource.href, text)
            if parsed(text) != parsed(resource.text):
                self.theirs.add(uid)

    def digests(self) -> list[str]:
        return sorted(
            href for href in self.coffee.resources if is_digest(href.removesuffix(".ics"))
        )

    def holds_there(self) -> list[str]:
        return sorted(
            href for href in self.coffee.resources if not is_digest(href.removesuffix(".ics"))
        )

    def check_text(self, write: Write) -> None:
        after = write.after
        assert after is not None
        assert (after.status, after.private, after.extras) == ("tentative", True, ())
        assert after.transparent or self.may_be_busy(write)
        assert after.seal == seal(after)
        assert "ORGANIZER" not in write.text

    def may_be_busy(self, write: Write) -> bool:
        """Whether fikad may show this as busy."""
        return False

    def alike(self, first: HoldEvent, second: HoldEvent) -> bool:
        """Whether two holds differ in nothing that a renewal leaves as it is, the text aside."""
        return first == second

    def check_slot(self, write: Write) -> None:
        """Open when it was written: nothing of the user's on it or close to it, at a time when they
        are available."""
        after = write.after
        assert after is not None
        first, last = after.start.astimezone(BERLIN), after.end.astimezone(BERLIN)
        assert first.weekday() < 5
        assert (first.hour, last.hour) >= (9, 9)
        assert after.start >= self.clock.now + timedelta(days=1)
        for calendar in (self.personal, self.work):
            for resource in calendar.resources.values():
                start, end = span(resource.text)
                if (
                    "TRANSPARENT" not in resource.text
                    and f"DECLINED:mailto:{ME}" not in resource.text
                ):
                    assert end + BUFFER <= after.start or after.end + BUFFER <= start
        others = [event for event in self.standing() if event.uid != write.uid]
        assert not any(event.start < after.end and after.start < event.end for event in others)

    def check_reasons(self, situation: Situation, report: Report, *, everybody: bool) -> None:
        """Promise 5."""
        assert all(hold.reason for holds in report.holds.values() for hold in holds)
        assert all(waiting.reason for waiting in report.waiting)
        assert all(verdict.reason for verdict in situation.counted)
        if report.planned and everybody:
            told = {waiting.contact_key for waiting in report.waiting}
            told |= {key for key, known in situation.contacts.items() if known.paused}
            told |= {hold.contact_key for holds in report.holds.values() for hold in holds}
            assert told >= {name.lower() for name in NAMES}, report

    def check_recency(self, installation: Installation, situation: Situation) -> None:
        """Promises 6 and 7: what is known now follows from what the calendars say now."""
        manual = {key: known.met for key, known in situation.records.items()}
        for name in NAMES:
            ends = [when for when in manual.get(name.lower(), ()) if when <= self.clock.now]
            for texts in installation.seen.values():
                ends += (
                    end for text in texts.values() if (end := self.met(text, name)) is not None
                )
            own = [e for e in self.standing() if tag_in(e.uid) == contact_tag(name.lower())]
            ends += (event.end for event in own if self.over(event, installation) == "yes")
            unclear = [event.end for event in own if self.over(event, installation) == "unclear"]
            sure, last = max(ends, default=None), situation.standings[name.lower()].last_met
            assert last == sure or (last in unclear and (sure is None or last > sure))
        unanswered = {e.uid for e in self.standing() if self.over(e, installation) == "no"}
        assert not unanswered & {verdict.occurrence.uid for verdict in situation.counted}

    def check_memory(self, installation: Installation) -> None:
        """A record stays that of its contact."""
        for uid, hold in installation.fikad.holds().items():
            assert KEYS[tag_in(uid)] == hold.contact_name
            if hold.state == "dismissed":
                installation.dismissed.add(uid)

    def nothing_is_forgotten(self, installation: Installation, account: str) -> None:
        """Promise 4: what was known of an account that cannot be read still counts."""
        uids = {
            occurrence.uid
            for occurrence in installation.fikad.ledger.occurrences(
                SUNDAY - timedelta(weeks=60), SUNDAY + timedelta(weeks=300)
            )
        }
        known = {href.removesuffix(".ics") for href in installation.seen[account]}
        assert known <= uids

    # --- looking ---

    def a_hold(self, data: st.DataObject) -> Resource:
        return self.coffee.resources[data.draw(st.sampled_from(self.holds_there()))]

    def standing(self) -> list[HoldEvent]:
        """Every hold in the calendar that is not cancelled."""
        events = [parsed(resource.text) for resource in self.coffee.resources.values()]
        return [
            event
            for event in events
            if event is not None and event.status != "cancelled" and not is_digest(event.uid)
        ]

    def foreign_texts(self, account: str) -> dict[str, str]:
        return {href: resource.text for href, resource in self.held[account][0].resources.items()}

    def met(self, text: str, name: str) -> datetime | None:
        """The end of a meeting with somebody, if it is one."""
        _, end = span(text)
        mine = f"PARTSTAT=ACCEPTED:mailto:{ME}" in text
        theirs = f"mailto:{name.split()[0].lower()}@example.com" in text
        return end if mine and theirs and end <= self.clock.now else None

    def over(self, event: HoldEvent, installation: Installation) -> Answer:
        """Whether a hold was accepted and took place, as far as a fikad can know."""
        name = KEYS[tag_in(event.uid)]
        if event.end > self.clock.now:
            return "no"
        guests = guests_in(self.coffee.resources[f"{event.uid}.ics"].text)
        if guests:
            coming = [email for email, answer in guests.items() if answer != "DECLINED"]
            ordered = event.title in told((*REMOVING, *MOVING, CHANGES["missed"]["SUMMARY"]), name)
            return "yes" if coming == [address(name)] and not ordered else "no"
        return self.answer(event, installation)

    def answer(self, event: HoldEvent, installation: Installation) -> Answer:
        """Whether the user accepted the hold, by its title or otherwise while it still asks."""
        asked = f"Coffee with {KEYS[tag_in(event.uid)]}?"
        bare = asked.rstrip("?")
        if event.title in (bare, f"{bare} @ Rosa"):
            return "yes"
        if event.title != asked:
            return "no"
        return "yes" if event.status == "confirmed" else self.busy_says(event, installation)

    def busy_says(self, event: HoldEvent, installation: Installation) -> Answer:
        """What a hold that still asks says by showing as busy or free."""
        return "no" if event.transparent else "yes"

    def day(self, days: int) -> datetime:
        return (self.clock.now + timedelta(days=days)).replace(minute=0)

    def teardown(self) -> None:
        for installation in getattr(self, "both", ()):
            installation.fikad.ledger.close()


class PromisesShownAsNeeded(Promises):
    """Holds that fikad shows as busy where few other slots are left, and as free again
    (`show_as = "auto"`): no yes, and never of its own accord in what the user touched."""

    config = shown("auto")

    @initialize(asked=st.booleans(), then=st.sampled_from(["", "busy", "touched", "free again"]))
    def begin(self, asked: bool, then: str) -> None:
        """`then`: one hold that stands came to show as busy, and after that the user touched it, or
        it came to show as free again."""
        super().begin(asked)
        assert all(hold.transparent for hold in self.standing()), "there is plenty of room"
        if asked and then:
            last = max(self.standing(), key=lambda hold: hold.start)
            self.leave_nothing_beside(last, 0, 25, touched=then == "touched")
            if then == "free again":
                self.what_was_taken_opens_again(who=0, hours=25)
                assert all(hold.transparent for hold in self.standing()), "there is room again"

    @precondition(lambda self: self.holds_there())
    @rule(
        data=st.data(),
        who=st.integers(0, 1),
        hours=st.sampled_from([0, 1, 25, 25]),
        touched=st.booleans(),
    )
    def hardly_anything_else_is_open(
        self, data: st.DataObject, who: int, hours: int, touched: bool
    ) -> None:
        for installation in self.both:
            self.run(installation, "all")
        if self.holds_there():
            hold = parsed(self.a_hold(data).text)
            assert hold is not None
            self.leave_nothing_beside(hold, who, hours, touched=touched)

    def leave_nothing_beside(self, hold: HoldEvent, who: int, hours: int, *, touched: bool) -> None:
        """All but a hold is taken, for longer than fikad plans ahead, and one fikad looks at it
        `hours` later. `touched`: then the user adds a place, before the other fikad looks."""
        around = timedelta(minutes=30)
        edges = (self.clock.now, hold.start - around, hold.end + around, self.day(18))
        for first, last in (edges[:2], edges[2:]):
            if first < last:
                minutes = int((last - first) / timedelta(minutes=1))
                self.put(self.work, event(f"away-{self.foreign}", "Away", first, minutes=minutes))
        # What another one wrote since counts as written when it is seen.
        knew = self.both[who].aware.get(hold.uid) == hold.seal
        self.clock.now += timedelta(hours=hours)
        self.run(self.both[who], "all")
        standing = {hold.uid: hold for hold in self.standing()}.get(hold.uid)
        if standing is None:
            return
        untouched = hold.uid not in self.theirs
        # While somebody rests for a fikad, it leaves as it is what another one suggests.
        rests = self.dismissed_one_of(KEYS[tag_in(hold.uid)], who)
        # What it took for deleted or the user's, and another one wrote anew, it leaves alone, too.
        back = hold.uid in self.both[who].dismissed | self.both[who].left
        later = hours >= 24 and standing.start == hold.start > self.clock.now
        if untouched and later and knew and not (rests or back):
            COUNTED["seen as busy"] += 1
            assert not standing.transparent, "hardly anything else is open"
        if touched:
            stored = self.coffee.resources[f"{hold.uid}.ics"]
            self.edit(stored, rewritten(stored.text, LOCATION="Café Rosa"))
            self.run(self.both[1 - who], "all")

    def dismissed_one_of(self, name: str, who: int) -> bool:
        """Whether a fikad takes a suggestion to meet this person for dismissed."""
        holds = self.both[who].fikad.holds().values()
        return any(hold.state == "dismissed" and hold.contact_name == name for hold in holds)

    @precondition(lambda self: self.holds_there())
    @rule(data=st.data(), shown=st.sampled_from(["TRANSPARENT", "OPAQUE"]), place=st.booleans())
    def the_user_says_how_a_hold_shows(self, data: st.DataObject, shown: str, place: bool) -> None:
        COUNTED["gestures"] += 1
        hold = self.a_hold(data)
        more = {"LOCATION": "Café Rosa"} if place else {}
        self.edit(hold, rewritten(hold.text, TRANSP=shown, **more))

    @rule(who=st.integers(0, 1), hours=st.sampled_from([0, 25, 25]))
    def what_was_taken_opens_again(self, who: int, hours: int) -> None:
        for href in [href for href in self.work.resources if href.startswith("away-")]:
            self.work.drop(href)
        self.clock.now += timedelta(hours=hours)
        self.run(self.both[who], "all")

    def may_be_busy(self, write: Write) -> bool:
        return not is_digest(write.uid)

    def alike(self, first: HoldEvent, second: HoldEvent) -> bool:
        if first.transparent != second.transparent:
            COUNTED["free again" if first.transparent else "shown as busy"] += 1
        return replace(first, transparent=second.transparent) == second

    def busy_says(self, event: HoldEvent, installation: Installation) -> Answer:
        """Nothing, where fikad itself wrote it so. Else it is a yes, for whoever can tell: the seal
        proves it where nothing else was changed, and who saw the hold before knows how it was."""
        if event.transparent:
            return "no"
        if not self.as_written[event.uid].transparent:
            # Whoever saw it free, and cannot prove that it was written as busy, sees it change.
            return "unclear" if installation.freed.get(event.uid) == event.seal else "no"
        proven = seal(replace(event, transparent=True)) == event.seal
        known = installation.aware.get(event.uid) == event.seal
        return "yes" if proven or known else "unclear"


def rows(installation: Installation) -> list[tuple[Any, ...]]:
    """All that stands in a ledger."""
    db = installation.fikad.ledger._db
    tables = db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    return [row for (table,) in tables for row in db.execute(f"SELECT * FROM {table}")]


def offered(hold: HoldEvent, now: datetime) -> list[datetime]:
    """The other times that a hold's message names."""
    quarters = (
        now.replace(minute=0, second=0) + count * timedelta(minutes=15) for count in range(16 * 96)
    )
    return [
        start
        for start in quarters
        if appointment(start) in hold.description and start != hold.start
    ]


def stays(write: Write) -> bool:
    """Whether a write leaves a hold where it was."""
    before, after = write.before, write.after
    return before is not None and after is not None and before.start == after.start


@cache
def appointment(start: datetime) -> str:
    """How a hold's message names this time."""
    return ENGLISH.appointment(start.astimezone(BERLIN))


@lru_cache(maxsize=4096)
def parsed(text: str) -> HoldEvent | None:
    return hold_event(text)


def told(titles: Sequence[str], name: str) -> set[str]:
    return {title.format(name=name) for title in titles}


def changed(text: str, what: str, name: str) -> str:
    """A hold after the user did something to it."""
    match what:
        case "drag":
            return dragged(text, timedelta(hours=2))
        case "drag far":
            return dragged(text, timedelta(weeks=9))
        case "shorten":
            return shortened(text, 20)
        case "guest":
            return invited(text, ("friend@example.com", "NEEDS-ACTION"))
        case "contact":
            return invited(text, (address(name), "ACCEPTED"))
        case "declines":
            return invited(text, (address(name), "DECLINED"))
        case "two guests":
            return invited(text, (address(name), "ACCEPTED"), ("friend@example.com", "TENTATIVE"))
        case "alarm":
            return rewritten(
                text,
                "BEGIN:VALARM",
                "ACTION:DISPLAY",
                "DESCRIPTION:soon",
                "TRIGGER:-PT5M",
                "END:VALARM",
            )
    return rewritten(text, **{key: value.format(name=name) for key, value in CHANGES[what].items()})


def invited(text: str, *guests: tuple[str, str]) -> str:
    """A hold with these guests and their answers."""
    rows = (f"ATTENDEE;PARTSTAT={answer}:mailto:{email}" for email, answer in guests)
    return rewritten(text, *rows, without=("ATTENDEE",))


def guests_in(text: str) -> dict[str, str]:
    """The answers of the guests of a hold, by address."""
    rows = [line for line in lines_of(text) if line.startswith("ATTENDEE")]
    return {
        row.rpartition("mailto:")[2]: row.partition("PARTSTAT=")[2].partition(":")[0]
        for row in rows
    }


@lru_cache(maxsize=4096)
def span(text: str) -> tuple[datetime, datetime]:
    """Start and end of an event that another program of this test wrote."""
    edges = [
        datetime.strptime(line.partition(":")[2], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        for line in text.splitlines()
        if line.startswith(("DTSTART", "DTEND"))
    ]
    return edges[0], edges[1]


@pytest.fixture(scope="module", autouse=True)
def _told(request: pytest.FixtureRequest) -> Iterator[None]:
    """Say at the end how much was done."""
    yield
    reporter = request.config.pluginmanager.get_plugin("terminalreporter")
    capture = request.config.pluginmanager.get_plugin("capturemanager")
    if reporter is None or capture is None:
        return
    with capture.global_and_fixture_disabled():
        reporter.write_line(
            "\npromises: " + ", ".join(f"{count} {what}" for what, count in COUNTED.items())
        )


PARTS: Sequence[tuple[str, type[Promises]]] = (
    ("Promises0", Promises),
    ("Promises1", Promises),
    ("PromisesShownAsNeeded0", PromisesShownAsNeeded),
)


def part(number: int) -> type[TestCase]:
    """A part of the examples, so that several processes can share them. Hypothesis seeds each by
    its name."""
    name, kind = PARTS[number]
    machine = type(name, (kind,), {"__module__": __name__})
    case = machine.TestCase  # type: ignore[attr-defined]
    case.settings = settings(
        max_examples=len(range(number, settings().max_examples, len(PARTS))),
        stateful_step_count=30,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    return case  # type: ignore[no-any-return]


TestPromises0, TestPromises1, TestPromisesShownAsNeeded = map(part, range(len(PARTS)))
