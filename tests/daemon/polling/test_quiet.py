"""A poll that asks before it loads: with nothing new and nothing due it starts no pass, and
whatever makes a difference to a pass starts one."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from daemon.cycle.report import Report
from daemon.ledger.ledger import Ledger
from daemon.overview.once import once_facts
from daemon.planning.agenda import Task
from daemon.polling import prints
from daemon.polling.access import Access, access_from
from daemon.service import worker
from daemon.service.job import Job
from tests.connectors.caldav.hostile_server import Hostile, Said, hostile
from tests.connectors.web.feed_server import Publisher, publisher
from tests.daemon.cli.running import ALWAYS, CONTACTS, days_ago, event, with_guests
from tests.daemon.polling.home import NOW, Home

CHECKOUT = Path(__file__).parents[3]


@dataclass(kw_only=True)
class Served(Home):
    """With the servers that the config names."""

    server: Hostile
    feed: Publisher

    def poll(self, *, plan: bool = False) -> tuple[bool, Report]:
        self.server.asked.clear()
        return super().poll(plan=plan)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Served]:
    """One account of each kind that can be quiet, and one address book of each."""
    (tmp_path / "calendars" / "Personal").mkdir(parents=True)
    (tmp_path / "cards").mkdir()
    (tmp_path / "cards" / "a.vcf").write_text("BEGIN:VCARD\nVERSION:4.0\nUID:a\nFN:Ann\nEND:VCARD")
    with hostile() as server, publisher() as feed:
        (tmp_path / "address").write_text(feed.url)
        (tmp_path / "address").chmod(0o600)
        accounts = (
            f'[accounts.home]\ntype = "caldav"\nurl = "{server.url}"\nusername = "sam"\n'
            'password = { command = ["echo", "hunter2"] }\n'
            '[accounts.folder]\ntype = "files"\npath = "calendars"\n'
            '[accounts.feed]\ntype = "web"\nurl = { file = "address" }\n'
            '[accounts.told]\ntype = "web"\n'
            f'url = "{feed.url}"\n'
            '[holds]\naccount = "folder"\ncalendar = "Personal"\n'
            '[addressbooks.cards]\ntype = "files"\npath = "cards"\n'
        )
        (tmp_path / "config.toml").write_text(f"{ALWAYS}\n{accounts}{CONTACTS}")
        met = event("met", "Lunch", days_ago(3, 12), 60, *with_guests("jane@example.org"))
        server.store("met.ics", met)
        feed.events["dentist"] = event("dentist", "Dentist", days_ago(-5, 12))
        yield Served(folder=tmp_path, server=server, feed=feed)


def test_a_poll_without_news_asks_everybody_once_and_starts_no_pass(home: Served) -> None:
    home.settle()
    with home.ledger() as ledger:
        ledger.put("quiet", "")
    passed, whole = home.poll()
    assert passed
    home.now += timedelta(minutes=15)
    home.feed.asked.clear()
    passed, report = home.poll()
    assert not passed
    assert [asked.method for asked in home.server.asked] == ["PROPFIND"]
    assert len(home.feed.asked) == 2
    facts, as_before = once_facts(report, UTC), once_facts(whole, UTC)
    assert facts.keys() == as_before.keys()
    for key in ("accounts", "addressbooks", "problems"):
        assert facts[key] == as_before[key]
    assert not any((facts["met"], facts["message"], *facts["holds"].values()))
    with home.ledger() as ledger:
        for known in (ledger.accounts(), ledger.address_books()):
            assert {(each.last_success, each.state) for each in known.values()} == {
                (home.now, "ok")
            }


def _config(text: str) -> Callable[[Served], None]:
    def change(home: Served) -> None:
        home.config.write_text(home.config.read_text() + text)

    return change


def _ledger(act: Callable[[Ledger, datetime], object]) -> Callable[[Served], None]:
    def change(home: Served) -> None:
        with home.ledger() as ledger:
            act(ledger, home.now)

    return change


def _run(act: Callable[[Served], object]) -> Callable[[Served], None]:
    def change(home: Served) -> None:
        act(home)

    return change


def _wait(**time: int) -> Callable[[Served], None]:
    def change(home: Served) -> None:
        home.now += timedelta(**time)

    return change


NEWS = {
    "an event comes at the server": _run(
        lambda home: home.server.store("new.ics", event("new", "Lunch", days_ago(-1)))
    ),
    "an event goes": _run(lambda home: home.server.drop("met.ics")),
    "an event comes in the folder": _run(
        lambda home: (home.folder / "calendars" / "Personal" / "n.ics").write_text(
            event("n", "Lunch", days_ago(-1)), newline=""
        )
    ),
    "a calendar comes in the folder": _run(
        lambda home: (home.folder / "calendars" / "More").mkdir()
    ),
    "the feed changes": _run(
        lambda home: home.feed.events.update(more=event("more", "Walk", days_ago(-2)))
    ),
    "the feed is called otherwise": _run(lambda home: setattr(home.feed, "name", "Another")),
    "a card changes": _run(
        lambda home: (home.folder / "cards" / "b.vcf").write_text(
            "BEGIN:VCARD\nVERSION:4.0\nUID:b\nFN:Ben\nEND:VCARD"
        )
    ),
    "the config changes": _config("# another comment\n"),
    "somebody is snoozed": _ledger(
        lambda ledger, now: ledger.snooze("jane doe", now + timedelta(days=9), now)
    ),
    "a meeting is entered by hand": _ledger(
        lambda ledger, now: ledger.add_met("omar haddad", now - timedelta(days=1), now)
    ),
    "somebody is never to be suggested": _ledger(lambda ledger, now: ledger.never("jane doe", now)),
    "the next day begins": _wait(hours=15),
    "the clock is set back": _wait(hours=-1),
    "the server fails": _run(lambda home: setattr(home.server, "before", lambda _: Said(503))),
    "the password is another one": _run(
        lambda home: setattr(home.server, "before", lambda _: Said(401))
    ),
    "the folder is gone": _run(
        lambda home: (home.folder / "calendars").rename(home.folder / "elsewhere")
    ),
    "the place of a secret is gone": _run(lambda home: (home.folder / "address").unlink()),
    "the mark is garbled": _ledger(lambda ledger, now: ledger.put("quiet", '{"print": 1}')),
}


@pytest.mark.parametrize("news", NEWS.values(), ids=NEWS.keys())
def test_whatever_makes_a_difference_to_a_pass_starts_one(
    home: Served, news: Callable[[Served], None]
) -> None:
    home.settle()
    news(home)
    assert home.poll()[0]


def test_another_version_of_the_program_and_another_system_zone_start_a_pass(
    home: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.settle()
    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    assert home.poll()[0]
    home.settle()
    monkeypatch.setattr(prints, "__version__", "99")
    assert home.poll()[0]


def test_the_end_of_a_meeting_is_due_by_the_clock(home: Served) -> None:
    """Nothing changes in any calendar, and yet a meeting was held."""
    over = home.now + timedelta(hours=2)
    people = with_guests("omar@example.org")
    home.server.store("soon.ics", event("soon", "Lunch", over - timedelta(hours=1), 60, *people))
    home.settle()
    home.now = over - timedelta(minutes=70)
    assert not home.poll()[0]
    home.now = over - timedelta(minutes=50)
    home.settle()  # it has begun, which is due as well
    home.now = over - timedelta(minutes=10)
    assert not home.poll()[0]
    home.now = over + timedelta(minutes=1)
    passed, report = home.poll()
    assert passed
    assert [met.contact_key for met in report.met] == ["omar haddad"]


def test_a_hold_that_nobody_answered_lapses_as_it_does_in_passes(home: Served) -> None:
    _, planned = home.poll(plan=True)
    [hold, *_] = planned.holds["proposed"]
    home.settle()
    home.now = hold.end + timedelta(minutes=5)
    passed, report = home.poll()
    assert passed
    assert hold.uid in {lapsed.uid for lapsed in report.holds["lapsed"]}


def test_polls_that_ask_first_come_to_what_passes_alone_come_to(home: Served) -> None:
    """Three days, with a hold that is answered and others that lapse: whether each poll asks first
    or is a pass in any case, the same is told at the same times."""
    home.poll(plan=True)
    first = _three_days(home, forced=False)
    home.server.objects.clear()
    for file in (home.folder / "calendars" / "Personal").iterdir():
        file.unlink()
    for file in home.state.glob("ledger.db*"):
        file.unlink()
    home.now = NOW
    home.server.store(
        "met.ics", event("met", "Lunch", days_ago(3, 12), 60, *with_guests("jane@example.org"))
    )
    home.poll(plan=True)
    second = _three_days(home, forced=True)
    assert first.told == second.told
    assert first.told
    assert first.passes < second.passes / 2


@dataclass
class Days:
    """What polls told, and how many were passes."""

    told: list[tuple[datetime, str, str]]
    passes: int = 0


def _three_days(home: Served, *, forced: bool) -> Days:
    days = Days([])
    for step in range(3 * 8):
        home.now = NOW + timedelta(hours=3 * step + 1)
        if step == 4:
            files = sorted((home.folder / "calendars" / "Personal").glob("fikad-*.ics"))
            for file in files[:1]:
                text = file.read_text().replace("?", "", 1)
                file.write_text(text, newline="")
        if forced:
            with home.ledger() as ledger:
                ledger.put("quiet", "")
        passed, report = home.poll()
        days.passes += passed
        days.told += [(home.now, word, hold.title) for word, hold in report.outcomes]
        days.told += [(home.now, "met", met.contact_key) for met in report.met]
    return days


def test_what_was_asked_is_not_asked_again_by_the_pass_that_follows(home: Served) -> None:
    home.settle()
    home.server.store("new.ics", event("new", "Lunch", days_ago(-1)))
    passed, report = home.poll()
    assert passed
    [reading] = [each for each in report.readings if each.account == "home"]
    assert [asked.method for asked in home.server.asked] == ["PROPFIND", "REPORT", "REPORT"]
    assert (reading.changed, reading.requests) == (1, 3)


def test_a_server_that_fails_is_asked_once(home: Served) -> None:
    home.settle()
    home.server.before = lambda _: Said(503)
    passed, report = home.poll()
    assert passed
    assert len(home.server.asked) == 1
    assert [reading.state for reading in report.readings] == ["error", "ok", "ok", "ok"]
    home.server.before = None
    assert home.poll()[0], "it was not read well the last time"


def test_planning_is_never_a_quiet_poll(home: Served) -> None:
    home.settle()
    assert home.poll(plan=True)[0]


def test_the_daemon_s_poll_is_a_quiet_one_too(home: Served) -> None:
    """What its worker answers is what a pass answers, and the poll counts as done."""
    kept = home.folder / "kept.toml"
    kept.write_text(home.config.read_text())

    def poll(*tasks: Task) -> dict[str, object]:
        due = datetime.now(UTC).replace(microsecond=0)
        sent = Job(
            "pass", str(home.config), str(home.state), str(kept), ("poll", *tasks), due.isoformat()
        )
        facts = worker.run(sent).as_json()
        assert facts["failed"] is None
        assert facts["last_runs"]["polled"] == due.isoformat()
        return facts | {"last_runs": None}

    poll()
    for _ in range(3):
        whole = poll()
    home.server.asked.clear()
    with home.ledger() as ledger:
        marked = ledger.get("quiet")
        assert marked
    assert poll() == whole
    assert len(home.server.asked) == 1
    with home.ledger() as ledger:
        assert ledger.get("quiet") == marked, "a pass would have left a new one"
        assert json.loads(marked)["propose"] == "lost"
    poll("plan")
    with home.ledger() as ledger:
        assert ledger.get("quiet") != marked


def test_no_secret_is_in_what_is_remembered(home: Served) -> None:
    home.settle()
    with home.ledger() as ledger:
        kept = ledger.get("quiet") or ""
    assert "caldav" in kept
    for secret in ("hunter2", "echo", "s3cr3t-t0k3n", "k3y-t00"):
        assert secret not in kept


@pytest.mark.parametrize(
    "config", ["", "[accounts.x]", '[accounts.x]\nurl = "https://example.com/other.ics"']
)
def test_an_access_is_found_again_by_its_own_config_alone(config: str) -> None:
    access = Access("web", ("accounts", "x"), "https://example.com/private.ics")
    by_another = None
    with suppress(KeyError):
        by_another = access_from(access.as_json(), config)
    assert by_another != access
    right = config.replace("other", "private")
    if "url" in right:
        assert access_from(access.as_json(), right) == access


def test_a_quiet_poll_loads_nothing_that_judges_or_plans(home: Served) -> None:
    home.now = datetime.now(UTC)
    home.settle()
    heavy = {"pydantic", "rich", "babel", "icalendar", "caldav", "requests", "googleapiclient"}
    script = (
        "import sys; from daemon.cli import _run\n"
        f"_run({['--config', str(home.config), '--state', str(home.state), 'once', '--no-plan']!r})"
        "\nprint('\\n' + ' '.join(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=CHECKOUT, check=True
    )
    loaded = set(done.stderr.splitlines()[-1].split())
    assert done.stdout == "nothing new\n"
    assert not heavy & loaded
    assert not [name for name in loaded if name.startswith(("daemon.judging", "daemon.planning."))]


@pytest.mark.parametrize("what", ["calendar", "card"])
def test_what_a_pass_read_before_it_died_is_judged_by_the_next_poll(
    home: Served, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    home.settle()
    if what == "card":
        NEWS["a card changes"](home)
    else:
        people = with_guests("omar@example.org")
        home.server.store("new.ics", event("new", "Lunch", days_ago(1), 60, *people))

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    after_reading = {"calendar": "Pass._gather", "card": "follow_renames"}
    with monkeypatch.context() as patched:
        patched.setattr(f"daemon.cycle.cycle.{after_reading[what]}", die)
        with pytest.raises(KeyboardInterrupt):
            home.poll()
    passed, report = home.poll()
    assert passed
    assert [met.contact_key for met in report.met] == ([] if what == "card" else ["omar haddad"])
