"""`fikad demo`: the story it tells, on the server it starts."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from daemon.demo.events import ZONE
from daemon.demo.life import PEOPLE
from tests.connectors import servers
from tests.daemon.cli.running import CHECKOUT, Fikad
from tools.pictures import Demo


def test_the_demo_plays_the_whole_story_and_leaves_nothing_but_its_page(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    left = tmp_path_factory.mktemp("left")
    ran = Fikad(tmp_path)("demo", TMPDIR=str(left))
    assert (ran.code, ran.err) == (0, "")
    for word in ("proposed: ", "accepted: ", "dismissed: ", "moved: ", "Jane Doe", "Lee Chen"):
        assert word in ran.out
    assert "\x1b" not in ran.out
    assert list(tmp_path.iterdir()) == []

    [page] = (file for file in left.rglob("*") if file.is_file())
    assert ran.out.endswith(f"  {page}\n  {page.as_uri()}\n")
    shown = page.read_text()
    assert all(name in shown for name in PEOPLE.values())


def test_a_demo_that_cannot_start_leaves_nothing(tmp_path: Path) -> None:
    left = tmp_path / "left"
    left.mkdir()
    (tmp_path / "radicale.py").write_text("raise SystemExit('no server today')")
    ran = Fikad(tmp_path)("demo", TMPDIR=str(left), PYTHONPATH=f"{tmp_path}:{CHECKOUT}")
    assert (ran.code, list(left.iterdir())) == (1, [])
    assert ran.err == (
        "fikad: the demo's calendar server did not start: see whether `python -m radicale` works\n"
    )


def test_keep_leaves_the_server_running_and_says_how_to_reach_it(tmp_path: Path) -> None:
    ran = Fikad(tmp_path)("demo", "--keep", TMPDIR=str(tmp_path))
    assert ran.code == 0
    demo = Demo(ran.out)
    try:
        reply = servers.propfind(f"{demo.url}sam/", auth=demo.login)
        assert "/sam/coffee/" in reply.text
        day, title = demo.next_hold()
        assert title in ran.out
        assert day >= datetime.now(ZONE).date()
    finally:
        demo.end()
    assert not demo.page.exists()
