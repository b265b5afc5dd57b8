"""Expanding in a child process: hostile rules end there, everything else arrives."""

from __future__ import annotations

import io
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.errors import UnreadableError
from connectors.ical import expansion, expansion_job, expansion_process
from connectors.ical.expansion import Expander
from connectors.ical.expansion_job import CPU_SECONDS, Expansion, ExpansionJob
from connectors.ical.expansion_process import _command
from connectors.ical.processor_time import processor_seconds, seconds_in
from tests.waiting import until

ROOT = Path(__file__).parents[3]
BERLIN = ZoneInfo("Europe/Berlin")
WEEK = (datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 9, tzinfo=UTC))


def event(
    uid: str,
    *lines: str,
    start: str = "DTSTART:20260303T100000Z",
    end: str = "DTEND:20260303T110000Z",
) -> str:
    body = "\r\n".join([f"UID:{uid}", start, end, "SUMMARY:Lunch", *lines])
    return (
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\n{body}\r\nEND:VEVENT\r\n"
        "END:VCALENDAR\r\n"
    )


def job(key: str, *texts: str) -> ExpansionJob:
    return ExpansionJob(key, texts, *WEEK, BERLIN)


def good(number: int) -> ExpansionJob:
    return job(f"good-{number}", event(f"good-{number}"))


def slow_event(uid: str) -> str:
    """Forty rules that are looked for at every sixth second and never strike."""
    return event(uid, *["RRULE:FREQ=SECONDLY;INTERVAL=6;BYSECOND=1"] * 40)


