"""What the daemon decides: what it starts, whom it leaves alone, what it makes of failures and of a
broken config."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from daemon.planning.agenda import LastRuns, Timetable
from daemon.service.job import AccountResult, Job, Kind, Result
from daemon.service.logs import LOG
from daemon.service.service import Service

BERLIN = ZoneInfo("Europe/Berlin")
TABLE = Timetable(timedelta(minutes=15), 6, time(17), BERLIN)
MONDAY = datetime(2026, 11, 23, 10, tzinfo=UTC)
NOTHING_DUE = LastRuns(MONDAY, date(2026, 11, 22), date(2026, 11, 23))
SUNDAY = datetime(2026, 11, 29, 16, tzinfo=UTC)
"""17:00 in Berlin."""
UP_TO_DATE = LastRuns(SUNDAY - timedelta(minutes=1), date(2026, 11, 22), date(2026, 11, 29))


class Driver:
    """A service, a clock, and workers that end when the test says so."""

    def __init__(self, *, has_copy: bool = True, late: timedelta = timedelta()) -> None:
        self.now = MONDAY
        self.awake = 0.0
        self.sent: list[Job] = []
        self.stopped: tuple[int, str] | None = None
        self.process_to_be_had = True
        self.service = Service(
            "/c.toml", "/state", "/state/kept.toml", self, Random(1), has_copy=has_copy, late=late
        )

    def start(self, job: Job) -> bool:
        if self.process_to_be_had:
            self.sent.append(job)
        return self.process_to_be_had

    def stop(self, code: int, message: str) -> None:
        self.stopped = (code, message)

    def tick(self, minutes: float = 1) -> list[Job]:
        """Time passes, then a tick. Returns what it started."""
        self.now += timedelta(minutes=minutes)
        self.awake += minutes * 60
        before = len(self.sent)
        self.service.tick(self.now, self.awake)
        return self.sent[before:]

    def end(self, kind: Kind, result: Result) -> list[Job]:
        """A worker ends. Returns what is started in turn."""
        before = len(self.sent)
        self.service.finished(kind, result, self.now)
        return self.sent[before:]

    def ready(self, last_runs: LastRuns = NOTHING_DUE, *accounts: AccountResult) -> list[Job]:
        """The config was looked at and is in order."""
        self.tick(0)
        return self.end("load", Result(timetable=TABLE, last_runs=last_runs, accounts=accounts))

    def passed(
        self, *accounts: AccountResult, last_runs: LastRuns | None = None, **more: object
    ) -> list[Job]:
        """A pass that went as told."""
        polled = last_runs or LastRuns(self.now, NOTHING_DUE.planned, NOTHING_DUE.nightly)
        result = Result(timetable=TABLE, last_runs=polled, accounts=accounts, **more)  # type: ignore[arg-type]
        return self.end("pass", result)


OK = AccountResult("home", "ok")
DOWN = AccountResult("home", "error", "dav.example.com does not answer")
WORK = AccountResult("work", "ok")


@pytest.fixture
def driver() -> Driver:
    return Driver()


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """What is logged."""
    LOG.handlers = []
    LOG.propagate = True
    caplog.set_level(logging.INFO, "fikad")
    return caplog


# --- what it starts ---


def test_it_looks_at_the_config_before_anything_else(driver):
    [look] = driver.tick()
    assert (look.kind, look.kept) == ("load", "")


def test_it_reads_when_a_poll_is_due_and_only_then(driver):
    assert driver.ready() == []
    assert driver.tick(14) == []
    [job] = driver.tick(1)
    assert (job.kind, job.tasks, job.kept) == ("pass", ("poll",), "/state/kept.toml")


def test_it_sends_one_worker_of_a_kind_at_a_time_and_ticks_on(driver):
    driver.ready()
    driver.tick(15)
    assert driver.tick(20) == []


def test_a_slow_pass_does_not_hold_up_the_backup(driver):
    driver.ready()
    driver.tick(15)
    [job] = driver.tick(18 * 60)
    assert (job.kind, job.tasks) == ("backup", ("nightly",))


def test_a_poll_of_a_second_still_rests_between_ticks(driver):
    driver.tick(0)
    often = Timetable(timedelta(seconds=1), 6, time(17), BERLIN)
    driver.end("load", Result(timetable=often, last_runs=NOTHING_DUE))
    driver.tick()
    driver.now += timedelta(seconds=5)
    assert driver.end("pass", Result(timetable=often, last_runs=NOTHING_DUE)) == []


def test_it_reads_at_once_when_asked_and_again_if_asked_meanwhile(driver):
    driver.ready()
    driver.service.poll_now(driver.now)
    assert [job.kind for job in driver.sent] == ["load", "pass"]
    driver.service.poll_now(driver.now)
    assert [job.kind for job in driver.passed(OK)] == ["pass"]


def test_nothing_is_done_by_a_clock_that_was_never_set(driver):
    driver.now = datetime(1970, 1, 1, 0, 1, tzinfo=UTC)
    assert driver.tick() == []
    assert "clock" in str(driver.service.daemon_state(driver.now).troubles)
    driver.now = MONDAY
    assert driver.tick() != []


# --- planning ---


def sunday(driver: Driver, *accounts: AccountResult) -> list[Job]:
    """Started a minute before it is time to plan; then it is."""
    driver.now = SUNDAY - timedelta(minutes=1)
    driver.ready(UP_TO_DATE, *accounts)
    return driver.tick(1)


def test_at_its_time_it_plans(driver):
    [job] = sunday(driver)
    assert job.tasks == ("plan",)
    driver.passed(
        OK, last_runs=LastRuns(driver.now, date(2026, 11, 29), date(2026, 11, 29)), planned=True
    )
    assert driver.tick(15)[0].tasks == ("poll",)


def test_among_many_it_plans_as_late_as_it_is_and_says_so():
    driver = Driver(late=timedelta(minutes=7))
    driver.now = SUNDAY
    assert driver.ready(UP_TO_DATE) == []
    coming = dict(driver.service.daemon_state(driver.now).upcoming)
    assert coming["plan"] == SUNDAY + timedelta(minutes=7)
    assert driver.tick(6) == []
    [job] = driver.tick(1)
    assert job.tasks == ("plan",)
    driver.passed(last_runs=LastRuns(driver.now, date(2026, 11, 29), date(2026, 11, 29)))
    coming = dict(driver.service.daemon_state(driver.now).upcoming)
    assert coming["plan"] == SUNDAY + timedelta(weeks=1, minutes=7), "after every pass, too"


def test_a_plan_that_could_not_happen_is_tried_by_every_pass_and_by_no_more_than_usual(
    driver,
):
    sunday(driver)
    undone = LastRuns(driver.now, date(2026, 11, 22), date(2026, 11, 29))
    driver.passed(OK, last_runs=undone)
    assert driver.tick(14) == []
    [job] = driver.tick(1)
    assert job.tasks == ("plan", "poll")


def test_the_time_to_plan_does_not_wait_for_the_next_tick_when_a_pass_is_just_over(driver):
    driver.now = SUNDAY - timedelta(minutes=1)
    driver.ready(LastRuns(SUNDAY - timedelta(minutes=16), date(2026, 11, 22), date(2026, 11, 29)))
    driver.now = SUNDAY + timedelta(seconds=10)
    [job] = driver.passed(OK, last_runs=UP_TO_DATE)
    assert job.tasks == ("plan",)


def test_at_the_time_to_plan_everybody_is_asked_even_who_failed_a_moment_ago(driver):
    driver.now = SUNDAY - timedelta(hours=6)
    driver.ready(LastRuns(driver.now - timedelta(hours=1), date(2026, 11, 22), date(2026, 11, 29)))
    driver.passed(
        DOWN, WORK, last_runs=LastRuns(driver.now, date(2026, 11, 22), date(2026, 11, 29))
    )
    left_alone = {}
    while driver.now < SUNDAY - timedelta(minutes=1):
        for job in driver.tick():
            left_alone = job.left_alone
            driver.passed(
                DOWN, WORK, last_runs=LastRuns(driver.now, date(2026, 11, 22), date(2026, 11, 29))
            )
    assert left_alone, "it is left alone most of the time"
    [job] = driver.tick()
    assert "plan" in job.tasks
    assert job.left_alone == {}


# --- accounts that fail ---


def fail(driver: Driver, times: int) -> list[int]:
    """Let an account fail so often; how many minutes lay between the tries."""
    waits = []
    for _ in range(times):
        driver.passed(DOWN, WORK)
        minutes = 0
        while True:
            minutes += 1
            started = driver.tick()
            if started and "home" not in started[0].left_alone:
                break
            if started:
                driver.passed(DOWN, WORK)
            assert minutes < 100
        waits.append(minutes)
    return waits


def test_an_account_that_fails_is_tried_again_ever_later_but_every_hour(driver):
    driver.ready(LastRuns(MONDAY - timedelta(hours=1), NOTHING_DUE.planned, NOTHING_DUE.nightly))
    waits = fail(driver, 10)
    assert waits[0] == 1
    assert waits[3] <= 8
    assert 30 <= waits[8] <= 61
    assert 30 <= waits[9] <= 61


def test_meanwhile_the_others_are_read_as_usual_and_it_keeps_what_it_said(driver):
    driver.ready(LastRuns(MONDAY - timedelta(hours=1), NOTHING_DUE.planned, NOTHING_DUE.nightly))
    fail(driver, 8)
    driver.passed(DOWN, WORK)
    left = [job for _ in range(20) for job in driver.tick()]
    assert [job.left_alone for job in left] == [{"home": ("error", DOWN.message)}]


def test_when_one_account_is_back_the_others_are_tried_at_once(driver):
    driver.ready(LastRuns(MONDAY - timedelta(hours=1), NOTHING_DUE.planned, NOTHING_DUE.nightly))
    both = (DOWN, AccountResult("work", "error", "no route"))
    driver.passed(*both)
    for _ in range(200):
        started = driver.tick()
        if started and set(started[0].left_alone) == {"home"}:
            break
        if started:
            driver.passed(*both)
    else:
        pytest.fail("the two never came apart")
    driver.passed(DOWN, WORK)
    [job] = driver.tick()
    assert job.left_alone == {}


def test_after_a_suspend_everything_is_tried_at_once(driver):
    driver.ready(LastRuns(MONDAY - timedelta(hours=1), NOTHING_DUE.planned, NOTHING_DUE.nightly))
    fail(driver, 8)
    driver.passed(DOWN, WORK)
    driver.now += timedelta(minutes=10)  # and no time awake
    [job] = driver.tick()
    assert job.left_alone == {}


def test_a_locked_keyring_is_asked_again_at_every_poll_since_no_server_is_bothered(driver):
    driver.ready(LastRuns(MONDAY - timedelta(hours=1), NOTHING_DUE.planned, NOTHING_DUE.nightly))
    locked = AccountResult("home", "auth", "the keyring is locked", local=True)
    for _ in range(10):
        driver.passed(locked)
        started = [job for _ in range(16) for job in driver.tick()]
        assert started
        assert started[0].left_alone == {}


def test_what_failed_before_a_restart_is_tried_at_once_after_it(driver):
    [job] = driver.ready(NOTHING_DUE, AccountResult("home", "auth", "wrong password"))
    assert (job.kind, job.left_alone) == ("pass", {})


def test_a_suspect_account_is_read_at_every_poll(driver):
    driver.ready(LastRuns(MONDAY - timedelta(hours=1), NOTHING_DUE.planned, NOTHING_DUE.nightly))
    driver.passed(AccountResult("home", "suspect", "listed 9 events and now lists none"))
    assert driver.tick(14) == []
    assert driver.tick(1)[0].left_alone == {}


def test_an_account_taken_out_of_the_config_is_forgotten(driver):
    driver.ready(LastRuns(MONDAY - timedelta(hours=1), NOTHING_DUE.planned, NOTHING_DUE.nightly))
    driver.passed(DOWN, WORK)
    driver.passed(WORK) if driver.tick(1) else None
    assert driver.service.daemon_state(driver.now).retries == {}


def test_what_accounts_want_remembered_goes_from_one_pass_to_the_next(driver):
    driver.ready(LastRuns(MONDAY - timedelta(hours=1), NOTHING_DUE.planned, NOTHING_DUE.nightly))
    driver.passed(OK, sessions={"home": {"token": "t"}})
    [job] = driver.tick(15)
    assert job.sessions == {"home": {"token": "t"}}
    assert "'t'" not in repr(job)


# --- passes that fail ---


def test_a_pass_that_dies_is_tried_again_ever_later_and_told_as_trouble(driver):
    driver.ready(LastRuns(MONDAY - timedelta(hours=1), NOTHING_DUE.planned, NOTHING_DUE.nightly))
    assert driver.end("pass", Result("ended", "it took longer than 30 minutes and was ended")) == []
    assert "30 minutes" in driver.service.daemon_state(driver.now).troubles["reading"]
    assert [job.kind for job in driver.tick()] == ["pass"]
    driver.end("pass", Result("ledger", "the disk is full"))
    driver.end("pass", Result("ledger", "the disk is full")) if driver.tick(2) else None
    assert driver.tick() == []
    driver.tick(4)
    driver.passed(OK)
    assert driver.service.daemon_state(driver.now).troubles == {}


def test_another_fikad_at_work_is_no_trouble_and_waited_for(driver, told):
    driver.ready(LastRuns(MONDAY - timedelta(hours=1), NOTHING_DUE.planned, NOTHING_DUE.nightly))
    assert driver.end("pass", Result("busy", "another fikad is at work")) == []
    assert driver.service.daemon_state(driver.now).troubles == {}
    assert [job.kind for job in driver.tick()] == ["pass"]
    assert told.messages == []


def test_without_a_process_to_be_had_it_tries_later_and_ticks_on(driver):
    driver.ready()
    driver.process_to_be_had = False
    driver.tick(15)
    assert "no process" in driver.service.daemon_state(driver.now).troubles["reading"]
    driver.process_to_be_had = True
    assert [job.kind for job in driver.tick(2)] == ["pass"]


def test_a_ledger_that_cannot_be_used_at_the_start_is_asked_again(driver):
    driver.tick(0)
    driver.end("load", Result(timetable=TABLE, message="the disk is full"))
    assert driver.service.daemon_state(driver.now).troubles["start"] == "the disk is full"
    assert [job.kind for job in driver.tick(2)] == ["load"]
    driver.end("load", Result(timetable=TABLE, last_runs=NOTHING_DUE))
    assert driver.service.daemon_state(driver.now).troubles == {}


# --- the config ---

BROKEN = Result("config", problems=('/c.toml:3:1: unknown key "circel"',))


def test_a_config_that_is_broken_from_the_start_ends_it_with_every_mistake():
    driver = Driver(has_copy=False)
    driver.tick(0)
    driver.end("load", BROKEN)
    assert driver.stopped == (10, '/c.toml:3:1: unknown key "circel"')


def test_over_a_restart_too_the_last_config_without_mistakes_stays_in_force(driver, told):
    driver.tick(0)
    [look] = driver.end("load", BROKEN)
    assert look.kept == "/state/kept.toml"
    driver.end("load", Result(timetable=TABLE, last_runs=NOTHING_DUE))
    assert driver.stopped is None
    assert driver.service.daemon_state(driver.now).problems == BROKEN.problems
    assert driver.tick(15)[0].kind == "pass"


def test_a_config_that_breaks_is_told_once_and_the_old_one_stays_in_force(driver, told):
    driver.ready()
    for _ in range(3):
        driver.service.reload()
        driver.tick()
        driver.end("load", BROKEN)
    assert sum("circel" in message for message in told.messages) == 1
    assert driver.service.daemon_state(driver.now).problems == BROKEN.problems
    assert driver.service.timetable == TABLE

    driver.service.reload()
    driver.tick()
    driver.end("load", Result(changed=False, timetable=TABLE, last_runs=NOTHING_DUE))
    assert driver.service.daemon_state(driver.now).problems == ()
    assert "in order again" in told.messages[-1]


def test_a_new_config_is_in_force_at_once_and_read_by(driver):
    driver.ready()
    driver.service.reload()
    driver.tick()
    hourly = Timetable(timedelta(hours=1), 6, time(17), BERLIN)
    [job] = driver.end("load", Result(changed=True, timetable=hourly, last_runs=NOTHING_DUE))
    assert job.kind == "pass"
    driver.end(
        "pass",
        Result(
            timetable=hourly,
            last_runs=LastRuns(driver.now, NOTHING_DUE.planned, NOTHING_DUE.nightly),
        ),
    )
    assert driver.tick(59) == []


def test_by_a_new_config_everything_is_tried_at_once_whatever_failed_before(driver):
    driver.ready(LastRuns(MONDAY - timedelta(hours=1), NOTHING_DUE.planned, NOTHING_DUE.nightly))
    driver.end("pass", Result("ended", "it took longer than 30 minutes and was ended"))
    driver.service.reload()
    driver.tick(0)
    [job] = driver.end("load", Result(timetable=TABLE, last_runs=NOTHING_DUE, changed=True))
    assert (job.kind, job.left_alone) == ("pass", {})


def test_a_copy_in_force_that_got_lost_is_made_again_from_the_file(driver):
    driver.ready()
    driver.tick(15)
    driver.end("pass", Result("config", problems=("kept.toml: there is no config file",)))
    assert "load" in [job.kind for job in driver.tick()]


def test_the_system_moving_to_another_zone_is_seen_at_the_next_look(driver):
    driver.ready()
    driver.service.reload()
    driver.tick()
    auckland = Timetable(TABLE.poll, 6, time(17), ZoneInfo("Pacific/Auckland"))
    driver.end("load", Result(timetable=auckland, last_runs=NOTHING_DUE))
    coming = dict(driver.service.daemon_state(driver.now).upcoming)
    assert coming["plan"] == datetime(2026, 11, 29, 4, tzinfo=UTC)


# --- what it tells ---


def test_it_is_quiet_when_nothing_happens(driver, told):
    driver.ready()
    for _ in range(100):
        for job in driver.tick():
            driver.passed(OK) if job.kind == "pass" else None
    assert told.messages == []


def test_a_failure_that_goes_on_is_told_once_and_its_end_with_a_count(driver, told):
    driver.ready(LastRuns(MONDAY - timedelta(hours=1), NOTHING_DUE.planned, NOTHING_DUE.nightly))
    fail(driver, 5)
    driver.passed(OK, WORK)
    assert told.messages[0] == 'account "home": dav.example.com does not answer'
    assert len(told.messages) == 2
    assert told.messages[1].startswith('account "home": well again, after failing ')


def test_what_is_to_come_is_told_and_does_not_change_from_tick_to_tick(driver):
    driver.ready()
    coming = dict(driver.service.daemon_state(driver.now).upcoming)
    assert coming["poll"] == MONDAY + timedelta(minutes=15)
    assert coming["plan"] == SUNDAY
    driver.now = SUNDAY - timedelta(minutes=1)
    driver.tick(1)
    undone = LastRuns(driver.now, date(2026, 11, 22), date(2026, 11, 29))
    driver.passed(DOWN, last_runs=undone)
    driver.tick(0.1)
    first = driver.service.daemon_state(driver.now)
    assert dict(first.upcoming)["plan"] == first.retries["home"], (
        "a plan that is overdue comes with the next try"
    )
    driver.tick(0.1)
    assert driver.service.daemon_state(driver.now) == first


def test_what_happened_to_holds_is_told(driver, told):
    driver.ready(LastRuns(MONDAY - timedelta(hours=1), NOTHING_DUE.planned, NOTHING_DUE.nightly))
    news = ("hold proposed: Jane Doe, Thursday 2026-11-26 09:30",)
    driver.passed(OK, news=news, planned=True, proposed=1)
    assert told.messages == ["hold proposed: Jane Doe, Thursday 2026-11-26 09:30", "planned: 1 new"]


def test_a_page_that_cannot_be_written_is_told_once_and_ends_with_the_next_that_can(
    driver: Driver, told: pytest.LogCaptureFixture
) -> None:
    driver.ready()
    for _ in range(3):
        driver.tick(15)
        driver.passed(OK, page_trouble="fika.html cannot be written")
    assert told.text.count("fika.html cannot be written") == 1
    assert "page" in driver.service.daemon_state(driver.now).troubles
    driver.tick(15)
    driver.passed(OK)
    assert driver.service.daemon_state(driver.now).troubles == {}
