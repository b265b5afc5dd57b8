"""The page that a pass keeps true (`[report] write`)."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from daemon.page.renewing import renew_page
from tests.daemon.world import SUNDAY, Calendars, Clock, Fikad, calendars, config, met_long_ago


class Kept:
    """A fikad that keeps a page."""

    def __init__(self, page: Path) -> None:
        self.page = page
        mine: Calendars = calendars(*met_long_ago(["Jane Doe"]))
        self.fikad = Fikad(config("Jane Doe", report={"write": str(page)}), mine.open, Clock())
        self.fikad.once()

    def renew(
        self, now: datetime, *, changed: bool = False, config_file: Path | None = None
    ) -> str:
        ledger = self.fikad.ledger
        return renew_page(self.fikad.config, ledger, now, changed=changed, config_file=config_file)

    def age(self, at: datetime) -> None:
        """Make the page one that was written then, and say nothing."""
        self.page.write_text("old")
        os.utime(self.page, (at.timestamp(), at.timestamp()))

    @property
    def is_new(self) -> bool:
        return "Jane Doe" in self.page.read_text()


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path / "fika.html")


def test_a_page_that_is_not_there_is_made_for_the_user_alone(kept: Kept) -> None:
    assert kept.renew(SUNDAY) == ""
    assert kept.is_new
    assert stat.S_IMODE(kept.page.stat().st_mode) == 0o600


def test_nothing_new_leaves_it_as_it_is(kept: Kept) -> None:
    kept.age(SUNDAY - timedelta(minutes=15))
    assert kept.renew(SUNDAY) == ""
    assert not kept.is_new


def _enter(kept: Kept, config_file: Path) -> None:
    kept.fikad.ledger.snooze("jane doe", SUNDAY + timedelta(weeks=3), SUNDAY)


def _configure(kept: Kept, config_file: Path) -> None:
    os.utime(config_file, (SUNDAY.timestamp(), SUNDAY.timestamp()))


@pytest.mark.parametrize("event", [_enter, _configure])
def test_what_was_entered_or_configured_since_is_on_it(
    kept: Kept, tmp_path: Path, event: Callable[[Kept, Path], None]
) -> None:
    config_file = tmp_path / "config.toml"
    config_file.touch()
    before = SUNDAY - timedelta(hours=2)
    os.utime(config_file, (before.timestamp(), before.timestamp()))
    kept.age(SUNDAY - timedelta(minutes=15))
    assert kept.renew(SUNDAY, config_file=config_file) == ""
    assert not kept.is_new
    event(kept, config_file)
    assert kept.renew(SUNDAY, config_file=config_file) == ""
    assert kept.is_new


def test_a_pass_that_changed_something_and_another_day_renew_it(kept: Kept) -> None:
    kept.age(SUNDAY - timedelta(minutes=15))
    kept.renew(SUNDAY, changed=True)
    assert kept.is_new
    # In Berlin it is an hour later than in UTC, and the next day already.
    kept.age(SUNDAY.replace(hour=22, minute=45))
    kept.renew(SUNDAY.replace(hour=23, minute=15))
    assert kept.is_new


def test_a_page_that_cannot_be_written_is_told_and_stops_nothing(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "nowhere" / "fika.html")
    assert kept.renew(SUNDAY) == (
        f"{kept.page} cannot be written: there is no folder {tmp_path}/nowhere:"
        " make the folder, or name another one"
    )


def test_one_that_could_not_be_written_is_owed_until_it_is(kept: Kept) -> None:
    kept.page.mkdir()
    assert "is a folder" in kept.renew(SUNDAY, changed=True)
    kept.page.rmdir()
    kept.age(SUNDAY)
    assert kept.renew(SUNDAY) == ""
    assert kept.is_new
    kept.age(SUNDAY)
    kept.renew(SUNDAY)
    assert not kept.is_new


def test_a_link_stays_one_and_leads_to_the_page(kept: Kept, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.html"
    kept.page.symlink_to(elsewhere)
    assert kept.renew(SUNDAY) == ""
    assert kept.page.is_symlink()
    assert "Jane Doe" in elsewhere.read_text()


def test_without_the_setting_there_is_no_page(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "fika.html")
    kept.fikad.config = config("Jane Doe")
    assert kept.renew(SUNDAY, changed=True) == ""
    assert not kept.page.exists()