HOURS = ",".join(map(str, range(24)))
BOMBS = {
    "secondly": event("x", "RRULE:FREQ=SECONDLY"),
    "minutely": event("x", "RRULE:FREQ=MINUTELY"),
    "interval zero": event("x", "RRULE:FREQ=DAILY;INTERVAL=0"),
    "interval below zero": event("x", "RRULE:FREQ=DAILY;INTERVAL=-1"),
    "exrule": event("x", "RRULE:FREQ=HOURLY", "EXRULE:FREQ=MINUTELY"),
    "every minute of the day": event(
        "x", f"RRULE:FREQ=DAILY;BYHOUR={HOURS};BYMINUTE={','.join(map(str, range(60)))}"
    ),
    "all years": event(
        "x", "RRULE:FREQ=DAILY", start="DTSTART:00010101T000000Z", end="DTEND:99991231T000000Z"
    ),
    "longer than time": event("x", "DURATION:P99999999W", end="X-NO-END:1"),
    "a clock that never rests": event(
        "x", start="DTSTART;TZID=Mad:20260303T100000", end="DTEND;TZID=Mad:20260303T110000"
    ).replace(
        "BEGIN:VEVENT",
        "BEGIN:VTIMEZONE\r\nTZID:Mad\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n"
        "RRULE:FREQ=SECONDLY\r\n"
        "TZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT",
        1,
    ),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_becomes_a_problem_in_bounded_time_and_the_others_are_expanded(name: str) -> None:
    used = _used_by_children()
    with Expander() as expander:
        results = dict(expander.expand([good(1), job("bomb", BOMBS[name]), good(2)]))
    assert _used_by_children() - used < 30
    assert [p.uid for p in results["bomb"].problems] == ["x"]
    assert all(o.kind == "unplaced" for o in results["bomb"].occurrences)
    assert len(results["good-1"].occurrences) == len(results["good-2"].occurrences) == 1


@pytest.mark.parametrize("frequency", ["SECONDLY", "HOURLY", "DAILY", "MONTHLY", "YEARLY"])
def test_a_rule_that_never_strikes_leaves_its_first_date_and_costs_nothing(frequency: str) -> None:
    text = event("x", f"RRULE:FREQ={frequency};BYMONTH=2;BYMONTHDAY=30")
    with Expander() as expander:
        list(expander.expand([good(1)]))
        used = _used_by_child(expander)
        ((_, expansion),) = expander.expand([job("never", text)])
        assert _used_by_child(expander) - used < 0.5
    assert [o.uid for o in expansion.occurrences] == ["x"]
    assert not expansion.problems


def test_the_series_of_one_text_have_their_time_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of them by itself is quick enough; those that are not begun any more are told, and
    what happens once is read all the same."""
    monkeypatch.setattr(expansion_job, "SERIES_SECONDS", -CPU_SECONDS - 1)
    weekly = [event(f"w{n}", "RRULE:FREQ=WEEKLY") for n in range(3)]
    text = "".join([*weekly, event("calm")]).replace("END:VCALENDAR\r\nBEGIN:VCALENDAR\r\n", "")
    with Expander() as expander:
        ((_, expansion),) = expander.expand([job("all", text)])
    assert [o.uid for o in expansion.occurrences] == ["calm"]
    assert [p.uid for p in expansion.problems] == ["w0", "w1", "w2"]
    assert all("others in the same file" in p.reason and p.start for p in expansion.problems)
    assert expansion.unfinished


def test_a_bomb_stops_neither_the_other_events_of_its_own_text_nor_hides_when_it_is() -> None:
    text = event("calm").replace("END:VCALENDAR\r\n", "") + slow_event("x")
    with Expander() as expander:
        ((_, expansion),) = expander.expand(
            [
                job(
                    "both",
                    text.replace("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT", "BEGIN:VEVENT"),
                )
            ]
        )
    assert [o.uid for o in expansion.occurrences] == ["calm"]
    (problem,) = [p for p in expansion.problems if p.uid]
    assert "too long" in problem.reason
    assert (problem.start, problem.end) == (
        datetime(2026, 3, 3, 10, tzinfo=UTC),
        datetime(2026, 3, 3, 11, tzinfo=UTC),
    )


def test_large_hostile_texts_are_read_in_bounded_time() -> None:
    crowd = event("crowd", *(f"ATTENDEE:mailto:p{n}@example.com" for n in range(20_000)))
    nested = event("nested", *["BEGIN:VALARM"] * 50_000)
    blank = event("blank", "\n" * 1_000_000)
    wide = event("wide", "DESCRIPTION:" + "x" * 3_000_000)
    dates = event("dates", "RDATE:" + ",".join(["20260304T100000Z"] * 50_000))
    used = _used_by_children()
    with Expander() as expander:
        results = dict(
            expander.expand(
                job(str(n), t) for n, t in enumerate((crowd, nested, blank, wide, dates))
            )
        )
    assert _used_by_children() - used < 60
    assert results["0"].occurrences[0].guests_omitted
    assert all(results[str(n)].occurrences for n in range(4))


def test_results_come_in_order_for_more_jobs_than_fit_into_a_pipe() -> None:
    jobs = [
        job(str(n), event(f"{n}", "DESCRIPTION:" + "long " * 2000, "LOCATION:" + "x" * 400))
        for n in range(500)
    ]
    with Expander() as expander:
        results = list(expander.expand(iter(jobs)))
    assert [key for key, _ in results] == [str(n) for n in range(500)]
    assert all(expansion.occurrences[0].uid == key for key, expansion in results)


def test_the_same_child_serves_several_calls_and_an_abandoned_one() -> None:
    with Expander() as expander:
        assert len(list(expander.expand(map(good, range(3))))) == 3
        first = expander._child
        assert len(list(expander.expand(map(good, range(3))))) == 3
        assert expander._child is first
        next(expander.expand(map(good, range(100))))  # the rest is never asked for
        assert [expansion.occurrences[0].uid for _, expansion in expander.expand([good(7)])] == [
            "good-7"
        ]


def test_a_child_that_is_killed_costs_one_job_at_most() -> None:
    with Expander() as expander:
        results = expander.expand(map(good, range(200)))
        next(results)
        assert expander._child is not None
        os.kill(expander._child._process.pid, signal.SIGKILL)
        rest = list(results)
    assert len(rest) == 199
    assert sum(not expansion.occurrences for _, expansion in rest) <= 1


def test_a_child_that_does_nothing_is_given_up() -> None:
    with Expander(look_seconds=0.1) as expander:
        list(expander.expand([good(1)]))
        assert expander._child is not None
        os.kill(expander._child._process.pid, signal.SIGSTOP)
        results = dict(expander.expand([good(2)]))
        results |= expander.expand([good(3)])
    assert results["good-2"].problems[0].uid == "good-2"
    assert "too long" in results["good-2"].problems[0].reason
    assert results["good-2"].unfinished
    assert results["good-3"].occurrences


def test_of_a_bundle_that_a_child_dies_over_only_the_job_that_kills_it_is_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A text that even the kernel has to end: the child can say nothing of it any more."""
    tried: list[list[str]] = []
    answers = Expander._answers

    def deadly(expander: Expander, open_jobs: Sequence[ExpansionJob]) -> Sequence[Expansion]:
        tried.append([job.key for job in open_jobs])
        child: Any = expander._child
        if "good-30" in tried[-1]:
            child._process.kill()
            child._process.wait()
            child._received.clear()
            child._spoke = True
        return answers(expander, open_jobs)

    monkeypatch.setattr(Expander, "_answers", deadly)
    with Expander() as expander:
        results = dict(expander.expand(map(good, range(40))))
    assert [len(bundle) for bundle in tried[:2]] == [25, 15]
    assert tried[2:8] == [[f"good-{n}"] for n in range(25, 31)]
    assert [key for key in results if not results[key].occurrences] == ["good-30"]
    assert results["good-30"].unfinished
    assert list(results) == [f"good-{n}" for n in range(40)]


def test_what_is_finished_of_a_bundle_is_not_kept_back_by_the_rest() -> None:
    """So the parent, which is patient for one slow job alone, is so with many in a row."""
    answers = []
    read = expansion_process._read

    def noting(message: bytes, most: int) -> Any:
        answers.append(read(message, most))
        return answers[-1]

    slow = [job(f"slow-{n}", slow_event(f"s{n}")) for n in range(2)]
    with pytest.MonkeyPatch.context() as patch, Expander() as expander:
        patch.setattr(expansion_process, "_read", noting)
        results = dict(expander.expand([good(1), *slow, good(2)]))
    assert [len(finished) for finished in answers] == [2, 1, 1]
    assert results["good-2"].occurrences
    assert all("too long" in results[job.key].problems[0].reason for job in slow)


def test_a_large_text_goes_alone_and_small_ones_together(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[int] = []
    send = expansion_process.ExpansionProcess.send

    def noting(child: Any, bundle: Any) -> None:
        sent.append(len(bundle))
        send(child, bundle)

    monkeypatch.setattr(expansion_process.ExpansionProcess, "send", noting)
    large = job("large", event("large", "DESCRIPTION:" + "x" * 200_000))
    with Expander() as expander:
        list(expander.expand([*map(good, range(30)), large, *map(good, range(5))]))
    assert sent == [25, 5, 1, 5]


@pytest.mark.parametrize(
    "said",
    [
        [],
        (Expansion(),),
        [Expansion(), "and more"],
        [Expansion(), Expansion(), Expansion()],
        Expansion(),
        None,
    ],
)
def test_what_is_no_answer_to_what_was_asked_is_none(said: object) -> None:
    assert not expansion_process._read(pickle.dumps(said), most=2)
    assert expansion_process._read(pickle.dumps([Expansion()] * 2), most=2)


def test_a_stall_breaks_no_event(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a laptop that was suspended in the middle of a reading: time passes, and nobody did
    anything."""
    looks = 0

    def waking(pid: int) -> float | None:
        nonlocal looks
        looks += 1
        if looks == 20:
            os.kill(pid, signal.SIGCONT)
        return processor_seconds(pid)

    with Expander(look_seconds=0.05) as expander:
        list(expander.expand([good(1)]))
        assert expander._child is not None
        os.kill(expander._child._process.pid, signal.SIGSTOP)
        monkeypatch.setattr(expansion_process, "processor_seconds", waking)
        results = dict(expander.expand([good(2), good(3)]))
    assert looks >= 20
    assert results["good-2"].occurrences
    assert results["good-3"].occurrences


@pytest.mark.skipif(
    not hasattr(os, "sched_setaffinity"), reason="this system pins no process to a processor"
)
def test_a_starved_machine_loses_no_event_and_no_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """One busy core, and a wall that is over long before the processor time is."""
    core = min(os.sched_getaffinity(0))
    command = _command()

    def pinned() -> list[str]:
        return ["taskset", "-c", str(core), *command]

    monkeypatch.setattr(expansion_process, "_command", pinned)
    busy = subprocess.Popen(["taskset", "-c", str(core), sys.executable, "-c", "while True: pass"])
    try:
        slow = [job(f"slow-{n}", slow_event(f"s{n}")) for n in range(2)]
        with Expander(look_seconds=0.1) as expander:
            results = dict(expander.expand([*slow, good(1)]))
    finally:
        busy.kill()
        busy.wait()
    assert results["good-1"].occurrences
    assert all(
        "too long" in results[job.key].problems[0].reason and results[job.key].unfinished
        for job in slow
    )


def test_deaths_by_limit_are_problems_of_their_events_and_never_of_the_account(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """More of them in a row than would be any one text's fault, then events that nothing is wrong
    with."""
    monkeypatch.setattr(expansion, "_HOPELESS", 2)
    kills = 1 + 5  # over all of them together, then one by one
    answers = expansion_process.ExpansionProcess.answers

    def dying(child: Any, seconds: float, most: int) -> Sequence[Expansion]:
        nonlocal kills
        current: Any = expander._child
        if kills and child is current:
            kills -= 1
            child._process.kill()
            child._process.wait()
            child._received.clear()
            child._spoke = True
        return answers(child, seconds, most)

    monkeypatch.setattr(expansion_process.ExpansionProcess, "answers", dying)
    with Expander() as expander:
        results = dict(expander.expand(map(good, range(7))))
    assert [key for key, result in results.items() if result.unfinished] == [
        f"good-{n}" for n in range(5)
    ]
    assert results["good-5"].occurrences
    assert results["good-6"].occurrences


def test_a_child_that_dies_of_everything_is_the_machines_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(expansion, "_HOPELESS", 2)
    monkeypatch.setattr(expansion_process.ExpansionProcess, "answers", lambda *asked: ())
    with Expander() as expander, pytest.raises(UnreadableError, match="again and again"):
        list(expander.expand(map(good, range(9))))


def test_everything_an_occurrence_has_survives_the_pipe() -> None:
    from connectors.ical.occurrences import expand

    text = event(
        "fikad-0abc",
        "ORGANIZER;CN=Sam:mailto:sam@example.com",
        "ATTENDEE;PARTSTAT=ACCEPTED;X-FIKAD-SELF=TRUE;X-FIKAD-EXTRA-GUESTS=2:mailto:jane@example.com",
        "RRULE:FREQ=DAILY;COUNT=3",
        "LOCATION:Here",
        "X-FIKAD-EVENT-KIND:focus",
    )
    for trusted in (True, False):
        with Expander() as expander:
            ((_, expansion),) = expander.expand(
                [ExpansionJob("k", (text,), *WEEK, BERLIN, trusted)]
            )
        assert expansion == expand((text,), *WEEK, BERLIN, trusted=trusted)
        assert expansion.occurrences[0].attendees[0].me is trusted


def test_a_child_cannot_make_the_parent_do_anything() -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.system, ("exit 1",)

    for value in (Trap(), Expansion, subprocess.run):
        answers = expansion_process._Answers(io.BytesIO(pickle.dumps((value, Path()))))
        with pytest.raises(pickle.UnpicklingError):
            answers.load()


def test_the_parent_never_loads_the_parser_and_the_child_gets_no_environment() -> None:
    code = (
        "import os, sys; os.environ['SECRET'] = 'x'\n"
        "from tests_job import *\n"
        "with Expander() as e:\n"
        "    (_, found), = e.expand([good(1)])\n"
        "    environment = open(f'/proc/{e._child._process.pid}/environ').read() if sys.platform "
        "== 'linux' else ''\n"
        "assert found.occurrences and 'SECRET' not in environment\n"
        "assert not {'icalendar', 'recurring_ical_events', 'dateutil'} & set(sys.modules)\n"
    ).replace(
        "from tests_job import *",
        f"sys.path.insert(0, {str(ROOT)!r})\nfrom connectors.ical.expansion import *\n{JOB}",
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60, cwd="/")


JOB = (
    "from datetime import *\nfrom zoneinfo import ZoneInfo\n"
    f"text = {event('good')!r}\n"
    "week = datetime(2026, 3, 2, tzinfo=timezone.utc), datetime(2026, 3, 9, tzinfo=timezone.utc)\n"
    "good = lambda n: ExpansionJob(str(n), (text,), *week, ZoneInfo('UTC'))\n"
)


def test_it_works_with_standard_streams_closed_and_from_a_thread() -> None:
    code = (
        f"import os, sys, threading; sys.path.insert(0, {str(ROOT)!r})\n"
        "for fd in (0, 1, 2): os.close(fd)\n"
        f"from connectors.ical.expansion import *\n{JOB}"
        "result = []\n"
        "def work():\n"
        "    with Expander() as e: result.extend(e.expand([good(1), good(2)]))\n"
        "thread = threading.Thread(target=work); thread.start(); thread.join()\n"
        "os._exit(0 if len(result) == 2 and all(x.occurrences for _, x in result) else 1)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60, cwd="/")


def test_the_child_dies_with_its_parent() -> None:
    code = (
        f"import os, sys; sys.path.insert(0, {str(ROOT)!r})\n"
        f"from connectors.ical.expansion import *\n{JOB}"
        "e = Expander(); list(e.expand([good(1)])); print(e._child._process.pid, flush=True); "
        "os._exit(0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        timeout=60,
        capture_output=True,
        text=True,
        cwd="/",
    )
    child = int(done.stdout)
    until(lambda: not _alive(child))


def test_nothing_is_left_behind_when_it_is_closed() -> None:
    with Expander() as expander:
        list(expander.expand([good(1)]))
        assert expander._child is not None
        pid = expander._child._process.pid
        assert _alive(pid)
    assert not _alive(pid)


def test_without_a_python_to_start_the_error_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "gone"))
    with Expander() as expander, pytest.raises(UnreadableError, match="reinstall"):
        list(expander.expand([good(1)]))
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with Expander() as expander, pytest.raises(UnreadableError, match="reinstall"):
        list(expander.expand([good(1)]))


def test_two_expanders_in_two_threads_do_not_disturb_each_other() -> None:
    uids: dict[int, list[str]] = {}

    def work(number: int) -> None:
        with Expander() as expander:
            uids[number] = [
                key for key, _ in expander.expand(map(good, range(number, number + 50)))
            ]

    threads = [Thread(target=work, args=(n,)) for n in (0, 100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert uids == {n: [f"good-{n + k}" for k in range(50)] for n in (0, 100)}


def test_no_jobs_start_no_child() -> None:
    with Expander() as expander:
        assert list(expander.expand([])) == []
        assert expander._child is None


def test_large_texts_get_more_time_than_small_ones() -> None:
    text = event("long", "DESCRIPTION:" + "x" * 1_000_000)
    assert timedelta(seconds=job("k", text).extra_seconds) > timedelta(seconds=2)


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("00:00:02", 2),
        ("0:02.05", 2.05),
        ("1-02:00:01", 93601),
        (" 12:34\n", 754),
        ("", None),
        ("PID", None),
    ],
)
def test_the_processor_time_that_ps_tells_is_read(told: str, seconds: float | None) -> None:
    assert seconds_in(told) == seconds


def test_the_processor_time_of_a_process_is_what_it_did_and_not_how_long_it_lives() -> None:
    used = processor_seconds(os.getpid())
    assert used is None or used == pytest.approx(time.process_time(), abs=1)
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    assert processor_seconds(gone.pid) is None


def _used_by_child(expander: Expander) -> float:
    assert expander._child is not None
    used = processor_seconds(expander._child._process.pid)
    assert used is not None
    return used


def _used_by_children() -> float:
    """Seconds of processor time of the children that were waited for."""
    used = os.times()
    return used.children_user + used.children_system


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not (stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z")
