"""Tending the look at the week: writing it when holds are planned, keeping it true, removing it when the next comes.

What becomes of a look is decided in `daemon.holds.digest`; here is what a pass knows for that, and the writes. A record
is kept before and after each request, so that a crash in between is settled by the next pass.
"""

from __future__ import annotations

from dataclasses import replace

from connectors.base import (
    AccountError,
    Calendar,
    ChangedError,
    FikadError,
    HoldEvent,
    Resource,
    TakenError,
    UncertainError,
)
from connectors.ical.hold_text import hold_event
from daemon.cycle.hold_calendar import HoldCalendarError, create_hold_calendar
from daemon.cycle.inputs import Scene
from daemon.cycle.reading import ReadAccount
from daemon.holds.digest import Look, Week, adopt, begin, look_draft, plan_of, settle, step, written
from daemon.holds.facts import Move, Withdraw
from daemon.ledger.ledger import Ledger
from daemon.ledger.readings import FoundHold
from daemon.planning.agenda import last_plan, timetable
from daemon.practice.this_week import this_week
from daemon.situation.situation import look as look_around


def tend_looks(
    scene: Scene, place: tuple[ReadAccount, Calendar | None], ledger: Ledger, *, new: bool
) -> list[tuple[str, FikadError]]:
    """Settle every look, in a pass that read every account, and write this week's where it is missing and `new` ones
    are wanted now. `place` is as `hold_calendar` gives it. Returns the accounts that could not be written, and why."""
    looks = ledger.looks()
    if not scene.config.rhythm.weekly_look and not looks:
        return []
    tended = _Tended(scene, ledger, looks)
    unwritten = tended.settle_all()
    one, calendar = place
    if tended.missing and (new or unwritten):
        try:
            tended.write(calendar or create_hold_calendar(scene.config, one, ledger), one.account.name)
        except (AccountError, HoldCalendarError) as error:
            tended.failures.append((one.account.name, error))
    return tended.failures


class _Tended:
    """The looks of one pass."""

    def __init__(self, scene: Scene, ledger: Ledger, looks: dict[str, Look]) -> None:
        self._scene, self._ledger, self._looks = scene, ledger, looks
        self._week = _week(scene, ledger)
        self._found: dict[str, list[FoundHold]] = {}
        self.failures: list[tuple[str, FikadError]] = []
        for one in ledger.found_looks():
            self._found.setdefault(one.event.uid, []).append(one)

    @property
    def missing(self) -> bool:
        """Whether the week's look was never written, and there is something to say."""
        known = {plan_of(uid) for uid in (*self._looks, *self._found)}
        return self._week.wanted and bool(self._week.text) and f"{self._week.plan:%Y%m%d}" not in known

    def settle_all(self) -> bool:
        """Settle every look that is known or found, with at most one write each. True: one whose writing was begun
        before was certainly not written."""
        unwritten = False
        for uid in sorted({*self._looks, *(self._found if self._week.wanted else ())}):
            try:
                unwritten |= self._settle(uid)
            except AccountError as error:
                self.failures.append((self._looks[uid].account, error))
        for uid, look in list(self._looks.items()):
            if plan_of(uid) < f"{self._week.plan:%Y%m%d}" and not look.is_open and uid not in self._found:
                self._keep(uid, None)
        return unwritten

    def write(self, calendar: Calendar, account: str) -> None:
        """Write the week's look, which is `missing`. Raises AccountError."""
        dashes = self._scene.config.accounts[account].type != "google"
        week = self._week
        draft = look_draft(week.plan, week.today, week.text, dashes=dashes, writer=week.writer)
        look = begin(draft, account, calendar.id, calendar.current_version())
        self._keep(look.uid, look)
        self._create(look, calendar)

    def _settle(self, uid: str) -> bool:
        copies = self._found.get(uid, [])
        look = self._looks.get(uid)
        if look is None:
            look = adopt(copies[0].event, copies[0].account, copies[0].calendar, self._week)
            self._keep(uid, look)
        calendar = self._scene.calendars.get((look.account, look.calendar))
        if calendar is None:
            return False
        own = next((one for one in copies if (one.account, one.calendar) == (look.account, look.calendar)), None)
        version = calendar.current_version() if own is None and look.state == "creating" else None
        settled = settle(look, own.event if own else None, version)
        if settled.state == "creating":
            self._keep(uid, None)
            return True
        self._keep(uid, settled)
        if (wanted := step(settled, self._week)) and own is not None:
            self._write(settled, *wanted, calendar, own.resource)
        return False

    def _write(
        self, before: Look, intended: Look, action: Move | Withdraw, calendar: Calendar, found: Resource
    ) -> None:
        self._keep(before.uid, intended)
        try:
            if isinstance(action, Move):
                became = self._event(calendar.update(found, action.draft).text)
            else:
                calendar.delete(found)
                became = None
        except UncertainError:
            raise
        except AccountError as error:
            self._keep(before.uid, before)
            if not isinstance(error, ChangedError):  # it changed just now: the next pass sees how
                raise
        else:
            self._keep(before.uid, written(intended, became))

    def _create(self, look: Look, calendar: Calendar) -> None:
        try:
            made = calendar.create(look.draft)
        except UncertainError:
            raise
        except TakenError:
            # Another fikad's, or one that was deleted where names are never given out again.
            there = calendar.read(look.uid) is not None
            state = look.state if there else "dismissed"
            self._keep(look.uid, replace(look, state=state, writing=there, version=None))
        except AccountError:
            self._keep(look.uid, None)
            raise
        else:
            self._keep(look.uid, written(look, self._event(made.text)))

    def _event(self, text: str) -> HoldEvent | None:
        return hold_event(text, self._scene.config.zone)

    def _keep(self, uid: str, look: Look | None) -> None:
        if self._looks.get(uid) == look:
            return
        if look is None:
            del self._looks[uid]
        else:
            self._looks[uid] = look
        self._ledger.save_looks(self._looks)


def _week(scene: Scene, ledger: Ledger) -> Week:
    config, now = scene.config, scene.now
    rhythm, zone = config.rhythm, config.zone
    text = ""
    if rhythm.weekly_look:
        proposed = ledger.holds() != scene.picture.holds
        picture = look_around(config, ledger, now) if proposed else scene.picture
        text = this_week(picture.holds, picture.standings, zone, now, config.writer)
    return Week(
        last_plan(timetable(rhythm, zone), now),
        now.astimezone(zone).date(),
        rhythm.weekly_look,
        text,
        [contact.name for contact in scene.picture.contacts.values() if contact.paused],
        config.writer,
    )
