"""A published calendar beside a folder for holds: the commands as a user runs them, on a real
server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.connectors.web.feed_server import QUERY, SECRET, Publisher, Reply, publisher
from tests.daemon.cli.running import ALWAYS, CONTACTS, Fikad, Ran, days_ago, event, with_guests

BUSY = "X-MICROSOFT-CDO-BUSYSTATUS:"


@dataclass
class Outlook:
    """Sam's work calendar, published: Jane was met 40 days ago; Omar never."""

    feed: Publisher
    fikad: Fikad

    def __post_init__(self) -> None:
        (self.fikad.folder / "holds").mkdir()
        self.meet("jane", "jane@example.org", 40)
        for number in range(6):
            start = days_ago(-30 - number)
            self.feed.events[f"ahead-{number}"] = event(f"ahead-{number}", "Review", start)
        self.configure(f'url = "{self.feed.url}"')

    def meet(self, key: str, email: str, days: int) -> None:
        self.feed.events[key] = event(key, "Coffee", days_ago(days), 60, *with_guests(email))

    def configure(self, url: str) -> None:
        holds = self.fikad.folder / "holds"
        self.fikad.configure(
            f'{ALWAYS}[accounts.outlook]\ntype = "web"\n{url}\n'
            f'[accounts.home]\ntype = "files"\npath = "{holds}"\n{CONTACTS}'
        )

    def __call__(self, *arguments: str, **more: Any) -> Ran:
        """Whatever it is, it never tells the address."""
        ran = self.fikad(*arguments, **more)
        assert SECRET not in ran.out + ran.err
        assert QUERY not in ran.out + ran.err
        return ran

    def once(self, *arguments: str) -> Any:
        return self("once", "--json", *arguments).json

    def account(self) -> dict[str, Any]:
        accounts: list[dict[str, Any]] = self("status", "--json").json["accounts"]
        [account] = [account for account in accounts if account["name"] == "outlook"]
        return account

    def last_met(self, name: str) -> str | None:
        contacts = self("status", "--json").json["contacts"]
        [met] = [contact["last_met"] for contact in contacts if contact["name"] == name]
        return None if met is None else str(met)


@pytest.fixture
def outlook(tmp_path: Path) -> Iterator[Outlook]:
    with publisher() as feed:
        yield Outlook(feed, Fikad(tmp_path))


def held(report: Any) -> list[str]:
    return sorted(hold["contact"] for hold in report["holds"]["proposed"])


def test_whoever_was_met_there_is_known_and_a_hold_goes_elsewhere(outlook: Outlook) -> None:
    report = outlook.once()
    assert [meeting["contact"] for meeting in report["met"]] == ["Jane Doe"]
    assert held(report) == ["Jane Doe", "Omar Haddad"]
    assert {account["name"]: account["state"] for account in report["accounts"]} == {
        "outlook": "ok",
        "home": "ok",
    }
    assert len(outlook.feed.asked) == 1  # though a pass that writes reads twice
    assert list((outlook.fikad.folder / "holds").rglob("fikad-*.ics"))
    again = outlook.once()
    assert [account["requests"] for account in again["accounts"]] == [1, 0]
    assert "if-none-match" in outlook.feed.asked[1]


@pytest.mark.parametrize(
    ("reply", "state"),
    [
        (Reply(404), "error"),
        (Reply(302, b"", {"Location": "https://login.example.com/"}), "error"),
        (Reply(200, b"<html>Please sign in</html>"), "error"),
        (Reply(200, b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"), "error"),
        (Reply(200, b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n"), "suspect"),
    ],
)
def test_what_cannot_be_believed_changes_nothing(
    outlook: Outlook, reply: Reply, state: str
) -> None:
    outlook.once("--no-plan")
    met = outlook.last_met("Jane Doe")
    assert met is not None
    outlook.feed.hook = lambda: reply
    ran = outlook("once", "--json")
    assert ran.code == 12
    assert held(ran.json) == []
    assert outlook.last_met("Jane Doe") == met
    told = outlook.account()
    assert told["state"] == state
    assert told["message"]
    assert "127.0.0.1" in told["message"] or state == "suspect"
    outlook.feed.hook = lambda: None
    assert held(outlook.once()) == ["Jane Doe", "Omar Haddad"]


def test_a_feed_that_shrank_waits_for_the_user_s_word(outlook: Outlook) -> None:
    outlook.once("--no-plan")
    everything = dict(outlook.feed.events)
    for number in range(4):
        del outlook.feed.events[f"ahead-{number}"]
    report = outlook.once()
    assert held(report) == []
    told = outlook.account()
    assert told["state"] == "suspect"
    assert "--accept-empty outlook" in told["message"]
    asked = len(outlook.feed.asked)
    assert outlook.once()["accounts"][0]["state"] == "suspect"
    assert len(outlook.feed.asked) == asked + 1
    assert outlook.once("--accept-empty", "outlook")["accounts"][0]["state"] == "ok"
    assert outlook.account()["state"] == "ok"
    outlook.feed.events = everything
    assert outlook.once()["accounts"][0]["changed"] == 4


def test_a_meeting_that_the_feed_no_longer_reaches_back_to_still_counts(outlook: Outlook) -> None:
    outlook.meet("omar", "omar@example.org", 3)
    outlook.once("--no-plan")
    met = outlook.last_met("Jane Doe")
    del outlook.feed.events["jane"]  # 40 days ago, and the feed begins 3 days ago
    assert outlook.once("--no-plan")["accounts"][0]["state"] == "ok"
    assert outlook.last_met("Jane Doe") == met
    outlook.once("--no-plan", "--accept-empty", "outlook")
    assert outlook.last_met("Jane Doe") is None


def test_a_meeting_that_was_deleted_is_uncounted(outlook: Outlook) -> None:
    outlook.meet("omar", "omar@example.org", 50)
    outlook.once("--no-plan")
    del outlook.feed.events["jane"]
    outlook.once("--no-plan")
    assert outlook.last_met("Jane Doe") is None


def test_free_busy_closes_slots_and_counts_nothing(outlook: Outlook) -> None:
    """Everything is taken for two weeks, but for one day that Outlook calls free."""
    outlook.feed.events.clear()
    for day in range(1, 16):
        status = "FREE" if day == 8 else "BUSY"
        outlook.feed.events[str(day)] = event(
            str(day), status.title(), days_ago(-day, 8), 600, f"{BUSY}{status}"
        )
    for day in range(1, 40):
        outlook.feed.events[f"past-{day}"] = event(f"past-{day}", "Busy", days_ago(day))
    report = outlook.once()
    assert report["met"] == []
    starts = {hold["start"][:10] for hold in report["holds"]["proposed"]}
    assert starts == {f"{days_ago(-8):%Y-%m-%d}"}
    status = outlook("status", "--json").json
    assert status["nearly_counted"] == []
    assert "only when you are busy" in outlook.account()["message"]
    assert "only when you are busy" in outlook("check").out


def test_how_far_behind_it_is_stands_in_status_and_check(outlook: Outlook) -> None:
    outlook.feed.header = "REFRESH-INTERVAL;VALUE=DURATION:PT8H\r\n"
    outlook.once("--no-plan")
    assert "up to 8 hours behind" in outlook.account()["message"]
    assert "up to 8 hours behind" in outlook("status").out
    assert "up to 8 hours behind" in outlook("check").out
    assert outlook("status", "--json").json["healthy"]


@pytest.mark.parametrize("place", ["text", "file", "command"])
def test_the_address_is_told_nowhere(outlook: Outlook, place: str) -> None:
    kept = outlook.fikad.folder / "address"
    kept.touch(mode=0o600)
    kept.write_text(f"{outlook.feed.url}\n")
    if place == "file":
        outlook.configure('url = { file = "address" }')
    if place == "command":
        outlook.configure('url = { command = ["cat", "address"] }')
    outlook("once")
    outlook.feed.hook = lambda: Reply(404)
    outlook("once", "--json")
    outlook.feed.hook = lambda: Reply(302, b"", {"Location": "https://elsewhere.example.com/x"})
    outlook("check")
    outlook("status")
    for path in outlook.fikad.state.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert SECRET.encode() not in content, path
            assert QUERY.encode() not in content, path


def test_check_tells_the_host_and_what_is_wrong_with_a_kept_address(outlook: Outlook) -> None:
    assert "127.0.0.1" in outlook("check").out
    outlook.configure('url = { file = "address" }')
    ran = outlook("check")
    assert ran.code == 11
    assert "fikad auth outlook" in ran.out
    kept = outlook.fikad.folder / "address"
    kept.touch(mode=0o600)
    kept.write_text(f"http://cal.example.com/{SECRET}\n")
    ran = outlook("check")
    assert ran.code == 11
    assert "plain http" in ran.out


def test_auth_tries_an_address_and_keeps_it(outlook: Outlook) -> None:
    outlook.configure('url = { file = "address" }')
    outlook.feed.name = "Work"
    ran = outlook("auth", "outlook", "--password-stdin", stdin=f"{outlook.feed.url}\n")
    assert (ran.code, ran.out) == (0, 'Logged in to "outlook": 1 calendar: Work (read-only).\n')
    kept = outlook.fikad.folder / "address"
    assert kept.read_text().strip() == outlook.feed.url
    assert kept.stat().st_mode & 0o777 == 0o600
    refused = outlook("auth", "outlook", "--password-stdin", stdin=f"http://x.org/{SECRET}\n")
    assert refused.code == 2
    assert "plain http" in refused.err
    outlook.feed.hook = lambda: Reply(404)
    gone = outlook("auth", "outlook", "--password-stdin", stdin=f"{outlook.feed.url}&more=1\n")
    assert gone.code == 12
    assert kept.read_text().strip() == outlook.feed.url
    outlook.configure(f'url = "{outlook.feed.url}"')
    assert "in your config" in outlook("auth", "outlook").err
